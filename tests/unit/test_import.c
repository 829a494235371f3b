/* SPDX-License-Identifier: Apache-2.0 */
/* Days out of the prototype's database, against a real store, of which everything that ought to hold does afterwards. */
#include "unit.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "app/import.h"
#include "app/report.h"
#include "app_unit.h"
#include "base/alloc.h"
#include "store/check.h"

#define USER 42
#define DAY  ((day_t)18000)

static struct bench {
	char dir[64], path[96];
	struct store *store;
	struct app *app;
} b;

static int
setup(void **state)
{
	struct store_options options = {.path = b.path, .readers = 1};
	struct app_options app_options = {.hooks = IDLE_HOOKS, .max_live_jobs = 10, .default_zone = "UTC",
	    .units = {.rounding = ROUNDING_TENTH_UP}, .posting = {.reference_field = "", .looks = 3, .sends_max = 3}};
	bool migrated;
	int schema;

	(void)state;
	snprintf(b.dir, sizeof b.dir, "/tmp/rtalp-import-XXXXXX");
	assert_non_null(mkdtemp(b.dir));
	snprintf(b.path, sizeof b.path, "%s/t.db", b.dir);
	assert_int_equal(store_open(&options, &b.store, &schema, &migrated), 0);
	app_options.store = b.store;
	b.app = app_new(&app_options);
	app_has_keeper(b.app, 1);
	return 0;
}

struct check {
	char *violation;
	struct verb_answer answer;
};

static int
check_run(struct txn *txn, void *arg)
{
	return store_check(txn, &((struct check *)arg)->violation);
}

static void
check_done(int r, void *arg)
{
	((struct check *)arg)->answer = (struct verb_answer){true, r};
}

static int
teardown(void **state)
{
	struct check c = {0};

	(void)state;
	store_read(b.store, check_run, check_done, &c);
	(void)verb_await(b.store, &c.answer);
	if (c.violation != NULL)
		fail_msg("%s", c.violation);
	b.store = store_close(b.store);
	b.app = app_free(b.app);
	remove_store(b.path, b.dir);
	return 0;
}

/* --- what tests say ------------------------------------------------------------------------------------------------------- */

static struct import_line
a_row(const char *document, int64_t seconds)
{
	return (struct import_line){.table = IMPORT_ACTIVITY, .row = 1, .application = xstrdup("word"), .description = xstrdup(document), .seconds = seconds,
	    .units_tenths = -1};
}

static struct import_line
an_entry(enum import_table table, const char *task, int64_t seconds, enum entry_status status)
{
	return (struct import_line){.table = table, .row = 1, .application = xstrdup("word"), .description = xstrdup(task), .seconds = seconds,
	    .units_tenths = table == IMPORT_PROCESSED ? 20 : -1, .status = status, .source_hash = xstrdup(task)};
}

static int
read_nothing(void *arg)
{
	(void)arg;
	return 0;
}

/* Takes the texts over. */
static struct import_day
import(const struct import_line *lines, size_t count, bool dry_run, int expected)
{
	struct import_day v = {.alp_user_id = USER, .day = DAY, .dry_run = dry_run, .count = count, .read = read_nothing};
	struct verb_answer a = {0};

	v.lines = xmemdup(lines, count, sizeof *lines);
	app_import_day(b.app, &v, verb_done, &a);
	assert_int_equal(verb_await(b.store, &a), expected);
	return v;
}

/* Balanced, too. */
static struct report_sums
the_report(int expected)
{
	struct report_day v = {.alp_user_id = USER, .day = DAY};
	struct verb_answer a = {0};
	struct report_sums sums;

	app_report_day(b.app, &v, verb_done, &a);
	assert_int_equal(verb_await(b.store, &a), expected);
	sums = v.sums;
	assert_true(expected < 0 || report_is_balanced(&sums));
	report_day_release(&v);
	return sums;
}

static void
expect_counts(struct import_day v, int64_t taken, int64_t there, int64_t left, int64_t not_taken)
{
	assert_int_equal(v.counts[IMPORT_TAKEN], taken);
	assert_int_equal(v.counts[IMPORT_THERE], there);
	assert_int_equal(v.counts[IMPORT_LEFT], left);
	assert_int_equal(v.counts[IMPORT_NOT_TAKEN], not_taken);
	import_day_release(&v);
}

/* Submitted with more than was recorded, ignored, left to the rules; a row of nobody. */
static struct import_day
import_a_day(bool dry_run)
{
	const struct import_line lines[] = {
	    a_row("Lease", 600), a_row("Lease - Read-Only", 60), a_row("Inbox", 100), a_row("Deed", 50), a_row("New Tab", 7),
	    an_entry(IMPORT_DRAFT, "Lease", 700, ENTRY_SUBMITTED), an_entry(IMPORT_PROCESSED, "Lease", 0, ENTRY_SUBMITTED),
	    an_entry(IMPORT_DRAFT, "Inbox", 100, ENTRY_IGNORED), an_entry(IMPORT_DRAFT, "Deed", 50, ENTRY_PENDING),
	};

	return import(lines, ELEMENTSOF(lines), dry_run, dry_run ? -IMPORT_DRY_RUN : 0);
}

/* --- tests ---------------------------------------------------------------------------------------------------------------- */

static void
test_a_day_is_taken_once(void **state)
{
	struct report_sums sums;

	(void)state;
	expect_counts(import_a_day(false), 8, 0, 1, 0);
	sums = the_report(0);
	assert_int_equal(sums.captured_seconds, 817);
	assert_int_equal(sums.submitted_seconds, 700);
	assert_int_equal(sums.overhang_seconds, 40);
	assert_int_equal(sums.ignored_seconds, 100);
	assert_int_equal(sums.unprocessed_seconds, 57);
	expect_counts(import_a_day(false), 0, 8, 1, 0);
	assert_int_equal(the_report(0).captured_seconds, 817);
}

static void
test_a_dry_run_leaves_nothing(void **state)
{
	(void)state;
	expect_counts(import_a_day(true), 8, 0, 1, 0);
	(void)the_report(-ENOENT);
	expect_counts(import_a_day(false), 8, 0, 1, 0);
}

static void
test_what_was_submitted_without_rows_is_there_before_them(void **state)
{
	const struct import_line submitted = an_entry(IMPORT_PROCESSED, "Lease", 0, ENTRY_SUBMITTED), row = a_row("Deed", 30);

	(void)state;
	expect_counts(import(&submitted, 1, false, 0), 1, 0, 0, 0);
	assert_int_equal(the_report(0).overhang_seconds, 720);
	/* Nothing was recorded of the day, so what is in another file may still be. */
	expect_counts(import(&row, 1, false, 0), 1, 0, 0, 0);
	assert_int_equal(the_report(0).unprocessed_seconds, 30);
}

static void
test_of_a_day_that_is_here_no_row_changes(void **state)
{
	const struct import_line first[] = {a_row("Lease", 600), a_row("Deed", 50)};
	const struct import_line second[] = {a_row("Lease", 900), a_row("Deed", 50), an_entry(IMPORT_DRAFT, "Deed", 50, ENTRY_IGNORED),
	    an_entry(IMPORT_DRAFT, "Lease", 900, ENTRY_SUBMITTED), an_entry(IMPORT_PROCESSED, "Lease", 0, ENTRY_SUBMITTED)};
	struct report_sums sums;

	(void)state;
	expect_counts(import(first, 2, false, 0), 2, 0, 0, 0);
	expect_counts(import(second, ELEMENTSOF(second), false, 0), 2, 1, 0, 2);
	sums = the_report(0);
	assert_int_equal(sums.captured_seconds, 650);
	assert_int_equal(sums.submitted_seconds, 900);
	assert_int_equal(sums.overhang_seconds, 300);
	assert_int_equal(sums.ignored_seconds, 0);
}

static void
test_a_hash_that_stands_twice_is_one_entry(void **state)
{
	const struct import_line lines[] = {a_row("Lease", 600), an_entry(IMPORT_PROCESSED, "Lease", 0, ENTRY_SUBMITTED),
	    an_entry(IMPORT_PROCESSED, "Lease", 0, ENTRY_SUBMITTED)};
	struct import_day v = import(lines, ELEMENTSOF(lines), false, 0);

	(void)state;
	assert_string_equal(v.lines[1].reason, "no_draft");
	assert_string_equal(v.lines[2].reason, "duplicate_hash");
	expect_counts(v, 2, 0, 0, 1);
	assert_int_equal(the_report(0).submitted_seconds, 600);
}

static void
test_tomorrow_is_refused(void **state)
{
	struct import_line line = a_row("Lease", 600);
	struct import_day v = {.alp_user_id = USER, .day = DAY_MAX, .count = 1, .read = read_nothing, .lines = xmemdup(&line, 1, sizeof line)};
	struct verb_answer a = {0};

	(void)state;
	app_import_day(b.app, &v, verb_done, &a);
	assert_int_equal(verb_await(b.store, &a), -EINVAL);
	assert_string_equal(v.fault.field, "date");
	import_day_release(&v);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(test_a_day_is_taken_once),
	    CASE(test_a_dry_run_leaves_nothing),
	    CASE(test_what_was_submitted_without_rows_is_there_before_them),
	    CASE(test_of_a_day_that_is_here_no_row_changes),
	    CASE(test_a_hash_that_stands_twice_is_one_entry),
	    CASE(test_tomorrow_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
