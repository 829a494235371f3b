/* SPDX-License-Identifier: Apache-2.0 */
/* events.h - watching what happens. The hub (hub.h) hands events out; here is what it needs of the store, and the verb to begin with.
 * The conventions are those of app.h.
 */
#ifndef RTALP_APP_EVENTS_H
#define RTALP_APP_EVENTS_H

#include "app/app.h"
#include "app/hub.h"

/* Every event that was committed goes through it, on the loop, before the verb that caused it is done. */
struct hub *app_hub(struct app *app);
/* Whose it is to call hub_step() soon after `behind(arg)`, from the loop and not from inside it. NULL: nobody's. */
void app_hub_driver(struct app *app, void (*behind)(void *arg), void *arg);

/* Where to begin with one job. What `job` says is everything up to `newest` and nothing after it: a watch after that number goes on from
 * there. -ENOENT as with job_get. */
struct watch_begin {
	int64_t job_id;
	int64_t alp_user_id; /* 0: whoever's */
	int64_t after_id;    /* what the caller has seen; 0: nothing */
	/* out */
	struct job_row job;
	struct event_row now;       /* what the job's row says, as an event; without a number */
	int64_t oldest, newest; /* the events that are kept; 0: none */
	bool more;              /* there is an event of that job after after_id */
};
void app_watch_begin(struct app *app, struct watch_begin *v, app_done_fn done, void *arg);
void watch_begin_release(struct watch_begin *v);

#endif
