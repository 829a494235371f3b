/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/daemon.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sysexits.h>

#include "app/token.h"
#include "app/upkeep.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "daemon/daemon_internal.h"
#include "daemon/notify.h"
#include "http/ahead.h"

#define PRUNE_EVERY_MS ((int64_t)3600 * 1000)
#define HOUR_MS        ((int64_t)3600 * 1000)
#define DAY_MS         (24 * HOUR_MS)
#define FLUSH_EVERY_MS ((int64_t)60 * 1000) /* when tokens were last used */
#define CLOCK_STEP_MS  1000 /* less is slewing */
#define EXIT_FLUSH_MS  1000 /* for answers that say why, when the store has failed */

/* --- the end ----------------------------------------------------------------------------------------------------------------- */

static void
leave_if_drained(struct daemon *d)
{
	if (d->life != LIFE_DRAINING || !d->runs_ended || !d->posts_ended || !d->http_drained)
		return;
	d->life = LIFE_OVER;
	event_base_loopbreak(d->base);
}

static void
runs_ended(void *arg)
{
	struct daemon *d = arg;

	d->runs_ended = true;
	leave_if_drained(d);
}

static void
posts_ended(void *arg)
{
	struct daemon *d = arg;

	d->posts_ended = true;
	leave_if_drained(d);
}

static void
http_drained(void *arg)
{
	struct daemon *d = arg;

	d->http_drained = true;
	leave_if_drained(d);
}

void
daemon_on_drain_over(evutil_socket_t fd, short what, void *arg)
{
	struct daemon *d = arg;

	(void)fd;
	(void)what;
	/* What still runs goes back to the queue; a client that does not take its answer loses it. */
	d->http_drained = true;
	if (d->exit_status != EX_OK) {
		d->life = LIFE_OVER;
		event_base_loopbreak(d->base);
		return;
	}
	d->posts_ended = true;
	if (d->poster != NULL)
		poster_abort(d->poster);
	dispatch_abort(d->dispatch);
	leave_if_drained(d);
}

static void
stop(struct daemon *d, const char *reason, int64_t drain_ms)
{
	struct timeval tv = {.tv_sec = drain_ms / 1000, .tv_usec = (drain_ms % 1000) * 1000};

	if (d->life == LIFE_DRAINING || d->life == LIFE_OVER)
		return;
	d->life = LIFE_DRAINING;
	log_event(EV_STOPPING, LOG_STR("REASON", reason), LOG_I64("JOBS", dispatch_running(d->dispatch)));
	notify_stopping();
	notify_extend_timeout(drain_ms + EXIT_FLUSH_MS);
	event_add(d->drain_event, &tv);
	app_backup_stop(d->app);
	http_server_drain(d->http, http_drained, d);
	deliverer_drain(d->deliverer);
	if (d->syncer != NULL)
		syncer_stop(d->syncer);
	if (d->poster != NULL)
		poster_drain(d->poster, posts_ended, d);
	else
		d->posts_ended = true;
	dispatch_drain(d->dispatch, runs_ended, d);
}

/* --- events ------------------------------------------------------------------------------------------------------------------- */

static void
watch_health(struct daemon *d)
{
	enum store_health health = store_health(d->store);

	if (health == d->health)
		return;
	if (health == STORE_FULL)
		log_event(EV_STORE_FULL, LOG_STR("PATH", d->config->store.path));
	else if (health == STORE_OK)
		log_event(EV_STORE_ROOM, LOG_STR("PATH", d->config->store.path));
	d->health = health;
	if (health == STORE_FAILED) {
		log_event(EV_STORE_FAILED, LOG_ERRNO(-EIO));
		d->exit_status = EX_IOERR;
		stop(d, "the store failed", EXIT_FLUSH_MS);
	}
}

void
daemon_on_store(evutil_socket_t fd, short what, void *arg)
{
	struct daemon *d = arg;

	(void)fd;
	(void)what;
	store_dispatch_some(d->store, LOOP_PIECE);
	deliverer_look(d->deliverer, store_notices(d->store));
	watch_health(d);
}

struct pruning {
	struct prune verb;
	struct daemon *daemon;
};

static void
pruned(int r, void *arg)
{
	struct pruning *p = arg;

	/* It removes so many at a time; where some were removed there may be more. */
	if (r == 0 && p->verb.removed > 0)
		p->daemon->next_prune_ms = 0;
	free(p);
}

struct pruning_raw {
	struct prune_raw verb;
	struct daemon *daemon;
};

static void
pruned_raw(int r, void *arg)
{
	struct pruning_raw *p = arg;

	if (r == 0 && p->verb.days > 0) {
		log_event(EV_DAYS_PRUNED, LOG_I64("COUNT", p->verb.days));
		p->daemon->next_prune_ms = 0;
	}
	free(p);
}

static void
prune_raw(struct daemon *d)
{
	struct pruning_raw *p;

	if (d->config->store.keep_raw_days == 0)
		return;
	p = xcalloc(1, sizeof *p);
	p->daemon = d;
	p->verb.keep_days = d->config->store.keep_raw_days;
	app_prune_raw(d->app, &p->verb, pruned_raw, p);
}

static void
prune(struct daemon *d)
{
	struct pruning *p = xcalloc(1, sizeof *p);

	p->daemon = d;
	p->verb.keep_ms = d->config->queue.keep_finished_days * DAY_MS;
	p->verb.keep_messages_ms = d->config->webhooks.keep_days * DAY_MS;
	p->verb.keep_once_ms = d->config->http.keep_idempotency_hours * HOUR_MS;
	app_prune(d->app, &p->verb, pruned, p);
}

/* Instants in the store are of the real-time clock. Set forward, what waits is due early, which harms nobody. */
static void
watch_clock(struct daemon *d, int64_t mono_ms)
{
	int64_t offset_ms = clock_real_ms() - mono_ms;

	if (offset_ms < d->clock_offset_ms - CLOCK_STEP_MS) {
		log_event(EV_CLOCK_SET_BACK, LOG_I64("DURATION_MS", d->clock_offset_ms - offset_ms));
		app_clock_set_back(d->app, d->clock_offset_ms - offset_ms);
	}
	d->clock_offset_ms = offset_ms;
}

static void
watch_loop(struct daemon *d)
{
	int64_t now_us = clock_mono_us();

	if (d->ticked_us > 0)
		metric_observe(rtalp_loop_late_seconds, 0, 0, MAX_OF(now_us - d->ticked_us - TICK_MS * 1000, 0));
	d->ticked_us = now_us;
}

void
daemon_on_tick(evutil_socket_t fd, short what, void *arg)
{
	struct daemon *d = arg;
	int64_t now_ms = clock_mono_ms();

	(void)fd;
	(void)what;
	watch_loop(d);
	app_tick(d->app, now_ms);
	watch_clock(d, now_ms);
	daemon_look_at_tls(d, now_ms);
	if (now_ms >= d->next_flush_ms) {
		d->next_flush_ms = now_ms + FLUSH_EVERY_MS;
		app_tokens_flush(d->app);
	}
	if (now_ms >= d->next_prune_ms && d->life == LIFE_SERVING) {
		d->next_prune_ms = now_ms + PRUNE_EVERY_MS;
		prune(d);
		prune_raw(d);
	}
	daemon_pulse(d, now_ms);
}

void
daemon_on_signal(evutil_socket_t number, short what, void *arg)
{
	struct daemon *d = arg;

	(void)what;
	if (number == SIGHUP)
		daemon_reload(d);
	else if (d->life == LIFE_DRAINING)
		/* Told twice: somebody does not want to wait for the drain. */
		daemon_on_drain_over(-1, EV_TIMEOUT, d);
	else
		stop(d, number == SIGINT ? "SIGINT" : "SIGTERM", d->config->queue.drain_timeout_ms);
}

/* --- the whole --------------------------------------------------------------------------------------------------------------- */

static void
free_event(struct event *event)
{
	if (event != NULL)
		event_free(event);
}

/* Closing the store delivers what is under way, to parts that must still be there. */
static void
shut_down(struct daemon *d)
{
	if (d->app != NULL && d->store != NULL)
		app_tokens_flush(d->app);
	daemon_lists_stop(d->alp_lists);
	d->store = store_close(d->store);
	d->alp_lists = daemon_lists_free(d->alp_lists);
	d->http = http_server_free(d->http);
	d->supervisor = supervisor_free(d->supervisor);
	d->keeper = keeper_peer_free(d->keeper);
	d->resealer = resealer_free(d->resealer);
	d->dispatch = dispatch_free(d->dispatch);
	d->deliverer = deliverer_free(d->deliverer);
	d->upstream = upstream_free(d->upstream);
	d->app = app_free(d->app);
	d->syncer = syncer_free(d->syncer);
	d->poster = poster_free(d->poster);
	d->alp = alp_free(d->alp);
	d->alp_events = daemon_free_alp_events(d->alp_events);
	d->alp_key = secret_free(d->alp_key);
	free_event(d->store_event);
	free_event(d->tick_event);
	free_event(d->drain_event);
	for (size_t i = 0; i < ELEMENTSOF(d->signals); i++)
		free_event(d->signals[i]);
	tls_unref(d->tls);
	listen_plan_release(&d->listen);
	event_base_free(d->base);
	rules_source_unref(d->rules);
	config_free(d->config);
}

int
daemon_run(struct config *config, const char *config_path, struct rules_source *rules)
{
	struct daemon d = {.config = config, .config_path = config_path, .rules = rules, .started_ms = clock_mono_ms(), .exit_status = EX_OK};

	d.clock_offset_ms = clock_real_ms() - clock_mono_ms();
	d.base = loop_new();
	if (d.base == NULL) {
		rules_source_unref(rules);
		config_free(config);
		return EX_OSERR;
	}
	if (daemon_start(&d))
		event_base_dispatch(d.base);
	shut_down(&d);
	log_event(EV_STOPPED, LOG_I64("STATUS", d.exit_status));
	return d.exit_status;
}
