/* SPDX-License-Identifier: Apache-2.0 */
#include "store/person.h"

#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/json.h"
#include "store/audit.h"
#include "store/sqlite.h"

#define SALT_BYTES 16
#define ERASED     "{\"erased\":true,"

/* --- handing out ---------------------------------------------------------------------------------------------------------- */

/* Walked when a person asks, so they stand here and not in statements.def. ?1 is the user. */
static const struct {
	const char *name, *sql;
} tables[] = {
    {"user", "SELECT * FROM users WHERE alp_user_id = ?1"},
    {"tokens", "SELECT token_id, name, scope, read_only, created_ms, expires_ms, revoked_ms, last_used_ms FROM tokens WHERE alp_user_id = ?1"},
    {"days", "SELECT * FROM activity_day WHERE alp_user_id = ?1"},
    {"activity", "SELECT * FROM activity_owned WHERE alp_user_id = ?1"},
    {"filtered", "SELECT * FROM day_filtered WHERE alp_user_id = ?1"},
    {"five_minutes", "SELECT * FROM activity_grain WHERE alp_user_id = ?1"},
    {"verdicts", "SELECT * FROM day_verdicts WHERE alp_user_id = ?1"},
    {"entries", "SELECT * FROM time_entries WHERE alp_user_id = ?1"},
    {"lessons", "SELECT * FROM lessons WHERE alp_user_id = ?1"},
    {"learned", "SELECT * FROM learned WHERE alp_user_id = ?1"},
    {"postings", "SELECT * FROM postings WHERE alp_user_id = ?1"},
    {"posting_history", "SELECT h.* FROM posting_history h JOIN postings p ON p.posting_id = h.posting_id WHERE p.alp_user_id = ?1"},
    {"alp_proofs", "SELECT * FROM alp_proofs WHERE alp_user_id = ?1"},
    {"jobs", "SELECT * FROM jobs WHERE alp_user_id = ?1"},
    {"job_history", "SELECT h.* FROM job_history h JOIN jobs j ON j.job_id = h.job_id WHERE j.alp_user_id = ?1"},
    {"rule_checks", "SELECT * FROM rule_checks WHERE alp_user_id = ?1"},
    {"turns", "SELECT * FROM turns WHERE alp_user_id = ?1"},
    {"events", "SELECT * FROM events WHERE alp_user_id = ?1"},
    {"messages", "SELECT * FROM webhook_deliveries WHERE instr(body, '\"alp_user_id\":' || ?1 || ',') > 0 OR instr(body, '\"alp_user_id\":' || ?1 || '}') > 0"},
    {"audit", "SELECT a.*, c.before, c.after FROM audit a LEFT JOIN audit_contents c ON c.audit_id = a.audit_id WHERE a.alp_user_id = ?1"},
};

/* Sealed keys are nobody's to see, and open nothing without the keeper. */
static bool
is_secret(const char *column)
{
	return strcmp(column, "sealed_key") == 0 || strcmp(column, "seal_id") == 0 || strcmp(column, "key_id") == 0;
}

static void
put_blob(struct json *j, const char *name, sqlite3_stmt *stmt, int i)
{
	size_t len = (size_t)sqlite3_column_bytes(stmt, i), room = sodium_base64_encoded_len(len, sodium_base64_VARIANT_ORIGINAL);
	_cleanup_free_ char *text = xcalloc(1, room);

	sodium_bin2base64(text, room, sqlite3_column_blob(stmt, i), len, sodium_base64_VARIANT_ORIGINAL);
	json_text(j, name, text);
}

static void
put_column(struct json *j, sqlite3_stmt *stmt, int i)
{
	const char *name = sqlite3_column_name(stmt, i);

	switch (sqlite3_column_type(stmt, i)) {
	case SQLITE_INTEGER:
		json_int(j, name, sqlite3_column_int64(stmt, i));
		break;
	case SQLITE_TEXT:
		json_str(j, name, (struct str){(const char *)sqlite3_column_text(stmt, i), (size_t)sqlite3_column_bytes(stmt, i)});
		break;
	case SQLITE_BLOB:
		put_blob(j, name, stmt, i);
		break;
	default:
		json_null(j, name);
	}
}

static int
put_table(struct txn *txn, int64_t alp_user_id, const char *sql, struct json *j)
{
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(txn->db, sql, -1, &stmt, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_bind_int64(stmt, 1, alp_user_id);
	while ((rc == SQLITE_OK || rc == SQLITE_ROW) && j->b.error == 0 && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		json_open(j, NULL, '{');
		for (int i = 0; i < sqlite3_column_count(stmt); i++)
			if (!is_secret(sqlite3_column_name(stmt, i)))
				put_column(j, stmt, i);
		json_close(j, '}');
	}
	sqlite3_finalize(stmt);
	return j->b.error != 0 ? -E2BIG : rc == SQLITE_DONE ? 0 : txn_error(txn, rc);
}

int
txn_person_export(struct txn *txn, int64_t alp_user_id, int64_t now_ms, struct buf *out)
{
	struct json j = JSON_INIT;
	int r = 0;

	j.b = *out;
	json_open(&j, NULL, '{');
	json_text(&j, "format", "rtalp-export-1");
	json_int(&j, "alp_user_id", alp_user_id);
	json_instant(&j, "exported_at", now_ms);
	for (size_t i = 0; i < ELEMENTSOF(tables) && r == 0; i++) {
		json_open(&j, tables[i].name, '[');
		r = put_table(txn, alp_user_id, tables[i].sql, &j);
		json_close(&j, ']');
	}
	json_close(&j, '}');
	*out = j.b;
	return r < 0 ? r : out->error != 0 ? -E2BIG : 0;
}

/* --- may it be erased? ---------------------------------------------------------------------------------------------------- */

int
txn_person_busy(struct txn *txn, int64_t alp_user_id, struct person_busy *ret_busy)
{
	_query_ struct query q = query_begin(txn, ST_PERSON_BUSY);
	int r;

	bind_i64(&q, alp_user_id);
	r = query_one(&q);
	if (r < 0)
		return r;
	ret_busy->postings = column_i64(&q);
	ret_busy->jobs = column_i64(&q);
	return 0;
}

/* --- erasing -------------------------------------------------------------------------------------------------------------- */

bool
posting_body_is_erased(const char *body)
{
	return body != NULL && strncmp(body, ERASED, strlen(ERASED)) == 0;
}

static char *
hash_of(const char *body)
{
	unsigned char salt[SALT_BYTES], hash[32];
	char salt_hex[2 * SALT_BYTES + 1], hash_hex[65];

	randombytes_buf(salt, sizeof salt);
	crypto_generichash(hash, sizeof hash, (const unsigned char *)body, strlen(body), salt, sizeof salt);
	sodium_bin2hex(salt_hex, sizeof salt_hex, salt, sizeof salt);
	sodium_bin2hex(hash_hex, sizeof hash_hex, hash, sizeof hash);
	return xasprintf(ERASED "\"salt\":\"%s\",\"blake2b\":\"%s\"}", salt_hex, hash_hex);
}

/* The next one behind it that still has words. -ENOENT: none. */
static int
next_posting(struct txn *txn, int64_t alp_user_id, int64_t *posting_id, char **ret_body)
{
	_query_ struct query q = query_begin(txn, ST_PERSON_POSTING);
	int r;

	bind_i64(&q, alp_user_id);
	bind_i64(&q, *posting_id);
	r = query_one(&q);
	if (r < 0)
		return r;
	*posting_id = column_i64(&q);
	*ret_body = column_text(&q);
	return 0;
}

static int
erase_posting(struct txn *txn, int64_t alp_user_id, int64_t posting_id, const char *body)
{
	_query_ struct query q = query_begin(txn, ST_PERSON_ERASE_POSTING);
	int r;

	bind_text(&q, body);
	bind_i64(&q, posting_id);
	bind_user(&q, alp_user_id);
	r = query_run(&q);
	return r < 0 ? r : 0;
}

static int
erase_postings(struct txn *txn, int64_t alp_user_id)
{
	int64_t posting_id = 0;
	int r = 0;

	while (r == 0) {
		_cleanup_free_ char *body = NULL, *hash = NULL;

		r = next_posting(txn, alp_user_id, &posting_id, &body);
		if (r == -ENOENT)
			return 0;
		if (r < 0 || posting_body_is_erased(body))
			continue;
		hash = hash_of(body);
		r = erase_posting(txn, alp_user_id, posting_id, hash);
	}
	return r;
}

static int
erase_rows(struct txn *txn, enum statement_id id, int64_t alp_user_id)
{
	_query_ struct query q = query_begin(txn, id);
	int r;

	bind_user(&q, alp_user_id);
	r = query_run(&q);
	return r < 0 ? r : 0;
}

static int
close_days(struct txn *txn, int64_t alp_user_id, int64_t now_ms)
{
	_query_ struct query q = query_begin(txn, ST_PERSON_CLOSE_DAYS);
	int r;

	bind_user(&q, alp_user_id);
	bind_i64(&q, now_ms);
	r = query_run(&q);
	return r < 0 ? r : 0;
}

static int
silence_tokens(struct txn *txn, int64_t alp_user_id, int64_t now_ms)
{
	_query_ struct query q = query_begin(txn, ST_PERSON_ERASE_TOKENS);
	int r;

	bind_i64(&q, now_ms);
	bind_i64(&q, alp_user_id);
	r = query_run(&q);
	return r < 0 ? r : 0;
}

int
txn_person_erase(struct txn *txn, int64_t alp_user_id, int64_t now_ms)
{
	/* Each takes the user; what belongs to rows goes before them. */
	static const enum statement_id ids[] = {
	    ST_PERSON_ERASE_OWNERS, ST_PERSON_ERASE_LOG, ST_PERSON_ERASE_GRAIN, ST_PERSON_ERASE_FILTERED, ST_PERSON_ERASE_VERDICTS, ST_PERSON_ERASE_LESSONS,
	    ST_PERSON_ERASE_LEARNED, ST_PERSON_ERASE_ENTRIES, ST_PERSON_ERASE_DAYS, ST_PERSON_ERASE_CHECKS, ST_PERSON_ERASE_JOB_STEPS, ST_PERSON_ERASE_JOBS,
	    ST_PERSON_ERASE_EVENTS, ST_PERSON_ERASE_ATTEMPTS, ST_PERSON_ERASE_MESSAGES, ST_PERSON_ERASE_POSTING_STEPS, ST_PERSON_ERASE_USER,
	};
	int r = erase_postings(txn, alp_user_id);

	if (r == 0)
		r = close_days(txn, alp_user_id, now_ms);
	for (size_t i = 0; i < ELEMENTSOF(ids) && r == 0; i++)
		r = erase_rows(txn, ids[i], alp_user_id);
	if (r == 0)
		r = silence_tokens(txn, alp_user_id, now_ms);
	/* An answer that is kept for an Idempotency-Key does not say of whom it tells. */
	if (r == 0)
		r = MIN_OF(txn_do(txn, ST_PERSON_ERASE_ANSWERS) == SQLITE_OK ? 0 : -EIO, 0);
	if (r == 0)
		r = txn_audit_erase(txn, alp_user_id);
	if (r == 0)
		txn_forget(txn);
	return r;
}
