/* SPDX-License-Identifier: Apache-2.0 */
/* spawner_start.h - the spawner's way from exec to its first fork, in order.
 *
 * Processes: the spawner. A failure has been written to standard error when these return it.
 */
#ifndef RTALP_WORKERS_SPAWNER_START_H
#define RTALP_WORKERS_SPAWNER_START_H

#include "workers/warm.h"

/* 1: warm, confined, rehearsed, and the master was told; the channel is non-blocking. 0: the master hung up. -errno. */
int spawner_start(int control_fd, struct warm *ret_warm, int *ret_epoll_fd) _must_check_;

void spawner_complain(const char *what, int r);

#endif
