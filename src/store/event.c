/* SPDX-License-Identifier: Apache-2.0 */
#include "store/event.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "store/engine.h"
#include "store/posting.h"

/* Old ones go so many at once: neighbours share their pages, so one by one would write each page many times. */
#define PRUNE_STEP 2048

static struct event_row *
pending_add(struct txn *txn)
{
	struct pending_events *p = &txn->events;

	if (p->count == p->capacity) {
		p->capacity = MAX_OF(p->capacity * 2, (size_t)16);
		p->rows = xreallocarray(p->rows, p->capacity, sizeof *p->rows);
	}
	return &p->rows[p->count++];
}

/* A process job over every unprocessed day has all days there can be, which says nothing about it. */
static int32_t
days_of(const struct job_row *job)
{
	bool every = job->only_unprocessed && job->from_day == 0 && job->to_day == DAY_MAX;

	return every || job->to_day < job->from_day ? 0 : job->to_day - job->from_day + 1;
}

void
event_of_job(const struct job_row *job, enum event_type type, day_t day, int64_t at_ms, const char *code, struct event_row *ret_event)
{
	*ret_event = (struct event_row){
	    .at_ms = at_ms, .alp_user_id = job->alp_user_id, .job_id = job->job_id, .parent_job = job->parent_job, .type = type,
	    .kind = job->kind, .state = job->state, .run = job->run, .days_done = job->days_done, .days_total = days_of(job), .day = day,
	};
	if (code != NULL)
		strncpy(ret_event->code, code, sizeof ret_event->code - 1);
}

void
txn_event_job(struct txn *txn, const struct job_row *job, int64_t at_ms, const char *code)
{
	event_of_job(job, EVENT_JOB, -1, at_ms, code, pending_add(txn));
}

void
txn_event_progress(struct txn *txn, const struct job_row *job, day_t day, int64_t at_ms)
{
	event_of_job(job, EVENT_PROGRESS, day, at_ms, NULL, pending_add(txn));
}

void
txn_event_entries(struct txn *txn, int64_t alp_user_id, day_t day, int64_t at_ms)
{
	*pending_add(txn) = (struct event_row){.at_ms = at_ms, .alp_user_id = alp_user_id, .type = EVENT_ENTRIES, .day = day};
}

void
txn_event_posting(struct txn *txn, const struct posting_row *posting, int64_t at_ms, const char *code)
{
	struct event_row *e = pending_add(txn);

	*e = (struct event_row){.at_ms = at_ms, .alp_user_id = posting->alp_user_id, .type = EVENT_POSTING, .day = posting->day,
	    .posting_id = posting->posting_id, .posting = (int32_t)posting->state};
	if (code != NULL)
		strncpy(e->code, code, sizeof e->code - 1);
}

void
event_list_release(struct event_list *list)
{
	free(list->rows);
	*list = (struct event_list){0};
}

/* --- writing ------------------------------------------------------------------------------------------------------------ */

static int
event_insert(struct txn *txn, const struct event_row *e)
{
	_query_ struct query q = query_begin(txn, ST_EVENT_ADD);
	int r;

	bind_i64(&q, e->event_id);
	bind_i64(&q, e->at_ms);
	bind_i64(&q, e->type);
	bind_i64(&q, e->alp_user_id);
	bind_i64(&q, e->job_id);
	bind_i64(&q, e->parent_job);
	bind_i64(&q, e->kind);
	bind_i64(&q, e->type == EVENT_POSTING ? e->posting : (int32_t)e->state);
	bind_i64(&q, e->run);
	bind_i64(&q, e->day);
	bind_i64(&q, e->days_done);
	bind_i64(&q, e->days_total);
	bind_text(&q, e->code[0] != '\0' ? e->code : NULL);
	bind_i64(&q, e->posting_id);
	r = query_run(&q);
	return r < 0 ? r : 0;
}

/* The newest is never among them, so the highest number kept says which one comes next. */
static int
prune(struct txn *txn, const struct event_numbers *n)
{
	_query_ struct query q = query_begin(txn, ST_EVENT_PRUNE);
	int r;

	bind_i64(&q, n->oldest + PRUNE_STEP - 1);
	r = query_run(&q);
	return r < 0 ? r : 0;
}

int
txn_events_write(struct txn *txn, struct event_numbers *n)
{
	struct pending_events *p = &txn->events;
	int r = 0;

	n->after.newest = n->newest;
	n->after.oldest = n->oldest;
	for (size_t i = 0; i < p->count && r == 0; i++) {
		p->rows[i].event_id = ++n->after.newest;
		r = event_insert(txn, &p->rows[i]);
	}
	if (r == 0 && n->after.newest - n->oldest >= n->keep + PRUNE_STEP) {
		r = prune(txn, n);
		n->after.oldest = n->oldest + PRUNE_STEP;
	}
	return r;
}

void
txn_events_written(struct txn *txn, struct event_numbers *n, struct event_list *ret_list)
{
	n->newest = n->after.newest;
	n->oldest = n->after.oldest;
	*ret_list = (struct event_list){.rows = txn->events.rows, .count = txn->events.count};
	txn->events = (struct pending_events){0};
}

/* --- reading ------------------------------------------------------------------------------------------------------------ */

static int
bound(struct txn *txn, enum statement_id id, int64_t *ret_number)
{
	_query_ struct query q = query_begin(txn, id);
	int r = query_one(&q);

	if (r == 0)
		*ret_number = column_i64(&q);
	return r;
}

int
txn_event_bounds(struct txn *txn, int64_t *ret_oldest, int64_t *ret_newest)
{
	int64_t oldest = 0;
	int r = bound(txn, ST_EVENT_OLDEST, &oldest);

	if (r == 0)
		r = bound(txn, ST_EVENT_NEWEST, ret_newest);
	if (r == 0)
		*ret_oldest = oldest;
	return r;
}

static void
event_read(struct query *q, struct event_row *e)
{
	e->event_id = column_i64(q);
	e->at_ms = column_i64(q);
	e->type = (enum event_type)column_i32(q);
	e->alp_user_id = column_i64(q);
	e->job_id = column_i64(q);
	e->parent_job = column_i64(q);
	e->kind = (enum job_kind)column_i32(q);
	e->posting = column_i32(q);
	e->state = (enum job_state)e->posting;
	e->run = column_i32(q);
	e->day = column_i32(q);
	e->days_done = column_i32(q);
	e->days_total = column_i32(q);
	column_text_into(q, e->code, sizeof e->code);
	e->posting_id = column_i64(q);
}

int
txn_event_list(struct txn *txn, int64_t from_id, int64_t to_id, int64_t alp_user_id, int64_t job_id, struct event_list *ret_list)
{
	_query_ struct query q = query_begin(txn, ST_EVENT_LIST);
	_cleanup_(event_list_release) struct event_list list = {0};
	int r;

	bind_i64(&q, from_id);
	bind_i64(&q, to_id);
	bind_i64(&q, alp_user_id);
	bind_i64(&q, job_id);
	while ((r = query_step(&q)) > 0) {
		list.rows = array_grow(list.rows, list.count, sizeof *list.rows);
		event_read(&q, &list.rows[list.count++]);
	}
	if (r < 0)
		return r;
	*ret_list = list;
	list = (struct event_list){0};
	return 0;
}

int
txn_event_after(struct txn *txn, int64_t event_id, int64_t job_id)
{
	_query_ struct query q = query_begin(txn, ST_EVENT_AFTER);

	bind_i64(&q, event_id);
	bind_i64(&q, job_id);
	return query_step(&q);
}
