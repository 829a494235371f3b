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

struct http_request;

/* Which callers a route serves, as enum caller_may bits; a method that changes something asks for MAY_WRITE besides. */
#define SCOPE_OPEN     0u                                         /* everybody, without a token too */
#define SCOPE_USER     (MAY_ANY_USER | MAY_ONE_USER)              /* a user's own things: entries, reports */
#define SCOPE_JOBS     (MAY_ANY_USER | MAY_ONE_USER | MAY_OPERATE) /* jobs, events, settings: no entry contents in them */
#define SCOPE_OPERATOR MAY_OPERATE

/* What a client may get, for the documentation. Errors that every route may give are not listed. */
struct answer {
	int status;
	const char *shape; /* the schema's name in the document; NULL: no body */
	const char *summary;
};
#define ROUTE_ANSWERS_MAX 6
#define ROUTE_PARAMS_MAX  2
#define ROUTE_BODY_MAX    ((size_t)64 * 1024)

struct route {
	enum http_method method;
	const char *pattern;         /* "/api/jobs/{job_id}": names are fields of `path` */
	const char *summary;
	unsigned scope;              /* SCOPE_ */
	const struct schema *path;   /* NULL: no parameters */
	const struct schema *query;  /* NULL: none allowed */
	const struct schema *body;   /* NULL: none */
	size_t body_max;             /* 0: ROUTE_BODY_MAX */
	bool waits;                  /* honours `Prefer: wait=` */
	struct answer answers[ROUTE_ANSWERS_MAX];
	void (*check)(struct http_request *r);  /* NULL: none. Adds errors about fields that do not go together */
	void (*handle)(struct http_request *r); /* runs only without errors */
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
