/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/work_hours.h"

#include <errno.h>

#define DAYS        7
#define MINUTES_MAX (24 * 60)

/* Takes one character off the front. */
static bool
take(struct str *s, char c)
{
	if (s->len == 0 || s->p[0] != c)
		return false;
	s->p++;
	s->len--;
	return true;
}

/* 0: Monday; -1: no day stands here. */
static int
take_day(struct str *s)
{
	static const char names[DAYS][4] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

	for (int i = 0; i < DAYS; i++)
		if (str_starts(*s, str_of(names[i]))) {
			s->p += 3;
			s->len -= 3;
			return i;
		}
	return -1;
}

/* "mon" or "fri-mon", which goes around the week's end. */
static int
take_days(struct str *s, unsigned *days)
{
	int day = take_day(s);
	int last = day >= 0 && take(s, '-') ? take_day(s) : day;

	if (day < 0 || last < 0)
		return -EINVAL;
	*days |= 1u << last;
	for (; day != last; day = (day + 1) % DAYS)
		*days |= 1u << day;
	return 0;
}

static int
take_two_digits(struct str *s)
{
	int64_t n;

	if (s->len < 2 || str_to_i64((struct str){s->p, 2}, 0, 99, &n) < 0)
		return -1;
	s->p += 2;
	s->len -= 2;
	return (int)n;
}

/* Minutes since midnight, or -1. */
static int
take_time(struct str *s)
{
	int hour = take_two_digits(s);
	int minute = hour >= 0 && take(s, ':') ? take_two_digits(s) : -1;

	if (minute < 0 || minute > 59 || hour * 60 + minute > MINUTES_MAX)
		return -1;
	return hour * 60 + minute;
}

int
work_hours_parse(struct str text, struct work_hours *ret_hours)
{
	unsigned days = 0;
	int from, to;

	if (text.len == 0) {
		*ret_hours = (struct work_hours){.days = 0};
		return 0;
	}
	do {
		if (take_days(&text, &days) < 0)
			return -EINVAL;
	} while (take(&text, ','));
	if (!take(&text, ' '))
		return -EINVAL;
	from = take_time(&text);
	to = from >= 0 && take(&text, '-') ? take_time(&text) : -1;
	if (to <= from || text.len > 0)
		return -EINVAL;
	*ret_hours = (struct work_hours){.days = (uint8_t)days, .from_min = (int16_t)from, .to_min = (int16_t)to};
	return 0;
}
