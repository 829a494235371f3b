/* SPDX-License-Identifier: Apache-2.0 */
/* zone.h - what the wall clock of an account shows.
 *
 * Zones are IANA names; the C library's rules are used through TZ, so only one thread may call these.
 */
#ifndef SANDBOX_ZONE_H
#define SANDBOX_ZONE_H

#include <stdbool.h>
#include <stdint.h>

/* The hour that a local day has not, or has twice. Seconds since local midnight; from == to when there is none. */
struct zone_day {
	int32_t skip_from, skip_to;
	int32_t repeat_from, repeat_to;
};

struct zone_now {
	int32_t day;     /* local day number */
	int32_t second;  /* since local midnight, by the labels of the wall clock */
	bool second_pass; /* the repeated hour has begun its second run (or is over) */
};

/* True if the zone database has it. Names with ".." or a leading '/' are refused. */
bool zone_exists(const char *zone);

struct zone_day zone_day(const char *zone, int32_t day);
struct zone_now zone_now(const char *zone, int64_t now_unix);

/* How many of a 5-minute bucket's real seconds have passed: 0..300, or 0..600 in the repeated hour, 0 in the skipped one. */
int32_t zone_bucket_elapsed(const struct zone_day *zd, const struct zone_now *now, int32_t bucket_second);

#endif
