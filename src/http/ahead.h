/* SPDX-License-Identifier: Apache-2.0 */
/* ahead.h - the loop, and whose next request goes ahead of what else waits on it.
 *
 * A read answered from kept bytes is done at once. Behind what a commit brings at a stroke, the answers to all who wrote and their next requests, it
 * would wait many times as long as it takes. So a connection that asks such things goes ahead of the others (LOOP_AHEAD), and what the others bring
 * is worked off in pieces (LOOP_PIECE), after each of which the loop looks who came.
 *
 * Nobody starves of it: going ahead is paid for by what others were given. AHEAD_PRICE requests of any other kind pay for one, and at most
 * AHEAD_SAVED of those are saved up. A connection is let go ahead for one request, which it may make at any time. So of any number of requests
 * answered in a row those that went ahead are at most
 *
 *     others / AHEAD_PRICE + AHEAD_SAVED + connections
 *
 * and every read beyond them takes its turn like a write. While there are only reads, there is nothing to go ahead of, and nobody does.
 *
 * On a base that is not of loop_new() all take turns. Threads: the loop's.
 */
#ifndef RTALP_HTTP_AHEAD_H
#define RTALP_HTTP_AHEAD_H

#include <stdbool.h>

struct event_base;

#define AHEAD_PRICE 2
#define AHEAD_SAVED 16

/* Priorities of events; one that is told none is one of the others. */
enum { LOOP_AHEAD, LOOP_OTHERS, LOOP_PRIORITIES };

/* So many events, or completions of the store, between two looks. A completion with its answer takes about 15 us; in each look the kernel tells
 * anew of all who wait. */
#define LOOP_PIECE 4

/* NULL: no memory, or no descriptor. */
struct event_base *loop_new(void);

struct ahead {
	unsigned paid; /* and not spent yet */
};

/* A request was answered, from kept bytes or not: may the next one of its connection go ahead? */
bool ahead_next(struct ahead *a, bool kept);

#endif
