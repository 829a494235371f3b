/* SPDX-License-Identifier: Apache-2.0 */
/* post.c - what people ask of the outbox: to post, to look, to decide. */
#include <errno.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/audit.h"
#include "app/internal.h"
#include "app/post_internal.h"
#include "app/settle.h"
#include "app/vague_text.h"
#include "base/alloc.h"
#include "base/digest.h"

#define SAME_WITHIN_MS ((int64_t)10 * 60 * 1000)

/* --- recording ------------------------------------------------------------------------------------------------------------ */

static bool
counts(const struct posting_row *p)
{
	return p->state != POSTING_REJECTED && p->state != POSTING_CANCELLED && p->state != POSTING_GONE;
}

/* ALP had deleted it, and has it again: posted anew it would be there twice. */
static bool
is_back(const struct posting_row *p)
{
	return p->state == POSTING_GONE && p->alp_state != POSTING_ALP_DELETED;
}

static enum post_refusal
confirm_refusal_of(enum confirm_refusal refusal)
{
	static const enum post_refusal refusals[] = {
	    [CONFIRM_OTHER_DAY] = POST_OTHER_DAY,
	    [CONFIRM_OTHER_SOURCE] = POST_NO_ENTRY,
	    [CONFIRM_IGNORED] = POST_ENTRY_IGNORED,
	    [CONFIRM_WITHDRAWN] = POST_ENTRY_WITHDRAWN,
	    [CONFIRM_POSTING] = POST_NO_ENTRY,
	};

	return refusals[refusal];
}

/* The draft is confirmed with the words that are posted; its units, unless they are no longer the ones that come out as ALP's number. 1: done. */
static int
confirm_for(struct txn *txn, const struct op *op, struct post_item *item, const struct entry_row *entry, int64_t *ret_revision)
{
	const struct post_submit *v = op->verb;
	bool same_units = units_whole(entry_units_tenths(entry)) == item->fields.units;
	struct entry_confirm confirm = {
	    .actor = v->actor, .entry_id = item->entry_id, .day = item->fields.day, .description = item->fields.description,
	    .units_tenths = same_units ? -1 : item->fields.units * 10,
	};
	int r = txn_entry_confirm(txn, op, &confirm);

	if (r == -EPERM)
		item->refusal = confirm_refusal_of(confirm.refusal);
	if (r == 0) {
		*ret_revision = confirm.entry.revision;
		item->posting.units_tenths = entry_units_tenths(&confirm.entry);
	}
	entry_confirm_release(&confirm);
	return r == -EPERM ? 0 : r < 0 ? r : 1;
}

static enum post_refusal
entry_refusal(const struct post_item *item, const struct entry_row *entry)
{
	if (entry->alp_user_id != item->fields.user_id)
		return POST_OTHER_USER;
	return entry->day != item->fields.day ? POST_OTHER_DAY : POST_TAKEN;
}

/* Units that an entry shows are what its policy made of its time, or a person's: they are right as they are. */
static void
judge_units_of(struct post_item *item, const struct entry_row *entry)
{
	if (item->fields.units == units_whole(entry_units_tenths(entry)))
		return;
	if (!item->units_meant)
		item->faults |= POST_UNITS_OTHER;
	else if (item->fields.units < units_whole(entry->minimum_tenths))
		item->faults |= POST_UNITS_FEW;
}

static void
judge_units(const struct op *op, struct post_item *item)
{
	if (item->fields.units < units_whole(op->options.units.minimum_tenths))
		item->faults |= POST_UNITS_FEW;
}

/* What is kept is the words as they were sent; what is vague is today's list's to say. */
static void
see_vague(const struct op *op, struct posting_row *p)
{
	struct post_fields fields = {0};

	p->vague = false;
	if (p->body != NULL && post_body_read(p->body, &fields) == 0)
		p->vague = fields.description != NULL && text_is_vague(op->options.posting.vague, fields.description);
	post_fields_release(&fields);
}

static void
judge_text(const struct op *op, struct post_item *item)
{
	const struct posting_options *options = &op->options.posting;

	if (options->refuse_vague && item->fields.description != NULL && text_is_vague(options->vague, item->fields.description))
		item->faults |= POST_VAGUE;
}

static bool
is_wrong(struct post_item *item)
{
	if (item->faults == 0 && !item->unlisted)
		return false;
	item->refusal = POST_WRONG;
	return true;
}

/* 1: the entry is confirmed, and waits for its posting; 0: there is nothing to record: refused, or it has one. */
static int
take_entry(struct txn *txn, const struct op *op, struct post_item *item, int64_t *ret_revision)
{
	const struct post_submit *v = op->verb;
	_cleanup_(entry_row_release) struct entry_row entry = ENTRY_ROW_INIT;
	struct posting_row before = {0};
	int r = txn_entry_get_owned(txn, item->entry_id, v->owner, &entry);

	if (r == -ENOENT)
		item->refusal = POST_NO_ENTRY;
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	item->refusal = entry_refusal(item, &entry);
	if (item->refusal != POST_TAKEN)
		return 0;
	r = txn_posting_of_entry(txn, item->entry_id, &before);
	if (r == 0 && (counts(&before) || is_back(&before))) {
		item->existed = true;
		item->posting = before;
		return 0;
	}
	/* What was posted and is gone is looked for before it is sent another time. */
	if (r == 0 && before.state == POSTING_GONE)
		item->posting.preimage = ids_add(NULL, NULL);
	posting_row_release(&before);
	if (r < 0 && r != -ENOENT)
		return r;
	judge_units_of(item, &entry);
	judge_text(op, item);
	return is_wrong(item) ? 0 : confirm_for(txn, op, item, &entry, ret_revision);
}

/* Without an entry and without a key nothing but the wish itself says whether it is a second one. 1: it is not. */
static int
take_wish(struct txn *txn, const struct op *op, struct post_item *item)
{
	_cleanup_(posting_row_release) struct posting_row first = {0};
	int r;

	item->posting.units_tenths = item->fields.units * 10;
	judge_units(op, item);
	judge_text(op, item);
	if (is_wrong(item))
		return 0;
	if (op->once != NULL)
		return 1;
	r = txn_posting_by_hash(txn, item->fields.user_id, item->posting.body_hash, op->now_ms - SAME_WITHIN_MS, &first);
	if (r < 0)
		return r == -ENOENT ? 1 : r;
	item->refusal = POST_AGAIN;
	item->first = first.posting_id;
	return 0;
}

/* What tells it from every other posting anywhere; nobody can guess it from the number alone. */
static void
name_posting(const struct op *op, struct posting_row *p)
{
	char hex[DIGEST_HEX_SIZE], text[160];

	snprintf(text, sizeof text, "rtalp %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %" PRIu64 " %" PRId64, p->posting_id, p->alp_user_id,
	    p->entry_id, p->entry_revision, op->random, op->now_ms);
	digest_hex(str_of(text), hex);
	snprintf(p->idempotency_key, sizeof p->idempotency_key, "rtalp-%s", hex);
	snprintf(p->reference, sizeof p->reference, "%" PRId64 "-%.8s", p->posting_id, hex);
}

static int
record(struct txn *txn, const struct op *op, struct post_item *item, int64_t revision)
{
	const struct posting_options *options = &op->options.posting;
	const struct post_submit *v = op->verb;
	struct posting_row *p = &item->posting;
	int r = txn_posting_take_id(txn, &p->posting_id);

	if (r < 0)
		return r;
	p->alp_user_id = item->fields.user_id;
	p->entry_id = item->entry_id;
	p->entry_revision = revision;
	p->day = item->fields.day;
	p->component_id = item->fields.component_id;
	p->units = item->fields.units;
	p->created_ms = p->next_ms = op->now_ms;
	name_posting(op, p);
	p->body = post_body_make(&item->fields, p->reference, options->reference_field, options->reference_in_notes);
	r = txn_posting_insert(txn, p);
	return r < 0 ? r : txn_audit_posting(txn, op->now_ms, &v->actor, AUDIT_POST, p->alp_user_id, p->entry_id, p->posting_id, NULL, p->body);
}

static int
check_day(struct txn *txn, const struct op *op, struct post_item *item)
{
	struct user_row user = {0};
	day_t today = 0;
	int r = txn_user_today(txn, &op->options, item->fields.user_id, op->now_ms, &user, &today);

	if (r == 0 && item->fields.day > today)
		item->faults |= POST_FUTURE;
	return r;
}

static int
post_one(struct txn *txn, const struct op *op, struct post_item *item)
{
	int64_t revision = 0;
	const struct post_submit *v = op->verb;
	int r;

	/* Whoever may see one user's things only sees nobody else's. */
	if (v->owner != 0 && item->fields.user_id != v->owner)
		item->refusal = POST_NO_ENTRY;
	r = item->refusal == POST_TAKEN ? check_day(txn, op, item) : 0;
	if (r < 0 || item->refusal != POST_TAKEN)
		return r;
	post_hash(&item->fields, item->posting.body_hash);
	r = item->entry_id != 0 ? take_entry(txn, op, item, &revision) : take_wish(txn, op, item);
	return r <= 0 ? r : record(txn, op, item, revision);
}

static int
submit_run(struct txn *txn, struct op *op)
{
	struct post_submit *v = op->verb;
	int r = 0;

	for (size_t i = 0; r == 0 && i < v->count; i++) {
		r = post_one(txn, op, &v->items[i]);
		see_vague(op, &v->items[i].posting);
	}
	/* What is refused altogether was not asked: its key may be used again. */
	return r == 0 && v->count == 1 && v->items[0].refusal != POST_TAKEN ? -EPERM : r;
}

static int
look_one(struct txn *txn, const struct op *op, struct post_item *item)
{
	const struct post_submit *v = op->verb;
	_cleanup_(entry_row_release) struct entry_row entry = ENTRY_ROW_INIT;
	int r = 0;

	if (v->owner != 0 && item->fields.user_id != v->owner)
		return 0;
	judge_text(op, item);
	if (item->fields.user_id > 0 && item->fields.day >= 0)
		r = check_day(txn, op, item);
	if (r < 0 || item->fields.units <= 0)
		return r;
	if (item->entry_id != 0)
		r = txn_entry_get_owned(txn, item->entry_id, v->owner, &entry);
	if (r == 0 && item->entry_id == 0)
		judge_units(op, item);
	else if (r == 0 && entry.alp_user_id == item->fields.user_id)
		judge_units_of(item, &entry);
	return r == -ENOENT ? 0 : r;
}

static int
look_run(struct txn *txn, struct op *op)
{
	struct post_submit *v = op->verb;
	int r = 0;

	for (size_t i = 0; r == 0 && i < v->count; i++)
		r = look_one(txn, op, &v->items[i]);
	return r;
}

void
app_post_look(struct app *app, struct post_submit *v, app_done_fn done, void *arg)
{
	app_submit(app, OP_READ, v, look_run, NULL, done, arg);
}

static void
submit_after(struct op *op, int r)
{
	if (r == 0 && op->app->postings_due != NULL)
		op->app->postings_due(op->app->postings_due_arg);
}

bool
app_posting_configured(const struct app *app)
{
	return app->options.posting.configured;
}

int64_t
app_posting_wait_ms(const struct app *app)
{
	return app->options.posting.wait_ms;
}

void
app_on_postings_due(struct app *app, void (*due)(void *arg), void *arg)
{
	app->postings_due = due;
	app->postings_due_arg = arg;
}

void
app_post_submit(struct app *app, struct post_submit *v, app_done_fn done, void *arg)
{
	app_submit_once(app, v->once, v, submit_run, submit_after, done, arg);
}

void
post_submit_release(struct post_submit *v)
{
	for (size_t i = 0; i < v->count; i++) {
		post_fields_release(&v->items[i].fields);
		posting_row_release(&v->items[i].posting);
	}
	free(v->items);
	v->items = NULL;
	v->count = 0;
}

/* --- taking back ---------------------------------------------------------------------------------------------------------- */

static enum entry_lock
lock_of(const struct posting_row *p)
{
	if (p->state != POSTING_POSTED)
		return ENTRY_POSTING;
	return p->alp_state == POSTING_ALP_INVOICED ? ENTRY_INVOICED : p->alp_state == POSTING_ALP_WRITTEN_OFF ? ENTRY_WRITTEN_OFF : ENTRY_POSTING;
}

int
txn_posting_let_go(struct txn *txn, const struct op *op, const struct actor *actor, int64_t entry_id, enum entry_lock *ret_lock)
{
	_cleanup_(posting_row_release) struct posting_row p = {0};
	int r = txn_posting_of_entry(txn, entry_id, &p);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	if (!counts(&p))
		return 0;
	/* One that waits to be sent again may be there already, whatever was seen. */
	if (p.state != POSTING_READY || p.maybe_sent > 0) {
		*ret_lock = lock_of(&p);
		return -EPERM;
	}
	p.state = POSTING_CANCELLED;
	r = txn_posting_update(txn, &p, op->now_ms, "cancelled", NULL);
	return r < 0 ? r : txn_audit_posting(txn, op->now_ms, actor, AUDIT_CANCEL, p.alp_user_id, p.entry_id, p.posting_id, NULL, NULL);
}

/* --- looking -------------------------------------------------------------------------------------------------------------- */

static int
posting_get_owned(struct txn *txn, int64_t posting_id, int64_t alp_user_id, struct posting_row *ret_posting)
{
	int r = txn_posting_get(txn, posting_id, ret_posting);

	if (r == 0 && alp_user_id != 0 && ret_posting->alp_user_id != alp_user_id) {
		posting_row_release(ret_posting);
		return -ENOENT;
	}
	return r;
}

static int
get_run(struct txn *txn, struct op *op)
{
	struct posting_get *v = op->verb;
	int r = posting_get_owned(txn, v->posting_id, v->alp_user_id, &v->posting);

	if (r == 0)
		see_vague(op, &v->posting);
	return r < 0 ? r : txn_posting_history(txn, v->posting_id, &v->history);
}

void
app_posting_get(struct app *app, struct posting_get *v, app_done_fn done, void *arg)
{
	app_submit(app, OP_READ, v, get_run, NULL, done, arg);
}

void
posting_get_release(struct posting_get *v)
{
	posting_row_release(&v->posting);
	posting_history_release(&v->history);
}

static int
query_run(struct txn *txn, struct op *op)
{
	struct posting_query *v = op->verb;

	int r = txn_posting_list(txn, &v->filter, &v->list);

	for (size_t i = 0; r == 0 && i < v->list.count; i++)
		see_vague(op, &v->list.rows[i]);
	return r;
}

void
app_posting_query(struct app *app, struct posting_query *v, app_done_fn done, void *arg)
{
	app_submit(app, OP_READ, v, query_run, NULL, done, arg);
}

void
posting_query_release(struct posting_query *v)
{
	posting_list_release(&v->list);
}

/* --- deciding ------------------------------------------------------------------------------------------------------------- */

/* The person has seen these, and they are not it. */
static void
rule_out(struct posting_row *p)
{
	struct json_object *evidence = p->evidence != NULL ? json_tokener_parse(p->evidence) : NULL, *list = NULL, *id;

	p->preimage = ids_add(p->preimage, NULL);
	if (json_object_is_type(evidence, json_type_object))
		(void)json_object_object_get_ex(evidence, "candidates", &list);
	for (size_t i = 0; json_object_is_type(list, json_type_array) && i < json_object_array_length(list); i++)
		if (json_object_object_get_ex(json_object_array_get_idx(list, i), "alp_entry_id", &id))
			p->preimage = ids_add(p->preimage, json_object_get_string(id));
	json_object_put(evidence);
}

static int
say_is_there(struct txn *txn, const struct op *op, struct posting_resolve *v)
{
	_cleanup_(posting_row_release) struct posting_row other = {0};
	struct posting_row *p = &v->posting;
	int r = txn_posting_by_alp_id(txn, v->alp_entry_id, &other);

	if (r == 0) {
		v->other = other.posting_id;
		return -EPERM;
	}
	if (r != -ENOENT)
		return r;
	posting_clear_problem(p);
	p->state = POSTING_POSTED;
	snprintf(p->alp_entry_id, sizeof p->alp_entry_id, "%s", v->alp_entry_id);
	p->alp_state = POSTING_ALP_OPEN;
	p->posted_ms = op->now_ms;
	/* What it says there is not known yet. */
	p->sync_ms = op->now_ms;
	r = txn_posting_update(txn, p, op->now_ms, "a_person_says_it_is_there", NULL);
	return r < 0 ? r : txn_posting_tell(txn, op->now_ms, p, NOTICE_ENTRY_POSTED);
}

static int
say_is_not_there(struct txn *txn, const struct op *op, struct posting_resolve *v)
{
	struct posting_row *p = &v->posting;
	bool imported = p->problem_code != NULL && strcmp(p->problem_code, POSTING_IMPORTED) == 0;

	rule_out(p);
	posting_clear_problem(p);
	/* There is nothing that could be sent of it; its entry may be posted like any other now. */
	if (imported) {
		p->state = POSTING_CANCELLED;
		return txn_posting_update(txn, p, op->now_ms, "a_person_says_it_is_not_there", NULL);
	}
	p->state = POSTING_READY;
	p->looks = 0;
	p->next_ms = op->now_ms;
	return txn_posting_update(txn, p, op->now_ms, "a_person_says_it_is_not_there", NULL);
}

static int
resolve_run(struct txn *txn, struct op *op)
{
	struct posting_resolve *v = op->verb;
	_cleanup_free_ char *said = NULL;
	int r = posting_get_owned(txn, v->posting_id, v->alp_user_id, &v->posting);

	if (r < 0)
		return r;
	see_vague(op, &v->posting);
	if (v->posting.state != POSTING_NEEDS_PERSON)
		return -EPERM;
	r = v->is_there ? say_is_there(txn, op, v) : say_is_not_there(txn, op, v);
	if (r < 0)
		return r;
	said = xasprintf("{\"state\":\"%s\"}", posting_state_name(v->posting.state));
	return txn_audit_posting(txn, op->now_ms, &v->actor, AUDIT_RESOLVE, v->posting.alp_user_id, v->posting.entry_id, v->posting_id,
	    "{\"state\":\"needs_person\"}", said);
}

static void
resolve_after(struct op *op, int r)
{
	const struct posting_resolve *v = op->verb;

	submit_after(op, r);
	if (r == 0)
		app_waits_posting(op->app, v->posting_id);
}

void
app_posting_resolve(struct app *app, struct posting_resolve *v, app_done_fn done, void *arg)
{
	app_submit_once(app, v->once, v, resolve_run, resolve_after, done, arg);
}

void
posting_resolve_release(struct posting_resolve *v)
{
	posting_row_release(&v->posting);
}
