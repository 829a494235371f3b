/* SPDX-License-Identifier: Apache-2.0 */
/* bench_store - how many jobs a second the store takes durably, and whether a claim notices how many wait.
 *
 *     bench_store DIRECTORY [BACKLOG...]
 *
 * Prints durable submissions a second with 1 and with 64 requests outstanding, then claims a second at each backlog (default 0, 36000 and
 * 1000000 waiting jobs of 10000 users). A claim is a whole closure: who is next, which job, and its step to running and to succeeded.
 * Beside each: the processor time the writer thread spent on one, which says more than the rate while others use the machine, and how
 * many shared a sync.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "store/job.h"
#include "store/store.h"
#include "thread_time.h"

#define USERS   10000
#define SECONDS 2
#define NOW_MS  INT64_C(1795132800000)
#define LATER_MS (NOW_MS + 86400000)

struct load {
	struct store *store;
	store_run_fn run;
	int64_t until_us;
	int64_t count;
	int64_t left; /* closures to start; -1: until the time is over */
};

struct request {
	struct load *load;
	int64_t began_us;
	int64_t user, number;
};

static int64_t latencies_us[4000000];
static int64_t next_number;

static int
insert_run(struct txn *txn, void *arg)
{
	struct request *req = arg;
	/* A job is due when it comes, and they come one after the other. */
	int64_t at_ms = NOW_MS + req->number / 30;
	struct job_row job = {.alp_user_id = req->user, .kind = KIND_FETCH, .priority = PRIORITY_DEFAULT, .run_at_ms = at_ms,
	    .created_ms = at_ms, .updated_ms = at_ms, .from_day = 20777, .to_day = 20777, .next_day = 20777, .process = true};

	return txn_job_insert(txn, &job);
}

/* What a wish for processing does: is there the same, is there room, then the job. */
static int
submit_run(struct txn *txn, void *arg)
{
	const struct request *req = arg;
	_cleanup_(job_row_release) struct job_row same = JOB_ROW_INIT;
	int64_t at_ms = NOW_MS + req->number / 30, live;
	day_t day = (day_t)(20777 - req->number / USERS);
	struct job_row job = {.alp_user_id = req->user, .kind = KIND_PROCESS, .priority = PRIORITY_DEFAULT, .run_at_ms = at_ms,
	    .created_ms = at_ms, .updated_ms = at_ms, .from_day = day, .to_day = day};
	int r = txn_job_find_queued(txn, &job, &same);

	if (r != -ENOENT)
		return r < 0 ? r : -EEXIST;
	r = txn_job_live_count(txn, &live);
	if (r < 0)
		return r;
	txn_promise(txn);
	return txn_job_insert(txn, &job);
}

static int
claim_run(struct txn *txn, void *arg)
{
	_cleanup_(job_row_release) struct job_row job = JOB_ROW_INIT;
	struct turn turn;
	size_t count;
	int r;

	(void)arg;
	txn_promise(txn);
	r = txn_turns_due(txn, LANE_ACTIVITY, LATER_MS, 1, &turn, &count);
	if (r < 0 || count == 0)
		return r;
	r = txn_turn_head(txn, turn.alp_user_id, turn.lane, LATER_MS, &job);
	if (r >= 0)
		r = txn_job_transition(txn, &job, JOB_RUNNING, LATER_MS, NULL, NULL);
	if (r >= 0)
		r = txn_job_transition(txn, &job, JOB_SUCCEEDED, LATER_MS, NULL, NULL);
	return r;
}

static void request_done(int r, void *arg);

static void
request_start(struct request *req)
{
	req->began_us = clock_mono_us();
	req->number = next_number++;
	req->user = 1 + req->number % USERS;
	store_write(req->load->store, req->load->run, request_done, req);
}

static void
request_done(int r, void *arg)
{
	struct request *req = arg;
	struct load *load = req->load;

	if (r < 0) {
		fprintf(stderr, "bench_store: %s\n", strerror(-r));
		exit(1);
	}
	latencies_us[(size_t)load->count % ELEMENTSOF(latencies_us)] = clock_mono_us() - req->began_us;
	load->count++;
	if (load->left < 0 ? clock_mono_us() < load->until_us : load->left-- > 0)
		request_start(req);
}

static void
drive(struct load *load, size_t outstanding)
{
	_cleanup_free_ struct request *requests = xcalloc(outstanding, sizeof *requests);
	struct pollfd p = {.fd = store_event_fd(load->store), .events = POLLIN};

	for (size_t i = 0; i < outstanding; i++) {
		requests[i].load = load;
		request_start(&requests[i]);
	}
	while (store_pending(load->store) > 0) {
		(void)poll(&p, 1, -1);
		store_dispatch(load->store);
	}
}

static int
by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static void
measure(struct store *s, const char *what, store_run_fn run, size_t outstanding)
{
	int64_t began_us = clock_mono_us(), took_us, began_ns = thread_ns("store-writer");
	struct store_stats before, after;
	struct load load = {.store = s, .run = run, .until_us = began_us + SECONDS * 1000000, .left = -1};
	size_t n;

	store_get_stats(s, &before);
	drive(&load, outstanding);
	store_get_stats(s, &after);
	took_us = clock_mono_us() - began_us;
	n = MIN_OF((size_t)load.count, ELEMENTSOF(latencies_us));
	qsort(latencies_us, n, sizeof *latencies_us, by_value);
	printf("%-42s %8.0f/s  p50 %6.2f ms  p99 %6.2f ms  max %6.2f ms  writer %5.1f us each, %4.1f a sync\n", what,
	    (double)load.count * 1e6 / (double)took_us, (double)latencies_us[n / 2] / 1e3, (double)latencies_us[n * 99 / 100] / 1e3,
	    (double)latencies_us[n - 1] / 1e3, (double)(thread_ns("store-writer") - began_ns) / 1e3 / (double)load.count,
	    (double)load.count / (double)MAX_OF(after.commits - before.commits, 1u));
	fflush(stdout);
}

static int
live_run(struct txn *txn, void *arg)
{
	return txn_job_live_count(txn, arg);
}

static void
live_done(int r, void *arg)
{
	(void)r;
	(void)arg;
}

static int64_t
live(struct store *s)
{
	int64_t count = 0;

	store_write(s, live_run, live_done, &count);
	while (store_pending(s) > 0)
		store_dispatch(s);
	return count;
}

static void
fill(struct store *s, int64_t backlog)
{
	int64_t missing = backlog - live(s);
	struct load load = {.store = s, .run = insert_run, .left = missing - 512};

	if (missing > 0)
		drive(&load, 512);
}

static void
empty(struct store *s)
{
	while (live(s) > 0) {
		struct load load = {.store = s, .run = claim_run, .left = live(s)};

		drive(&load, 512);
	}
}

static void
measure_claims(struct store *s, int64_t backlog)
{
	char what[64];

	empty(s);
	/* Enough for the time of the measurement; they are the backlog when none is asked for. */
	fill(s, MAX_OF(backlog, 1) + 20000);
	snprintf(what, sizeof what, "claim and finish, %lld waiting, 1 out", (long long)backlog);
	measure(s, what, claim_run, 1);
	fill(s, MAX_OF(backlog, 1) + 120000);
	snprintf(what, sizeof what, "claim and finish, %lld waiting, 64 out", (long long)backlog);
	measure(s, what, claim_run, 64);
}

int
main(int argc, char **argv)
{
	static const char *const defaults[] = {"0", "36000", "1000000"};
	const char *directory = argc > 1 ? argv[1] : ".";
	_cleanup_free_ char *path = xasprintf("%s/bench_store.%d.db", directory, (int)getpid());
	_cleanup_free_ char *lock = xasprintf("%s.lock", path);
	struct store_options options = {.path = path, .readers = 1};
	struct store *s = NULL;
	bool migrated;
	int schema;

	if (store_open(&options, &s, &schema, &migrated) < 0) {
		fprintf(stderr, "bench_store: cannot open %s\n", path);
		return 1;
	}
	measure(s, "durable submission, 1 outstanding", submit_run, 1);
	measure(s, "durable submission, 64 outstanding", submit_run, 64);
	for (int i = 0; i < (argc > 2 ? argc - 2 : (int)ELEMENTSOF(defaults)); i++)
		measure_claims(s, atoll(argc > 2 ? argv[i + 2] : defaults[i]));
	store_close(s);
	unlink(path);
	unlink(lock);
	return 0;
}
