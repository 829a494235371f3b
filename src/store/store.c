/* SPDX-License-Identifier: Apache-2.0 */
/* The loop's side: handing closures over and delivering their completions. */
#include "store/store.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/statvfs.h>

#include "base/alloc.h"
#include "store/engine.h"

void
queue_append(struct task_queue *q, struct task *first, struct task *last)
{
	if (q->tail != NULL)
		q->tail->next = first;
	else
		q->head = first;
	q->tail = last;
}

struct task *
queue_take(struct task_queue *q, size_t max)
{
	struct task *first = q->head, *last = first;

	if (first == NULL)
		return NULL;
	while (--max > 0 && last->next != NULL)
		last = last->next;
	q->head = last->next;
	if (q->head == NULL)
		q->tail = NULL;
	last->next = NULL;
	return first;
}

static void
hand_over(struct store *s, struct task_queue *q, pthread_cond_t *grew, const struct task *task)
{
	struct task *t = xcalloc(1, sizeof *t);

	*t = *task;
	s->pending++;
	pthread_mutex_lock(&s->lock);
	queue_append(q, t, t);
	pthread_mutex_unlock(&s->lock);
	/* Who is woken takes the lock first thing: under it he would be woken only to wait again. */
	pthread_cond_signal(grew);
}

void
store_write(struct store *s, store_run_fn run, store_done_fn done, void *arg)
{
	hand_over(s, &s->to_write, &s->to_write_grew, &(struct task){.run = run, .done = done, .arg = arg});
}

void
store_read(struct store *s, store_run_fn run, store_done_fn done, void *arg)
{
	hand_over(s, &s->to_read, &s->to_read_grew, &(struct task){.run = run, .done = done, .arg = arg});
}

void
store_finished(struct store *s, struct task *tasks)
{
	struct task *last = tasks;
	bool was_empty;

	while (last->next != NULL)
		last = last->next;
	pthread_mutex_lock(&s->lock);
	was_empty = s->finished.head == NULL;
	queue_append(&s->finished, tasks, last);
	pthread_mutex_unlock(&s->lock);
	if (was_empty)
		(void)eventfd_write(s->event_fd, 1);
}

int
store_event_fd(const struct store *s)
{
	return s->event_fd;
}

void
store_on_events(struct store *s, store_events_fn fn, void *arg)
{
	s->on_events = fn;
	s->on_events_arg = arg;
}

int64_t
store_newest_event(const struct store *s)
{
	return s->newest_event;
}

static void
tell_events(struct store *s, struct event_list *events)
{
	if (events->count > 0) {
		s->newest_event = events->rows[events->count - 1].event_id;
		if (s->on_events != NULL)
			s->on_events(events->rows, events->count, s->on_events_arg);
	}
	event_list_release(events);
}

static void
take_finished(struct store *s)
{
	pthread_mutex_lock(&s->lock);
	s->to_deliver = s->finished;
	s->finished = (struct task_queue){0};
	pthread_mutex_unlock(&s->lock);
}

/* All are delivered, and the descriptor may say so, unless others finished just now. */
static void
settle_event(struct store *s)
{
	eventfd_t ignored;

	(void)eventfd_read(s->event_fd, &ignored);
	take_finished(s);
	if (s->to_deliver.head != NULL)
		(void)eventfd_write(s->event_fd, 1);
}

void
store_dispatch_some(struct store *s, size_t max)
{
	struct task *t;

	if (s->to_deliver.head == NULL)
		take_finished(s);
	/* One by one: what is left of them stays ours. */
	while (max-- > 0 && (t = queue_take(&s->to_deliver, 1)) != NULL) {
		s->pending--;
		tell_events(s, &t->events);
		t->done(t->r, t->arg);
		free(t);
	}
	if (s->to_deliver.head == NULL)
		settle_event(s);
}

void
store_dispatch(struct store *s)
{
	store_dispatch_some(s, SIZE_MAX);
}

void
store_note(struct store *s, enum store_health health)
{
	int is = atomic_load(&s->health);

	/* Failed is for ever; and nobody has to look at what did not change. */
	while (is != STORE_FAILED && is != (int)health)
		if (atomic_compare_exchange_weak(&s->health, &is, (int)health)) {
			(void)eventfd_write(s->event_fd, 1);
			return;
		}
}

int
health_errno(enum store_health health)
{
	return health == STORE_FULL ? -ENOSPC : -EIO;
}

enum store_health
store_health(const struct store *s)
{
	return (enum store_health)atomic_load(&s->health);
}

int64_t
store_commit_began_ms(const struct store *s)
{
	return (int64_t)atomic_load(&s->commit_began_ms);
}

int64_t
store_free_bytes(const struct store *s)
{
	struct statvfs fs;

	if (statvfs(s->directory, &fs) < 0)
		return -1;
	return (int64_t)MIN_OF((uint64_t)fs.f_bavail * fs.f_frsize, (uint64_t)INT64_MAX);
}

bool
store_has_room(const struct store *s)
{
	return store_free_bytes(s) >= MAX_OF(s->min_free_bytes, 0);
}

day_t
store_doubtful_until(const struct store *s)
{
	return s->doubtful_until;
}

bool
store_posting_is_held(const struct store *s)
{
	return s->posting_held;
}

unsigned
store_pending(const struct store *s)
{
	return s->pending;
}

void
store_fingerprint(const struct store *s, const struct str *parts, size_t count, unsigned char ret_hash[FINGERPRINT_BYTES])
{
	crypto_generichash_state state;

	crypto_generichash_init(&state, s->secret, sizeof s->secret, FINGERPRINT_BYTES);
	for (size_t i = 0; i < count; i++) {
		uint64_t len = parts[i].len;

		crypto_generichash_update(&state, (const unsigned char *)&len, sizeof len);
		crypto_generichash_update(&state, (const unsigned char *)parts[i].p, len);
	}
	crypto_generichash_final(&state, ret_hash, FINGERPRINT_BYTES);
	sodium_memzero(&state, sizeof state);
}

void
store_get_stats(const struct store *s, struct store_stats *ret_stats)
{
	ret_stats->writes = atomic_load(&s->writes);
	ret_stats->reads = atomic_load(&s->reads);
	ret_stats->commits = atomic_load(&s->commits);
	ret_stats->checkpoints = atomic_load(&s->checkpoints);
	ret_stats->wal_frames = (uint64_t)atomic_load(&s->wal_frames);
}
