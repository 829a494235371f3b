/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/day.h"

#define DAY_MS ((int64_t)86400000)

static int64_t
clock_us(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

int64_t
clock_real_ms(void)
{
	return clock_us(CLOCK_REALTIME) / 1000;
}

int64_t
clock_mono_ms(void)
{
	return clock_us(CLOCK_MONOTONIC) / 1000;
}

int64_t
clock_mono_us(void)
{
	return clock_us(CLOCK_MONOTONIC);
}

/* Also what is in no calendar of ours. */
static void
format_any(int64_t real_ms, char ret_text[INSTANT_TEXT_MAX])
{
	time_t s = (time_t)(real_ms / 1000);
	int ms = (int)(real_ms % 1000);
	struct tm tm;
	size_t n;

	if (ms < 0) {
		ms += 1000;
		s--;
	}
	gmtime_r(&s, &tm);
	n = strftime(ret_text, INSTANT_TEXT_MAX - 6, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(ret_text + n, INSTANT_TEXT_MAX - n, ".%03dZ", ms);
}

/* The calendar's days: what is stored, and a list of entries is full of. */
static void
format_day_and_time(int64_t real_ms, char ret_text[INSTANT_TEXT_MAX])
{
	unsigned ms = (unsigned)(real_ms % DAY_MS);

	day_format((day_t)(real_ms / DAY_MS), ret_text);
	memcpy(ret_text + 10, "T00:00:00.000Z", 15);
	str_put_digits(ret_text + 11, 2, ms / 3600000);
	str_put_digits(ret_text + 14, 2, ms / 60000 % 60);
	str_put_digits(ret_text + 17, 2, ms / 1000 % 60);
	str_put_digits(ret_text + 20, 3, ms % 1000);
}

void
instant_format(int64_t real_ms, char ret_text[INSTANT_TEXT_MAX])
{
	if (real_ms >= 0 && real_ms / DAY_MS <= DAY_MAX)
		format_day_and_time(real_ms, ret_text);
	else
		format_any(real_ms, ret_text);
}
