/* SPDX-License-Identifier: Apache-2.0 */
#include "zone.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "calendar.h"

#define BUCKET_SECONDS 300

bool
zone_exists(const char *zone)
{
	const char *dir = getenv("TZDIR");
	char path[256];
	int n;

	if (!*zone || *zone == '/' || strstr(zone, "..") || strlen(zone) > 60)
		return false;
	n = snprintf(path, sizeof(path), "%s/%s", dir ? dir : "/usr/share/zoneinfo", zone);
	return n > 0 && (size_t)n < sizeof(path) && access(path, R_OK) == 0;
}

/* Setting TZ makes the C library read a file; most runs have one zone, so do it only on a change. */
static void
use_zone(const char *zone)
{
	static char current[64];

	if (strcmp(current, zone) == 0)
		return;
	snprintf(current, sizeof(current), "%s", zone);
	setenv("TZ", zone, 1);
	tzset();
}

static int64_t
local_midnight(int32_t day)
{
	struct civil c = civil_from_day(day);
	struct tm tm = { .tm_year = c.year - 1900, .tm_mon = c.month - 1, .tm_mday = c.day, .tm_isdst = -1 };

	return (int64_t)mktime(&tm);
}

static int32_t
offset_at(int64_t t)
{
	time_t tt = (time_t)t;
	struct tm tm;

	localtime_r(&tt, &tm);
	return (int32_t)tm.tm_gmtoff;
}

struct zone_day
zone_day(const char *zone, int32_t day)
{
	struct zone_day zd = { 0 };
	int64_t start, end, t;

	use_zone(zone);
	start = local_midnight(day);
	end = local_midnight(day + 1);
	if (end - start == 86400)
		return zd;
	for (t = start; t < end; t += 900) {
		int32_t before = offset_at(t), after = offset_at(t + 900);
		int64_t change = t + 900 - (int64_t)day * 86400;

		if (after > before) {
			zd.skip_from = (int32_t)(change + before);
			zd.skip_to = (int32_t)(change + after);
		} else if (after < before) {
			zd.repeat_from = (int32_t)(change + after);
			zd.repeat_to = (int32_t)(change + before);
		}
	}
	return zd;
}

struct zone_now
zone_now(const char *zone, int64_t now_unix)
{
	struct zone_now zn = { 0 };
	struct zone_day zd;
	int64_t local;

	use_zone(zone);
	local = now_unix + offset_at(now_unix);
	zn.day = (int32_t)(local / 86400 - (local % 86400 < 0));
	zn.second = (int32_t)(local - (int64_t)zn.day * 86400);
	zd = zone_day(zone, zn.day);
	if (zd.repeat_from < zd.repeat_to)
		zn.second_pass = now_unix - local_midnight(zn.day) >= zd.repeat_to;
	return zn;
}

static int32_t
clamp_bucket(int32_t s)
{
	return s < 0 ? 0 : s > BUCKET_SECONDS ? BUCKET_SECONDS : s;
}

int32_t
zone_bucket_elapsed(const struct zone_day *zd, const struct zone_now *now, int32_t bucket_second)
{
	int32_t since = clamp_bucket(now->second - bucket_second);

	if (bucket_second >= zd->skip_from && bucket_second < zd->skip_to)
		return 0;
	if (bucket_second >= zd->repeat_from && bucket_second < zd->repeat_to)
		return now->second_pass ? BUCKET_SECONDS + since : since;
	return since;
}
