/* SPDX-License-Identifier: Apache-2.0 */
/* router.h - every route there is, in one table (routes.c): from it come the dispatch, the checks, Allow, and the documentation.
 *
 * Adding a route: a row in routes.c, a handler in its resource's file, a test. Threads: any; constant.
 */
#ifndef RTALP_HTTP_ROUTER_H
#define RTALP_HTTP_ROUTER_H

#include "http/caller.h"
#include "http/head.h"
#include "http/schema.h"
#include "http/shape.h"

struct http_request;

/* Which callers a route serves, as enum caller_may bits; a method that changes something asks for MAY_WRITE besides. */
#define SCOPE_OPEN     0u                                         /* everybody, without a token too */
#define SCOPE_USER     (MAY_ANY_USER | MAY_ONE_USER)              /* a user's own things: entries, reports */
#define SCOPE_JOBS     (MAY_ANY_USER | MAY_ONE_USER | MAY_OPERATE) /* jobs, events, settings: no entry contents in them */
#define SCOPE_OPERATOR MAY_OPERATE
#define SCOPE_SERVICES (MAY_ANY_USER | MAY_OPERATE)                /* of all users together, without contents: webhooks */

/* What a client may get, for the contract. What many routes may answer is not repeated here: openapi_common.c knows by rule. */
struct answer {
	int status;
	const struct shape *shape; /* what it holds, as JSON; NULL: nothing, or what `code` or `media` say */
	const char *summary;
	bool list;                 /* an array of that shape */
	bool location;             /* Location says where to look further */
	const char *code;          /* a problem with this code */
	const char *media;         /* text of this media type instead, beside the JSON of another row with the same status */
	bool events;               /* of a stream: what is in event_shapes */
};
#define ANSWER(number, shape_name, text)    {.status = (number), .shape = &shape_##shape_name, .summary = (text)}
#define ANSWER_LIST(number, shape_name, text) {.status = (number), .shape = &shape_##shape_name, .summary = (text), .list = true}
#define ANSWER_AT(number, shape_name, text) {.status = (number), .shape = &shape_##shape_name, .summary = (text), .location = true}
#define ANSWER_MEDIA(number, type, text)    {.status = (number), .media = (type), .summary = (text)}
#define ANSWER_EVENTS(number, text)         {.status = (number), .media = "text/event-stream", .summary = (text), .events = true}
#define ANSWER_EMPTY(number, text)          {.status = (number), .summary = (text)}
#define ANSWER_ELSEWHERE(number, text)      {.status = (number), .summary = (text), .location = true}
#define ANSWER_PROBLEM(number, name, text)  {.status = (number), .code = (name), .summary = (text)}
#define ROUTE_ANSWERS_MAX 11
#define ROUTE_PARAMS_MAX  2
#define ROUTE_BODY_MAX    ((size_t)64 * 1024)

struct route {
	enum http_method method;
	const char *pattern;         /* "/api/jobs/{job_id}": names are fields of `path` */
	const char *name;            /* "jobs_fetch", for ever: clients are generated from it. Before the first '_': its group */
	const char *summary;
	unsigned scope;              /* SCOPE_ */
	const struct schema *path;   /* NULL: no parameters */
	const struct schema *query;  /* NULL: none allowed */
	const struct schema *body;   /* NULL: none */
	size_t body_max;             /* 0: ROUTE_BODY_MAX. A longer one is taken from those only who may use the route, whatever http.max_body_bytes */
	bool bulk;                   /* the body is an array of `body`, which the handler reads away from the loop (bulk.h) */
	bool list_too;               /* a body that is an array of `body` is taken as well, and left to the handler as with `bulk` */
	bool raw;                    /* the body is whatever it is, which the handler reads as it came */
	bool finds_more;             /* `handle` runs on a wrong body too: it looks for what else is wrong, and answers with all of it */
	bool waits;                  /* honours `Prefer: wait=` */
	bool secret;                 /* the answer shows a secret, this once: a replay by its Idempotency-Key does not (409) */
	const char *csv;             /* the file's name: text/csv too, when Accept prefers it, and 406 when it wants neither; NULL: JSON only */
	bool metrics;                /* OpenMetrics, or the older text when Accept prefers it, and 406 when it wants neither */
	bool looks;                  /* shows what is in entries: whoever asks over the Unix socket without a token is written down first (look.h) */
	bool impersonal;             /* no user's things in it: a token for one user may ask without an alp_user_id */
	struct answer answers[ROUTE_ANSWERS_MAX];
	void (*check)(struct http_request *r);  /* NULL: none. Adds errors about fields that do not go together */
	void (*handle)(struct http_request *r); /* runs only without errors, unless it finds more */
};

extern const struct route routes[];
extern const size_t route_count;

/* The route for a path and method (GET for HEAD). NULL: *ret_allowed has the methods that the path knows, 0 if it knows none.
 * ret_params: the text of each {parameter}, in order. */
const struct route *route_find(enum http_method method, struct str path, struct str ret_params[ROUTE_PARAMS_MAX],
    unsigned *ret_allowed);

/* "GET, HEAD, OPTIONS" */
void route_allow_text(unsigned allowed, char *ret_text, size_t size);

#endif
