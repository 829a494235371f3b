/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "alp/breaker.h"

static struct breaker
fresh(void)
{
	return (struct breaker){.failures_max = 3, .open_ms = 1000, .open_max_ms = 3000};
}

static void
fail_times(struct breaker *b, int times, int64_t now_ms)
{
	for (int i = 0; i < times; i++)
		breaker_bad(b, breaker_enter(b, now_ms), now_ms);
}

static void
a_few_failures_between_good_ones_change_nothing(void **state)
{
	struct breaker b = fresh();

	(void)state;
	for (int i = 0; i < 10; i++) {
		fail_times(&b, 2, i);
		breaker_good(&b, breaker_enter(&b, i));
	}
	assert_int_equal(b.state, BREAKER_CLOSED);
	assert_int_equal(breaker_wait_ms(&b, 10), 0);
}

static void
after_failures_in_a_row_nobody_asks_until_its_time_is_over(void **state)
{
	struct breaker b = fresh();

	(void)state;
	fail_times(&b, 3, 100);
	assert_int_equal(breaker_enter(&b, 100), 0);
	assert_int_equal(breaker_enter(&b, 1099), 0);
	assert_int_equal(breaker_wait_ms(&b, 600), 500);
	assert_true(breaker_enter(&b, 1100) > 0);
}

static void
one_goes_first_and_decides(void **state)
{
	struct breaker b = fresh();
	int64_t probe;

	(void)state;
	fail_times(&b, 3, 0);
	probe = breaker_enter(&b, 1000);
	assert_true(probe > 0);
	assert_int_equal(breaker_enter(&b, 1000), 0);
	assert_true(breaker_wait_ms(&b, 1000) > 0);
	breaker_good(&b, probe);
	assert_true(breaker_enter(&b, 1000) > 0);
	assert_true(breaker_enter(&b, 1000) > 0);
}

static void
each_vain_trial_doubles_the_wait_up_to_a_limit_and_a_good_one_resets_it(void **state)
{
	static const int64_t waits[] = {1000, 2000, 3000, 3000};
	struct breaker b = fresh();
	int64_t now_ms = 0;

	(void)state;
	fail_times(&b, 3, now_ms);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(breaker_wait_ms(&b, now_ms), waits[i]);
		now_ms += waits[i];
		breaker_bad(&b, breaker_enter(&b, now_ms), now_ms);
	}
	now_ms += 3000;
	breaker_good(&b, breaker_enter(&b, now_ms));
	fail_times(&b, 3, now_ms);
	assert_int_equal(breaker_wait_ms(&b, now_ms), 1000);
}

static void
what_was_sent_before_it_opened_says_nothing_of_now(void **state)
{
	struct breaker b = fresh();
	int64_t late, probe;

	(void)state;
	late = breaker_enter(&b, 0);
	fail_times(&b, 3, 0);
	breaker_good(&b, late);
	assert_int_equal(breaker_enter(&b, 10), 0);
	probe = breaker_enter(&b, 1000);
	breaker_bad(&b, late, 1000);
	breaker_good(&b, late);
	assert_int_equal(b.state, BREAKER_HALF_OPEN);
	breaker_good(&b, probe);
	assert_int_equal(b.state, BREAKER_CLOSED);
	breaker_bad(&b, probe, 1001);
	breaker_bad(&b, late, 1001);
	assert_int_equal(b.failures, 0);
}

static void
a_trial_that_is_given_up_lets_the_next_one_try_at_once(void **state)
{
	struct breaker b = fresh();
	int64_t probe;

	(void)state;
	fail_times(&b, 3, 0);
	probe = breaker_enter(&b, 1000);
	breaker_given_up(&b, probe, 1005);
	assert_true(breaker_enter(&b, 1005) > 0);
	assert_int_equal(breaker_enter(&b, 1005), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_few_failures_between_good_ones_change_nothing),
	    cmocka_unit_test(after_failures_in_a_row_nobody_asks_until_its_time_is_over),
	    cmocka_unit_test(one_goes_first_and_decides),
	    cmocka_unit_test(each_vain_trial_doubles_the_wait_up_to_a_limit_and_a_good_one_resets_it),
	    cmocka_unit_test(what_was_sent_before_it_opened_says_nothing_of_now),
	    cmocka_unit_test(a_trial_that_is_given_up_lets_the_next_one_try_at_once),
	};

	return cmocka_run_group_tests_name("breaker", tests, NULL, NULL);
}
