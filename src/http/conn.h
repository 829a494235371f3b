/* SPDX-License-Identifier: Apache-2.0 */
/* conn.h - one client's connection, from accept() to close.
 *
 * Stands between the socket and evhttp. Bytes that arrive are taken out of the bufferevent's input before evhttp looks there, and kept
 * until a request is complete; then evhttp gets its head in canonical form and no body, and runs the server's callback at once. So
 * there is one deadline from a request's first byte to its last, every over-limit and malformed request gets an answer of ours, and no
 * body (there may be a key in it) lies in evhttp's buffers.
 *
 * One that speaks TLS begins with `shaking` (conn_tls.h).
 *
 *     idle -> reading -> served -> replying -> idle ...            reading -> refused -> closed
 *                        served -> streaming -> ending -> closed
 *
 * A request that comes in one piece is never `reading`; an answer that the socket takes at once is never `replying`.
 *
 * What of evhttp 2.1 this relies on, because it tells nobody of a new connection: bufferevent_getcb() gives the evhttp_connection as the
 * callbacks' argument right after the accept. conn_adopt() is the only place.
 *
 * Lifetime: evhttp_connection_free(), by whomever, runs our close callback, which frees the struct. Threads: the loop's.
 */
#ifndef RTALP_HTTP_CONN_H
#define RTALP_HTTP_CONN_H

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <stdbool.h>
#include <sys/queue.h>

#include "http/head.h"
#include "http/inbuf.h"
#include "http/peer.h"

struct bufferevent;
struct http_request;
struct http_server;
struct stream;
struct tls_link;

enum conn_state { CONN_SHAKING, CONN_IDLE, CONN_READING, CONN_SERVED, CONN_REPLYING, CONN_STREAMING, CONN_ENDING, CONN_REFUSED };

/* While a request is in flight evhttp hears of no reset: a look this often finds who left. */
#define CONN_LOOK_MS 1000

struct conn {
	struct http_server *server;
	struct bufferevent *bev;
	struct evhttp_connection *evcon; /* NULL: not adopted yet */
	struct peer peer;                /* once adopted */
	enum conn_state state;
	int64_t since_ms;      /* when it became idle, or when the request's first byte came */
	int64_t deadline_ms;   /* of the state; 0: none */
	int64_t armed_ms;      /* when the timer is due, never after the deadline; 0: it is not pending */
	struct event *timer;   /* looks at the deadline; also activated by hand for what must not happen inside a callback */
	bool step_later;       /* ... which is: go on with bytes that came along with the last request */
	bool close_later;      /* ... or: close */
	bool answered;         /* at least once */
	bool evictable;        /* counted among those */
	bool closes;           /* with the answer to the request that is served */
	bool ahead;            /* of others, with its next request */
	struct tls_link *tls; /* NULL: it speaks none */
	bool unshaken;        /* it should, and never came to it */
	struct inbuf in;
	/* The request being read; all 0 until its head is complete. */
	size_t head_bytes;
	size_t body_bytes;     /* what there is of it, decoded */
	size_t raw_end;        /* in.p[raw_end..) is not looked at yet */
	size_t content_length;
	bool chunked;
	struct chunks chunks;
	size_t body_limit;
	struct http_request *request; /* served and not answered yet */
	struct stream *stream;        /* while streaming */
	size_t answer_bytes;          /* of the answer that goes out */
	size_t answer_counted;        /* of them, those that are there for it alone */
	int64_t answer_token_id;      /* whose it is: this token's; 0: whoever is at that address */
	int unsent_bytes;             /* of it in the kernel, when last looked at */
	TAILQ_ENTRY(conn) entry;
};
TAILQ_HEAD(conn_list, conn);

/* For evhttp_set_bevcb(): makes the bufferevent of a connection just accepted, and the conn that watches it. */
struct bufferevent *conn_accept(struct http_server *server);

/* Between conn.c and conn_read.c: enters a state, with its deadline (0: none); goes on with the bytes there are; runs when bytes came. */
void conn_enter(struct conn *c, enum conn_state state, int64_t timeout_ms);
void conn_step(struct conn *c);
void conn_on_input(struct evbuffer *buffer, const struct evbuffer_cb_info *info, void *arg);

/* The request's body, until conn_body_done(). */
struct str conn_body(const struct conn *c);
/* Wipes what was served; bytes of a next request stay. */
void conn_body_done(struct conn *c);

/* The request's answer comes later. */
void conn_waits(struct conn *c);
/* Before conn_replying(): with kept bytes or not. */
void conn_answered(struct conn *c, bool kept);
void conn_replying(struct conn *c); /* an answer was handed to evhttp; may go out at once */
void conn_replied(struct conn *c);  /* and went out */

void conn_streaming(struct conn *c, struct stream *s);
void conn_ending(struct conn *c, int64_t timeout_ms); /* what is left of the stream is given this long to go out */

/* Nobody waits for an answer on it. */
bool conn_evictable(const struct conn *c);
/* Bytes came that nobody has looked at yet: it only seems idle. */
bool conn_has_unread(const struct conn *c);
/* Answers with a problem (NULL: with no more than is in the output), takes no further request and closes once the client has had time to read. */
void conn_refuse(struct conn *c, const struct refusal *why);
/* At a drain: an idle one closes; one that is being read, or that has just come, gets a little time. */
void conn_hurry(struct conn *c);
/* Not from inside a callback of the same connection. */
void conn_close(struct conn *c);
/* When the server goes away: one that evhttp freed before it was adopted. */
void conn_discard(struct conn *c);

#endif
