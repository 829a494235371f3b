/* SPDX-License-Identifier: Apache-2.0 */
/* Pace is a promise about every stretch of time, so most of these tests send many requests and count. */
#include "unit.h"

#include "base/macro.h"
#include "queue/pace.h"

#define START_MS INT64_C(1700000000000)
#define REQUESTS 2000

static uint64_t seed = 88172645463325252u;

static int64_t
random_below(int64_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (int64_t)(seed % (uint64_t)n);
}

static void
no_pace_is_no_wait(void **state)
{
	const struct pace pace = {.interval_ms = 0, .burst = 1};
	int64_t arrival = 0;

	(void)state;
	for (int i = 0; i < 100; i++) {
		assert_int_equal(pace_earliest_ms(pace, arrival, START_MS, 31), START_MS);
		arrival = pace_spend(pace, arrival, START_MS, 31);
	}
}

static void
a_burst_goes_at_once_and_the_next_waits_an_interval(void **state)
{
	const struct pace pace = {.interval_ms = 1000, .burst = 5};
	int64_t arrival = 0;

	(void)state;
	for (int i = 0; i < 5; i++) {
		assert_int_equal(pace_earliest_ms(pace, arrival, START_MS, 1), START_MS);
		arrival = pace_spend(pace, arrival, START_MS, 1);
	}
	assert_int_equal(pace_earliest_ms(pace, arrival, START_MS, 1), START_MS + 1000);
	/* Asking costs nothing. */
	assert_int_equal(pace_earliest_ms(pace, arrival, START_MS, 1), START_MS + 1000);
	/* Two need room for two. */
	assert_int_equal(pace_earliest_ms(pace, arrival, START_MS, 2), START_MS + 2000);
}

static void
rest_fills_the_burst_and_never_more(void **state)
{
	const struct pace pace = {.interval_ms = 1000, .burst = 3};
	int64_t arrival = pace_spend(pace, 0, START_MS, 3), later = START_MS + 1000000;

	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(pace_earliest_ms(pace, arrival, later, 1), later);
		arrival = pace_spend(pace, arrival, later, 1);
	}
	assert_int_equal(pace_earliest_ms(pace, arrival, later, 1), later + 1000);
}

static void
a_job_larger_than_the_burst_goes_when_the_burst_is_full_and_is_paid_for(void **state)
{
	const struct pace pace = {.interval_ms = 1000, .burst = 5};
	int64_t arrival = pace_spend(pace, 0, START_MS, 1), now;

	(void)state;
	now = pace_earliest_ms(pace, arrival, START_MS, 31);
	assert_int_equal(now, START_MS + 1000);
	arrival = pace_spend(pace, arrival, now, 31);
	/* 31 were used, 5 may be in hand: the debt is paid off before the next. */
	assert_int_equal(pace_earliest_ms(pace, arrival, now, 1), now + 27000);
	arrival = pace_spend(pace, arrival, now + 27000, 31);
	assert_int_equal(pace_earliest_ms(pace, arrival, now + 27000, 1), now + 27000 + 31000);
}

struct sent {
	int64_t at_ms[REQUESTS];
	int32_t cost[REQUESTS];
};

/* Requests that come at random and go as early as they may. */
static void
send_many(struct pace pace, struct sent *sent)
{
	int64_t arrival = 0, now = START_MS;

	for (int i = 0; i < REQUESTS; i++) {
		int32_t cost = 1 + (int32_t)random_below(pace.burst);
		int64_t earliest;

		now += random_below(5) == 0 ? random_below(pace.interval_ms * 10) : 0;
		earliest = pace_earliest_ms(pace, arrival, now, cost);
		assert_true(earliest >= now);
		now = earliest;
		arrival = pace_spend(pace, arrival, now, cost);
		sent->at_ms[i] = now;
		sent->cost[i] = cost;
	}
}

static void
no_stretch_of_time_holds_more_than_a_burst_and_the_steady_rate(void **state)
{
	static struct sent sent;

	(void)state;
	for (int32_t burst = 1; burst <= 32; burst *= 2) {
		const struct pace pace = {.interval_ms = 700, .burst = burst};

		send_many(pace, &sent);
		for (int first = 0; first < REQUESTS; first += 7) {
			int64_t cost = 0;

			for (int i = first; i < REQUESTS && i < first + 200; i++) {
				int64_t stretch = sent.at_ms[i] - sent.at_ms[first];

				cost += sent.cost[i];
				assert_true(cost <= burst + stretch / pace.interval_ms);
			}
		}
	}
}

static void
who_waits_until_the_earliest_instant_may_go_then(void **state)
{
	(void)state;
	for (int i = 0; i < 20000; i++) {
		const struct pace pace = {.interval_ms = 1 + random_below(5000), .burst = 1 + (int32_t)random_below(40)};
		int64_t arrival = START_MS + random_below(pace.interval_ms * pace.burst);
		int32_t cost = 1 + (int32_t)random_below(40);
		int64_t earliest = pace_earliest_ms(pace, arrival, START_MS, cost);

		assert_int_equal(pace_earliest_ms(pace, arrival, earliest, cost), earliest);
	}
}

/* A clock that jumped a year ahead and came back left an arrival time of next year behind. */
static void
a_clock_set_back_neither_locks_a_user_out_nor_ends_the_pace(void **state)
{
	const struct pace pace = {.interval_ms = 1000, .burst = 5};
	int64_t arrival = pace_spend(pace, 0, START_MS + INT64_C(365) * 86400 * 1000, 1);

	(void)state;
	for (int i = 0; i < 5; i++) {
		assert_int_equal(pace_earliest_ms(pace, arrival, START_MS, 1), START_MS);
		arrival = pace_spend(pace, arrival, START_MS, 1);
	}
	assert_int_equal(pace_earliest_ms(pace, arrival, START_MS, 1), START_MS + 1000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(no_pace_is_no_wait),
	    cmocka_unit_test(a_burst_goes_at_once_and_the_next_waits_an_interval),
	    cmocka_unit_test(rest_fills_the_burst_and_never_more),
	    cmocka_unit_test(a_job_larger_than_the_burst_goes_when_the_burst_is_full_and_is_paid_for),
	    cmocka_unit_test(no_stretch_of_time_holds_more_than_a_burst_and_the_steady_rate),
	    cmocka_unit_test(who_waits_until_the_earliest_instant_may_go_then),
	    cmocka_unit_test(a_clock_set_back_neither_locks_a_user_out_nor_ends_the_pace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
