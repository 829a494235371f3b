/* SPDX-License-Identifier: Apache-2.0 */
/* redis_link.h - the connection to a Redis that may be gone or slow: opened when it is needed, left alone for a while after each failure.
 *
 * hiredis calls whoever waits for an answer once: with it, or with NULL when the connection ends, in redis_link_hang_up() and
 * redis_link_release() too. Deadlines of single answers are the owner's.
 *
 * Threads: the loop's.
 */
#ifndef RTALP_ALP_REDIS_LINK_H
#define RTALP_ALP_REDIS_LINK_H

#include <hiredis/async.h>
#include <stdbool.h>
#include <stdint.h>

struct event_base;

struct redis_link {
	struct event_base *base;
	char *address;
	int64_t deadline_ms;        /* to connect */
	redisAsyncContext *context; /* NULL: none */
	bool connected;
	int64_t connect_by_ms;      /* monotonic, as these are; of a connection under way */
	int64_t away_until_ms, away_ms;
	uint64_t failures;
	bool ill;                   /* it failed since it last answered */
	/* It fails, having answered before; it answers again. NULL: nobody wants to know. */
	void (*health)(bool well, void *arg);
	void *health_arg;
};

void redis_link_init(struct redis_link *l, struct event_base *base, const char *address, int64_t deadline_ms);
void redis_link_release(struct redis_link *l);

/* False: there is none to be had now. */
bool redis_link_open(struct redis_link *l);
/* It took too long. */
void redis_link_hang_up(struct redis_link *l);
/* Redis answered, so it works; an error reply (a wrong type, no memory) is an answer that helps nobody, and counted. */
void redis_link_heard(struct redis_link *l, const redisReply *reply);

#endif
