/* SPDX-License-Identifier: Apache-2.0 */
/* The conversion between civil dates and day numbers counts eras of 400 years that begin on a first of March, so that the leap day
 * is the last day of a year and no table of month lengths is needed. */
#include "base/day.h"

#include <errno.h>
#include <stdbool.h>

#define DAYS_PER_ERA   146097
#define DAYS_TO_EPOCH  719468 /* from 0000-03-01 to 1970-01-01 */

static int
month_days(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

int
day_from_civil(int year, int month, int day, day_t *ret_day)
{
	int y, era, year_of_era, day_of_year;

	if (year < 1970 || year > 9999 || month < 1 || month > 12 || day < 1 || day > month_days(year, month))
		return -EINVAL;
	y = month <= 2 ? year - 1 : year;
	era = y / 400;
	year_of_era = y % 400;
	day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
	*ret_day = era * DAYS_PER_ERA + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - DAYS_TO_EPOCH;
	return 0;
}

void
day_to_civil(day_t day, int *ret_year, int *ret_month, int *ret_day)
{
	int z = day + DAYS_TO_EPOCH;
	int era = z / DAYS_PER_ERA;
	int day_of_era = z % DAYS_PER_ERA;
	int year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int m = (5 * day_of_year + 2) / 153;

	*ret_day = day_of_year - (153 * m + 2) / 5 + 1;
	*ret_month = m < 10 ? m + 3 : m - 9;
	*ret_year = year_of_era + era * 400 + (*ret_month <= 2);
}

int
day_parse(struct str text, day_t *ret_day)
{
	int64_t year, month, day;

	if (text.len != 10 || text.p[4] != '-' || text.p[7] != '-')
		return -EINVAL;
	if (str_to_i64((struct str){text.p, 4}, 1970, 9999, &year) < 0 ||
	    str_to_i64((struct str){text.p + 5, 2}, 1, 12, &month) < 0 ||
	    str_to_i64((struct str){text.p + 8, 2}, 1, 31, &day) < 0)
		return -EINVAL;
	return day_from_civil((int)year, (int)month, (int)day, ret_day);
}

void
day_format(day_t day, char ret_text[DAY_TEXT_MAX])
{
	int y, m, d;

	if (day < 0 || day > DAY_MAX)
		day = 0;
	day_to_civil(day, &y, &m, &d);
	/* Not by printf: a list of entries is full of days. */
	str_put_digits(ret_text, 4, (unsigned)y);
	ret_text[4] = ret_text[7] = '-';
	str_put_digits(ret_text + 5, 2, (unsigned)m);
	str_put_digits(ret_text + 8, 2, (unsigned)d);
	ret_text[10] = '\0';
}
