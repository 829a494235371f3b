/* SPDX-License-Identifier: Apache-2.0 */
#include "gzip.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include <zlib.h>

#include "alloc.h"

#define FAST 1
#define DENSE 9
#define WINDOW_GZIP (15 + 16)
#define WINDOW_RAW (-15)
#define MIB (1024 * 1024)

static void
deflate_into(z_stream *z, struct buf *out, const void *data, size_t n, int flush)
{
	size_t room = deflateBound(z, (uLong)n) + 64;

	z->next_in = (Bytef *)(uintptr_t)data;
	z->avail_in = (uInt)n;
	z->next_out = (Bytef *)buf_reserve(out, room);
	z->avail_out = (uInt)room;
	deflate(z, flush);
	out->len += room - z->avail_out;
}

static void
start(z_stream *z, int level, int window)
{
	*z = (z_stream){ 0 };
	if (deflateInit2(z, level, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
		fputs("rtalp-sandbox: zlib does not start\n", stderr);
		exit(EXIT_FAILURE);
	}
}

void
gzip_bytes(struct buf *out, const void *data, size_t n)
{
	/* Setting zlib up clears 256 KiB; resetting one that is there does not. It lives as long as the program. */
	static z_stream z;
	static bool ready;

	if (!ready)
		start(&z, FAST, WINDOW_GZIP);
	ready = true;
	deflateReset(&z);
	deflate_into(&z, out, data, n, Z_FINISH);
}

static void
put_le32(struct evbuffer *out, uint32_t v)
{
	unsigned char b[4] = { (unsigned char)v, (unsigned char)(v >> 8), (unsigned char)(v >> 16), (unsigned char)(v >> 24) };

	evbuffer_add(out, b, sizeof(b));
}

static uLong
crc_of(const void *data, size_t n)
{
	return crc32(crc32(0, NULL, 0), data, (uInt)n);
}

/* Each part is flushed completely, so that the compressed block of one megabyte can be repeated as bytes. */
void
gzip_bomb(struct evbuffer *out, const char *prefix, size_t megabytes, const char *suffix)
{
	static const unsigned char header[10] = { 0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255 };
	struct buf head = { 0 }, block = { 0 }, tail = { 0 };
	char *spaces = xcalloc(MIB, 1);
	uLong crc = crc_of(prefix, strlen(prefix)), block_crc;
	z_stream z;
	size_t i;

	memset(spaces, ' ', MIB);
	block_crc = crc_of(spaces, MIB);
	start(&z, DENSE, WINDOW_RAW);
	deflate_into(&z, &head, prefix, strlen(prefix), Z_FULL_FLUSH);
	deflate_into(&z, &block, spaces, MIB, Z_FULL_FLUSH);
	deflate_into(&z, &tail, suffix, strlen(suffix), Z_FINISH);
	deflateEnd(&z);
	evbuffer_add(out, header, sizeof(header));
	evbuffer_add(out, head.data, head.len);
	for (i = 0; i < megabytes; i++) {
		evbuffer_add(out, block.data, block.len);
		crc = crc32_combine(crc, block_crc, MIB);
	}
	evbuffer_add(out, tail.data, tail.len);
	crc = crc32_combine(crc, crc_of(suffix, strlen(suffix)), (z_off_t)strlen(suffix));
	put_le32(out, (uint32_t)crc);
	put_le32(out, (uint32_t)(strlen(prefix) + megabytes * MIB + strlen(suffix)));
	buf_release(&head);
	buf_release(&block);
	buf_release(&tail);
	free(spaces);
}

bool
gzip_accepted(const char *accept_encoding)
{
	const char *s = accept_encoding ? strcasestr(accept_encoding, "gzip") : NULL;

	if (!s)
		return false;
	s += 4;
	s += strspn(s, " ");
	return strncmp(s, ";q=0", 4) != 0 || (s[4] == '.' && strspn(s + 5, "0") < strcspn(s + 5, ", "));
}
