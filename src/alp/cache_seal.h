/* SPDX-License-Identifier: Apache-2.0 */
/* cache_seal.h - what a copy of a list that lies with others is believed by: a seal that nobody makes who does not have ALP's key.
 *
 * A Redis may be shared, or open to others. Without the seal a daemon of another ALP, or whoever writes there, would put other matters before
 * people, and what it said of an ETag would go into a request that carries the key. A seal holds for one name, and all of a copy: its bytes by
 * their digest. An older copy that is put back is as old as it says. Pure; any thread.
 */
#ifndef RTALP_ALP_CACHE_SEAL_H
#define RTALP_ALP_CACHE_SEAL_H

#include <stdbool.h>

#include "base/str.h"

#define CACHE_SEAL_KEY_BYTES 32
#define CACHE_SEAL_SIZE      33 /* of its text, with the NUL */

struct cache_seal_key {
	unsigned char bytes[CACHE_SEAL_KEY_BYTES];
};
/* Those who ask the same ALP by the same key believe each other. */
void cache_seal_key_make(struct str url, struct str alp_key, struct cache_seal_key *ret_key);

/* What is sealed, as it is written. */
struct cache_sealed {
	const char *name, *version, *fetched, *etag;
};
void cache_seal(const struct cache_seal_key *key, const struct cache_sealed *what, char ret_seal[CACHE_SEAL_SIZE]);
bool cache_seal_holds(const struct cache_seal_key *key, const struct cache_sealed *what, const char *seal);

#endif
