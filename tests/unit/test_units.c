/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/macro.h"
#include "rules/units.h"

#define SECONDS_TESTED 36000

/* True if `tenths` is the smallest multiple of `step` tenths that covers the seconds: a tenth is 36 s, exactly. */
static int
is_begun_steps(int64_t tenths, int64_t step, int64_t seconds)
{
	return tenths % step == 0 && tenths * 36 >= seconds && (tenths - step) * 36 < seconds;
}

static void
no_time_is_no_units_whatever_the_minimum(void **state)
{
	(void)state;
	assert_int_equal(units_tenths((struct units_policy){.rounding = ROUNDING_TENTH_UP, .minimum_tenths = 5}, 0), 0);
	assert_int_equal(units_tenths((struct units_policy){.rounding = ROUNDING_UNIT_UP, .minimum_tenths = 5}, 0), 0);
	assert_int_equal(units_whole(0), 0);
}

static void
every_begun_tenth_counts_at_every_second(void **state)
{
	(void)state;
	for (int64_t s = 1; s <= SECONDS_TESTED; s++)
		assert_true(is_begun_steps(units_tenths((struct units_policy){.rounding = ROUNDING_TENTH_UP, .minimum_tenths = 0}, s), 1, s));
}

static void
every_begun_unit_counts_at_every_second(void **state)
{
	(void)state;
	for (int64_t s = 1; s <= SECONDS_TESTED; s++)
		assert_true(is_begun_steps(units_tenths((struct units_policy){.rounding = ROUNDING_UNIT_UP, .minimum_tenths = 0}, s), 10, s));
}

static void
a_minimum_lifts_what_is_below_it_and_nothing_else(void **state)
{
	static const enum rounding roundings[] = {ROUNDING_TENTH_UP, ROUNDING_UNIT_UP};
	static const int32_t minimums[] = {1, 3, 10, 15};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(roundings) * ELEMENTSOF(minimums); i++) {
		struct units_policy bare = {.rounding = roundings[i % 2]}, policy = {.rounding = roundings[i % 2], .minimum_tenths = minimums[i / 2]};

		for (int64_t s = 1; s <= SECONDS_TESTED; s++)
			assert_int_equal(units_tenths(policy, s), MAX_OF(units_tenths(bare, s), policy.minimum_tenths));
	}
}

static void
whole_units_for_alp_are_begun_units(void **state)
{
	(void)state;
	for (int64_t tenths = 1; tenths <= 1000; tenths++) {
		int64_t whole = units_whole(tenths);

		assert_true(whole * 10 >= tenths && (whole - 1) * 10 < tenths);
	}
}

/* Each step of 36 s is a tenth, in whatever way it came together: the prototype's floating point drifted here. */
static void
multiples_of_a_tenth_do_not_drift(void **state)
{
	(void)state;
	for (int64_t n = 1; n <= 100000; n++)
		assert_int_equal(units_tenths((struct units_policy){.rounding = ROUNDING_TENTH_UP, .minimum_tenths = 0}, n * 36), n);
}

static void
the_largest_amount_does_not_overflow(void **state)
{
	(void)state;
	assert_int_equal(units_tenths((struct units_policy){.rounding = ROUNDING_TENTH_UP, .minimum_tenths = 0}, INT64_MAX), INT64_MAX / 36 + 1);
	assert_true(units_tenths((struct units_policy){.rounding = ROUNDING_UNIT_UP, .minimum_tenths = 0}, INT64_MAX) > INT64_MAX / 36);
	assert_int_equal(units_whole(INT64_MAX), INT64_MAX / 10 + 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(no_time_is_no_units_whatever_the_minimum),
	    cmocka_unit_test(every_begun_tenth_counts_at_every_second),
	    cmocka_unit_test(every_begun_unit_counts_at_every_second),
	    cmocka_unit_test(a_minimum_lifts_what_is_below_it_and_nothing_else),
	    cmocka_unit_test(whole_units_for_alp_are_begun_units),
	    cmocka_unit_test(multiples_of_a_tenth_do_not_drift),
	    cmocka_unit_test(the_largest_amount_does_not_overflow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
