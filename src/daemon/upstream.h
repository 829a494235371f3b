/* SPDX-License-Identifier: Apache-2.0 */
/* upstream.h - where RescueTime's host is. Workers may neither ask a name server nor read /etc/hosts, so the master looks the name up for them,
 * on the loop, again and again; the last good answer is kept when a look-up fails.
 *
 * Threads: the loop's.
 */
#ifndef RTALP_DAEMON_UPSTREAM_H
#define RTALP_DAEMON_UPSTREAM_H

#include <event2/event.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/macro.h"

struct upstream;

typedef void (*upstream_known_fn)(void *arg); /* the first look-up has ended, well or not */

/* -EINVAL if the URL has no host. */
int upstream_new(struct event_base *base, const char *url, upstream_known_fn known, void *arg, struct upstream **ret_upstream) _must_check_;
struct upstream *upstream_free(struct upstream *u); /* accepts NULL */

/* Has a look-up ended? */
bool upstream_is_known(const struct upstream *u);
/* Numeric addresses, comma separated; empty if the name could not be looked up so far. */
const char *upstream_addresses(const struct upstream *u);

uint16_t upstream_port(const struct upstream *u);

/* What a look-up brought, as such a text, which the caller frees; NULL: no address. */
struct evutil_addrinfo;
char *upstream_addresses_text(const struct evutil_addrinfo *list);

#endif
