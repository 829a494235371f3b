/* SPDX-License-Identifier: Apache-2.0 */
/* split.c - a person divides a draft's time. */
#include <errno.h>
#include <stdlib.h>

#include "app/audit.h"
#include "app/day_edit.h"
#include "app/review.h"
#include "app/settle.h"
#include "base/alloc.h"

static int
wrong(struct entry_split *v, const char *type, const char *message)
{
	v->fault = (struct app_fault){NULL, type, message};
	return -EINVAL;
}

/* Every part's seconds. */
static int
divide(struct entry_split *v, int64_t total)
{
	int64_t weights[SPLIT_PARTS_MAX], seconds[SPLIT_PARTS_MAX], sum = 0;
	bool by_share = v->parts[0].share > 0;

	v->total_seconds = total;
	for (size_t i = 0; i < v->count; i++)
		weights[i] = v->parts[i].share;
	if (by_share)
		units_spread(weights, v->count, total, seconds);
	for (size_t i = 0; i < v->count; i++) {
		if (by_share)
			v->parts[i].seconds = seconds[i];
		if (v->parts[i].seconds < 1)
			return wrong(v, "part_empty", "would leave a part without a second");
		sum += v->parts[i].seconds;
	}
	return sum == total ? 0 : wrong(v, "not_the_sum", "must add up to the entry's total_seconds");
}

static void
put(char **field, const char *text)
{
	char *copy = text != NULL ? xstrdup(text) : NULL;

	free(*field);
	*field = copy;
}

/* What the entry showed, with what was said of this part. */
static void
say(struct entry_row *part, const struct entry_row *entry, const struct split_part *said)
{
	put(&part->person_description, said->description != NULL ? said->description : entry_description(entry));
	put(&part->person_application, said->application != NULL ? said->application : entry->person_application);
	put(&part->person_matter, said->matter != NULL ? said->matter : entry->person_matter);
	if (said->notes != NULL)
		put(&part->notes, said->notes);
}

/* Makes the entry's part last, because the others say what it showed. Returns where the first of the others is. */
static size_t
make_parts(struct entry_split *v, struct day_edit *edit, int64_t now_ms)
{
	struct entry_row *entry = day_edit_find(edit, v->entry_id);
	int64_t root = entry->supplement_of != 0 ? entry->supplement_of : entry->entry_id;
	int64_t seconds[SPLIT_PARTS_MAX], units[SPLIT_PARTS_MAX];
	const size_t first = edit->day.count;

	for (size_t i = 0; i < v->count; i++)
		seconds[i] = v->parts[i].seconds;
	if (entry->person_units_tenths >= 0)
		units_spread(seconds, v->count, entry->person_units_tenths, units);
	for (size_t n = 1; n <= v->count; n++) {
		size_t i = n % v->count;
		struct entry_row *part = i > 0 ? day_edit_append(edit, root, now_ms) : day_edit_find(edit, v->entry_id);

		entry = day_edit_find(edit, v->entry_id);
		say(part, entry, &v->parts[i]);
		part->total_seconds = seconds[i];
		part->person_units_tenths = entry->person_units_tenths >= 0 ? units[i] : -1;
	}
	day_edit_touch(edit, entry);
	edit->forgets = v->entry_id;
	return first;
}

static int
hand_out(struct txn *txn, const struct op *op, struct entry_split *v, struct day_edit *edit, size_t first, const struct entry_seen *before)
{
	static const struct entry_seen nothing;
	int r = 0;

	v->entries.rows = xcalloc(v->count, sizeof *v->entries.rows);
	for (size_t i = 0; i < v->count && r == 0; i++) {
		struct entry_row *entry = i == 0 ? day_edit_find(edit, v->entry_id) : &edit->day.rows[first + i - 1];

		r = txn_audit_entry(txn, op->now_ms, &v->actor, AUDIT_SPLIT, i == 0 ? before : &nothing, entry);
		v->entries.rows[i] = ENTRY_ROW_INIT;
		entry_move(&v->entries.rows[i], entry);
		v->entries.count++;
	}
	return r;
}

static int
split_run(struct txn *txn, struct op *op)
{
	_cleanup_(entry_seen_release) struct entry_seen before = {0};
	_cleanup_(entry_row_release) struct entry_row entry = ENTRY_ROW_INIT;
	_cleanup_(day_edit_release) struct day_edit edit = {0};
	struct entry_split *v = op->verb;
	size_t first;
	int r = txn_entry_get_owned(txn, v->entry_id, v->alp_user_id, &entry);

	if (r < 0)
		return r;
	if (v->if_revision != 0 && v->if_revision != entry.revision)
		return -ESTALE;
	v->status = entry.status;
	if (entry.status != ENTRY_PENDING)
		return -EPERM;
	before = entry_see(&entry);
	r = divide(v, entry.total_seconds);
	if (r == 0)
		r = day_edit_begin(txn, op, entry.alp_user_id, entry.day, &edit);
	if (r < 0)
		return r;
	first = make_parts(v, &edit, op->now_ms);
	r = day_edit_write(txn, op, &edit);
	if (r == 0)
		r = hand_out(txn, op, v, &edit, first, &before);
	return r < 0 ? r : txn_entries_show(txn, op, v->entries.rows, v->entries.count);
}

void
app_entry_split(struct app *app, struct entry_split *v, app_done_fn done, void *arg)
{
	app_submit_once(app, v->once, v, split_run, NULL, done, arg);
}

void
entry_split_release(struct entry_split *v)
{
	entry_list_release(&v->entries);
}
