/* SPDX-License-Identifier: Apache-2.0 */
/* worker.h - a forked worker's life: settle down, say ready, do the one job, leave.
 *
 * Processes: only in a fresh child of the spawner.
 */
#ifndef RTALP_WORKERS_WORKER_H
#define RTALP_WORKERS_WORKER_H

#include <stdint.h>

#include "base/macro.h"
#include "proto/message.h"
#include "workers/warm.h"

/* Exit statuses, for the log: the truth about a job is what its worker said, or that the channel ended. */
enum worker_exit {
	WORKER_EXIT_OK = 0,       /* said its last word, or never got a job */
	WORKER_EXIT_BROKEN = 70,  /* could not go on and could not say so */
	WORKER_EXIT_CONFINE = 71, /* something that must be given up could not be */
	WORKER_EXIT_PROTOCOL = 76 /* the master said something that is not legal */
};

/* `channel` is the worker's end of its own channel to the master, blocking. */
struct worker_order {
	enum worker_role role;
	int64_t alp_user_id; /* 0: of nobody in particular */
	int channel;
	int key_fd;          /* from the keeper; -1: it gets no secret */
};
_noreturn_ void worker_main(const struct warm *warm, const struct worker_order *order);

/* Forks one worker of the role, waits until it is ready and lets it go: finds out at the start, not at the first job, that
 * confinement fails here, and spares that job the first faults. -EPROTO if the worker did not come that far. */
int worker_rehearse(const struct warm *warm, enum worker_role role) _must_check_;

#endif
