/* SPDX-License-Identifier: Apache-2.0 */
/* claim.c - taking due jobs: whose turn it is (the store knows), whether the pace allows it (the queue's policy decides). */
#include <errno.h>
#include <stdlib.h>

#include "app/internal.h"
#include "app/run.h"
#include "base/alloc.h"

/* Turns looked at beyond the number wanted: some are put off by their user's pace. */
#define LOOK_AHEAD 64

static int
take(struct txn *txn, struct op *op, struct job_row *job)
{
	struct run_claim *v = op->verb;
	int r;

	r = txn_job_transition(txn, job, JOB_RUNNING, op->now_ms, NULL, NULL);
	if (r < 0)
		return r;
	if (v->jobs.rows == NULL)
		v->jobs.rows = xcalloc(v->max, sizeof *v->jobs.rows);
	v->jobs.rows[v->jobs.count++] = *job;
	*job = JOB_ROW_INIT;
	return 0;
}

/* A fetch uses the user's key once a day it asks for. 0: it may run now; 1: it was put off. */
static int
keep_pace(struct txn *txn, struct op *op, const struct turn *turn, struct job_row *job)
{
	int32_t cost = MAX_OF(job->next_day - job->from_day + 1, 1);
	int64_t earliest;
	int r;

	if (job->kind != KIND_FETCH || op->options.pace.interval_ms == 0)
		return 0;
	earliest = pace_earliest_ms(op->options.pace, turn->pace_arrival_ms, op->now_ms, cost);
	if (earliest > op->now_ms) {
		job->run_at_ms = earliest;
		r = txn_job_update(txn, job);
		return r < 0 ? r : 1;
	}
	return txn_turn_set_pace(txn, turn->alp_user_id, turn->lane,
	    pace_spend(op->options.pace, turn->pace_arrival_ms, op->now_ms, cost));
}

static int
serve_turn(struct txn *txn, struct op *op, const struct turn *turn)
{
	struct run_claim *v = op->verb;
	_cleanup_(job_row_release) struct job_row job = JOB_ROW_INIT;
	int r = txn_turn_head_of(txn, turn->alp_user_id, turn->lane, op->now_ms, v->kinds, &job);

	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return r;
	r = keep_pace(txn, op, turn, &job);
	if (r != 0)
		return r < 0 ? r : 0;
	return take(txn, op, &job);
}

/* A turn may be named once for each job that waits in it. */
static bool
is_taken(const struct run_claim *v, const struct turn *turn)
{
	for (size_t i = 0; i < v->jobs.count; i++) {
		const struct job_row *job = &v->jobs.rows[i];

		if (job->alp_user_id == turn->alp_user_id && job_kind_info(job->kind)->lane == turn->lane)
			return true;
	}
	return false;
}

static int
serve_turns(struct txn *txn, struct op *op, const struct turn *turns, size_t count)
{
	struct run_claim *v = op->verb;
	int r = 0;

	for (size_t i = 0; r == 0 && i < count && v->jobs.count < v->max; i++)
		if (!is_taken(v, &turns[i]))
			r = serve_turn(txn, op, &turns[i]);
	return r;
}

/* The kinds of a lane as bits: all there are, and those that may be taken. */
static void
kinds_of_lane(const struct run_claim *v, enum lane lane, uint32_t *ret_all, uint32_t *ret_wanted)
{
	const struct job_kind_info *kind;
	uint32_t all = 0;

	for (size_t i = 0; (kind = job_kind_at(i)) != NULL; i++)
		if (kind->lane == lane)
			all |= UINT32_C(1) << kind->kind;
	*ret_all = all;
	*ret_wanted = all & v->kinds;
}

/* The usual case: priority, then the user served longest ago. */
static int
claim_lane(struct txn *txn, struct op *op, enum lane lane, struct turn *turns, size_t room)
{
	size_t count = 0;
	int r = txn_turns_due(txn, lane, op->now_ms, room, turns, &count);

	return r < 0 ? r : serve_turns(txn, op, turns, count);
}

static int
claim_some_kinds(struct txn *txn, struct op *op, uint32_t kinds, struct turn *turns, size_t room)
{
	const struct job_kind_info *kind;
	int r = 0;

	for (size_t i = 0; r == 0 && (kind = job_kind_at(i)) != NULL; i++) {
		size_t count = 0;

		if ((kinds & UINT32_C(1) << kind->kind) == 0)
			continue;
		r = txn_turns_due_of(txn, kind->kind, op->now_ms, room, turns, &count);
		if (r == 0)
			r = serve_turns(txn, op, turns, count);
	}
	return r;
}

/* What of a lane may be taken, and when there is more of it. */
static int
claim_of_lane(struct txn *txn, struct op *op, enum lane lane, struct turn *turns, size_t room)
{
	struct run_claim *v = op->verb;
	uint32_t all, wanted;
	int64_t due_ms;
	int r;

	kinds_of_lane(v, lane, &all, &wanted);
	if (wanted == 0)
		return 0;
	r = wanted == all ? claim_lane(txn, op, lane, turns, room) : claim_some_kinds(txn, op, wanted, turns, room);
	if (r == 0)
		r = txn_turns_next_due(txn, lane, &due_ms);
	if (r == 0)
		v->next_due_ms = MIN_OF(v->next_due_ms, due_ms);
	return r;
}

static int
claim_run(struct txn *txn, struct op *op)
{
	struct run_claim *v = op->verb;
	size_t room = v->max + LOOK_AHEAD;
	_cleanup_free_ struct turn *turns = xcalloc(room, sizeof *turns);
	int r = 0;

	op_promise(txn, op);
	v->next_due_ms = INT64_MAX;
	for (int lane = LANE_ACTIVITY; lane <= LANE_OTHER && r == 0; lane++)
		r = claim_of_lane(txn, op, (enum lane)lane, turns, room);
	return r;
}

void
app_run_claim(struct app *app, struct run_claim *v, app_done_fn done, void *arg)
{
	app_submit(app, OP_WRITE, v, claim_run, NULL, done, arg);
}

void
run_claim_release(struct run_claim *v)
{
	job_list_release(&v->jobs);
}
