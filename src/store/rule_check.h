/* SPDX-License-Identifier: Apache-2.0 */
/* rule_check.h - rules that somebody wants to try, and what came of it: kept beside their job for a day.
 *
 * Threads: the store's.
 */
#ifndef RTALP_STORE_RULE_CHECK_H
#define RTALP_STORE_RULE_CHECK_H

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "store/store.h"

#define RULE_CHECK_KEPT_MS  (INT64_C(24) * 3600 * 1000)
#define RULE_CHECKS_OF_USER 50 /* the newest; a MB of rules each at most */

/* Of a user with more than RULE_CHECKS_OF_USER the oldest go. */
int txn_rule_check_add(struct txn *txn, int64_t job_id, int64_t alp_user_id, int64_t asked_ms, struct str rules);
/* The bytes are the caller's, who frees. -ENOENT: there are none (any more, or yet). */
int txn_rule_check_rules(struct txn *txn, int64_t job_id, char **ret_text, size_t *ret_len);
int txn_rule_check_result(struct txn *txn, int64_t job_id, int64_t asked_after_ms, char **ret_text, size_t *ret_len);
int txn_rule_check_set_result(struct txn *txn, int64_t job_id, struct str result);
/* Those asked before, at most so many; returns how many went. */
int txn_rule_check_prune(struct txn *txn, int64_t asked_before_ms, int64_t max);

#endif
