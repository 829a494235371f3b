/* SPDX-License-Identifier: Apache-2.0 */
/* engine.h - the inside of a struct store, for its own files: the queues between the loop and the store threads.
 *
 * Who touches what:
 *   - `lock` guards the queues, `stopping` and `tend_wanted`; nothing else is held or done under it but moving list heads
 *   - a txn belongs to its thread from pthread_create to pthread_join, to the opener before and after
 *   - `pending` belongs to the loop; the atomics to everyone
 */
#ifndef RTALP_STORE_ENGINE_H
#define RTALP_STORE_ENGINE_H

#include <pthread.h>
#include <stdatomic.h>

#include "store/event.h"
#include "store/sqlite.h"

#define READERS_MAX  16
#define SECRET_BYTES 32

struct task {
	struct task *next;
	store_run_fn run;
	store_done_fn done;
	void *arg;
	int r;
	struct event_list events; /* of the commit it was the first task of */
};

/* First in, first out. tail is NULL exactly when head is. */
struct task_queue {
	struct task *head, *tail;
};

/* The writer's; `after` is how they will be once the transaction has committed. */
struct event_numbers {
	int64_t keep;
	int64_t oldest, newest; /* oldest: may be less than what is there, never more */
	struct {
		int64_t oldest, newest;
	} after;
};

struct reader {
	struct store *store;
	struct txn txn;
	pthread_t thread;
};

struct store {
	pthread_mutex_t lock;
	pthread_cond_t to_write_grew, to_read_grew, tend;
	struct task_queue to_write, to_read, finished;
	bool stopping;
	bool tend_wanted;

	struct txn writer;
	bool log_settled;   /* nothing was committed since the tender was last asked; the writer thread's, as the next */
	int settled_frames; /* how long the log was then */
	int64_t renew_after_ms; /* the file could not be written anew: not before then */
	struct event_numbers events;
	pthread_t writer_thread;
	struct txn tender;
	pthread_t tender_thread;
	unsigned threads; /* that run: the writer first, then the tender, then readers */
	unsigned readers; /* that have a connection */
	struct reader reader[READERS_MAX];

	atomic_int health;
	atomic_uint_fast64_t writes, reads, commits, checkpoints, notices;
	atomic_int wal_frames;
	atomic_int_fast64_t commit_began_ms; /* monotonic; 0: the writer does nothing */

	atomic_int backing_up, backup_stop; /* a backup is being made; it is to be given up */
	pthread_t backup_thread;
	bool backup_runs; /* the thread was made and not joined yet; the loop's */

	struct task_queue to_deliver; /* the loop's, as the next */
	unsigned pending;
	store_events_fn on_events;
	void *on_events_arg;
	int64_t newest_event; /* that was handed to on_events, or there when the store was opened */
	int event_fd;
	int lock_fd;
	unsigned char secret[SECRET_BYTES]; /* of the installation; never leaves this struct but into a hash */
	char *path; /* without symbolic links */
	char *directory;
	int64_t min_free_bytes;
	day_t doubtful_until; /* as it was opened, and the next */
	bool posting_held;
};

void queue_append(struct task_queue *q, struct task *first, struct task *last);
/* Takes up to `max` from the front as a NULL-ended list. */
struct task *queue_take(struct task_queue *q, size_t max);

/* Hands tasks that ran back to the loop. */
void store_finished(struct store *s, struct task *tasks);
/* A store thread met an engine error. */
void store_note(struct store *s, enum store_health health);
/* What a task gets that was undone by, or never ran because of, that state of the store. */
int health_errno(enum store_health health);

/* Moves what is in the log into the database, on the caller's thread and connection. */
/* Before the engine is used for the first time; later it has no effect. */
void engine_memory_set(void);

void log_move(struct store *s, struct txn *txn, int mode);

/* Numbers and writes what the transaction told, as its last statements. -errno: it must not commit. */
int txn_events_write(struct txn *txn, struct event_numbers *n);
/* It committed: the numbers are given, the events are the caller's. */
void txn_events_written(struct txn *txn, struct event_numbers *n, struct event_list *ret_list);

/* The thread of the last backup is gone. */
void store_backup_join(struct store *s);

void *writer_main(void *store);
void *tender_main(void *store);
void *reader_main(void *reader);

#endif
