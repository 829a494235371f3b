/* SPDX-License-Identifier: Apache-2.0 */
#include "app/token_text.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>

#include "base/secret.h"

#define PREFIX       STR("rtalp_")
#define SECRET_CHARS 43
#define TOKEN_ID_MAX ((int64_t)9007199254740991)

void
token_text_format(int64_t token_id, const unsigned char secret[TOKEN_SECRET_BYTES], char ret_text[TOKEN_TEXT_SIZE])
{
	char encoded[SECRET_CHARS + 1];

	sodium_bin2base64(encoded, sizeof encoded, secret, TOKEN_SECRET_BYTES, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	snprintf(ret_text, TOKEN_TEXT_SIZE, "rtalp_%lld_%s", (long long)token_id, encoded);
	secret_wipe(encoded, sizeof encoded);
}

/* "0007" is a number too, but another spelling of it. */
static int
parse_id(struct str digits, int64_t *ret_token_id)
{
	if (digits.len == 0 || digits.p[0] < '1' || digits.p[0] > '9')
		return -EINVAL;
	return str_to_i64(digits, 1, TOKEN_ID_MAX, ret_token_id) < 0 ? -EINVAL : 0;
}

/* libsodium 1.0.18 decodes every byte beyond ASCII as it does an underscore. */
static bool
is_ascii(struct str s)
{
	unsigned char all = 0;

	for (size_t i = 0; i < s.len; i++)
		all |= (unsigned char)s.p[i];
	return all < 0x80;
}

int
token_text_parse(struct str text, int64_t *ret_token_id, unsigned char ret_secret[TOKEN_SECRET_BYTES])
{
	const char *end = NULL, *encoded;
	size_t len = 0;
	int64_t token_id;

	if (text.len >= TOKEN_TEXT_SIZE || text.len <= PREFIX.len + SECRET_CHARS + 1 || !str_starts(text, PREFIX))
		return -EINVAL;
	encoded = text.p + text.len - SECRET_CHARS;
	if (!is_ascii(text) || encoded[-1] != '_' ||
	    parse_id((struct str){text.p + PREFIX.len, text.len - PREFIX.len - SECRET_CHARS - 1}, &token_id) < 0)
		return -EINVAL;
	/* Refuses bits behind the last byte, so that no second spelling decodes to the same secret. */
	if (sodium_base642bin(ret_secret, TOKEN_SECRET_BYTES, encoded, SECRET_CHARS, NULL, &len, &end,
	    sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 || len != TOKEN_SECRET_BYTES || end != encoded + SECRET_CHARS) {
		secret_wipe(ret_secret, TOKEN_SECRET_BYTES);
		return -EINVAL;
	}
	*ret_token_id = token_id;
	return 0;
}

void
token_hash(const unsigned char secret[TOKEN_SECRET_BYTES], unsigned char ret_hash[TOKEN_HASH_BYTES])
{
	crypto_generichash(ret_hash, TOKEN_HASH_BYTES, secret, TOKEN_SECRET_BYTES, NULL, 0);
}
