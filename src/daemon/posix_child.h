/* SPDX-License-Identifier: Apache-2.0 */
/* posix_child.h - starts this program again in another role, without fork(): the master has threads. Threads: the main one. */
#ifndef RTALP_DAEMON_POSIX_CHILD_H
#define RTALP_DAEMON_POSIX_CHILD_H

#include <stddef.h>
#include <sys/types.h>

#include "base/macro.h"

/* Runs /proc/self/exe with the one argument, an empty environment, a session of its own, every signal at its default, and `channel_fd` as
 * descriptor 3. *ret_pidfd becomes readable when it ends. */
int posix_child_start(const char *argument, int channel_fd, pid_t *ret_pid, int *ret_pidfd) _must_check_;
/* Waits for a child that has ended (or was killed) and says how, such as "signal 9" or "status 1". */
int posix_child_reap(pid_t pid, char *ret_status, size_t size);

#endif
