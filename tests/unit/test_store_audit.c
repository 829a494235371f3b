/* SPDX-License-Identifier: Apache-2.0 */
/* The audit: what stands in it stays, and whoever changes it behind the daemon's back is found out. */
#include "store_unit.h"

#include <errno.h>

#include "store/audit.h"
#include "store/sqlite.h"
#include "store/token.h"

struct work {
	struct audit_row row;
	int count;
	struct audit_filter filter;
	struct audit_list list;
	const char *sql;
	int64_t user;
};

static int
add_run(struct txn *txn, void *arg)
{
	struct work *w = arg;
	int r = 0;

	for (int i = 0; r == 0 && i < w->count; i++)
		r = txn_audit(txn, &w->row);
	return r;
}

static int
list_run(struct txn *txn, void *arg)
{
	struct work *w = arg;

	return txn_audit_list(txn, &w->filter, &w->list);
}

static int
sql_run(struct txn *txn, void *arg)
{
	return txn_exec(txn, ((struct work *)arg)->sql);
}

static int
erase_run(struct txn *txn, void *arg)
{
	return txn_audit_erase(txn, ((struct work *)arg)->user);
}

static int
token_run(struct txn *txn, void *arg)
{
	struct token_row row = {.name = "ALP back end", .scope = TOKEN_SERVICE, .created_ms = NOW_MS};

	(void)arg;
	return txn_token_insert(txn, &row);
}

static void
add(struct bench *b, struct audit_row row, int count)
{
	struct work w = {.row = row, .count = count};

	assert_int_equal(write_now(b->store, add_run, &w), 0);
}

static void
add_some(struct bench *b, int64_t user, int64_t entry, enum audit_action action, int count)
{
	char before[] = "{\"notes\":null}", after[] = "{\"notes\":\"seen\"}";
	struct audit_row row = {.at_ms = NOW_MS, .actor = {ACTOR_LOCAL, 0}, .action = action, .alp_user_id = user, .entry_id = entry,
	    .before = before, .after = after};

	add(b, row, count);
}

static int
broken(struct bench *b)
{
	_cleanup_free_ char *violation = NULL;

	return read_now(b->store, check_run, &violation) == 0 && violation == NULL ? 0 : 1;
}

static void
a_row_says_who_did_what_and_by_which_name(void **state)
{
	struct bench *b = *state;
	struct work w = {.filter = {.contents = true}};
	struct audit_row row;

	assert_int_equal(write_now(b->store, token_run, NULL), 0);
	row = (struct audit_row){.at_ms = NOW_MS + 5, .actor = {ACTOR_TOKEN, 1}, .action = AUDIT_CONFIRM, .alp_user_id = 42, .entry_id = 7,
	    .posting_id = 3};
	add(b, row, 1);
	assert_int_equal(read_now(b->store, list_run, &w), 0);
	assert_int_equal(w.list.count, 1);
	assert_int_equal(w.list.rows[0].audit_id, 1);
	assert_int_equal(w.list.rows[0].at_ms, NOW_MS + 5);
	assert_int_equal(w.list.rows[0].actor.kind, ACTOR_TOKEN);
	assert_string_equal(w.list.rows[0].actor_name, "ALP back end");
	assert_int_equal(w.list.rows[0].action, AUDIT_CONFIRM);
	assert_int_equal(w.list.rows[0].entry_id, 7);
	assert_int_equal(w.list.rows[0].posting_id, 3);
	assert_null(w.list.rows[0].before);
	assert_false(w.list.rows[0].erased);
	audit_list_release(&w.list);
}

static void
count_is(struct bench *b, struct audit_filter filter, size_t count)
{
	struct work w = {.filter = filter};

	assert_int_equal(read_now(b->store, list_run, &w), 0);
	assert_int_equal(w.list.count, count);
	for (size_t i = 1; i < w.list.count; i++)
		assert_true(w.list.rows[i].audit_id < w.list.rows[i - 1].audit_id);
	audit_list_release(&w.list);
}

static void
it_is_listed_by_whose_it_is_and_what_was_done(void **state)
{
	struct bench *b = *state;

	add_some(b, 42, 7, AUDIT_EDIT, 3);
	add_some(b, 42, 8, AUDIT_IGNORE, 2);
	add_some(b, 43, 9, AUDIT_EDIT, 4);
	count_is(b, (struct audit_filter){0}, 9);
	count_is(b, (struct audit_filter){.alp_user_id = 42}, 5);
	count_is(b, (struct audit_filter){.entry_id = 7}, 3);
	count_is(b, (struct audit_filter){.entry_id = 7, .alp_user_id = 43}, 0);
	count_is(b, (struct audit_filter){.actions = 1u << AUDIT_IGNORE}, 2);
	count_is(b, (struct audit_filter){.alp_user_id = 42, .actions = 1u << AUDIT_EDIT, .limit = 2}, 2);
	count_is(b, (struct audit_filter){.below_id = 4}, 3);
	count_is(b, (struct audit_filter){.from_ms = NOW_MS + 1}, 0);
	count_is(b, (struct audit_filter){.from_ms = NOW_MS, .to_ms = NOW_MS + 1}, 9);
}

static void
nobody_changes_or_deletes_a_row_by_accident(void **state)
{
	static const char *const statements[] = {"UPDATE audit SET at_ms = 0", "DELETE FROM audit WHERE audit_id = 1",
	    "UPDATE audit_contents SET before = ''"};
	struct bench *b = *state;

	add_some(b, 42, 7, AUDIT_EDIT, 3);
	for (size_t i = 0; i < ELEMENTSOF(statements); i++) {
		struct work w = {.sql = statements[i]};

		assert_true(write_now(b->store, sql_run, &w) < 0);
	}
	count_is(b, (struct audit_filter){0}, 3);
}

static void
what_is_erased_is_gone_and_the_chain_holds(void **state)
{
	struct bench *b = *state;
	struct work w = {.user = 42, .filter = {.alp_user_id = 42, .contents = true}};

	add_some(b, 42, 7, AUDIT_EDIT, 3);
	add_some(b, 43, 8, AUDIT_EDIT, 1);
	assert_int_equal(write_now(b->store, erase_run, &w), 0);
	assert_int_equal(broken(b), 0);
	assert_int_equal(read_now(b->store, list_run, &w), 0);
	assert_int_equal(w.list.count, 3);
	for (size_t i = 0; i < w.list.count; i++) {
		assert_true(w.list.rows[i].erased);
		assert_null(w.list.rows[i].before);
		assert_null(w.list.rows[i].after);
	}
	audit_list_release(&w.list);
	w.filter.alp_user_id = 43;
	assert_int_equal(read_now(b->store, list_run, &w), 0);
	assert_string_equal(w.list.rows[0].after, "{\"notes\":\"seen\"}");
	audit_list_release(&w.list);
}

/* Somebody with the file open and the triggers gone. */
static void
found_out(const char *sql)
{
	_cleanup_free_ char *whole = xasprintf("DROP TRIGGER audit_stays; DROP TRIGGER audit_keeps; DROP TRIGGER audit_contents_stay; %s", sql);
	void *state = NULL;
	struct work w = {.sql = whole};
	struct bench *b;

	assert_int_equal(bench_setup(&state), 0);
	b = state;
	add_some(b, 42, 7, AUDIT_EDIT, 5);
	assert_int_equal(broken(b), 0);
	assert_int_equal(write_now(b->store, sql_run, &w), 0);
	assert_int_equal(broken(b), 1);
	assert_int_equal(bench_teardown_unasked(&state), 0);
}

static void
whoever_changes_the_past_is_found_out(void **state)
{
	(void)state;
	found_out("UPDATE audit SET actor_kind = 1, actor_id = 9 WHERE audit_id = 3");
	found_out("UPDATE audit SET at_ms = at_ms - 1 WHERE audit_id = 5");
	found_out("UPDATE audit SET action = 2 WHERE audit_id = 1");
	found_out("DELETE FROM audit WHERE audit_id = 2");
	found_out("DELETE FROM audit WHERE audit_id = 1");
	found_out("UPDATE audit_contents SET after = '{\"notes\":\"mine\"}' WHERE audit_id = 4");
	found_out("UPDATE audit_contents SET salt = zeroblob(16) WHERE audit_id = 4");
	found_out("UPDATE audit SET audit_id = 6 WHERE audit_id = 5");
	found_out("UPDATE audit SET link = (SELECT link FROM audit WHERE audit_id = 1) WHERE audit_id = 2");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    STORE_TEST(a_row_says_who_did_what_and_by_which_name),
	    STORE_TEST(it_is_listed_by_whose_it_is_and_what_was_done),
	    STORE_TEST(nobody_changes_or_deletes_a_row_by_accident),
	    STORE_TEST(what_is_erased_is_gone_and_the_chain_holds),
	    cmocka_unit_test(whoever_changes_the_past_is_found_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
