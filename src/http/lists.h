/* SPDX-License-Identifier: Apache-2.0 */
/* lists.h - what lists may take of what everybody shares: the store's readers, and memory.
 *
 * A list without a limit may be as long as a user's history. Many of them at once would hold every reader, and answers that nobody
 * fetches would fill the memory. So whole lists are read one after the other, in the order they were asked for, which leaves the other
 * readers to everybody else; and no list is begun or sent while as many bytes of answers as may be lie unread: 503, try again. Of these a
 * caller who has some already gets a quarter at most, so that one who reads nothing leaves room for the others.
 *
 * Threads: the loop's.
 */
#ifndef RTALP_HTTP_LISTS_H
#define RTALP_HTTP_LISTS_H

#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

struct conn;
struct http_request;
struct http_server;

#define LIST_PAGE_SMALL 500 /* a page of so many rows waits for no turn */

struct list_turn {
	enum { TURN_NONE, TURN_WAITS, TURN_RUNS } state;
	void (*start)(struct http_request *r, void *arg);
	void *arg;
	TAILQ_ENTRY(http_request) entry;
};
TAILQ_HEAD(list_queue, http_request);

struct lists {
	struct list_queue waiting;
	bool running;
	struct event *next;   /* whose turn it is */
	size_t answer_bytes;  /* handed to evhttp and not yet out, of all connections */
	struct event *trim;
};

int lists_init(struct http_server *s);
void lists_release(struct http_server *s); /* after the last connection */

/* Runs start(r, arg), now or, for a whole list, when its turn comes; or answers 503. */
void list_begin(struct http_request *r, bool whole, void (*start)(struct http_request *r, void *arg), void *arg);
/* The request is about to be freed. */
void list_end(struct http_request *r);
/* True: there is no room for an answer of so many bytes, and the request was answered 503. */
bool list_refused(struct http_request *r, size_t bytes);

/* An answer of so many bytes for the holder of that token lies on the connection; it is out, or the connection goes. shared: the bytes are there
 * anyway, and take no room. */
void answer_queued(struct conn *c, int64_t token_id, size_t bytes, bool shared);
void answer_gone(struct conn *c);

#endif
