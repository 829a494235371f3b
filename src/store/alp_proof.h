/* SPDX-License-Identifier: Apache-2.0 */
/* alp_proof.h - of a user's day: the units that we posted, and those that ALP held of us when it was asked last. One row a user and day; it is replaced
 * by the next proof.
 *
 * Ownership: alp_proof_release(), alp_proof_list_release() accept zeroed ones. Threads: the store's.
 */
#ifndef RTALP_STORE_ALP_PROOF_H
#define RTALP_STORE_ALP_PROOF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/day.h"
#include "store/store.h"

/* Why an entry stands in a difference. */
#define PROOF_MISSING    "missing"          /* posted, and ALP does not have it */
#define PROOF_DELETED    "deleted"          /* posted, and ALP says that it is deleted */
#define PROOF_UNITS      "units_differ"
#define PROOF_TWICE      "twice"            /* another entry of ALP's bears the reference of one that is posted */
#define PROOF_NOT_POSTED "not_posted"       /* ALP has it, and we do not hold it for posted */
#define PROOF_STRANGER   "unknown_to_us"    /* its reference is one of ours, and no posting has it */

#define PROOF_UNADOPTED  "perhaps_ours"     /* without a reference of ours, on a day whose postings may have been lost */

struct alp_proof_row {
	int64_t alp_user_id;
	day_t day;
	int64_t proved_ms;
	int64_t posted_units, alp_units;
	int64_t difference_count;
	char *differences;  /* JSON array; each with `why` */
};
void alp_proof_release(struct alp_proof_row *row);

struct alp_proof_list {
	struct alp_proof_row *rows;
	size_t count;
};
void alp_proof_list_release(struct alp_proof_list *list);

int txn_alp_proof_put(struct txn *txn, const struct alp_proof_row *row);

struct alp_proof_filter {
	int64_t alp_user_id;    /* 0: everybody's */
	day_t from, to;         /* inclusive */
	bool differing;         /* only those that differ */
	int64_t limit;          /* 0: all */
};
/* By day, the newest first, and user. */
int txn_alp_proof_list(struct txn *txn, const struct alp_proof_filter *filter, struct alp_proof_list *ret_list);

/* The day on which the nightly proof was begun last; 0: never. */
int txn_alp_proof_day(struct txn *txn, day_t *ret_day);
int txn_alp_proof_set_day(struct txn *txn, day_t day);

#endif
