/* SPDX-License-Identifier: Apache-2.0 */
/* job_row.h - job rows between the statements and the struct, for the files of this directory. */
#ifndef RTALP_STORE_JOB_ROW_H
#define RTALP_STORE_JOB_ROW_H

#include "store/job.h"
#include "store/sqlite.h"

/* The columns of JOB_COLUMNS. *job is overwritten, not released. */
void job_read(struct query *q, struct job_row *job);
/* The columns that JOB_INSERT and JOB_UPDATE share, from priority to error_detail. */
void bind_job(struct query *q, const struct job_row *job);

/* What the row says now, before a change. -ESTALE if it is not in that state. */
struct job_before {
	int32_t attempts;
	struct waiting_job waiting;
};
int job_before(struct txn *txn, int64_t job_id, enum job_state state, struct job_before *ret_before);

/* The queued jobs in memory (waiting.h): reads them if they are not. Before every closure that may write. */
int queue_need(struct txn *txn);
/* As waiting_front(). 1, or 0 for none; -EROFS in a read: only who writes knows the queue. */
int queue_front(struct txn *txn, int64_t alp_user_id, enum job_kind kind, int32_t priority, struct waiting_job *ret_front);
/* The row changed from or to a queued one; NULL: it is not queued then. */
void queue_note(struct txn *txn, const struct waiting_job *before, const struct job_row *after);
/* Many rows were changed at once: reads the queue again. */
int queue_reload(struct txn *txn);
/* What memory says is what the table says: 0, or 1 and where not. */
int queue_check(struct txn *txn, char **ret_violation);

int job_history_add(struct txn *txn, const struct job_row *job, int64_t at_ms, int from, const char *code, const char *detail);

#endif
