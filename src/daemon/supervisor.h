/* SPDX-License-Identifier: Apache-2.0 */
/* supervisor.h - keeps one spawner running and speaks with it.
 *
 * A spawner that ends is started again at once, with growing pauses if it keeps ending before it was ready. One that was
 * stopped is continued at once. One that does not answer a ping in time is killed, which takes its workers along, and started again.
 *
 * Ownership: supervisor_free() ends the spawner and with it every worker. Threads: the loop's, which must be the process's main thread (the
 * spawner dies with the thread that started it).
 */
#ifndef RTALP_DAEMON_SUPERVISOR_H
#define RTALP_DAEMON_SUPERVISOR_H

#include <event2/event.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/macro.h"
#include "proto/message.h"

struct supervisor;

struct supervisor_options {
	const char *upstream_url; /* the strings are copied */
	const char *ca_file;
	const char *user_agent;
	uint64_t body_max_bytes;
	uint32_t connect_timeout_ms;
	uint32_t answer_timeout_ms;
	uint64_t memory_max_bytes;
};

struct supervisor_hooks {
	void (*ready)(void *arg);                                     /* workers can be had (again) */
	void (*lost)(void *arg);                                      /* the spawner and all its workers are gone */
	void (*refused)(void *arg, uint64_t worker_id, int error);    /* no such worker was made */
	void (*spawned)(void *arg, uint64_t worker_id, int32_t pid);
	void (*exited)(void *arg, const struct msg_exited *exited);
	void *arg;
};

/* Starts the first spawner before it returns. */
int supervisor_new(struct event_base *base, const struct supervisor_options *options, const struct supervisor_hooks *hooks,
    struct supervisor **ret_supervisor) _must_check_;
struct supervisor *supervisor_free(struct supervisor *s); /* accepts NULL */

bool supervisor_is_ready(const struct supervisor *s);

/* Asks for a worker that talks over `fd` (the caller closes its copy). -EAGAIN: not now; -EPIPE: no spawner. */
int supervisor_spawn(struct supervisor *s, const struct msg_spawn *spawn, int fd);
void supervisor_kill_worker(struct supervisor *s, uint64_t worker_id);

#endif
