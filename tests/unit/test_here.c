/* SPDX-License-Identifier: Apache-2.0 */
/* Jobs that run in the daemon itself, with a kind that only this program has. */
#include "store_job_unit.h"

#include <errno.h>
#include <event2/event.h>

#include "daemon/run_kinds.h"

#define RUNS 8

static struct {
	struct event_base *base;
	struct event *readable;
	struct app *app;
	struct here *here;
	struct here_run *begun[RUNS]; /* in their order; NULL: stopped */
	size_t count, stopped, idle;
} it;

static void
begin(struct here_run *run)
{
	assert_true(it.count < RUNS);
	here_set_state(run, &it.begun[it.count]);
	it.begun[it.count++] = run;
}

static void
leave(struct here_run *run)
{
	struct here_run **place = here_state(run);

	assert_ptr_equal(*place, run);
	*place = NULL;
	it.stopped++;
}

static const struct here_kind noop_here = {.run = begin, .stop = leave};
const struct run_kind run_noop = {.job_kind = KIND_NOOP, .here = &noop_here};

/* --- the daemon around it ------------------------------------------------------------------------------------------------- */

static void
on_store(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	store_dispatch(arg);
}

static void
on_idle(void *arg)
{
	(void)arg;
	it.idle++;
}

static void
wake_hook(void *arg)
{
	(void)arg;
	here_wake(it.here);
}

static void
kill_hook(void *arg, int64_t job_id, int32_t run)
{
	(void)arg;
	assert_true(here_kill(it.here, job_id, run));
}

static int
here_setup(void **state)
{
	int r = bench_setup(state);
	struct bench *b = *state;
	struct app_options options = {.store = b->store, .max_live_jobs = 1000, .default_zone = "UTC",
	    .hooks = {.wake = wake_hook, .kill_run = kill_hook}};

	memset(&it, 0, sizeof it);
	it.base = event_base_new();
	it.app = app_new(&options);
	it.here = here_new(it.base, on_idle, NULL);
	it.readable = event_new(it.base, store_event_fd(b->store), EV_READ | EV_PERSIST, on_store, b->store);
	event_add(it.readable, NULL);
	here_connect(it.here, it.app);
	return r;
}

static int
here_teardown(void **state)
{
	struct bench *b = *state;

	here_abort(it.here);
	drain_all(b->store);
	it.here = here_free(it.here);
	it.app = app_free(it.app);
	event_free(it.readable);
	event_base_free(it.base);
	return bench_teardown(state);
}

#define HERE_TEST(f) cmocka_unit_test_setup_teardown(f, here_setup, here_teardown)

/* Lets the loop turn until that many runs have begun. */
static void
until_begun(size_t count)
{
	while (it.count < count)
		event_base_loop(it.base, EVLOOP_ONCE);
}

static void
until_running(size_t count)
{
	while (here_running(it.here) != count)
		event_base_loop(it.base, EVLOOP_ONCE);
}

/* It is told of in a later turn of the loop than the one in which the last job ended. */
static void
until_idle(void)
{
	while (it.idle == 0)
		event_base_loop(it.base, EVLOOP_ONCE);
}

static int64_t
queue_noop(struct bench *b, int64_t user)
{
	int64_t job_id = queue(b, a_job(user, KIND_NOOP, NOW_MS));

	here_wake(it.here);
	return job_id;
}

/* --- tests ---------------------------------------------------------------------------------------------------------------- */

static void
a_job_ends_as_its_kind_says(void **state)
{
	struct bench *b = *state;
	int64_t good = queue_noop(b, 1), bad = queue_noop(b, 2), later = queue_noop(b, 3);
	struct job_row job;

	until_begun(3);
	here_succeed(it.begun[0]);
	here_fail(it.begun[1], OUTCOME_PERMANENT, 0, "no_use", "it cannot be done");
	here_fail(it.begun[2], OUTCOME_TRANSIENT, 3600000, "later", "not now");
	until_running(0);
	until_idle();
	job = get(b, good);
	assert_int_equal(job.state, JOB_SUCCEEDED);
	job = get(b, bad);
	assert_int_equal(job.state, JOB_FAILED);
	assert_string_equal(job.error_code, "no_use");
	assert_string_equal(job.error_detail, "it cannot be done");
	job_row_release(&job);
	job = get(b, later);
	assert_int_equal(job.state, JOB_QUEUED);
	assert_int_equal(job.attempts, 1);
	assert_true(job.run_at_ms >= job.updated_ms + 3600000);
	job_row_release(&job);
}

static void
jobs_of_a_user_run_one_after_the_other(void **state)
{
	struct bench *b = *state;
	int64_t first = queue_noop(b, 1), second = queue_noop(b, 1), other = queue_noop(b, 2);

	until_begun(2);
	assert_int_equal(here_job(it.begun[0])->job_id, first);
	assert_int_equal(here_job(it.begun[1])->job_id, other);
	here_succeed(it.begun[1]);
	until_running(1);
	assert_int_equal(it.count, 2);
	here_succeed(it.begun[0]);
	until_begun(3);
	assert_int_equal(here_job(it.begun[2])->job_id, second);
}

static void
a_run_that_does_not_end_is_stopped(void **state)
{
	struct bench *b = *state;
	int64_t job_id = queue_noop(b, 1);
	struct job_row job;

	until_begun(1);
	until_running(0);
	assert_int_equal(it.stopped, 1);
	job = get(b, job_id);
	assert_int_equal(job.state, JOB_QUEUED);
	assert_int_equal(job.attempts, 1);
	assert_string_equal(job.error_code, "deadline");
	job_row_release(&job);
}

static void
done(int r, void *arg)
{
	*(int *)arg = r;
}

static void
a_cancelled_run_is_stopped_and_stays_cancelled(void **state)
{
	struct bench *b = *state;
	struct job_cancel cancel = {.job_id = queue_noop(b, 1)};
	struct job_row job;
	int r = 1;

	until_begun(1);
	app_job_cancel(it.app, &cancel, done, &r);
	until_running(0);
	assert_int_equal(r, 0);
	assert_int_equal(it.stopped, 1);
	job_cancel_release(&cancel);
	job = get(b, cancel.job_id);
	assert_int_equal(job.state, JOB_CANCELLED);
	job_row_release(&job);
}

static void
what_runs_when_the_daemon_stops_goes_back_to_the_queue(void **state)
{
	struct bench *b = *state;
	int64_t runs = queue_noop(b, 1), waits;
	struct job_row job;

	until_begun(1);
	here_drain(it.here);
	waits = queue_noop(b, 2);
	event_base_loop(it.base, EVLOOP_NONBLOCK);
	assert_int_equal(it.count, 1);
	here_abort(it.here);
	until_running(0);
	assert_int_equal(it.stopped, 1);
	assert_true(here_is_idle(it.here));
	job = get(b, runs);
	assert_int_equal(job.state, JOB_QUEUED);
	assert_int_equal(job.attempts, 0);
	assert_int_equal(job.run, 1);
	job = get(b, waits);
	assert_int_equal(job.state, JOB_QUEUED);
	assert_int_equal(job.run, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    HERE_TEST(a_job_ends_as_its_kind_says),
	    HERE_TEST(jobs_of_a_user_run_one_after_the_other),
	    HERE_TEST(a_run_that_does_not_end_is_stopped),
	    HERE_TEST(a_cancelled_run_is_stopped_and_stays_cancelled),
	    HERE_TEST(what_runs_when_the_daemon_stops_goes_back_to_the_queue),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
