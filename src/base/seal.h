/* SPDX-License-Identifier: Apache-2.0 */
/* seal.h - small secrets as bytes that may be stored: worth nothing without a key that is kept elsewhere, and not to be changed unnoticed.
 *
 * The key is the base64 of 32 bytes, held as a struct secret. (libsodium's secretbox: a fresh nonce, what was sealed, its mark.)
 * Ownership: the caller's. Threads: any, as long as the key lives.
 */
#ifndef RTALP_BASE_SEAL_H
#define RTALP_BASE_SEAL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/macro.h"
#include "base/secret.h"

#define SEAL_OVERHEAD     40 /* bytes that sealing adds */
#define SEAL_KEY_TEXT_MAX 45 /* with the NUL */

/* A fresh key. */
void seal_key_make(char ret_text[SEAL_KEY_TEXT_MAX]);
bool seal_key_valid(const struct secret *key);

/* ret_sealed has room for what is sealed and SEAL_OVERHEAD. -EINVAL: that is no key. */
int seal_put(const struct secret *key, struct str plain, unsigned char *ret_sealed) _must_check_;
/* ret_plain has room for the sealed less SEAL_OVERHEAD, which is *ret_len. -EBADMSG: it was sealed by another key, or changed. */
int seal_take(const struct secret *key, struct str sealed, unsigned char *ret_plain, size_t *ret_len) _must_check_;

#endif
