/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/macro.h"
#include "queue/retry.h"

static uint64_t
next_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static struct retry_input
failure(enum job_outcome outcome, int32_t attempts, uint64_t random)
{
	return (struct retry_input){.kind = job_kind_info(KIND_FETCH), .outcome = outcome, .attempts = attempts, .random = random};
}

static void
what_is_not_the_jobs_fault_costs_it_nothing(void **state)
{
	struct retry_input in = failure(OUTCOME_NOT_ITS_FAULT, 7, UINT64_MAX);
	struct retry_decision d;

	(void)state;
	in.crashes = 2;
	d = retry_decide(&in);
	assert_true(d.again);
	assert_int_equal(d.delay_ms, 0);
	in.retry_after_ms = 5000;
	d = retry_decide(&in);
	assert_true(d.again);
	assert_int_equal(d.delay_ms, 5000);
	assert_int_equal(d.attempts, 7);
	assert_int_equal(d.crashes, 2);
}

static void
a_permanent_failure_is_the_last_word(void **state)
{
	struct retry_input in = failure(OUTCOME_PERMANENT, 0, 1);
	struct retry_decision d = retry_decide(&in);

	(void)state;
	assert_false(d.again);
	assert_int_equal(d.attempts, 1);
}

static void
a_job_fails_for_good_after_as_many_attempts_as_its_kind_allows(void **state)
{
	const struct job_kind_info *kind;

	(void)state;
	for (size_t i = 0; (kind = job_kind_at(i)) != NULL; i++) {
		struct retry_input in = {.kind = kind, .outcome = OUTCOME_TRANSIENT, .random = 9};
		int32_t runs = 1;

		for (struct retry_decision d; (d = retry_decide(&in)).again; runs++)
			in.attempts = d.attempts;
		assert_int_equal(runs, kind->max_attempts);
	}
}

static void
a_dead_worker_is_replaced_at_once_then_slowly_then_never(void **state)
{
	struct retry_input in = failure(OUTCOME_CRASH, 0, UINT64_MAX - 1);
	struct retry_decision d = retry_decide(&in);

	(void)state;
	assert_true(d.again);
	assert_int_equal(d.delay_ms, 0);
	in.attempts = d.attempts;
	in.crashes = d.crashes;
	d = retry_decide(&in);
	assert_true(d.again);
	assert_true(d.delay_ms > 0);
	in.attempts = d.attempts;
	in.crashes = d.crashes;
	d = retry_decide(&in);
	assert_false(d.again);
	assert_int_equal(d.crashes, CRASHES_MAX);
}

/* Also when the job failed otherwise before: the first crash is the first. */
static void
a_first_crash_after_other_failures_is_tried_again_at_once(void **state)
{
	struct retry_input in = failure(OUTCOME_CRASH, 3, UINT64_MAX - 1);
	struct retry_decision d = retry_decide(&in);

	(void)state;
	assert_true(d.again);
	assert_int_equal(d.delay_ms, 0);
	assert_int_equal(d.attempts, 4);
}

static int64_t
ceiling_ms(int32_t attempts)
{
	int64_t most = 0;
	uint64_t seed = 88172645463325252u;

	for (int i = 0; i < 20000; i++) {
		struct retry_input in = failure(OUTCOME_TRANSIENT, attempts, next_random(&seed));

		most = MAX_OF(most, retry_decide(&in).delay_ms);
	}
	return most;
}

static void
the_wait_is_spread_evenly_up_to_a_bound_that_doubles(void **state)
{
	(void)state;
	/* 20000 draws come within 1 % of the bound. */
	for (int32_t attempts = 0; attempts < 6; attempts++) {
		int64_t bound = 2000 << attempts, most = ceiling_ms(attempts);

		assert_in_range(most, bound - bound / 100, bound);
	}
}

static void
half_of_the_waits_are_in_the_lower_half(void **state)
{
	uint64_t seed = 1;
	int lower = 0;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		struct retry_input in = failure(OUTCOME_TRANSIENT, 3, next_random(&seed));

		lower += retry_decide(&in).delay_ms < 8000;
	}
	assert_in_range(lower, 9500, 10500);
}

static void
what_the_upstream_asked_for_is_waited_for_but_not_for_ever(void **state)
{
	struct retry_input in = failure(OUTCOME_TRANSIENT, 0, 0);

	(void)state;
	in.retry_after_ms = 90000;
	assert_int_equal(retry_decide(&in).delay_ms, 90000);
	in.retry_after_ms = INT64_MAX;
	assert_int_equal(retry_decide(&in).delay_ms, RETRY_AFTER_MAX_MS);
	in.retry_after_ms = 1;
	in.random = 1500;
	assert_int_equal(retry_decide(&in).delay_ms, 1500);
	in.retry_after_ms = -5;
	assert_int_equal(retry_decide(&in).delay_ms, 1500);
}

static void
no_input_makes_a_wait_that_is_negative_or_endless(void **state)
{
	static const int32_t counts[] = {0, 1, 2, 7, 1000, INT32_MAX - 1};
	uint64_t seed = 7;

	(void)state;
	for (int i = 0; i < 50000; i++) {
		uint64_t random = next_random(&seed);
		struct retry_input in = {
		    .kind = job_kind_at(random % 2), .outcome = (enum job_outcome)(1 + random / 2 % 4),
		    .attempts = counts[random / 8 % ELEMENTSOF(counts)], .crashes = counts[random / 64 % ELEMENTSOF(counts)],
		    .retry_after_ms = (int64_t)(random % 3 == 0 ? random >> 1 : 0), .random = next_random(&seed),
		};
		struct retry_decision d = retry_decide(&in);

		assert_in_range(d.delay_ms, 0, RETRY_AFTER_MAX_MS);
		assert_true(d.attempts >= in.attempts);
		assert_true(d.again || in.outcome != OUTCOME_NOT_ITS_FAULT);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_not_the_jobs_fault_costs_it_nothing),
	    cmocka_unit_test(a_permanent_failure_is_the_last_word),
	    cmocka_unit_test(a_job_fails_for_good_after_as_many_attempts_as_its_kind_allows),
	    cmocka_unit_test(a_dead_worker_is_replaced_at_once_then_slowly_then_never),
	    cmocka_unit_test(a_first_crash_after_other_failures_is_tried_again_at_once),
	    cmocka_unit_test(the_wait_is_spread_evenly_up_to_a_bound_that_doubles),
	    cmocka_unit_test(half_of_the_waits_are_in_the_lower_half),
	    cmocka_unit_test(what_the_upstream_asked_for_is_waited_for_but_not_for_ever),
	    cmocka_unit_test(no_input_makes_a_wait_that_is_negative_or_endless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
