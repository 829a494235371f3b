/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "daemon/pulse.h"

#define NOW_MS      ((int64_t)1000 * 1000)
#define WATCHDOG_MS ((int64_t)30 * 1000)

static const struct pulse_signs well = {.spawner_heard_ms = NOW_MS - 900, .keeper_heard_ms = NOW_MS - 800, .commit_began_ms = NOW_MS - 3};

static void
one_that_is_well_is_fed(void **state)
{
	struct pulse_signs signs = well;

	(void)state;
	assert_null(pulse_missing(&signs, WATCHDOG_MS, NOW_MS));
	/* Nothing is written for hours, and there need be no keeper. */
	signs.commit_began_ms = signs.keeper_heard_ms = 0;
	assert_null(pulse_missing(&signs, WATCHDOG_MS, NOW_MS));
}

static void
each_sign_that_is_missing_is_named(void **state)
{
	struct pulse_signs signs = well;

	(void)state;
	signs.spawner_heard_ms = NOW_MS - WATCHDOG_MS - 1;
	assert_string_equal(pulse_missing(&signs, WATCHDOG_MS, NOW_MS), "the spawner does not answer");
	signs = well;
	signs.keeper_heard_ms = NOW_MS - WATCHDOG_MS - 1;
	assert_string_equal(pulse_missing(&signs, WATCHDOG_MS, NOW_MS), "the keeper does not answer");
	signs = well;
	signs.commit_began_ms = NOW_MS - WATCHDOG_MS - 1;
	assert_string_equal(pulse_missing(&signs, WATCHDOG_MS, NOW_MS), "a commit does not come to an end");
	signs = well;
	signs.store_failed = true;
	assert_string_equal(pulse_missing(&signs, WATCHDOG_MS, NOW_MS), "the last commit failed");
}

/* A short patience of the manager's is not ours: to find a silent helper and to start another takes its time. */
static void
nothing_is_missing_before_it_could_be_there_again(void **state)
{
	struct pulse_signs signs = well;

	(void)state;
	signs.spawner_heard_ms = signs.keeper_heard_ms = signs.commit_began_ms = NOW_MS - PULSE_MOST_MIN_MS;
	assert_null(pulse_missing(&signs, 1000, NOW_MS));
	signs.keeper_heard_ms--;
	assert_non_null(pulse_missing(&signs, 1000, NOW_MS));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(one_that_is_well_is_fed),
	    cmocka_unit_test(each_sign_that_is_missing_is_named),
	    cmocka_unit_test(nothing_is_missing_before_it_could_be_there_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
