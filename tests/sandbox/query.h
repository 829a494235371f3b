/* SPDX-License-Identifier: Apache-2.0 */
/* query.h - what a request asks for, under whichever of the documented names it asks.
 *
 * Unknown parameters are ignored, of a repeated one the last counts, an unknown value of a known one is a query error.
 * Texts are borrowed from the params.
 */
#ifndef SANDBOX_QUERY_H
#define SANDBOX_QUERY_H

#include <stdbool.h>
#include <stdint.h>

#include "params.h"

enum perspective {
	RANK,
	INTERVAL,
};

enum resolution {
	MONTH,
	WEEK,
	DAY,
	HOUR,
	MINUTE, /* buckets of five minutes */
};

enum kind {
	OVERVIEW,
	CATEGORY,
	ACTIVITY,
	PRODUCTIVITY,
	DOCUMENT,
	EFFICIENCY,
};

enum format {
	FORMAT_NONE, /* JSON inside a page of HTML */
	FORMAT_JSON,
	FORMAT_CSV,
};

enum source_filter {
	ANY_SOURCE = -1, /* otherwise enum source */
};

struct query {
	enum perspective perspective;
	enum resolution resolution;
	enum kind kind;
	enum format format;
	int32_t first, last;   /* local day numbers, both included; first > last asks for nothing */
	bool has_first, has_last;
	const char *thing, *thingy; /* NULL: not restricted */
	int source;
};

/* -EINVAL if a value cannot be understood. Dates left out stay unset: query_default_dates() knows today. */
int query_parse(const struct params *p, struct query *ret);
void query_default_dates(struct query *q, int32_t today);

/* What the request said, or "-", for the log. The name is the primary one. */
const char *query_raw(const struct params *p, const char *primary);

#endif
