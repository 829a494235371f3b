/* SPDX-License-Identifier: Apache-2.0 */
#include "http/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/fd.h"
#include "base/log.h"

#define BACKLOG  512
#define RETRY_MS 200

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_un local;
	struct sockaddr_storage room;
};

static bool
is_loopback(const union address *a)
{
	if (a->any.sa_family == AF_INET)
		return ntohl(a->v4.sin_addr.s_addr) >> 24 == 127;
	if (a->any.sa_family == AF_INET6)
		return IN6_IS_ADDR_LOOPBACK(&a->v6.sin6_addr);
	return a->any.sa_family == AF_UNIX;
}

static int
port_of(const union address *a)
{
	if (a->any.sa_family == AF_INET)
		return ntohs(a->v4.sin_port);
	if (a->any.sa_family == AF_INET6)
		return ntohs(a->v6.sin6_port);
	return 0;
}

static int
parse_address(const char *text, uint16_t port, union address *ret, socklen_t *ret_len)
{
	memset(ret, 0, sizeof *ret);
	if (inet_pton(AF_INET, text, &ret->v4.sin_addr) == 1) {
		ret->v4.sin_family = AF_INET;
		ret->v4.sin_port = htons(port);
		*ret_len = sizeof ret->v4;
		return 0;
	}
	if (inet_pton(AF_INET6, text, &ret->v6.sin6_addr) == 1) {
		ret->v6.sin6_family = AF_INET6;
		ret->v6.sin6_port = htons(port);
		*ret_len = sizeof ret->v6;
		return 0;
	}
	return -EINVAL;
}

static int
open_socket(const union address *a, socklen_t len)
{
	_cleanup_close_ int fd = socket(a->any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	const int on = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0)
		return -errno;
	if (a->any.sa_family == AF_INET6 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) < 0)
		return -errno;
	if (bind(fd, &a->any, len) < 0)
		return -errno;
	return TAKE_FD(fd);
}

/* Accepted sockets inherit TCP_NODELAY; evhttp would leave Nagle's algorithm on, and an answer of two writes waits 40 ms. */
static int
prepare(int fd, int exposed_error, union address *ret_address)
{
	socklen_t len = sizeof *ret_address;
	const int on = 1;

	if (getsockname(fd, &ret_address->any, &len) < 0)
		return -errno;
	if (!is_loopback(ret_address) && exposed_error < 0)
		return exposed_error;
	if (ret_address->any.sa_family != AF_UNIX && setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) < 0)
		return -errno;
	if (listen(fd, BACKLOG) < 0)
		return -errno;
	return fd_set_nonblock(fd);
}

/* libevent tells an accept error only with the evhttp it was for. */
static struct listeners *known;

static void
apply(struct listeners *l)
{
	for (size_t i = 0; i < l->count; i++) {
		struct evconnlistener *listener = evhttp_bound_socket_get_listener(l->bound[i]);

		if (l->full || l->failed)
			evconnlistener_disable(listener);
		else
			evconnlistener_enable(listener);
	}
}

void
listeners_set_full(struct listeners *l, bool full)
{
	if (l->full == full)
		return;
	l->full = full;
	apply(l);
}

void
listeners_accepted(struct listeners *l)
{
	l->told = false;
}

static void
on_retry(evutil_socket_t fd, short what, void *arg)
{
	struct listeners *l = arg;

	(void)fd;
	(void)what;
	l->failed = false;
	apply(l);
}

/* Out of descriptors, accept() would fail again at once, and again: let some time pass. It need not be a connection of ours that
 * gives one back, so time is what ends it. */
static void
accept_failed(struct listeners *l, int error)
{
	static const struct timeval pause = {.tv_usec = RETRY_MS * 1000};

	if (!l->told)
		log_event(EV_HTTP_ACCEPT_FAILED, LOG_ERRNO(error), LOG_I64("DURATION_MS", RETRY_MS));
	l->told = l->failed = true;
	apply(l);
	event_add(l->retry, &pause);
}

static void
on_accept_error(struct evconnlistener *listener, void *arg)
{
	int error = EVUTIL_SOCKET_ERROR();

	(void)listener;
	for (struct listeners *l = known; l != NULL; l = l->next)
		if (l->http == arg)
			accept_failed(l, error);
}

void
listeners_init(struct listeners *l, struct event_base *base, struct evhttp *http)
{
	l->http = http;
	l->retry = evtimer_new(base, on_retry, l);
	l->next = known;
	known = l;
}

void
listeners_release(struct listeners *l)
{
	unix_socket_release(&l->file);
	for (struct listeners **p = &known; *p != NULL; p = &(*p)->next) {
		if (*p != l)
			continue;
		*p = l->next;
		event_free(l->retry);
		return;
	}
}

static int
listeners_add(struct listeners *l, int fd, int exposed_error)
{
	struct evhttp_bound_socket *bound;
	union address address;
	int r;

	if (l->count == ELEMENTSOF(l->bound))
		return -E2BIG;
	r = prepare(fd, exposed_error, &address);
	if (r < 0)
		return r;
	bound = evhttp_accept_socket_with_handle(l->http, fd);
	if (bound == NULL)
		return -ENOMEM;
	evconnlistener_set_error_cb(evhttp_bound_socket_get_listener(bound), on_accept_error);
	l->bound[l->count++] = bound;
	l->exposed |= !is_loopback(&address);
	if (l->port == 0)
		l->port = port_of(&address);
	return 0;
}

int
listeners_adopt(struct listeners *l, const int *fds, size_t count, int exposed_error)
{
	union address address;
	int r = count > LISTENERS_MAX ? -E2BIG : 0;

	/* All are looked at before the first is taken, because closing one cannot be undone. */
	for (size_t i = 0; i < count && r == 0; i++) {
		r = prepare(fds[i], exposed_error, &address);
		l->local = l->local || (r == 0 && address.any.sa_family == AF_UNIX);
	}
	for (size_t i = 0; i < count && r == 0; i++)
		r = listeners_add(l, fds[i], exposed_error);
	return r;
}

int
listeners_bind(struct listeners *l, const char *const *addresses, uint16_t port, int exposed_error)
{
	for (; *addresses != NULL; addresses++) {
		_cleanup_close_ int fd = -1;
		union address address;
		socklen_t len;
		int r;

		r = parse_address(*addresses, l->port != 0 ? (uint16_t)l->port : port, &address, &len);
		if (r < 0)
			return r;
		if (!is_loopback(&address) && exposed_error < 0)
			return exposed_error;
		fd = open_socket(&address, len);
		if (fd < 0)
			return fd;
		r = listeners_add(l, fd, exposed_error);
		if (r < 0)
			return r;
		TAKE_FD(fd);
	}
	return 0;
}

int
listeners_bind_unix(struct listeners *l, const char *path)
{
	_cleanup_close_ int fd = -1;
	int r = unix_socket_bind(path, &l->file, &fd);

	if (r == 0)
		r = listeners_add(l, fd, 0);
	if (r < 0) {
		unix_socket_release(&l->file);
		return r;
	}
	TAKE_FD(fd);
	return 0;
}

void
listeners_close(struct listeners *l)
{
	for (size_t i = 0; i < l->count; i++)
		evhttp_del_accept_socket(l->http, l->bound[i]);
	l->count = 0;
	unix_socket_release(&l->file);
}
