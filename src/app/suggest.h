/* SPDX-License-Identifier: Apache-2.0 */
/* suggest.h - the likely matters of an entry that has none, from what the same person confirmed before, with the reason in words.
 *
 * What was confirmed for the same document goes before what was for a client that the title names, and that before what was in the same application.
 * Within each: how often, of all times that it was that document, client or application; how often at all; how long ago. Whole numbers only; the same
 * lessons at the same time give the same suggestions.
 *
 * Threads: the store's; suggest_score() any.
 */
#ifndef RTALP_APP_SUGGEST_H
#define RTALP_APP_SUGGEST_H

#include "store/entry.h"
#include "store/learned.h"
#include "store/store.h"

#define SUGGESTIONS_MAX 5

/* Thousandths of a hundredth: a matter that was confirmed `times` of `total` times, the last time `age_ms` ago. At most 99 hundredths. */
int64_t suggest_score(enum lesson_kind kind, int64_t times, int64_t total, int64_t age_ms);

/* Fills `suggested` of the pending ones without a matter. The entries are one user's. zone: in which the day of the last time is told. Closed
 * matters, and ones that the list of matters does not have, are left out when there is a list. */
int txn_suggest(struct txn *txn, const char *zone, int64_t now_ms, struct entry_row *entries, size_t count);

/* Erases what was learned of a user. The conventions are those of app.h. */
struct app;
struct learned_erase {
	int64_t alp_user_id;
};
void app_learned_erase(struct app *app, struct learned_erase *v, void (*done)(int r, void *arg), void *arg);

#endif
