/* SPDX-License-Identifier: Apache-2.0 */
/* recover.c - what the last daemon left behind, and what is old enough to go. */
#include <errno.h>
#include <string.h>

#include "app/internal.h"
#include "app/run.h"
#include "app/run_internal.h"
#include "base/alloc.h"
#include "store/posting.h"
#include "store/rule_check.h"
#include "store/webhook.h"

#define PRUNE_AT_ONCE 1000

/* True if the keeper has the key to that box. */
static bool
can_open(const struct app_keeper *keeper, const struct box *box)
{
	for (size_t i = 0; i < keeper->count; i++)
		if (memcmp(keeper->ids[i], box->key_id, BOX_ID_BYTES) == 0)
			return true;
	return false;
}

/* 1: nobody can open the key that the job still needs; 0; -errno. */
static int
key_is_lost(struct txn *txn, const struct op *op, const struct app_keeper *keeper, const struct job_row *job)
{
	struct box key;
	int r;

	if (job->kind != KIND_FETCH || job->waiting || job->next_day < job->from_day)
		return 0;
	r = txn_job_key_get(txn, job->job_id, &key);
	if (r == -ENOENT)
		return job->alp_user_id != op->options.single_user_id || keeper->single_user.len == 0;
	return r < 0 ? r : !can_open(keeper, &key);
}

static int
lose(struct txn *txn, const struct op *op, struct job_row *job, struct job_list *lost)
{
	static const char code[] = "key_lost", detail[] = "the service can no longer open the key that the job was sent with; send it again";
	int r;

	job_remember_error(job, code, detail);
	r = txn_job_transition(txn, job, JOB_KEY_LOST, op->now_ms, code, detail);
	if (r < 0)
		return r;
	lost->rows = xreallocarray(lost->rows, lost->count + 1, sizeof *lost->rows);
	lost->rows[lost->count++] = *job;
	*job = JOB_ROW_INIT;
	return 0;
}

static int
recover_job(struct txn *txn, struct op *op, struct job_row *job)
{
	_cleanup_(job_row_release) struct job_row parent = JOB_ROW_INIT;
	struct recovery *v = op->verb;
	int r;

	if (job->cancel_requested) {
		r = txn_job_transition(txn, job, JOB_CANCELLED, op->now_ms, "cancelled", NULL);
		return r < 0 ? r : txn_end_parent(txn, op, job, &parent);
	}
	r = key_is_lost(txn, op, &v->keeper, job);
	if (r != 0)
		return r < 0 ? r : lose(txn, op, job, &v->lost);
	if (job->state == JOB_QUEUED || job->waiting)
		return 0;
	v->requeued++;
	job->run_at_ms = op->now_ms;
	return txn_job_transition(txn, job, JOB_QUEUED, op->now_ms, "daemon_restarted", NULL);
}

static int
recover_run(struct txn *txn, struct op *op)
{
	_cleanup_(job_list_release) struct job_list live = {0};
	struct job_filter filter = {.states = 1u << JOB_QUEUED | 1u << JOB_RUNNING};
	int r = txn_job_list(txn, &filter, &live);

	/* Each is read again: sorting one out may have ended another that waited for it. */
	for (size_t i = 0; r == 0 && i < live.count; i++) {
		_cleanup_(job_row_release) struct job_row job = JOB_ROW_INIT;

		r = txn_job_get(txn, live.rows[i].job_id, &job);
		if (r == 0 && !job_is_over(&job))
			r = recover_job(txn, op, &job);
	}
	return r < 0 ? r : txn_postings_recover(txn, op, &((struct recovery *)op->verb)->postings);
}

void
app_recover(struct app *app, struct recovery *v, app_done_fn done, void *arg)
{
	v->keeper = app->keeper;
	app_submit(app, OP_WRITE, v, recover_run, NULL, done, arg);
}

void
recovery_release(struct recovery *v)
{
	job_list_release(&v->lost);
}

/* In the order of prune_run()'s counts. */
static int
prune_step(struct txn *txn, const struct op *op, size_t step)
{
	const struct prune *v = op->verb;

	switch (step) {
	case 0:
		return txn_once_prune(txn, op->now_ms - v->keep_once_ms, PRUNE_AT_ONCE);
	case 1:
		return txn_job_prune(txn, op->now_ms - v->keep_ms, PRUNE_AT_ONCE);
	case 2:
		return txn_rule_check_prune(txn, op->now_ms - RULE_CHECK_KEPT_MS, PRUNE_AT_ONCE);
	default:
		return v->keep_messages_ms > 0 ? txn_delivery_prune(txn, op->now_ms - v->keep_messages_ms, PRUNE_AT_ONCE) : 0;
	}
}

static int
key_check_run(struct txn *txn, struct op *op)
{
	struct key_check *v = op->verb;
	_cleanup_(job_list_release) struct job_list queued = {0};
	struct job_filter filter = {.kind = KIND_FETCH, .states = 1u << JOB_QUEUED};
	int r = txn_job_list(txn, &filter, &queued);

	for (size_t i = 0; r == 0 && i < queued.count; i++) {
		r = key_is_lost(txn, op, &v->keeper, &queued.rows[i]);
		if (r > 0)
			r = lose(txn, op, &queued.rows[i], &v->lost);
	}
	return r;
}

static void
key_check_after(struct op *op, int r)
{
	struct key_check *v = op->verb;

	for (size_t i = 0; r == 0 && i < v->lost.count; i++)
		app_waits_job_over(op->app, v->lost.rows[i].job_id, v->lost.rows[i].alp_user_id);
}

void
app_key_check(struct app *app, struct key_check *v, app_done_fn done, void *arg)
{
	v->keeper = app->keeper;
	app_submit(app, OP_WRITE, v, key_check_run, key_check_after, done, arg);
}

void
key_check_release(struct key_check *v)
{
	job_list_release(&v->lost);
}

static int
prune_run(struct txn *txn, struct op *op)
{
	struct prune *v = op->verb;
	int64_t *counts[] = {&v->answers, &v->jobs, &v->checks, &v->messages};
	int r = 0, removed;

	for (size_t i = 0; i < ELEMENTSOF(counts); i++) {
		removed = prune_step(txn, op, i);
		if (removed < 0)
			return removed;
		*counts[i] = removed;
		r += removed;
	}
	v->removed = r;
	return 0;
}

void
app_prune(struct app *app, struct prune *v, app_done_fn done, void *arg)
{
	app_submit(app, OP_WRITE, v, prune_run, NULL, done, arg);
}

struct set_back {
	int64_t by_ms;
};

static int
set_back_run(struct txn *txn, struct op *op)
{
	const struct set_back *v = op->verb;
	_cleanup_(webhook_list_release) struct webhook_list webhooks = {0};
	int r = txn_jobs_shift_due(txn, op->now_ms, v->by_ms);

	if (r >= 0)
		r = txn_webhook_list(txn, &webhooks);
	for (size_t i = 0; r >= 0 && i < webhooks.count; i++)
		r = txn_delivery_shift_due(txn, webhooks.rows[i].webhook_id, op->now_ms, v->by_ms);
	return r < 0 ? r : txn_posting_shift_due(txn, op->now_ms, v->by_ms);
}

static void
set_back_after(struct op *op, int r)
{
	if (r == 0)
		op->app->options.hooks.wake(op->app->options.hooks.arg);
	if (r == 0 && op->app->postings_due != NULL)
		op->app->postings_due(op->app->postings_due_arg);
	free(op->verb);
}

static void
nobody_asks(int r, void *arg)
{
	(void)r;
	(void)arg;
}

void
app_clock_set_back(struct app *app, int64_t by_ms)
{
	struct set_back *v = xcalloc(1, sizeof *v);

	v->by_ms = by_ms;
	app_submit(app, OP_WRITE, v, set_back_run, set_back_after, nobody_asks, NULL);
}
