/* SPDX-License-Identifier: Apache-2.0 */
#include "alp/aside.h"

#include <errno.h>
#include <event2/event.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/eventfd.h>
#include <sys/queue.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"

struct piece {
	void (*work)(void *arg);
	void (*over)(void *arg);
	void *arg;
	STAILQ_ENTRY(piece) entry;
};
STAILQ_HEAD(piece_list, piece);

struct aside {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t more;
	struct piece_list todo, done; /* under the lock */
	bool stopping;                /* likewise; what is still to do is done first */
	int fd;
	struct event *event;
};

static void *
run(void *arg)
{
	struct aside *a = arg;
	struct piece *p;

	pthread_mutex_lock(&a->lock);
	for (;;) {
		while (STAILQ_EMPTY(&a->todo) && !a->stopping)
			pthread_cond_wait(&a->more, &a->lock);
		if ((p = STAILQ_FIRST(&a->todo)) == NULL)
			break;
		STAILQ_REMOVE_HEAD(&a->todo, entry);
		pthread_mutex_unlock(&a->lock);
		p->work(p->arg);
		pthread_mutex_lock(&a->lock);
		STAILQ_INSERT_TAIL(&a->done, p, entry);
		(void)eventfd_write(a->fd, 1);
	}
	pthread_mutex_unlock(&a->lock);
	return NULL;
}

static void
tell(struct aside *a)
{
	struct piece_list done = STAILQ_HEAD_INITIALIZER(done);
	struct piece *p;

	pthread_mutex_lock(&a->lock);
	STAILQ_CONCAT(&done, &a->done);
	pthread_mutex_unlock(&a->lock);
	while ((p = STAILQ_FIRST(&done)) != NULL) {
		STAILQ_REMOVE_HEAD(&done, entry);
		p->over(p->arg);
		free(p);
	}
}

static void
on_done(evutil_socket_t fd, short what, void *arg)
{
	eventfd_t count;

	(void)what;
	(void)eventfd_read(fd, &count);
	tell(arg);
}

/* Signals are the main thread's. */
static int
start_thread(struct aside *a)
{
	sigset_t all, old;
	int r;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &old);
	r = pthread_create(&a->thread, NULL, run, a);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return -r;
}

static void
release(struct aside *a)
{
	if (a->event != NULL)
		event_free(a->event);
	closep(&a->fd);
	pthread_cond_destroy(&a->more);
	pthread_mutex_destroy(&a->lock);
	free(a);
}

int
aside_new(struct event_base *base, struct aside **ret_aside)
{
	struct aside *a = xcalloc(1, sizeof *a);
	int r;

	STAILQ_INIT(&a->todo);
	STAILQ_INIT(&a->done);
	pthread_mutex_init(&a->lock, NULL);
	pthread_cond_init(&a->more, NULL);
	a->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	r = a->fd < 0 ? -errno : 0;
	if (r == 0) {
		a->event = event_new(base, a->fd, EV_READ | EV_PERSIST, on_done, a);
		r = a->event == NULL || event_add(a->event, NULL) < 0 ? -ENOMEM : start_thread(a);
	}
	if (r < 0) {
		release(a);
		return r;
	}
	*ret_aside = a;
	return 0;
}

struct aside *
aside_free(struct aside *a)
{
	if (a == NULL)
		return NULL;
	pthread_mutex_lock(&a->lock);
	a->stopping = true;
	pthread_cond_signal(&a->more);
	pthread_mutex_unlock(&a->lock);
	pthread_join(a->thread, NULL);
	tell(a);
	release(a);
	return NULL;
}

void
aside_run(struct aside *a, void (*work)(void *arg), void (*over)(void *arg), void *arg)
{
	struct piece *p = xcalloc(1, sizeof *p);

	*p = (struct piece){.work = work, .over = over, .arg = arg};
	pthread_mutex_lock(&a->lock);
	STAILQ_INSERT_TAIL(&a->todo, p, entry);
	pthread_cond_signal(&a->more);
	pthread_mutex_unlock(&a->lock);
}
