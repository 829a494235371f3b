/* SPDX-License-Identifier: Apache-2.0 */
/* cache.h - bodies made before, so that a benchmark measures its daemon and not this program.
 *
 * Only answers that nothing but a control request can change belong here; every such change calls cache_forget().
 */
#ifndef SANDBOX_CACHE_H
#define SANDBOX_CACHE_H

#include <stdbool.h>
#include <stdint.h>

#include "blob.h"
#include "query.h"

struct cache;

struct cache_key {
	uint32_t user;
	int32_t first, last;
	uint8_t perspective, resolution, kind, format;
	bool gzip;
};

struct cache *cache_new(void);
void cache_free(struct cache *c);

/* A new reference, or NULL. */
struct blob *cache_get(struct cache *c, const struct cache_key *key);

/* Takes a reference of its own. May forget others to stay within its size. */
void cache_put(struct cache *c, const struct cache_key *key, struct blob *body);
void cache_forget(struct cache *c);

#endif
