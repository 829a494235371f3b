/* SPDX-License-Identifier: Apache-2.0 */
#include "base/box.h"

#include <endian.h>
#include <errno.h>
#include <sodium.h>
#include <string.h>

#define BOX_VERSION 1

_Static_assert(BOX_PUBLIC_BYTES == crypto_box_PUBLICKEYBYTES, "as libsodium has it");
_Static_assert(BOX_OVERHEAD == crypto_box_SEALBYTES, "as libsodium adds");

void
box_public_set(struct box_public *to, const unsigned char key[BOX_PUBLIC_BYTES])
{
	memcpy(to->key, key, sizeof to->key);
	(void)crypto_generichash(to->id, sizeof to->id, key, BOX_PUBLIC_BYTES, NULL, 0);
}

void
box_head(enum box_purpose purpose, int64_t owner, const unsigned char seal_id[BOX_ID_BYTES], unsigned char ret_head[BOX_HEAD_BYTES])
{
	uint64_t owner_le = htole64((uint64_t)owner);

	ret_head[0] = BOX_VERSION;
	ret_head[1] = (unsigned char)purpose;
	memcpy(ret_head + 2, &owner_le, sizeof owner_le);
	memcpy(ret_head + 2 + sizeof owner_le, seal_id, BOX_ID_BYTES);
}

int
box_seal(const struct box_public *to, enum box_purpose purpose, int64_t owner, const struct secret *secret, struct box *ret_box)
{
	struct str text = secret_expose(secret); /* to be sealed */
	unsigned char plain[BOX_HEAD_BYTES + SECRET_MAX];
	struct box box = {.len = BOX_OVERHEAD + BOX_HEAD_BYTES + text.len};
	int r;

	memcpy(box.key_id, to->id, sizeof box.key_id);
	randombytes_buf(box.seal_id, sizeof box.seal_id);
	box_head(purpose, owner, box.seal_id, plain);
	memcpy(plain + BOX_HEAD_BYTES, text.p, text.len);
	r = crypto_box_seal(box.bytes, plain, BOX_HEAD_BYTES + text.len, to->key);
	secret_wipe(plain, sizeof plain);
	if (r != 0)
		return -EIO;
	*ret_box = box;
	return 0;
}
