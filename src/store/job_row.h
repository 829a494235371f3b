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
int job_history_add(struct txn *txn, const struct job_row *job, int64_t at_ms, int from, const char *code, const char *detail);

#endif
