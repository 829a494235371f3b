/* SPDX-License-Identifier: Apache-2.0 */
/* run_kinds.h - what each run_*.c offers to the table in run_kinds.c. */
#ifndef RTALP_DAEMON_RUN_KINDS_H
#define RTALP_DAEMON_RUN_KINDS_H

#include "daemon/worker.h"

extern const struct run_kind run_fetch;
extern const struct run_kind run_process;

#endif
