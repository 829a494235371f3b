/* SPDX-License-Identifier: Apache-2.0 */
#include "store/backup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/fd.h"
#include "store/check.h"
#include "store/engine.h"
#include "store/migrate.h"

#define PREFIX       "rtalp-"
#define SUFFIX       ".db"
#define INFO_SUFFIX  ".info"
#define PART_SUFFIX  ".part"
#define INFO_MAX     ((size_t)1024)
#define READ_BYTES   ((size_t)1 << 16)
#define ASK_EVERY    100000 /* steps of the engine: a few ms */
#define PAGES_AT_ONCE 64 /* a quarter of a MiB: so finely it is paced, and so soon it stops */

/* --- files --------------------------------------------------------------------------------------------------------------- */

int
file_sync(const char *path)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0 || fsync(fd) < 0)
		return -errno;
	return 0;
}

int
file_sha256(const char *path, char ret_hex[BACKUP_HASH_MAX], int64_t *ret_bytes)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	_cleanup_free_ unsigned char *room = xcalloc(1, READ_BYTES);
	unsigned char hash[crypto_hash_sha256_BYTES];
	crypto_hash_sha256_state state;
	int64_t bytes = 0;
	ssize_t n;

	if (fd < 0)
		return -errno;
	crypto_hash_sha256_init(&state);
	while ((n = read(fd, room, READ_BYTES)) > 0) {
		crypto_hash_sha256_update(&state, room, (unsigned long long)n);
		bytes += n;
	}
	if (n < 0)
		return -errno;
	crypto_hash_sha256_final(&state, hash);
	sodium_bin2hex(ret_hex, BACKUP_HASH_MAX, hash, sizeof hash);
	*ret_bytes = bytes;
	return 0;
}

static int
write_file(const char *path, const char *text)
{
	_cleanup_close_ int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	size_t len = strlen(text), done = 0;

	if (fd < 0)
		return -errno;
	while (done < len) {
		ssize_t n = write(fd, text + done, len - done);

		if (n < 0)
			return -errno;
		done += (size_t)n;
	}
	return fsync(fd) < 0 ? -errno : 0;
}

/* --- what is known of one -------------------------------------------------------------------------------------------------- */

static bool
is_name(const char *name)
{
	size_t len = strlen(name), tail = strlen(SUFFIX);

	return len > strlen(PREFIX) + tail && len < BACKUP_NAME_MAX && strncmp(name, PREFIX, strlen(PREFIX)) == 0 && strcmp(name + len - tail, SUFFIX) == 0;
}

static int
info_write(const char *path, const struct backup_row *row)
{
	_cleanup_free_ char *text = xasprintf("rtalp-backup 1\nname=%s\nmade_ms=%" PRId64 "\nschema=%" PRId64 "\nbytes=%" PRId64 "\nsha256=%s\n",
	    row->name, row->made_ms, row->schema, row->bytes, row->sha256);

	return write_file(path, text);
}

int
backup_info(const char *path, struct backup_row *ret_row)
{
	_cleanup_free_ char *info = xasprintf("%s" INFO_SUFFIX, path);
	_cleanup_close_ int fd = open(info, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct backup_row row = {0};
	char text[INFO_MAX];
	ssize_t n;

	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	n = fd_read_all(fd, text, sizeof text - 1);
	if (n < 0)
		return (int)n;
	text[n] = '\0';
	if (sscanf(text, "rtalp-backup 1\nname=%47s\nmade_ms=%" SCNd64 "\nschema=%" SCNd64 "\nbytes=%" SCNd64 "\nsha256=%64s\n", row.name, &row.made_ms,
		&row.schema, &row.bytes, row.sha256) != 5 || strlen(row.sha256) != BACKUP_HASH_MAX - 1 || !is_name(row.name))
		return -EBADMSG;
	*ret_row = row;
	return 1;
}

void
backup_list_release(struct backup_list *list)
{
	free(list->rows);
	*list = (struct backup_list){0};
}

static int
newest_first(const void *a, const void *b)
{
	const struct backup_row *x = a, *y = b;

	return x->made_ms != y->made_ms ? (x->made_ms < y->made_ms) - (x->made_ms > y->made_ms) : strcmp(y->name, x->name);
}

int
backup_list(const char *directory, struct backup_list *ret_list)
{
	struct backup_list list = {0};
	struct dirent *entry;
	DIR *dir = opendir(directory);

	if (dir == NULL && errno != ENOENT)
		return -errno;
	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		_cleanup_free_ char *path = xasprintf("%s/%s", directory, entry->d_name);
		struct backup_row row;

		/* What cannot be read is not offered, and not removed either. */
		if (!is_name(entry->d_name) || backup_info(path, &row) <= 0 || strcmp(row.name, entry->d_name) != 0)
			continue;
		list.rows = array_grow(list.rows, list.count, sizeof *list.rows);
		list.rows[list.count++] = row;
	}
	if (dir != NULL)
		closedir(dir);
	if (list.count > 0)
		qsort(list.rows, list.count, sizeof *list.rows, newest_first);
	*ret_list = list;
	return 0;
}

/* --- copying --------------------------------------------------------------------------------------------------------------- */

struct making {
	struct store *store;
	struct backup_wish *wish;
	struct task *task;
	char *directory, *part, *path; /* without symbolic links */
};

static void
name_it(struct backup_row *row)
{
	char instant[INSTANT_TEXT_MAX];
	size_t len = 0;

	instant_format(row->made_ms, instant);
	/* 20261123T010203456Z: sorts as it was made, and suits every file system. */
	for (size_t i = 0; instant[i] != '\0'; i++)
		if (strchr("-:.", instant[i]) == NULL)
			instant[len++] = instant[i];
	instant[len] = '\0';
	snprintf(row->name, sizeof row->name, PREFIX "%s" SUFFIX, instant);
}

static int
prepare(struct making *m)
{
	struct backup_wish *w = m->wish;
	int fd;

	if (mkdir(w->directory, 0700) < 0 && errno != EEXIST)
		return -errno;
	m->directory = realpath(w->directory, NULL);
	if (m->directory == NULL)
		return -errno;
	w->row = (struct backup_row){.made_ms = clock_real_ms(), .schema = migrate_newest()};
	name_it(&w->row);
	m->path = xasprintf("%s/%s", m->directory, w->row.name);
	m->part = xasprintf("%s" PART_SUFFIX, m->path);
	fd = open(m->part, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

static bool
is_stopped(const struct making *m)
{
	return atomic_load(&m->store->backup_stop) != 0;
}

/* No faster than it may: sleeps off what it is ahead. */
static void
pace(const struct making *m, int64_t begun_us, int64_t bytes)
{
	int64_t rate = m->wish->bytes_per_second, ahead_us;

	if (rate <= 0)
		return;
	ahead_us = bytes / rate * 1000000 + bytes % rate * 1000000 / rate - (clock_mono_us() - begun_us);
	if (ahead_us > 0)
		nanosleep(&(struct timespec){.tv_sec = MIN_OF(ahead_us / 1000000, 1), .tv_nsec = ahead_us % 1000000 * 1000}, NULL);
}

/* In one view of the store, which stays as it is while others write. */
static int
copy_pages(struct making *m, struct txn *from, sqlite3 *to)
{
	const int64_t begun_us = clock_mono_us();
	sqlite3_backup *b = sqlite3_backup_init(to, "main", from->db, "main");
	int64_t bytes = 0, page = 0;
	int r = txn_exec_i64(from, "PRAGMA page_size", &page), rc = SQLITE_OK, ended;

	while (b != NULL && r == 0 && rc == SQLITE_OK && !is_stopped(m)) {
		rc = sqlite3_backup_step(b, PAGES_AT_ONCE);
		bytes += PAGES_AT_ONCE * page;
		pace(m, begun_us, bytes);
	}
	ended = b != NULL ? sqlite3_backup_finish(b) : sqlite3_errcode(to);
	if (r < 0)
		return r;
	if (rc != SQLITE_DONE && ended == SQLITE_OK)
		return is_stopped(m) ? -ECANCELED : -EIO;
	return txn_error(from, ended);
}

static int
open_part(const char *path, sqlite3 **ret_db)
{
	const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_EXRESCODE;

	return sqlite3_open_v2(path, ret_db, flags, NULL);
}

static int
copy_all(struct making *m)
{
	struct txn from = {0}, scratch = {0};
	sqlite3 *to = NULL;
	int64_t unused;
	int rc = open_part(m->part, &to), r = txn_error(&scratch, rc);

	/* It is synced as a whole when it is done; until then nobody takes it for one. */
	if (r == 0)
		r = txn_error(&scratch, sqlite3_exec(to, "PRAGMA synchronous = OFF; PRAGMA journal_mode = OFF", NULL, NULL, NULL));
	if (r == 0)
		r = txn_open(&from, m->store->path, false);
	if (r == 0)
		r = txn_exec(&from, "BEGIN");
	if (r == 0)
		r = txn_exec_i64(&from, "SELECT count(*) FROM sqlite_schema", &unused);
	if (r == 0)
		r = copy_pages(m, &from, to);
	txn_close(&from, false);
	sqlite3_close(to);
	return r;
}

/* --- what a copy does not have --------------------------------------------------------------------------------------------- */

/* Sealed or not, no key is in it. A webhook is silent until it has another secret. */
static int
take_keys_out(struct making *m)
{
	_cleanup_free_ char *text = xasprintf(
	    "PRAGMA journal_mode = DELETE; PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA secure_delete = ON; BEGIN IMMEDIATE; "
	    "UPDATE install SET backup_ms = %" PRId64 "; "
	    "UPDATE jobs SET sealed_key = NULL, seal_id = NULL, key_id = NULL WHERE sealed_key IS NOT NULL; "
	    "UPDATE webhooks SET secret = x'00', old_secret = NULL, old_until_ms = 0, disabled_code = coalesce(disabled_code, 'restored'), "
	    "disabled_ms = CASE disabled_ms WHEN 0 THEN %" PRId64 " ELSE disabled_ms END; "
	    "COMMIT", m->wish->row.made_ms, m->wish->row.made_ms);
	struct txn scratch = {0};
	sqlite3 *db = NULL;
	int rc = open_part(m->part, &db);

	if (rc == SQLITE_OK)
		rc = sqlite3_exec(db, text, NULL, NULL, NULL);
	sqlite3_close(db);
	return txn_error(&scratch, rc);
}

static int
ask_whether_stopped(void *arg)
{
	return is_stopped(arg);
}

static int
verify(struct making *m)
{
	struct txn txn = {0};
	int r = txn_open(&txn, m->part, false);

	if (r == 0)
		sqlite3_progress_handler(txn.db, ASK_EVERY, ask_whether_stopped, m);
	if (r == 0)
		r = store_check(&txn, &m->wish->violation);
	txn_close(&txn, false);
	if (is_stopped(m))
		return -ECANCELED;
	return r > 0 ? -EUCLEAN : r;
}

/* The file has its name before what says that it is whole. */
static int
publish(struct making *m)
{
	_cleanup_free_ char *info = xasprintf("%s" INFO_SUFFIX, m->path), *info_part = xasprintf("%s" INFO_SUFFIX PART_SUFFIX, m->path);
	struct backup_row *row = &m->wish->row;
	int r = file_sync(m->part);

	if (r == 0)
		r = file_sha256(m->part, row->sha256, &row->bytes);
	if (r == 0)
		r = info_write(info_part, row);
	if (r == 0 && (rename(m->part, m->path) < 0 || rename(info_part, info) < 0))
		r = -errno;
	return r < 0 ? r : file_sync(m->directory);
}

/* Older ones than are kept, and what a daemon left behind that died over one. */
static int
remove_old(struct making *m)
{
	_cleanup_(backup_list_release) struct backup_list list = {0};
	size_t keep = (size_t)m->wish->keep;
	int r = backup_list(m->directory, &list);

	for (size_t i = keep; r == 0 && keep > 0 && i < list.count; i++) {
		_cleanup_free_ char *path = xasprintf("%s/%s", m->directory, list.rows[i].name), *info = xasprintf("%s" INFO_SUFFIX, path);

		if (unlink(info) < 0 || unlink(path) < 0)
			return -errno;
		m->wish->removed++;
	}
	return r;
}

static void
remove_parts(const struct making *m)
{
	struct dirent *entry;
	DIR *dir = opendir(m->directory);

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		const char *part = strstr(entry->d_name, PART_SUFFIX);
		_cleanup_free_ char *path = xasprintf("%s/%s", m->directory, entry->d_name);

		if (strncmp(entry->d_name, PREFIX, strlen(PREFIX)) == 0 && part != NULL)
			(void)unlink(path);
	}
	if (dir != NULL)
		closedir(dir);
}

static int
make(struct making *m)
{
	int r = prepare(m);

	if (r == 0)
		r = copy_all(m);
	if (r == 0)
		r = take_keys_out(m);
	if (r == 0)
		r = verify(m);
	if (r == 0 && is_stopped(m))
		r = -ECANCELED;
	if (r == 0)
		r = publish(m);
	if (r == 0)
		r = remove_old(m);
	if (m->directory != NULL)
		remove_parts(m);
	return r;
}

/* --- its thread ------------------------------------------------------------------------------------------------------------- */

static void *
backup_main(void *arg)
{
	struct making *m = arg;

	pthread_setname_np(pthread_self(), "store-backup");
	m->task->r = make(m);
	atomic_store(&m->store->backing_up, 0);
	store_finished(m->store, m->task);
	free(m->directory);
	free(m->part);
	free(m->path);
	free(m);
	return NULL;
}

static void
nothing_to_make(struct store *s, struct task *task, int r)
{
	task->r = r;
	store_finished(s, task);
}

void
store_backup(struct store *s, struct backup_wish *wish, store_done_fn done, void *arg)
{
	struct task *task = xcalloc(1, sizeof *task);
	struct making *m;
	sigset_t all, before;

	task->done = done;
	task->arg = arg;
	s->pending++;
	if (atomic_exchange(&s->backing_up, 1) != 0) {
		nothing_to_make(s, task, -EALREADY);
		return;
	}
	store_backup_join(s);
	m = xcalloc(1, sizeof *m);
	m->store = s;
	m->wish = wish;
	m->task = task;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	s->backup_runs = pthread_create(&s->backup_thread, NULL, backup_main, m) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (s->backup_runs)
		return;
	free(m);
	atomic_store(&s->backing_up, 0);
	nothing_to_make(s, task, -EAGAIN);
}

bool
store_is_backing_up(const struct store *s)
{
	return atomic_load(&s->backing_up) != 0;
}

void
store_backup_stop(struct store *s)
{
	atomic_store(&s->backup_stop, 1);
}

void
store_backup_join(struct store *s)
{
	if (s->backup_runs)
		pthread_join(s->backup_thread, NULL);
	s->backup_runs = false;
}
