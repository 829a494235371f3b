/* SPDX-License-Identifier: Apache-2.0 */
/* run_kinds.h - what each run_*.c offers to the table in run_kinds.c: one struct run_kind a row of job_kinds.def. */
#ifndef RTALP_DAEMON_RUN_KINDS_H
#define RTALP_DAEMON_RUN_KINDS_H

#include "daemon/worker.h"

#define JOB_KIND(name, NAME, number, lane, place, deadline, attempts, backoff, order) extern const struct run_kind run_##name;
#include "queue/job_kinds.def"
#undef JOB_KIND

#endif
