/* SPDX-License-Identifier: Apache-2.0 */
/* titles.h - the pool of (activity, document) pairs that one account works with on one day.
 *
 * No two pairs of a pool are equal. Texts of documents live in the day's arena; activities and categories are constants.
 */
#ifndef SANDBOX_TITLES_H
#define SANDBOX_TITLES_H

#include <stddef.h>
#include <stdint.h>

#include "day.h"
#include "rng.h"

/* The imitated service cuts titles here, in the middle of a word if need be. Characters, not bytes. */
#define TITLE_MAX_CHARS 255

#define MATTERS_OF_AN_ACCOUNT 24

enum title_role {
	FOCUS,
	GLANCE,
	PHONE,
	MEETING,
	TITLE_ROLES,
};

struct pair {
	struct text activity, document, category;
	int8_t productivity;
};

struct pool {
	struct pair *pairs[TITLE_ROLES];
	size_t count[TITLE_ROLES], cap[TITLE_ROLES];
};

/* The codes that an account's titles may hold: five digits each, some possibly twice. */
void matters_of(uint64_t account_seed, uint32_t out[MATTERS_OF_AN_ACCOUNT]);

/* Fills `pool` (zeroed) for `account_seed`, which decides the account's matters, and `rng`, which decides the day.
 * `wanted` is about how many pairs are made for FOCUS and GLANCE each. */
void pool_fill(struct pool *pool, struct day *day, struct rng *rng, uint64_t account_seed, int32_t date, size_t wanted);
void pool_release(struct pool *pool);

#endif
