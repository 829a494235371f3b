/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/when.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdbool.h>
#include <time.h>

#include "base/day.h"
#include "base/macro.h"

#define DAY_S      86400
#define INSTANT_MAX_MS (((int64_t)DAY_MAX + 1) * DAY_S * 1000 - 1)

/* Two digits and what follows them. */
static int
take_pair(struct str *s, int64_t max, char separator, int64_t *ret)
{
	if (s->len < 3 || s->p[2] != separator || str_to_i64((struct str){s->p, 2}, 0, max, ret) < 0)
		return -EINVAL;
	*s = (struct str){s->p + 3, s->len - 3};
	return 0;
}

static int
check_fraction(struct str s)
{
	for (size_t i = 0; i + 1 < s.len; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return -EINVAL;
	return s.len >= 2 && s.len <= 10 && s.p[s.len - 1] == 'Z' ? 0 : -EINVAL;
}

int
when_parse_instant(struct str text, int64_t *ret_real_ms)
{
	struct str rest = {text.p + 11, text.len - 11};
	int64_t hour, minute, second;
	bool fraction;
	day_t day;

	if (text.len < 20 || text.p[10] != 'T' || day_parse((struct str){text.p, 10}, &day) < 0)
		return -EINVAL;
	fraction = text.p[19] == '.';
	if (take_pair(&rest, 23, ':', &hour) < 0 || take_pair(&rest, 59, ':', &minute) < 0 ||
	    take_pair(&rest, 60, fraction ? '.' : 'Z', &second) < 0)
		return -EINVAL;
	if (fraction ? check_fraction(rest) < 0 : rest.len != 0)
		return -EINVAL;
	*ret_real_ms = ((((int64_t)day * 24 + hour) * 60 + minute) * 60 + second) * 1000;
	return 0;
}

/* The last second of a day in the zone. */
static int
end_of_day(day_t day, int64_t *ret_real_ms)
{
	struct tm tm = {.tm_hour = 23, .tm_min = 59, .tm_sec = 59, .tm_isdst = -1};
	int year, month, mday;
	time_t t;

	day_to_civil(day, &year, &month, &mday);
	tm.tm_year = year - 1900;
	tm.tm_mon = month - 1;
	tm.tm_mday = mday;
	t = mktime(&tm);
	if (t == (time_t)-1)
		return -ERANGE;
	*ret_real_ms = (int64_t)t * 1000;
	return 0;
}

static int
parse_length(struct str text, int64_t *ret_seconds)
{
	static const struct {
		char unit;
		int64_t seconds;
	} units[] = {{'h', 3600}, {'d', DAY_S}, {'w', 7 * DAY_S}};
	int64_t n;

	for (size_t i = 0; text.len > 1 && i < ELEMENTSOF(units); i++) {
		if (text.p[text.len - 1] != units[i].unit || text.p[0] < '0' || text.p[0] > '9')
			continue;
		if (str_to_i64((struct str){text.p, text.len - 1}, 1, 100000, &n) < 0)
			return -EINVAL;
		*ret_seconds = n * units[i].seconds;
		return 0;
	}
	return -EINVAL;
}

int
when_parse_expiry(struct str text, int64_t now_ms, int64_t *ret_real_ms)
{
	int64_t seconds, at;
	day_t day;

	if (day_parse(text, &day) == 0) {
		if (end_of_day(day, &at) < 0)
			return -ERANGE;
	} else if (parse_length(text, &seconds) == 0) {
		at = now_ms + seconds * 1000;
	} else {
		return -EINVAL;
	}
	if (at <= now_ms || at > INSTANT_MAX_MS)
		return -ERANGE;
	*ret_real_ms = at;
	return 0;
}

void
when_local(const char *instant, char ret_text[WHEN_TEXT_MAX])
{
	struct tm tm;
	int64_t ms;
	time_t t;

	if (instant == NULL || when_parse_instant(str_of(instant), &ms) < 0) {
		snprintf(ret_text, WHEN_TEXT_MAX, "%.40s", instant != NULL ? instant : "");
		return;
	}
	t = (time_t)(ms / 1000);
	if (localtime_r(&t, &tm) == NULL || strftime(ret_text, WHEN_TEXT_MAX, "%Y-%m-%d %H:%M:%S", &tm) == 0)
		snprintf(ret_text, WHEN_TEXT_MAX, "%.40s", instant);
}

void
when_hms(int64_t seconds, char ret_text[WHEN_TEXT_MAX])
{
	const char *sign = seconds < 0 ? "-" : "";
	uint64_t s = seconds < 0 ? 0 - (uint64_t)seconds : (uint64_t)seconds;

	snprintf(ret_text, WHEN_TEXT_MAX, "%s%" PRIu64 ":%02u:%02u", sign, s / 3600, (unsigned)(s / 60 % 60), (unsigned)(s % 60));
}
