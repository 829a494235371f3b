/* SPDX-License-Identifier: Apache-2.0 */
#include "render.h"

#include "calendar.h"

/* Seconds that fit no 64-bit integer, for the huge-number fault. */
#define HUGE_NUMBER "99999999999999999999"

#define LABEL_LEN 19

static void
format_label(const struct table_row *r, char out[LABEL_LEN])
{
	char date[DATE_LEN + 1];

	date_format(r->day, date);
	memcpy(out, date, DATE_LEN);
	memcpy(out + DATE_LEN, "T00:00:00", LABEL_LEN - DATE_LEN);
	out[11] = (char)('0' + r->minute / 600);
	out[12] = (char)('0' + r->minute / 60 % 10);
	out[14] = (char)('0' + r->minute % 60 / 10);
	out[15] = (char)('0' + r->minute % 10);
}

/* A number given in 10^-digits, printed with at least one decimal and no idle zeros: 174,2 -> 1.74; 200,2 -> 2.0. */
static void
put_decimal(struct buf *out, int64_t value, int digits)
{
	int64_t scale = digits == 2 ? 100 : 10, whole, part;

	if (value < 0) {
		buf_putc(out, '-');
		value = -value;
	}
	whole = value / scale;
	part = value % scale;
	buf_int(out, whole);
	buf_putc(out, '.');
	if (digits == 2 && part % 10)
		buf_putc(out, (char)('0' + part / 10));
	buf_int(out, digits == 2 && part % 10 == 0 ? part / 10 : part % 10);
}

static int64_t
divide_rounding(int64_t a, int64_t b)
{
	if (!b)
		return 0;
	return a < 0 ? -((-a + b / 2) / b) : (a + b / 2) / b;
}

static struct text
text_cell(const struct table_row *r, enum column what)
{
	if (what == COL_ACTIVITY)
		return r->activity;
	if (what == COL_DOCUMENT)
		return r->document;
	if (what == COL_CATEGORY)
		return r->category;
	return text_of("laptop");
}

static bool
is_number(enum column what)
{
	return what == COL_RANK || what == COL_SECONDS || what == COL_PEOPLE || what == COL_PRODUCTIVITY ||
	       what == COL_EFFICIENCY || what == COL_PERCENT;
}

static void
put_number(struct buf *out, const struct table_row *r, enum column what, size_t index)
{
	if (what == COL_RANK)
		buf_int(out, (int64_t)index + 1);
	else if (what == COL_SECONDS && r->spoil & SPOIL_HUGE_NUMBER)
		buf_puts(out, HUGE_NUMBER);
	else if (what == COL_SECONDS)
		buf_int(out, r->seconds);
	else if (what == COL_PEOPLE)
		buf_putc(out, '1');
	else if (what == COL_PRODUCTIVITY)
		buf_int(out, r->productivity);
	else if (what == COL_EFFICIENCY)
		put_decimal(out, divide_rounding(r->weighted * 100, r->seconds), 2);
	else
		put_decimal(out, divide_rounding((r->weighted + 2 * r->seconds) * 250, r->seconds), 1);
}

static void
put_json_cell(struct buf *out, const struct table *t, size_t index, enum column what, enum escaping escaping)
{
	const struct table_row *r = &t->rows[index];

	if (is_number(what)) {
		if (t->numbers_as_strings)
			buf_putc(out, '"');
		put_number(out, r, what, index);
		if (t->numbers_as_strings)
			buf_putc(out, '"');
	} else if (what == COL_DATE) {
		char *p = buf_reserve(out, LABEL_LEN + 2);

		p[0] = p[LABEL_LEN + 1] = '"';
		format_label(r, p + 1);
		out->len += LABEL_LEN + 2;
	} else if (what == COL_DOCUMENT && r->spoil & SPOIL_NULL_DOCUMENT) {
		buf_puts(out, "null");
	} else {
		render_json_text(out, text_cell(r, what), escaping, r->spoil & SPOIL_BARE_BYTES);
	}
}

static size_t
cells_of(const struct table *t, const struct table_row *r)
{
	return r->spoil & SPOIL_SHORT ? t->n_columns - 1 : t->n_columns;
}

void
render_json(struct buf *out, const struct table *t, enum escaping escaping)
{
	size_t i, c;

	buf_puts(out, "{\"notes\":\"data is an array of arrays (rows), column names for rows in row_headers\",\"row_headers\":[");
	for (c = 0; c < t->n_columns; c++) {
		if (c)
			buf_putc(out, ',');
		render_json_text(out, text_of(t->columns[c].name), escaping, false);
	}
	buf_puts(out, "],\"rows\":[");
	for (i = 0; i < t->count; i++) {
		if (i)
			buf_putc(out, ',');
		for (c = 0; c < cells_of(t, &t->rows[i]); c++) {
			buf_putc(out, c ? ',' : '[');
			put_json_cell(out, t, i, t->columns[c].what, escaping);
		}
		buf_putc(out, ']');
	}
	buf_puts(out, "]}");
}

static void
put_csv_text(struct buf *out, struct text s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (strchr(",\"\r\n", s.s[i]) && s.s[i])
			break;
	if (i == s.n) {
		buf_text(out, s);
		return;
	}
	buf_putc(out, '"');
	for (i = 0; i < s.n; i++) {
		if (s.s[i] == '"')
			buf_putc(out, '"');
		buf_putc(out, s.s[i]);
	}
	buf_putc(out, '"');
}

void
render_csv(struct buf *out, const struct table *t)
{
	char when[LABEL_LEN];
	size_t i, c;

	for (c = 0; c < t->n_columns; c++) {
		if (c)
			buf_putc(out, ',');
		buf_puts(out, t->columns[c].name);
	}
	buf_putc(out, '\n');
	for (i = 0; i < t->count; i++) {
		const struct table_row *r = &t->rows[i];

		for (c = 0; c < cells_of(t, r); c++) {
			enum column what = t->columns[c].what;

			if (c)
				buf_putc(out, ',');
			if (is_number(what)) {
				put_number(out, r, what, i);
			} else if (what == COL_DATE) {
				format_label(r, when);
				buf_add(out, when, LABEL_LEN);
			} else if (what != COL_DOCUMENT || !(r->spoil & SPOIL_NULL_DOCUMENT)) {
				put_csv_text(out, text_cell(r, what));
			}
		}
		buf_putc(out, '\n');
	}
}
