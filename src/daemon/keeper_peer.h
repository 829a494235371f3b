/* SPDX-License-Identifier: Apache-2.0 */
/* keeper_peer.h - the keeper as the master sees it (workers/keeper.h): its process, the channel to it, what it said of its keys.
 *
 * One that ends is started again at once, with growing pauses if it keeps ending before it was ready; one that was stopped is continued; one that does
 * not answer a ping in time is killed. A fresh one knows neither workers nor spawners: `ready` is told each time.
 *
 * Ownership: keeper_peer_free() ends the process at once and tells nobody. Threads: the loop's, which must be the process's main thread.
 */
#ifndef RTALP_DAEMON_KEEPER_PEER_H
#define RTALP_DAEMON_KEEPER_PEER_H

#include <event2/event.h>
#include <stdbool.h>
#include <stdint.h>

#include "app/app.h"
#include "base/macro.h"

struct keeper_peer;

struct keeper_options {
	const char *credentials;     /* the service manager's directory; NULL: none. The strings are copied */
	const char *keys_file;
	int64_t single_user_id;
	const char *single_user_key_file;
	const char *webhook_key_file; /* beside the store */
};

struct keeper_hooks {
	void (*ready)(void *arg, const struct app_keeper *keeper);
	void (*lost)(void *arg);                                       /* whoever waited for a secret does not get it */
	void (*given)(void *arg, uint64_t worker_id, int result);      /* enum results of messages.def, GIVEN */
	void (*resealed)(void *arg, uint64_t number, int result, const struct box *box);
	void *arg;
};

/* Starts it. keeper_peer_wait() waits until it is ready: -errno, and *ret_what says what it could not read. */
int keeper_peer_new(struct event_base *base, const struct keeper_options *options, const struct keeper_hooks *hooks, struct keeper_peer **ret_peer)
    _must_check_;
int keeper_peer_wait(struct keeper_peer *k, const char **ret_what) _must_check_;
struct keeper_peer *keeper_peer_free(struct keeper_peer *k); /* accepts NULL */

bool keeper_peer_is_ready(const struct keeper_peer *k);
/* Monotonic; when it last said something. */
int64_t keeper_peer_heard_ms(const struct keeper_peer *k);

/* A fresh channel for a spawner: that one's end, without blocking. -EPIPE: there is no keeper now; all spawners need another when there is. */
int keeper_peer_connect(struct keeper_peer *k, int *ret_fd) _must_check_;

/* `before` NULL or empty: none. -EPIPE, -EAGAIN: it was not heard, `given` is not called. */
int keeper_peer_give(struct keeper_peer *k, uint64_t worker_id, enum box_purpose purpose, int64_t owner, const struct box *box,
    const struct box *before) _must_check_;
int keeper_peer_reseal(struct keeper_peer *k, uint64_t number, enum box_purpose purpose, int64_t owner, const struct box *box) _must_check_;

#endif
