/* SPDX-License-Identifier: Apache-2.0 */
#include "workers/sockets.h"

#include <errno.h>
#include <poll.h>

#include "base/clock.h"
#include "base/fd.h"
#include "proto/message.h"

/* Of a net for documentation, where nobody is (RFC 5737): so that libcurl neither looks a name up nor cares what kind an address has. */
#define NOWHERE "::192.0.2.1:"

/* 1: there was an answer to this question; 0: to an older one; or -errno. */
static int
take_answer(struct sockets *s, struct message *m, int *ret_fd)
{
	struct msg_socket given;
	struct msg_no_socket none;

	if (m->type == MSG_SOCKET && msg_socket_decode(m, &given) == 0) {
		if (given.number != s->last)
			return 0;
		*ret_fd = TAKE_FD(m->fd);
		return 1;
	}
	if (m->type == MSG_NO_SOCKET && msg_no_socket_decode(m, &none) == 0) {
		if (none.number != s->last)
			return 0;
		return none.error > 0 && none.error < 4096 ? -(int)none.error : -EIO;
	}
	return -EBADMSG;
}

static int
receive(struct sockets *s, int *ret_fd)
{
	uint8_t buffer[MESSAGE_MAX_BYTES];
	_cleanup_(message_release) struct message m = {.fd = -1};
	int r = message_recv(s->channel, M2W, s->state, buffer, &m);

	if (r <= 0)
		return r < 0 ? r : -EPIPE;
	return take_answer(s, &m, ret_fd);
}

static int
wait_for_one(struct sockets *s, int *ret_fd)
{
	const int64_t end_ms = clock_mono_ms() + s->timeout_ms;
	int r = 0;

	while (r == 0) {
		int64_t left_ms = end_ms - clock_mono_ms();
		struct pollfd p = {.fd = s->channel, .events = POLLIN};

		if (left_ms <= 0)
			return -ETIMEDOUT;
		r = poll(&p, 1, (int)MIN_OF(left_ms, INT32_MAX));
		if (r < 0 && errno != EINTR)
			return -errno;
		r = r > 0 ? receive(s, ret_fd) : 0;
	}
	return r;
}

static int
get_one(struct sockets *s, int *ret_fd)
{
	const struct msg_want_socket want = {.number = ++s->last};
	int r = want.number > 1 ? msg_want_socket_send(s->channel, &want, -1) : 0;

	return r < 0 ? r : wait_for_one(s, ret_fd);
}

static curl_socket_t
open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *to)
{
	struct sockets *s = arg;
	int fd = -1, r = get_one(s, &fd);

	(void)purpose;
	(void)to;
	s->error = r < 0 ? -r : 0;
	return r < 0 ? CURL_SOCKET_BAD : fd;
}

static int
is_connected(void *arg, curl_socket_t fd, curlsocktype purpose)
{
	(void)arg;
	(void)fd;
	(void)purpose;
	return CURL_SOCKOPT_ALREADY_CONNECTED;
}

int
sockets_attach(struct sockets *s, CURL *curl)
{
	s->connect_to = curl_slist_append(NULL, NOWHERE);
	if (s->connect_to == NULL)
		return -ENOMEM;
	curl_easy_setopt(curl, CURLOPT_CONNECT_TO, s->connect_to);
	curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, s);
	curl_easy_setopt(curl, CURLOPT_SOCKOPTFUNCTION, is_connected);
	/* libcurl 7.88 looks at a socket that came connected only when this is over, which by default is a fifth of a second. */
	curl_easy_setopt(curl, CURLOPT_HAPPY_EYEBALLS_TIMEOUT_MS, 1L);
	return 0;
}

void
sockets_release(struct sockets *s)
{
	curl_slist_free_all(s->connect_to);
	s->connect_to = NULL;
}
