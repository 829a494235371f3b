/* SPDX-License-Identifier: Apache-2.0 */
/* listen.h - the sockets that clients come in by: loopback or Unix, never anything else while there are no tokens.
 *
 * Ownership: listeners_close() closes them; it accepts a zeroed struct. Threads: the loop's.
 */
#ifndef RTALP_HTTP_LISTEN_H
#define RTALP_HTTP_LISTEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct evhttp;
struct evhttp_bound_socket;

#define LISTENERS_MAX 8

struct listeners {
	struct evhttp *http;
	struct evhttp_bound_socket *bound[LISTENERS_MAX];
	size_t count;
	int port; /* of the first TCP socket; 0: none */
	bool paused;
};

/* -EPERM, -EINVAL, -errno; nothing listens then, and what is in `fds` is still the caller's. */
int listeners_adopt(struct listeners *l, struct evhttp *http, const int *fds, size_t count);
int listeners_bind(struct listeners *l, struct evhttp *http, const char *const *addresses, uint16_t port);

/* While paused, clients wait in the kernel's backlog. */
void listeners_pause(struct listeners *l);
void listeners_resume(struct listeners *l);
void listeners_close(struct listeners *l);

#endif
