/* SPDX-License-Identifier: Apache-2.0 */
/* hub.h - from the one sequence of events to everybody who watches. Pure: memory only, nothing is waited for.
 *
 * A watch is a place in the sequence and a filter. It is handed every event behind its place that passes the filter, once, in order:
 *
 *     live    it has seen all there is; what is published is handed to it at once
 *     behind  it goes on from its place: out of the ring, which holds the newest events, or by a read of the store
 *     full    its sink has no room; it goes on as one that is behind when it has
 *
 * Why nothing is missed and nothing comes twice, whatever is published meanwhile:
 *   - numbers have no gap and are published in their order (store/event.h), so "the next number" says exactly what was not looked at yet
 *   - a watch moves its place past a number only when the event was handed over or the filter refused it: live ones are behind no number,
 *     all others get theirs from the ring or the store, by number, from their place on
 *   - a read asks only for numbers that were published before it, so the store has all of them, or they are too old to be kept; then the
 *     watch is told that it lost some, and goes on with what comes
 * A place above the newest number (a state that was read from the store may be newer than what was published) just waits until they come.
 *
 * What one watch costs the others is bounded: at most HUB_DELIVER_MAX events are handed over in a row, one read of the store is under
 * way at a time, and it has at most HUB_RING numbers.
 *
 * Ownership: the hub owns watches until hub_unwatch(). A sink must not call the hub back from inside its functions. Threads: the loop's.
 */
#ifndef RTALP_APP_HUB_H
#define RTALP_APP_HUB_H

#include <stdbool.h>

#include "store/event.h"

#define HUB_RING        8192
#define HUB_DELIVER_MAX 1000

struct hub;
struct watch;

struct event_filter {
	int64_t job_id;      /* 0: any */
	int64_t alp_user_id; /* 0: any */
	uint32_t types;      /* bits 1 << enum event_type */
};

struct event_sink {
	/* Takes an event. False: it has no room for another one until hub_room(). */
	bool (*take)(void *arg, const struct event_row *e);
	/* Events were lost: they are not kept any more. It goes on behind `newest`. */
	void (*lost)(void *arg, int64_t newest);
};

/* A read of the store that the hub wishes for: numbers from..to that pass the filter. Answered by hub_read_done(), later. */
struct hub_read {
	int64_t from_id, to_id;
	struct event_filter filter;
	/* out */
	struct event_list events; /* taken over */
	int64_t oldest;           /* the oldest number that is kept; 0: none is */
};

struct hub_hooks {
	void (*read)(void *arg, struct hub_read *read); /* the read stays the hub's; not answered inside the call */
	void (*behind)(void *arg);                      /* hub_step() is wanted soon; not called inside this */
	void *arg;
};

/* newest: the number of the newest event so far, 0 if none. */
struct hub *hub_new(int64_t newest, const struct hub_hooks *hooks);
struct hub *hub_free(struct hub *hub); /* with all watches; no read may be under way. Accepts NULL */

void hub_publish(struct hub *hub, const struct event_row *events, size_t count);
/* Hands over a bounded number of events to watches that are behind. True: there is more to do. */
bool hub_step(struct hub *hub);
void hub_read_done(struct hub *hub, struct hub_read *read, int r);

/* Everything after that number. A number above hub_newest() waits until they come. The sink may be called from the first hub_step() on. */
struct watch *hub_watch(struct hub *hub, const struct event_filter *filter, int64_t after_id, const struct event_sink *sink, void *arg);
void hub_room(struct watch *w);
struct watch *hub_unwatch(struct watch *w); /* accepts NULL, returns NULL */

int64_t hub_newest(const struct hub *hub);
/* The number up to which the watch has been handed everything. */
int64_t hub_seen(const struct watch *w);

#endif
