/* SPDX-License-Identifier: Apache-2.0 */
/* settle.h - what a process does first that the master started in a role: nothing inherited but its channel, signals, title, the master's death. */
#ifndef RTALP_WORKERS_SETTLE_H
#define RTALP_WORKERS_SETTLE_H

#include "base/macro.h"

/* Where the master puts the channel. */
#define ROLE_CONTROL_FD 3

/* `descriptors` are as many as it wants to have open. -EBADF, -EPROTOTYPE: that is no channel; -ESRCH: the master is gone. */
int settle_role(int control_fd, const char *title, unsigned descriptors) _must_check_;

#endif
