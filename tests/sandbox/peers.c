/* SPDX-License-Identifier: Apache-2.0 */
#include "peers.h"

#include <stdlib.h>

#include "alloc.h"
#include "exchange.h"
#include "rng.h"

#define BUCKETS 4096

struct peers {
	struct peer *buckets[BUCKETS];
	uint64_t last_id;
};

struct slot {
	struct peers *peers;
	struct peer peer;
};

struct peers *
peers_new(void)
{
	return xcalloc(1, sizeof(struct peers));
}

void
peers_free(struct peers *ps)
{
	free(ps);
}

static struct peer **
bucket_of(struct peers *ps, const struct evhttp_connection *connection)
{
	return &ps->buckets[rng_mix((uintptr_t)connection) % BUCKETS];
}

static void
closed(struct evhttp_connection *connection, void *arg)
{
	struct slot *s = arg;
	struct peer **at = bucket_of(s->peers, connection);

	if (s->peer.exchange)
		exchange_abort(s->peer.exchange);
	while (*at != &s->peer)
		at = &(*at)->next;
	*at = s->peer.next;
	free(s);
}

struct peer *
peers_of(struct peers *ps, struct evhttp_connection *connection)
{
	struct peer **at = bucket_of(ps, connection), *p;
	struct slot *s;

	for (p = *at; p; p = p->next)
		if (p->connection == connection)
			return p;
	s = xcalloc(1, sizeof(*s));
	s->peers = ps;
	s->peer.id = ++ps->last_id;
	s->peer.connection = connection;
	s->peer.next = *at;
	*at = &s->peer;
	evhttp_connection_set_closecb(connection, closed, s);
	return &s->peer;
}
