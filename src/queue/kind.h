/* SPDX-License-Identifier: Apache-2.0 */
/* kind.h - the kinds of job, made from job_kinds.def. Pure; any thread. */
#ifndef RTALP_QUEUE_KIND_H
#define RTALP_QUEUE_KIND_H

#include <stdint.h>

#include "base/str.h"

/* One turn per user and lane. The numbers are stored. */
enum lane { LANE_ACTIVITY = 1, LANE_POSTING = 2, LANE_OTHER = 3 };

/* PLACE_LOOP: in the daemon itself. */
enum place { PLACE_FETCH_WORKER = 1, PLACE_PROCESS_WORKER, PLACE_LOOP };

enum backoff { BACKOFF_NETWORK = 1, BACKOFF_QUICK };

enum job_kind {
#define JOB_KIND(name, NAME, number, lane, place, deadline, attempts, backoff, order) KIND_##NAME = (number),
#include "queue/job_kinds.def"
#undef JOB_KIND
};

struct job_kind_info {
	enum job_kind kind;
	const char *name;
	enum lane lane;
	enum place place;
	int32_t deadline_ms;
	int32_t max_attempts;
	enum backoff backoff;
	int32_t turn_order;
};

/* NULL for a number or a name that is no kind. */
const struct job_kind_info *job_kind_info(int64_t number);
const struct job_kind_info *job_kind_named(struct str name);
/* The i-th row of the table, NULL past its end. */
const struct job_kind_info *job_kind_at(size_t i);

/* Higher goes first. */
#define PRIORITY_MIN     0
#define PRIORITY_DEFAULT 5
#define PRIORITY_MAX     9

#endif
