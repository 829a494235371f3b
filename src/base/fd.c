/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "base/alloc.h"

#define SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

int
fd_set_nonblock(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
		return -errno;
	return 0;
}

ssize_t
fd_read_all(int fd, void *room, size_t size)
{
	char *bytes = room;
	size_t len = 0;

	while (len < size) {
		ssize_t n = read(fd, bytes + len, size - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	return (ssize_t)len;
}

int
memfd_sealed(const char *name, const void *data, size_t len)
{
	_cleanup_close_ int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	const char *p = data;

	if (fd < 0)
		return -errno;
	while (len > 0) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		p += n;
		len -= (size_t)n;
	}
	if (fcntl(fd, F_ADD_SEALS, SEALS | F_SEAL_SEAL) < 0)
		return -errno;
	return TAKE_FD(fd);
}

/* Its length. Nothing of it can change any more once this has said so. */
static ssize_t
sealed_length(int fd, size_t max_bytes)
{
	int seals = fcntl(fd, F_GET_SEALS);
	off_t len;

	if (seals < 0 || (seals & SEALS) != SEALS)
		return -EBADMSG;
	/* Not fstat(): the C library makes a call of it that a confined process could look at any path with. */
	len = lseek(fd, 0, SEEK_END);
	if (len < 0)
		return -errno;
	return len == 0 || (size_t)len > max_bytes ? -EBADMSG : (ssize_t)len;
}

int
memfd_map_sealed(int fd, size_t max_bytes, const void **ret_data, size_t *ret_len)
{
	ssize_t len = sealed_length(fd, max_bytes);
	void *p;

	if (len < 0)
		return (int)len;
	p = mmap(NULL, (size_t)len, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		return -errno;
	*ret_data = p;
	*ret_len = (size_t)len;
	return 0;
}

int
memfd_read_sealed(int fd, size_t max_bytes, void **ret_data, size_t *ret_len)
{
	_cleanup_free_ char *copy = NULL;
	ssize_t len = sealed_length(fd, max_bytes), have = 0;

	if (len < 0)
		return (int)len;
	copy = xreallocarray(NULL, (size_t)len, 1);
	while (have < len) {
		ssize_t n = pread(fd, copy + have, (size_t)(len - have), have);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EBADMSG;
		have += n;
	}
	*ret_data = TAKE_PTR(copy);
	*ret_len = (size_t)len;
	return 0;
}
