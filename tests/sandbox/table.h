/* SPDX-License-Identifier: Apache-2.0 */
/* table.h - the answer to a query as columns and rows, before it becomes JSON or CSV.
 *
 * Ownership: a table owns its rows and the days that their texts point into. Zero-initialise; table_release() when done.
 */
#ifndef SANDBOX_TABLE_H
#define SANDBOX_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "archive.h"
#include "day.h"
#include "query.h"

#define TABLE_COLUMNS_MAX 9
#define TABLE_DAYS_MAX 3660

enum column {
	COL_RANK,
	COL_DATE,
	COL_SECONDS,
	COL_PEOPLE,
	COL_ACTIVITY,
	COL_DOCUMENT,
	COL_CATEGORY,
	COL_PRODUCTIVITY,
	COL_EFFICIENCY,
	COL_PERCENT,
	COL_DEVICE, /* only ever there by a fault */
};

/* Ways in which a fault spoils one row. */
enum spoil {
	SPOIL_NULL_DOCUMENT = 1 << 0,
	SPOIL_SHORT = 1 << 1,
	SPOIL_HUGE_NUMBER = 1 << 2,
	SPOIL_BARE_BYTES = 1 << 3, /* control characters go out unescaped */
};

struct table_row {
	int32_t day;
	uint16_t minute;
	int8_t productivity;
	uint8_t spoil;     /* enum spoil */
	int64_t seconds;
	int64_t weighted;  /* sum of seconds * productivity, for efficiency */
	struct text activity, document, category;
};

struct table {
	struct {
		enum column what;
		const char *name;
	} columns[TABLE_COLUMNS_MAX];
	size_t n_columns;
	bool numbers_as_strings;
	struct table_row *rows;
	size_t count, cap;
	struct day **days;
	size_t n_days, days_cap;
};

/* Answers `q` for `user`. -E2BIG for a span of more than TABLE_DAYS_MAX days. */
int table_build(struct table *t, const struct archive *a, uint32_t user, const struct query *q);
void table_release(struct table *t);

/* The index of that column, or -1. */
int table_column(const struct table *t, const char *name);

#endif
