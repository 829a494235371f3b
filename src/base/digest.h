/* SPDX-License-Identifier: Apache-2.0 */
/* digest.h - a name for bytes by what they are: the same everywhere and for good, so that it may be stored and compared. Pure; any thread. */
#ifndef RTALP_BASE_DIGEST_H
#define RTALP_BASE_DIGEST_H

#include "base/str.h"

#define DIGEST_HEX_SIZE 33

/* BLAKE2b-128 in hexadecimal, with the NUL. */
void digest_hex(struct str bytes, char ret_hex[DIGEST_HEX_SIZE]);

#endif
