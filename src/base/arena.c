/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

#define CHUNK_BYTES ((size_t)16 * 1024)

struct chunk {
	struct chunk *next;
	size_t used, size; /* of `bytes` */
	alignas(max_align_t) unsigned char bytes[];
};

struct arena {
	struct chunk *chunks; /* the newest first */
};

struct arena *
arena_new(void)
{
	return xcalloc(1, sizeof(struct arena));
}

struct arena *
arena_free(struct arena *a)
{
	if (a == NULL)
		return NULL;
	for (struct chunk *c = a->chunks, *next; c != NULL; c = next) {
		next = c->next;
		free(c);
	}
	free(a);
	return NULL;
}

static struct chunk *
add_chunk(struct arena *a, size_t at_least)
{
	size_t size = MAX_OF(at_least, CHUNK_BYTES);
	struct chunk *c = xcalloc(1, sizeof *c + size);

	c->size = size;
	c->next = a->chunks;
	a->chunks = c;
	return c;
}

void *
arena_alloc(struct arena *a, size_t count, size_t size_bytes)
{
	const size_t unit = alignof(max_align_t);
	struct chunk *c = a->chunks;
	size_t bytes;
	void *p;

	if (__builtin_mul_overflow(count, size_bytes, &bytes) || bytes > SIZE_MAX / 2)
		abort();
	bytes = (bytes + unit - 1) / unit * unit;
	if (c == NULL || c->size - c->used < bytes)
		c = add_chunk(a, bytes);
	p = c->bytes + c->used;
	c->used += bytes;
	return p;
}

void *
arena_copy(struct arena *a, const void *from, size_t count, size_t size_bytes)
{
	void *p = arena_alloc(a, count, size_bytes);

	if (count > 0)
		memcpy(p, from, count * size_bytes);
	return p;
}

const char *
arena_text(struct arena *a, const char *text)
{
	return arena_copy(a, text, strlen(text) + 1, 1);
}
