/* SPDX-License-Identifier: Apache-2.0 */
#include "http/listen_unix.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"

static int
new_socket(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	return fd >= 0 ? fd : -errno;
}

/* Without waiting: a full backlog is an answer too. */
static bool
somebody_answers(const struct sockaddr_un *address)
{
	_cleanup_close_ int fd = new_socket();

	return fd < 0 || connect(fd, (const struct sockaddr *)address, sizeof *address) == 0 || errno != ECONNREFUSED;
}

static int
remove_stale(const struct sockaddr_un *address)
{
	struct stat st;

	if (lstat(address->sun_path, &st) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(st.st_mode))
		return -ENOTSOCK;
	if (somebody_answers(address))
		return -EEXIST;
	return unlink(address->sun_path) == 0 || errno == ENOENT ? 0 : -errno;
}

static int
remember(const struct sockaddr_un *address, struct unix_socket *ret_socket)
{
	struct unix_socket s = {0};
	struct stat st;

	/* bind() made it by our umask, which lets nobody in. */
	if (chmod(address->sun_path, 0666) < 0 || lstat(address->sun_path, &st) < 0)
		return -errno;
	memcpy(s.path, address->sun_path, sizeof s.path);
	s.device = st.st_dev;
	s.inode = st.st_ino;
	*ret_socket = s;
	return 0;
}

int
unix_socket_bind(const char *path, struct unix_socket *ret_socket, int *ret_fd)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	_cleanup_close_ int fd = -1;
	int r;

	if (strlen(path) > UNIX_PATH_MAX_BYTES)
		return -ENAMETOOLONG;
	memcpy(address.sun_path, path, strlen(path));
	fd = new_socket();
	if (fd < 0)
		return fd;
	r = remove_stale(&address);
	if (r < 0)
		return r;
	if (bind(fd, (const struct sockaddr *)&address, sizeof address) < 0)
		return -errno;
	r = remember(&address, ret_socket);
	if (r < 0)
		return r;
	*ret_fd = TAKE_FD(fd);
	return 0;
}

void
unix_socket_release(struct unix_socket *s)
{
	struct stat st;

	if (s->path[0] != '\0' && lstat(s->path, &st) == 0 && st.st_dev == s->device && st.st_ino == s->inode)
		(void)unlink(s->path);
	*s = (struct unix_socket){0};
}
