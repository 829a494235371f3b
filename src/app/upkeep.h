/* SPDX-License-Identifier: Apache-2.0 */
/* upkeep.h - what an operator does for the store: copies of it, a look whether it keeps its promises, what is old goes now; and posting that is held
 * since it was put back from a backup. The conventions are those of app.h.
 *
 * Threads: the loop's.
 */
#ifndef RTALP_APP_UPKEEP_H
#define RTALP_APP_UPKEEP_H

#include "app/app.h"
#include "app/run.h"
#include "base/actor.h"
#include "store/alp_proof.h"
#include "store/backup.h"
#include "store/restore.h"

/* --- backups --------------------------------------------------------------------------------------------------------------- */

/* -EALREADY: one is being made; others in store/backup.h. The event tells the journal. */
struct backup_make {
	/* out */
	struct backup_wish wish;
	char *directory;
	int64_t begun_ms;
};
void app_backup(struct app *app, struct backup_make *v, app_done_fn done, void *arg);
void backup_make_release(struct backup_make *v);
/* The daemon is about to stop: what is being made is given up. */
void app_backup_stop(struct app *app);

struct backup_query {
	/* out */
	struct backup_list list;
	char *directory;
};
void app_backup_query(struct app *app, struct backup_query *v, app_done_fn done, void *arg);
void backup_query_release(struct backup_query *v);

/* --- does it keep its promises? --------------------------------------------------------------------------------------------- */

#define STORE_VIOLATIONS_MAX 1000 /* told */

struct store_look {
	bool audit_only;          /* only the audit's chain */
	/* out */
	int64_t broken;           /* promises */
	char **violations;
	size_t count;
	int64_t took_ms;
};
void app_store_look(struct app *app, struct store_look *v, app_done_fn done, void *arg);
void store_look_release(struct store_look *v);

/* --- what is old ------------------------------------------------------------------------------------------------------------ */

/* As often as it takes until nothing is left that is old enough. */
struct prune_all {
	/* out */
	int64_t jobs, answers, messages, checks, days;
	/* its own */
	struct app *app;
	struct prune prune;
	struct prune_raw raw;
	app_done_fn done;
	void *arg;
};
void app_prune_all(struct app *app, struct prune_all *v, app_done_fn done, void *arg);

/* --- posting that is held ---------------------------------------------------------------------------------------------------- */

struct posting_held {
	/* in, of app_posting_go_on() */
	struct once *once;        /* NULL: as often as asked for */
	struct actor actor;
	bool unexamined;          /* also before ALP was asked */
	/* out */
	struct restore_state state;
	bool held;
	struct alp_proof_list unknown; /* days of which ALP holds what is not known here, and why */
};
void app_posting_held(struct app *app, struct posting_held *v, app_done_fn done, void *arg);
/* -EPERM: ALP was not compared yet. Going on already is no fault. */
void app_posting_go_on(struct app *app, struct posting_held *v, app_done_fn done, void *arg);
void posting_held_release(struct posting_held *v);
/* As it is known on the loop: for readiness. */
bool app_posting_is_held(const struct app *app);

#endif
