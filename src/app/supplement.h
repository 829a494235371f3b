/* SPDX-License-Identifier: Apache-2.0 */
/* supplement.h - how the recorded time of an entry is divided between it and its supplements.
 *
 * A supplement comes to be when there is more than was confirmed, or when a person splits a draft: its parts are supplements that a person touched.
 *
 * All rows of a family (an entry and its supplements, entry.h; entries that a person merged into it, and theirs) belong to the entry, its root. What is
 * merged holds nothing; its rows still name it, so that the merge can be undone. What was confirmed of them is frozen; the rest is
 * held by those that are open (pending, ignored or withdrawn):
 *   - the first of them, root before supplements before later supplements, takes whatever nobody else holds, and later changes
 *   - another one keeps what it holds as long as there is so much, if a person touched or ignored it; else it holds nothing
 *   - if all are confirmed and there is a rest, a new supplement takes it
 * So what a family holds is what was recorded, or, where more was confirmed than is recorded now, what was confirmed.
 *
 * Pure; the lists are days as the store hands them out, by entry_id, new entries last with entry_id 0.
 */
#ifndef RTALP_APP_SUPPLEMENT_H
#define RTALP_APP_SUPPLEMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "store/entry.h"

/* From what they hold, the seconds of each entry's rows. */
void supplements_recorded(const struct entry_list *day, int64_t *ret_recorded);

/* (*seconds)[at] comes as what was recorded for each entry, and goes as what each open one is to hold. Sets what the confirmed ones drifted, lets
 * supplements that nobody touched say what their root says, and appends new ones, for which both arrays grow; marks in *changed who changed. */
void supplements_share(struct entry_list *day, int64_t now_ms, int64_t **seconds, bool **changed);

/* Whose family it is of. */
int64_t supplement_root(const struct entry_list *day, const struct entry_row *entry);

/* A new entry at the end of the day, of the time of that one's family, with what its root says. Returns it; pointers into the list are stale. */
struct entry_row *supplement_append(struct entry_list *day, size_t root_at, int64_t now_ms);

/* For each entry the seconds of its family that were billed before it: confirmed ones, and pending ones that stand before it. */
void supplements_before(const struct entry_list *day, int64_t *ret_before);

/* For each entry the confirmed seconds of its family that stand before it: a confirmed one was priced with them. */
void supplements_confirmed_before(const struct entry_list *day, int64_t *ret_before);

/* Whose rows stay whatever the rules say: an entry's that a person decided about, or about a supplement of. */
void supplements_kept(const struct entry_list *day, bool *ret_kept);

#endif
