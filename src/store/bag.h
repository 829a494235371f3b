/* SPDX-License-Identifier: Apache-2.0 */
/* bag.h - numbers found by a hash, in as little memory as that takes: twelve bytes each, and a fifth to two fifths of air.
 *
 * Not zero, and each pair of hash and number at most once. Several numbers may share a hash; many make it slow, so whoever fills it sees to it
 * that the hash tells most of them apart. Grows and shrinks with what is in it. Threads: one at a time.
 */
#ifndef RTALP_STORE_BAG_H
#define RTALP_STORE_BAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bag {
	size_t count, capacity;
	uint32_t *hashes;
	int64_t *values; /* 0: nothing there */
};

void bag_release(struct bag *b);
void bag_add(struct bag *b, uint32_t hash, int64_t value);
/* False if it is not there. */
bool bag_remove(struct bag *b, uint32_t hash, int64_t value);
/* The next number of that hash; *walk begins as BAG_WALK and the bag stays as it is meanwhile. 0: no more. */
#define BAG_WALK SIZE_MAX
int64_t bag_next(const struct bag *b, uint32_t hash, size_t *walk);

#endif
