/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/prototype.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

#define BUSY_MS 5000

const char *const prototype_tables[PROTOTYPE_TABLES] = {"activity_log", "time_entries", "processed_time_entries"};

struct prototype {
	sqlite3 *db;
};

static const char *const day_columns[PROTOTYPE_TABLES] = {"log_date", "entry_date", "entry_date"};
static const char *const columns[PROTOTYPE_TABLES][PROTOTYPE_COLUMNS_MAX + 1] = {
    [PROTOTYPE_ACTIVITY] = {[A_ACTIVITY] = "activity", [A_DOCUMENT] = "document", [A_CATEGORY] = "category", [A_PRODUCTIVITY] = "productivity",
	[A_SECONDS] = "time_spent_seconds"},
    [PROTOTYPE_DRAFTS] = {[D_APPLICATION] = "application", [D_DESCRIPTION] = "task_description", [D_SECONDS] = "total_seconds",
	[D_UNITS] = "time_units", [D_STATUS] = "status", [D_NOTES] = "notes", [D_MATTER] = "matter_code", [D_HASH] = "source_hash"},
    [PROTOTYPE_PROCESSED] = {[P_APPLICATION] = "application", [P_DESCRIPTION] = "task_description", [P_UNITS] = "time_units", [P_STATUS] = "status",
	[P_NOTES] = "notes", [P_MATTER] = "matter_code", [P_HASH] = "source_hash", [P_SUBMITTED] = "submitted_to_alp_at", [P_ALP_ID] = "alp_entry_id",
	[P_CREATED] = "created_at"},
};

/* --- opening -------------------------------------------------------------------------------------------------------------- */

static void
add_missing(struct buf *missing, const char *table, const char *column)
{
	buf_addf(missing, "%s%s%s%s", missing->len > 0 ? ", " : "", table, column != NULL ? "." : "", column != NULL ? column : "");
}

static int
has_column(sqlite3 *db, const char *table, const char *column)
{
	sqlite3_stmt *q = NULL;
	int r = sqlite3_prepare_v2(db, "SELECT count(*) FROM pragma_table_info(?) WHERE ? IS NULL OR name = ? COLLATE NOCASE", -1, &q, NULL);

	if (r == SQLITE_OK) {
		(void)sqlite3_bind_text(q, 1, table, -1, SQLITE_STATIC);
		(void)sqlite3_bind_text(q, 2, column, -1, SQLITE_STATIC);
		(void)sqlite3_bind_text(q, 3, column, -1, SQLITE_STATIC);
		r = sqlite3_step(q) == SQLITE_ROW ? sqlite3_column_int(q, 0) > 0 : -EIO;
	} else {
		r = -EIO;
	}
	(void)sqlite3_finalize(q);
	return r;
}

static int
check_table(sqlite3 *db, enum prototype_table table, struct buf *missing)
{
	const char *name = prototype_tables[table];
	int r = has_column(db, name, NULL);

	if (r <= 0) {
		if (r == 0)
			add_missing(missing, name, NULL);
		return r;
	}
	r = has_column(db, name, day_columns[table]);
	if (r == 0)
		add_missing(missing, name, day_columns[table]);
	for (size_t i = 0; r >= 0 && columns[table][i] != NULL; i++) {
		r = has_column(db, name, columns[table][i]);
		if (r == 0)
			add_missing(missing, name, columns[table][i]);
	}
	return r < 0 ? r : 0;
}

static int
check_tables(sqlite3 *db, struct buf *fault)
{
	_cleanup_(buf_release) struct buf missing = BUF_INIT(4096);
	int r = 0;

	for (enum prototype_table t = 0; r >= 0 && t < PROTOTYPE_TABLES; t++)
		r = check_table(db, t, &missing);
	if (r < 0)
		buf_addz(fault, sqlite3_errmsg(db));
	else if (missing.len > 0)
		buf_addf(fault, "is not the prototype's database: it lacks %s", missing.p);
	return r < 0 || missing.len > 0 ? -EINVAL : 0;
}

int
prototype_open(const char *path, struct prototype **ret_prototype, struct buf *fault)
{
	struct prototype *p = xcalloc(1, sizeof *p);
	int rc = sqlite3_open_v2(path, &p->db, SQLITE_OPEN_READONLY, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_busy_timeout(p->db, BUSY_MS);
	/* Nothing in the file is to run: no trigger, no view does anything by itself, and what it says of itself is not believed. */
	if (rc == SQLITE_OK)
		rc = sqlite3_db_config(p->db, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_db_config(p->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, (int *)NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(p->db, "BEGIN", NULL, NULL, NULL);
	if (rc != SQLITE_OK) {
		buf_addz(fault, p->db != NULL ? sqlite3_errmsg(p->db) : sqlite3_errstr(rc));
		prototype_close(p);
		return -EINVAL;
	}
	if (check_tables(p->db, fault) < 0) {
		prototype_close(p);
		return -EINVAL;
	}
	*ret_prototype = p;
	return 0;
}

struct prototype *
prototype_close(struct prototype *p)
{
	if (p != NULL)
		(void)sqlite3_close(p->db);
	free(p);
	return NULL;
}

/* --- reading -------------------------------------------------------------------------------------------------------------- */

static struct cell
read_cell(sqlite3_stmt *q, int column)
{
	struct cell cell = {.type = CELL_TEXT};

	switch (sqlite3_column_type(q, column)) {
	case SQLITE_NULL:
		cell.type = CELL_NULL;
		break;
	case SQLITE_INTEGER:
		cell.type = CELL_INTEGER;
		cell.integer = sqlite3_column_int64(q, column);
		break;
	case SQLITE_FLOAT:
		cell.type = CELL_REAL;
		cell.real = sqlite3_column_double(q, column);
		break;
	default:
		/* Whatever encoding the file has; a blob comes as it is. */
		cell.text.p = (const char *)sqlite3_column_text(q, column);
		cell.text.len = (size_t)sqlite3_column_bytes(q, column);
		if (cell.text.p == NULL)
			cell.text = STR_NONE;
		break;
	}
	return cell;
}

static int
walk_days(sqlite3_stmt *q, int (*each)(void *arg, const struct cell *day), void *arg)
{
	int rc, r = 0;

	while (r == 0 && (rc = sqlite3_step(q)) == SQLITE_ROW) {
		struct cell day = read_cell(q, 0);

		r = each(arg, &day);
	}
	return r != 0 || rc == SQLITE_DONE ? r : -EIO;
}

int
prototype_days(struct prototype *p, int (*each)(void *arg, const struct cell *day), void *arg)
{
	sqlite3_stmt *q = NULL;
	int r = -EIO;

	if (sqlite3_prepare_v2(p->db,
		"SELECT log_date FROM activity_log UNION SELECT entry_date FROM time_entries UNION SELECT entry_date FROM processed_time_entries ORDER BY 1",
		-1, &q, NULL) == SQLITE_OK)
		r = walk_days(q, each, arg);
	(void)sqlite3_finalize(q);
	return r;
}

static int
walk_rows(sqlite3_stmt *q, enum prototype_table table, int (*each)(void *arg, enum prototype_table table, int64_t row, const struct cell *cells),
    void *arg)
{
	struct cell cells[PROTOTYPE_COLUMNS_MAX];
	int rc, r = 0;

	while (r == 0 && (rc = sqlite3_step(q)) == SQLITE_ROW) {
		for (size_t i = 0; columns[table][i] != NULL; i++)
			cells[i] = read_cell(q, (int)i + 1);
		r = each(arg, table, sqlite3_column_int64(q, 0), cells);
	}
	return r != 0 || rc == SQLITE_DONE ? r : -EIO;
}

static void
bind_cell(sqlite3_stmt *q, const struct cell *cell)
{
	switch (cell->type) {
	case CELL_NULL:
		(void)sqlite3_bind_null(q, 1);
		break;
	case CELL_INTEGER:
		(void)sqlite3_bind_int64(q, 1, cell->integer);
		break;
	case CELL_REAL:
		(void)sqlite3_bind_double(q, 1, cell->real);
		break;
	case CELL_TEXT:
		(void)sqlite3_bind_text(q, 1, cell->text.p != NULL ? cell->text.p : "", (int)cell->text.len, SQLITE_TRANSIENT);
		break;
	}
}

int
prototype_rows(struct prototype *p, enum prototype_table table, const struct cell *day,
    int (*each)(void *arg, enum prototype_table table, int64_t row, const struct cell *cells), void *arg)
{
	_cleanup_(buf_release) struct buf sql = BUF_INIT(2000);
	sqlite3_stmt *q = NULL;
	int r = -EIO;

	buf_addz(&sql, "SELECT rowid");
	for (size_t i = 0; columns[table][i] != NULL; i++)
		buf_addf(&sql, ", %s", columns[table][i]);
	buf_addf(&sql, " FROM %s WHERE %s IS ? ORDER BY rowid", prototype_tables[table], day_columns[table]);
	if (sqlite3_prepare_v2(p->db, sql.p, -1, &q, NULL) == SQLITE_OK) {
		bind_cell(q, day);
		r = walk_rows(q, table, each, arg);
	}
	(void)sqlite3_finalize(q);
	return r;
}
