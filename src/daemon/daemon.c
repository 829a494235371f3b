/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/daemon.h"

#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "app/run.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "daemon/credential.h"
#include "daemon/dispatch.h"
#include "daemon/listen.h"
#include "daemon/notify.h"
#include "daemon/supervisor.h"
#include "daemon/upstream.h"
#include "http/server.h"
#include "store/store.h"

#define TICK_MS          100
#define PRUNE_EVERY_MS   ((int64_t)3600 * 1000)
#define DAY_MS           ((int64_t)24 * 3600 * 1000)
#define MIB              ((int64_t)1024 * 1024)
#define EXIT_FLUSH_MS    1000 /* for answers that say why, when the store has failed */

enum life { LIFE_STARTING, LIFE_SERVING, LIFE_DRAINING, LIFE_OVER };

struct daemon {
	struct config *config;
	const char *config_path;
	struct event_base *base;
	struct secret *single_user_key;
	struct dispatch *dispatch;
	struct supervisor *supervisor;
	struct store *store;
	struct app *app;
	struct upstream *upstream;
	struct http_server *http;
	struct listen_plan listen;
	struct event *store_event, *tick_event, *drain_event;
	struct event *signals[4];
	enum life life;
	enum store_health health;
	bool recovered, runs_ended, http_drained;
	int64_t started_ms, next_prune_ms, next_watchdog_ms; /* monotonic */
	int exit_status;
};

/* --- what the parts are told ----------------------------------------------------------------------------------------------- */

static struct app_options
app_options_of(const struct daemon *d)
{
	const struct config *c = d->config;
	struct app_options o = {
	    .store = d->store,
	    .hooks = dispatch_app_hooks(d->dispatch),
	    .max_live_jobs = c->queue.max_jobs,
	    .units = {.rounding = (enum rounding)c->units.rounding, .minimum_tenths = (int32_t)c->units.minimum_tenths},
	    .pace = {.burst = (int32_t)c->rescuetime.burst},
	    .single_user_id = c->single_user.id,
	    .single_user_key = d->single_user_key,
	};

	if (c->rescuetime.requests_per_minute > 0)
		o.pace.interval_ms = 60000 / c->rescuetime.requests_per_minute;
	strncpy(o.default_zone, c->users.default_time_zone, sizeof o.default_zone - 1);
	return o;
}

static struct dispatch_options
dispatch_options_of(const struct config *c)
{
	return (struct dispatch_options){
	    .workers_max = (size_t)c->workers.max,
	    .fetch_deadline_ms = (uint32_t)c->workers.fetch_deadline_ms,
	    .process_deadline_ms = (uint32_t)c->workers.process_deadline_ms,
	    .gap_ms = (uint32_t)c->rescuetime.gap_ms,
	};
}

static struct supervisor_options
supervisor_options_of(const struct config *c)
{
	return (struct supervisor_options){
	    .upstream_url = c->rescuetime.url,
	    .ca_file = c->rescuetime.ca_file,
	    .user_agent = PACKAGE_NAME "/" PACKAGE_VERSION,
	    .body_max_bytes = (uint64_t)c->rescuetime.body_max_bytes,
	    .connect_timeout_ms = (uint32_t)c->rescuetime.connect_timeout_ms,
	    .answer_timeout_ms = (uint32_t)c->rescuetime.answer_timeout_ms,
	    .memory_max_bytes = (uint64_t)(c->workers.memory_max_mb * MIB),
	};
}

static bool
is_ready(void *arg, const char **ret_reason)
{
	const struct daemon *d = arg;

	if (d->life == LIFE_DRAINING)
		*ret_reason = "the daemon is stopping";
	else if (!supervisor_is_ready(d->supervisor))
		*ret_reason = "workers cannot be started";
	else if (d->life != LIFE_SERVING)
		*ret_reason = "the daemon is starting";
	else
		return true;
	return false;
}

static struct http_options
http_options_of(struct daemon *d)
{
	const struct config *c = d->config;

	return (struct http_options){
	    .listen_fds = d->listen.fds,
	    .listen_fd_count = d->listen.fd_count,
	    .addresses = (const char *const *)d->listen.addresses,
	    .port = d->listen.port,
	    .max_connections = (unsigned)c->http.max_connections,
	    .max_body_bytes = (size_t)c->http.max_body_bytes,
	    .idle_timeout_ms = c->http.idle_timeout_ms,
	    .request_timeout_ms = c->http.request_timeout_ms,
	    .allowed_hosts = (const char *const *)c->http.allowed_hosts.items,
	    .allowed_origins = (const char *const *)c->http.allowed_origins.items,
	    .version = PACKAGE_VERSION,
	    .database_path = c->store.path,
	    .ready = is_ready,
	    .ready_arg = d,
	};
}

/* --- the end ----------------------------------------------------------------------------------------------------------------- */

static void
leave_if_drained(struct daemon *d)
{
	if (d->life != LIFE_DRAINING || !d->runs_ended || !d->http_drained)
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
http_drained(void *arg)
{
	struct daemon *d = arg;

	d->http_drained = true;
	leave_if_drained(d);
}

static void
drain_over(evutil_socket_t fd, short what, void *arg)
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
	http_server_drain(d->http, http_drained, d);
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

static void
store_readable(evutil_socket_t fd, short what, void *arg)
{
	struct daemon *d = arg;

	(void)fd;
	(void)what;
	store_dispatch(d->store);
	watch_health(d);
}

static void
pruned(int r, void *arg)
{
	(void)r;
	free(arg);
}

static void
prune(struct daemon *d)
{
	struct prune *v = xcalloc(1, sizeof *v);

	v->keep_ms = d->config->queue.keep_finished_days * DAY_MS;
	app_prune(d->app, v, pruned, v);
}

static void
tick(evutil_socket_t fd, short what, void *arg)
{
	struct daemon *d = arg;
	int64_t now_ms = clock_mono_ms();

	(void)fd;
	(void)what;
	app_tick(d->app, now_ms);
	if (now_ms >= d->next_prune_ms && d->life == LIFE_SERVING) {
		d->next_prune_ms = now_ms + PRUNE_EVERY_MS;
		prune(d);
	}
	if (notify_watchdog_interval_ms() > 0 && now_ms >= d->next_watchdog_ms && d->health != STORE_FAILED) {
		d->next_watchdog_ms = now_ms + notify_watchdog_interval_ms();
		notify_watchdog();
	}
}

static void
tell_setting(const char *path, bool reloadable, void *arg)
{
	size_t *taken = arg;

	if (reloadable)
		(*taken)++;
	else
		log_event(EV_CONFIG_NOT_RELOADED, LOG_STR("SETTING", path));
}

static void
reload(struct daemon *d)
{
	_cleanup_(config_errors_release) struct config_errors errors = {0};
	struct config *fresh = NULL;
	struct dispatch_options dispatch_options;
	struct app_options app_options;
	struct http_options http_options;
	size_t changed = 0;

	notify_reloading();
	if (config_load(d->config_path, &fresh, &errors) < 0) {
		for (size_t i = 0; i < errors.count; i++)
			log_event(EV_CONFIG_ERROR, LOG_STR("DETAIL", errors.lines[i]));
		log_event(EV_CONFIG_KEPT, LOG_STR("PATH", d->config_path));
		notify_ready();
		return;
	}
	config_diff(d->config, fresh, tell_setting, &changed);
	config_hold_fixed(fresh, d->config);
	app_options = app_options_of(&(struct daemon){.config = fresh, .store = d->store, .dispatch = d->dispatch});
	app_reconfigure(d->app, &app_options);
	dispatch_options = dispatch_options_of(fresh);
	dispatch_reconfigure(d->dispatch, &dispatch_options);
	config_free(d->config);
	d->config = fresh;
	http_options = http_options_of(d);
	http_server_reconfigure(d->http, &http_options);
	log_set_max_priority(fresh->log.level);
	log_event(EV_CONFIG_RELOADED, LOG_I64("CHANGED", changed));
	notify_ready();
}

static void
signal_caught(evutil_socket_t number, short what, void *arg)
{
	struct daemon *d = arg;

	(void)what;
	if (number == SIGHUP)
		reload(d);
	else if (d->life == LIFE_DRAINING)
		/* Told twice: somebody does not want to wait for the drain. */
		drain_over(-1, EV_TIMEOUT, d);
	else
		stop(d, number == SIGINT ? "SIGINT" : "SIGTERM", d->config->queue.drain_timeout_ms);
}

/* --- the start ---------------------------------------------------------------------------------------------------------------- */

/* Serving: the jobs of the last daemon are sorted out and workers can be had. */
static void
serve_when_ready(struct daemon *d)
{
	char address[64];

	if (d->life != LIFE_STARTING || !d->recovered || !supervisor_is_ready(d->supervisor))
		return;
	d->life = LIFE_SERVING;
	snprintf(address, sizeof address, "%s:%d", listen_plan_text(&d->listen), http_server_port(d->http));
	log_event(EV_STARTED, LOG_STR("VERSION", PACKAGE_VERSION), LOG_STR("ADDRESS", address),
	    LOG_I64("DURATION_MS", clock_mono_ms() - d->started_ms));
	dispatch_connect(d->dispatch, d->app, d->supervisor, d->upstream);
	notify_ready();
	notify_status("serving on %s", address);
}

static void
spawner_is_ready(void *arg)
{
	serve_when_ready(arg);
}

struct starting {
	struct recovery verb;
	struct daemon *daemon;
};

static void
recovered(int r, void *arg)
{
	struct starting *s = arg;
	const struct job_list *lost = &s->verb.lost;

	for (size_t i = 0; i < lost->count; i++)
		log_event(EV_JOB_KEY_LOST, LOG_I64("JOB_ID", lost->rows[i].job_id),
		    LOG_I64("ALP_USER_ID", lost->rows[i].alp_user_id));
	if (s->verb.requeued > 0 || lost->count > 0)
		log_event(EV_JOBS_RECOVERED, LOG_I64("JOBS", s->verb.requeued), LOG_I64("LOST", lost->count));
	if (r == 0) {
		s->daemon->recovered = true;
		serve_when_ready(s->daemon);
	} else {
		log_event(EV_START_FAILED, LOG_STR("STEP", "sorting out the jobs of the last run"), LOG_ERRNO(r));
		s->daemon->exit_status = EX_IOERR;
		event_base_loopbreak(s->daemon->base);
	}
	recovery_release(&s->verb);
	free(s);
}

static int
start_spawner(struct daemon *d)
{
	struct supervisor_options supervisor_options = supervisor_options_of(d->config);
	struct dispatch_options dispatch_options = dispatch_options_of(d->config);
	struct supervisor_hooks hooks;

	d->dispatch = dispatch_new(d->base, &dispatch_options, spawner_is_ready, d);
	hooks = dispatch_supervisor_hooks(d->dispatch);
	return supervisor_new(d->base, &supervisor_options, &hooks, &d->supervisor);
}

static int
start_store(struct daemon *d)
{
	struct store_options options = {
	    .path = d->config->store.path,
	    .readers = (unsigned)d->config->store.readers,
	    .min_free_bytes = d->config->store.min_free_mb * MIB,
	};
	bool migrated = false;
	int schema = 0;
	int r = store_open(&options, &d->store, &schema, &migrated);

	if (r < 0)
		return r;
	log_event(migrated ? EV_STORE_MIGRATED : EV_STORE_OPENED, LOG_STR("PATH", options.path), LOG_I64("SCHEMA", schema));
	d->store_event = event_new(d->base, store_event_fd(d->store), EV_READ | EV_PERSIST, store_readable, d);
	event_add(d->store_event, NULL);
	return 0;
}

/* The recovery is handed to the store before the first request can be: it never sees a job of this daemon. */
static int
start_app(struct daemon *d)
{
	struct starting *s = xcalloc(1, sizeof *s);
	struct app_options options = app_options_of(d);

	d->app = app_new(&options);
	s->daemon = d;
	app_recover(d->app, &s->verb, recovered, s);
	return 0;
}

static void
upstream_known(void *arg)
{
	struct daemon *d = arg;

	dispatch_wake(d->dispatch);
}

static int
start_upstream(struct daemon *d)
{
	return upstream_new(d->base, d->config->rescuetime.url, upstream_known, d, &d->upstream);
}

static int
start_http(struct daemon *d)
{
	struct http_options options;
	int r = listen_plan_make(d->config, &d->listen);

	if (r < 0)
		return r;
	options = http_options_of(d);
	return http_server_new(d->base, d->app, &options, &d->http);
}

static int
start_signals(struct daemon *d)
{
	static const int caught[] = {SIGTERM, SIGINT, SIGHUP};
	static const int ignored[] = {SIGPIPE, SIGUSR1, SIGUSR2, SIGALRM, SIGVTALRM, SIGPROF, SIGIO};

	for (size_t i = 0; i < ELEMENTSOF(ignored); i++)
		if (sigaction(ignored[i], &(struct sigaction){.sa_handler = SIG_IGN}, NULL) < 0)
			return -errno;
	for (size_t i = 0; i < ELEMENTSOF(caught); i++) {
		d->signals[i] = evsignal_new(d->base, caught[i], signal_caught, d);
		event_add(d->signals[i], NULL);
	}
	return 0;
}

static int
start_timers(struct daemon *d)
{
	struct timeval tv = {.tv_usec = TICK_MS * 1000};

	d->drain_event = event_new(d->base, -1, 0, drain_over, d);
	d->tick_event = event_new(d->base, -1, EV_PERSIST, tick, d);
	event_add(d->tick_event, &tv);
	return 0;
}

static int
read_credential(struct daemon *d)
{
	return credential_load(d->config, &d->single_user_key);
}

/* In this order: the spawner before any thread and before the database is open, the front end last. */
static const struct step {
	const char *name;
	int (*start)(struct daemon *d);
	int exit_status;
} steps[] = {
    {"reading the single user's key", read_credential, EX_CONFIG},
    {"signals", start_signals, EX_OSERR},
    {"the spawner", start_spawner, EX_OSERR},
    {"the store", start_store, EX_IOERR},
    {"the name of the upstream", start_upstream, EX_CONFIG},
    {"the jobs", start_app, EX_IOERR},
    {"listening", start_http, EX_UNAVAILABLE},
    {"timers", start_timers, EX_OSERR},
};

static const char *
start_error_text(const char *step, int r)
{
	if (strcmp(step, "the store") != 0)
		return log_errno_text(r);
	switch (r) {
	case -EPROTO:
		return "its schema is newer than this program";
	case -EBUSY:
		return "another process has it open";
	case -EUCLEAN:
		return "it is damaged";
	case -EINVAL:
		return "it does not keep the durability asked for";
	default:
		return log_errno_text(r);
	}
}

static bool
start(struct daemon *d)
{
	for (size_t i = 0; i < ELEMENTSOF(steps); i++) {
		int r = steps[i].start(d);

		if (r < 0) {
			log_event(EV_START_FAILED, LOG_STR("STEP", steps[i].name), LOG_STR("ERROR", start_error_text(steps[i].name, r)));
			d->exit_status = steps[i].exit_status;
			return false;
		}
	}
	return true;
}

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
	d->store = store_close(d->store);
	d->http = http_server_free(d->http);
	d->supervisor = supervisor_free(d->supervisor);
	d->dispatch = dispatch_free(d->dispatch);
	d->upstream = upstream_free(d->upstream);
	d->app = app_free(d->app);
	d->single_user_key = secret_free(d->single_user_key);
	free_event(d->store_event);
	free_event(d->tick_event);
	free_event(d->drain_event);
	for (size_t i = 0; i < ELEMENTSOF(d->signals); i++)
		free_event(d->signals[i]);
	listen_plan_release(&d->listen);
	event_base_free(d->base);
	config_free(d->config);
}

int
daemon_run(struct config *config, const char *config_path)
{
	struct daemon d = {.config = config, .config_path = config_path, .started_ms = clock_mono_ms(), .exit_status = EX_OK};

	d.base = event_base_new();
	if (d.base == NULL) {
		config_free(config);
		return EX_OSERR;
	}
	if (start(&d))
		event_base_dispatch(d.base);
	shut_down(&d);
	log_event(EV_STOPPED, LOG_I64("STATUS", d.exit_status));
	return d.exit_status;
}
