/* SPDX-License-Identifier: Apache-2.0 */
#include "store_unit.h"

#include <errno.h>

#include "store/rule_set.h"

static int
note_run(struct txn *txn, void *arg)
{
	return txn_rule_set_note(txn, arg);
}

static int
get_run(struct txn *txn, void *arg)
{
	struct rule_set *set = arg;

	return txn_rule_set_get(txn, set->version, set);
}

static void
an_entrys_version_leads_to_the_very_bytes_that_judged_it(void **state)
{
	struct bench *b = *state;
	struct rule_set put = {.version = "v1", .name = "rules.conf", .text = STR("# caf\xe9\0\n"), .first_ms = 5};
	struct rule_set got = {.version = "v1"};

	assert_int_equal(read_now(b->store, get_run, &got), -ENOENT);
	assert_int_equal(write_now(b->store, note_run, &put), 0);
	assert_int_equal(read_now(b->store, get_run, &got), 0);
	assert_string_equal(got.version, "v1");
	assert_string_equal(got.name, "rules.conf");
	assert_true(str_eq(got.text, put.text));
	assert_int_equal(got.first_ms, 5);
	rule_set_release(&got);
}

static void
the_first_time_and_name_of_a_set_stay(void **state)
{
	struct bench *b = *state;
	struct rule_set first = {.version = "v1", .name = "rules.conf", .text = STR("x"), .first_ms = 5};
	struct rule_set again = {.version = "v1", .name = "copy.conf", .text = STR("x"), .first_ms = 6};
	struct rule_set other = {.version = "v2", .name = "rules.conf", .text = STR(""), .first_ms = 7};
	struct rule_set got = {.version = "v1"};

	assert_int_equal(write_now(b->store, note_run, &first), 0);
	assert_int_equal(write_now(b->store, note_run, &again), 0);
	assert_int_equal(write_now(b->store, note_run, &other), 0);
	assert_int_equal(read_now(b->store, get_run, &got), 0);
	assert_string_equal(got.name, "rules.conf");
	assert_int_equal(got.first_ms, 5);
	rule_set_release(&got);
	got = (struct rule_set){.version = "v2"};
	assert_int_equal(read_now(b->store, get_run, &got), 0);
	assert_int_equal(got.text.len, 0);
	rule_set_release(&got);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    STORE_TEST(an_entrys_version_leads_to_the_very_bytes_that_judged_it),
	    STORE_TEST(the_first_time_and_name_of_a_set_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
