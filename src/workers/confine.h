/* SPDX-License-Identifier: Apache-2.0 */
/* confine.h - what a worker gives up before a key or a row comes near it.
 *
 * Two steps, because most of the work can be done once for all workers: the spawner prepares a plan for each role (the seccomp program
 * exported, the Landlock ruleset made), the forked child only applies it (about 0.1 ms).
 *
 * What holds afterwards, each with a test that tries the opposite (tests/unit/test_confine.c):
 *   - no file can be opened, no program run, no process made, no other process read, traced or signalled
 *   - no socket can be made or connected: fetch and deliver workers are handed connected ones (sockets.h), process workers none
 *   - no memory can become executable
 *   - no core dump, not readable by siblings of the same user, dies with the spawner
 *   - bounds on memory, processor time, descriptors and the size of a memory file
 * A breach ends the worker at once by SIGSYS; so does abort(), whose signal to itself is not on the list.
 *
 * Seccomp is required (except in sanitizer builds, which need system calls of their own). Landlock is used as far as the kernel has
 * it; what was reached is reported.
 *
 * Ownership: confine_release() gives a plan back and may be called on a zeroed one. Processes: prepare in the spawner, apply in its child.
 */
#ifndef RTALP_WORKERS_CONFINE_H
#define RTALP_WORKERS_CONFINE_H

#include <stdint.h>
#include <sys/types.h>

#include "base/macro.h"
#include "proto/message.h"
#include "workers/landlock.h"
#include "workers/seccomp_filter.h"

/* The worker's channel stands here. */
#define WORKER_CHANNEL_FD 3
/* One that gets a secret has the keeper's channel here; without one it is closed. */
#define WORKER_KEY_FD 4

struct confine_plan {
	enum worker_role role;
	uint64_t memory_max_bytes;
	struct landlock_plan landlock;
	struct seccomp_filter filter;
};

/* -errno if the filter cannot be built. */
int confine_prepare(enum worker_role role, uint64_t memory_max_bytes, struct confine_plan *ret_plan);
void confine_release(struct confine_plan *plan);

/* In the child of `parent`. Closes every descriptor above WORKER_KEY_FD. `ret_held` gets the enum confinement bits that hold.
 * -errno if something failed that must hold: the caller ends the process then. -ESRCH: the parent is gone already. */
int confine_apply(const struct confine_plan *plan, pid_t parent, unsigned *ret_held) _must_check_;

/* The master's, before it has a thread or a child: its list holds what all the others' lists hold. */
int confine_master(void) _must_check_;

/* The spawner's own confinement, once everything is warm: its list holds what its workers' lists hold (filters add up) and what
 * forking and reaping take; no file can be opened any more. */
int confine_spawner(void) _must_check_;

/* No core, and nobody of the same user may look into the process: execve() undid what the master had done. Before a key is read. */
int confine_from_eyes(void) _must_check_;

/* The keeper's, once it has read its keys: that, and no file, no network, no process, not dumpable. What is below WORKER_KEY_FD is left open. */
int confine_keeper(void) _must_check_;

#endif
