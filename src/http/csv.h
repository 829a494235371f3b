/* SPDX-License-Identifier: Apache-2.0 */
/* csv.h - rows as RFC 4180 text for spreadsheets: a table says which columns there are and where in a row their values stand.
 *
 * UTF-8, a line of names first, CRLF. A spreadsheet runs a cell that begins with = + - @, a tab or a carriage return as a formula, and a
 * title can be anybody's: such text gets an apostrophe in front. Numbers are written as they are.
 *
 * Adding a column: a row in the resource's table. Threads: any.
 */
#ifndef RTALP_HTTP_CSV_H
#define RTALP_HTTP_CSV_H

#include <stddef.h>

#include "base/buf.h"
#include "base/day.h"

enum csv_type {
	CSV_I64 = 1, /* int64_t */
	CSV_I32,     /* int32_t */
	CSV_BOOL,    /* bool: true, false */
	CSV_DAY,     /* day_t; -1: empty */
	CSV_INSTANT, /* int64_t ms since the epoch; 0: empty */
	CSV_TENTHS,  /* int64_t */
	CSV_CHARS,   /* char[] */
	CSV_TEXT,    /* char *; NULL: empty */
	CSV_CALL     /* `text` or `write` says */
};

struct csv_column {
	const char *name;
	enum csv_type type;
	size_t offset;
	const char *(*text)(const void *row);             /* NULL: `write` */
	void (*write)(struct buf *b, const void *row);    /* a number or nothing: what needs no quotes */
};

struct csv_table {
	const struct csv_column *columns;
	size_t count;
	size_t row_bytes;
};

void csv_names(struct buf *b, const struct csv_table *table);
void csv_row(struct buf *b, const struct csv_table *table, const void *row);
/* Both, for an array of rows. */
void csv_rows(struct buf *b, const struct csv_table *table, const void *rows, size_t count);

/* For `write`. */
void csv_tenths(struct buf *b, int64_t tenths);
void csv_day(struct buf *b, day_t day);

#endif
