/* SPDX-License-Identifier: Apache-2.0 */
/* web.h - requests to one server over HTTP: kept connections, a queue with a limit on those under way, deadlines, and the truth about what
 * may have reached the server.
 *
 * A post leaves at most once. libcurl by itself sends a request again when a kept connection turns out dead before any answer came, although the
 * server may have read it; here the second sending is refused, and what became of the first is WEB_UNKNOWN. Reads may be sent again.
 * Redirects are never followed and no proxy is asked. Reads and posts that wait take turns.
 *
 * Deadlines: connecting and the whole answer count from when a request leaves the queue; waiting there has its own.
 * Ownership: requests are copied but for the key, which must outlive the web; answers are borrowed for the call of `done`.
 * Threads: the loop's. `done` comes once, never from within web_send(), and must not free the web.
 */
#ifndef RTALP_ALP_WEB_H
#define RTALP_ALP_WEB_H

#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/secret.h"

struct web;
struct web_call;

struct web_options {
	size_t max_under_way;
	int64_t queue_timeout_ms, connect_timeout_ms, answer_timeout_ms; /* the last one for the whole exchange, connecting included */
	size_t body_max_bytes;  /* of an answer, decoded */
	const char *ca_file;    /* NULL or "": the system's certificates */
	const char *user_agent;
	const struct secret *bearer; /* borrowed; NULL: none */
};

enum web_outcome {
	WEB_ANSWERED, /* a whole answer came, of whatever status */
	WEB_NOT_SENT, /* no byte of the request can have reached the server */
	WEB_UNKNOWN   /* it may have */
};

enum web_trouble {
	WEB_FINE,
	WEB_NO_CONNECTION, /* the name, the address, or TLS */
	WEB_TIMEOUT,
	WEB_BROKEN,        /* the connection broke */
	WEB_TOO_LARGE,
	WEB_NOT_HTTP
};

struct web_answer {
	enum web_outcome outcome;
	enum web_trouble trouble; /* unless WEB_ANSWERED */
	char detail[256];         /* likewise, for people */
	bool queued_out;          /* it never left our own queue */
	int status;               /* of HTTP; may be known of an answer that did not come whole; 0: none */
	char etag[128];           /* "": none, or longer */
	int64_t retry_after_ms;   /* 0: not said */
	char *link_next;          /* the target of Link rel=next as it is written; NULL: none */
	bool json;                /* the content type says so */
	struct buf body;          /* of WEB_ANSWERED; may be taken by buf_take() */
};
typedef void (*web_done_fn)(struct web_answer *answer, void *arg);

struct web_request {
	bool post;
	const char *url;
	struct str body;             /* of a post, JSON */
	size_t answer_max_bytes;     /* below body_max_bytes; 0: that */
	const char *if_none_match;   /* NULL: none */
	const char *idempotency_key; /* NULL: none */
};

int web_new(struct event_base *base, const struct web_options *options, struct web **ret_web) _must_check_;
struct web *web_free(struct web *web); /* accepts NULL; calls end without `done` */

struct web_call *web_send(struct web *web, const struct web_request *request, web_done_fn done, void *arg);
/* Ends it without `done`. Of a post that was under way nothing is known then. */
void web_cancel(struct web_call *call);

/* Seconds or a date of HTTP, as milliseconds from now, at most a day; 0: neither, or over already. Pure. */
int64_t web_retry_after_ms(const char *value, int64_t now_real_ms);
/* Finds the target of rel=next in the value of a Link header. Pure. */
bool web_link_next(struct str value, struct str *ret_target);

#endif
