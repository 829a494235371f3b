/* SPDX-License-Identifier: Apache-2.0 */
#include "store_unit.h"

#include <errno.h>

/* The tests speak of jobs by value; each of these is one closure. */

static int
insert_run(struct txn *txn, void *arg)
{
	return txn_job_insert(txn, arg);
}

static int64_t
queue(struct bench *b, struct job_row job)
{
	assert_int_equal(write_now(b->store, insert_run, &job), 0);
	assert_true(job.job_id > 0);
	assert_int_equal(job.state, JOB_QUEUED);
	return job.job_id;
}

struct step {
	int64_t job_id;
	enum job_state to;
	int64_t now_ms;
	int64_t run_at_ms; /* 0: stays */
	int32_t more_attempts;
	const char *code;
};

static int
step_run(struct txn *txn, void *arg)
{
	const struct step *step = arg;
	_cleanup_(job_row_release) struct job_row job = JOB_ROW_INIT;
	int r = txn_job_get(txn, step->job_id, &job);

	if (r < 0)
		return r;
	if (step->run_at_ms > 0)
		job.run_at_ms = step->run_at_ms;
	job.attempts += step->more_attempts;
	return txn_job_transition(txn, &job, step->to, step->now_ms, step->code, step->code);
}

static int
move(struct bench *b, int64_t job_id, enum job_state to, int64_t now_ms)
{
	return write_now(b->store, step_run, &(struct step){.job_id = job_id, .to = to, .now_ms = now_ms});
}

struct claim {
	int64_t now_ms;
	int64_t job_id; /* out; 0: nothing due */
	int64_t user;
};

static int
claim_run(struct txn *txn, void *arg)
{
	struct claim *claim = arg;
	_cleanup_(job_row_release) struct job_row job = JOB_ROW_INIT;
	struct turn turn;
	size_t count;
	int r = txn_turns_due(txn, claim->now_ms, 1, &turn, &count);

	if (r < 0 || count == 0)
		return r;
	r = txn_turn_head(txn, turn.alp_user_id, turn.lane, claim->now_ms, &job);
	if (r < 0)
		return r;
	claim->job_id = job.job_id;
	claim->user = job.alp_user_id;
	return txn_job_transition(txn, &job, JOB_RUNNING, claim->now_ms, NULL, NULL);
}

static struct claim
claim(struct bench *b, int64_t now_ms)
{
	struct claim c = {.now_ms = now_ms};

	assert_int_equal(write_now(b->store, claim_run, &c), 0);
	return c;
}

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    STORE_TEST(the_oldest_job_of_a_lane_runs_first_and_alone),
	    STORE_TEST(users_take_turns_however_many_jobs_one_of_them_has),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
