/* SPDX-License-Identifier: Apache-2.0 */
/* Every statement is prepared and its plan read: what walks a table that grows, or sorts in memory what an index could give in order, is slow
 * only on the day it hurts. */
#include "store_unit.h"

#include "store/sqlite.h"

struct allowed {
	enum statement_id id;
	const char *step; /* the beginning of the plan's line */
	const char *why;
};

static const struct allowed allowed[] = {
    {ST_KIND_ALL, "SCAN kinds", "one row a kind of job: it grows with the program, not with its use"},
    {ST_JOB_KEY_COUNTS, "USE TEMP B-TREE", "asked for by a person, who rotates keys; a row a key"},
    {ST_TURNS_OF_LANE, "SCAN turns", "pausing a kind: asked for by a person, as long as the list of users"},
    {ST_TOKEN_COUNT, "SCAN tokens", "making a token: asked for by a person, and there are TOKENS_MAX at most"},
    {ST_TOKEN_PRUNE, "SCAN tokens", "the same"},
    {ST_WEBHOOK_LIST, "SCAN webhooks", "there are WEBHOOKS_MAX at most"},
    {ST_WEBHOOK_COUNT, "SCAN webhooks", "the same"},
    {ST_WEBHOOK_WANTING, "SCAN webhooks", "the same"},
    {ST_MATTER_ALIAS_DELETE_ALL, "SCAN matter_aliases", "an import: asked for by a person, and every row is written anew"},
    {ST_MATTER_DELETE_UNLISTED, "SCAN matters", "the same"},
    {ST_RESTORE_NEWEST, "SCAN restores", "a row for each time that the store was put back from a backup"},
    {ST_RESTORE_UNTIL, "SCAN restores", "the same"},
    {ST_RESTORE_DAYS, "SCAN activity_day", "once after each of these, of every user's days"},
    {ST_RESTORE_DAYS, "SCAN time_entries USING COVERING INDEX", "the same"},
    {ST_RESTORE_DAYS, "SCAN postings USING COVERING INDEX", "the same"},
    {ST_PERSON_CLOSE_DAYS, "SCAN (subquery-", "erasing a user: that user's days with postings or confirmed entries"},
    {ST_PERSON_CLOSE_DAYS, "UNION USING TEMP B-TREE", "the same"},
    {ST_PERSON_ERASE_EVENTS, "SCAN events", "erasing a user: asked for by a person"},
    {ST_PERSON_ERASE_ATTEMPTS, "SCAN webhook_deliveries", "the same"},
    {ST_PERSON_ERASE_MESSAGES, "SCAN webhook_deliveries", "the same"},
    {ST_PERSON_ERASE_TOKENS, "SCAN tokens", "the same"},
    {ST_PERSON_ERASE_ANSWERS, "SCAN once", "the same"},
    {ST_AUDIT_WALK, "SCAN a", "the check of the whole chain: asked for by a person or a test"},
    {ST_SAMPLE_DRIFT, "SCAN time_entries USING COVERING INDEX time_entries_drifted", "asked for at most every few seconds: those that drifted only"},
    {ST_SAMPLE_MESSAGES, "SCAN webhook_deliveries USING INDEX webhook_deliveries_due", "the same: those that are pending only"},
    {ST_ENTRY_INSERT_GIVEN, "SCAN given_entries", "what the closure has in memory, and inserts all of"},
};

static bool
is_allowed(enum statement_id id, const char *step)
{
	for (size_t i = 0; i < ELEMENTSOF(allowed); i++)
		if (allowed[i].id == id && strncmp(allowed[i].step, step, strlen(allowed[i].step)) == 0)
			return true;
	return false;
}

static bool
is_slow(const char *step)
{
	return (strncmp(step, "SCAN ", 5) == 0 && strstr(step, "CONSTANT ROW") == NULL) || strstr(step, "TEMP B-TREE") != NULL ||
	    strstr(step, "AUTOMATIC") != NULL;
}

static int
plan_of(struct txn *txn, enum statement_id id)
{
	_cleanup_free_ char *sql = xasprintf("EXPLAIN QUERY PLAN %s", statement_sql(id));
	sqlite3_stmt *stmt = NULL;
	int slow = 0;

	if (sqlite3_prepare_v2(txn->db, sql, -1, &stmt, NULL) != SQLITE_OK) {
		print_error("%s: %s\n", statement_name(id), sqlite3_errmsg(txn->db));
		return 1;
	}
	while (sqlite3_step(stmt) == SQLITE_ROW) {
		const char *step = (const char *)sqlite3_column_text(stmt, 3);

		if (is_slow(step) && !is_allowed(id, step)) {
			print_error("%s: %s\n", statement_name(id), step);
			slow++;
		}
	}
	sqlite3_finalize(stmt);
	return slow;
}

static int
plans_run(struct txn *txn, void *arg)
{
	int *slow = arg;

	for (int id = 0; id < STATEMENT_COUNT; id++)
		*slow += plan_of(txn, (enum statement_id)id);
	return 0;
}

static void
no_statement_walks_a_table_that_grows(void **state)
{
	struct bench *b = *state;
	int slow = 0;

	assert_int_equal(read_now(b->store, plans_run, &slow), 0);
	assert_int_equal(slow, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {STORE_TEST(no_statement_walks_a_table_that_grows)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
