/* SPDX-License-Identifier: Apache-2.0 */
/* verdicts.h - what the rules said of a user-day, kept as it came: how each of its entries came about.
 *
 * Every processing that changed something of a day puts its verdicts here; the entries that it decided name them (entry.h).
 *
 * Invariants:
 *   - verdicts_id is 1, 2, 3.. within a user-day; the newest is what the rules said last
 *   - the policy beside the newest is the one by which the day is priced, whatever the rules are by now
 *   - what is stored is a rowset (proto/rowset.h), but the bytes were on a disk: whoever reads them parses them
 *
 * Threads: the store's.
 */
#ifndef RTALP_STORE_VERDICTS_H
#define RTALP_STORE_VERDICTS_H

#include <stdint.h>

#include "base/day.h"
#include "base/str.h"
#include "store/store.h"

struct verdicts_row {
	int64_t verdicts_id;
	char rules_version[64];
	char matters_version[64]; /* empty: no list of matters was known */
	int32_t rounding;         /* enum rounding, enum units_per: numbers that keep their meaning */
	int32_t units_per;
	int32_t minimum_tenths;
	int64_t made_ms;
};

/* -EEXIST if the day has that verdicts_id. */
int txn_verdicts_put(struct txn *txn, int64_t alp_user_id, day_t day, const struct verdicts_row *row, struct str bytes);
/* -ENOENT if there are none of that id; the caller frees *ret_bytes. */
int txn_verdicts_get(struct txn *txn, int64_t alp_user_id, day_t day, int64_t verdicts_id, struct verdicts_row *ret_row, char **ret_bytes,
    size_t *ret_len);
/* Without the bytes. -ENOENT if the day has none. */
int txn_verdicts_newest(struct txn *txn, int64_t alp_user_id, day_t day, struct verdicts_row *ret_row);
/* All of the day, the oldest first, without the bytes; the caller frees. */
int txn_verdicts_list(struct txn *txn, int64_t alp_user_id, day_t day, struct verdicts_row **ret_rows, size_t *ret_count);
/* Other bytes in their place. -ENOENT if there are none of that id. */
int txn_verdicts_set(struct txn *txn, int64_t alp_user_id, day_t day, int64_t verdicts_id, struct str bytes);
/* Those of the day that are older than `newest` and that no entry names. */
int txn_verdicts_delete_unreferenced(struct txn *txn, int64_t alp_user_id, day_t day, int64_t newest);

#endif
