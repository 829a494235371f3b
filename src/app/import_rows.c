/* SPDX-License-Identifier: Apache-2.0 */
/* import_rows.c - what was recorded of a day that is imported. */
#include <errno.h>
#include <string.h>

#include "app/import_internal.h"
#include "app/run_internal.h"

static const char *
row_fault(int r)
{
	return r == -EILSEQ ? "bad_text" : r == -E2BIG ? "too_much" : "out_of_range";
}

static int
add_row(struct rowset_builder *b, const struct import_line *line)
{
	struct row_view row = {
	    .activity = str_of(line->application),
	    .document = str_of(line->description),
	    .category = line->category != NULL ? str_of(line->category) : STR_NONE,
	    .productivity = line->productivity,
	    .seconds = (int32_t)line->seconds,
	};

	return line->seconds < 1 || line->seconds > ROWSET_SECONDS_MAX ? -ERANGE : rowset_builder_add(b, &row);
}

/* The lines of recorded rows as a day; what is wrong with one is said of it. */
static int
build_grain(struct importing *i, struct rowset **ret_grain)
{
	_cleanup_(rowset_builder_freep) struct rowset_builder *b = rowset_builder_new(ROWSET_ROWS_MAX, ROWSET_MAX_BYTES);

	for (size_t n = 0; n < i->v->count; n++) {
		struct import_line *line = &i->v->lines[n];
		int r = line->table == IMPORT_ACTIVITY ? add_row(b, line) : 0;

		if (r < 0)
			import_say(line, IMPORT_NOT_TAKEN, line->seconds == 0 ? "no_time" : row_fault(r));
	}
	return rowset_build(b, ret_grain);
}

static const struct activity_row *
find_row(const struct activity_list *rows, struct str activity, struct str document)
{
	size_t low = 0, high = rows->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int c = str_cmp(str_of(rows->rows[middle].activity), activity);

		c = c != 0 ? c : str_cmp(str_of(rows->rows[middle].document), document);
		if (c == 0)
			return &rows->rows[middle];
		if (c < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* Rows of the file that stand twice there have been added up. */
static int64_t
seconds_in(const struct rowset *totals, const struct import_line *line)
{
	const struct str activity = str_of(line->application), document = str_of(line->description);
	size_t low = 0, high = rowset_count(totals);

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		struct row_view row = rowset_row(totals, middle);
		int c = str_cmp(row.activity, activity);

		c = c != 0 ? c : str_cmp(row.document, document);
		if (c == 0)
			return row.seconds;
		if (c < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return 0;
}

const char *
import_refusal_of_rows(const struct importing *i)
{
	return i->day.pruned_ms != 0 ? "day_pruned" : i->known ? "day_recorded" : "privacy";
}

/* Of a day that is not taken: what of it is here nevertheless. */
static void
compare_rows(struct importing *i, const struct rowset *totals)
{
	for (size_t n = 0; n < i->v->count; n++) {
		struct import_line *line = &i->v->lines[n];
		const struct activity_row *row;

		if (line->table != IMPORT_ACTIVITY || line->outcome != IMPORT_OPEN)
			continue;
		row = find_row(&i->rows, str_of(line->application), str_of(line->description));
		if (row != NULL && row->seconds == seconds_in(totals, line))
			import_say(line, IMPORT_THERE, NULL);
		else
			import_say(line, IMPORT_NOT_TAKEN, import_refusal_of_rows(i));
	}
}

int
import_take_rows(struct importing *i)
{
	_cleanup_(rowset_freep) struct rowset *grain = NULL;
	bool changed = false;
	int r = build_grain(i, &grain);

	if (r < 0)
		return r;
	if (!i->known && !i->keeps_out && rowset_count(grain) > 0) {
		r = txn_day_replace(i->txn, i->op, &i->day, grain, &changed);
		i->is_new_day = false;
		for (size_t n = 0; n < i->v->count; n++)
			if (i->v->lines[n].table == IMPORT_ACTIVITY && i->v->lines[n].outcome == IMPORT_OPEN)
				import_say(&i->v->lines[n], IMPORT_TAKEN, NULL);
	}
	if (r == 0)
		r = txn_activity_load(i->txn, i->v->alp_user_id, i->v->day, &i->rows);
	if (r == 0)
		compare_rows(i, grain);
	return r;
}
