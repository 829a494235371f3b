/* SPDX-License-Identifier: Apache-2.0 */
#include "workers/children.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/pidfd.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "base/alloc.h"
#include "base/fd.h"

static int
wait_for(pid_t pid, struct rusage *usage)
{
	int status = 0;

	while (wait4(pid, &status, 0, usage) < 0)
		if (errno != EINTR)
			break;
	return status;
}

static int
watch(struct children *c, struct child *child)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = child};

	child->pidfd = pidfd_open(child->end.pid, 0);
	if (child->pidfd < 0 || epoll_ctl(c->epoll_fd, EPOLL_CTL_ADD, child->pidfd, &event) < 0)
		return -errno;
	return 0;
}

int
children_add(struct children *c, uint64_t worker_id, pid_t pid, int64_t deadline_ms)
{
	struct child *child = xcalloc(1, sizeof *child);
	struct rusage ignored;
	int r;

	child->pidfd = -1;
	child->deadline_ms = deadline_ms;
	child->end = (struct msg_exited){.worker_id = worker_id, .pid = pid, .exit_code = -1};
	r = watch(c, child);
	if (r < 0) {
		/* Not reaped yet, so the number is still its own. */
		kill(pid, SIGKILL);
		wait_for(pid, &ignored);
		closep(&child->pidfd);
		free(child);
		return r;
	}
	LIST_INSERT_HEAD(&c->living, child, link);
	c->count++;
	return 0;
}

struct child *
children_find(const struct children *c, uint64_t worker_id)
{
	struct child *child;

	LIST_FOREACH(child, &c->living, link)
	if (child->end.worker_id == worker_id)
		return child;
	return NULL;
}

void
child_kill(struct child *child)
{
	(void)pidfd_send_signal(child->pidfd, SIGKILL, NULL, 0);
}

static uint64_t
microseconds(const struct rusage *u)
{
	return (uint64_t)(u->ru_utime.tv_sec + u->ru_stime.tv_sec) * 1000000 +
	       (uint64_t)(u->ru_utime.tv_usec + u->ru_stime.tv_usec);
}

/* A child forked meanwhile may still hold a copy of the pidfd for a moment, and a copy keeps an epoll entry alive: so it is taken out by
 * hand before the descriptor is closed, or it would speak of a freed child. */
static void
unwatch(struct children *c, struct child *child)
{
	(void)epoll_ctl(c->epoll_fd, EPOLL_CTL_DEL, child->pidfd, NULL);
	closep(&child->pidfd);
}

void
child_reap(struct children *c, struct child *child)
{
	struct rusage usage = {0};
	int status = wait_for(child->end.pid, &usage);

	unwatch(c, child);
	child->dead = true;
	if (WIFEXITED(status))
		child->end.exit_code = WEXITSTATUS(status);
	if (WIFSIGNALED(status))
		child->end.term_signal = WTERMSIG(status);
	/* One that left by itself while the kill was on its way met its deadline. */
	if (child->end.term_signal != SIGKILL)
		child->end.by_deadline = 0;
	child->end.cpu_us = microseconds(&usage);
	child->end.peak_rss_bytes = (uint64_t)usage.ru_maxrss * 1024;
	LIST_REMOVE(child, link);
	LIST_INSERT_HEAD(&c->dead, child, link);
}

void
child_forget(struct children *c, struct child *child)
{
	LIST_REMOVE(child, link);
	free(child);
	c->count--;
}

int
children_enforce_deadlines(struct children *c, int64_t now_ms)
{
	int64_t next = INT64_MAX;
	struct child *child;

	LIST_FOREACH(child, &c->living, link)
	{
		if (child->end.by_deadline)
			continue;
		if (child->deadline_ms <= now_ms) {
			child->end.by_deadline = 1;
			child_kill(child);
		} else {
			next = MIN_OF(next, child->deadline_ms);
		}
	}
	return next == INT64_MAX ? -1 : (int)MIN_OF(next - now_ms, INT_MAX);
}

void
children_end_all(struct children *c)
{
	struct child *child;

	LIST_FOREACH(child, &c->living, link)
	child_kill(child);
	while ((child = LIST_FIRST(&c->living)) != NULL)
		child_reap(c, child);
	while ((child = LIST_FIRST(&c->dead)) != NULL)
		child_forget(c, child);
}
