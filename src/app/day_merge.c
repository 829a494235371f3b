/* SPDX-License-Identifier: Apache-2.0 */
#include "app/day_merge.h"

#include "app/merge.h"
#include "store/entry.h"

static int
write_entries(struct txn *txn, struct merge *m, size_t *ret_changed)
{
	for (size_t at = 0; at < m->entries->count; at++) {
		struct entry_row *entry = &m->entries->rows[at];
		int r;

		if (!m->entry_changed[at])
			continue;
		r = entry->entry_id == 0 ? txn_entry_insert(txn, entry) : txn_entry_update(txn, entry);
		if (r < 0)
			return r;
		(*ret_changed)++;
	}
	return 0;
}

static int
write_rows(struct txn *txn, struct merge *m)
{
	for (size_t i = 0; i < m->rows->count; i++) {
		struct activity_row *row = &m->rows->rows[i];
		int r;

		if (!m->row_changed[i])
			continue;
		if (m->row_entry[i] != MERGE_NO_ENTRY)
			row->entry_id = m->entries->rows[m->row_entry[i]].entry_id;
		r = txn_activity_put(txn, m->alp_user_id, m->day, row);
		if (r < 0)
			return r;
	}
	return 0;
}

int
txn_day_merge(struct txn *txn, struct day_merge *dm)
{
	_cleanup_(activity_list_release) struct activity_list rows = {0};
	_cleanup_(entry_list_release) struct entry_list entries = {0};
	_cleanup_(merge_release) struct merge m = {
	    .alp_user_id = dm->alp_user_id, .day = dm->day, .units = dm->units, .verdicts = dm->verdicts,
	    .rules_version = dm->rules_version, .now_ms = dm->now_ms, .rows = &rows, .entries = &entries,
	};
	int r = txn_activity_load(txn, dm->alp_user_id, dm->day, &rows);

	if (r < 0)
		return r;
	r = txn_entry_load_day(txn, dm->alp_user_id, dm->day, &entries);
	if (r < 0)
		return r;
	r = merge_day(&m);
	if (r < 0)
		return r;
	/* Entries first: a new one gets its id here, and its rows name it. */
	r = write_entries(txn, &m, &dm->entries_changed);
	return r < 0 ? r : write_rows(txn, &m);
}
