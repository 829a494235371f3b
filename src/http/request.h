/* SPDX-License-Identifier: Apache-2.0 */
/* request.h - one request from its route to its answer.
 *
 * A handler is called with everything checked: path, query and body are values by the route's tables. It answers exactly once, now or
 * from a verb's callback, by one of the reply functions; after that the request is gone. The client may leave in between: replying then
 * only frees. The server may go away in between: `server` is NULL then, and the same holds.
 *
 * Ownership: the request owns what request_attach() gave, for as long as it lives. Threads: the loop's.
 */
#ifndef RTALP_HTTP_REQUEST_H
#define RTALP_HTTP_REQUEST_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "app/app.h"
#include "http/caller.h"
#include "http/json.h"
#include "http/lists.h"
#include "http/problem.h"
#include "http/router.h"
#include "http/schema.h"

struct conn;
struct evhttp_request;
struct http_server;
struct attachment;
struct ready_answer;
struct request_once;

#define WAIT_NOT_ASKED (-1)

enum answer_form { FORM_JSON, FORM_CSV, FORM_OPENMETRICS, FORM_METRICS };

struct http_request {
	struct http_server *server;    /* NULL: it is gone */
	struct app *app;
	struct conn *conn;             /* NULL: the client is gone */
	struct evhttp_request *ev;     /* NULL likewise */
	const struct route *route;
	enum http_method method;
	struct caller caller;          /* settled before the route is looked at */
	bool user_filled;              /* the query has no alp_user_id: the one in its values is the token's */
	char id[REQUEST_ID_MAX];
	char *path;                    /* without the query */
	char *query_text;              /* as it came; NULL: none */
	int64_t started_us;
	struct values params, query, body;
	char *bulk;                    /* the body of a route that reads it later; NULL: none */
	size_t bulk_bytes;
	struct field_errors errors;
	int64_t wait_s;                /* Prefer: wait=; or WAIT_NOT_ASKED */
	struct app_wait *wait;         /* under way; cut short when the server drains */
	void (*wait_done)(struct http_request *r, void *arg);
	void *wait_arg;
	struct request_once *once;     /* its Idempotency-Key; NULL: none */
	bool kept;                     /* it is answered from kept bytes */
	enum answer_form form;         /* what it wants of those the route has */
	struct list_turn turn;
	struct attachment *attachments;
	TAILQ_ENTRY(http_request) entry;
};
TAILQ_HEAD(request_list, http_request);

/* --- between the server's files --- */

/* evhttp's general callback. */
void request_begin(struct evhttp_request *ev, void *server);
void request_client_gone(struct http_request *r);
void request_server_gone(struct http_request *r);
/* Ends the wait it is in, if it is in one. */
void request_cut_wait(struct http_request *r);
void request_free(struct http_request *r);

/* --- what handlers use --- */

/* Zeroed memory for a verb, released with the request. */
void *request_attach(struct http_request *r, size_t size, void (*release)(void *p));

/* False: as many are held as may be; who asks is answered at once. */
bool request_may_wait(const struct http_request *r);
/* Runs done(r, arg) when app_wait() says so, or at once when the server drains. */
void request_wait(struct http_request *r, int64_t job_id, int64_t alp_user_id, int64_t timeout_ms,
    void (*done)(struct http_request *r, void *arg), void *arg);

/* The same with app_wait_postings(). */
void request_wait_postings(struct http_request *r, const int64_t *ids, size_t count, int64_t timeout_ms,
    void (*done)(struct http_request *r, void *arg), void *arg);

/* A header of the request; NULL without one. */
const char *request_header(const struct http_request *r, const char *name);
/* A header for the answer, in the place of one of that name. */
void request_set_header(struct http_request *r, const char *name, const char *value);
void request_add_header(struct http_request *r, const char *name, const char *format, ...) _printf_(3, 4);
/* The answer depends on that header of the request: named in Vary, once. */
void request_vary(struct http_request *r, const char *name);
void request_add_error(struct http_request *r, const char *where, const char *field, const char *type, const char *format, ...)
    _printf_(5, 6);

/* --- answers (reply.c) --- */

/* By its Accept-Encoding. */
bool request_wants_gzip(const struct http_request *r);
/* An answer made before (answer.h), in the form this client takes: gzip, or 304 if it has it. The caller keeps its count. */
void reply_answer(struct http_request *r, struct ready_answer *a);
/* 200 without an end: the head goes out, what follows is the caller's, and the request is gone. True: it follows in chunks. */
bool reply_open(struct http_request *r, const char *content_type);
/* Takes the document over. */
void reply_json(struct http_request *r, int status, struct json *j);
void reply_empty(struct http_request *r, int status);
/* 500: it would have been more bytes than an answer may have. */
void reply_too_large(struct http_request *r);
void reply_problem(struct http_request *r, int status, const char *code, const char *detail);
/* With one member more, which is taken over. */
void reply_problem_with(struct http_request *r, int status, const char *code, const char *detail, const char *name, struct json *value);
/* With Retry-After. */
void reply_busy(struct http_request *r, int status, const char *code, const char *detail, int retry_after_s);
/* 422 with every error recorded. */
void reply_invalid(struct http_request *r);
/* The same, with a code of its own. */
void reply_wrong(struct http_request *r, const char *code, const char *detail);
/* What any verb may say: -EINVAL with its fault, -ENOENT, -EDQUOT, -ENOSPC, -EIO; everything else is ours to explain in the log. */
void reply_failed(struct http_request *r, int error, const struct app_fault *fault);

bool request_has_error(const struct http_request *r, const char *field);

/* Who asks, as an audit trail says it. To be asked before the request waits for anything. */
struct actor request_actor(const struct http_request *r);

/* The user a request is about: the field's value, else the single user. Records an error and returns 0 if there is neither. */
int64_t request_user(struct http_request *r, const struct value *v, const char *where);

#endif
