/* SPDX-License-Identifier: Apache-2.0 */
/* answer_cache.h - finished answers, kept until what they say changes or room is needed.
 *
 * Every answer belongs to the user whose data is in it and to a version of that user's data; one of another version is never given out. The
 * caller settles who may ask before it looks here, and puts into the key whatever the answer depends on.
 *
 * Bounds: the sum of answers, keys and bookkeeping stays within max_bytes, the least recently used going first; an answer larger than an
 * eighth of that is not kept. (A gzip form made after an answer was kept is counted when the answer is next used.)
 *
 * Ownership: holds a count of each answer. Threads: the loop's.
 */
#ifndef RTALP_HTTP_ANSWER_CACHE_H
#define RTALP_HTTP_ANSWER_CACHE_H

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct answer_cache;
struct ready_answer;

#define ANSWER_KEY_MAX 1024

typedef uint64_t (*answer_version_fn)(const void *arg, int64_t alp_user_id);

struct answer_cache *answer_cache_new(size_t max_bytes, answer_version_fn version_of, const void *arg);
struct answer_cache *answer_cache_free(struct answer_cache *c); /* accepts NULL, returns NULL */
void answer_cache_set_max(struct answer_cache *c, size_t max_bytes);

/* Borrowed until the cache is used again; NULL: there is none of the present version. ret_user: whose data is in it. */
struct ready_answer *answer_cache_get(struct answer_cache *c, struct str key, int64_t *ret_user);
/* Keeps the answer as of the user's present version, in the place of one that has the key. */
void answer_cache_put(struct answer_cache *c, struct str key, int64_t alp_user_id, struct ready_answer *a);

struct answer_cache_stats {
	size_t bytes, count;
	uint64_t hits, misses, outdated, evicted; /* since it was made; outdated ones are misses, too */
};
void answer_cache_get_stats(const struct answer_cache *c, struct answer_cache_stats *ret_stats);

#endif
