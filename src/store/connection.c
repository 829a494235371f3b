/* SPDX-License-Identifier: Apache-2.0 */
/* Opening a connection. Distributions build the engine with defaults of their own, so everything that matters is asked for and then read
 * back: a store that is less durable than it says must not open. */
#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "store/fold.h"
#include "store/given.h"
#include "store/sqlite.h"
#include "store/wal_vfs.h"

struct setting {
	const char *name, *value;
	const char *reads; /* what asking for it must answer */
	bool writer_only;
};

static const struct setting settings[] = {
    {"busy_timeout", "5000", "5000", false}, /* an operator's shell or a backup; never another daemon */
    {"journal_mode", "WAL", "wal", true},
    {"synchronous", "FULL", "2", false},
    {"wal_autocheckpoint", "0", "0", false}, /* the writer does it between transactions */
    {"journal_size_limit", "33554432", "33554432", true},
    {"foreign_keys", "ON", "1", false},
    {"trusted_schema", "OFF", "0", false},
    {"cell_size_check", "ON", "1", false},
    {"secure_delete", "ON", "1", true}, /* what is erased is overwritten */
    {"temp_store", "MEMORY", "2", false},
    {"cache_size", "-4096", "-4096", true},
};

static int
setting_apply(struct txn *txn, const struct setting *s)
{
	_cleanup_free_ char *set = xasprintf("PRAGMA %s = %s", s->name, s->value);
	_cleanup_free_ char *get = xasprintf("PRAGMA %s", s->name);
	sqlite3_stmt *stmt = NULL;
	const char *text = NULL;
	int r, rc;

	r = txn_exec(txn, set);
	if (r < 0)
		return r;
	rc = sqlite3_prepare_v2(txn->db, get, -1, &stmt, NULL);
	if (rc == SQLITE_OK && (rc = sqlite3_step(stmt)) == SQLITE_ROW)
		text = (const char *)sqlite3_column_text(stmt, 0);
	if (text != NULL)
		r = strcmp(text, s->reads) == 0 ? 0 : -EINVAL;
	else
		r = rc == SQLITE_DONE ? -EINVAL : txn_error(txn, rc);
	sqlite3_finalize(stmt);
	return r;
}

static int
settings_apply(struct txn *txn)
{
	static const struct setting read_only = {"query_only", "ON", "1", false};
	int r = 0;

	for (size_t i = 0; i < ELEMENTSOF(settings) && r >= 0; i++)
		if (txn->writes || !settings[i].writer_only)
			r = setting_apply(txn, &settings[i]);
	if (r >= 0 && !txn->writes)
		r = setting_apply(txn, &read_only);
	return r;
}

static int
switches_apply(struct txn *txn)
{
	static const struct {
		int option, on;
	} switches[] = {
	    {SQLITE_DBCONFIG_DEFENSIVE, 1},
	    {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
	    {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
	    {SQLITE_DBCONFIG_DQS_DML, 0},
	    {SQLITE_DBCONFIG_DQS_DDL, 0},
	};

	for (size_t i = 0; i < ELEMENTSOF(switches); i++) {
		int is = -1;
		int rc = sqlite3_db_config(txn->db, switches[i].option, switches[i].on, &is);

		if (rc != SQLITE_OK)
			return txn_error(txn, rc);
		if (is != switches[i].on)
			return -EINVAL;
	}
	return 0;
}

static int
note_log_size(void *arg, sqlite3 *db, const char *name, int frames)
{
	struct txn *txn = arg;

	(void)db;
	(void)name;
	txn->wal_frames = frames;
	txn->wrote = true;
	return SQLITE_OK;
}

int
txn_open(struct txn *txn, const char *path, bool writes)
{
	const int flags = (writes ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY) | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW |
	    SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_EXRESCODE;
	int r;

	/* What writes outside a closure, while it opens, needs no savepoint. */
	*txn = (struct txn){.writes = writes, .promised = true};
	r = txn_error(txn, sqlite3_open_v2(path, &txn->db, flags, wal_vfs()));
	if (r < 0)
		return r;
	r = switches_apply(txn);
	if (r < 0)
		return r;
	r = settings_apply(txn);
	if (r < 0)
		return r;
	/* After wal_autocheckpoint: the engine keeps one hook, and that setting is one. */
	if (writes)
		sqlite3_wal_hook(txn->db, note_log_size, txn);
	r = trace_register(txn);
	if (r < 0)
		return r;
	r = given_register(txn);
	if (r < 0)
		return r;
	return text_fold_register(txn);
}

void
txn_close(struct txn *txn, bool settle)
{
	for (size_t i = 0; i < STATEMENT_COUNT; i++)
		sqlite3_finalize(txn->statements[i]);
	if (!settle && txn->db != NULL)
		sqlite3_db_config(txn->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	sqlite3_close(txn->db);
	free(txn->events.rows);
	waiting_free(txn->waiting);
	*txn = (struct txn){0};
}
