/* SPDX-License-Identifier: Apache-2.0 */
/* listen.h - where the front end listens: sockets that systemd handed over, or else http.listen. Threads: the main one. */
#ifndef RTALP_DAEMON_LISTEN_H
#define RTALP_DAEMON_LISTEN_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/config.h"

struct listen_plan {
	int *fds;          /* the front end takes them over */
	size_t fd_count;
	char **addresses;  /* NULL-ended */
	uint16_t port;
};

/* -EINVAL: the addresses of http.listen name different ports. */
int listen_plan_make(const struct config *config, struct listen_plan *ret_plan) _must_check_;
void listen_plan_release(struct listen_plan *plan); /* accepts a zeroed one */
/* For people: the first address, or "socket". */
const char *listen_plan_text(const struct listen_plan *plan);

#endif
