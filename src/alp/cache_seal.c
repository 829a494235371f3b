/* SPDX-License-Identifier: Apache-2.0 */
#include "alp/cache_seal.h"

#include <sodium.h>
#include <string.h>

#define SEAL_BYTES ((CACHE_SEAL_SIZE - 1) / 2)

_Static_assert(SEAL_BYTES >= crypto_generichash_BYTES_MIN, "libsodium makes it that short");

/* With what ends it, so that two are never read as one. */
static void
add(crypto_generichash_state *state, struct str s)
{
	static const unsigned char end = 0;

	if (s.len > 0)
		crypto_generichash_update(state, (const unsigned char *)s.p, s.len);
	crypto_generichash_update(state, &end, 1);
}

void
cache_seal_key_make(struct str url, struct str alp_key, struct cache_seal_key *ret_key)
{
	crypto_generichash_state state;

	(void)crypto_generichash_init(&state, NULL, 0, sizeof ret_key->bytes);
	add(&state, STR("rtalp copies of lists"));
	add(&state, url);
	add(&state, alp_key);
	(void)crypto_generichash_final(&state, ret_key->bytes, sizeof ret_key->bytes);
	sodium_memzero(&state, sizeof state);
}

void
cache_seal(const struct cache_seal_key *key, const struct cache_sealed *what, char ret_seal[CACHE_SEAL_SIZE])
{
	crypto_generichash_state state;
	unsigned char out[SEAL_BYTES];

	(void)crypto_generichash_init(&state, key->bytes, sizeof key->bytes, sizeof out);
	add(&state, str_of(what->name));
	add(&state, str_of(what->version));
	add(&state, str_of(what->fetched));
	add(&state, str_of(what->etag));
	(void)crypto_generichash_final(&state, out, sizeof out);
	sodium_memzero(&state, sizeof state);
	(void)sodium_bin2hex(ret_seal, CACHE_SEAL_SIZE, out, sizeof out);
}

bool
cache_seal_holds(const struct cache_seal_key *key, const struct cache_sealed *what, const char *seal)
{
	char ours[CACHE_SEAL_SIZE];

	if (strlen(seal) != sizeof ours - 1)
		return false;
	cache_seal(key, what, ours);
	return sodium_memcmp(ours, seal, sizeof ours - 1) == 0;
}
