/* SPDX-License-Identifier: Apache-2.0 */
/* day_edit.h - a day's entries while a person divides or joins some of them: read, changed by hand in memory, settled, written.
 *
 * Between begin and write the caller changes rows of `day`, and appends with day_edit_append(). What was recorded is taken from what is stored, so
 * that it works on days whose rows are gone, too. Whatever follows for other entries of the day is written along.
 *
 * Ownership: day_edit_release() accepts a zeroed one. Pointers to rows are good until the next one is appended. Threads: the store's.
 */
#ifndef RTALP_APP_DAY_EDIT_H
#define RTALP_APP_DAY_EDIT_H

#include "app/internal.h"

struct day_edit {
	struct entry_list day;
	int64_t *recorded; /* by entry: the seconds of its rows, or of its family's at its root */
	bool *changed;
	struct units_policy policy;
	int64_t forgets; /* an entry whose time a person made another: what the machine said of it before means nothing any more; 0: none */
};
void day_edit_release(struct day_edit *edit);

int day_edit_begin(struct txn *txn, const struct op *op, int64_t alp_user_id, day_t day, struct day_edit *ret_edit);
/* NULL: it is not of the day. */
struct entry_row *day_edit_find(const struct day_edit *edit, int64_t entry_id);
/* Will be written, whatever else is. */
void day_edit_touch(struct day_edit *edit, const struct entry_row *entry);
/* A new entry, a part of that one's time (supplement.h). */
struct entry_row *day_edit_append(struct day_edit *edit, int64_t root_id, int64_t now_ms);
int day_edit_write(struct txn *txn, const struct op *op, struct day_edit *edit);

/* Takes the row over, for a verb's "out". */
void entry_move(struct entry_row *to, struct entry_row *from);

#endif
