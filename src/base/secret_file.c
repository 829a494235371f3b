/* SPDX-License-Identifier: Apache-2.0 */
#include "base/secret_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"

const char *
secret_file_credentials(void)
{
	return secure_getenv("CREDENTIALS_DIRECTORY");
}

static int
check_private(const struct stat *st)
{
	if ((st->st_mode & (S_IRWXG | S_IRWXO)) != 0)
		return -EPERM;
	return st->st_uid == geteuid() || st->st_uid == 0 ? 0 : -EPERM;
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

int
secret_file_open(const char *file, const char *credentials, const char *credential)
{
	_cleanup_free_ char *path = NULL;
	int fd;

	if (file[0] != '\0') {
		fd = open_file(file, true);
		/* One that is named must be there. */
		return fd == -ENOENT ? -ENXIO : fd;
	}
	if (credentials == NULL || credentials[0] == '\0')
		return -ENOENT;
	path = xasprintf("%s/%s", credentials, credential);
	return open_file(path, false);
}

int
secret_file_read(int fd, struct secret **ret_secret)
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

int
secret_file_load(const char *file, const char *credentials, const char *credential, struct secret **ret_secret)
{
	_cleanup_close_ int fd = secret_file_open(file, credentials, credential);

	*ret_secret = NULL;
	if (fd < 0)
		return fd == -ENOENT ? 0 : fd == -ENXIO ? -ENOENT : fd;
	return secret_file_read(fd, ret_secret);
}
