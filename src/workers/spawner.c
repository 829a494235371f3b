/* SPDX-License-Identifier: Apache-2.0 */
#include "workers/spawner.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "workers/children.h"
#include "workers/spawner_start.h"
#include "workers/worker.h"

#define EVENTS_AT_ONCE 64

/* How far the workers stand back behind the master: its writer is what they all wait for in the end, and its loop what everybody else does. */
#define WORKERS_NICE 5

/* An answer that the channel had no room for. As long as one waits nothing more is read, so one place is enough and a master that does
 * not listen is not served. */
struct reply {
	uint32_t type; /* enum message_type, 0: none */
	struct msg_spawned spawned;
	struct msg_pong pong;
};

struct spawner {
	int control_fd;
	int keeper_fd; /* -1: there is none, and so no worker that needs a secret */
	const struct warm *warm;
	struct children children;
	struct reply reply;
	uint32_t interest; /* what epoll watches the channel for */
	uint8_t buffer[MESSAGE_MAX_BYTES];
};

static int
reply_send(struct spawner *s)
{
	int r = 0;

	if (s->reply.type == MSG_SPAWNED)
		r = msg_spawned_send(s->control_fd, &s->reply.spawned, -1);
	else if (s->reply.type == MSG_PONG)
		r = msg_pong_send(s->control_fd, &s->reply.pong, -1);
	if (r == 0)
		s->reply.type = 0;
	return r;
}

/* Says what is to be said as far as the channel has room: -EAGAIN if something stays behind. An answer goes first, because a worker's
 * end may only be told after its start. */
static int
flush(struct spawner *s)
{
	struct child *child;
	int r = reply_send(s);

	while (r == 0 && (child = LIST_FIRST(&s->children.dead)) != NULL) {
		r = msg_exited_send(s->control_fd, &child->end, -1);
		if (r == 0)
			child_forget(&s->children, child);
	}
	return r;
}

/* The keeper hears of the worker from here, and gets one end of a channel to it. */
static int
announce(struct spawner *s, const struct msg_spawn *m, int *ret_key_fd)
{
	const struct msg_keeper_worker worker = {.worker_id = m->worker_id, .role = m->role, .owner = m->owner};
	_cleanup_close_ int theirs = -1;
	int pair[2], r;

	*ret_key_fd = -1;
	if (m->owner == 0)
		return 0;
	if (s->keeper_fd < 0)
		return -ENOTCONN;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) < 0)
		return -errno;
	theirs = pair[1];
	/* One way only: the keeper reads nothing of a worker, and what a worker piled up there, descriptors above all, would count against the whole user. */
	r = shutdown(theirs, SHUT_RD) < 0 ? -errno : msg_keeper_worker_send(s->keeper_fd, &worker, theirs);
	if (r < 0)
		close(pair[0]);
	else
		*ret_key_fd = pair[0];
	return r;
}

static int
fork_worker(struct spawner *s, const struct msg_spawn *m, int channel)
{
	_cleanup_close_ int key_fd = -1;
	pid_t pid;
	int r;

	if (s->children.count >= SPAWNER_WORKERS_MAX)
		return -EAGAIN;
	r = announce(s, m, &key_fd);
	if (r < 0)
		return r;
	/* Without the libraries' handlers: those of the ones left behind (baggage.h) are not there in the child. There is one thread, so
	 * there is no lock to hand over either. */
	pid = _Fork();
	if (pid < 0)
		return -errno;
	if (pid == 0)
		worker_main(s->warm, &(struct worker_order){(enum worker_role)m->role, m->alp_user_id, channel, key_fd});
	r = children_add(&s->children, m->worker_id, pid, clock_mono_ms() + m->deadline_ms);
	return r < 0 ? r : pid;
}

static int
on_spawn(struct spawner *s, const struct message *m)
{
	struct msg_spawn spawn;

	if (msg_spawn_decode(m, &spawn) < 0 || worker_role_name(spawn.role) == NULL ||
	    children_find(&s->children, spawn.worker_id) != NULL || spawn.owner < 0)
		return -EBADMSG;
	s->reply.spawned = (struct msg_spawned){.worker_id = spawn.worker_id, .pid = fork_worker(s, &spawn, m->fd)};
	s->reply.type = MSG_SPAWNED;
	return 0;
}

static int
on_kill_worker(struct spawner *s, const struct message *m)
{
	struct msg_kill_worker order;
	struct child *child;

	if (msg_kill_worker_decode(m, &order) < 0)
		return -EBADMSG;
	child = children_find(&s->children, order.worker_id);
	if (child != NULL)
		child_kill(child);
	return 0;
}

static int
on_ping(struct spawner *s, const struct message *m)
{
	struct msg_ping ping;

	if (msg_ping_decode(m, &ping) < 0)
		return -EBADMSG;
	s->reply.pong.sequence = ping.sequence;
	s->reply.type = MSG_PONG;
	return 0;
}

/* The last one died. */
static int
on_keeper(struct spawner *s, struct message *m)
{
	struct msg_spawner_keeper told;

	if (msg_spawner_keeper_decode(m, &told) < 0)
		return -EBADMSG;
	closep(&s->keeper_fd);
	s->keeper_fd = TAKE_FD(m->fd);
	return 0;
}

static int
dispatch(struct spawner *s, struct message *m)
{
	switch (m->type) {
	case MSG_SPAWNER_KEEPER:
		return on_keeper(s, m);
	case MSG_SPAWN:
		return on_spawn(s, m);
	case MSG_KILL_WORKER:
		return on_kill_worker(s, m);
	case MSG_PING:
		return on_ping(s, m);
	default:
		return -EBADMSG;
	}
}

/* 1: go on; 0: the master is gone; -errno. */
static int
on_control(struct spawner *s)
{
	_cleanup_(message_release) struct message m = {.fd = -1};
	int r;

	if (s->reply.type != 0)
		return 1; /* flush() comes first */
	r = message_recv(s->control_fd, M2S, S_SERVING, s->buffer, &m);
	if (r == -EAGAIN)
		return 1;
	if (r <= 0)
		return r;
	r = dispatch(s, &m);
	return r < 0 ? r : 1;
}

static int
watch_control(struct spawner *s, int operation, uint32_t interest)
{
	struct epoll_event event = {.events = interest, .data.ptr = NULL};

	s->interest = interest;
	return epoll_ctl(s->children.epoll_fd, operation, s->control_fd, &event) < 0 ? -errno : 0;
}

/* 1: go on; 0: the master is gone; -errno. */
static int
flush_and_watch(struct spawner *s)
{
	int r = flush(s);
	uint32_t interest = (r == -EAGAIN ? EPOLLOUT : 0u) | (s->reply.type == 0 ? EPOLLIN : 0u);

	if (r == -EPIPE)
		return 0;
	if (r < 0 && r != -EAGAIN)
		return r;
	if (interest != s->interest) {
		r = watch_control(s, EPOLL_CTL_MOD, interest);
		if (r < 0)
			return r;
	}
	return 1;
}

static int
handle_events(struct spawner *s, int timeout_ms)
{
	struct epoll_event events[EVENTS_AT_ONCE];
	int n = epoll_wait(s->children.epoll_fd, events, EVENTS_AT_ONCE, timeout_ms);
	int r = 1;

	if (n < 0)
		return errno == EINTR ? 1 : -errno;
	for (int i = 0; i < n && r > 0; i++) {
		if (events[i].data.ptr == NULL)
			r = on_control(s);
		else
			child_reap(&s->children, events[i].data.ptr);
	}
	return r;
}

static int
serve(struct spawner *s)
{
	int r = watch_control(s, EPOLL_CTL_ADD, EPOLLIN);

	if (r == 0)
		r = 1;
	while (r > 0) {
		r = handle_events(s, children_enforce_deadlines(&s->children, clock_mono_ms()));
		if (r > 0)
			r = flush_and_watch(s);
	}
	children_end_all(&s->children);
	return r;
}

/* Workers inherit it. Without the right to, they are as urgent as the master. */
static void
stand_back(void)
{
	int nice_value;

	errno = 0;
	nice_value = getpriority(PRIO_PROCESS, 0);
	if (nice_value >= 0 || errno == 0)
		(void)setpriority(PRIO_PROCESS, 0, nice_value + WORKERS_NICE);
}

int
spawner_main(int control_fd)
{
	static struct spawner s; /* too large for the stack that every worker inherits */
	static struct warm warm;
	int r;

	stand_back();
	r = spawner_start(control_fd, &warm, &s.children.epoll_fd);
	if (r > 0) {
		s.control_fd = control_fd;
		s.keeper_fd = -1;
		s.warm = &warm;
		r = serve(&s);
		if (r < 0)
			spawner_complain("serve the master", r);
	}
	return r < 0 ? 1 : 0;
}
