/* SPDX-License-Identifier: Apache-2.0 */
#include "workers/keeper_keys.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/secret_file.h"

#define KEY_BYTES     crypto_box_SECRETKEYBYTES
#define KEY_TEXT_LEN  (sodium_base64_ENCODED_LEN(KEY_BYTES, sodium_base64_VARIANT_ORIGINAL) - 1)
#define FILE_MAX      ((size_t)1024)

struct keeper_keys {
	struct pair {
		unsigned char private[KEY_BYTES];
		struct box_public public;
	} pairs[BOX_KEYS_MAX], of_webhooks; /* the latter opens their secrets only */
	size_t count;
	bool lasting, has_of_webhooks;
	unsigned char opened[2][BOX_HEAD_BYTES + SECRET_MAX];
	char text[FILE_MAX];
};

static int
complete(struct pair *pair)
{
	unsigned char public[BOX_PUBLIC_BYTES];

	if (crypto_scalarmult_base(public, pair->private) != 0)
		return -EINVAL;
	box_public_set(&pair->public, public);
	return 0;
}

static int
pair_of_text(const char *text, size_t len, struct pair *pair)
{
	size_t bytes = 0;
	const char *end = NULL;

	if (len != KEY_TEXT_LEN || sodium_base642bin(pair->private, KEY_BYTES, text, len, NULL, &bytes, &end, sodium_base64_VARIANT_ORIGINAL) != 0 ||
	    bytes != KEY_BYTES || end != text + len)
		return -EINVAL;
	return complete(pair);
}

static int
add_line(struct keeper_keys *k, const char *line, size_t len)
{
	int r;

	if (len == 0)
		return 0;
	if (k->count == BOX_KEYS_MAX)
		return -E2BIG;
	r = pair_of_text(line, len, &k->pairs[k->count]);
	k->count += r == 0;
	return r;
}

static int
set_of_webhooks(struct keeper_keys *k, const char *line, size_t len)
{
	int r;

	if (len == 0)
		return 0;
	if (k->has_of_webhooks)
		return -E2BIG;
	r = pair_of_text(line, len, &k->of_webhooks);
	k->has_of_webhooks = r == 0;
	return r;
}

static int
read_lines(struct keeper_keys *k, int fd, int (*take)(struct keeper_keys *k, const char *line, size_t len))
{
	ssize_t n = fd_read_all(fd, k->text, sizeof k->text);
	const char *line = k->text, *end = k->text + MAX_OF(n, 0);
	int r = n < 0 ? (int)n : (size_t)n == sizeof k->text ? -E2BIG : 0;

	while (r == 0 && line < end) {
		const char *stop = memchr(line, '\n', (size_t)(end - line));

		if (stop == NULL)
			stop = end;
		r = take(k, line, (size_t)(stop - line));
		line = stop + 1;
	}
	sodium_memzero(k->text, sizeof k->text);
	return r;
}

static int
read_all(struct keeper_keys *k, int fd)
{
	int r = read_lines(k, fd, add_line);

	return r < 0 ? r : k->count == 0 ? -EINVAL : 0;
}

static int
make(struct keeper_keys *k)
{
	randombytes_buf(k->pairs[0].private, KEY_BYTES);
	k->count = 1;
	return complete(&k->pairs[0]);
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
	k->lasting = fd >= 0;
	r = k->lasting ? read_all(k, fd) : make(k);
	if (r < 0) {
		keeper_keys_free(k);
		return r;
	}
	*ret_keys = k;
	*ret_lasting = k->lasting;
	return 0;
}

/* --- the one of webhooks ------------------------------------------------------------------------------------------------ */

static int
write_fresh(const char *path)
{
	_cleanup_close_ int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
	unsigned char key[KEY_BYTES];
	char text[KEY_TEXT_LEN + 1];
	ssize_t n;

	if (fd < 0)
		return -errno;
	randombytes_buf(key, sizeof key);
	(void)sodium_bin2base64(text, sizeof text, key, sizeof key, sodium_base64_VARIANT_ORIGINAL);
	text[KEY_TEXT_LEN] = '\n';
	n = write(fd, text, sizeof text);
	sodium_memzero(key, sizeof key);
	sodium_memzero(text, sizeof text);
	if (n != (ssize_t)sizeof text)
		return n < 0 ? -errno : -EIO;
	return fsync(fd) < 0 ? -errno : 0;
}

/* It has its name only once it is whole, and for good: what is sealed to it can be opened by nothing else. So one that is there is never replaced. */
static int
make_file(const char *path)
{
	_cleanup_free_ char *fresh = xasprintf("%s.new", path), *copy = xstrdup(path);
	_cleanup_close_ int folder = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r;

	if (folder < 0)
		return -errno;
	(void)unlink(fresh); /* of one that was cut off */
	r = write_fresh(fresh);
	if (r == 0 && link(fresh, path) < 0 && errno != EEXIST)
		r = -errno;
	(void)unlink(fresh);
	if (r == 0 && fsync(folder) < 0)
		r = -errno;
	return r;
}

int
keeper_keys_load_of_webhooks(struct keeper_keys *k, const char *path)
{
	_cleanup_close_ int fd = -1;
	int r;

	if (path[0] == '\0')
		return 0;
	fd = secret_file_open(path, NULL, CREDENTIAL_KEEPER_KEY);
	if (fd == -ENXIO && k->lasting)
		return 0;
	if (fd == -ENXIO) {
		r = make_file(path);
		if (r < 0)
			return r;
		fd = secret_file_open(path, NULL, CREDENTIAL_KEEPER_KEY);
	}
	if (fd < 0)
		return fd;
	r = read_lines(k, fd, set_of_webhooks);
	return r < 0 ? r : k->has_of_webhooks ? 0 : -EINVAL;
}

const struct box_public *
keeper_keys_of_webhooks(const struct keeper_keys *k)
{
	return k->has_of_webhooks ? &k->of_webhooks.public : NULL;
}

/* --- what they open ----------------------------------------------------------------------------------------------------- */

void
keeper_keys_free(struct keeper_keys *k)
{
	sodium_free(k); /* wipes */
}

const struct box_public *
keeper_keys_newest(const struct keeper_keys *k, enum box_purpose purpose)
{
	if (purpose == BOX_WEBHOOK_SECRET && !k->lasting && k->has_of_webhooks)
		return &k->of_webhooks.public;
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
pair_of(const struct keeper_keys *k, enum box_purpose purpose, struct str key_id)
{
	for (size_t i = 0; i < k->count; i++)
		if (str_eq(key_id, box_str(k->pairs[i].public.id, BOX_ID_BYTES)))
			return &k->pairs[i];
	if (purpose == BOX_WEBHOOK_SECRET && k->has_of_webhooks && str_eq(key_id, box_str(k->of_webhooks.public.id, BOX_ID_BYTES)))
		return &k->of_webhooks;
	return NULL;
}

static int
open_into(const struct keeper_keys *k, const struct sealed *s, unsigned char *opened, struct str *ret_secret)
{
	const struct pair *pair = pair_of(k, s->purpose, s->key_id);
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
