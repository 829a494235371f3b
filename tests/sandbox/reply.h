/* SPDX-License-Identifier: Apache-2.0 */
/* reply.h - what is to be answered, and how well or badly it is to be sent. A plain description; exchange.c acts on it. */
#ifndef SANDBOX_REPLY_H
#define SANDBOX_REPLY_H

#include <stdbool.h>
#include <stdint.h>

#include <event2/buffer.h>
#include <event2/http.h>

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
	const char *type;        /* borrowed until the reply is sent */
	char location[256], retry_after[64], etag[40], link[320];
	struct evbuffer *body;   /* owned; empty, never NULL */
	bool gzipped, vary;
	int64_t delay_ms;
	enum ending ending;
	int64_t cut;
	bool no_length;          /* announce no Content-Length even for a cut body */
	bool headers_first;      /* a stalled answer sends its headers */
	int64_t drip_bytes, drip_ms; /* drip_bytes > 0: sent that slowly */
};

/* The imitated service announces the length of small answers and sends larger ones in chunks. */
#define REPLY_CHUNKED_FROM 8192

/* Adds every header but Transfer-Encoding. `serial` and `took_ms` make X-Request-Id and X-Runtime. */
void reply_add_headers(const struct reply *r, struct evkeyvalq *headers, uint64_t serial, int64_t took_ms);

const char *reply_reason(int status);

#endif
