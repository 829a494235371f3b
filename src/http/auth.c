/* SPDX-License-Identifier: Apache-2.0 */
#include "http/auth.h"

#include <stdio.h>
#include <strings.h>

#include "app/token.h"
#include "base/clock.h"
#include "base/log.h"
#include "http/conn.h"
#include "http/server_internal.h"

#define REALM "Bearer realm=\"rtalpd\""

bool
method_writes(enum http_method method)
{
	return method == METHOD_POST || method == METHOD_PUT || method == METHOD_PATCH || method == METHOD_DELETE;
}

/* --- who asks ----------------------------------------------------------------------------------------------------------- */

static struct caller
caller_of(const struct token_holder *holder)
{
	static const unsigned may[] = {[TOKEN_SERVICE] = MAY_ANY_USER, [TOKEN_USER] = MAY_ONE_USER, [TOKEN_OPERATOR] = MAY_OPERATE};

	return (struct caller){
	    .may = may[holder->scope] | (holder->read_only ? 0u : MAY_WRITE),
	    .alp_user_id = holder->alp_user_id,
	    .token_id = holder->token_id,
	};
}

static bool
refuse_without_token(struct http_request *r)
{
	request_add_header(r, "WWW-Authenticate", "%s", REALM);
	reply_problem(r, 401, "unauthorized", "A token is needed: Authorization: Bearer rtalp_...");
	return false;
}

/* One answer for wrong, expired and revoked ones. */
static bool
refuse_token(struct http_request *r)
{
	request_add_header(r, "WWW-Authenticate", "%s, error=\"invalid_token\"", REALM);
	reply_problem(r, 401, "unauthorized", "The token is not valid: it is unknown, has expired or was revoked.");
	return false;
}

struct str
auth_bearer(struct str authorization)
{
	static const struct str scheme = {"Bearer ", 7};
	struct str token;

	if (authorization.len <= scheme.len || strncasecmp(authorization.p, scheme.p, scheme.len) != 0)
		return STR_NONE;
	token = (struct str){authorization.p + scheme.len, authorization.len - scheme.len};
	while (token.len > 0 && token.p[0] == ' ')
		token = (struct str){token.p + 1, token.len - 1};
	return token;
}

static bool
refuse_wrong(struct http_request *r)
{
	const struct peer *peer = &r->conn->peer;
	struct slowdown *slowdown = r->server->slowdown;
	int64_t now_ms = clock_mono_ms(), wait_ms = slowdown_wait_ms(slowdown, &peer->key, now_ms);
	char address[64];

	if (wait_ms > 0) {
		reply_busy(r, 429, "slowed_down", "Too many wrong tokens came from this address.", (int)((wait_ms + 999) / 1000));
		return false;
	}
	if (slowdown_wrong(slowdown, &peer->key, now_ms)) {
		peer_text(peer, address, sizeof address);
		log_event(EV_HTTP_TOKENS_SLOWED, LOG_STR("ADDRESS", address));
	}
	return refuse_token(r);
}

static bool
admit_token(struct http_request *r, struct str authorization)
{
	struct token_holder holder;

	switch (app_token_check(r->app, auth_bearer(authorization), clock_real_ms(), &holder)) {
	case TOKEN_GOOD:
		r->caller = caller_of(&holder);
		return true;
	case TOKEN_WRONG:
		return refuse_wrong(r);
	case TOKEN_DEAD:
	default:
		return refuse_token(r);
	}
}

/* Is being here enough? A row that was ever made, be it dead, says that the answer is no; and through a proxy everybody comes from here. */
static bool
is_tokenless(const struct http_server *s, const struct peer *peer)
{
	return peer->way == PEER_LOOPBACK && !s->listeners.exposed && !s->behind_proxy && !app_has_tokens(s->app);
}

bool
auth_holds(const struct http_server *s, const struct peer *peer, const struct caller *caller, int64_t now_ms)
{
	if (caller->token_id != 0)
		return app_token_alive(s->app, caller->token_id, now_ms);
	return peer->trusted || is_tokenless(s, peer);
}

static bool
check_guard(struct http_request *r, struct str host, struct str origin)
{
	if (!guard_host_allowed(&r->server->guard, host))
		reply_problem(r, 403, "foreign_host", "Without tokens this service answers to loopback names and listed hosts only.");
	else if (method_writes(r->method) && origin.p != NULL && !guard_origin_allowed(&r->server->guard, origin))
		reply_problem(r, 403, "foreign_origin", "Without tokens, pages of other origins may not change anything here.");
	else
		return true;
	return false;
}

/* Everybody may see these, with whatever in Authorization: a preflight has nothing there, a probe should not fail for it. */
static bool
is_open(const struct http_request *r)
{
	return r->method == METHOD_OPTIONS || (r->route != NULL && r->route->scope == SCOPE_OPEN);
}

bool
auth_admit(struct http_request *r, const struct head *head)
{
	struct str host = head->authority.len > 0 ? head->authority : head_find(head, "Host");
	struct str authorization = head_find(head, "Authorization");

	if (host.len == 0) {
		reply_problem(r, 400, "missing_host", "The request has no Host header.");
		return false;
	}
	if (authorization.p != NULL && !is_open(r))
		return admit_token(r, authorization);
	/* The socket's file cannot be reached by a web page, so who asks there is who asks. */
	if (r->conn->peer.trusted) {
		r->caller = CALLER_LOCAL;
		return true;
	}
	if (is_tokenless(r->server, &r->conn->peer)) {
		r->caller = CALLER_LOCAL;
		return check_guard(r, host, head_find(head, "Origin"));
	}
	return is_open(r) || refuse_without_token(r);
}

/* --- what it may -------------------------------------------------------------------------------------------------------- */

static const char *
scope_needed(unsigned scope)
{
	if (scope & MAY_OPERATE)
		return scope & MAY_ONE_USER ? "service, user or operator" : scope & MAY_ANY_USER ? "service or operator" : "operator";
	return scope & MAY_ONE_USER ? "service or user" : "service";
}

bool
auth_scope(struct http_request *r)
{
	char detail[96];

	if (r->route->scope == SCOPE_OPEN)
		return true;
	if ((r->caller.may & r->route->scope) == 0) {
		snprintf(detail, sizeof detail, "This needs a token of scope %s.", scope_needed(r->route->scope));
		reply_problem(r, 403, "forbidden", detail);
		return false;
	}
	if (method_writes(r->method) && !(r->caller.may & MAY_WRITE)) {
		reply_problem(r, 403, "read_only", "This token may only read.");
		return false;
	}
	return true;
}

bool
auth_may_use(const struct http_server *s, const struct peer *peer, const struct head *head, const struct route *route)
{
	struct str authorization = head_find(head, "Authorization");
	struct caller caller = {0};
	struct token_holder holder;

	if (authorization.p == NULL && (peer->trusted || is_tokenless(s, peer)))
		caller = CALLER_LOCAL;
	else if (authorization.p != NULL && app_token_check(s->app, auth_bearer(authorization), clock_real_ms(), &holder) == TOKEN_GOOD)
		caller = caller_of(&holder);
	return (caller.may & route->scope) != 0 && (caller.may & MAY_WRITE) != 0;
}

/* --- whose it is -------------------------------------------------------------------------------------------------------- */

/* *found: there is such a field. False: it names somebody else. */
static bool
settle_user(const struct caller *caller, const struct schema *schema, struct values *values, bool *found)
{
	int i = schema_index(schema, STR("alp_user_id"));
	struct value *v;

	if (i < 0)
		return true;
	*found = true;
	v = &values->v[i];
	if (v->state == VALUE_SET)
		return v->number == caller->alp_user_id;
	v->state = VALUE_SET;
	v->number = caller->alp_user_id;
	return true;
}

bool
auth_user(struct http_request *r)
{
	const struct route *route = r->route;
	bool found = route->scope == SCOPE_OPEN || route->impersonal;
	int i = schema_index(route->query, STR("alp_user_id"));

	if (!(r->caller.may & MAY_ONE_USER))
		return true;
	r->user_filled = i >= 0 && r->query.v[i].state != VALUE_SET;
	if (!settle_user(&r->caller, route->path, &r->params, &found) || !settle_user(&r->caller, route->query, &r->query, &found) ||
	    !settle_user(&r->caller, route->body, &r->body, &found)) {
		reply_problem(r, 404, "not_found", "There is no such thing, or it is not yours.");
		return false;
	}
	/* A row of the table that forgot the field shall not show everybody's things. */
	if (!found)
		reply_problem(r, 403, "forbidden", "This needs a token of scope service.");
	return found;
}
