/* SPDX-License-Identifier: Apache-2.0 */
/* review.h - what a person does to several entries at once. The conventions are those of app.h.
 *
 * Ownership, threads: as in app.h.
 */
#ifndef RTALP_APP_REVIEW_H
#define RTALP_APP_REVIEW_H

#include "app/app.h"

/* --- many at once -------------------------------------------------------------------------------------------------------- */

enum review_action { REVIEW_EDIT = 1, REVIEW_IGNORE, REVIEW_RESTORE, REVIEW_CONFIRM, REVIEW_REVERT };

/* What is asked for is filled in the verb that it is of; its `once` is not looked at. */
struct review_item {
	enum review_action action;
	struct entry_edit edit;       /* of REVIEW_EDIT, _IGNORE and _RESTORE */
	struct entry_confirm confirm;
	struct entry_revert revert;
	/* in: less than 0: refused already, and passed over. out: 0, or -ENOENT, -ESTALE, -EPERM as the verb says them */
	int r;
};
#define REVIEW_ITEMS_MAX 200

/* Each item is done or refused by itself, in their order; none of those that are done is ever done without the others. */
struct entries_review {
	/* in */
	struct once *once;         /* NULL: as often as asked for */
	struct review_item *items; /* the caller's */
	size_t count;
};
void app_entries_review(struct app *app, struct entries_review *v, app_done_fn done, void *arg);
void review_item_release(struct review_item *item);

#endif
