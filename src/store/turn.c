/* SPDX-License-Identifier: Apache-2.0 */
/* A lane's queue is one line a kind, ordered by (priority, run_at_ms, job_id). Its front at each priority says everything: the
 * functions here hop from priority to priority, so their cost does not depend on how many jobs wait. */
#include "store/turn.h"

#include <errno.h>
#include <string.h>

#include "store/job_row.h"

/* The earliest queued job of each priority, over the kinds of a lane that are not paused; TURN_NEVER where there is none. */
struct ladder {
	int64_t earliest_ms[PRIORITY_MAX + 1];
};

static int
ladder_climb(struct txn *txn, int64_t alp_user_id, enum job_kind kind, struct ladder *ladder)
{
	struct waiting_job front = {.priority = PRIORITY_MAX + 1};
	int r;

	while ((r = queue_front(txn, alp_user_id, kind, front.priority - 1, &front)) > 0) {
		int64_t *earliest = &ladder->earliest_ms[front.priority];

		*earliest = MIN_OF(*earliest, front.run_at_ms);
	}
	return r;
}

static int
ladder_of(struct txn *txn, int64_t alp_user_id, enum lane lane, struct ladder *ret_ladder)
{
	const struct job_kind_info *kind;
	uint64_t paused;
	int r = kinds_paused(txn, &paused);

	for (int p = PRIORITY_MIN; p <= PRIORITY_MAX; p++)
		ret_ladder->earliest_ms[p] = TURN_NEVER;
	for (size_t i = 0; r >= 0 && (kind = job_kind_at(i)) != NULL; i++)
		if (kind->lane == lane && !((paused >> kind->kind) & 1))
			r = ladder_climb(txn, alp_user_id, kind->kind, ret_ladder);
	return r;
}

int
turn_summarise(struct txn *txn, int64_t alp_user_id, enum lane lane, int64_t now_ms, struct turn_row *turn)
{
	struct ladder ladder;
	int r = ladder_of(txn, alp_user_id, lane, &ladder);

	if (r < 0)
		return r;
	turn->due_ms = TURN_NEVER;
	turn->priority = -1;
	turn->ripens_ms = TURN_NEVER;
	for (int p = PRIORITY_MAX; p >= PRIORITY_MIN; p--) {
		int64_t earliest = ladder.earliest_ms[p];

		turn->due_ms = MIN_OF(turn->due_ms, earliest);
		if (turn->priority < 0 && earliest <= now_ms)
			turn->priority = p;
		else if (turn->priority < 0)
			turn->ripens_ms = MIN_OF(turn->ripens_ms, earliest);
	}
	return 0;
}

static int64_t
column_or(struct query *q, int64_t otherwise)
{
	bool null = column_is_null(q);
	int64_t value = column_i64(q);

	return null ? otherwise : value;
}

int
turn_load(struct txn *txn, int64_t alp_user_id, enum lane lane, struct turn_row *ret_turn)
{
	_query_ struct query q = query_begin(txn, ST_TURN_GET);
	int r;

	*ret_turn = (struct turn_row){.due_ms = TURN_NEVER, .priority = -1, .ripens_ms = TURN_NEVER};
	bind_i64(&q, alp_user_id);
	bind_i64(&q, lane);
	r = query_step(&q);
	if (r <= 0)
		return r;
	ret_turn->stored = true;
	ret_turn->busy_job = column_i64(&q);
	ret_turn->served = column_i64(&q);
	ret_turn->pace_arrival_ms = column_i64(&q);
	ret_turn->due_ms = column_or(&q, TURN_NEVER);
	ret_turn->priority = (int32_t)column_or(&q, -1);
	ret_turn->ripens_ms = column_or(&q, TURN_NEVER);
	return 0;
}

static void
bind_unless(struct query *q, int64_t value, int64_t none)
{
	if (value == none)
		bind_null(q);
	else
		bind_i64(q, value);
}

int
turn_store(struct txn *txn, int64_t alp_user_id, enum lane lane, struct turn_row *turn)
{
	_query_ struct query q = query_begin(txn, turn->stored ? ST_TURN_SET : ST_TURN_NEW);
	int r;

	bind_i64(&q, turn->busy_job);
	bind_i64(&q, turn->served);
	bind_i64(&q, turn->pace_arrival_ms);
	bind_unless(&q, turn->due_ms, TURN_NEVER);
	bind_unless(&q, turn->priority, -1);
	bind_unless(&q, turn->ripens_ms, TURN_NEVER);
	bind_i64(&q, alp_user_id);
	bind_i64(&q, lane);
	r = query_run(&q);
	if (r < 0)
		return r;
	turn->stored = true;
	return 0;
}

static bool
same_summary(const struct turn_row *a, const struct turn_row *b)
{
	return a->due_ms == b->due_ms && a->priority == b->priority && a->ripens_ms == b->ripens_ms;
}

int
turn_refresh(struct txn *txn, int64_t alp_user_id, enum lane lane, int64_t now_ms)
{
	struct turn_row before, turn;
	int r = turn_load(txn, alp_user_id, lane, &turn);

	if (r < 0)
		return r;
	before = turn;
	r = turn_summarise(txn, alp_user_id, lane, now_ms, &turn);
	if (r < 0 || same_summary(&before, &turn))
		return r;
	return turn_store(txn, alp_user_id, lane, &turn);
}

/* What one more job changes in the summary; the queue is looked at only where the summary cannot say. */
static int
turn_add(struct txn *txn, const struct job_row *job, int64_t now_ms, struct turn_row *turn)
{
	uint64_t paused;
	int r = kinds_paused(txn, &paused);

	if (r < 0 || (paused >> job->kind) & 1)
		return r;
	if (job->priority > turn->priority && job->run_at_ms <= now_ms) {
		/* Which of those that are better still ripens first, only the queue knows. */
		if (turn->ripens_ms != TURN_NEVER)
			return turn_summarise(txn, job->alp_user_id, job_kind_info(job->kind)->lane, now_ms, turn);
		turn->priority = job->priority;
	} else if (job->priority > turn->priority) {
		turn->ripens_ms = MIN_OF(turn->ripens_ms, job->run_at_ms);
	}
	turn->due_ms = MIN_OF(turn->due_ms, job->run_at_ms);
	return 0;
}

int
turn_note_queued(struct txn *txn, const struct job_row *job, int64_t now_ms)
{
	enum lane lane = job_kind_info(job->kind)->lane;
	struct turn_row before, turn;
	int r = turn_load(txn, job->alp_user_id, lane, &turn);

	if (r < 0)
		return r;
	before = turn;
	r = turn_add(txn, job, now_ms, &turn);
	if (r < 0 || (before.stored && same_summary(&before, &turn)))
		return r;
	return turn_store(txn, job->alp_user_id, lane, &turn);
}

int
txn_turn_set_pace(struct txn *txn, int64_t alp_user_id, enum lane lane, int64_t pace_arrival_ms)
{
	struct turn_row turn;
	int r = turn_load(txn, alp_user_id, lane, &turn);

	if (r < 0)
		return r;
	turn.pace_arrival_ms = pace_arrival_ms;
	return turn_store(txn, alp_user_id, lane, &turn);
}

/* A kind's front, and where the kind stands among the others. */
struct front {
	struct waiting_job job;
	int32_t turn_order;
};

/* Does a go before b within a turn? */
static bool
goes_before(const struct front *a, const struct front *b)
{
	if (a->job.priority != b->job.priority)
		return a->job.priority > b->job.priority;
	if (a->turn_order != b->turn_order)
		return a->turn_order < b->turn_order;
	if (a->job.run_at_ms != b->job.run_at_ms)
		return a->job.run_at_ms < b->job.run_at_ms;
	return a->job.job_id < b->job.job_id;
}

/* The best front of one kind that is due. 1, or 0 for none. */
static int
due_front(struct txn *txn, int64_t alp_user_id, const struct job_kind_info *kind, int64_t now_ms, struct front *ret_front)
{
	struct front front = {.job.priority = PRIORITY_MAX + 1, .turn_order = kind->turn_order};
	int r;

	while ((r = queue_front(txn, alp_user_id, kind->kind, front.job.priority - 1, &front.job)) > 0) {
		if (front.job.run_at_ms > now_ms)
			continue;
		*ret_front = front;
		return 1;
	}
	return r;
}

int
txn_turn_head(struct txn *txn, int64_t alp_user_id, enum lane lane, int64_t now_ms, struct job_row *ret_job)
{
	return txn_turn_head_of(txn, alp_user_id, lane, now_ms, UINT32_MAX, ret_job);
}

int
txn_turn_head_of(struct txn *txn, int64_t alp_user_id, enum lane lane, int64_t now_ms, uint32_t kinds, struct job_row *ret_job)
{
	const struct job_kind_info *kind;
	struct front best = {0}, front;
	uint64_t paused;
	int r = kinds_paused(txn, &paused);

	for (size_t i = 0; r >= 0 && (kind = job_kind_at(i)) != NULL; i++) {
		if (kind->lane != lane || (paused >> kind->kind) & 1 || (kinds & 1u << kind->kind) == 0)
			continue;
		r = due_front(txn, alp_user_id, kind, now_ms, &front);
		if (r > 0 && (best.job.job_id == 0 || goes_before(&front, &best)))
			best = front;
	}
	if (r < 0)
		return r;
	if (best.job.job_id == 0)
		return -ENOENT;
	return txn_job_get(txn, best.job.job_id, ret_job);
}
