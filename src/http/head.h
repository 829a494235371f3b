/* SPDX-License-Identifier: Apache-2.0 */
/* head.h - where a request begins and ends: request line, headers and framing, strictly by RFC 9112.
 *
 * evhttp is lenient where leniency lets two readers of the same bytes disagree: two Content-Lengths, Transfer-Encoding beside one, folded
 * lines, a space before the colon, bare line feeds. It also answers such requests with pages of its own. So it only ever sees
 * requests that went through here.
 *
 * Pure: bytes in, verdict out. Everything in struct head points into those bytes.
 */
#ifndef RTALP_HTTP_HEAD_H
#define RTALP_HTTP_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

#define HEAD_TARGET_MAX  4096
#define HEAD_HEADERS_MAX 64

/* HEAD is GET without the body, so it has no bit of its own in what a path allows. */
enum http_method {
	METHOD_GET = 1,
	METHOD_HEAD = 2,
	METHOD_POST = 4,
	METHOD_PUT = 8,
	METHOD_PATCH = 16,
	METHOD_DELETE = 32,
	METHOD_OPTIONS = 64
};
const char *http_method_name(enum http_method method);

struct header {
	struct str name, value;
};

struct head {
	enum http_method method;
	struct str target;       /* origin form, "/path?query", or "*" */
	struct str authority;    /* of an absolute target, which outranks Host; else empty */
	int minor;               /* HTTP/1.minor */
	struct header headers[HEAD_HEADERS_MAX];
	size_t header_count;
	int64_t content_length;  /* 0: no body */
	bool chunked;
	bool expects_continue;
	bool closes;             /* the client wants no further answer on the connection */
	size_t bytes;            /* the head with its empty line */
};

/* Why a request is refused before it is one. Static strings. */
struct refusal {
	int status;
	const char *code;
	const char *detail;
};

/* 1: *ret_head is complete; 0: more bytes are needed; -EPROTO: refused, and the connection cannot be used any further. */
int head_parse(struct str bytes, size_t max_bytes, struct head *ret_head, struct refusal *ret_refusal);
/* Is the word in a header that is a list, in one line or several? */
bool head_lists(const struct head *head, const char *name, const char *word);
/* The value of the first header of that name; STR_NONE without one. */
struct str head_find(const struct head *head, const char *name);

/* How many headers of that name there are. */
size_t head_count(const struct head *head, const char *name);

/* A body in chunks, decoded in place. Zeroed at the start. */
struct chunks {
	enum { CHUNK_SIZE, CHUNK_DATA, CHUNK_DATA_END, CHUNK_TRAILER, CHUNK_DONE } state;
	size_t left;         /* of the chunk */
	size_t trailer_bytes;
};
/* Goes on decoding p[*raw..len): the decoded bytes are moved down to p[*body..], *body and *raw grow. 1: the last chunk was seen; 0:
 * more is needed; -EPROTO: not chunks; -E2BIG: more than max_body. */
int chunks_decode(struct chunks *c, char *p, size_t len, size_t *raw, size_t *body, size_t max_body);

#endif
