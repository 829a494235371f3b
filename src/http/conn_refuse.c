/* SPDX-License-Identifier: Apache-2.0 */
#include "http/conn_refuse.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <sys/socket.h>

#include "base/log.h"
#include "http/conn.h"
#include "http/conn_tls.h"
#include "http/inbuf.h"
#include "http/problem.h"

const struct refusal refusal_body_too_large = {413, "body_too_large", "The body is larger than this resource takes."};
const struct refusal refusal_too_slow = {408, "too_slow", "The request was not complete in time."};

static void
on_read(struct bufferevent *bev, void *arg)
{
	(void)arg;
	inbuf_discard(bufferevent_get_input(bev));
}

static void
on_written(struct bufferevent *bev, void *arg)
{
	conn_bye(arg);
	shutdown(bufferevent_getfd(bev), SHUT_WR);
}

static void
on_event(struct bufferevent *bev, short what, void *arg)
{
	(void)bev;
	(void)what;
	conn_close(arg);
}

void
refuse_write(struct evbuffer *out, const struct refusal *why, bool head_only)
{
	char id[REQUEST_ID_MAX];
	struct problem problem = {.status = why->status, .code = why->code, .detail = why->detail, .request_id = id};
	struct json body = JSON_INIT;

	request_id_make(id);
	log_event(EV_HTTP_REQUEST, LOG_STR("METHOD", "?"), LOG_STR("PATH", "?"), LOG_I64("STATUS", why->status), LOG_I64("DURATION_MS", 0),
	    LOG_STR("REQUEST_ID", id));
	problem_render(&problem, &body);
	evbuffer_add_printf(out,
	    "HTTP/1.1 %d %s\r\nContent-Type: application/problem+json\r\nContent-Length: %zu\r\nCache-Control: no-store\r\n"
	    "X-Content-Type-Options: nosniff\r\nX-Request-Id: %s\r\nConnection: close\r\n\r\n%s",
	    why->status, status_phrase(why->status), body.b.len, id, head_only ? "" : body.b.p);
	buf_release(&body.b);
}

void
refuse_linger(struct conn *c)
{
	bufferevent_setcb(c->bev, on_read, on_written, on_event, c);
	bufferevent_enable(c->bev, EV_READ | EV_WRITE);
	if (evbuffer_get_length(bufferevent_get_output(c->bev)) == 0)
		shutdown(bufferevent_getfd(c->bev), SHUT_WR);
}
