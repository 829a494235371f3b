/* SPDX-License-Identifier: Apache-2.0 */
#include "http/schema.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/utf8.h"
#include "base/zone.h"
#include "rules/work_hours.h"

void
value_release(struct value *v)
{
	for (size_t i = 0; i < v->text_count; i++)
		free(v->texts[i]);
	free(v->texts);
	free(v->numbers);
	if (v->members != NULL)
		values_release(v->members);
	free(v->members);
	free(v->text);
	secret_free(v->key);
	*v = (struct value){0};
}

void
values_release(struct values *v)
{
	for (size_t i = 0; i < SCHEMA_FIELDS_MAX; i++)
		value_release(&v->v[i]);
}

void
schema_begin(const struct schema *schema, struct values *ret)
{
	*ret = (struct values){0};
	for (size_t i = 0; schema != NULL && i < schema->count; i++)
		ret->v[i].number = schema->fields[i].initial;
}

static bool
was_wrong(const struct field_errors *errors, const char *where, const char *field)
{
	for (size_t i = 0; i < errors->count; i++) {
		const struct field_error *e = &errors->rows[i];

		if (e->field != NULL && e->within == errors->within && strcmp(e->where, where) == 0 && strcmp(e->field, field) == 0)
			return true;
	}
	return false;
}

void
schema_end(const struct schema *schema, const struct values *values, const char *where, struct field_errors *errors)
{
	for (size_t i = 0; schema != NULL && i < schema->count; i++)
		if (schema->fields[i].required && values->v[i].state == VALUE_ABSENT && !was_wrong(errors, where, schema->fields[i].name))
			field_error_add(errors, where, schema->fields[i].name, "missing", "is required");
}

int
schema_index(const struct schema *schema, struct str name)
{
	for (size_t i = 0; schema != NULL && i < schema->count; i++)
		if (str_eq(str_of(schema->fields[i].name), name))
			return (int)i;
	return -1;
}

/* --- one value ---------------------------------------------------------------------------------------------------------- */

static void
set_number(struct value *v, int64_t number)
{
	v->state = VALUE_SET;
	v->number = number;
}

void
value_set_number(const struct field *field, int64_t number, struct value *ret, const char *where, struct field_errors *errors)
{
	if (number < field->min || number > field->max)
		field_error_add(errors, where, field->name, "out_of_range", "must be from %" PRId64 " to %" PRId64, field->min,
		    field->max);
	else
		set_number(ret, number);
}

void
value_set_decimal(const struct field *field, double number, struct value *ret, const char *where, struct field_errors *errors)
{
	double tenths = number * 10, whole = round(tenths);

	if (!(tenths >= (double)field->min && tenths <= (double)field->max))
		field_error_add(errors, where, field->name, "out_of_range", "must be from %" PRId64 ".%" PRId64 " to %" PRId64 ".%" PRId64,
		    field->min / 10, field->min % 10, field->max / 10, field->max % 10);
	else if (fabs(tenths - whole) > 1e-6)
		field_error_add(errors, where, field->name, "too_precise", "must have at most one decimal");
	else
		set_number(ret, (int64_t)whole);
}

static bool
has_control(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if ((c < ' ' && c != '\n' && c != '\r' && c != '\t') || c == 0x7f)
			return true;
	}
	return false;
}

static void
set_text(const struct field *field, struct str text, struct value *ret, const char *where, struct field_errors *errors)
{
	int64_t length = (int64_t)utf8_length(text);

	if (has_control(text)) {
		field_error_add(errors, where, field->name, "control_character", "must not hold control characters");
	} else if (length < field->min) {
		field_error_add(errors, where, field->name, "too_short", "must have at least %" PRId64 " characters", field->min);
	} else if (length > field->max) {
		field_error_add(errors, where, field->name, "too_long", "must have at most %" PRId64 " characters", field->max);
	} else {
		ret->state = VALUE_SET;
		ret->text = xstrndup(text.p != NULL ? text.p : "", text.len);
	}
}

static void
set_hours(const struct field *field, struct str text, struct value *ret, const char *where, struct field_errors *errors)
{
	struct work_hours hours;

	if (text.len == 0 || work_hours_parse(text, &hours) < 0) {
		field_error_add(errors, where, field->name, "bad_hours", "must be work hours, such as mon-fri 07:00-19:00");
		return;
	}
	ret->state = VALUE_SET;
	ret->text = xstrndup(text.p, text.len);
}

static void
set_zone(const struct field *field, struct str text, struct value *ret, const char *where, struct field_errors *errors)
{
	_cleanup_free_ char *name = xstrndup(text.p != NULL ? text.p : "", text.len);

	if (strlen(name) != text.len || !zone_valid(name)) {
		field_error_add(errors, where, field->name, "unknown_zone", "must be a name of the IANA time zone database");
		return;
	}
	ret->state = VALUE_SET;
	ret->text = TAKE_PTR(name);
}

static void
set_key(const struct field *field, struct str text, struct value *ret, const char *where, struct field_errors *errors)
{
	if (secret_new(text, &ret->key) < 0)
		field_error_add(errors, where, field->name, "bad_key", "must be 1 to %d visible ASCII characters", SECRET_MAX);
	else
		ret->state = VALUE_SET;
}

static int
choice_index(const struct field *field, struct str text)
{
	for (int i = 0; field->choices[i] != NULL; i++)
		if (text.len > 0 && str_eq(text, str_of(field->choices[i])))
			return i;
	return -1;
}

static void
choice_error(const struct field *field, const char *where, struct field_errors *errors)
{
	struct buf list = BUF_INIT(256);

	for (size_t i = 0; field->choices[i] != NULL; i++)
		if (field->choices[i][0] != '\0')
			buf_addf(&list, "%s%s", list.len > 0 ? ", " : "", field->choices[i]);
	field_error_add(errors, where, field->name, "unknown_choice", "must be %s%s", field->type == FIELD_CHOICES ? "of " : "one of ",
	    list.p != NULL ? list.p : "");
	buf_release(&list);
}

static void
set_choices(const struct field *field, struct str text, struct value *ret, const char *where, struct field_errors *errors)
{
	while (text.len > 0 || ret->state == VALUE_ABSENT) {
		const char *comma = text.len > 0 ? memchr(text.p, ',', text.len) : NULL;
		size_t len = comma != NULL ? (size_t)(comma - text.p) : text.len;
		int i = choice_index(field, (struct str){text.p, len});

		if (i < 0) {
			choice_error(field, where, errors);
			return;
		}
		set_number(ret, ret->number | (int64_t)1 << i);
		len += comma != NULL;
		text = (struct str){text.p + len, text.len - len};
	}
}

static void
set_other(const struct field *field, int r, int64_t number, struct value *ret, const char *where, struct field_errors *errors,
    const char *type, const char *message)
{
	if (r < 0)
		field_error_add(errors, where, field->name, type, "%s", message);
	else
		set_number(ret, number);
}

void
value_set_text(const struct field *field, struct str text, struct value *ret, const char *where, struct field_errors *errors)
{
	int64_t instant = 0;
	day_t day = 0;
	int i;

	switch (field->type) {
	case FIELD_TEXT:
		set_text(field, text, ret, where, errors);
		break;
	case FIELD_ZONE:
		set_zone(field, text, ret, where, errors);
		break;
	case FIELD_HOURS:
		set_hours(field, text, ret, where, errors);
		break;
	case FIELD_KEY:
		set_key(field, text, ret, where, errors);
		break;
	case FIELD_DAY:
		i = day_parse(text, &day);
		set_other(field, i, day, ret, where, errors, "bad_date", "must be a date, YYYY-MM-DD");
		break;
	case FIELD_INSTANT:
		i = instant_parse(text, &instant);
		set_other(field, i, instant, ret, where, errors, "bad_instant", "must be an RFC 3339 instant");
		break;
	case FIELD_CHOICE:
		i = choice_index(field, text);
		if (i < 0)
			choice_error(field, where, errors);
		else
			set_number(ret, i);
		break;
	case FIELD_CHOICES:
		set_choices(field, text, ret, where, errors);
		break;
	case FIELD_INTEGER:
	case FIELD_BOOLEAN:
	case FIELD_TENTHS:
	case FIELD_TEXTS:
	case FIELD_INTEGERS:
	case FIELD_OBJECT:
	default:
		field_error_add(errors, where, field->name, "wrong_type", "must not be a string");
		break;
	}
}

/* In a query string and a path everything is text. */
void
schema_take_text(const struct field *field, struct str text, struct value *ret, const char *where, struct field_errors *errors)
{
	int64_t number = 0;
	int r;

	if (!utf8_valid(text)) {
		field_error_add(errors, where, field->name, "bad_encoding", "must be UTF-8 without NUL");
	} else if (field->type == FIELD_BOOLEAN) {
		r = str_eq(text, STR("true")) || str_eq(text, STR("false")) ? 0 : -1;
		set_other(field, r, str_eq(text, STR("true")), ret, where, errors, "wrong_type", "must be true or false");
	} else if (field->type == FIELD_INTEGER) {
		r = str_to_i64(text, INT64_MIN, INT64_MAX, &number);
		if (r == 0)
			value_set_number(field, number, ret, where, errors);
		else
			field_error_add(errors, where, field->name, "wrong_type", "must be a whole number");
	} else {
		value_set_text(field, text, ret, where, errors);
	}
}
