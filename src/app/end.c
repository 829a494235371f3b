/* SPDX-License-Identifier: Apache-2.0 */
/* end.c - a run is over: what becomes of the job, of the fetch that waited for it, and of days that answered empty. */
#include <errno.h>
#include <string.h>

#include "app/run.h"
#include "app/run_internal.h"
#include "base/alloc.h"

#define EMPTY_DAYS_BACK 10

/* Was this day empty for this job too, after another one long enough ago, and is there no better reason than that the rows are gone? */
static bool
empty_is_believed(const struct job_row *job, const struct day_row *day, day_t today)
{
	return day->upstream_empty_again_job == job->job_id && today - day->day <= EMPTY_DAYS_BACK && job->rows_seen && day->pruned_ms == 0;
}

static int
empty_day(struct txn *txn, const struct op *op, struct day_row *day)
{
	_cleanup_(rowset_builder_freep) struct rowset_builder *b = rowset_builder_new(0, ROWSET_MAX_BYTES);
	_cleanup_(rowset_freep) struct rowset *nothing = NULL;
	bool changed;
	int r = rowset_build(b, &nothing);

	day->excluded_seconds = 0;
	return r < 0 ? r : txn_day_replace(txn, op, day, nothing, &changed);
}

static int
settle_empty_days(struct txn *txn, const struct op *op, const struct job_row *job)
{
	_cleanup_(day_list_release) struct day_list days = {0};
	struct user_row user;
	day_t today;
	int r = txn_user_today(txn, &op->options, job->alp_user_id, op->now_ms, &user, &today);

	if (r < 0)
		return r;
	r = txn_day_list(txn, job->alp_user_id, job->from_day, job->to_day, false, &days);
	for (size_t i = 0; r == 0 && i < days.count; i++)
		if (empty_is_believed(job, &days.rows[i], today))
			r = empty_day(txn, op, &days.rows[i]);
	return r;
}

static int
count_unprocessed(struct txn *txn, const struct job_row *job, size_t *ret_count)
{
	_cleanup_(day_list_release) struct day_list days = {0};
	int r = txn_day_list(txn, job->alp_user_id, job->from_day, job->to_day, true, &days);

	if (r == 0)
		*ret_count = days.count;
	return r;
}

static int
fetch_succeeded(struct txn *txn, struct op *op, struct job_row *job)
{
	size_t unprocessed = 0;
	int r;

	if (job->next_day >= job->from_day)
		return -EBADMSG;
	r = settle_empty_days(txn, op, job);
	if (r < 0)
		return r;
	r = count_unprocessed(txn, job, &unprocessed);
	if (r < 0)
		return r;
	if (!job->process || unprocessed == 0)
		return txn_job_transition(txn, job, JOB_SUCCEEDED, op->now_ms, NULL, NULL);
	r = txn_want_processing(txn, op, job);
	if (r < 0)
		return r;
	if (job->cancel_requested)
		return txn_cancel_fetch(txn, op, job);
	/* Its entries are not visible yet: it stays running without a worker and gives its turn to the process job. */
	job->waiting = true;
	job->updated_ms = op->now_ms;
	r = txn_job_update(txn, job);
	/* Nor does it need its key any more. */
	if (r == 0)
		r = txn_job_key_set(txn, job->job_id, NULL);
	return r < 0 ? r : txn_job_release_turn(txn, job);
}

void
job_remember_error(struct job_row *job, const char *code, const char *detail)
{
	free(job->error_code);
	free(job->error_detail);
	job->error_code = code != NULL ? xstrdup(code) : NULL;
	job->error_detail = detail != NULL ? xstrdup(detail) : NULL;
}

static int
txn_fail(struct txn *txn, const struct op *op, struct job_row *job, const char *code, const char *detail)
{
	job_remember_error(job, code, detail);
	return txn_job_transition(txn, job, JOB_FAILED, op->now_ms, code, detail);
}

int
txn_end_parent(struct txn *txn, const struct op *op, const struct job_row *child, struct job_row *ret_parent)
{
	_cleanup_(job_row_release) struct job_row parent = JOB_ROW_INIT;
	int r;

	if (child->parent_job == 0)
		return 0;
	r = txn_job_get(txn, child->parent_job, &parent);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	if (parent.state != JOB_RUNNING || !parent.waiting)
		return 0;
	parent.waiting = false;
	if (child->state == JOB_SUCCEEDED)
		r = txn_job_transition(txn, &parent, JOB_SUCCEEDED, op->now_ms, NULL, NULL);
	else
		r = txn_fail(txn, op, &parent, "process_failed", "the days are stored, but processing them did not succeed");
	if (r < 0)
		return r;
	*ret_parent = parent;
	parent = JOB_ROW_INIT;
	return 0;
}

static int
process_succeeded(struct txn *txn, struct op *op, struct job_row *job)
{
	struct run_end *v = op->verb;
	size_t left = 0;
	int r = 0;

	if (job->only_unprocessed)
		r = count_unprocessed(txn, job, &left);
	if (r < 0)
		return r;
	if ((left > 0 || v->again) && job->cancel_requested) {
		r = txn_job_transition(txn, job, JOB_CANCELLED, op->now_ms, "cancelled", NULL);
		return r < 0 ? r : txn_end_parent(txn, op, job, &v->parent);
	}
	if (left > 0 || v->again) {
		job->run_at_ms = op->now_ms;
		return txn_job_transition(txn, job, JOB_QUEUED, op->now_ms, "days_left", NULL);
	}
	r = txn_job_transition(txn, job, JOB_SUCCEEDED, op->now_ms, NULL, NULL);
	return r < 0 ? r : txn_end_parent(txn, op, job, &v->parent);
}

static int
run_failed(struct txn *txn, struct op *op, struct job_row *job)
{
	struct run_end *v = op->verb;
	struct retry_decision d = retry_decide(&(struct retry_input){
	    .kind = job_kind_info(job->kind), .outcome = v->outcome, .attempts = job->attempts, .crashes = job->crashes,
	    .retry_after_ms = v->retry_after_ms, .random = op->random,
	});
	int r;

	job->attempts = d.attempts;
	job->crashes = d.crashes;
	if (v->outcome != OUTCOME_NOT_ITS_FAULT)
		job_remember_error(job, v->code, v->detail);
	if (d.again) {
		v->delay_ms = d.delay_ms;
		job->run_at_ms = op->now_ms + d.delay_ms;
		return txn_job_transition(txn, job, JOB_QUEUED, op->now_ms, v->code, v->detail);
	}
	r = txn_job_transition(txn, job, v->outcome == OUTCOME_KEY_LOST ? JOB_KEY_LOST : JOB_FAILED, op->now_ms, v->code, v->detail);
	return r < 0 ? r : txn_end_parent(txn, op, job, &v->parent);
}

static int
end_run(struct txn *txn, struct op *op)
{
	struct run_end *v = op->verb;
	struct job_row *job = &v->job;
	int r = txn_get_run(txn, v->job_id, v->run, job);

	if (r < 0)
		return r;
	if (job->cancel_requested && !v->success) {
		r = txn_job_transition(txn, job, JOB_CANCELLED, op->now_ms, "cancelled", NULL);
		return r < 0 ? r : txn_end_parent(txn, op, job, &v->parent);
	}
	if (!v->success)
		return run_failed(txn, op, job);
	if (job->kind == KIND_FETCH)
		return fetch_succeeded(txn, op, job);
	if (job->kind == KIND_PROCESS || job->kind == KIND_CHECK)
		return process_succeeded(txn, op, job);
	op_promise(txn, op);
	return txn_job_transition(txn, job, JOB_SUCCEEDED, op->now_ms, NULL, NULL);
}

static void
end_after(struct op *op, int r)
{
	struct run_end *v = op->verb;

	if (r < 0)
		return;
	if (job_is_over(&v->job))
		app_waits_job_over(op->app, v->job.job_id, v->job.alp_user_id);
	if (v->parent.job_id != 0)
		app_waits_job_over(op->app, v->parent.job_id, v->parent.alp_user_id);
}

void
app_run_end(struct app *app, struct run_end *v, app_done_fn done, void *arg)
{
	app_submit(app, OP_WRITE, v, end_run, end_after, done, arg);
}

void
run_end_release(struct run_end *v)
{
	job_row_release(&v->job);
	job_row_release(&v->parent);
}
