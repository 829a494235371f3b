/* SPDX-License-Identifier: Apache-2.0 */
#include "http/csv.h"

#include <inttypes.h>

#include "base/clock.h"

/* A pointer into the row of the type that the table says. */
#define AT(type, row, column) ((const type *)(const void *)((const char *)(row) + (column)->offset))
#define AT_TEXT(row, column)   (*(char *const *)(const void *)((const char *)(row) + (column)->offset))

void
csv_tenths(struct buf *b, int64_t tenths)
{
	buf_addf(b, "%s%" PRId64 ".%" PRId64, tenths < 0 ? "-" : "", (tenths < 0 ? -tenths : tenths) / 10,
	    (tenths < 0 ? -tenths : tenths) % 10);
}

void
csv_day(struct buf *b, day_t day)
{
	char text[DAY_TEXT_MAX];

	if (day < 0)
		return;
	day_format(day, text);
	buf_addz(b, text);
}

static void
add_instant(struct buf *b, int64_t real_ms)
{
	char text[INSTANT_TEXT_MAX];

	if (real_ms == 0)
		return;
	instant_format(real_ms, text);
	buf_addz(b, text);
}

static void
add_text(struct buf *b, const char *text)
{
	bool formula, quoted;

	if (text == NULL || text[0] == '\0')
		return;
	formula = strchr("=+-@\t\r", text[0]) != NULL;
	quoted = strpbrk(text, "\",\r\n") != NULL || text[0] == ' ' || text[strlen(text) - 1] == ' ';
	if (quoted)
		buf_addc(b, '"');
	if (formula)
		buf_addc(b, '\'');
	if (!quoted) {
		buf_addz(b, text);
		return;
	}
	for (; *text != '\0'; text++) {
		if (*text == '"')
			buf_addc(b, '"');
		buf_addc(b, *text);
	}
	buf_addc(b, '"');
}

static void
add_cell(struct buf *b, const struct csv_column *c, const void *row)
{
	switch (c->type) {
	case CSV_I64:
		buf_addf(b, "%" PRId64, *AT(int64_t, row, c));
		break;
	case CSV_I32:
		buf_addf(b, "%" PRId32, *AT(int32_t, row, c));
		break;
	case CSV_BOOL:
		buf_addz(b, *AT(bool, row, c) ? "true" : "false");
		break;
	case CSV_DAY:
		csv_day(b, *AT(day_t, row, c));
		break;
	case CSV_INSTANT:
		add_instant(b, *AT(int64_t, row, c));
		break;
	case CSV_TENTHS:
		csv_tenths(b, *AT(int64_t, row, c));
		break;
	case CSV_CHARS:
		add_text(b, AT(char, row, c));
		break;
	case CSV_TEXT:
		add_text(b, AT_TEXT(row, c));
		break;
	case CSV_CALL:
	default:
		if (c->text != NULL)
			add_text(b, c->text(row));
		else
			c->write(b, row);
	}
}

void
csv_names(struct buf *b, const struct csv_table *table)
{
	for (size_t i = 0; i < table->count; i++) {
		if (i > 0)
			buf_addc(b, ',');
		buf_addz(b, table->columns[i].name);
	}
	buf_addz(b, "\r\n");
}

void
csv_row(struct buf *b, const struct csv_table *table, const void *row)
{
	for (size_t i = 0; i < table->count; i++) {
		if (i > 0)
			buf_addc(b, ',');
		add_cell(b, &table->columns[i], row);
	}
	buf_addz(b, "\r\n");
}

void
csv_rows(struct buf *b, const struct csv_table *table, const void *rows, size_t count)
{
	csv_names(b, table);
	for (size_t i = 0; i < count; i++)
		csv_row(b, table, (const char *)rows + i * table->row_bytes);
}
