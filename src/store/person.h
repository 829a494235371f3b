/* SPDX-License-Identifier: Apache-2.0 */
/* person.h - everything that is held of one user: handed out, and erased.
 *
 * What is erased is gone: from the tables, from their free pages (secure_delete) and, before anybody is told that it is done, from the log. What stays:
 *   - postings: who, when, which day and component, how many units, ALP's id, key and reference, and their history without words. In the place of what
 *     was sent stands a hash of it with a salt of its own, by which who has the words can show that they were these
 *   - of days with such postings, or of which anything was confirmed, that they were there: they count as pruned, so that nobody bills them again
 *   - the audit's rows without their contents, and what ALP was compared with; turns, which say when the user was served last
 *   - tokens, revoked and without a name: as long as there is one, nobody is let in without
 * An erased user is a user nobody heard of: whoever fetches for one begins anew.
 *
 * Threads: the store's.
 */
#ifndef RTALP_STORE_PERSON_H
#define RTALP_STORE_PERSON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "store/store.h"

/* A JSON object with a member for each table: an array of its rows, columns by name, bytes in base64. Secrets and hashes of secrets are left out.
 * -E2BIG: it is more than `out` may hold. */
int txn_person_export(struct txn *txn, int64_t alp_user_id, int64_t now_ms, struct buf *out);

/* What stands against erasing: postings that are to be sent, or of which it is not known whether they are in ALP; jobs that are not over. */
struct person_busy {
	int64_t postings, jobs;
};
int txn_person_busy(struct txn *txn, int64_t alp_user_id, struct person_busy *ret_busy);

/* Of one who is not busy. */
int txn_person_erase(struct txn *txn, int64_t alp_user_id, int64_t now_ms);

/* Was that what a posting sent, and is it erased? */
bool posting_body_is_erased(const char *body);

#endif
