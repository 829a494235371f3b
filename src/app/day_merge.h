/* SPDX-License-Identifier: Apache-2.0 */
/* day_merge.h - merges one user-day inside a transaction: loads its rows and entries, runs merge_day(), writes what changed, and keeps the
 * verdicts by which it did (store/verdicts.h). The same verdicts again change nothing and leave no trace.
 * Threads: the store's. */
#ifndef RTALP_APP_DAY_MERGE_H
#define RTALP_APP_DAY_MERGE_H

#include "proto/rowset.h"
#include "rules/units.h"
#include "store/activity.h"

struct day_merge {
	int64_t alp_user_id;
	day_t day;
	struct units_policy units;     /* of the verdicts; without any, that of the day is taken, and this one if it has none */
	const struct rowset *verdicts; /* on the rows of the day, as the caller knows; NULL: assignments stay, sums are made anew */
	const struct group_names *names; /* of the verdicts (merge.h) */
	const char *rules_version;
	const char *matters_version;   /* of the list of matters the rules knew; NULL: none */
	int64_t now_ms;
	bool is_last;                  /* once it writes, nothing is left in the closure that could refuse: txn_promise() */
	/* out */
	size_t entries_changed;
};
/* -EBADMSG if the verdicts are none that the rules can have said. */
int txn_day_merge(struct txn *txn, struct day_merge *dm);

/* What the rules said of each row of the day, under the number that an entry names. -ENOENT; -EBADMSG if what is stored was damaged. */
struct verdicts_row;
int txn_day_verdicts(struct txn *txn, int64_t alp_user_id, day_t day, int64_t verdicts_id, struct verdicts_row *ret_row,
    struct rowset **ret_verdicts);

#endif
