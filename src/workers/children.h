/* SPDX-License-Identifier: Apache-2.0 */
/* children.h - the spawner's living and just dead workers.
 *
 * A child is in the table from its fork until its end was reported to the master, so that a report can wait until the channel has room.
 * Each has a pidfd in the epoll set: its death wakes the loop without signals, and a kill can never hit a number that was given anew.
 *
 * Ownership: the table owns children and pidfds. Threads: one.
 */
#ifndef RTALP_WORKERS_CHILDREN_H
#define RTALP_WORKERS_CHILDREN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/types.h>

#include "base/macro.h"
#include "proto/message.h"

struct child {
	LIST_ENTRY(child) link;
	int pidfd;
	int64_t deadline_ms; /* monotonic */
	bool dead;
	struct msg_exited end; /* worker_id and pid from the start, the rest once dead */
};

LIST_HEAD(child_list, child);

struct children {
	struct child_list living;
	struct child_list dead; /* to be reported */
	unsigned count;         /* of both */
	int epoll_fd;           /* borrowed; event data is the child */
};

/* Takes a fresh child into the table. On an error it has been killed and reaped. */
int children_add(struct children *c, uint64_t worker_id, pid_t pid, int64_t deadline_ms) _must_check_;

/* NULL if there is no such worker (any more). */
struct child *children_find(const struct children *c, uint64_t worker_id);

void child_kill(struct child *child);
/* Its pidfd says that it ended: reaps it and moves it to the dead. */
void child_reap(struct children *c, struct child *child);
/* A dead one's end was reported. */
void child_forget(struct children *c, struct child *child);

/* Kills who is over time. Returns the milliseconds until the next one is, -1 if there is none. */
int children_enforce_deadlines(struct children *c, int64_t now_ms);
/* Kills and reaps all; none is reported. */
void children_end_all(struct children *c);

#endif
