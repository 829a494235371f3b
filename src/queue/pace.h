/* SPDX-License-Identifier: Apache-2.0 */
/* pace.h - how often one user's RescueTime key may be used. Pure: now is an argument.
 *
 * The generic cell rate algorithm (ITU-T I.371): one integer a user, the theoretical arrival time of the next request at the steady
 * rate. A job of n days costs n requests. Up to `burst` requests may come at once, then one an interval. Units: milliseconds, real time.
 */
#ifndef RTALP_QUEUE_PACE_H
#define RTALP_QUEUE_PACE_H

#include <stdint.h>

struct pace {
	int64_t interval_ms; /* steady: one request an interval; 0: no pace */
	int32_t burst;       /* requests at once, >= 1 */
};

/* The most one job costs: as many days as a request may name. */
#define PACE_COST_MAX 31

/* The earliest instant, >= now, at which `cost` requests may begin. A cost above the burst is let through when the burst is full. */
int64_t pace_earliest_ms(struct pace pace, int64_t arrival_ms, int64_t now_ms, int32_t cost);
/* The arrival time to keep after `cost` requests began at `now`. */
int64_t pace_spend(struct pace pace, int64_t arrival_ms, int64_t now_ms, int32_t cost);

#endif
