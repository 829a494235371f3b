/* SPDX-License-Identifier: Apache-2.0 */
/* cache.h - copies of ALP's lists, kept so that ALP need not be asked: in memory, or in a Redis that outlives the daemon.
 *
 * A cache keeps and finds; when a copy is too old is lists.h's to say. It may lose any copy at any time. Nothing that a Redis does, or fails to
 * do, is an error here: it is asked for a fraction of a second, then there is no copy, or the one that was had of it before.
 *
 * Bounds: copies in memory stay within max_bytes altogether, the least recently used going first.
 *
 * Ownership: caches hold counts of bodies; a copy is borrowed for the call it is given to. Threads: the loop's.
 */
#ifndef RTALP_ALP_CACHE_H
#define RTALP_ALP_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alp/cache_seal.h"
#include "alp/list_body.h"
#include "base/macro.h"

struct aside;
struct event_base;

#define CACHE_ETAG_MAX 128

struct list_copy {
	struct list_body *body;
	char etag[CACHE_ETAG_MAX]; /* ALP's; "": none */
	int64_t fetched_ms;        /* or found to be still right; of the real-time clock */
};

typedef void (*cache_got_fn)(const struct list_copy *copy, void *arg); /* NULL: there is none */

struct cache_stats {
	size_t bytes, count;
	uint64_t evicted;
	uint64_t remote_failures; /* of a Redis: gone, slow, full, or with something else under that name */
};

struct cache;
struct cache_ops {
	void (*get)(struct cache *c, enum alp_list list, const char *id, cache_got_fn got, void *arg);
	void (*put)(struct cache *c, enum alp_list list, const char *id, const struct list_copy *copy);
	void (*drop)(struct cache *c, enum alp_list list, const char *id);
	const struct list_copy *(*peek)(struct cache *c, enum alp_list list, const char *id);
	void (*stats)(const struct cache *c, struct cache_stats *ret);
	void (*free)(struct cache *c);
};
struct cache {
	const struct cache_ops *ops;
};

/* Calls `got` once: at once where it can, else later; not any more once the cache was freed. */
void cache_get(struct cache *c, enum alp_list list, const char *id, cache_got_fn got, void *arg);
void cache_put(struct cache *c, enum alp_list list, const char *id, const struct list_copy *copy);
void cache_drop(struct cache *c, enum alp_list list, const char *id);
/* What is in this process's memory, however old; NULL: nothing. Borrowed until the loop goes on; not counted as a use. */
const struct list_copy *cache_peek(struct cache *c, enum alp_list list, const char *id);
void cache_get_stats(const struct cache *c, struct cache_stats *ret);
struct cache *cache_free(struct cache *c); /* accepts NULL */

struct cache *cache_memory_new(size_t max_bytes);

struct cache_redis_options {
	struct event_base *base;
	const char *address;     /* "127.0.0.1:6379", "[::1]:6379" or the path of a socket; no names: looking one up would hold up the loop */
	const char *prefix;      /* of its keys; of at most 64 bytes */
	struct cache_seal_key seal;
	size_t near_bytes;       /* of copies in memory besides */
	int64_t near_ms;         /* so long one of these is given out without a look at Redis */
	int64_t deadline_ms;     /* to connect, and for an answer */
	int64_t keep_ms;         /* Redis forgets what nobody wrote for so long */
	struct aside *aside;     /* reads large bodies; to be freed before. NULL: the loop does */
	const struct list_words *words; /* borrowed */
	const struct list_dress *dress;
	void (*health)(bool well, void *arg); /* it fails, having answered before; it answers again. NULL: nobody wants to know */
	void *health_arg;
};
/* -EINVAL: no such address. Whether a Redis is there is not asked yet. */
int cache_redis_new(const struct cache_redis_options *options, struct cache **ret_cache) _must_check_;
/* Is it one that cache_redis_new() takes? */
bool cache_redis_address_ok(const char *address);

#endif
