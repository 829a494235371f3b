/* SPDX-License-Identifier: Apache-2.0 */
/* webhook_retry.h - what becomes of a message to a webhook after an attempt, by the schedule that Standard Webhooks recommends. Pure: counts, answers and
 * the random number are arguments.
 *
 * At once, then after 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h and 24 h, each a tenth shorter or longer by chance: ten attempts over about three
 * days. What the receiver asks for (Retry-After) is a floor under that. Units: milliseconds.
 */
#ifndef RTALP_QUEUE_WEBHOOK_RETRY_H
#define RTALP_QUEUE_WEBHOOK_RETRY_H

#include <stdbool.h>
#include <stdint.h>

#define WEBHOOK_ATTEMPTS_MAX 10

enum webhook_end {
	WEBHOOK_DELIVERED = 1,
	WEBHOOK_AGAIN,  /* after delay_ms */
	WEBHOOK_FAILED, /* that was the last attempt */
	WEBHOOK_GONE    /* 410: failed, and the receiver wants no more of them */
};

struct webhook_attempt {
	int32_t attempts;       /* made so far, this one included */
	int status;             /* of the answer; 0: there was none */
	int64_t retry_after_ms; /* 0: not asked for */
	uint64_t random;        /* 64 fresh random bits */
};

struct webhook_decision {
	enum webhook_end end;
	int64_t delay_ms;
};
struct webhook_decision webhook_decide(const struct webhook_attempt *attempt);

#endif
