/* SPDX-License-Identifier: Apache-2.0 */
#include "app/day_merge.h"

#include <errno.h>
#include <string.h>

#include "app/merge.h"
#include "app/settle.h"
#include "base/alloc.h"
#include "store/entry.h"
#include "store/event.h"
#include "store/store.h"
#include "store/verdicts.h"

static bool
any(const bool *of, size_t count)
{
	return count > 0 && memchr(of, true, count) != NULL;
}

/* New entries get their numbers here, all at once, before rows name them. */
static int
insert_new(struct txn *txn, struct merge *m, const bool *is_new, size_t count)
{
	int64_t next = 0;
	int r;

	if (count == 0)
		return 0;
	r = txn_entry_take_ids(txn, (int64_t)count, &next);
	for (size_t at = 0; r == 0 && at < m->entries->count; at++)
		if (is_new[at])
			m->entries->rows[at].entry_id = next++;
	return r < 0 ? r : txn_entry_insert_many(txn, m->entries, is_new);
}

static int
write_entries(struct txn *txn, struct merge *m, size_t *ret_changed)
{
	_cleanup_free_ bool *is_new = xcalloc(m->entries->count, sizeof *is_new);
	size_t count = 0;
	int r = 0;

	for (size_t at = 0; r == 0 && at < m->entries->count; at++) {
		is_new[at] = m->entries->rows[at].entry_id == 0;
		count += is_new[at];
		if (!m->entry_changed[at])
			continue;
		(*ret_changed)++;
		if (!is_new[at])
			r = txn_entry_update(txn, &m->entries->rows[at]);
	}
	return r < 0 ? r : insert_new(txn, m, is_new, count);
}

static int
write_rows(struct txn *txn, const struct merge *m)
{
	for (size_t i = 0; i < m->rows->count; i++)
		if (m->row_entry[i] != MERGE_NO_ENTRY)
			m->rows->rows[i].entry_id = m->entries->rows[m->row_entry[i]].entry_id;
	return any(m->row_changed, m->rows->count) ? txn_activity_assign(txn, m->alp_user_id, m->day, m->rows) : 0;
}

/* Were the newest verdicts said by the same rules under the same policy? */
static bool
same_rules(const struct verdicts_row *a, const struct verdicts_row *b)
{
	return strcmp(a->rules_version, b->rules_version) == 0 && strcmp(a->matters_version, b->matters_version) == 0 &&
	       a->rounding == b->rounding && a->units_per == b->units_per && a->minimum_tenths == b->minimum_tenths;
}

/* 1: the newest of the day are these very verdicts; 0: they are not. */
static int
is_kept_already(struct txn *txn, const struct day_merge *dm, const struct verdicts_row *row)
{
	_cleanup_free_ char *bytes = NULL;
	struct verdicts_row newest = {0};
	size_t len = 0;
	int r = row->verdicts_id > 1 ? txn_verdicts_get(txn, dm->alp_user_id, dm->day, row->verdicts_id - 1, &newest, &bytes, &len) : -ENOENT;

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	return same_rules(&newest, row) && str_eq((struct str){bytes, len}, rowset_bytes(dm->verdicts));
}

static int
next_verdicts(struct txn *txn, const struct day_merge *dm, struct verdicts_row *ret_row)
{
	struct verdicts_row newest = {0}, row = {
	    .rounding = (int32_t)dm->units.rounding, .units_per = (int32_t)dm->units.per,
	    .minimum_tenths = dm->units.minimum_tenths, .made_ms = dm->now_ms,
	};
	int r = txn_verdicts_newest(txn, dm->alp_user_id, dm->day, &newest);

	if (r < 0 && r != -ENOENT)
		return r;
	row.verdicts_id = newest.verdicts_id + 1;
	strncpy(row.rules_version, dm->rules_version, sizeof row.rules_version - 1);
	if (dm->matters_version != NULL)
		strncpy(row.matters_version, dm->matters_version, sizeof row.matters_version - 1);
	*ret_row = row;
	return 0;
}

/* Keeps the verdicts under a number of their own, which the entries they decided get. 0: they are the newest already, and changed nothing. */
static int
keep_verdicts(struct txn *txn, const struct day_merge *dm, struct merge *m, int64_t *ret_verdicts_id)
{
	struct verdicts_row row;
	int r = next_verdicts(txn, dm, &row);

	*ret_verdicts_id = 0;
	if (r == 0 && !any(m->entry_changed, m->entries->count) && !any(m->row_changed, m->rows->count))
		r = is_kept_already(txn, dm, &row);
	if (r != 0)
		return r < 0 ? r : 0;
	for (size_t at = 0; at < m->entries->count; at++)
		if (m->entry_changed[at] && !entry_kept(&m->entries->rows[at]))
			m->entries->rows[at].verdicts_id = row.verdicts_id;
	*ret_verdicts_id = row.verdicts_id;
	return txn_verdicts_put(txn, dm->alp_user_id, dm->day, &row, rowset_bytes(dm->verdicts));
}

/* Once the entries are written. The first verdicts of a day have decided whatever the machine has there. */
static int
settle_verdicts(struct txn *txn, const struct day_merge *dm, int64_t verdicts_id)
{
	int r = 0;

	if (verdicts_id > 1)
		r = txn_entry_decided_again(txn, dm->alp_user_id, dm->day, verdicts_id);
	if (r == 0 && verdicts_id > 1)
		r = txn_verdicts_delete_unreferenced(txn, dm->alp_user_id, dm->day, verdicts_id);
	return r;
}

static int
write_merged(struct txn *txn, struct day_merge *dm, struct merge *m)
{
	int64_t verdicts_id = 0;
	int r;

	if (dm->is_last)
		txn_promise(txn);
	r = dm->verdicts != NULL ? keep_verdicts(txn, dm, m, &verdicts_id) : 0;

	/* Entries first: their rows name them. */
	if (r == 0)
		r = write_entries(txn, m, &dm->entries_changed);
	if (r == 0)
		r = settle_verdicts(txn, dm, verdicts_id);
	if (dm->entries_changed > 0)
		txn_event_entries(txn, dm->alp_user_id, dm->day, dm->now_ms);
	return r < 0 ? r : write_rows(txn, m);
}

/* The rows of the day as the verdicts have them, whose strings they borrow. */
static void
rows_of_verdicts(const struct rowset *verdicts, struct activity_list *ret_rows)
{
	*ret_rows = (struct activity_list){.count = rowset_count(verdicts)};
	ret_rows->rows = xcalloc(ret_rows->count, sizeof *ret_rows->rows);
	for (size_t i = 0; i < ret_rows->count; i++) {
		struct row_view view = rowset_row(verdicts, i);

		ret_rows->rows[i].activity = view.activity.p;
		ret_rows->rows[i].document = view.document.p;
		ret_rows->rows[i].seconds = view.seconds;
	}
}

static int
load_day(struct txn *txn, struct day_merge *dm, struct activity_list *rows, struct entry_list *entries)
{
	int r = txn_entry_load_day(txn, dm->alp_user_id, dm->day, entries);

	if (r < 0)
		return r;
	if (dm->verdicts == NULL)
		return txn_activity_load(txn, dm->alp_user_id, dm->day, rows);
	rows_of_verdicts(dm->verdicts, rows);
	return txn_activity_owners(txn, dm->alp_user_id, dm->day, rows);
}

int
txn_day_merge(struct txn *txn, struct day_merge *dm)
{
	_cleanup_(activity_list_release) struct activity_list rows = {0};
	_cleanup_(entry_list_release) struct entry_list entries = {0};
	_cleanup_(merge_release) struct merge m = {
	    .alp_user_id = dm->alp_user_id, .day = dm->day, .units = dm->units, .verdicts = dm->verdicts, .names = dm->names,
	    .rules_version = dm->rules_version, .now_ms = dm->now_ms, .borrows = true, .rows = &rows,
	    .entries = &entries,
	};
	int r = load_day(txn, dm, &rows, &entries);

	if (r == 0 && dm->verdicts == NULL)
		r = txn_day_policy(txn, dm->alp_user_id, dm->day, &dm->units, &m.units);
	if (r == 0)
		r = merge_day(&m);
	return r < 0 ? r : write_merged(txn, dm, &m);
}

int
txn_day_verdicts(struct txn *txn, int64_t alp_user_id, day_t day, int64_t verdicts_id, struct verdicts_row *ret_row,
    struct rowset **ret_verdicts)
{
	_cleanup_free_ char *bytes = NULL;
	struct verdicts_row row = {0};
	size_t len = 0;
	int r = txn_verdicts_get(txn, alp_user_id, day, verdicts_id, &row, &bytes, &len);

	if (r == 0)
		r = rowset_parse((struct str){bytes, len}, ret_verdicts);
	if (r == 0)
		*ret_row = row;
	return r;
}
