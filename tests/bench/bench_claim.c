/* SPDX-License-Identifier: Apache-2.0 */
/* bench_claim - how many jobs a second the daemon claims and finishes durably when the job itself is nothing.
 *
 *     bench_claim DIRECTORY [BACKLOG...]
 *
 * A kind that does nothing runs where kinds without workers run (daemon/here.c), with the app, the store and the loop as they are in the
 * daemon. Every job is claimed in one transaction and ended in a later one, each synced. Measured at each backlog (default 0 and 1000000
 * waiting jobs of 10000 users) over JOBS jobs beyond it. Beside the rate: the processor time a job cost the two threads.
 */
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "daemon/run_kinds.h"
#include "thread_time.h"

#define USERS 10000
#define JOBS  100000
#define BATCH 500

static struct {
	struct event_base *base;
	struct store *store;
	struct app *app;
	struct here *here;
	int64_t finished, wanted;
	int64_t next_number;
} bench;

static void
noop(struct here_run *run)
{
	here_succeed(run);
	if (++bench.finished >= bench.wanted)
		event_base_loopbreak(bench.base);
}

static const struct here_kind noop_here = {.run = noop};
const struct run_kind run_noop = {.job_kind = KIND_NOOP, .here = &noop_here};

static void
check(int r, const char *what)
{
	if (r >= 0)
		return;
	fprintf(stderr, "bench_claim: %s: %s\n", what, strerror(-r));
	exit(1);
}

/* --- jobs to claim -------------------------------------------------------------------------------------------------------- */

static int
fill_run(struct txn *txn, void *arg)
{
	int64_t count = *(int64_t *)arg, now_ms = clock_real_ms();
	int r = 0;

	for (int64_t i = 0; i < count && r >= 0; i++) {
		struct job_row job = {.alp_user_id = 1 + bench.next_number++ % USERS, .kind = KIND_NOOP, .priority = PRIORITY_DEFAULT,
		    .run_at_ms = now_ms, .created_ms = now_ms, .updated_ms = now_ms};

		r = txn_job_insert(txn, &job);
	}
	return r;
}

static void
fill_done(int r, void *arg)
{
	(void)arg;
	check(r, "filling the queue");
}

static void
fill(int64_t count)
{
	int64_t left = count, some;

	for (; left > 0; left -= some) {
		some = MIN_OF(left, BATCH);
		store_write(bench.store, fill_run, fill_done, &some);
		while (store_pending(bench.store) > 0)
			store_dispatch(bench.store);
	}
}

static int
live_run(struct txn *txn, void *arg)
{
	return txn_job_live_count(txn, arg);
}

static int64_t
live(void)
{
	int64_t count = 0;

	store_write(bench.store, live_run, fill_done, &count);
	while (store_pending(bench.store) > 0)
		store_dispatch(bench.store);
	return count;
}

/* --- the daemon's parts ----------------------------------------------------------------------------------------------------- */

static void
on_store(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	store_dispatch(arg);
}

static void
wake_hook(void *arg)
{
	(void)arg;
	here_wake(bench.here);
}

static void
kill_hook(void *arg, int64_t job_id, int32_t run)
{
	(void)arg;
	here_kill(bench.here, job_id, run);
}

static void
on_idle(void *arg)
{
	(void)arg;
}

static void
run(int64_t jobs)
{
	bench.finished = 0;
	bench.wanted = jobs;
	here_wake(bench.here);
	event_base_dispatch(bench.base);
}

static void
measure(int64_t backlog)
{
	struct store_stats before, after;
	int64_t began_us, took_us, writer_ns, loop_ns;

	fill(MAX_OF(backlog + JOBS + HERE_MAX - live(), 0));
	/* The log of the filling is moved away before anything is measured. */
	usleep(500000);
	store_get_stats(bench.store, &before);
	writer_ns = thread_ns("store-writer");
	loop_ns = thread_ns("bench_claim");
	began_us = clock_mono_us();
	run(JOBS);
	took_us = clock_mono_us() - began_us;
	store_get_stats(bench.store, &after);
	printf("claim and finish, %7lld waiting %8.0f/s  writer %5.1f us each, loop %4.1f us, %5.1f writes a sync\n", (long long)backlog,
	    JOBS * 1e6 / (double)took_us, (double)(thread_ns("store-writer") - writer_ns) / 1e3 / JOBS,
	    (double)(thread_ns("bench_claim") - loop_ns) / 1e3 / JOBS,
	    (double)(after.writes - before.writes) / (double)(after.commits - before.commits));
	fflush(stdout);
}

static void
start(const char *path)
{
	struct store_options options = {.path = path, .readers = 1};
	struct app_options app_options = {.max_live_jobs = INT64_MAX, .default_zone = "UTC",
	    .hooks = {.wake = wake_hook, .kill_run = kill_hook}};
	struct event *readable;
	bool migrated;
	int schema;

	check(store_open(&options, &bench.store, &schema, &migrated), path);
	bench.base = event_base_new();
	app_options.store = bench.store;
	bench.app = app_new(&app_options);
	bench.here = here_new(bench.base, on_idle, NULL);
	readable = event_new(bench.base, store_event_fd(bench.store), EV_READ | EV_PERSIST, on_store, bench.store);
	event_add(readable, NULL);
}

int
main(int argc, char **argv)
{
	static const char *const defaults[] = {"0", "1000000"};
	_cleanup_free_ char *path = xasprintf("%s/bench_claim.%d.db", argc > 1 ? argv[1] : ".", (int)getpid());
	_cleanup_free_ char *lock = xasprintf("%s.lock", path);

	log_setup("bench_claim", LOG_NOTICE);
	start(path);
	fill(JOBS + HERE_MAX);
	here_connect(bench.here, bench.app);
	for (int i = 0; i < (argc > 2 ? argc - 2 : (int)ELEMENTSOF(defaults)); i++)
		measure(atoll(argc > 2 ? argv[i + 2] : defaults[i]));
	here_drain(bench.here);
	store_close(bench.store);
	unlink(path);
	unlink(lock);
	return 0;
}
