/* SPDX-License-Identifier: Apache-2.0 */
#include "http/stream.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/http.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "app/events.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "http/auth.h"
#include "http/conn.h"
#include "http/conn_tls.h"
#include "http/server_internal.h"

#define MEDIA         "text/event-stream"
#define TEXT_MAX      ((size_t)4096)
#define CHUNK_FRAME   32
#define TICK_MS       200
#define BEATS_AT_ONCE 500            /* heartbeats of one tick */
#define BACKLOG_SMALL ((size_t)4096) /* when all together hold too much */
#define SOCKET_BUFFER (64 * 1024)    /* what the kernel keeps for one who does not read */
#define DRAIN_MS      2000
#define JITTER_MS     4000           /* those that all have to come back do so over this time */

struct stream {
	struct http_server *server;
	struct conn *conn;
	struct evhttp_request *ev;
	struct caller caller;
	struct watch *watch;
	bool chunked;
	bool of_job;
	bool finishing;
	bool blocked;
	int64_t waits_since_ms; /* something is to be taken, and nothing was since then */
	int64_t beat_ms;
	TAILQ_ENTRY(stream) entry, blocked_entry;
};

static struct evbuffer *
output(const struct stream *s)
{
	return bufferevent_get_output(s->conn->bev);
}

static bool
has_room(const struct stream *s)
{
	const struct streams *all = &s->server->streams;
	size_t most = all->backlog > STREAM_BACKLOG_SUM ? BACKLOG_SMALL : STREAM_BACKLOG;

	return evbuffer_get_length(output(s)) < most;
}

static void
later(struct stream *s)
{
	event_active(s->conn->timer, EV_TIMEOUT, 0);
}

void
stream_add(struct stream *s, struct str text)
{
	struct buf chunk = BUF_INIT(TEXT_MAX + CHUNK_FRAME);

	if (!s->chunked) {
		conn_put(s->conn, text.p, text.len);
		return;
	}
	buf_addf(&chunk, "%zx\r\n", text.len);
	buf_add_str(&chunk, text);
	buf_add(&chunk, "\r\n", 2);
	conn_put(s->conn, chunk.p, chunk.len);
	buf_release(&chunk);
}

static void
set_blocked(struct stream *s, bool blocked)
{
	if (s->blocked == blocked)
		return;
	s->blocked = blocked;
	if (blocked)
		TAILQ_INSERT_TAIL(&s->server->streams.blocked, s, blocked_entry);
	else
		TAILQ_REMOVE(&s->server->streams.blocked, s, blocked_entry);
}

/* --- what the hub hands over ------------------------------------------------------------------------------------------------ */

/* As one chunk. */
static void
make_text(struct streams *all, const struct event_row *e)
{
	struct buf text = BUF_INIT(TEXT_MAX);

	render_event(&text, e, false);
	buf_clear(&all->text);
	buf_addf(&all->text, "%zx\r\n", text.len);
	all->text_begins = all->text.len;
	buf_add_str(&all->text, buf_str(&text));
	buf_addz(&all->text, "\r\n");
	all->text_id = e->event_id;
	buf_release(&text);
}

static void
add_event(struct stream *s, const struct event_row *e)
{
	struct streams *all = &s->server->streams;
	struct str text;

	if (all->text_id != e->event_id)
		make_text(all, e);
	text = buf_str(&all->text);
	if (!s->chunked)
		text = (struct str){text.p + all->text_begins, text.len - all->text_begins - 2};
	conn_put(s->conn, text.p, text.len);
}

static bool
is_end(const struct event_row *e)
{
	return e->type == EVENT_JOB && e->state != JOB_QUEUED && e->state != JOB_RUNNING;
}

static bool
take(void *arg, const struct event_row *e)
{
	struct stream *s = arg;

	if (s->finishing)
		return false;
	add_event(s, e);
	if (s->of_job && is_end(e)) {
		stream_finish(s);
		return false;
	}
	if (has_room(s))
		return true;
	set_blocked(s, true);
	return false;
}

static void
lost(void *arg, int64_t newest)
{
	struct buf text = BUF_INIT(256);
	struct stream *s = arg;

	/* The job's end may be among what was lost. Who comes back is told how things stand, because what it saw last is not kept: so it must not
	 * be given a newer number here. */
	if (s->of_job) {
		stream_finish(s);
		return;
	}
	render_reset(&text, newest);
	stream_add(s, buf_str(&text));
	buf_release(&text);
}

void
stream_watch(struct stream *s, const struct event_filter *filter, int64_t after_id)
{
	static const struct event_sink sink = {.take = take, .lost = lost};

	s->watch = hub_watch(app_hub(s->server->app), filter, after_id, &sink, s);
}

/* --- life ------------------------------------------------------------------------------------------------------------------- */

/* Counted anew each time: to open a stream is rare, and costs more than to walk over all there are. */
static unsigned
count_of_user(const struct http_server *server, int64_t alp_user_id)
{
	const struct stream *s;
	unsigned count = 0;

	TAILQ_FOREACH(s, &server->streams.all, entry)
		count += (s->caller.may & MAY_ONE_USER) != 0 && s->caller.alp_user_id == alp_user_id;
	return count;
}

static bool
too_many(const struct http_server *server, const struct caller *caller)
{
	if (server->draining || server->streams.count >= server->limits.max_watchers)
		return true;
	return (caller->may & MAY_ONE_USER) != 0 && count_of_user(server, caller->alp_user_id) >= STREAMS_OF_USER_MAX;
}

static void
keep_little_in_the_kernel(const struct stream *s)
{
	const int bytes = SOCKET_BUFFER;

	(void)setsockopt(bufferevent_getfd(s->conn->bev), SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
}

static void
join(struct stream *s)
{
	struct streams *all = &s->server->streams;
	static const struct timeval tick = {.tv_usec = TICK_MS * 1000};

	s->beat_ms = clock_mono_ms() + s->server->limits.heartbeat_ms;
	TAILQ_INSERT_TAIL(&all->all, s, entry);
	all->backlog += evbuffer_get_length(output(s));
	if (all->count++ == 0)
		event_add(all->tick, &tick);
}

static void
answer_head(struct http_request *r)
{
	struct evhttp_request *ev = r->ev;

	r->conn->request = NULL;
	conn_ending(r->conn, r->server->limits.write_timeout_ms);
	reply_open(r, MEDIA);
	evhttp_send_reply_end(ev);
}

struct stream *
stream_open(struct http_request *r, bool of_job)
{
	struct stream *s;

	if (r->ev != NULL && too_many(r->server, &r->caller)) {
		reply_busy(r, 503, "too_many_watchers", "As many watch as may.", 5);
		return NULL;
	}
	if (r->ev == NULL) {
		reply_empty(r, 200);
		return NULL;
	}
	if (r->method == METHOD_HEAD) {
		answer_head(r);
		return NULL;
	}
	s = xcalloc(1, sizeof *s);
	*s = (struct stream){.server = r->server, .conn = r->conn, .ev = r->ev, .caller = r->caller, .of_job = of_job};
	keep_little_in_the_kernel(s);
	join(s);
	conn_streaming(s->conn, s);
	s->chunked = reply_open(r, MEDIA);
	return s;
}

static void
leave(struct stream *s)
{
	struct streams *all = &s->server->streams;

	set_blocked(s, false);
	s->watch = hub_unwatch(s->watch);
	all->backlog -= evbuffer_get_length(output(s));
	TAILQ_REMOVE(&all->all, s, entry);
	if (--all->count == 0)
		event_del(all->tick);
	s->conn->stream = NULL;
}

void
stream_gone(struct stream *s)
{
	struct evhttp_request *ev = s->ev;

	leave(s);
	free(s);
	/* On some of its ways out evhttp detaches the request from the connection and leaves it to us. */
	if (evhttp_request_get_connection(ev) == NULL)
		evhttp_request_free(ev);
}

void
stream_finish(struct stream *s)
{
	s->finishing = true;
	later(s);
}

/* The connection may be gone afterwards. */
static void
end(struct stream *s)
{
	struct evhttp_request *ev = s->ev;
	struct http_server *server = s->server;
	struct conn *c = s->conn;
	bool chunked = s->chunked;

	leave(s);
	conn_ending(c, server->draining ? DRAIN_MS : server->limits.write_timeout_ms);
	free(s);
	evhttp_send_reply_end(ev);
	/* The last chunk is still to go out, so the connection is there. */
	if (chunked)
		conn_seal(c);
}

void
stream_turn(struct stream *s)
{
	if (s->finishing) {
		end(s);
		return;
	}
	if (s->blocked && has_room(s)) {
		set_blocked(s, false);
		if (s->watch != NULL)
			hub_room(s->watch);
	}
}

/* Runs inside the output's callback: the rest waits for the loop. */
void
stream_moved(struct stream *s, size_t added, size_t taken)
{
	s->server->streams.backlog += added;
	s->server->streams.backlog -= taken;
	if (taken > 0 || evbuffer_get_length(output(s)) == added)
		s->waits_since_ms = clock_mono_ms();
	if (taken > 0 && s->blocked && evbuffer_get_length(output(s)) < BACKLOG_SMALL)
		later(s);
}

/* --- now and then ----------------------------------------------------------------------------------------------------------- */

static bool
is_stalled(const struct stream *s, int64_t now_ms)
{
	return evbuffer_get_length(output(s)) > 0 && now_ms - s->waits_since_ms >= s->server->limits.watcher_stall_ms;
}

static void
drop(struct stream *s)
{
	struct http_server *server = s->server;

	server->streams.dropped++;
	log_event(EV_HTTP_WATCHER_DROPPED, LOG_I64("COUNT", (int64_t)server->streams.dropped));
	conn_close(s->conn);
}

/* The number says: all you were to see up to here, you have seen. Who comes back with it need not be told from far back. */
static void
beat(struct stream *s)
{
	struct buf text = BUF_INIT(64);

	buf_addz(&text, ":\n");
	if (s->watch != NULL && !s->of_job)
		buf_addf(&text, "id: %" PRId64 "\n", hub_seen(s->watch));
	buf_addz(&text, "\n");
	stream_add(s, buf_str(&text));
	buf_release(&text);
}

/* What a token was good for ends with it; what none was needed for, with the first one. */
static void
end_those_without_leave(struct http_server *server)
{
	int64_t now_ms = clock_real_ms();
	struct stream *s;

	TAILQ_FOREACH(s, &server->streams.all, entry)
		if (!s->finishing && !auth_holds(server, &s->conn->peer, &s->caller, now_ms))
			stream_finish(s);
}

static void
on_tick(evutil_socket_t fd, short what, void *arg)
{
	struct http_server *server = arg;
	struct streams *all = &server->streams;
	int64_t now_ms = clock_mono_ms();
	struct stream *s, *next;

	(void)fd;
	(void)what;
	end_those_without_leave(server);
	for (s = TAILQ_FIRST(&all->blocked); s != NULL; s = next) {
		next = TAILQ_NEXT(s, blocked_entry);
		if (is_stalled(s, now_ms))
			drop(s);
	}
	for (int n = 0; n < BEATS_AT_ONCE && (s = TAILQ_FIRST(&all->all)) != NULL && s->beat_ms <= now_ms; n++) {
		TAILQ_REMOVE(&all->all, s, entry);
		TAILQ_INSERT_TAIL(&all->all, s, entry);
		s->beat_ms = now_ms + server->limits.heartbeat_ms;
		if (is_stalled(s, now_ms))
			drop(s);
		else if (!s->finishing && !s->blocked)
			beat(s);
	}
}

/* Not event_active(): what activates itself runs again before anybody else. */
static void
step_soon(struct streams *all)
{
	static const struct timeval now = {0};

	event_add(all->step, &now);
}

static void
on_step(evutil_socket_t fd, short what, void *arg)
{
	struct http_server *server = arg;

	(void)fd;
	(void)what;
	if (hub_step(app_hub(server->app)))
		step_soon(&server->streams);
}

static void
on_behind(void *arg)
{
	step_soon(&((struct http_server *)arg)->streams);
}

int
streams_init(struct http_server *server)
{
	struct streams *all = &server->streams;

	TAILQ_INIT(&all->all);
	TAILQ_INIT(&all->blocked);
	all->text = BUF_INIT(TEXT_MAX + 32);
	all->tick = event_new(server->base, -1, EV_PERSIST, on_tick, server);
	all->step = evtimer_new(server->base, on_step, server);
	if (all->tick == NULL || all->step == NULL)
		return -ENOMEM;
	app_hub_driver(server->app, on_behind, server);
	return 0;
}

void
streams_release(struct http_server *server)
{
	struct streams *all = &server->streams;

	app_hub_driver(server->app, NULL, NULL);
	if (all->tick != NULL)
		event_free(all->tick);
	if (all->step != NULL)
		event_free(all->step);
	buf_release(&all->text);
}

/* Everybody comes back, to another daemon: not all at once. */
void
streams_drain(struct http_server *server)
{
	struct stream *s;
	unsigned n = 0;

	TAILQ_FOREACH(s, &server->streams.all, entry) {
		struct buf text = BUF_INIT(64);

		buf_addf(&text, "retry: %u\n\n", 1000 + n++ * 7 % JITTER_MS);
		stream_add(s, buf_str(&text));
		buf_release(&text);
		stream_finish(s);
	}
}

void
server_end_streams(struct http_server *server, int64_t token_id)
{
	struct stream *s;

	TAILQ_FOREACH(s, &server->streams.all, entry)
		if (s->caller.token_id == token_id)
			stream_finish(s);
}
