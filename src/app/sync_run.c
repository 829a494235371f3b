/* SPDX-License-Identifier: Apache-2.0 */
/* sync_run.c - what a listing says, written: postings, their history, what watchers and webhooks hear, the audit. */
#include "app/sync_run.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "app/audit.h"
#include "app/post_internal.h"
#include "app/proof.h"
#include "app/sync.h"
#include "base/alloc.h"
#include "store/person.h"
#include "store/restore.h"
#include "base/json.h"
#include "store/event.h"


/* --- one posting ------------------------------------------------------------------------------------------------------------- */

static bool
same_or_none(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static char *
audit_text(enum posting_alp_state state, const char *differences)
{
	struct json j = JSON_INIT;

	json_open(&j, NULL, '{');
	json_text(&j, "alp_state", posting_alp_state_name(state));
	json_raw(&j, "differences", differences != NULL ? differences : "[]");
	json_close(&j, '}');
	return buf_take(&j.b, NULL);
}

static char *
evidence_text(const struct alp_entry *other)
{
	struct json j = JSON_INIT;

	json_open(&j, NULL, '{');
	json_int(&j, "candidate_count", 1);
	json_open(&j, "candidates", '[');
	json_open(&j, NULL, '{');
	json_text(&j, "alp_entry_id", other->id);
	json_close(&j, '}');
	json_close(&j, ']');
	json_close(&j, '}');
	return buf_take(&j.b, NULL);
}

/* One that ALP deleted may have been reverted or posted again meanwhile: then its return is for a person. */
static int
may_come_back(struct txn *txn, const struct posting_row *p, bool *ret_may)
{
	_cleanup_(posting_row_release) struct posting_row newest = {0};
	_cleanup_(entry_row_release) struct entry_row entry = {0};
	int r;

	*ret_may = true;
	if (p->entry_id == 0)
		return 0;
	r = txn_posting_of_entry(txn, p->entry_id, &newest);
	if (r == 0)
		r = txn_entry_get_owned(txn, p->entry_id, p->alp_user_id, &entry);
	if (r == 0)
		*ret_may = newest.posting_id == p->posting_id && entry.status == ENTRY_SUBMITTED;
	return r;
}

static bool
is_look(const char *code)
{
	return code != NULL && (strcmp(code, SYNC_TWICE) == 0 || strcmp(code, SYNC_ELSEWHERE) == 0 || strcmp(code, SYNC_BACK) == 0);
}

/* True: somebody has to look at it who did not have to before. */
static bool
take_look(struct posting_row *p, const char *look, const struct alp_entry *other)
{
	if (look == NULL && is_look(p->problem_code))
		posting_clear_problem(p);
	if (look == NULL || (p->problem_code != NULL && strcmp(p->problem_code, look) == 0))
		return false;
	posting_clear_problem(p);
	p->problem_code = xstrdup(look);
	p->evidence = evidence_text(other);
	return true;
}

static void
take_seen(struct posting_row *p, struct sync_decision *d, const struct alp_entry *entry, int64_t now_ms)
{
	free(p->differences);
	p->differences = TAKE_PTR(d->differences);
	free(p->answer);
	p->answer = entry->json != NULL ? xstrdup(entry->json) : NULL;
	p->seen_ms = now_ms;
}

struct before {
	enum posting_alp_state alp_state;
	char *differences;
};

/* Everybody who is to hear of it. */
static int
tell_change(struct txn *txn, const struct op *op, const struct posting_row *p, const struct before *before)
{
	static const struct actor alp = {.kind = ACTOR_ALP};
	const char *word = posting_alp_state_name(p->alp_state);
	_cleanup_free_ char *was = audit_text(before->alp_state, before->differences), *is = audit_text(p->alp_state, p->differences);
	int r;

	txn_event_posting(txn, p, op->now_ms, word);
	if (p->entry_id != 0)
		txn_event_entries(txn, p->alp_user_id, p->day, op->now_ms);
	r = txn_notice(txn, &(struct notice){
	    .type = NOTICE_ENTRY_STATUS_CHANGED, .at_ms = op->now_ms, .alp_user_id = p->alp_user_id, .entry_id = p->entry_id, .posting_id = p->posting_id,
	    .from_day = p->day, .to_day = p->day, .state = word, .alp_entry_id = p->alp_entry_id,
	});
	return r < 0 ? r : txn_audit_posting(txn, op->now_ms, &alp, AUDIT_ALP_STATE, p->alp_user_id, p->entry_id, p->posting_id, was, is);
}

static int
decide(struct txn *txn, const struct op *op, const struct sync_apply *v, const struct posting_row *p, struct sync_decision *d)
{
	_cleanup_(post_fields_release) struct post_fields ours = {0};
	struct sync_input in = {.posting = p, .ours = &ours, .listed = v->listed, .in_notes = op->options.posting.reference_in_notes,
	    .complete = v->complete, .asked_ms = v->asked_ms, .missing_ms = op->options.sync.missing_ms};
	bool may;
	int r = post_body_read(p->body, &ours);

	if (r < 0)
		return r;
	*d = sync_decide(&in);
	if (d->code == NULL || strcmp(d->code, SYNC_BACK) != 0)
		return 0;
	r = may_come_back(txn, p, &may);
	if (r == 0 && !may) {
		d->state = POSTING_GONE;
		d->code = NULL;
		d->look = SYNC_BACK;
		d->other = d->at;
	}
	return r;
}

/* 1: a change is to be told to the journal. */
static int
apply_one(struct txn *txn, const struct op *op, const struct sync_apply *v, struct posting_row *p, struct sync_change *change)
{
	_cleanup_(sync_decision_release) struct sync_decision d = {0};
	struct before before = {.alp_state = p->alp_state};
	_cleanup_free_ char *differences = p->differences != NULL ? xstrdup(p->differences) : NULL;
	bool look;
	int r = decide(txn, op, v, p, &d);

	if (r < 0)
		return r;
	before.differences = differences;
	p->state = d.state;
	p->alp_state = d.alp_state;
	p->missed = d.missed;
	p->missed_ms = d.missed_ms;
	if (d.seen)
		take_seen(p, &d, &v->listed->rows[d.at], op->now_ms);
	look = (d.look != NULL || v->complete) && take_look(p, d.look, d.look != NULL ? &v->listed->rows[d.other] : NULL);
	p->sync_ms = sync_next_ms(&op->options.sync, p, op->now_ms, op->random ^ (uint64_t)p->posting_id * 0x9e3779b97f4a7c15u);
	*change = (struct sync_change){.posting_id = p->posting_id, .alp_user_id = p->alp_user_id, .alp_state = p->alp_state, .look = look ? d.look : NULL,
	    .changed = before.alp_state != p->alp_state || !same_or_none(before.differences, p->differences)};
	r = txn_posting_update(txn, p, op->now_ms, d.code, NULL);
	if (r == 0 && change->changed)
		r = tell_change(txn, op, p, &before);
	if (r == 0 && look)
		r = txn_posting_tell(txn, op->now_ms, p, NOTICE_POSTING_NEEDS_PERSON);
	return r < 0 ? r : change->changed || look;
}

static bool
is_compared(const struct posting_row *p)
{
	return (p->state == POSTING_POSTED || p->state == POSTING_GONE) && !posting_body_is_erased(p->body);
}

/* --- the proof ---------------------------------------------------------------------------------------------------------------- */

static bool
has_day(const struct posting_list *list, day_t day)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->rows[i].day == day)
			return true;
	return false;
}

static int
prove(struct txn *txn, const struct op *op, struct sync_apply *v)
{
	_cleanup_(posting_list_release) struct posting_list postings = {0};
	struct proof_input in = {.postings = &postings, .listed = v->listed, .in_notes = op->options.posting.reference_in_notes, .asked_ms = v->asked_ms};
	struct restore_state state = {.until_day = -1};
	int r = txn_posting_list_days(txn, v->range.alp_user_id, v->range.list_from, v->range.list_to, &postings);
	bool doubtful;

	if (r == 0)
		r = txn_restore_state(txn, &state);
	doubtful = restore_holds(&state);
	for (day_t day = v->range.from; r == 0 && day <= v->range.to; day++) {
		struct alp_proof_row row = {0};

		in.doubtful = doubtful && day <= state.until_day;
		if (!in.doubtful && !has_day(&postings, day))
			continue;
		proof_of_day(&in, day, &row);
		row.alp_user_id = v->range.alp_user_id;
		row.proved_ms = op->now_ms;
		r = txn_alp_proof_put(txn, &row);
		if (r < 0 || row.difference_count == 0) {
			alp_proof_release(&row);
			continue;
		}
		v->proofs.rows = xreallocarray(v->proofs.rows, v->proofs.count + 1, sizeof *v->proofs.rows);
		v->proofs.rows[v->proofs.count++] = row;
	}
	return r;
}

/* --- a range ------------------------------------------------------------------------------------------------------------------ */

static int
apply_run(struct txn *txn, struct op *op)
{
	struct sync_apply *v = op->verb;
	_cleanup_(posting_list_release) struct posting_list postings = {0};
	int r = txn_posting_list_days(txn, v->range.alp_user_id, v->range.from, v->range.to, &postings);

	v->changes = xcalloc(postings.count + 1, sizeof *v->changes);
	for (size_t i = 0; r >= 0 && i < postings.count; i++) {
		if (!is_compared(&postings.rows[i]))
			continue;
		r = apply_one(txn, op, v, &postings.rows[i], &v->changes[v->change_count]);
		if (r > 0)
			v->change_count++;
	}
	if (r >= 0 && v->prove && v->complete)
		r = prove(txn, op, v);
	return MIN_OF(r, 0);
}

void
app_sync_apply(struct app *app, struct sync_apply *v, app_done_fn done, void *arg)
{
	app_submit(app, OP_WRITE, v, apply_run, NULL, done, arg);
}

void
sync_apply_release(struct sync_apply *v)
{
	free(v->changes);
	v->changes = NULL;
	v->change_count = 0;
	alp_proof_list_release(&v->proofs);
}
