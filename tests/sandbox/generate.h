/* SPDX-License-Identifier: Apache-2.0 */
/* generate.h - a made-up but lifelike day of legal work.
 *
 * The same recipe gives the same day, always and everywhere; nothing here looks at a clock. The whole day is made, today's
 * future too: who serves it cuts it.
 */
#ifndef SANDBOX_GENERATE_H
#define SANDBOX_GENERATE_H

#include <stdint.h>

#include "day.h"
#include "zone.h"

struct recipe {
	uint64_t seed;
	uint32_t user;
	int32_t date;          /* local day number */
	uint32_t rows_per_day; /* about how many on a weekday; at most GENERATE_MAX_ROWS */
	struct zone_day zone;  /* that day's missing or repeated hour */
};

#define GENERATE_MAX_ROWS 20000

/* The seed of everything about one account. */
uint64_t account_seed(uint64_t seed, uint32_t user);

/* Rows are ordered and no two share (bucket, activity, document). The caller frees the day. */
struct day *generate_day(const struct recipe *recipe);

#endif
