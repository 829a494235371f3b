/* SPDX-License-Identifier: Apache-2.0 */
/* store_job_unit.h - jobs as the tests speak of them, by value; each of these is one closure. */
#ifndef RTALP_TESTS_STORE_JOB_UNIT_H
#define RTALP_TESTS_STORE_JOB_UNIT_H

#include "store_unit.h"

static inline int
insert_run(struct txn *txn, void *arg)
{
	return txn_job_insert(txn, arg);
}

static inline int64_t
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

static inline int
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

static inline int
move(struct bench *b, int64_t job_id, enum job_state to, int64_t now_ms)
{
	return write_now(b->store, step_run, &(struct step){.job_id = job_id, .to = to, .now_ms = now_ms});
}

struct claim {
	int64_t now_ms;
	int64_t job_id; /* out; 0: nothing due */
	int64_t user;
};

static inline int
claim_run(struct txn *txn, void *arg)
{
	struct claim *claim = arg;
	_cleanup_(job_row_release) struct job_row job = JOB_ROW_INIT;
	struct turn turn;
	size_t count;
	int r = txn_turns_due(txn, LANE_ACTIVITY, claim->now_ms, 1, &turn, &count);

	if (r < 0 || count == 0)
		return r;
	r = txn_turn_head(txn, turn.alp_user_id, turn.lane, claim->now_ms, &job);
	if (r < 0)
		return r;
	claim->job_id = job.job_id;
	claim->user = job.alp_user_id;
	return txn_job_transition(txn, &job, JOB_RUNNING, claim->now_ms, NULL, NULL);
}

static inline struct claim
claim(struct bench *b, int64_t now_ms)
{
	struct claim c = {.now_ms = now_ms};

	assert_int_equal(write_now(b->store, claim_run, &c), 0);
	return c;
}

static inline int
get_run(struct txn *txn, void *arg)
{
	struct job_row *job = arg;

	return txn_job_get(txn, job->job_id, job);
}

static inline struct job_row
get(struct bench *b, int64_t job_id)
{
	struct job_row job = {.job_id = job_id};

	assert_int_equal(read_now(b->store, get_run, &job), 0);
	return job;
}

#endif
