/* SPDX-License-Identifier: Apache-2.0 */
#include "store/job.h"

#include <errno.h>
#include <stdlib.h>

#include "store/box_row.h"
#include "store/event.h"
#include "store/job_row.h"
#include "store/turn.h"

const char *
job_state_name(enum job_state state)
{
	switch (state) {
	case JOB_QUEUED:
		return "queued";
	case JOB_RUNNING:
		return "running";
	case JOB_SUCCEEDED:
		return "succeeded";
	case JOB_FAILED:
		return "failed";
	case JOB_CANCELLED:
		return "cancelled";
	case JOB_KEY_LOST:
		return "key_lost";
	}
	return "unknown";
}

void
job_row_release(struct job_row *job)
{
	free(job->error_code);
	free(job->error_detail);
	*job = JOB_ROW_INIT;
}

void
job_read(struct query *q, struct job_row *job)
{
	job->alp_user_id = column_i64(q);
	job->job_id = column_i64(q);
	job->kind = (enum job_kind)column_i32(q);
	job->state = (enum job_state)column_i32(q);
	job->priority = column_i32(q);
	job->run_at_ms = column_i64(q);
	job->created_ms = column_i64(q);
	job->updated_ms = column_i64(q);
	job->started_ms = column_i64(q);
	job->finished_ms = column_i64(q);
	job->run = column_i32(q);
	job->attempts = column_i32(q);
	job->crashes = column_i32(q);
	job->from_day = column_i32(q);
	job->to_day = column_i32(q);
	job->next_day = column_i32(q);
	job->days_done = column_i32(q);
	job->process = column_bool(q);
	job->only_unprocessed = column_bool(q);
	job->waiting = column_bool(q);
	job->rows_seen = column_bool(q);
	job->cancel_requested = column_bool(q);
	job->parent_job = column_i64(q);
	job->error_code = column_text(q);
	job->error_detail = column_text(q);
}

void
bind_job(struct query *q, const struct job_row *job)
{
	bind_i64(q, job->priority);
	bind_i64(q, job->run_at_ms);
	bind_i64(q, job->created_ms);
	bind_i64(q, job->updated_ms);
	bind_i64(q, job->started_ms);
	bind_i64(q, job->finished_ms);
	bind_i64(q, job->run);
	bind_i64(q, job->attempts);
	bind_i64(q, job->crashes);
	bind_i64(q, job->from_day);
	bind_i64(q, job->to_day);
	bind_i64(q, job->next_day);
	bind_i64(q, job->days_done);
	bind_i64(q, job->process);
	bind_i64(q, job->only_unprocessed);
	bind_i64(q, job->waiting);
	bind_i64(q, job->rows_seen);
	bind_i64(q, job->cancel_requested);
	bind_i64(q, job->parent_job);
	bind_text(q, job->error_code);
	bind_text(q, job->error_detail);
}

int
job_history_add(struct txn *txn, const struct job_row *job, int64_t at_ms, int from, const char *code, const char *detail)
{
	_query_ struct query q = query_begin(txn, ST_HISTORY_ADD);
	int r;

	bind_i64(&q, job->job_id);
	bind_i64(&q, at_ms);
	bind_i64(&q, from);
	bind_i64(&q, job->state);
	bind_i64(&q, job->run);
	bind_text(&q, code);
	bind_text(&q, detail);
	r = query_run(&q);
	return r < 0 ? r : 0;
}

static int
job_insert_row(struct txn *txn, const struct job_row *job)
{
	_query_ struct query q = query_begin(txn, ST_JOB_INSERT);
	int r;

	bind_i64(&q, job->alp_user_id);
	bind_i64(&q, job->job_id);
	bind_i64(&q, job->kind);
	bind_job(&q, job);
	bind_box(&q, job->key);
	r = query_run(&q);
	return r < 0 ? r : 0;
}

int
txn_job_insert(struct txn *txn, struct job_row *job)
{
	int r;

	if (job_kind_info(job->kind) == NULL)
		return -EINVAL;
	r = counter_next(txn, "job_id", &job->job_id);
	if (r < 0)
		return r;
	job->state = JOB_QUEUED;
	r = job_insert_row(txn, job);
	if (r < 0)
		return r;
	queue_note(txn, NULL, job);
	r = kind_count(txn, job->kind, 1, 0);
	if (r < 0)
		return r;
	r = turn_note_queued(txn, job, job->created_ms);
	if (r < 0)
		return r;
	txn_event_job(txn, job, job->created_ms, NULL);
	return 0;
}

int
txn_job_get(struct txn *txn, int64_t job_id, struct job_row *ret_job)
{
	_query_ struct query q = query_begin(txn, ST_JOB_GET);
	int r;

	bind_i64(&q, job_id);
	r = query_one(&q);
	if (r < 0)
		return r;
	job_read(&q, ret_job);
	return 0;
}

static int
job_write(struct txn *txn, const struct job_row *job)
{
	_query_ struct query q = query_begin(txn, ST_JOB_UPDATE);
	int r;

	bind_job(&q, job);
	bind_i64(&q, job->job_id);
	bind_i64(&q, job->state);
	r = query_run(&q);
	if (r < 0)
		return r;
	return r > 0 ? 0 : -ESTALE;
}

int
txn_job_update(struct txn *txn, const struct job_row *job)
{
	struct job_before before;
	int r;

	if (job->state != JOB_QUEUED)
		return job_write(txn, job);
	r = job_before(txn, job->job_id, JOB_QUEUED, &before);
	if (r == 0)
		r = job_write(txn, job);
	if (r < 0)
		return r;
	queue_note(txn, &before.waiting, job);
	/* Its priority or its time may have changed. */
	return turn_refresh(txn, job->alp_user_id, job_kind_info(job->kind)->lane, job->updated_ms);
}

int
txn_job_child(struct txn *txn, int64_t alp_user_id, int64_t parent_job, struct job_row *ret_job)
{
	_query_ struct query q = query_begin(txn, ST_JOB_CHILD);
	int r;

	bind_i64(&q, alp_user_id);
	bind_i64(&q, parent_job);
	r = query_one(&q);
	if (r < 0)
		return r;
	job_read(&q, ret_job);
	return 0;
}
