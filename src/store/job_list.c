/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of jobs, a job's history, and what becomes of both in the end. */
#include <errno.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "store/job_row.h"

void
job_list_release(struct job_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		job_row_release(&list->rows[i]);
	free(list->rows);
	*list = (struct job_list){0};
}

void
job_history_release(struct job_history *history)
{
	for (size_t i = 0; i < history->count; i++) {
		free(history->rows[i].code);
		free(history->rows[i].detail);
	}
	free(history->rows);
	*history = (struct job_history){0};
}

static int
jobs_read(struct query *q, struct job_list *list)
{
	int r;

	while ((r = query_step(q)) > 0) {
		list->rows = array_grow(list->rows, list->count, sizeof *list->rows);
		job_read(q, &list->rows[list->count++]);
	}
	return r;
}

static int64_t
below_of(const struct job_filter *f)
{
	return f->below_id > 0 ? f->below_id : INT64_MAX;
}

static int64_t
limit_of(const struct job_filter *f)
{
	return f->limit > 0 ? f->limit : -1;
}

static int
list_of_user(struct txn *txn, const struct job_filter *f, struct job_list *list)
{
	_query_ struct query q = query_begin(txn, ST_JOB_LIST_USER);

	bind_i64(&q, f->alp_user_id);
	bind_i64(&q, below_of(f));
	bind_i64(&q, f->kind);
	bind_i64(&q, f->kind);
	bind_i64(&q, f->states);
	bind_i64(&q, f->states);
	bind_i64(&q, limit_of(f));
	return jobs_read(&q, list);
}

static int
list_of_all(struct txn *txn, const struct job_filter *f, struct job_list *list)
{
	_query_ struct query q = query_begin(txn, ST_JOB_LIST_ALL);

	bind_i64(&q, below_of(f));
	bind_i64(&q, f->kind);
	bind_i64(&q, f->kind);
	bind_i64(&q, limit_of(f));
	return jobs_read(&q, list);
}

static int
list_of_state(struct txn *txn, const struct job_filter *f, enum job_state state, struct job_list *list)
{
	_query_ struct query q = query_begin(txn, ST_JOB_LIST_STATE);

	bind_i64(&q, state);
	bind_i64(&q, below_of(f));
	bind_i64(&q, f->kind);
	bind_i64(&q, f->kind);
	bind_i64(&q, limit_of(f));
	return jobs_read(&q, list);
}

static int
newest_first(const void *a, const void *b)
{
	int64_t x = ((const struct job_row *)a)->job_id, y = ((const struct job_row *)b)->job_id;

	return x < y ? 1 : x > y ? -1 : 0;
}

static void
list_cut(struct job_list *list, size_t count)
{
	while (list->count > count)
		job_row_release(&list->rows[--list->count]);
}

/* One walk of the index for each state wanted, so that a few failed jobs are found among a million others. */
static int
list_of_states(struct txn *txn, const struct job_filter *f, struct job_list *list)
{
	int r = 0;

	for (int state = JOB_QUEUED; state <= JOB_KEY_LOST && r >= 0; state++)
		if ((f->states >> state) & 1)
			r = list_of_state(txn, f, (enum job_state)state, list);
	if (r < 0)
		return r;
	if (list->count > 1)
		qsort(list->rows, list->count, sizeof *list->rows, newest_first);
	if (f->limit > 0)
		list_cut(list, (size_t)f->limit);
	return 0;
}

int
txn_job_list(struct txn *txn, const struct job_filter *filter, struct job_list *ret_list)
{
	_cleanup_(job_list_release) struct job_list list = {0};
	int r;

	if (filter->alp_user_id != 0)
		r = list_of_user(txn, filter, &list);
	else if (filter->states != 0)
		r = list_of_states(txn, filter, &list);
	else
		r = list_of_all(txn, filter, &list);
	if (r < 0)
		return r;
	*ret_list = list;
	list = (struct job_list){0};
	return 0;
}

static int
count_of_user(struct txn *txn, const struct job_filter *f, int64_t *count)
{
	_query_ struct query q = query_begin(txn, ST_JOB_COUNT_USER);
	int r;

	bind_i64(&q, f->alp_user_id);
	bind_i64(&q, f->kind);
	bind_i64(&q, f->kind);
	bind_i64(&q, f->states);
	bind_i64(&q, f->states);
	r = query_one(&q);
	if (r == 0)
		*count = column_i64(&q);
	return r;
}

static int
count_of_state(struct txn *txn, const struct job_filter *f, enum job_state state, int64_t *count)
{
	_query_ struct query q = query_begin(txn, ST_JOB_COUNT_STATE);
	int r;

	bind_i64(&q, state);
	bind_i64(&q, f->kind);
	bind_i64(&q, f->kind);
	r = query_one(&q);
	if (r == 0)
		*count += column_i64(&q);
	return r;
}

int
txn_job_count(struct txn *txn, const struct job_filter *filter, int64_t *ret_count)
{
	int64_t count = 0;
	int r = 0;

	if (filter->alp_user_id != 0)
		r = count_of_user(txn, filter, &count);
	for (int state = JOB_QUEUED; filter->alp_user_id == 0 && state <= JOB_KEY_LOST && r == 0; state++)
		if (filter->states == 0 || (filter->states >> state) & 1)
			r = count_of_state(txn, filter, (enum job_state)state, &count);
	if (r < 0)
		return r;
	*ret_count = count;
	return 0;
}

static int
history_read(struct txn *txn, enum statement_id id, int64_t job_id, struct job_history *history)
{
	_query_ struct query q = query_begin(txn, id);
	int r;

	bind_i64(&q, job_id);
	while ((r = query_step(&q)) > 0) {
		struct job_history_row *row;

		history->rows = array_grow(history->rows, history->count, sizeof *history->rows);
		row = &history->rows[history->count++];
		row->at_ms = column_i64(&q);
		row->from_state = (enum job_state)column_i32(&q);
		row->to_state = (enum job_state)column_i32(&q);
		row->run = column_i32(&q);
		row->code = column_text(&q);
		row->detail = column_text(&q);
	}
	return r;
}

int
txn_job_history(struct txn *txn, int64_t job_id, struct job_history *ret_history)
{
	_cleanup_(job_history_release) struct job_history history = {0};
	int r = history_read(txn, ST_HISTORY_FIRST, job_id, &history);

	if (r >= 0)
		r = history_read(txn, ST_HISTORY_LIST, job_id, &history);
	if (r < 0)
		return r;
	*ret_history = history;
	history = (struct job_history){0};
	return 0;
}

static int
finished_jobs(struct txn *txn, int64_t before_ms, int64_t max, int64_t **ids, size_t *count)
{
	_query_ struct query q = query_begin(txn, ST_JOB_FINISHED);
	int r;

	bind_i64(&q, before_ms);
	bind_i64(&q, max);
	while ((r = query_step(&q)) > 0) {
		*ids = array_grow(*ids, *count, sizeof **ids);
		(*ids)[(*count)++] = column_i64(&q);
	}
	return r;
}

static int
delete_by(struct txn *txn, enum statement_id id, int64_t job_id)
{
	_query_ struct query q = query_begin(txn, id);

	bind_i64(&q, job_id);
	return query_run(&q);
}

int
txn_job_prune(struct txn *txn, int64_t finished_before_ms, int64_t max)
{
	_cleanup_free_ int64_t *ids = NULL;
	size_t count = 0;
	int r = finished_jobs(txn, finished_before_ms, max, &ids, &count);

	for (size_t i = 0; i < count && r >= 0; i++) {
		r = delete_by(txn, ST_HISTORY_DELETE, ids[i]);
		if (r >= 0)
			r = delete_by(txn, ST_JOB_DELETE, ids[i]);
	}
	return r < 0 ? r : (int)count;
}
