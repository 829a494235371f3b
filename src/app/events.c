/* SPDX-License-Identifier: Apache-2.0 */
/* events.c - the hub's way to the store, and where to begin watching a job. */
#include "app/events.h"

#include <errno.h>

#include "app/internal.h"

/* --- the hub ------------------------------------------------------------------------------------------------------------ */

static int
read_run(struct txn *txn, struct op *op)
{
	struct hub_read *v = op->verb;
	int64_t newest;
	int r = txn_event_bounds(txn, &v->oldest, &newest);

	return r < 0 ? r : txn_event_list(txn, v->from_id, v->to_id, v->filter.alp_user_id, v->filter.job_id, &v->events);
}

static void
read_after(struct op *op, int r)
{
	hub_read_done(op->app->hub, op->verb, r);
}

static void
nothing_more(int r, void *arg)
{
	(void)r;
	(void)arg;
}

static void
on_read(void *arg, struct hub_read *read)
{
	app_submit(arg, OP_READ, read, read_run, read_after, nothing_more, NULL);
}

static void
on_behind(void *arg)
{
	struct app *app = arg;

	if (app->hub_behind != NULL)
		app->hub_behind(app->hub_behind_arg);
}

static void
on_events(const struct event_row *events, size_t count, void *arg)
{
	hub_publish(((struct app *)arg)->hub, events, count);
}

void
app_events_open(struct app *app)
{
	const struct hub_hooks hooks = {.read = on_read, .behind = on_behind, .arg = app};

	app->hub = hub_new(store_newest_event(app->options.store), &hooks);
	store_on_events(app->options.store, on_events, app);
}

struct hub *
app_hub(struct app *app)
{
	return app->hub;
}

void
app_hub_driver(struct app *app, void (*behind)(void *arg), void *arg)
{
	app->hub_behind = behind;
	app->hub_behind_arg = arg;
}

/* --- one job ------------------------------------------------------------------------------------------------------------ */

static int
begin_run(struct txn *txn, struct op *op)
{
	struct watch_begin *v = op->verb;
	int r = txn_job_get_owned(txn, v->job_id, v->alp_user_id, &v->job);

	if (r < 0)
		return r;
	event_of_job(&v->job, EVENT_JOB, -1, v->job.updated_ms, v->job.error_code, &v->now);
	r = txn_event_bounds(txn, &v->oldest, &v->newest);
	if (r < 0)
		return r;
	r = txn_event_after(txn, v->after_id, v->job_id);
	if (r < 0)
		return r;
	v->more = r > 0;
	return 0;
}

void
app_watch_begin(struct app *app, struct watch_begin *v, app_done_fn done, void *arg)
{
	app_submit(app, OP_READ, v, begin_run, NULL, done, arg);
}

void
watch_begin_release(struct watch_begin *v)
{
	job_row_release(&v->job);
}
