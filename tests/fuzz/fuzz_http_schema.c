/* SPDX-License-Identifier: Apache-2.0 */
/* What a client may send, as a body, a query string and a request's head: it is taken, or what is wrong with it is said. */
#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/macro.h"
#include "http/head.h"
#include "http/json_body.h"
#include "http/schema.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const colours[] = {"", "red", "green", NULL};
static const struct field fields[] = {
    {.name = "number", .type = FIELD_INTEGER, .min = -5, .max = 500},
    {.name = "flag", .type = FIELD_BOOLEAN},
    {.name = "text", .type = FIELD_TEXT, .nullable = true, .max = 40},
    {.name = "day", .type = FIELD_DAY},
    {.name = "at", .type = FIELD_INSTANT},
    {.name = "key", .type = FIELD_KEY},
    {.name = "units", .type = FIELD_TENTHS, .max = 2400},
    {.name = "colour", .type = FIELD_CHOICE, .choices = colours},
    {.name = "colours", .type = FIELD_CHOICES, .choices = colours},
};
static const struct schema schema = {"Fuzzed", NULL, fields, ELEMENTSOF(fields)};

static void
check_values(const struct values *v)
{
	if ((v->v[0].state == VALUE_SET && (v->v[0].number < -5 || v->v[0].number > 500)) ||
	    (v->v[6].state == VALUE_SET && (v->v[6].number < 0 || v->v[6].number > 2400)) ||
	    (v->v[7].state == VALUE_SET && v->v[7].number != 1 && v->v[7].number != 2) || (v->v[8].number & ~6) != 0)
		abort();
}

/* What passes our check, json-c must read: no text means two things. */
static void
check_agreement(struct str text)
{
	struct json_tokener *tok = json_tokener_new_ex(JSON_BODY_DEPTH_MAX + 1);
	_cleanup_free_ char *copy = xstrndup(text.p, text.len);

	json_tokener_set_flags(tok, JSON_TOKENER_STRICT);
	json_object_put(json_tokener_parse_ex(tok, copy, (int)text.len + 1));
	if (json_tokener_get_error(tok) != json_tokener_success)
		abort();
	json_tokener_free(tok);
}

static void
try_json(struct str text)
{
	struct field_errors errors = {0};
	struct values v;
	size_t position;

	schema_begin(&schema, &v);
	if (schema_take_json(&schema, text, &v, &errors, &position) == 0)
		check_agreement(text);
	check_values(&v);
	values_release(&v);
	field_errors_release(&errors);
}

static void
try_query(struct str text)
{
	struct field_errors errors = {0};
	struct values v;

	schema_begin(&schema, &v);
	schema_take_query(&schema, text, &v, &errors);
	check_values(&v);
	values_release(&v);
	field_errors_release(&errors);
}

static void
try_head(struct str text)
{
	struct refusal why;
	struct head head;
	int r = head_parse(text, 4096, &head, &why);

	if ((r < 0) != (why.status != 0) || (r > 0 && (head.bytes > text.len || head.target.len == 0)))
		abort();
}

static void
try_chunks(struct str text)
{
	_cleanup_free_ char *p = xcalloc(text.len + 1, 1);
	size_t raw = 0, body = 0;
	struct chunks c = {0};

	if (text.len > 0)
		memcpy(p, text.p, text.len);
	for (size_t len = 0; len <= text.len; len++) {
		if (chunks_decode(&c, p, len, &raw, &body, 64) != 0)
			break;
		if (body > raw || raw > len || body > 64)
			abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = {(const char *)data, size};

	if (secret_setup() < 0)
		abort();
	try_json(text);
	try_query(text);
	try_head(text);
	try_chunks(text);
	return 0;
}
