/* SPDX-License-Identifier: Apache-2.0 */
/* listen_unix.h - the Unix socket: its file comes and goes with us.
 *
 * Everybody may connect; who it is decides what they may (peer.h).
 * Ownership: unix_socket_release() removes the file, if it is still the one that was made. Threads: the loop's.
 */
#ifndef RTALP_HTTP_LISTEN_UNIX_H
#define RTALP_HTTP_LISTEN_UNIX_H

#include <sys/types.h>
#include <sys/un.h>

#include "base/macro.h"

#define UNIX_PATH_MAX_BYTES (sizeof ((struct sockaddr_un *)0)->sun_path - 1)

struct unix_socket {
	char path[sizeof((struct sockaddr_un *)0)->sun_path]; /* "": there is none */
	dev_t device;
	ino_t inode;
};

/* Makes the file; a stale one, on which nobody answers, is replaced. *ret_fd is bound and does not listen yet. -EEXIST: somebody
 * answers; -ENOTSOCK: there is another kind of file; -ENOENT: there is no such directory; -ENAMETOOLONG; what bind() says. */
int unix_socket_bind(const char *path, struct unix_socket *ret_socket, int *ret_fd) _must_check_;
void unix_socket_release(struct unix_socket *s); /* accepts a zeroed one */

#endif
