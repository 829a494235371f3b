/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/resealer.h"

#include <errno.h>
#include <stdlib.h>

#include "app/run.h"
#include "base/alloc.h"
#include "base/log.h"

struct resealer {
	struct app *app;
	struct keeper_peer *keeper;
	struct key_outdated page;
	struct key_replace replace;
	size_t at;
	uint64_t number; /* of what was asked last; older answers are of a keeper that is gone */
	int64_t count;
	bool busy;       /* the store is asked */
	bool again;
};

static void look(struct resealer *s);
static void next(struct resealer *s);

static void
replaced(int r, void *arg)
{
	struct resealer *s = arg;

	s->busy = false;
	s->count += r == 0 && !s->page.of_webhooks;
	s->at++;
	next(s);
}

void
resealer_done(struct resealer *s, uint64_t number, int result, const struct box *box)
{
	if (s == NULL || number != s->number || s->busy || s->at >= s->page.count)
		return;
	if (result < 0) {
		/* It does not open for anybody; the job, or who asks for a delivery's log, will be told. */
		s->at++;
		next(s);
		return;
	}
	s->busy = true;
	s->replace = (struct key_replace){.of_webhook = s->page.of_webhooks, .job_id = s->page.rows[s->at].job_id, .old = s->page.rows[s->at].key, .fresh = *box};
	app_key_replace(s->app, &s->replace, replaced, s);
}

static void
go_to_next_page(struct resealer *s)
{
	if (s->page.over && s->page.of_webhooks)
		return;
	if (s->page.over && s->page.state == JOB_RUNNING) {
		if (s->count > 0)
			log_event(EV_KEYS_RESEALED, LOG_I64("COUNT", s->count));
		s->count = 0;
		s->page.of_webhooks = true;
		s->page.after_job = 0;
	} else if (s->page.over) {
		s->page.state = JOB_RUNNING;
		s->page.after_job = 0;
	}
	look(s);
}

/* A keeper that is gone is followed by another, and resealer_begin(). */
static void
next(struct resealer *s)
{
	const struct job_key_row *row;

	if (s->again) {
		resealer_begin(s);
		return;
	}
	if (s->at >= s->page.count) {
		go_to_next_page(s);
		return;
	}
	row = &s->page.rows[s->at];
	(void)!keeper_peer_reseal(s->keeper, ++s->number, s->page.of_webhooks ? BOX_WEBHOOK_SECRET : BOX_RESCUETIME_KEY, row->alp_user_id, &row->key);
}

static void
looked(int r, void *arg)
{
	struct resealer *s = arg;

	s->busy = false;
	s->at = 0;
	if (r < 0)
		return;
	next(s);
}

static void
look(struct resealer *s)
{
	s->busy = true;
	app_key_outdated(s->app, &s->page, looked, s);
}

void
resealer_begin(struct resealer *s)
{
	s->again = s->busy;
	if (s->busy)
		return;
	s->number++;
	s->page = (struct key_outdated){.state = JOB_QUEUED};
	look(s);
}

struct resealer *
resealer_new(struct app *app, struct keeper_peer *keeper)
{
	struct resealer *s = xcalloc(1, sizeof *s);

	s->app = app;
	s->keeper = keeper;
	return s;
}

struct resealer *
resealer_free(struct resealer *s)
{
	free(s);
	return NULL;
}
