/* SPDX-License-Identifier: Apache-2.0 */
/* jobs.c - looking at jobs, cancelling, running again, pausing a kind. */
#include <errno.h>

#include "app/run_internal.h"

int
txn_job_get_owned(struct txn *txn, int64_t job_id, int64_t alp_user_id, struct job_row *ret_job)
{
	int r = txn_job_get(txn, job_id, ret_job);

	if (r == 0 && alp_user_id != 0 && ret_job->alp_user_id != alp_user_id) {
		job_row_release(ret_job);
		return -ENOENT;
	}
	return r;
}

static int
get_run(struct txn *txn, struct op *op)
{
	struct job_get *v = op->verb;
	int r = txn_job_get_owned(txn, v->job_id, v->alp_user_id, &v->job);

	return r < 0 ? r : txn_job_history(txn, v->job_id, &v->history);
}

void
app_job_get(struct app *app, struct job_get *v, app_done_fn done, void *arg)
{
	app_submit(app, OP_READ, v, get_run, NULL, done, arg);
}

void
job_get_release(struct job_get *v)
{
	job_row_release(&v->job);
	job_history_release(&v->history);
}

static int
query_run(struct txn *txn, struct op *op)
{
	struct job_query *v = op->verb;

	int r = v->count ? txn_job_count(txn, &v->filter, &v->total) : 0;

	return r < 0 ? r : txn_job_list(txn, &v->filter, &v->list);
}

void
app_job_query(struct app *app, struct job_query *v, app_done_fn done, void *arg)
{
	app_submit(app, OP_READ, v, query_run, NULL, done, arg);
}

void
job_query_release(struct job_query *v)
{
	job_list_release(&v->list);
}

/* The process job a fetch waits for is part of the same wish. */
static int
cancel_child(struct txn *txn, const struct op *op, const struct job_row *parent)
{
	_cleanup_(job_row_release) struct job_row child = JOB_ROW_INIT;
	int r = txn_job_child(txn, parent->alp_user_id, parent->job_id, &child);

	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return r;
	if (child.state == JOB_QUEUED)
		return txn_job_transition(txn, &child, JOB_CANCELLED, op->now_ms, "cancelled", NULL);
	/* It runs: let it end, its entries are as good as any; but nobody waits for it any more. */
	child.parent_job = 0;
	return txn_job_update(txn, &child);
}

int
txn_cancel_fetch(struct txn *txn, const struct op *op, struct job_row *job)
{
	int r = cancel_child(txn, op, job);

	return r < 0 ? r : txn_job_transition(txn, job, JOB_CANCELLED, op->now_ms, "cancelled", NULL);
}

static int
cancel_run(struct txn *txn, struct op *op)
{
	struct job_cancel *v = op->verb;
	_cleanup_(job_row_release) struct job_row parent = JOB_ROW_INIT;
	int r = txn_job_get_owned(txn, v->job_id, v->alp_user_id, &v->job);

	if (r < 0)
		return r;
	if (job_is_over(&v->job))
		return -EALREADY;
	v->job.cancel_requested = true;
	v->job.updated_ms = op->now_ms;
	if (v->job.state == JOB_RUNNING && !v->job.waiting)
		return txn_job_update(txn, &v->job);
	if (v->job.waiting)
		return txn_cancel_fetch(txn, op, &v->job);
	r = txn_job_transition(txn, &v->job, JOB_CANCELLED, op->now_ms, "cancelled", NULL);
	return r < 0 ? r : txn_end_parent(txn, op, &v->job, &parent);
}

static void
cancel_after(struct op *op, int r)
{
	struct job_cancel *v = op->verb;
	const struct app_hooks *hooks = &op->app->options.hooks;

	if (r < 0)
		return;
	if (v->job.state == JOB_RUNNING) {
		hooks->kill_run(hooks->arg, v->job.job_id, v->job.run);
		return;
	}
	app_waits_job_over(op->app, v->job.job_id, v->job.alp_user_id);
	if (v->job.parent_job != 0)
		app_waits_job_over(op->app, v->job.parent_job, v->job.alp_user_id);
}

void
app_job_cancel(struct app *app, struct job_cancel *v, app_done_fn done, void *arg)
{
	app_submit(app, OP_WRITE, v, cancel_run, cancel_after, done, arg);
}

void
job_cancel_release(struct job_cancel *v)
{
	job_row_release(&v->job);
}

static bool
may_fetch(const struct op *op, const struct job_row *job)
{
	const struct job_retry *v = op->verb;

	return v->sealed.len > 0 || (job->alp_user_id == op->options.single_user_id && op->options.single_user_has_key);
}

static int
queue_again(struct txn *txn, const struct op *op, struct job_row *job, const struct box *key, const char *code)
{
	int r = txn_check_queue_room(txn, &op->options);

	if (r < 0)
		return r;
	job->attempts = job->crashes = 0;
	job->cancel_requested = job->waiting = false;
	job->run_at_ms = op->now_ms;
	/* A fetch goes on at the first day it had not stored; when all were stored it was the processing that failed: all again. */
	if (job->kind == KIND_FETCH && job->next_day < job->from_day) {
		job->next_day = job->to_day;
		job->days_done = 0;
	}
	r = txn_job_transition(txn, job, JOB_QUEUED, op->now_ms, code, NULL);
	return r == 0 && job->kind == KIND_FETCH ? txn_job_key_set(txn, job->job_id, key) : r;
}

int
txn_job_key_again(struct txn *txn, const struct op *op, int64_t job_id, const struct box *key, struct job_row *ret_job)
{
	_cleanup_(job_row_release) struct job_row job = JOB_ROW_INIT;
	int r = txn_job_get(txn, job_id, &job);

	if (r == -ENOENT || (r == 0 && job.state != JOB_KEY_LOST))
		return 0;
	if (r == 0)
		r = queue_again(txn, op, &job, key, "sent_again");
	if (r < 0)
		return r;
	*ret_job = job;
	job = JOB_ROW_INIT;
	return 1;
}

static int
retry_run(struct txn *txn, struct op *op)
{
	struct job_retry *v = op->verb;
	struct job_row *job = &v->job;
	int r = txn_job_get_owned(txn, v->job_id, v->alp_user_id, job);

	if (r < 0)
		return r;
	if (!job_is_over(job) || job->state == JOB_SUCCEEDED)
		return -EALREADY;
	if (job->kind == KIND_FETCH && !may_fetch(op, job))
		return -ENOKEY;
	if (v->once != NULL)
		v->once->job_id = job->job_id;
	return queue_again(txn, op, job, &v->sealed, "retried_by_hand");
}

static int
retry_again(struct txn *txn, struct op *op, int64_t job_id)
{
	struct job_retry *v = op->verb;

	return v->sealed.len > 0 ? txn_job_key_again(txn, op, job_id, &v->sealed, &v->job) : 0;
}

static void
retry_after(struct op *op, int r)
{
	if (r == 0)
		op->app->options.hooks.wake(op->app->options.hooks.arg);
}

static void
retry_sealed(struct app *app, void *verb, app_done_fn done, void *arg)
{
	struct job_retry *v = verb;

	app_submit_once(app, v->once, v, retry_run, retry_after, done, arg);
}

void
app_job_retry(struct app *app, struct job_retry *v, app_done_fn done, void *arg)
{
	if (!app_has_room(app)) {
		v->key = secret_free(v->key);
		app_answer_later(app, -ENOSPC, done, arg);
		return;
	}
	if (v->once != NULL)
		v->once->again = retry_again;
	app_seal(app, &(struct seal_order){.of_job = v->job_id, .key = &v->key, .ret_box = &v->sealed, .next = retry_sealed, .verb = v,
	    .done = done, .arg = arg});
}

void
job_retry_release(struct job_retry *v)
{
	v->key = secret_free(v->key);
	job_row_release(&v->job);
}

static int
control_run(struct txn *txn, struct op *op)
{
	struct queue_control *v = op->verb;
	int r = v->set_paused ? txn_kind_set_paused(txn, v->kind, v->paused) : 0;

	v->now_ms = op->now_ms;
	return r < 0 ? r : txn_kind_counts(txn, v->kind, &v->counts);
}

static void
control_after(struct op *op, int r)
{
	struct queue_control *v = op->verb;

	if (r == 0 && v->set_paused && !v->paused)
		op->app->options.hooks.wake(op->app->options.hooks.arg);
}

void
app_queue_control(struct app *app, struct queue_control *v, app_done_fn done, void *arg)
{
	if (v->once != NULL && !app_has_room(app))
		app_answer_later(app, -ENOSPC, done, arg);
	else if (v->set_paused)
		app_submit_once(app, v->once, v, control_run, control_after, done, arg);
	else
		app_submit(app, OP_READ, v, control_run, control_after, done, arg);
}
