/* SPDX-License-Identifier: Apache-2.0 */
/* supervisor.h - keeps one spawner running whose workers judge by the rules in force, and changes it for another when the rules change.
 *
 * A spawner that ends is started again at once, with growing pauses if it keeps ending before it was ready; spawner_peer.h says what else can
 * happen to one. Other rules need another spawner: it gets warm while the old one goes on serving, then takes its place; the old one is let go
 * when its last worker has ended, so no job notices.
 *
 * Ownership: supervisor_free() ends every spawner and with them every worker. Threads: the loop's, which must be the process's main thread.
 */
#ifndef RTALP_DAEMON_SUPERVISOR_H
#define RTALP_DAEMON_SUPERVISOR_H

#include <event2/event.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/macro.h"
#include "proto/message.h"

struct rules_source;
struct supervisor;

struct supervisor_options {
	const char *upstream_url; /* the strings are copied */
	const char *ca_file;
	const char *user_agent;
	uint64_t body_max_bytes;
	uint32_t connect_timeout_ms;
	uint32_t answer_timeout_ms;
	uint64_t memory_max_bytes;
	bool delivers;               /* there may be webhooks */
	const char *deliver_ca_file; /* NULL: the system's bundle */
	/* A fresh channel to the keeper for a spawner, as keeper_peer_connect(); NULL: there is no keeper, and no worker that gets a secret. */
	int (*connect_keeper)(void *arg, int *ret_fd);
	void *connect_keeper_arg;
};

struct supervisor_hooks {
	void (*ready)(void *arg);                                     /* workers can be had (again), of a fresh spawner */
	void (*lost)(void *arg, uint64_t worker_id);                  /* the worker is gone with its spawner */
	void (*refused)(void *arg, uint64_t worker_id, int error);    /* no such worker was made */
	void (*spawned)(void *arg, uint64_t worker_id, int32_t pid);
	void (*exited)(void *arg, const struct msg_exited *exited);
	void *arg;
};

/* Starts the first spawner before it returns. */
int supervisor_new(struct event_base *base, const struct supervisor_options *options, struct rules_source *rules,
    const struct supervisor_hooks *hooks, struct supervisor **ret_supervisor) _must_check_;
struct supervisor *supervisor_free(struct supervisor *s); /* accepts NULL */

bool supervisor_is_ready(const struct supervisor *s);
/* There is another keeper: every spawner gets a channel to it. */
void supervisor_keeper_changed(struct supervisor *s);
/* Monotonic; when the spawner last said something, or the one before if it never did. */
int64_t supervisor_heard_ms(const struct supervisor *s);
/* What a worker that is asked for now will judge by; borrowed. */
struct rules_source *supervisor_rules(const struct supervisor *s);

/* How a change of rules went: 0, and workers asked for from now on have them; else the old ones stay. */
typedef void (*supervisor_changed_fn)(void *arg, int r);
/* Asks for other rules. -errno: there is no process to be had, and `done` is not called. A change that is under way is given up for this one,
 * its `done` is not called any more. Workers of the old rules get `most_ms` to end. */
int supervisor_change_rules(struct supervisor *s, struct rules_source *rules, int64_t most_ms, supervisor_changed_fn done, void *arg)
    _must_check_;
/* Gives up a change that is under way. */
void supervisor_keep_rules(struct supervisor *s);

/* Asks for a worker that talks over `fd` (the caller closes its copy). -EAGAIN: not now; -EPIPE: no spawner. */
int supervisor_spawn(struct supervisor *s, const struct msg_spawn *spawn, int fd);
void supervisor_kill_worker(struct supervisor *s, uint64_t worker_id);

#endif
