/* SPDX-License-Identifier: Apache-2.0 */
#include "http/cors.h"

#include "http/server_internal.h"

#define MAX_AGE_S 600 /* what was removed from the list may be asked for so much longer; it is still refused */

static const char *const asked_headers = "Authorization, Content-Type, Accept, If-Match, If-None-Match, Idempotency-Key, Prefer, "
                                         "X-Request-Id, Last-Event-ID";
static const char *const told_headers = "ETag, Link, Location, Retry-After, X-Request-Id, X-Total-Count, RateLimit, RateLimit-Policy, "
                                        "Preference-Applied, Idempotent-Replay, Content-Disposition";

static bool
is_listed(const struct http_request *r, const struct head *head)
{
	struct str origin = head_find(head, "Origin");

	return origin.p != NULL && guard_origin_listed(&r->server->guard, origin);
}

static bool
is_preflight(const struct http_request *r, const struct head *head)
{
	return r->method == METHOD_OPTIONS && head_find(head, "Access-Control-Request-Method").p != NULL;
}

void
cors_tell(struct http_request *r, const struct head *head)
{
	if (!guard_lists_origins(&r->server->guard))
		return;
	request_vary(r, "Origin");
	if (!is_listed(r, head))
		return;
	request_add_header(r, "Access-Control-Allow-Origin", "%.*s", STR_ARG(head_find(head, "Origin")));
	if (!is_preflight(r, head))
		request_add_header(r, "Access-Control-Expose-Headers", "%s", told_headers);
}

bool
cors_admit(struct http_request *r, const struct head *head, unsigned allowed)
{
	char methods[96];

	/* A path that is not there is told as for everybody. */
	if (!is_preflight(r, head) || !is_listed(r, head) || allowed == 0)
		return true;
	route_allow_text(allowed, methods, sizeof methods);
	request_add_header(r, "Allow", "%s", methods);
	request_add_header(r, "Access-Control-Allow-Methods", "%s", methods);
	request_add_header(r, "Access-Control-Allow-Headers", "%s", asked_headers);
	request_add_header(r, "Access-Control-Max-Age", "%d", MAX_AGE_S);
	reply_empty(r, 204);
	return false;
}
