/* SPDX-License-Identifier: Apache-2.0 */
/* dispatch.h - gives due jobs to workers, or to here.c where no worker is needed, and hands their results to the app.
 *
 * It claims as many jobs as there are free places, has the supervisor make a worker for each, speaks with it, and ends the run by what
 * came of it: a last word, a death, a lost spawner, a broken protocol. Nothing a worker says is trusted.
 *
 * Ownership: dispatch_free() forgets the workers; free the supervisor first. Threads: the loop's.
 */
#ifndef RTALP_DAEMON_DISPATCH_H
#define RTALP_DAEMON_DISPATCH_H

#include <event2/event.h>
#include <stddef.h>
#include <stdint.h>

#include "app/run.h"
#include "daemon/keeper_peer.h"
#include "daemon/supervisor.h"
#include "daemon/upstream.h"

struct dispatch;

struct dispatch_options {
	size_t workers_max;
	uint32_t fetch_deadline_ms;
	uint32_t process_deadline_ms;
	uint32_t connect_timeout_ms;
	uint32_t gap_ms;              /* between two requests of one fetch worker */
};

/* `spawner_ready` is told each time workers can be had. */
struct dispatch *dispatch_new(struct event_base *base, const struct dispatch_options *options, void (*spawner_ready)(void *arg), void *arg);
/* The parts it works with, which need its hooks first. From then on it serves. */
void dispatch_connect(struct dispatch *d, struct app *app, struct supervisor *supervisor, const struct upstream *upstream,
    struct keeper_peer *keeper);
void dispatch_reconfigure(struct dispatch *d, const struct dispatch_options *options);
struct dispatch *dispatch_free(struct dispatch *d); /* accepts NULL */

/* What the keeper tells. */
void dispatch_given(struct dispatch *d, uint64_t worker_id, int result);
void dispatch_keeper_lost(struct dispatch *d);

struct app_hooks dispatch_app_hooks(struct dispatch *d);
struct supervisor_hooks dispatch_supervisor_hooks(struct dispatch *d);
void dispatch_wake(struct dispatch *d); /* there may be something to do */

/* Takes no more jobs but those that process what was fetched; `idle` runs once every run has ended. dispatch_abort() kills what still runs: those jobs go back to the queue. */
void dispatch_drain(struct dispatch *d, void (*idle)(void *arg), void *arg);
void dispatch_abort(struct dispatch *d);
size_t dispatch_running(const struct dispatch *d);

#endif
