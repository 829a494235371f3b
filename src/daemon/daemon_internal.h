/* SPDX-License-Identifier: Apache-2.0 */
/* daemon_internal.h - the master's parts, shared by the files that start it, tell its parts what holds, and keep it running. Threads: the main one. */
#ifndef RTALP_DAEMON_DAEMON_INTERNAL_H
#define RTALP_DAEMON_DAEMON_INTERNAL_H

#include <event2/event.h>

#include "alp/alp_options.h"
#include "app/run.h"
#include "app/webhook.h"
#include "daemon/config.h"
#include "daemon/deliverer.h"
#include "daemon/dispatch.h"
#include "daemon/keeper_peer.h"
#include "daemon/listen.h"
#include "daemon/poster.h"
#include "daemon/resealer.h"
#include "daemon/rules_source.h"
#include "daemon/supervisor.h"
#include "daemon/syncer.h"
#include "daemon/upstream.h"
#include "http/server.h"
#include "http/tls.h"
#include "store/store.h"

#define MIB ((int64_t)1024 * 1024)

#define TICK_MS 100 /* of the loop */

enum life { LIFE_STARTING, LIFE_SERVING, LIFE_DRAINING, LIFE_OVER };

struct daemon {
	struct config *config;
	const char *config_path;
	struct event_base *base;
	struct secret *alp_key;
	struct keeper_peer *keeper;
	struct resealer *resealer;
	struct app_keeper keeper_known; /* what it said of its keys */
	struct alp *alp; /* NULL: there is none */
	struct daemon_lists *alp_lists; /* NULL likewise */
	struct poster *poster; /* NULL likewise */
	struct syncer *syncer; /* NULL likewise */
	struct alp_events *alp_events; /* NULL likewise */
	struct dispatch *dispatch;
	struct deliverer *deliverer;
	struct supervisor *supervisor;
	struct rules_source *rules; /* in force */
	struct store *store;
	struct app *app;
	struct upstream *upstream;
	struct http_server *http;
	struct listen_plan listen;
	struct tls *tls; /* NULL: there is none */
	struct event *store_event, *tick_event, *drain_event;
	struct event *signals[4];
	enum life life;
	enum store_health health;
	bool recovered, runs_ended, posts_ended, http_drained;
	int64_t started_ms, next_tls_look_ms, next_prune_ms, next_flush_ms, next_watchdog_ms, next_status_ms; /* monotonic */
	int64_t held_since_ms;  /* monotonic; the watchdog, because something is missing; 0: it is fed */
	char address[64];       /* for people */
	char status[160];       /* what the manager was last told */
	int64_t ticked_us; /* monotonic; the last tick; 0: none yet */
	int64_t clock_offset_ms; /* real less monotonic, at the last look */
	int exit_status;
};

/* daemon_options.c: what each part is told, from the configuration in force. */
struct app_options daemon_app_options(const struct daemon *d);
struct dispatch_options daemon_dispatch_options(const struct config *c);
/* The string belongs to whoever asks, and stays as long as the options. */
struct supervisor_options daemon_supervisor_options(const struct daemon *d);
struct deliverer_options daemon_deliverer_options(const struct config *c);
struct http_options daemon_http_options(struct daemon *d);
/* Adds what keeps it from taking and running work, and what it does without. */
struct readiness;
void daemon_readiness(const struct daemon *d, struct readiness *readiness);

/* daemon_alp.c: what of this firm's ALP is known, and the client made of it. */
int daemon_start_alp(struct daemon *d);
int daemon_start_poster(struct daemon *d);
int daemon_start_syncer(struct daemon *d);

/* daemon_keeper.c: who opens what is sealed, and whom to tell of it. */
int daemon_start_keeper(struct daemon *d);
/* Once the jobs of the last run are sorted out. */
void daemon_reseal(struct daemon *d);

/* daemon_events.c: what of ALP's notifications is known. */
int daemon_load_alp_events(struct daemon *d);
struct alp_events *daemon_free_alp_events(struct alp_events *events); /* accepts NULL */

/* daemon_lists.c: its lists, their copies, and its matters on the way to the rules. */
int daemon_start_lists(struct daemon *d);
struct alp_lists *daemon_lists(const struct daemon *d); /* NULL: there is no ALP */
/* While the store is open: who waits for a list is told, and may go on from there. Accepts NULL. */
void daemon_lists_stop(struct daemon_lists *lists);
struct daemon_lists *daemon_lists_free(struct daemon_lists *lists); /* accepts NULL */

/* daemon_start.c: starts every part, in order. False: why stands in the log and in exit_status. */
bool daemon_start(struct daemon *d);

/* daemon_pulse.c: signs of life for the service manager, at every tick. */
void daemon_pulse(struct daemon *d, int64_t now_ms);

/* daemon.c: the event handlers that the start connects. */
void daemon_on_store(evutil_socket_t fd, short what, void *arg);
void daemon_on_tick(evutil_socket_t fd, short what, void *arg);
void daemon_on_drain_over(evutil_socket_t fd, short what, void *arg);
void daemon_on_signal(evutil_socket_t number, short what, void *arg);

/* daemon_tls.c: the certificate that TCP is served by; NULL if there is to be none. What is wrong is logged. */
int daemon_read_tls(const struct config *c, struct tls **ret_tls);
/* At the start; and after a reload, which takes `tls` over. */
int daemon_start_tls(struct daemon *d);
void daemon_take_tls(struct daemon *d, struct tls *tls);
/* Now and then: is it about to expire? */
void daemon_look_at_tls(struct daemon *d, int64_t now_mono_ms);

/* reload.c: reads configuration and rules again. Either both are right and hold from now on, or both stay as they are. */
void daemon_reload(struct daemon *d);

#endif
