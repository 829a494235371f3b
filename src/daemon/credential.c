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

/* Someone else who may write the file chooses the key; one who may read it has it. */
static int
check_private(const struct stat *st)
{
	if ((st->st_mode & (S_IRWXG | S_IRWXO)) != 0)
		return -EPERM;
	return st->st_uid == geteuid() || st->st_uid == 0 ? 0 : -EPERM;
}

static int
read_secret(int fd, struct secret **ret_secret)
{
	char bytes[SECRET_MAX + 2]; /* a final newline, and one more to see that there is more */
	ssize_t n = fd_read_all(fd, bytes, sizeof bytes);
	int r;

	if (n > 0 && bytes[n - 1] == '\n')
		n--;
	if (n < 0)
		r = (int)n;
	else if (n > SECRET_MAX)
		r = -EFBIG;
	else
		r = secret_new((struct str){.p = bytes, .len = (size_t)n}, ret_secret);
	secret_wipe(bytes, sizeof bytes);
	return r;
}

static int
open_file(const char *path, bool must_be_private)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;
	int r;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	r = must_be_private ? check_private(&st) : 0;
	return r < 0 ? r : TAKE_FD(fd);
}

/* The file that the settings name, else what the service manager gave, else -ENOENT. */
static int
open_named(const char *file, const char *credential)
{
	const char *dir = secure_getenv("CREDENTIALS_DIRECTORY");
	_cleanup_free_ char *path = NULL;
	int fd;

	if (file[0] != '\0') {
		fd = open_file(file, true);
		/* One that is named must be there. */
		return fd == -ENOENT ? -ENXIO : fd;
	}
	if (dir == NULL)
		return -ENOENT;
	path = xasprintf("%s/%s", dir, credential);
	return open_file(path, false);
}

static int
load_file(const char *path, bool must_be_private, struct secret **ret_secret)
{
	_cleanup_close_ int fd = open_file(path, must_be_private);

	return fd < 0 ? fd : read_secret(fd, ret_secret);
}

static int
load(const char *file, const char *credential, struct secret **ret_secret)
{
	_cleanup_close_ int fd = open_named(file, credential);

	*ret_secret = NULL;
	if (fd < 0)
		return fd == -ENOENT ? 0 : fd == -ENXIO ? -ENOENT : fd;
	return read_secret(fd, ret_secret);
}

/* As it stands there; "" if there is none. */
static int
load_text(const char *file, const char *credential, char *ret_text, size_t size)
{
	_cleanup_close_ int fd = open_named(file, credential);
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
credential_load(const struct config *config, struct secret **ret_secret)
{
	*ret_secret = NULL;
	return config->single_user.id == 0 ? 0 : load(config->single_user.key_file, CREDENTIAL_RESCUETIME_KEY, ret_secret);
}

int
credential_load_alp(const struct config *config, struct secret **ret_secret)
{
	*ret_secret = NULL;
	return config->alp.url[0] == '\0' ? 0 : load(config->alp.key_file, CREDENTIAL_ALP_KEY, ret_secret);
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
	int r = load_file(path, true, ret_secret);

	if (r != -ENOENT)
		return r;
	r = make_key(path);
	return r < 0 ? r : load_file(path, true, ret_secret);
}

int
credential_load_webhook(const struct config *config, struct secret **ret_secret)
{
	_cleanup_(secret_freep) struct secret *key = NULL;
	_cleanup_free_ char *beside = xasprintf("%s.webhook-key", config->store.path);
	int r = load(config->webhooks.key_file, CREDENTIAL_WEBHOOK_KEY, &key);

	if (r == 0 && key == NULL)
		r = load_or_make(beside, &key);
	if (r == 0 && !seal_key_valid(key))
		r = -EINVAL;
	if (r < 0)
		return r;
	*ret_secret = TAKE_PTR(key);
	return 0;
}
