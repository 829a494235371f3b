/* SPDX-License-Identifier: Apache-2.0 */
/* The store on a disk that is really full or broken, as the system's calls say it: through tests/lib/faultfs.c, preloaded into this program, so that
 * the engine's own file layer is in the test, too. */
#include "store_unit.h"

#include <errno.h>
#include <sys/stat.h>

#define SHIM "tests/lib/faultfs.so"

static const char *fault_file;

static void
set_fault(const char *word)
{
	FILE *f = fopen(fault_file, "w");

	assert_non_null(f);
	assert_true(fputs(word, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static int
fault_teardown(void **state)
{
	unlink(fault_file);
	return bench_teardown(state);
}

#define DISK_TEST(f) cmocka_unit_test_setup_teardown(f, bench_setup, fault_teardown)

static int
put_user(struct txn *txn, void *arg)
{
	struct user_row user = {.alp_user_id = *(int64_t *)arg, .created_ms = 1, .updated_ms = 1};

	return txn_user_put(txn, &user);
}

static int
has_user(struct txn *txn, void *arg)
{
	struct user_row user;

	return txn_user_get(txn, *(int64_t *)arg, &user);
}

static void
writing_goes_on_when_the_disk_has_room_again(void **state)
{
	struct bench *b = *state;
	int64_t before = 1, during = 2, after = 3;

	assert_int_equal(write_now(b->store, put_user, &before), 0);
	set_fault("enospc\n");
	assert_int_equal(write_now(b->store, put_user, &during), -ENOSPC);
	assert_int_equal(store_health(b->store), STORE_FULL);
	assert_int_equal(read_now(b->store, has_user, &before), 0);
	assert_int_equal(unlink(fault_file), 0);
	assert_int_equal(write_now(b->store, put_user, &after), 0);
	assert_int_equal(store_health(b->store), STORE_OK);
	assert_int_equal(read_now(b->store, has_user, &during), -ENOENT);
}

static void
a_sync_that_fails_is_never_answered_with_success(void **state)
{
	struct bench *b = *state;
	int64_t before = 1, during = 2;

	assert_int_equal(write_now(b->store, put_user, &before), 0);
	set_fault("eio-fsync");
	assert_int_equal(write_now(b->store, put_user, &during), -EIO);
	assert_int_equal(store_health(b->store), STORE_FAILED);
	assert_int_equal(unlink(fault_file), 0);
	/* Also when the disk is well again: what it lost nobody knows. */
	assert_int_equal(write_now(b->store, put_user, &during), -EIO);
	assert_int_equal(read_now(b->store, has_user, &before), -EIO);
	b->store = store_close(b->store);
	assert_int_equal(bench_open(b), 0);
	assert_int_equal(read_now(b->store, has_user, &before), 0);
}

static void
little_room_is_seen_before_it_is_none(void **state)
{
	struct bench *b = *state;
	struct store_options options = {.path = b->path, .readers = 1, .min_free_bytes = 2 * 1024 * 1024};

	b->store = store_close(b->store);
	assert_int_equal(store_open(&options, &b->store, &b->schema, &b->migrated), 0);
	assert_true(store_has_room(b->store));
	set_fault("low-space");
	assert_false(store_has_room(b->store));
}

static int
run_again_with_the_shim(char **argv)
{
	_cleanup_free_ char *path = xasprintf("faultfs.%d", (int)getpid());
	_cleanup_free_ char *shim = realpath(SHIM, NULL);

#ifdef WITH_SANITIZER
	return unit_skipped("a sanitizer's run time must be loaded before anything that is preloaded");
#endif
	if (shim == NULL)
		return unit_skipped("the disk that fails was not built");
	setenv("RTALP_FAULT_FILE", path, 1);
	setenv("LD_PRELOAD", shim, 1);
	execv("/proc/self/exe", argv);
	return 1;
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    DISK_TEST(writing_goes_on_when_the_disk_has_room_again),
	    DISK_TEST(a_sync_that_fails_is_never_answered_with_success),
	    DISK_TEST(little_room_is_seen_before_it_is_none),
	};

	(void)argc;
	fault_file = getenv("RTALP_FAULT_FILE");
	if (fault_file == NULL)
		return run_again_with_the_shim(argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
