/* SPDX-License-Identifier: Apache-2.0 */
/* Events: there exactly when what they tell of is there, numbered without a gap, told in their order. */
#include "store_unit.h"

#include <errno.h>

#include "store/event.h"

/* What the listener heard, and the completions among it as negative numbers. */
static struct {
	int64_t heard[20000];
	size_t count;
} tape;

static void
on_events(const struct event_row *events, size_t count, void *arg)
{
	(void)arg;
	for (size_t i = 0; i < count; i++)
		tape.heard[tape.count++] = events[i].event_id;
}

static void
listen(struct bench *b)
{
	tape.count = 0;
	store_on_events(b->store, on_events, NULL);
}

struct telling {
	int64_t user;
	int count;
	int r; /* what the closure returns */
	struct job_row job;
};

static int
tell_run(struct txn *txn, void *arg)
{
	struct telling *t = arg;

	t->job = a_job(t->user, KIND_FETCH, NOW_MS);
	if (txn_job_insert(txn, &t->job) < 0)
		return -EIO;
	for (int i = 1; i < t->count; i++)
		txn_event_entries(txn, t->user, DAY_ONE + i, NOW_MS);
	return t->r;
}

static void
on_told(int r, void *arg)
{
	(void)r;
	tape.heard[tape.count++] = -((struct telling *)arg)->user;
}

struct reading {
	int64_t from, to, user, job;
	struct event_list list;
	int64_t oldest, newest;
};

static int
read_run(struct txn *txn, void *arg)
{
	struct reading *v = arg;
	int r = txn_event_bounds(txn, &v->oldest, &v->newest);

	return r < 0 ? r : txn_event_list(txn, v->from, v->to, v->user, v->job, &v->list);
}

static void
a_write_that_fails_tells_nothing_and_leaves_no_gap(void **state)
{
	struct bench *b = *state;
	struct telling good = {.user = 1, .count = 3}, bad = {.user = 2, .count = 4, .r = -EINVAL}, last = {.user = 3, .count = 2};
	struct reading v = {.from = 1, .to = 100};

	listen(b);
	store_write(b->store, tell_run, on_told, &good);
	store_write(b->store, tell_run, on_told, &bad);
	store_write(b->store, tell_run, on_told, &last);
	drain_all(b->store);
	assert_int_equal(read_now(b->store, read_run, &v), 0);
	assert_int_equal(v.list.count, 5);
	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(v.list.rows[i].event_id, i + 1);
		assert_int_not_equal(v.list.rows[i].alp_user_id, 2);
	}
	assert_int_equal(v.list.rows[0].job_id, good.job.job_id);
	assert_int_equal(v.list.rows[0].state, JOB_QUEUED);
	assert_int_equal(v.list.rows[0].days_total, 1);
	assert_int_equal(v.list.rows[2].day, DAY_ONE + 2);
	assert_int_equal(store_newest_event(b->store), 5);
	event_list_release(&v.list);
}

/* Whoever hears of a completion and looks at what was told so far finds it there. */
static void
a_commits_events_are_told_before_its_completions(void **state)
{
	struct bench *b = *state;
	struct telling t[50];
	int64_t told = 0;

	listen(b);
	for (int i = 0; i < 50; i++) {
		t[i] = (struct telling){.user = i + 1, .count = 2};
		store_write(b->store, tell_run, on_told, &t[i]);
	}
	drain_all(b->store);
	assert_int_equal(tape.count, 150);
	for (size_t i = 0; i < tape.count; i++) {
		if (tape.heard[i] > 0)
			assert_int_equal(tape.heard[i], ++told);
		else
			assert_true(told >= -2 * tape.heard[i]);
	}
}

struct stepping {
	struct job_row job;
	enum job_state to;
	const char *code;
};

static int
step_run(struct txn *txn, void *arg)
{
	struct stepping *s = arg;

	return txn_job_transition(txn, &s->job, s->to, NOW_MS + 5, s->code, "detail");
}

static void
every_step_of_a_job_is_told(void **state)
{
	static const enum job_state steps[] = {JOB_RUNNING, JOB_QUEUED, JOB_RUNNING, JOB_FAILED, JOB_QUEUED, JOB_CANCELLED};
	const char *longer_than_kept = "a_code_that_is_longer_than_what_an_event_keeps_of_it";
	struct bench *b = *state;
	struct telling t = {.user = 7, .count = 1};
	struct stepping s;
	struct reading v = {.from = 1, .to = 100, .user = 7};

	assert_int_equal(write_now(b->store, tell_run, &t), 0);
	s = (struct stepping){.job = t.job, .code = longer_than_kept};
	for (size_t i = 0; i < ELEMENTSOF(steps); i++) {
		s.to = steps[i];
		assert_int_equal(write_now(b->store, step_run, &s), 0);
	}
	assert_int_equal(read_now(b->store, read_run, &v), 0);
	assert_int_equal(v.list.count, 1 + ELEMENTSOF(steps));
	for (size_t i = 0; i < ELEMENTSOF(steps); i++) {
		assert_int_equal(v.list.rows[i + 1].state, steps[i]);
		assert_int_equal(v.list.rows[i + 1].at_ms, NOW_MS + 5);
		assert_int_equal(strlen(v.list.rows[i + 1].code), EVENT_CODE_MAX - 1);
		assert_memory_equal(v.list.rows[i + 1].code, longer_than_kept, EVENT_CODE_MAX - 1);
	}
	assert_int_equal(v.list.rows[4].run, 2);
	event_list_release(&v.list);
	job_row_release(&s.job);
}

static void
filters_and_bounds_hold(void **state)
{
	struct bench *b = *state;
	struct telling one = {.user = 1, .count = 4}, two = {.user = 2, .count = 4};
	struct reading user = {.from = 2, .to = 7, .user = 2}, job = {.from = 1, .to = 100};
	struct reading none = {.from = 9, .to = 100};

	assert_int_equal(read_now(b->store, read_run, &none), 0);
	assert_int_equal(none.oldest, 0);
	assert_int_equal(none.newest, 0);
	assert_int_equal(write_now(b->store, tell_run, &one), 0);
	assert_int_equal(write_now(b->store, tell_run, &two), 0);
	assert_int_equal(read_now(b->store, read_run, &user), 0);
	assert_int_equal(user.list.count, 3);
	assert_int_equal(user.list.rows[0].event_id, 5);
	job.job = two.job.job_id;
	assert_int_equal(read_now(b->store, read_run, &job), 0);
	assert_int_equal(job.list.count, 1);
	assert_int_equal(read_now(b->store, read_run, &none), 0);
	assert_int_equal(none.list.count, 0);
	assert_int_equal(none.oldest, 1);
	assert_int_equal(none.newest, 8);
	event_list_release(&user.list);
	event_list_release(&job.list);
	event_list_release(&none.list);
}

static void
reopen(struct bench *b, int64_t keep)
{
	struct store_options options = {.path = b->path, .readers = 2, .events_keep = keep};

	promises_hold(b->store);
	b->store = store_close(b->store);
	assert_int_equal(store_open(&options, &b->store, &b->schema, &b->migrated), 0);
	listen(b);
}

/* However many were thrown away, the next one has a number that nobody had. */
static void
old_ones_go_in_steps_and_no_number_comes_again(void **state)
{
	struct bench *b = *state;
	struct reading v = {.from = 1, .to = 0};
	int64_t expected = 0;

	for (int round = 0; round < 3; round++) {
		reopen(b, 1000);
		assert_int_equal(store_newest_event(b->store), expected);
		for (int i = 0; i < 10; i++) {
			struct telling t = {.user = 1 + i, .count = 500};

			assert_int_equal(write_now(b->store, tell_run, &t), 0);
			expected += 500;
			assert_int_equal(tape.heard[tape.count - 1], expected);
			assert_int_equal(read_now(b->store, read_run, &v), 0);
			assert_int_equal(v.newest, expected);
			/* At least what is to be kept, and not much more. */
			assert_true(v.oldest <= MAX_OF(expected - 1000, 1));
			assert_true(v.newest - v.oldest < 1000 + 2 * 2048);
		}
	}
	assert_true(v.oldest > 10000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    STORE_TEST(a_write_that_fails_tells_nothing_and_leaves_no_gap),
	    STORE_TEST(a_commits_events_are_told_before_its_completions),
	    STORE_TEST(every_step_of_a_job_is_told),
	    STORE_TEST(filters_and_bounds_hold),
	    STORE_TEST(old_ones_go_in_steps_and_no_number_comes_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
