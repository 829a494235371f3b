/* SPDX-License-Identifier: Apache-2.0 */
/* user.h - what we remember of a user besides activity and entries. Threads: the store's. */
#ifndef RTALP_STORE_USER_H
#define RTALP_STORE_USER_H

#include <stdint.h>

#include "base/zone.h"
#include "store/store.h"

#define ALP_USER_ID_MAX ((int64_t)9007199254740991) /* 2^53 - 1: what JSON numbers carry exactly */

struct user_row {
	int64_t alp_user_id;
	char time_zone[ZONE_NAME_MAX]; /* empty: the configured default */
	int64_t created_ms, updated_ms;
};

int txn_user_get(struct txn *txn, int64_t alp_user_id, struct user_row *ret_user); /* -ENOENT */
int txn_user_put(struct txn *txn, const struct user_row *user);                    /* inserts or replaces; created_ms of the first stays */
/* What the user wants kept out at intake, as the fetch worker reads it (rules/privacy.h); the caller frees. "" for a user we know nothing of. */
int txn_user_privacy(struct txn *txn, int64_t alp_user_id, char **ret_lines);
int txn_user_set_privacy(struct txn *txn, int64_t alp_user_id, const char *lines); /* -ENOENT */
int txn_user_delete(struct txn *txn, int64_t alp_user_id);                          /* -ENOENT; only this row, no activity or entries */

#endif
