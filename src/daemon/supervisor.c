/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/supervisor.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "daemon/rules_source.h"
#include "daemon/spawner_peer.h"

#define RESTART_MIN_MS 50
#define RESTART_MAX_MS 5000
#define RETIRED_MAX    4 /* at once; one more, and the oldest is not waited for any longer */

TAILQ_HEAD(spawner_list, spawner_peer);

struct supervisor {
	struct event_base *base;
	struct supervisor_options options;
	char *strings[4];              /* what the options point to */
	struct supervisor_hooks hooks;
	struct spawner_peer_hooks peer_hooks;
	struct rules_source *rules;    /* in force */
	struct spawner_peer *serving;  /* or starting to; NULL: none until restart_event */
	struct spawner_peer *fresh;    /* with other rules, getting warm; NULL: none */
	struct spawner_list retired;   /* the oldest first */
	struct event *restart_event, *child_event;
	int64_t restart_pause_ms;
	int64_t heard_ms;              /* monotonic; when those that are gone last spoke */
	/* Of the change that is under way. */
	int64_t change_most_ms;
	supervisor_changed_fn change_done;
	void *change_arg;
};

/* --- the one that serves ----------------------------------------------------------------------------------------------- */

static int
start(struct supervisor *s)
{
	return spawner_peer_new(s->base, &s->options, s->rules, &s->peer_hooks, &s->serving);
}

static void
restart_after(struct supervisor *s, int64_t ms)
{
	struct timeval tv = {.tv_sec = ms / 1000, .tv_usec = (ms % 1000) * 1000};

	event_add(s->restart_event, &tv);
}

static void
restart(struct supervisor *s)
{
	int r = start(s);

	if (r < 0) {
		log_event(EV_SPAWNER_FAILED, LOG_ERRNO(r));
		restart_after(s, RESTART_MAX_MS);
	}
}

static void
restart_due(evutil_socket_t fd, short what, void *arg)
{
	struct supervisor *s = arg;

	(void)fd;
	(void)what;
	if (s->serving == NULL)
		restart(s);
}

static void
serving_ended(struct supervisor *s)
{
	bool was_ready = s->serving->was_ready;

	s->heard_ms = supervisor_heard_ms(s);
	s->serving = spawner_peer_free(s->serving);
	metric_add(rtalp_helper_restarts, METRIC_SPAWNER, 0, 1);
	if (was_ready) {
		restart(s);
		return;
	}
	s->restart_pause_ms = MIN_OF(MAX_OF(s->restart_pause_ms * 2, RESTART_MIN_MS), RESTART_MAX_MS);
	restart_after(s, s->restart_pause_ms);
}

/* --- a change of rules ------------------------------------------------------------------------------------------------- */

/* The oldest that is not on its way out already, if there are as many as may be. */
static struct spawner_peer *
one_too_many(struct supervisor *s)
{
	struct spawner_peer *p, *oldest = NULL;
	unsigned count = 0;

	TAILQ_FOREACH_REVERSE(p, &s->retired, spawner_list, link) {
		if (p->killed)
			continue;
		oldest = p;
		count++;
	}
	return count < RETIRED_MAX ? NULL : oldest;
}

static void
retire(struct supervisor *s, struct spawner_peer *p)
{
	struct spawner_peer *oldest = one_too_many(s);

	if (oldest != NULL) {
		log_event(EV_SPAWNER_OVERDUE, LOG_I64("WORKER_PID", oldest->pid),
		    LOG_I64("DURATION_MS", clock_mono_ms() - oldest->retired_ms), LOG_I64("JOBS", oldest->worker_count));
		spawner_peer_kill(oldest);
	}
	TAILQ_INSERT_TAIL(&s->retired, p, link);
	spawner_peer_retire(p, s->change_most_ms);
}

static void
retired_ended(struct supervisor *s, struct spawner_peer *p)
{
	TAILQ_REMOVE(&s->retired, p, link);
	spawner_peer_free(p);
}

static void
change_is_over(struct supervisor *s, int r)
{
	supervisor_changed_fn done = s->change_done;

	s->change_done = NULL;
	done(s->change_arg, r);
}

static void
fresh_ready(struct supervisor *s)
{
	struct spawner_peer *old = s->serving;

	s->serving = s->fresh;
	s->fresh = NULL;
	rules_source_unref(s->rules);
	s->rules = rules_source_ref(s->serving->rules);
	/* One that was not ready yet has no worker. */
	if (old != NULL && old->phase == PEER_SERVING)
		retire(s, old);
	else
		spawner_peer_free(old);
	change_is_over(s, 0);
}

void
supervisor_keep_rules(struct supervisor *s)
{
	s->fresh = spawner_peer_free(s->fresh);
	s->change_done = NULL;
}

int
supervisor_change_rules(struct supervisor *s, struct rules_source *rules, int64_t most_ms, supervisor_changed_fn done, void *arg)
{
	int r;

	supervisor_keep_rules(s);
	r = spawner_peer_new(s->base, &s->options, rules, &s->peer_hooks, &s->fresh);
	if (r < 0)
		return r;
	s->change_most_ms = most_ms;
	s->change_done = done;
	s->change_arg = arg;
	return 0;
}

/* --- what a spawner tells ---------------------------------------------------------------------------------------------- */

static void
peer_ready(void *arg, struct spawner_peer *p)
{
	struct supervisor *s = arg;

	if (p == s->fresh)
		fresh_ready(s);
	s->restart_pause_ms = 0;
	s->hooks.ready(s->hooks.arg);
}

static void
peer_ended(void *arg, struct spawner_peer *p, const char *status)
{
	struct supervisor *s = arg;

	if (p->phase == PEER_RETIRED) {
		log_event(EV_SPAWNER_RETIRED, LOG_I64("WORKER_PID", p->pid), LOG_I64("DURATION_MS", clock_mono_ms() - p->retired_ms),
		    LOG_STR("STATUS", status));
		retired_ended(s, p);
		return;
	}
	log_event(EV_SPAWNER_LOST, LOG_I64("WORKER_PID", p->pid), LOG_STR("STATUS", status));
	if (p == s->serving) {
		serving_ended(s);
		return;
	}
	s->fresh = spawner_peer_free(s->fresh);
	change_is_over(s, -EIO);
}

static void
child_changed(evutil_socket_t number, short what, void *arg)
{
	struct supervisor *s = arg;
	struct spawner_peer *p;

	(void)number;
	(void)what;
	if (s->serving != NULL)
		spawner_peer_continue(s->serving);
	if (s->fresh != NULL)
		spawner_peer_continue(s->fresh);
	TAILQ_FOREACH(p, &s->retired, link)
		spawner_peer_continue(p);
}

/* --- the whole --------------------------------------------------------------------------------------------------------- */

static void
copy_options(struct supervisor *s, const struct supervisor_options *options)
{
	s->options = *options;
	s->options.upstream_url = s->strings[0] = xstrdup(options->upstream_url);
	s->options.ca_file = s->strings[1] = xstrdup(options->ca_file);
	s->options.user_agent = s->strings[2] = xstrdup(options->user_agent);
	s->options.deliver_ca_file = s->strings[3] = xstrdup(options->deliver_ca_file != NULL ? options->deliver_ca_file : "");
}

int
supervisor_new(struct event_base *base, const struct supervisor_options *options, struct rules_source *rules,
    const struct supervisor_hooks *hooks, struct supervisor **ret_supervisor)
{
	struct supervisor *s = xcalloc(1, sizeof *s);
	int r;

	s->base = base;
	s->heard_ms = clock_mono_ms();
	copy_options(s, options);
	s->hooks = *hooks;
	s->peer_hooks = (struct spawner_peer_hooks){.of_workers = *hooks, .ready = peer_ready, .ended = peer_ended, .arg = s};
	s->rules = rules_source_ref(rules);
	TAILQ_INIT(&s->retired);
	s->restart_event = event_new(base, -1, 0, restart_due, s);
	s->child_event = evsignal_new(base, SIGCHLD, child_changed, s);
	event_add(s->child_event, NULL);
	r = start(s);
	if (r < 0) {
		supervisor_free(s);
		return r;
	}
	*ret_supervisor = s;
	return 0;
}

struct supervisor *
supervisor_free(struct supervisor *s)
{
	struct spawner_peer *p;

	if (s == NULL)
		return NULL;
	spawner_peer_free(s->serving);
	spawner_peer_free(s->fresh);
	while ((p = TAILQ_FIRST(&s->retired)) != NULL)
		retired_ended(s, p);
	event_free(s->restart_event);
	event_free(s->child_event);
	rules_source_unref(s->rules);
	for (size_t i = 0; i < ELEMENTSOF(s->strings); i++)
		free(s->strings[i]);
	free(s);
	return NULL;
}

bool
supervisor_is_ready(const struct supervisor *s)
{
	return s->serving != NULL && s->serving->phase == PEER_SERVING && s->serving->control_fd >= 0;
}

void
supervisor_keeper_changed(struct supervisor *s)
{
	struct spawner_peer *p;

	if (s->serving != NULL)
		spawner_peer_connect_keeper(s->serving);
	if (s->fresh != NULL)
		spawner_peer_connect_keeper(s->fresh);
	TAILQ_FOREACH(p, &s->retired, link)
		spawner_peer_connect_keeper(p);
}

int64_t
supervisor_heard_ms(const struct supervisor *s)
{
	return s->serving != NULL && s->serving->was_ready ? s->serving->heard_ms : s->heard_ms;
}

struct rules_source *
supervisor_rules(const struct supervisor *s)
{
	return s->rules;
}

int
supervisor_spawn(struct supervisor *s, const struct msg_spawn *spawn, int fd)
{
	return supervisor_is_ready(s) ? spawner_peer_spawn(s->serving, spawn, fd) : -EPIPE;
}

void
supervisor_kill_worker(struct supervisor *s, uint64_t worker_id)
{
	struct spawner_peer *p;

	if (s->serving != NULL && spawner_peer_has(s->serving, worker_id))
		spawner_peer_kill_worker(s->serving, worker_id);
	TAILQ_FOREACH(p, &s->retired, link)
		if (spawner_peer_has(p, worker_id))
			spawner_peer_kill_worker(p, worker_id);
}
