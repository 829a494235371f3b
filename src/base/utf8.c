/* SPDX-License-Identifier: Apache-2.0 */
#include "base/utf8.h"

#include <glib.h>
#include <string.h>

#define EACH_BYTE(byte) (UINT64_C(0x0101010101010101) * (byte))

/* Most texts are of ASCII, and eight bytes that are, none of them NUL, are seen at once. */
static struct str
behind_ascii(struct str s)
{
	uint64_t eight;

	while (s.len >= sizeof eight) {
		memcpy(&eight, s.p, sizeof eight);
		if (((eight | (eight - EACH_BYTE(1))) & EACH_BYTE(0x80)) != 0)
			return s;
		s.p += sizeof eight;
		s.len -= sizeof eight;
	}
	while (s.len > 0 && *s.p != '\0' && (unsigned char)*s.p < 0x80) {
		s.p++;
		s.len--;
	}
	return s;
}

bool
utf8_is_ascii(struct str s)
{
	uint64_t all = 0, eight;

	for (; s.len >= sizeof eight; s.p += sizeof eight, s.len -= sizeof eight) {
		memcpy(&eight, s.p, sizeof eight);
		all |= eight;
	}
	for (; s.len > 0; s.p++, s.len--)
		all |= (unsigned char)*s.p;
	return (all & EACH_BYTE(0x80)) == 0;
}

bool
utf8_valid(struct str s)
{
	s = behind_ascii(s);
	/* Given a length, GLib refuses embedded NULs too. */
	return s.len == 0 || g_utf8_validate_len(s.p, s.len, NULL);
}

int
utf8_add_clean(struct buf *b, struct str s, size_t max_bytes, uint32_t *replaced)
{
	static const char replacement[] = "\xef\xbf\xbd";
	size_t room = max_bytes;

	while (s.len > 0) {
		const char *end;
		size_t good;
		bool valid = g_utf8_validate_len(s.p, s.len, &end);
		int r;

		good = (size_t)(end - s.p);
		if (good > room) {
			good = room;
			while (good > 0 && ((unsigned char)s.p[good] & 0xc0) == 0x80)
				good--;
			return buf_add(b, s.p, good);
		}
		r = buf_add(b, s.p, good);
		if (r < 0 || valid)
			return r;
		room -= good;
		if (room < sizeof replacement - 1)
			return 0;
		r = buf_add(b, replacement, sizeof replacement - 1);
		if (r < 0)
			return r;
		room -= sizeof replacement - 1;
		(*replaced)++;
		s.p += good + 1;
		s.len -= good + 1;
	}
	return 0;
}

size_t
utf8_length(struct str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++)
		n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return n;
}
