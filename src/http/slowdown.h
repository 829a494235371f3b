/* SPDX-License-Identifier: Apache-2.0 */
/* slowdown.h - wrong tokens from one address: after a few, who sends them is told to wait.
 *
 * The policy. A token's secret has 256 random bits, so no rate makes guessing hopeful; what is slowed is the noise of it. The price must not be
 * paid by others, because one address can be many clients (a NAT, a reverse proxy):
 *   - SLOWDOWN_FREE wrong ones in a row cost nothing: a person pastes the wrong thing, a program is restarted a few times
 *   - then one is answered every SLOWDOWN_INTERVAL_MS
 *   - a right one is let in at once, whatever others at its address do. So each is looked at, which costs a microsecond: if only one were in a
 *     while, whoever sends the most would be that one, and nobody else would get in
 *   - revoked and expired tokens are not guesses: who calls must not count them
 * An address is an IPv4 address, an IPv6 /64 (what one customer gets), or a user of this machine over the Unix socket.
 *
 * Memory is fixed. SLOWDOWN_ADDRESSES at most; the one that was wrong longest ago is forgotten first. Who has that many addresses could make us
 * forget, and gets SLOWDOWN_FREE tries from each anyway.
 *
 * Threads: the loop's. Pure: now is an argument, any clock's milliseconds.
 */
#ifndef RTALP_HTTP_SLOWDOWN_H
#define RTALP_HTTP_SLOWDOWN_H

#include <stdbool.h>
#include <stdint.h>

#define SLOWDOWN_FREE        10
#define SLOWDOWN_INTERVAL_MS 2000
#define SLOWDOWN_ADDRESSES   4096

struct slowdown;

/* Zeroed, then filled: compared by all of its bytes. */
struct slowdown_key {
	unsigned char bytes[9]; /* the kind of address, then its bytes */
};

struct slowdown *slowdown_new(void);
struct slowdown *slowdown_free(struct slowdown *s); /* accepts NULL */

/* How long who sent a wrong one from there has to wait to be told so; 0: not. */
int64_t slowdown_wait_ms(struct slowdown *s, const struct slowdown_key *key, int64_t now_ms);
/* It was told so. True: from now on the address is slowed, which it was not before. */
bool slowdown_wrong(struct slowdown *s, const struct slowdown_key *key, int64_t now_ms);

#endif
