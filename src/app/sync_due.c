/* SPDX-License-Identifier: Apache-2.0 */
/* sync_due.c - when which days are to be looked at in ALP: by their time, because somebody said so, for the proof. */
#include <errno.h>
#include <stdlib.h>

#include "app/internal.h"
#include "app/sync_run.h"
#include "base/alloc.h"
#include "base/zone.h"
#include "store/person.h"
#include "store/restore.h"

#define OVERLAP_DAYS 1  /* ALP's idea of a day may be another */
#define MOVED_DAYS   31 /* one that is missing may have been moved so far */
#define RANGE_DAYS   14 /* in one listing */
#define HOUR_MS      ((int64_t)3600 * 1000)

/* --- ranges ------------------------------------------------------------------------------------------------------------------- */

/* By user and day, in that order. */
static void
ranges_add(struct sync_ranges *ranges, int64_t user, day_t day, day_t around)
{
	struct sync_range *last = ranges->count > 0 ? &ranges->rows[ranges->count - 1] : NULL;

	if (last != NULL && last->alp_user_id == user && day - last->to <= 2 * OVERLAP_DAYS + 1 && day - last->from < RANGE_DAYS) {
		last->to = day;
		last->list_from = MIN_OF(last->list_from, day - around);
		last->list_to = MAX_OF(last->list_to, day + around);
		return;
	}
	/* Room doubles. */
	if ((ranges->count & (ranges->count - 1)) == 0)
		ranges->rows = xreallocarray(ranges->rows, MAX_OF(ranges->count * 2, (size_t)1), sizeof *ranges->rows);
	ranges->rows[ranges->count++] = (struct sync_range){user, day, day, day - around, day + around};
}

static int
by_user_and_day(const void *a, const void *b)
{
	const struct posting_row *x = a, *y = b;

	if (x->alp_user_id != y->alp_user_id)
		return x->alp_user_id < y->alp_user_id ? -1 : 1;
	return x->day < y->day ? -1 : x->day > y->day;
}

/* --- what is due --------------------------------------------------------------------------------------------------------------- */

/* The day whose nightly proof may have begun. */
static int
proof_day(const struct op *op, day_t *ret_day)
{
	return zone_day(op->options.default_zone, op->now_ms - op->options.sync.proof_hour * HOUR_MS, ret_day);
}

static int
is_proof_due(struct txn *txn, const struct op *op, bool *ret_due)
{
	day_t last = 0, day = 0;
	int r;

	if (op->options.sync.proof_hour < 0)
		return 0;
	r = txn_alp_proof_day(txn, &last);
	if (r == 0)
		r = proof_day(op, &day);
	if (r == 0)
		*ret_due = last < day;
	return r;
}

static int
due_run(struct txn *txn, struct op *op)
{
	struct sync_due *v = op->verb;
	_cleanup_(posting_list_release) struct posting_list list = {0};
	int r = txn_posting_to_sync(txn, op->now_ms, v->max, &list);

	if (r < 0)
		return r;
	if (list.count > 0)
		qsort(list.rows, list.count, sizeof *list.rows, by_user_and_day);
	for (size_t i = 0; i < list.count; i++)
		ranges_add(&v->ranges, list.rows[i].alp_user_id, list.rows[i].day, list.rows[i].missed > 0 ? MOVED_DAYS : OVERLAP_DAYS);
	r = is_proof_due(txn, op, &v->proof);
	return r < 0 ? r : txn_posting_next_sync(txn, op->now_ms, &v->next_ms);
}

void
app_sync_due(struct app *app, struct sync_due *v, app_done_fn done, void *arg)
{
	app_submit(app, OP_READ, v, due_run, NULL, done, arg);
}

void
app_on_sync_due(struct app *app, void (*due)(void *arg), void *arg)
{
	app->sync_due = due;
	app->sync_due_arg = arg;
}

/* --- hints ---------------------------------------------------------------------------------------------------------------------- */

static int
bring_forward(struct txn *txn, const struct op *op, struct posting_row *p, size_t *found)
{
	if ((p->state != POSTING_POSTED && p->state != POSTING_GONE) || posting_body_is_erased(p->body))
		return 0;
	(*found)++;
	if (p->sync_ms <= op->now_ms)
		return 0;
	p->sync_ms = op->now_ms;
	return txn_posting_update(txn, p, op->now_ms, NULL, NULL);
}

static int
hint_day(struct txn *txn, const struct op *op, const struct posting_day *day, size_t *found)
{
	_cleanup_(posting_list_release) struct posting_list list = {0};
	int r = txn_posting_list_days(txn, day->alp_user_id, day->day - OVERLAP_DAYS, day->day + OVERLAP_DAYS, &list);

	for (size_t i = 0; r == 0 && i < list.count; i++)
		r = bring_forward(txn, op, &list.rows[i], found);
	return r;
}

static int
hint_run(struct txn *txn, struct op *op)
{
	struct sync_hint *v = op->verb;
	int r = 0;

	for (size_t i = 0; r == 0 && i < v->id_count; i++) {
		_cleanup_(posting_row_release) struct posting_row p = {0};

		r = txn_posting_by_alp_id(txn, v->ids[i], &p);
		if (r == 0)
			r = bring_forward(txn, op, &p, &v->found);
		else if (r == -ENOENT)
			r = 0; /* it is none of ours */
	}
	for (size_t i = 0; r == 0 && i < v->day_count; i++)
		r = hint_day(txn, op, &v->days[i], &v->found);
	return r;
}

static void
hint_after(struct op *op, int r)
{
	const struct sync_hint *v = op->verb;

	if (r == 0 && v->found > 0 && op->app->sync_due != NULL)
		op->app->sync_due(op->app->sync_due_arg);
}

void
app_sync_hint(struct app *app, struct sync_hint *v, app_done_fn done, void *arg)
{
	app_submit(app, OP_WRITE, v, hint_run, hint_after, done, arg);
}

/* --- the proof ------------------------------------------------------------------------------------------------------------------- */

bool
app_proof_want(struct app *app)
{
	if (app->sync_due == NULL)
		return false;
	app->proof_wanted = true;
	app->sync_due(app->sync_due_arg);
	return true;
}

bool
app_proof_take(struct app *app)
{
	bool wanted = app->proof_wanted;

	app->proof_wanted = false;
	return wanted;
}

static int
begin_run(struct txn *txn, struct op *op)
{
	struct proof_begin *v = op->verb;
	struct posting_days days = {0};
	struct restore_state state = {.until_day = -1};
	day_t today = 0, night = 0, last = 0;
	int r = zone_day(op->options.default_zone, op->now_ms, &today);

	if (r == 0 && op->options.sync.proof_hour >= 0) {
		r = proof_day(op, &night);
		if (r == 0)
			r = txn_alp_proof_day(txn, &last);
		if (r == 0 && last < night)
			r = txn_alp_proof_set_day(txn, night);
	}
	if (r == 0)
		r = txn_restore_state(txn, &state);
	/* A day more: it is tomorrow already where somebody may work. */
	if (r == 0 && restore_holds(&state)) {
		v->examines = state.restore_id;
		r = txn_restore_days(txn, restore_from_day(&state), state.until_day, &days);
	} else if (r == 0) {
		r = txn_posting_days(txn, MAX_OF(today - (day_t)op->options.sync.proof_days, 0), today + 1, &days);
	}
	for (size_t i = 0; r == 0 && i < days.count; i++)
		ranges_add(&v->ranges, days.rows[i].alp_user_id, days.rows[i].day, OVERLAP_DAYS);
	free(days.rows);
	return r;
}

void
app_proof_begin(struct app *app, struct proof_begin *v, app_done_fn done, void *arg)
{
	app_submit(app, OP_WRITE, v, begin_run, NULL, done, arg);
}

static int
examined_run(struct txn *txn, struct op *op)
{
	const struct proof_examined *v = op->verb;

	return txn_restore_examined(txn, v->restore_id, op->now_ms);
}

void
app_proof_examined(struct app *app, struct proof_examined *v, app_done_fn done, void *arg)
{
	app_submit(app, OP_WRITE, v, examined_run, NULL, done, arg);
}

static int
proofs_run(struct txn *txn, struct op *op)
{
	struct proof_query *v = op->verb;

	return txn_alp_proof_list(txn, &v->filter, &v->list);
}

void
app_proof_query(struct app *app, struct proof_query *v, app_done_fn done, void *arg)
{
	app_submit(app, OP_READ, v, proofs_run, NULL, done, arg);
}

void
proof_query_release(struct proof_query *v)
{
	alp_proof_list_release(&v->list);
}
