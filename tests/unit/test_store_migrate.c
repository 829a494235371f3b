/* SPDX-License-Identifier: Apache-2.0 */
/* What opening makes of files in every state: none, ours, newer, someone else's, damaged. */
#include "store_unit.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include "base/clock.h"

static void
shell(const char *path, const char *sql)
{
	sqlite3 *db = NULL;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void
overwrite(const char *path, long offset, size_t len, int byte)
{
	FILE *f = fopen(path, "r+b");

	assert_non_null(f);
	assert_int_equal(fseek(f, offset, SEEK_SET), 0);
	while (len-- > 0)
		assert_int_not_equal(fputc(byte, f), EOF);
	assert_int_equal(fclose(f), 0);
}

static int
file_setup(void **state)
{
	struct bench *b = xcalloc(1, sizeof *b);

	bench_make(b);
	*state = b;
	return 0;
}

#define FILE_TEST(f) cmocka_unit_test_setup_teardown(f, file_setup, bench_teardown)

static void
an_empty_directory_gets_the_newest_schema_and_keeps_it(void **state)
{
	struct bench *b = *state;

	assert_int_equal(bench_open(b), 0);
	assert_true(b->migrated);
	assert_true(b->schema >= 1);
	b->store = store_close(b->store);
	assert_int_equal(bench_open(b), 0);
	assert_false(b->migrated);
}

static void
a_newer_schema_is_left_alone(void **state)
{
	struct bench *b = *state;

	assert_int_equal(bench_open(b), 0);
	b->store = store_close(b->store);
	shell(b->path, "PRAGMA user_version = 9999");
	assert_int_equal(bench_open(b), -EPROTO);
	shell(b->path, "PRAGMA user_version = 1");
	assert_int_equal(bench_open(b), 0);
}

static void
another_programs_database_is_not_built_upon(void **state)
{
	struct bench *b = *state;

	shell(b->path, "CREATE TABLE theirs (a)");
	assert_int_equal(bench_open(b), -EUCLEAN);
	shell(b->path, "PRAGMA user_version = 1");
	assert_int_equal(bench_open(b), -EUCLEAN);
}

static void
a_file_that_is_no_database_is_refused(void **state)
{
	struct bench *b = *state;

	assert_int_equal(bench_open(b), 0);
	b->store = store_close(b->store);
	overwrite(b->path, 0, 100, 'x');
	assert_int_equal(bench_open(b), -EUCLEAN);
}

static void
damage_inside_is_found_when_it_is_opened(void **state)
{
	struct bench *b = *state;
	struct stat st;

	assert_int_equal(bench_open(b), 0);
	b->store = store_close(b->store);
	assert_int_equal(stat(b->path, &st), 0);
	overwrite(b->path, 4096 * 3, 2000, 0xa5);
	assert_int_equal(bench_open(b), -EUCLEAN);
	assert_int_equal(stat(b->path, &st), 0);
}

static void
a_file_cut_short_is_refused(void **state)
{
	struct bench *b = *state;

	assert_int_equal(bench_open(b), 0);
	b->store = store_close(b->store);
	assert_int_equal(truncate(b->path, 4096 * 4), 0);
	assert_int_equal(bench_open(b), -EUCLEAN);
}

/* A start that died half-way through the schema finds the file as it was and does it again. */
static void
a_step_is_done_wholly_or_not_at_all(void **state)
{
	struct bench *b = *state;

	/* A table of the second half of the first step is in the way: the step fails. */
	shell(b->path, "CREATE TABLE time_entries (a); PRAGMA application_id = 0");
	assert_int_equal(bench_open(b), -EUCLEAN);
	shell(b->path, "DROP TABLE time_entries");
	assert_int_equal(bench_open(b), 0);
	assert_true(b->migrated);
}

static int
dates_run(struct txn *txn, void *arg)
{
	struct day_row day = {.alp_user_id = 1, .day = DAY_ONE};
	struct activity_row row = {.activity = (char *)arg, .document = (char *)arg, .seconds = 5};
	int r = txn_day_put(txn, &day);

	day.captured_seconds = 5;
	r = r < 0 ? r : txn_day_put(txn, &day);
	return r < 0 ? r : txn_activity_add(txn, 1, DAY_ONE, &row);
}

static void
people_see_dates_in_the_readable_views(void **state)
{
	struct bench *b = *state;
	char text[] = "a";
	sqlite3 *db = NULL;
	sqlite3_stmt *stmt = NULL;

	assert_int_equal(bench_open(b), 0);
	assert_int_equal(write_now(b->store, dates_run, text), 0);
	b->store = store_close(b->store);
	assert_int_equal(sqlite3_open(b->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, "SELECT log_date FROM activity_log_readable", -1, &stmt, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	assert_string_equal((const char *)sqlite3_column_text(stmt, 0), "2026-11-20");
	sqlite3_finalize(stmt);
	assert_int_equal(sqlite3_exec(db, "SELECT * FROM time_entries_readable; SELECT * FROM jobs_readable", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    FILE_TEST(an_empty_directory_gets_the_newest_schema_and_keeps_it),
	    FILE_TEST(a_newer_schema_is_left_alone),
	    FILE_TEST(another_programs_database_is_not_built_upon),
	    FILE_TEST(a_file_that_is_no_database_is_refused),
	    FILE_TEST(damage_inside_is_found_when_it_is_opened),
	    FILE_TEST(a_file_cut_short_is_refused),
	    FILE_TEST(a_step_is_done_wholly_or_not_at_all),
	    FILE_TEST(people_see_dates_in_the_readable_views),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
