/* SPDX-License-Identifier: Apache-2.0 */
/* token_book.h - every token there is, in memory: whose is the one that a request shows?
 *
 * Every request asks, so the database is not: the book is filled once before the first socket listens, and each commit that makes or revokes a
 * token changes it before the client hears of it. A look-up costs a search by id and one hash (about a microsecond).
 *
 * Invariants: sorted by token_id; what is `revoked` stays so; last_used_ms never goes back.
 * Ownership: the book copies what it is given. Threads: the loop's. Pure: now is an argument.
 */
#ifndef RTALP_APP_TOKEN_BOOK_H
#define RTALP_APP_TOKEN_BOOK_H

#include "app/token.h"

struct token_book;

struct token_book *token_book_new(void);
struct token_book *token_book_free(struct token_book *b); /* accepts NULL */
/* Adds or replaces. */
void token_book_put(struct token_book *b, const struct token_row *token);
void token_book_revoke(struct token_book *b, int64_t token_id);
size_t token_book_count(const struct token_book *b);

/* The conventions of app_token_check(). A good one is noted as used now. */
enum token_verdict token_book_check(struct token_book *b, struct str text, int64_t now_ms, struct token_holder *ret_holder);
/* There is one, not revoked, not expired. */
bool token_book_alive(const struct token_book *b, int64_t token_id, int64_t now_ms);
int64_t token_book_last_used_ms(const struct token_book *b, int64_t token_id); /* 0: never, or there is no such token */

struct token_use {
	int64_t token_id, at_ms;
};
/* What was used since the last time this was asked; the caller frees. NULL: none. */
struct token_use *token_book_take_uses(struct token_book *b, size_t *ret_count);
/* They were not stored: the next time has them again. */
void token_book_untake_uses(struct token_book *b, const struct token_use *uses, size_t count);

#endif
