/* SPDX-License-Identifier: Apache-2.0 */
/* token_text.h - a token as its holder has it: rtalp_<token_id>_<43 characters base64url of 32 random bytes>.
 *
 * The id says which row to look at and is no secret. The secret has 256 random bits, so guessing one is out of the question however fast
 * it is checked, and a plain hash is right: what slows down guessing of passwords (salts, scrypt, Argon2) would only slow down every
 * request. The hash is unkeyed BLAKE2b-256; who reads the table cannot come back from it to a token.
 *
 * Pure; any thread. Whoever holds a secret or a text wipes it.
 */
#ifndef RTALP_APP_TOKEN_TEXT_H
#define RTALP_APP_TOKEN_TEXT_H

#include "base/macro.h"
#include "base/str.h"
#include "store/token.h"

#define TOKEN_SECRET_BYTES 32
#define TOKEN_TEXT_SIZE    (6 + 16 + 1 + 43 + 1) /* with its NUL; an id has at most 16 digits */

void token_text_format(int64_t token_id, const unsigned char secret[TOKEN_SECRET_BYTES], char ret_text[TOKEN_TEXT_SIZE]);
/* -EINVAL: it is no token. Each token has one spelling only. */
int token_text_parse(struct str text, int64_t *ret_token_id, unsigned char ret_secret[TOKEN_SECRET_BYTES]) _must_check_;
void token_hash(const unsigned char secret[TOKEN_SECRET_BYTES], unsigned char ret_hash[TOKEN_HASH_BYTES]);

#endif
