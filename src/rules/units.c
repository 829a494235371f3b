/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/units.h"

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
