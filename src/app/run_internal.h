/* SPDX-License-Identifier: Apache-2.0 */
/* run_internal.h - steps that the dispatcher's verbs share, inside a transaction. */
#ifndef RTALP_APP_RUN_INTERNAL_H
#define RTALP_APP_RUN_INTERNAL_H

#include "app/internal.h"
#include "proto/rowset.h"

/* The job, if that run of it is in progress; else -ESTALE. */
int txn_get_run(struct txn *txn, int64_t job_id, int32_t run, struct job_row *ret_job);

/* Replaces the rows of a day by those of the grain; assignments of rows that stay are kept, sums made anew. */
int txn_day_replace(struct txn *txn, const struct op *op, struct day_row *day, const struct rowset *grain, bool *ret_changed);

/* Queues the process job that belongs to a fetch, unless it is queued or running already. */
int txn_want_processing(struct txn *txn, const struct op *op, const struct job_row *fetch);

/* Cancels a fetch that has no worker (any more), and the process job that belongs to it. */
int txn_cancel_fetch(struct txn *txn, const struct op *op, struct job_row *job);

/* How many days of the user in [from, to] are pruned: nothing changes them any more. */
int txn_count_pruned(struct txn *txn, int64_t alp_user_id, day_t from, day_t to, int64_t *ret_count);

void job_remember_error(struct job_row *job, const char *code, const char *detail);

/* A process job is over: the fetch job that waits for it, if one does, ends with it and is handed out in *ret_parent (else untouched). */
int txn_end_parent(struct txn *txn, const struct op *op, const struct job_row *child, struct job_row *ret_parent);

#endif
