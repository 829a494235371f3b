/* SPDX-License-Identifier: Apache-2.0 */
/* watch.h - what is told of the whole store to who watches the service: samples it into metrics.def's gauges.
 *
 * However often it is asked for, the store is asked every SAMPLE_EVERY_MS at most. Threads: the loop's; `render` runs on a store thread.
 */
#ifndef RTALP_APP_WATCH_H
#define RTALP_APP_WATCH_H

#include "app/app.h"

#define SAMPLE_EVERY_MS 5000

/* Once, before anything is counted: labels of jobs are the names in job_kinds.def. */
void app_watch_name_kinds(void);

/* r < 0: what there was before is what there is, and `render` was not called. */
struct watch_sample {
	/* in */
	void (*render)(void *arg); /* with the `arg` of `done`: makes something of the numbers, so that the loop need not */
	/* out, ours */
	bool wanted;
	int64_t confirmed_from_ms;
};
void app_watch_sample(struct app *app, struct watch_sample *v, app_done_fn done, void *arg);

#endif
