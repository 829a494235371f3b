/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of tokens: what is kept of them, for how long, and how many there may be. */
#include "store_unit.h"

#include <errno.h>

#include "store/token.h"

#define DAY_MS ((int64_t)24 * 3600 * 1000)

struct work {
	int64_t now_ms, expires_ms, token_id, at_ms, limit;
	int count;
	struct token_row row;
	struct token_list list;
};

static int
insert_run(struct txn *txn, void *arg)
{
	struct work *w = arg;
	int r = 0;

	for (int i = 0; r == 0 && i < w->count; i++) {
		w->row = (struct token_row){.name = "Dana", .scope = TOKEN_USER, .alp_user_id = 42, .read_only = true, .created_ms = w->now_ms,
		    .expires_ms = w->expires_ms, .hash = {1, 2, 3}};
		r = txn_token_insert(txn, &w->row);
	}
	return r;
}

static int
get_run(struct txn *txn, void *arg)
{
	struct work *w = arg;

	return txn_token_get(txn, w->token_id, &w->row);
}

static int
list_run(struct txn *txn, void *arg)
{
	struct work *w = arg;

	return txn_token_list(txn, w->token_id, w->limit, &w->list);
}

static int
revoke_run(struct txn *txn, void *arg)
{
	struct work *w = arg;

	return txn_token_revoke(txn, w->token_id, w->at_ms);
}

static int
used_run(struct txn *txn, void *arg)
{
	struct work *w = arg;

	return txn_token_used(txn, w->token_id, w->at_ms);
}

static struct token_row
row_of(struct bench *b, int64_t token_id)
{
	struct work w = {.token_id = token_id};

	assert_int_equal(read_now(b->store, get_run, &w), 0);
	return w.row;
}

static void
a_row_comes_back_as_it_was_stored(void **state)
{
	struct bench *b = *state;
	struct work w = {.now_ms = NOW_MS, .expires_ms = NOW_MS + 5, .count = 1};
	struct token_row row;

	assert_int_equal(write_now(b->store, insert_run, &w), 0);
	assert_int_equal(w.row.token_id, 1);
	row = row_of(b, 1);
	assert_memory_equal(&row, &w.row, sizeof row);
	w.token_id = 2;
	assert_int_equal(read_now(b->store, get_run, &w), -ENOENT);
}

static void
what_is_revoked_stays_as_it_was_revoked_first(void **state)
{
	struct bench *b = *state;
	struct work w = {.now_ms = NOW_MS, .count = 2, .token_id = 1, .at_ms = NOW_MS + 7};

	assert_int_equal(write_now(b->store, insert_run, &w), 0);
	assert_int_equal(write_now(b->store, revoke_run, &w), 0);
	w.at_ms = NOW_MS + 9;
	assert_int_equal(write_now(b->store, revoke_run, &w), 0);
	assert_int_equal(row_of(b, 1).revoked_ms, NOW_MS + 7);
	assert_int_equal(row_of(b, 2).revoked_ms, 0);
	w.token_id = 3;
	assert_int_equal(write_now(b->store, revoke_run, &w), -ENOENT);
}

static void
the_last_use_never_goes_back(void **state)
{
	struct bench *b = *state;
	struct work w = {.now_ms = NOW_MS, .count = 1, .token_id = 1, .at_ms = NOW_MS + 7};

	assert_int_equal(write_now(b->store, insert_run, &w), 0);
	assert_int_equal(write_now(b->store, used_run, &w), 0);
	w.at_ms = NOW_MS;
	assert_int_equal(write_now(b->store, used_run, &w), 0);
	assert_int_equal(row_of(b, 1).last_used_ms, NOW_MS + 7);
	/* Given up meanwhile: nobody's loss. */
	w.token_id = 9;
	assert_int_equal(write_now(b->store, used_run, &w), 0);
}

static void
pages_of_the_list_meet(void **state)
{
	struct bench *b = *state;
	struct work w = {.now_ms = NOW_MS, .count = 20, .limit = 7};
	int64_t expected = 20;

	assert_int_equal(write_now(b->store, insert_run, &w), 0);
	do {
		assert_int_equal(read_now(b->store, list_run, &w), 0);
		for (size_t i = 0; i < w.list.count; i++)
			assert_int_equal(w.list.rows[i].token_id, expected--);
		w.token_id = expected + 1;
		token_list_release(&w.list);
	} while (expected > 0);
	w.token_id = w.limit = 0;
	assert_int_equal(read_now(b->store, list_run, &w), 0);
	assert_int_equal(w.list.count, 20);
	token_list_release(&w.list);
}

/* Tokens that are long dead make room; the living and the recently dead do not. A number is never given twice. */
static void
there_are_so_many_and_no_more(void **state)
{
	struct bench *b = *state;
	struct work w = {.now_ms = NOW_MS, .expires_ms = NOW_MS + 1, .count = TOKENS_MAX - 1};

	assert_int_equal(write_now(b->store, insert_run, &w), 0);
	w = (struct work){.now_ms = NOW_MS, .count = 1};
	assert_int_equal(write_now(b->store, insert_run, &w), 0);
	assert_int_equal(w.row.token_id, TOKENS_MAX);
	w.now_ms = NOW_MS + 90 * DAY_MS;
	assert_int_equal(write_now(b->store, insert_run, &w), -EDQUOT);
	w.now_ms += 2;
	assert_int_equal(write_now(b->store, insert_run, &w), 0);
	assert_int_equal(w.row.token_id, TOKENS_MAX + 1);
	assert_int_equal(read_now(b->store, list_run, &w), 0);
	assert_int_equal(w.list.count, 2);
	token_list_release(&w.list);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    STORE_TEST(a_row_comes_back_as_it_was_stored),
	    STORE_TEST(what_is_revoked_stays_as_it_was_revoked_first),
	    STORE_TEST(the_last_use_never_goes_back),
	    STORE_TEST(pages_of_the_list_meet),
	    STORE_TEST(there_are_so_many_and_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
