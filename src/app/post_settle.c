/* SPDX-License-Identifier: Apache-2.0 */
/* post_settle.c - what becomes of one posting by what was seen in ALP. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/post_internal.h"
#include "app/reconcile.h"
#include "app/sync.h"
#include "base/alloc.h"

#define JUST_POSTED_MS ((int64_t)10 * 60 * 1000) /* may be newer than the listing that was begun before */
#define READ_BACK_MS ((int64_t)60 * 1000) /* an answer that said everything is looked at again so much later */

static void
drop(char **text)
{
	free(*text);
	*text = NULL;
}

void
posting_clear_problem(struct posting_row *p)
{
	drop(&p->problem_code);
	drop(&p->problem_detail);
	drop(&p->evidence);
}

int
txn_posting_tell(struct txn *txn, int64_t now_ms, const struct posting_row *p, enum notice_type type)
{
	return txn_notice(txn, &(struct notice){
	    .type = type, .at_ms = now_ms, .alp_user_id = p->alp_user_id, .entry_id = p->entry_id, .posting_id = p->posting_id, .from_day = p->day,
	    .to_day = p->day, .state = p->problem_code, .alp_entry_id = p->alp_entry_id[0] != '\0' ? p->alp_entry_id : NULL,
	});
}

struct alp_can
posting_can(const struct posting_options *o, const struct posting_row *p)
{
	struct alp_can can = o->can;

	can.keeps_reference = can.keeps_reference &&
	    (post_body_names(p->body, p->reference, o->reference_field) || post_body_is_marked(p->body, p->reference));
	return can;
}

/* One that is deleted already is found so at the next look (sync.h). */
static enum posting_alp_state
alp_state_of(const struct alp_entry *entry, const char *differences)
{
	enum posting_alp_state state = sync_alp_state(entry, differences, POSTING_ALP_NONE);

	return state == POSTING_ALP_DELETED ? POSTING_ALP_OPEN : state;
}

int
txn_posting_adopt(struct txn *txn, int64_t now_ms, struct posting_row *p, const struct alp_entry *entry, const char *code)
{
	struct post_fields ours = {0};
	int r = post_body_read(p->body, &ours);

	if (r < 0)
		return r;
	posting_clear_problem(p);
	drop(&p->differences);
	p->differences = post_differences(&ours, entry);
	post_fields_release(&ours);
	free(p->answer);
	p->answer = entry->json != NULL ? xstrdup(entry->json) : NULL;
	snprintf(p->alp_entry_id, sizeof p->alp_entry_id, "%s", entry->id);
	p->state = POSTING_POSTED;
	p->alp_state = alp_state_of(entry, p->differences);
	p->posted_ms = p->seen_ms = now_ms;
	p->sync_ms = alp_entry_is_whole(entry) ? now_ms + READ_BACK_MS : now_ms;
	r = txn_posting_update(txn, p, now_ms, code, NULL);
	return r < 0 ? r : txn_posting_tell(txn, now_ms, p, NOTICE_ENTRY_POSTED);
}

/* --- what is not known ----------------------------------------------------------------------------------------------------- */

/* Where ALP does not say it, what is listed may be of any lane. */
static bool
hides_lanes(const struct alp_entries *listed)
{
	for (size_t i = 0; listed != NULL && i < listed->count; i++)
		if (listed->rows[i].component_id == ALP_ABSENT || listed->rows[i].day < 0)
			return true;
	return false;
}

/* Which of the listed are other postings'. The caller frees. */
static int
find_taken(struct txn *txn, const struct posting_row *p, const struct alp_entries *listed, bool **ret_taken)
{
	bool *taken = xcalloc(listed->count + 1, sizeof *taken);

	for (size_t i = 0; i < listed->count; i++) {
		_cleanup_(posting_row_release) struct posting_row other = {0};
		int r = txn_posting_by_alp_id(txn, listed->rows[i].id, &other);

		if (r < 0 && r != -ENOENT) {
			free(taken);
			return r;
		}
		taken[i] = r == 0 && other.posting_id != p->posting_id;
	}
	*ret_taken = taken;
	return 0;
}

static bool
has_problem(const struct posting_row *p, const char *code)
{
	return p->problem_code != NULL && strcmp(p->problem_code, code) == 0;
}

/* ALP said yes, but not to what. */
static bool
is_made(const struct posting_row *p)
{
	return has_problem(p, POSTING_ID_OF_ANOTHER) || has_problem(p, POSTING_ID_OF_BEFORE) || has_problem(p, POSTING_REFERENCE_OF_ANOTHER);
}

static int
to_person(struct txn *txn, const struct op *op, struct posting_row *p, struct reconcile_decision *d, const char *code)
{
	int r;

	/* Why ALP refused it, or what it said instead, is told even so. */
	if (!has_problem(p, POSTING_REFUSED) && !is_made(p))
		drop(&p->problem_detail);
	free(p->problem_code);
	p->problem_code = xstrdup(code);
	free(p->evidence);
	p->evidence = TAKE_PTR(d->evidence);
	p->state = POSTING_NEEDS_PERSON;
	r = txn_posting_update(txn, p, op->now_ms, code, NULL);
	return r < 0 ? r : txn_posting_tell(txn, op->now_ms, p, NOTICE_POSTING_NEEDS_PERSON);
}

int
txn_posting_give_up(struct txn *txn, const struct op *op, struct posting_row *p)
{
	struct reconcile_decision none = {.verdict = RECONCILE_PERSON};
	int r;

	if (p->state != POSTING_UNKNOWN || op->now_ms - p->sending_ms < op->options.posting.unlisted_ms)
		return 0;
	r = to_person(txn, op, p, &none, "not_listed_for_long");
	return r < 0 ? r : 1;
}

static int
look_again(struct txn *txn, const struct op *op, struct posting_row *p, bool counted)
{
	const struct posting_options *o = &op->options.posting;

	p->looks += counted ? 1 : 0;
	p->next_ms = op->now_ms + (counted ? o->look_ms[MIN_OF((size_t)p->looks, o->looks - 1)] : o->retry_ms);
	return txn_posting_update(txn, p, op->now_ms, NULL, NULL);
}

static int
send_again(struct txn *txn, const struct op *op, struct posting_row *p, struct reconcile_decision *d)
{
	int r;

	/* That it may go again was decided before, perhaps by a person. */
	if (p->state == POSTING_READY)
		return 1;
	if (p->maybe_sent >= op->options.posting.sends_max)
		return to_person(txn, op, p, d, "sent_too_often");
	posting_clear_problem(p);
	p->state = POSTING_READY;
	p->looks = 0;
	p->next_ms = op->now_ms;
	r = txn_posting_update(txn, p, op->now_ms, d->code, NULL);
	return r < 0 ? r : 1;
}

static int
reject(struct txn *txn, const struct op *op, struct posting_row *p)
{
	p->state = POSTING_REJECTED;
	return txn_posting_update(txn, p, op->now_ms, POSTING_REFUSED, p->problem_detail);
}

static int
settle(struct txn *txn, const struct op *op, struct posting_row *p, const struct alp_entries *listed, bool complete, struct reconcile_decision *d)
{
	int r;

	switch (d->verdict) {
	case RECONCILE_ADOPT:
		return txn_posting_adopt(txn, op->now_ms, p, &listed->rows[d->at], d->code);
	case RECONCILE_AGAIN:
		r = complete ? 0 : txn_posting_give_up(txn, op, p);
		return r != 0 ? MIN_OF(r, 0) : look_again(txn, op, p, complete);
	case RECONCILE_RESEND:
		return send_again(txn, op, p, d);
	case RECONCILE_REJECT:
		return reject(txn, op, p);
	case RECONCILE_PERSON:
		break;
	}
	return to_person(txn, op, p, d, d->code);
}

static const struct alp_entry *
find_listed(const struct alp_entries *listed, const char *id)
{
	for (size_t i = 0; i < listed->count; i++)
		if (strcmp(listed->rows[i].id, id) == 0)
			return &listed->rows[i];
	return NULL;
}

int
txn_posting_refuse_again(struct txn *txn, const struct op *op, struct posting_row *p, const struct alp_entries *listed)
{
	const struct alp_entry *there = NULL;
	struct posting_ids ids = {.count = 0};
	int r = p->entry_id != 0 ? txn_posting_gone_of_entry(txn, p->entry_id, &ids) : 0;

	for (size_t i = 0; r == 0 && i < ids.count && there == NULL; i++) {
		there = find_listed(listed, ids.rows[i]);
		if (there != NULL && there->state == ALP_ENTRY_DELETED)
			there = NULL;
	}
	if (r < 0 || there == NULL)
		return r;
	posting_clear_problem(p);
	p->problem_code = xstrdup("posted_before");
	p->problem_detail = xasprintf("ALP lists the entry %s again, which is this time as it was posted before", there->id);
	p->state = POSTING_REJECTED;
	r = txn_posting_update(txn, p, op->now_ms, p->problem_code, p->problem_detail);
	return r < 0 ? r : 1;
}

int
txn_posting_misses(struct txn *txn, const struct op *op, const struct posting_row *p, const struct alp_entries *listed, bool *ret_misses)
{
	struct posting_ids ids;
	int r = txn_posting_adopted(txn, p->alp_user_id, p->day, op->now_ms - JUST_POSTED_MS, &ids);

	if (r < 0)
		return r;
	*ret_misses = false;
	for (size_t i = 0; i < ids.count && !*ret_misses; i++)
		*ret_misses = find_listed(listed, ids.rows[i]) == NULL;
	return 0;
}

int
txn_posting_reconcile(struct txn *txn, const struct op *op, struct posting_row *p, const struct alp_entries *listed, bool complete, bool last)
{
	_cleanup_(post_fields_release) struct post_fields ours = {0};
	_cleanup_(reconcile_decision_release) struct reconcile_decision d = {0};
	_cleanup_free_ bool *taken = NULL;
	struct reconcile_input in = {
	    .reference = p->reference, .preimage = p->preimage, .listed = listed, .can = posting_can(&op->options.posting, p),
	    .in_notes = post_body_is_marked(p->body, p->reference), .complete = complete, .last = last,
	    .refused = has_problem(p, POSTING_REFUSED), .made = is_made(p),
	};
	int r = post_body_read(p->body, &ours);

	if (r == 0)
		r = txn_posting_rivals(txn, p, hides_lanes(listed), &in.rivals);
	if (r == 0 && listed != NULL)
		r = find_taken(txn, p, listed, &taken);
	/* One that is ready was decided before. */
	if (r == 0 && listed != NULL && last && p->state == POSTING_UNKNOWN)
		r = txn_posting_misses(txn, op, p, listed, &in.misses);
	if (r < 0)
		return r;
	in.ours = &ours;
	in.taken = taken;
	in.can.lists_fresh = in.can.lists_fresh || p->state == POSTING_READY;
	d = reconcile(&in);
	return settle(txn, op, p, listed, complete, &d);
}

/* --- after a restore ------------------------------------------------------------------------------------------------------- */

bool
posting_is_doubtful(const struct app_options *o, const struct posting_row *p)
{
	return p->day <= o->doubtful_until;
}

/* What bears the reference of another posting that is known is that one's, whether it was found already or not. */
static int
take_known(struct txn *txn, const struct posting_row *p, const struct alp_entries *listed, bool *taken)
{
	for (size_t i = 0; i < listed->count; i++) {
		const char *reference = listed->rows[i].reference;
		int r = 0;

		if (!taken[i] && reference[0] != '\0' && strcmp(reference, p->reference) != 0)
			r = txn_posting_has_reference(txn, reference);
		if (r < 0)
			return r;
		taken[i] = taken[i] || r > 0;
	}
	return 0;
}

int
txn_posting_judge_restored(struct txn *txn, const struct op *op, struct posting_row *p, const struct alp_entries *listed)
{
	_cleanup_(post_fields_release) struct post_fields ours = {0};
	_cleanup_(reconcile_decision_release) struct reconcile_decision d = {0};
	_cleanup_free_ bool *taken = NULL;
	struct reconcile_input in = {.reference = p->reference, .preimage = p->preimage, .listed = listed, .complete = listed != NULL,
	    .in_notes = post_body_is_marked(p->body, p->reference)};
	int r = post_body_read(p->body, &ours);

	if (r == 0 && listed != NULL)
		r = find_taken(txn, p, listed, &taken);
	if (r == 0 && listed != NULL)
		r = take_known(txn, p, listed, taken);
	if (r < 0)
		return r;
	in.ours = &ours;
	in.taken = taken;
	d = reconcile_restored(&in);
	/* A person who says that it is not there has seen all that there was to see. */
	if (d.verdict == RECONCILE_RESEND || (listed == NULL && p->preimage != NULL))
		return 1;
	return settle(txn, op, p, listed, true, &d);
}
