/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>

#include "http/openapi.h"

#define DAY_EXAMPLE     "\"2026-01-05\""
#define INSTANT_EXAMPLE "\"2026-01-05T23:14:05.250Z\""

static void
type_of(struct json *j, const char *type, bool nullable)
{
	if (!nullable) {
		json_text(j, "type", type);
		return;
	}
	json_open(j, "type", '[');
	json_text(j, NULL, type);
	json_text(j, NULL, "null");
	json_close(j, ']');
}

static void
words(struct json *j, const char *const *choices, bool nullable)
{
	json_open(j, "enum", '[');
	for (size_t i = 0; choices[i] != NULL; i++)
		if (choices[i][0] != '\0')
			json_text(j, NULL, choices[i]);
	if (nullable)
		json_null(j, NULL);
	json_close(j, ']');
}

static const char *
first_word(const char *const *choices)
{
	while (choices[0][0] == '\0')
		choices++;
	return choices[0];
}

static void
one_example(struct json *j, const char *value)
{
	json_open(j, "examples", '[');
	json_raw(j, NULL, value);
	json_close(j, ']');
}

/* --- what comes in ------------------------------------------------------------------------------------------------------ */

static void
text_or_number(struct json *j)
{
	json_open(j, "type", '[');
	json_text(j, NULL, "string");
	json_text(j, NULL, "integer");
	json_close(j, ']');
	json_int(j, "minimum", 0);
	json_int(j, "maximum", INT64_C(9007199254740991));
}

static void
bounds(struct json *j, const char *min, const char *max, const struct field *f)
{
	json_int(j, min, f->min);
	json_int(j, max, f->max);
}

static void
decimal_bounds(struct json *j, const struct field *f)
{
	json_tenths(j, "minimum", f->min);
	json_tenths(j, "maximum", f->max);
	json_raw(j, "multipleOf", "0.1");
}

/* Line breaks and tabs, but no other control characters. */
#define TEXT_PATTERN "^[^\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f]*$"

#define LINE_PATTERN "^[^\\u0000-\\u001f\\u007f]*$"
#define DAY_PATTERN  "(mon|tue|wed|thu|fri|sat|sun)"
#define DAYS_PATTERN DAY_PATTERN "(-" DAY_PATTERN ")?"
#define TIME_PATTERN "([01][0-9]|2[0-4]):[0-5][0-9]"
#define HOURS_PATTERN "^" DAYS_PATTERN "(," DAYS_PATTERN ")* " TIME_PATTERN "-" TIME_PATTERN "$"

static void
texts_type(struct json *j, const struct field *f)
{
	type_of(j, "array", f->nullable);
	json_int(j, "maxItems", (int64_t)f->items_max);
	json_open(j, "items", '{');
	json_text(j, "type", "string");
	bounds(j, "minLength", "maxLength", f);
	json_text(j, "pattern", LINE_PATTERN);
	json_close(j, '}');
}

static void
integers_type(struct json *j, const struct field *f)
{
	type_of(j, "array", f->nullable);
	json_int(j, "minItems", 1);
	json_int(j, "maxItems", (int64_t)f->items_max);
	json_boolean(j, "uniqueItems", true);
	json_open(j, "items", '{');
	json_text(j, "type", "integer");
	bounds(j, "minimum", "maximum", f);
	json_close(j, '}');
}

static void field_described(struct json *j, const struct field *f);

static void
object_members(struct json *j, const struct schema *schema)
{
	json_open(j, "properties", '{');
	for (size_t i = 0; i < schema->count; i++)
		field_described(j, &schema->fields[i]);
	json_close(j, '}');
	json_boolean(j, "additionalProperties", false);
}

/* The keywords of the field's type. */
static void
field_type(struct json *j, const struct field *f)
{
	switch (f->type) {
	case FIELD_INTEGER:
		type_of(j, "integer", f->nullable);
		bounds(j, "minimum", "maximum", f);
		break;
	case FIELD_BOOLEAN:
		type_of(j, "boolean", f->nullable);
		break;
	case FIELD_TENTHS:
		type_of(j, "number", f->nullable);
		decimal_bounds(j, f);
		break;
	case FIELD_DAY:
		type_of(j, "string", f->nullable);
		json_text(j, "format", "date");
		break;
	case FIELD_INSTANT:
		type_of(j, "string", f->nullable);
		json_text(j, "format", "date-time");
		break;
	case FIELD_KEY:
		type_of(j, "string", f->nullable);
		json_text(j, "format", "password");
		json_text(j, "pattern", "^[!-~]+$");
		json_int(j, "maxLength", SECRET_MAX);
		json_boolean(j, "writeOnly", true);
		break;
	case FIELD_TEXT:
		if (f->number_too)
			text_or_number(j);
		else
			type_of(j, "string", f->nullable);
		bounds(j, "minLength", "maxLength", f);
		json_text(j, "pattern", TEXT_PATTERN);
		break;
	case FIELD_ZONE:
		type_of(j, "string", f->nullable);
		json_int(j, "minLength", 1);
		break;
	case FIELD_HOURS:
		type_of(j, "string", f->nullable);
		json_text(j, "pattern", HOURS_PATTERN);
		break;
	case FIELD_TEXTS:
		texts_type(j, f);
		break;
	case FIELD_INTEGERS:
		integers_type(j, f);
		break;
	case FIELD_OBJECT:
		type_of(j, "object", f->nullable);
		object_members(j, f->of);
		break;
	case FIELD_CHOICE:
		type_of(j, "string", f->nullable);
		words(j, f->choices, f->nullable);
		break;
	case FIELD_CHOICES:
		json_text(j, "type", "array");
		json_open(j, "items", '{');
		json_text(j, "type", "string");
		words(j, f->choices, false);
		json_close(j, '}');
		break;
	default:
		break;
	}
}

static void
field_initial(struct json *j, const struct field *f)
{
	if (!f->has_initial)
		return;
	if (f->type == FIELD_BOOLEAN)
		json_boolean(j, "default", f->initial != 0);
	else if (f->type == FIELD_TENTHS)
		json_tenths(j, "default", f->initial);
	else if (f->type == FIELD_CHOICE)
		json_text(j, "default", f->choices[f->initial]);
	else
		json_int(j, "default", f->initial);
}

void
openapi_field(struct json *j, const char *name, const struct field *f)
{
	json_open(j, name, '{');
	field_type(j, f);
	field_initial(j, f);
	json_close(j, '}');
}

static void
field_described(struct json *j, const struct field *f)
{
	json_open(j, f->name, '{');
	field_type(j, f);
	field_initial(j, f);
	json_text(j, "description", f->summary);
	if (f->example != NULL)
		one_example(j, f->example);
	json_close(j, '}');
}

void
openapi_body(struct json *j, const struct schema *schema)
{
	bool any = false;

	json_open(j, schema->name, '{');
	json_text(j, "type", "object");
	if (schema->summary != NULL)
		json_text(j, "description", schema->summary);
	json_open(j, "properties", '{');
	for (size_t i = 0; i < schema->count; i++) {
		field_described(j, &schema->fields[i]);
		any |= schema->fields[i].required;
	}
	json_close(j, '}');
	if (any) {
		json_open(j, "required", '[');
		for (size_t i = 0; i < schema->count; i++)
			if (schema->fields[i].required)
				json_text(j, NULL, schema->fields[i].name);
		json_close(j, ']');
	}
	json_boolean(j, "additionalProperties", false);
	json_close(j, '}');
}

/* Only the fields that have an example: not every field goes with every other. */
void
openapi_body_example(struct json *j, const struct schema *schema, bool list)
{
	json_open(j, "example", list ? '[' : '{');
	if (list)
		json_open(j, NULL, '{');
	for (size_t i = 0; i < schema->count; i++)
		if (schema->fields[i].example != NULL)
			json_raw(j, schema->fields[i].name, schema->fields[i].example);
	if (list)
		json_close(j, '}');
	json_close(j, list ? ']' : '}');
}

/* --- what goes out ------------------------------------------------------------------------------------------------------ */

static void
reference(struct json *j, const struct shape *shape, bool nullable)
{
	char text[96];

	snprintf(text, sizeof text, "#/components/schemas/%s", shape->name);
	if (!nullable) {
		json_text(j, "$ref", text);
		return;
	}
	json_open(j, "anyOf", '[');
	json_open(j, NULL, '{');
	json_text(j, "$ref", text);
	json_close(j, '}');
	json_open(j, NULL, '{');
	json_text(j, "type", "null");
	json_close(j, '}');
	json_close(j, ']');
}

static void
member_type(struct json *j, const struct member *m, bool nullable)
{
	switch (m->type) {
	case MEMBER_INTEGER:
		type_of(j, "integer", nullable);
		break;
	case MEMBER_COUNT:
		type_of(j, "integer", nullable);
		json_int(j, "minimum", 0);
		break;
	case MEMBER_TENTHS:
		type_of(j, "number", nullable);
		json_int(j, "minimum", 0);
		break;
	case MEMBER_SCORE:
		type_of(j, "number", nullable);
		json_int(j, "minimum", 0);
		json_int(j, "maximum", 1);
		break;
	case MEMBER_PERCENT:
		type_of(j, "number", nullable);
		break;
	case MEMBER_BOOLEAN:
		type_of(j, "boolean", nullable);
		break;
	case MEMBER_TEXT:
		type_of(j, "string", nullable);
		break;
	case MEMBER_WORD:
		type_of(j, "string", nullable);
		words(j, m->choices, nullable);
		break;
	case MEMBER_DAY:
		type_of(j, "string", nullable);
		json_text(j, "format", "date");
		break;
	case MEMBER_INSTANT:
		type_of(j, "string", nullable);
		json_text(j, "format", "date-time");
		break;
	case MEMBER_SHAPE:
		reference(j, m->of, nullable);
		break;
	case MEMBER_NOTHING:
		json_text(j, "type", "null");
		break;
	default:
		break;
	}
}

static void
member_example(struct json *j, const struct member *m)
{
	if (m->example != NULL) {
		one_example(j, m->example);
	} else if (m->type == MEMBER_DAY && !m->list) {
		one_example(j, DAY_EXAMPLE);
	} else if (m->type == MEMBER_INSTANT && !m->list) {
		one_example(j, INSTANT_EXAMPLE);
	} else if (m->type == MEMBER_WORD && !m->list) {
		json_open(j, "examples", '[');
		json_text(j, NULL, first_word(m->choices));
		json_close(j, ']');
	}
}

static void
member(struct json *j, const struct member *m)
{
	json_open(j, m->name, '{');
	if (m->list) {
		type_of(j, "array", m->nullable);
		json_open(j, "items", '{');
		member_type(j, m, false);
		json_close(j, '}');
	} else {
		member_type(j, m, m->nullable);
	}
	json_text(j, "description", m->summary);
	member_example(j, m);
	json_close(j, '}');
}

static void
members(struct json *j, const struct shape *shape)
{
	if (shape->base != NULL)
		members(j, shape->base);
	for (size_t i = 0; i < shape->count; i++)
		member(j, &shape->members[i]);
}

static void
required_members(struct json *j, const struct shape *shape)
{
	if (shape->base != NULL)
		required_members(j, shape->base);
	for (size_t i = 0; i < shape->count; i++)
		if (!shape->members[i].optional)
			json_text(j, NULL, shape->members[i].name);
}

void
openapi_shape(struct json *j, const struct shape *shape)
{
	json_open(j, shape->name, '{');
	json_text(j, "type", "object");
	json_text(j, "description", shape->summary);
	json_open(j, "properties", '{');
	members(j, shape);
	json_close(j, '}');
	json_open(j, "required", '[');
	required_members(j, shape);
	json_close(j, ']');
	json_boolean(j, "additionalProperties", shape->open);
	json_close(j, '}');
}
