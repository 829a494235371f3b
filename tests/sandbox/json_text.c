/* SPDX-License-Identifier: Apache-2.0 */
/* json_text.c - one string as JSON, in the three ways that answers may be escaped. */
#include "render.h"

static void
put_unit(struct buf *out, uint32_t unit)
{
	static const char digits[] = "0123456789abcdef";
	char *p = buf_reserve(out, 6);

	p[0] = '\\';
	p[1] = 'u';
	p[2] = digits[unit >> 12 & 15];
	p[3] = digits[unit >> 8 & 15];
	p[4] = digits[unit >> 4 & 15];
	p[5] = digits[unit & 15];
	out->len += 6;
}

/* Reads one character of well-formed UTF-8; 0 bytes used where it is not, which then goes out as it is. */
static size_t
read_char(const unsigned char *s, size_t n, uint32_t *ret)
{
	size_t len = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : s[0] >= 0xc2 ? 2 : 0, i;
	uint32_t c;

	if (!len || len > n || s[0] > 0xf4)
		return 0;
	c = s[0] & (0xffU >> (len + 1));
	for (i = 1; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3f);
	}
	*ret = c;
	return len;
}

static void
put_wide(struct buf *out, uint32_t c)
{
	if (c >= 0x10000) {
		put_unit(out, 0xd800 + ((c - 0x10000) >> 10));
		put_unit(out, 0xdc00 + ((c - 0x10000) & 0x3ff));
	} else {
		put_unit(out, c);
	}
}

static void
put_ascii(struct buf *out, unsigned char c)
{
	if (c == '"' || c == '\\') {
		buf_putc(out, '\\');
		buf_putc(out, (char)c);
	} else if (c == '\n') {
		buf_puts(out, "\\n");
	} else if (c == '\t') {
		buf_puts(out, "\\t");
	} else if (c == '\r') {
		buf_puts(out, "\\r");
	} else {
		put_unit(out, c);
	}
}

/* What needs no second look, by escaping: printable ASCII without quote and backslash, and beyond ASCII what may stay. */
static const bool *
plain_bytes(enum escaping escaping)
{
	static bool tables[3][256];
	static bool made[3];
	bool *t = tables[escaping];
	int c;

	if (made[escaping])
		return t;
	for (c = 0x20; c < 0x80; c++)
		t[c] = c != '"' && c != '\\' && (escaping == ESCAPE_RAW || (c != '&' && c != '<' && c != '>'));
	/* U+2028 and U+2029 start with e2. */
	for (c = 0x80; c < 0x100; c++)
		t[c] = escaping == ESCAPE_RAW || (escaping == ESCAPE_RAILS && c != 0xe2);
	made[escaping] = true;
	return t;
}

void
render_json_text(struct buf *out, struct text s, enum escaping escaping, bool bare)
{
	const unsigned char *p = (const unsigned char *)s.s;
	const bool *plain = plain_bytes(escaping);
	size_t i = 0, run;

	buf_putc(out, '"');
	while (i < s.n) {
		uint32_t c = 0;
		size_t used;

		for (run = i; run < s.n && (plain[p[run]] || (bare && p[run] < 0x20)); run++)
			;
		buf_add(out, s.s + i, run - i);
		i = run;
		if (i == s.n)
			break;
		if (p[i] < 0x80) {
			put_ascii(out, p[i++]);
			continue;
		}
		used = read_char(p + i, s.n - i, &c);
		if (used && (escaping == ESCAPE_ASCII || c == 0x2028 || c == 0x2029))
			put_wide(out, c);
		else
			buf_add(out, p + i, used ? used : 1);
		i += used ? used : 1;
	}
	buf_putc(out, '"');
}
