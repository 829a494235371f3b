/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/text.h"

#include <glib.h>
#include <langinfo.h>
#include <locale.h>
#include <stdbool.h>
#include <wchar.h>

#define REPLACEMENT "\xef\xbf\xbd"

void
text_setup(void)
{
	if (setlocale(LC_CTYPE, "") == NULL || strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
		(void)setlocale(LC_CTYPE, "C.UTF-8");
}

/* One character of a string that has at least one byte. Returns its length, or 0 for a byte that is not UTF-8. */
static size_t
next_char(struct str s, gunichar *ret_char)
{
	gunichar c = g_utf8_get_char_validated(s.p, (gssize)s.len);

	if (c == (gunichar)-1 || c == (gunichar)-2)
		return 0;
	*ret_char = c;
	return c == 0 ? 1 : (size_t)(g_utf8_skip[(unsigned char)s.p[0]]);
}

static bool
turns_direction(gunichar c)
{
	return c == 0x061c || c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

static bool
is_shown(gunichar c)
{
	if (c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029 || turns_direction(c))
		return false;
	/* Tags and other characters without a glyph can hide text; unassigned ones have no width to count on. */
	return c != 0xfeff && (c < 0xe0000 || c > 0xe0fff) && wcwidth((wchar_t)c) >= 0;
}

static bool
is_space(gunichar c)
{
	return c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f' || c == 0x85 || c == 0xa0;
}

void
text_add_safe(struct buf *b, struct str s)
{
	while (s.len > 0) {
		gunichar c = 0;
		size_t len = next_char(s, &c);

		if (len > 0 && is_space(c))
			buf_addc(b, ' ');
		else if (len > 0 && is_shown(c))
			buf_add(b, s.p, len);
		else
			buf_addz(b, REPLACEMENT);
		len = len > 0 ? len : 1;
		s = (struct str){s.p + len, s.len - len};
	}
}

static void
put_escaped(FILE *out, gunichar c)
{
	if (c < 0x10000)
		fprintf(out, "\\u%04x", (unsigned)c);
	else
		fprintf(out, "\\u%04x\\u%04x", 0xd800 + ((unsigned)(c - 0x10000) >> 10), 0xdc00 + ((unsigned)c & 0x3ff));
}

void
text_put_json(FILE *out, struct str json)
{
	size_t shown = 0; /* what begins the rest and goes out as it is */

	while (shown < json.len) {
		gunichar c = 0;
		size_t len = next_char((struct str){json.p + shown, json.len - shown}, &c);

		if (len > 0 && (is_shown(c) || c == '\n')) {
			shown += len;
			continue;
		}
		fwrite(json.p, 1, shown, out);
		if (len > 0)
			put_escaped(out, c);
		else
			fputs(REPLACEMENT, out);
		shown += len > 0 ? len : 1;
		json = (struct str){json.p + shown, json.len - shown};
		shown = 0;
	}
	if (json.len > 0)
		fwrite(json.p, 1, json.len, out);
}

static size_t
walk(struct str s, size_t max_width, size_t *ret_width)
{
	size_t bytes = 0, width = 0;

	while (bytes < s.len) {
		gunichar c = 0;
		size_t len = next_char((struct str){s.p + bytes, s.len - bytes}, &c);
		int columns = len > 0 ? wcwidth((wchar_t)c) : 1;

		if (columns > 0 && width + (size_t)columns > max_width)
			break;
		width += columns > 0 ? (size_t)columns : 0;
		bytes += len > 0 ? len : 1;
	}
	*ret_width = width;
	return bytes;
}

size_t
text_width(struct str safe)
{
	size_t width;

	walk(safe, SIZE_MAX, &width);
	return width;
}

size_t
text_fit(struct str safe, size_t width)
{
	return walk(safe, width, &width);
}
