/* SPDX-License-Identifier: Apache-2.0 */
#include "http/conn.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "http/conn_refuse.h"
#include "http/request.h"
#include "http/server_internal.h"

static void
conn_set_timer(struct conn *c, int64_t ms)
{
	struct timeval tv = {.tv_sec = (time_t)(ms / 1000), .tv_usec = (suseconds_t)(ms % 1000) * 1000};

	event_add(c->timer, &tv);
}

static void
conn_enter(struct conn *c, enum conn_state state, int64_t timeout_ms)
{
	c->state = state;
	c->since_ms = clock_mono_ms();
	if (timeout_ms > 0)
		conn_set_timer(c, timeout_ms);
	else
		event_del(c->timer);
	if (conn_evictable(c))
		server_conn_evictable(c->server);
}

bool
conn_evictable(const struct conn *c)
{
	return c->state != CONN_SERVED && c->state != CONN_REPLYING;
}

/* --- handing a complete request to evhttp ------------------------------------------------------------------------------- */

/* What evhttp would act on by itself; all of it is dealt with here. */
static bool
header_hidden(struct str name)
{
	static const char *const hidden[] = {"Content-Length", "Transfer-Encoding", "Expect", "TE", "Trailer", "Upgrade"};

	for (size_t i = 0; i < ELEMENTSOF(hidden); i++)
		if (name.len == strlen(hidden[i]) && strncasecmp(name.p, hidden[i], name.len) == 0)
			return true;
	return false;
}

/* The target stays with us: evhttp would read "//x/y" and "http://x" in its own ways. */
static void
write_canonical(struct evbuffer *out, const struct head *head)
{
	evbuffer_add_printf(out, "%s / HTTP/1.%d\r\n", http_method_name(head->method), head->minor);
	for (size_t i = 0; i < head->header_count; i++) {
		const struct header *h = &head->headers[i];

		if (!header_hidden(h->name))
			evbuffer_add_printf(out, "%.*s: %.*s\r\n", STR_ARG(h->name), STR_ARG(h->value));
	}
	evbuffer_add(out, "\r\n", 2);
}

/* In the input's callback the end of that buffer is frozen, its front is not; and it is empty. */
static void
conn_deliver(struct conn *c)
{
	struct evbuffer *canonical = evbuffer_new();
	struct refusal why;
	struct head head;

	/* The buffer may have moved since the head was first read. */
	head_parse((struct str){c->in.p, c->head_bytes}, c->head_bytes, &head, &why);
	conn_enter(c, CONN_SERVED, 0);
	c->server->delivering = c;
	c->server->delivered_head = head;
	write_canonical(canonical, &head);
	evbuffer_prepend_buffer(bufferevent_get_input(c->bev), canonical);
	evbuffer_free(canonical);
}

/* --- reading ------------------------------------------------------------------------------------------------------------ */

/* Nothing is waiting in the output buffer between two requests, so the interim answer can go straight out. */
static void
send_continue(const struct conn *c)
{
	static const char text[] = "HTTP/1.1 100 Continue\r\n\r\n";

	(void)send(bufferevent_getfd(c->bev), text, sizeof text - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* 1: there is a body to read or none is needed; 0: more of the head is needed; -EPROTO. */
static int
read_head(struct conn *c, struct refusal *ret_why)
{
	struct head head;
	int r = head_parse((struct str){c->in.p, c->in.len}, c->server->limits.max_head_bytes, &head, ret_why);

	if (r <= 0)
		return r;
	c->body_limit = server_body_limit(c->server, &head);
	if (head.content_length > (int64_t)c->body_limit) {
		*ret_why = refusal_body_too_large;
		return -EPROTO;
	}
	c->head_bytes = c->raw_end = head.bytes;
	c->content_length = (size_t)head.content_length;
	c->chunked = head.chunked;
	if (head.expects_continue && c->in.len == c->head_bytes && (c->chunked || c->content_length > 0))
		send_continue(c);
	return 1;
}

static int
read_chunks(struct conn *c, struct refusal *ret_why)
{
	size_t body_end = c->head_bytes + c->body_bytes;
	int r = chunks_decode(&c->chunks, c->in.p, c->in.len, &c->raw_end, &body_end, c->head_bytes + c->body_limit);

	c->body_bytes = body_end - c->head_bytes;
	if (r == -E2BIG)
		*ret_why = refusal_body_too_large;
	else if (r < 0)
		*ret_why = (struct refusal){400, "bad_framing", "The body is not what chunked coding looks like."};
	return r < 0 ? -EPROTO : r;
}

/* 1: the body is complete; 0: more is needed; -EPROTO. */
static int
read_body(struct conn *c, struct refusal *ret_why)
{
	if (c->chunked)
		return read_chunks(c, ret_why);
	c->body_bytes = MIN_OF(c->in.len - c->head_bytes, c->content_length);
	c->raw_end = c->head_bytes + c->body_bytes;
	return c->body_bytes == c->content_length;
}

static void
conn_step(struct conn *c)
{
	struct refusal why = {0};
	int r = 1;

	if (c->in.len == 0)
		return;
	if (c->state == CONN_IDLE)
		conn_enter(c, CONN_READING, c->server->limits.request_timeout_ms);
	if (c->head_bytes == 0)
		r = read_head(c, &why);
	if (r > 0)
		r = read_body(c, &why);
	if (r < 0)
		conn_refuse(c, &why);
	else if (r > 0)
		conn_deliver(c);
}

/* Runs inside bufferevent's read, before evhttp's own callback. */
static void
on_input(struct evbuffer *buffer, const struct evbuffer_cb_info *info, void *arg)
{
	struct conn *c = arg;

	if (info->n_added == 0)
		return;
	if (c->state == CONN_IDLE || c->state == CONN_READING) {
		inbuf_take(&c->in, buffer);
		conn_step(c);
	} else if (c->state == CONN_SERVED && c->server->delivering != c) {
		/* evhttp reads on although a request is in flight: it answered by itself. It must not go on unwatched. */
		inbuf_discard(buffer);
		c->close_later = true;
		event_active(c->timer, EV_TIMEOUT, 0);
	}
}

/* A client that takes its answer, however slowly, is left in peace. */
static void
on_output(struct evbuffer *buffer, const struct evbuffer_cb_info *info, void *arg)
{
	struct conn *c = arg;

	(void)buffer;
	if (info->n_deleted > 0 && c->state == CONN_REPLYING)
		conn_set_timer(c, c->server->limits.write_timeout_ms);
}

/* --- life and death ----------------------------------------------------------------------------------------------------- */

static void
conn_free(struct conn *c)
{
	TAILQ_REMOVE(&c->server->conns, c, entry);
	c->server->conn_count--;
	if (c->server->delivering == c)
		c->server->delivering = NULL;
	event_free(c->timer);
	inbuf_release(&c->in);
	server_conn_gone(c->server);
	free(c);
}

static void
on_close(struct evhttp_connection *evcon, void *arg)
{
	struct conn *c = arg;

	(void)evcon;
	evbuffer_remove_cb(bufferevent_get_input(c->bev), on_input, c);
	evbuffer_remove_cb(bufferevent_get_output(c->bev), on_output, c);
	inbuf_discard(bufferevent_get_input(c->bev));
	if (c->request != NULL)
		request_client_gone(c->request);
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
	evhttp_connection_set_closecb(c->evcon, on_close, c);
	bufferevent_decref(c->bev);
	conn_enter(c, CONN_IDLE, c->server->limits.idle_timeout_ms);
	return true;
}

static void
on_deadline(struct conn *c)
{
	if (c->state == CONN_READING)
		conn_refuse(c, &refusal_too_slow);
	else
		conn_close(c);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct conn *c = arg;
	bool fresh = c->evcon == NULL;

	(void)fd;
	(void)what;
	if (fresh && !conn_adopt(c))
		return;
	if (c->close_later) {
		conn_close(c);
	} else if (c->step_later) {
		c->step_later = false;
		conn_step(c);
		if (c->state == CONN_SERVED)
			bufferevent_trigger(c->bev, EV_READ, 0);
	} else if (!fresh) {
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
	evbuffer_add_cb(bufferevent_get_input(bev), on_input, c);
	evbuffer_add_cb(bufferevent_get_output(bev), on_output, c);
	TAILQ_INSERT_TAIL(&server->conns, c, entry);
	server->conn_count++;
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

void
conn_hurry(struct conn *c, int64_t timeout_ms)
{
	c->close_later = c->state == CONN_IDLE || c->state == CONN_REFUSED;
	if (c->close_later)
		event_active(c->timer, EV_TIMEOUT, 0);
	else if (c->state == CONN_READING)
		conn_set_timer(c, timeout_ms);
}

void
conn_refuse(struct conn *c, const struct refusal *why)
{
	conn_enter(c, CONN_REFUSED, c->server->limits.linger_ms);
	inbuf_release(&c->in);
	refuse_begin(c->bev, c->evcon, why);
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

void
conn_replying(struct conn *c)
{
	c->request = NULL;
	conn_enter(c, CONN_REPLYING, c->server->limits.write_timeout_ms);
	/* A client may have shut down its side of the connection; evhttp would take that for its end and drop the answer. */
	bufferevent_disable(c->bev, EV_READ);
}

void
conn_replied(struct conn *c)
{
	conn_enter(c, CONN_IDLE, c->server->limits.idle_timeout_ms);
	c->close_later = c->server->draining;
	c->step_later = c->in.len > 0;
	if (c->close_later || c->step_later)
		event_active(c->timer, EV_TIMEOUT, 0);
}
