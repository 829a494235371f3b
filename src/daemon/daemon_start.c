/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "app/matters.h"
#include "app/sync_run.h"
#include "app/token.h"
#include "app/upkeep.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "daemon/credential.h"
#include "daemon/daemon_internal.h"
#include "daemon/job_log.h"
#include "daemon/notify.h"

#define OPENING_MS ((int64_t)60 * 1000) /* more than lies between two signs that opening goes on */

/* ALP is asked at once what it holds that is not known here, so that somebody can decide. */
static void
tell_held(struct daemon *d)
{
	if (!app_posting_is_held(d->app))
		return;
	log_event(EV_POSTING_HELD, LOG_STR("PATH", d->config->store.path));
	(void)app_proof_want(d->app);
}

/* Serving: the jobs of the last daemon are sorted out and workers can be had. */
static void
serve_when_ready(struct daemon *d)
{
	if (d->life != LIFE_STARTING || !d->recovered || !supervisor_is_ready(d->supervisor))
		return;
	d->life = LIFE_SERVING;
	snprintf(d->address, sizeof d->address, "%s:%d", listen_plan_text(&d->listen), http_server_port(d->http));
	log_event(EV_STARTED, LOG_STR("VERSION", PACKAGE_VERSION), LOG_STR("ADDRESS", d->address),
	    LOG_I64("DURATION_MS", clock_mono_ms() - d->started_ms));
	dispatch_connect(d->dispatch, d->app, d->supervisor, d->upstream, d->keeper);
	deliverer_connect(d->deliverer, d->app, d->supervisor, d->keeper);
	if (d->poster != NULL)
		poster_wake(d->poster);
	if (d->syncer != NULL)
		syncer_wake(d->syncer);
	tell_held(d);
	notify_ready();
	notify_status("serving on %s", d->address);
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
	if (s->verb.postings > 0)
		log_event(EV_POSTINGS_RECOVERED, LOG_I64("COUNT", s->verb.postings));
	if (r == 0) {
		s->daemon->recovered = true;
		daemon_reseal(s->daemon);
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
	struct supervisor_options supervisor_options = daemon_supervisor_options(d);
	struct deliverer_options deliverer_options = daemon_deliverer_options(d->config);
	struct dispatch_options dispatch_options = daemon_dispatch_options(d->config);
	struct supervisor_hooks hooks;

	d->dispatch = dispatch_new(d->base, &dispatch_options, spawner_is_ready, d);
	d->deliverer = deliverer_new(d->base, &deliverer_options);
	hooks = dispatch_supervisor_hooks(d->dispatch);
	hooks = deliverer_hooks(d->deliverer, &hooks);
	return supervisor_new(d->base, &supervisor_options, d->rules, &hooks, &d->supervisor);
}

/* It may take minutes to bring a large store to another schema, or to take in what a crash left in its log. */
static void
opening(void *arg)
{
	(void)arg;
	notify_extend_timeout(OPENING_MS);
}

static int
start_store(struct daemon *d)
{
	struct store_options options = {
	    .opening = opening,
	    .path = d->config->store.path,
	    .readers = (unsigned)d->config->store.readers,
	    .events_keep = d->config->store.keep_events,
	    .min_free_bytes = d->config->store.min_free_mb * MIB,
	};
	bool migrated = false;
	int schema = 0, r;

	notify_status("opening the store");
	r = store_open(&options, &d->store, &schema, &migrated);

	if (r < 0)
		return r;
	log_event(migrated ? EV_STORE_MIGRATED : EV_STORE_OPENED, LOG_STR("PATH", options.path), LOG_I64("SCHEMA", schema));
	d->store_event = event_new(d->base, store_event_fd(d->store), EV_READ | EV_PERSIST, daemon_on_store, d);
	event_add(d->store_event, NULL);
	return 0;
}

static int
start_app(struct daemon *d)
{
	struct app_options options = daemon_app_options(d);

	d->app = app_new(&options);
	app_set_keeper(d->app, &d->keeper_known);
	job_log_begin(d->app);
	return 0;
}

static void
loaded(int r, void *arg)
{
	int *result = arg;

	*result = r;
}

/* Waited for, because whom the front end lets in, and where it may listen, depends on them. */
static int
load_tokens(struct daemon *d)
{
	struct pollfd p = {.fd = store_event_fd(d->store), .events = POLLIN};
	int result = 1;

	app_tokens_load(d->app, loaded, &result);
	while (result > 0) {
		(void)poll(&p, 1, -1);
		store_dispatch(d->store);
	}
	return result;
}

/* Waited for, because the first process job is to know them. */
static int
load_matters(struct daemon *d)
{
	struct pollfd p = {.fd = store_event_fd(d->store), .events = POLLIN};
	struct matters_load verb = {.matters = {.fd = -1}};
	int result = 1;

	app_matters_load(d->app, &verb, loaded, &result);
	while (result > 0) {
		(void)poll(&p, 1, -1);
		store_dispatch(d->store);
	}
	return result;
}

/* Handed to the store before the first request can be: it never sees a job of this daemon. */
static int
start_recovery(struct daemon *d)
{
	struct starting *s = xcalloc(1, sizeof *s);

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
	options = daemon_http_options(d);
	metrics_name(METRIC_SET_VERSION, 0, PACKAGE_VERSION);
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
		d->signals[i] = evsignal_new(d->base, caught[i], daemon_on_signal, d);
		event_add(d->signals[i], NULL);
	}
	return 0;
}

static int
start_timers(struct daemon *d)
{
	struct timeval tv = {.tv_usec = TICK_MS * 1000};

	d->drain_event = event_new(d->base, -1, 0, daemon_on_drain_over, d);
	d->tick_event = event_new(d->base, -1, EV_PERSIST, daemon_on_tick, d);
	event_add(d->tick_event, &tv);
	return 0;
}

static int
read_alp_key(struct daemon *d)
{
	return credential_load_alp(d->config, &d->alp_key);
}

/* In this order: keeper and spawner before any thread and before the database is open, the front end last. */
static const struct step {
	const char *name;
	int (*start)(struct daemon *d);
	int exit_status;
} steps[] = {
    {"reading the key for ALP", read_alp_key, EX_CONFIG},
    {"reading the secrets of ALP's notifications", daemon_load_alp_events, EX_CONFIG},
    {"signals", start_signals, EX_OSERR},
    {"the keeper", daemon_start_keeper, EX_CONFIG},
    {"the spawner", start_spawner, EX_OSERR},
    {"the store", start_store, EX_IOERR},
    {"the name of the upstream", start_upstream, EX_CONFIG},
    {"the way to ALP", daemon_start_alp, EX_CONFIG},
    {"the verbs", start_app, EX_SOFTWARE},
    {"the tokens", load_tokens, EX_IOERR},
    {"the matters", load_matters, EX_IOERR},
    {"the way of postings", daemon_start_poster, EX_SOFTWARE},
    {"the comparison with ALP", daemon_start_syncer, EX_SOFTWARE},
    {"the jobs", start_recovery, EX_IOERR},
    {"the lists of ALP", daemon_start_lists, EX_CONFIG},
    {"TLS", daemon_start_tls, EX_CONFIG},
    {"listening", start_http, EX_UNAVAILABLE},
    {"timers", start_timers, EX_OSERR},
};

static const char *
listen_error_text(int r)
{
	switch (r) {
	case -EPERM:
		return "an address is not loopback, and no token was ever made: serve on loopback first, make one by "
		       "`rtalpctl token create` over the Unix socket (http.socket), then start on that address";
	case -EPROTONOSUPPORT:
		return "an address is not loopback, and there is no TLS: set http.tls_certificate, or http.behind_proxy if a proxy "
		       "in front speaks it";
	case -EEXIST:
		return "another process answers on http.socket";
	case -EPROTOTYPE:
		return "the service manager handed over something that is no listening stream socket";
	case -ENOTSOCK:
		return "http.socket names a file that is no socket";
	default:
		return log_errno_text(r);
	}
}

static const char *
start_error_text(const char *step, int r)
{
	if (strcmp(step, "listening") == 0)
		return listen_error_text(r);
	if (strcmp(step, "TLS") == 0)
		return "the certificate and its key are not usable";
	if (r == -ENOKEY)
		return "there is neither alp.key_file nor the credential \"alp-key\"";
	if (strcmp(step, "the store") != 0)
		return log_errno_text(r);
	switch (r) {
	case -EPROTO:
		return "its schema is newer than this program";
	case -EBUSY:
		return "another process has it open";
	case -EUCLEAN:
		return "it is damaged";
	case -EINPROGRESS:
		return "a restore was cut short: make it again (rtalpd --restore)";
	case -ESTALE:
		return "it is a backup: what was posted since it was made is not known in it; put it back by rtalpd --restore";
	case -EINVAL:
		return "it does not keep the durability asked for";
	default:
		return log_errno_text(r);
	}
}

bool
daemon_start(struct daemon *d)
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
