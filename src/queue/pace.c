/* SPDX-License-Identifier: Apache-2.0 */
#include "queue/pace.h"

#include "base/macro.h"

/* An arrival time that no requests of ours can have led to comes from a clock that was ahead and was set back. It is forgotten: it would lock
 * the user out, or go on being "in the past" and pace nothing. */
static int64_t
plausible_ms(struct pace pace, int64_t arrival_ms, int64_t now_ms)
{
	int64_t farthest = now_ms + ((int64_t)pace.burst + PACE_COST_MAX) * pace.interval_ms;

	return arrival_ms > farthest ? now_ms : arrival_ms;
}

int64_t
pace_earliest_ms(struct pace pace, int64_t arrival_ms, int64_t now_ms, int32_t cost)
{
	int64_t spare = (int64_t)pace.burst - MIN_OF(cost, pace.burst);
	int64_t earliest = plausible_ms(pace, arrival_ms, now_ms) - spare * pace.interval_ms;

	return MAX_OF(earliest, now_ms);
}

int64_t
pace_spend(struct pace pace, int64_t arrival_ms, int64_t now_ms, int32_t cost)
{
	return MAX_OF(plausible_ms(pace, arrival_ms, now_ms), now_ms) + cost * pace.interval_ms;
}
