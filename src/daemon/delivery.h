/* SPDX-License-Identifier: Apache-2.0 */
/* delivery.h - one attempt to bring one message to a webhook: where is the host, a worker, what it said, what is stored of it. Private to deliverer.c and
 * delivery.c.
 *
 *     begin ─→ host looked up ─→ connected to, worker asked for ─→ it is confined: job from here, secret from the keeper ─→ its word, or its death ─→ stored ─→ given back
 */
#ifndef RTALP_DAEMON_DELIVERY_H
#define RTALP_DAEMON_DELIVERY_H

#include <event2/dns.h>
#include <event2/event.h>
#include <stdbool.h>
#include <sys/queue.h>

#include "base/webhook_url.h"
#include "daemon/deliverer.h"
#include "daemon/socket_giver.h"

/* Ids of its workers have this bit, those of others do not. */
#define DELIVERER_WORKERS (UINT64_C(1) << 63)

struct delivery {
	TAILQ_ENTRY(delivery) link;
	struct deliverer *deliverer;
	uint64_t worker_id;      /* 0: none was asked for yet */
	struct delivery_row row;
	struct webhook_row webhook;
	struct webhook_url url;
	struct evdns_getaddrinfo_request *looking_up;
	char *addresses;
	struct event *step;      /* what comes next, from the loop */
	struct event *readable;
	struct socket_giver *sockets;
	int fd;                  /* our end of the worker's channel; -1: none */
	unsigned state;          /* enum message_state */
	int64_t started_ms;      /* monotonic */
	enum { SECRET_UNASKED, SECRET_ASKED, SECRET_ANSWERED } secret; /* of the keeper, for the worker */
	bool gave_up;            /* the worker has no secret: the keeper says why, or it is not an attempt */
	bool decided;            /* `end` says how it went */
	bool exited;             /* there is no worker (any more) */
	bool storing, stored;
	struct delivery_end end;
};
TAILQ_HEAD(delivery_list_under_way, delivery);

/* One for each webhook that has, or had, messages under way. */
struct receiver {
	int64_t webhook_id;
	size_t under_way;
	bool failing;            /* its last message did not arrive */
};

struct deliverer {
	struct event_base *base;
	struct deliverer_options options;
	struct app *app;
	struct supervisor *supervisor;
	struct keeper_peer *keeper;
	struct supervisor_hooks others;
	struct evdns_base *dns;
	struct event *timer;
	struct delivery_list_under_way deliveries;
	size_t under_way;
	struct receiver receivers[DELIVERIES_MAX + 1];
	uint64_t last_worker_id;
	uint64_t notices;
	bool asking, ask_again, draining;
	int64_t ended[DELIVERIES_MAX]; /* while it is asked what is due: messages whose end was written meanwhile */
	size_t ended_count;            /* may be more than have room: then the answer is of no use at all */
};

enum delivery_death { DEATH_BY_ITSELF, DEATH_BY_DEADLINE, DEATH_NOT_ITS_OWN };

/* Takes the row over, and copies of the webhook what it needs. */
void delivery_begin(struct deliverer *d, struct delivery_row *row, const struct webhook_row *webhook);
void delivery_worker_gone(struct delivery *y, enum delivery_death death);
/* What the keeper said; -EAGAIN: it is gone. */
void delivery_given(struct delivery *y, int result);
void delivery_free(struct delivery *y);

/* In deliverer.c. attempted: what came of it is stored; else it was not ours to judge, and is made again. */
void deliverer_take_back(struct deliverer *d, struct delivery *y, bool attempted, bool arrived);
void deliverer_sleep(struct deliverer *d, int64_t ms);

#endif
