/* SPDX-License-Identifier: Apache-2.0 */
#include "http/intake.h"

#include <errno.h>
#include <stdio.h>
#include <strings.h>

#include "base/alloc.h"
#include "http/accept.h"
#include "http/auth.h"
#include "http/conn.h"
#include "http/cors.h"
#include "http/server_internal.h"
#include "http/words.h"

#define WAIT_MAX_S 30

/* Sets r->route; which methods the path knows, if it is another one. "*" is the whole server. */
static unsigned
find_route(struct http_request *r, const struct head *head, struct str params[ROUTE_PARAMS_MAX])
{
	unsigned allowed = 0;

	if (str_eq(head->target, STR("*")))
		return ~0u;
	r->route = route_find(r->method, str_of(r->path), params, &allowed);
	return allowed;
}

/* OPTIONS is answered here for every path there is. */
static void
reply_without_route(struct http_request *r, unsigned allowed)
{
	char text[96];

	if (allowed == 0) {
		reply_problem(r, 404, "not_found", "There is nothing at this path.");
		return;
	}
	route_allow_text(allowed, text, sizeof text);
	request_add_header(r, "Allow", "%s", text);
	if (r->method == METHOD_OPTIONS)
		reply_empty(r, 204);
	else
		reply_problem(r, 405, "method_not_allowed", "This path does not know this method; Allow names the ones it knows.");
}

bool
media_is_json(struct str type, bool merge_patch)
{
	struct str media = words_next(&type, ';');

	if (!words_same(media, "application/json") && !(merge_patch && words_same(media, "application/merge-patch+json")))
		return false;
	while (type.len > 0) {
		struct str parameter = words_next(&type, ';');

		if (parameter.len >= 8 && strncasecmp(parameter.p, "charset=", 8) == 0 && !words_same(parameter, "charset=utf-8") &&
		    !words_same(parameter, "charset=\"utf-8\""))
			return false;
	}
	return true;
}

/* However many digits it has, it is a number. */
static int64_t
wait_seconds(struct str number)
{
	int64_t seconds = 0;

	for (size_t i = 0; i < number.len; i++) {
		if (number.p[i] < '0' || number.p[i] > '9')
			return WAIT_NOT_ASKED;
		seconds = MIN_OF(seconds * 10 + (number.p[i] - '0'), WAIT_MAX_S);
	}
	return number.len > 0 ? seconds : WAIT_NOT_ASKED;
}

static int64_t
wait_of(struct str prefer)
{
	while (prefer.len > 0) {
		struct str part = words_next(&prefer, ','), name = words_next(&part, '=');
		int64_t seconds = wait_seconds(words_next(&part, ';'));

		if (words_same(name, "wait") && seconds != WAIT_NOT_ASKED)
			return seconds;
	}
	return WAIT_NOT_ASKED;
}

int64_t
prefer_wait(const struct head *head)
{
	int64_t seconds = WAIT_NOT_ASKED;

	/* Several lines are one list. */
	for (size_t i = 0; i < head->header_count && seconds == WAIT_NOT_ASKED; i++)
		if (words_same(head->headers[i].name, "Prefer"))
			seconds = wait_of(head->headers[i].value);
	return seconds;
}

/* False: answered. */
static bool
check_media(struct http_request *r, const struct head *head)
{
	struct str coding = head_find(head, "Content-Encoding");

	if (media_is_json(head_find(head, "Content-Type"), r->method == METHOD_PATCH) && (coding.len == 0 || words_same(coding, "identity")))
		return true;
	reply_problem(r, 415, "unsupported_media_type", "The body must be application/json in UTF-8, not compressed.");
	return false;
}

static bool
keep_bulk(struct http_request *r, const struct head *head, struct str body)
{
	if (body.len == 0) {
		request_add_error(r, "body", NULL, "missing", "must be an array");
		return true;
	}
	if (!check_media(r, head))
		return false;
	r->bulk = xmemdup(body.p, body.len, 1);
	r->bulk_bytes = body.len;
	return true;
}

static bool
is_array(struct str body)
{
	size_t at = 0;

	while (at < body.len && strchr(" \t\r\n", body.p[at]) != NULL && body.p[at] != '\0')
		at++;
	return at < body.len && body.p[at] == '[';
}

/* False: answered. An empty body is no fields, and needs no Content-Type. */
static bool
read_body(struct http_request *r, const struct head *head, struct str body)
{
	size_t position = 0;
	char detail[96];
	int e;

	if (r->route->raw) {
		r->bulk = xmemdup(body.p, body.len, 1);
		r->bulk_bytes = body.len;
		return true;
	}
	if (r->route->bulk || (r->route->list_too && is_array(body)))
		return keep_bulk(r, head, body);
	schema_begin(r->route->body, &r->body);
	if (body.len > 0 && method_writes(r->method) && r->method != METHOD_DELETE) {
		if (!check_media(r, head))
			return false;
		e = schema_take_json(r->route->body, body, &r->body, &r->errors, &position);
		if (e < 0) {
			snprintf(detail, sizeof detail, "%s; that shows at byte %zu.",
			    e == -ENOTUNIQ ? "A name stands twice in an object" : "The body is not JSON", position);
			reply_problem(r, 400, "malformed_json", e == -EILSEQ ? "The body is not UTF-8." : detail);
			return false;
		}
	}
	schema_end(r->route->body, &r->body, "body", &r->errors);
	return true;
}

/* False: answered. An id that cannot be one is a wrong field; a word that names nothing is a path that is not there. */
static bool
read_params(struct http_request *r, const struct str texts[ROUTE_PARAMS_MAX])
{
	const struct schema *schema = r->route->path;

	schema_begin(schema, &r->params);
	for (size_t i = 0; schema != NULL && i < schema->count; i++) {
		schema_take_text(&schema->fields[i], texts[i], &r->params.v[i], "path", &r->errors);
		if (schema->fields[i].type == FIELD_CHOICE && r->params.v[i].state != VALUE_SET) {
			reply_problem(r, 404, "not_found", "There is nothing at this path.");
			return false;
		}
	}
	return true;
}

/* What a route has besides JSON, or in its place. The first is what we give to who does not say. */
static const struct forms {
	const char *offers[2];
	enum answer_form forms[2];
	const char *refusal;
} tables = {{"application/json", "text/csv"}, {FORM_JSON, FORM_CSV}, "There are application/json and text/csv here, and Accept excludes both."},
  numbers = {{"application/openmetrics-text", "text/plain"}, {FORM_OPENMETRICS, FORM_METRICS},
      "There are application/openmetrics-text and text/plain here, and Accept excludes both."};

/* False: answered. */
static bool
choose_form(struct http_request *r, const struct head *head)
{
	const struct forms *forms = r->route->metrics ? &numbers : &tables;
	int chosen;

	if (r->route->csv == NULL && !r->route->metrics)
		return true;
	request_vary(r, "Accept");
	chosen = accept_choose(head, forms->offers, ELEMENTSOF(forms->offers));
	if (chosen < 0) {
		reply_problem(r, 406, "not_acceptable", forms->refusal);
		return false;
	}
	r->form = forms->forms[chosen];
	return true;
}

/* Who only asks whether we are there is not counted. */
static bool
check_rate(struct http_request *r)
{
	return r->caller.may == 0 || (r->route != NULL && r->route->scope == SCOPE_OPEN) || rate_begin(r);
}

bool
intake(struct http_request *r, const struct head *head)
{
	struct str params[ROUTE_PARAMS_MAX] = {0};
	unsigned allowed = find_route(r, head, params);

	cors_tell(r, head);
	if (!auth_admit(r, head) || !cors_admit(r, head, allowed) || !check_rate(r))
		return false;
	if (r->route == NULL) {
		reply_without_route(r, allowed);
		return false;
	}
	if (!auth_scope(r) || !read_params(r, params) || !choose_form(r, head))
		return false;
	schema_begin(r->route->query, &r->query);
	if (r->query_text != NULL)
		schema_take_query(r->route->query, str_of(r->query_text), &r->query, &r->errors);
	schema_end(r->route->query, &r->query, "query", &r->errors);
	if (!read_body(r, head, conn_body(r->conn)) || !auth_user(r) || !once_begin(r, head, conn_body(r->conn)))
		return false;
	r->wait_s = r->route->waits ? prefer_wait(head) : WAIT_NOT_ASKED;
	return true;
}
