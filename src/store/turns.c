/* SPDX-License-Identifier: Apache-2.0 */
/* The turns of all users: who is next, when, and what pausing a kind changes. */
#include <errno.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "store/job_row.h"
#include "store/turn.h"

/* So that a claim after a long sleep stays short; what is left ripens at the next ones. */
#define RIPEN_MAX 256

struct ripe {
	int64_t alp_user_id;
	enum lane lane;
};

static int
turns_ripe(struct txn *txn, int64_t now_ms, struct ripe ret_ripe[RIPEN_MAX], size_t *ret_count)
{
	_query_ struct query q = query_begin(txn, ST_TURNS_RIPE);
	size_t n = 0;
	int r;

	bind_i64(&q, now_ms);
	bind_i64(&q, RIPEN_MAX);
	while ((r = query_step(&q)) > 0 && n < RIPEN_MAX) {
		ret_ripe[n].alp_user_id = column_i64(&q);
		ret_ripe[n].lane = (enum lane)column_i32(&q);
		n++;
	}
	*ret_count = n;
	return r < 0 ? r : 0;
}

/* Time passed: jobs that waited for their instant are due now and may raise their turn's priority. */
static int
turns_ripen(struct txn *txn, int64_t now_ms)
{
	struct ripe ripe[RIPEN_MAX];
	size_t count;
	int r = turns_ripe(txn, now_ms, ripe, &count);

	for (size_t i = 0; i < count && r >= 0; i++)
		r = turn_refresh(txn, ripe[i].alp_user_id, ripe[i].lane, now_ms);
	return r;
}

static int
take_turns(struct query *q, size_t max, struct turn *ret_turns, size_t *ret_count)
{
	size_t n = 0;
	int r = 0;

	while (n < max && (r = query_step(q)) > 0) {
		ret_turns[n].alp_user_id = column_i64(q);
		ret_turns[n].lane = (enum lane)column_i32(q);
		ret_turns[n].pace_arrival_ms = column_i64(q);
		n++;
	}
	if (r < 0)
		return r;
	*ret_count = n;
	return 0;
}

int
txn_turns_due(struct txn *txn, enum lane lane, int64_t now_ms, size_t max, struct turn *ret_turns, size_t *ret_count)
{
	int r;

	if (!txn->writes)
		return -EROFS;
	r = turns_ripen(txn, now_ms);
	if (r < 0)
		return r;
	_query_ struct query q = query_begin(txn, ST_TURNS_DUE);
	bind_i64(&q, lane);
	bind_i64(&q, now_ms);
	bind_i64(&q, (int64_t)max);
	return take_turns(&q, max, ret_turns, ret_count);
}

int
txn_turns_due_of(struct txn *txn, enum job_kind kind, int64_t now_ms, size_t max, struct turn *ret_turns, size_t *ret_count)
{
	_query_ struct query q = query_begin(txn, ST_TURNS_DUE_OF);

	bind_i64(&q, kind);
	bind_i64(&q, now_ms);
	bind_i64(&q, job_kind_info(kind)->lane);
	bind_i64(&q, (int64_t)max);
	return take_turns(&q, max, ret_turns, ret_count);
}

int
txn_turns_next_due(struct txn *txn, enum lane lane, int64_t *ret_due_ms)
{
	_query_ struct query q = query_begin(txn, ST_TURNS_NEXT_DUE);
	int r;

	bind_i64(&q, lane);
	r = query_step(&q);

	if (r < 0)
		return r;
	*ret_due_ms = r > 0 ? column_i64(&q) : TURN_NEVER;
	return 0;
}

int
kinds_paused(struct txn *txn, uint64_t *ret_bits)
{
	uint64_t bits = 0;
	int r = ledger_need(txn);

	if (r < 0)
		return r;
	for (size_t i = 0; i < txn->ledger.kind_count; i++)
		if (txn->ledger.kinds[i].paused)
			bits |= UINT64_C(1) << (txn->ledger.kinds[i].kind & 63);
	*ret_bits = bits;
	return 0;
}

int
kind_count(struct txn *txn, enum job_kind kind, int queued, int running)
{
	struct ledger_kind *k;
	int r = ledger_kind(txn, kind, &k);

	if (r < 0)
		return r;
	k->queued += queued;
	k->running += running;
	k->changed = true;
	return 0;
}

/* Every user's turn of the lane: rare, asked for by a person, and as long as the list of users. */
static int
lane_refresh(struct txn *txn, enum lane lane)
{
	_cleanup_free_ int64_t *users = NULL;
	size_t count = 0;
	int r;

	{
		_query_ struct query q = query_begin(txn, ST_TURNS_OF_LANE);

		bind_i64(&q, lane);
		while ((r = query_step(&q)) > 0) {
			users = array_grow(users, count, sizeof *users);
			users[count++] = column_i64(&q);
		}
	}
	/* No instant is given: jobs count as not due yet and ripen when turns are asked for next. */
	for (size_t i = 0; i < count && r >= 0; i++)
		r = turn_refresh(txn, users[i], lane, 0);
	return r;
}

int
txn_jobs_shift_due(struct txn *txn, int64_t now_ms, int64_t by_ms)
{
	const struct job_kind_info *kind;
	int r = 0;

	for (size_t i = 0; r >= 0 && (kind = job_kind_at(i)) != NULL; i++) {
		_query_ struct query q = query_begin(txn, ST_JOBS_SHIFT_DUE);

		bind_i64(&q, by_ms);
		bind_i64(&q, kind->kind);
		bind_i64(&q, now_ms);
		r = query_run(&q);
		query_end(&q);
		if (r >= 0)
			r = queue_reload(txn);
		if (r >= 0)
			r = lane_refresh(txn, kind->lane);
	}
	return r < 0 ? r : 0;
}

int
txn_kind_set_paused(struct txn *txn, enum job_kind kind, bool paused)
{
	const struct job_kind_info *info = job_kind_info(kind);
	struct ledger_kind *k;
	int r;

	if (info == NULL)
		return -EINVAL;
	r = ledger_kind(txn, kind, &k);
	if (r < 0)
		return r;
	k->paused = paused;
	k->changed = true;
	return lane_refresh(txn, info->lane);
}

int
txn_kind_paused(struct txn *txn, enum job_kind kind)
{
	uint64_t paused = 0;
	int r = kinds_paused(txn, &paused);

	return r < 0 ? r : (int)(paused >> kind & 1);
}

static int
kind_oldest(struct txn *txn, enum job_kind kind, int64_t *ret_run_at_ms)
{
	_query_ struct query q = query_begin(txn, ST_KIND_OLDEST);
	int r;

	bind_i64(&q, kind);
	r = query_step(&q);
	if (r < 0)
		return r;
	*ret_run_at_ms = r > 0 ? column_i64(&q) : 0;
	return 0;
}

int
txn_kind_counts(struct txn *txn, enum job_kind kind, struct kind_counts *ret_counts)
{
	struct kind_counts counts = {.kind = kind};
	struct ledger_kind *k;
	int r = ledger_kind(txn, kind, &k);

	if (r < 0)
		return r;
	counts.paused = k->paused;
	counts.queued = k->queued;
	counts.running = k->running;
	r = kind_oldest(txn, kind, &counts.oldest_due_ms);
	if (r < 0)
		return r;
	*ret_counts = counts;
	return 0;
}

int
txn_job_live_count(struct txn *txn, int64_t *ret_count)
{
	int64_t count = 0;
	int r = ledger_need(txn);

	if (r < 0)
		return r;
	for (size_t i = 0; i < txn->ledger.kind_count; i++)
		count += txn->ledger.kinds[i].queued + txn->ledger.kinds[i].running;
	*ret_count = count;
	return 0;
}
