/* SPDX-License-Identifier: Apache-2.0 */
/* auth.h - from a request to its caller, and from the caller to what the request may touch. The only place that decides either.
 *
 * Before anything of the request is acted on:
 *   auth_admit()  settles r->caller by token, by user id over the Unix socket, or, while no token was ever made, by being on this machine
 *   auth_scope()  the route is for such callers, and a read-only one does not write
 *   auth_user()   of a token for one user: every alp_user_id in path, query and body is that user, or the answer is 404; where it was left
 *                 out it is filled in. So no handler sees another user's number, and none can forget to ask
 *
 * Threads: the loop's.
 */
#ifndef RTALP_HTTP_AUTH_H
#define RTALP_HTTP_AUTH_H

#include <stdbool.h>

#include "http/caller.h"
#include "http/head.h"

struct http_request;
struct http_server;
struct peer;
struct route;

/* Each: true to go on; false: the request was answered. r->route may still be NULL for the first. */
bool auth_admit(struct http_request *r, const struct head *head);
bool auth_scope(struct http_request *r);
bool auth_user(struct http_request *r); /* after the values were taken, before errors in them are told */

/* For an answer without an end: would who was admitted then be admitted now? In real time. */
bool auth_holds(const struct http_server *s, const struct peer *peer, const struct caller *caller, int64_t now_ms);

/* For a body too long to be taken from just anybody, before it is read: would who asks be let in to write there? */
bool auth_may_use(const struct http_server *s, const struct peer *peer, const struct head *head, const struct route *route);

/* The token in an Authorization header; STR_NONE: it is no bearer token at all. */
struct str auth_bearer(struct str authorization);
bool method_writes(enum http_method method);

#endif
