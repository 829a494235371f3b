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

/* --- one into several ---------------------------------------------------------------------------------------------------- */

struct split_part {
	int64_t seconds;           /* in: by time. out: what it got */
	int64_t share;             /* in: by share, in proportion to the others; 0: by time */
	const char *application, *description, *matter, *notes; /* NULL: as the entry shows it, but no notes; matter "": there is none */
};
#define SPLIT_PARTS_MAX 20

/* Divides the time of a draft. The first part stays the entry itself, and later minutes are its; the others are new entries, supplements of it. All
 * are a person's from then on, and units that a person set are divided like the time. To the second: -EINVAL with `fault` if the parts do not
 * add up to it, or one is empty. -ENOENT; -ESTALE; -EPERM if it is not pending. */
struct entry_split {
	/* in */
	struct once *once;         /* NULL: as often as asked for */
	struct actor actor;        /* who does it */
	int64_t entry_id;
	int64_t alp_user_id;       /* 0: whoever's */
	int64_t if_revision;       /* 0: any */
	struct split_part *parts;  /* the caller's */
	size_t count;              /* 2..SPLIT_PARTS_MAX */
	/* out */
	struct app_fault fault;
	int64_t total_seconds;     /* with the fault: what they are to add up to */
	enum entry_status status;  /* with -EPERM */
	struct entry_list entries; /* one for each part */
};
void app_entry_split(struct app *app, struct entry_split *v, app_done_fn done, void *arg);
void entry_split_release(struct entry_split *v);

/* --- several into one ---------------------------------------------------------------------------------------------------- */

enum merge_refusal {
	MERGE_INTO_PART = 1, /* what they are to be merged into has no rows of its own, or is merged itself */
	MERGE_NOT_PENDING,   /* one of them */
	MERGE_OTHER_DAY,     /* one is of another user or day */
	MERGE_IS_PART,       /* one is a part of an entry that is not merged into */
	MERGE_CONFIRMED      /* a part of one is confirmed */
};

#define MERGE_ENTRIES_MAX 50

/* Gives the rows of drafts to another draft of the same day: those that are there and those that come, whatever the rules say. The merged ones are
 * withdrawn, and any of them can be taken back (app_entry_edit() to pending) until the other is confirmed. A part that was split off goes
 * back into its entry for good. Units that a person set add up. -ENOENT: `which` says what; -ESTALE; -EPERM: `refusal` and `which` say why. */
struct entries_merge {
	/* in */
	struct once *once;         /* NULL: as often as asked for */
	struct actor actor;        /* who does it */
	int64_t into;
	int64_t alp_user_id;       /* 0: whoever's */
	int64_t if_revision;       /* of `into`; 0: any */
	const int64_t *entry_ids;  /* not `into`, none twice */
	size_t count;              /* 1..MERGE_ENTRIES_MAX */
	const char *description, *matter, *notes; /* NULL: as `into` shows it; "": none */
	/* out */
	enum merge_refusal refusal;
	int64_t which;
	struct entry_row entry;
};
void app_entries_merge(struct app *app, struct entries_merge *v, app_done_fn done, void *arg);
void entries_merge_release(struct entries_merge *v);

#endif
