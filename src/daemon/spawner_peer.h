/* SPDX-License-Identifier: Apache-2.0 */
/* spawner_peer.h - one spawner as the master sees it: its process, the channel to it, and which workers it has.
 *
 * It is starting until it says that it is warm; then it serves; retired, it makes no more workers and is let go when it has none left, or killed
 * when they take too long. One that was stopped is continued at once; one that does not answer a ping in time is killed, which takes its
 * workers along. Whatever ends it, `ended` is called once, and by then every worker of it was told `exited`, `refused` or `lost`.
 *
 * Ownership: spawner_peer_free() ends the process at once and tells nobody; it may be called from `ended` only, or outside of every hook.
 * Threads: the loop's, which must be the process's main thread (the spawner dies with the thread that started it).
 */
#ifndef RTALP_DAEMON_SPAWNER_PEER_H
#define RTALP_DAEMON_SPAWNER_PEER_H

#include <event2/event.h>
#include <stdbool.h>
#include <sys/queue.h>
#include <sys/types.h>

#include "daemon/supervisor.h"

enum peer_phase { PEER_STARTING, PEER_SERVING, PEER_RETIRED };

struct spawner_peer {
	TAILQ_ENTRY(spawner_peer) link; /* its owner's */
	struct event_base *base;
	const struct spawner_peer_hooks *hooks; /* borrowed */
	struct rules_source *rules;
	int (*connect_keeper)(void *arg, int *ret_fd);
	void *connect_keeper_arg;
	enum peer_phase phase;
	bool was_ready;
	pid_t pid;
	int pidfd;
	int control_fd;         /* -1: let go */
	struct event *control_event, *exit_event, *tick_event;
	int64_t started_ms;     /* monotonic */
	int64_t heard_ms;       /* monotonic; its last word */
	int64_t ticked_ms;      /* monotonic; our last look */
	int64_t retired_ms;     /* monotonic */
	int64_t overdue_ms;     /* monotonic; a retired one is killed then */
	uint64_t ping_sequence;
	bool killed;
	uint64_t *workers;      /* that were asked for and are not known to be over */
	size_t worker_count;
};

struct spawner_peer_hooks {
	struct supervisor_hooks of_workers; /* refused, spawned, exited, lost */
	void (*ready)(void *arg, struct spawner_peer *peer);
	void (*ended)(void *arg, struct spawner_peer *peer, const char *status);
	void *arg;
};

int spawner_peer_new(struct event_base *base, const struct supervisor_options *options, struct rules_source *rules,
    const struct spawner_peer_hooks *hooks, struct spawner_peer **ret_peer) _must_check_;
struct spawner_peer *spawner_peer_free(struct spawner_peer *p); /* accepts NULL */

/* -EPIPE if it does not serve (any more). */
int spawner_peer_spawn(struct spawner_peer *p, const struct msg_spawn *spawn, int fd);
/* Without a keeper it gets none, and another call is to follow. */
void spawner_peer_connect_keeper(struct spawner_peer *p);
bool spawner_peer_has(const struct spawner_peer *p, uint64_t worker_id);
void spawner_peer_kill_worker(struct spawner_peer *p, uint64_t worker_id);

/* Its workers get `most_ms` to end. */
void spawner_peer_retire(struct spawner_peer *p, int64_t most_ms);
/* It does not get more time; its end is told by `ended`. */
void spawner_peer_kill(struct spawner_peer *p);
/* A child of the process changed its state: if this one was stopped, it goes on. */
void spawner_peer_continue(struct spawner_peer *p);

#endif
