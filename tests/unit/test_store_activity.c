/* SPDX-License-Identifier: Apache-2.0 */
#include "store_unit.h"

#include <errno.h>

#include "store/sqlite.h"

static int
day_put_run(struct txn *txn, void *arg)
{
	return txn_day_put(txn, arg);
}

struct day_query {
	day_t from, to;
	bool only_unprocessed;
	struct day_list list;
};

static int
day_list_run(struct txn *txn, void *arg)
{
	struct day_query *q = arg;

	return txn_day_list(txn, 1, q->from, q->to, q->only_unprocessed, &q->list);
}

static int
day_get_run(struct txn *txn, void *arg)
{
	struct day_row *day = arg;

	return txn_day_get(txn, day->alp_user_id, day->day, day);
}

static void
a_day_comes_back_as_it_was_put(void **state)
{
	struct bench *b = *state;
	struct day_row day = {.alp_user_id = 1, .day = DAY_ONE, .generation = 3, .processed_generation = 2, .fetched_ms = 4,
	    .captured_seconds = 7, .excluded_seconds = 7, .bytes_replaced = 6, .upstream_empty_since_ms = 8, .upstream_empty_job = 9,
	    .rules_version = "v1"};
	struct day_row back = {.alp_user_id = 1, .day = DAY_ONE}, none = {.alp_user_id = 2, .day = DAY_ONE};

	assert_int_equal(write_now(b->store, day_put_run, &day), 0);
	assert_int_equal(read_now(b->store, day_get_run, &back), 0);
	assert_int_equal(back.generation, 3);
	assert_int_equal(back.processed_generation, 2);
	assert_int_equal(back.fetched_ms, 4);
	assert_int_equal(back.captured_seconds, 7);
	assert_int_equal(back.excluded_seconds, 7);
	assert_int_equal(back.bytes_replaced, 6);
	assert_int_equal(back.upstream_empty_since_ms, 8);
	assert_int_equal(back.upstream_empty_job, 9);
	assert_string_equal(back.rules_version, "v1");
	day.generation = 4;
	assert_int_equal(write_now(b->store, day_put_run, &day), 0);
	assert_int_equal(read_now(b->store, day_get_run, &back), 0);
	assert_int_equal(back.generation, 4);
	assert_int_equal(read_now(b->store, day_get_run, &none), -ENOENT);
}

static void
a_day_cannot_be_processed_before_it_was_fetched(void **state)
{
	struct bench *b = *state;
	struct day_row day = {.alp_user_id = 1, .day = DAY_ONE, .generation = 1, .processed_generation = 2};

	assert_int_equal(write_now(b->store, day_put_run, &day), -EINVAL);
}

static void
unprocessed_days_are_those_whose_rows_changed_since(void **state)
{
	struct bench *b = *state;
	struct day_query all = {.from = DAY_ONE - 5, .to = DAY_ONE + 5}, open = {.from = DAY_ONE, .to = DAY_ONE + 5, .only_unprocessed = true};

	for (int i = 0; i < 6; i++) {
		struct day_row day = {.alp_user_id = 1 + i % 2, .day = DAY_ONE + i, .generation = 2, .processed_generation = i == 2 ? 1 : 2};

		assert_int_equal(write_now(b->store, day_put_run, &day), 0);
	}
	assert_int_equal(read_now(b->store, day_list_run, &all), 0);
	assert_int_equal(all.list.count, 3);
	assert_int_equal(all.list.rows[0].day, DAY_ONE);
	assert_int_equal(all.list.rows[2].day, DAY_ONE + 4);
	assert_int_equal(read_now(b->store, day_list_run, &open), 0);
	assert_int_equal(open.list.count, 1);
	assert_int_equal(open.list.rows[0].day, DAY_ONE + 2);
	day_list_release(&all.list);
	day_list_release(&open.list);
}

struct log_put {
	struct activity_row row;
	int64_t captured;
	bool update;
};

static int
log_put_run(struct txn *txn, void *arg)
{
	const struct log_put *put = arg;
	struct day_row day = {.alp_user_id = 1, .day = DAY_ONE, .generation = 1, .captured_seconds = put->captured};
	int r = txn_day_put(txn, &day);

	if (r < 0)
		return r;
	return put->update ? txn_activity_update(txn, 1, DAY_ONE, &put->row) : txn_activity_add(txn, 1, DAY_ONE, &put->row);
}

static int
log_put(struct bench *b, bool update, const char *activity, const char *document, int64_t seconds, int64_t captured)
{
	char a[32], d[32], c[] = "Writing";
	struct log_put put = {.row = {.activity = a, .document = d, .category = c, .productivity = -2, .seconds = seconds},
	    .captured = captured, .update = update};

	snprintf(a, sizeof a, "%s", activity);
	snprintf(d, sizeof d, "%s", document);
	return write_now(b->store, log_put_run, &put);
}

static int
log_load_run(struct txn *txn, void *arg)
{
	return txn_activity_load(txn, 1, DAY_ONE, arg);
}

static int
log_delete_run(struct txn *txn, void *arg)
{
	struct day_row day = {.alp_user_id = 1, .day = DAY_ONE, .generation = 2, .captured_seconds = 12};
	int r = txn_day_put(txn, &day);

	(void)arg;
	return r < 0 ? r : txn_activity_delete(txn, 1, DAY_ONE, "Word", "b.docx");
}

static void
rows_are_one_a_document_and_sorted_by_bytes(void **state)
{
	struct bench *b = *state;
	struct activity_list list = {0};

	assert_int_equal(log_put(b, false, "Word", "b.docx", 9, 9), 0);
	assert_int_equal(log_put(b, false, "Word", "B.docx", 5, 14), 0);
	assert_int_equal(log_put(b, false, "Excel", "z", 3, 17), 0);
	assert_int_equal(log_put(b, false, "Word", "B.docx", 9, 21), -EEXIST);
	assert_int_equal(log_put(b, true, "Word", "c.docx", 9, 26), -ENOENT);
	assert_int_equal(log_put(b, true, "Word", "B.docx", 9, 21), 0);
	assert_int_equal(read_now(b->store, log_load_run, &list), 0);
	assert_int_equal(list.count, 3);
	assert_string_equal(list.rows[0].activity, "Excel");
	assert_string_equal(list.rows[1].document, "B.docx");
	assert_int_equal(list.rows[1].seconds, 9);
	assert_int_equal(list.rows[1].productivity, -2);
	assert_int_equal(list.rows[1].entry_id, 0);
	assert_null(list.rows[1].rule);
	assert_string_equal(list.rows[2].document, "b.docx");
	activity_list_release(&list);
	assert_int_equal(write_now(b->store, log_delete_run, NULL), 0);
	assert_int_equal(read_now(b->store, log_load_run, &list), 0);
	assert_int_equal(list.count, 2);
	activity_list_release(&list);
}

static int
assign_day_run(struct txn *txn, void *arg)
{
	return txn_activity_assign(txn, 1, DAY_ONE, arg);
}

static int
owners_of_day_run(struct txn *txn, void *arg)
{
	return txn_activity_owners(txn, 1, DAY_ONE, arg);
}

static void
the_rows_of_a_day_are_assigned_in_one_go(void **state)
{
	struct bench *b = *state;
	struct activity_list list = {0}, back = {0};

	assert_int_equal(log_put(b, false, "Word", "b.docx", 9, 9), 0);
	assert_int_equal(log_put(b, false, "Word", "a.docx", 5, 14), 0);
	assert_int_equal(log_put(b, false, "Excel", "z", 3, 17), 0);
	assert_int_equal(read_now(b->store, log_load_run, &list), 0);
	list.rows[0].rule = xstrdup("vague.tv");
	list.rows[2].rule = xstrdup("title.empty");
	assert_int_equal(write_now(b->store, assign_day_run, &list), 0);
	assert_int_equal(read_now(b->store, log_load_run, &back), 0);
	assert_string_equal(back.rows[0].rule, "vague.tv");
	assert_null(back.rows[1].rule);
	assert_string_equal(back.rows[2].rule, "title.empty");
	activity_list_release(&back);
	free(list.rows[0].rule);
	free(list.rows[2].rule);
	list.rows[0].rule = list.rows[2].rule = NULL;
	assert_int_equal(read_now(b->store, owners_of_day_run, &list), 0);
	assert_string_equal(list.rows[0].rule, "vague.tv");
	assert_null(list.rows[1].rule);
	assert_string_equal(list.rows[2].rule, "title.empty");
	/* A list of other rows. */
	list.count = 2;
	assert_int_equal(read_now(b->store, owners_of_day_run, &list), -EUCLEAN);
	list.count = 3;
	activity_list_release(&list);
}

/* What a worker may call a rule, and the largest numbers an entry can have. */
static char odd_rule[] = "say \"no\" \\ to\nit\x01\x7f\xc3\xa4", short_rule[] = "n";
static struct activity_row hard_rows[] = {
    {.activity = "a", .document = "1", .category = "c", .seconds = 1, .rule = odd_rule},
    {.activity = "a", .document = "2", .category = "c", .seconds = 1, .entry_id = INT64_MAX},
    {.activity = "a", .document = "3", .category = "c", .seconds = 1},
    {.activity = "a", .document = "4", .category = "c", .seconds = 1, .rule = short_rule},
    {.activity = "a", .document = "5", .category = "c", .seconds = 1, .entry_id = 1},
    {.activity = "a", .document = "6", .category = "c", .seconds = 1, .rule = odd_rule},
    {.activity = "a", .document = "7", .category = "c", .seconds = 1, .entry_id = 77},
};

static void
put_hard_rows(struct txn *txn)
{
	for (size_t i = 0; i < ELEMENTSOF(hard_rows); i++) {
		struct activity_row row = hard_rows[i];

		row.entry_id = 0;
		row.rule = NULL;
		assert_int_equal(txn_activity_add(txn, 1, DAY_ONE, &row), 0);
	}
	assert_int_equal(txn_activity_assign(txn, 1, DAY_ONE, &(struct activity_list){.rows = hard_rows, .count = ELEMENTSOF(hard_rows)}), 0);
}

static void
assert_same_text(const char *a, const char *b)
{
	assert_int_equal(a == NULL, b == NULL);
	if (a != NULL)
		assert_string_equal(a, b);
}

/* For people the view says the same. */
static void
assert_view_says_so(struct txn *txn)
{
	sqlite3_stmt *stmt = NULL;
	size_t at = 0;

	/* As in a shell: the engine would use no function for JSON in a view. */
	assert_int_equal(sqlite3_db_config(txn->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 1, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(txn->db, "SELECT document, entry_id, rule FROM activity_log_readable ORDER BY document", -1, &stmt, NULL), SQLITE_OK);
	for (; sqlite3_step(stmt) == SQLITE_ROW; at++) {
		assert_string_equal((const char *)sqlite3_column_text(stmt, 0), hard_rows[at].document);
		assert_int_equal(sqlite3_column_int64(stmt, 1), hard_rows[at].entry_id);
		assert_same_text((const char *)sqlite3_column_text(stmt, 2), hard_rows[at].rule);
	}
	assert_int_equal(at, ELEMENTSOF(hard_rows));
	assert_int_equal(sqlite3_finalize(stmt), SQLITE_OK);
	assert_int_equal(sqlite3_db_config(txn->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL), SQLITE_OK);
}

static int
hard_rows_run(struct txn *txn, void *arg)
{
	struct activity_list back = {0};

	(void)arg;
	put_hard_rows(txn);
	assert_int_equal(txn_activity_load(txn, 1, DAY_ONE, &back), 0);
	assert_int_equal(back.count, ELEMENTSOF(hard_rows));
	for (size_t i = 0; i < back.count; i++) {
		assert_int_equal(back.rows[i].entry_id, hard_rows[i].entry_id);
		assert_same_text(back.rows[i].rule, hard_rows[i].rule);
	}
	activity_list_release(&back);
	assert_view_says_so(txn);
	return -ECANCELED;
}

static void
whatever_a_row_belongs_to_comes_back(void **state)
{
	assert_int_equal(write_now(((struct bench *)*state)->store, hard_rows_run, NULL), -ECANCELED);
}

static void
count_unbilled(void *arg, day_t day, int64_t seconds, struct str rule)
{
	(void)day;
	(void)rule;
	*(int64_t *)arg += seconds;
}

static int
damage_run(struct txn *txn, void *arg)
{
	const char *damage = arg;
	_cleanup_free_ char *sql = xasprintf("UPDATE activity_owners SET %s", damage);
	struct activity_list back = {0};
	int64_t unbilled = 0;

	put_hard_rows(txn);
	assert_int_equal(txn_activity_unbilled(txn, 1, DAY_ONE, DAY_ONE, count_unbilled, &unbilled), 0);
	assert_int_equal(unbilled, 4);
	assert_int_equal(txn_exec(txn, sql), 0);
	assert_int_equal(txn_activity_load(txn, 1, DAY_ONE, &back), -EUCLEAN);
	assert_int_equal(txn_activity_unbilled(txn, 1, DAY_ONE, DAY_ONE, count_unbilled, &unbilled), -EUCLEAN);
	return -ECANCELED;
}

static void
damage_to_where_rows_belong_is_seen(void **state)
{
	static char damages[][80] = {
	    "numbers = substr(numbers, 1 + width)", "numbers = numbers || numbers", "numbers = replace(numbers, '0', 'x')", "rules = '[]'",
	    "rules = substr(rules, 1, length(rules) - 1)", "rules = ''", "rules = '[\"'", "first_entry = 9223372036854775807",
	    "numbers = replace(numbers, '2', '9')",
	};

	for (size_t i = 0; i < ELEMENTSOF(damages); i++)
		assert_int_equal(write_now(((struct bench *)*state)->store, damage_run, damages[i]), -ECANCELED);
}

static int
bad_rows_run(struct txn *txn, void *arg)
{
	char text[] = "a";
	struct activity_row row = {.activity = text, .document = text, .category = text, .seconds = 1, .entry_id = 99};
	int *results = arg;

	results[0] = txn_activity_add(txn, 1, DAY_ONE, &row);
	row.rule = text;
	results[1] = txn_activity_add(txn, 1, DAY_ONE, &row);
	row.entry_id = 0;
	row.productivity = 3;
	results[2] = txn_activity_add(txn, 1, DAY_ONE, &row);
	row.productivity = 2;
	row.document = NULL;
	results[3] = txn_activity_add(txn, 1, DAY_ONE, &row);
	return -ECANCELED;
}

static void
a_new_row_belongs_nowhere_and_has_all_it_needs(void **state)
{
	struct bench *b = *state;
	int results[4];

	assert_int_equal(write_now(b->store, bad_rows_run, results), -ECANCELED);
	for (size_t i = 0; i < ELEMENTSOF(results); i++)
		assert_int_equal(results[i], -EINVAL);
}

struct grain {
	struct str put;
	char *bytes;
	size_t len;
};

static int
grain_put_run(struct txn *txn, void *arg)
{
	return txn_grain_put(txn, 1, DAY_ONE, ((struct grain *)arg)->put);
}

static int
grain_get_run(struct txn *txn, void *arg)
{
	struct grain *g = arg;

	return txn_grain_get(txn, 1, DAY_ONE, &g->bytes, &g->len);
}

static void
the_grain_of_a_day_is_replaced_as_a_whole(void **state)
{
	struct bench *b = *state;
	_cleanup_free_ char *large = xcalloc(8 * 1024 * 1024, 1);
	struct grain g = {.put = {.p = large, .len = 8 * 1024 * 1024}};

	large[5000000] = 'x';
	assert_int_equal(read_now(b->store, grain_get_run, &g), -ENOENT);
	assert_int_equal(write_now(b->store, grain_put_run, &g), 0);
	assert_int_equal(read_now(b->store, grain_get_run, &g), 0);
	assert_int_equal(g.len, 8 * 1024 * 1024);
	assert_memory_equal(g.bytes, large, g.len);
	free(g.bytes);
	g.put = STR("a\0b");
	assert_int_equal(write_now(b->store, grain_put_run, &g), 0);
	assert_int_equal(read_now(b->store, grain_get_run, &g), 0);
	assert_int_equal(g.len, 3);
	assert_memory_equal(g.bytes, "a\0b", 3);
	free(g.bytes);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    STORE_TEST(a_day_comes_back_as_it_was_put),
	    STORE_TEST(a_day_cannot_be_processed_before_it_was_fetched),
	    STORE_TEST(unprocessed_days_are_those_whose_rows_changed_since),
	    STORE_TEST(rows_are_one_a_document_and_sorted_by_bytes),
	    STORE_TEST(the_rows_of_a_day_are_assigned_in_one_go),
	    STORE_TEST(whatever_a_row_belongs_to_comes_back),
	    STORE_TEST(damage_to_where_rows_belong_is_seen),
	    STORE_TEST(a_new_row_belongs_nowhere_and_has_all_it_needs),
	    STORE_TEST(the_grain_of_a_day_is_replaced_as_a_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
