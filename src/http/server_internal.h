/* SPDX-License-Identifier: Apache-2.0 */
/* server_internal.h - what the server's own files share; nothing else includes it. Threads: the loop's. */
#ifndef RTALP_HTTP_SERVER_INTERNAL_H
#define RTALP_HTTP_SERVER_INTERNAL_H

#include "http/ahead.h"
#include "http/conn.h"
#include "http/docs.h"
#include "http/guard.h"
#include "http/listen.h"
#include "http/lists.h"
#include "http/once.h"
#include "http/rate.h"
#include "http/request.h"
#include "http/server.h"
#include "http/stream.h"
#include "http/tls.h"

#define ALP_EVENTS_SEEN 4096 /* notifications that are known again */

struct alp_events;
struct alp_lists;
struct answer_cache;

struct http_limits {
	unsigned max_connections;
	size_t max_head_bytes;
	size_t max_body_bytes;
	int64_t idle_timeout_ms, request_timeout_ms, write_timeout_ms;
	int64_t linger_ms;
	unsigned max_watchers;
	int64_t heartbeat_ms, watcher_stall_ms;
};

struct http_server {
	struct event_base *base;
	struct app *app;
	struct alp_lists *alp_lists; /* NULL: there is no ALP */
	struct alp *alp; /* NULL: there is none */
	const struct alp_events *alp_events; /* NULL: none are taken */
	uint64_t alp_events_seen[ALP_EVENTS_SEEN]; /* hashes of their ids; 0: free */
	size_t alp_events_next;
	struct evhttp *http;
	struct listeners listeners;
	struct lists lists;
	struct once_table once;
	struct answer_cache *answers;
	struct streams streams;
	struct http_limits limits;
	struct guard guard;
	struct tls *tls; /* NULL: TCP is plain */
	bool behind_proxy;
	struct slowdown *slowdown;
	struct rate_policy rate_policy;
	char rate_text[48]; /* as RateLimit-Policy has it */
	struct rate_table rates;
	char *version, *database_path, *rules_version, *rules_name;
	struct docs *docs;
	struct ready_answer *contract; /* what /openapi.json says */
	void (*ready)(void *arg, struct readiness *readiness);
	void *ready_arg;
	void (*tell)(void *arg);

	struct conn_list conns;
	unsigned conn_count;
	unsigned evictable_count; /* of them, those that would make room */
	unsigned fresh_count;     /* of them, those not adopted yet */
	unsigned waiting_count;   /* requests held by `Prefer: wait=` */
	unsigned list_waiters;    /* held by a list that ALP was asked for */
	struct request_list requests;
	struct ahead ahead;
	/* Between handing a complete request to evhttp and its callback, which follows at once. */
	struct conn *delivering;
	struct head delivered_head;
	struct conn *beginning; /* its request is with its handler, for the first time */

	bool draining;
	void (*drained)(void *arg);
	void *drained_arg;
	struct event *drained_event;
};

/* The most a body for that request may have. */
size_t server_body_limit(const struct http_server *s, const struct peer *peer, const struct head *head);
/* A connection went away. */
void server_conn_gone(struct http_server *s);
/* The counts changed: listen if there is a seat or somebody who would make room, and else not. */
void server_seats_changed(struct http_server *s);
/* May one more request be held? Each takes a seat that nobody can be given meanwhile. */
bool server_may_wait(const struct http_server *s);
/* The same of who waits for ALP, which may be silent. */
bool server_may_wait_for_list(const struct http_server *s);

#endif
