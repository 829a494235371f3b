/* SPDX-License-Identifier: Apache-2.0 */
/* check.h - are the promises of job.h, activity.h and entry.h true of what is stored? For the tests and for an operator's tool.
 *
 * Reads whole tables; the time grows with the database. Threads: the store's, in any transaction.
 */
#ifndef RTALP_STORE_CHECK_H
#define RTALP_STORE_CHECK_H

#include "store/store.h"

/* Tells each violation, of one promise a few, and how many promises are broken. -errno. `violation` is the callee's for the call. */
typedef void (*violation_fn)(void *arg, const char *violation);
int store_check_all(struct txn *txn, violation_fn tell, void *arg) _must_check_;

/* 0: they are, and *ret_violation is NULL. 1: *ret_violation says which one is broken and where; the caller frees it. -errno. */
int store_check(struct txn *txn, char **ret_violation) _must_check_;

#endif
