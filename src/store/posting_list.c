/* SPDX-License-Identifier: Apache-2.0 */
/* Postings by what is to be done with them, and by who asks; their history. */
#include <errno.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "store/posting_row.h"

/* So many of a user are looked at for one that each lane may send. */
#define READY_WINDOW 64

void
posting_list_release(struct posting_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		posting_row_release(&list->rows[i]);
	free(list->rows);
	*list = (struct posting_list){0};
}

static int
read_all(struct query *q, struct posting_list *list)
{
	int r;

	while ((r = query_step(q)) > 0) {
		list->rows = array_grow(list->rows, list->count, sizeof *list->rows);
		posting_read(q, &list->rows[list->count++]);
	}
	return r;
}

static int
give(int r, struct posting_list *list, struct posting_list *ret_list)
{
	if (r < 0)
		return r;
	*ret_list = *list;
	*list = (struct posting_list){0};
	return 0;
}

/* --- what is due -------------------------------------------------------------------------------------------------------- */

/* 1: that is the next user who has something; 0: nobody behind that one has. */
static int
next_user(struct txn *txn, int64_t after, int64_t now_ms, int64_t *ret_user)
{
	_query_ struct query q = query_begin(txn, ST_POSTING_READY_USER);
	int r;

	bind_i64(&q, after);
	bind_i64(&q, now_ms);
	r = query_step(&q);
	if (r > 0)
		*ret_user = column_i64(&q);
	return r;
}

static bool
has_lane(const struct posting_list *list, const struct posting_row *p)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->rows[i].alp_user_id == p->alp_user_id && list->rows[i].day == p->day && list->rows[i].component_id == p->component_id)
			return true;
	return false;
}

static int
due_of_user(struct txn *txn, int64_t user, int64_t now_ms, size_t count, struct posting_list *list)
{
	_query_ struct query q = query_begin(txn, ST_POSTING_READY);
	size_t taken = 0;
	int r = 0;

	bind_user(&q, user);
	bind_i64(&q, now_ms);
	bind_i64(&q, READY_WINDOW);
	while (taken < count && (r = query_step(&q)) > 0) {
		struct posting_row p;

		posting_read(&q, &p);
		if (has_lane(list, &p)) {
			posting_row_release(&p);
			continue;
		}
		list->rows = array_grow(list->rows, list->count, sizeof *list->rows);
		list->rows[list->count++] = p;
		taken++;
	}
	return MIN_OF(r, 0);
}

/* Those of users behind `from`, up to `to`. */
static int
due_between(struct txn *txn, int64_t from, int64_t to, int64_t now_ms, size_t per_user, size_t max, struct posting_list *list)
{
	int64_t user = from;
	int r = 0;

	while (list->count < max && (r = next_user(txn, user, now_ms, &user)) > 0 && user <= to) {
		r = due_of_user(txn, user, now_ms, MIN_OF(per_user, max - list->count), list);
		if (r < 0)
			return r;
	}
	return MIN_OF(r, 0);
}

int
txn_posting_due(struct txn *txn, int64_t now_ms, int64_t after_user, size_t per_user, size_t max, struct posting_list *ret_list)
{
	_cleanup_(posting_list_release) struct posting_list list = {0};
	int r = due_between(txn, after_user, INT64_MAX, now_ms, per_user, max, &list);

	if (r == 0 && after_user > 0)
		r = due_between(txn, 0, after_user, now_ms, per_user, max, &list);
	return give(r, &list, ret_list);
}

static int
list_at(struct txn *txn, enum statement_id id, int64_t now_ms, size_t max, struct posting_list *ret_list)
{
	_query_ struct query q = query_begin(txn, id);
	_cleanup_(posting_list_release) struct posting_list list = {0};

	bind_i64(&q, now_ms);
	bind_i64(&q, (int64_t)max);
	return give(read_all(&q, &list), &list, ret_list);
}

int
txn_posting_to_look(struct txn *txn, int64_t now_ms, size_t max, struct posting_list *ret_list)
{
	return list_at(txn, ST_POSTING_TO_LOOK, now_ms, max, ret_list);
}

int
txn_posting_to_sync(struct txn *txn, int64_t now_ms, size_t max, struct posting_list *ret_list)
{
	return list_at(txn, ST_POSTING_TO_SYNC, now_ms, max, ret_list);
}

int
txn_posting_in_flight(struct txn *txn, size_t max, struct posting_list *ret_list)
{
	_query_ struct query q = query_begin(txn, ST_POSTING_IN_FLIGHT);
	_cleanup_(posting_list_release) struct posting_list list = {0};

	bind_i64(&q, (int64_t)max);
	return give(read_all(&q, &list), &list, ret_list);
}

int
txn_posting_next_due(struct txn *txn, int64_t now_ms, int64_t *ret_next_ms)
{
	_query_ struct query q = query_begin(txn, ST_POSTING_NEXT);
	int r;

	bind_i64(&q, now_ms);
	r = query_one(&q);
	if (r == 0)
		*ret_next_ms = column_is_null(&q) ? INT64_MAX : column_i64(&q);
	return r;
}

static int
shift(struct txn *txn, enum statement_id id, int64_t now_ms, int64_t by_ms)
{
	_query_ struct query q = query_begin(txn, id);
	int r;

	bind_i64(&q, now_ms);
	bind_i64(&q, by_ms);
	r = query_run(&q);
	return r < 0 ? r : 0;
}

int
txn_posting_shift_due(struct txn *txn, int64_t now_ms, int64_t by_ms)
{
	int r = shift(txn, ST_POSTING_SHIFT_DUE, now_ms, by_ms);

	return r < 0 ? r : shift(txn, ST_POSTING_SHIFT_SYNC, now_ms, by_ms);
}

static int
cap(struct txn *txn, enum statement_id id, int64_t until_ms)
{
	_query_ struct query q = query_begin(txn, id);
	int r;

	bind_i64(&q, until_ms);
	r = query_run(&q);
	return r < 0 ? r : 0;
}

int
txn_posting_cap_due(struct txn *txn, int64_t due_ms, int64_t sync_ms)
{
	int r = cap(txn, ST_POSTING_CAP_DUE, due_ms);

	return r < 0 ? r : cap(txn, ST_POSTING_CAP_SYNC, sync_ms);
}

int
txn_posting_next_sync(struct txn *txn, int64_t now_ms, int64_t *ret_next_ms)
{
	_query_ struct query q = query_begin(txn, ST_POSTING_SYNC_NEXT);
	int r;

	bind_i64(&q, now_ms);
	r = query_one(&q);
	if (r == 0)
		*ret_next_ms = column_is_null(&q) ? INT64_MAX : column_i64(&q);
	return r;
}

/* --- its lane ----------------------------------------------------------------------------------------------------------- */

static void
bind_lane(struct query *q, const struct posting_row *p)
{
	bind_user(q, p->alp_user_id);
	bind_i64(q, p->day);
	bind_i64(q, p->component_id);
}

int
txn_posting_lane_busy(struct txn *txn, const struct posting_row *posting)
{
	_query_ struct query q = query_begin(txn, ST_POSTING_LANE_BUSY);

	bind_lane(&q, posting);
	return query_step(&q);
}

int
txn_posting_rivals(struct txn *txn, const struct posting_row *posting, bool any_lane, int64_t *ret_count)
{
	_query_ struct query q = query_begin(txn, ST_POSTING_RIVALS);
	int r;

	bind_lane(&q, posting);
	bind_i64(&q, posting->posting_id);
	bind_i64(&q, any_lane);
	r = query_one(&q);
	if (r == 0)
		*ret_count = column_i64(&q);
	return r;
}

static int
read_ids(struct query *q, struct posting_ids *ids)
{
	int r = 0;

	ids->count = 0;
	while (ids->count < POSTING_IDS_MAX && (r = query_step(q)) > 0)
		column_text_into(q, ids->rows[ids->count++], POSTING_ALP_ID_MAX);
	return MIN_OF(r, 0);
}

int
txn_posting_gone_of_entry(struct txn *txn, int64_t entry_id, struct posting_ids *ret_ids)
{
	_query_ struct query q = query_begin(txn, ST_POSTING_GONE_OF_ENTRY);

	bind_i64(&q, entry_id);
	return read_ids(&q, ret_ids);
}

int
txn_posting_adopted(struct txn *txn, int64_t alp_user_id, day_t day, int64_t before_ms, struct posting_ids *ret_ids)
{
	_query_ struct query q = query_begin(txn, ST_POSTING_ADOPTED);

	bind_user(&q, alp_user_id);
	bind_i64(&q, day);
	bind_i64(&q, before_ms);
	return read_ids(&q, ret_ids);
}

/* --- lists -------------------------------------------------------------------------------------------------------------- */

int
txn_posting_list_days(struct txn *txn, int64_t alp_user_id, day_t from, day_t to, struct posting_list *ret_list)
{
	_query_ struct query q = query_begin(txn, ST_POSTING_LIST_DAYS);
	_cleanup_(posting_list_release) struct posting_list list = {0};

	bind_user(&q, alp_user_id);
	bind_i64(&q, from);
	bind_i64(&q, to);
	return give(read_all(&q, &list), &list, ret_list);
}

/* 1: that is the next user who has any. */
static int
next_owner(struct txn *txn, int64_t *user)
{
	_query_ struct query q = query_begin(txn, ST_POSTING_NEXT_OWNER);
	int r;

	bind_i64(&q, *user);
	r = query_step(&q);
	if (r > 0)
		*user = column_i64(&q);
	return r;
}

static int
days_of(struct txn *txn, int64_t user, day_t from, day_t to, struct posting_days *days)
{
	_query_ struct query q = query_begin(txn, ST_POSTING_DAYS);
	int r;

	bind_user(&q, user);
	bind_i64(&q, from);
	bind_i64(&q, to);
	while ((r = query_step(&q)) > 0) {
		days->rows = array_grow(days->rows, days->count, sizeof *days->rows);
		days->rows[days->count++] = (struct posting_day){user, column_i32(&q)};
	}
	return r;
}

int
txn_posting_days(struct txn *txn, day_t from, day_t to, struct posting_days *ret_days)
{
	struct posting_days days = {0};
	int64_t user = 0;
	int r;

	/* From user to user by the index: there are few of them, and many postings. */
	while ((r = next_owner(txn, &user)) > 0) {
		r = days_of(txn, user, from, to, &days);
		if (r < 0)
			break;
	}
	if (r < 0) {
		free(days.rows);
		return r;
	}
	*ret_days = days;
	return 0;
}

int
txn_posting_list(struct txn *txn, const struct posting_filter *f, struct posting_list *ret_list)
{
	_query_ struct query q = query_begin(txn, f->alp_user_id != 0 ? ST_POSTING_LIST_USER : ST_POSTING_LIST_ALL);
	_cleanup_(posting_list_release) struct posting_list list = {0};

	if (f->alp_user_id != 0)
		bind_user(&q, f->alp_user_id);
	bind_i64(&q, f->below_id > 0 ? f->below_id : INT64_MAX);
	bind_i64(&q, f->from);
	bind_i64(&q, f->to);
	bind_i64(&q, f->states);
	bind_i64(&q, f->limit > 0 ? f->limit : -1);
	return give(read_all(&q, &list), &list, ret_list);
}

/* --- history ------------------------------------------------------------------------------------------------------------ */

void
posting_history_release(struct posting_history *history)
{
	for (size_t i = 0; i < history->count; i++) {
		free(history->rows[i].code);
		free(history->rows[i].detail);
	}
	free(history->rows);
	*history = (struct posting_history){0};
}

int
txn_posting_history(struct txn *txn, int64_t posting_id, struct posting_history *ret_history)
{
	_query_ struct query q = query_begin(txn, ST_POSTING_HISTORY);
	_cleanup_(posting_history_release) struct posting_history history = {0};
	int r;

	bind_i64(&q, posting_id);
	while ((r = query_step(&q)) > 0) {
		struct posting_step *step;

		history.rows = array_grow(history.rows, history.count, sizeof *history.rows);
		step = &history.rows[history.count++];
		step->at_ms = column_i64(&q);
		step->from = (enum posting_state)column_i32(&q);
		step->to = (enum posting_state)column_i32(&q);
		step->attempt = column_i64(&q);
		step->code = column_text(&q);
		step->detail = column_text(&q);
	}
	if (r < 0)
		return r;
	*ret_history = history;
	history = (struct posting_history){0};
	return 0;
}
