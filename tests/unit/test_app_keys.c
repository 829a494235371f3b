/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of a user's key on a real store: it is there sealed, as long as the job needs it and somebody can open it. */
#include "app_unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "store/check.h"

#define USER 42

static struct {
	char dir[64];
	char path[96];
	struct store *store;
	struct app *app;
	unsigned char keeper; /* which one there is at the next start */
} b;

static void
on_wake(void *arg)
{
	(void)arg;
}

static void
open_store(void)
{
	struct store_options options = {.path = b.path, .readers = 1, .min_free_bytes = 0};
	struct app_options app_options = {.hooks = {.wake = on_wake}, .max_live_jobs = 5, .default_zone = "Australia/Sydney", .pace = {.burst = 31}};
	bool migrated;
	int schema;

	assert_int_equal(store_open(&options, &b.store, &schema, &migrated), 0);
	app_options.store = b.store;
	b.app = app_new(&app_options);
	app_has_keeper(b.app, b.keeper);
}

static int
setup(void **state)
{
	(void)state;
	memset(&b, 0, sizeof b);
	b.keeper = 1;
	snprintf(b.dir, sizeof b.dir, "/tmp/rtalp-keys-XXXXXX");
	assert_non_null(mkdtemp(b.dir));
	snprintf(b.path, sizeof b.path, "%s/t.db", b.dir);
	open_store();
	return 0;
}

static void
close_store(void)
{
	store_close(b.store);
	app_free(b.app);
}

static int
teardown(void **state)
{
	(void)state;
	close_store();
	remove_store(b.path, b.dir);
	return 0;
}

#define CALL(verb, v)                                                                                                  \
	__extension__({                                                                                                \
		struct verb_answer a_ = {0};                                                                                \
		verb(b.app, (v), verb_done, &a_);                                                                           \
		verb_await(b.store, &a_);                                                                                            \
	})

static int
check_run(struct txn *txn, void *arg)
{
	_cleanup_free_ char *violation = NULL;
	int r = store_check(txn, &violation);

	(void)arg;
	if (r != 0)
		fprintf(stderr, "store_check: %s\n", violation != NULL ? violation : "could not look");
	return r == 0 ? 0 : -EIO;
}

static void
assert_sound(void)
{
	struct verb_answer a = {0};

	store_read(b.store, check_run, verb_done, &a);
	assert_int_equal(verb_await(b.store, &a), 0);
}

static int64_t
submit(int32_t days, bool process, bool *ret_coalesced)
{
	struct fetch_submit v = {.alp_user_id = USER, .days = days, .target_day = -1, .priority = PRIORITY_DEFAULT, .process = process};
	int64_t id;

	assert_int_equal(secret_new(STR("B63test-key"), &v.key), 0);
	assert_int_equal(CALL(app_fetch_submit, &v), 0);
	id = v.job.job_id;
	if (ret_coalesced != NULL)
		*ret_coalesced = v.coalesced;
	fetch_submit_release(&v);
	return id;
}

/* The one job that is due. */
static struct job_row
claim(void)
{
	struct run_claim v = {.max = 4, .kinds = UINT32_MAX};
	struct job_row job;

	assert_int_equal(CALL(app_run_claim, &v), 0);
	assert_int_equal(v.jobs.count, 1);
	job = v.jobs.rows[0];
	v.jobs.rows[0] = JOB_ROW_INIT;
	run_claim_release(&v);
	return job;
}

static enum job_state
state_of(int64_t job_id)
{
	struct job_get v = {.job_id = job_id};
	enum job_state state;

	assert_int_equal(CALL(app_job_get, &v), 0);
	state = v.job.state;
	job_get_release(&v);
	return state;
}

static bool
has_key(int64_t job_id)
{
	struct run_needs v = {.job_id = job_id, .alp_user_id = USER};
	bool has;

	assert_int_equal(CALL(app_run_needs, &v), 0);
	has = v.key.len > 0;
	run_needs_release(&v);
	return has;
}

static void
recover(int64_t requeued, size_t lost)
{
	struct recovery v = {0};

	close_store();
	open_store();
	assert_int_equal(CALL(app_recover, &v), 0);
	assert_int_equal(v.requeued, requeued);
	assert_int_equal(v.lost.count, lost);
	recovery_release(&v);
	assert_sound();
}

static void
a_key_outlives_the_daemon_as_long_as_the_keeper_can_open_it(void **state)
{
	int64_t id = submit(1, true, NULL);
	struct job_row job = claim();

	(void)state;
	assert_true(has_key(id));
	recover(1, 0);
	assert_int_equal(state_of(id), JOB_QUEUED);
	assert_true(has_key(id));
	job_row_release(&job);
}

static void
a_job_whose_key_nobody_can_open_says_so_and_goes_on_with_a_fresh_one(void **state)
{
	int64_t id = submit(1, true, NULL);
	struct job_row job = claim();
	struct job_retry again = {.job_id = id};

	(void)state;
	b.keeper = 2;
	recover(0, 1);
	assert_int_equal(state_of(id), JOB_KEY_LOST);
	assert_false(has_key(id));
	assert_int_equal(CALL(app_job_retry, &again), -ENOKEY);
	job_retry_release(&again);
	again = (struct job_retry){.job_id = id};
	assert_int_equal(secret_new(STR("k"), &again.key), 0);
	assert_int_equal(CALL(app_job_retry, &again), 0);
	assert_null(again.key);
	job_retry_release(&again);
	assert_int_equal(state_of(id), JOB_QUEUED);
	assert_true(has_key(id));
	job_row_release(&job);
	assert_sound();
}

/* A keeper that had made its key died: what it could open, the next one cannot. */
static void
another_keeper_loses_the_jobs_that_wait_and_no_others(void **state)
{
	int64_t lost = submit(1, true, NULL), kept;
	struct key_check v = {0};

	(void)state;
	app_has_keeper(b.app, 2);
	kept = submit(2, true, NULL);
	assert_int_equal(CALL(app_key_check, &v), 0);
	assert_int_equal(v.lost.count, 1);
	key_check_release(&v);
	assert_int_equal(state_of(lost), JOB_KEY_LOST);
	assert_int_equal(state_of(kept), JOB_QUEUED);
	assert_sound();
}

static void
a_key_that_comes_again_takes_the_place_of_the_old_one(void **state)
{
	struct run_needs first = {.job_id = submit(1, true, NULL), .alp_user_id = USER}, second = first;
	bool coalesced = false;

	(void)state;
	assert_int_equal(CALL(app_run_needs, &first), 0);
	assert_int_equal(submit(1, true, &coalesced), first.job_id);
	assert_true(coalesced);
	assert_int_equal(CALL(app_run_needs, &second), 0);
	assert_memory_not_equal(first.key.seal_id, second.key.seal_id, BOX_ID_BYTES);
	assert_memory_not_equal(first.key.bytes, second.key.bytes, first.key.len);
	run_needs_release(&first);
	run_needs_release(&second);
}

static void
a_run_whose_key_nobody_can_open_ends_its_job(void **state)
{
	int64_t id = submit(1, true, NULL);
	struct job_row job = claim();
	struct run_end end = {.job_id = id, .run = job.run, .outcome = OUTCOME_KEY_LOST, .code = "key_lost", .detail = "send it again"};

	(void)state;
	assert_int_equal(CALL(app_run_end, &end), 0);
	assert_int_equal(end.job.state, JOB_KEY_LOST);
	assert_int_equal(end.job.attempts, 0);
	assert_string_equal(end.job.error_code, "key_lost");
	run_end_release(&end);
	assert_false(has_key(id));
	job_row_release(&job);
	assert_sound();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	    TEST(a_key_outlives_the_daemon_as_long_as_the_keeper_can_open_it),
	    TEST(a_job_whose_key_nobody_can_open_says_so_and_goes_on_with_a_fresh_one),
	    TEST(another_keeper_loses_the_jobs_that_wait_and_no_others),
	    TEST(a_key_that_comes_again_takes_the_place_of_the_old_one),
	    TEST(a_run_whose_key_nobody_can_open_ends_its_job),
#undef TEST
	};

	secret_setup();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
