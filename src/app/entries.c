/* SPDX-License-Identifier: Apache-2.0 */
/* entries.c - reading draft entries, and what people do to them. */
#include <errno.h>
#include <stdlib.h>

#include "app/audit.h"
#include "app/internal.h"
#include "app/settle.h"
#include "app/suggest.h"
#include "base/alloc.h"
#include "store/event.h"
#include "store/posting.h"

int
txn_entries_show(struct txn *txn, const struct op *op, struct entry_row *entries, size_t count)
{
	int r = txn_suggest(txn, op->options.default_zone, op->now_ms, entries, count);

	return r < 0 ? r : txn_posting_show(txn, entries, count);
}

static int
query_run(struct txn *txn, struct op *op)
{
	struct entry_query *v = op->verb;
	int r = txn_entry_list(txn, &v->filter, &v->list);

	if (r == 0)
		r = txn_entries_show(txn, op, v->list.rows, v->list.count);
	if (r == 0 && v->render != NULL)
		v->render(op->arg);
	return r;
}

void
app_entry_query(struct app *app, struct entry_query *v, app_done_fn done, void *arg)
{
	app_submit(app, OP_READ, v, query_run, NULL, done, arg);
}

void
entry_query_release(struct entry_query *v)
{
	entry_list_release(&v->list);
}

int
txn_entry_get_owned(struct txn *txn, int64_t entry_id, int64_t alp_user_id, struct entry_row *ret_entry)
{
	int r = txn_entry_get(txn, entry_id, ret_entry);

	if (r == 0 && alp_user_id != 0 && ret_entry->alp_user_id != alp_user_id) {
		entry_row_release(ret_entry);
		*ret_entry = ENTRY_ROW_INIT;
		return -ENOENT;
	}
	return r;
}

static int
get_run(struct txn *txn, struct op *op)
{
	struct entry_get *v = op->verb;
	int r = txn_entry_get_owned(txn, v->entry_id, v->alp_user_id, &v->entry);

	return r < 0 ? r : txn_entries_show(txn, op, &v->entry, 1);
}

void
app_entry_get(struct app *app, struct entry_get *v, app_done_fn done, void *arg)
{
	app_submit(app, OP_READ, v, get_run, NULL, done, arg);
}

void
entry_get_release(struct entry_get *v)
{
	entry_row_release(&v->entry);
}

static void
edit_text(enum edit edit, const char *value, char **field)
{
	if (edit == EDIT_KEEP)
		return;
	free(*field);
	*field = edit == EDIT_SET ? xstrdup(value) : NULL;
}

static void
apply(const struct entry_edit *v, struct entry_row *entry)
{
	edit_text(v->application, v->application_value, &entry->person_application);
	edit_text(v->description, v->description_value, &entry->person_description);
	edit_text(v->matter, v->matter_value, &entry->person_matter);
	edit_text(v->notes, v->notes_value, &entry->notes);
	if (v->units == EDIT_SET)
		entry->person_units_tenths = v->units_tenths_value;
	else if (v->units == EDIT_RESET)
		entry->person_units_tenths = -1;
	if (v->status != 0)
		entry->status = v->status;
	entry_settle(entry);
}

static bool
changes_something(const struct entry_edit *v, const struct entry_row *entry)
{
	return v->application != EDIT_KEEP || v->description != EDIT_KEEP || v->matter != EDIT_KEEP || v->notes != EDIT_KEEP || v->units != EDIT_KEEP ||
	       (v->status != 0 && v->status != entry->status);
}

static enum audit_action
action_of(const struct entry_edit *v, const struct entry_seen *before)
{
	if (v->status == 0 || v->status == before->status)
		return AUDIT_EDIT;
	return v->status == ENTRY_IGNORED ? AUDIT_IGNORE : AUDIT_RESTORE;
}

/* What was done to it, and how it is now. */
static int
tell(struct txn *txn, const struct op *op, struct entry_edit *v, const struct entry_seen *before)
{
	int r = txn_audit_entry(txn, op->now_ms, &v->actor, action_of(v, before), before, &v->entry);

	return r < 0 ? r : txn_entries_show(txn, op, &v->entry, 1);
}

int
txn_entry_edit(struct txn *txn, const struct op *op, struct entry_edit *v)
{
	_cleanup_(entry_seen_release) struct entry_seen before = {0};
	int r = txn_entry_get_owned(txn, v->entry_id, v->alp_user_id, &v->entry);

	if (r < 0)
		return r;
	if (v->if_revision != 0 && v->if_revision != v->entry.revision)
		return -ESTALE;
	before = entry_see(&v->entry);
	/* Ignoring twice is as good as once, whatever else holds. */
	if (!changes_something(v, &v->entry))
		return tell(txn, op, v, &before);
	if (v->entry.merged_into != 0 && v->status == ENTRY_PENDING) {
		r = txn_entry_unmerge(txn, op, &v->actor, &v->entry);
		/* Nothing is recorded of it any more, and nobody said anything of it. */
		if (r < 0 || v->entry.status == ENTRY_WITHDRAWN)
			return r < 0 ? r : tell(txn, op, v, &before);
	}
	if (v->entry.status == ENTRY_SUBMITTED || v->entry.status == ENTRY_WITHDRAWN)
		return -EPERM;
	apply(v, &v->entry);
	/* A supplement keeps its time for being touched. */
	if (v->matter != EDIT_KEEP || v->status != 0 || v->entry.supplement_of != 0)
		r = txn_settle_around(txn, &op->options.units, op->now_ms, &v->entry);
	if (r < 0)
		return r;
	v->entry.updated_ms = op->now_ms;
	txn_event_entries(txn, v->entry.alp_user_id, v->entry.day, op->now_ms);
	r = txn_entry_update(txn, &v->entry);
	return r < 0 ? r : tell(txn, op, v, &before);
}

static int
edit_run(struct txn *txn, struct op *op)
{
	return txn_entry_edit(txn, op, op->verb);
}

void
app_entry_edit(struct app *app, struct entry_edit *v, app_done_fn done, void *arg)
{
	app_submit(app, OP_WRITE, v, edit_run, NULL, done, arg);
}

void
entry_edit_release(struct entry_edit *v)
{
	entry_row_release(&v->entry);
}
