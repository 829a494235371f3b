/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/here.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/queue.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "daemon/run_kinds.h"
#include "daemon/run_log.h"

#define SLEEP_MIN_MS  20
#define SLEEP_MAX_MS  60000
#define END_AGAIN_MS  1000
#define CLAIM_ROOM    (HERE_MAX / 4) /* a claim is a write of its own: not for each place that becomes free */

struct here_run {
	TAILQ_ENTRY(here_run) link;
	struct here *here;
	const struct here_kind *kind;
	struct job_row job;
	void *state;
	int64_t started_ms;  /* monotonic */
	struct event *timer; /* its deadline, later the next try to end it; NULL: it needed neither */
	bool decided;
	bool ending;         /* the end is being written */
	struct run_end end;
	char code[CODE_MAX];
	char detail[DETAIL_MAX];
};
TAILQ_HEAD(here_runs, here_run);

struct here {
	struct event_base *base;
	struct app *app;
	struct here_runs runs;
	size_t running;
	uint32_t kinds;      /* bits 1 << enum job_kind */
	struct event *claim; /* active: soon; pending: when the next job is due */
	bool claiming, claim_again, draining, aborted;
	void (*idle)(void *arg);
	void *idle_arg;
};

static void end_run(struct here_run *run);

/* --- what a kind says of its run ------------------------------------------------------------------------------------------ */

const struct job_row *
here_job(const struct here_run *run)
{
	return &run->job;
}

void
here_set_state(struct here_run *run, void *state)
{
	run->state = state;
}

void *
here_state(const struct here_run *run)
{
	return run->state;
}

void
here_succeed(struct here_run *run)
{
	if (run->decided)
		return;
	run->decided = true;
	run->end.success = true;
	end_run(run);
}

void
here_fail(struct here_run *run, enum job_outcome outcome, int64_t retry_after_ms, const char *code, const char *detail)
{
	if (run->decided)
		return;
	run->decided = true;
	run->end.outcome = outcome;
	run->end.retry_after_ms = retry_after_ms;
	snprintf(run->code, sizeof run->code, "%s", code);
	snprintf(run->detail, sizeof run->detail, "%s", detail);
	run->end.code = run->code;
	run->end.detail = run->detail;
	end_run(run);
}

static void
stop_run(struct here_run *run, enum job_outcome outcome, const char *code, const char *detail)
{
	if (run->decided)
		return;
	run->kind->stop(run);
	here_fail(run, outcome, 0, code, detail);
}

/* --- its end -------------------------------------------------------------------------------------------------------------- */

static void
tell_idle(struct here *h)
{
	if (here_is_idle(h))
		h->idle(h->idle_arg);
}

static void
run_free(struct here_run *run)
{
	if (run->timer != NULL)
		event_free(run->timer);
	run_end_release(&run->end);
	job_row_release(&run->job);
	free(run);
}

static void
timer_over(evutil_socket_t fd, short what, void *arg)
{
	struct here_run *run = arg;

	(void)fd;
	(void)what;
	if (run->decided)
		end_run(run);
	else
		stop_run(run, OUTCOME_TRANSIENT, "deadline", "the job did not end in time");
}

static void
timer_set(struct here_run *run, int64_t ms)
{
	struct timeval tv = {.tv_sec = ms / 1000, .tv_usec = (ms % 1000) * 1000};

	if (run->timer == NULL)
		run->timer = event_new(run->here->base, -1, 0, timer_over, run);
	event_add(run->timer, &tv);
}

static void
run_ended(int r, void *arg)
{
	struct here_run *run = arg;
	struct here *h = run->here;

	run->ending = false;
	if (r == 0)
		run_log_ended(&run->end, clock_mono_ms() - run->started_ms);
	else if (r == -ESTALE)
		run_log_stale(&run->job);
	else if (r != -EIO && !h->aborted) {
		/* It stays running in the store until there is room (or a lock goes away) to say otherwise. */
		run_end_release(&run->end);
		timer_set(run, END_AGAIN_MS);
		return;
	}
	TAILQ_REMOVE(&h->runs, run, link);
	h->running--;
	run_free(run);
	here_wake(h);
	tell_idle(h);
}

static void
end_run(struct here_run *run)
{
	if (run->timer != NULL)
		event_del(run->timer);
	run->ending = true;
	run->end.job_id = run->job.job_id;
	run->end.run = run->job.run;
	app_run_end(run->here->app, &run->end, run_ended, run);
}

/* --- its beginning -------------------------------------------------------------------------------------------------------- */

static void
begin(struct here *h, struct job_row *job)
{
	struct here_run *run = xcalloc(1, sizeof *run);

	run->here = h;
	run->kind = run_kind_of(job->kind)->here;
	run->job = *job;
	*job = JOB_ROW_INIT;
	run->started_ms = clock_mono_ms();
	TAILQ_INSERT_TAIL(&h->runs, run, link);
	h->running++;
	run_log_started(&run->job);
	if (h->aborted)
		here_fail(run, OUTCOME_NOT_ITS_FAULT, 0, "daemon_stopping", "the daemon stopped before the job was done");
	else
		run->kind->run(run);
	if (!run->decided)
		timer_set(run, job_kind_info(run->job.kind)->deadline_ms);
}

struct claiming {
	struct run_claim verb;
	struct here *here;
};

static void
sleep_for(struct here *h, int64_t ms)
{
	struct timeval tv;

	ms = MIN_OF(MAX_OF(ms, SLEEP_MIN_MS), SLEEP_MAX_MS);
	tv = (struct timeval){.tv_sec = ms / 1000, .tv_usec = (ms % 1000) * 1000};
	event_add(h->claim, &tv);
}

static void
claimed(int r, void *arg)
{
	struct claiming *c = arg;
	struct here *h = c->here;

	h->claiming = false;
	for (size_t i = 0; r == 0 && i < c->verb.jobs.count; i++)
		begin(h, &c->verb.jobs.rows[i]);
	if (r < 0)
		sleep_for(h, 1000);
	else if (h->claim_again || c->verb.jobs.count == c->verb.max)
		here_wake(h);
	else if (c->verb.next_due_ms != INT64_MAX)
		sleep_for(h, c->verb.next_due_ms - clock_real_ms());
	run_claim_release(&c->verb);
	free(c);
	tell_idle(h);
}

static void
claim(evutil_socket_t fd, short what, void *arg)
{
	struct here *h = arg;
	struct claiming *c;

	(void)fd;
	(void)what;
	if (h->app == NULL || h->kinds == 0 || h->draining || HERE_MAX - h->running < CLAIM_ROOM)
		return;
	h->claim_again = h->claiming;
	if (h->claiming)
		return;
	h->claiming = true;
	c = xcalloc(1, sizeof *c);
	c->here = h;
	c->verb.max = HERE_MAX - h->running;
	c->verb.kinds = h->kinds;
	app_run_claim(h->app, &c->verb, claimed, c);
}

void
here_wake(struct here *h)
{
	/* Many wake it in one go of the loop; it claims once after them all. */
	if (h->kinds != 0)
		event_active(h->claim, EV_TIMEOUT, 0);
}

/* --- its life ------------------------------------------------------------------------------------------------------------- */

static uint32_t
kinds_here(void)
{
	const struct run_kind *kind;
	uint32_t kinds = 0;

	for (size_t i = 0; job_kind_at(i) != NULL; i++) {
		kind = run_kind_of(job_kind_at(i)->kind);
		if (kind != NULL && kind->here != NULL)
			kinds |= UINT32_C(1) << kind->job_kind;
	}
	return kinds;
}

struct here *
here_new(struct event_base *base, void (*idle)(void *arg), void *arg)
{
	struct here *h = xcalloc(1, sizeof *h);

	h->base = base;
	h->kinds = kinds_here();
	h->idle = idle;
	h->idle_arg = arg;
	TAILQ_INIT(&h->runs);
	h->claim = event_new(base, -1, 0, claim, h);
	return h;
}

void
here_connect(struct here *h, struct app *app)
{
	h->app = app;
	here_wake(h);
}

struct here *
here_free(struct here *h)
{
	struct here_run *run;

	if (h == NULL)
		return NULL;
	while ((run = TAILQ_FIRST(&h->runs)) != NULL) {
		if (!run->decided)
			run->kind->stop(run);
		TAILQ_REMOVE(&h->runs, run, link);
		run_free(run);
	}
	event_free(h->claim);
	free(h);
	return NULL;
}

bool
here_kill(struct here *h, int64_t job_id, int32_t number)
{
	struct here_run *run;

	TAILQ_FOREACH(run, &h->runs, link) {
		if (run->job.job_id != job_id || run->job.run != number)
			continue;
		stop_run(run, OUTCOME_NOT_ITS_FAULT, "cancelled", "cancelled");
		return true;
	}
	return false;
}

void
here_drain(struct here *h)
{
	h->draining = true;
}

void
here_abort(struct here *h)
{
	struct here_run *run, *next;

	h->draining = h->aborted = true;
	for (run = TAILQ_FIRST(&h->runs); run != NULL; run = next) {
		next = TAILQ_NEXT(run, link);
		stop_run(run, OUTCOME_NOT_ITS_FAULT, "daemon_stopping", "the daemon stopped before the job was done");
		/* One whose end waits for its next try has it now, and it is the last. */
		if (!run->ending)
			end_run(run);
	}
}

size_t
here_running(const struct here *h)
{
	return h->running;
}

bool
here_is_idle(const struct here *h)
{
	return h->running == 0 && !h->claiming;
}
