/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/text.h"

#include <stdint.h>
#include <string.h>

static bool
is_continuation(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

static bool
is_space(uint32_t c)
{
	if (c < 0x80)
		return (c >= '\t' && c <= '\r') || (c >= 0x1c && c <= ' ');
	return c == 0x85 || c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 ||
	       c == 0x202f || c == 0x205f || c == 0x3000;
}

/* All white space has at most three bytes in UTF-8; a longer character comes out as some number that is none. */
static bool
is_space_char(const char *p, size_t len)
{
	const unsigned char *u = (const unsigned char *)p;

	switch (len) {
	case 1:
		return is_space(u[0]);
	case 2:
		return is_space((u[0] & 0x1fu) << 6 | (u[1] & 0x3fu));
	case 3:
		return is_space((u[0] & 0xfu) << 12 | (u[1] & 0x3fu) << 6 | (u[2] & 0x3fu));
	default:
		return false;
	}
}

/* Bytes of the white space character that the string begins with, or 0. */
static size_t
space_at_start(struct str s)
{
	size_t n = 1;

	while (n < s.len && is_continuation(s.p[n]))
		n++;
	return s.len > 0 && is_space_char(s.p, n) ? n : 0;
}

static size_t
space_at_end(struct str s)
{
	size_t n = 1;

	while (n < s.len && is_continuation(s.p[s.len - n]))
		n++;
	return s.len > 0 && is_space_char(s.p + s.len - n, n) ? n : 0;
}

struct str
text_trim(struct str s)
{
	size_t n;

	while ((n = space_at_start(s)) > 0) {
		s.p += n;
		s.len -= n;
	}
	while ((n = space_at_end(s)) > 0)
		s.len -= n;
	return s;
}

struct str
text_cut(struct str s, size_t max_bytes)
{
	if (s.len <= max_bytes)
		return s;
	s.len = max_bytes;
	while (s.len > 0 && is_continuation(s.p[s.len]))
		s.len--;
	return s;
}

/* Of a character of two bytes; what it becomes has two bytes as well. */
static uint32_t
fold_char(uint32_t c)
{
	if ((c >= 0xc0 && c <= 0xde && c != 0xd7) || (c >= 0x391 && c <= 0x3ab) || (c >= 0x410 && c <= 0x42f))
		return c + 0x20;
	if (c >= 0x400 && c <= 0x40f)
		return c + 0x50;
	if ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17e))
		return c + (c & 1);
	if ((c >= 0x100 && c <= 0x12f) || (c >= 0x132 && c <= 0x137) || (c >= 0x14a && c <= 0x177))
		return c | 1;
	return c == 0x178 ? 0xff : c;
}

void
text_small(struct str s, char *out)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char u = (unsigned char)s.p[i];

		if (u >= 0xc3 && u <= 0xd3 && i + 1 < s.len) {
			uint32_t c = fold_char((u & 0x1fu) << 6 | ((unsigned char)s.p[i + 1] & 0x3fu));

			out[i++] = (char)(0xc0 | c >> 6);
			out[i] = (char)(0x80 | (c & 0x3f));
		} else {
			out[i] = (char)(u >= 'A' && u <= 'Z' ? u + 0x20 : u);
		}
	}
}

bool
text_contains(struct str s, struct str part)
{
	if (part.len == 0)
		return true;
	return s.len >= part.len && memmem(s.p, s.len, part.p, part.len) != NULL;
}
