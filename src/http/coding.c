/* SPDX-License-Identifier: Apache-2.0 */
#include "http/coding.h"

#include <strings.h>
#include <zlib.h>

#include "base/alloc.h"
#include "http/words.h"

#define LEVEL       4         /* half the time of the usual 6, a few hundredths larger */
#define WINDOW_GZIP (15 + 16)

/* --- negotiation ---------------------------------------------------------------------------------------------------------- */

static int
weight_of(struct str parameters)
{
	while (parameters.len > 0) {
		struct str parameter = words_next(&parameters, ';'), name = words_next(&parameter, '=');

		if (words_same(name, "q"))
			return MAX_OF(words_weight(parameter), 0); /* what is no weight weighs nothing */
	}
	return WEIGHT_ONE;
}

bool
coding_wants_gzip(struct str header)
{
	int gzip = -1, identity = -1, any = -1;

	while (header.len > 0) {
		struct str parameters = words_next(&header, ','), name = words_next(&parameters, ';');
		int q = weight_of(parameters);

		if (words_same(name, "gzip") || words_same(name, "x-gzip"))
			gzip = q;
		else if (words_same(name, "identity"))
			identity = q;
		else if (words_same(name, "*"))
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
