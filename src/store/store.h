/* SPDX-License-Identifier: Apache-2.0 */
/* store.h - the durable memory: one writer thread, a few reader threads, and closures handed to them.
 *
 * The loop never waits for the disk. It hands over a closure, which runs inside a transaction on a store thread, and gets its result
 * back through store_dispatch() after the transaction is committed and synced. Everything that queued up while the last commit was
 * syncing becomes the next transaction (group commit); each closure has a savepoint of its own inside it, so one that fails undoes
 * only itself (but see txn_promise).
 *
 * Order: writes run in the order they were handed over, and complete in that order. A read sees every write whose completion was
 * delivered before the read was handed over.
 *
 * Errors given to `done`: what the closure returned (negative: its changes were undone), or
 *   -ENOSPC  the disk is full: nothing of it was kept; the store goes on and tells store_health()
 *   -EBUSY   a program beside this daemon kept the database locked for 5 s: undone
 *   -EIO     writing or syncing failed: nobody can know what reached the disk. The store is dead from then on; every later closure gets -EIO.
 *            The daemon exits and recovery starts from the disk.
 * Closures must not keep `txn`, must not block, and touch only their own argument.
 *
 * Only files under src/store know the engine. SQLite: WAL, synchronous=FULL, set and read back.
 * Ownership: `arg` belongs to the store between the hand-over and `done`. Threads: all functions from the loop's thread only.
 */
#ifndef RTALP_STORE_STORE_H
#define RTALP_STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/day.h"
#include "base/macro.h"
#include "base/str.h"

struct store;
struct txn; /* a transaction in progress, on a store thread */

struct store_options {
	const char *path;         /* the database file; its directory must exist and be writable */
	unsigned readers;         /* reader threads, 1..16 */
	int64_t min_free_bytes;   /* store_has_room() says no below this */
	void (*opening)(void *arg); /* told now and then while opening takes its time; NULL: nobody wants to know */
	void *opening_arg;
	int64_t events_keep;      /* about so many of the newest events are kept; 0: a default */
};

enum store_health { STORE_OK, STORE_FULL, STORE_FAILED };

typedef int (*store_run_fn)(struct txn *txn, void *arg);
/* A closure says: all that could refuse was asked, from here on I succeed. It needs no savepoint then, which is a good part of what a small
 * write costs. Should it fail all the same (the disk, a mistake), everyone in its transaction is undone: it gets its own error, the others
 * -ENOSPC if the disk is full and -EBUSY if not. Without effect once the closure wrote something. */
void txn_promise(struct txn *txn);
/* What this closure deletes is to be gone from the log and from the unused parts of pages too before its completion is told. The file is written anew
 * for that: other writes wait meanwhile, about a second for each hundred MB. */
void txn_forget(struct txn *txn);
typedef void (*store_done_fn)(int r, void *arg);

/* Opens or creates, migrates to this program's schema, starts the threads. -EPROTO: the file has a newer schema than this program knows;
 * -EBUSY: another process has it; -EUCLEAN: damaged; -EINVAL: the engine does not keep the durability asked for; -EINPROGRESS: a restore was cut
 * short; -ESTALE: it is a backup that was not put back by store_restore(). *ret_schema,
 * *ret_migrated say what it is at and whether it was raised. */
int store_open(const struct store_options *options, struct store **ret_store, int *ret_schema, bool *ret_migrated) _must_check_;
/* Runs what was handed over, delivers every completion, closes. Accepts NULL, returns NULL. */
struct store *store_close(struct store *s);

void store_write(struct store *s, store_run_fn run, store_done_fn done, void *arg);
void store_read(struct store *s, store_run_fn run, store_done_fn done, void *arg);

/* The events of a commit, in their order, once it is synced and before its first completion runs. One listener; to be set before the first
 * write. Borrowed for the call. */
struct event_row;
typedef void (*store_events_fn)(const struct event_row *events, size_t count, void *arg);
void store_on_events(struct store *s, store_events_fn fn, void *arg);
/* The newest that was told, or that there was when the store was opened; 0: none ever. */
int64_t store_newest_event(const struct store *s);

/* Readable when completions wait; then store_dispatch() runs their `done` on the caller's thread. store_dispatch_some() does so for the `max`
 * oldest; while others are left the descriptor stays readable. */
int store_event_fd(const struct store *s);
void store_dispatch(struct store *s);
void store_dispatch_some(struct store *s, size_t max);

enum store_health store_health(const struct store *s);
/* Monotonic; when the transaction that writes began, if one is under way; 0: none is. */
int64_t store_commit_began_ms(const struct store *s);
/* Is there room on the disk for new jobs? Asks the file system. */
bool store_has_room(const struct store *s);
/* Of the file system, for others than root; -1 if it does not say. */
int64_t store_free_bytes(const struct store *s);
/* The store was put back from a backup: of days up to that, time may be in ALP that was posted by what was lost. -1: never. */
day_t store_doubtful_until(const struct store *s);
/* And when it was opened nobody had let posting go on yet. */
bool store_posting_is_held(const struct store *s);
/* Closures handed over and not yet delivered. */
unsigned store_pending(const struct store *s);

/* A hash that only this installation can make, of parts that are told apart: for recognizing what came before without keeping it. */
#define FINGERPRINT_BYTES 32
void store_fingerprint(const struct store *s, const struct str *parts, size_t count, unsigned char ret_hash[FINGERPRINT_BYTES]);

/* Since it was opened; from any thread. writes / commits is how many shared a sync. */
struct store_stats {
	uint64_t writes, reads; /* closures that ran */
	uint64_t commits;       /* transactions that wrote something */
	uint64_t checkpoints;   /* times the log was moved into the database */
	uint64_t wal_frames;    /* pages in the log now */
};
void store_get_stats(const struct store *s, struct store_stats *ret_stats);

#endif
