/* SPDX-License-Identifier: Apache-2.0 */
#include "store/learned.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "store/sqlite.h"

/* --- one sum -------------------------------------------------------------------------------------------------------------- */

struct sum {
	int64_t kind;
	char *key, *matter;
};

static int
run_on_sum(struct txn *txn, enum statement_id id, int64_t alp_user_id, int64_t kind, const char *key, const char *matter)
{
	_query_ struct query q = query_begin(txn, id);
	int r;

	bind_user(&q, alp_user_id);
	bind_i64(&q, kind);
	bind_text(&q, key);
	bind_text(&q, matter);
	r = query_run(&q);
	return r < 0 ? r : 0;
}

/* From the lessons there are. */
static int
sum_again(struct txn *txn, int64_t alp_user_id, int64_t kind, const char *key, const char *matter)
{
	int r = run_on_sum(txn, ST_LEARNED_DELETE, alp_user_id, kind, key, matter);

	return r < 0 ? r : run_on_sum(txn, ST_LEARNED_SUM, alp_user_id, kind, key, matter);
}

/* --- lessons -------------------------------------------------------------------------------------------------------------- */

int
txn_lesson_add(struct txn *txn, int64_t alp_user_id, const struct lesson *lesson)
{
	_query_ struct query q = query_begin(txn, ST_LESSON_ADD);
	int r;

	bind_user(&q, alp_user_id);
	bind_i64(&q, lesson->entry_id);
	bind_i64(&q, lesson->kind);
	bind_text(&q, lesson->key);
	bind_text(&q, lesson->matter);
	bind_i64(&q, lesson->seconds);
	bind_i64(&q, lesson->at_ms);
	r = query_run(&q);
	return r <= 0 ? r : sum_again(txn, alp_user_id, lesson->kind, lesson->key, lesson->matter);
}

struct sums {
	struct sum *rows;
	size_t count;
};

static void
sums_release(struct sums *sums)
{
	for (size_t i = 0; i < sums->count; i++) {
		free(sums->rows[i].key);
		free(sums->rows[i].matter);
	}
	free(sums->rows);
}

static int
load_sums(struct txn *txn, int64_t alp_user_id, int64_t entry_id, struct sums *sums)
{
	_query_ struct query q = query_begin(txn, ST_LESSONS_OF_ENTRY);
	int r;

	bind_user(&q, alp_user_id);
	bind_i64(&q, entry_id);
	while ((r = query_step(&q)) > 0) {
		struct sum *s;

		sums->rows = array_grow(sums->rows, sums->count, sizeof *sums->rows);
		s = &sums->rows[sums->count++];
		s->kind = column_i64(&q);
		s->key = column_text(&q);
		s->matter = column_text(&q);
	}
	return r;
}

static int
delete_entry(struct txn *txn, int64_t alp_user_id, int64_t entry_id)
{
	_query_ struct query q = query_begin(txn, ST_LESSONS_DELETE_ENTRY);
	int r;

	bind_user(&q, alp_user_id);
	bind_i64(&q, entry_id);
	r = query_run(&q);
	return r < 0 ? r : 0;
}

int
txn_lessons_take_back(struct txn *txn, int64_t alp_user_id, int64_t entry_id)
{
	_cleanup_(sums_release) struct sums sums = {0};
	int r = load_sums(txn, alp_user_id, entry_id, &sums);

	if (r == 0 && sums.count > 0)
		r = delete_entry(txn, alp_user_id, entry_id);
	for (size_t i = 0; i < sums.count && r == 0; i++)
		r = sum_again(txn, alp_user_id, sums.rows[i].kind, sums.rows[i].key, sums.rows[i].matter);
	return r;
}

static int
ask_i64(struct txn *txn, enum statement_id id, int64_t alp_user_id, int64_t *ret_value)
{
	_query_ struct query q = query_begin(txn, id);
	int r;

	bind_user(&q, alp_user_id);
	r = query_one(&q);
	if (r == 0)
		*ret_value = column_i64(&q);
	return r;
}

int
txn_lessons_bound(struct txn *txn, int64_t alp_user_id, int64_t max)
{
	int64_t count = 0, oldest = 0;
	int r;

	while ((r = ask_i64(txn, ST_LESSONS_COUNT, alp_user_id, &count)) == 0 && count > max) {
		r = ask_i64(txn, ST_LESSONS_OLDEST, alp_user_id, &oldest);
		if (r == 0)
			r = txn_lessons_take_back(txn, alp_user_id, oldest);
		if (r < 0)
			break;
	}
	return r;
}

static int
delete_all(struct txn *txn, enum statement_id id, int64_t alp_user_id)
{
	_query_ struct query q = query_begin(txn, id);
	int r;

	bind_user(&q, alp_user_id);
	r = query_run(&q);
	return r < 0 ? r : 0;
}

int
txn_learned_forget(struct txn *txn, int64_t alp_user_id)
{
	int r = delete_all(txn, ST_LESSONS_DELETE_ALL, alp_user_id);

	return r < 0 ? r : delete_all(txn, ST_LEARNED_DELETE_ALL, alp_user_id);
}

/* --- reading -------------------------------------------------------------------------------------------------------------- */

void
learned_list_release(struct learned_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->rows[i].matter);
	free(list->rows);
	*list = (struct learned_list){0};
}

void
learned_keys_release(struct learned_keys *keys)
{
	for (size_t i = 0; i < keys->count; i++)
		free(keys->keys[i]);
	free(keys->keys);
	*keys = (struct learned_keys){0};
}

int
txn_learned_any(struct txn *txn, int64_t alp_user_id)
{
	_query_ struct query q = query_begin(txn, ST_LEARNED_ANY);

	bind_user(&q, alp_user_id);
	return query_step(&q);
}

int
txn_learned_find(struct txn *txn, int64_t alp_user_id, enum lesson_kind kind, const char *key, struct learned_list *ret_list)
{
	_query_ struct query q = query_begin(txn, ST_LEARNED_FIND);
	_cleanup_(learned_list_release) struct learned_list list = {0};
	int r;

	bind_user(&q, alp_user_id);
	bind_i64(&q, kind);
	bind_text(&q, key);
	while ((r = query_step(&q)) > 0) {
		struct learned_row *row;

		list.rows = array_grow(list.rows, list.count, sizeof *list.rows);
		row = &list.rows[list.count++];
		row->matter = column_text(&q);
		row->times = column_i64(&q);
		row->seconds = column_i64(&q);
		row->last_ms = column_i64(&q);
	}
	if (r < 0)
		return r;
	*ret_list = list;
	list = (struct learned_list){0};
	return 0;
}

int
txn_learned_keys(struct txn *txn, int64_t alp_user_id, enum lesson_kind kind, struct learned_keys *ret_keys)
{
	_query_ struct query q = query_begin(txn, ST_LEARNED_KEYS);
	_cleanup_(learned_keys_release) struct learned_keys keys = {0};
	int r;

	bind_user(&q, alp_user_id);
	bind_i64(&q, kind);
	while ((r = query_step(&q)) > 0) {
		keys.keys = array_grow(keys.keys, keys.count, sizeof *keys.keys);
		keys.keys[keys.count++] = column_text(&q);
	}
	if (r < 0)
		return r;
	*ret_keys = keys;
	keys = (struct learned_keys){0};
	return 0;
}
