/* SPDX-License-Identifier: Apache-2.0 */
/* The body of every route that takes one, imports of many items among them: the first byte chooses the route, the rest is what is sent. It is told what
 * is wrong with it, or each value is within its bounds; whether that came of one object, or of an array of it, read by pieces. */
#include <stdlib.h>
#include <string.h>

#include "base/macro.h"
#include "base/utf8.h"
#include "http/bulk.h"
#include "http/router.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
hold(bool true_of_it)
{
	if (!true_of_it)
		abort();
}

static void
check_text(const struct field *f, const char *text)
{
	struct str s = str_of(text);

	hold(utf8_valid(s));
	if (f->max > 0)
		hold(utf8_length(s) <= (size_t)f->max);
}

static bool
is_number(const struct field *f)
{
	return f->type == FIELD_INTEGER || f->type == FIELD_TENTHS;
}

static void
check_values(const struct schema *schema, const struct values *values) /* NOLINT(misc-no-recursion): as deep as the tables */
{
	for (size_t i = 0; i < schema->count; i++) {
		const struct field *f = &schema->fields[i];
		const struct value *v = &values->v[i];

		if (v->state == VALUE_NULL)
			hold(f->nullable);
		if (v->state != VALUE_SET)
			continue;
		if (is_number(f))
			hold(v->number >= f->min && v->number <= f->max);
		if (f->type == FIELD_TEXT)
			check_text(f, v->text);
		hold(v->text_count <= f->items_max && v->number_count <= f->items_max);
		for (size_t k = 0; k < v->text_count; k++)
			check_text(f, v->texts[k]);
		for (size_t k = 0; k < v->number_count; k++)
			hold(v->numbers[k] >= f->min && v->numbers[k] <= f->max);
		if (f->type == FIELD_OBJECT && v->members != NULL)
			check_values(f->of, v->members);
	}
}

static void
try_one(const struct route *route, struct str text)
{
	struct field_errors errors = {0};
	struct values v;
	size_t position = 0;

	schema_begin(route->body, &v);
	if (schema_take_json(route->body, text, &v, &errors, &position) == 0) {
		schema_end(route->body, &v, "body", &errors);
		check_values(route->body, &v);
	} else {
		hold(position <= text.len);
	}
	hold(errors.count <= FIELD_ERRORS_MAX);
	values_release(&v);
	field_errors_release(&errors);
}

struct taken {
	const struct schema *schema;
	size_t next, stop_at;
};

static int
take(struct values *values, size_t index, void *arg)
{
	struct taken *t = arg;

	hold(index >= t->next);
	t->next = index + 1;
	check_values(t->schema, values);
	return index >= t->stop_at ? -1 : 0;
}

static void
try_many(const struct route *route, struct str text, size_t stop_at)
{
	struct taken t = {.schema = route->body, .stop_at = stop_at};
	struct bulk b = {0};

	(void)bulk_read(&b, route->body, text, take, &t);
	hold(b.errors.count <= FIELD_ERRORS_MAX && (b.fault == NULL || b.position <= text.len));
	bulk_release(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct route *chosen = NULL;
	size_t skip;

	if (size < 1 || secret_setup() < 0)
		return 0;
	skip = data[0];
	for (size_t turn = 0; chosen == NULL; turn++) {
		const struct route *r = &routes[turn % route_count];

		if (r->body != NULL && skip-- == 0)
			chosen = r;
	}
	try_one(chosen, (struct str){(const char *)data + 1, size - 1});
	if (chosen->bulk || chosen->list_too) {
		try_many(chosen, (struct str){(const char *)data + 1, size - 1}, SIZE_MAX);
		try_many(chosen, (struct str){(const char *)data + 1, size - 1}, 1);
	}
	return 0;
}
