/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/dispatch.h"

#include <errno.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "daemon/worker.h"

#define SLEEP_MIN_MS      20
#define SLEEP_MAX_MS      60000
#define ROLE_PAUSE_MIN_MS 50
#define ROLE_PAUSE_MAX_MS 60000

static void claim(struct dispatch *d);

static void
sleep_for(struct dispatch *d, int64_t ms)
{
	struct timeval tv;

	ms = MIN_OF(MAX_OF(ms, SLEEP_MIN_MS), SLEEP_MAX_MS);
	tv = (struct timeval){.tv_sec = ms / 1000, .tv_usec = (ms % 1000) * 1000};
	event_add(d->timer, &tv);
}

static bool
role_may_run(const struct dispatch *d, enum worker_role role)
{
	return d->roles[role].paused_until_ms <= clock_mono_ms();
}

/* The kinds that may be taken now. */
static uint32_t
claimable_kinds(const struct dispatch *d)
{
	uint32_t kinds = 0;

	for (size_t i = 0; job_kind_at(i) != NULL; i++) {
		enum job_kind kind = job_kind_at(i)->kind;
		const struct run_kind *run = run_kind_of(kind);

		if (run == NULL || run->here != NULL || !role_may_run(d, run->role))
			continue;
		/* While draining only what a stored fetch still waits for: its entries. */
		if (d->draining && kind != KIND_PROCESS)
			continue;
		/* A fetch is worth starting once we know where to, or know that we cannot know, and somebody can give it its key. */
		if (run->role == ROLE_FETCH && (!upstream_is_known(d->upstream) || !keeper_peer_is_ready(d->keeper)))
			continue;
		kinds |= 1u << kind;
	}
	return kinds;
}

static void
begin_jobs(struct dispatch *d, struct job_list *jobs)
{
	for (size_t i = 0; i < jobs->count; i++) {
		struct worker *w = worker_new(d, &jobs->rows[i]);

		if (w == NULL)
			continue;
		TAILQ_INSERT_TAIL(&d->workers, w, link);
		d->running++;
		worker_begin(w);
	}
}

/* Until the first of those that are slowed down may run again; INT64_MAX: none is. */
static int64_t
role_pause_ms(const struct dispatch *d)
{
	int64_t now_ms = clock_mono_ms(), least_ms = INT64_MAX;

	for (size_t i = 0; i < ELEMENTSOF(d->roles); i++)
		if (d->roles[i].paused_until_ms > now_ms)
			least_ms = MIN_OF(least_ms, d->roles[i].paused_until_ms - now_ms);
	return least_ms;
}

static void
after_claim(struct dispatch *d, const struct run_claim *v, int r)
{
	int64_t sleep_ms = role_pause_ms(d);

	if (r < 0) {
		sleep_for(d, 1000);
		return;
	}
	if (v->next_due_ms != INT64_MAX)
		sleep_ms = MIN_OF(sleep_ms, v->next_due_ms - clock_real_ms());
	/* What could not be taken when this was asked has no due time in the answer. */
	if (d->claim_again || v->jobs.count == v->max || v->kinds != claimable_kinds(d))
		claim(d);
	else if (!d->draining && sleep_ms != INT64_MAX)
		sleep_for(d, sleep_ms);
}

struct claiming {
	struct run_claim verb;
	struct dispatch *dispatch;
};

/* Drained when a claim made while draining brought nothing more. */
static void
tell_idle(struct dispatch *d)
{
	if (d->draining && d->drained && d->running == 0 && !d->claiming && here_is_idle(d->here) && d->idle != NULL)
		d->idle(d->idle_arg);
}

static void
claimed(int r, void *arg)
{
	struct claiming *c = arg;
	struct dispatch *d = c->dispatch;

	d->claiming = false;
	d->drained = d->draining && (r < 0 || c->verb.jobs.count == 0) && !d->claim_again;
	if (r == 0)
		begin_jobs(d, &c->verb.jobs);
	after_claim(d, &c->verb, r);
	run_claim_release(&c->verb);
	free(c);
	tell_idle(d);
}

static void
claim(struct dispatch *d)
{
	struct claiming *c;

	if (d->app == NULL || d->aborted || !supervisor_is_ready(d->supervisor) || d->running >= d->options.workers_max)
		return;
	d->claim_again = d->claiming;
	if (d->claiming)
		return;
	d->claiming = true;
	c = xcalloc(1, sizeof *c);
	c->dispatch = d;
	c->verb.max = d->options.workers_max - d->running;
	c->verb.kinds = claimable_kinds(d);
	app_run_claim(d->app, &c->verb, claimed, c);
}

void
dispatch_wake(struct dispatch *d)
{
	here_wake(d->here);
	/* Many wake it in one go of the loop; it claims once after them all. */
	event_active(d->timer, EV_TIMEOUT, 0);
}

static void
timer_due(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	claim(arg);
}

void
dispatch_forget(struct dispatch *d, struct worker *w)
{
	TAILQ_REMOVE(&d->workers, w, link);
	d->running--;
	d->drained = d->aborted;
	tell_idle(d);
}

/* A role whose workers fail before any did its job is broken (a setting, a library), and trying faster would not mend it. One that was begun
 * before the last pause says nothing new, however late it ends. */
void
dispatch_role_failed(struct dispatch *d, const struct worker *w)
{
	enum worker_role role = w->kind->role;
	struct role_health *health = &d->roles[role];

	if (health->paused_until_ms > clock_mono_ms() || w->started_ms <= health->paused_since_ms)
		return;
	health->pause_ms = MIN_OF(MAX_OF(health->pause_ms * 2, ROLE_PAUSE_MIN_MS), ROLE_PAUSE_MAX_MS);
	health->paused_since_ms = clock_mono_ms();
	health->paused_until_ms = health->paused_since_ms + health->pause_ms;
	log_event(EV_ROLE_THROTTLED, LOG_STR("WORKER_ROLE", worker_role_name(role)), LOG_I64("DURATION_MS", health->pause_ms));
	dispatch_wake(d);
}

/* --- what the supervisor tells ------------------------------------------------------------------------------------------- */

static struct worker *
find(struct dispatch *d, uint64_t id)
{
	struct worker *w;

	TAILQ_FOREACH(w, &d->workers, link)
		if (w->id == id)
			return w;
	return NULL;
}

static void
spawner_ready(void *arg)
{
	struct dispatch *d = arg;

	for (size_t i = 0; i < ELEMENTSOF(d->roles); i++)
		d->roles[i].proven = false;
	d->ready(d->ready_arg);
	dispatch_wake(d);
}

static void
worker_lost(void *arg, uint64_t worker_id)
{
	struct worker *w = find(arg, worker_id);

	if (w != NULL)
		worker_gone(w, NULL);
}

static void
worker_refused(void *arg, uint64_t worker_id, int error)
{
	struct dispatch *d = arg;
	struct worker *w = find(d, worker_id);

	(void)error;
	if (w == NULL)
		return;
	dispatch_role_failed(d, w);
	worker_decide_failure(w, OUTCOME_NOT_ITS_FAULT, 0, "no_worker", "no worker could be started");
	worker_gone(w, NULL);
}

static void
worker_spawned(void *arg, uint64_t worker_id, int32_t pid)
{
	struct worker *w = find(arg, worker_id);

	if (w != NULL)
		w->pid = pid;
}

static void
worker_exited(void *arg, const struct msg_exited *exited)
{
	struct worker *w = find(arg, exited->worker_id);

	if (w != NULL)
		worker_gone(w, exited);
}

struct supervisor_hooks
dispatch_supervisor_hooks(struct dispatch *d)
{
	return (struct supervisor_hooks){
	    .ready = spawner_ready, .lost = worker_lost, .refused = worker_refused, .spawned = worker_spawned,
	    .exited = worker_exited, .arg = d,
	};
}

/* --- what the keeper tells ----------------------------------------------------------------------------------------------- */

void
dispatch_given(struct dispatch *d, uint64_t worker_id, int result)
{
	struct worker *w = find(d, worker_id);

	if (w == NULL)
		return;
	worker_given(w, result);
	worker_settle(w);
}

void
dispatch_keeper_lost(struct dispatch *d)
{
	struct worker *w = TAILQ_FIRST(&d->workers);

	while (w != NULL) {
		struct worker *next = TAILQ_NEXT(w, link);

		worker_keeper_lost(w);
		worker_settle(w);
		w = next;
	}
}

/* --- what the app asks for ----------------------------------------------------------------------------------------------- */

static void
wake_hook(void *arg)
{
	dispatch_wake(arg);
}

static void
kill_run_hook(void *arg, int64_t job_id, int32_t run)
{
	struct dispatch *d = arg;
	struct worker *w;

	if (here_kill(d->here, job_id, run))
		return;
	TAILQ_FOREACH(w, &d->workers, link) {
		if (w->job.job_id != job_id || w->job.run != run)
			continue;
		worker_decide_failure(w, OUTCOME_NOT_ITS_FAULT, 0, "cancelled", "cancelled");
		worker_kill(w);
		worker_settle(w);
		return;
	}
}

struct app_hooks
dispatch_app_hooks(struct dispatch *d)
{
	return (struct app_hooks){.wake = wake_hook, .kill_run = kill_run_hook, .arg = d};
}

/* --- its life -------------------------------------------------------------------------------------------------------------- */

static void
here_idle(void *arg)
{
	tell_idle(arg);
}

struct dispatch *
dispatch_new(struct event_base *base, const struct dispatch_options *options, void (*spawner_ready_fn)(void *arg), void *arg)
{
	struct dispatch *d = xcalloc(1, sizeof *d);

	d->base = base;
	d->options = *options;
	d->ready = spawner_ready_fn;
	d->ready_arg = arg;
	TAILQ_INIT(&d->workers);
	d->timer = event_new(base, -1, 0, timer_due, d);
	d->here = here_new(base, here_idle, d);
	return d;
}

void
dispatch_connect(struct dispatch *d, struct app *app, struct supervisor *supervisor, const struct upstream *upstream,
    struct keeper_peer *keeper)
{
	d->app = app;
	d->supervisor = supervisor;
	d->upstream = upstream;
	d->keeper = keeper;
	here_connect(d->here, app);
	dispatch_wake(d);
}

void
dispatch_reconfigure(struct dispatch *d, const struct dispatch_options *options)
{
	d->options = *options;
	dispatch_wake(d);
}

struct dispatch *
dispatch_free(struct dispatch *d)
{
	if (d == NULL)
		return NULL;
	here_free(d->here);
	event_free(d->timer);
	free(d);
	return NULL;
}

void
dispatch_drain(struct dispatch *d, void (*idle)(void *arg), void *arg)
{
	d->draining = true;
	here_drain(d->here);
	d->idle = idle;
	d->idle_arg = arg;
	d->drained = d->app == NULL || !supervisor_is_ready(d->supervisor);
	claim(d);
	tell_idle(d);
}

void
dispatch_abort(struct dispatch *d)
{
	struct worker *w = TAILQ_FIRST(&d->workers);

	d->aborted = d->drained = true;
	here_abort(d->here);
	while (w != NULL) {
		struct worker *next = TAILQ_NEXT(w, link);

		worker_decide_failure(w, OUTCOME_NOT_ITS_FAULT, 0, "daemon_stopping", "the daemon stopped before the job was done");
		worker_kill(w);
		worker_settle(w);
		w = next;
	}
	tell_idle(d);
}

size_t
dispatch_running(const struct dispatch *d)
{
	return d->running + here_running(d->here);
}
