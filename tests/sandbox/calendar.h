/* SPDX-License-Identifier: Apache-2.0 */
/* calendar.h - dates as day numbers: days since 1970-01-01 in the proleptic Gregorian calendar.
 *
 * A day number has no zone. Years 1970..2199 are accepted; anything else is -EINVAL, as a mistyped century would be.
 */
#ifndef SANDBOX_CALENDAR_H
#define SANDBOX_CALENDAR_H

#include <stdint.h>

#define DATE_LEN 10

struct civil {
	int year, month, day; /* month and day count from 1 */
};

int32_t day_from_civil(int year, int month, int day);
struct civil civil_from_day(int32_t day);

/* 0 = Sunday .. 6 = Saturday. */
int day_weekday(int32_t day);

/* Writes YYYY-MM-DD and a NUL. */
void date_format(int32_t day, char out[DATE_LEN + 1]);

/* Reads YYYY-MM-DD; a time of day after it ('T' or ' ' follows) is accepted and ignored, since clients send it.
 * -EINVAL for anything else, including days that no calendar has. */
int date_parse(const char *s, int32_t *ret_day);

/* Reads an RFC 3339 instant (with Z or an offset) into Unix seconds. -EINVAL if it is not one. */
int instant_parse(const char *s, int64_t *ret_unix);

#endif
