/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/credential.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/seal.h"
#include "base/secret_file.h"

/* As it stands there; "" if there is none. */
static int
load_text(const char *file, const char *credential, char *ret_text, size_t size)
{
	_cleanup_close_ int fd = secret_file_open(file, secret_file_credentials(), credential);
	ssize_t n;

	ret_text[0] = '\0';
	if (fd < 0)
		return fd == -ENOENT ? 0 : fd == -ENXIO ? -ENOENT : fd;
	n = fd_read_all(fd, ret_text, size);
	if (n < 0 || (size_t)n >= size) {
		secret_wipe(ret_text, size);
		return n < 0 ? (int)n : -EFBIG;
	}
	ret_text[n] = '\0';
	return 0;
}

int
credential_load_alp_events(const struct config *config, char ret_text[CREDENTIAL_EVENTS_MAX])
{
	return load_text(config->sync.events_secret_file, CREDENTIAL_ALP_EVENTS, ret_text, CREDENTIAL_EVENTS_MAX);
}

int
credential_load_tls_key(const struct config *config, char ret_text[CREDENTIAL_TLS_KEY_MAX])
{
	return load_text(config->http.tls_key_file, CREDENTIAL_TLS_KEY, ret_text, CREDENTIAL_TLS_KEY_MAX);
}

int
credential_load_alp(const struct config *config, struct secret **ret_secret)
{
	*ret_secret = NULL;
	return config->alp.url[0] == '\0' ? 0 : secret_file_load(config->alp.key_file, secret_file_credentials(), CREDENTIAL_ALP_KEY, ret_secret);
}

static int
write_key(const char *path)
{
	_cleanup_close_ int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
	char key[SEAL_KEY_TEXT_MAX];
	ssize_t n;
	int r = 0;

	if (fd < 0)
		return -errno;
	seal_key_make(key);
	n = write(fd, key, sizeof key - 1);
	if (n != (ssize_t)sizeof key - 1)
		r = n < 0 ? -errno : -EIO;
	else if (fsync(fd) < 0)
		r = -errno;
	secret_wipe(key, sizeof key);
	return r;
}

/* It has its name only once it is whole, and for good: what is sealed by it can be opened by nothing else. */
static int
make_key(const char *path)
{
	_cleanup_free_ char *fresh = xasprintf("%s.new", path), *copy = xstrdup(path);
	_cleanup_close_ int dir = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r;

	if (dir < 0)
		return -errno;
	r = write_key(fresh);
	if (r == 0 && (rename(fresh, path) < 0 || fsync(dir) < 0))
		r = -errno;
	return r;
}

static int
load_or_make(const char *path, struct secret **ret_secret)
{
	int r = secret_file_load(path, NULL, NULL, ret_secret);

	if (r != -ENOENT)
		return r;
	r = make_key(path);
	return r < 0 ? r : secret_file_load(path, NULL, NULL, ret_secret);
}

int
credential_load_webhook(const struct config *config, struct secret **ret_secret)
{
	_cleanup_(secret_freep) struct secret *key = NULL;
	_cleanup_free_ char *beside = xasprintf("%s.webhook-key", config->store.path);
	int r = secret_file_load(config->webhooks.key_file, secret_file_credentials(), CREDENTIAL_WEBHOOK_KEY, &key);

	if (r == 0 && key == NULL)
		r = load_or_make(beside, &key);
	if (r == 0 && !seal_key_valid(key))
		r = -EINVAL;
	if (r < 0)
		return r;
	*ret_secret = TAKE_PTR(key);
	return 0;
}
