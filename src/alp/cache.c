/* SPDX-License-Identifier: Apache-2.0 */
#include "alp/cache.h"

#include <stdio.h>
#include <string.h>
#include <sys/queue.h>
#include <uthash.h>

#include "base/alloc.h"

void
cache_get(struct cache *c, enum alp_list list, const char *id, cache_got_fn got, void *arg)
{
	c->ops->get(c, list, id, got, arg);
}

void
cache_put(struct cache *c, enum alp_list list, const char *id, const struct list_copy *copy)
{
	c->ops->put(c, list, id, copy);
}

void
cache_drop(struct cache *c, enum alp_list list, const char *id)
{
	c->ops->drop(c, list, id);
}

const struct list_copy *
cache_peek(struct cache *c, enum alp_list list, const char *id)
{
	return c->ops->peek(c, list, id);
}

void
cache_get_stats(const struct cache *c, struct cache_stats *ret)
{
	c->ops->stats(c, ret);
}

struct cache *
cache_free(struct cache *c)
{
	if (c != NULL)
		c->ops->free(c);
	return NULL;
}

/* --- in memory ---------------------------------------------------------------------------------------------------------------- */

#define KEY_MAX (2 + ALP_ID_MAX)

struct kept {
	UT_hash_handle hh;
	TAILQ_ENTRY(kept) entry;
	struct list_copy copy;
	size_t bytes; /* as counted */
	char key[KEY_MAX];
};
TAILQ_HEAD(kept_list, kept);

struct memory {
	struct cache cache;
	struct kept *table;
	struct kept_list by_use; /* the last used first */
	size_t max_bytes;
	struct cache_stats stats;
};

static struct memory *
memory_of(struct cache *c)
{
	return CONTAINER_OF(c, struct memory, cache);
}

static struct kept *
find(struct memory *m, enum alp_list list, const char *id)
{
	char key[KEY_MAX];
	struct kept *k;

	(void)snprintf(key, sizeof key, "%c/%s", 'a' + (int)list, id);
	HASH_FIND(hh, m->table, key, strlen(key), k);
	return k;
}

static void
forget(struct memory *m, struct kept *k)
{
	HASH_DEL(m->table, k);
	TAILQ_REMOVE(&m->by_use, k, entry);
	m->stats.bytes -= k->bytes;
	m->stats.count--;
	list_body_unref(k->copy.body);
	free(k);
}

static void
memory_get(struct cache *c, enum alp_list list, const char *id, cache_got_fn got, void *arg)
{
	struct memory *m = memory_of(c);
	struct kept *k = find(m, list, id);
	struct list_copy copy;

	if (k == NULL) {
		got(NULL, arg);
		return;
	}
	TAILQ_REMOVE(&m->by_use, k, entry);
	TAILQ_INSERT_HEAD(&m->by_use, k, entry);
	/* It may be forgotten in there. */
	copy = k->copy;
	list_body_ref(copy.body);
	got(&copy, arg);
	list_body_unref(copy.body);
}

static const struct list_copy *
memory_peek(struct cache *c, enum alp_list list, const char *id)
{
	struct kept *k = find(memory_of(c), list, id);

	return k != NULL ? &k->copy : NULL;
}

static void
memory_drop(struct cache *c, enum alp_list list, const char *id)
{
	struct memory *m = memory_of(c);
	struct kept *k = find(m, list, id);

	if (k != NULL)
		forget(m, k);
}

static void
make_room(struct memory *m)
{
	while (m->stats.bytes > m->max_bytes) {
		forget(m, TAILQ_LAST(&m->by_use, kept_list));
		m->stats.evicted++;
	}
}

static void
memory_put(struct cache *c, enum alp_list list, const char *id, const struct list_copy *copy)
{
	struct memory *m = memory_of(c);
	struct kept *k = xcalloc(1, sizeof *k);

	k->copy = *copy;
	list_body_ref(k->copy.body);
	memory_drop(c, list, id);
	(void)snprintf(k->key, sizeof k->key, "%c/%s", 'a' + (int)list, id);
	k->bytes = sizeof *k + list_body_size(copy->body);
	HASH_ADD_KEYPTR(hh, m->table, k->key, strlen(k->key), k);
	TAILQ_INSERT_HEAD(&m->by_use, k, entry);
	m->stats.bytes += k->bytes;
	m->stats.count++;
	make_room(m);
}

static void
memory_stats(const struct cache *c, struct cache_stats *ret)
{
	*ret = ((const struct memory *)(const void *)((const char *)c - offsetof(struct memory, cache)))->stats;
}

static void
memory_free(struct cache *c)
{
	struct memory *m = memory_of(c);

	while (!TAILQ_EMPTY(&m->by_use))
		forget(m, TAILQ_FIRST(&m->by_use));
	free(m);
}

static const struct cache_ops memory_ops = {memory_get, memory_put, memory_drop, memory_peek, memory_stats, memory_free};

struct cache *
cache_memory_new(size_t max_bytes)
{
	struct memory *m = xcalloc(1, sizeof *m);

	m->cache.ops = &memory_ops;
	m->max_bytes = max_bytes;
	TAILQ_INIT(&m->by_use);
	return &m->cache;
}
