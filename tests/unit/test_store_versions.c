/* SPDX-License-Identifier: Apache-2.0 */
/* A store of each schema that was ever released opens with this program, keeps every row, and is in order. The stores are dumps that
 * tests/e2e/lib/full_store.py made by the programs of their time. */
#include "store_unit.h"

#include <glob.h>
#include <sqlite3.h>
#include <stdlib.h>


#define DUMP_MAX   (8 * 1024 * 1024)
#define TABLES_MAX 128
#define NAME_MAX_  64

/* --- a store out of its dump ---------------------------------------------------------------------------------------------------- */

static char *
dump_read(const char *path)
{
	FILE *f = fopen(path, "rbe");
	char *text = xcalloc(1, DUMP_MAX + 1);
	size_t n;

	assert_non_null(f);
	n = fread(text, 1, DUMP_MAX, f);
	assert_true(n > 0 && n < DUMP_MAX);
	fclose(f);
	return text;
}

static void
dump_restore(const char *dump, const char *path)
{
	_cleanup_free_ char *text = dump_read(dump);
	sqlite3 *db = NULL;
	char *error = NULL;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_exec(db, text, NULL, NULL, &error) != SQLITE_OK)
		fail_msg("%s: %s", dump, error);
	sqlite3_close(db);
}

struct table {
	char name[NAME_MAX_];
	int64_t rows;
};

static int64_t
count(sqlite3 *db, const char *table)
{
	_cleanup_free_ char *sql = xasprintf("SELECT count(*) FROM \"%s\"", table);
	sqlite3_stmt *stmt = NULL;
	int64_t rows = -1;

	if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == SQLITE_OK && sqlite3_step(stmt) == SQLITE_ROW)
		rows = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return rows;
}

static size_t
tables_of(const char *path, struct table tables[TABLES_MAX])
{
	sqlite3 *db = NULL;
	sqlite3_stmt *stmt = NULL;
	size_t n = 0;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'", -1, &stmt, NULL),
	    SQLITE_OK);
	while (sqlite3_step(stmt) == SQLITE_ROW) {
		assert_true(n < TABLES_MAX);
		snprintf(tables[n].name, sizeof tables[n].name, "%s", (const char *)sqlite3_column_text(stmt, 0));
		tables[n].rows = count(db, tables[n].name);
		n++;
	}
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	return n;
}

static char *
schema_of(const char *path)
{
	static const char sql[] = "SELECT group_concat(sql, char(10)) FROM (SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' "
				  "ORDER BY type, name)";
	sqlite3 *db = NULL;
	sqlite3_stmt *stmt = NULL;
	char *text;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	text = xstrdup((const char *)sqlite3_column_text(stmt, 0));
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	return text;
}

/* --- the stores ----------------------------------------------------------------------------------------------------------------- */

static size_t
stores(glob_t *ret_found)
{
	const char *top = getenv("top_srcdir");
	_cleanup_free_ char *pattern = xasprintf("%s/tests/data/stores/schema-*.sql", top != NULL ? top : ".");

	assert_int_equal(glob(pattern, 0, NULL, ret_found), 0);
	return ret_found->gl_pathc;
}

static int
number_of(const char *path)
{
	const char *name = strrchr(path, '-');

	assert_non_null(name);
	return (int)strtol(name + 1, NULL, 10);
}

/* The highest schema that was released: what was not may be edited, and a dump of it is of no use from then on. */
static int
released(void)
{
	const char *top = getenv("top_srcdir");
	_cleanup_free_ char *path = xasprintf("%s/tests/data/stores/released", top != NULL ? top : ".");
	_cleanup_free_ char *text = dump_read(path);

	return (int)strtol(text, NULL, 10);
}

static char *
schema_of_a_new_one(void)
{
	struct bench b;
	char *text;

	bench_make(&b);
	assert_int_equal(bench_open(&b), 0);
	b.store = store_close(b.store);
	text = schema_of(b.path);
	bench_remove(&b);
	return text;
}

static bool
is_of_use(const struct bench *b, const char *dump)
{
	_cleanup_free_ char *kept = NULL, *fresh = NULL;

	if (number_of(dump) <= released())
		return true;
	kept = schema_of(b->path);
	fresh = schema_of_a_new_one();
	if (strcmp(kept, fresh) == 0)
		return true;
	print_message("%s is of a schema that was edited since, before any release: left out\n", dump);
	return false;
}

static void
with_store(const char *dump, void (*look)(struct bench *b, const char *dump))
{
	struct bench b;

	bench_make(&b);
	dump_restore(dump, b.path);
	if (is_of_use(&b, dump))
		look(&b, dump);
	if (b.store != NULL)
		b.store = store_close(b.store);
	bench_remove(&b);
}

static void
for_each_store(void (*look)(struct bench *b, const char *dump))
{
	glob_t found;

	for (size_t i = 0, n = stores(&found); i < n; i++)
		with_store(found.gl_pathv[i], look);
	globfree(&found);
}

static void
opens_and_is_in_order(struct bench *b, const char *dump)
{
	int r = bench_open(b);

	if (r < 0)
		fail_msg("%s does not open: %s. A released schema is never edited: add a step", dump, strerror(-r));
	assert_int_equal(b->migrated, number_of(dump) < b->schema);
	promises_hold(b->store);
}

static void
a_store_of_each_schema_opens_and_is_in_order(void **state)
{
	(void)state;
	for_each_store(opens_and_is_in_order);
}

/* What opening looks at may add rows; it takes none away. A step that removes a table says so here. */
static void
keeps_its_rows(struct bench *b, const char *dump)
{
	struct table before[TABLES_MAX], after[TABLES_MAX];
	size_t n = tables_of(b->path, before), m;

	assert_int_equal(bench_open(b), 0);
	b->store = store_close(b->store);
	m = tables_of(b->path, after);
	for (size_t i = 0; i < n; i++) {
		int64_t rows = -1;

		for (size_t j = 0; j < m; j++)
			if (strcmp(after[j].name, before[i].name) == 0)
				rows = after[j].rows;
		if (rows < before[i].rows)
			fail_msg("%s: %s had %lld rows and has %lld", dump, before[i].name, (long long)before[i].rows, (long long)rows);
	}
}

static void
every_row_of_it_is_kept(void **state)
{
	(void)state;
	for_each_store(keeps_its_rows);
}

static void
has_rows_everywhere(struct bench *b, const char *dump)
{
	struct table tables[TABLES_MAX];
	size_t n = tables_of(b->path, tables);

	assert_true(n > 20);
	for (size_t i = 0; i < n; i++)
		if (tables[i].rows == 0)
			fail_msg("%s has no row in %s: full_store.py is to make one", dump, tables[i].name);
}

static void
no_table_of_it_is_empty(void **state)
{
	(void)state;
	for_each_store(has_rows_everywhere);
}

/* An upgraded store and a new one are the same store, so that no test of the one leaves out the other. */
static void
comes_to_the_schema_of_a_new_one(struct bench *b, const char *dump)
{
	_cleanup_free_ char *upgraded = NULL, *fresh = schema_of_a_new_one();

	assert_int_equal(bench_open(b), 0);
	b->store = store_close(b->store);
	upgraded = schema_of(b->path);
	if (strcmp(upgraded, fresh) != 0)
		fail_msg("%s does not become what a new store is: a step is missing, or a released one was edited", dump);
}

static void
an_upgraded_store_is_like_a_new_one(void **state)
{
	(void)state;
	for_each_store(comes_to_the_schema_of_a_new_one);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_store_of_each_schema_opens_and_is_in_order),
	    cmocka_unit_test(every_row_of_it_is_kept),
	    cmocka_unit_test(no_table_of_it_is_empty),
	    cmocka_unit_test(an_upgraded_store_is_like_a_new_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
