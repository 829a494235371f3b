/* SPDX-License-Identifier: Apache-2.0 */
/* once.h - Idempotency-Key: a POST that a client sends again because it does not know whether the first one arrived.
 *
 *     same key, same request, answered before    the answer of then, with `Idempotent-Replay: true`
 *     ... and a user's key in it was lost since  it goes on with the key that is here now, and is answered anew
 *     ... whose answer held a secret             409 secret_already_shown
 *     ... still under way                        409 idempotency_in_progress, with Retry-After
 *     same key, another request                  422 idempotency_key_reused
 *     a request that was refused or failed       nothing is kept: it may be sent again, corrected or not
 *
 * Keys of two callers never meet. What is under way is known here, on the loop; what was answered, in the store (app/once.h).
 * Ownership: a request owns its struct request_once. Threads: the loop's, but for the render functions.
 */
#ifndef RTALP_HTTP_ONCE_H
#define RTALP_HTTP_ONCE_H

#include <stdbool.h>
#include <sys/queue.h>

#include "app/once.h"
#include "http/head.h"
#include "http/json.h"

struct http_request;
struct request_once;

#define ONCE_BUCKETS 1024
LIST_HEAD(once_bucket, request_once);

/* Of a server: the keys whose requests are under way. Zeroed at the start. */
struct once_table {
	struct once_bucket buckets[ONCE_BUCKETS];
};

/* 1 to ONCE_KEY_MAX visible ASCII characters. */
bool once_key_valid(struct str s);
/* Reads the key of a POST, if it has one, and what is asked. Adds an error for one that is none. False: answered, 409 or 422. */
bool once_begin(struct http_request *r, const struct head *head, struct str body);
/* The request is about to be freed, or its server is. */
void once_end(struct http_request *r);

/* For a POST's verb; NULL without a key. */
struct once *request_once(struct http_request *r, render_fn render);
/* The answer to a verb that was done: the bytes that were kept, or rendered now if none are. */
void reply_once(struct http_request *r, render_fn render, const void *verb);
/* An answer that is not kept, by the same kind of function. */
void reply_rendered(struct http_request *r, render_fn render, const void *verb);
/* What was answered before, of a verb that said -EEXIST: for one whose answer is to say how things are now. NULL: it may not be told. */
const struct once_answer *request_seen(const struct http_request *r);
/* The answer to a verb that said -EEXIST. */
void reply_seen(struct http_request *r);

/* For render functions. The document is taken over. */
void once_answer_set(struct once_answer *a, int status, struct json *j);
void once_answer_header(struct once_answer *a, const char *name, const char *format, ...) _printf_(3, 4);

#endif
