/* SPDX-License-Identifier: Apache-2.0 */
/* wait.c - callers that wait until a job, or all of a user's, are over, or until it is known what became of postings. */
#include <errno.h>
#include <stdlib.h>

#include "app/internal.h"
#include "app/posting.h"
#include "app/run.h"
#include "base/alloc.h"
#include "base/clock.h"

struct app_wait {
	struct app_wait *next;
	struct app *app;
	int64_t job_id;       /* 0: all live jobs of the user */
	int64_t alp_user_id;
	int64_t *postings;    /* those instead; NULL: jobs */
	size_t posting_count;
	int64_t until_ms;     /* monotonic */
	bool asking;          /* a question about it is under way in the store */
	bool ask_again;       /* something changed since it was asked */
	bool cancelled;       /* freed when the answer comes */
	bool over;            /* the answer */
	app_done_fn done;
	void *arg;
};

static void ask(struct app_wait *w);

static void
unlink_wait(struct app_wait *w)
{
	struct app_wait **p = &w->app->waits;

	while (*p != NULL && *p != w)
		p = &(*p)->next;
	if (*p == w)
		*p = w->next;
}

static void
wait_free(struct app_wait *w)
{
	free(w->postings);
	free(w);
}

static void
finish(struct app_wait *w, int r)
{
	unlink_wait(w);
	w->cancelled = true;
	w->done(r, w->arg);
	if (!w->asking)
		wait_free(w);
}

static bool
is_on_its_way(const struct posting_row *p)
{
	return p->state == POSTING_READY || p->state == POSTING_SENDING || p->state == POSTING_UNKNOWN;
}

static int
ask_postings(struct txn *txn, struct app_wait *w)
{
	w->over = true;
	for (size_t i = 0; w->over && i < w->posting_count; i++) {
		_cleanup_(posting_row_release) struct posting_row p = {0};
		int r = txn_posting_get(txn, w->postings[i], &p);

		if (r < 0)
			return r;
		w->over = !is_on_its_way(&p);
	}
	return 0;
}

static int
ask_run(struct txn *txn, struct op *op)
{
	struct app_wait *w = op->verb;
	_cleanup_(job_row_release) struct job_row job = JOB_ROW_INIT;
	_cleanup_(job_list_release) struct job_list live = {0};
	struct job_filter filter = {.alp_user_id = w->alp_user_id, .states = 1u << JOB_QUEUED | 1u << JOB_RUNNING, .limit = 1};
	int r;

	if (w->postings != NULL)
		return ask_postings(txn, w);
	if (w->job_id != 0) {
		r = txn_job_get(txn, w->job_id, &job);
		w->over = r == -ENOENT || (r == 0 && job_is_over(&job));
		return r == -ENOENT ? 0 : r;
	}
	r = txn_job_list(txn, &filter, &live);
	w->over = r == 0 && live.count == 0;
	return r;
}

static void
asked(int r, void *arg)
{
	struct app_wait *w = arg;

	w->asking = false;
	if (w->cancelled) {
		wait_free(w);
		return;
	}
	if (r < 0 || w->over)
		finish(w, r);
	else if (w->ask_again)
		ask(w);
}

static void
ask(struct app_wait *w)
{
	w->ask_again = w->asking;
	if (w->asking)
		return;
	w->asking = true;
	app_submit(w->app, OP_READ, w, ask_run, NULL, asked, w);
}

struct app_wait *
app_wait_postings(struct app *app, const int64_t *ids, size_t count, int64_t timeout_ms, app_done_fn done, void *arg)
{
	struct app_wait *w = xcalloc(1, sizeof *w);

	*w = (struct app_wait){
	    .next = app->waits, .app = app, .postings = xmemdup(ids, count, sizeof *ids), .posting_count = count,
	    .until_ms = clock_mono_ms() + timeout_ms, .done = done, .arg = arg,
	};
	app->waits = w;
	ask(w);
	return w;
}

struct app_wait *
app_wait(struct app *app, int64_t job_id, int64_t alp_user_id, int64_t timeout_ms, app_done_fn done, void *arg)
{
	struct app_wait *w = xcalloc(1, sizeof *w);

	*w = (struct app_wait){
	    .next = app->waits, .app = app, .job_id = job_id, .alp_user_id = alp_user_id,
	    .until_ms = clock_mono_ms() + timeout_ms, .done = done, .arg = arg,
	};
	app->waits = w;
	ask(w);
	return w;
}

void
app_wait_cancel(struct app *app, struct app_wait *w)
{
	(void)app;
	unlink_wait(w);
	w->cancelled = true;
	if (!w->asking)
		wait_free(w);
}

void
app_waits_job_over(struct app *app, int64_t job_id, int64_t alp_user_id)
{
	for (struct app_wait *w = app->waits; w != NULL; w = w->next)
		if (w->postings == NULL && (w->job_id != 0 ? w->job_id == job_id : w->alp_user_id == alp_user_id))
			ask(w);
}

static bool
waits_for(const struct app_wait *w, int64_t posting_id)
{
	for (size_t i = 0; i < w->posting_count; i++)
		if (w->postings[i] == posting_id)
			return true;
	return false;
}

void
app_waits_posting(struct app *app, int64_t posting_id)
{
	for (struct app_wait *w = app->waits; w != NULL; w = w->next)
		if (waits_for(w, posting_id))
			ask(w);
}

int64_t
app_tick(struct app *app, int64_t mono_ms)
{
	int64_t soonest = -1;

	for (struct app_wait *w = app->waits, *next; w != NULL; w = next) {
		next = w->next;
		if (w->until_ms <= mono_ms)
			finish(w, -ETIMEDOUT);
		else if (soonest < 0 || w->until_ms - mono_ms < soonest)
			soonest = w->until_ms - mono_ms;
	}
	return soonest;
}

void
app_waits_free(struct app *app)
{
	while (app->waits != NULL) {
		struct app_wait *w = app->waits;

		app->waits = w->next;
		wait_free(w);
	}
}
