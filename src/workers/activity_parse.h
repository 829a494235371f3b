/* SPDX-License-Identifier: Apache-2.0 */
/* activity_parse.h - RescueTime's JSON of one day as a rowset. Pure: it sees the body only, never status or network.
 *
 * Columns are found by the strings in `row_headers`, in any order and among others we do not know. Strict about what carries time
 * (date, seconds, the length of a row), lenient about words: no title can fail a day. Null or blank documents become "No Details", null
 * or blank activities ACTIVITY_UNKNOWN, null or blank categories "Uncategorized"; bytes that are not UTF-8 become U+FFFD and are counted; a
 * string is cut at ROWSET_STRING_MAX bytes. A productivity that is no whole number is 0, one out of bounds is brought to the
 * nearest. Rows of zero seconds are left out, equal rows add up. A bucket over 300 s (two devices) and a label twice (the hour that
 * daylight saving repeats) are data.
 */
#ifndef RTALP_WORKERS_ACTIVITY_PARSE_H
#define RTALP_WORKERS_ACTIVITY_PARSE_H

#include <stdint.h>

#include "base/day.h"
#include "base/macro.h"
#include "base/str.h"
#include "proto/rowset.h"

#define ACTIVITY_UNKNOWN "Unknown application"

/* What a top-level `error` member said. */
enum upstream_error { UPSTREAM_ERROR_NONE, UPSTREAM_ERROR_KEY, UPSTREAM_ERROR_QUERY, UPSTREAM_ERROR_OTHER };

struct parse_report {
	uint32_t bytes_replaced;   /* bytes of invalid UTF-8 and NULs that became U+FFFD */
	enum upstream_error error; /* set with -EREMOTE */
	char detail[120];          /* for people, with -EPROTO: names a column of ours or a row's number, never what stood in it */
};

/* Parses the answer for `day`. Errors, with nothing in *ret_rows:
 *   -EBADMSG  not a JSON object
 *   -ENODATA  begins as one but ends too early
 *   -EREMOTE  an object with an `error`, see the report
 *   -EPROTO   an object, but not the table we know, see the report
 *   -E2BIG    more rows or text than a rowset may hold
 *   -ENOMEM   more memory is needed than this process may have (RLIMIT_DATA) */
int activity_parse(struct str body, day_t day, struct rowset **ret_rows, struct parse_report *report) _must_check_;

#endif
