/* SPDX-License-Identifier: Apache-2.0 */
/* once.h - requests that were answered and must not have their effect again: the caller's key, what was asked, and the answer.
 *
 * A row is written in the transaction of the effect it stands for: there is the effect and its row, or neither. What was asked is kept
 * as a hash with the installation's secret in it (store_fingerprint()), so that nobody who reads the store can try out what a body
 * held. Ownership: once_row_release() accepts a zeroed one. Threads: the store's.
 */
#ifndef RTALP_STORE_ONCE_H
#define RTALP_STORE_ONCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "store/store.h"

#define ONCE_KEY_MAX 255

struct once_row {
	int64_t caller;        /* a token's id; 0: whoever needs none */
	char *key;             /* 1..ONCE_KEY_MAX bytes */
	unsigned char asked[FINGERPRINT_BYTES];
	int64_t answered_ms;
	int64_t job_id;        /* that it asked for; 0: none */
	int32_t status;
	char *head;            /* "Name: value\n" lines that belong to the answer */
	char *body;            /* NULL: it held a secret, and is not kept */
	size_t body_len;
};
void once_row_release(struct once_row *row);

int txn_once_get(struct txn *txn, int64_t caller, const char *key, struct once_row *ret_row); /* -ENOENT */
int txn_once_add(struct txn *txn, const struct once_row *row);
/* At most `max` that were answered before that instant; how many went. */
int txn_once_prune(struct txn *txn, int64_t before_ms, int64_t max);

#endif
