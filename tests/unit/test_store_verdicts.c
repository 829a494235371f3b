/* SPDX-License-Identifier: Apache-2.0 */
#include "store_unit.h"

#include <errno.h>

#include "store/verdicts.h"

struct put {
	day_t day;
	int64_t verdicts_id;
	struct str bytes;
};

static int
put_run(struct txn *txn, void *arg)
{
	const struct put *put = arg;
	const struct verdicts_row row = {
	    .verdicts_id = put->verdicts_id, .rules_version = "r1", .matters_version = "m1", .rounding = 2, .units_per = 1,
	    .minimum_tenths = 4, .made_ms = 5,
	};

	return txn_verdicts_put(txn, 1, put->day, &row, put->bytes);
}

struct got {
	int64_t user, verdicts_id;
	day_t day;
	struct verdicts_row row;
	char *bytes;
	size_t len;
};

static int
get_run(struct txn *txn, void *arg)
{
	struct got *got = arg;

	return got->verdicts_id == 0 ? txn_verdicts_newest(txn, got->user, got->day, &got->row)
				     : txn_verdicts_get(txn, got->user, got->day, got->verdicts_id, &got->row, &got->bytes, &got->len);
}

static void
put(struct bench *b, day_t day, int64_t verdicts_id)
{
	struct put p = {day, verdicts_id, STR("a\0b")};

	assert_int_equal(write_now(b->store, put_run, &p), 0);
}

static int
get(struct bench *b, day_t day, int64_t verdicts_id, struct got *ret_got)
{
	*ret_got = (struct got){.user = 1, .day = day, .verdicts_id = verdicts_id};
	return read_now(b->store, get_run, ret_got);
}

static int
delete_run(struct txn *txn, void *arg)
{
	return txn_verdicts_delete_unreferenced(txn, 1, DAY_ONE, *(int64_t *)arg);
}

static void
verdicts_come_back_as_they_were_put(void **state)
{
	struct bench *b = *state;
	struct put again = {DAY_ONE, 1, STR("other")};
	struct got got;

	put(b, DAY_ONE, 1);
	assert_int_equal(write_now(b->store, put_run, &again), -EEXIST);
	assert_int_equal(get(b, DAY_ONE, 1, &got), 0);
	assert_int_equal(got.len, 3);
	assert_memory_equal(got.bytes, "a\0b", 3);
	assert_int_equal(got.row.verdicts_id, 1);
	assert_string_equal(got.row.rules_version, "r1");
	assert_string_equal(got.row.matters_version, "m1");
	assert_int_equal(got.row.rounding, 2);
	assert_int_equal(got.row.units_per, 1);
	assert_int_equal(got.row.minimum_tenths, 4);
	assert_int_equal(got.row.made_ms, 5);
	free(got.bytes);
	assert_int_equal(get(b, DAY_ONE + 1, 1, &got), -ENOENT);
	assert_int_equal(get(b, DAY_ONE, 2, &got), -ENOENT);
}

static int
name_run(struct txn *txn, void *arg)
{
	struct entry_row e = ENTRY_ROW_INIT;
	char word[] = "x";

	e.alp_user_id = 1;
	e.day = DAY_ONE;
	e.status = ENTRY_PENDING;
	e.source_hash[0] = 'x';
	e.application = e.task_description = word;
	e.verdicts_id = *(int64_t *)arg;
	return txn_entry_insert(txn, &e);
}

static void
only_what_an_entry_names_and_the_newest_stay(void **state)
{
	struct bench *b = *state;
	struct got got;
	int64_t named = 2, newest = 4;

	for (int64_t id = 1; id <= 4; id++)
		put(b, DAY_ONE, id);
	put(b, DAY_ONE + 1, 1);
	assert_int_equal(write_now(b->store, name_run, &named), 0);
	assert_int_equal(write_now(b->store, delete_run, &newest), 0);
	assert_int_equal(get(b, DAY_ONE, 1, &got), -ENOENT);
	assert_int_equal(get(b, DAY_ONE, 2, &got), 0);
	free(got.bytes);
	assert_int_equal(get(b, DAY_ONE, 3, &got), -ENOENT);
	assert_int_equal(get(b, DAY_ONE, 0, &got), 0);
	assert_int_equal(got.row.verdicts_id, 4);
	assert_int_equal(get(b, DAY_ONE + 1, 0, &got), 0);
	assert_int_equal(got.row.verdicts_id, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    STORE_TEST(verdicts_come_back_as_they_were_put),
	    STORE_TEST(only_what_an_entry_names_and_the_newest_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
