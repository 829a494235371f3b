/* SPDX-License-Identifier: Apache-2.0 */
#include "store/activity.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "store/owners.h"
#include "store/sqlite.h"

static void
day_read(struct query *q, struct day_row *day)
{
	day->alp_user_id = column_i64(q);
	day->day = column_i32(q);
	day->generation = column_i64(q);
	day->processed_generation = column_i64(q);
	day->fetched_ms = column_i64(q);
	day->captured_seconds = column_i64(q);
	day->excluded_seconds = column_i64(q);
	day->bytes_replaced = column_i64(q);
	day->upstream_empty_since_ms = column_i64(q);
	day->upstream_empty_job = column_i64(q);
	day->upstream_empty_again_job = column_i64(q);
	column_text_into(q, day->rules_version, sizeof day->rules_version);
	day->pruned_ms = column_i64(q);
}

int
txn_day_get(struct txn *txn, int64_t alp_user_id, day_t day, struct day_row *ret_day)
{
	_query_ struct query q = query_begin(txn, ST_DAY_GET);
	int r;

	bind_user(&q, alp_user_id);
	bind_i64(&q, day);
	r = query_one(&q);
	if (r < 0)
		return r;
	day_read(&q, ret_day);
	return 0;
}

int
txn_day_put(struct txn *txn, const struct day_row *day)
{
	_query_ struct query q = query_begin(txn, ST_DAY_PUT);
	int r;

	bind_user(&q, day->alp_user_id);
	bind_i64(&q, day->day);
	bind_i64(&q, day->generation);
	bind_i64(&q, day->processed_generation);
	bind_i64(&q, day->fetched_ms);
	bind_i64(&q, day->captured_seconds);
	bind_i64(&q, day->excluded_seconds);
	bind_i64(&q, day->bytes_replaced);
	bind_i64(&q, day->upstream_empty_since_ms);
	bind_i64(&q, day->upstream_empty_job);
	bind_i64(&q, day->upstream_empty_again_job);
	bind_text(&q, day->rules_version);
	r = query_run(&q);
	return r < 0 ? r : 0;
}

void
day_list_release(struct day_list *list)
{
	free(list->rows);
	*list = (struct day_list){0};
}

static int
read_days(struct query *q, struct day_list *list)
{
	int r;

	while ((r = query_step(q)) > 0) {
		list->rows = array_grow(list->rows, list->count, sizeof *list->rows);
		day_read(q, &list->rows[list->count++]);
	}
	return r;
}

int
txn_day_list(struct txn *txn, int64_t alp_user_id, day_t from, day_t to, bool only_unprocessed, struct day_list *ret_list)
{
	_query_ struct query q = query_begin(txn, only_unprocessed ? ST_DAY_LIST_UNPROCESSED : ST_DAY_LIST);
	_cleanup_(day_list_release) struct day_list list = {0};
	int r;

	bind_user(&q, alp_user_id);
	bind_i64(&q, from);
	bind_i64(&q, to);
	r = read_days(&q, &list);
	if (r < 0)
		return r;
	*ret_list = list;
	list = (struct day_list){0};
	return 0;
}

int
txn_day_newest(struct txn *txn, day_t *ret_day)
{
	_query_ struct query q = query_begin(txn, ST_DAY_NEWEST);
	int r = query_step(&q);

	if (r < 0)
		return r;
	if (r == 0 || column_is_null(&q))
		return -ENOENT;
	*ret_day = (day_t)column_i64(&q);
	return 0;
}

int
txn_days_to_prune(struct txn *txn, day_t before, int64_t fetched_before_ms, int64_t limit, struct day_list *ret_list)
{
	_query_ struct query q = query_begin(txn, ST_DAYS_TO_PRUNE);
	_cleanup_(day_list_release) struct day_list list = {0};
	int r;

	bind_i64(&q, before);
	bind_i64(&q, fetched_before_ms);
	bind_i64(&q, limit);
	r = read_days(&q, &list);
	if (r < 0)
		return r;
	*ret_list = list;
	list = (struct day_list){0};
	return 0;
}

static int
run_of_day(struct txn *txn, enum statement_id id, int64_t alp_user_id, day_t day)
{
	_query_ struct query q = query_begin(txn, id);

	bind_user(&q, alp_user_id);
	bind_i64(&q, day);
	return query_run(&q);
}

static int
mark_pruned(struct txn *txn, int64_t alp_user_id, day_t day, int64_t now_ms)
{
	_query_ struct query q = query_begin(txn, ST_DAY_PRUNED);
	int r;

	bind_i64(&q, now_ms);
	bind_user(&q, alp_user_id);
	bind_i64(&q, day);
	r = query_run(&q);
	return r == 0 ? -ENOENT : r;
}

int
txn_day_prune(struct txn *txn, int64_t alp_user_id, day_t day, int64_t now_ms)
{
	int r = mark_pruned(txn, alp_user_id, day, now_ms);

	if (r >= 0)
		r = run_of_day(txn, ST_ACTIVITY_DELETE_DAY, alp_user_id, day);
	if (r >= 0)
		r = run_of_day(txn, ST_OWNERS_DELETE, alp_user_id, day);
	if (r >= 0)
		r = run_of_day(txn, ST_GRAIN_DELETE, alp_user_id, day);
	return r < 0 ? r : 0;
}

void
filtered_sums_release(struct filtered_sums *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->rows[i].rule);
	free(list->rows);
	*list = (struct filtered_sums){0};
}

int
txn_filtered_add(struct txn *txn, int64_t alp_user_id, day_t day, const struct filtered_sum *sum)
{
	_query_ struct query q = query_begin(txn, ST_FILTERED_ADD);
	int r;

	bind_user(&q, alp_user_id);
	bind_i64(&q, day);
	bind_text(&q, sum->rule);
	bind_i64(&q, sum->seconds);
	bind_i64(&q, sum->rows);
	r = query_run(&q);
	return r < 0 ? r : 0;
}

int
txn_filtered_list(struct txn *txn, int64_t alp_user_id, day_t day, struct filtered_sums *ret_list)
{
	_query_ struct query q = query_begin(txn, ST_FILTERED_LIST);
	_cleanup_(filtered_sums_release) struct filtered_sums list = {0};
	int r;

	bind_user(&q, alp_user_id);
	bind_i64(&q, day);
	while ((r = query_step(&q)) > 0) {
		list.rows = array_grow(list.rows, list.count, sizeof *list.rows);
		list.rows[list.count].rule = column_text(&q);
		list.rows[list.count].seconds = column_i64(&q);
		list.rows[list.count++].rows = column_i64(&q);
	}
	if (r < 0)
		return r;
	*ret_list = list;
	list = (struct filtered_sums){0};
	return 0;
}

static void
activity_row_release(struct activity_row *row)
{
	free(row->memory);
	free(row->rule);
}

void
activity_list_release(struct activity_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		activity_row_release(&list->rows[i]);
	free(list->rows);
	*list = (struct activity_list){0};
}

static void
activity_read(struct query *q, struct activity_row *row)
{
	const char *texts[3];

	row->memory = column_texts(q, texts, ELEMENTSOF(texts));
	row->activity = texts[0];
	row->document = texts[1];
	row->category = texts[2];
	row->productivity = column_i32(q);
	row->seconds = column_i64(q);
	row->entry_id = 0;
	row->rule = NULL;
}

/* -ENOENT: nothing of the day belongs anywhere yet. */
static int
owners_of_day(struct txn *txn, int64_t alp_user_id, day_t day, struct owners *ret_owners)
{
	_query_ struct query q = query_begin(txn, ST_OWNERS_GET);
	int64_t first_entry, width;
	struct str numbers;
	int r;

	bind_user(&q, alp_user_id);
	bind_i64(&q, day);
	r = query_one(&q);
	if (r < 0)
		return r;
	first_entry = column_i64(&q);
	width = column_i64(&q);
	numbers = column_blob(&q);
	return owners_read(first_entry, width, numbers, column_blob(&q), ret_owners);
}

int
txn_activity_owners(struct txn *txn, int64_t alp_user_id, day_t day, struct activity_list *rows)
{
	_cleanup_(owners_release) struct owners owners = {0};
	const char *rule;
	int r = owners_of_day(txn, alp_user_id, day, &owners);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	if (owners_count(&owners) != rows->count)
		return -EUCLEAN;
	for (size_t i = 0; i < rows->count; i++) {
		r = owners_at(&owners, i, &rows->rows[i].entry_id, &rule);
		if (r < 0)
			return r;
		rows->rows[i].rule = rule != NULL ? xstrdup(rule) : NULL;
	}
	return 0;
}

static int
load_rows(struct txn *txn, int64_t alp_user_id, day_t day, struct activity_list *list)
{
	_query_ struct query q = query_begin(txn, ST_ACTIVITY_LOAD);
	int r;

	bind_user(&q, alp_user_id);
	bind_i64(&q, day);
	while ((r = query_step(&q)) > 0) {
		list->rows = array_grow(list->rows, list->count, sizeof *list->rows);
		activity_read(&q, &list->rows[list->count++]);
	}
	return r;
}

int
txn_activity_load(struct txn *txn, int64_t alp_user_id, day_t day, struct activity_list *ret_list)
{
	_cleanup_(activity_list_release) struct activity_list list = {0};
	int r = load_rows(txn, alp_user_id, day, &list);

	if (r == 0)
		r = txn_activity_owners(txn, alp_user_id, day, &list);
	if (r < 0)
		return r;
	*ret_list = list;
	list = (struct activity_list){0};
	return 0;
}

/* Where one walks with the rows of a range of days. */
struct owners_walk {
	struct owners owners; /* of the day; empty: nothing of it belongs anywhere */
	day_t day;            /* -1: none yet */
	size_t at, count;
};

static void
owners_walk_release(struct owners_walk *w)
{
	owners_release(&w->owners);
}

static int
enter_day(struct txn *txn, int64_t alp_user_id, day_t day, struct owners_walk *w)
{
	int r = w->at == w->count ? 0 : -EUCLEAN;

	owners_release(&w->owners);
	w->day = day;
	if (r == 0)
		r = owners_of_day(txn, alp_user_id, day, &w->owners);
	w->at = 0;
	w->count = owners_count(&w->owners);
	return r == -ENOENT ? 0 : r;
}

static int
next_owner(struct owners_walk *w, int64_t *ret_entry_id, const char **ret_rule)
{
	*ret_entry_id = 0;
	*ret_rule = NULL;
	if (w->owners.width == 0)
		return 0;
	return w->at < w->count ? owners_at(&w->owners, w->at++, ret_entry_id, ret_rule) : -EUCLEAN;
}

int
txn_activity_unbilled(struct txn *txn, int64_t alp_user_id, day_t from, day_t to, unbilled_fn each, void *arg)
{
	_query_ struct query q = query_begin(txn, ST_ACTIVITY_SECONDS);
	_cleanup_(owners_walk_release) struct owners_walk walk = {.day = -1};
	int r;

	bind_user(&q, alp_user_id);
	bind_i64(&q, from);
	bind_i64(&q, to);
	while ((r = query_step(&q)) > 0) {
		const day_t day = column_i32(&q);
		const int64_t seconds = column_i64(&q);
		const char *rule = NULL;
		int64_t entry_id = 0;

		r = day != walk.day ? enter_day(txn, alp_user_id, day, &walk) : 0;
		if (r == 0)
			r = next_owner(&walk, &entry_id, &rule);
		if (r < 0)
			return r;
		if (entry_id == 0)
			each(arg, day, seconds, rule != NULL ? str_of(rule) : STR_NONE);
	}
	return r == 0 && walk.at != walk.count ? -EUCLEAN : r;
}

static void
bind_key(struct query *q, int64_t alp_user_id, day_t day, const char *activity, const char *document)
{
	bind_user(q, alp_user_id);
	bind_i64(q, day);
	bind_text(q, activity);
	bind_text(q, document);
}

static void
bind_captured(struct query *q, const struct activity_row *row)
{
	bind_text(q, row->category != NULL ? row->category : "");
	bind_i64(q, row->productivity);
	bind_i64(q, row->seconds);
}

/* For a statement that must find its row. */
static int
run_found(struct query *q)
{
	int r = query_run(q);

	if (r < 0)
		return r;
	return r == 0 ? -ENOENT : 0;
}

int
txn_activity_add(struct txn *txn, int64_t alp_user_id, day_t day, const struct activity_row *row)
{
	_query_ struct query q = query_begin(txn, ST_ACTIVITY_ADD);
	int r;

	if (row->entry_id != 0 || row->rule != NULL)
		return -EINVAL;
	bind_key(&q, alp_user_id, day, row->activity, row->document);
	bind_captured(&q, row);
	r = query_run(&q);
	return r < 0 ? r : 0;
}

int
txn_activity_update(struct txn *txn, int64_t alp_user_id, day_t day, const struct activity_row *row)
{
	_query_ struct query q = query_begin(txn, ST_ACTIVITY_UPDATE);

	bind_captured(&q, row);
	bind_key(&q, alp_user_id, day, row->activity, row->document);
	return run_found(&q);
}

static int
put_owners(struct txn *txn, int64_t alp_user_id, day_t day, const struct owners *owners)
{
	_query_ struct query q = query_begin(txn, ST_OWNERS_PUT);
	int r;

	bind_user(&q, alp_user_id);
	bind_i64(&q, day);
	bind_i64(&q, owners->first_entry);
	bind_i64(&q, owners->width);
	bind_text(&q, owners->numbers);
	bind_text(&q, owners->rules);
	r = query_run(&q);
	return r < 0 ? r : 0;
}

int
txn_activity_assign(struct txn *txn, int64_t alp_user_id, day_t day, const struct activity_list *rows)
{
	_cleanup_(owners_release) struct owners owners = {0};
	int r;

	if (rows->count == 0) {
		r = run_of_day(txn, ST_OWNERS_DELETE, alp_user_id, day);
		return r < 0 ? r : 0;
	}
	owners_write(rows->rows, rows->count, &owners);
	return put_owners(txn, alp_user_id, day, &owners);
}

int
txn_activity_delete(struct txn *txn, int64_t alp_user_id, day_t day, const char *activity, const char *document)
{
	_query_ struct query q = query_begin(txn, ST_ACTIVITY_DELETE);
	int r;

	bind_key(&q, alp_user_id, day, activity, document);
	r = query_run(&q);
	return r < 0 ? r : 0;
}

int
txn_grain_put(struct txn *txn, int64_t alp_user_id, day_t day, struct str bytes)
{
	_query_ struct query q = query_begin(txn, ST_GRAIN_PUT);
	int r;

	bind_user(&q, alp_user_id);
	bind_i64(&q, day);
	bind_blob(&q, bytes);
	r = query_run(&q);
	return r < 0 ? r : 0;
}

int
txn_grain_get(struct txn *txn, int64_t alp_user_id, day_t day, char **ret_bytes, size_t *ret_len)
{
	_query_ struct query q = query_begin(txn, ST_GRAIN_GET);
	struct str bytes;
	int r;

	bind_user(&q, alp_user_id);
	bind_i64(&q, day);
	r = query_one(&q);
	if (r < 0)
		return r;
	bytes = column_blob(&q);
	*ret_bytes = xcalloc(bytes.len + 1, 1);
	if (bytes.len > 0)
		memcpy(*ret_bytes, bytes.p, bytes.len);
	*ret_len = bytes.len;
	return 0;
}
