/* SPDX-License-Identifier: Apache-2.0 */
/* bench_bean - puts jobs into beanstalkd, over connections with one job under way each, and says how long the answers took.
 *
 *     bench_bean PORT CONNECTIONS SECONDS BODY
 *
 * The peer of bench_load for submissions: the same line of JSON, as far as it goes.
 */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/str.h"

#define CONNECTIONS_MAX 1000
#define LATENCIES_MAX   4000000

struct client {
	int fd;
	int64_t began_us;
	char answer[64];
	size_t got;
};

static const char *request;
static size_t request_len;
static int64_t *latencies_us;
static size_t finished;

_noreturn_ static void
die(const char *what)
{
	fprintf(stderr, "bench_bean: %s\n", what);
	exit(2);
}

static void
client_put(struct client *c)
{
	c->began_us = clock_mono_us();
	c->got = 0;
	/* A small write into an empty socket is taken whole. */
	if (send(c->fd, request, request_len, MSG_NOSIGNAL) != (ssize_t)request_len)
		die("a job could not be sent");
}

static void
client_open(struct client *c, int epoll, int port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};
	int one = 1;

	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&address, sizeof address) < 0)
		die("cannot connect");
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	if (epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &e) < 0)
		die("epoll_ctl failed");
	client_put(c);
}

/* True when the answer is there. */
static bool
client_read(struct client *c)
{
	ssize_t n = recv(c->fd, c->answer + c->got, sizeof c->answer - 1 - c->got, 0);

	if (n <= 0)
		die("a connection broke");
	c->got += (size_t)n;
	c->answer[c->got] = '\0';
	if (strchr(c->answer, '\n') == NULL)
		return false;
	if (strncmp(c->answer, "INSERTED ", 9) != 0)
		die(c->answer);
	if (finished < LATENCIES_MAX)
		latencies_us[finished++] = clock_mono_us() - c->began_us;
	return true;
}

static int
by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static void
tell(double seconds)
{
	if (finished == 0)
		die("nothing was answered");
	qsort(latencies_us, finished, sizeof *latencies_us, by_value);
	printf("{\"requests\": %zu, \"seconds\": %.3f, \"per_second\": %.1f, \"p50_us\": %lld, \"p99_us\": %lld, \"max_us\": %lld}\n", finished,
	    seconds, (double)finished / seconds, (long long)latencies_us[finished / 2], (long long)latencies_us[finished * 99 / 100],
	    (long long)latencies_us[finished - 1]);
}

int
main(int argc, char **argv)
{
	static struct client clients[CONNECTIONS_MAX];
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	int64_t port, count, start_us, end_us;

	if (argc != 5 || epoll < 0)
		die("usage: bench_bean PORT CONNECTIONS SECONDS BODY");
	if (str_to_i64(str_of(argv[1]), 1, UINT16_MAX, &port) < 0 || str_to_i64(str_of(argv[2]), 1, CONNECTIONS_MAX, &count) < 0)
		die("a number is wrong or out of bounds");
	request = xasprintf("put 0 0 60 %zu\r\n%s\r\n", strlen(argv[4]), argv[4]);
	request_len = strlen(request);
	latencies_us = xcalloc(LATENCIES_MAX, sizeof *latencies_us);
	start_us = clock_mono_us();
	end_us = start_us + (int64_t)(atof(argv[3]) * 1e6);
	for (int64_t i = 0; i < count; i++)
		client_open(&clients[i], epoll, (int)port);
	while (clock_mono_us() < end_us) {
		struct epoll_event events[64];
		int n = epoll_wait(epoll, events, 64, 100);

		for (int i = 0; i < n; i++)
			if (client_read(events[i].data.ptr))
				client_put(events[i].data.ptr);
	}
	tell((double)(clock_mono_us() - start_us) / 1e6);
	return 0;
}
