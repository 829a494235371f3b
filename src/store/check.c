/* SPDX-License-Identifier: Apache-2.0 */
/* Each promise is a question whose every row is a violation. A row's columns become the text. These statements walk whole tables and run
 * when a person or a test asks, so they stand here and not in statements.def. */
#include "store/check.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "queue/kind.h"
#include "store/audit.h"
#include "store/job_row.h"

#define TOLD_MAX 20 /* of one promise */

struct promise {
	const char *text;
	const char *sql;
};

#define DUE_JOB                                                                                                        \
	"jobs j JOIN lane_of l ON l.kind = j.kind JOIN kinds k ON k.kind = j.kind AND k.paused = 0 WHERE j.state = 1 "      \
	"AND j.alp_user_id = t.alp_user_id AND l.lane = t.lane"

/* Of each entry the one that its time counts for: what it is a part of, and what that is merged into. Summed once, not asked for each entry; a number that
 * is no column's is one of no type, by which the engine would not look anything up. */
#define FAMILIES                                                                                                       \
	", family AS (SELECT iif(b.merged_into > 0, b.merged_into, b.entry_id) AS root, f.total_seconds, f.frozen_seconds, f.status FROM time_entries f " \
	"JOIN time_entries b ON b.entry_id = iif(f.supplement_of > 0, f.supplement_of, f.entry_id)), held AS (SELECT root, "                            \
	"sum(total_seconds) AS total, sum(iif(status = 2, frozen_seconds, 0)) AS frozen FROM family GROUP BY root), recorded AS (SELECT "               \
	"CAST(iif(e.merged_into > 0, e.merged_into, e.entry_id) AS INTEGER) AS root, sum(a.time_spent_seconds) AS seconds FROM owned a JOIN time_entries e ON " \
	"e.entry_id = a.entry_id GROUP BY 1) "

static const struct promise promises[] = {
    {"the file is whole", "SELECT * FROM pragma_integrity_check(5) WHERE integrity_check <> 'ok'"},
    {"references lead somewhere", "SELECT \"table\", rowid, parent FROM pragma_foreign_key_check"},
    {"identifiers were given out by their counter",
	"SELECT 'job', job_id FROM jobs WHERE job_id > (SELECT value FROM counters WHERE name = 'job_id') UNION ALL "
	"SELECT 'entry', entry_id FROM time_entries WHERE entry_id > (SELECT value FROM counters WHERE name = 'entry_id') UNION ALL "
	"SELECT 'posting', posting_id FROM postings WHERE posting_id > (SELECT value FROM counters WHERE name = 'posting_id') UNION ALL "
	"SELECT 'webhook', webhook_id FROM webhooks WHERE webhook_id > (SELECT value FROM counters WHERE name = 'webhook_id') UNION ALL "
	"SELECT 'message', delivery_id FROM webhook_deliveries WHERE delivery_id > (SELECT value FROM counters WHERE name = 'delivery_id')"},
    {"a user has one entry of a source",
	"SELECT alp_user_id, source_hash, count(*) FROM time_entries GROUP BY alp_user_id, source_hash HAVING count(*) > 1"},
    {"kinds.queued and kinds.running are the numbers of such jobs",
	"SELECT kind, queued, running FROM kinds k WHERE "
	"queued <> (SELECT count(*) FROM jobs j WHERE j.kind = k.kind AND state = 1) OR "
	"running <> (SELECT count(*) FROM jobs j WHERE j.kind = k.kind AND state = 2)"},
    {"every live job's kind is counted",
	"SELECT job_id, kind FROM jobs WHERE state <= 2 AND kind NOT IN (SELECT kind FROM kinds)"},
    {"the newest row of history says the job's state and run",
	"SELECT j.job_id, j.state, h.to_state FROM jobs j LEFT JOIN job_history h ON "
	"h.job_id = j.job_id AND h.seq = (SELECT max(seq) FROM job_history x WHERE "
	"x.job_id = j.job_id) WHERE coalesce(h.to_state, 1) <> j.state OR coalesce(h.run, 0) <> j.run"},
    {"history has no gaps: each row goes on from the one before",
	"SELECT h.job_id, h.seq FROM job_history h LEFT JOIN job_history p ON "
	"p.job_id = h.job_id AND p.seq = h.seq - 1 WHERE h.from_state IS NOT coalesce(p.to_state, 1) OR h.run < p.run"},
    {"a message is to a webhook, and its log is of a message",
	"SELECT delivery_id, webhook_id FROM webhook_deliveries d WHERE NOT EXISTS (SELECT 1 FROM webhooks w WHERE w.webhook_id = d.webhook_id) "
	"UNION ALL SELECT delivery_id, 0 FROM webhook_attempts a WHERE NOT EXISTS (SELECT 1 FROM webhook_deliveries d WHERE "
	"d.delivery_id = a.delivery_id)"},
    {"days that are ready wait for a job that is not over",
	"SELECT r.job_id FROM ready_days r WHERE NOT EXISTS (SELECT 1 FROM jobs j WHERE j.job_id = r.job_id AND j.state <= 2)"},
    {"events have no gap", "SELECT min(event_id), max(event_id), count(*) FROM events HAVING max(event_id) - min(event_id) + 1 <> count(*)"},
    {"an event of a job's state has its row of history",
	"SELECT event_id, job_id, state FROM events e WHERE type = 1 AND EXISTS (SELECT 1 FROM jobs j WHERE j.alp_user_id = e.alp_user_id "
	"AND j.job_id = e.job_id) AND NOT (state = 1 AND run = 0) AND NOT EXISTS (SELECT 1 FROM job_history h WHERE h.job_id = e.job_id AND "
	"h.to_state = e.state AND h.run = e.run AND h.at_ms = e.at_ms)"},
    {"history belongs to a job",
	"SELECT job_id, seq FROM job_history h WHERE NOT EXISTS (SELECT 1 FROM jobs j WHERE j.job_id = h.job_id)"},
    {"a lane that has a job has a turn",
	"SELECT j.job_id FROM jobs j JOIN lane_of l ON l.kind = j.kind WHERE NOT EXISTS "
	"(SELECT 1 FROM turns t WHERE t.alp_user_id = j.alp_user_id AND t.lane = l.lane)"},
    {"busy_job is a running job of that user and lane",
	"SELECT t.alp_user_id, t.lane, t.busy_job FROM turns t WHERE t.busy_job <> 0 AND NOT EXISTS (SELECT 1 FROM jobs j "
	"JOIN lane_of l ON l.kind = j.kind WHERE j.job_id = t.busy_job AND j.alp_user_id = t.alp_user_id AND "
	"l.lane = t.lane AND j.state = 2)"},
    {"a running job that does not wait for another holds its turn",
	"SELECT j.job_id FROM jobs j WHERE j.state = 2 AND j.waiting = 0 AND NOT EXISTS "
	"(SELECT 1 FROM turns t WHERE t.alp_user_id = j.alp_user_id AND t.busy_job = j.job_id)"},
    {"a turn is due when its first queued job is",
	"SELECT t.alp_user_id, t.lane, t.due_ms FROM turns t WHERE t.due_ms IS NOT (SELECT min(j.run_at_ms) FROM " DUE_JOB ")"},
    {"a turn's priority is that of one of its queued jobs",
	"SELECT t.alp_user_id, t.lane, t.priority FROM turns t WHERE t.priority IS NOT NULL AND NOT EXISTS "
	"(SELECT 1 FROM " DUE_JOB " AND j.priority = t.priority)"},
    {"a turn ripens when the first of its better jobs is due",
	"SELECT t.alp_user_id, t.lane, t.ripens_ms FROM turns t WHERE t.ripens_ms IS NOT "
	"(SELECT min(j.run_at_ms) FROM " DUE_JOB " AND j.priority > coalesce(t.priority, -1))"},
    {"a turn was served no later than the counter says",
	"SELECT alp_user_id, lane FROM turns WHERE served > (SELECT value FROM counters WHERE name = 'served')"},
    {"the seconds of a day's rows are what was captured less what was excluded",
	"SELECT d.alp_user_id, d.log_date, d.captured_seconds FROM activity_day d WHERE d.pruned_ms = 0 AND captured_seconds - excluded_seconds <> "
	"(SELECT coalesce(sum(time_spent_seconds), 0) FROM activity_log a WHERE a.alp_user_id = d.alp_user_id AND "
	"a.log_date = d.log_date)"},
    {"a pruned day has neither rows nor grain",
	"SELECT d.alp_user_id, d.log_date FROM activity_day d WHERE d.pruned_ms > 0 AND (EXISTS (SELECT 1 FROM activity_log a WHERE "
	"a.alp_user_id = d.alp_user_id AND a.log_date = d.log_date) OR EXISTS (SELECT 1 FROM activity_grain g WHERE "
	"g.alp_user_id = d.alp_user_id AND g.log_date = d.log_date) OR EXISTS (SELECT 1 FROM activity_owners o WHERE "
	"o.alp_user_id = d.alp_user_id AND o.log_date = d.log_date))"},
    {"of a day it is known of all its rows where they belong, or of none",
	"SELECT o.alp_user_id, o.log_date FROM activity_owners o WHERE length(o.numbers) <> o.width * (SELECT count(*) FROM activity_log a WHERE "
	"a.alp_user_id = o.alp_user_id AND a.log_date = o.log_date)"},
    {"only a pruned day has its sums kept",
	"SELECT f.alp_user_id, f.log_date FROM day_filtered f WHERE NOT EXISTS (SELECT 1 FROM activity_day d WHERE "
	"d.alp_user_id = f.alp_user_id AND d.log_date = f.log_date AND d.pruned_ms > 0)"},
    {"rows belong to a day",
	"SELECT a.alp_user_id, a.log_date FROM activity_log a WHERE NOT EXISTS (SELECT 1 FROM activity_day d WHERE "
	"d.alp_user_id = a.alp_user_id AND d.log_date = a.log_date)"},
    {"on a processed day every row has an entry or a reason",
	"SELECT a.alp_user_id, a.log_date FROM owned a JOIN activity_day d ON d.alp_user_id = a.alp_user_id "
	"AND d.log_date = a.log_date WHERE d.processed_generation = d.generation AND a.number = 0"},
    {"an entry and its supplements hold the seconds of its rows, or what was confirmed of them, once the day is processed",
	FAMILIES "SELECT e.entry_id, h.total, h.frozen, r.seconds FROM time_entries e JOIN activity_day d ON d.alp_user_id = e.alp_user_id AND "
	"d.log_date = e.entry_date JOIN held h ON h.root = e.entry_id LEFT JOIN recorded r ON r.root = e.entry_id WHERE "
	"d.processed_generation = d.generation AND d.pruned_ms = 0 AND e.supplement_of = 0 AND e.merged_into = 0 AND "
	"h.total <> max(h.frozen, coalesce(r.seconds, 0))"},
    {"what an entry is merged into is one of its user and day with rows of its own, and not merged itself",
	"SELECT m.entry_id, m.merged_into FROM time_entries m WHERE m.merged_into > 0 AND NOT EXISTS (SELECT 1 FROM time_entries e WHERE "
	"e.alp_user_id = m.alp_user_id AND e.entry_date = m.entry_date AND e.entry_id = m.merged_into AND e.supplement_of = 0 AND e.merged_into = 0)"},
    {"what is merged into another holds nothing",
	"SELECT entry_id, total_seconds FROM time_entries WHERE merged_into > 0 AND total_seconds > 0"},
    {"a confirmed entry has the seconds that were frozen",
	"SELECT entry_id, total_seconds, frozen_seconds FROM time_entries WHERE status = 2 AND total_seconds <> frozen_seconds"},
    {"what a supplement belongs to is an entry of its user and day with rows of its own",
	"SELECT s.entry_id, s.supplement_of FROM time_entries s WHERE s.supplement_of > 0 AND NOT EXISTS (SELECT 1 FROM time_entries e WHERE "
	"e.alp_user_id = s.alp_user_id AND e.entry_date = s.entry_date AND e.entry_id = s.supplement_of AND e.supplement_of = 0)"},
    {"no row names a supplement",
	"SELECT a.alp_user_id, a.log_date, a.entry_id FROM time_entries s JOIN owned a ON a.alp_user_id = s.alp_user_id AND "
	"a.log_date = s.entry_date AND a.entry_id = s.entry_id WHERE s.supplement_of > 0"},
    {"the entry of a row is one of its user and day",
	"SELECT a.alp_user_id, a.log_date, a.entry_id FROM owned a WHERE a.entry_id IS NOT NULL AND NOT EXISTS (SELECT 1 "
	"FROM time_entries e WHERE e.alp_user_id = a.alp_user_id AND e.entry_date = a.log_date AND e.entry_id = a.entry_id)"},
    {"what was learned is the sums of the lessons",
	"SELECT * FROM (SELECT alp_user_id, kind, key, matter_code, times, seconds, last_ms FROM learned EXCEPT "
	"SELECT alp_user_id, kind, key, matter_code, count(*), sum(seconds), max(at_ms) FROM lessons GROUP BY alp_user_id, kind, key, matter_code) "
	"UNION ALL SELECT * FROM (SELECT alp_user_id, kind, key, matter_code, count(*), sum(seconds), max(at_ms) FROM lessons "
	"GROUP BY alp_user_id, kind, key, matter_code EXCEPT SELECT alp_user_id, kind, key, matter_code, times, seconds, last_ms FROM learned)"},
    {"lessons are of confirmed entries of that user, with that matter",
	"SELECT l.alp_user_id, l.entry_id, l.matter_code FROM lessons l WHERE NOT EXISTS (SELECT 1 FROM time_entries e WHERE "
	"e.entry_id = l.entry_id AND e.alp_user_id = l.alp_user_id AND e.status = 2 AND coalesce(e.person_matter, e.matter_code) = l.matter_code)"},
    {"the verdicts that an entry names are there",
	"SELECT e.entry_id, e.verdicts_id FROM time_entries e WHERE e.verdicts_id > 0 AND NOT EXISTS (SELECT 1 FROM day_verdicts v WHERE "
	"v.alp_user_id = e.alp_user_id AND v.log_date = e.entry_date AND v.verdicts_id = e.verdicts_id)"},
    {"older verdicts are there only if an entry names them",
	"SELECT v.alp_user_id, v.log_date, v.verdicts_id FROM day_verdicts v WHERE EXISTS (SELECT 1 FROM day_verdicts n WHERE "
	"n.alp_user_id = v.alp_user_id AND n.log_date = v.log_date AND n.verdicts_id > v.verdicts_id) AND NOT EXISTS (SELECT 1 FROM "
	"time_entries e WHERE e.alp_user_id = v.alp_user_id AND e.entry_date = v.log_date AND e.verdicts_id = v.verdicts_id)"},
    {"the newest row of a posting's history says its state, and each goes on from the one before",
	"SELECT p.posting_id, p.state FROM postings p WHERE p.state IS NOT (SELECT to_state FROM posting_history h WHERE "
	"h.posting_id = p.posting_id ORDER BY seq DESC LIMIT 1) UNION ALL "
	"SELECT h.posting_id, h.seq FROM posting_history h LEFT JOIN posting_history b ON b.posting_id = h.posting_id AND b.seq = h.seq - 1 "
	"WHERE h.from_state <> coalesce(b.to_state, 0)"},
    {"an entry with a posting that counts is confirmed, of that user and day",
	"SELECT p.posting_id, p.entry_id FROM postings p WHERE p.entry_id > 0 AND p.state NOT IN (5, 7, 8) AND p.body NOT LIKE '{\"erased\":true,%' AND NOT EXISTS (SELECT 1 FROM "
	"time_entries e WHERE e.entry_id = p.entry_id AND e.alp_user_id = p.alp_user_id AND e.entry_date = p.entry_date AND e.status = 2)"},
    {"a posting was sending, or sent before this service was there, or again in ALP by itself, or perhaps before the store was put back, before anything can be known of it in ALP",
	"SELECT p.posting_id FROM postings p WHERE p.state NOT IN (1, 7) AND NOT EXISTS (SELECT 1 FROM posting_history h WHERE "
	"h.posting_id = p.posting_id AND (h.to_state = 2 OR h.code IN ('imported', 'posted_before', 'restored', 'found_by_reference', 'several_with_reference')))"},
    {"no person touched what is withdrawn",
	"SELECT entry_id FROM time_entries WHERE status = 4 AND merged_into = 0 AND (person_description IS NOT NULL OR person_units_tenths >= 0 "
	"OR person_matter IS NOT NULL OR notes IS NOT NULL)"},
};

/* The lanes are the program's, not the database's: they come along as a table that only these questions see. */
static char *
lanes_text(void)
{
	struct buf b = BUF_INIT(4096);
	const struct job_kind_info *kind;

	buf_addz(&b, "WITH lane_of (kind, lane) AS (VALUES ");
	for (size_t i = 0; (kind = job_kind_at(i)) != NULL; i++)
		buf_addf(&b, "%s(%d, %d)", i > 0 ? ", " : "", (int)kind->kind, (int)kind->lane);
	buf_addz(&b, "), owned AS MATERIALIZED (SELECT * FROM activity_owned) ");
	return buf_take(&b, NULL);
}

static char *
violation_text(const struct promise *p, sqlite3_stmt *stmt)
{
	struct buf b = BUF_INIT(4096);

	buf_addf(&b, "broken: %s:", p->text);
	for (int i = 0; i < sqlite3_column_count(stmt); i++) {
		const char *value = (const char *)sqlite3_column_text(stmt, i);

		buf_addf(&b, " %s=%s", sqlite3_column_name(stmt, i), value != NULL ? value : "null");
	}
	return buf_take(&b, NULL);
}

/* Up to `max` violations of one promise. 1: it is broken. */
static int
promise_check(struct txn *txn, const struct promise *p, const char *lanes, int max, violation_fn tell, void *arg)
{
	_cleanup_free_ char *sql = xasprintf("%s%s", lanes, p->sql);
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(txn->db, sql, -1, &stmt, NULL), told = 0;

	while (told < max && rc != SQLITE_DONE && (rc == SQLITE_OK || rc == SQLITE_ROW) && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		_cleanup_free_ char *violation = violation_text(p, stmt);

		tell(arg, violation);
		told++;
	}
	sqlite3_finalize(stmt);
	return told > 0 ? 1 : txn_error(txn, rc);
}

/* Those that the engine does not know of. 1: one is broken. */
static int
check_beside(struct txn *txn, int (*check)(struct txn *txn, char **ret_violation), violation_fn tell, void *arg)
{
	_cleanup_free_ char *violation = NULL;
	int r = check(txn, &violation);

	if (r > 0)
		tell(arg, violation);
	return r;
}

/* How many promises are broken; no more than `promises_max` are looked for. */
static int
check(struct txn *txn, int promises_max, int max, violation_fn tell, void *arg)
{
	_cleanup_free_ char *lanes = lanes_text();
	int r = 0, broken = 0;

	/* A writer is asked in the middle of its transaction, and what it keeps in memory is part of the promises. */
	if (txn->writes)
		r = ledger_write(txn);
	if (r == 0 && txn->waiting != NULL)
		r = check_beside(txn, queue_check, tell, arg);
	broken += r > 0;
	for (size_t i = 0; i < ELEMENTSOF(promises) && r >= 0 && broken < promises_max; i++) {
		r = promise_check(txn, &promises[i], lanes, max, tell, arg);
		broken += r > 0;
	}
	if (r >= 0 && broken < promises_max) {
		r = check_beside(txn, audit_check, tell, arg);
		broken += r > 0;
	}
	return r < 0 ? r : broken;
}

int
store_check_all(struct txn *txn, violation_fn tell, void *arg)
{
	return check(txn, INT_MAX, TOLD_MAX, tell, arg);
}

static void
keep_violation(void *arg, const char *violation)
{
	*(char **)arg = xstrdup(violation);
}

int
store_check(struct txn *txn, char **ret_violation)
{
	*ret_violation = NULL;
	return check(txn, 1, 1, keep_violation, ret_violation);
}
