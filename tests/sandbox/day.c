/* SPDX-License-Identifier: Apache-2.0 */
#include "day.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"

#define CHUNK_BYTES 16000

struct day_chunk {
	struct day_chunk *next;
	size_t used, size;
	char bytes[];
};

struct day *
day_new(void)
{
	return xcalloc(1, sizeof(struct day));
}

void
day_free(struct day *d)
{
	if (!d)
		return;
	while (d->chunks) {
		struct day_chunk *next = d->chunks->next;

		free(d->chunks);
		d->chunks = next;
	}
	free(d->rows);
	free(d);
}

struct text
day_text(struct day *d, const char *s, size_t n)
{
	struct day_chunk *c = d->chunks;
	char *to;

	if (!c || c->size - c->used < n) {
		size_t size = n > CHUNK_BYTES ? n : CHUNK_BYTES;

		c = xrealloc(NULL, sizeof(*c) + size, 1);
		c->next = d->chunks;
		c->used = 0;
		c->size = size;
		d->chunks = c;
	}
	to = c->bytes + c->used;
	if (n)
		memcpy(to, s, n);
	c->used += n;
	return (struct text){ to, n };
}

void
day_add(struct day *d, const struct row *row)
{
	if (d->count == d->cap)
		d->rows = xgrow(d->rows, &d->cap, d->count, sizeof(*d->rows));
	d->rows[d->count++] = *row;
}

void
day_remove(struct day *d, size_t index)
{
	memmove(d->rows + index, d->rows + index + 1, (d->count - index - 1) * sizeof(*d->rows));
	d->count--;
}

struct day *
day_copy(const struct day *from)
{
	struct day *d = day_new();
	size_t i;

	for (i = 0; i < from->count; i++) {
		struct row r = from->rows[i];

		r.activity = day_text(d, r.activity.s, r.activity.n);
		r.document = day_text(d, r.document.s, r.document.n);
		r.category = day_text(d, r.category.s, r.category.n);
		day_add(d, &r);
	}
	return d;
}

static int
row_order(const void *pa, const void *pb)
{
	const struct row *a = pa, *b = pb;
	int r;

	if (a->minute != b->minute)
		return a->minute < b->minute ? -1 : 1;
	if (a->seconds != b->seconds)
		return a->seconds > b->seconds ? -1 : 1;
	r = text_compare(a->activity, b->activity);
	return r ? r : text_compare(a->document, b->document);
}

void
day_sort(struct day *d)
{
	if (d->count > 1)
		qsort(d->rows, d->count, sizeof(*d->rows), row_order);
}
