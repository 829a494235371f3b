/* SPDX-License-Identifier: Apache-2.0 */
/* exchange.h - one request and the answer to it, sent as honestly or as badly as asked.
 *
 * Whoever answers fills in `reply` and calls exchange_send() once; afterwards the exchange belongs to this file, which frees it
 * when the answer is out or the client gone. Nothing here blocks: waits are timers.
 */
#ifndef SANDBOX_EXCHANGE_H
#define SANDBOX_EXCHANGE_H

#include <stdbool.h>
#include <stdint.h>

#include <event2/buffer.h>
#include <event2/http.h>

#include "sandbox.h"

/* Which of the recorded sets of headers goes along. */
enum header_set {
	HEADERS_PLAIN,  /* pages and control answers */
	HEADERS_DATA,
	HEADERS_ERROR,  /* error envelopes */
};

enum ending {
	END_WELL,
	END_STALL,      /* never, until the client goes */
	END_CLOSE,      /* the connection closes after `cut` bytes */
	END_RESET,      /* the same with a TCP reset; cut < 0 means before any byte */
};

struct reply {
	int status;
	enum header_set headers;
	const char *type;        /* borrowed until exchange_send() returns */
	char location[256], retry_after[64];
	struct evbuffer *body;   /* owned; empty, never NULL */
	bool gzipped, vary;
	int64_t delay_ms;
	enum ending ending;
	int64_t cut;
	bool no_length;          /* announce no Content-Length even for a cut body */
	bool headers_first;      /* a stalled answer sends its headers */
	int64_t drip_bytes, drip_ms; /* drip_bytes > 0: sent that slowly */
};

struct exchange;

/* Starts one for a request that just came in. */
struct exchange *exchange_new(struct sandbox *sb, struct evhttp_request *req);

struct sandbox *exchange_sandbox(const struct exchange *x);
struct evhttp_request *exchange_request(const struct exchange *x);
struct reply *exchange_reply(struct exchange *x);
uint64_t exchange_connection(const struct exchange *x);
bool exchange_is_tls(const struct exchange *x);

/* Counts the exchange as the account's, for the stats. */
void exchange_set_user(struct exchange *x, uint32_t user);

void exchange_send(struct exchange *x);

/* Status, type, and the body's text in one go. */
void exchange_send_text(struct exchange *x, int status, const char *type, const char *text);

/* The connection is going: ends the exchange without another word. For peers.c. */
void exchange_abort(struct exchange *x);

#endif
