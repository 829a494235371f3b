/* SPDX-License-Identifier: Apache-2.0 */
/* schema.h - what fields a body, a query string or a path may have, said once: from these tables come the checks and the documentation.
 *
 * A check never stops at the first mistake: it names every one. JSON and query strings give the same values, so a handler does not know
 * where a field came from.
 *
 * Ownership: values_release() accepts a zeroed struct and wipes keys. Threads: the loop's; tables are constant.
 */
#ifndef RTALP_HTTP_SCHEMA_H
#define RTALP_HTTP_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/day.h"
#include "base/secret.h"
#include "base/str.h"
#include "http/problem.h"

enum field_type {
	FIELD_INTEGER = 1, /* number; min..max */
	FIELD_BOOLEAN,     /* number: 0 or 1 */
	FIELD_TEXT,        /* text; min..max characters; no control characters besides line breaks and tabs */
	FIELD_DAY,         /* number: a day_t */
	FIELD_INSTANT,     /* number: ms since the epoch, from RFC 3339 */
	FIELD_ZONE,        /* text: a name of the zone database */
	FIELD_KEY,         /* key: goes into a struct secret at once */
	FIELD_TENTHS,      /* number: tenths, from a number with at most one decimal; min..max in tenths */
	FIELD_CHOICE,      /* number: the index in choices */
	FIELD_CHOICES,     /* number: bits 1 << index; a comma list, or the parameter repeated; in a body an array */
	FIELD_HOURS,       /* text: work hours (rules/work_hours.h), "" being none */
	FIELD_TEXTS,       /* texts: at most items_max, of min..max characters each, without any control character; in a body only */
	FIELD_INTEGERS,    /* numbers: 1 to items_max of them, min..max, none twice; in a body only */
	FIELD_OBJECT       /* members: as `of` has them; in a body only */
};

struct field {
	const char *name;
	enum field_type type;
	bool required;
	bool nullable;
	int64_t min, max;
	const char *const *choices; /* NULL-ended; "" at an index that is no choice */
	size_t items_max;           /* FIELD_TEXTS, FIELD_INTEGERS */
	bool number_too;            /* FIELD_TEXT: in a body a whole number is taken as its digits */
	const struct schema *of;    /* FIELD_OBJECT; none of its members is required */
	bool has_initial;
	int64_t initial;            /* what `number` is when the field is left out; else 0 */
	const char *summary;
	const char *example;        /* as JSON */
};

#define SCHEMA_FIELDS_MAX 16

struct schema {
	const char *name;
	const char *summary;
	const struct field *fields;
	size_t count;
};

struct value {
	enum { VALUE_ABSENT, VALUE_NULL, VALUE_SET } state;
	int64_t number;
	char *text;
	struct secret *key;
	char **texts;
	size_t text_count;
	int64_t *numbers;
	size_t number_count;
	struct values *members; /* of an object that is set */
};

struct values {
	struct value v[SCHEMA_FIELDS_MAX];
};
void value_release(struct value *v);
void values_release(struct values *v);

/* Every value absent, with its initial. */
void schema_begin(const struct schema *schema, struct values *ret);
/* Adds an error for every required field that is absent. */
void schema_end(const struct schema *schema, const struct values *values, const char *where, struct field_errors *errors);
/* -1: there is none. */
int schema_index(const struct schema *schema, struct str name);

/* The value of a field as text, from a query string or a path. */
void schema_take_text(const struct field *field, struct str text, struct value *ret, const char *where, struct field_errors *errors);

/* 0, with what is wrong with the fields in `errors`; -EBADMSG: it is not JSON, and *ret_position is the byte where that shows; -EILSEQ:
 * it is not UTF-8; -ENOTUNIQ: a name stands twice in an object, at *ret_position. The bytes stay as they are, to be wiped by the caller. */
int schema_take_json(const struct schema *schema, struct str json, struct values *ret, struct field_errors *errors,
    size_t *ret_position);

/* What stands behind the '?'. */
void schema_take_query(const struct schema *schema, struct str query, struct values *ret, struct field_errors *errors);

/* Used by the takers above. */
void value_set_text(const struct field *field, struct str text, struct value *ret, const char *where, struct field_errors *errors);
void value_set_number(const struct field *field, int64_t number, struct value *ret, const char *where, struct field_errors *errors);
void value_set_decimal(const struct field *field, double number, struct value *ret, const char *where, struct field_errors *errors);
int instant_parse(struct str text, int64_t *ret_ms);

#endif
