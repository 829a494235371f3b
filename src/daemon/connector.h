/* SPDX-License-Identifier: Apache-2.0 */
/* connector.h - a TCP connection to one of several addresses, made without waiting. For processes that may make none themselves (socket_giver.h).
 *
 * One address after the other is tried, the next one as soon as one fails or has said nothing for a quarter of a second; the first that answers is it.
 * Each is judged before it is connected to, and by the very bytes that connect() gets.
 *
 * Threads: the loop's. Ownership: connector_free() gives up what is under way, and accepts NULL.
 */
#ifndef RTALP_DAEMON_CONNECTOR_H
#define RTALP_DAEMON_CONNECTOR_H

#include <event2/event.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/macro.h"

#define CONNECTOR_ADDRESSES_MAX 8

struct connector;

struct connector_target {
	const char *addresses; /* numeric, comma separated; what is beyond the eighth is left alone */
	uint16_t port;
	bool public_only;      /* base/address.h */
	uint32_t timeout_ms;   /* of all of it */
};

/* `fd` is the caller's: connected, not blocking, close-on-exec; or a negative errno: -EACCES if an address was refused and none could be connected to,
 * -ETIMEDOUT, or what the last one said. The connector may be freed from inside. */
typedef void (*connector_done_fn)(void *arg, int fd);

/* `done` is called from the loop, never from inside. -EINVAL: an address is none, or none is there. */
int connector_new(struct event_base *base, const struct connector_target *target, connector_done_fn done, void *arg,
    struct connector **ret_connector) _must_check_;
struct connector *connector_free(struct connector *c);

#endif
