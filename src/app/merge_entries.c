/* SPDX-License-Identifier: Apache-2.0 */
/* merge_entries.c - a person joins drafts of a day, or takes one out again. */
#include <errno.h>
#include <stdlib.h>

#include "app/audit.h"
#include "app/day_edit.h"
#include "app/review.h"
#include "app/settle.h"
#include "app/supplement.h"
#include "base/alloc.h"
#include "store/activity.h"

/* --- what may be joined -------------------------------------------------------------------------------------------------- */

static int
refuse(struct entries_merge *v, enum merge_refusal refusal, int64_t which)
{
	v->refusal = refusal;
	v->which = which;
	return -EPERM;
}

static bool
is_confirmed(const struct day_edit *edit, int64_t root)
{
	for (size_t at = 0; at < edit->day.count; at++)
		if (edit->day.rows[at].status == ENTRY_SUBMITTED && supplement_root(&edit->day, &edit->day.rows[at]) == root)
			return true;
	return false;
}

static int
check_into(struct entries_merge *v, const struct day_edit *edit, const struct entry_row *into)
{
	if (into->status != ENTRY_PENDING && into->merged_into == 0)
		return refuse(v, MERGE_NOT_PENDING, v->into);
	if (into->supplement_of != 0 || into->merged_into != 0)
		return refuse(v, MERGE_INTO_PART, v->into);
	return is_confirmed(edit, v->into) ? refuse(v, MERGE_CONFIRMED, v->into) : 0;
}

/* It is somewhere else, or nowhere. */
static int
not_of_the_day(struct txn *txn, struct entries_merge *v, int64_t entry_id)
{
	_cleanup_(entry_row_release) struct entry_row entry = ENTRY_ROW_INIT;
	int r = txn_entry_get_owned(txn, entry_id, v->alp_user_id, &entry);

	v->which = entry_id;
	return r < 0 ? r : refuse(v, MERGE_OTHER_DAY, entry_id);
}

static int
check_entry(struct txn *txn, struct entries_merge *v, const struct day_edit *edit, int64_t entry_id)
{
	const struct entry_row *entry = day_edit_find(edit, entry_id);

	if (entry == NULL)
		return not_of_the_day(txn, v, entry_id);
	if (entry->status != ENTRY_PENDING)
		return refuse(v, MERGE_NOT_PENDING, entry_id);
	if (entry->supplement_of != 0 && supplement_root(&edit->day, entry) != v->into)
		return refuse(v, MERGE_IS_PART, entry_id);
	return is_confirmed(edit, supplement_root(&edit->day, entry)) ? refuse(v, MERGE_CONFIRMED, entry_id) : 0;
}

static int
check_all(struct txn *txn, struct entries_merge *v, const struct day_edit *edit)
{
	int r = check_into(v, edit, day_edit_find(edit, v->into));

	for (size_t i = 0; i < v->count && r == 0; i++)
		r = check_entry(txn, v, edit, v->entry_ids[i]);
	return r;
}

/* --- joining ------------------------------------------------------------------------------------------------------------- */

static void
put(char **field, const char *text)
{
	char *copy = text != NULL ? xstrdup(text) : NULL;

	free(*field);
	*field = copy;
}

/* Nobody said anything of it any more: what it held goes back. */
static void
forget_part(struct entry_row *part)
{
	put(&part->person_application, NULL);
	put(&part->person_description, NULL);
	put(&part->person_matter, NULL);
	put(&part->notes, NULL);
	part->person_units_tenths = -1;
}

static void
join(struct day_edit *edit, int64_t entry_id, int64_t into)
{
	struct entry_row *entry = day_edit_find(edit, entry_id);

	day_edit_touch(edit, entry);
	if (entry->supplement_of != 0) {
		forget_part(entry);
		return;
	}
	entry->merged_into = into;
	/* What is merged is merged into an entry with rows of its own. */
	for (size_t at = 0; at < edit->day.count; at++) {
		if (edit->day.rows[at].merged_into != entry_id)
			continue;
		edit->day.rows[at].merged_into = into;
		edit->changed[at] = true;
	}
}

/* -1: the machine's numbers count for all of them. */
static int64_t
units_of_all(const struct entries_merge *v, const struct day_edit *edit)
{
	const struct entry_row *entry = day_edit_find(edit, v->into);
	int64_t sum = entry_units_tenths(entry);
	bool any = entry->person_units_tenths >= 0;

	for (size_t i = 0; i < v->count; i++) {
		entry = day_edit_find(edit, v->entry_ids[i]);
		sum += entry_units_tenths(entry);
		any |= entry->person_units_tenths >= 0;
	}
	return any ? sum : -1;
}

static void
say(struct entries_merge *v, struct entry_row *into)
{
	put(&into->person_description, v->description != NULL ? v->description : entry_description(into));
	if (v->matter != NULL)
		put(&into->person_matter, v->matter);
	if (v->notes != NULL)
		put(&into->notes, v->notes[0] != '\0' ? v->notes : NULL);
}

static void
join_all(struct entries_merge *v, struct day_edit *edit)
{
	struct entry_row *into = day_edit_find(edit, v->into);

	into->person_units_tenths = units_of_all(v, edit);
	say(v, into);
	for (size_t i = 0; i < v->count; i++)
		join(edit, v->entry_ids[i], v->into);
	day_edit_touch(edit, into);
	edit->forgets = v->into;
}

/* --- the verb ------------------------------------------------------------------------------------------------------------ */

struct before {
	struct entry_seen into, merged[MERGE_ENTRIES_MAX];
};

static void
before_release(struct before *before)
{
	entry_seen_release(&before->into);
	for (size_t i = 0; i < MERGE_ENTRIES_MAX; i++)
		entry_seen_release(&before->merged[i]);
}

static void
see_all(const struct entries_merge *v, const struct day_edit *edit, struct before *ret_before)
{
	ret_before->into = entry_see(day_edit_find(edit, v->into));
	for (size_t i = 0; i < v->count; i++)
		ret_before->merged[i] = entry_see(day_edit_find(edit, v->entry_ids[i]));
}

static int
audit_all(struct txn *txn, const struct op *op, const struct entries_merge *v, const struct day_edit *edit, const struct before *before)
{
	int r = 0;

	for (size_t i = 0; i < v->count && r == 0; i++)
		r = txn_audit_entry(txn, op->now_ms, &v->actor, AUDIT_MERGE, &before->merged[i], day_edit_find(edit, v->entry_ids[i]));
	return r < 0 ? r : txn_audit_entry(txn, op->now_ms, &v->actor, AUDIT_MERGE, &before->into, day_edit_find(edit, v->into));
}

static int
merge_run(struct txn *txn, struct op *op)
{
	_cleanup_(before_release) struct before before = {.into = {.known = false}};
	_cleanup_(day_edit_release) struct day_edit edit = {.forgets = 0};
	struct entries_merge *v = op->verb;
	int r = txn_entry_get_owned(txn, v->into, v->alp_user_id, &v->entry);

	v->which = v->into;
	if (r < 0)
		return r;
	if (v->if_revision != 0 && v->if_revision != v->entry.revision)
		return -ESTALE;
	r = day_edit_begin(txn, op, v->entry.alp_user_id, v->entry.day, &edit);
	if (r == 0)
		r = check_all(txn, v, &edit);
	if (r < 0)
		return r;
	see_all(v, &edit, &before);
	join_all(v, &edit);
	r = day_edit_write(txn, op, &edit);
	if (r == 0)
		r = audit_all(txn, op, v, &edit, &before);
	if (r < 0)
		return r;
	entry_move(&v->entry, day_edit_find(&edit, v->into));
	return txn_entries_show(txn, op, &v->entry, 1);
}

void
app_entries_merge(struct app *app, struct entries_merge *v, app_done_fn done, void *arg)
{
	app_submit_once(app, v->once, v, merge_run, NULL, done, arg);
}

void
entries_merge_release(struct entries_merge *v)
{
	entry_row_release(&v->entry);
}

/* --- taking one out ------------------------------------------------------------------------------------------------------ */

/* 1: told; 0: its rows are gone. */
static int
recorded_of(struct txn *txn, const struct entry_row *entry, int64_t *ret_seconds)
{
	_cleanup_(activity_list_release) struct activity_list rows = {.count = 0};
	struct day_row day;
	int r = txn_day_get(txn, entry->alp_user_id, entry->day, &day);

	if (r == 0 && day.pruned_ms == 0)
		r = txn_activity_load(txn, entry->alp_user_id, entry->day, &rows);
	if (r < 0)
		return r;
	*ret_seconds = 0;
	for (size_t i = 0; i < rows.count; i++)
		*ret_seconds += rows.rows[i].entry_id == entry->entry_id ? rows.rows[i].seconds : 0;
	return day.pruned_ms == 0;
}

static void
take_out(struct day_edit *edit, int64_t entry_id, int64_t seconds)
{
	struct entry_row *entry = day_edit_find(edit, entry_id), *from = day_edit_find(edit, entry->merged_into);
	int64_t *recorded_from = &edit->recorded[from - edit->day.rows];

	edit->recorded[entry - edit->day.rows] = MIN_OF(seconds, *recorded_from);
	*recorded_from -= MIN_OF(seconds, *recorded_from);
	entry->merged_into = 0;
	entry->status = ENTRY_PENDING;
	day_edit_touch(edit, entry);
	day_edit_touch(edit, from);
	edit->forgets = from->entry_id;
}

/* What a person set for both together is less by what it is for the one; to be told, it must be priced. */
static int64_t
units_alone(const struct day_edit *edit, const struct entry_row *entry, int64_t seconds)
{
	return entry->person_units_tenths >= 0 ? entry->person_units_tenths : units_tenths(edit->policy, seconds);
}

int
txn_entry_unmerge(struct txn *txn, const struct op *op, const struct actor *actor, struct entry_row *entry)
{
	_cleanup_(entry_seen_release) struct entry_seen before = {.known = false};
	_cleanup_(day_edit_release) struct day_edit edit = {.forgets = 0};
	const int64_t entry_id = entry->entry_id, from_id = entry->merged_into;
	struct entry_row *from;
	int64_t seconds = 0;
	int r = recorded_of(txn, entry, &seconds);

	if (r <= 0)
		return r < 0 ? r : -EPERM;
	r = day_edit_begin(txn, op, entry->alp_user_id, entry->day, &edit);
	if (r < 0)
		return r;
	if (is_confirmed(&edit, from_id))
		return -EPERM;
	from = day_edit_find(&edit, from_id);
	before = entry_see(from);
	take_out(&edit, entry_id, seconds);
	if (from->person_units_tenths >= 0)
		from->person_units_tenths = MAX_OF(from->person_units_tenths - units_alone(&edit, day_edit_find(&edit, entry_id), seconds), (int64_t)0);
	r = day_edit_write(txn, op, &edit);
	if (r == 0)
		r = txn_audit_entry(txn, op->now_ms, actor, AUDIT_RESTORE, &before, day_edit_find(&edit, from_id));
	if (r == 0)
		entry_move(entry, day_edit_find(&edit, entry_id));
	return r;
}
