/* SPDX-License-Identifier: Apache-2.0 */
/* Thousands of random steps, each as a daemon could take it; every promise asked again and again. */
#include "store_unit.h"

#include <errno.h>

struct walk {
	uint64_t seed;
	int64_t now_ms;
	int claims;
};

static uint64_t
chance(struct walk *w, uint64_t n)
{
	w->seed ^= w->seed << 13;
	w->seed ^= w->seed >> 7;
	w->seed ^= w->seed << 17;
	return w->seed % n;
}

static int
walk_insert(struct txn *txn, struct walk *w)
{
	struct job_row job = a_job(1 + (int64_t)chance(w, 5), chance(w, 2) ? KIND_FETCH : KIND_PROCESS,
	    w->now_ms + (chance(w, 3) ? 0 : (int64_t)chance(w, 2000)));

	job.created_ms = w->now_ms;
	job.priority = (int32_t)chance(w, 10);
	return txn_job_insert(txn, &job);
}

static int
walk_claim(struct txn *txn, struct walk *w)
{
	_cleanup_(job_row_release) struct job_row job = JOB_ROW_INIT;
	struct turn turns[8];
	size_t count;
	int r = txn_turns_due(txn, LANE_ACTIVITY, w->now_ms, ELEMENTSOF(turns), turns, &count);

	if (r < 0 || count == 0)
		return r;
	/* A turn that is due has a job that is. */
	r = txn_turn_head(txn, turns[0].alp_user_id, turns[0].lane, w->now_ms, &job);
	if (r < 0)
		return -EBADMSG;
	w->claims++;
	return txn_job_transition(txn, &job, JOB_RUNNING, w->now_ms, NULL, NULL);
}

static int
walk_move(struct txn *txn, struct walk *w)
{
	struct job_filter filter = {.states = 1u << (JOB_QUEUED + chance(w, 2))};
	_cleanup_(job_list_release) struct job_list list = {0};
	enum job_state to = (enum job_state)(1 + chance(w, 6));
	struct job_row *job;
	int r = txn_job_list(txn, &filter, &list);

	if (r < 0 || list.count == 0)
		return r;
	job = &list.rows[chance(w, list.count)];
	if (to == job->state || to == JOB_RUNNING)
		return 0;
	if (to == JOB_QUEUED) {
		job->attempts++;
		job->run_at_ms = w->now_ms + (int64_t)chance(w, 3000);
	}
	return txn_job_transition(txn, job, to, w->now_ms, "code", NULL);
}

/* The clock went back. */
static int
walk_shift(struct txn *txn, struct walk *w)
{
	int64_t by_ms = (int64_t)chance(w, 500);

	w->now_ms -= by_ms;
	return txn_jobs_shift_due(txn, w->now_ms, by_ms);
}

/* A wish that waits is found, and what is found is it. */
static int
walk_find(struct txn *txn, struct walk *w)
{
	struct job_filter filter = {.states = 1u << JOB_QUEUED};
	_cleanup_(job_list_release) struct job_list list = {0};
	_cleanup_(job_row_release) struct job_row found = JOB_ROW_INIT;
	const struct job_row *job;
	int r = txn_job_list(txn, &filter, &list);

	if (r < 0 || list.count == 0)
		return r;
	job = &list.rows[chance(w, list.count)];
	r = txn_job_find_queued(txn, job, &found);
	if (r < 0)
		return -EBADMSG;
	return found.state == JOB_QUEUED && found.alp_user_id == job->alp_user_id && found.job_id <= job->job_id ? 0 : -EBADMSG;
}

/* Its days and its time may change while it waits. */
static int
walk_update(struct txn *txn, struct walk *w)
{
	struct job_filter filter = {.states = 1u << JOB_QUEUED};
	_cleanup_(job_list_release) struct job_list list = {0};
	struct job_row *job;
	int r = txn_job_list(txn, &filter, &list);

	if (r < 0 || list.count == 0)
		return r;
	job = &list.rows[chance(w, list.count)];
	job->updated_ms = w->now_ms;
	job->run_at_ms = w->now_ms + (chance(w, 2) ? 0 : (int64_t)chance(w, 1000));
	job->priority = (int32_t)chance(w, 10);
	job->from_day -= (day_t)chance(w, 2);
	return txn_job_update(txn, job);
}

static int
walk_step(struct txn *txn, struct walk *w)
{
	w->now_ms += (int64_t)chance(w, 100);
	switch (chance(w, 15)) {
	case 0:
		return txn_kind_set_paused(txn, chance(w, 2) ? KIND_FETCH : KIND_PROCESS, chance(w, 3) == 0);
	case 1:
		w->now_ms -= (int64_t)chance(w, 800);
		return txn_job_prune(txn, w->now_ms - 500, 3);
	case 2:
	case 3:
	case 4:
		return walk_insert(txn, w);
	case 5:
	case 6:
	case 7:
		return walk_move(txn, w);
	case 8:
		return chance(w, 8) == 0 ? walk_shift(txn, w) : 0;
	case 9:
		return walk_find(txn, w);
	case 10:
		return walk_update(txn, w);
	default:
		return walk_claim(txn, w);
	}
}

/* Now and then a step is undone when it is done: what is kept in memory has to follow. */
static int
walk_run(struct txn *txn, void *arg)
{
	struct walk *w = arg;
	int r = walk_step(txn, w);

	return r >= 0 && chance(w, 8) == 0 ? -ECANCELED : r;
}

/* What a daemon knew of the queue, the next one reads from the table. */
static void
open_again(struct bench *b)
{
	b->store = store_close(b->store);
	assert_int_equal(bench_open(b), 0);
	promises_hold(b->store);
}

static void
no_sequence_of_steps_breaks_a_promise(void **state)
{
	struct bench *b = *state;

	for (uint64_t seed = 1; seed <= unit_rounds(8); seed++) {
		struct walk w = {.seed = seed * 0x9E3779B97F4A7C15u, .now_ms = NOW_MS};

		for (int i = 0; i < 600; i++) {
			int r = write_now(b->store, walk_run, &w);

			assert_true(r >= 0 || r == -ECANCELED);
			if (i % 5 == 0)
				promises_hold(b->store);
			if (i % 100 == 0)
				open_again(b);
		}
		assert_true(w.claims > 30);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {STORE_TEST(no_sequence_of_steps_breaks_a_promise)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
