/* SPDX-License-Identifier: Apache-2.0 */
#include "base/digest.h"

#include <sodium.h>

#define DIGEST_BYTES ((DIGEST_HEX_SIZE - 1) / 2)

_Static_assert(DIGEST_BYTES >= crypto_generichash_BYTES_MIN, "libsodium makes it that short");

void
digest_hex(struct str bytes, char ret_hex[DIGEST_HEX_SIZE])
{
	unsigned char out[DIGEST_BYTES];

	(void)crypto_generichash(out, sizeof out, (const unsigned char *)bytes.p, bytes.len, NULL, 0);
	(void)sodium_bin2hex(ret_hex, DIGEST_HEX_SIZE, out, sizeof out);
}
