/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/units.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/macro.h"

#define TENTHS_A_UNIT 10

/* Without adding first, so that no amount of seconds overflows. */
static int64_t
divide_up(int64_t n, int64_t by)
{
	return n / by + (n % by > 0);
}

int64_t
units_tenths(struct units_policy policy, int64_t seconds)
{
	int64_t tenths = 0;

	if (seconds <= 0)
		return 0;
	switch (policy.rounding) {
	case ROUNDING_TENTH_UP:
		tenths = divide_up(seconds, UNIT_SECONDS / TENTHS_A_UNIT);
		break;
	case ROUNDING_UNIT_UP:
		tenths = divide_up(seconds, UNIT_SECONDS) * TENTHS_A_UNIT;
		break;
	}
	return MAX_OF(tenths, (int64_t)policy.minimum_tenths);
}

int64_t
units_whole(int64_t tenths)
{
	return divide_up(tenths, TENTHS_A_UNIT);
}

struct share {
	int64_t remainder;
	size_t line;
};

static int
by_remainder(const void *pa, const void *pb)
{
	const struct share *a = pa, *b = pb;

	if (a->remainder != b->remainder)
		return a->remainder > b->remainder ? -1 : 1;
	return a->line < b->line ? -1 : a->line > b->line;
}

/* The whole part of tenths * seconds / all, and what remains of the division. seconds <= all. */
static int64_t
share_of(int64_t tenths, int64_t seconds, int64_t all, int64_t *ret_remainder)
{
	__extension__ typedef unsigned __int128 wide;
	wide product = (wide)(uint64_t)tenths * (uint64_t)seconds;

	*ret_remainder = (int64_t)(product % (uint64_t)all);
	return (int64_t)(product / (uint64_t)all);
}

void
units_spread(const int64_t *seconds, size_t count, int64_t tenths, int64_t *ret_tenths)
{
	_cleanup_free_ struct share *shares = xcalloc(count, sizeof *shares);
	int64_t all = 0, left = tenths;

	for (size_t i = 0; i < count; i++)
		all += seconds[i];
	for (size_t i = 0; i < count; i++) {
		shares[i].line = i;
		ret_tenths[i] = all > 0 ? share_of(tenths, seconds[i], all, &shares[i].remainder) : 0;
		left -= ret_tenths[i];
	}
	if (all == 0 || left == 0)
		return;
	qsort(shares, count, sizeof *shares, by_remainder);
	for (size_t i = 0; left > 0; i++, left--)
		ret_tenths[shares[i].line]++;
}
