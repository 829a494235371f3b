/* SPDX-License-Identifier: Apache-2.0 */
/* post_run.c - the driver's verbs: what is due, what may be sent, and what came of it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "app/post_internal.h"
#include "app/reconcile.h"
#include "base/alloc.h"
#include "store/restore.h"

#define PER_USER_MAX      16 /* of one user at once, while others wait */
#define RECOVER_AT_ONCE   1000
#define REFUSED_LOOKS     2 /* at one that can only be there if ALP lied */
#define ANSWER_KEPT_MAX   ((size_t)4096)
#define RETRY_AFTER_MAX   ((int64_t)3600 * 1000)
#define DAY_MS            ((int64_t)24 * 3600 * 1000)

/* --- what is due ----------------------------------------------------------------------------------------------------------- */

/* Since the store was put back from a backup, until somebody lets it go on. 1, 0. */
static int
is_held(struct txn *txn)
{
	struct restore_state state;
	int r = txn_restore_state(txn, &state);

	return r < 0 ? r : restore_holds(&state);
}

static int
due_run(struct txn *txn, struct op *op)
{
	struct posting_due *v = op->verb;
	int r = txn_posting_to_look(txn, op->now_ms, v->look_max, &v->look), held = r < 0 ? r : is_held(txn);

	if (held < 0)
		return held;
	if (r == 0 && v->send_max > 0 && !held)
		r = txn_posting_due(txn, op->now_ms, v->after_user, PER_USER_MAX, v->send_max, &v->send);
	return r < 0 ? r : txn_posting_next_due(txn, op->now_ms, &v->next_ms);
}

void
app_posting_due(struct app *app, struct posting_due *v, app_done_fn done, void *arg)
{
	app_submit(app, OP_READ, v, due_run, NULL, done, arg);
}

void
posting_due_release(struct posting_due *v)
{
	posting_list_release(&v->send);
	posting_list_release(&v->look);
}

/* --- what may be sent ------------------------------------------------------------------------------------------------------- */

static bool
needs_listing(const struct app_options *options, const struct posting_row *p)
{
	const struct posting_options *o = &options->posting;

	return o->can.lists_entries && (posting_is_doubtful(options, p) || p->maybe_sent > 0 || p->preimage != NULL || !posting_can(o, p).keeps_reference);
}

bool
posting_needs_listing(const struct app *app, const struct posting_row *posting)
{
	return needs_listing(&app->options, posting);
}

/* What was there before the first attempt that may have arrived; after that one what is new may be its work. */
static void
take_preimage(struct posting_row *p, const struct alp_entries *listed)
{
	if (p->maybe_sent > 0)
		return;
	free(p->preimage);
	p->preimage = NULL;
	if (listed == NULL)
		return;
	p->preimage = ids_add(NULL, NULL);
	for (size_t i = 0; i < listed->count; i++)
		if (of_lane(&listed->rows[i], p->component_id, p->day - 1, p->day + 1))
			p->preimage = ids_add(p->preimage, listed->rows[i].id);
}

/* 1: it is sending. */
static int
begin_one(struct txn *txn, const struct op *op, struct posting_row *p, const struct alp_entries *listed)
{
	bool is_half = false;
	int r;

	if (p->state != POSTING_READY || p->next_ms > op->now_ms || (needs_listing(&op->options, p) && listed == NULL))
		return 0;
	r = txn_posting_lane_busy(txn, p);
	if (r != 0)
		return MIN_OF(r, 0);
	r = posting_is_doubtful(&op->options, p) ? txn_posting_judge_restored(txn, op, p, listed) : 1;
	if (r <= 0)
		return r;
	r = p->maybe_sent > 0 && listed != NULL ? txn_posting_reconcile(txn, op, p, listed, true, true) : 1;
	if (r <= 0)
		return r;
	r = listed != NULL ? txn_posting_refuse_again(txn, op, p, listed) : 0;
	if (r != 0)
		return MIN_OF(r, 0);
	/* What half a listing does not show would look new later. */
	r = listed != NULL && p->maybe_sent == 0 ? txn_posting_misses(txn, op, p, listed, &is_half) : 0;
	if (r < 0)
		return r;
	take_preimage(p, is_half ? NULL : listed);
	posting_clear_problem(p);
	p->state = POSTING_SENDING;
	p->attempts++;
	p->looks = 0;
	p->sending_ms = op->now_ms;
	r = txn_posting_update(txn, p, op->now_ms, NULL, NULL);
	return r < 0 ? r : 1;
}

static void
keep_row(struct posting_list *list, struct posting_row *p)
{
	/* Grown by one: there are as many as connections. */
	list->rows = xreallocarray(list->rows, list->count + 1, sizeof *list->rows);
	list->rows[list->count++] = *p;
	*p = (struct posting_row){0};
}

static int
begin_run(struct txn *txn, struct op *op)
{
	struct posting_begin *v = op->verb;
	int held = is_held(txn);

	if (held != 0)
		return MIN_OF(held, 0);
	for (size_t i = 0; i < v->count; i++) {
		_cleanup_(posting_row_release) struct posting_row p = {0};
		int r = txn_posting_get(txn, v->ids[i], &p);

		if (r == 0)
			r = begin_one(txn, op, &p, v->listed);
		if (r < 0)
			return r;
		if (r > 0)
			keep_row(&v->begun, &p);
	}
	return 0;
}

static void
begin_after(struct op *op, int r)
{
	const struct posting_begin *v = op->verb;

	/* Some may have been found, and are settled. */
	for (size_t i = 0; r == 0 && v->listed != NULL && i < v->count; i++)
		app_waits_posting(op->app, v->ids[i]);
}

void
app_posting_begin(struct app *app, struct posting_begin *v, app_done_fn done, void *arg)
{
	app_submit(app, OP_WRITE, v, begin_run, begin_after, done, arg);
}

void
posting_begin_release(struct posting_begin *v)
{
	posting_list_release(&v->begun);
}

/* --- what came of it -------------------------------------------------------------------------------------------------------- */

static void
set_problem(struct posting_row *p, const char *code, const char *detail)
{
	posting_clear_problem(p);
	p->problem_code = xstrdup(code);
	p->problem_detail = detail != NULL && detail[0] != '\0' ? xstrndup(detail, ANSWER_KEPT_MAX) : NULL;
}

/* Full jitter under a doubling ceiling. */
static int64_t
backoff_ms(const struct op *op, int64_t attempts)
{
	const struct posting_options *o = &op->options.posting;
	int64_t ceiling = o->retry_ms;

	for (int64_t i = 1; i < attempts && ceiling < o->retry_max_ms; i++)
		ceiling *= 2;
	ceiling = MIN_OF(ceiling, o->retry_max_ms);
	return ceiling / 10 + (int64_t)(op->random % (uint64_t)(ceiling + 1));
}

static int
back_to_ready(struct txn *txn, const struct op *op, struct posting_row *p, const char *code)
{
	const struct posting_sent *v = op->verb;
	int64_t pause_ms = MAX_OF(MIN_OF(v->retry_after_ms, RETRY_AFTER_MAX), backoff_ms(op, p->attempts - p->maybe_sent));

	set_problem(p, code, v->detail);
	p->state = POSTING_READY;
	p->next_ms = op->now_ms + pause_ms;
	return txn_posting_update(txn, p, op->now_ms, code, v->detail);
}

static int
to_unknown(struct txn *txn, const struct op *op, struct posting_row *p, const char *code, const char *detail)
{
	set_problem(p, code, detail);
	p->state = POSTING_UNKNOWN;
	p->looks = 0;
	p->next_ms = op->now_ms + op->options.posting.look_ms[0];
	return txn_posting_update(txn, p, op->now_ms, code, detail);
}

/* One that says no may mean the same bytes of before: then they are there. */
static int
refused(struct txn *txn, const struct op *op, struct posting_row *p)
{
	const struct posting_sent *v = op->verb;
	const char *why = v->text != NULL ? v->text : v->detail;

	if (v->status == 409 || p->maybe_sent > 0)
		return to_unknown(txn, op, p, POSTING_REFUSED, why);
	set_problem(p, POSTING_REFUSED, why);
	p->state = POSTING_REJECTED;
	return txn_posting_update(txn, p, op->now_ms, POSTING_REFUSED, p->problem_detail);
}

/* The answer is about an entry that cannot be this one's: no proof that ours was made, nor that it was not. */
static int
not_ours(struct txn *txn, const struct op *op, struct posting_row *p, const char *code)
{
	const struct posting_sent *v = op->verb;
	_cleanup_free_ char *detail = xasprintf("ALP answered with the entry %s, which is %s", v->entry->id,
	    strcmp(code, POSTING_ID_OF_BEFORE) == 0 ? "older than this posting" : "another posting's");

	return to_unknown(txn, op, p, code, detail);
}

static int
posted(struct txn *txn, const struct op *op, struct posting_row *p)
{
	const struct posting_sent *v = op->verb;
	_cleanup_(posting_row_release) struct posting_row other = {0};
	int r = txn_posting_by_alp_id(txn, v->entry->id, &other);

	p->maybe_sent++;
	if (r == 0)
		return not_ours(txn, op, p, POSTING_ID_OF_ANOTHER);
	if (r != -ENOENT)
		return r;
	if (ids_have(p->preimage, v->entry->id))
		return not_ours(txn, op, p, POSTING_ID_OF_BEFORE);
	if (post_is_reference(v->entry->reference) && strcmp(v->entry->reference, p->reference) != 0)
		return not_ours(txn, op, p, POSTING_REFERENCE_OF_ANOTHER);
	return txn_posting_adopt(txn, op->now_ms, p, v->entry, "posted");
}

static int
sent_run(struct txn *txn, struct op *op)
{
	struct posting_sent *v = op->verb;
	struct posting_row *p = &v->posting;
	int r = txn_posting_get(txn, v->posting_id, p);

	if (r < 0)
		return r;
	if (p->state != POSTING_SENDING || p->attempts != v->attempt)
		return -ESTALE;
	switch (v->outcome) {
	case POST_POSTED:
		return posted(txn, op, p);
	case POST_NOT_SENT:
		return back_to_ready(txn, op, p, "alp_unreachable");
	case POST_BUSY:
		return back_to_ready(txn, op, p, "alp_busy");
	case POST_KEY_REFUSED:
		return back_to_ready(txn, op, p, "alp_key_refused");
	case POST_REJECTED:
		return refused(txn, op, p);
	case POST_UNKNOWN:
		break;
	}
	p->maybe_sent++;
	return to_unknown(txn, op, p, "answer_unknown", v->detail);
}

static void
sent_after(struct op *op, int r)
{
	const struct posting_sent *v = op->verb;

	if (r == 0)
		app_waits_posting(op->app, v->posting_id);
}

void
app_posting_sent(struct app *app, struct posting_sent *v, app_done_fn done, void *arg)
{
	app_submit(app, OP_WRITE, v, sent_run, sent_after, done, arg);
}

void
posting_sent_release(struct posting_sent *v)
{
	posting_row_release(&v->posting);
}

/* --- what was seen ---------------------------------------------------------------------------------------------------------- */

static bool
is_last_look(const struct op *op, const struct posting_row *p)
{
	int64_t wanted = (int64_t)op->options.posting.looks;

	if (p->maybe_sent == 0)
		wanted = MIN_OF(wanted, REFUSED_LOOKS);
	return p->looks + 1 >= wanted;
}

static int
looked_run(struct txn *txn, struct op *op)
{
	struct posting_looked *v = op->verb;

	for (size_t i = 0; i < v->count; i++) {
		_cleanup_(posting_row_release) struct posting_row p = {0};
		int r = txn_posting_get(txn, v->ids[i], &p);

		if (r < 0)
			return r;
		if (p.state != POSTING_UNKNOWN)
			continue;
		r = txn_posting_reconcile(txn, op, &p, v->listed, v->complete, is_last_look(op, &p));
		if (r < 0)
			return r;
		if (p.state != POSTING_UNKNOWN)
			keep_row(&v->settled, &p);
	}
	return 0;
}

static void
looked_after(struct op *op, int r)
{
	const struct posting_looked *v = op->verb;

	for (size_t i = 0; r == 0 && i < v->settled.count; i++)
		app_waits_posting(op->app, v->settled.rows[i].posting_id);
}

void
app_posting_looked(struct app *app, struct posting_looked *v, app_done_fn done, void *arg)
{
	app_submit(app, OP_WRITE, v, looked_run, looked_after, done, arg);
}

void
posting_looked_release(struct posting_looked *v)
{
	posting_list_release(&v->settled);
}

static int
put_off_run(struct txn *txn, struct op *op)
{
	struct posting_put_off *v = op->verb;

	for (size_t i = 0; i < v->count; i++) {
		_cleanup_(posting_row_release) struct posting_row p = {0};
		int r = txn_posting_get(txn, v->ids[i], &p);

		if (r == 0)
			r = txn_posting_give_up(txn, op, &p);
		if (r > 0)
			keep_row(&v->settled, &p);
		if (r > 0)
			continue;
		if (r == 0 && p.state == POSTING_READY)
			set_problem(&p, v->code, v->detail);
		p.next_ms = op->now_ms + (v->for_ms > 0 ? v->for_ms : backoff_ms(op, 1));
		if (r == 0 && (p.state == POSTING_READY || p.state == POSTING_UNKNOWN))
			r = txn_posting_update(txn, &p, op->now_ms, NULL, NULL);
		if (r < 0)
			return r;
	}
	return 0;
}

static void
put_off_after(struct op *op, int r)
{
	const struct posting_put_off *v = op->verb;

	for (size_t i = 0; r == 0 && i < v->settled.count; i++)
		app_waits_posting(op->app, v->settled.rows[i].posting_id);
}

void
app_posting_put_off(struct app *app, struct posting_put_off *v, app_done_fn done, void *arg)
{
	app_submit(app, OP_WRITE, v, put_off_run, put_off_after, done, arg);
}

void
posting_put_off_release(struct posting_put_off *v)
{
	posting_list_release(&v->settled);
}

/* --- the start -------------------------------------------------------------------------------------------------------------- */

/* No pause is longer than these. */
static int
cap_pauses(struct txn *txn, const struct op *op)
{
	const struct posting_options *o = &op->options.posting;
	int64_t due_ms = MAX_OF(RETRY_AFTER_MAX, o->retry_max_ms * 2), sync_ms = MAX_OF(op->options.sync.fresh_ms, DAY_MS) * 2;

	for (size_t i = 0; i < o->looks; i++)
		due_ms = MAX_OF(due_ms, o->look_ms[i]);
	return txn_posting_cap_due(txn, op->now_ms + due_ms, op->now_ms + sync_ms);
}

int
txn_postings_recover(struct txn *txn, const struct op *op, int64_t *ret_count)
{
	int r = cap_pauses(txn, op);

	if (r < 0)
		return r;

	do {
		_cleanup_(posting_list_release) struct posting_list left = {0};

		r = txn_posting_in_flight(txn, RECOVER_AT_ONCE, &left);
		for (size_t i = 0; r == 0 && i < left.count; i++) {
			left.rows[i].maybe_sent++;
			r = to_unknown(txn, op, &left.rows[i], "daemon_restarted", "the daemon ended while it was being sent");
		}
		if (r == 0)
			*ret_count += (int64_t)left.count;
		r = r == 0 && left.count == RECOVER_AT_ONCE ? 1 : r;
	} while (r > 0);
	return r;
}
