/* SPDX-License-Identifier: Apache-2.0 */
#include "http/inbuf.h"

#include <event2/buffer.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

#define SMALLEST_BYTES 1024

/* realloc() would leave the old bytes wherever they were. */
static void
inbuf_reserve(struct inbuf *b, size_t more)
{
	size_t want = b->len + more, capacity = b->capacity > 0 ? b->capacity : SMALLEST_BYTES;
	char *p;

	if (want <= b->capacity)
		return;
	while (capacity < want)
		capacity *= 2;
	p = xcalloc(capacity, 1);
	if (b->len > 0)
		memcpy(p, b->p, b->len);
	if (b->p != NULL)
		explicit_bzero(b->p, b->capacity);
	free(b->p);
	b->p = p;
	b->capacity = capacity;
}

char *
inbuf_room(struct inbuf *b, size_t most)
{
	inbuf_reserve(b, most);
	return b->p + b->len;
}

void
inbuf_grew(struct inbuf *b, size_t count)
{
	b->len += count;
}

static void
take_chunk(struct inbuf *b, const struct evbuffer_iovec *chunk)
{
	if (b != NULL && chunk->iov_len > 0) {
		inbuf_reserve(b, chunk->iov_len);
		memcpy(b->p + b->len, chunk->iov_base, chunk->iov_len);
		b->len += chunk->iov_len;
	}
	explicit_bzero(chunk->iov_base, chunk->iov_len);
}

/* A chunk may be empty, so the length says when it is over. */
static void
take_all(struct inbuf *b, struct evbuffer *from)
{
	struct evbuffer_iovec chunks[16];

	while (evbuffer_get_length(from) > 0) {
		int n = MIN_OF(evbuffer_peek(from, -1, NULL, chunks, ELEMENTSOF(chunks)), (int)ELEMENTSOF(chunks));
		size_t taken = 0;

		for (int i = 0; i < n; i++) {
			take_chunk(b, &chunks[i]);
			taken += chunks[i].iov_len;
		}
		if (taken == 0 || evbuffer_drain(from, taken) < 0)
			return;
	}
}

void
inbuf_take(struct inbuf *b, struct evbuffer *from)
{
	take_all(b, from);
}

void
inbuf_discard(struct evbuffer *from)
{
	take_all(NULL, from);
}

void
inbuf_cut(struct inbuf *b, size_t begin, size_t end)
{
	size_t left = b->len - (end - begin);

	if (begin == end)
		return;
	memmove(b->p + begin, b->p + end, b->len - end);
	explicit_bzero(b->p + left, b->len - left);
	b->len = left;
}

void
inbuf_consume(struct inbuf *b, size_t count)
{
	if (count == b->len)
		inbuf_release(b);
	else
		inbuf_cut(b, 0, count);
}

void
inbuf_release(struct inbuf *b)
{
	if (b->p != NULL)
		explicit_bzero(b->p, b->capacity);
	free(b->p);
	*b = (struct inbuf){0};
}
