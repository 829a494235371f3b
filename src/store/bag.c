/* SPDX-License-Identifier: Apache-2.0 */
/* One table without chains: a number stands at its hash's place or as near behind it as there was room, and what is removed is closed up. */
#include "store/bag.h"

#include <stdlib.h>

#include "base/alloc.h"

#define CAPACITY_MIN 32

static size_t
home(const struct bag *b, uint32_t hash)
{
	return (size_t)(((uint64_t)hash * b->capacity) >> 32);
}

static size_t
after(const struct bag *b, size_t i)
{
	return i + 1 < b->capacity ? i + 1 : 0;
}

static void
put(struct bag *b, uint32_t hash, int64_t value)
{
	size_t i = home(b, hash);

	while (b->values[i] != 0)
		i = after(b, i);
	b->hashes[i] = hash;
	b->values[i] = value;
}

static void
resize(struct bag *b, size_t capacity)
{
	struct bag old = *b;

	b->capacity = capacity;
	b->hashes = xcalloc(capacity, sizeof *b->hashes);
	b->values = xcalloc(capacity, sizeof *b->values);
	for (size_t i = 0; i < old.capacity; i++)
		if (old.values[i] != 0)
			put(b, old.hashes[i], old.values[i]);
	bag_release(&old);
}

void
bag_release(struct bag *b)
{
	free(b->hashes);
	free(b->values);
	*b = (struct bag){0};
}

void
bag_add(struct bag *b, uint32_t hash, int64_t value)
{
	if (b->count >= b->capacity / 5 * 4)
		resize(b, MAX_OF(b->capacity + b->capacity / 3, (size_t)CAPACITY_MIN));
	put(b, hash, value);
	b->count++;
}

/* What stands behind the gap moves into it if that is nearer to its place. */
static void
close_up(struct bag *b, size_t gap)
{
	for (size_t i = after(b, gap); b->values[i] != 0; i = after(b, i)) {
		size_t from_home = (i + b->capacity - home(b, b->hashes[i])) % b->capacity;
		size_t from_gap = (i + b->capacity - gap) % b->capacity;

		if (from_home < from_gap)
			continue;
		b->hashes[gap] = b->hashes[i];
		b->values[gap] = b->values[i];
		gap = i;
	}
	b->values[gap] = 0;
}

bool
bag_remove(struct bag *b, uint32_t hash, int64_t value)
{
	size_t i;

	if (b->count == 0)
		return false;
	for (i = home(b, hash); b->values[i] != value; i = after(b, i))
		if (b->values[i] == 0)
			return false;
	close_up(b, i);
	b->count--;
	if (b->count == 0)
		bag_release(b);
	else if (b->capacity > CAPACITY_MIN && b->count < b->capacity / 4)
		resize(b, MAX_OF(b->capacity / 2, (size_t)CAPACITY_MIN));
	return true;
}

int64_t
bag_next(const struct bag *b, uint32_t hash, size_t *walk)
{
	if (b->capacity == 0)
		return 0;
	for (size_t i = *walk == BAG_WALK ? home(b, hash) : after(b, *walk); b->values[i] != 0; i = after(b, i)) {
		if (b->hashes[i] != hash)
			continue;
		*walk = i;
		return b->values[i];
	}
	return 0;
}
