/* SPDX-License-Identifier: Apache-2.0 */
#include "base/seal.h"

#include <errno.h>
#include <sodium.h>

#define KEY_BYTES crypto_secretbox_KEYBYTES

_Static_assert(SEAL_OVERHEAD == crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES, "as libsodium adds");
_Static_assert(SEAL_KEY_TEXT_MAX == sodium_base64_ENCODED_LEN(KEY_BYTES, sodium_base64_VARIANT_ORIGINAL), "as base64 makes of it");

void
seal_key_make(char ret_text[SEAL_KEY_TEXT_MAX])
{
	unsigned char key[KEY_BYTES];

	randombytes_buf(key, sizeof key);
	(void)sodium_bin2base64(ret_text, SEAL_KEY_TEXT_MAX, key, sizeof key, sodium_base64_VARIANT_ORIGINAL);
	sodium_memzero(key, sizeof key);
}

static bool
key_bytes(const struct secret *key, unsigned char ret_key[KEY_BYTES])
{
	struct str text = secret_expose(key); /* to be decoded */
	const char *end = NULL;
	size_t len = 0;

	return sodium_base642bin(ret_key, KEY_BYTES, text.p, text.len, NULL, &len, &end, sodium_base64_VARIANT_ORIGINAL) == 0 &&
	    len == KEY_BYTES && end == text.p + text.len;
}

bool
seal_key_valid(const struct secret *key)
{
	unsigned char bytes[KEY_BYTES];
	bool valid = key_bytes(key, bytes);

	sodium_memzero(bytes, sizeof bytes);
	return valid;
}

int
seal_put(const struct secret *key, struct str plain, unsigned char *ret_sealed)
{
	unsigned char bytes[KEY_BYTES];
	int r = -EINVAL;

	if (key_bytes(key, bytes)) {
		randombytes_buf(ret_sealed, crypto_secretbox_NONCEBYTES);
		r = crypto_secretbox_easy(ret_sealed + crypto_secretbox_NONCEBYTES, (const unsigned char *)plain.p, plain.len, ret_sealed, bytes);
	}
	sodium_memzero(bytes, sizeof bytes);
	return r == 0 ? 0 : -EINVAL;
}

int
seal_take(const struct secret *key, struct str sealed, unsigned char *ret_plain, size_t *ret_len)
{
	const unsigned char *p = (const unsigned char *)sealed.p;
	unsigned char bytes[KEY_BYTES];
	int r = -1;

	if (sealed.len >= SEAL_OVERHEAD && key_bytes(key, bytes))
		r = crypto_secretbox_open_easy(ret_plain, p + crypto_secretbox_NONCEBYTES, sealed.len - crypto_secretbox_NONCEBYTES, p, bytes);
	sodium_memzero(bytes, sizeof bytes);
	if (r != 0)
		return -EBADMSG;
	*ret_len = sealed.len - SEAL_OVERHEAD;
	return 0;
}
