/* SPDX-License-Identifier: Apache-2.0 */
#include "http/coding.h"

#include <strings.h>
#include <zlib.h>

#include "base/alloc.h"

#define LEVEL       4         /* half the time of the usual 6, a few hundredths larger */
#define WINDOW_GZIP (15 + 16)
#define Q_ONE       1000

/* --- negotiation ---------------------------------------------------------------------------------------------------------- */

static bool
is_space(char c)
{
	return c == ' ' || c == '\t';
}

static struct str
trimmed(struct str s)
{
	while (s.len > 0 && is_space(s.p[0]))
		s = (struct str){s.p + 1, s.len - 1};
	while (s.len > 0 && is_space(s.p[s.len - 1]))
		s.len--;
	return s;
}

static struct str
next_part(struct str *rest, char separator)
{
	const char *end = rest->len > 0 ? memchr(rest->p, separator, rest->len) : NULL;
	struct str part = *rest;

	if (end == NULL) {
		*rest = STR_NONE;
		return trimmed(part);
	}
	part.len = (size_t)(end - rest->p);
	*rest = (struct str){end + 1, rest->len - part.len - 1};
	return trimmed(part);
}

static bool
same(struct str s, const char *word)
{
	return s.len == strlen(word) && strncasecmp(s.p, word, s.len) == 0;
}

/* "0.75" is 750; what is no weight weighs nothing. */
static int
weight(struct str text)
{
	int q = 0, digit = Q_ONE;

	for (size_t i = 0; i < text.len; i++) {
		if (i == 1 && text.p[i] == '.')
			continue;
		if (text.p[i] < '0' || text.p[i] > '9' || i > 4 || (i > 0 && text.p[1] != '.'))
			return 0;
		q += (text.p[i] - '0') * digit;
		digit /= 10;
	}
	return q <= Q_ONE ? q : 0;
}

static int
weight_of(struct str parameters)
{
	while (parameters.len > 0) {
		struct str parameter = next_part(&parameters, ';'), name = next_part(&parameter, '=');

		if (same(name, "q"))
			return weight(parameter);
	}
	return Q_ONE;
}

bool
coding_wants_gzip(struct str header)
{
	int gzip = -1, identity = -1, any = -1;

	while (header.len > 0) {
		struct str parameters = next_part(&header, ','), name = next_part(&parameters, ';');
		int q = weight_of(parameters);

		if (same(name, "gzip") || same(name, "x-gzip"))
			gzip = q;
		else if (same(name, "identity"))
			identity = q;
		else if (same(name, "*"))
			any = q;
	}
	if (gzip < 0)
		gzip = any;
	return gzip > 0 && gzip >= identity;
}

/* --- gzip ----------------------------------------------------------------------------------------------------------------- */

char *
coding_gzip(struct str bytes, size_t *ret_len)
{
	z_stream z = {0};
	char *out;
	size_t room;
	int rc;

	if (bytes.len < GZIP_MIN_BYTES || bytes.len > UINT32_MAX / 2)
		return NULL;
	if (deflateInit2(&z, LEVEL, Z_DEFLATED, WINDOW_GZIP, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		return NULL;
	/* Clearly smaller, or it does not fit and is given up. */
	room = bytes.len - bytes.len / 8;
	out = xcalloc(1, room);
	z.next_in = (Bytef *)(uintptr_t)bytes.p;
	z.avail_in = (uInt)bytes.len;
	z.next_out = (Bytef *)out;
	z.avail_out = (uInt)room;
	rc = deflate(&z, Z_FINISH);
	deflateEnd(&z);
	if (rc != Z_STREAM_END) {
		free(out);
		return NULL;
	}
	*ret_len = room - z.avail_out;
	return xreallocarray(out, *ret_len, 1);
}
