/* SPDX-License-Identifier: Apache-2.0 */
/* peer.h - who is at the other end of a connection, as far as the kernel says. Asked once, when it was accepted.
 *
 * Ownership: a value. Threads: any.
 */
#ifndef RTALP_HTTP_PEER_H
#define RTALP_HTTP_PEER_H

#include <stdbool.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "http/slowdown.h"

enum peer_way { PEER_NETWORK, PEER_LOOPBACK, PEER_UNIX };

struct peer {
	enum peer_way way;
	bool trusted;            /* root or our own user, over a Unix socket */
	uid_t uid;               /* of PEER_UNIX */
	struct slowdown_key key;
};

/* What cannot be found out counts as the network. */
struct peer peer_of(int fd);
void peer_text(const struct peer *p, char *ret_text, size_t size); /* "192.0.2.7", "2001:db8::/64", "uid 1000" */

/* Its parts, without a socket. Loopback only if both ends are. */
struct peer peer_of_addresses(const struct sockaddr *own, const struct sockaddr *other);
struct peer peer_of_user(uid_t uid, uid_t own);

#endif
