/* SPDX-License-Identifier: Apache-2.0 */
#include "http/server.h"

#include <errno.h>
#include <event2/event.h>
#include <event2/http.h>
#include <stdio.h>
#include <stdlib.h>

#include "app/token.h"
#include "base/alloc.h"
#include "base/log.h"
#include "http/answer.h"
#include "http/answer_cache.h"
#include "http/auth.h"
#include "http/resources.h"
#include "http/server_internal.h"

#define LINGER_MS     3000
#define KEPT_FREE_SHARE 8 /* of the seats, one in so many is not held by who waits for a list of ALP's */
#define WAITING_SHARE 4 /* of the seats, one in so many may be held by who waits for a job */

static void
set_limits(struct http_limits *l, const struct http_options *o)
{
	l->max_connections = o->max_connections > 0 ? o->max_connections : 1024;
	l->max_head_bytes = o->max_head_bytes > 0 ? o->max_head_bytes : 16 * 1024;
	l->max_body_bytes = o->max_body_bytes > 0 ? o->max_body_bytes : SIZE_MAX;
	l->idle_timeout_ms = o->idle_timeout_ms > 0 ? o->idle_timeout_ms : 75000;
	l->request_timeout_ms = o->request_timeout_ms > 0 ? o->request_timeout_ms : 10000;
	l->write_timeout_ms = o->write_timeout_ms > 0 ? o->write_timeout_ms : 30000;
	l->linger_ms = LINGER_MS;
	l->max_watchers = o->max_watchers > 0 ? o->max_watchers : 5000;
	l->heartbeat_ms = o->heartbeat_ms > 0 ? o->heartbeat_ms : 15000;
	l->watcher_stall_ms = o->watcher_stall_ms > 0 ? o->watcher_stall_ms : 10000;
}

static void
set_rate(struct http_server *s, const struct http_options *o)
{
	s->rate_policy = (struct rate_policy){
	    .interval_us = o->requests_per_minute > 0 ? MAX_OF(60000000 / o->requests_per_minute, 1) : 0,
	    .burst = MAX_OF(o->burst, 1),
	};
	snprintf(s->rate_text, sizeof s->rate_text, "\"default\";q=%lld;w=60", (long long)o->requests_per_minute);
}

static char *
copy_text(const char *text)
{
	return text != NULL ? xstrdup(text) : NULL;
}

void
http_server_reconfigure(struct http_server *s, const struct http_options *o)
{
	set_limits(&s->limits, o);
	answer_cache_set_max(s->answers, o->cache_bytes);
	set_rate(s, o);
	guard_set(&s->guard, o->allowed_hosts, o->allowed_origins);
	free(s->version);
	free(s->database_path);
	free(s->rules_version);
	free(s->rules_name);
	s->version = copy_text(o->version);
	s->database_path = copy_text(o->database_path);
	s->rules_version = copy_text(o->rules_version);
	s->rules_name = copy_text(o->rules_name);
	if (o->tls != NULL) {
		tls_unref(s->tls);
		s->tls = tls_ref(o->tls);
	}
	s->ready = o->ready;
	s->ready_arg = o->ready_arg;
	s->tell = o->tell;
	server_seats_changed(s);
}

/* --- connections -------------------------------------------------------------------------------------------------------- */

static struct conn *
longest_waiting(struct http_server *s, bool idle)
{
	struct conn *c, *oldest = NULL;

	TAILQ_FOREACH(c, &s->conns, entry)
		if (conn_evictable(c) && c->evcon != NULL && (oldest == NULL || c->since_ms < oldest->since_ms) &&
		    (c->state != CONN_READING && !conn_has_unread(c)) == idle)
			oldest = c;
	return oldest;
}

/* Idle ones go before those that are in the middle of a request; those with a request in flight never go. */
static struct conn *
victim(struct http_server *s)
{
	struct conn *c = longest_waiting(s, true);

	return c != NULL ? c : longest_waiting(s, false);
}

/* Those who watch have a number of their own. */
static unsigned
seats_taken(const struct http_server *s)
{
	return s->conn_count - s->streams.count;
}

static struct bufferevent *
on_accept(struct event_base *base, void *arg)
{
	struct http_server *s = arg;
	struct bufferevent *bev;
	struct conn *c;

	(void)base;
	listeners_accepted(&s->listeners);
	if (seats_taken(s) >= s->limits.max_connections && (c = victim(s)) != NULL)
		conn_close(c);
	bev = conn_accept(s);
	server_seats_changed(s);
	return bev;
}

static void
check_drained(struct http_server *s)
{
	if (s->draining && s->conn_count == 0 && s->drained != NULL)
		event_active(s->drained_event, EV_TIMEOUT, 0);
}

void
server_conn_gone(struct http_server *s)
{
	server_seats_changed(s);
	check_drained(s);
}

/* All are busy: the next client waits in the backlog until one is not. So it does while some are too new to be looked at: of those that came
 * together, the first must not be sent away before its request was read. */
void
server_seats_changed(struct http_server *s)
{
	if (!s->draining)
		listeners_set_full(&s->listeners,
		    seats_taken(s) >= s->limits.max_connections && (s->evictable_count == 0 || s->fresh_count > 0));
}

bool
server_may_wait(const struct http_server *s)
{
	return s->waiting_count < MAX_OF(s->limits.max_connections / WAITING_SHARE, 1U);
}

bool
server_may_wait_for_list(const struct http_server *s)
{
	return s->list_waiters < MAX_OF(s->limits.max_connections - s->limits.max_connections / KEPT_FREE_SHARE, 1U);
}

size_t
server_body_limit(const struct http_server *s, const struct peer *peer, const struct head *head)
{
	struct str path = head->target, params[ROUTE_PARAMS_MAX];
	const char *mark = memchr(path.p, '?', path.len);
	const struct route *route;
	unsigned allowed;

	if (mark != NULL)
		path.len = (size_t)(mark - path.p);
	route = route_find(head->method, path, params, &allowed);
	if (route != NULL && route->body_max > ROUTE_BODY_MAX && auth_may_use(s, peer, head, route))
		return route->body_max;
	return MIN_OF(route != NULL && route->body_max > 0 ? route->body_max : ROUTE_BODY_MAX, MIN_OF(s->limits.max_body_bytes, ROUTE_BODY_MAX));
}

static uint64_t
version_of(const void *app, int64_t alp_user_id)
{
	return app_version(app, alp_user_id);
}

/* --- life --------------------------------------------------------------------------------------------------------------- */

static void
on_drained(evutil_socket_t fd, short what, void *arg)
{
	struct http_server *s = arg;
	void (*done)(void *arg) = s->drained;

	(void)fd;
	(void)what;
	s->drained = NULL;
	if (done != NULL)
		done(s->drained_arg);
}

static int
listen_as_told(struct http_server *s, const struct http_options *o)
{
	static const char *const loopback[] = {"127.0.0.1", NULL};

	int exposed_error = !app_has_tokens(s->app) ? -EPERM : s->tls == NULL && !o->behind_proxy ? -EPROTONOSUPPORT : 0;

	if (o->listen_fd_count > 0)
		return listeners_adopt(&s->listeners, o->listen_fds, o->listen_fd_count, exposed_error);
	return listeners_bind(&s->listeners, o->addresses != NULL ? o->addresses : loopback, o->port, exposed_error);
}

/* A machine without the service's directory is one where somebody tries the daemon by hand. */
static int
listen_on_file(struct http_server *s, const char *path)
{
	int r = path != NULL && path[0] != '\0' ? listeners_bind_unix(&s->listeners, path) : 0;

	if (r != -ENOENT)
		return r;
	log_event(EV_HTTP_SOCKET_ABSENT, LOG_STR("PATH", path));
	return 0;
}

static void
set_up_evhttp(struct http_server *s)
{
	evhttp_set_allowed_methods(s->http, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD | EVHTTP_REQ_POST | EVHTTP_REQ_PUT | EVHTTP_REQ_PATCH |
	    EVHTTP_REQ_DELETE | EVHTTP_REQ_OPTIONS);
	evhttp_set_default_content_type(s->http, NULL);
	evhttp_set_bevcb(s->http, on_accept, s);
	evhttp_set_gencb(s->http, request_begin, s);
}

int
http_server_new(struct event_base *base, struct app *app, const struct http_options *options, struct http_server **ret_server)
{
	struct http_server *s = xcalloc(1, sizeof *s);
	int r;

	s->base = base;
	s->app = app;
	s->behind_proxy = options->behind_proxy;
	s->alp_lists = options->alp_lists;
	s->alp = options->alp;
	s->alp_events = options->alp_events;
	s->slowdown = slowdown_new();
	TAILQ_INIT(&s->conns);
	TAILQ_INIT(&s->requests);
	s->answers = answer_cache_new(options->cache_bytes, version_of, app);
	http_server_reconfigure(s, options);
	s->contract = contract_make(options->version);
	metrics_name_routes();
	s->docs = docs_new();
	s->http = evhttp_new(base);
	s->drained_event = evtimer_new(base, on_drained, s);
	r = lists_init(s);
	if (r == 0)
		r = streams_init(s);
	if (s->http == NULL || s->drained_event == NULL)
		r = -ENOMEM;
	if (r == 0) {
		set_up_evhttp(s);
		listeners_init(&s->listeners, base, s->http);
		r = listen_as_told(s, options);
		/* The manager's stays when we go; http.socket may even be the same path. */
		if (r == 0 && !s->listeners.local)
			r = listen_on_file(s, options->socket_path);
	}
	if (r < 0) {
		http_server_free(s);
		return r;
	}
	*ret_server = s;
	return 0;
}

int
http_server_port(const struct http_server *s)
{
	return s->listeners.port;
}

size_t
http_server_connections(const struct http_server *s)
{
	return s->conn_count;
}

void
http_server_drain(struct http_server *s, void (*done)(void *arg), void *arg)
{
	struct http_request *r, *next_request;
	struct conn *c;

	s->draining = true;
	s->drained = done;
	s->drained_arg = arg;
	listeners_close(&s->listeners);
	for (r = TAILQ_FIRST(&s->requests); r != NULL; r = next_request) {
		next_request = TAILQ_NEXT(r, entry);
		request_cut_wait(r);
	}
	streams_drain(s);
	TAILQ_FOREACH(c, &s->conns, entry)
		conn_hurry(c);
	check_drained(s);
}

struct http_server *
http_server_free(struct http_server *s)
{
	struct http_request *r;
	struct conn *c;

	if (s == NULL)
		return NULL;
	s->draining = true;
	s->drained = NULL;
	while ((r = TAILQ_FIRST(&s->requests)) != NULL)
		request_server_gone(r);
	listeners_release(&s->listeners);
	if (s->http != NULL)
		evhttp_free(s->http);
	while ((c = TAILQ_FIRST(&s->conns)) != NULL)
		conn_discard(c);
	streams_release(s);
	lists_release(s);
	answer_cache_free(s->answers);
	if (s->drained_event != NULL)
		event_free(s->drained_event);
	guard_release(&s->guard);
	answer_unref(s->contract);
	docs_free(s->docs);
	slowdown_free(s->slowdown);
	tls_unref(s->tls);
	free(s->version);
	free(s->database_path);
	free(s->rules_version);
	free(s->rules_name);
	free(s);
	return NULL;
}
