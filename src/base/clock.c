/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include <stdio.h>
#include <time.h>

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

void
instant_format(int64_t real_ms, char ret_text[INSTANT_TEXT_MAX])
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
