/* SPDX-License-Identifier: Apache-2.0 */
#include "workers/spawner_start.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "workers/baggage.h"
#include "workers/settle.h"
#include "workers/spawner.h"
#include "workers/worker.h"

#define INIT_WAIT_MS 10000
#define OOM_SCORE    "900"
/* A pidfd a worker, the channel it came with, and our own. */
#define DESCRIPTORS_WANTED (SPAWNER_WORKERS_MAX + 64u)

void
spawner_complain(const char *what, int r)
{
	fprintf(stderr, "rtalpd: spawner: cannot %s: %s\n", what, strerror(-r));
}

/* When memory runs out, the workers and this process go before the master does, whoever seems larger: what a worker has in memory files counts for
 * nobody, and is free when it is gone. */
static void
go_first(void)
{
	_cleanup_close_ int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	if (fd >= 0)
		(void)!write(fd, OOM_SCORE, sizeof OOM_SCORE - 1);
}

static int
settle(int control_fd)
{
	int r = settle_role(control_fd, "rtalpd: spawner", DESCRIPTORS_WANTED);

	if (r < 0)
		spawner_complain("start", r);
	else
		go_first();
	return r;
}

/* 1: *ret_init borrows the buffer, *ret_rules_fd is the caller's; 0: the master hung up. */
static int
receive_init(int control_fd, uint8_t *buffer, struct msg_spawner_init *ret_init, int *ret_rules_fd)
{
	struct pollfd p = {.fd = control_fd, .events = POLLIN};
	_cleanup_(message_release) struct message m = {.fd = -1};
	int r = poll(&p, 1, INIT_WAIT_MS);

	if (r == 0)
		return -ETIMEDOUT;
	if (r < 0)
		return -errno;
	r = message_recv(control_fd, M2S, S_STARTING, buffer, &m);
	if (r <= 0)
		return r;
	if (m.type != MSG_SPAWNER_INIT || msg_spawner_init_decode(&m, ret_init) < 0)
		return -EBADMSG;
	*ret_rules_fd = TAKE_FD(m.fd);
	return 1;
}

static int
rehearse(const struct warm *warm, const char **ret_what)
{
	int r = confine_spawner();

	*ret_what = "confine itself";
	if (r < 0)
		return r;
	*ret_what = "confine a fetch worker";
	r = worker_rehearse(warm, ROLE_FETCH);
	if (r < 0)
		return r;
	*ret_what = "confine a process worker";
	r = worker_rehearse(warm, ROLE_PROCESS);
	if (r < 0)
		return r;
	*ret_what = "confine a worker that delivers";
	return worker_rehearse(warm, ROLE_DELIVER);
}

static int
say_ready(int control_fd, const struct warm *warm, int64_t started_us)
{
	const struct msg_spawner_ready ready = {
	    .protocol = PROTOCOL_VERSION,
	    .warm_us = (uint32_t)(clock_mono_us() - started_us),
	    .ca_count = warm->root_count,
	};
	int r = msg_spawner_ready_send(control_fd, &ready, -1);

	return r < 0 ? r : fd_set_nonblock(control_fd);
}

static int
become_warm(int control_fd, struct warm_order *order, bool bound_now, struct warm *ret_warm, int *ret_epoll_fd)
{
	const int64_t started_us = clock_mono_us();
	_cleanup_close_ int epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	const char *what = "start";
	int r = epoll_fd < 0 ? -errno : 0;

	if (r == 0)
		r = warm_up(order, ret_warm, &what);
	/* Before the master hears of it: nothing but the channel is open then. */
	closep(&order->rules_fd);
	if (r == 0) {
		baggage_leave_behind(bound_now);
		r = rehearse(ret_warm, &what);
	}
	if (r == 0) {
		what = "answer the master";
		r = say_ready(control_fd, ret_warm, started_us);
	}
	if (r < 0) {
		spawner_complain(what, r);
		return r;
	}
	*ret_epoll_fd = TAKE_FD(epoll_fd);
	return 1;
}

int
spawner_start(int control_fd, struct warm *ret_warm, int *ret_epoll_fd)
{
	uint8_t buffer[MESSAGE_MAX_BYTES];
	struct msg_spawner_init init;
	struct warm_order order = {.init = &init, .rules_fd = -1};
	/* Asked before the environment goes. */
	bool bound_now = getenv("LD_BIND_NOW") != NULL;
	int r;

	r = settle(control_fd);
	if (r < 0)
		return r;
	r = receive_init(control_fd, buffer, &init, &order.rules_fd);
	if (r < 0)
		spawner_complain("understand the master's first word", r);
	if (r <= 0)
		return r;
	return become_warm(control_fd, &order, bound_now, ret_warm, ret_epoll_fd);
}
