/* SPDX-License-Identifier: Apache-2.0 */
#include "store/given.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"

/* --- entries ------------------------------------------------------------------------------------------------------------- */

enum given_type { GIVEN_I64, GIVEN_I32, GIVEN_TEXT, GIVEN_CHARS };

/* What one new entry of a day may have otherwise than the next; the statement says the rest (ENTRY_INSERT_GIVEN), and same_but_for_given() in entry.c
 * that it is the same. */
static const struct given_column {
	const char *name;
	enum given_type type;
	size_t offset;
} columns[] = {
#define COLUMN(type, member) {#member, type, offsetof(struct entry_row, member)}
    COLUMN(GIVEN_I64, entry_id),
    COLUMN(GIVEN_I32, status),
    COLUMN(GIVEN_CHARS, source_hash),
    COLUMN(GIVEN_TEXT, application),
    COLUMN(GIVEN_TEXT, task_description),
    COLUMN(GIVEN_I64, total_seconds),
    COLUMN(GIVEN_I64, units_tenths),
    COLUMN(GIVEN_TEXT, matter_code),
    COLUMN(GIVEN_TEXT, matter_rule),
    COLUMN(GIVEN_TEXT, matter_evidence),
#undef COLUMN
};

_Static_assert(sizeof(enum entry_status) == sizeof(int32_t), "it is read as GIVEN_I32");

struct table {
	sqlite3_vtab base;
	struct txn *txn;
};

struct cursor {
	sqlite3_vtab_cursor base;
	const struct given_entries *given;
	size_t at;
};

static int
table_connect(sqlite3 *db, void *arg, int argc, const char *const *argv, sqlite3_vtab **ret_table, char **ret_error)
{
	struct buf text = BUF_INIT(1024);
	struct table *t;
	char *sql;
	int rc;

	(void)argc;
	(void)argv;
	(void)ret_error;
	buf_addz(&text, "CREATE TABLE given_entries (");
	for (size_t i = 0; i < ELEMENTSOF(columns); i++)
		buf_addf(&text, "%s%s", i > 0 ? ", " : "", columns[i].name);
	buf_addz(&text, ")");
	sql = buf_take(&text, NULL);
	rc = sqlite3_declare_vtab(db, sql);
	free(sql);
	if (rc != SQLITE_OK)
		return rc;
	t = xcalloc(1, sizeof *t);
	t->txn = arg;
	*ret_table = &t->base;
	return SQLITE_OK;
}

static int
table_disconnect(sqlite3_vtab *table)
{
	free(table);
	return SQLITE_OK;
}

static int
table_best_index(sqlite3_vtab *table, sqlite3_index_info *info)
{
	(void)table;
	info->estimatedCost = 1;
	return SQLITE_OK;
}

static int
cursor_open(sqlite3_vtab *table, sqlite3_vtab_cursor **ret_cursor)
{
	struct cursor *c = xcalloc(1, sizeof *c);

	c->given = &((struct table *)(void *)table)->txn->given_entries;
	*ret_cursor = &c->base;
	return SQLITE_OK;
}

static int
cursor_close(sqlite3_vtab_cursor *cursor)
{
	free(cursor);
	return SQLITE_OK;
}

static void
skip_others(struct cursor *c)
{
	while (c->at < c->given->count && !c->given->which[c->at])
		c->at++;
}

static int
cursor_filter(sqlite3_vtab_cursor *cursor, int number, const char *text, int argc, sqlite3_value **argv)
{
	struct cursor *c = (struct cursor *)(void *)cursor;

	(void)number;
	(void)text;
	(void)argc;
	(void)argv;
	c->at = 0;
	skip_others(c);
	return SQLITE_OK;
}

static int
cursor_next(sqlite3_vtab_cursor *cursor)
{
	struct cursor *c = (struct cursor *)(void *)cursor;

	c->at++;
	skip_others(c);
	return SQLITE_OK;
}

static int
cursor_eof(sqlite3_vtab_cursor *cursor)
{
	const struct cursor *c = (struct cursor *)(void *)cursor;

	return c->at >= c->given->count;
}

static int
cursor_column(sqlite3_vtab_cursor *cursor, sqlite3_context *context, int n)
{
	const struct cursor *c = (struct cursor *)(void *)cursor;
	const void *value = (const char *)&c->given->rows[c->at] + columns[n].offset;

	switch (columns[n].type) {
	case GIVEN_I64:
		sqlite3_result_int64(context, *(const int64_t *)value);
		break;
	case GIVEN_I32:
		sqlite3_result_int(context, *(const int32_t *)value);
		break;
	case GIVEN_TEXT:
		sqlite3_result_text(context, *(char *const *)value, -1, SQLITE_STATIC);
		break;
	case GIVEN_CHARS:
		sqlite3_result_text(context, value, -1, SQLITE_STATIC);
		break;
	}
	return SQLITE_OK;
}

static int
cursor_rowid(sqlite3_vtab_cursor *cursor, sqlite3_int64 *ret_rowid)
{
	*ret_rowid = (sqlite3_int64)((struct cursor *)(void *)cursor)->at;
	return SQLITE_OK;
}

/* Without xCreate it can only be used under its own name, and leaves nothing in the schema. */
static const sqlite3_module entries_module = {
    .xConnect = table_connect,
    .xBestIndex = table_best_index,
    .xDisconnect = table_disconnect,
    .xOpen = cursor_open,
    .xClose = cursor_close,
    .xFilter = cursor_filter,
    .xNext = cursor_next,
    .xEof = cursor_eof,
    .xColumn = cursor_column,
    .xRowid = cursor_rowid,
};

/* --- activity ------------------------------------------------------------------------------------------------------------ */

int
given_register(struct txn *txn)
{
	return txn_error(txn, sqlite3_create_module(txn->db, "given_entries", &entries_module, txn));
}
