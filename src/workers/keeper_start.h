/* SPDX-License-Identifier: Apache-2.0 */
/* keeper_start.h - how a keeper comes to its keys, gives up everything else, and says that it is there. */
#ifndef RTALP_WORKERS_KEEPER_START_H
#define RTALP_WORKERS_KEEPER_START_H

#include "workers/keeper_keys.h"

/* 1: ready; 0: the master hung up; -errno: the master was told if it listens. */
int keeper_start(int control_fd, unsigned descriptors, struct keeper_keys **ret_keys) _must_check_;

#endif
