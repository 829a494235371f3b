/* SPDX-License-Identifier: Apache-2.0 */
/* import.h - a day out of the prototype's database: what was recorded, and what a person decided there. The conventions are those of app.h.
 *
 * All of a day is one transaction, and the same day again changes nothing:
 *   - recorded rows become the day's activity, if nothing is recorded of it here yet; they have no times of day and stand at 00:00
 *   - a draft that a person ignored or wrote notes to becomes an entry with its rows; of any other the rules make one again, from the same rows
 *   - what was submitted becomes a confirmed entry with its units and words, and its seconds frozen; it keeps its rows whatever the rules say
 *     (decisions 1 and 7). It gets a posting: `posted` where ALP's id is known, else `needs_person` for good: nothing that was submitted there is
 *     ever sent from here, unless a person says that it is not in ALP, and posts it again
 *   - of a day that is recorded here only what was submitted is taken, so that it is not billed twice: rows move to it from entries that nobody
 *     decided about. Recorded time does not change
 *
 * Which rows an entry of the prototype had it does not say. import_match.h finds them.
 */
#ifndef RTALP_APP_IMPORT_H
#define RTALP_APP_IMPORT_H

#include <errno.h>

#include "app/app.h"

#define IMPORT_LINES_MAX   20000 /* of a day, all tables together */
#define IMPORT_ENTRIES_MAX 2000  /* of these, drafts and processed ones */

enum import_table { IMPORT_ACTIVITY, IMPORT_DRAFT, IMPORT_PROCESSED };
/* "activity_log", ... */
const char *import_table_name(enum import_table table);

enum import_outcome {
	IMPORT_OPEN,      /* nothing was decided */
	IMPORT_TAKEN,
	IMPORT_THERE,     /* it is here already */
	IMPORT_LEFT,      /* a draft nobody decided about: the rules make it */
	IMPORT_NOT_TAKEN,
	IMPORT_OUTCOMES
};
const char *import_outcome_name(enum import_outcome outcome);

struct import_line {
	/* in */
	enum import_table table;
	int64_t row;               /* its number there */
	char *application;         /* of a row: the activity */
	char *description;         /* of a row: the document */
	char *category;            /* of a row; NULL: none */
	int64_t seconds;           /* of processed ones: not known there */
	int32_t productivity;      /* of a row */
	int64_t units_tenths;      /* -1: none; never of processed ones */
	enum entry_status status;  /* of a processed one other than submitted: it was not sent */
	char *matter, *notes;      /* NULL: none */
	char *source_hash;         /* of drafts and processed ones: which belong together */
	char *alp_entry_id;        /* NULL: none */
	int64_t submitted_ms, created_ms; /* 0: not known */
	/* out */
	enum import_outcome outcome;
	const char *reason;        /* why, or what is odd about it; static; NULL: nothing */
};

#define IMPORT_DRY_RUN EUCLEAN
/* -EINVAL: `fault`, or `read` said so; -IMPORT_DRY_RUN: a dry run, and all is decided. */
struct import_day {
	/* in */
	struct actor actor;
	int64_t alp_user_id;
	day_t day;
	bool dry_run;              /* all is decided and nothing written */
	/* Fills the lines, with the `arg` of `done`, on a store thread: must touch nothing that the loop may change meanwhile. Less than 0: `done` is told. */
	int (*read)(void *arg);
	struct import_line *lines; /* owned: import_day_release() */
	size_t count;
	/* out */
	int64_t counts[IMPORT_OUTCOMES];
	struct app_fault fault;
};
void app_import_day(struct app *app, struct import_day *v, app_done_fn done, void *arg);
void import_day_release(struct import_day *v);

#endif
