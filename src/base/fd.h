/* SPDX-License-Identifier: Apache-2.0 */
/* fd.h - file descriptors that close themselves, and sealed memory files to hand bulk data to another process.
 *
 * Threads: any. Errors: -errno.
 */
#ifndef RTALP_BASE_FD_H
#define RTALP_BASE_FD_H

#include <stddef.h>
#include <unistd.h>

#include "base/macro.h"

static inline void
closep(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}
/* The variable starts at -1 or a descriptor it owns. */
#define _cleanup_close_ _cleanup_(closep)

static inline int
take_fd(int *fd)
{
	int v = *fd;

	*fd = -1;
	return v;
}
#define TAKE_FD(fd) take_fd(&(fd))

int fd_set_nonblock(int fd);
/* Up to the end of the file or of the room; how many bytes that were. */
ssize_t fd_read_all(int fd, void *room, size_t size);

/* A memory file that holds `len` bytes of `data` and can neither grow, shrink nor change any more. */
int memfd_sealed(const char *name, const void *data, size_t len);
/* Maps a sealed memory file read-only. -EBADMSG if it is not a memory file sealed against growing, shrinking and writing, or is
 * empty or larger than max_bytes. munmap() gives it back. Leaves the descriptor's position at the end. */
int memfd_map_sealed(int fd, size_t max_bytes, const void **ret_data, size_t *ret_len);
/* Likewise, as a copy that the caller frees: of some pages it costs less than a mapping, and much less where that is taken back from several threads. */
int memfd_read_sealed(int fd, size_t max_bytes, void **ret_data, size_t *ret_len);

#endif
