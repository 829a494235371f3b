/* SPDX-License-Identifier: Apache-2.0 */
/* store_unit.h - a store in a directory of its own, and closures run to their end, for the store's tests.
 *
 * A test names its closure and its argument and gets the result; at the end store_stop() asks store_check() and fails on a violation.
 */
#ifndef RTALP_TESTS_STORE_UNIT_H
#define RTALP_TESTS_STORE_UNIT_H

#include "unit.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "store/activity.h"
#include "store/check.h"
#include "store/entry.h"
#include "store/job.h"
#include "store/store.h"
#include "store/user.h"

struct bench {
	char directory[64];
	char path[96];
	struct store *store;
	int schema;
	bool migrated;
};

static inline int
bench_open(struct bench *b)
{
	struct store_options options = {.path = b->path, .readers = 2, .min_free_bytes = 0};

	return store_open(&options, &b->store, &b->schema, &b->migrated);
}

static inline void
bench_make(struct bench *b)
{
	*b = (struct bench){.directory = "store-test-XXXXXX"};
	assert_non_null(mkdtemp(b->directory));
	snprintf(b->path, sizeof b->path, "%s/rtalp.db", b->directory);
}

static inline void
bench_remove(struct bench *b)
{
	static const char *const endings[] = {"", "-wal", "-shm", ".lock"};

	for (size_t i = 0; i < ELEMENTSOF(endings); i++) {
		_cleanup_free_ char *path = xasprintf("%s%s", b->path, endings[i]);

		unlink(path);
	}
	rmdir(b->directory);
}

static inline void
drain_all(struct store *s)
{
	while (store_pending(s) > 0) {
		struct pollfd p = {.fd = store_event_fd(s), .events = POLLIN};

		poll(&p, 1, -1);
		store_dispatch(s);
	}
}

struct outcome {
	store_run_fn run;
	void *arg;
	int r;
	bool done;
};

static inline int
outcome_run(struct txn *txn, void *arg)
{
	struct outcome *o = arg;

	return o->run(txn, o->arg);
}

static inline void
outcome_done(int r, void *arg)
{
	struct outcome *o = arg;

	o->r = r;
	o->done = true;
}

static inline int
write_now(struct store *s, store_run_fn run, void *arg)
{
	struct outcome o = {.run = run, .arg = arg};

	store_write(s, outcome_run, outcome_done, &o);
	drain_all(s);
	return o.r;
}

static inline int
read_now(struct store *s, store_run_fn run, void *arg)
{
	struct outcome o = {.run = run, .arg = arg};

	store_read(s, outcome_run, outcome_done, &o);
	drain_all(s);
	return o.r;
}

static inline int
check_run(struct txn *txn, void *arg)
{
	return store_check(txn, arg);
}

static inline void
promises_hold(struct store *s)
{
	_cleanup_free_ char *violation = NULL;
	int r = read_now(s, check_run, &violation);

	/* The writer has promises of its own: what it keeps in memory. */
	if (r == 0 && violation == NULL)
		r = write_now(s, check_run, &violation);
	/* A read's answer is 0 or an error: only the text says that one is broken. */
	if (violation != NULL)
		fail_msg("%s", violation);
	assert_int_equal(r, 0);
}

static inline int
bench_setup(void **state)
{
	struct bench *b = xcalloc(1, sizeof *b);

	bench_make(b);
	assert_int_equal(bench_open(b), 0);
	*state = b;
	return 0;
}

static inline int
bench_teardown_unasked(void **state)
{
	struct bench *b = *state;

	if (b->store != NULL)
		b->store = store_close(b->store);
	bench_remove(b);
	free(b);
	return 0;
}

static inline int
bench_teardown(void **state)
{
	struct bench *b = *state;

	if (b->store != NULL)
		promises_hold(b->store);
	return bench_teardown_unasked(state);
}

#define STORE_TEST(f) cmocka_unit_test_setup_teardown(f, bench_setup, bench_teardown)
/* For rows that no daemon writes. */
#define STORE_TEST_UNASKED(f) cmocka_unit_test_setup_teardown(f, bench_setup, bench_teardown_unasked)

/* 2026-11-20 */
#define DAY_ONE ((day_t)20777)
#define NOW_MS  ((int64_t)DAY_ONE * 86400000)

static inline struct job_row
a_job(int64_t user, enum job_kind kind, int64_t run_at_ms)
{
	return (struct job_row){
	    .alp_user_id = user, .kind = kind, .priority = PRIORITY_DEFAULT, .run_at_ms = run_at_ms, .created_ms = NOW_MS,
	    .updated_ms = NOW_MS, .from_day = DAY_ONE, .to_day = DAY_ONE, .next_day = DAY_ONE,
	};
}

#endif
