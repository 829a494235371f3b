/* SPDX-License-Identifier: Apache-2.0 */
#include "calendar.h"

#include <errno.h>
#include <stdbool.h>

int32_t
day_from_civil(int year, int month, int day)
{
	/* Years start in March, so that the leap day is the last one. */
	int y = year - (month <= 2);
	int era = (y >= 0 ? y : y - 399) / 400;
	int yoe = y - era * 400;
	int doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	int doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;

	return era * 146097 + doe - 719468;
}

struct civil
civil_from_day(int32_t day)
{
	int z = day + 719468;
	int era = (z >= 0 ? z : z - 146096) / 146097;
	int doe = z - era * 146097;
	int yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int mp = (5 * doy + 2) / 153;
	struct civil c;

	c.day = doy - (153 * mp + 2) / 5 + 1;
	c.month = mp < 10 ? mp + 3 : mp - 9;
	c.year = yoe + era * 400 + (c.month <= 2);
	return c;
}

int
day_weekday(int32_t day)
{
	int w = (day + 4) % 7;

	return w < 0 ? w + 7 : w;
}

static void
put_digits(char *out, int value, int width)
{
	while (width-- > 0) {
		out[width] = (char)('0' + value % 10);
		value /= 10;
	}
}

void
date_format(int32_t day, char out[DATE_LEN + 1])
{
	struct civil c = civil_from_day(day);

	put_digits(out, c.year, 4);
	out[4] = '-';
	put_digits(out + 5, c.month, 2);
	out[7] = '-';
	put_digits(out + 8, c.day, 2);
	out[10] = '\0';
}

static int
get_digits(const char **s, int width, int *ret)
{
	int value = 0;

	while (width-- > 0) {
		if (**s < '0' || **s > '9')
			return -EINVAL;
		value = value * 10 + (**s - '0');
		(*s)++;
	}
	*ret = value;
	return 0;
}

static int
get_char(const char **s, char c)
{
	if (**s != c)
		return -EINVAL;
	(*s)++;
	return 0;
}

static int
get_date(const char **s, int32_t *ret_day)
{
	struct civil c, back;
	int32_t day;

	if (get_digits(s, 4, &c.year) < 0 || get_char(s, '-') < 0 || get_digits(s, 2, &c.month) < 0 ||
	    get_char(s, '-') < 0 || get_digits(s, 2, &c.day) < 0)
		return -EINVAL;
	if (c.year < 1970 || c.year > 2199 || c.month < 1 || c.month > 12 || c.day < 1 || c.day > 31)
		return -EINVAL;
	day = day_from_civil(c.year, c.month, c.day);
	back = civil_from_day(day);
	if (back.month != c.month)
		return -EINVAL;
	*ret_day = day;
	return 0;
}

int
date_parse(const char *s, int32_t *ret_day)
{
	int32_t day;

	if (get_date(&s, &day) < 0)
		return -EINVAL;
	if (*s != '\0' && *s != 'T' && *s != ' ')
		return -EINVAL;
	*ret_day = day;
	return 0;
}

static int
get_offset(const char **s, int *ret_seconds)
{
	int sign, h, m;

	if (**s == 'Z' || **s == 'z') {
		(*s)++;
		*ret_seconds = 0;
		return 0;
	}
	if (**s != '+' && **s != '-')
		return -EINVAL;
	sign = **s == '-' ? -1 : 1;
	(*s)++;
	if (get_digits(s, 2, &h) < 0 || get_char(s, ':') < 0 || get_digits(s, 2, &m) < 0 || h > 23 || m > 59)
		return -EINVAL;
	*ret_seconds = sign * (h * 3600 + m * 60);
	return 0;
}

int
instant_parse(const char *s, int64_t *ret_unix)
{
	int h, m, sec, offset;
	int32_t day;

	if (get_date(&s, &day) < 0 || (*s != 'T' && *s != 't' && *s != ' '))
		return -EINVAL;
	s++;
	if (get_digits(&s, 2, &h) < 0 || get_char(&s, ':') < 0 || get_digits(&s, 2, &m) < 0 || get_char(&s, ':') < 0 ||
	    get_digits(&s, 2, &sec) < 0 || h > 23 || m > 59 || sec > 60)
		return -EINVAL;
	if (*s == '.')
		for (s++; *s >= '0' && *s <= '9'; s++)
			;
	if (get_offset(&s, &offset) < 0 || *s != '\0')
		return -EINVAL;
	*ret_unix = (int64_t)day * 86400 + h * 3600 + m * 60 + sec - offset;
	return 0;
}
