/* SPDX-License-Identifier: Apache-2.0 */
#include "base/webhook_sign.h"

#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>

#define SECRET_PREFIX      "whsec_"
#define SCHEME     "v1,"
#define FRESH_BYTES 32
#define MAC_BYTES   crypto_auth_hmacsha256_BYTES
#define TIMESTAMP_DIGITS_MAX 12

_Static_assert(WEBHOOK_SECRET_TEXT_MAX >=
	sizeof SECRET_PREFIX - 1 + sodium_base64_ENCODED_LEN(WEBHOOK_SECRET_BYTES_MAX, sodium_base64_VARIANT_ORIGINAL), "room for the longest");
_Static_assert(WEBHOOK_SIGNATURE_MAX >= sizeof SCHEME - 1 + sodium_base64_ENCODED_LEN(MAC_BYTES, sodium_base64_VARIANT_ORIGINAL),
    "room for a signature");

void
webhook_secret_make(struct webhook_secret *ret_secret)
{
	*ret_secret = (struct webhook_secret){.len = FRESH_BYTES};
	randombytes_buf(ret_secret->bytes, FRESH_BYTES);
}

int
webhook_secret_parse(struct str text, struct webhook_secret *ret_secret)
{
	struct webhook_secret secret = {0};
	const char *end = NULL;
	int r = -EINVAL;

	if (!str_starts(text, STR(SECRET_PREFIX)))
		return -EINVAL;
	text.p += sizeof SECRET_PREFIX - 1;
	text.len -= sizeof SECRET_PREFIX - 1;
	if (sodium_base642bin(secret.bytes, sizeof secret.bytes, text.p, text.len, NULL, &secret.len, &end, sodium_base64_VARIANT_ORIGINAL) == 0 &&
	    end == text.p + text.len && secret.len >= WEBHOOK_SECRET_BYTES_MIN) {
		*ret_secret = secret;
		r = 0;
	}
	webhook_secret_wipe(&secret);
	return r;
}

void
webhook_secret_format(const struct webhook_secret *secret, char ret_text[WEBHOOK_SECRET_TEXT_MAX])
{
	memcpy(ret_text, SECRET_PREFIX, sizeof SECRET_PREFIX - 1);
	(void)sodium_bin2base64(ret_text + sizeof SECRET_PREFIX - 1, WEBHOOK_SECRET_TEXT_MAX - (sizeof SECRET_PREFIX - 1), secret->bytes, secret->len,
	    sodium_base64_VARIANT_ORIGINAL);
}

void
webhook_secret_wipe(struct webhook_secret *secret)
{
	sodium_memzero(secret, sizeof *secret);
}

static void
mac_of(const struct webhook_secret *secret, struct str id, struct str timestamp, struct str body, unsigned char ret_mac[MAC_BYTES])
{
	const struct str parts[] = {id, STR("."), timestamp, STR("."), body};
	crypto_auth_hmacsha256_state state;

	crypto_auth_hmacsha256_init(&state, secret->bytes, secret->len);
	for (size_t i = 0; i < ELEMENTSOF(parts); i++)
		crypto_auth_hmacsha256_update(&state, (const unsigned char *)(parts[i].p != NULL ? parts[i].p : ""), parts[i].len);
	crypto_auth_hmacsha256_final(&state, ret_mac);
	sodium_memzero(&state, sizeof state);
}

void
webhook_sign(const struct webhook_secret *secret, struct str id, int64_t timestamp_s, struct str body,
    char ret_signature[WEBHOOK_SIGNATURE_MAX])
{
	unsigned char mac[MAC_BYTES];
	char timestamp[24];

	snprintf(timestamp, sizeof timestamp, "%" PRId64, timestamp_s);
	mac_of(secret, id, str_of(timestamp), body, mac);
	memcpy(ret_signature, SCHEME, sizeof SCHEME - 1);
	(void)sodium_bin2base64(ret_signature + sizeof SCHEME - 1, WEBHOOK_SIGNATURE_MAX - (sizeof SCHEME - 1), mac, sizeof mac,
	    sodium_base64_VARIANT_ORIGINAL);
}

/* What stands before the next space; *rest goes on behind it. */
static struct str
next_word(struct str *rest)
{
	const char *space = memchr(rest->p, ' ', rest->len);
	struct str word = {.p = rest->p, .len = space != NULL ? (size_t)(space - rest->p) : rest->len};
	size_t taken = word.len + (space != NULL);

	rest->p += taken;
	rest->len -= taken;
	return word;
}

static bool
read_signature(struct str word, unsigned char ret_mac[MAC_BYTES])
{
	const char *end = NULL;
	size_t len = 0;

	if (!str_starts(word, STR(SCHEME)))
		return false;
	word.p += sizeof SCHEME - 1;
	word.len -= sizeof SCHEME - 1;
	return sodium_base642bin(ret_mac, MAC_BYTES, word.p, word.len, NULL, &len, &end, sodium_base64_VARIANT_ORIGINAL) == 0 &&
	    len == MAC_BYTES && end == word.p + word.len;
}

static bool
is_by(const struct webhook_claim *claim, const struct webhook_secret *secret)
{
	unsigned char ours[MAC_BYTES], theirs[MAC_BYTES];
	struct str rest = claim->signature;
	bool same = false;

	mac_of(secret, claim->id, claim->timestamp, claim->body, ours);
	for (int n = 0; n < WEBHOOK_SIGNATURES_MAX && rest.len > 0; n++)
		if (read_signature(next_word(&rest), theirs))
			same = sodium_memcmp(ours, theirs, MAC_BYTES) == 0 || same;
	return same;
}

enum webhook_verdict
webhook_verify(const struct webhook_claim *claim, const struct webhook_secret *secrets, size_t count, int64_t now_s)
{
	int64_t timestamp_s;
	bool genuine = false;

	if (claim->id.len == 0 || claim->id.len > WEBHOOK_ID_BYTES_MAX || claim->signature.len == 0 ||
	    claim->timestamp.len > TIMESTAMP_DIGITS_MAX || str_to_i64(claim->timestamp, 0, INT64_MAX, &timestamp_s) < 0)
		return WEBHOOK_UNSIGNED;
	if (timestamp_s < now_s - WEBHOOK_TOLERANCE_S || timestamp_s > now_s + WEBHOOK_TOLERANCE_S)
		return WEBHOOK_STALE;
	for (size_t i = 0; i < count; i++)
		genuine = is_by(claim, &secrets[i]) || genuine;
	return genuine ? WEBHOOK_GENUINE : WEBHOOK_FORGED;
}
