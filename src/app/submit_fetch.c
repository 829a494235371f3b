/* SPDX-License-Identifier: Apache-2.0 */
/* submit_fetch.c - a wish to fetch some days of a user becomes a job, or joins one that waits. */
#include <errno.h>
#include <string.h>

#include "app/run_internal.h"
#include "base/alloc.h"

#define DAYS_MAX 31

static int
fault(struct app_fault *f, const char *field, const char *type, const char *message)
{
	*f = (struct app_fault){.field = field, .type = type, .message = message};
	return -EINVAL;
}

/* A browser east of the user's zone may already be in tomorrow; further ahead is a mistake. */
static int
clamp_to_today(day_t *day, day_t today)
{
	if (*day > today + 1)
		return -EINVAL;
	*day = MIN_OF(*day, today);
	return 0;
}

static int
resolve_range(struct fetch_submit *v, day_t today, day_t *ret_from, day_t *ret_to)
{
	day_t from = v->from_day, to = v->to_day;

	if (v->days > 0) {
		to = v->target_day >= 0 ? v->target_day : today;
		if (clamp_to_today(&to, today) < 0)
			return fault(&v->fault, "target_date", "date_in_future", "lies in the future of the user's time zone");
		from = MAX_OF(to - (v->days - 1), 0);
	} else {
		if (clamp_to_today(&to, today) < 0)
			return fault(&v->fault, "to", "date_in_future", "lies in the future of the user's time zone");
		from = MIN_OF(from, to);
	}
	if (to - from >= DAYS_MAX)
		return fault(&v->fault, "from", "range_too_long", "a job covers at most 31 days");
	*ret_from = from;
	*ret_to = to;
	return 0;
}

static int
remember_zone(struct txn *txn, struct op *op)
{
	const struct fetch_submit *v = op->verb;
	struct user_row user = {0};
	int r;

	if (v->time_zone == NULL)
		return 0;
	r = txn_user_get(txn, v->alp_user_id, &user);
	if (r < 0 && r != -ENOENT)
		return r;
	if (r == 0 && strcmp(user.time_zone, v->time_zone) == 0)
		return 0;
	if (r == -ENOENT)
		user = (struct user_row){.alp_user_id = v->alp_user_id, .created_ms = op->now_ms};
	strncpy(user.time_zone, v->time_zone, sizeof user.time_zone - 1);
	/* It tells states apart, also two of one millisecond. */
	user.updated_ms = MAX_OF(op->now_ms, user.updated_ms + 1);
	return txn_user_put(txn, &user);
}

/* The newest wish wants every day again, so a job that had stored some begins anew. Its retry time stays: the upstream asked for that wait. */
static int
join_queued(struct txn *txn, struct op *op, struct job_row *job)
{
	struct fetch_submit *v = op->verb;
	int r;

	job->priority = MAX_OF(job->priority, v->priority);
	job->process = job->process || v->process;
	job->next_day = job->to_day;
	job->days_done = 0;
	job->updated_ms = op->now_ms;
	r = txn_job_update(txn, job);
	if (r == 0)
		r = txn_job_key_set(txn, job->job_id, &v->sealed);
	if (r < 0)
		return r;
	v->coalesced = true;
	return 0;
}

static int
insert_job(struct txn *txn, struct op *op, const struct job_row *like, struct job_row *ret_job)
{
	const struct fetch_submit *v = op->verb;
	int r = txn_check_queue_room(txn, &op->options);

	if (r < 0)
		return r;
	op_promise(txn, op);
	*ret_job = *like;
	ret_job->priority = v->priority;
	ret_job->process = v->process;
	ret_job->run_at_ms = ret_job->created_ms = ret_job->updated_ms = op->now_ms;
	ret_job->next_day = ret_job->to_day;
	ret_job->key = &v->sealed;
	r = txn_job_insert(txn, ret_job);
	ret_job->key = NULL;
	return r;
}

/* Days whose rows were removed stay as they are; a wish for such days only is none that could be fulfilled. */
static int
refuse_pruned(struct txn *txn, struct fetch_submit *v, const struct job_row *like)
{
	int r = txn_count_pruned(txn, v->alp_user_id, like->from_day, like->to_day, &v->pruned_days);

	if (r < 0 || v->pruned_days <= like->to_day - like->from_day)
		return r;
	return fault(&v->fault, v->days > 0 ? "target_date" : "from", "day_pruned", "lies so far back that what was recorded is not kept any more");
}

static int
fetch_run(struct txn *txn, struct op *op)
{
	struct fetch_submit *v = op->verb;
	struct job_row like = {.alp_user_id = v->alp_user_id, .kind = KIND_FETCH};
	struct user_row user;
	day_t today;
	int r;

	r = remember_zone(txn, op);
	if (r < 0)
		return r;
	r = txn_user_today(txn, &op->options, v->alp_user_id, op->now_ms, &user, &today);
	if (r < 0)
		return r;
	r = resolve_range(v, today, &like.from_day, &like.to_day);
	if (r < 0)
		return r;
	r = refuse_pruned(txn, v, &like);
	if (r < 0)
		return r;
	r = txn_job_find_queued(txn, &like, &v->job);
	if (r == 0)
		r = join_queued(txn, op, &v->job);
	else if (r == -ENOENT)
		r = insert_job(txn, op, &like, &v->job);
	if (v->once != NULL)
		v->once->job_id = v->job.job_id;
	return r;
}

static int
fetch_again(struct txn *txn, struct op *op, int64_t job_id)
{
	struct fetch_submit *v = op->verb;

	return v->sealed.len > 0 ? txn_job_key_again(txn, op, job_id, &v->sealed, &v->job) : 0;
}

static void
fetch_after(struct op *op, int r)
{
	if (r == 0)
		op->app->options.hooks.wake(op->app->options.hooks.arg);
}

static void
fetch_sealed(struct app *app, void *verb, app_done_fn done, void *arg)
{
	struct fetch_submit *v = verb;

	app_submit_once(app, v->once, v, fetch_run, fetch_after, done, arg);
}

void
app_fetch_submit(struct app *app, struct fetch_submit *v, app_done_fn done, void *arg)
{
	int r = 0;

	if (v->key == NULL && (v->alp_user_id != app->options.single_user_id || !app->options.single_user_has_key))
		r = -ENOKEY;
	else if (!app_has_room(app))
		r = -ENOSPC;
	if (r < 0) {
		v->key = secret_free(v->key);
		app_answer_later(app, r, done, arg);
		return;
	}
	if (v->once != NULL)
		v->once->again = fetch_again;
	app_seal(app, &(struct seal_order){.owner = v->alp_user_id, .key = &v->key, .ret_box = &v->sealed, .next = fetch_sealed, .verb = v,
	    .done = done, .arg = arg});
}

void
fetch_submit_release(struct fetch_submit *v)
{
	v->key = secret_free(v->key);
	job_row_release(&v->job);
}
