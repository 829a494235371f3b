/* SPDX-License-Identifier: Apache-2.0 */
/* submit_process.c - a wish to run the rules over stored days becomes a job, or joins one that waits. */
#include <errno.h>

#include "app/run_internal.h"

/* Days whose rows were removed stay as they are; a wish for such days only is none that could be fulfilled. */
static int
refuse_pruned(struct txn *txn, struct process_submit *v)
{
	int r = txn_count_pruned(txn, v->alp_user_id, v->from_day, v->to_day, &v->pruned_days);

	if (r < 0 || v->pruned_days <= v->to_day - v->from_day)
		return r;
	v->fault = (struct app_fault){
	    .field = v->by_date ? "date" : "from", .type = "day_pruned",
	    .message = "lies so far back that what was recorded is not kept any more",
	};
	return -EINVAL;
}

static int
process_run(struct txn *txn, struct op *op)
{
	struct process_submit *v = op->verb;
	struct job_row like = {
	    .alp_user_id = v->alp_user_id,
	    .kind = KIND_PROCESS,
	    .from_day = v->all_unprocessed ? 0 : v->from_day,
	    .to_day = v->all_unprocessed ? DAY_MAX : v->to_day,
	    .only_unprocessed = v->all_unprocessed,
	};
	int r = v->all_unprocessed ? 0 : refuse_pruned(txn, v);

	if (r < 0)
		return r;
	r = txn_job_find_queued(txn, &like, &v->job);

	if (r == 0) {
		v->coalesced = true;
		v->job.priority = MAX_OF(v->job.priority, v->priority);
		v->job.updated_ms = op->now_ms;
		return txn_job_update(txn, &v->job);
	}
	if (r != -ENOENT)
		return r;
	r = txn_check_queue_room(txn, &op->options);
	if (r < 0)
		return r;
	r = txn_kind_paused(txn, KIND_PROCESS);
	if (r < 0)
		return r;
	v->paused = r > 0;
	op_promise(txn, op);
	v->job = like;
	v->job.priority = v->priority;
	v->job.run_at_ms = v->job.created_ms = v->job.updated_ms = op->now_ms;
	return txn_job_insert(txn, &v->job);
}

/* A claim is a write of its own: not where there is nothing to be taken. */
static void
process_after(struct op *op, int r)
{
	const struct process_submit *v = op->verb;

	if (r == 0 && !v->paused)
		op->app->options.hooks.wake(op->app->options.hooks.arg);
}

void
app_process_submit(struct app *app, struct process_submit *v, app_done_fn done, void *arg)
{
	if (!app_has_room(app)) {
		app_answer_later(app, -ENOSPC, done, arg);
		return;
	}
	app_submit_once(app, v->once, v, process_run, process_after, done, arg);
}

void
process_submit_release(struct process_submit *v)
{
	job_row_release(&v->job);
}
