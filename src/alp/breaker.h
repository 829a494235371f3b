/* SPDX-License-Identifier: Apache-2.0 */
/* breaker.h - keeps calls from a peer that does not answer: after failures in a row they are refused at once, for a while that grows; then one is
 * let through, and what becomes of it decides.
 *
 *     closed ──(failures in a row)──> open ──(its time is over)──> half-open: one call ──good──> closed
 *                                      ^                                        └────bad──> open, for twice as long
 *
 * A call carries the ticket it was let through with, so that the end of one from before says nothing about now. Pure: `now_ms` is an argument,
 * of any clock that does not go back. Threads: one at a time.
 */
#ifndef RTALP_ALP_BREAKER_H
#define RTALP_ALP_BREAKER_H

#include <stdbool.h>
#include <stdint.h>

enum breaker_state { BREAKER_CLOSED, BREAKER_OPEN, BREAKER_HALF_OPEN };

struct breaker {
	int64_t failures_max;          /* in a row */
	int64_t open_ms, open_max_ms;  /* the first time, and what it doubles up to */
	/* Zero at the start. */
	enum breaker_state state;
	int64_t failures;
	int64_t until_ms, waited_ms;   /* open until then, for so long */
	int64_t ticket;                /* of the state; changes with it */
};

/* 0: refused, wait until breaker_wait_ms() is over; else the call's ticket, which goes into exactly one of the three below. */
int64_t breaker_enter(struct breaker *b, int64_t now_ms);
void breaker_good(struct breaker *b, int64_t ticket);
void breaker_bad(struct breaker *b, int64_t ticket, int64_t now_ms);
void breaker_given_up(struct breaker *b, int64_t ticket, int64_t now_ms); /* nothing is known of it */

/* 0: it would be let through. While another is, a guess. */
int64_t breaker_wait_ms(const struct breaker *b, int64_t now_ms);

#endif
