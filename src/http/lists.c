/* SPDX-License-Identifier: Apache-2.0 */
#include "http/lists.h"

#include <errno.h>
#include <malloc.h>
#include <string.h>

#include "http/server_internal.h"

#define ANSWERS_MAX   ((size_t)64 * 1024 * 1024)
#define CALLER_MAX    (ANSWERS_MAX / 4)
#define ANSWER_LARGE  ((size_t)1024 * 1024)
#define TRIM_AFTER_MS 500
#define RETRY_AFTER_S 2

static void
reply_no_room(struct http_request *r)
{
	reply_busy(r, 503, "busy", "Too many answers lie unread to begin another list; try again, or ask for a page with `limit`.",
	    RETRY_AFTER_S);
}

/* --- turns -------------------------------------------------------------------------------------------------------------- */

static void
begin_now(struct http_request *r)
{
	if (r->server->lists.answer_bytes >= ANSWERS_MAX)
		reply_no_room(r);
	else
		r->turn.start(r, r->turn.arg);
}

/* From the loop, not from where the last one ended: between two lists others are heard. */
static void
on_next(evutil_socket_t fd, short what, void *arg)
{
	struct lists *l = &((struct http_server *)arg)->lists;
	struct http_request *r = TAILQ_FIRST(&l->waiting);

	(void)fd;
	(void)what;
	if (r == NULL || l->running)
		return;
	TAILQ_REMOVE(&l->waiting, r, turn.entry);
	l->running = true;
	r->turn.state = TURN_RUNS;
	begin_now(r);
}

void
list_begin(struct http_request *r, bool whole, void (*start)(struct http_request *r, void *arg), void *arg)
{
	struct lists *l = &r->server->lists;

	r->turn.start = start;
	r->turn.arg = arg;
	if (whole && (l->running || !TAILQ_EMPTY(&l->waiting))) {
		r->turn.state = TURN_WAITS;
		TAILQ_INSERT_TAIL(&l->waiting, r, turn.entry);
		return;
	}
	if (whole) {
		l->running = true;
		r->turn.state = TURN_RUNS;
	}
	begin_now(r);
}

void
list_end(struct http_request *r)
{
	struct lists *l;

	if (r->server == NULL || r->turn.state == TURN_NONE)
		return;
	l = &r->server->lists;
	if (r->turn.state == TURN_WAITS) {
		TAILQ_REMOVE(&l->waiting, r, turn.entry);
	} else {
		l->running = false;
		event_active(l->next, EV_TIMEOUT, 0);
	}
	r->turn.state = TURN_NONE;
}

/* --- unread answers ------------------------------------------------------------------------------------------------------- */

static bool
is_callers(const struct conn *c, const struct http_request *r)
{
	if (c->answer_token_id != r->caller.token_id)
		return false;
	return c->answer_token_id != 0 || memcmp(&c->peer.key, &r->conn->peer.key, sizeof c->peer.key) == 0;
}

/* Looked for among all connections, but only when so much lies unread that it matters. */
static size_t
unread_of_caller(const struct http_request *r)
{
	const struct conn *c;
	size_t bytes = 0;

	TAILQ_FOREACH(c, &r->server->conns, entry)
		if (c->answer_counted > 0 && is_callers(c, r))
			bytes += c->answer_counted;
	return bytes;
}

static bool
has_room(const struct http_request *r, size_t bytes)
{
	size_t all = r->server->lists.answer_bytes, own;

	if (all == 0 || all + bytes <= CALLER_MAX)
		return true;
	if (all + bytes > ANSWERS_MAX)
		return false;
	own = unread_of_caller(r);
	return own == 0 || own + bytes <= CALLER_MAX;
}

bool
list_refused(struct http_request *r, size_t bytes)
{
	if (r->server == NULL || r->conn == NULL || r->method == METHOD_HEAD || has_room(r, bytes))
		return false;
	reply_no_room(r);
	return true;
}

void
answer_queued(struct conn *c, int64_t token_id, size_t bytes, bool shared)
{
	c->answer_token_id = token_id;
	c->answer_bytes = bytes;
	c->answer_counted = shared ? 0 : bytes;
	c->server->lists.answer_bytes += c->answer_counted;
}

/* What a large answer was made of lies in many small pieces, which malloc keeps. */
static void
on_trim(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	malloc_trim(0);
}

void
answer_gone(struct conn *c)
{
	static const struct timeval after = {.tv_usec = TRIM_AFTER_MS * 1000};
	struct lists *l = &c->server->lists;

	l->answer_bytes -= c->answer_counted;
	if (c->answer_counted >= ANSWER_LARGE && !event_pending(l->trim, EV_TIMEOUT, NULL))
		event_add(l->trim, &after);
	c->answer_bytes = c->answer_counted = 0;
}

/* --- life --------------------------------------------------------------------------------------------------------------- */

int
lists_init(struct http_server *s)
{
	TAILQ_INIT(&s->lists.waiting);
	s->lists.next = evtimer_new(s->base, on_next, s);
	s->lists.trim = evtimer_new(s->base, on_trim, s);
	return s->lists.next != NULL && s->lists.trim != NULL ? 0 : -ENOMEM;
}

void
lists_release(struct http_server *s)
{
	if (s->lists.next != NULL)
		event_free(s->lists.next);
	if (s->lists.trim != NULL)
		event_free(s->lists.trim);
}
