/* SPDX-License-Identifier: Apache-2.0 */
/* landlock.h - Landlock as far as this kernel has it: no file at all, no TCP to be connected to, no signals and no abstract sockets to the
 * outside. Complements seccomp, and holds where a list had a hole.
 *
 * The constants are our own, because the headers of the oldest supported system know ABI 2 and its kernel may know more.
 * Processes: prepare once in the spawner, enter in the child.
 */
#ifndef RTALP_WORKERS_LANDLOCK_H
#define RTALP_WORKERS_LANDLOCK_H

#include <stdint.h>

#include "base/macro.h"

struct landlock_plan {
	int fd; /* the ruleset, or -1 where there is no Landlock */
	uint32_t abi;
	unsigned holds; /* enum confinement bits that hold once it is entered */
};

#define LANDLOCK_PLAN_INIT ((struct landlock_plan){.fd = -1})

/* 0: the kernel has none or it is switched off. */
uint32_t landlock_abi(void);

/* No file, no TCP. A kernel without Landlock is no error: the plan then does nothing. */
int landlock_prepare(struct landlock_plan *ret_plan) _must_check_;
void landlock_release(struct landlock_plan *plan);

/* Needs no_new_privs. The ruleset's descriptor may be closed afterwards. */
int landlock_enter(const struct landlock_plan *plan) _must_check_;

#endif
