/* SPDX-License-Identifier: Apache-2.0 */
/* What was dropped on a range of days is told rule by rule, however many rules there were. */
#include "app_unit.h"

#include <string.h>

#include "app/report.h"
#include "store/activity.h"

#define USER  7
#define DAY   20000
#define DAYS  3
#define RULES 100

static struct {
	char dir[64], path[96];
	struct store *store;
	struct app *app;
} b;

/* Rule n dropped n + 1 seconds of each day. */
static int
drop(struct txn *txn, day_t day)
{
	static char rules[RULES][16];
	struct activity_row rows[RULES];
	int r = 0;

	for (int n = 0; n < RULES && r == 0; n++) {
		char document[16];

		snprintf(document, sizeof document, "d%03d", n);
		snprintf(rules[n], sizeof rules[n], "rule-%d", n);
		rows[n] = (struct activity_row){.activity = "Word", .document = document, .category = "c", .seconds = n + 1};
		r = txn_activity_add(txn, USER, day, &rows[n]);
		rows[n].rule = rules[n];
	}
	return r < 0 ? r : txn_activity_assign(txn, USER, day, &(struct activity_list){.rows = rows, .count = RULES});
}

static int
fill_run(struct txn *txn, void *arg)
{
	int r = 0;

	(void)arg;
	for (day_t day = DAY; day < DAY + DAYS && r == 0; day++) {
		struct day_row row = {
		    .alp_user_id = USER, .day = day, .generation = 1, .processed_generation = 1, .captured_seconds = RULES * (RULES + 1) / 2,
		};

		r = txn_day_put(txn, &row);
		if (r == 0)
			r = drop(txn, day);
	}
	return r;
}

static int
setup(void **state)
{
	struct store_options options = {.path = b.path, .readers = 1};
	struct app_options app_options = {.hooks = IDLE_HOOKS, .max_live_jobs = 10, .default_zone = "UTC",
	    .units = {.rounding = ROUNDING_TENTH_UP}};
	struct verb_answer a = {false, 0};
	bool migrated;
	int schema;

	(void)state;
	snprintf(b.dir, sizeof b.dir, "/tmp/rtalp-report-XXXXXX");
	assert_non_null(mkdtemp(b.dir));
	snprintf(b.path, sizeof b.path, "%s/t.db", b.dir);
	assert_int_equal(store_open(&options, &b.store, &schema, &migrated), 0);
	app_options.store = b.store;
	b.app = app_new(&app_options);
	app_has_keeper(b.app, 1);
	store_write(b.store, fill_run, verb_done, &a);
	assert_int_equal(verb_await(b.store, &a), 0);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	b.store = store_close(b.store);
	b.app = app_free(b.app);
	remove_store(b.path, b.dir);
	return 0;
}

static void
every_rule_that_dropped_something_is_told_once_with_its_time(void **state)
{
	struct report_range v = {.alp_user_id = USER, .from = DAY, .to = DAY + DAYS - 1};
	struct verb_answer a = {false, 0};

	(void)state;
	app_report_range(b.app, &v, verb_done, &a);
	assert_int_equal(verb_await(b.store, &a), 0);
	assert_int_equal(v.filtered.count, RULES);
	/* Most time first. */
	for (int n = 0; n < RULES; n++) {
		char rule[16];

		snprintf(rule, sizeof rule, "rule-%d", RULES - 1 - n);
		assert_string_equal(v.filtered.rows[n].rule, rule);
		assert_int_equal(v.filtered.rows[n].seconds, (RULES - n) * DAYS);
		assert_int_equal(v.filtered.rows[n].rows, DAYS);
	}
	assert_int_equal(v.sums.filtered_seconds, v.sums.captured_seconds);
	report_range_release(&v);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_rule_that_dropped_something_is_told_once_with_its_time),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
