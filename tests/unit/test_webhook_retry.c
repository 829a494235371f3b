/* SPDX-License-Identifier: Apache-2.0 */
/* When a message that did not arrive is sent again. */
#include "unit.h"

#include "base/macro.h"
#include "queue/webhook_retry.h"

#define HOUR_MS ((int64_t)3600 * 1000)

static struct webhook_decision
after(int32_t attempts, int status, int64_t retry_after_ms, uint64_t random)
{
	return webhook_decide(&(struct webhook_attempt){.attempts = attempts, .status = status, .retry_after_ms = retry_after_ms, .random = random});
}

static void
only_2xx_is_an_arrival(void **state)
{
	static const int failures[] = {0, 100, 199, 300, 301, 308, 400, 404, 429, 500, 503, 599};

	(void)state;
	assert_int_equal(after(1, 200, 0, 0).end, WEBHOOK_DELIVERED);
	assert_int_equal(after(10, 299, 0, 0).end, WEBHOOK_DELIVERED);
	for (size_t i = 0; i < ELEMENTSOF(failures); i++)
		assert_int_equal(after(1, failures[i], 0, 0).end, WEBHOOK_AGAIN);
	assert_int_equal(after(1, 410, 0, 0).end, WEBHOOK_GONE);
	assert_int_equal(after(10, 410, 0, 0).end, WEBHOOK_GONE);
}

static void
the_schedule_is_the_specifications_with_a_tenth_of_chance(void **state)
{
	static const int64_t seconds[] = {5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400};

	(void)state;
	for (int32_t i = 0; i < (int32_t)ELEMENTSOF(seconds); i++) {
		const int64_t ms = seconds[i] * 1000;

		assert_int_equal(after(i + 1, 500, 0, 0).delay_ms, ms - ms / 10);
		assert_int_equal(after(i + 1, 500, 0, (uint64_t)(ms / 5)).delay_ms, ms - ms / 10 + ms / 5);
		for (uint64_t random = 1; random < 1000; random++) {
			int64_t delay = after(i + 1, 500, 0, random * UINT64_C(0x9e3779b97f4a7c15)).delay_ms;

			assert_in_range(delay, ms - ms / 10, ms + ms / 10);
		}
	}
	assert_int_equal(after(WEBHOOK_ATTEMPTS_MAX, 500, 0, 0).end, WEBHOOK_FAILED);
}

static void
a_receiver_may_ask_for_more_time_but_not_for_ever(void **state)
{
	(void)state;
	assert_int_equal(after(1, 429, 60000, 0).delay_ms, 60000);
	assert_int_equal(after(4, 429, 60000, 0).delay_ms, 2 * HOUR_MS - 12 * 60000);
	assert_int_equal(after(1, 503, 1000 * HOUR_MS, 0).delay_ms, 24 * HOUR_MS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(only_2xx_is_an_arrival),
	    cmocka_unit_test(the_schedule_is_the_specifications_with_a_tenth_of_chance),
	    cmocka_unit_test(a_receiver_may_ask_for_more_time_but_not_for_ever),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
