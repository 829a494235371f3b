/* SPDX-License-Identifier: Apache-2.0 */
/* fault_sys.h - the C library with a fault in it: of this program's calls of one sort, the n-th fails. The test's program has these functions in
 * the place of the C library's, so the libraries it is linked with meet the fault, too. Not in sanitizer builds.
 *
 * Meant for a child: the parent arms a plan in memory that both see, forks, and reads afterwards how far the child came.
 * Threads: any; arm while there is one.
 */
#ifndef RTALP_TESTS_FAULT_SYS_H
#define RTALP_TESTS_FAULT_SYS_H

#include <stdatomic.h>
#include <stdbool.h>

enum fault_sort {
	FAULT_NOTHING,
	FAULT_TORN,   /* a write to a file: half of it is written, then EIO */
	FAULT_FULL,   /* a write to a file, or its growing: nothing of it, ENOSPC */
	FAULT_FSYNC,  /* EIO */
	FAULT_MEMORY, /* an allocation: NULL */
	FAULT_DEATH,  /* an allocation: the process ends, as rtalpd does of any (src/daemon/wiping_alloc.c) */
	FAULT_MESSAGE /* what carries a message: socket pairs, sending, receiving, memory files, mappings */
};

struct fault_order {
	enum fault_sort sort;
	int nth;          /* 1: the next; 0: none, they are only counted */
	_Atomic int seen; /* calls of that sort */
	_Atomic int of_engine; /* allocations among them that the database's engine made */
};

static inline bool
fault_is_allocation(enum fault_sort sort)
{
	return sort == FAULT_MEMORY || sort == FAULT_DEATH;
}

static inline bool
fault_struck(const struct fault_order *order)
{
	return order->nth > 0 && order->seen >= order->nth;
}

/* The calls are counted from now on; NULL: no more. Borrowed. */
void fault_follow(struct fault_order *order);

#endif
