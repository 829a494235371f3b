/* SPDX-License-Identifier: Apache-2.0 */
/* rate.h - how many requests one caller may send: a guard against a client that runs wild, not a quota.
 *
 * The generic cell rate algorithm, as for the pace of fetches (queue/pace.h), in microseconds because callers are let through a thousand
 * times as often: one number a caller, the theoretical arrival time of its next request. Up to `burst` requests may come at once, then one
 * an interval. The table has a fixed size; when more callers than it holds are busy at once, the one that asked least is forgotten, which
 * lets it through. Pure: now is an argument. Threads: the loop's.
 */
#ifndef RTALP_HTTP_RATE_H
#define RTALP_HTTP_RATE_H

#include <stdbool.h>
#include <stdint.h>

struct http_request;

struct rate_policy {
	int64_t interval_us; /* steady: one request an interval; 0: no limit */
	int32_t burst;       /* requests at once, >= 1 */
};

#define RATE_SETS 1024
#define RATE_WAYS 4

struct rate_slot {
	uint64_t caller;     /* 0: free */
	int64_t arrival_us;
};
struct rate_table {
	struct rate_slot slots[RATE_SETS][RATE_WAYS];
};

struct rate_verdict {
	bool refused;
	int32_t left;          /* requests that may come at once now */
	int32_t full_s;        /* until as many may come at once as ever */
	int32_t retry_after_s; /* of a refused one, >= 1 */
};
/* `caller` is a hash with a seed, so that nobody can choose whom to meet in the table. A refused request costs nothing. */
struct rate_verdict rate_take(struct rate_table *t, struct rate_policy p, uint64_t caller, int64_t now_us);

/* Counts a request and adds RateLimit and RateLimit-Policy to its answer. False: answered, 429. */
bool rate_begin(struct http_request *r);

#endif
