/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "base/macro.h"
#include "http/head.h"

#define SIZE_LINE_MAX   64
#define TRAILER_MAX     2048
#define SIZE_DIGITS_MAX 8

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* The end of the line that begins at raw. -EAGAIN: it is not there yet; -EPROTO: there is a character at which another reader might end it. */
static int
line_end(const char *p, size_t len, size_t raw, const char **ret_end)
{
	for (size_t i = raw; i < len; i++) {
		unsigned char c = (unsigned char)p[i];

		if (c == '\r' && i + 1 == len)
			return -EAGAIN;
		if (c == '\r' && p[i + 1] == '\n') {
			*ret_end = p + i;
			return 0;
		}
		if ((c < ' ' && c != '\t') || c == 0x7f)
			return -EPROTO;
	}
	return -EAGAIN;
}

/* Chunk extensions mean nothing to us and are skipped. */
static int
read_size(struct chunks *c, const char *p, size_t len, size_t *raw)
{
	size_t digits = 0, size = 0;
	const char *end;
	int r = line_end(p, len, *raw, &end);

	if (r < 0)
		return len - *raw > SIZE_LINE_MAX ? -EPROTO : r;
	for (const char *q = p + *raw; q < end && hex_digit(*q) >= 0 && digits <= SIZE_DIGITS_MAX; q++, digits++)
		size = size * 16 + (size_t)hex_digit(*q);
	if (digits == 0 || digits > SIZE_DIGITS_MAX || end - (p + *raw) > SIZE_LINE_MAX)
		return -EPROTO;
	if (p + *raw + digits < end && strchr("; \t", p[*raw + digits]) == NULL)
		return -EPROTO;
	*raw = (size_t)(end - p) + 2;
	c->left = size;
	c->state = size > 0 ? CHUNK_DATA : CHUNK_TRAILER;
	return 0;
}

static int
read_data(struct chunks *c, char *p, size_t len, size_t *raw, size_t *body)
{
	size_t n = MIN_OF(len - *raw, c->left);

	if (n == 0)
		return -EAGAIN;
	memmove(p + *body, p + *raw, n);
	*body += n;
	*raw += n;
	c->left -= n;
	if (c->left == 0)
		c->state = CHUNK_DATA_END;
	return 0;
}

static int
read_data_end(struct chunks *c, const char *p, size_t len, size_t *raw)
{
	if (len - *raw < 2)
		return -EAGAIN;
	if (memcmp(p + *raw, "\r\n", 2) != 0)
		return -EPROTO;
	*raw += 2;
	c->state = CHUNK_SIZE;
	return 0;
}

/* Trailers are read over until the empty line. */
static int
read_trailer(struct chunks *c, const char *p, size_t len, size_t *raw)
{
	const char *end;
	size_t line;
	int r = line_end(p, len, *raw, &end);

	if (r < 0)
		return c->trailer_bytes + (len - *raw) > TRAILER_MAX ? -EPROTO : r;
	line = (size_t)(end - (p + *raw)) + 2;
	*raw += line;
	c->trailer_bytes += line;
	if (c->trailer_bytes > TRAILER_MAX)
		return -EPROTO;
	if (line == 2)
		c->state = CHUNK_DONE;
	return 0;
}

static int
step(struct chunks *c, char *p, size_t len, size_t *raw, size_t *body)
{
	switch (c->state) {
	case CHUNK_SIZE:
		return read_size(c, p, len, raw);
	case CHUNK_DATA:
		return read_data(c, p, len, raw, body);
	case CHUNK_DATA_END:
		return read_data_end(c, p, len, raw);
	case CHUNK_TRAILER:
		return read_trailer(c, p, len, raw);
	case CHUNK_DONE:
		break;
	}
	return 1;
}

int
chunks_decode(struct chunks *c, char *p, size_t len, size_t *raw, size_t *body, size_t max_body)
{
	int r;

	while ((r = step(c, p, len, raw, body)) == 0)
		if (*body > max_body || (c->state == CHUNK_DATA && c->left > max_body - *body))
			return -E2BIG;
	return r == -EAGAIN ? 0 : r;
}
