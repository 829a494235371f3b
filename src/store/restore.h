/* SPDX-License-Identifier: Apache-2.0 */
/* restore.h - a backup in the place of the store, and what the store remembers of that.
 *
 * The store that is put back is older than the world. What it must never do is bill again what was billed in between, so
 *   - numbers go on far behind those it has (jobs, entries, postings, tokens, webhooks, messages, events): none that was given out in between is
 *     given again, nor a reference or a key made of one; nor when the same backup is put back again
 *   - posting is held (txn_restore_state) until somebody lets it go on, who was shown what ALP holds that is not known here
 *   - and then still, of every day up to `until_day`, nothing is sent without a look at what ALP has (app/reconcile.h)
 *
 * Nor is it to let in again who was shut out since: tokens are as the store that was there has them, if it can be read.
 *
 * Ownership: restore_report_release(). Threads: store_restore() and store_check_file() any, without a store; the others the store's.
 */
#ifndef RTALP_STORE_RESTORE_H
#define RTALP_STORE_RESTORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/day.h"
#include "store/backup.h"
#include "store/check.h"
#include "store/store.h"

struct restore_report {
	int64_t made_ms;   /* when the backup was made; 0: it does not say */
	int64_t schema;    /* of the backup */
	bool known;        /* there was an .info beside it, and it agrees */
	char *aside;       /* where the store that was there is now; NULL: there was none */
	char *violation;   /* of the backup; NULL: none */
	bool old_unread;   /* the store that was there could not be read: tokens are as the backup has them */
	char *erased;      /* users that were erased since and are back, with commas between; NULL: none, or not known */
};
void restore_report_release(struct restore_report *report);

/* Puts the backup in `from` in the place of the store at `path`. What was there is moved beside it, never deleted. Until the last step the old store
 * is in its place; one that is cut short in that step leaves a mark, with which no daemon starts, and is to be made again.
 * -EBUSY: a daemon has the store; -EBADMSG: it is not what its .info says; -EUCLEAN: it is damaged, or none of ours; -EPROTO: of a newer program. */
int store_restore(const char *path, const char *from, int64_t now_ms, int64_t uid, struct restore_report *ret_report) _must_check_;

/* Is a restore cut short there? 1, 0. */
int restore_is_cut_short(const char *path);

/* Checks the store at `path`, or a backup, while no daemon has it: how many promises are broken. Changes nothing. -EBUSY, -EUCLEAN, -EPROTO; -ENOENT. */
int store_check_file(const char *path, violation_fn tell, void *arg) _must_check_;

/* --- what is remembered -------------------------------------------------------------------------------------------------- */

struct restore_state {
	int64_t restore_id;  /* 0: the store was never put back */
	int64_t made_ms, at_ms;
	day_t until_day;     /* over all of them; -1: never */
	int64_t examined_ms; /* of the newest: when every day of it had been compared with ALP; 0: not yet */
	int64_t went_on_ms;  /* likewise: when posting was let go on; 0: it is held */
};
bool restore_holds(const struct restore_state *state);
/* The first day of which something may have been posted since the backup, by what is usual: two months before it was made. */
day_t restore_from_day(const struct restore_state *state);
int txn_restore_state(struct txn *txn, struct restore_state *ret_state);
int txn_restore_examined(struct txn *txn, int64_t restore_id, int64_t now_ms);
int txn_restore_go_on(struct txn *txn, int64_t restore_id, int64_t now_ms);

/* Users' days between those of which there is anything here; by user and day. The caller frees the rows. */
struct posting_days;
int txn_restore_days(struct txn *txn, day_t from, day_t to, struct posting_days *ret_days);

#endif
