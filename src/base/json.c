/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/utf8.h"

static void
add_escaped(struct buf *b, struct str s)
{
	size_t plain = 0;

	buf_addc(b, '"');
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c >= ' ' && c != '"' && c != '\\' && c != 0x7f)
			continue;
		buf_add(b, s.p + plain, i - plain);
		plain = i + 1;
		if (c == '"' || c == '\\')
			buf_addf(b, "\\%c", c);
		else if (c == '\n')
			buf_addz(b, "\\n");
		else
			buf_addf(b, "\\u%04x", c);
	}
	buf_add(b, s.p + plain, s.len - plain);
	buf_addc(b, '"');
}

static void
begin(struct json *j, const char *name)
{
	if (j->comma)
		buf_addc(&j->b, ',');
	j->comma = true;
	if (name == NULL)
		return;
	/* Names are ours and need no escape. */
	buf_addc(&j->b, '"');
	buf_addz(&j->b, name);
	buf_add(&j->b, "\":", 2);
}

void
json_open(struct json *j, const char *name, char bracket)
{
	begin(j, name);
	buf_addc(&j->b, bracket);
	j->comma = false;
}

void
json_close(struct json *j, char bracket)
{
	buf_addc(&j->b, bracket);
	j->comma = true;
}

void
json_null(struct json *j, const char *name)
{
	begin(j, name);
	buf_addz(&j->b, "null");
}

void
json_boolean(struct json *j, const char *name, bool v)
{
	begin(j, name);
	buf_addz(&j->b, v ? "true" : "false");
}

/* A list of entries is mostly numbers, and printf reads its format twice. */
static void
add_number(struct buf *b, int64_t v)
{
	uint64_t left = v < 0 ? -(uint64_t)v : (uint64_t)v;
	char text[24], *p = text + sizeof text;

	do {
		*--p = (char)('0' + left % 10);
		left /= 10;
	} while (left > 0);
	if (v < 0)
		*--p = '-';
	buf_add(b, p, (size_t)(text + sizeof text - p));
}

void
json_int(struct json *j, const char *name, int64_t v)
{
	begin(j, name);
	add_number(&j->b, v);
}

void
json_str(struct json *j, const char *name, struct str text)
{
	begin(j, name);
	/* Stored texts are clean; this is for what a client sent and gets told about. */
	if (utf8_valid(text)) {
		add_escaped(&j->b, text);
	} else {
		struct buf clean = BUF_INIT(3 * text.len + 3);
		uint32_t replaced = 0;

		utf8_add_clean(&clean, text, clean.max, &replaced);
		add_escaped(&j->b, buf_str(&clean));
		buf_release(&clean);
	}
}

void
json_raw(struct json *j, const char *name, const char *value)
{
	begin(j, name);
	buf_addz(&j->b, value);
}

void
json_text(struct json *j, const char *name, const char *text)
{
	if (text == NULL)
		json_null(j, name);
	else
		json_str(j, name, str_of(text));
}

void
json_tenths(struct json *j, const char *name, int64_t tenths)
{
	begin(j, name);
	if (tenths < 0)
		buf_addc(&j->b, '-');
	add_number(&j->b, (int64_t)llabs(tenths) / 10);
	buf_addc(&j->b, '.');
	add_number(&j->b, (int64_t)llabs(tenths) % 10);
}

void
json_instant(struct json *j, const char *name, int64_t real_ms)
{
	char text[INSTANT_TEXT_MAX];

	if (real_ms == 0) {
		json_null(j, name);
		return;
	}
	instant_format(real_ms, text);
	json_text(j, name, text);
}

void
json_day(struct json *j, const char *name, day_t day)
{
	char text[DAY_TEXT_MAX];

	if (day < 0) {
		json_null(j, name);
		return;
	}
	day_format(day, text);
	json_text(j, name, text);
}
