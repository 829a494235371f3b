/* SPDX-License-Identifier: Apache-2.0 */
#include "app/day_merge.h"

#include "app/merge.h"
#include "base/alloc.h"
#include "store/entry.h"
#include "store/event.h"

/* New entries get their numbers here, all at once, before rows name them. */
static int
number_new_entries(struct txn *txn, struct merge *m, bool *is_new)
{
	int64_t count = 0, next = 0;
	int r;

	for (size_t at = 0; at < m->entries->count; at++)
		count += is_new[at] = m->entries->rows[at].entry_id == 0;
	if (count == 0)
		return 0;
	r = txn_entry_take_ids(txn, count, &next);
	for (size_t at = 0; r == 0 && at < m->entries->count; at++)
		if (is_new[at])
			m->entries->rows[at].entry_id = next++;
	return r;
}

static int
write_entries(struct txn *txn, struct merge *m, size_t *ret_changed)
{
	_cleanup_free_ bool *is_new = xcalloc(m->entries->count, sizeof *is_new);
	int r = number_new_entries(txn, m, is_new);

	for (size_t at = 0; r == 0 && at < m->entries->count; at++) {
		struct entry_row *entry = &m->entries->rows[at];

		if (!m->entry_changed[at])
			continue;
		r = is_new[at] ? txn_entry_insert(txn, entry) : txn_entry_update(txn, entry);
		(*ret_changed)++;
	}
	return r;
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
		r = txn_activity_assign(txn, m->alp_user_id, m->day, row);
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
	/* Entries first: their rows name them. */
	r = write_entries(txn, &m, &dm->entries_changed);
	if (dm->entries_changed > 0)
		txn_event_entries(txn, dm->alp_user_id, dm->day, dm->now_ms);
	return r < 0 ? r : write_rows(txn, &m);
}
