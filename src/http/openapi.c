/* SPDX-License-Identifier: Apache-2.0 */
#include "http/openapi.h"

#include <ctype.h>
#include <stdio.h>

#include "base/macro.h"

#define SEEN_MAX 128

static const char description[] =
    "Draft time entries from what RescueTime recorded, for review and billing.\n"
    "\n"
    "**Bodies** are JSON in UTF-8, going in and coming out; unknown fields are refused. Lists are plain arrays: whole without `limit`, in pages "
    "with it, the next page in `Link`. Work days are `YYYY-MM-DD` in the user's zone, instants RFC 3339 in UTC. `time_units` are six-minute "
    "units with one decimal.\n"
    "\n"
    "**Errors** are `application/problem+json` (RFC 9457) with a stable `code` and the `request_id` under which the log has them; a 422 names "
    "every wrong field at once. What is not yours does not exist: 404, never 403.\n"
    "\n"
    "**Methods.** `HEAD` is answered wherever `GET` is, without the body. `OPTIONS` answers 204 with `Allow` on every path; a method that "
    "`Allow` does not name gets 405 (`method_not_allowed`), one that nobody here knows 501 (`unknown_method`), a path that nothing stands "
    "at 404 (`not_found`).\n"
    "\n"
    "**Trying again.** 429 and 503 say when in `Retry-After`. A request that changes something is answered after it is on the disk.";

/* The groups of operations; a route belongs to the one that its name begins with. */
static const struct {
	const char *name, *summary;
} tags[] = {
    {"jobs", "Fetching recorded days, and running the rules over them."},
    {"events", "What happens, as it happens (server-sent events)."},
    {"entries", "Draft time entries, and their review."},
    {"confirmed", "Entries that a person confirmed."},
    {"postings", "What is to be in ALP, and what is known of whether it is."},
    {"reports", "Where every second is."},
    {"users", "Fee earners and their time zones."},
    {"matters", "The firm's matters: what may be billed to."},
    {"import", "Moving in from the prototype."},
    {"alp", "What ALP has, proxied."},
    {"rules", "Trying rules before they are in force."},
    {"audit", "Who did what."},
    {"settings", "How the service is set up."},
    {"queue", "Kinds of jobs, for operators."},
    {"tokens", "Who may call, for operators."},
    {"webhooks", "Who is told of what happens, and every message to them."},
    {"store", "The database itself: whether it is in order."},
    {"backups", "Copies of it."},
    {"posting", "Whether anything is posted at all since a restore."},
    {"keys", "The keeper's keys, for operators."},
    {"health", "For load balancers and monitoring."},
    {"contract", "This document."},
    {"docs", "This document as a page."},
};

static const char *
tag_of(const struct route *route)
{
	for (size_t i = 0; i < ELEMENTSOF(tags); i++) {
		size_t len = strlen(tags[i].name);

		if (strncmp(route->name, tags[i].name, len) == 0 && route->name[len] == '_')
			return tags[i].name;
	}
	return NULL;
}

/* --- one operation ------------------------------------------------------------------------------------------------------ */

static void
parameter(struct json *j, const struct field *f, const char *where)
{
	bool in_path = strcmp(where, "path") == 0;

	json_open(j, NULL, '{');
	json_text(j, "name", f->name);
	json_text(j, "in", where);
	json_text(j, "description", f->summary);
	if (f->required || in_path)
		json_boolean(j, "required", true);
	if (f->type == FIELD_CHOICES) {
		json_text(j, "style", "form");
		json_boolean(j, "explode", false);
	}
	openapi_field(j, "schema", f);
	if (f->example != NULL)
		json_raw(j, "example", f->example);
	json_close(j, '}');
}

static void
parameters(struct json *j, const struct route *route)
{
	json_open(j, "parameters", '[');
	for (size_t i = 0; route->path != NULL && i < route->path->count; i++)
		parameter(j, &route->path->fields[i], "path");
	for (size_t i = 0; route->query != NULL && i < route->query->count; i++)
		parameter(j, &route->query->fields[i], "query");
	openapi_header_parameters(j, route);
	json_close(j, ']');
}

static void
body_schema(struct json *j, const char *name, const struct schema *schema, bool list)
{
	char text[96];

	snprintf(text, sizeof text, "#/components/schemas/%s", schema->name);
	json_open(j, name, '{');
	if (list) {
		json_text(j, "type", "array");
		json_open(j, "items", '{');
	}
	json_text(j, "$ref", text);
	if (list)
		json_close(j, '}');
	json_close(j, '}');
}

static void
body_media(struct json *j, const char *media, const struct route *route)
{
	json_open(j, media, '{');
	if (route->list_too) {
		json_open(j, "schema", '{');
		json_open(j, "anyOf", '[');
		body_schema(j, NULL, route->body, false);
		body_schema(j, NULL, route->body, true);
		json_close(j, ']');
		json_close(j, '}');
	} else {
		body_schema(j, "schema", route->body, route->bulk);
	}
	openapi_body_example(j, route->body, route->bulk);
	json_close(j, '}');
}

static void
body(struct json *j, const struct route *route)
{
	bool required = false;
	char text[96];

	if (route->body == NULL)
		return;
	for (size_t i = 0; i < route->body->count; i++)
		required |= route->body->fields[i].required;
	json_open(j, "requestBody", '{');
	snprintf(text, sizeof text, "At most %zu bytes.%s", route->body_max > 0 ? route->body_max : ROUTE_BODY_MAX,
	    required ? "" : " None at all is no fields.");
	json_text(j, "description", text);
	json_boolean(j, "required", required);
	json_open(j, "content", '{');
	body_media(j, "application/json", route);
	if (route->method == METHOD_PATCH)
		body_media(j, "application/merge-patch+json", route);
	json_close(j, '}');
	json_close(j, '}');
}

static void
security(struct json *j, unsigned scope)
{
	json_open(j, "security", '[');
	if (scope != SCOPE_OPEN) {
		json_open(j, NULL, '{');
		json_open(j, "bearer", '[');
		if (scope & MAY_ANY_USER)
			json_text(j, NULL, "service");
		if (scope & MAY_ONE_USER)
			json_text(j, NULL, "user");
		if (scope & MAY_OPERATE)
			json_text(j, NULL, "operator");
		json_close(j, ']');
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void
operation(struct json *j, const struct route *route)
{
	char method[16];
	size_t n = 0;

	for (const char *p = http_method_name(route->method); *p != '\0' && n + 1 < sizeof method; p++)
		method[n++] = (char)tolower((unsigned char)*p);
	method[n] = '\0';
	json_open(j, method, '{');
	json_text(j, "operationId", route->name);
	json_text(j, "summary", route->summary);
	json_open(j, "tags", '[');
	json_text(j, NULL, tag_of(route));
	json_close(j, ']');
	security(j, route->scope);
	parameters(j, route);
	body(j, route);
	openapi_answers(j, route);
	json_close(j, '}');
}

/* --- the document ------------------------------------------------------------------------------------------------------- */

static void
info(struct json *j, const char *version)
{
	json_text(j, "openapi", "3.1.0");
	json_open(j, "info", '{');
	json_text(j, "title", "rescuetime-alp");
	json_text(j, "version", version != NULL ? version : "0");
	json_text(j, "summary", "Time entries from recorded activity");
	json_text(j, "description", description);
	json_open(j, "license", '{');
	json_text(j, "name", "Apache-2.0");
	json_text(j, "identifier", "Apache-2.0");
	json_close(j, '}');
	json_close(j, '}');
	json_open(j, "servers", '[');
	json_open(j, NULL, '{');
	json_text(j, "url", "/");
	json_text(j, "description", "the service that told this document");
	json_close(j, '}');
	json_close(j, ']');
	json_open(j, "tags", '[');
	for (size_t i = 0; i < ELEMENTSOF(tags); i++) {
		json_open(j, NULL, '{');
		json_text(j, "name", tags[i].name);
		json_text(j, "description", tags[i].summary);
		json_close(j, '}');
	}
	json_close(j, ']');
}

static bool
stood_before(size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (strcmp(routes[k].pattern, routes[i].pattern) == 0)
			return true;
	return false;
}

static void
paths(struct json *j)
{
	json_open(j, "paths", '{');
	for (size_t i = 0; i < route_count; i++) {
		if (stood_before(i))
			continue;
		json_open(j, routes[i].pattern, '{');
		for (size_t k = i; k < route_count; k++)
			if (strcmp(routes[k].pattern, routes[i].pattern) == 0)
				operation(j, &routes[k]);
		json_close(j, '}');
	}
	json_close(j, '}');
}

struct seen {
	const void *things[SEEN_MAX];
	size_t count;
};

static bool
is_new(struct seen *seen, const void *thing)
{
	for (size_t i = 0; i < seen->count; i++)
		if (seen->things[i] == thing)
			return false;
	if (seen->count < SEEN_MAX)
		seen->things[seen->count++] = thing;
	return true;
}

/* A base is no thing of its own, but what its members refer to is. */
static void
add_parts(struct json *j, const struct shape *shape, struct seen *seen)
{
	if (shape->base != NULL)
		add_parts(j, shape->base, seen);
	for (size_t i = 0; i < shape->count; i++) {
		const struct shape *part = shape->members[i].of;

		if (part == NULL || !is_new(seen, part))
			continue;
		openapi_shape(j, part);
		add_parts(j, part, seen);
	}
}

static void
add_shape(struct json *j, const struct shape *shape, struct seen *seen)
{
	if (shape == NULL || !is_new(seen, shape))
		return;
	openapi_shape(j, shape);
	add_parts(j, shape, seen);
}

static void
schemas(struct json *j)
{
	struct seen seen = {0};

	json_open(j, "schemas", '{');
	for (size_t i = 0; i < route_count; i++) {
		if (routes[i].body != NULL && is_new(&seen, routes[i].body))
			openapi_body(j, routes[i].body);
		for (size_t k = 0; k < ROUTE_ANSWERS_MAX; k++)
			add_shape(j, routes[i].answers[k].shape, &seen);
	}
	for (const struct event_shape *e = event_shapes; e->event != NULL; e++)
		add_shape(j, e->shape, &seen);
	add_shape(j, &shape_problem, &seen);
	json_close(j, '}');
}

static void
security_schemes(struct json *j)
{
	json_open(j, "securitySchemes", '{');
	json_open(j, "bearer", '{');
	json_text(j, "type", "http");
	json_text(j, "scheme", "bearer");
	json_text(j, "description", "A token. Scopes: `service` (any user), `user` (that user's own things), `operator` (no entry contents). "
	    "While no token was ever made, none is asked for, and only loopback is served.");
	json_close(j, '}');
	json_close(j, '}');
}

void
openapi_render(struct json *j, const char *version)
{
	json_open(j, NULL, '{');
	info(j, version);
	paths(j);
	json_open(j, "components", '{');
	security_schemes(j);
	schemas(j);
	openapi_common_parameters(j);
	openapi_common_headers(j);
	openapi_common_answers(j);
	json_close(j, '}');
	json_close(j, '}');
}
