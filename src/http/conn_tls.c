/* SPDX-License-Identifier: Apache-2.0 */
#include "http/conn_tls.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/metrics.h"
#include "http/conn.h"
#include "http/conn_refuse.h"
#include "http/server_internal.h"
#include "http/tls_link.h"

static const struct refusal refusal_plain_http = {400, "tls_needed", "This address is served by TLS only: use https."};

/* --- life --------------------------------------------------------------------------------------------------------------------- */

bool
conn_begin(struct conn *c)
{
	const struct http_limits *limits = &c->server->limits;

	if (c->server->tls == NULL || c->peer.way == PEER_UNIX) {
		conn_enter(c, CONN_IDLE, limits->idle_timeout_ms);
		return true;
	}
	c->tls = tls_link_new(c->server->tls, clock_mono_ms(), bufferevent_get_input(c->bev), bufferevent_get_output(c->bev));
	if (c->tls == NULL) {
		conn_close(c);
		return false;
	}
	c->unshaken = true;
	conn_enter(c, CONN_SHAKING, limits->request_timeout_ms);
	return true;
}

static void
close_later(struct conn *c)
{
	c->close_later = true;
	event_active(c->timer, EV_TIMEOUT, 0);
}

/* Past the loop; what the socket does not take at once goes with what comes next. */
static void
write_out(struct conn *c)
{
	struct evbuffer *out = bufferevent_get_output(c->bev);

	if (evbuffer_get_length(out) == 0)
		return;
	evbuffer_unfreeze(out, 1);
	(void)evbuffer_write(out, bufferevent_getfd(c->bev));
	evbuffer_freeze(out, 1);
}

void
conn_bye(struct conn *c)
{
	if (c->tls == NULL || evbuffer_get_length(bufferevent_get_output(c->bev)) > 0)
		return;
	tls_link_bye(c->tls);
	write_out(c);
}

void
conn_left(struct conn *c)
{
	if (c->unshaken)
		metric_add(rtalp_tls_handshakes, METRIC_UNSHAKEN, 0, 1);
	conn_bye(c);
}

/* --- in ----------------------------------------------------------------------------------------------------------------------- */

static bool
has_request(const struct conn *c)
{
	return c->state != CONN_SHAKING && c->state != CONN_IDLE && c->state != CONN_READING;
}

/* There may be an alert to be read. */
static void
fail(struct conn *c, int error)
{
	if (has_request(c)) {
		close_later(c);
		return;
	}
	if (error != -ENOTTY) {
		conn_refuse(c, NULL);
		return;
	}
	c->tls = tls_link_free(c->tls);
	conn_refuse(c, &refusal_plain_http);
}

/* While a stream or an answer goes out, what TLS says goes with it. */
static bool
is_sending(const struct conn *c)
{
	return c->state == CONN_REPLYING || c->state == CONN_STREAMING || c->state == CONN_ENDING;
}

bool
conn_take(struct conn *c, struct inbuf *to, struct evbuffer *from)
{
	int r;

	if (c->tls == NULL) {
		if (to != NULL)
			inbuf_take(to, from);
		else
			inbuf_discard(from);
		return true;
	}
	r = tls_link_take(c->tls, to);
	if (r < 0) {
		fail(c, r);
		return false;
	}
	if (!is_sending(c))
		write_out(c);
	if (c->state == CONN_SHAKING && tls_link_is_open(c->tls)) {
		metric_add(rtalp_tls_handshakes, tls_link_is_resumed(c->tls) ? METRIC_RESUMED : METRIC_SHAKEN, 0, 1);
		c->unshaken = false;
		conn_enter(c, CONN_IDLE, c->server->limits.idle_timeout_ms);
	}
	return true;
}

/* Bytes of a record whose end has not come are the beginning of a request, though none can be read yet. */
void
conn_settle(struct conn *c)
{
	bool begun;

	if (c->tls == NULL || has_request(c))
		return;
	begun = c->in.len > 0 || tls_link_holds(c->tls);
	if (tls_link_has_ended(c->tls))
		close_later(c);
	else if (c->state == CONN_IDLE && begun)
		conn_enter(c, CONN_READING, c->server->limits.request_timeout_ms);
	else if (c->state == CONN_READING && !begun)
		conn_enter(c, CONN_IDLE, c->server->limits.idle_timeout_ms);
}

bool
conn_is_over(const struct conn *c)
{
	return c->tls != NULL && (tls_link_is_broken(c->tls) || (tls_link_has_ended(c->tls) && c->in.len == 0));
}

/* --- out ---------------------------------------------------------------------------------------------------------------------- */

/* One that is refused ends by itself, when its last words were read. */
static void
check(struct conn *c)
{
	if (c->state != CONN_REFUSED && tls_link_is_broken(c->tls))
		close_later(c);
}

void
conn_put(struct conn *c, const void *bytes, size_t len)
{
	if (c->tls == NULL) {
		evbuffer_add(bufferevent_get_output(c->bev), bytes, len);
		return;
	}
	tls_link_put(c->tls, bytes, len);
	check(c);
}

void
conn_put_now(struct conn *c, const void *bytes, size_t len)
{
	if (c->tls == NULL) {
		(void)send(bufferevent_getfd(c->bev), bytes, len, MSG_NOSIGNAL | MSG_DONTWAIT);
		return;
	}
	tls_link_put(c->tls, bytes, len);
	write_out(c);
	check(c);
}

void
conn_seal(struct conn *c)
{
	if (c->tls == NULL)
		return;
	tls_link_seal(c->tls);
	check(c);
}

void
conn_sent_some(struct conn *c, size_t taken)
{
	if (c->tls == NULL || taken == 0)
		return;
	tls_link_moved(c->tls, taken);
	tls_link_fill(c->tls);
	check(c);
}
