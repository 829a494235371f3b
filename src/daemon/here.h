/* SPDX-License-Identifier: Apache-2.0 */
/* here.h - runs the jobs of kinds that need no worker (PLACE_LOOP), in the daemon itself.
 *
 * It claims many at a time, begins each, and ends each by what its kind said of it. A run that is not decided when its kind's run() returns goes
 * on in the background, until the kind decides it or its deadline is over. A result that cannot be stored is tried again every second.
 *
 * Threads: the loop's. Ownership: a run is here's; the kind may use it until it decided it, or was told to stop.
 */
#ifndef RTALP_DAEMON_HERE_H
#define RTALP_DAEMON_HERE_H

#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>

#include "app/run.h"

#define HERE_MAX   256 /* runs at once */
#define CODE_MAX   64  /* of a failure, with its NUL */
#define DETAIL_MAX 512

struct here;
struct here_run;

struct here_kind {
	/* Does the job, or begins it: here_succeed() or here_fail() come from inside or later. */
	void (*run)(struct here_run *run);
	/* Leaves a begun run alone for good: it was cancelled, the daemon stops, or its time is over. NULL: run() always decides. */
	void (*stop)(struct here_run *run);
};

const struct job_row *here_job(const struct here_run *run);
void here_set_state(struct here_run *run, void *state); /* the kind's own */
void *here_state(const struct here_run *run);
void here_succeed(struct here_run *run);
/* code and detail are copied. */
void here_fail(struct here_run *run, enum job_outcome outcome, int64_t retry_after_ms, const char *code, const char *detail);

/* `idle` is told whenever the last run has ended and none is being claimed. */
struct here *here_new(struct event_base *base, void (*idle)(void *arg), void *arg);
void here_connect(struct here *h, struct app *app);
struct here *here_free(struct here *h); /* accepts NULL; after the store delivered everything */

void here_wake(struct here *h); /* there may be a job to run */
bool here_kill(struct here *h, int64_t job_id, int32_t run); /* cancelled; false: no such run here */
void here_drain(struct here *h); /* takes no more jobs */
void here_abort(struct here *h); /* what still runs goes back to the queue */
size_t here_running(const struct here *h);
bool here_is_idle(const struct here *h);

#endif
