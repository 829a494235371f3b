/* SPDX-License-Identifier: Apache-2.0 */
/* retry.h - whether and when a job that failed is tried again. Pure: the outcome, the counts and the random number are arguments.
 *
 * Exponential backoff with full jitter: the wait is uniform between 0 and base * 2^(attempts-1), capped. What the upstream asked for
 * (Retry-After) is a floor under that. Units: milliseconds.
 */
#ifndef RTALP_QUEUE_RETRY_H
#define RTALP_QUEUE_RETRY_H

#include <stdbool.h>
#include <stdint.h>

#include "queue/kind.h"

/* How a run of a job ended without success. */
enum job_outcome {
	OUTCOME_TRANSIENT = 1, /* the world may be better later */
	OUTCOME_PERMANENT,     /* trying again cannot help */
	OUTCOME_CRASH,         /* its worker died or passed its deadline: costs one attempt; first again at once, the third is the last */
	OUTCOME_KEY_LOST,      /* nobody can open the key that it was sent with: it has to be sent again; costs no attempt */
	OUTCOME_NOT_ITS_FAULT  /* the spawner was lost, the disk is full, the daemon is stopping: free, again after retry_after_ms */
};

struct retry_input {
	const struct job_kind_info *kind;
	enum job_outcome outcome;
	int32_t attempts;       /* failures of the job itself before this one */
	int32_t crashes;        /* of those, deaths of its worker */
	int64_t retry_after_ms; /* asked for by the upstream, or 0; what to wait if it was not the job's fault */
	uint64_t random;        /* 64 fresh random bits */
};

struct retry_decision {
	bool again;
	int64_t delay_ms;
	int32_t attempts; /* to store */
	int32_t crashes;
};

struct retry_decision retry_decide(const struct retry_input *in);

#define CRASHES_MAX         3
#define RETRY_AFTER_MAX_MS ((int64_t)24 * 3600 * 1000)

#endif
