/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/pulse.h"

#include <stddef.h>

#include "base/macro.h"

const char *
pulse_missing(const struct pulse_signs *signs, int64_t watchdog_ms, int64_t now_ms)
{
	const int64_t oldest_ms = now_ms - MAX_OF(watchdog_ms, PULSE_MOST_MIN_MS);

	if (signs->store_failed)
		return "the last commit failed";
	if (signs->commit_began_ms > 0 && signs->commit_began_ms < oldest_ms)
		return "a commit does not come to an end";
	if (signs->spawner_heard_ms < oldest_ms)
		return "the spawner does not answer";
	if (signs->keeper_heard_ms > 0 && signs->keeper_heard_ms < oldest_ms)
		return "the keeper does not answer";
	return NULL;
}
