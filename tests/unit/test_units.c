/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <stdbool.h>

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

/* Nothing but adding ones: second by second, a step is begun whenever the steps before are used up. */
static int64_t
count_tenths(int64_t seconds, int64_t step_seconds, int64_t step_tenths)
{
	int64_t tenths = 0, covered = 0;

	for (int64_t s = 1; s <= seconds; s++)
		if (s > covered) {
			covered += step_seconds;
			tenths += step_tenths;
		}
	return tenths;
}

static void
every_second_of_ten_hours_is_what_counting_says(void **state)
{
	static const int32_t minimums[] = {0, 1, 7, 10, 25};
	int64_t tenth_up = 0, unit_up = 0;

	(void)state;
	for (int64_t s = 0; s <= SECONDS_TESTED; s++) {
		/* Counting from nothing each time would take minutes: a step is begun by each second that the ones before leave uncovered. */
		tenth_up += s > tenth_up * 36;
		unit_up += s > unit_up * 36 ? 10 : 0;
		if (s % 4999 == 0) {
			assert_int_equal(tenth_up, count_tenths(s, 36, 1));
			assert_int_equal(unit_up, count_tenths(s, 360, 10));
		}
		for (size_t i = 0; i < ELEMENTSOF(minimums); i++) {
			const struct units_policy tenths = {.rounding = ROUNDING_TENTH_UP, .minimum_tenths = minimums[i]};
			const struct units_policy units = {.rounding = ROUNDING_UNIT_UP, .minimum_tenths = minimums[i]};
			int64_t least = s > 0 ? minimums[i] : 0;

			assert_int_equal(units_tenths(tenths, s), MAX_OF(tenth_up, least));
			assert_int_equal(units_tenths(units, s), MAX_OF(unit_up, least));
		}
	}
}

#define LINES_MAX 12

/* What "largest remainder, ties by order" says of each pair of lines, without the arithmetic of who is first. */
static void
assert_spread(const int64_t *seconds, size_t count, int64_t tenths)
{
	int64_t got[LINES_MAX], all = 0, sum = 0;

	units_spread(seconds, count, tenths, got);
	for (size_t i = 0; i < count; i++) {
		all += seconds[i];
		sum += got[i];
	}
	assert_int_equal(sum, all > 0 ? tenths : 0);
	for (size_t i = 0; i < count && all > 0; i++) {
		int64_t over_i = got[i] * all - tenths * seconds[i];

		/* Less than one tenth away from the exact share, on either side; so never negative. */
		assert_true(over_i < all && over_i > -all && got[i] >= 0);
		for (size_t k = 0; k < count; k++) {
			int64_t over_k = got[k] * all - tenths * seconds[k];
			int64_t rest_i = over_i > 0 ? all - over_i : -over_i, rest_k = over_k > 0 ? all - over_k : -over_k;

			/* One rounded up, the other down. */
			if (over_i > 0 && over_k <= 0)
				assert_true(rest_i > rest_k || (rest_i == rest_k && i < k));
		}
	}
}

static void
three_lines_share_every_sum_by_largest_remainder(void **state)
{
	(void)state;
	for (int64_t a = 0; a <= 12; a++)
		for (int64_t b = 0; b <= 12; b++)
			for (int64_t c = 0; c <= 12; c++)
				for (int64_t tenths = 0; tenths <= 24; tenths++)
					assert_spread((int64_t[]){a, b, c}, 3, tenths);
}

static void
the_units_of_every_second_are_spread_without_rest(void **state)
{
	static const enum rounding roundings[] = {ROUNDING_TENTH_UP, ROUNDING_UNIT_UP};

	(void)state;
	for (int64_t s = 0; s <= SECONDS_TESTED; s++)
		for (size_t i = 0; i < ELEMENTSOF(roundings); i++) {
			const struct units_policy policy = {.rounding = roundings[i], .minimum_tenths = 3};
			int64_t lines[] = {s / 2, s / 3, s / 7, s - s / 2 - s / 3 - s / 7};

			assert_spread(lines, ELEMENTSOF(lines), units_tenths(policy, s));
		}
}

/* The same lines in another order get the same, unless two of them have equally good claims to the last tenth. */
static void
the_order_of_the_lines_decides_nothing_but_ties(void **state)
{
	uint32_t seed = 4711;

	(void)state;
	for (int run = 0; run < 20000; run++) {
		int64_t seconds[LINES_MAX], backwards[LINES_MAX], got[LINES_MAX], back[LINES_MAX], all = 0, tenths;
		size_t count = 1 + (size_t)run % LINES_MAX;
		bool tie = false;

		for (size_t i = 0; i < count; i++) {
			seed = seed * 1664525u + 1013904223u;
			seconds[i] = backwards[count - 1 - i] = (seed >> 8) % 20000;
			all += seconds[i];
		}
		tenths = all / 36 + run % 40;
		for (size_t i = 0; i < count && all > 0; i++)
			for (size_t k = 0; k < i; k++)
				tie = tie || tenths * seconds[i] % all == tenths * seconds[k] % all;
		assert_spread(seconds, count, tenths);
		if (tie)
			continue;
		units_spread(seconds, count, tenths, got);
		units_spread(backwards, count, tenths, back);
		for (size_t i = 0; i < count; i++)
			assert_int_equal(got[i], back[count - 1 - i]);
	}
}

static void
a_spread_of_the_largest_amounts_does_not_overflow(void **state)
{
	const int64_t seconds[] = {INT64_MAX / 3, INT64_MAX / 3, INT64_MAX / 3};
	int64_t got[3];

	(void)state;
	units_spread(seconds, 3, INT64_MAX, got);
	assert_int_equal(got[0], INT64_MAX / 3 + 1);
	assert_int_equal(got[1], INT64_MAX / 3);
	assert_int_equal(got[2], INT64_MAX / 3);
	units_spread(seconds, 0, 5, got);
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
	    cmocka_unit_test(every_second_of_ten_hours_is_what_counting_says),
	    cmocka_unit_test(three_lines_share_every_sum_by_largest_remainder),
	    cmocka_unit_test(the_units_of_every_second_are_spread_without_rest),
	    cmocka_unit_test(the_order_of_the_lines_decides_nothing_but_ties),
	    cmocka_unit_test(a_spread_of_the_largest_amounts_does_not_overflow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
