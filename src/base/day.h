/* SPDX-License-Identifier: Apache-2.0 */
/* day.h - work days: civil dates of the proleptic Gregorian calendar, without a zone.
 *
 * A day_t counts days from 1970-01-01. Valid are 1970-01-01 .. 9999-12-31. Threads: any; everything here is pure.
 */
#ifndef RTALP_BASE_DAY_H
#define RTALP_BASE_DAY_H

#include <stdint.h>

#include "base/str.h"

typedef int32_t day_t;

#define DAY_MAX      ((day_t)2932896) /* 9999-12-31 */
#define DAY_TEXT_MAX 11               /* "YYYY-MM-DD" and its NUL */

/* month 1..12, day 1..31. -EINVAL for a date that is not in the calendar. */
int day_from_civil(int year, int month, int day, day_t *ret_day);
void day_to_civil(day_t day, int *ret_year, int *ret_month, int *ret_day);
/* Exactly YYYY-MM-DD. -EINVAL otherwise. */
int day_parse(struct str text, day_t *ret_day);
void day_format(day_t day, char ret_text[DAY_TEXT_MAX]);

#endif
