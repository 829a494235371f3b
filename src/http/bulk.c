/* SPDX-License-Identifier: Apache-2.0 */
#include "http/bulk.h"

#include <errno.h>
#include <stdio.h>

#include "http/json_body.h"
#include "http/request.h"

void
bulk_release(struct bulk *b)
{
	field_errors_release(&b->errors);
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Of JSON that was checked: where the string that begins at `at` is over. */
static size_t
skip_string(struct str text, size_t at)
{
	for (at++; text.p[at] != '"'; at++)
		if (text.p[at] == '\\')
			at++;
	return at + 1;
}

/* Where the value that begins at `at` is over: at the comma or bracket behind it. */
static size_t
skip_value(struct str text, size_t at)
{
	size_t depth = 0;

	while (at < text.len) {
		char c = text.p[at];

		if (depth == 0 && (c == ',' || c == ']'))
			break;
		if (c == '[' || c == '{')
			depth++;
		else if (c == ']' || c == '}')
			depth--;
		at = c == '"' ? skip_string(text, at) : at + 1;
	}
	return at;
}

/* Errors that are added next are of that item. */
static void
begin_item(struct bulk *b, size_t index)
{
	char *label = b->labels[b->errors.count];

	snprintf(label, sizeof b->labels[0], "%zu", index);
	b->errors.within = label;
}

void
bulk_add_error(struct bulk *b, size_t index, const char *field, const char *type, const char *message)
{
	begin_item(b, index);
	field_error_add(&b->errors, "body", field, type, "%s", message);
	b->errors.within = NULL;
}

static int
read_item(struct bulk *b, const struct schema *item, struct str text, size_t index,
    int (*take)(struct values *values, size_t index, void *arg), void *arg)
{
	size_t before = b->errors.count, position;
	struct values values = {0};
	int r;

	begin_item(b, index);
	schema_begin(item, &values);
	r = schema_take_json(item, text, &values, &b->errors, &position);
	if (r == 0)
		schema_end(item, &values, "body", &b->errors);
	b->errors.within = NULL;
	if (r == 0 && (b->wrong_too || b->errors.count == before))
		r = take(&values, index, arg);
	values_release(&values);
	return r;
}

static bool
check_text(struct bulk *b, struct str text, size_t *ret_start)
{
	int r = json_body_check(text, &b->position);
	size_t at = 0;

	if (r < 0) {
		b->fault = r == -EILSEQ ? "The body is not UTF-8" : r == -ENOTUNIQ ? "A name stands twice in an object" : "The body is not JSON";
		b->position = r == -EILSEQ ? 0 : b->position;
		return false;
	}
	while (at < text.len && is_space(text.p[at]))
		at++;
	if (text.p[at] != '[')
		field_error_add(&b->errors, "body", NULL, "wrong_type", "must be an array");
	*ret_start = at + 1;
	return b->errors.count == 0;
}

int
bulk_read(struct bulk *b, const struct schema *item, struct str text, int (*take)(struct values *values, size_t index, void *arg), void *arg)
{
	size_t at, index = 0;

	if (!check_text(b, text, &at))
		return -EINVAL;
	while (b->errors.count < FIELD_ERRORS_MAX) {
		size_t end;
		int r;

		while (is_space(text.p[at]))
			at++;
		if (text.p[at] == ']')
			break;
		end = skip_value(text, at);
		r = read_item(b, item, (struct str){text.p + at, end - at}, index++, take, arg);
		if (r < 0)
			return r;
		at = end + (text.p[end] == ',');
	}
	return b->errors.count > 0 ? -EINVAL : 0;
}

void
bulk_reply(struct bulk *b, struct http_request *r)
{
	char detail[96];

	if (b->fault == NULL) {
		/* They go with the request; what they name stays with it, too. */
		field_errors_release(&r->errors);
		r->errors = b->errors;
		b->errors = (struct field_errors){0};
		reply_invalid(r);
		return;
	}
	if (b->position > 0)
		snprintf(detail, sizeof detail, "%s; that shows at byte %zu.", b->fault, b->position);
	else
		snprintf(detail, sizeof detail, "%s.", b->fault);
	reply_problem(r, 400, "malformed_json", detail);
}
