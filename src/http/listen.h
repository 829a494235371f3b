/* SPDX-License-Identifier: Apache-2.0 */
/* listen.h - the sockets that clients come in by: loopback or Unix, anything else only if nothing stands against it.
 *
 * Ownership: listeners_close() closes them; it accepts a zeroed struct. Threads: the loop's.
 */
#ifndef RTALP_HTTP_LISTEN_H
#define RTALP_HTTP_LISTEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "http/listen_unix.h"

struct event;
struct event_base;
struct evhttp;
struct evhttp_bound_socket;

#define LISTENERS_MAX 8 /* besides the Unix socket */

struct listeners {
	struct evhttp *http;
	struct event *retry; /* after accept() failed */
	struct listeners *next;
	struct evhttp_bound_socket *bound[LISTENERS_MAX + 1];
	struct unix_socket file;
	size_t count;
	int port; /* of the first TCP socket; 0: none */
	bool local;   /* one of those handed over is a Unix socket */
	bool exposed; /* one of them is neither loopback nor Unix */
	bool full;   /* no seat is free */
	bool failed; /* accept() cannot, until the retry */
	bool told;   /* ... and the log has it, until one was accepted again */
};

void listeners_init(struct listeners *l, struct event_base *base, struct evhttp *http);
/* `exposed_error` is what an address that is not loopback comes to; 0: nothing stands against it. -EINVAL, -errno; nothing listens then, and what is in `fds`
 * is still the caller's. */
int listeners_adopt(struct listeners *l, const int *fds, size_t count, int exposed_error);
int listeners_bind(struct listeners *l, const char *const *addresses, uint16_t port, int exposed_error);
/* The errors of unix_socket_bind(). */
int listeners_bind_unix(struct listeners *l, const char *path);

/* While full, clients wait in the kernel's backlog. */
void listeners_set_full(struct listeners *l, bool full);
/* A client came in. */
void listeners_accepted(struct listeners *l);
void listeners_close(struct listeners *l);
void listeners_release(struct listeners *l); /* after listeners_close() */

#endif
