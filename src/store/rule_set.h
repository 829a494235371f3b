/* SPDX-License-Identifier: Apache-2.0 */
/* rule_set.h - every rule set that ever judged a stored day, as it was written: what an entry's rules_version leads to.
 *
 * A set is added in the transaction that stores the first verdicts of it, and never changes or goes: a bill may have to be explained years later.
 *
 * Ownership: rule_set_release() accepts a zeroed one. Threads: the store's.
 */
#ifndef RTALP_STORE_RULE_SET_H
#define RTALP_STORE_RULE_SET_H

#include <stdint.h>

#include "base/macro.h"
#include "base/str.h"
#include "store/store.h"

#define RULES_VERSION_MAX 64 /* bytes with the NUL */

struct rule_set {
	char version[RULES_VERSION_MAX];
	const char *name; /* of the file, without its directories */
	struct str text;  /* the file's bytes */
	int64_t first_ms; /* when it first judged a day that was stored */
};

/* Adds it, unless there is one of its version. */
int txn_rule_set_note(struct txn *txn, const struct rule_set *set);

/* -ENOENT. The strings are the caller's, who releases them. */
int txn_rule_set_get(struct txn *txn, const char *version, struct rule_set *ret_set);
void rule_set_release(struct rule_set *set); /* only what txn_rule_set_get() gave */

#endif
