/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "http/schema.h"

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Decodes %XX and + of a part of a query string; the caller frees *ret_text.p. -EBADMSG for a broken sequence. */
static int
decode(struct str s, struct str *ret_text)
{
	_cleanup_free_ char *out = xcalloc(s.len + 1, 1);
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++) {
		char c = s.p[i];

		if (c == '%') {
			if (i + 2 >= s.len || hex(s.p[i + 1]) < 0 || hex(s.p[i + 2]) < 0)
				return -EBADMSG;
			c = (char)(hex(s.p[i + 1]) * 16 + hex(s.p[i + 2]));
			i += 2;
		} else if (c == '+') {
			c = ' ';
		}
		out[n++] = c;
	}
	*ret_text = (struct str){.p = TAKE_PTR(out), .len = n};
	return 0;
}

static struct str
cut_at(struct str *rest, char separator)
{
	const char *p = rest->len > 0 ? memchr(rest->p, separator, rest->len) : NULL;
	struct str first = *rest;

	if (p == NULL) {
		*rest = STR_NONE;
		return first;
	}
	first.len = (size_t)(p - rest->p);
	*rest = (struct str){.p = p + 1, .len = rest->len - first.len - 1};
	return first;
}

static void
take_parameter(const struct schema *schema, struct str name, struct str text, uint32_t *seen, struct values *ret,
    struct field_errors *errors)
{
	int i = schema_index(schema, name);
	const struct field *field;

	if (i < 0) {
		/* decode() ends it with a NUL. */
		field_error_add_unknown(errors, "query", name.p);
		return;
	}
	field = &schema->fields[i];
	if ((*seen & 1u << i) && field->type != FIELD_CHOICES)
		field_error_add(errors, "query", field->name, "repeated", "must stand only once");
	else
		schema_take_text(field, text, &ret->v[i], "query", errors);
	*seen |= 1u << i;
}

void
schema_take_query(const struct schema *schema, struct str query, struct values *ret, struct field_errors *errors)
{
	uint32_t seen = 0; /* a value that was wrong counts too */

	while (query.len > 0) {
		struct str text = cut_at(&query, '&'), name = cut_at(&text, '=');
		struct str name_out = STR_NONE, text_out = STR_NONE;

		if (name.len == 0 && text.len == 0)
			continue;
		if (decode(name, &name_out) < 0 || decode(text, &text_out) < 0)
			field_error_add(errors, "query", name_out.p, "bad_encoding", "has a broken percent sequence");
		else
			take_parameter(schema, name_out, text_out, &seen, ret, errors);
		free((char *)(uintptr_t)name_out.p);
		free((char *)(uintptr_t)text_out.p);
	}
}
