/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <string.h>

#include "base/macro.h"
#include "queue/kind.h"

static void
every_kind_is_found_by_its_number_and_by_its_name(void **state)
{
	const struct job_kind_info *kind;
	size_t n = 0;

	(void)state;
	for (; (kind = job_kind_at(n)) != NULL; n++) {
		assert_ptr_equal(job_kind_info(kind->kind), kind);
		assert_ptr_equal(job_kind_named(str_of(kind->name)), kind);
	}
	assert_true(n >= 2);
}

static void
what_is_no_kind_is_not_found(void **state)
{
	(void)state;
	assert_null(job_kind_info(0));
	assert_null(job_kind_info(-1));
	assert_null(job_kind_info(INT64_MAX));
	/* The low half of this number is a kind's. */
	assert_null(job_kind_info((INT64_C(1) << 32) + KIND_FETCH));
	assert_null(job_kind_named(STR("fetc")));
	assert_null(job_kind_named(STR("fetchx")));
	assert_null(job_kind_named(STR("")));
	assert_null(job_kind_named(STR_NONE));
	assert_null(job_kind_at(SIZE_MAX));
}

static void
no_number_or_name_is_used_twice_and_all_bounds_make_sense(void **state)
{
	const struct job_kind_info *a, *b;

	(void)state;
	for (size_t i = 0; (a = job_kind_at(i)) != NULL; i++) {
		/* The store keeps the paused kinds as bits of a word. */
		assert_in_range(a->kind, 1, 63);
		assert_in_range(a->lane, LANE_ACTIVITY, LANE_OTHER);
		assert_true(a->deadline_ms > 0);
		assert_true(a->max_attempts > 0);
		for (size_t j = 0; j < i; j++) {
			b = job_kind_at(j);
			assert_int_not_equal(a->kind, b->kind);
			assert_string_not_equal(a->name, b->name);
		}
	}
}

static void
what_was_fetched_is_processed_before_more_is_fetched(void **state)
{
	(void)state;
	assert_int_equal(job_kind_info(KIND_FETCH)->lane, job_kind_info(KIND_PROCESS)->lane);
	assert_true(job_kind_info(KIND_PROCESS)->turn_order < job_kind_info(KIND_FETCH)->turn_order);
}

/* Numbers are stored: a new build must read what an old one wrote. */
static void
stored_numbers_never_change(void **state)
{
	(void)state;
	assert_int_equal(KIND_FETCH, 1);
	assert_int_equal(KIND_PROCESS, 2);
	assert_int_equal(LANE_ACTIVITY, 1);
	assert_int_equal(LANE_POSTING, 2);
	assert_int_equal(LANE_OTHER, 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_kind_is_found_by_its_number_and_by_its_name),
	    cmocka_unit_test(what_is_no_kind_is_not_found),
	    cmocka_unit_test(no_number_or_name_is_used_twice_and_all_bounds_make_sense),
	    cmocka_unit_test(what_was_fetched_is_processed_before_more_is_fetched),
	    cmocka_unit_test(stored_numbers_never_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
