/* SPDX-License-Identifier: Apache-2.0 */
/* units.h - how seconds become units of six minutes. One unit is 360 s and is kept as ten tenths; integers only.
 *
 * Pure; any thread or process.
 */
#ifndef RTALP_RULES_UNITS_H
#define RTALP_RULES_UNITS_H

#include <stddef.h>
#include <stdint.h>

#define UNIT_SECONDS 360

/* How a firm rounds. The numbers are stored with every entry and never change their meaning. */
enum rounding {
	ROUNDING_TENTH_UP = 1, /* every begun tenth of a unit counts: the reference's behaviour and the default */
	ROUNDING_UNIT_UP = 2   /* every begun unit counts */
};

/* What is rounded up. */
enum units_per {
	UNITS_PER_ENTRY = 1, /* each entry by itself */
	UNITS_PER_MATTER = 2 /* the sum of a user-day-matter, spread over its entries; an entry without a matter by itself */
};

struct units_policy {
	enum rounding rounding;
	enum units_per per; /* 0: UNITS_PER_ENTRY */
	int32_t minimum_tenths; /* an entry with any time at all is at least this much */
};

/* No time is no units. seconds >= 0. */
int64_t units_tenths(struct units_policy policy, int64_t seconds);

/* What ALP's whole-number field gets for a line: begun units. */
int64_t units_whole(int64_t tenths);

/* Spreads a sum over lines in proportion to their seconds: each line gets the whole part of its share, and what is left goes, a tenth each,
 * to the lines whose shares have the largest remainders, of equal ones to the first. The lines add up to the sum, exactly; without any
 * seconds nobody gets anything. tenths >= 0, no seconds < 0, and their sum fits in 63 bits. */
void units_spread(const int64_t *seconds, size_t count, int64_t tenths, int64_t *ret_tenths);

#endif
