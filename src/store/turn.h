/* SPDX-License-Identifier: Apache-2.0 */
/* turn.h - the row of `turns` that stands for one user's lane, for the files of this directory.
 *
 * The row says what a claim needs to know of the lane's queue without reading the queue. `now_ms` in these functions decides which jobs
 * count as due in `priority`; an instant in the past is safe, because what it leaves out is in ripens_ms.
 */
#ifndef RTALP_STORE_TURN_H
#define RTALP_STORE_TURN_H

#include "store/job.h"

#define TURN_NEVER INT64_MAX

struct turn_row {
	bool stored;        /* it has a row */
	int64_t busy_job;   /* 0: free */
	int64_t served;
	int64_t pace_arrival_ms;
	int64_t due_ms;     /* TURN_NEVER: nothing waits */
	int32_t priority;   /* of the best job that is due; -1: none is */
	int64_t ripens_ms;  /* when a better one becomes due; TURN_NEVER */
};

/* A lane that never had a job has a row nobody wrote yet: free, nothing waits. */
int turn_load(struct txn *txn, int64_t alp_user_id, enum lane lane, struct turn_row *ret_turn);
int turn_store(struct txn *txn, int64_t alp_user_id, enum lane lane, struct turn_row *turn);
/* Sets due_ms, priority and ripens_ms from the queue. */
int turn_summarise(struct txn *txn, int64_t alp_user_id, enum lane lane, int64_t now_ms, struct turn_row *turn);
/* Loads, summarises, stores if something changed. */
int turn_refresh(struct txn *txn, int64_t alp_user_id, enum lane lane, int64_t now_ms);
/* A job was queued: as turn_refresh(), but without a look at the queue where the row already says enough. */
int turn_note_queued(struct txn *txn, const struct job_row *job, int64_t now_ms);

/* The paused kinds as bits 1 << kind. */
int kinds_paused(struct txn *txn, uint64_t *ret_bits);
/* Adds to the kind's numbers of queued and running jobs. */
int kind_count(struct txn *txn, enum job_kind kind, int queued, int running);

#endif
