/* SPDX-License-Identifier: Apache-2.0 */
/* webhook_sign.h - signatures of Standard Webhooks, made for what we send and checked for what we are sent.
 *
 * Signed is "id.timestamp.body" by HMAC-SHA256; a header carries "v1," and the base64 of it, several of them with spaces between while a secret is
 * being changed for another. A secret is written as "whsec_" and the base64 of its 24 to 64 bytes.
 *
 * Ownership: values; webhook_secret_wipe() overwrites one. Pure, but for webhook_secret_make(). Threads: any.
 */
#ifndef RTALP_BASE_WEBHOOK_SIGN_H
#define RTALP_BASE_WEBHOOK_SIGN_H

#include <stddef.h>
#include <stdint.h>

#include "base/macro.h"
#include "base/str.h"

#define WEBHOOK_SECRET_BYTES_MIN 24
#define WEBHOOK_SECRET_BYTES_MAX 64
#define WEBHOOK_SECRET_TEXT_MAX  96 /* with the NUL */
#define WEBHOOK_SIGNATURE_MAX    48 /* the same */
#define WEBHOOK_ID_BYTES_MAX     ((size_t)256)
/* A timestamp further away than this, in the past or the future, is refused: somebody plays an old message again. */
#define WEBHOOK_TOLERANCE_S      300
/* More in one header are not looked at. */
#define WEBHOOK_SIGNATURES_MAX   16

struct webhook_secret {
	unsigned char bytes[WEBHOOK_SECRET_BYTES_MAX];
	size_t len;
};
/* A fresh one of 32 random bytes. */
void webhook_secret_make(struct webhook_secret *ret_secret);
/* -EINVAL: not "whsec_" and base64 of 24 to 64 bytes. */
int webhook_secret_parse(struct str text, struct webhook_secret *ret_secret) _must_check_;
void webhook_secret_format(const struct webhook_secret *secret, char ret_text[WEBHOOK_SECRET_TEXT_MAX]);
void webhook_secret_wipe(struct webhook_secret *secret);

/* "v1,..." */
void webhook_sign(const struct webhook_secret *secret, struct str id, int64_t timestamp_s, struct str body,
    char ret_signature[WEBHOOK_SIGNATURE_MAX]);

/* What a request says of itself, as its headers came. */
struct webhook_claim {
	struct str id;        /* webhook-id */
	struct str timestamp; /* webhook-timestamp */
	struct str signature; /* webhook-signature */
	struct str body;
};

enum webhook_verdict {
	WEBHOOK_GENUINE,
	WEBHOOK_UNSIGNED, /* a header is missing, or is none */
	WEBHOOK_STALE,    /* its timestamp is too old or too new */
	WEBHOOK_FORGED    /* no signature is by any of the secrets */
};
/* Against every secret that may have signed it. In constant time as far as the signatures go. */
enum webhook_verdict webhook_verify(const struct webhook_claim *claim, const struct webhook_secret *secrets, size_t count, int64_t now_s);

#endif
