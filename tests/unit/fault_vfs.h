/* SPDX-License-Identifier: Apache-2.0 */
/* fault_vfs.h - the engine's file layer with a fault in it: the n-th call of one sort fails, or every call from the n-th on.
 *
 * Registered as the default, so that the store opens its files through it without knowing. Counts over all files of the process.
 * Threads: any; arm and disarm while the store's threads are idle.
 */
#ifndef RTALP_TESTS_FAULT_VFS_H
#define RTALP_TESTS_FAULT_VFS_H

#include <stdbool.h>

enum fault_call { FAULT_NONE, FAULT_SYNC, FAULT_WRITE };

struct fault_plan {
	enum fault_call call;
	int nth;      /* 1: the next */
	int code;     /* the engine's result code it fails with */
	bool for_good; /* and all later ones, too */
};

void fault_vfs_register(void);
void fault_arm(struct fault_plan plan);
/* Returns whether a call failed since it was armed. */
bool fault_disarm(void);
/* Calls of the armed sort since then, those that failed, too. */
int fault_calls(void);

#endif
