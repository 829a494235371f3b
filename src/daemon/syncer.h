/* SPDX-License-Identifier: Apache-2.0 */
/* syncer.h - keeps postings in step with ALP: asks what is due (app/sync_run.h), lists it, brings back what was seen. It decides nothing about a posting.
 *
 * One listing serves a user's neighbouring days; a few are under way at once. While ALP cannot be reached, refuses the key or says that it is busy,
 * nothing is asked, for a while that grows; a range of a proof waits for that, up to a few times. A listing that cannot be read is half a one.
 *
 * Threads: the loop's. Ownership: syncer_free() after the store delivered everything, and before the alp is freed.
 */
#ifndef RTALP_DAEMON_SYNCER_H
#define RTALP_DAEMON_SYNCER_H

#include <event2/event.h>
#include <stddef.h>
#include <stdint.h>

#include "alp/alp.h"
#include "app/app.h"

struct syncer;

struct syncer_options {
	struct event_base *base;
	struct app *app;
	struct alp *alp;
	__typeof__(alp_entries) *entries; /* alp_entries, or in tests another that keeps its promises; so the other */
	__typeof__(alp_cancel) *cancel;
	size_t parallel;                  /* listings at once */
	int64_t pause_ms, pause_max_ms;   /* after ALP could not be asked */
};

struct syncer *syncer_new(const struct syncer_options *options);
struct syncer *syncer_free(struct syncer *s); /* accepts NULL */
void syncer_wake(struct syncer *s);           /* there may be something to do */
void syncer_stop(struct syncer *s);           /* asks for nothing more; what is under way may end or not */

#endif
