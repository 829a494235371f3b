/* SPDX-License-Identifier: Apache-2.0 */
#include "http/answer_cache.h"

#include <string.h>
#include <sys/queue.h>
#include <uthash.h>

#include "base/alloc.h"
#include "http/answer.h"

#define LARGEST_SHARE 8 /* an answer may take so much of the room */

struct kept {
	UT_hash_handle hh;
	TAILQ_ENTRY(kept) entry;
	struct ready_answer *answer;
	int64_t alp_user_id;
	uint64_t version;
	size_t bytes; /* as counted */
	size_t key_len;
	char key[];
};

TAILQ_HEAD(kept_list, kept);

struct answer_cache {
	struct kept *table;
	struct kept_list by_use; /* the last used first */
	size_t max_bytes;
	answer_version_fn version_of;
	const void *arg;
	struct answer_cache_stats stats;
};

struct answer_cache *
answer_cache_new(size_t max_bytes, answer_version_fn version_of, const void *arg)
{
	struct answer_cache *c = xcalloc(1, sizeof *c);

	TAILQ_INIT(&c->by_use);
	c->max_bytes = max_bytes;
	c->version_of = version_of;
	c->arg = arg;
	return c;
}

static size_t
bytes_of(const struct kept *k)
{
	return sizeof *k + k->key_len + answer_size(k->answer);
}

static void
forget(struct answer_cache *c, struct kept *k)
{
	HASH_DEL(c->table, k);
	TAILQ_REMOVE(&c->by_use, k, entry);
	c->stats.bytes -= k->bytes;
	c->stats.count--;
	answer_unref(k->answer);
	free(k);
}

static void
make_room(struct answer_cache *c)
{
	while (c->stats.bytes > c->max_bytes) {
		forget(c, TAILQ_LAST(&c->by_use, kept_list));
		c->stats.evicted++;
	}
}

void
answer_cache_set_max(struct answer_cache *c, size_t max_bytes)
{
	c->max_bytes = max_bytes;
	make_room(c);
}

struct answer_cache *
answer_cache_free(struct answer_cache *c)
{
	if (c == NULL)
		return NULL;
	while (!TAILQ_EMPTY(&c->by_use))
		forget(c, TAILQ_FIRST(&c->by_use));
	free(c);
	return NULL;
}

static struct kept *
find(const struct answer_cache *c, struct str key)
{
	struct kept *k;

	HASH_FIND(hh, c->table, key.p, key.len, k);
	return k;
}

static void
recount(struct answer_cache *c, struct kept *k)
{
	size_t bytes = bytes_of(k);

	c->stats.bytes += bytes - k->bytes;
	k->bytes = bytes;
}

struct ready_answer *
answer_cache_get(struct answer_cache *c, struct str key, int64_t *ret_user)
{
	struct kept *k = find(c, key);

	if (k != NULL && k->version != c->version_of(c->arg, k->alp_user_id)) {
		forget(c, k);
		c->stats.outdated++;
		k = NULL;
	}
	if (k == NULL) {
		c->stats.misses++;
		return NULL;
	}
	c->stats.hits++;
	TAILQ_REMOVE(&c->by_use, k, entry);
	TAILQ_INSERT_HEAD(&c->by_use, k, entry);
	recount(c, k);
	*ret_user = k->alp_user_id;
	return k->answer;
}

void
answer_cache_put(struct answer_cache *c, struct str key, int64_t alp_user_id, struct ready_answer *a)
{
	struct kept *k = find(c, key);

	if (k != NULL)
		forget(c, k);
	if (sizeof *k + key.len + answer_size(a) > c->max_bytes / LARGEST_SHARE)
		return;
	k = xcalloc(1, sizeof *k + key.len);
	k->answer = answer_ref(a);
	k->alp_user_id = alp_user_id;
	k->version = c->version_of(c->arg, alp_user_id);
	k->key_len = key.len;
	memcpy(k->key, key.p, key.len);
	HASH_ADD(hh, c->table, key, key.len, k);
	TAILQ_INSERT_HEAD(&c->by_use, k, entry);
	c->stats.count++;
	recount(c, k);
	make_room(c);
}

void
answer_cache_get_stats(const struct answer_cache *c, struct answer_cache_stats *ret_stats)
{
	*ret_stats = c->stats;
}
