/* SPDX-License-Identifier: Apache-2.0 */
/* Review actions and the audit that only pretend. */
#include <errno.h>
#include <stdlib.h>

#include "app/audit.h"
#include "app/import.h"
#include "app/review.h"
#include "base/alloc.h"
#include "fake_app.h"

void
app_audit_query(struct app *app, struct audit_query *v, app_done_fn done, void *arg)
{
	v->list.rows = xcalloc(1, sizeof *v->list.rows);
	v->list.rows[0] = (struct audit_row){.audit_id = 1, .at_ms = 1700000000000, .actor = {ACTOR_LOCAL, 0}, .action = AUDIT_EDIT, .alp_user_id = 42,
	    .entry_id = 5};
	v->list.count = 1;
	fake_answer(app, fake_verdict(v->filter.alp_user_id, NULL), done, arg);
}

void
audit_query_release(struct audit_query *v)
{
	free(v->list.rows);
	v->list = (struct audit_list){0};
}

void
app_audit_look(struct app *app, struct audit_look *v, app_done_fn done, void *arg)
{
	(void)v;
	fake_answer(app, 0, done, arg);
}

void
app_entries_review(struct app *app, struct entries_review *v, app_done_fn done, void *arg)
{
	for (size_t i = 0; i < v->count; i++)
		v->items[i].r = -ENOENT;
	fake_answer(app, v->count > 0 ? fake_verdict(v->items[0].edit.entry_id, NULL) : 0, done, arg);
}

void
review_item_release(struct review_item *item)
{
	(void)item;
}

void
app_entry_split(struct app *app, struct entry_split *v, app_done_fn done, void *arg)
{
	fake_answer(app, fake_verdict(v->entry_id, NULL), done, arg);
}

void
entry_split_release(struct entry_split *v)
{
	(void)v;
}

void
app_entries_merge(struct app *app, struct entries_merge *v, app_done_fn done, void *arg)
{
	fake_answer(app, fake_verdict(v->into, NULL), done, arg);
}

void
entries_merge_release(struct entries_merge *v)
{
	(void)v;
}

void
app_import_day(struct app *app, struct import_day *v, app_done_fn done, void *arg)
{
	int r = v->read(arg);

	fake_answer(app, r < 0 ? r : fake_verdict(v->alp_user_id, &v->fault), done, arg);
}
