/* SPDX-License-Identifier: Apache-2.0 */
/* From bytes to a complete request in evhttp's hands. */
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <strings.h>

#include "base/buf.h"
#include "base/macro.h"
#include "http/conn.h"
#include "http/conn_refuse.h"
#include "http/conn_tls.h"
#include "http/server_internal.h"
#include "http/words.h"

/* --- handing a complete request to evhttp ------------------------------------------------------------------------------- */

/* What evhttp would act on by itself; all of it is dealt with here. And a token, which need not lie in its buffers too. */
static bool
header_hidden(struct str name)
{
	static const char *const hidden[] = {"Connection", "Proxy-Connection", "Keep-Alive", "Content-Length",
	    "Transfer-Encoding", "Expect", "TE", "Trailer", "Upgrade", "Authorization"};

	for (size_t i = 0; i < ELEMENTSOF(hidden); i++)
		if (words_same(name, hidden[i]))
			return true;
	return false;
}

/* Each header grows by a space at most, and one is added. */
#define CANONICAL_MAX(head_bytes) ((head_bytes) + HEAD_HEADERS_MAX + 64)

/* The target stays with us: evhttp would read "//x/y" and "http://x" in its own ways. */
static void
write_canonical(struct buf *out, const struct head *head)
{
	buf_addz(out, http_method_name(head->method));
	buf_addz(out, head->minor == 1 ? " / HTTP/1.1\r\n" : " / HTTP/1.0\r\n");
	for (size_t i = 0; i < head->header_count; i++) {
		const struct header *h = &head->headers[i];

		if (header_hidden(h->name))
			continue;
		buf_add_str(out, h->name);
		buf_add(out, ": ", 2);
		buf_add_str(out, h->value);
		buf_add(out, "\r\n", 2);
	}
	/* evhttp compares the first such header with one word. */
	buf_addz(out, head->closes ? "Connection: close\r\n\r\n" : "Connection: keep-alive\r\n\r\n");
}

/* In the input's callback the end of that buffer is frozen, its front is not; and it is empty. */
static void
conn_deliver(struct conn *c)
{
	struct buf canonical = BUF_INIT(CANONICAL_MAX(c->head_bytes));
	struct refusal why;
	struct head head;

	/* The buffer may have moved since the head was first read. */
	head_parse((struct str){c->in.p, c->head_bytes}, c->head_bytes, &head, &why);
	conn_enter(c, CONN_SERVED, CONN_LOOK_MS);
	/* Bytes came before the turn that the last answer asked for: with a request in flight no other may be delivered. */
	c->step_later = false;
	c->closes = head.closes;
	c->server->delivering = c;
	c->server->delivered_head = head;
	write_canonical(&canonical, &head);
	evbuffer_prepend(bufferevent_get_input(c->bev), canonical.p, canonical.len);
	buf_release(&canonical);
}

/* --- reading ------------------------------------------------------------------------------------------------------------ */

/* Nothing is waiting in the output buffer between two requests, so the interim answer can go straight out. */
static void
send_continue(struct conn *c)
{
	static const char text[] = "HTTP/1.1 100 Continue\r\n\r\n";

	conn_put_now(c, text, sizeof text - 1);
}

/* 1: there is a body to read or none is needed; 0: more of the head is needed; -EPROTO. */
static int
read_head(struct conn *c, struct refusal *ret_why)
{
	struct head head;
	int r = head_parse((struct str){c->in.p, c->in.len}, c->server->limits.max_head_bytes, &head, ret_why);

	if (r <= 0)
		return r;
	c->body_limit = server_body_limit(c->server, &c->peer, &head);
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

	/* What framed the chunks goes at once: it can be many times the body. */
	inbuf_cut(&c->in, body_end, c->raw_end);
	c->raw_end = body_end;
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

void
conn_step(struct conn *c)
{
	struct refusal why = {0};
	int r = 1;

	if (c->in.len == 0)
		return;
	if (c->head_bytes == 0)
		r = read_head(c, &why);
	if (r > 0)
		r = read_body(c, &why);
	if (r < 0)
		conn_refuse(c, &why);
	else if (r > 0)
		conn_deliver(c);
	else if (c->state == CONN_IDLE)
		conn_enter(c, CONN_READING, c->server->limits.request_timeout_ms);
}

/* Runs inside bufferevent's read, before evhttp's own callback. */
void
conn_on_input(struct evbuffer *buffer, const struct evbuffer_cb_info *info, void *arg)
{
	struct conn *c = arg;

	if (info->n_added == 0)
		return;
	if (c->state == CONN_SHAKING || c->state == CONN_IDLE || c->state == CONN_READING) {
		if (!conn_take(c, &c->in, buffer))
			return;
		conn_step(c);
		conn_settle(c);
	} else if (c->state == CONN_STREAMING || c->state == CONN_ENDING) {
		/* The connection ends with the stream; nothing that comes now will be answered. */
		(void)conn_take(c, NULL, buffer);
	} else if (c->state == CONN_SERVED && c->request != NULL) {
		/* A next request, before this one is answered: a piece of it, and no more until then. */
		if (conn_take(c, &c->in, buffer))
			bufferevent_disable(c->bev, EV_READ);
	} else if (c->state == CONN_SERVED && c->server->delivering != c) {
		/* evhttp reads on although a request is in flight: it answered by itself. It must not go on unwatched. */
		inbuf_discard(buffer);
		c->close_later = true;
		event_active(c->timer, EV_TIMEOUT, 0);
	}
}
