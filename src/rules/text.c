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

bool
text_contains(struct str s, struct str part)
{
	if (part.len == 0)
		return true;
	return s.len >= part.len && memmem(s.p, s.len, part.p, part.len) != NULL;
}

bool
text_may_have_digits(struct str s, unsigned count)
{
	unsigned run = 0;

	for (size_t i = 0; i < s.len && run < count; i++) {
		unsigned char c = (unsigned char)s.p[i];

		run = (c >= '0' && c <= '9') || c >= 0x80 ? run + 1 : 0;
	}
	return run >= count;
}
