/* SPDX-License-Identifier: Apache-2.0 */
/* Whose turn it is. */
#include "store_job_unit.h"

#include <errno.h>

static void
the_oldest_job_of_a_lane_runs_first_and_alone(void **state)
{
	struct bench *b = *state;
	int64_t first = queue(b, a_job(1, KIND_FETCH, NOW_MS)), second = queue(b, a_job(1, KIND_FETCH, NOW_MS));

	assert_int_equal(claim(b, NOW_MS).job_id, first);
	assert_int_equal(claim(b, NOW_MS).job_id, 0);
	assert_int_equal(move(b, second, JOB_RUNNING, NOW_MS), -EBUSY);
	assert_int_equal(move(b, first, JOB_SUCCEEDED, NOW_MS + 5), 0);
	assert_int_equal(claim(b, NOW_MS).job_id, second);
}

static void
users_take_turns_however_many_jobs_one_of_them_has(void **state)
{
	struct bench *b = *state;
	int64_t users[6];

	for (int i = 0; i < 20; i++)
		queue(b, a_job(1, KIND_FETCH, NOW_MS));
	queue(b, a_job(2, KIND_FETCH, NOW_MS));
	queue(b, a_job(2, KIND_FETCH, NOW_MS));
	queue(b, a_job(3, KIND_FETCH, NOW_MS));
	for (size_t i = 0; i < ELEMENTSOF(users); i++) {
		struct claim c = claim(b, NOW_MS);

		users[i] = c.user;
		assert_int_equal(move(b, c.job_id, JOB_SUCCEEDED, NOW_MS), 0);
	}
	const int64_t expected[] = {1, 2, 3, 1, 2, 1};
	assert_memory_equal(users, expected, sizeof users);
}

static void
higher_priority_goes_first_within_a_lane_and_between_users(void **state)
{
	struct bench *b = *state;
	struct job_row urgent = a_job(1, KIND_FETCH, NOW_MS), relaxed = a_job(3, KIND_FETCH, NOW_MS);
	int64_t ids[4];

	urgent.priority = PRIORITY_MAX;
	relaxed.priority = PRIORITY_MIN;
	ids[3] = queue(b, relaxed);
	ids[2] = queue(b, a_job(1, KIND_FETCH, NOW_MS));
	ids[1] = queue(b, a_job(2, KIND_FETCH, NOW_MS));
	ids[0] = queue(b, urgent);
	for (size_t i = 0; i < ELEMENTSOF(ids); i++) {
		assert_int_equal(claim(b, NOW_MS).job_id, ids[i]);
		assert_int_equal(move(b, ids[i], JOB_SUCCEEDED, NOW_MS), 0);
	}
}

static void
what_was_fetched_is_processed_before_the_next_fetch(void **state)
{
	struct bench *b = *state;

	queue(b, a_job(1, KIND_FETCH, NOW_MS));
	int64_t process = queue(b, a_job(1, KIND_PROCESS, NOW_MS));

	assert_int_equal(claim(b, NOW_MS).job_id, process);
}

static int
next_due_run(struct txn *txn, void *arg)
{
	return txn_turns_next_due(txn, LANE_ACTIVITY, arg);
}

static int64_t
next_due(struct bench *b)
{
	int64_t due_ms = 0;

	assert_int_equal(read_now(b->store, next_due_run, &due_ms), 0);
	return due_ms;
}

static void
a_job_waits_for_its_instant_and_the_next_instant_is_known(void **state)
{
	struct bench *b = *state;
	int64_t later, sooner;

	assert_int_equal(next_due(b), INT64_MAX);
	later = queue(b, a_job(1, KIND_FETCH, NOW_MS + 500));
	sooner = queue(b, a_job(2, KIND_FETCH, NOW_MS + 200));
	assert_int_equal(next_due(b), NOW_MS + 200);
	assert_int_equal(claim(b, NOW_MS + 199).job_id, 0);
	assert_int_equal(claim(b, NOW_MS + 200).job_id, sooner);
	assert_int_equal(next_due(b), NOW_MS + 500);
	assert_int_equal(claim(b, NOW_MS + 500).job_id, later);
	assert_int_equal(next_due(b), INT64_MAX);
}

/* User 1's urgent job becomes due while an unhurried one of theirs already is: from then on they go before user 2. */
static void
time_alone_raises_a_turns_priority(void **state)
{
	struct bench *b = *state;
	struct job_row urgent = a_job(1, KIND_FETCH, NOW_MS + 100), relaxed = a_job(1, KIND_FETCH, NOW_MS);
	int64_t id;

	relaxed.priority = 1;
	urgent.priority = 9;
	queue(b, relaxed);
	queue(b, a_job(2, KIND_FETCH, NOW_MS));
	id = queue(b, urgent);
	promises_hold(b->store);
	assert_int_equal(claim(b, NOW_MS).user, 2);
	assert_int_equal(claim(b, NOW_MS + 100).job_id, id);
}

static void
a_clock_set_back_starts_nothing_early_and_loses_nothing(void **state)
{
	struct bench *b = *state;
	int64_t id = queue(b, a_job(1, KIND_FETCH, NOW_MS));

	assert_int_equal(claim(b, NOW_MS - 3600000).job_id, 0);
	assert_int_equal(next_due(b), NOW_MS);
	assert_int_equal(claim(b, NOW_MS).job_id, id);
}

static int
release_run(struct txn *txn, void *arg)
{
	_cleanup_(job_row_release) struct job_row job = JOB_ROW_INIT;
	int r = txn_job_get(txn, *(int64_t *)arg, &job);

	if (r < 0)
		return r;
	job.waiting = true;
	r = txn_job_update(txn, &job);
	return r < 0 ? r : txn_job_release_turn(txn, &job);
}

static void
a_fetch_that_waits_lets_its_process_job_have_the_turn(void **state)
{
	struct bench *b = *state;
	int64_t fetch = queue(b, a_job(1, KIND_FETCH, NOW_MS)), process;
	struct job_row child = a_job(1, KIND_PROCESS, NOW_MS), job;

	assert_int_equal(claim(b, NOW_MS).job_id, fetch);
	child.parent_job = fetch;
	process = queue(b, child);
	assert_int_equal(claim(b, NOW_MS).job_id, 0);
	assert_int_equal(write_now(b->store, release_run, &fetch), 0);
	assert_int_equal(claim(b, NOW_MS).job_id, process);
	promises_hold(b->store);
	/* The end of the fetch takes nothing from the process job. */
	assert_int_equal(move(b, fetch, JOB_SUCCEEDED, NOW_MS), 0);
	assert_int_equal(claim(b, NOW_MS).job_id, 0);
	job = get(b, process);
	assert_int_equal(job.state, JOB_RUNNING);
	job_row_release(&job);
}

struct pausing {
	enum job_kind kind;
	bool paused;
};

static int
pause_run(struct txn *txn, void *arg)
{
	const struct pausing *p = arg;

	return txn_kind_set_paused(txn, p->kind, p->paused);
}

static void
set_paused(struct bench *b, enum job_kind kind, bool paused)
{
	assert_int_equal(write_now(b->store, pause_run, &(struct pausing){kind, paused}), 0);
	promises_hold(b->store);
}

static void
a_paused_kind_is_passed_over_and_comes_back(void **state)
{
	struct bench *b = *state;
	int64_t fetch = queue(b, a_job(1, KIND_FETCH, NOW_MS)), process;

	set_paused(b, KIND_FETCH, true);
	assert_int_equal(next_due(b), INT64_MAX);
	assert_int_equal(claim(b, NOW_MS).job_id, 0);
	/* Queued while paused, and another kind of the same lane. */
	queue(b, a_job(2, KIND_FETCH, NOW_MS + 5));
	process = queue(b, a_job(1, KIND_PROCESS, NOW_MS + 3));
	assert_int_equal(next_due(b), NOW_MS + 3);
	assert_int_equal(claim(b, NOW_MS + 3).job_id, process);
	assert_int_equal(move(b, process, JOB_SUCCEEDED, NOW_MS + 3), 0);
	set_paused(b, KIND_FETCH, false);
	assert_int_equal(next_due(b), NOW_MS);
	/* User 1 was served before. */
	assert_int_equal(claim(b, NOW_MS + 5).user, 2);
	assert_int_equal(claim(b, NOW_MS + 5).job_id, fetch);
	assert_int_equal(write_now(b->store, pause_run, &(struct pausing){(enum job_kind)99, true}), -EINVAL);
}

struct repricing {
	int64_t job_id;
	int32_t priority;
	int64_t run_at_ms;
};

static int
reprice_run(struct txn *txn, void *arg)
{
	const struct repricing *p = arg;
	_cleanup_(job_row_release) struct job_row job = JOB_ROW_INIT;
	int r = txn_job_get(txn, p->job_id, &job);

	if (r < 0)
		return r;
	job.priority = p->priority;
	job.run_at_ms = p->run_at_ms;
	return txn_job_update(txn, &job);
}

static void
a_queued_job_that_is_changed_changes_its_turn(void **state)
{
	struct bench *b = *state;
	int64_t first = queue(b, a_job(1, KIND_FETCH, NOW_MS)), second = queue(b, a_job(2, KIND_FETCH, NOW_MS));

	assert_int_equal(write_now(b->store, reprice_run, &(struct repricing){second, PRIORITY_MAX, NOW_MS}), 0);
	assert_int_equal(write_now(b->store, reprice_run, &(struct repricing){first, PRIORITY_DEFAULT, NOW_MS + 50}), 0);
	assert_int_equal(claim(b, NOW_MS).job_id, second);
	assert_int_equal(claim(b, NOW_MS).job_id, 0);
	assert_int_equal(next_due(b), NOW_MS + 50);
}

static int
pace_run(struct txn *txn, void *arg)
{
	struct turn turn;
	size_t count;
	int r = txn_turn_set_pace(txn, 5, LANE_ACTIVITY, 1234);

	r = r < 0 ? r : txn_turns_due(txn, LANE_ACTIVITY, NOW_MS, 1, &turn, &count);
	*(int64_t *)arg = r == 0 && count == 1 ? turn.pace_arrival_ms : -1;
	return r;
}

static void
a_turn_carries_its_users_pace(void **state)
{
	struct bench *b = *state;
	int64_t arrival = 0;

	queue(b, a_job(5, KIND_FETCH, NOW_MS));
	assert_int_equal(write_now(b->store, pace_run, &arrival), 0);
	assert_int_equal(arrival, 1234);
	/* It outlasts the job. */
	assert_int_equal(move(b, claim(b, NOW_MS).job_id, JOB_SUCCEEDED, NOW_MS), 0);
	queue(b, a_job(5, KIND_FETCH, NOW_MS));
	assert_int_equal(write_now(b->store, pace_run, &arrival), 0);
	assert_int_equal(arrival, 1234);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    STORE_TEST(the_oldest_job_of_a_lane_runs_first_and_alone),
	    STORE_TEST(users_take_turns_however_many_jobs_one_of_them_has),
	    STORE_TEST(higher_priority_goes_first_within_a_lane_and_between_users),
	    STORE_TEST(what_was_fetched_is_processed_before_the_next_fetch),
	    STORE_TEST(a_job_waits_for_its_instant_and_the_next_instant_is_known),
	    STORE_TEST(time_alone_raises_a_turns_priority),
	    STORE_TEST(a_clock_set_back_starts_nothing_early_and_loses_nothing),
	    STORE_TEST(a_fetch_that_waits_lets_its_process_job_have_the_turn),
	    STORE_TEST(a_paused_kind_is_passed_over_and_comes_back),
	    STORE_TEST(a_queued_job_that_is_changed_changes_its_turn),
	    STORE_TEST(a_turn_carries_its_users_pace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
