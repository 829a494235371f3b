/* SPDX-License-Identifier: Apache-2.0 */
/* server.h - the HTTP front end: listens, takes requests apart, calls the product's verbs, renders what they return.
 *
 * What a client can rely on whatever other clients do: a request that is not complete in time, a connection that idles and an answer
 * that nobody reads cost their own connection and nothing else; when all connections are taken, the one that waited longest without
 * a request in flight makes room.
 *
 * With TLS, every TCP socket speaks it and nothing else; the Unix socket never does. An address that is not loopback takes TLS, or the word that a
 * proxy stands in front which speaks it.
 *
 * Tokenless operation is for loopback only: without tokens other addresses are refused at the start, foreign Host and Origin headers at every
 * request. The tokens must be loaded (app/token.h) before the server is made.
 *
 * Ownership: strings in the options are copied, listening descriptors are taken over when http_server_new() succeeds. The app must outlive
 * the server; verbs still under way when the server is freed may complete later and then touch nothing of it.
 * Threads: the loop's. The program must ignore SIGPIPE: libevent writes to clients that may have gone.
 */
#ifndef RTALP_HTTP_SERVER_H
#define RTALP_HTTP_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct alp;
struct alp_events;
struct alp_lists;
struct app;
struct event_base;
struct http_server;
struct tls;

/* A number that is 0 means the default in brackets. */
struct readiness;

struct http_options {
	/* Where to listen: sockets that systemd handed over, or else addresses of ours. */
	const int *listen_fds;
	size_t listen_fd_count;
	const char *const *addresses; /* numeric, NULL-ended; NULL: 127.0.0.1 */
	uint16_t port;                /* 0: any free one, the same for every address */
	struct tls *tls;              /* NULL: none; referenced */
	bool behind_proxy;            /* addresses that are not loopback need no TLS; loopback needs a token, too */
	const char *socket_path;      /* of a Unix socket besides; NULL or "": none. Without its directory there is none either */

	unsigned max_connections;   /* (1024) */
	size_t max_head_bytes;      /* request line and headers (16 KiB) */
	size_t max_body_bytes;      /* of a request, but for imports; each route has a limit of its own, usually 64 KiB (no further limit) */
	int64_t idle_timeout_ms;    /* between requests (75 s) */
	int64_t request_timeout_ms; /* from a request's first byte to its last (10 s) */
	int64_t write_timeout_ms;   /* while a client takes nothing of its answer (30 s) */

	size_t cache_bytes;         /* of answers kept (none) */
	/* Of those who watch (server-sent events). */
	unsigned max_watchers;      /* besides max_connections (5000) */
	int64_t heartbeat_ms;       /* so often each hears that the connection lives (15 s) */
	int64_t watcher_stall_ms;   /* one that takes nothing for so long is dropped (10 s) */
	int64_t requests_per_minute; /* of one caller; 0: no limit */
	int32_t burst;               /* of them, at once (1) */

	/* Besides loopback; NULL-ended, NULL: none. Hosts without a port; origins as browsers send them, "https://alp.example". */
	const char *const *allowed_hosts;
	const char *const *allowed_origins;

	const struct alp_events *alp_events; /* alp_events.h; NULL: no notifications are taken. Likewise */
	struct alp_lists *alp_lists; /* NULL: there is no ALP. Must outlive the server */
	struct alp *alp;             /* borrowed, outlives the server; NULL: there is none */

	/* Told by GET /api/settings. */
	const char *version;
	const char *database_path;
	const char *rules_version;
	const char *rules_name;

	/* Adds what readiness lacks besides the store's answer. NULL: nothing. */
	void (*ready)(void *arg, struct readiness *readiness);
	void *ready_arg;
	/* Before the numbers at /metrics are told: brings those of the daemon's parts up to date. NULL: nothing. With ready_arg. */
	void (*tell)(void *arg);
};

/* -EPERM: an address that is not loopback while there are no tokens; -EPROTONOSUPPORT: one without TLS; -EINVAL: one that is no address; -EEXIST, -ENOTSOCK: of the Unix socket
 * (listen_unix.h); -EADDRINUSE and what else socket(), bind() and listen() say. */
int http_server_new(struct event_base *base, struct app *app, const struct http_options *options,
    struct http_server **ret_server);
/* That are open. */
size_t http_server_connections(const struct http_server *s);
int http_server_port(const struct http_server *server); /* 0: no TCP socket */

/* Limits, time-outs, lists, texts, and what is shown by TLS; not where it listens, and neither whether there is TLS. Limits hold from the next
 * request on, a certificate from the next connection on. */
void http_server_reconfigure(struct http_server *server, const struct http_options *options);

/* Stops listening, closes idle connections, cuts waits short, answers what is in flight with `Connection: close`; then done(arg), from the
 * loop, once. */
void http_server_drain(struct http_server *server, void (*done)(void *arg), void *arg);

/* Closes everything at once. Accepts NULL, returns NULL. */
struct http_server *http_server_free(struct http_server *server);

#endif
