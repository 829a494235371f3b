/* SPDX-License-Identifier: Apache-2.0 */
#include "workers/keeper_keys.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>

#include "base/fd.h"
#include "base/secret_file.h"

#define KEY_BYTES     crypto_box_SECRETKEYBYTES
#define KEY_TEXT_LEN  (sodium_base64_ENCODED_LEN(KEY_BYTES, sodium_base64_VARIANT_ORIGINAL) - 1)
#define FILE_MAX      ((size_t)1024)

struct keeper_keys {
	struct pair {
		unsigned char private[KEY_BYTES];
		struct box_public public;
	} pairs[BOX_KEYS_MAX];
	size_t count;
	unsigned char opened[2][BOX_HEAD_BYTES + SECRET_MAX];
	char text[FILE_MAX];
};

static int
add(struct keeper_keys *k)
{
	struct pair *pair = &k->pairs[k->count];
	unsigned char public[BOX_PUBLIC_BYTES];

	if (crypto_scalarmult_base(public, pair->private) != 0)
		return -EINVAL;
	box_public_set(&pair->public, public);
	k->count++;
	return 0;
}

static int
add_line(struct keeper_keys *k, const char *line, size_t len)
{
	size_t bytes = 0;
	const char *end = NULL;

	if (len == 0)
		return 0;
	if (k->count == BOX_KEYS_MAX)
		return -E2BIG;
	if (len != KEY_TEXT_LEN || sodium_base642bin(k->pairs[k->count].private, KEY_BYTES, line, len, NULL, &bytes, &end,
	    sodium_base64_VARIANT_ORIGINAL) != 0 || bytes != KEY_BYTES || end != line + len)
		return -EINVAL;
	return add(k);
}

static int
read_lines(struct keeper_keys *k, int fd)
{
	ssize_t n = fd_read_all(fd, k->text, sizeof k->text);
	const char *line = k->text, *end = k->text + MAX_OF(n, 0);
	int r = n < 0 ? (int)n : (size_t)n == sizeof k->text ? -E2BIG : 0;

	while (r == 0 && line < end) {
		const char *stop = memchr(line, '\n', (size_t)(end - line));

		if (stop == NULL)
			stop = end;
		r = add_line(k, line, (size_t)(stop - line));
		line = stop + 1;
	}
	sodium_memzero(k->text, sizeof k->text);
	return r < 0 ? r : k->count == 0 ? -EINVAL : 0;
}

static int
make(struct keeper_keys *k)
{
	randombytes_buf(k->pairs[0].private, KEY_BYTES);
	return add(k);
}

int
keeper_keys_load(const char *file, const char *credentials, struct keeper_keys **ret_keys, bool *ret_lasting)
{
	_cleanup_close_ int fd = secret_file_open(file, credentials, CREDENTIAL_KEEPER_KEY);
	struct keeper_keys *k;
	int r;

	if (fd < 0 && fd != -ENOENT)
		return fd;
	k = sodium_malloc(sizeof *k);
	if (k == NULL)
		return -ENOMEM;
	memset(k, 0, sizeof *k);
	r = fd >= 0 ? read_lines(k, fd) : make(k);
	if (r < 0) {
		keeper_keys_free(k);
		return r;
	}
	*ret_keys = k;
	*ret_lasting = fd >= 0;
	return 0;
}

void
keeper_keys_free(struct keeper_keys *k)
{
	sodium_free(k); /* wipes */
}

const struct box_public *
keeper_keys_newest(const struct keeper_keys *k)
{
	return &k->pairs[0].public;
}

size_t
keeper_keys_count(const struct keeper_keys *k)
{
	return k->count;
}

const unsigned char *
keeper_keys_id(const struct keeper_keys *k, size_t i)
{
	return k->pairs[i].public.id;
}

static const struct pair *
pair_of(const struct keeper_keys *k, struct str key_id)
{
	for (size_t i = 0; i < k->count; i++)
		if (str_eq(key_id, box_str(k->pairs[i].public.id, BOX_ID_BYTES)))
			return &k->pairs[i];
	return NULL;
}

static int
open_into(const struct keeper_keys *k, const struct sealed *s, unsigned char *opened, struct str *ret_secret)
{
	const struct pair *pair = pair_of(k, s->key_id);
	unsigned char head[BOX_HEAD_BYTES];
	size_t len;

	if (pair == NULL)
		return -ENOKEY;
	if (s->seal_id.len != BOX_ID_BYTES || s->box.len <= BOX_OVERHEAD + BOX_HEAD_BYTES || s->box.len > BOX_MAX)
		return -EBADMSG;
	len = s->box.len - BOX_OVERHEAD;
	if (crypto_box_seal_open(opened, (const unsigned char *)s->box.p, s->box.len, pair->public.key, pair->private) != 0)
		return -EBADMSG;
	box_head(s->purpose, s->owner, (const unsigned char *)s->seal_id.p, head);
	if (sodium_memcmp(opened, head, sizeof head) != 0) {
		sodium_memzero(opened, len);
		return -EBADMSG;
	}
	*ret_secret = box_str(opened + BOX_HEAD_BYTES, len - BOX_HEAD_BYTES);
	return 0;
}

int
keeper_keys_open(struct keeper_keys *k, const struct sealed *sealed, struct str *ret_secret)
{
	return open_into(k, sealed, k->opened[0], ret_secret);
}

int
keeper_keys_open_before(struct keeper_keys *k, const struct sealed *sealed, struct str *ret_secret)
{
	return open_into(k, sealed, k->opened[1], ret_secret);
}

void
keeper_keys_forget(struct keeper_keys *k)
{
	sodium_memzero(k->opened, sizeof k->opened);
}
