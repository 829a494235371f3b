/* SPDX-License-Identifier: Apache-2.0 */
#include "app/hub.h"

#include <stdlib.h>
#include <sys/queue.h>

#include "base/alloc.h"

#define BUCKETS         1024 /* a power of two, as HUB_RING is */
#define LOOKS_PER_EVENT 32   /* so many events can be refused in the time it takes to hand one over */

enum watch_state { WATCH_LIVE, WATCH_BEHIND, WATCH_WANTS_READ, WATCH_READING, WATCH_FULL };

struct watch {
	struct hub *hub;
	struct event_filter filter;
	struct event_sink sink;
	void *arg;
	enum watch_state state;
	int64_t next_id; /* its place: everything below was handed over or refused. Live: not kept up to date, see hub_seen() */
	LIST_ENTRY(watch) same;  /* others that look for the same job or user */
	TAILQ_ENTRY(watch) turn; /* among those behind, or those that want a read */
};
LIST_HEAD(watch_list, watch);
TAILQ_HEAD(watch_queue, watch);

struct hub {
	struct hub_hooks hooks;
	int64_t newest;
	int64_t low; /* the ring holds low..newest */
	struct event_row *ring;
	/* A watch stands where its filter is narrowest, so an event is shown to few that refuse it. */
	struct watch_list of_job[BUCKETS], of_user[BUCKETS], of_all;
	struct watch_queue behind, want_read;
	struct hub_read *read;   /* under way */
	struct watch *read_for;  /* NULL: it fills the ring, or who wanted it has gone */
	bool fills_ring;
};

static size_t
bucket_of(int64_t id)
{
	return (size_t)((uint64_t)id * UINT64_C(0x9e3779b97f4a7c15) >> 32) & (BUCKETS - 1);
}

static struct event_row *
slot(const struct hub *hub, int64_t event_id)
{
	return &hub->ring[event_id & (HUB_RING - 1)];
}

static bool
passes(const struct event_filter *f, const struct event_row *e)
{
	return (f->job_id == 0 || f->job_id == e->job_id) && (f->alp_user_id == 0 || f->alp_user_id == e->alp_user_id) &&
	       (f->types & 1u << e->type) != 0;
}

struct hub *
hub_new(int64_t newest, const struct hub_hooks *hooks)
{
	struct hub *hub = xcalloc(1, sizeof *hub);

	hub->hooks = *hooks;
	hub->newest = newest;
	hub->low = newest + 1;
	hub->ring = xcalloc(HUB_RING, sizeof *hub->ring);
	TAILQ_INIT(&hub->behind);
	TAILQ_INIT(&hub->want_read);
	return hub;
}

static void
free_list(struct watch_list *list)
{
	struct watch *w;

	while ((w = LIST_FIRST(list)) != NULL) {
		LIST_REMOVE(w, same);
		free(w);
	}
}

struct hub *
hub_free(struct hub *hub)
{
	if (hub == NULL)
		return NULL;
	for (size_t i = 0; i < BUCKETS; i++) {
		free_list(&hub->of_job[i]);
		free_list(&hub->of_user[i]);
	}
	free_list(&hub->of_all);
	free(hub->read);
	free(hub->ring);
	free(hub);
	return NULL;
}

/* --- where a watch stands ------------------------------------------------------------------------------------------------- */

static void
leave_queue(struct watch *w)
{
	if (w->state == WATCH_BEHIND)
		TAILQ_REMOVE(&w->hub->behind, w, turn);
	else if (w->state == WATCH_WANTS_READ)
		TAILQ_REMOVE(&w->hub->want_read, w, turn);
	else if (w->state == WATCH_READING)
		w->hub->read_for = NULL;
}

static void
enter(struct watch *w, enum watch_state state)
{
	struct hub *hub = w->hub;
	bool idle = TAILQ_EMPTY(&hub->behind);

	leave_queue(w);
	w->state = state;
	if (state == WATCH_BEHIND) {
		TAILQ_INSERT_TAIL(&hub->behind, w, turn);
		if (idle)
			hub->hooks.behind(hub->hooks.arg);
	} else if (state == WATCH_WANTS_READ) {
		TAILQ_INSERT_TAIL(&hub->want_read, w, turn);
	}
}

struct watch *
hub_watch(struct hub *hub, const struct event_filter *filter, int64_t after_id, const struct event_sink *sink, void *arg)
{
	struct watch *w = xcalloc(1, sizeof *w);
	struct watch_list *list = &hub->of_all;

	*w = (struct watch){.hub = hub, .filter = *filter, .sink = *sink, .arg = arg, .state = WATCH_LIVE, .next_id = after_id + 1};
	if (filter->job_id != 0)
		list = &hub->of_job[bucket_of(filter->job_id)];
	else if (filter->alp_user_id != 0)
		list = &hub->of_user[bucket_of(filter->alp_user_id)];
	LIST_INSERT_HEAD(list, w, same);
	if (w->next_id <= hub->newest)
		enter(w, WATCH_BEHIND);
	return w;
}

struct watch *
hub_unwatch(struct watch *w)
{
	if (w == NULL)
		return NULL;
	leave_queue(w);
	LIST_REMOVE(w, same);
	free(w);
	return NULL;
}

int64_t
hub_newest(const struct hub *hub)
{
	return hub->newest;
}

int64_t
hub_seen(const struct watch *w)
{
	/* A live one has been shown everything there is, and its place may lie above that. */
	return w->state == WATCH_LIVE ? MAX_OF(w->next_id - 1, w->hub->newest) : w->next_id - 1;
}

void
hub_room(struct watch *w)
{
	if (w->state == WATCH_FULL)
		enter(w, w->next_id <= w->hub->newest ? WATCH_BEHIND : WATCH_LIVE);
}

/* Its place is past the event afterwards. False: it is full. */
static bool
hand_over(struct watch *w, const struct event_row *e)
{
	w->next_id = e->event_id + 1;
	if (!passes(&w->filter, e) || w->sink.take(w->arg, e))
		return true;
	enter(w, WATCH_FULL);
	return false;
}

/* --- what is new ---------------------------------------------------------------------------------------------------------- */

static void
show(struct watch_list *list, const struct event_row *e, size_t *budget)
{
	struct watch *w;

	LIST_FOREACH(w, list, same) {
		if (w->state != WATCH_LIVE || e->event_id < w->next_id || !passes(&w->filter, e))
			continue;
		if (*budget == 0) {
			w->next_id = e->event_id;
			enter(w, WATCH_BEHIND);
			continue;
		}
		--*budget;
		hand_over(w, e);
	}
}

void
hub_publish(struct hub *hub, const struct event_row *events, size_t count)
{
	size_t budget = HUB_DELIVER_MAX;

	for (size_t i = 0; i < count; i++) {
		const struct event_row *e = &events[i];

		*slot(hub, e->event_id) = *e;
		hub->newest = e->event_id;
		hub->low = MAX_OF(hub->low, e->event_id - HUB_RING + 1);
		if (e->job_id != 0)
			show(&hub->of_job[bucket_of(e->job_id)], e, &budget);
		show(&hub->of_user[bucket_of(e->alp_user_id)], e, &budget);
		show(&hub->of_all, e, &budget);
	}
}

/* --- what is older ---------------------------------------------------------------------------------------------------------- */

/* Out of the ring, until it is live, full, or the budget is used up. */
static void
catch_up(struct watch *w, size_t *budget)
{
	while (w->next_id <= w->hub->newest && *budget > 0) {
		const struct event_row *e = slot(w->hub, w->next_id);

		*budget -= MIN_OF(*budget, passes(&w->filter, e) ? (size_t)LOOKS_PER_EVENT : 1);
		if (!hand_over(w, e))
			return;
	}
	enter(w, w->next_id <= w->hub->newest ? WATCH_BEHIND : WATCH_LIVE);
}

/* One read fills the ring for everybody who was away for a little; it is empty when the daemon has just started. */
static bool
ring_could_hold(const struct hub *hub, int64_t event_id)
{
	return event_id > hub->newest - HUB_RING;
}

static void
start_read(struct hub *hub)
{
	struct watch *w = TAILQ_FIRST(&hub->want_read);

	if (hub->read != NULL || w == NULL)
		return;
	hub->read = xcalloc(1, sizeof *hub->read);
	hub->read->to_id = hub->low - 1;
	hub->fills_ring = ring_could_hold(hub, w->next_id);
	if (hub->fills_ring) {
		hub->read->from_id = MAX_OF(hub->newest - HUB_RING + 1, 1);
		hub->read->filter.types = EVENT_TYPES_ALL;
	} else {
		hub->read->from_id = w->next_id;
		hub->read->to_id = MIN_OF(hub->read->to_id, w->next_id + HUB_RING - 1);
		hub->read->filter = w->filter;
		enter(w, WATCH_READING);
		hub->read_for = w;
	}
	hub->hooks.read(hub->hooks.arg, hub->read);
}

bool
hub_step(struct hub *hub)
{
	size_t budget = (size_t)HUB_DELIVER_MAX * LOOKS_PER_EVENT;
	struct watch *w;

	/* Each that uses the budget up goes to the end of the queue, so they take turns. */
	while (budget > 0 && (w = TAILQ_FIRST(&hub->behind)) != NULL) {
		if (w->next_id >= hub->low)
			catch_up(w, &budget);
		else
			enter(w, WATCH_WANTS_READ);
	}
	start_read(hub);
	return !TAILQ_EMPTY(&hub->behind);
}

static void
fill_ring(struct hub *hub, const struct event_list *events)
{
	/* Newer ones may have come and taken slots meanwhile. */
	for (size_t i = events->count; i > 0; i--) {
		const struct event_row *e = &events->rows[i - 1];

		if (e->event_id != hub->low - 1 || e->event_id <= hub->newest - HUB_RING)
			break;
		*slot(hub, e->event_id) = *e;
		hub->low = e->event_id;
	}
}

static void
skip_lost(struct watch *w)
{
	w->next_id = w->hub->newest + 1;
	w->sink.lost(w->arg, w->hub->newest);
}

/* The read began at its place: if the store keeps that number, it gave all there are. */
static void
take_read(struct watch *w, const struct hub_read *read)
{
	enter(w, WATCH_BEHIND);
	if (read->oldest == 0 || w->next_id < read->oldest) {
		skip_lost(w);
		return;
	}
	for (size_t i = 0; i < read->events.count; i++)
		if (!hand_over(w, &read->events.rows[i]))
			return;
	w->next_id = read->to_id + 1;
}

/* Those the ring could hold but does not after it was filled: the store keeps no more. */
static void
lose_unkept(struct hub *hub, const struct hub_read *read)
{
	struct watch *w, *next;

	for (w = TAILQ_FIRST(&hub->want_read); w != NULL; w = next) {
		next = TAILQ_NEXT(w, turn);
		if (w->next_id >= hub->low) {
			enter(w, WATCH_BEHIND);
		} else if (read->oldest == 0 || w->next_id < read->oldest) {
			enter(w, WATCH_BEHIND);
			skip_lost(w);
		}
	}
}

void
hub_read_done(struct hub *hub, struct hub_read *read, int r)
{
	struct watch *w = hub->read_for;
	bool behind = !TAILQ_EMPTY(&hub->behind);

	hub->read = NULL;
	hub->read_for = NULL;
	if (r < 0) {
		/* The store is busy, or about to end the daemon: tried again in its turn. */
		if (w != NULL)
			enter(w, WATCH_WANTS_READ);
	} else if (hub->fills_ring) {
		fill_ring(hub, &read->events);
		lose_unkept(hub, read);
	} else if (w != NULL) {
		take_read(w, read);
	}
	free(read->events.rows);
	free(read);
	if (!behind)
		hub->hooks.behind(hub->hooks.arg);
}
