/* SPDX-License-Identifier: Apache-2.0 */
#include "cache.h"

#include <stdlib.h>

#include "alloc.h"
#include "rng.h"

#define SLOTS 8192
#define BYTES_MAX ((size_t)96 * 1024 * 1024)

struct slot {
	struct cache_key key;
	struct blob *body;
};

struct cache {
	struct slot slots[SLOTS];
	size_t bytes;
};

struct cache *
cache_new(void)
{
	return xcalloc(1, sizeof(struct cache));
}

void
cache_free(struct cache *c)
{
	if (!c)
		return;
	cache_forget(c);
	free(c);
}

static bool
same_key(const struct cache_key *a, const struct cache_key *b)
{
	return a->user == b->user && a->first == b->first && a->last == b->last && a->perspective == b->perspective &&
	       a->resolution == b->resolution && a->kind == b->kind && a->format == b->format && a->gzip == b->gzip;
}

static struct slot *
slot_of(struct cache *c, const struct cache_key *k)
{
	uint64_t shape = (uint64_t)k->perspective | (uint64_t)k->resolution << 4 | (uint64_t)k->kind << 8 |
	                 (uint64_t)k->format << 12 | (uint64_t)k->gzip << 16;
	uint64_t h = rng_mix(((uint64_t)k->user << 32) + (uint32_t)k->first) ^ rng_mix((uint32_t)k->last + (shape << 32));

	return &c->slots[rng_mix(h) % SLOTS];
}

struct blob *
cache_get(struct cache *c, const struct cache_key *key)
{
	struct slot *s = slot_of(c, key);

	return s->body && same_key(&s->key, key) ? blob_ref(s->body) : NULL;
}

static void
drop(struct cache *c, struct slot *s)
{
	if (!s->body)
		return;
	c->bytes -= s->body->len;
	blob_unref(s->body);
	s->body = NULL;
}

void
cache_put(struct cache *c, const struct cache_key *key, struct blob *body)
{
	struct slot *s;

	if (body->len > BYTES_MAX / 16)
		return;
	if (c->bytes + body->len > BYTES_MAX)
		cache_forget(c);
	s = slot_of(c, key);
	drop(c, s);
	s->key = *key;
	s->body = blob_ref(body);
	c->bytes += body->len;
}

void
cache_forget(struct cache *c)
{
	size_t i;

	for (i = 0; i < SLOTS; i++)
		drop(c, &c->slots[i]);
}
