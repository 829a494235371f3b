/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <string.h>

#include "app/past.h"
#include "app/settle.h"
#include "app/supplement.h"
#include "base/alloc.h"

static const struct units_policy tenth_up = {.rounding = ROUNDING_TENTH_UP, .per = UNITS_PER_ENTRY};

struct day {
	struct entry_list list;
	int64_t *recorded;
	bool *changed;
};

static struct entry_row *
add(struct day *d, enum entry_status status, int64_t seconds, int64_t supplement_of)
{
	struct entry_row *e;

	d->list.rows = xreallocarray(d->list.rows, d->list.count + 1, sizeof *d->list.rows);
	e = &d->list.rows[d->list.count++];
	*e = ENTRY_ROW_INIT;
	e->entry_id = (int64_t)d->list.count;
	e->supplement_of = supplement_of;
	e->status = status;
	e->total_seconds = seconds;
	e->frozen_seconds = status == ENTRY_SUBMITTED ? seconds : -1;
	snprintf(e->source_hash, sizeof e->source_hash, "hash-%d", (int)d->list.count);
	e->application = xstrdup("Word");
	e->task_description = xstrdup("Lease");
	return e;
}

static void
touch(struct day *d, size_t at)
{
	d->list.rows[at].notes = xstrdup("mine");
}

static void
release(struct day *d)
{
	entry_list_release(&d->list);
	free(d->recorded);
	free(d->changed);
}

/* So many seconds are recorded of the first entry. */
static void
record(struct day *d, const struct units_policy *policy, int64_t seconds)
{
	d->recorded = xreallocarray(d->recorded, d->list.count, sizeof *d->recorded);
	d->changed = xreallocarray(d->changed, d->list.count, sizeof *d->changed);
	memset(d->recorded, 0, d->list.count * sizeof *d->recorded);
	memset(d->changed, 0, d->list.count * sizeof *d->changed);
	d->recorded[0] = seconds;
	settle_times(policy, 5, &d->list, &d->recorded, &d->changed);
	for (size_t at = 0; at < d->list.count; at++)
		if (d->list.rows[at].entry_id == 0)
			d->list.rows[at].entry_id = (int64_t)at + 1;
}

static void
assert_held(const struct day *d, const int64_t *seconds, size_t count)
{
	assert_int_equal(d->list.count, count);
	for (size_t at = 0; at < count; at++)
		assert_int_equal(d->list.rows[at].total_seconds, seconds[at]);
}
#define HELD(d, ...) assert_held((d), (int64_t[]){__VA_ARGS__}, ELEMENTSOF(((int64_t[]){__VA_ARGS__})))

/* What the day itself says was recorded, for whoever has no rows at hand. */
static void
assert_recorded(const struct day *d, int64_t seconds)
{
	int64_t recorded[8] = {0};

	supplements_recorded(&d->list, recorded);
	assert_int_equal(recorded[0], seconds);
	for (size_t at = 1; at < d->list.count; at++)
		assert_int_equal(recorded[at], 0);
}

static void
what_is_recorded_later_comes_as_a_supplement_that_adds_its_part_of_the_units(void **state)
{
	struct day d = {.recorded = NULL};

	(void)state;
	add(&d, ENTRY_SUBMITTED, 100, 0)->verdicts_id = 7;
	d.list.rows[0].person_matter = xstrdup("22069");
	record(&d, &tenth_up, 100);
	HELD(&d, 100);
	assert_false(d.changed[0]);
	/* 100 s are three begun tenths, and so are 108. */
	record(&d, &tenth_up, 108);
	HELD(&d, 100, 8);
	assert_int_equal(d.list.rows[1].units_tenths, 0);
	record(&d, &tenth_up, 109);
	HELD(&d, 100, 9);
	assert_int_equal(d.list.rows[1].units_tenths, 1);
	assert_int_equal(d.list.rows[0].drift_seconds, 9);
	assert_int_equal(d.list.rows[1].supplement_of, 1);
	assert_int_equal(d.list.rows[1].verdicts_id, 7);
	assert_string_equal(d.list.rows[1].matter_code, "22069");
	assert_string_not_equal(d.list.rows[1].source_hash, d.list.rows[0].source_hash);
	assert_recorded(&d, 109);
	record(&d, &tenth_up, 60);
	HELD(&d, 100, 0);
	assert_int_equal(d.list.rows[0].drift_seconds, -40);
	assert_int_equal(d.list.rows[1].status, ENTRY_WITHDRAWN);
	assert_recorded(&d, 60);
	release(&d);
}

static void
a_minimum_is_asked_for_once(void **state)
{
	struct units_policy policy = {.rounding = ROUNDING_UNIT_UP, .per = UNITS_PER_ENTRY, .minimum_tenths = 30};
	struct day d = {.recorded = NULL};

	(void)state;
	add(&d, ENTRY_SUBMITTED, 100, 0);
	record(&d, &policy, 1000);
	assert_int_equal(d.list.rows[1].units_tenths, 0);
	record(&d, &policy, 1081);
	assert_int_equal(d.list.rows[1].units_tenths, 10);
	release(&d);
}

static void
a_confirmed_supplement_that_grows_again_gets_another(void **state)
{
	struct day d = {.recorded = NULL};

	(void)state;
	add(&d, ENTRY_SUBMITTED, 100, 0);
	add(&d, ENTRY_SUBMITTED, 50, 1);
	record(&d, &tenth_up, 180);
	HELD(&d, 100, 50, 30);
	assert_int_equal(d.list.rows[0].drift_seconds, 30);
	assert_int_equal(d.list.rows[1].drift_seconds, 0);
	assert_int_equal(d.list.rows[2].units_tenths, 0);
	d.list.rows[2].status = ENTRY_SUBMITTED;
	d.list.rows[2].frozen_seconds = 30;
	record(&d, &tenth_up, 190);
	HELD(&d, 100, 50, 30, 10);
	assert_string_not_equal(d.list.rows[3].source_hash, d.list.rows[2].source_hash);
	record(&d, &tenth_up, 20);
	assert_int_equal(d.list.rows[0].drift_seconds, -160);
	assert_recorded(&d, 20);
	release(&d);
}

static void
an_open_entry_takes_the_untouched_parts_back_and_leaves_the_others(void **state)
{
	struct day d = {.recorded = NULL};

	(void)state;
	add(&d, ENTRY_PENDING, 100, 0);
	touch(&d, 0);
	add(&d, ENTRY_PENDING, 30, 1);
	add(&d, ENTRY_PENDING, 20, 1);
	touch(&d, 2);
	add(&d, ENTRY_IGNORED, 5, 1);
	add(&d, ENTRY_SUBMITTED, 40, 1);
	record(&d, &tenth_up, 300);
	HELD(&d, 235, 0, 20, 5, 40);
	assert_int_equal(d.list.rows[1].status, ENTRY_WITHDRAWN);
	assert_int_equal(d.list.rows[4].drift_seconds, 0);
	/* All together nine begun tenths: 40 s are two of them, 275 s eight. */
	assert_int_equal(d.list.rows[0].units_tenths, 6);
	assert_int_equal(d.list.rows[2].units_tenths, 1);
	record(&d, &tenth_up, 300);
	HELD(&d, 235, 0, 20, 5, 40);
	for (size_t at = 0; at < 5; at++)
		assert_false(d.changed[at]);
	/* There is not even so much: the entry gives first. */
	record(&d, &tenth_up, 62);
	HELD(&d, 0, 0, 20, 2, 40);
	assert_true(d.list.rows[0].rows_vanished);
	record(&d, &tenth_up, 30);
	HELD(&d, 0, 0, 0, 0, 40);
	assert_int_equal(d.list.rows[4].drift_seconds, -10);
	assert_recorded(&d, 30);
	release(&d);
}

static void
rows_stay_for_a_supplement_that_a_person_decided_about(void **state)
{
	struct day d = {.recorded = NULL};
	bool kept[4];

	(void)state;
	add(&d, ENTRY_PENDING, 100, 0);
	add(&d, ENTRY_PENDING, 100, 0);
	add(&d, ENTRY_SUBMITTED, 10, 1);
	add(&d, ENTRY_WITHDRAWN, 0, 2);
	supplements_kept(&d.list, kept);
	assert_true(kept[0] && kept[2]);
	assert_false(kept[1] || kept[3]);
	release(&d);
}

/* Two families whose entries stand among each other's: each was priced with its own. */
static void
what_was_confirmed_before_is_of_the_same_family(void **state)
{
	static const int64_t want[] = {0, 0, 100, 40, 0, 130, 130};
	struct day d = {.recorded = NULL};
	int64_t before[ELEMENTSOF(want)];

	(void)state;
	add(&d, ENTRY_SUBMITTED, 100, 0);
	add(&d, ENTRY_SUBMITTED, 40, 0);
	add(&d, ENTRY_SUBMITTED, 30, 1);
	add(&d, ENTRY_PENDING, 7, 2);
	add(&d, ENTRY_PENDING, 500, 0);
	add(&d, ENTRY_PENDING, 9, 1);
	add(&d, ENTRY_SUBMITTED, 1, 1);
	supplements_confirmed_before(&d.list, before);
	for (size_t i = 0; i < ELEMENTSOF(want); i++)
		assert_int_equal(before[i], want[i]);
	release(&d);
}

static void
an_untouched_supplement_says_what_its_entry_says(void **state)
{
	struct day d = {.recorded = NULL};

	(void)state;
	add(&d, ENTRY_SUBMITTED, 100, 0);
	record(&d, &tenth_up, 200);
	d.list.rows[0].person_description = xstrdup("Advising");
	d.list.rows[0].person_matter = xstrdup("");
	record(&d, &tenth_up, 200);
	assert_true(d.changed[1]);
	assert_string_equal(d.list.rows[1].task_description, "Advising");
	assert_null(d.list.rows[1].matter_code);
	touch(&d, 1);
	d.list.rows[0].person_description[0] = 'a';
	record(&d, &tenth_up, 200);
	assert_false(d.changed[1]);
	assert_string_equal(d.list.rows[1].task_description, "Advising");
	release(&d);
}

static void
what_was_said_before_is_found_by_its_units(void **state)
{
	_cleanup_free_ char *past = NULL;
	struct past_value said;

	(void)state;
	assert_false(past_find(NULL, 3, &said));
	past_note(&past, &(struct past_value){100, 3, 1, 1, 0});
	past_note(&past, &(struct past_value){105, 3, 1, 1, 0});
	past_note(&past, &(struct past_value){400, 12, 2, 2, 5});
	assert_true(past_find(past, 3, &said));
	assert_int_equal(said.seconds, 105);
	assert_true(past_find(past, 12, &said));
	assert_int_equal(said.rounding, 2);
	assert_int_equal(said.minimum_tenths, 5);
	assert_false(past_find(past, 11, &said));
	for (int i = 0; i < 2 * PAST_MAX; i++)
		past_note(&past, &(struct past_value){1000000000000000 + i, 1000000 + i, 1, 1, 100});
	assert_false(past_find(past, 3, &said));
	assert_true(past_find(past, 1000000 + PAST_MAX, &said));
	assert_false(past_find(past, 1000000 + PAST_MAX - 1, &said));
	assert_false(past_find("nonsense", 3, &said));
	assert_false(past_find("1 3", 3, &said));
}

static void
a_draft_remembers_what_it_said_and_a_confirmed_one_says_nothing_new(void **state)
{
	struct day d = {.recorded = NULL};
	struct past_value said;

	(void)state;
	add(&d, ENTRY_PENDING, 0, 0);
	record(&d, &tenth_up, 100);
	assert_null(d.list.rows[0].machine_values);
	record(&d, &tenth_up, 200);
	assert_true(past_find(d.list.rows[0].machine_values, 3, &said));
	assert_int_equal(said.seconds, 100);
	assert_false(past_find(d.list.rows[0].machine_values, 6, &said));
	d.list.rows[0].status = ENTRY_SUBMITTED;
	d.list.rows[0].frozen_seconds = 200;
	record(&d, &tenth_up, 300);
	assert_int_equal(d.list.rows[0].units_tenths, 6);
	assert_false(past_find(d.list.rows[0].machine_values, 6, &said));
	release(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_recorded_later_comes_as_a_supplement_that_adds_its_part_of_the_units),
	    cmocka_unit_test(a_minimum_is_asked_for_once),
	    cmocka_unit_test(a_confirmed_supplement_that_grows_again_gets_another),
	    cmocka_unit_test(an_open_entry_takes_the_untouched_parts_back_and_leaves_the_others),
	    cmocka_unit_test(rows_stay_for_a_supplement_that_a_person_decided_about),
	    cmocka_unit_test(what_was_confirmed_before_is_of_the_same_family),
	    cmocka_unit_test(an_untouched_supplement_says_what_its_entry_says),
	    cmocka_unit_test(what_was_said_before_is_found_by_its_units),
	    cmocka_unit_test(a_draft_remembers_what_it_said_and_a_confirmed_one_says_nothing_new),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
