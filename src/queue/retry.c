/* SPDX-License-Identifier: Apache-2.0 */
#include "queue/retry.h"

#include "base/macro.h"

struct backoff_range {
	int64_t base_ms;
	int64_t cap_ms;
};

static struct backoff_range
range_of(enum backoff backoff)
{
	switch (backoff) {
	case BACKOFF_NETWORK:
		return (struct backoff_range){.base_ms = 2000, .cap_ms = 15 * 60 * 1000};
	case BACKOFF_QUICK:
	default:
		return (struct backoff_range){.base_ms = 250, .cap_ms = 30 * 1000};
	}
}

/* `failures` >= 1 */
static int64_t
full_jitter_ms(struct backoff_range range, int32_t failures, uint64_t random)
{
	int64_t ceiling = range.base_ms;

	for (int32_t i = 1; i < failures && ceiling < range.cap_ms; i++)
		ceiling *= 2;
	ceiling = MIN_OF(ceiling, range.cap_ms);
	return (int64_t)(random % (uint64_t)(ceiling + 1));
}

struct retry_decision
retry_decide(const struct retry_input *in)
{
	struct retry_decision d = {.again = false, .attempts = in->attempts, .crashes = in->crashes};

	if (in->outcome == OUTCOME_NOT_ITS_FAULT) {
		d.again = true;
		d.delay_ms = MIN_OF(MAX_OF(in->retry_after_ms, 0), RETRY_AFTER_MAX_MS);
		return d;
	}
	if (in->outcome == OUTCOME_KEY_LOST)
		return d;
	d.attempts++;
	if (in->outcome == OUTCOME_PERMANENT)
		return d;
	if (in->outcome == OUTCOME_CRASH) {
		d.crashes++;
		if (d.crashes >= CRASHES_MAX)
			return d;
	}
	if (d.attempts >= in->kind->max_attempts)
		return d;
	d.again = true;
	if (in->outcome == OUTCOME_CRASH && d.crashes == 1)
		return d;
	d.delay_ms = full_jitter_ms(range_of(in->kind->backoff), d.attempts, in->random);
	d.delay_ms = MAX_OF(d.delay_ms, MIN_OF(in->retry_after_ms, RETRY_AFTER_MAX_MS));
	return d;
}
