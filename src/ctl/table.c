/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/table.h"

#include <stdarg.h>
#include <stdint.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "ctl/text.h"

#define CELL_MAX_BYTES 16384
#define GAP            2
#define FLEXIBLE_MIN   12
#define ELLIPSIS       "\xe2\x80\xa6"

struct cell {
	char *text;
	size_t len;
	size_t width;
	enum colour colour;
};

struct table {
	const struct screen *screen;
	const struct column *columns;
	size_t column_count;
	size_t widths[TABLE_COLUMNS_MAX];
	struct cell *cells; /* row after row */
	size_t cell_count;
	bool header_done;
};

struct table *
table_new(const struct screen *screen, const struct column *columns, size_t count)
{
	struct table *t = xcalloc(1, sizeof *t);

	t->screen = screen;
	t->columns = columns;
	t->column_count = count;
	for (size_t i = 0; i < count; i++)
		t->widths[i] = text_width(str_of(columns[i].title));
	return t;
}

static void
forget_cells(struct table *t)
{
	for (size_t i = 0; i < t->cell_count; i++)
		free(t->cells[i].text);
	free(t->cells);
	t->cells = NULL;
	t->cell_count = 0;
}

struct table *
table_free(struct table *t)
{
	if (t != NULL)
		forget_cells(t);
	free(t);
	return NULL;
}

void
table_add(struct table *t, const char *text, enum colour colour)
{
	_cleanup_(buf_release) struct buf safe = BUF_INIT(CELL_MAX_BYTES);
	size_t column = t->cell_count % t->column_count;
	struct cell *cell;

	text_add_safe(&safe, str_of(text));
	if ((t->cell_count & (t->cell_count - 1)) == 0)
		t->cells = xreallocarray(t->cells, t->cell_count == 0 ? 1 : t->cell_count * 2, sizeof *t->cells);
	cell = &t->cells[t->cell_count++];
	cell->width = text_width(buf_str(&safe));
	cell->colour = colour;
	cell->text = buf_take(&safe, &cell->len);
	t->widths[column] = MAX_OF(t->widths[column], cell->width);
}

void
table_addf(struct table *t, const char *format, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof text, format, ap);
	va_end(ap);
	table_add(t, text, COLOUR_NONE);
}

/* --- printing --------------------------------------------------------------------------------------------------------------- */

/* The columns' widths for now: the flexible one gives what is too much. */
static void
settle_widths(const struct table *t, size_t *ret_widths)
{
	size_t total = 0;

	for (size_t i = 0; i < t->column_count; i++) {
		ret_widths[i] = t->widths[i];
		total += t->widths[i] + (i > 0 ? GAP : 0);
	}
	for (size_t i = 0; t->screen->width > 0 && i < t->column_count; i++) {
		size_t over = total > t->screen->width ? total - t->screen->width : 0;
		size_t least = MIN_OF(t->widths[i], (size_t)FLEXIBLE_MIN);

		if (t->columns[i].flexible)
			ret_widths[i] = t->widths[i] - least > over ? t->widths[i] - over : least;
	}
}

static void
print_text(const struct table *t, const struct cell *cell, size_t width)
{
	bool cut = cell->width > width;
	size_t bytes = cut ? text_fit((struct str){cell->text, cell->len}, width - 1) : cell->len;
	FILE *out = t->screen->out;

	fputs(screen_begin(t->screen, cell->colour), out);
	fwrite(cell->text, 1, bytes, out);
	if (cut)
		fputs(ELLIPSIS, out);
	fputs(screen_end(t->screen, cell->colour), out);
}

/* Columns that the cell takes, cut or not: a wide character may leave one empty. */
static size_t
taken(const struct cell *cell, size_t width)
{
	if (cell->width <= width)
		return cell->width;
	return text_width((struct str){cell->text, text_fit((struct str){cell->text, cell->len}, width - 1)}) + 1;
}

static void
print_cell(const struct table *t, const struct cell *cell, size_t column, size_t width)
{
	FILE *out = t->screen->out;
	int pad = (int)(width - taken(cell, width));
	bool last = column + 1 == t->column_count;

	if (column > 0)
		fprintf(out, "%*s", GAP, "");
	if (t->columns[column].right)
		fprintf(out, "%*s", pad, "");
	print_text(t, cell, width);
	if (!t->columns[column].right && !last)
		fprintf(out, "%*s", pad, "");
	if (last)
		fputc('\n', out);
}

static void
print_header(const struct table *t, const size_t *widths)
{
	for (size_t i = 0; i < t->column_count; i++) {
		_cleanup_free_ char *title = xstrdup(t->columns[i].title);
		struct cell cell = {title, strlen(title), text_width(str_of(title)), COLOUR_BOLD};

		print_cell(t, &cell, i, widths[i]);
	}
}

void
table_flush(struct table *t)
{
	size_t widths[TABLE_COLUMNS_MAX];

	if (t->cell_count == 0)
		return;
	settle_widths(t, widths);
	if (!t->header_done)
		print_header(t, widths);
	t->header_done = true;
	for (size_t i = 0; i < t->cell_count; i++)
		print_cell(t, &t->cells[i], i % t->column_count, widths[i % t->column_count]);
	forget_cells(t);
}
