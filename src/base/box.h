/* SPDX-License-Identifier: Apache-2.0 */
/* box.h - a user's key, or a webhook's secret, sealed so that only the keeper can read it (workers/keeper.h).
 *
 * libsodium's crypto_box_seal() to the keeper's public key: whoever seals cannot open. Inside, in front of the secret, stand what it is for,
 * whose it is and the seal_id, a random number that is stored beside the box: a box that is copied to another row, or handed in for another
 * purpose, does not open. key_id says to which of the keeper's keys it was sealed, so that it is known without any private key whether it can
 * be opened.
 *
 * Pure: this is the public half. What opens is in workers/keeper_keys.c and nowhere else.
 * Ownership: the caller's; a struct box holds nothing that has to be wiped. Threads: any, as long as the secret lives.
 */
#ifndef RTALP_BASE_BOX_H
#define RTALP_BASE_BOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/macro.h"
#include "base/secret.h"

#define BOX_PUBLIC_BYTES 32
#define BOX_ID_BYTES     16
#define BOX_HEAD_BYTES   26 /* version, purpose, owner, seal_id */
#define BOX_OVERHEAD     48 /* bytes that sealing adds */
#define BOX_MAX          (BOX_OVERHEAD + BOX_HEAD_BYTES + SECRET_MAX)
#define BOX_KEYS_MAX     8  /* that the keeper holds at once */

/* The numbers are inside the boxes that are stored. */
enum box_purpose { BOX_RESCUETIME_KEY = 1, BOX_WEBHOOK_SECRET = 2 };

/* Whom it is sealed to. */
struct box_public {
	unsigned char key[BOX_PUBLIC_BYTES];
	unsigned char id[BOX_ID_BYTES];
};

struct box {
	unsigned char key_id[BOX_ID_BYTES];
	unsigned char seal_id[BOX_ID_BYTES];
	size_t len; /* 0: there is none */
	unsigned char bytes[BOX_MAX];
};

void box_public_set(struct box_public *to, const unsigned char key[BOX_PUBLIC_BYTES]);

/* `owner` is an alp_user_id or a webhook_id. -EIO if libsodium cannot. */
int box_seal(const struct box_public *to, enum box_purpose purpose, int64_t owner, const struct secret *secret, struct box *ret_box) _must_check_;

/* What must stand in front of the secret. For whoever opens. */
void box_head(enum box_purpose purpose, int64_t owner, const unsigned char seal_id[BOX_ID_BYTES], unsigned char ret_head[BOX_HEAD_BYTES]);

static inline struct str
box_str(const unsigned char *bytes, size_t len)
{
	return (struct str){.p = (const char *)bytes, .len = len};
}

#endif
