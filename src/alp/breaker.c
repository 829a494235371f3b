/* SPDX-License-Identifier: Apache-2.0 */
#include "alp/breaker.h"

#include "base/macro.h"

#define GUESS_MS 1000 /* until the one that was let through comes back */

static void
change(struct breaker *b, enum breaker_state state)
{
	b->state = state;
	b->ticket++;
	b->failures = 0;
}

static void
open_it(struct breaker *b, int64_t now_ms)
{
	b->waited_ms = b->waited_ms == 0 ? b->open_ms : MIN_OF(b->waited_ms * 2, b->open_max_ms);
	b->until_ms = now_ms + b->waited_ms;
	change(b, BREAKER_OPEN);
}

int64_t
breaker_enter(struct breaker *b, int64_t now_ms)
{
	if (b->ticket == 0)
		b->ticket = 1;
	if (b->state == BREAKER_HALF_OPEN || (b->state == BREAKER_OPEN && now_ms < b->until_ms))
		return 0;
	if (b->state == BREAKER_OPEN)
		change(b, BREAKER_HALF_OPEN);
	return b->ticket;
}

void
breaker_good(struct breaker *b, int64_t ticket)
{
	if (ticket != b->ticket)
		return;
	b->failures = 0;
	if (b->state != BREAKER_HALF_OPEN)
		return;
	b->waited_ms = 0;
	change(b, BREAKER_CLOSED);
}

void
breaker_bad(struct breaker *b, int64_t ticket, int64_t now_ms)
{
	if (ticket == b->ticket && (b->state == BREAKER_HALF_OPEN || ++b->failures >= b->failures_max))
		open_it(b, now_ms);
}

/* The next one is to try, at once. */
void
breaker_given_up(struct breaker *b, int64_t ticket, int64_t now_ms)
{
	if (ticket != b->ticket || b->state != BREAKER_HALF_OPEN)
		return;
	b->until_ms = now_ms;
	change(b, BREAKER_OPEN);
}

int64_t
breaker_wait_ms(const struct breaker *b, int64_t now_ms)
{
	if (b->state == BREAKER_HALF_OPEN)
		return GUESS_MS;
	return b->state == BREAKER_OPEN ? MAX_OF(b->until_ms - now_ms, (int64_t)0) : 0;
}
