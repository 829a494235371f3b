/* SPDX-License-Identifier: Apache-2.0 */
/* slowdown.h - wrong tokens from one address: after a few, they are not even looked at for a while.
 *
 * The policy. A token's secret has 256 random bits, so no rate makes guessing hopeful; what is slowed is the noise and the work of it. So the
 * price may be small, and must not be paid by others, because one address can be many clients (a NAT, a reverse proxy):
 *   - SLOWDOWN_FREE wrong ones in a row cost nothing: a person pastes the wrong thing, a program is restarted a few times
 *   - then one is looked at every SLOWDOWN_INTERVAL_MS; who has the right one by now waits that long and no longer
 *   - what was accepted from an address before is always looked at from there, whatever others at that address do; it is known by a keyed
 *     hash with a seed of this process, so no guess can pass for one
 *   - revoked and expired tokens are not guesses: who calls must not count them
 * An address is an IPv4 address, an IPv6 /64 (what one customer gets), or a user of this machine over the Unix socket.
 *
 * Memory is fixed. SLOWDOWN_ADDRESSES at most; the one that was wrong longest ago is forgotten first. Who has that many addresses could make us
 * forget, and gets SLOWDOWN_FREE tries from each anyway. And SLOWDOWN_KNOWN pairs of an address and what was accepted from it; only a right
 * token can push one out.
 *
 * Threads: the loop's. Pure: now is an argument, any clock's milliseconds.
 */
#ifndef RTALP_HTTP_SLOWDOWN_H
#define RTALP_HTTP_SLOWDOWN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

#define SLOWDOWN_FREE        10
#define SLOWDOWN_INTERVAL_MS 2000
#define SLOWDOWN_ADDRESSES   4096
#define SLOWDOWN_KNOWN       16384

struct slowdown;

/* Zeroed, then filled: compared by all of its bytes. */
struct slowdown_key {
	unsigned char bytes[9]; /* the kind of address, then its bytes */
};

struct slowdown *slowdown_new(void);
struct slowdown *slowdown_free(struct slowdown *s); /* accepts NULL */

/* How long what is shown from there has to wait to be looked at; 0: not. */
int64_t slowdown_wait_ms(struct slowdown *s, const struct slowdown_key *key, struct str shown, int64_t now_ms);
/* It was looked at, and is wrong. True: from now on the address is slowed, which it was not before. */
bool slowdown_wrong(struct slowdown *s, const struct slowdown_key *key, int64_t now_ms);
/* ... and is right. */
void slowdown_right(struct slowdown *s, const struct slowdown_key *key, struct str shown);

#endif
