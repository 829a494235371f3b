/* SPDX-License-Identifier: Apache-2.0 */
/* landlock.h - Landlock as far as this kernel has it: no file at all, TCP to a few ports or none, no signals and no abstract sockets to the
 * outside. Complements seccomp, which cannot see a path or a port.
 *
 * The constants are our own, because the headers of the oldest supported system know ABI 2 and its kernel may know more.
 * Processes: prepare once in the spawner, enter in the child.
 */
#ifndef RTALP_WORKERS_LANDLOCK_H
#define RTALP_WORKERS_LANDLOCK_H

#include <stddef.h>
#include <stdint.h>

#include "base/macro.h"
#include "base/str.h"

#define PORTS_MAX 16
struct port_list {
	uint16_t ports[PORTS_MAX];
	size_t count;
};
/* "443,8443"; "" is none. -EINVAL */
int port_list_parse(struct str text, struct port_list *ret_ports) _must_check_;
/* -E2BIG: there is no place; a port that is there already needs none. */
int port_list_add(struct port_list *ports, uint16_t port) _must_check_;

struct landlock_plan {
	int fd; /* the ruleset, or -1 where there is no Landlock */
	uint32_t abi;
	unsigned holds; /* enum confinement bits that hold once it is entered */
};

#define LANDLOCK_PLAN_INIT ((struct landlock_plan){.fd = -1})

/* 0: the kernel has none or it is switched off. */
uint32_t landlock_abi(void);

/* TCP to these ports and nothing else of TCP. A kernel without Landlock is no error: the plan then does nothing. */
int landlock_prepare(const struct port_list *ports, struct landlock_plan *ret_plan) _must_check_;
void landlock_release(struct landlock_plan *plan);

/* Needs no_new_privs. The ruleset's descriptor may be closed afterwards. */
int landlock_enter(const struct landlock_plan *plan) _must_check_;

#endif
