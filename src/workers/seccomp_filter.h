/* SPDX-License-Identifier: Apache-2.0 */
/* seccomp_filter.h - the system calls each kind of process of ours may make; anything else ends the process.
 *
 * The lists are one table in seccomp_filter.c. A filter is built once (libseccomp is slow and allocates) and entered often.
 * Ownership: seccomp_filter_release() gives the program back and accepts a zeroed one.
 */
#ifndef RTALP_WORKERS_SECCOMP_FILTER_H
#define RTALP_WORKERS_SECCOMP_FILTER_H

#include <stdbool.h>

#include "base/macro.h"

struct sock_filter;

/* Bits, because a row of the table may serve several. The master's list has what all the others allow: filters add up over fork and exec. */
enum seccomp_role {
	SC_FETCH = 1 << 0,
	SC_PROCESS = 1 << 1,
	SC_SPAWNER = 1 << 2,
	SC_DELIVER = 1 << 3,
	SC_KEEPER = 1 << 4,
	SC_MASTER = 1 << 5
};

struct seccomp_filter {
	struct sock_filter *program;
	unsigned short length; /* instructions */
};

/* False in sanitizer builds, whose run time makes calls that no list foresees: a filter then only has what a list refuses with an error, because
 * libraries are led by that. */
bool seccomp_filter_wanted(void);

int seccomp_filter_build(enum seccomp_role role, struct seccomp_filter *ret_filter) _must_check_;
void seccomp_filter_release(struct seccomp_filter *filter);

/* Needs no_new_privs. */
int seccomp_filter_enter(const struct seccomp_filter *filter) _must_check_;

#endif
