/* SPDX-License-Identifier: Apache-2.0 */
/* peers.h - who is connected. evhttp tells of a connection only when its first request comes and when it closes, so that is the
 * life of a peer. Ownership: peers own themselves; one goes with its connection and takes an unfinished exchange along. */
#ifndef SANDBOX_PEERS_H
#define SANDBOX_PEERS_H

#include <stdint.h>

#include <event2/http.h>

struct exchange;
struct peers;

struct peer {
	uint64_t id;
	struct exchange *exchange; /* NULL between requests */
	struct evhttp_connection *connection;
	struct peer *next;
};

struct peers *peers_new(void);

/* Every connection must be closed before. */
void peers_free(struct peers *ps);

/* Finds or makes the peer of a connection. */
struct peer *peers_of(struct peers *ps, struct evhttp_connection *connection);

#endif
