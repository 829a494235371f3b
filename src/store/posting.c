/* SPDX-License-Identifier: Apache-2.0 */
#include "store/posting.h"

#include <errno.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "store/entry.h"
#include "store/event.h"
#include "store/posting_row.h"

const char *
posting_state_name(enum posting_state state)
{
	static const char *const names[] = {"", "ready", "sending", "unknown", "posted", "rejected", "needs_person", "cancelled", "gone"};

	return state >= POSTING_READY && state <= POSTING_GONE ? names[state] : "unknown";
}

const char *
posting_alp_state_name(enum posting_alp_state state)
{
	static const char *const names[] = {NULL, "open", "changed", "invoiced", "written_off", "deleted"};

	return state >= POSTING_ALP_OPEN && state <= POSTING_ALP_DELETED ? names[state] : NULL;
}

void
posting_row_release(struct posting_row *posting)
{
	free(posting->body);
	free(posting->preimage);
	free(posting->answer);
	free(posting->differences);
	free(posting->evidence);
	free(posting->problem_code);
	free(posting->problem_detail);
	*posting = (struct posting_row){0};
}

/* --- writing ------------------------------------------------------------------------------------------------------------ */

static const char *
or_null(const char *text)
{
	return text[0] != '\0' ? text : NULL;
}

static int
history_add(struct txn *txn, const struct posting_row *p, int64_t now_ms, enum posting_state from, const char *code, const char *detail)
{
	_query_ struct query q = query_begin(txn, ST_POSTING_HISTORY_ADD);
	int r;

	bind_i64(&q, p->posting_id);
	bind_i64(&q, now_ms);
	bind_i64(&q, from);
	bind_i64(&q, p->state);
	bind_i64(&q, p->attempts);
	bind_text(&q, code);
	bind_text(&q, detail);
	r = query_run(&q);
	return r < 0 ? r : 0;
}

static void
bind_outcome(struct query *q, const struct posting_row *p)
{
	bind_text(q, or_null(p->alp_entry_id));
	bind_i64(q, p->alp_state);
	bind_text(q, p->answer);
	bind_text(q, p->differences);
	bind_text(q, p->evidence);
	bind_text(q, p->problem_code);
	bind_text(q, p->problem_detail);
	bind_i64(q, p->missed);
	bind_i64(q, p->missed_ms);
}

static void
bind_instants(struct query *q, const struct posting_row *p)
{
	bind_i64(q, p->updated_ms);
	bind_i64(q, p->sending_ms);
	bind_i64(q, p->posted_ms);
	bind_i64(q, p->seen_ms);
	bind_i64(q, p->sync_ms);
}

static int
add(struct txn *txn, const struct posting_row *p)
{
	_query_ struct query q = query_begin(txn, ST_POSTING_ADD);
	int r;

	bind_i64(&q, p->posting_id);
	bind_user(&q, p->alp_user_id);
	bind_i64(&q, p->entry_id);
	bind_i64(&q, p->entry_revision);
	bind_i64(&q, p->day);
	bind_i64(&q, p->component_id);
	bind_i64(&q, p->state);
	bind_text(&q, p->body);
	bind_blob(&q, (struct str){(const char *)p->body_hash, sizeof p->body_hash});
	bind_text(&q, p->idempotency_key);
	bind_text(&q, p->reference);
	bind_i64(&q, p->units);
	bind_i64(&q, p->units_tenths);
	bind_i64(&q, p->attempts);
	bind_i64(&q, p->maybe_sent);
	bind_i64(&q, p->looks);
	bind_i64(&q, p->next_ms);
	bind_text(&q, p->preimage);
	bind_outcome(&q, p);
	bind_i64(&q, p->created_ms);
	bind_instants(&q, p);
	r = query_run(&q);
	return r < 0 ? r : 0;
}

int
txn_posting_take_id(struct txn *txn, int64_t *ret_posting_id)
{
	return counter_next(txn, "posting_id", ret_posting_id);
}

int
txn_posting_insert(struct txn *txn, struct posting_row *posting)
{
	int64_t posting_id = posting->posting_id;
	int r = posting_id == 0 ? txn_posting_take_id(txn, &posting_id) : 0;

	if (r < 0)
		return r;
	posting->posting_id = posting_id;
	posting->state = posting->stored = POSTING_READY;
	posting->updated_ms = posting->created_ms;
	r = add(txn, posting);
	if (r == 0)
		r = history_add(txn, posting, posting->created_ms, 0, NULL, NULL);
	if (r == 0)
		txn_event_posting(txn, posting, posting->created_ms, NULL);
	return r;
}

static int
update(struct txn *txn, const struct posting_row *p)
{
	_query_ struct query q = query_begin(txn, ST_POSTING_UPDATE);
	int r;

	bind_i64(&q, p->state);
	bind_i64(&q, p->attempts);
	bind_i64(&q, p->maybe_sent);
	bind_i64(&q, p->looks);
	bind_i64(&q, p->next_ms);
	bind_text(&q, p->preimage);
	bind_outcome(&q, p);
	bind_instants(&q, p);
	bind_i64(&q, p->posting_id);
	bind_user(&q, p->alp_user_id);
	bind_i64(&q, p->stored);
	r = query_run(&q);
	return r < 0 ? r : r == 0 ? -ESTALE : 0;
}

int
txn_posting_update(struct txn *txn, struct posting_row *posting, int64_t now_ms, const char *code, const char *detail)
{
	int r;

	posting->updated_ms = now_ms;
	r = update(txn, posting);
	if (r < 0)
		return r;
	if (posting->state == posting->stored)
		return 0;
	r = history_add(txn, posting, now_ms, posting->stored, code, detail);
	if (r < 0)
		return r;
	txn_event_posting(txn, posting, now_ms, code);
	/* Its entry shows it. */
	if (posting->entry_id != 0)
		txn_event_entries(txn, posting->alp_user_id, posting->day, now_ms);
	posting->stored = posting->state;
	return 0;
}

/* --- reading one -------------------------------------------------------------------------------------------------------- */

static void
read_outcome(struct query *q, struct posting_row *p)
{
	column_text_into(q, p->alp_entry_id, sizeof p->alp_entry_id);
	p->alp_state = (enum posting_alp_state)column_i32(q);
	p->answer = column_text(q);
	p->differences = column_text(q);
	p->evidence = column_text(q);
	p->problem_code = column_text(q);
	p->problem_detail = column_text(q);
	p->missed = column_i64(q);
	p->missed_ms = column_i64(q);
}

static void
read_instants(struct query *q, struct posting_row *p)
{
	p->created_ms = column_i64(q);
	p->updated_ms = column_i64(q);
	p->sending_ms = column_i64(q);
	p->posted_ms = column_i64(q);
	p->seen_ms = column_i64(q);
	p->sync_ms = column_i64(q);
}

void
posting_read(struct query *q, struct posting_row *p)
{
	struct str hash;

	*p = (struct posting_row){0};
	p->posting_id = column_i64(q);
	p->alp_user_id = column_i64(q);
	p->entry_id = column_i64(q);
	p->entry_revision = column_i64(q);
	p->day = column_i32(q);
	p->component_id = column_i64(q);
	p->state = p->stored = (enum posting_state)column_i32(q);
	p->body = column_text(q);
	hash = column_blob(q);
	memcpy(p->body_hash, hash.p, MIN_OF(hash.len, sizeof p->body_hash));
	column_text_into(q, p->idempotency_key, sizeof p->idempotency_key);
	column_text_into(q, p->reference, sizeof p->reference);
	p->units = column_i64(q);
	p->units_tenths = column_i64(q);
	p->attempts = column_i64(q);
	p->maybe_sent = column_i64(q);
	p->looks = column_i64(q);
	p->next_ms = column_i64(q);
	p->preimage = column_text(q);
	read_outcome(q, p);
	read_instants(q, p);
}

static int
read_one(struct query *q, struct posting_row *ret_posting)
{
	int r = query_one(q);

	if (r == 0)
		posting_read(q, ret_posting);
	return r;
}

int
txn_posting_get(struct txn *txn, int64_t posting_id, struct posting_row *ret_posting)
{
	_query_ struct query q = query_begin(txn, ST_POSTING_GET);

	bind_i64(&q, posting_id);
	return read_one(&q, ret_posting);
}

int
txn_posting_by_alp_id(struct txn *txn, const char *alp_entry_id, struct posting_row *ret_posting)
{
	_query_ struct query q = query_begin(txn, ST_POSTING_BY_ALP_ID);

	bind_text(&q, alp_entry_id);
	return read_one(&q, ret_posting);
}

int
txn_posting_has_reference(struct txn *txn, const char *reference)
{
	_query_ struct query q = query_begin(txn, ST_POSTING_HAS_REFERENCE);

	bind_text(&q, reference);
	return query_step(&q);
}

int
txn_posting_of_entry(struct txn *txn, int64_t entry_id, struct posting_row *ret_posting)
{
	_query_ struct query q = query_begin(txn, ST_POSTING_OF_ENTRY);

	bind_i64(&q, entry_id);
	return read_one(&q, ret_posting);
}

int
txn_posting_by_hash(struct txn *txn, int64_t alp_user_id, const unsigned char hash[FINGERPRINT_BYTES], int64_t after_ms,
    struct posting_row *ret_posting)
{
	_query_ struct query q = query_begin(txn, ST_POSTING_BY_HASH);

	bind_blob(&q, (struct str){(const char *)hash, FINGERPRINT_BYTES});
	bind_user(&q, alp_user_id);
	bind_i64(&q, after_ms);
	return read_one(&q, ret_posting);
}

/* --- with its entry ------------------------------------------------------------------------------------------------------ */

static int
show(struct txn *txn, struct entry_row *entry)
{
	_query_ struct query q = query_begin(txn, ST_POSTING_BRIEF);
	struct posting_brief *brief;
	struct str differences;
	int r;

	bind_i64(&q, entry->entry_id);
	r = query_step(&q);
	if (r <= 0)
		return r;
	brief = xcalloc(1, sizeof *brief);
	brief->posting_id = column_i64(&q);
	brief->state = (enum posting_state)column_i32(&q);
	brief->alp_state = (enum posting_alp_state)column_i32(&q);
	brief->units = column_i64(&q);
	brief->posted_ms = column_i64(&q);
	column_text_into(&q, brief->alp_entry_id, sizeof brief->alp_entry_id);
	column_text_into(&q, brief->problem_code, sizeof brief->problem_code);
	differences = column_blob(&q);
	brief = xreallocarray(brief, 1, sizeof *brief + differences.len + 1);
	if (differences.len > 0)
		memcpy(brief->differences, differences.p, differences.len);
	brief->differences[differences.len] = '\0';
	free(entry->posting);
	entry->posting = brief;
	return 0;
}

int
txn_posting_show(struct txn *txn, struct entry_row *entries, size_t count)
{
	int r = 0;

	for (size_t i = 0; i < count && r == 0; i++)
		if (entries[i].status == ENTRY_SUBMITTED)
			r = show(txn, &entries[i]);
	return r;
}
