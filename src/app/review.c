/* SPDX-License-Identifier: Apache-2.0 */
#include "app/review.h"

#include <errno.h>

#include "app/internal.h"

/* The verb was asked and said no, and wrote nothing. */
static bool
is_refusal(int r)
{
	return r == -ENOENT || r == -ESTALE || r == -EPERM;
}

static int
item_run(struct txn *txn, const struct op *op, struct review_item *item)
{
	switch (item->action) {
	case REVIEW_CONFIRM:
		return txn_entry_confirm(txn, op, &item->confirm);
	case REVIEW_REVERT:
		return txn_entry_revert(txn, op, &item->revert);
	case REVIEW_EDIT:
	case REVIEW_IGNORE:
	case REVIEW_RESTORE:
	default:
		return txn_entry_edit(txn, op, &item->edit);
	}
}

static int
review_run(struct txn *txn, struct op *op)
{
	struct entries_review *v = op->verb;

	for (size_t i = 0; i < v->count; i++) {
		if (v->items[i].r < 0)
			continue;
		v->items[i].r = item_run(txn, op, &v->items[i]);
		if (v->items[i].r < 0 && !is_refusal(v->items[i].r))
			return v->items[i].r;
	}
	return 0;
}

void
app_entries_review(struct app *app, struct entries_review *v, app_done_fn done, void *arg)
{
	app_submit_once(app, v->once, v, review_run, NULL, done, arg);
}

void
review_item_release(struct review_item *item)
{
	entry_edit_release(&item->edit);
	entry_confirm_release(&item->confirm);
	entry_revert_release(&item->revert);
}
