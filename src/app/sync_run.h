/* SPDX-License-Identifier: Apache-2.0 */
/* sync_run.h - the verbs by which postings stay in step with ALP: what is to be looked at, what was seen, who says that something changed, and the proof
 * that ALP holds the units that were posted. The conventions are those of app.h; the driver is daemon/syncer.h.
 *
 * Threads: the loop's.
 */
#ifndef RTALP_APP_SYNC_RUN_H
#define RTALP_APP_SYNC_RUN_H

#include "alp/alp_entry.h"
#include "app/app.h"
#include "store/alp_proof.h"
#include "store/posting.h"

/* Days of a user that one listing serves. */
struct sync_range {
	int64_t alp_user_id;
	day_t from, to;             /* of the postings */
	day_t list_from, list_to;   /* to be listed: ALP's idea of a day may be another, and somebody may have moved an entry */
};
struct sync_ranges {
	struct sync_range *rows;    /* free() it */
	size_t count;
};

/* `due` is told on the loop when there may be something to do before its time. NULL: nobody is. */
void app_on_sync_due(struct app *app, void (*due)(void *arg), void *arg);

/* What is due now. */
struct sync_due {
	size_t max;                 /* postings */
	/* out */
	struct sync_ranges ranges;
	int64_t next_ms;            /* when the next is that is not yet; INT64_MAX: none */
	bool proof;                 /* it is time for the nightly proof */
};
void app_sync_due(struct app *app, struct sync_due *v, app_done_fn done, void *arg);

/* One whose state changed in ALP, or that somebody has to look at. */
struct sync_change {
	int64_t posting_id, alp_user_id;
	enum posting_alp_state alp_state;
	bool changed;
	const char *look;           /* why; NULL: nobody has to */
};

/* What was listed of a range. Half a listing proves nothing about what is missing in it. */
struct sync_apply {
	/* in */
	struct sync_range range;
	const struct alp_entries *listed;
	bool complete;
	int64_t asked_ms;           /* when the listing was begun */
	bool prove;                 /* the proof of its days too; only a complete listing proves */
	/* out */
	struct sync_change *changes;
	size_t change_count;
	struct alp_proof_list proofs; /* those that differ */
};
void app_sync_apply(struct app *app, struct sync_apply *v, app_done_fn done, void *arg);
void sync_apply_release(struct sync_apply *v);

/* Somebody says that something changed: it is looked at now instead of later. Nothing else is believed of it. */
#define SYNC_HINTS_MAX 64
struct sync_hint {
	/* in */
	char ids[SYNC_HINTS_MAX][ALP_ID_MAX]; /* of ALP's entries */
	size_t id_count;
	struct posting_day days[SYNC_HINTS_MAX];
	size_t day_count;
	/* out */
	size_t found;               /* postings that are looked at now */
};
void app_sync_hint(struct app *app, struct sync_hint *v, app_done_fn done, void *arg);

/* --- the proof -------------------------------------------------------------------------------------------------------------- */

/* Wants one now. False: there is no ALP that lists entries. */
bool app_proof_want(struct app *app);
/* Was one wanted? Not any more then. */
bool app_proof_take(struct app *app);

/* Begins one: the ranges to be listed, of the last days of everybody. Today's nightly one is begun with it. */
struct proof_begin {
	/* out */
	int64_t examines;          /* the restore that posting is held for, whose days these are; 0: none */
	struct sync_ranges ranges;
};
void app_proof_begin(struct app *app, struct proof_begin *v, app_done_fn done, void *arg);

/* Every day of the restore that posting is held for was compared. */
struct proof_examined {
	int64_t restore_id;
};
void app_proof_examined(struct app *app, struct proof_examined *v, app_done_fn done, void *arg);

struct proof_query {
	struct alp_proof_filter filter;
	/* out */
	struct alp_proof_list list;
};
void app_proof_query(struct app *app, struct proof_query *v, app_done_fn done, void *arg);
void proof_query_release(struct proof_query *v);

#endif
