/* SPDX-License-Identifier: Apache-2.0 */
/* A key passes through json-c on its way into a struct secret. What json-c keeps is overwritten before it is freed: the tokener's
 * buffer, grown beforehand so that it never moves, and every string of the tree. A name that stands twice, whose first value json-c
 * would free by itself, does not get this far. Not wiped: names of fields and numbers. */
#include <errno.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <limits.h>
#include <stdio.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "http/json_body.h"
#include "http/schema.h"

#define CHOICES_BYTES_MAX ((size_t)1024)

static void
tokener_freep(struct json_tokener **tok)
{
	if (*tok == NULL)
		return;
	explicit_bzero((*tok)->pb->buf, (size_t)(*tok)->pb->size);
	json_tokener_free(*tok);
}

static void
wipe_strings(struct json_object *o)
{
	if (json_object_is_type(o, json_type_string)) {
		secret_wipe((void *)(uintptr_t)json_object_get_string(o), (size_t)json_object_get_string_len(o));
	} else if (json_object_is_type(o, json_type_array)) {
		for (size_t i = 0; i < json_object_array_length(o); i++)
			wipe_strings(json_object_array_get_idx(o, i));
	} else if (json_object_is_type(o, json_type_object)) {
		json_object_object_foreach(o, name, member)
		{
			(void)name;
			wipe_strings(member);
		}
	}
}

static void
tree_freep(struct json_object **o)
{
	wipe_strings(*o);
	json_object_put(*o);
}

static struct json_object *
parse(struct str json)
{
	_cleanup_(tokener_freep) struct json_tokener *tok = json_tokener_new_ex(JSON_BODY_DEPTH_MAX + 1);
	struct json_object *tree;

	if (tok == NULL || json.len >= INT_MAX - 16)
		return NULL;
	printbuf_memset(tok->pb, 0, 0, (int)json.len + 16);
	tree = json_tokener_parse_ex(tok, json.p, (int)json.len);
	/* A number at the top is not over until something follows. */
	if (tree == NULL && json_tokener_get_error(tok) == json_tokener_continue)
		tree = json_tokener_parse_ex(tok, "", 1);
	return tree;
}

static const char *
wanted_type(const struct field *field)
{
	switch (field->type) {
	case FIELD_INTEGER:
		return "must be a whole number";
	case FIELD_TENTHS:
		return "must be a number";
	case FIELD_BOOLEAN:
		return "must be true or false";
	case FIELD_CHOICES:
	case FIELD_TEXTS:
		return "must be a list of strings";
	case FIELD_INTEGERS:
		return "must be a list of whole numbers";
	case FIELD_OBJECT:
		return "must be an object";
	case FIELD_HOURS:
	case FIELD_TEXT:
	case FIELD_DAY:
	case FIELD_INSTANT:
	case FIELD_ZONE:
	case FIELD_KEY:
	case FIELD_CHOICE:
	default:
		return "must be a string";
	}
}

static bool
is_text(const struct field *field)
{
	return field->type != FIELD_INTEGER && field->type != FIELD_TENTHS && field->type != FIELD_BOOLEAN && field->type != FIELD_TEXTS &&
	       field->type != FIELD_CHOICES && field->type != FIELD_INTEGERS && field->type != FIELD_OBJECT;
}

/* NULL: nothing is wrong with it. */
static const char *
item_fault(const struct field *field, struct str s)
{
	int64_t length = (int64_t)utf8_length(s);

	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f)
			return "control_character";
	return length < field->min ? "too_short" : length > field->max ? "too_long" : NULL;
}

/* False: it is wrong, and that was said. */
static bool
take_item(const struct field *field, struct json_object *o, struct value *ret, struct field_errors *errors)
{
	bool is_string = json_object_is_type(o, json_type_string);
	struct str s = is_string ? (struct str){json_object_get_string(o), (size_t)json_object_get_string_len(o)} : STR_NONE;
	const char *fault = is_string ? item_fault(field, s) : "wrong_type";

	if (fault == NULL)
		ret->texts[ret->text_count++] = xstrndup(s.p, s.len);
	else
		field_error_add(errors, "body", field->name, fault,
		    "must hold strings of %" PRId64 " to %" PRId64 " characters, in one line each", field->min, field->max);
	return fault == NULL;
}

static void
take_texts(const struct field *field, struct json_object *list, struct value *ret, struct field_errors *errors)
{
	size_t count = json_object_array_length(list);

	if (count > field->items_max) {
		field_error_add(errors, "body", field->name, "too_long", "must have at most %zu items", field->items_max);
		return;
	}
	ret->texts = xcalloc(count, sizeof *ret->texts);
	for (size_t i = 0; i < count; i++)
		if (!take_item(field, json_object_array_get_idx(list, i), ret, errors))
			return;
	ret->state = VALUE_SET;
}

/* As a query string has them. */
static void
take_choices(const struct field *field, struct json_object *list, struct value *ret, struct field_errors *errors)
{
	_cleanup_(buf_release) struct buf words = BUF_INIT(CHOICES_BYTES_MAX);

	for (size_t i = 0; i < json_object_array_length(list); i++) {
		struct json_object *o = json_object_array_get_idx(list, i);
		const char *word = json_object_is_type(o, json_type_string) ? json_object_get_string(o) : "";

		/* A word with a comma is no choice, and not two either; nor is an empty one nothing. */
		buf_addf(&words, "%s%s", i > 0 ? "," : "", word[0] != '\0' && strchr(word, ',') == NULL ? word : "?");
	}
	value_set_text(field, words.error < 0 ? STR_NONE : buf_str(&words), ret, "body", errors);
}

/* NULL: it is another one, of the range. */
static const char *
number_fault(const struct field *field, struct json_object *o, const struct value *before, int64_t *ret_number)
{
	*ret_number = json_object_get_int64(o);
	if (!json_object_is_type(o, json_type_int))
		return "wrong_type";
	if (*ret_number < field->min || *ret_number > field->max)
		return "out_of_range";
	for (size_t i = 0; i < before->number_count; i++)
		if (before->numbers[i] == *ret_number)
			return "not_unique";
	return NULL;
}

static void
take_integers(const struct field *field, struct json_object *list, struct value *ret, struct field_errors *errors)
{
	size_t count = json_object_array_length(list);
	const char *fault = NULL;

	if (count < 1 || count > field->items_max) {
		field_error_add(errors, "body", field->name, count < 1 ? "too_short" : "too_long", "must have 1 to %zu items", field->items_max);
		return;
	}
	ret->numbers = xcalloc(count, sizeof *ret->numbers);
	for (; ret->number_count < count && fault == NULL; ret->number_count += fault == NULL)
		fault = number_fault(field, json_object_array_get_idx(list, ret->number_count), ret, &ret->numbers[ret->number_count]);
	if (fault != NULL)
		field_error_add(errors, "body", field->name, fault, "must hold whole numbers from %" PRId64 " to %" PRId64 ", none twice", field->min,
		    field->max);
	else
		ret->state = VALUE_SET;
}

static void take_members(const struct schema *schema, struct json_object *tree, struct values *ret, struct field_errors *errors);

static void
take_object(const struct field *field, struct json_object *o, struct value *ret, struct field_errors *errors)
{
	ret->members = xcalloc(1, sizeof *ret->members);
	schema_begin(field->of, ret->members);
	errors->within = field->name;
	take_members(field->of, o, ret->members, errors);
	errors->within = NULL;
	ret->state = VALUE_SET;
}

#define DIGITS_EXACT INT64_C(9007199254740991) /* beyond it readers of JSON differ in what it says */

static void
take_digits(const struct field *field, int64_t number, struct value *ret, struct field_errors *errors)
{
	char digits[24];

	if (number < 0 || number > DIGITS_EXACT) {
		field_error_add(errors, "body", field->name, "out_of_range", "must be from 0 to %" PRId64 ", or a string", DIGITS_EXACT);
		return;
	}
	snprintf(digits, sizeof digits, "%" PRId64, number);
	value_set_text(field, str_of(digits), ret, "body", errors);
}

static void
take_member(const struct field *field, struct json_object *o, struct value *ret, struct field_errors *errors)
{
	enum json_type type = json_object_get_type(o);

	value_release(ret);
	ret->number = field->initial;
	if (type == json_type_null && field->nullable)
		ret->state = VALUE_NULL;
	else if (type == json_type_null)
		field_error_add(errors, "body", field->name, "wrong_type", "must not be null");
	else if (type == json_type_string && is_text(field))
		value_set_text(field, (struct str){json_object_get_string(o), (size_t)json_object_get_string_len(o)}, ret, "body", errors);
	else if (type == json_type_int && field->type == FIELD_INTEGER)
		/* Saturates, and no field reaches that far. */
		value_set_number(field, json_object_get_int64(o), ret, "body", errors);
	else if (type == json_type_int && field->number_too)
		take_digits(field, json_object_get_int64(o), ret, errors);
	else if ((type == json_type_int || type == json_type_double) && field->type == FIELD_TENTHS)
		value_set_decimal(field, json_object_get_double(o), ret, "body", errors);
	else if (type == json_type_boolean && field->type == FIELD_BOOLEAN)
		*ret = (struct value){.state = VALUE_SET, .number = json_object_get_boolean(o)};
	else if (type == json_type_array && field->type == FIELD_TEXTS)
		take_texts(field, o, ret, errors);
	else if (type == json_type_array && field->type == FIELD_CHOICES)
		take_choices(field, o, ret, errors);
	else if (type == json_type_array && field->type == FIELD_INTEGERS)
		take_integers(field, o, ret, errors);
	else if (type == json_type_object && field->type == FIELD_OBJECT)
		take_object(field, o, ret, errors);
	else
		field_error_add(errors, "body", field->name, "wrong_type", "%s", wanted_type(field));
}

static void
take_members(const struct schema *schema, struct json_object *tree, struct values *ret, struct field_errors *errors)
{
	json_object_object_foreach(tree, name, member)
	{
		int i = schema_index(schema, str_of(name));

		if (i < 0)
			field_error_add_unknown(errors, "body", name);
		else
			take_member(&schema->fields[i], member, &ret->v[i], errors);
	}
}

int
schema_take_json(const struct schema *schema, struct str json, struct values *ret, struct field_errors *errors, size_t *ret_position)
{
	_cleanup_(tree_freep) struct json_object *tree = NULL;
	int r = json_body_check(json, ret_position);

	if (r < 0)
		return r;
	tree = parse(json);
	if (!json_object_is_type(tree, json_type_object)) {
		field_error_add(errors, "body", NULL, "wrong_type", "must be an object");
		return 0;
	}
	take_members(schema, tree, ret, errors);
	return 0;
}
