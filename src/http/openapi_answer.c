/* SPDX-License-Identifier: Apache-2.0 */
/* What comes back from a route: the row's own answers and the common problems, by status. A status that has nothing but common problems is
 * a component, so that it stands in the document once. */
#include <stdio.h>

#include "http/openapi.h"

/* Every status there is; 405 and OPTIONS' 204 belong to no operation. */
static const int statuses[] = {200, 201, 202, 204, 206, 207, 302, 303, 304, 307, 308, 400, 401, 402, 403, 404, 406, 408, 409, 410, 411, 412, 413,
    414, 415, 416, 417, 421, 422, 423, 424, 425, 426, 428, 429, 431, 500, 501, 502, 503, 504, 505};

#define VARIANTS_MAX 64

/* The sets of common problems that stand alone under some status, in the order of the routes. */
struct variants {
	struct {
		int status;
		uint64_t bits;
		int number; /* among those of that status */
	} rows[VARIANTS_MAX];
	size_t count;
};

static bool
row_answers_by(const struct answer *a, int status, bool problem)
{
	return a->status == status && (a->code != NULL) == problem;
}

static bool
has_own(const struct route *route, int status)
{
	return route_answers(route, status);
}

static void
collect(struct variants *v)
{
	*v = (struct variants){0};
	for (size_t i = 0; i < route_count; i++) {
		for (size_t k = 0; k < ELEMENTSOF(statuses); k++) {
			uint64_t bits = common_problems_of(&routes[i], statuses[k]);
			int number = 1;
			size_t n = 0;

			if (bits == 0 || has_own(&routes[i], statuses[k]))
				continue;
			for (; n < v->count && v->rows[n].bits != bits; n++)
				number += v->rows[n].status == statuses[k];
			if (n == v->count && n < VARIANTS_MAX) {
				v->rows[n].status = statuses[k];
				v->rows[n].bits = bits;
				v->rows[n].number = number;
				v->count++;
			}
		}
	}
}

/* "BadRequest", "BadRequest2" */
static void
component_name(struct buf *b, int status, int number)
{
	for (const char *p = status_phrase(status); *p != '\0'; p++)
		if (*p != ' ')
			buf_addc(b, *p);
	if (number > 1)
		buf_addf(b, "%d", number);
}

/* --- problems ----------------------------------------------------------------------------------------------------------- */

typedef void (*each_fn)(void *arg, const char *code, const char *summary);

static void
each_problem(const struct route *route, int status, uint64_t bits, each_fn each, void *arg)
{
	for (size_t i = 0; route != NULL && i < ROUTE_ANSWERS_MAX; i++)
		if (row_answers_by(&route->answers[i], status, true))
			each(arg, route->answers[i].code, route->answers[i].summary);
	for (size_t i = 0; i < common_problem_count; i++)
		if (bits & (uint64_t)1 << i)
			each(arg, common_problems[i].code, common_problems[i].summary);
}

static void
add_description(void *arg, const char *code, const char *summary)
{
	buf_addf(arg, "%s- `%s`: %s", ((struct buf *)arg)->len > 0 ? "\n" : "", code, summary);
}

/* A code may stand there twice: by rule, and with what it means for this route. */
static void
add_code(void *arg, const char *code, const char *summary)
{
	struct buf *codes = arg, quoted = BUF_INIT(128);

	(void)summary;
	buf_addf(&quoted, "\"%s\"", code);
	if (codes->p == NULL || strstr(codes->p, quoted.p) == NULL)
		buf_addf(codes, "%s%s", codes->len > 0 ? "," : "", quoted.p);
	buf_release(&quoted);
}

struct first {
	const char *code, *summary;
};

static void
keep_first(void *arg, const char *code, const char *summary)
{
	struct first *first = arg;

	if (first->code == NULL)
		*first = (struct first){code, summary};
}

static void
problem_schema(struct json *j, int status, const char *codes)
{
	json_open(j, "schema", '{');
	json_open(j, "allOf", '[');
	json_open(j, NULL, '{');
	json_text(j, "$ref", "#/components/schemas/Problem");
	json_close(j, '}');
	json_open(j, NULL, '{');
	json_open(j, "properties", '{');
	json_open(j, "status", '{');
	json_int(j, "const", status);
	json_close(j, '}');
	json_open(j, "code", '{');
	json_open(j, "enum", '[');
	json_raw(j, NULL, codes);
	json_close(j, ']');
	json_close(j, '}');
	json_close(j, '}');
	json_close(j, '}');
	json_close(j, ']');
	json_close(j, '}');
}

static void
problem_example(struct json *j, int status, const struct first *first)
{
	json_open(j, "example", '{');
	json_text(j, "type", "about:blank");
	json_text(j, "title", status_phrase(status));
	json_int(j, "status", status);
	json_text(j, "detail", first->summary);
	json_text(j, "instance", NULL);
	json_text(j, "code", first->code);
	json_text(j, "request_id", "5f0c3f8a1b2c3d4e5f607182");
	json_close(j, '}');
}

static void
problem_content(struct json *j, const struct route *route, int status, uint64_t bits)
{
	struct buf codes = BUF_INIT(4096);
	struct first first = {0};

	each_problem(route, status, bits, add_code, &codes);
	each_problem(route, status, bits, keep_first, &first);
	json_open(j, "content", '{');
	json_open(j, "application/problem+json", '{');
	problem_schema(j, status, codes.p);
	problem_example(j, status, &first);
	json_close(j, '}');
	json_close(j, '}');
	buf_release(&codes);
}

/* Some problem of that status says where to look further. route NULL: a common one. */
static bool
problem_is_elsewhere(const struct route *route, int status)
{
	for (size_t i = 0; route != NULL && i < ROUTE_ANSWERS_MAX; i++)
		if (route->answers[i].status == status && route->answers[i].code != NULL && route->answers[i].location)
			return true;
	return false;
}

static void
problem_answer(struct json *j, const char *name, const struct route *route, int status, uint64_t bits)
{
	struct buf text = BUF_INIT(16384);

	each_problem(route, status, bits, add_description, &text);
	json_open(j, name, '{');
	json_str(j, "description", buf_str(&text));
	openapi_answer_headers(j, route, status, problem_is_elsewhere(route, status));
	problem_content(j, route, status, bits);
	json_close(j, '}');
	buf_release(&text);
}

static void
common_answer(struct json *j, const struct variants *v, const char *key, uint64_t bits)
{
	struct buf name = BUF_INIT(128);

	buf_addz(&name, "#/components/responses/");
	for (size_t i = 0; i < v->count; i++)
		if (v->rows[i].bits == bits)
			component_name(&name, v->rows[i].status, v->rows[i].number);
	json_open(j, key, '{');
	json_str(j, "$ref", buf_str(&name));
	json_close(j, '}');
	buf_release(&name);
}

void
openapi_common_answers(struct json *j)
{
	struct variants v;

	collect(&v);
	json_open(j, "responses", '{');
	for (size_t i = 0; i < v.count; i++) {
		struct buf name = BUF_INIT(128);

		component_name(&name, v.rows[i].status, v.rows[i].number);
		problem_answer(j, name.p, NULL, v.rows[i].status, v.rows[i].bits);
		buf_release(&name);
	}
	json_close(j, '}');
}

/* --- what was asked for ------------------------------------------------------------------------------------------------- */

static void
shape_schema(struct json *j, const struct answer *a)
{
	char text[96];

	snprintf(text, sizeof text, "#/components/schemas/%s", a->shape->name);
	json_open(j, "schema", '{');
	if (a->list) {
		json_text(j, "type", "array");
		json_open(j, "items", '{');
	}
	json_text(j, "$ref", text);
	if (a->list)
		json_close(j, '}');
	json_close(j, '}');
}

static void
event(struct json *j, const struct event_shape *e)
{
	char text[96];

	snprintf(text, sizeof text, "#/components/schemas/%s", e->shape->name);
	json_open(j, NULL, '{');
	json_open(j, "properties", '{');
	json_open(j, "event", '{');
	json_text(j, "const", e->event);
	json_close(j, '}');
	json_open(j, "data", '{');
	json_text(j, "$ref", text);
	json_close(j, '}');
	json_close(j, '}');
	json_close(j, '}');
}

/* The text, taken apart, is a list of events: OpenAPI 3.1 has no better word for what a stream is made of. */
static void
stream_schema(struct json *j)
{
	json_text(j, "contentMediaType", "text/event-stream");
	json_open(j, "contentSchema", '{');
	json_text(j, "type", "array");
	json_open(j, "items", '{');
	json_open(j, "oneOf", '[');
	for (const struct event_shape *e = event_shapes; e->event != NULL; e++)
		event(j, e);
	json_close(j, ']');
	json_close(j, '}');
	json_close(j, '}');
}

static void
media(struct json *j, const struct answer *a)
{
	json_open(j, a->media != NULL ? a->media : "application/json", '{');
	if (a->shape != NULL) {
		shape_schema(j, a);
	} else {
		json_open(j, "schema", '{');
		json_text(j, "type", "string");
		if (a->events)
			stream_schema(j);
		json_close(j, '}');
	}
	json_close(j, '}');
}

/* Rows of one status differ in their media types. */
static void
good_answer(struct json *j, const char *key, const struct route *route, int status)
{
	const struct answer *first = NULL;
	bool location = false, content = false;

	for (size_t i = 0; i < ROUTE_ANSWERS_MAX; i++) {
		const struct answer *a = &route->answers[i];

		if (!row_answers_by(a, status, false))
			continue;
		first = first != NULL ? first : a;
		location |= a->location;
		content |= a->shape != NULL || a->media != NULL;
	}
	if (first == NULL)
		return;
	json_open(j, key, '{');
	json_text(j, "description", first->summary);
	openapi_answer_headers(j, route, status, location);
	if (content) {
		json_open(j, "content", '{');
		for (size_t i = 0; i < ROUTE_ANSWERS_MAX; i++)
			if (row_answers_by(&route->answers[i], status, false))
				media(j, &route->answers[i]);
		json_close(j, '}');
	}
	json_close(j, '}');
}

void
openapi_answers(struct json *j, const struct route *route)
{
	struct variants v;

	collect(&v);
	json_open(j, "responses", '{');
	for (size_t i = 0; i < ELEMENTSOF(statuses); i++) {
		uint64_t bits = common_problems_of(route, statuses[i]);
		char key[16];

		snprintf(key, sizeof key, "%d", statuses[i]);
		if (!has_own(route, statuses[i])) {
			if (bits != 0)
				common_answer(j, &v, key, bits);
		} else if (statuses[i] >= 400) {
			problem_answer(j, key, route, statuses[i], bits);
		} else {
			good_answer(j, key, route, statuses[i]);
		}
	}
	json_close(j, '}');
}
