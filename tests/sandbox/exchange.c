/* SPDX-License-Identifier: Apache-2.0 */
#include "exchange.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/http_struct.h>

#include "alloc.h"
#include "peers.h"

#define CHUNK 16000

/* Larger bodies are not copied together to save system calls. */
#define FRAMED_MAX (1024 * 1024)

struct exchange {
	struct sandbox *sb;
	struct evhttp_request *req;
	struct peer *peer;
	struct event *timer;
	uint64_t serial;
	uint32_t user;
	bool counted; /* as a request for data in flight */
	bool alp;     /* one to ALP */
	bool tls;
	int64_t came_ms;
	struct reply reply;
};

struct exchange *
exchange_new(struct sandbox *sb, struct evhttp_request *req)
{
	struct exchange *x = xcalloc(1, sizeof(*x));
	struct evhttp_connection *connection = evhttp_request_get_connection(req);

	x->sb = sb;
	x->req = req;
	x->peer = peers_of(sb->peers, connection);
	x->peer->exchange = x;
	x->tls = bufferevent_openssl_get_ssl(evhttp_connection_get_bufferevent(connection)) != NULL;
	x->came_ms = clock_monotonic_ms();
	x->reply.body = evbuffer_new();
	x->reply.status = 200;
	x->serial = ++sb->last_serial;
	return x;
}

struct sandbox *
exchange_sandbox(const struct exchange *x)
{
	return x->sb;
}

struct evhttp_request *
exchange_request(const struct exchange *x)
{
	return x->req;
}

struct reply *
exchange_reply(struct exchange *x)
{
	return &x->reply;
}

uint64_t
exchange_connection(const struct exchange *x)
{
	return x->peer->id;
}

bool
exchange_is_tls(const struct exchange *x)
{
	return x->tls;
}

void
exchange_set_user(struct exchange *x, uint32_t user)
{
	struct stats *stats = &x->sb->stats;

	x->user = user;
	x->counted = true;
	if (++stats->in_flight > stats->max_in_flight)
		stats->max_in_flight = stats->in_flight;
	if (user && ++x->sb->in_flight[user] > stats->max_in_flight_user)
		stats->max_in_flight_user = x->sb->in_flight[user];
}

void
exchange_set_alp(struct exchange *x)
{
	struct stats *stats = &x->sb->stats;

	x->alp = true;
	stats->alp_requests++;
	if (++stats->alp_in_flight > stats->max_alp_in_flight)
		stats->max_alp_in_flight = stats->alp_in_flight;
}

static void
finish(struct exchange *x)
{
	if (x->counted)
		x->sb->stats.in_flight--;
	if (x->alp)
		x->sb->stats.alp_in_flight--;
	if (x->user)
		x->sb->in_flight[x->user]--;
	x->peer->exchange = NULL;
	if (x->timer)
		event_free(x->timer);
	evbuffer_free(x->reply.body);
	free(x);
}

static void
answered(struct evhttp_request *req, void *arg)
{
	(void)req;
	finish(arg);
}

void
exchange_abort(struct exchange *x)
{
	x->sb->stats.aborted++;
	/* evhttp hands a request that was still ours back when its client goes, and frees it itself otherwise. */
	if (!evhttp_request_get_connection(x->req))
		evhttp_request_free(x->req);
	finish(x);
}

static void
after(struct exchange *x, int64_t ms, event_callback_fn callback)
{
	struct timeval tv = { .tv_sec = (time_t)(ms / 1000), .tv_usec = (suseconds_t)(ms % 1000 * 1000) };

	if (x->timer)
		event_free(x->timer);
	x->timer = evtimer_new(x->sb->base, callback, x);
	evtimer_add(x->timer, &tv);
}

/* While an answer waits evhttp does not read and so would not notice that the client has gone. */
static void
watch_for_close(struct exchange *x)
{
	struct bufferevent *bev = evhttp_connection_get_bufferevent(x->peer->connection);
	bufferevent_data_cb on_read, on_write;
	bufferevent_event_cb on_event;
	void *arg;

	bufferevent_getcb(bev, &on_read, &on_write, &on_event, &arg);
	bufferevent_setcb(bev, NULL, on_write, on_event, arg);
	bufferevent_enable(bev, EV_READ);
}

static void
drop_connection(evutil_socket_t fd, short what, void *arg)
{
	struct exchange *x = arg;
	struct evhttp_connection *connection = x->peer->connection;
	const struct linger at_once = { .l_onoff = 1, .l_linger = 0 };

	(void)fd;
	(void)what;
	if (x->reply.ending == END_RESET)
		setsockopt(bufferevent_getfd(evhttp_connection_get_bufferevent(connection)), SOL_SOCKET, SO_LINGER, &at_once,
		           sizeof(at_once));
	evhttp_connection_free(connection); /* calls exchange_abort() on the way */
}

static void
written(struct evhttp_connection *connection, void *arg)
{
	(void)connection;
	after(arg, 0, drop_connection);
}

static void
send_chunk(struct exchange *x, size_t n)
{
	struct evbuffer *part = evbuffer_new();

	evbuffer_remove_buffer(x->reply.body, part, n);
	evhttp_send_reply_chunk(x->req, part);
	evbuffer_free(part);
}

static void
drip(evutil_socket_t fd, short what, void *arg)
{
	struct exchange *x = arg;

	(void)fd;
	(void)what;
	if (!evbuffer_get_length(x->reply.body)) {
		evhttp_send_reply_end(x->req);
		return;
	}
	send_chunk(x, (size_t)x->reply.drip_bytes);
	after(x, x->reply.drip_ms, drip);
}

/* The first `cut` bytes, and when they are with the kernel the connection goes. */
static void
send_cut(struct exchange *x)
{
	struct evbuffer *part = evbuffer_new();

	evhttp_send_reply_start(x->req, x->reply.status, reply_reason(x->reply.status));
	evbuffer_remove_buffer(x->reply.body, part, x->reply.cut > 0 ? (size_t)x->reply.cut : 0);
	if (!evbuffer_get_length(part)) {
		after(x, 20, drop_connection);
	} else {
		evhttp_send_reply_chunk_with_cb(x->req, part, written, x);
	}
	evbuffer_free(part);
}

static bool
is_http_1_1(const struct exchange *x)
{
	return x->req->major == 1 && x->req->minor >= 1;
}

/* evhttp sends every chunk in three pieces, each a TLS record and a system call of its own. Putting the frames around the
 * chunks here, in one run of bytes, halves what an answer costs. */
static void
send_framed(struct exchange *x)
{
	struct evbuffer *body = x->reply.body;
	size_t len = evbuffer_get_length(body), room = len + (len / CHUNK + 1) * 16, used = 0;
	struct evbuffer *framed = evbuffer_new();
	struct evbuffer_iovec v;
	char *to;

	evbuffer_reserve_space(framed, (ev_ssize_t)room, &v, 1);
	to = v.iov_base;
	while (len) {
		size_t n = len < CHUNK ? len : CHUNK;

		used += (size_t)snprintf(to + used, room - used, "%zx\r\n", n);
		evbuffer_remove(body, to + used, n);
		used += n;
		memcpy(to + used, "\r\n", 2);
		used += 2;
		len -= n;
	}
	memcpy(to + used, "0\r\n\r\n", 5);
	v.iov_len = used + 5;
	evbuffer_commit_space(framed, &v, 1);
	evhttp_add_header(evhttp_request_get_output_headers(x->req), "Transfer-Encoding", "chunked");
	evhttp_send_reply(x->req, x->reply.status, reply_reason(x->reply.status), framed);
	evbuffer_free(framed);
}

static void
send_well(struct exchange *x)
{
	struct evbuffer *body = x->reply.body;
	size_t len = evbuffer_get_length(body);

	evhttp_request_set_on_complete_cb(x->req, answered, x);
	if (!x->reply.drip_bytes && len < REPLY_CHUNKED_FROM) {
		evhttp_send_reply(x->req, x->reply.status, reply_reason(x->reply.status), body);
		return;
	}
	if (!x->reply.drip_bytes && !x->reply.no_length && len < FRAMED_MAX && is_http_1_1(x)) {
		send_framed(x);
		return;
	}
	evhttp_send_reply_start(x->req, x->reply.status, reply_reason(x->reply.status));
	if (x->reply.drip_bytes) {
		after(x, 0, drip);
		return;
	}
	while (evbuffer_get_length(body))
		send_chunk(x, CHUNK);
	evhttp_send_reply_end(x->req);
}

static void
begin(evutil_socket_t fd, short what, void *arg)
{
	struct exchange *x = arg;

	(void)fd;
	(void)what;
	reply_add_headers(&x->reply, evhttp_request_get_output_headers(x->req), x->serial, clock_monotonic_ms() - x->came_ms);
	if (x->reply.ending == END_WELL) {
		send_well(x);
	} else if (x->reply.ending == END_STALL) {
		if (x->reply.headers_first)
			evhttp_send_reply_start(x->req, x->reply.status, reply_reason(x->reply.status));
		else
			watch_for_close(x);
	} else if (x->reply.ending == END_RESET && x->reply.cut < 0) {
		after(x, 0, drop_connection);
	} else {
		send_cut(x);
	}
}

void
exchange_send(struct exchange *x)
{
	/* Now, not when it is sent: the text is only lent. */
	if (x->reply.type)
		evhttp_add_header(evhttp_request_get_output_headers(x->req), "Content-Type", x->reply.type);
	if (x->reply.delay_ms > 0) {
		watch_for_close(x);
		after(x, x->reply.delay_ms, begin);
	} else {
		begin(-1, 0, x);
	}
}

void
exchange_send_text(struct exchange *x, int status, const char *type, const char *text)
{
	x->reply.status = status;
	x->reply.type = type;
	evbuffer_add(x->reply.body, text, strlen(text));
	exchange_send(x);
}
