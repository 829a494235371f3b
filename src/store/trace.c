/* SPDX-License-Identifier: Apache-2.0 */
#include "store/trace.h"

#include <string.h>

#include "store/sqlite.h"

/* What readers are shown of a user, and may be kept of it. */
static const char *const watched[] = {"users", "activity_day", "activity_log", "activity_owners", "day_filtered", "time_entries", "day_verdicts", "rule_sets",
    "matters", "matter_aliases", "matter_listing", "lessons", "learned", "postings"};

static bool
is_watched(const char *table)
{
	for (size_t i = 0; i < ELEMENTSOF(watched); i++)
		if (strcmp(table, watched[i]) == 0)
			return true;
	return false;
}

/* The engine asks it for every table of a statement that it prepares. */
static int
on_prepare(void *arg, int action, const char *table, const char *other, const char *database, const char *view)
{
	struct statement_trace *t = ((struct txn *)arg)->preparing;

	(void)other;
	(void)database;
	(void)view;
	if (t == NULL || table == NULL)
		return SQLITE_OK;
	if (action == SQLITE_INSERT || action == SQLITE_UPDATE || action == SQLITE_DELETE)
		t->writes_watched = t->writes_watched || is_watched(table);
	else if (action == SQLITE_READ)
		t->reads_unwatched = t->reads_unwatched || !is_watched(table);
	return SQLITE_OK;
}

int
trace_register(struct txn *txn)
{
	return txn_error(txn, sqlite3_set_authorizer(txn->db, on_prepare, txn));
}

void
trace_statement(struct txn *txn, const struct statement_trace *t, int64_t user)
{
	struct trace *trace = &txn->trace;

	trace->read_unwatched = trace->read_unwatched || t->reads_unwatched;
	if (!t->writes_watched)
		return;
	for (unsigned i = 0; i < trace->count; i++)
		if (trace->users[i] == user)
			return;
	if (user == 0 || trace->count == TRACE_USERS_MAX)
		trace->everyone = true;
	else
		trace->users[trace->count++] = user;
}

void
txn_trace_begin(struct txn *txn)
{
	txn->trace = (struct trace){0};
}

struct trace
txn_trace(const struct txn *txn)
{
	return txn->trace;
}
