/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/connector.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/address.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/fd.h"

#define NEXT_AFTER_MS 250

struct connector;

struct attempt {
	struct connector *connector;
	struct sockaddr_storage to;
	socklen_t len;
	int fd; /* -1: not begun, or over */
	struct event *writable;
};

struct connector {
	struct event_base *base;
	struct attempt attempts[CONNECTOR_ADDRESSES_MAX];
	size_t count, begun, failed;
	bool public_only;
	int64_t end_ms; /* monotonic */
	int error;      /* of the last that failed */
	bool refused;
	struct event *step;
	connector_done_fn done;
	void *arg;
};

/* --- where to ---------------------------------------------------------------------------------------------------------- */

static int
parse_address(const char *text, uint16_t port, struct attempt *a)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)(void *)&a->to;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)(void *)&a->to;

	if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(port);
		a->len = sizeof *v4;
		return 0;
	}
	memset(&a->to, 0, sizeof a->to);
	if (inet_pton(AF_INET6, text, &v6->sin6_addr) != 1)
		return -EINVAL;
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons(port);
	a->len = sizeof *v6;
	return 0;
}

static int
parse_addresses(struct connector *c, const char *addresses, uint16_t port)
{
	_cleanup_free_ char *copy = xstrdup(addresses);
	char *rest = copy;

	for (char *one = strsep(&rest, ","); one != NULL && c->count < CONNECTOR_ADDRESSES_MAX; one = strsep(&rest, ",")) {
		struct attempt *a = &c->attempts[c->count];
		int r = parse_address(one, port, a);

		if (r < 0)
			return r;
		a->connector = c;
		a->fd = -1;
		c->count++;
	}
	return c->count > 0 ? 0 : -EINVAL;
}

/* --- one attempt ------------------------------------------------------------------------------------------------------- */

static void
end_attempt(struct attempt *a)
{
	if (a->writable != NULL)
		event_free(a->writable);
	a->writable = NULL;
	closep(&a->fd);
}

static void
step_after(struct connector *c, int64_t ms)
{
	struct timeval tv = {.tv_sec = ms / 1000, .tv_usec = (ms % 1000) * 1000};

	event_add(c->step, &tv);
}

static void
attempt_failed(struct attempt *a, int error)
{
	struct connector *c = a->connector;

	end_attempt(a);
	c->failed++;
	c->error = error;
	step_after(c, 0);
}

static void
tell(struct connector *c, int fd)
{
	for (size_t i = 0; i < c->begun; i++)
		end_attempt(&c->attempts[i]);
	event_del(c->step);
	c->done(c->arg, fd);
}

static void
attempt_writable(evutil_socket_t fd, short what, void *arg)
{
	struct attempt *a = arg;
	socklen_t len = sizeof(int);
	int error = 0;

	(void)what;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
		error = errno;
	if (error != 0)
		attempt_failed(a, error);
	else
		tell(a->connector, TAKE_FD(a->fd));
}

static int
begin_attempt(struct attempt *a)
{
	struct connector *c = a->connector;
	const struct sockaddr *to = (const struct sockaddr *)(const void *)&a->to;
	const int on = 1;

	if (c->public_only && !address_is_public(to, a->len)) {
		c->refused = true;
		return -EACCES;
	}
	a->fd = socket(to->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
	if (a->fd < 0)
		return -errno;
	(void)setsockopt(a->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	if (connect(a->fd, to, a->len) < 0 && errno != EINPROGRESS)
		return -errno;
	a->writable = event_new(c->base, a->fd, EV_WRITE, attempt_writable, a);
	event_add(a->writable, NULL);
	return 0;
}

/* --- from one to the next ---------------------------------------------------------------------------------------------- */

static void
give_up(struct connector *c, int error)
{
	tell(c, c->refused ? -EACCES : -error);
}

static void
begin_next(struct connector *c, int64_t left_ms)
{
	struct attempt *a = &c->attempts[c->begun++];
	int r = begin_attempt(a);

	if (r < 0)
		attempt_failed(a, -r);
	else
		step_after(c, c->begun < c->count ? MIN_OF(left_ms, NEXT_AFTER_MS) : left_ms);
}

/* An attempt failed, or it is time for the next one, or for the end. */
static void
go_on(evutil_socket_t fd, short what, void *arg)
{
	struct connector *c = arg;
	int64_t left_ms = c->end_ms - clock_mono_ms();

	(void)fd;
	(void)what;
	if (left_ms <= 0)
		give_up(c, ETIMEDOUT);
	else if (c->begun < c->count)
		begin_next(c, left_ms);
	else if (c->failed == c->count)
		give_up(c, c->error);
	else
		step_after(c, left_ms);
}

int
connector_new(struct event_base *base, const struct connector_target *target, connector_done_fn done, void *arg,
    struct connector **ret_connector)
{
	struct connector *c = xcalloc(1, sizeof *c);
	int r = parse_addresses(c, target->addresses, target->port);

	if (r < 0) {
		free(c);
		return r;
	}
	c->base = base;
	c->public_only = target->public_only;
	c->end_ms = clock_mono_ms() + target->timeout_ms;
	c->done = done;
	c->arg = arg;
	c->step = event_new(base, -1, 0, go_on, c);
	/* Begun at once: it goes on while the process that wants it is made. */
	begin_next(c, target->timeout_ms);
	*ret_connector = c;
	return 0;
}

struct connector *
connector_free(struct connector *c)
{
	if (c == NULL)
		return NULL;
	for (size_t i = 0; i < c->begun; i++)
		end_attempt(&c->attempts[i]);
	event_free(c->step);
	free(c);
	return NULL;
}
