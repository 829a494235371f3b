/* SPDX-License-Identifier: Apache-2.0 */
/* deliverer.h - brings messages to webhooks: finds out what is due, where the host is, has the keeper give the secret to a confined worker, and
 * that one sign and send (workers/deliver.h). Without a keeper messages wait, which costs them no attempt.
 *
 * A webhook gets up to 4 messages at once, begun in the order in which they became due; one whose last message did not arrive gets one at a time, and all
 * of those together take half of the places at most: who does not answer holds nobody else up. What order they arrive in is not promised. Only what came
 * of an attempt is stored: an attempt that a stop or a crash of ours cuts off is made again, with the same webhook-id.
 *
 * Threads: the loop's.
 */
#ifndef RTALP_DAEMON_DELIVERER_H
#define RTALP_DAEMON_DELIVERER_H

#include <event2/event.h>
#include <stddef.h>
#include <stdint.h>

#include "app/webhook.h"
#include "daemon/keeper_peer.h"
#include "daemon/supervisor.h"

struct deliverer;

#define DELIVERIES_MAX 256
struct deliverer_options {
	size_t places;       /* messages under way at once, DELIVERIES_MAX at most */
	uint32_t timeout_ms; /* of one attempt */
};

struct deliverer *deliverer_new(struct event_base *base, const struct deliverer_options *options);
/* After the supervisor's end; accepts NULL. */
struct deliverer *deliverer_free(struct deliverer *d);
/* From now on it works. */
void deliverer_connect(struct deliverer *d, struct app *app, struct supervisor *supervisor, struct keeper_peer *keeper);
void deliverer_reconfigure(struct deliverer *d, const struct deliverer_options *options);
/* Begins nothing more. */
void deliverer_drain(struct deliverer *d);

/* What the keeper tells. deliverer_given(): false, that worker is none of its own. */
void deliverer_keeper_ready(struct deliverer *d);
void deliverer_keeper_lost(struct deliverer *d);
bool deliverer_given(struct deliverer *d, uint64_t worker_id, int result);

/* Hooks for the supervisor that tell of this one's workers here and of all others there. `others` is copied. */
struct supervisor_hooks deliverer_hooks(struct deliverer *d, const struct supervisor_hooks *others);

/* The count of store_notices(): when it rose there may be something to do. */
void deliverer_look(struct deliverer *d, uint64_t notices);

#endif
