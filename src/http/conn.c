/* SPDX-License-Identifier: Apache-2.0 */
#include "http/conn.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <linux/sockios.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "http/conn_refuse.h"
#include "http/conn_tls.h"
#include "http/request.h"
#include "http/server_internal.h"
#include "http/stream.h"
#include "http/tls_link.h"

/* An answer of a day goes out in one call; in libevent's own pieces of 16 KiB it would be seven, each after a round of the loop. A longer one goes
 * in pieces: who fills the socket's buffer to the brim is not told of a reader's progress before a third of it is empty again, and that may
 * be megabytes. */
#define WRITE_AT_ONCE ((size_t)256 * 1024)
#define WRITE_PIECE   ((size_t)16 * 1024)
#define HURRY_MS       2000 /* for a request that has begun when the service stops, or that a new client is about to send */
#define PART_MAX_BYTES ((size_t)1024 * 1024) /* that are taken in from who is sent away */

static void
conn_arm(struct conn *c, int64_t now_ms)
{
	int64_t ms = MAX_OF(c->deadline_ms - now_ms, 1);
	struct timeval tv = {.tv_sec = (time_t)(ms / 1000), .tv_usec = (suseconds_t)(ms % 1000) * 1000};

	event_add(c->timer, &tv);
	c->armed_ms = c->deadline_ms;
}

/* A request changes its deadline several times and hardly ever comes to one: a timer that is due before it is left as it is, and looks again
 * then. 0: there is none. */
static void
conn_set_deadline(struct conn *c, int64_t now_ms, int64_t ms)
{
	c->deadline_ms = ms > 0 ? now_ms + ms : 0;
	if (ms <= 0) {
		event_del(c->timer);
		c->armed_ms = 0;
	} else if (c->armed_ms == 0 || c->deadline_ms < c->armed_ms) {
		conn_arm(c, now_ms);
	}
}

static void
conn_set_timer(struct conn *c, int64_t ms)
{
	conn_set_deadline(c, clock_mono_ms(), ms);
}

static void
conn_count_evictable(struct conn *c, bool evictable)
{
	if (c->evictable == evictable)
		return;
	c->evictable = evictable;
	c->server->evictable_count += evictable ? 1U : -1U;
}

void
conn_enter(struct conn *c, enum conn_state state, int64_t timeout_ms)
{
	c->state = state;
	c->since_ms = clock_mono_ms();
	if (c->server->draining && (state == CONN_SHAKING || state == CONN_IDLE || state == CONN_READING))
		timeout_ms = MIN_OF(timeout_ms, HURRY_MS);
	conn_set_deadline(c, c->since_ms, timeout_ms);
	conn_count_evictable(c, conn_evictable(c));
	server_seats_changed(c->server);
}

bool
conn_evictable(const struct conn *c)
{
	return c->state == CONN_SHAKING || c->state == CONN_IDLE || c->state == CONN_READING || c->state == CONN_REFUSED;
}

bool
conn_has_unread(const struct conn *c)
{
	char byte;

	return recv(bufferevent_getfd(c->bev), &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

/* What the kernel still holds for the client. */
static int
unsent_bytes(const struct conn *c)
{
	int unsent = 0;

	return ioctl(bufferevent_getfd(c->bev), SIOCOUTQ, &unsent) == 0 ? unsent : 0;
}

/* A client that takes its answer, however slowly, is left in peace. */
static void
on_output(struct evbuffer *buffer, const struct evbuffer_cb_info *info, void *arg)
{
	struct conn *c = arg;

	conn_sent_some(c, info->n_deleted);
	if (c->state == CONN_STREAMING)
		stream_moved(c->stream, info->n_added, info->n_deleted);
	if (info->n_deleted > 0 && c->state == CONN_REPLYING && evbuffer_get_length(buffer) > 0) {
		c->unsent_bytes = unsent_bytes(c);
		conn_set_timer(c, c->server->limits.write_timeout_ms);
	}
}

/* The kernel lets us write again only when a good part of its buffer is free, which a slow reader may need long for. */
static bool
still_taken(struct conn *c)
{
	int unsent = unsent_bytes(c), before = c->unsent_bytes;

	c->unsent_bytes = unsent;
	return unsent < before;
}

/* --- life and death ----------------------------------------------------------------------------------------------------- */

static void
conn_free(struct conn *c)
{
	TAILQ_REMOVE(&c->server->conns, c, entry);
	conn_count_evictable(c, false);
	answer_gone(c);
	c->server->conn_count--;
	c->server->fresh_count -= c->evcon == NULL;
	if (c->server->delivering == c)
		c->server->delivering = NULL;
	if (c->server->beginning == c)
		c->server->beginning = NULL;
	event_free(c->timer);
	inbuf_release(&c->in);
	tls_link_free(c->tls);
	server_conn_gone(c->server);
	free(c);
}

static void
on_close(struct evhttp_connection *evcon, void *arg)
{
	struct conn *c = arg;

	(void)evcon;
	evbuffer_remove_cb(bufferevent_get_input(c->bev), conn_on_input, c);
	evbuffer_remove_cb(bufferevent_get_output(c->bev), on_output, c);
	conn_left(c);
	inbuf_discard(bufferevent_get_input(c->bev));
	if (c->request != NULL)
		request_client_gone(c->request);
	if (c->stream != NULL)
		stream_gone(c->stream);
	conn_free(c);
}

/* False: it died between accept() and now, and so did the struct. */
static bool
conn_adopt(struct conn *c)
{
	bufferevent_event_cb on_event = NULL;
	void *evcon = NULL;

	bufferevent_getcb(c->bev, NULL, NULL, &on_event, &evcon);
	if (on_event == NULL) {
		conn_discard(c);
		return false;
	}
	c->evcon = evcon;
	c->server->fresh_count--;
	evhttp_connection_set_closecb(c->evcon, on_close, c);
	bufferevent_decref(c->bev);
	c->peer = peer_of(bufferevent_getfd(c->bev));
	return conn_begin(c);
}

/* A client that only shut down its side still wants its answer. */
static bool
conn_broken(const struct conn *c)
{
	struct pollfd p = {.fd = bufferevent_getfd(c->bev)};

	return poll(&p, 1, 0) > 0 && (p.revents & (POLLERR | POLLHUP)) != 0;
}

static void
on_deadline(struct conn *c)
{
	if (c->state == CONN_READING)
		conn_refuse(c, &refusal_too_slow);
	else if (c->state == CONN_SERVED && !conn_broken(c))
		conn_set_timer(c, CONN_LOOK_MS);
	else if (c->state == CONN_REPLYING && still_taken(c))
		conn_set_timer(c, c->server->limits.write_timeout_ms);
	else
		conn_close(c);
}

/* Closed with something unread, it would be reset; and a client whose request crosses the end shall see an end. */
static void
conn_part(struct conn *c)
{
	int fd = bufferevent_getfd(c->bev);
	char rest[4096];
	size_t most = PART_MAX_BYTES;
	ssize_t n;

	conn_bye(c);
	(void)shutdown(fd, SHUT_RDWR);
	while (most > 0 && (n = recv(fd, rest, MIN_OF(sizeof rest, most), MSG_DONTWAIT)) > 0)
		most -= (size_t)n;
	conn_close(c);
}

/* It ran, or was activated by hand; either way libevent has forgotten when it was due. */
static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct conn *c = arg;
	bool fresh = c->evcon == NULL;
	int64_t now_ms = clock_mono_ms();
	bool early = now_ms < c->deadline_ms || c->deadline_ms == 0;

	(void)fd;
	(void)what;
	c->armed_ms = 0;
	if (fresh && !conn_adopt(c))
		return;
	if (early && c->deadline_ms > 0 && c->armed_ms == 0)
		conn_arm(c, now_ms);
	if (c->close_later) {
		conn_part(c);
	} else if (c->state == CONN_STREAMING) {
		stream_turn(c->stream);
	} else if (c->step_later) {
		c->step_later = false;
		conn_step(c);
		if (c->state == CONN_SERVED)
			bufferevent_trigger(c->bev, EV_READ, 0);
	} else if (!fresh && !early) {
		on_deadline(c);
	}
}

struct bufferevent *
conn_accept(struct http_server *server)
{
	struct bufferevent *bev = bufferevent_socket_new(server->base, -1, 0);
	struct conn *c;

	if (bev == NULL)
		return NULL;
	c = xcalloc(1, sizeof *c);
	c->server = server;
	c->bev = bev;
	c->since_ms = clock_mono_ms();
	c->timer = evtimer_new(server->base, on_timer, c);
	evbuffer_add_cb(bufferevent_get_input(bev), conn_on_input, c);
	evbuffer_add_cb(bufferevent_get_output(bev), on_output, c);
	TAILQ_INSERT_TAIL(&server->conns, c, entry);
	server->conn_count++;
	server->fresh_count++;
	/* Held until the adoption, which comes before the next look at the socket. */
	bufferevent_incref(bev);
	event_active(c->timer, EV_TIMEOUT, 0);
	return bev;
}

void
conn_discard(struct conn *c)
{
	bufferevent_decref(c->bev);
	conn_free(c);
}

void
conn_close(struct conn *c)
{
	if (c->evcon != NULL)
		evhttp_connection_free(c->evcon);
}

/* Is its next request here, or the first of one that has just come? Then it was promised an answer. */
static bool
is_asking(const struct conn *c)
{
	return conn_has_unread(c) || (!c->answered && clock_mono_ms() - c->since_ms < HURRY_MS);
}

void
conn_hurry(struct conn *c)
{
	bool idle = c->state == CONN_IDLE;

	/* Its adoption is due, and a timer would undo that; then it is in a hurry by itself. */
	if (c->evcon == NULL)
		return;
	c->close_later = (idle && !is_asking(c)) || c->state == CONN_REFUSED;
	if (c->close_later)
		event_active(c->timer, EV_TIMEOUT, 0);
	else if (idle || c->state == CONN_SHAKING || c->state == CONN_READING)
		conn_set_timer(c, HURRY_MS);
}

void
conn_refuse(struct conn *c, const struct refusal *why)
{
	bool head_only = str_starts((struct str){c->in.p, c->in.len}, STR("HEAD "));

	conn_enter(c, CONN_REFUSED, c->server->limits.linger_ms);
	inbuf_release(&c->in);
	if (why != NULL)
		refuse_write(bufferevent_get_output(c->bev), why, head_only);
	conn_seal(c);
	refuse_linger(c);
}

/* --- a request's answer --------------------------------------------------------------------------------------------------- */

struct str
conn_body(const struct conn *c)
{
	return (struct str){.p = c->in.p + c->head_bytes, .len = c->body_bytes};
}

void
conn_body_done(struct conn *c)
{
	if (c->head_bytes == 0)
		return;
	inbuf_consume(&c->in, c->raw_end);
	c->head_bytes = c->body_bytes = c->raw_end = c->content_length = 0;
	c->chunked = false;
	c->chunks = (struct chunks){0};
}

/* An answer mostly fits into the socket at once; to ask first whether one may write costs a round of the loop and two system calls. False: evhttp
 * sends what is left of it. */
static bool
conn_write_now(struct conn *c)
{
	struct evbuffer *out = bufferevent_get_output(c->bev);

	/* An end of the connection must not come while its request is still being read. */
	if (c->closes || c->server->draining || c->head_bytes > 0 || c->answer_bytes > WRITE_AT_ONCE)
		return false;
	evbuffer_unfreeze(out, 1);
	(void)evbuffer_write(out, bufferevent_getfd(c->bev));
	evbuffer_freeze(out, 1);
	if (evbuffer_get_length(out) > 0)
		return false;
	bufferevent_trigger(c->bev, EV_WRITE, 0);
	return true;
}

/* evhttp stopped reading, and will go on when it has answered: two system calls for each request that waits for a commit. So reading goes on
 * meanwhile; what comes is kept by conn_on_input(), and neither that nor an end shall reach evhttp before the answer, which gives it its
 * callbacks back. */
void
conn_waits(struct conn *c)
{
	bufferevent_setcb(c->bev, NULL, NULL, NULL, NULL);
	bufferevent_enable(c->bev, EV_READ);
}

void
conn_answered(struct conn *c, bool kept)
{
	bool ahead = ahead_next(&c->server->ahead, kept);

	/* Refused while an event of it is about to run, or by a base with one priority; then it stays where it is. */
	if (ahead != c->ahead && bufferevent_priority_set(c->bev, ahead ? LOOP_AHEAD : LOOP_OTHERS) == 0)
		c->ahead = ahead;
}

void
conn_replying(struct conn *c)
{
	c->request = NULL;
	conn_seal(c);
	if (conn_write_now(c))
		return;
	bufferevent_set_max_single_write(c->bev, c->answer_bytes <= WRITE_AT_ONCE ? WRITE_AT_ONCE : WRITE_PIECE);
	/* A part of it may be written already: who takes that slowly is not taken for one who takes nothing. */
	c->unsent_bytes = unsent_bytes(c);
	conn_enter(c, CONN_REPLYING, c->server->limits.write_timeout_ms);
	/* A client may have shut down its side of the connection; evhttp would take that for its end and drop the answer. */
	bufferevent_disable(c->bev, EV_READ);
}

void
conn_replied(struct conn *c)
{
	answer_gone(c);
	c->answered = true;
	conn_enter(c, CONN_IDLE, c->server->limits.idle_timeout_ms);
	c->close_later = c->server->draining || conn_is_over(c);
	c->step_later = c->in.len > 0;
	if (c->close_later || c->step_later)
		event_active(c->timer, EV_TIMEOUT, 0);
}

void
conn_streaming(struct conn *c, struct stream *s)
{
	c->request = NULL;
	c->stream = s;
	conn_enter(c, CONN_STREAMING, 0);
	bufferevent_set_timeouts(c->bev, NULL, NULL);
}

void
conn_ending(struct conn *c, int64_t timeout_ms)
{
	c->stream = NULL;
	conn_enter(c, CONN_ENDING, timeout_ms);
}
