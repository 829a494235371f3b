/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sqlite.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/alloc.h"

static const struct {
	const char *name, *sql;
} statements[STATEMENT_COUNT] = {
#define STATEMENT(name_, sql_) [ST_##name_] = {#name_, sql_},
#include "store/statements.def"
#undef STATEMENT
};

const char *
statement_name(enum statement_id id)
{
	return statements[id].name;
}

const char *
statement_sql(enum statement_id id)
{
	return statements[id].sql;
}

enum store_health
health_of(int rc)
{
	switch (rc & 0xff) {
	case SQLITE_FULL:
		return STORE_FULL;
	case SQLITE_IOERR:
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_CANTOPEN:
	case SQLITE_PROTOCOL:
	case SQLITE_NOMEM:
		return STORE_FAILED;
	case SQLITE_READONLY:
		/* Plain: a closure that may only read tried to write. Extended: the file moved or the log cannot be written. */
		return rc == SQLITE_READONLY ? STORE_OK : STORE_FAILED;
	default:
		return STORE_OK;
	}
}

static int
errno_of(int rc)
{
	switch (rc & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return 0;
	case SQLITE_FULL:
		return -ENOSPC;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return -EBUSY;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return -EUCLEAN;
	case SQLITE_READONLY:
		return -EROFS;
	case SQLITE_TOOBIG:
		return -E2BIG;
	case SQLITE_CONSTRAINT:
		return rc == SQLITE_CONSTRAINT_UNIQUE || rc == SQLITE_CONSTRAINT_PRIMARYKEY ? -EEXIST : -EINVAL;
	case SQLITE_ERROR:
	case SQLITE_MISMATCH:
	case SQLITE_MISUSE:
	case SQLITE_RANGE:
		return -EINVAL;
	default:
		return -EIO;
	}
}

int
txn_error(struct txn *txn, int rc)
{
	/* The graver one stays: full may be followed by failed. */
	if (health_of(rc) > health_of(txn->failure))
		txn->failure = rc;
	return errno_of(rc);
}

int
txn_exec(struct txn *txn, const char *sql)
{
	return txn_error(txn, sqlite3_exec(txn->db, sql, NULL, NULL, NULL));
}

int
txn_exec_i64(struct txn *txn, const char *sql, int64_t *ret_value)
{
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(txn->db, sql, -1, &stmt, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW)
		*ret_value = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	if (rc == SQLITE_DONE)
		return -ENOENT;
	return txn_error(txn, rc);
}

static int
prepared(struct txn *txn, enum statement_id id, sqlite3_stmt **ret_stmt)
{
	int rc = SQLITE_OK;

	if (txn->statements[id] == NULL) {
		txn->preparing = &txn->traces[id];
		rc = sqlite3_prepare_v3(txn->db, statements[id].sql, -1, SQLITE_PREPARE_PERSISTENT, &txn->statements[id], NULL);
		txn->preparing = NULL;
	}
	*ret_stmt = txn->statements[id];
	return rc;
}

int
txn_do(struct txn *txn, enum statement_id id)
{
	sqlite3_stmt *stmt;
	int rc = prepared(txn, id, &stmt);

	if (rc != SQLITE_OK)
		return rc;
	sqlite3_step(stmt);
	rc = sqlite3_reset(stmt);
	txn_error(txn, rc);
	return rc;
}

void
txn_promise(struct txn *txn)
{
	txn->promised = true;
}

void
txn_forget(struct txn *txn)
{
	txn->forgets = true;
	txn->renews = true;
}

/* A savepoint makes the engine copy every page that is about to change: nobody gets one who may not need it. */
static int
guard(struct txn *txn)
{
	int rc;

	if (txn->guarded)
		return SQLITE_OK;
	txn->exposed = txn->promised;
	if (txn->promised)
		return SQLITE_OK;
	rc = txn_do(txn, ST_SAVEPOINT);
	txn->guarded = rc == SQLITE_OK;
	return rc;
}

struct query
query_begin(struct txn *txn, enum statement_id id)
{
	struct query q = {.txn = txn};

	q.r = txn_error(txn, prepared(txn, id, &q.stmt));
	q.trace = &txn->traces[id];
	if (q.r >= 0 && txn->writes && !sqlite3_stmt_readonly(q.stmt))
		q.r = txn_error(txn, guard(txn));
	/* Two uses at once would share their rows. */
	assert(q.r < 0 || !sqlite3_stmt_busy(q.stmt));
	return q;
}

void
query_end(struct query *q)
{
	if (q->stmt == NULL)
		return;
	/* The bindings stay: each use binds all of them before it steps. */
	sqlite3_reset(q->stmt);
	q->stmt = NULL;
}

static void
bound(struct query *q, int rc)
{
	if (q->r >= 0)
		q->r = txn_error(q->txn, rc);
}

void
bind_i64(struct query *q, int64_t value)
{
	bound(q, sqlite3_bind_int64(q->stmt, ++q->bound, value));
}

void
bind_user(struct query *q, int64_t alp_user_id)
{
	q->user = alp_user_id;
	bind_i64(q, alp_user_id);
}

void
bind_null(struct query *q)
{
	bound(q, sqlite3_bind_null(q->stmt, ++q->bound));
}

void
bind_text(struct query *q, const char *text)
{
	bound(q, sqlite3_bind_text(q->stmt, ++q->bound, text, -1, SQLITE_STATIC));
}

void
bind_blob(struct query *q, struct str bytes)
{
	bound(q, sqlite3_bind_blob64(q->stmt, ++q->bound, bytes.p != NULL ? bytes.p : "", bytes.len, SQLITE_STATIC));
}

int
query_step(struct query *q)
{
	int rc;

	if (q->r < 0)
		return q->r;
	assert(q->bound == sqlite3_bind_parameter_count(q->stmt));
	q->column = 0;
	if (q->trace != NULL)
		trace_statement(q->txn, q->trace, q->user);
	q->trace = NULL;
	rc = sqlite3_step(q->stmt);
	if (rc == SQLITE_ROW)
		return 1;
	return q->r = txn_error(q->txn, rc);
}

int
query_one(struct query *q)
{
	int r = query_step(q);

	if (r < 0)
		return r;
	return r > 0 ? 0 : -ENOENT;
}

int
query_run(struct query *q)
{
	int r = query_step(q);

	return r < 0 ? r : sqlite3_changes(q->txn->db);
}

int64_t
column_i64(struct query *q)
{
	return sqlite3_column_int64(q->stmt, q->column++);
}

int32_t
column_i32(struct query *q)
{
	return (int32_t)column_i64(q);
}

bool
column_bool(struct query *q)
{
	return column_i64(q) != 0;
}

bool
column_is_null(struct query *q)
{
	return sqlite3_column_type(q->stmt, q->column) == SQLITE_NULL;
}

char *
column_text(struct query *q)
{
	const unsigned char *text = sqlite3_column_text(q->stmt, q->column++);

	return text != NULL ? xstrdup((const char *)text) : NULL;
}

char *
column_texts(struct query *q, const char **ret_texts, size_t count)
{
	size_t room = 0, lens[4];
	char *memory, *at;

	assert(count <= ELEMENTSOF(lens));
	for (size_t i = 0; i < count; i++) {
		ret_texts[i] = (const char *)sqlite3_column_text(q->stmt, q->column + (int)i);
		lens[i] = (size_t)sqlite3_column_bytes(q->stmt, q->column + (int)i);
		room += lens[i] + 1;
	}
	at = memory = xcalloc(room, 1);
	for (size_t i = 0; i < count; i++) {
		if (lens[i] > 0)
			memcpy(at, ret_texts[i], lens[i]);
		ret_texts[i] = at;
		at += lens[i] + 1;
	}
	q->column += (int)count;
	return memory;
}

void
column_text_into(struct query *q, char *ret_text, size_t size)
{
	const unsigned char *text = sqlite3_column_text(q->stmt, q->column++);
	size_t len = text != NULL ? strnlen((const char *)text, size - 1) : 0;

	if (len > 0)
		memcpy(ret_text, text, len);
	ret_text[len] = '\0';
}

struct str
column_blob(struct query *q)
{
	const void *p = sqlite3_column_blob(q->stmt, q->column);
	int len = sqlite3_column_bytes(q->stmt, q->column++);

	return (struct str){.p = p, .len = (size_t)len};
}

int
counter_next(struct txn *txn, const char *name, int64_t *ret_value)
{
	return counter_take(txn, name, 1, ret_value);
}

int
counter_take(struct txn *txn, const char *name, int64_t count, int64_t *ret_first)
{
	struct ledger_counter *counter;
	int r;

	if (!txn->writes)
		return -EROFS;
	r = ledger_counter(txn, name, &counter);
	if (r < 0)
		return r;
	*ret_first = counter->value + 1;
	counter->value += count;
	counter->changed = true;
	return 0;
}

void *
array_grow(void *rows, size_t count, size_t row_bytes)
{
	bool full = count == 0 || (count >= 8 && (count & (count - 1)) == 0);

	if (!full)
		return rows;
	return xreallocarray(rows, count == 0 ? 8 : count * 2, row_bytes);
}
