/* SPDX-License-Identifier: Apache-2.0 */
/* socket_giver.h - the connected sockets of one worker, which can make none (workers/sockets.h is the other end).
 *
 * The first one is connected to while the worker is still being made, and sent as soon as both are there. Each other is asked for, one at a time, to the
 * same addresses, and there is a bound: a worker that was taken over cannot make a flood of us.
 *
 * Threads: the loop's. Ownership: socket_giver_free() closes what was not sent, and accepts NULL.
 */
#ifndef RTALP_DAEMON_SOCKET_GIVER_H
#define RTALP_DAEMON_SOCKET_GIVER_H

#include <event2/event.h>
#include <stdint.h>

#include "base/macro.h"
#include "daemon/connector.h"
#include "proto/message.h"

struct socket_giver;

/* Begins to connect. `most` sockets at most. -EINVAL: an address is none, or none is there. */
int socket_giver_new(struct event_base *base, const struct connector_target *target, unsigned most, struct socket_giver **ret_giver) _must_check_;
struct socket_giver *socket_giver_free(struct socket_giver *g);

/* From now on the worker takes them, over this channel, which must outlive the giver. Not blocking. */
void socket_giver_open(struct socket_giver *g, int channel);

/* It asks for one. -EBADMSG: it may not. */
int socket_giver_want(struct socket_giver *g, const struct message *m);

DEFINE_POINTER_CLEANUP(struct socket_giver, socket_giver_free, socket_giver_freep)

#endif
