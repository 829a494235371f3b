/* SPDX-License-Identifier: Apache-2.0 */
#include "app/import.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/audit.h"
#include "app/import_internal.h"
#include "app/import_match.h"
#include "app/learn.h"
#include "app/merge.h"
#include "app/run_internal.h"
#include "app/settle.h"
#include "app/supplement.h"
#include "base/alloc.h"
#include "store/event.h"
#include "store/posting.h"

/* A dry run goes as far as any other, and then is nothing that happened. */
#define DRY_RUN (-IMPORT_DRY_RUN)

static void
importing_release(struct importing *i)
{
	activity_list_release(&i->rows);
	entry_list_release(&i->entries);
	free(i->recorded);
	free(i->changed);
	free(i->claims);
	free(i->claim_of_row);
	free(i->row_moves);
}

/* --- entries: what they are ----------------------------------------------------------------------------------------------- */

static struct import_claim *
find_claim(struct importing *i, const char *hash)
{
	for (size_t n = 0; n < i->claim_count; n++)
		if (strcmp(i->claims[n].hash, hash) == 0)
			return &i->claims[n];
	return NULL;
}

static void
add_to_claims(struct importing *i, struct import_line *line)
{
	_cleanup_free_ char *name = xasprintf("+imported %s", line->source_hash);
	char hash[SOURCE_HASH_TEXT_MAX] = "";
	struct import_claim *claim;
	struct import_line **place;

	/* No group of rows is named like this: those begin with a key's name. */
	entry_source_hash(i->v->alp_user_id, i->v->day, str_of(name), hash);
	claim = find_claim(i, hash);
	if (claim == NULL) {
		claim = &i->claims[i->claim_count++];
		claim->at = SIZE_MAX;
		memcpy(claim->hash, hash, sizeof claim->hash);
	}
	place = line->table == IMPORT_DRAFT ? &claim->draft : &claim->processed;
	if (*place != NULL)
		import_say(line, IMPORT_NOT_TAKEN, "duplicate_hash");
	else
		*place = line;
}

static int
make_claims(struct importing *i)
{
	size_t count = 0;

	for (size_t n = 0; n < i->v->count; n++)
		count += i->v->lines[n].table != IMPORT_ACTIVITY;
	if (count > IMPORT_ENTRIES_MAX) {
		i->v->fault = (struct app_fault){NULL, "too_long", "has more entries than a day may have: 2000"};
		return -EINVAL;
	}
	i->claims = xcalloc(count, sizeof *i->claims);
	for (size_t n = 0; n < i->v->count; n++)
		if (i->v->lines[n].table != IMPORT_ACTIVITY)
			add_to_claims(i, &i->v->lines[n]);
	for (size_t n = 0; n < i->claim_count; n++)
		for (size_t at = 0; at < i->entries.count; at++)
			if (strcmp(i->entries.rows[at].source_hash, i->claims[n].hash) == 0)
				i->claims[n].at = at;
	return 0;
}

static void
match_rows(struct importing *i)
{
	_cleanup_free_ struct import_name *names = xcalloc(i->claim_count, sizeof *names);

	for (size_t n = 0; n < i->claim_count; n++) {
		/* What was confirmed may have other words than its rows. */
		const struct import_line *line = i->claims[n].draft != NULL ? i->claims[n].draft : i->claims[n].processed;

		names[n] = (struct import_name){line->application, line->description};
	}
	i->claim_of_row = xcalloc(i->rows.count, sizeof *i->claim_of_row);
	import_match(names, i->claim_count, &i->rows, i->claim_of_row);
	for (size_t n = 0; n < i->rows.count; n++)
		if (i->claim_of_row[n] != IMPORT_NO_NAME)
			i->claims[i->claim_of_row[n]].rows++;
}

static void
say_both(const struct import_claim *claim, enum import_outcome outcome, const char *reason)
{
	import_say(claim->draft, outcome, reason);
	import_say(claim->processed, outcome, reason);
}

static void
want(struct importing *i, struct import_claim *claim)
{
	claim->wanted = true;
	claim->fresh = claim->at == SIZE_MAX;
	i->wanted++;
	say_both(claim, IMPORT_TAKEN, NULL);
	if (claim->submitted && claim->draft == NULL)
		import_say(claim->processed, IMPORT_TAKEN, "no_draft");
}

/* Was it sent, as far as anybody knows? */
static bool
was_sent(const struct import_claim *claim)
{
	const struct import_line *line = claim_line(claim);

	return line->status == ENTRY_SUBMITTED || line->submitted_ms > 0 || line->alp_entry_id != NULL;
}

/* What a person did here counts more than what was done there, unless it was sent there and nobody here knows that. */
static int
decide_submitted(struct importing *i, struct import_claim *claim)
{
	_cleanup_(posting_row_release) struct posting_row p = {0};
	const struct entry_row *entry = claim->at != SIZE_MAX ? &i->entries.rows[claim->at] : NULL;
	bool settled = entry != NULL && (entry->status == ENTRY_SUBMITTED || !was_sent(claim));
	int r = entry == NULL ? -ENOENT : settled ? 0 : txn_posting_of_entry(i->txn, entry->entry_id, &p);

	if (r == -ENOENT)
		want(i, claim);
	else if (r == 0)
		say_both(claim, IMPORT_THERE, NULL);
	return r == -ENOENT ? 0 : r;
}

static void
decide_draft(struct importing *i, struct import_claim *claim)
{
	const struct import_line *draft = claim->draft;
	bool noted = draft->notes != NULL && draft->notes[0] != '\0';

	if (claim->at != SIZE_MAX)
		say_both(claim, IMPORT_THERE, NULL);
	else if (claim->rows == 0)
		say_both(claim, IMPORT_NOT_TAKEN, i->rows.count == 0 && i->known ? import_refusal_of_rows(i) : "no_rows");
	else if (draft->status == ENTRY_PENDING && !noted)
		say_both(claim, IMPORT_LEFT, NULL);
	else if (i->known)
		say_both(claim, IMPORT_NOT_TAKEN, import_refusal_of_rows(i));
	else
		want(i, claim);
}

static int
decide(struct importing *i)
{
	int r = 0;

	for (size_t n = 0; r == 0 && n < i->claim_count; n++) {
		struct import_claim *claim = &i->claims[n];

		claim->submitted = claim->processed != NULL || claim->draft->status == ENTRY_SUBMITTED;
		if (claim->submitted)
			r = decide_submitted(i, claim);
		else
			decide_draft(i, claim);
	}
	return r;
}

/* --- entries: what becomes of them ---------------------------------------------------------------------------------------- */

static int
append_fresh(struct importing *i)
{
	int64_t next = 0;
	int r = txn_entry_take_ids(i->txn, (int64_t)i->wanted, &next);

	if (r < 0)
		return r;
	i->entries.rows = xreallocarray(i->entries.rows, i->stored + i->wanted, sizeof *i->entries.rows);
	i->recorded = xcalloc(i->stored + i->wanted, sizeof *i->recorded);
	i->changed = xcalloc(i->stored + i->wanted, sizeof *i->changed);
	/* As it is stored, the day says what was recorded for each; the rows of a pruned one are gone. */
	supplements_recorded(&i->entries, i->recorded);
	for (size_t n = 0; n < i->claim_count; n++) {
		struct import_claim *claim = &i->claims[n];

		if (!claim->wanted || !claim->fresh)
			continue;
		claim->at = i->entries.count++;
		import_entry(claim, i->op->now_ms, &i->entries.rows[claim->at]);
		i->entries.rows[claim->at].alp_user_id = i->v->alp_user_id;
		i->entries.rows[claim->at].day = i->v->day;
		i->entries.rows[claim->at].entry_id = next++;
	}
	return 0;
}

static size_t
entry_at(const struct importing *i, int64_t entry_id)
{
	size_t at = 0;

	while (at < i->stored && i->entries.rows[at].entry_id != entry_id)
		at++;
	return at;
}

/* Rows go to new entries, but not from one that a person decided about. */
static void
move_rows(struct importing *i)
{
	_cleanup_free_ bool *kept = xcalloc(i->entries.count, sizeof *kept);

	supplements_kept(&i->entries, kept);
	i->row_moves = xcalloc(i->rows.count, sizeof *i->row_moves);
	for (size_t n = 0; n < i->rows.count; n++) {
		const size_t of = i->claim_of_row[n];
		struct import_claim *claim = of != IMPORT_NO_NAME ? &i->claims[of] : NULL;
		size_t from = i->rows.rows[n].entry_id != 0 ? entry_at(i, i->rows.rows[n].entry_id) : SIZE_MAX;

		if (claim == NULL || !claim->wanted || from == claim->at || (from < i->stored && kept[from]))
			continue;
		if (from < i->stored)
			i->recorded[from] -= i->rows.rows[n].seconds;
		i->recorded[claim->at] += i->rows.rows[n].seconds;
		claim->recorded += i->rows.rows[n].seconds;
		i->row_moves[n] = true;
	}
}

/* A person is told where what was submitted is not what is recorded. */
static void
note_difference(const struct import_claim *claim, const struct entry_row *entry)
{
	struct import_line *line = claim_line(claim);

	if (!claim->submitted || line->reason != NULL || claim->recorded == entry->frozen_seconds)
		return;
	line->reason = claim->recorded == 0 ? "no_rows" : "rows_differ";
}

static void
decide_entries(struct importing *i, struct entry_seen *before)
{
	for (size_t n = 0; n < i->claim_count; n++) {
		struct import_claim *claim = &i->claims[n];
		struct entry_row *entry = claim->wanted ? &i->entries.rows[claim->at] : NULL;

		if (!claim->wanted)
			continue;
		if (!claim->fresh) {
			before[n] = entry_see(entry);
			claim->recorded = i->recorded[claim->at];
		}
		import_decide(claim, &i->policy, i->op->now_ms, entry);
		i->changed[claim->at] = true;
		note_difference(claim, entry);
	}
}

static int
write_entries(struct importing *i)
{
	int r = 0;

	for (size_t at = 0; r == 0 && at < i->entries.count; at++) {
		struct entry_row *entry = &i->entries.rows[at];

		if (!i->changed[at])
			continue;
		entry->updated_ms = i->op->now_ms;
		r = at < i->stored ? txn_entry_update(i->txn, entry) : txn_entry_insert(i->txn, entry);
	}
	return r;
}

static int
write_rows(struct importing *i)
{
	bool moved = false;

	for (size_t n = 0; n < i->rows.count; n++) {
		struct activity_row *row = &i->rows.rows[n];

		if (!i->row_moves[n])
			continue;
		row->entry_id = i->entries.rows[i->claims[i->claim_of_row[n]].at].entry_id;
		free(row->rule);
		row->rule = NULL;
		moved = true;
	}
	return moved ? txn_activity_assign(i->txn, i->v->alp_user_id, i->v->day, &i->rows) : 0;
}

static enum audit_action
action_of(const struct import_claim *claim)
{
	return claim->submitted ? AUDIT_CONFIRM : claim->draft->status == ENTRY_IGNORED ? AUDIT_IGNORE : AUDIT_EDIT;
}

static int
tell(struct importing *i, const struct entry_seen *before)
{
	int r = 0;

	for (size_t n = 0; r == 0 && n < i->claim_count; n++) {
		struct import_claim *claim = &i->claims[n];
		struct entry_row *entry = claim->wanted ? &i->entries.rows[claim->at] : NULL;

		if (!claim->wanted)
			continue;
		r = txn_audit_entry(i->txn, i->op->now_ms, &i->v->actor, action_of(claim), &before[n], entry);
		if (r == 0 && claim->submitted)
			r = txn_learn(i->txn, entry);
		if (r == 0 && claim->submitted && was_sent(claim))
			r = txn_import_posting(i->txn, i->op, &i->v->actor, claim, entry);
	}
	return r;
}

static int
take_entries(struct importing *i)
{
	struct entry_seen *before = xcalloc(i->claim_count, sizeof *before);
	int r = append_fresh(i);

	/* A day without rows has entries now, and reports are of days. */
	if (r == 0 && i->is_new_day)
		r = txn_day_put(i->txn, &i->day);
	if (r == 0) {
		move_rows(i);
		decide_entries(i, before);
		settle_times(&i->policy, i->op->now_ms, &i->entries, &i->recorded, &i->changed);
		r = write_entries(i);
	}
	if (r == 0)
		r = write_rows(i);
	if (r == 0)
		r = tell(i, before);
	txn_event_entries(i->txn, i->v->alp_user_id, i->v->day, i->op->now_ms);
	for (size_t n = 0; n < i->claim_count; n++)
		entry_seen_release(&before[n]);
	free(before);
	return r;
}

/* --- the day -------------------------------------------------------------------------------------------------------------- */

static int
check_day(struct importing *i)
{
	struct user_row user = {0};
	day_t today = 0;
	int r = txn_user_today(i->txn, &i->op->options, i->v->alp_user_id, i->op->now_ms, &user, &today);

	if (r < 0 || i->v->day <= today)
		return r;
	i->v->fault = (struct app_fault){"date", "date_in_future", "is after today in the user's time zone"};
	return -EINVAL;
}

static int
load(struct importing *i)
{
	_cleanup_free_ char *lines = NULL;
	int r = txn_day_get(i->txn, i->v->alp_user_id, i->v->day, &i->day);

	/* One that was only ever answered empty may have been cut off there by an old plan. */
	i->known = r == 0 && (i->day.generation > 0 || i->day.captured_seconds > 0 || i->day.pruned_ms != 0);
	i->is_new_day = r == -ENOENT;
	if (r == -ENOENT)
		i->day = (struct day_row){.alp_user_id = i->v->alp_user_id, .day = i->v->day};
	if (r == 0 || r == -ENOENT)
		r = txn_user_privacy(i->txn, i->v->alp_user_id, &lines);
	/* That is sifted by workers that know the rules; what has not been sifted is not stored. */
	i->keeps_out = r == 0 && lines[0] != '\0';
	if (r == 0)
		r = txn_day_policy(i->txn, i->v->alp_user_id, i->v->day, &i->op->options.units, &i->policy);
	if (r == 0)
		r = txn_entry_load_day(i->txn, i->v->alp_user_id, i->v->day, &i->entries);
	i->stored = i->entries.count;
	return r;
}

static void
count(struct import_day *v)
{
	memset(v->counts, 0, sizeof v->counts);
	for (size_t n = 0; n < v->count; n++)
		v->counts[v->lines[n].outcome]++;
}

static int
import_day(struct importing *i)
{
	int r = check_day(i);

	if (r == 0)
		r = load(i);
	if (r == 0)
		r = import_take_rows(i);
	if (r == 0)
		r = make_claims(i);
	if (r < 0)
		return r;
	match_rows(i);
	r = decide(i);
	if (r == 0 && i->wanted > 0)
		r = take_entries(i);
	if (r == 0)
		count(i->v);
	return r;
}

static int
import_run(struct txn *txn, struct op *op)
{
	struct import_day *v = op->verb;
	struct importing i = {.txn = txn, .op = op, .v = v};
	int r;

	/* The store may run it again. */
	for (size_t n = 0; n < v->count; n++)
		import_say(&v->lines[n], IMPORT_OPEN, NULL);
	r = import_day(&i);
	importing_release(&i);
	return r == 0 && v->dry_run ? DRY_RUN : r;
}

struct call {
	struct import_day *verb;
	struct app *app;
	app_done_fn done;
	void *arg;
};

static void
call_over(int r, void *arg)
{
	struct call *c = arg;

	c->done(r, c->arg);
	free(c);
}

static int
read_run(struct txn *txn, struct op *op)
{
	struct call *c = op->verb;

	(void)txn;
	return c->verb->read(c->arg);
}

static void
was_read(int r, void *arg)
{
	struct call *c = arg;

	if (r < 0)
		call_over(r, c);
	else
		app_submit(c->app, OP_WRITE, c->verb, import_run, NULL, call_over, c);
}

void
app_import_day(struct app *app, struct import_day *v, app_done_fn done, void *arg)
{
	struct call *c = xcalloc(1, sizeof *c);

	*c = (struct call){.verb = v, .app = app, .done = done, .arg = arg};
	app_submit(app, OP_READ, c, read_run, NULL, was_read, c);
}
