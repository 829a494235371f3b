/* SPDX-License-Identifier: Apache-2.0 */
/* sqlite.h - the engine, for the files of this directory (and the store's own tests) only.
 *
 * A struct txn is one connection with its prepared statements; a store thread owns it and lends it to a closure for the length of a
 * transaction. Statements come from statements.def and are prepared once, when first used.
 *
 * A struct query is one use of a statement: bind in the order of the placeholders, step, read the columns in their order. Binding errors
 * are sticky and come out of the step. The end of its scope resets the statement; bound text must live until then.
 *
 * Threads: one at a time.
 */
#ifndef RTALP_STORE_SQLITE_H
#define RTALP_STORE_SQLITE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/macro.h"
#include "base/str.h"
#include "store/ledger.h"
#include "store/store.h"
#include "store/trace.h"
#include "store/waiting.h"

enum statement_id {
#define STATEMENT(name, sql) ST_##name,
#include "store/statements.def"
#undef STATEMENT
	STATEMENT_COUNT
};
const char *statement_name(enum statement_id id);
const char *statement_sql(enum statement_id id);

struct activity_row;
struct entry_row;

/* Told in the transaction that is open, not numbered yet (event.h). */
struct event_row;
struct pending_events {
	struct event_row *rows;
	size_t count, capacity;
};

/* What the engine said of a statement's tables when it was prepared. */
struct statement_trace {
	bool writes_watched, reads_unwatched;
};

/* What a statement reads out of memory (given.h); empty but while it runs. */
struct given_entries {
	const struct entry_row *rows;
	const bool *which;
	size_t count;
};

struct txn {
	sqlite3 *db;
	sqlite3_stmt *statements[STATEMENT_COUNT];
	struct statement_trace traces[STATEMENT_COUNT];
	struct statement_trace *preparing; /* NULL: none of those */
	struct trace trace;                /* of the closure that runs */
	bool writes;
	int failure;    /* 0, or the engine's first result code in this transaction that no closure can make good */
	int wal_frames; /* in the log after the last commit that wrote; 0 from the engine's side means unknown */
	bool forgets;   /* until the log was emptied: txn_forget() */
	bool renews;    /* until the file was written anew: likewise */
	bool wrote;     /* the last commit wrote something */
	bool noticed;   /* the transaction may have something to tell webhooks (notice.h) */
	struct pending_events events;
	struct given_entries given_entries;
	/* Of the closure that runs. */
	bool guarded;   /* it wrote, and has a savepoint */
	bool promised;  /* it needs none any more: txn_promise() */
	bool exposed;   /* it wrote without one */
	struct ledger ledger, ledger_marked;
	struct waiting *waiting; /* the writer's; NULL for others */
};

/* Opens a connection as this program needs it; every setting is read back. `path` has no symbolic link in it.
 * -EINVAL: the engine does not keep a setting; -EUCLEAN: not a database; -EIO, ... */
int txn_open(struct txn *txn, const char *path, bool writes) _must_check_;
/* Accepts a zeroed one. With settle, the last connection to close moves the log into the database. */
void txn_close(struct txn *txn, bool settle);

/* The engine's result code as -errno; notes in txn what no closure can make good. Accepts SQLITE_OK, _ROW, _DONE (0). */
int txn_error(struct txn *txn, int rc);
/* What the code means for the store: STORE_OK, STORE_FULL or STORE_FAILED. */
enum store_health health_of(int rc);
/* Runs text that is not in the table: migrations, settings. */
int txn_exec(struct txn *txn, const char *sql);
/* The first column of the first row of such text, as a number. */
int txn_exec_i64(struct txn *txn, const char *sql, int64_t *ret_value);
/* Runs a statement without placeholders and without rows. Returns the engine's result code. */
int txn_do(struct txn *txn, enum statement_id id);

struct query {
	struct txn *txn;
	sqlite3_stmt *stmt;
	const struct statement_trace *trace; /* NULL: told */
	int64_t user; /* whose rows they are, by bind_user(); 0: not said */
	int bound;  /* placeholders bound so far */
	int column; /* columns read of this row so far */
	int r;
};
#define _query_ _cleanup_(query_end)

/* The first statement of a closure that writes opens its savepoint. */
struct query query_begin(struct txn *txn, enum statement_id id);
void query_end(struct query *q);
void bind_i64(struct query *q, int64_t value);
/* An alp_user_id: whose rows the statement is about. */
void bind_user(struct query *q, int64_t alp_user_id);
void bind_null(struct query *q);
void bind_text(struct query *q, const char *text); /* NULL: null */
void bind_blob(struct query *q, struct str bytes);
/* 1: a row; 0: no more; -errno. */
int query_step(struct query *q);
/* 0: a row; -ENOENT: none; -errno. */
int query_one(struct query *q);
/* For statements without rows: how many rows changed, or -errno. */
int query_run(struct query *q);

int64_t column_i64(struct query *q);
int32_t column_i32(struct query *q);
bool column_bool(struct query *q);
bool column_is_null(struct query *q); /* of the next column; does not move on */
char *column_text(struct query *q);   /* the caller frees; NULL for null */
/* The next columns, none of which may be null, in one piece of memory, which the caller frees. */
char *column_texts(struct query *q, const char **ret_texts, size_t count);
void column_text_into(struct query *q, char *ret_text, size_t size);
struct str column_blob(struct query *q); /* borrowed until the next step */

/* trace.c: once for a connection; for each use of a statement. */
int trace_register(struct txn *txn);
void trace_statement(struct txn *txn, const struct statement_trace *t, int64_t user);

/* Takes the next value of a row of `counters`. */
int counter_next(struct txn *txn, const char *name, int64_t *ret_value);
/* The first of `count` numbers that follow each other. */
int counter_take(struct txn *txn, const char *name, int64_t count, int64_t *ret_first);

/* Makes room for one more in an array that has `count`; grows by doubling, so the count alone says the capacity. */
void *array_grow(void *rows, size_t count, size_t row_bytes);

#endif
