/* SPDX-License-Identifier: Apache-2.0 */
#include "queue/pace.h"

#include "base/macro.h"

int64_t
pace_earliest_ms(struct pace pace, int64_t arrival_ms, int64_t now_ms, int32_t cost)
{
	int64_t spare = (int64_t)pace.burst - MIN_OF(cost, pace.burst);
	int64_t earliest = arrival_ms - spare * pace.interval_ms;

	/* A clock that was set back must not lock a user out for longer than a whole burst takes. */
	if (earliest > now_ms + pace.burst * pace.interval_ms)
		return now_ms;
	return MAX_OF(earliest, now_ms);
}

int64_t
pace_spend(struct pace pace, int64_t arrival_ms, int64_t now_ms, int32_t cost)
{
	return MAX_OF(arrival_ms, now_ms) + cost * pace.interval_ms;
}
