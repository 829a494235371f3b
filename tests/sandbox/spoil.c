/* SPDX-License-Identifier: Apache-2.0 */
#include "spoil.h"

#include "alloc.h"

static void
drop_column(struct table *t, const char *name)
{
	int at = table_column(t, name);

	if (at < 0)
		return;
	memmove(&t->columns[at], &t->columns[at + 1], (t->n_columns - (size_t)at - 1) * sizeof(t->columns[0]));
	t->n_columns--;
}

static void
rename_column(struct table *t, const char *name, const char *to)
{
	int at = table_column(t, name);

	if (at >= 0)
		t->columns[at].name = to;
}

static void
reverse_columns(struct table *t)
{
	struct table old = *t;
	size_t i;

	for (i = 0; i < t->n_columns; i++)
		t->columns[i] = old.columns[t->n_columns - 1 - i];
}

static void
add_device_column(struct table *t)
{
	memmove(&t->columns[1], &t->columns[0], t->n_columns * sizeof(t->columns[0]));
	t->columns[0].what = COL_DEVICE;
	t->columns[0].name = "Device";
	t->n_columns++;
}

static void
set_negative(struct table_row *r, const struct fault *f)
{
	(void)f;
	r->seconds = -5;
}

static void
set_huge(struct table_row *r, const struct fault *f)
{
	(void)f;
	r->spoil |= SPOIL_HUGE_NUMBER;
}

static void
set_null(struct table_row *r, const struct fault *f)
{
	(void)f;
	r->spoil |= SPOIL_NULL_DOCUMENT;
}

static void
set_short(struct table_row *r, const struct fault *f)
{
	(void)f;
	r->spoil |= SPOIL_SHORT;
}

static void
set_title(struct table_row *r, const struct fault *f, struct text title)
{
	r->document = title;
	if (fault_number(f, "raw", 0))
		r->spoil |= SPOIL_BARE_BYTES;
}

static void
set_invalid_utf8(struct table_row *r, const struct fault *f)
{
	static const char title[] = "Brief \xff\xfe [22069] \xc3( \xed\xa0\x80 caf\xe9";

	set_title(r, f, (struct text){ title, sizeof(title) - 1 });
}

static void
set_nul(struct table_row *r, const struct fault *f)
{
	static const char title[] = "Deed [22069]\0 hidden tail";

	set_title(r, f, (struct text){ title, sizeof(title) - 1 });
}

static void
set_control(struct table_row *r, const struct fault *f)
{
	static const char title[] = "Deed [22069]\r\nSet-Cookie: x\t\x1b[31mred\x07\x7f";

	set_title(r, f, (struct text){ title, sizeof(title) - 1 });
}

/* The row that the fault names, every row for row=all; a row that is not there spoils nothing. */
static void
each_row(struct table *t, const struct fault *f, void (*spoil)(struct table_row *r, const struct fault *f))
{
	int64_t at;
	size_t i;

	if (!f)
		return;
	if (strcmp(fault_text(f, "row", "0"), "all") == 0) {
		for (i = 0; i < t->count; i++)
			spoil(&t->rows[i], f);
		return;
	}
	at = fault_number(f, "row", 0);
	if (at >= 0 && (size_t)at < t->count)
		spoil(&t->rows[at], f);
}

static void
duplicate_row(struct table *t, const struct fault *f)
{
	int64_t at = fault_number(f, "row", 0);
	struct table_row twin;

	if (at < 0 || (size_t)at >= t->count)
		return;
	t->rows = xgrow(t->rows, &t->cap, t->count, sizeof(*t->rows));
	twin = t->rows[at];
	memmove(&t->rows[at + 1], &t->rows[at], (t->count - (size_t)at) * sizeof(*t->rows));
	t->count++;
	t->rows[at + 1].seconds = fault_number(f, "seconds", twin.seconds);
}

static void
spoil_columns(struct table *t, const struct fault *const *of)
{
	const struct fault *f = of[FAULT_MISSING_HEADER];

	if (f)
		drop_column(t, fault_text(f, "column", "Document"));
	f = of[FAULT_RENAMED_HEADER];
	if (f)
		rename_column(t, fault_text(f, "column", "Document"), fault_text(f, "to", "Details"));
	if (of[FAULT_REORDERED_HEADER])
		reverse_columns(t);
	if (of[FAULT_EXTRA_COLUMN])
		add_device_column(t);
}

void
spoil_table(struct table *t, const struct hits *hits)
{
	const struct fault *const *of = hits->of;

	if (of[FAULT_EMPTY_ROWS])
		t->count = 0;
	if (of[FAULT_DUPLICATE_ROW])
		duplicate_row(t, of[FAULT_DUPLICATE_ROW]);
	spoil_columns(t, of);
	t->numbers_as_strings = of[FAULT_NUMBERS_AS_STRINGS] != NULL;
	each_row(t, of[FAULT_NULL_DOCUMENT], set_null);
	each_row(t, of[FAULT_SHORT_ROW], set_short);
	each_row(t, of[FAULT_NEGATIVE_SECONDS], set_negative);
	each_row(t, of[FAULT_HUGE_NUMBER], set_huge);
	each_row(t, of[FAULT_INVALID_UTF8], set_invalid_utf8);
	each_row(t, of[FAULT_NUL_IN_TITLE], set_nul);
	each_row(t, of[FAULT_CONTROL_CHARS], set_control);
}
