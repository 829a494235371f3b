/* SPDX-License-Identifier: Apache-2.0 */
/* merge.h - one user-day: which entry, or which drop reason, each total belongs to. Pure.
 *
 * Two occasions, one piece of arithmetic: the rules gave verdicts on every row (a process job), or the rows changed under
 * assignments that stay (a fetch). Afterwards every row belongs to exactly one entry, one drop reason, or (fetched, not processed yet) neither.
 *
 * The verdict's group names the entry within the day (proto/row_group.h); what the rules say of that entry stands in each of its rows.
 *
 * What people decided holds: an entry that was touched, ignored or submitted keeps its rows whatever the rules say now, and its words;
 * fields a person touched are not looked at; the amount of a submitted entry does not change.
 *
 * Ownership: works on the caller's lists in place; `m->entries` may grow, merge_release() frees what the merge itself allocated, and takes back what
 * was borrowed.
 */
#ifndef RTALP_APP_MERGE_H
#define RTALP_APP_MERGE_H

#include "app/group_name.h"
#include "proto/rowset.h"
#include "rules/units.h"
#include "store/activity.h"
#include "store/entry.h"

struct merge {
	/* in */
	int64_t alp_user_id;
	day_t day;
	struct units_policy units;
	const struct rowset *verdicts;   /* one for each row, in the same order; NULL: assignments stay */
	const struct group_names *names; /* of the verdicts' groups; NULL: they are made here */
	const char *rules_version;       /* of the verdicts */
	int64_t now_ms;
	bool borrows;                    /* new words are the verdicts', until merge_release(): they and both lists outlive the merge */
	/* in and out */
	struct activity_list *rows;      /* sorted by (activity, document) */
	struct entry_list *entries;      /* of the day, any status, by entry_id; new ones are appended with entry_id 0 */
	/* out */
	bool *row_changed;               /* by row: its entry or rule is another now */
	bool *entry_changed;             /* by entry: to be updated, or inserted when its entry_id is 0 */
	size_t *row_entry;               /* by row: index into entries, or MERGE_NO_ENTRY */
};

#define MERGE_NO_ENTRY SIZE_MAX

/* -EBADMSG if the verdicts are not of these rows, or are none that the rules can have said. */
int merge_day(struct merge *m) _must_check_;
void merge_release(struct merge *m);

#endif
