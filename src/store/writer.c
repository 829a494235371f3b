/* SPDX-License-Identifier: Apache-2.0 */
/* The writer thread: group commit.
 *
 * What is waiting when a transaction begins goes into it, each closure in a savepoint of its own; one sync serves them all. While it runs,
 * the next ones gather. No timer is needed and nobody waits for company.
 *
 * The log (WAL) is moved into the database by another thread (tender.c), asked when nobody writes or when the log grew long. Under a load
 * that never pauses it cannot begin again at its start while the tender and the readers are behind; when it grew too long the writer waits
 * for them, once, between two transactions.
 */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/metrics.h"
#include "store/engine.h"
#include "store/job_row.h"

#define BATCH_MAX    512
#define IDLE_MS      50
#define LOG_LONG     2000 /* frames of a page: 8 MB */
#define LOG_TOO_LONG 16000 /* the wait holds up everybody, so it is to be rare: 64 MB */
#define EMPTY_TRIES 3 /* each waits as long as the engine waits for a reader */
#define LOG_STEP     1000 /* ask again after that many more */
#define RENEW_AGAIN_MS 3600000 /* each try holds up who writes */
#define BUSY_MS      5000 /* as every connection has it */

/* A transaction and the tasks whose fate hangs on it: from `first` up to, not including, `end`. */
struct group {
	struct task *first, *end;
	struct task *culprit; /* the one that broke its promise, if one did */
};

static void
group_fail(struct group g, int r)
{
	/* Also those that failed by themselves: what they saw of their neighbours' work was never true. */
	for (struct task *t = g.first; t != g.end; t = t->next)
		t->r = r;
}

/* Ends the savepoint that the closure's first write opened. */
static bool
close_savepoint(struct txn *txn, bool keep)
{
	if (!txn->guarded)
		return true;
	if (!keep && txn_do(txn, ST_SAVEPOINT_UNDO) != SQLITE_OK)
		return false;
	return txn_do(txn, ST_SAVEPOINT_KEEP) == SQLITE_OK;
}

/* Runs one closure, so that a failing one undoes only itself. False if the transaction did not survive it. */
static bool
run_closure(struct txn *txn, struct task *t)
{
	const size_t told = txn->events.count;
	size_t mark;
	bool keep;

	txn->failure = SQLITE_OK;
	txn->guarded = txn->promised = txn->exposed = false;
	ledger_mark(txn);
	t->r = queue_need(txn);
	mark = waiting_mark(txn->waiting);
	if (t->r >= 0)
		t->r = t->run(txn, t->arg);
	keep = t->r >= 0 && txn->failure == SQLITE_OK;
	if (health_of(txn->failure) == STORE_FAILED || sqlite3_get_autocommit(txn->db))
		return false;
	if (keep)
		return close_savepoint(txn, true);
	if (t->r >= 0)
		t->r = health_errno(health_of(txn->failure));
	if (txn->exposed)
		return false;
	ledger_undo(txn);
	waiting_undo(txn->waiting, mark);
	txn->events.count = told;
	return close_savepoint(txn, false);
}

/* Runs the group's tasks; g->end says how far it came. False if the transaction was lost on the way. */
static bool
run_group(struct store *s, struct group *g)
{
	while (g->end != NULL) {
		struct task *t = g->end;
		bool whole = run_closure(&s->writer, t);

		g->end = t->next;
		if (health_of(s->writer.failure) == STORE_FULL)
			store_note(s, STORE_FULL);
		if (whole)
			continue;
		g->culprit = s->writer.exposed ? t : NULL;
		return false;
	}
	return true;
}

/* The engine refused: says what that means for the store, and gives everyone of the group their answer. */
static void
group_lost(struct store *s, struct group g, int rc)
{
	enum store_health health = health_of(rc);
	int culprit_r = g.culprit != NULL ? g.culprit->r : 0;

	if (!sqlite3_get_autocommit(s->writer.db) && health != STORE_FAILED)
		txn_do(&s->writer, ST_ROLLBACK);
	ledger_forget(&s->writer);
	waiting_lost(s->writer.waiting);
	if (health != STORE_OK)
		store_note(s, health);
	s->writer.events.count = 0;
	group_fail(g, health == STORE_OK ? txn_error(&s->writer, rc) : health_errno(health));
	if (health == STORE_OK && g.culprit != NULL)
		g.culprit->r = culprit_r;
}

static void
count_commit(const struct group *g, int64_t took_us)
{
	int64_t writes = 0;

	for (const struct task *t = g->first; t != g->end; t = t->next)
		writes++;
	metric_observe(rtalp_store_commit_duration_seconds, 0, 0, took_us);
	metric_observe(rtalp_store_commit_group, 0, 0, writes);
}

static int
commit(struct store *s, const struct group *g)
{
	int64_t began_us;
	int rc;

	s->writer.wrote = false;
	s->writer.promised = true;
	s->writer.guarded = false;
	s->writer.failure = SQLITE_OK;
	if (ledger_write(&s->writer) < 0 || txn_events_write(&s->writer, &s->events) < 0)
		return s->writer.failure != SQLITE_OK ? s->writer.failure : SQLITE_IOERR;
	began_us = clock_mono_us();
	rc = txn_do(&s->writer, ST_COMMIT);
	if (rc != SQLITE_OK)
		return rc;
	waiting_settle(s->writer.waiting);
	if (s->writer.noticed)
		atomic_fetch_add(&s->notices, 1);
	s->writer.noticed = false;
	if (s->writer.wrote) {
		s->log_settled = false;
		atomic_fetch_add(&s->commits, 1);
		atomic_store(&s->wal_frames, s->writer.wal_frames);
		store_note(s, STORE_OK);
		count_commit(g, clock_mono_us() - began_us);
	}
	return SQLITE_OK;
}

/* One transaction for as many tasks from `first` on as it survives. Returns the first it did not run. */
static struct task *
run_transaction(struct store *s, struct task *first)
{
	struct group g = {.first = first, .end = first};
	int rc = txn_do(&s->writer, ST_BEGIN_WRITE);

	if (rc != SQLITE_OK) {
		g.end = NULL;
		group_lost(s, g, rc);
		return NULL;
	}
	if (!run_group(s, &g)) {
		rc = s->writer.failure != SQLITE_OK ? s->writer.failure : g.culprit != NULL ? SQLITE_BUSY : SQLITE_IOERR;
		group_lost(s, g, rc);
		return g.end;
	}
	rc = commit(s, &g);
	if (rc != SQLITE_OK)
		group_lost(s, g, rc);
	else
		txn_events_written(&s->writer, &s->events, &g.first->events);
	return g.end;
}

static void
run_batch(struct store *s, struct task *first)
{
	struct task *t = first;
	unsigned n = 0;

	for (const struct task *i = first; i != NULL; i = i->next)
		n++;
	atomic_fetch_add(&s->writes, n);
	while (t != NULL && store_health(s) != STORE_FAILED) {
		atomic_store(&s->commit_began_ms, clock_mono_ms());
		t = run_transaction(s, t);
	}
	atomic_store(&s->commit_began_ms, 0);
	group_fail((struct group){.first = t, .end = NULL}, -EIO);
}

/* What is deleted is overwritten, but rows that grew or moved left themselves behind in the unused parts of pages: a file written anew has none of
 * that. By way of a file beside it, because a large store is larger than the memory. If there is no room for it, it is tried again later. */
static void
renew_file(struct store *s)
{
	const char *slash = strrchr(s->path, '/');
	int rc;

	if (!s->writer.renews || store_health(s) == STORE_FAILED || clock_mono_ms() < s->renew_after_ms)
		return;
	/* Nobody else makes such files: each connection keeps them in memory. */
	sqlite3_temp_directory = slash != NULL ? sqlite3_mprintf("%.*s", (int)(slash - s->path) + 1, s->path) : sqlite3_mprintf(".");
	rc = sqlite3_exec(s->writer.db, "PRAGMA temp_store = FILE; VACUUM", NULL, NULL, NULL);
	sqlite3_exec(s->writer.db, "PRAGMA temp_store = MEMORY", NULL, NULL, NULL);
	sqlite3_free(sqlite3_temp_directory);
	sqlite3_temp_directory = NULL;
	s->writer.renews = rc != SQLITE_OK;
	s->renew_after_ms = s->writer.renews ? clock_mono_ms() + RENEW_AGAIN_MS : 0;
	if (health_of(rc) == STORE_FAILED)
		store_note(s, STORE_FAILED);
}

/* What was deleted is in the log as it was before. A reader may hold it up; then it is tried again when nobody writes, and with the next writes. */
static void
empty_log(struct store *s, int tries)
{
	for (int i = 0; i < tries && s->writer.forgets && store_health(s) != STORE_FAILED; i++) {
		int rc = sqlite3_wal_checkpoint_v2(s->writer.db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);

		s->writer.forgets = rc != SQLITE_OK;
		if (health_of(rc) == STORE_FAILED)
			store_note(s, STORE_FAILED);
	}
}

static bool
owes(const struct store *s)
{
	return s->writer.forgets || s->writer.renews;
}

/* Without waiting for a reader: somebody may want to write. */
static void
try_to_forget(struct store *s)
{
	renew_file(s);
	sqlite3_busy_timeout(s->writer.db, 0);
	empty_log(s, 1);
	sqlite3_busy_timeout(s->writer.db, BUSY_MS);
}

static void
ask_tender(struct store *s)
{
	s->log_settled = true;
	s->settled_frames = s->writer.wal_frames;
	pthread_mutex_lock(&s->lock);
	s->tend_wanted = true;
	pthread_cond_signal(&s->tend);
	pthread_mutex_unlock(&s->lock);
}

/* Between two transactions, while others wait. */
static void
watch_log(struct store *s)
{
	int frames = s->writer.wal_frames;
	int since = frames >= s->settled_frames ? frames - s->settled_frames : frames;

	if (frames < LOG_LONG || since < LOG_STEP || store_health(s) == STORE_FAILED)
		return;
	/* A backup reads for long: it would be waited for in vain. */
	if (frames >= LOG_TOO_LONG && atomic_load(&s->backing_up) == 0) {
		s->settled_frames = frames;
		log_move(s, &s->writer, SQLITE_CHECKPOINT_RESTART);
	} else {
		ask_tender(s);
	}
}

static struct timespec
soon(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_nsec += IDLE_MS * 1000000L;
	if (t.tv_nsec >= 1000000000L) {
		t.tv_sec++;
		t.tv_nsec -= 1000000000L;
	}
	return t;
}

enum wake { WAKE_WORK, WAKE_IDLE, WAKE_STOP };

static enum wake
writer_wait(struct store *s, struct task **ret_batch)
{
	const bool tending = (!s->log_settled || owes(s)) && store_health(s) != STORE_FAILED;
	const struct timespec until = soon();
	int r = 0;

	pthread_mutex_lock(&s->lock);
	while (s->to_write.head == NULL && !s->stopping && r != ETIMEDOUT)
		r = tending ? pthread_cond_timedwait(&s->to_write_grew, &s->lock, &until)
		            : pthread_cond_wait(&s->to_write_grew, &s->lock);
	*ret_batch = queue_take(&s->to_write, BATCH_MAX);
	pthread_mutex_unlock(&s->lock);
	if (*ret_batch != NULL)
		return WAKE_WORK;
	return r == ETIMEDOUT ? WAKE_IDLE : WAKE_STOP;
}

void *
writer_main(void *arg)
{
	struct store *s = arg;
	struct task *batch;
	enum wake wake;

	pthread_setname_np(pthread_self(), "store-writer");
	while ((wake = writer_wait(s, &batch)) != WAKE_STOP) {
		if (wake == WAKE_IDLE) {
			if (!s->log_settled)
				ask_tender(s);
			if (owes(s))
				try_to_forget(s);
			continue;
		}
		run_batch(s, batch);
		renew_file(s);
		empty_log(s, EMPTY_TRIES);
		store_finished(s, batch);
		watch_log(s);
	}
	return NULL;
}
