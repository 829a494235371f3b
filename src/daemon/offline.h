/* SPDX-License-Identifier: Apache-2.0 */
/* offline.h - what is done with the store while no daemon runs. Each returns an exit status and has said what came of it. Threads: one. */
#ifndef RTALP_DAEMON_OFFLINE_H
#define RTALP_DAEMON_OFFLINE_H

#include "daemon/config.h"

/* file NULL: the configured store. EX_DATAERR: a promise is broken. */
int offline_check(const struct config *config, const char *file);
int offline_restore(const struct config *config, const char *file);

#endif
