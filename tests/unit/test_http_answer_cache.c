/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <string.h>

#include "base/alloc.h"
#include "http/answer.h"
#include "http/answer_cache.h"

#define KIB ((size_t)1024)

static uint64_t versions[8];

static uint64_t
version_of(const void *arg, int64_t alp_user_id)
{
	return ((const uint64_t *)arg)[alp_user_id];
}

static struct answer_cache *
make(size_t max_bytes)
{
	memset(versions, 0, sizeof versions);
	return answer_cache_new(max_bytes, version_of, versions);
}

static struct str
key(int n, char *text, size_t size)
{
	int len = snprintf(text, size, "key %d", n);

	return (struct str){text, (size_t)len};
}

static void
keep(struct answer_cache *c, int n, int64_t user, size_t len)
{
	struct ready_answer *a = answer_new(200, "text/plain", xcalloc(1, len), len);
	char text[32], value[32];

	snprintf(value, sizeof value, "%d", n);
	answer_add_header(a, "N", value);
	answer_cache_put(c, key(n, text, sizeof text), user, a);
	answer_unref(a);
}

/* The number it was kept with; -1: it is not there. */
static int
kept(struct answer_cache *c, int n)
{
	char text[32];
	const char *value = NULL;
	int64_t user;
	struct ready_answer *a = answer_cache_get(c, key(n, text, sizeof text), &user);

	if (a == NULL)
		return -1;
	assert_non_null(answer_header(a, 0, &value));
	return (int)strtol(value, NULL, 10);
}

static struct answer_cache_stats
stats_of(const struct answer_cache *c)
{
	struct answer_cache_stats s;

	answer_cache_get_stats(c, &s);
	return s;
}

static void
what_was_kept_is_found_by_its_key(void **state)
{
	struct answer_cache *c = make(64 * KIB);

	(void)state;
	keep(c, 1, 1, 10);
	keep(c, 2, 1, 10);
	assert_int_equal(kept(c, 1), 1);
	assert_int_equal(kept(c, 2), 2);
	assert_int_equal(kept(c, 3), -1);
	answer_cache_free(c);
}

static void
a_write_outdates_its_user_and_nobody_else(void **state)
{
	struct answer_cache *c = make(64 * KIB);

	(void)state;
	keep(c, 1, 1, 10);
	keep(c, 2, 2, 10);
	versions[1]++;
	assert_int_equal(kept(c, 1), -1);
	assert_int_equal(kept(c, 2), 2);
	/* An outdated one is gone; going back to the old version does not bring it back. */
	versions[1]--;
	assert_int_equal(kept(c, 1), -1);
	assert_int_equal(stats_of(c).outdated, 1);
	answer_cache_free(c);
}

static void
it_never_holds_more_than_it_may(void **state)
{
	struct answer_cache *c = make(64 * KIB);

	(void)state;
	for (int i = 0; i < 1000; i++) {
		keep(c, i, i % 8, (size_t)i * 7 % 6000);
		assert_true(stats_of(c).bytes <= 64 * KIB);
	}
	assert_int_equal(kept(c, 999), 999);
	assert_int_equal(kept(c, 0), -1);
	assert_true(stats_of(c).evicted > 500);
	answer_cache_set_max(c, 0);
	assert_int_equal(stats_of(c).count, 0);
	assert_int_equal(stats_of(c).bytes, 0);
	answer_cache_free(c);
}

static void
the_least_recently_used_goes_first(void **state)
{
	struct answer_cache *c = make(64 * KIB);
	int found = 0;

	(void)state;
	for (int i = 0; i < 200; i++) {
		keep(c, i, 1, 4 * KIB);
		assert_int_equal(kept(c, 0), 0);
	}
	for (int i = 1; i < 190; i++)
		found += kept(c, i) >= 0;
	assert_int_equal(kept(c, 199), 199);
	assert_true(found < 10);
	answer_cache_free(c);
}

static void
one_large_answer_does_not_push_all_others_out(void **state)
{
	struct answer_cache *c = make(64 * KIB);

	(void)state;
	keep(c, 1, 1, 10);
	keep(c, 2, 1, 9 * KIB);
	assert_int_equal(kept(c, 1), 1);
	assert_int_equal(kept(c, 2), -1);
	answer_cache_free(c);
}

static void
a_newer_answer_takes_the_place_of_an_older(void **state)
{
	struct answer_cache *c = make(64 * KIB);
	size_t bytes;

	(void)state;
	keep(c, 1, 1, 100);
	bytes = stats_of(c).bytes;
	for (int i = 0; i < 10; i++)
		keep(c, 1, 1, 100);
	assert_int_equal(stats_of(c).count, 1);
	assert_int_equal(stats_of(c).bytes, bytes);
	/* Even if the newer one is too large to be kept: the older is not true any more. */
	keep(c, 1, 1, 30 * KIB);
	assert_int_equal(kept(c, 1), -1);
	answer_cache_free(c);
}

static void
the_gzip_form_counts_too(void **state)
{
	struct answer_cache *c = make(64 * KIB);
	struct ready_answer *a = answer_new(200, "text/plain", xcalloc(1, 5000), 5000);
	int64_t user = 0;
	size_t before;

	(void)state;
	answer_cache_put(c, STR("k"), 1, a);
	before = stats_of(c).bytes;
	assert_true(answer_pack(a));
	assert_ptr_equal(answer_cache_get(c, STR("k"), &user), a);
	assert_int_equal(user, 1);
	assert_int_equal(stats_of(c).bytes, before + answer_length(a, true));
	answer_unref(a);
	answer_cache_free(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_was_kept_is_found_by_its_key),
	    cmocka_unit_test(a_write_outdates_its_user_and_nobody_else),
	    cmocka_unit_test(it_never_holds_more_than_it_may),
	    cmocka_unit_test(the_least_recently_used_goes_first),
	    cmocka_unit_test(one_large_answer_does_not_push_all_others_out),
	    cmocka_unit_test(a_newer_answer_takes_the_place_of_an_older),
	    cmocka_unit_test(the_gzip_form_counts_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
