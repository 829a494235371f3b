/* SPDX-License-Identifier: Apache-2.0 */
/* table.h - rows for people: columns as wide as what stands in them, amounts to the right.
 *
 * Rows are kept until table_flush(), which prints them and forgets them; a long list is flushed page by page. A column never becomes
 * narrower between flushes, so what follows stays under the header. On a terminal the flexible column gives way until a row fits.
 * Cells are made safe (text.h) when they are added.
 *
 * Ownership: the table copies its cells. Threads: one.
 */
#ifndef RTALP_CTL_TABLE_H
#define RTALP_CTL_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/macro.h"
#include "base/str.h"
#include "ctl/screen.h"

#define TABLE_COLUMNS_MAX 12

struct column {
	const char *title;
	bool right;    /* an amount */
	bool flexible; /* at most one a table; it must not be the only one that matters */
};

struct table;

struct table *table_new(const struct screen *screen, const struct column *columns, size_t count);
struct table *table_free(struct table *t); /* accepts NULL, returns NULL; prints nothing */
DEFINE_POINTER_CLEANUP(struct table, table_free, table_freep)

/* Adds the next cell, from left to right and row after row. NULL is an empty cell. */
void table_add(struct table *t, const char *text, enum colour colour);
void table_addf(struct table *t, const char *format, ...) _printf_(2, 3);
void table_flush(struct table *t);

#endif
