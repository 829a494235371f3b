/* SPDX-License-Identifier: Apache-2.0 */
/* confirm.c - a person confirms a draft, or takes that back. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "app/audit.h"
#include "app/internal.h"
#include "app/learn.h"
#include "app/past.h"
#include "app/settle.h"
#include "base/alloc.h"
#include "store/event.h"
#include "store/posting.h"

/* 0: nothing speaks against it. */
static int
refusal_of(const struct entry_confirm *v)
{
	const struct entry_row *entry = &v->entry;

	if (v->day >= 0 && v->day != entry->day)
		return CONFIRM_OTHER_DAY;
	if (v->source_hash != NULL && strcmp(v->source_hash, entry->source_hash) != 0)
		return CONFIRM_OTHER_SOURCE;
	if (entry->status == ENTRY_IGNORED)
		return CONFIRM_IGNORED;
	return entry->status == ENTRY_WITHDRAWN ? CONFIRM_WITHDRAWN : 0;
}

/* The number is one that the machine showed before the one it shows now, and no person's: then what was recorded since is not meant. */
static bool
means_the_past(const struct entry_row *entry, int64_t units_tenths, struct past_value *ret_said)
{
	if (units_tenths < 0 || units_tenths == entry->units_tenths || units_tenths == entry->person_units_tenths)
		return false;
	return past_find(entry->machine_values, units_tenths, ret_said);
}

static void
freeze(struct entry_row *entry, int64_t units_tenths, int64_t now_ms)
{
	struct past_value said;

	if (means_the_past(entry, units_tenths, &said)) {
		entry->total_seconds = said.seconds;
		entry->units_tenths = said.tenths;
		entry->rounding = said.rounding;
		entry->units_per = said.units_per;
		entry->minimum_tenths = said.minimum_tenths;
	}
	entry->frozen_seconds = entry->total_seconds;
	entry->status = ENTRY_SUBMITTED;
	entry->rows_vanished = false;
	entry->confirmed_ms = now_ms;
}

/* True if that is another than what stood there. */
static bool
put_text(char **field, const char *value)
{
	if (*field != NULL && strcmp(*field, value) == 0)
		return false;
	free(*field);
	*field = xstrdup(value);
	return true;
}

static bool
put_notes(char **notes, const char *value)
{
	if (value == NULL)
		return false;
	if (value[0] != '\0')
		return put_text(notes, value);
	if (*notes == NULL)
		return false;
	free(*notes);
	*notes = NULL;
	return true;
}

static const char *
or_else(const char *sent, const char *shown)
{
	return sent != NULL ? sent : shown != NULL ? shown : "";
}

/* They are a person's from now on, whoever wrote them first. An application only if it is not the machine's. */
static bool
take_words(const struct entry_confirm *v, struct entry_row *entry)
{
	int64_t units = v->units_tenths >= 0 ? v->units_tenths : entry_units_tenths(entry);
	bool changed = units != entry->person_units_tenths;

	entry->person_units_tenths = units;
	if (v->application != NULL && strcmp(v->application, entry_application(entry)) != 0)
		changed |= put_text(&entry->person_application, v->application);
	changed |= put_text(&entry->person_description, or_else(v->description, entry_description(entry)));
	changed |= put_text(&entry->person_matter, or_else(v->matter, entry_matter(entry)));
	changed |= put_notes(&entry->notes, v->notes);
	return changed;
}

/* Writes the entry, and what changes with it. */
static int
settle_and_write(struct txn *txn, const struct op *op, struct entry_row *entry)
{
	int r = txn_settle_around(txn, &op->options.units, op->now_ms, entry);

	if (r < 0)
		return r;
	entry->updated_ms = op->now_ms;
	txn_event_entries(txn, entry->alp_user_id, entry->day, op->now_ms);
	return txn_entry_update(txn, entry);
}

int
txn_entry_confirm(struct txn *txn, const struct op *op, struct entry_confirm *v)
{
	_cleanup_(entry_seen_release) struct entry_seen before = {0};
	int r = txn_entry_get_owned(txn, v->entry_id, v->alp_user_id, &v->entry);

	if (r < 0)
		return r;
	if (v->if_revision != 0 && v->if_revision != v->entry.revision)
		return -ESTALE;
	v->refusal = (enum confirm_refusal)refusal_of(v);
	if (v->refusal != 0)
		return -EPERM;
	before = entry_see(&v->entry);
	v->created = v->entry.status != ENTRY_SUBMITTED;
	if (v->created)
		freeze(&v->entry, v->units_tenths, op->now_ms);
	/* Confirming twice is as good as once. */
	if (take_words(v, &v->entry) || v->created) {
		r = txn_posting_let_go(txn, op, &v->actor, v->entry_id, &v->lock);
		if (r == -EPERM)
			v->refusal = CONFIRM_POSTING;
		if (r == 0)
			r = txn_learn(txn, &v->entry);
		if (r == 0)
			r = settle_and_write(txn, op, &v->entry);
	}
	if (r == 0)
		r = txn_audit_entry(txn, op->now_ms, &v->actor, AUDIT_CONFIRM, &before, &v->entry);
	return r < 0 ? r : txn_posting_show(txn, &v->entry, 1);
}

static int
confirm_run(struct txn *txn, struct op *op)
{
	return txn_entry_confirm(txn, op, op->verb);
}

void
app_entry_confirm(struct app *app, struct entry_confirm *v, app_done_fn done, void *arg)
{
	app_submit_once(app, v->once, v, confirm_run, NULL, done, arg);
}

void
entry_confirm_release(struct entry_confirm *v)
{
	entry_row_release(&v->entry);
}

int
txn_entry_revert(struct txn *txn, const struct op *op, struct entry_revert *v)
{
	_cleanup_(entry_seen_release) struct entry_seen before = {0};
	int r = txn_entry_get_owned(txn, v->entry_id, v->alp_user_id, &v->entry);

	if (r < 0)
		return r;
	if (v->if_revision != 0 && v->if_revision != v->entry.revision)
		return -ESTALE;
	before = entry_see(&v->entry);
	if (v->entry.status == ENTRY_PENDING) {
		r = txn_audit_entry(txn, op->now_ms, &v->actor, AUDIT_REVERT, &before, &v->entry);
		return r < 0 ? r : txn_entries_show(txn, op, &v->entry, 1);
	}
	if (v->entry.status != ENTRY_SUBMITTED)
		return -EPERM;
	r = txn_posting_let_go(txn, op, &v->actor, v->entry_id, &v->lock);
	if (r < 0)
		return r;
	/* The words stand as a person's already. */
	v->entry.status = ENTRY_PENDING;
	v->entry.frozen_seconds = -1;
	v->entry.confirmed_ms = 0;
	entry_settle(&v->entry);
	r = txn_unlearn(txn, &v->entry);
	if (r == 0)
		r = settle_and_write(txn, op, &v->entry);
	if (r == 0)
		r = txn_audit_entry(txn, op->now_ms, &v->actor, AUDIT_REVERT, &before, &v->entry);
	return r < 0 ? r : txn_entries_show(txn, op, &v->entry, 1);
}

static int
revert_run(struct txn *txn, struct op *op)
{
	return txn_entry_revert(txn, op, op->verb);
}

void
app_entry_revert(struct app *app, struct entry_revert *v, app_done_fn done, void *arg)
{
	app_submit(app, OP_WRITE, v, revert_run, NULL, done, arg);
}

void
entry_revert_release(struct entry_revert *v)
{
	entry_row_release(&v->entry);
}
