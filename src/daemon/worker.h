/* SPDX-License-Identifier: Apache-2.0 */
/* worker.h - the master's side of one run: a job, the worker process that does it, and how it ended.
 *
 * A run is over for the store when its result is known (the worker's last word, its death, our own decision) and nothing it handed in is
 * still being written; its place is free when the process is gone too. Private to dispatch.c, worker.c and the kinds.
 */
#ifndef RTALP_DAEMON_WORKER_H
#define RTALP_DAEMON_WORKER_H

#include <event2/event.h>
#include <stdbool.h>
#include <sys/queue.h>

#include "app/matters.h"
#include "app/run.h"
#include "daemon/dispatch.h"
#include "daemon/here.h"
#include "daemon/keeper_peer.h"
#include "daemon/rules_source.h"
#include "daemon/socket_giver.h"
#include "proto/message.h"

struct worker {
	TAILQ_ENTRY(worker) link;
	struct dispatch *dispatch;
	const struct run_kind *kind;
	uint64_t id;
	struct job_row job;
	struct rules_source *rules; /* what the process judges by; NULL: there was none yet */
	int32_t pid;             /* 0: not known yet */
	int fd;                  /* our end of its channel; -1: closed or never opened */
	struct event *readable;
	struct socket_giver *sockets; /* NULL: it gets none */
	unsigned state;          /* enum message_state */
	int64_t started_ms;      /* monotonic */
	unsigned pending;        /* store verbs under way */
	bool delivered;          /* said all it had to say; what it delivered is still being written */
	/* The result, once `decided`. */
	bool decided;
	bool success;
	bool again;
	enum job_outcome outcome;
	int64_t retry_after_ms;
	char code[CODE_MAX];
	char detail[DETAIL_MAX];
	/* What is left to happen. */
	bool exited;             /* there is no process (any more) */
	bool ending;             /* the end is being written */
	bool ended;              /* the end is committed */
	struct event *end_again;
	/* Of a fetch run. */
	struct run_needs needs;
	bool has_key;            /* the keeper gave it to the process */
	/* Of a check run. */
	struct checking *checking;
	/* Of a process run, or a check. */
	struct run_input input;
	size_t sent, verdicts;   /* days of it */
	char matters_version[MATTERS_VERSION_MAX]; /* of the list it was given; empty: no matters are known */
};
TAILQ_HEAD(worker_list, worker);

/* How a kind of job is run; one a row of job_kinds.def. Either here, or with the rest in a worker. */
struct run_kind {
	enum job_kind job_kind;
	const struct here_kind *here; /* NULL: in a worker */
	enum worker_role role;
	/* Before there is a process: calls worker_spawn() now or later, or decides the run. */
	void (*prepare)(struct worker *w);
	/* The worker is confined and waits for its job. */
	void (*start)(struct worker *w);
	const struct worker_handler *handlers;
	size_t handler_count;
};
const struct run_kind *run_kind_of(enum job_kind kind);

/* -EBADMSG: the worker broke the protocol. */
struct worker_handler {
	enum message_type type;
	int (*handle)(struct worker *w, struct message *message);
};

struct dispatch {
	struct event_base *base;
	struct dispatch_options options;
	struct app *app;
	struct supervisor *supervisor;
	const struct upstream *upstream;
	struct keeper_peer *keeper;
	struct worker_list workers;
	struct here *here;
	size_t running;          /* workers */
	uint64_t last_worker_id;
	struct event *timer;
	bool claiming, claim_again;
	bool draining, drained, aborted;
	bool confinement_told;
	struct role_health {
		bool proven;         /* a worker of this role did its job since the spawner started */
		int64_t pause_ms;
		int64_t paused_since_ms, paused_until_ms; /* monotonic */
	} roles[3];                      /* by enum worker_role */
	void (*ready)(void *arg);
	void *ready_arg;
	void (*idle)(void *arg);
	void *idle_arg;
};

struct worker *worker_new(struct dispatch *d, struct job_row *job); /* takes the job's contents over; NULL: no such kind */
void worker_begin(struct worker *w);
void worker_spawn(struct worker *w);

void worker_decide_success(struct worker *w, bool again);
void worker_decide_failure(struct worker *w, enum job_outcome outcome, int64_t retry_after_ms, const char *code, const char *detail);
/* What the keeper said of its key; the keeper ended. */
void worker_given(struct worker *w, int result);
void worker_keeper_lost(struct worker *w);
/* Ends the process if there is one, whatever it is doing. */
void worker_kill(struct worker *w);
void worker_gone(struct worker *w, const struct msg_exited *exited); /* NULL: its spawner is gone */
/* Does what can be done next towards the run's end. May free `w`. */
void worker_settle(struct worker *w);

/* A store verb of this run came back with r < 0: decides what that means for the run. */
void worker_store_failed(struct worker *w, int r);

/* In run_check.c; accepts NULL. */
void checking_free(struct checking *c);

/* In dispatch.c. */
void dispatch_forget(struct dispatch *d, struct worker *w);
void dispatch_role_failed(struct dispatch *d, const struct worker *w);

#endif
