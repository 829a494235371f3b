/* SPDX-License-Identifier: Apache-2.0 */
/* The one way a job's state changes. What has to agree with it (history, turn, numbers) changes in the same transaction, here. */
#include <errno.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "store/event.h"
#include "store/job_row.h"
#include "store/notice.h"
#include "store/turn.h"

static bool
is_live(enum job_state state)
{
	return state == JOB_QUEUED || state == JOB_RUNNING;
}

static bool
may_become(enum job_state from, enum job_state to)
{
	if (from == to)
		return false;
	/* A finished job can only be tried again. */
	return is_live(from) || to == JOB_QUEUED;
}

static void
replace_text(char **text, const char *with)
{
	char *copy = with != NULL ? xstrdup(with) : NULL;

	free(*text);
	*text = copy;
}

/* A failure of the job itself is remembered in the row; a daemon that stopped is not the job's failure. */
static void
note_error(struct job_row *job, enum job_state to, bool failed_again, const char *code, const char *detail)
{
	if (to == JOB_SUCCEEDED) {
		replace_text(&job->error_code, NULL);
		replace_text(&job->error_detail, NULL);
	} else if (code != NULL && (to == JOB_FAILED || to == JOB_KEY_LOST || (to == JOB_QUEUED && failed_again))) {
		replace_text(&job->error_code, code);
		replace_text(&job->error_detail, detail);
	}
}

static void
enter_state(struct job_row *job, enum job_state to, int64_t now_ms)
{
	job->state = to;
	job->updated_ms = now_ms;
	job->finished_ms = is_live(to) ? 0 : now_ms;
	if (to == JOB_RUNNING) {
		job->run++;
		job->started_ms = now_ms;
	}
}

/* What a step may change; the days a job is for and whose it is never do. */
static int
job_move(struct txn *txn, const struct job_row *job, enum job_state from)
{
	_query_ struct query q = query_begin(txn, ST_JOB_MOVE);
	int r;

	bind_i64(&q, job->priority);
	bind_i64(&q, job->run_at_ms);
	bind_i64(&q, job->updated_ms);
	bind_i64(&q, job->started_ms);
	bind_i64(&q, job->finished_ms);
	bind_i64(&q, job->run);
	bind_i64(&q, job->attempts);
	bind_i64(&q, job->crashes);
	bind_i64(&q, job->next_day);
	bind_i64(&q, job->days_done);
	bind_i64(&q, job->waiting);
	bind_i64(&q, job->rows_seen);
	bind_i64(&q, job->cancel_requested);
	bind_text(&q, job->error_code);
	bind_text(&q, job->error_detail);
	bind_i64(&q, job->state);
	bind_i64(&q, job->job_id);
	bind_i64(&q, from);
	r = query_run(&q);
	if (r < 0)
		return r;
	return r > 0 ? 0 : -ESTALE;
}

static int
count_move(struct txn *txn, enum job_kind kind, enum job_state from, enum job_state to)
{
	int queued = (to == JOB_QUEUED) - (from == JOB_QUEUED);
	int running = (to == JOB_RUNNING) - (from == JOB_RUNNING);

	return kind_count(txn, kind, queued, running);
}

static int
turn_follow(struct txn *txn, const struct job_row *job, enum job_state from, int64_t now_ms, struct turn_row *turn)
{
	enum lane lane = job_kind_info(job->kind)->lane;
	int r = 0;

	if (job->state == JOB_RUNNING) {
		turn->busy_job = job->job_id;
		r = counter_next(txn, "served", &turn->served);
	} else if (turn->busy_job == job->job_id) {
		turn->busy_job = 0;
	}
	if (r < 0)
		return r;
	/* The summary is of queued jobs. */
	if (from == JOB_QUEUED || job->state == JOB_QUEUED)
		r = turn_summarise(txn, job->alp_user_id, lane, now_ms, turn);
	if (r < 0)
		return r;
	return turn_store(txn, job->alp_user_id, lane, turn);
}

/* Everything that could refuse the change is asked before anything is written. */
static int
transition_check(struct txn *txn, const struct job_row *job, enum job_state to, struct job_before *ret_before, struct turn_row *ret_turn)
{
	const struct job_kind_info *kind = job_kind_info(job->kind);
	int r;

	if (!may_become(job->state, to) || kind == NULL)
		return -EINVAL;
	r = job_before(txn, job->job_id, job->state, ret_before);
	if (r < 0)
		return r;
	r = turn_load(txn, job->alp_user_id, kind->lane, ret_turn);
	if (r < 0)
		return r;
	return to == JOB_RUNNING && ret_turn->busy_job != 0 ? -EBUSY : 0;
}

int
txn_job_transition(struct txn *txn, struct job_row *job, enum job_state to, int64_t now_ms, const char *code, const char *detail)
{
	const enum job_state from = job->state;
	struct turn_row turn;
	struct job_before before;
	int r;

	r = transition_check(txn, job, to, &before, &turn);
	if (r < 0)
		return r;
	note_error(job, to, job->attempts > before.attempts, code, detail);
	enter_state(job, to, now_ms);
	r = job_move(txn, job, from);
	if (r < 0)
		return r;
	queue_note(txn, from == JOB_QUEUED ? &before.waiting : NULL, job);
	r = count_move(txn, job->kind, from, to);
	if (r < 0)
		return r;
	r = turn_follow(txn, job, from, now_ms, &turn);
	if (r < 0)
		return r;
	txn_event_job(txn, job, now_ms, code);
	r = is_live(to) ? 0 : txn_notice_job_over(txn, job, now_ms);
	return r < 0 ? r : job_history_add(txn, job, now_ms, (int)from, code, detail);
}

int
txn_job_release_turn(struct txn *txn, const struct job_row *job)
{
	enum lane lane = job_kind_info(job->kind)->lane;
	struct turn_row turn;
	int r = turn_load(txn, job->alp_user_id, lane, &turn);

	if (r < 0 || turn.busy_job != job->job_id)
		return r;
	turn.busy_job = 0;
	/* The summary is kept while the turn is busy, so nothing of it is out of date. */
	return turn_store(txn, job->alp_user_id, lane, &turn);
}
