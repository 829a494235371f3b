/* SPDX-License-Identifier: Apache-2.0 */
#include "store/restore.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/fd.h"
#include "store/audit.h"
#include "store/migrate.h"
#include "store/posting.h"
#include "store/sqlite.h"

#define DAY_MS     ((int64_t)24 * 3600 * 1000)
#define JUMP       ((int64_t)1000000000) /* more than any installation gives out between two backups, and a 9 millionth of what there is */
#define PER_MS     1000                  /* likewise, in a millisecond */
#define FIRST_MS   ((int64_t)1767225600000) /* 2026: before it there is no backup */
#define USUAL_DAYS 62
#define COPY_BYTES ((size_t)1 << 18)

void
restore_report_release(struct restore_report *report)
{
	free(report->aside);
	free(report->violation);
	free(report->erased);
	*report = (struct restore_report){0};
}

/* --- places --------------------------------------------------------------------------------------------------------------- */

struct places {
	char *directory, *path;       /* without symbolic links */
	char *fresh, *mark, *aside;
	int lock_fd;
};

static void
places_release(struct places *p)
{
	free(p->directory);
	free(p->path);
	free(p->fresh);
	free(p->mark);
	free(p->aside);
	closep(&p->lock_fd);
}

static char *
mark_of(const char *path)
{
	return xasprintf("%s.restoring", path);
}

/* Of the owner of the store's directory, when root does it: the daemon is to open it. */
static int
give_away(int fd, const char *directory)
{
	struct stat st;

	if (stat(directory, &st) < 0)
		return -errno;
	return geteuid() == 0 && fchown(fd, st.st_uid, st.st_gid) < 0 ? -errno : 0;
}

/* The lock is the daemon's (open.c). Who only looks makes none: where there is none, there is no daemon. */
static int
lock_out_daemon(struct places *p, bool makes)
{
	_cleanup_free_ char *path = xasprintf("%s.lock", p->path);
	int r;

	p->lock_fd = open(path, O_RDWR | (makes ? O_CREAT : 0) | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (p->lock_fd < 0)
		return errno == ENOENT && !makes ? 0 : -errno;
	r = makes ? give_away(p->lock_fd, p->directory) : 0;
	if (r == 0 && flock(p->lock_fd, LOCK_EX | LOCK_NB) < 0)
		return errno == EWOULDBLOCK ? -EBUSY : -errno;
	return r;
}

static int
places_find(const char *path, bool changes, struct places *p)
{
	const char *slash = strrchr(path, '/'), *name = slash != NULL ? slash + 1 : path;
	_cleanup_free_ char *parent = slash == NULL ? xstrdup(".") : xstrndup(path, (size_t)(slash - path) + 1);

	if (*name == '\0')
		return -EINVAL;
	p->directory = realpath(parent, NULL);
	if (p->directory == NULL)
		return -errno;
	p->path = xasprintf("%s/%s", p->directory, name);
	p->fresh = xasprintf("%s.fresh", p->path);
	p->mark = mark_of(p->path);
	return lock_out_daemon(p, changes);
}

int
restore_is_cut_short(const char *path)
{
	_cleanup_free_ char *mark = mark_of(path);

	return access(mark, F_OK) == 0;
}

/* --- the copy ------------------------------------------------------------------------------------------------------------- */

static int
copy_bytes(int from, int to)
{
	_cleanup_free_ char *room = xcalloc(1, COPY_BYTES);
	ssize_t n;

	while ((n = read(from, room, COPY_BYTES)) > 0)
		for (ssize_t done = 0, written; done < n; done += written) {
			written = write(to, room + done, (size_t)(n - done));
			if (written < 0)
				return -errno;
		}
	return n < 0 ? -errno : 0;
}

static int
remove_fresh(const struct places *p)
{
	static const char *const tails[] = {"", "-wal", "-shm", "-journal"};

	for (size_t i = 0; i < ELEMENTSOF(tails); i++) {
		_cleanup_free_ char *path = xasprintf("%s%s", p->fresh, tails[i]);

		if (unlink(path) < 0 && errno != ENOENT)
			return -errno;
	}
	return 0;
}

static int
copy_in(const struct places *p, const char *from)
{
	_cleanup_close_ int in = open(from, O_RDONLY | O_CLOEXEC), out = -1;
	int r;

	if (in < 0)
		return -errno;
	r = remove_fresh(p);
	if (r < 0)
		return r;
	out = open(p->fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (out < 0)
		return -errno;
	r = give_away(out, p->directory);
	if (r == 0)
		r = copy_bytes(in, out);
	return r == 0 && fsync(out) < 0 ? -errno : r;
}

/* What lies beside a backup says what it is to be. */
static int
compare(const struct places *p, const char *from, struct restore_report *report)
{
	struct backup_row said, is = {0};
	int r = backup_info(from, &said);

	if (r <= 0)
		return r;
	r = file_sha256(p->fresh, is.sha256, &is.bytes);
	if (r < 0)
		return r;
	report->known = true;
	return is.bytes == said.bytes && strcmp(is.sha256, said.sha256) == 0 ? 0 : -EBADMSG;
}

/* --- what is changed in it ------------------------------------------------------------------------------------------------ */

/* Farther, the longer ago the backup was made: the same one, put back a second time, goes on behind what was given out after the first. */
static int64_t
jump(int64_t made_ms, int64_t now_ms)
{
	return JUMP + PER_MS * MAX_OF(now_ms - (made_ms > 0 ? made_ms : FIRST_MS), 0);
}

static char *
changes(int64_t by)
{
	return xasprintf(
	    /* Numbers that may have been given out since. Of events only the newest stays, so that they have no gap. */
	    "UPDATE tallies SET value = value + %" PRId64 " WHERE kind = 0 AND name <> 'served'; "
	    "DELETE FROM events WHERE event_id < (SELECT max(event_id) FROM events); "
	    "UPDATE events SET event_id = event_id + %" PRId64 "; "
	    /* What ALP had before a posting was sent is no measure any more: other postings came in between. */
	    "UPDATE postings SET preimage = NULL WHERE state IN (1, 2, 3, 6); "
	    "DELETE FROM alp_proof_run; "
	    "UPDATE install SET backup_ms = 0; ", by, by);
}

/* What was given out and decided since: numbers, who is let in, and who was to be forgotten. Read before anything is changed. */
static const char read_old[] =
    "CREATE TEMP TABLE held AS SELECT token_id, name, scope, alp_user_id, read_only, created_ms, expires_ms, revoked_ms, last_used_ms, hash FROM old.tokens; "
    "CREATE TEMP TABLE forgotten AS SELECT DISTINCT alp_user_id FROM old.audit WHERE action = 16 AND at_ms > (SELECT backup_ms FROM main.install); "
    "CREATE TEMP TABLE reached AS SELECT name, value FROM old.tallies WHERE kind = 0 UNION ALL SELECT 'event_id', max(event_id) FROM old.events";
_Static_assert(AUDIT_ERASE == 16, "read_old names it");

/* A clock that is wrong may have made the jump too short. */
static const char hold_old[] =
    "UPDATE tallies SET value = max(value, coalesce((SELECT r.value FROM temp.reached r WHERE r.name = tallies.name), 0)) WHERE kind = 0; "
    "UPDATE events SET event_id = max(event_id, coalesce((SELECT r.value + 1 FROM temp.reached r WHERE r.name = 'event_id'), 0)); "
    "INSERT INTO tokens (token_id, name, scope, alp_user_id, read_only, created_ms, expires_ms, revoked_ms, last_used_ms, hash) SELECT * FROM temp.held "
    "WHERE true ON CONFLICT (token_id) DO UPDATE SET name = excluded.name, revoked_ms = max(revoked_ms, excluded.revoked_ms), "
    "last_used_ms = max(last_used_ms, excluded.last_used_ms)";

/* 1: read; 0: it cannot be, or there is none. It may be why there is a restore, so nothing of it is a fault. */
static int
look_at_old(struct txn *txn, const struct places *p, struct restore_report *report)
{
	const bool there = access(p->path, F_OK) == 0;
	char *attach = sqlite3_mprintf("ATTACH %Q AS old", p->path);
	bool read = there && sqlite3_exec(txn->db, attach, NULL, NULL, NULL) == SQLITE_OK;

	sqlite3_free(attach);
	if (read) {
		read = sqlite3_exec(txn->db, read_old, NULL, NULL, NULL) == SQLITE_OK;
		sqlite3_exec(txn->db, "DETACH old", NULL, NULL, NULL);
	}
	report->old_unread = there && !read;
	return read;
}

static int
name_forgotten(struct txn *txn, struct restore_report *report)
{
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(txn->db, "SELECT group_concat(alp_user_id, ', ') FROM temp.forgotten", -1, &stmt, NULL);

	if (rc == SQLITE_OK && (rc = sqlite3_step(stmt)) == SQLITE_ROW && sqlite3_column_type(stmt, 0) == SQLITE_TEXT)
		report->erased = xstrdup((const char *)sqlite3_column_text(stmt, 0));
	sqlite3_finalize(stmt);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? 0 : txn_error(txn, rc);
}

static int
remember(struct txn *txn, int64_t made_ms, int64_t now_ms, int64_t uid)
{
	_cleanup_free_ char *add = xasprintf("INSERT INTO restores (made_ms, at_ms, until_day) VALUES (%" PRId64 ", %" PRId64 ", %" PRId64 ")", made_ms,
	    now_ms, now_ms / DAY_MS + 1);
	_cleanup_free_ char *what = xasprintf("{\"backup_made_ms\":%" PRId64 "}", made_ms);
	const struct audit_row row = {.at_ms = now_ms, .actor = {.kind = ACTOR_SOCKET, .id = uid}, .action = AUDIT_STORE_RESTORED, .after = what};
	int r = txn_exec(txn, add);

	return r < 0 ? r : txn_audit(txn, &row);
}

static int
change(struct txn *txn, const struct places *p, int64_t now_ms, int64_t uid, struct restore_report *report)
{
	_cleanup_free_ char *text = NULL;
	int schema = 0, held = 0, r;
	bool migrated = false;

	r = txn_exec_i64(txn, "PRAGMA user_version", &report->schema);
	if (r == 0)
		r = migrate(txn, &schema, &migrated);
	if (r == 0)
		r = txn_exec_i64(txn, "SELECT backup_ms FROM install", &report->made_ms);
	if (r == 0)
		r = store_check(txn, &report->violation);
	if (r > 0)
		return -EUCLEAN;
	if (r == 0)
		held = look_at_old(txn, p, report);
	text = changes(jump(report->made_ms, now_ms));
	if (r == 0)
		r = txn_exec(txn, "BEGIN IMMEDIATE");
	if (r == 0)
		r = txn_exec(txn, text);
	if (r == 0 && held)
		r = txn_exec(txn, hold_old);
	if (r == 0 && held)
		r = name_forgotten(txn, report);
	if (r == 0)
		r = remember(txn, report->made_ms, now_ms, uid);
	if (r == 0)
		r = txn_exec(txn, "COMMIT");
	if (r == 0)
		r = store_check(txn, &report->violation);
	return r > 0 ? -EUCLEAN : r;
}

/* The engine takes what is missing of the last page for zeros. */
static int
is_whole(struct txn *txn, const char *path)
{
	int64_t pages = 0, page = 0;
	struct stat st;
	int r = txn_exec_i64(txn, "PRAGMA page_count", &pages);

	if (r == 0)
		r = txn_exec_i64(txn, "PRAGMA page_size", &page);
	if (r == 0 && stat(path, &st) < 0)
		r = -errno;
	return r < 0 ? r : st.st_size == pages * page ? 0 : -EUCLEAN;
}

/* A file that is none of ours may not even be read as one; one that lacks a table or a row is none, too. */
static int
change_fresh(const struct places *p, int64_t now_ms, int64_t uid, struct restore_report *report)
{
	struct txn txn = {0};
	int64_t version = 0;
	int r = txn_open(&txn, p->fresh, true);

	if (r == 0)
		r = txn_exec_i64(&txn, "PRAGMA user_version", &version);
	if (r == 0 && version == 0)
		r = -EUCLEAN;
	if (r == 0)
		r = is_whole(&txn, p->fresh);
	if (r == 0)
		r = change(&txn, p, now_ms, uid, report);
	txn_close(&txn, r == 0);
	if (r == -EINVAL || r == -ENOENT)
		r = -EUCLEAN;
	return r < 0 ? r : file_sync(p->fresh);
}

/* --- in its place ---------------------------------------------------------------------------------------------------------- */

static int
move(const char *from, const char *to, const char *tail)
{
	_cleanup_free_ char *old = xasprintf("%s%s", from, tail), *new = xasprintf("%s%s", to, tail);

	return rename(old, new) < 0 && errno != ENOENT ? -errno : 0;
}

static int
make_mark(const struct places *p)
{
	_cleanup_close_ int fd = open(p->mark, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0 || fsync(fd) < 0)
		return -errno;
	return file_sync(p->directory);
}

/* The log goes with its database: beside another one it would be taken for that one's. */
static int
swap(struct places *p, int64_t now_ms, struct restore_report *report)
{
	char instant[INSTANT_TEXT_MAX];
	int r = make_mark(p);

	instant_format(now_ms, instant);
	p->aside = xasprintf("%s.before-restore-%s", p->path, instant);
	if (r == 0 && access(p->path, F_OK) == 0)
		report->aside = xstrdup(p->aside);
	if (r == 0)
		r = move(p->path, p->aside, "-wal");
	if (r == 0)
		r = move(p->path, p->aside, "-shm");
	if (r == 0)
		r = move(p->path, p->aside, "");
	if (r == 0 && rename(p->fresh, p->path) < 0)
		r = -errno;
	if (r == 0)
		r = file_sync(p->directory);
	if (r == 0 && unlink(p->mark) < 0)
		r = -errno;
	return r < 0 ? r : file_sync(p->directory);
}

int
store_restore(const char *path, const char *from, int64_t now_ms, int64_t uid, struct restore_report *ret_report)
{
	_cleanup_(places_release) struct places p = {.lock_fd = -1};
	int r = places_find(path, true, &p);

	*ret_report = (struct restore_report){0};
	if (r == 0)
		r = copy_in(&p, from);
	if (r == 0)
		r = compare(&p, from, ret_report);
	if (r == 0)
		r = change_fresh(&p, now_ms, uid, ret_report);
	if (r == 0)
		r = swap(&p, now_ms, ret_report);
	if (r < 0 && p.fresh != NULL && p.lock_fd >= 0 && restore_is_cut_short(p.path) == 0)
		(void)remove_fresh(&p);
	return r;
}

/* --- looking at one ------------------------------------------------------------------------------------------------------- */

int
store_check_file(const char *path, violation_fn tell, void *arg)
{
	_cleanup_(places_release) struct places p = {.lock_fd = -1};
	struct txn txn = {0};
	int64_t version = 0, id = 0;
	int r;

	if (access(path, R_OK) < 0)
		return -errno;
	r = places_find(path, false, &p);
	if (r == 0)
		r = txn_open(&txn, p.path, false);
	if (r == 0)
		r = txn_exec_i64(&txn, "PRAGMA user_version", &version);
	if (r == 0)
		r = txn_exec_i64(&txn, "PRAGMA application_id", &id);
	if (r == 0 && (version <= 0 || id != MIGRATE_APPLICATION_ID))
		r = -EUCLEAN;
	if (r == 0 && version > migrate_newest())
		r = -EPROTO;
	if (r == 0)
		r = store_check_all(&txn, tell, arg);
	txn_close(&txn, false);
	return r;
}

/* --- what is remembered ----------------------------------------------------------------------------------------------------- */

bool
restore_holds(const struct restore_state *state)
{
	return state->restore_id != 0 && state->went_on_ms == 0;
}

day_t
restore_from_day(const struct restore_state *state)
{
	return (day_t)MAX_OF(state->made_ms / DAY_MS - USUAL_DAYS, 0);
}

static int
read_until(struct txn *txn, day_t *ret_until)
{
	_query_ struct query q = query_begin(txn, ST_RESTORE_UNTIL);
	int r = query_one(&q);

	*ret_until = r == 0 ? column_i32(&q) : -1;
	return r == -ENOENT ? 0 : r;
}

int
txn_restore_state(struct txn *txn, struct restore_state *ret_state)
{
	_query_ struct query q = query_begin(txn, ST_RESTORE_NEWEST);
	int r = query_one(&q);

	*ret_state = (struct restore_state){.until_day = -1};
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	ret_state->restore_id = column_i64(&q);
	ret_state->made_ms = column_i64(&q);
	ret_state->at_ms = column_i64(&q);
	(void)column_i64(&q);
	ret_state->examined_ms = column_i64(&q);
	ret_state->went_on_ms = column_i64(&q);
	return read_until(txn, &ret_state->until_day);
}

static int
set_instant(struct txn *txn, enum statement_id id, int64_t restore_id, int64_t now_ms)
{
	_query_ struct query q = query_begin(txn, id);
	int r;

	bind_i64(&q, now_ms);
	bind_i64(&q, restore_id);
	r = query_run(&q);
	return r < 0 ? r : 0;
}

int
txn_restore_examined(struct txn *txn, int64_t restore_id, int64_t now_ms)
{
	return set_instant(txn, ST_RESTORE_EXAMINED, restore_id, now_ms);
}

int
txn_restore_go_on(struct txn *txn, int64_t restore_id, int64_t now_ms)
{
	return set_instant(txn, ST_RESTORE_GO_ON, restore_id, now_ms);
}

int
txn_restore_days(struct txn *txn, day_t from, day_t to, struct posting_days *ret_days)
{
	_query_ struct query q = query_begin(txn, ST_RESTORE_DAYS);
	struct posting_days days = {0};
	int r;

	bind_i64(&q, from);
	bind_i64(&q, to);
	while ((r = query_step(&q)) > 0) {
		days.rows = array_grow(days.rows, days.count, sizeof *days.rows);
		days.rows[days.count].alp_user_id = column_i64(&q);
		days.rows[days.count++].day = column_i32(&q);
	}
	if (r < 0) {
		free(days.rows);
		return r;
	}
	*ret_days = days;
	return 0;
}
