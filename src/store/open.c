/* SPDX-License-Identifier: Apache-2.0 */
/* Opening, recovering, closing. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "store/backup.h"
#include "store/engine.h"
#include "store/job_row.h"
#include "store/migrate.h"
#include "store/restore.h"

/* Reading a whole database to check it takes about 5 ms a megabyte: always for a small one, after an unclean stop for a larger one. */
#define CHECK_ALWAYS_BYTES  ((int64_t)2 * 1024 * 1024)
#define EVENTS_KEEP         250000
#define OPENING_STEPS       (50 * 1000 * 1000) /* of the engine, a second or so */
#define CHECK_UNCLEAN_BYTES ((int64_t)256 * 1024 * 1024)

/* The engine refuses a path with a symbolic link in it. The directory may be behind one (systemd's state directories are); the file may
 * not. */
static int
resolve_path(struct store *s, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash != NULL ? slash + 1 : path;
	_cleanup_free_ char *parent = slash == NULL ? xstrdup(".") : xstrndup(path, (size_t)(slash - path) + 1);

	if (*name == '\0')
		return -EINVAL;
	s->directory = realpath(parent, NULL);
	if (s->directory == NULL)
		return -errno;
	s->path = xasprintf("%s/%s", s->directory, name);
	return 0;
}

static int
open_private(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

	return fd >= 0 ? fd : -errno;
}

/* A lock beside the database, and of a kind that the engine does not use: it says "a daemon", and goes with the process. */
static int
lock_out_others(struct store *s)
{
	_cleanup_free_ char *path = xasprintf("%s.lock", s->path);
	int fd = open_private(path);

	if (fd < 0)
		return fd;
	s->lock_fd = fd;
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		return errno == EWOULDBLOCK ? -EBUSY : -errno;
	return 0;
}

static int
directory_sync(const char *path)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || fsync(fd) < 0)
		return -errno;
	return 0;
}

/* The engine gives its log and index the database's mode. Must run before the engine has the file: closing any descriptor of it would
 * drop the process's locks. */
static int
make_file(struct store *s, int64_t *ret_bytes)
{
	_cleanup_close_ int fd = open_private(s->path);
	struct stat st;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	if ((st.st_mode & 07777) != 0600 && fchmod(fd, 0600) < 0)
		return -errno;
	*ret_bytes = st.st_size;
	return st.st_size == 0 ? directory_sync(s->directory) : 0;
}

/* A log that still holds something: the last daemon did not close the store. */
static bool
log_left_behind(const struct store *s)
{
	_cleanup_free_ char *path = xasprintf("%s-wal", s->path);
	struct stat st;

	return stat(path, &st) == 0 && st.st_size > 0;
}

static int
quick_check(struct txn *txn)
{
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(txn->db, "PRAGMA quick_check(1)", -1, &stmt, NULL);
	bool ok = false;

	if (rc == SQLITE_OK && (rc = sqlite3_step(stmt)) == SQLITE_ROW)
		ok = strcmp((const char *)sqlite3_column_text(stmt, 0), "ok") == 0;
	sqlite3_finalize(stmt);
	if (rc != SQLITE_ROW)
		return txn_error(txn, rc);
	return ok ? 0 : -EUCLEAN;
}

/* What recovery found in the log is written again, into the database, and synced: if a failed sync stopped the last daemon, the kernel
 * may hold pages that it believes are on the disk and are not. */
static int
settle_log(struct txn *txn)
{
	return txn_error(txn, sqlite3_wal_checkpoint_v2(txn->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL));
}

static int
recover(struct store *s, int64_t bytes, bool unclean)
{
	int r = 0;

	if (bytes <= (unclean ? CHECK_UNCLEAN_BYTES : CHECK_ALWAYS_BYTES))
		r = quick_check(&s->writer);
	if (r >= 0 && unclean)
		r = settle_log(&s->writer);
	return r;
}

static int
still_opening(void *arg)
{
	const struct store_options *options = arg;

	options->opening(options->opening_arg);
	return 0;
}

static int
open_database(struct store *s, const struct store_options *options, int *ret_schema, bool *ret_migrated)
{
	bool unclean = log_left_behind(s);
	int64_t bytes;
	int r;

	r = make_file(s, &bytes);
	if (r < 0)
		return r;
	r = txn_open(&s->writer, s->path, true);
	if (r < 0)
		return r;
	if (options->opening != NULL) {
		options->opening(options->opening_arg);
		sqlite3_progress_handler(s->writer.db, OPENING_STEPS, still_opening, (void *)(uintptr_t)options);
	}
	r = recover(s, bytes, unclean);
	if (r >= 0)
		r = migrate(&s->writer, ret_schema, ret_migrated);
	sqlite3_progress_handler(s->writer.db, 0, NULL, NULL);
	if (r < 0)
		return r;
	s->writer.waiting = waiting_new();
	r = queue_need(&s->writer);
	if (r < 0)
		return r;
	waiting_settle(s->writer.waiting);
	r = txn_event_bounds(&s->writer, &s->events.oldest, &s->events.newest);
	s->newest_event = s->events.newest;
	return r;
}

static int
make_secret(struct store *s)
{
	_query_ struct query q = query_begin(&s->writer, ST_SECRET_ADD);
	int r;

	randombytes_buf(s->secret, sizeof s->secret);
	bind_blob(&q, (struct str){(const char *)s->secret, sizeof s->secret});
	r = query_run(&q);
	return r < 0 ? r : 0;
}

static int
load_secret(struct store *s)
{
	_query_ struct query q = query_begin(&s->writer, ST_SECRET_GET);
	int r = query_one(&q);
	struct str secret;

	if (r < 0)
		return r == -ENOENT ? make_secret(s) : r;
	secret = column_blob(&q);
	if (secret.len != sizeof s->secret)
		return -EUCLEAN;
	memcpy(s->secret, secret.p, secret.len);
	return 0;
}

/* A copy that somebody put here by hand would post again what was posted since it was made. */
static int
load_restores(struct store *s)
{
	_query_ struct query q = query_begin(&s->writer, ST_BACKUP_MADE);
	struct restore_state state;
	int r = query_one(&q);

	if (r == 0 && column_i64(&q) != 0)
		return -ESTALE;
	r = r < 0 ? r : txn_restore_state(&s->writer, &state);
	if (r < 0)
		return r;
	s->doubtful_until = state.until_day;
	s->posting_held = restore_holds(&state);
	return 0;
}

static int
open_readers(struct store *s, unsigned count)
{
	int r = 0;

	for (unsigned i = 0; i < count && r >= 0; i++) {
		s->reader[i].store = s;
		s->readers++;
		r = txn_open(&s->reader[i].txn, s->path, false);
	}
	return r;
}

static int
start(struct store *s, pthread_t *thread, void *(*main_function)(void *), void *arg)
{
	int r = pthread_create(thread, NULL, main_function, arg);

	if (r == 0)
		s->threads++;
	return -r;
}

static int
start_threads(struct store *s)
{
	sigset_t all, before;
	int r;

	/* Signals are the loop's. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r = start(s, &s->writer_thread, writer_main, s);
	if (r == 0)
		r = start(s, &s->tender_thread, tender_main, s);
	for (unsigned i = 0; i < s->readers && r == 0; i++)
		r = start(s, &s->reader[i].thread, reader_main, &s->reader[i]);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return r;
}

static struct store *
store_new(const struct store_options *options)
{
	struct store *s = xcalloc(1, sizeof *s);
	pthread_condattr_t monotonic;

	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->to_write_grew, &monotonic);
	pthread_cond_init(&s->to_read_grew, &monotonic);
	pthread_cond_init(&s->tend, &monotonic);
	pthread_condattr_destroy(&monotonic);
	s->log_settled = true;
	s->min_free_bytes = options->min_free_bytes;
	s->events.keep = options->events_keep > 0 ? options->events_keep : EVENTS_KEEP;
	s->lock_fd = -1;
	s->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return s;
}

static int
open_all(struct store *s, const struct store_options *options, int *ret_schema, bool *ret_migrated)
{
	int r;

	if (s->event_fd < 0)
		return -EMFILE;
	r = resolve_path(s, options->path);
	if (r < 0)
		return r;
	r = lock_out_others(s);
	if (r < 0)
		return r;
	/* What is in its place is not the whole of the old store, nor of the new one. */
	if (restore_is_cut_short(s->path))
		return -EINPROGRESS;
	r = open_database(s, options, ret_schema, ret_migrated);
	if (r < 0)
		return r;
	r = load_secret(s);
	if (r < 0)
		return r;
	r = load_restores(s);
	if (r < 0)
		return r;
	r = txn_open(&s->tender, s->path, true);
	if (r < 0)
		return r;
	r = open_readers(s, options->readers);
	if (r < 0)
		return r;
	return start_threads(s);
}

int
store_open(const struct store_options *options, struct store **ret_store, int *ret_schema, bool *ret_migrated)
{
	struct store *s;
	int r;

	if (options->readers < 1 || options->readers > READERS_MAX)
		return -EINVAL;
	/* Each connection belongs to one thread; the engine's own accounting would be the only thing they share. */
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	engine_memory_set();
	s = store_new(options);
	r = open_all(s, options, ret_schema, ret_migrated);
	if (r < 0) {
		store_close(s);
		return r;
	}
	*ret_store = s;
	return 0;
}

static void
drain(struct store *s)
{
	struct pollfd p = {.fd = s->event_fd, .events = POLLIN};

	while (s->pending > 0) {
		(void)poll(&p, 1, -1);
		store_dispatch(s);
	}
}

static void
stop_threads(struct store *s)
{
	pthread_mutex_lock(&s->lock);
	s->stopping = true;
	pthread_cond_broadcast(&s->to_write_grew);
	pthread_cond_broadcast(&s->to_read_grew);
	pthread_cond_broadcast(&s->tend);
	pthread_mutex_unlock(&s->lock);
	if (s->threads > 0)
		pthread_join(s->writer_thread, NULL);
	if (s->threads > 1)
		pthread_join(s->tender_thread, NULL);
	for (unsigned i = 0; i + 2 < s->threads; i++)
		pthread_join(s->reader[i].thread, NULL);
}

struct store *
store_close(struct store *s)
{
	if (s == NULL)
		return NULL;
	store_backup_stop(s);
	drain(s);
	store_backup_join(s);
	stop_threads(s);
	for (unsigned i = 0; i < s->readers; i++)
		txn_close(&s->reader[i].txn, false);
	txn_close(&s->tender, false);
	/* After a failed sync the log is evidence: the next start decides what of it is true. */
	txn_close(&s->writer, store_health(s) != STORE_FAILED);
	closep(&s->lock_fd);
	closep(&s->event_fd);
	pthread_cond_destroy(&s->to_write_grew);
	pthread_cond_destroy(&s->to_read_grew);
	pthread_cond_destroy(&s->tend);
	pthread_mutex_destroy(&s->lock);
	free(s->directory);
	free(s->path);
	sodium_memzero(s->secret, sizeof s->secret);
	free(s);
	return NULL;
}
