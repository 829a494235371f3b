/* SPDX-License-Identifier: Apache-2.0 */
#include "app/day_edit.h"

#include <stdlib.h>

#include "app/settle.h"
#include "app/supplement.h"
#include "base/alloc.h"
#include "store/event.h"

void
day_edit_release(struct day_edit *edit)
{
	entry_list_release(&edit->day);
	free(edit->recorded);
	free(edit->changed);
	*edit = (struct day_edit){0};
}

int
day_edit_begin(struct txn *txn, const struct op *op, int64_t alp_user_id, day_t day, struct day_edit *ret_edit)
{
	struct day_edit edit = {0};
	int r = txn_day_policy(txn, alp_user_id, day, &op->options.units, &edit.policy);

	if (r == 0)
		r = txn_entry_load_day(txn, alp_user_id, day, &edit.day);
	if (r < 0)
		return r;
	edit.recorded = xcalloc(edit.day.count, sizeof *edit.recorded);
	edit.changed = xcalloc(edit.day.count, sizeof *edit.changed);
	supplements_recorded(&edit.day, edit.recorded);
	*ret_edit = edit;
	return 0;
}

struct entry_row *
day_edit_find(const struct day_edit *edit, int64_t entry_id)
{
	for (size_t at = 0; at < edit->day.count; at++)
		if (edit->day.rows[at].entry_id == entry_id)
			return &edit->day.rows[at];
	return NULL;
}

void
day_edit_touch(struct day_edit *edit, const struct entry_row *entry)
{
	edit->changed[entry - edit->day.rows] = true;
}

struct entry_row *
day_edit_append(struct day_edit *edit, int64_t root_id, int64_t now_ms)
{
	struct entry_row *entry = supplement_append(&edit->day, (size_t)(day_edit_find(edit, root_id) - edit->day.rows), now_ms);
	size_t at = edit->day.count - 1;

	edit->recorded = xreallocarray(edit->recorded, edit->day.count, sizeof *edit->recorded);
	edit->changed = xreallocarray(edit->changed, edit->day.count, sizeof *edit->changed);
	edit->recorded[at] = 0;
	edit->changed[at] = true;
	return entry;
}

/* Else its old number, sent by an old screen, would freeze time that is another entry's now (past.h). */
static void
forget(const struct day_edit *edit)
{
	struct entry_row *entry = edit->forgets != 0 ? day_edit_find(edit, edit->forgets) : NULL;

	if (entry == NULL)
		return;
	free(entry->machine_values);
	entry->machine_values = NULL;
}

int
day_edit_write(struct txn *txn, const struct op *op, struct day_edit *edit)
{
	int r = 0;

	settle_times(&edit->policy, op->now_ms, &edit->day, &edit->recorded, &edit->changed);
	forget(edit);
	for (size_t at = 0; r == 0 && at < edit->day.count; at++) {
		struct entry_row *entry = &edit->day.rows[at];

		if (!edit->changed[at])
			continue;
		entry->updated_ms = op->now_ms;
		r = entry->entry_id == 0 ? txn_entry_insert(txn, entry) : txn_entry_update(txn, entry);
	}
	if (r == 0 && edit->day.count > 0)
		txn_event_entries(txn, edit->day.rows[0].alp_user_id, edit->day.rows[0].day, op->now_ms);
	return r;
}

void
entry_move(struct entry_row *to, struct entry_row *from)
{
	entry_row_release(to);
	*to = *from;
	*from = ENTRY_ROW_INIT;
}
