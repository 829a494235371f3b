/* SPDX-License-Identifier: Apache-2.0 */
/* settle.h - what follows for the entries of a day from their seconds, their status and their matter: units, and who is withdrawn.
 *
 * A day is priced by one policy: that of its newest verdicts, so that a change of the rules moves no line until a process job brings it.
 * Each line may be priced by itself, or the sum of a matter, spread over its lines; so whatever changes the seconds, the matter or the
 * status of one line settles the day. Never written: what a submitted or an ignored line holds, and what a person said.
 *
 * Threads: the store's.
 */
#ifndef RTALP_APP_SETTLE_H
#define RTALP_APP_SETTLE_H

#include "rules/units.h"
#include "store/entry.h"

/* Status and warning that follow from an entry's time: no time withdraws an untouched draft and warns on a touched one. */
void entry_settle(struct entry_row *entry);

/* What a reader sees. */
const char *entry_application(const struct entry_row *entry);
const char *entry_description(const struct entry_row *entry);
int64_t entry_units_tenths(const struct entry_row *entry);
const char *entry_matter(const struct entry_row *entry); /* NULL: none */

/* By itself: its units and whose numbers made them. True if that changed anything. */
bool entry_price(const struct units_policy *policy, struct entry_row *entry);

/* The rows of the entries of a day add up to (*recorded)[at]: who holds what of it (supplement.h), and what follows. Both arrays are the caller's, and
 * grow with the list when supplements are appended to it. Marks in (*changed)[at] who changed. Pure. */
void settle_times(const struct units_policy *policy, int64_t now_ms, struct entry_list *day, int64_t **recorded, bool **changed);

/* Prices all entries of a day, which stand by entry_id with new ones last, and marks in changed[] those that changed. Pure. */
void settle_day(const struct units_policy *policy, struct entry_list *day, bool *changed);

/* The policy of the day; `otherwise` if no rules ever saw it. */
int txn_day_policy(struct txn *txn, int64_t alp_user_id, day_t day, const struct units_policy *otherwise, struct units_policy *ret_policy);

/* Somebody changed the matter or the status of this entry, or whether it is touched: sets its time and its price, and writes whatever line of its day
 * changes with it, but not itself. */
int txn_settle_around(struct txn *txn, const struct units_policy *otherwise, int64_t now_ms, struct entry_row *entry);

#endif
