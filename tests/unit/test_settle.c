/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <string.h>

#include "app/settle.h"
#include "base/alloc.h"

#define LINES_MAX 8

static const struct units_policy by_entry = {.rounding = ROUNDING_UNIT_UP, .per = UNITS_PER_ENTRY};
static const struct units_policy by_matter = {.rounding = ROUNDING_UNIT_UP, .per = UNITS_PER_MATTER};

struct day {
	struct entry_row rows[LINES_MAX];
	struct entry_list list;
	bool changed[LINES_MAX];
};

static struct entry_row *
add(struct day *d, int64_t seconds, const char *matter)
{
	struct entry_row *e = &d->rows[d->list.count++];

	*e = ENTRY_ROW_INIT;
	e->entry_id = (int64_t)d->list.count;
	e->status = ENTRY_PENDING;
	e->total_seconds = seconds;
	e->matter_code = matter != NULL ? xstrdup(matter) : NULL;
	d->list.rows = d->rows;
	return e;
}

static void
release(struct day *d)
{
	for (size_t i = 0; i < d->list.count; i++)
		entry_row_release(&d->rows[i]);
}

static void
assert_units(struct day *d, const struct units_policy *policy, const int64_t *want)
{
	memset(d->changed, 0, sizeof d->changed);
	settle_day(policy, &d->list, d->changed);
	for (size_t i = 0; i < d->list.count; i++)
		assert_int_equal(d->rows[i].units_tenths, want[i]);
}

static void
each_line_is_priced_by_itself_with_the_numbers_that_did_it(void **state)
{
	struct day d = {.list.count = 0};

	(void)state;
	add(&d, 60, "22069");
	add(&d, 361, "22069");
	assert_units(&d, &by_entry, (int64_t[]){10, 20});
	assert_int_equal(d.rows[0].rounding, ROUNDING_UNIT_UP);
	assert_int_equal(d.rows[0].units_per, UNITS_PER_ENTRY);
	assert_true(d.changed[0] && d.changed[1]);
	assert_units(&d, &by_entry, (int64_t[]){10, 20});
	assert_false(d.changed[0] || d.changed[1]);
	release(&d);
}

/* Six lines of a minute are one begun unit of the matter, not six. */
static void
a_matter_is_rounded_once_and_spread_over_its_lines(void **state)
{
	struct day d = {.list.count = 0};

	(void)state;
	for (int i = 0; i < 6; i++)
		add(&d, 60, "22069");
	add(&d, 60, "11111");
	add(&d, 60, NULL);
	assert_units(&d, &by_matter, (int64_t[]){2, 2, 2, 2, 1, 1, 10, 10});
	release(&d);
}

static void
the_matter_that_a_reader_sees_is_the_one_that_counts(void **state)
{
	struct day d = {.list.count = 0};

	(void)state;
	add(&d, 60, "22069");
	add(&d, 60, "11111")->person_matter = xstrdup("22069");
	add(&d, 60, "22069")->person_matter = xstrdup("");
	assert_units(&d, &by_matter, (int64_t[]){5, 5, 10});
	release(&d);
}

/* 100 s were billed as a unit; with 300 s more the matter is two units, of which one is left. */
static void
what_was_submitted_keeps_its_units_and_takes_them_from_the_sum(void **state)
{
	struct day d = {.list.count = 0};
	struct entry_row *submitted;

	(void)state;
	submitted = add(&d, 100, "22069");
	submitted->status = ENTRY_SUBMITTED;
	submitted->frozen_seconds = 100;
	submitted->units_tenths = 10;
	add(&d, 300, "22069");
	assert_units(&d, &by_matter, (int64_t[]){10, 10});
	assert_false(d.changed[0]);
	submitted->units_tenths = 30;
	assert_units(&d, &by_matter, (int64_t[]){30, 0});
	release(&d);
}

static void
an_ignored_line_is_nobodys_and_is_not_written(void **state)
{
	struct day d = {.list.count = 0};
	struct entry_row *ignored;

	(void)state;
	ignored = add(&d, 3600, "22069");
	ignored->status = ENTRY_IGNORED;
	ignored->units_tenths = 7;
	add(&d, 60, "22069");
	assert_units(&d, &by_matter, (int64_t[]){7, 10});
	assert_units(&d, &by_entry, (int64_t[]){7, 10});
	assert_false(d.changed[0]);
	release(&d);
}

/* The machine's value moves underneath; what the person said stays what a reader sees. */
static void
a_persons_units_are_not_touched(void **state)
{
	struct day d = {.list.count = 0};

	(void)state;
	add(&d, 60, "22069")->person_units_tenths = 33;
	add(&d, 60, "22069");
	assert_units(&d, &by_matter, (int64_t[]){5, 5});
	assert_int_equal(d.rows[0].person_units_tenths, 33);
	assert_int_equal(entry_units_tenths(&d.rows[0]), 33);
	release(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_line_is_priced_by_itself_with_the_numbers_that_did_it),
	    cmocka_unit_test(a_matter_is_rounded_once_and_spread_over_its_lines),
	    cmocka_unit_test(the_matter_that_a_reader_sees_is_the_one_that_counts),
	    cmocka_unit_test(what_was_submitted_keeps_its_units_and_takes_them_from_the_sum),
	    cmocka_unit_test(an_ignored_line_is_nobodys_and_is_not_written),
	    cmocka_unit_test(a_persons_units_are_not_touched),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
