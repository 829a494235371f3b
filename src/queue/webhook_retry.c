/* SPDX-License-Identifier: Apache-2.0 */
#include "queue/webhook_retry.h"

#include "base/macro.h"

#define SECOND ((int64_t)1000)
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)
#define RETRY_AFTER_MAX_MS (24 * HOUR)

#define STATUS_GONE 410

/* Before the second attempt, the third, ... */
static const int64_t pauses[] = {5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR};

_Static_assert(ELEMENTSOF(pauses) == WEBHOOK_ATTEMPTS_MAX - 1, "one between each two");

/* From nine tenths of it to eleven. */
static int64_t
jittered(int64_t ms, uint64_t random)
{
	return ms - ms / 10 + (int64_t)(random % (uint64_t)(ms / 5 + 1));
}

struct webhook_decision
webhook_decide(const struct webhook_attempt *attempt)
{
	int64_t pause;

	if (attempt->status >= 200 && attempt->status <= 299)
		return (struct webhook_decision){.end = WEBHOOK_DELIVERED};
	if (attempt->status == STATUS_GONE)
		return (struct webhook_decision){.end = WEBHOOK_GONE};
	if (attempt->attempts >= WEBHOOK_ATTEMPTS_MAX)
		return (struct webhook_decision){.end = WEBHOOK_FAILED};
	pause = jittered(pauses[MAX_OF(attempt->attempts, 1) - 1], attempt->random);
	return (struct webhook_decision){.end = WEBHOOK_AGAIN, .delay_ms = MAX_OF(pause, MIN_OF(attempt->retry_after_ms, RETRY_AFTER_MAX_MS))};
}
