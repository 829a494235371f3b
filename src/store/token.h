/* SPDX-License-Identifier: Apache-2.0 */
/* token.h - the tokens that callers may show: who each is for, and a hash by which its secret is known again.
 *
 * A row outlives its token: revoked and expired ones stay, so that tokenless operation never comes back by itself.
 *
 * Ownership: rows are values. Threads: the store's.
 */
#ifndef RTALP_STORE_TOKEN_H
#define RTALP_STORE_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

#include "store/store.h"

#define TOKEN_NAME_CHARS 100
#define TOKEN_NAME_SIZE  (TOKEN_NAME_CHARS * 4 + 1)
#define TOKEN_HASH_BYTES 32
/* Rows there may be; all of them are in memory. */
#define TOKENS_MAX 10000

/* Stored numbers: never changed, never given again. */
enum token_scope { TOKEN_SERVICE = 1, TOKEN_USER, TOKEN_OPERATOR };
const char *token_scope_name(enum token_scope scope);

struct token_row {
	int64_t token_id;
	char name[TOKEN_NAME_SIZE];
	enum token_scope scope;
	int64_t alp_user_id;  /* of TOKEN_USER; else 0 */
	bool read_only;
	int64_t created_ms;
	int64_t expires_ms;   /* 0: never */
	int64_t revoked_ms;   /* 0: not */
	int64_t last_used_ms; /* 0: never */
	unsigned char hash[TOKEN_HASH_BYTES];
};

struct token_list {
	struct token_row *rows;
	size_t count;
};
void token_list_release(struct token_list *list); /* accepts a zeroed one */

/* Takes a number nobody had for it. -EDQUOT: there are TOKENS_MAX. */
int txn_token_insert(struct txn *txn, struct token_row *token);
int txn_token_get(struct txn *txn, int64_t token_id, struct token_row *ret_token); /* -ENOENT */
/* Newest first, those below `below_id` (0: all), at most `limit` (0: all). */
int txn_token_list(struct txn *txn, int64_t below_id, int64_t limit, struct token_list *ret_list);
/* Once revoked it stays as it is. -ENOENT. */
int txn_token_revoke(struct txn *txn, int64_t token_id, int64_t now_ms);
/* Later than what is stored, or nothing happens. */
int txn_token_used(struct txn *txn, int64_t token_id, int64_t at_ms);

#endif
