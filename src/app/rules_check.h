/* SPDX-License-Identifier: Apache-2.0 */
/* rules_check.h - a changed rule set tried on stored days: what would become of the entries, and nothing written of it.
 *
 * It is a job: a worker judges the days by the text that came with it, merge_day() merges its verdicts into copies, and what differs from the
 * stored entries is told. The rules and the result are kept beside the job for a day (store/rule_check.h).
 *
 * Ownership: check_result_free() accepts NULL; it may be filled on a store thread, by one verb at a time. The verbs as in app.h.
 */
#ifndef RTALP_APP_RULES_CHECK_H
#define RTALP_APP_RULES_CHECK_H

#include "app/app.h"
#include "proto/rowset.h"
#include "rules/notes.h"
#include "rules/rule_places.h"
#include "rules/ruleset_file.h"
#include "store/rule_set.h"

#define CHECK_DAYS_MAX  62
#define CHECK_LINES_MAX 5000                        /* of the diff; what comes after those is counted only */
#define CHECK_BYTES_MAX ((size_t)4 * 1024 * 1024)   /* of the texts in them */
#define CHECK_RULES_NAME "rules"                    /* in the lines of faults */

/* --- asking ---------------------------------------------------------------------------------------------------------- */

/* Is that a rules file at all? -EINVAL: `faults` tells what is wrong with it. Away from the loop. */
struct rules_parse {
	struct str text;           /* borrowed until done */
	/* out */
	struct rule_faults faults;
};
void app_rules_parse(struct app *app, struct rules_parse *v, app_done_fn done, void *arg);
void rules_parse_release(struct rules_parse *v);

/* -EDQUOT: the queue is full. */
struct check_submit {
	struct once *once;         /* NULL: as often as asked for */
	int64_t alp_user_id;
	int32_t days;              /* counted back from and including today in the user's zone; 0: from_day..to_day */
	day_t from_day, to_day;
	struct str rules;          /* borrowed until done */
	/* out */
	struct job_row job;
};
void app_check_submit(struct app *app, struct check_submit *v, app_done_fn done, void *arg);
void check_submit_release(struct check_submit *v);

/* -ENOENT: there is no such check, or it is another user's and alp_user_id is not 0, or it is longer ago than a day. -EAGAIN: it has no result, and
 * `job` says why. */
struct check_get {
	int64_t job_id;
	int64_t alp_user_id;       /* 0: whoever's */
	/* out */
	struct job_row job;
	char *result;              /* JSON */
	size_t len;
};
void app_check_get(struct app *app, struct check_get *v, app_done_fn done, void *arg);
void check_get_release(struct check_get *v);

/* --- what comes of it ------------------------------------------------------------------------------------------------ */

/* What became of an entry; bits. */
enum check_change {
	CHECK_APPEARS, CHECK_VANISHES, CHECK_MOVES_MATTER, CHECK_GAINS_UNITS, CHECK_LOSES_UNITS, CHECK_GAINS_SECONDS, CHECK_LOSES_SECONDS,
	CHECK_RENAMED, CHECK_KEPT, CHECK_CHANGES
};

/* An entry as a reader sees it. */
struct check_side {
	bool there;
	char *application, *description, *matter; /* matter NULL: none */
	int64_t seconds, units_tenths;
	enum entry_status status;
};

struct check_line {
	day_t day;
	int64_t entry_id;          /* 0: a new one */
	unsigned changes;          /* 1 << enum check_change; CHECK_KEPT alone: a person's, it stays as it is */
	struct check_side before, after;
};

struct check_sums {
	int64_t entries, recorded_seconds, billed_tenths; /* pending and submitted */
	int64_t dropped_seconds;                          /* of rows that no entry has */
};

struct check_day_sums {
	day_t day;
	struct check_sums before, after;
};

struct check_hit {
	int64_t rows, seconds;
};

struct check_result {
	int64_t job_id, alp_user_id;
	day_t from_day, to_day;
	char version[RULES_VERSION_MAX], present[RULES_VERSION_MAX];
	struct units_policy units;
	struct rule_notes notes;
	struct rule_places places;
	struct check_hit *hits;    /* as many as places; of those that judge stored days */
	int64_t days_pruned;
	struct check_day_sums days[CHECK_DAYS_MAX]; /* newest first */
	size_t day_count;
	struct check_sums before, after;
	int64_t counts[CHECK_CHANGES]; /* of all entries, those too that have no line */
	struct check_line *lines;
	size_t line_count, bytes;
	int64_t lines_left_out;
};
struct check_result *check_result_free(struct check_result *c);

/* Is there any change in it? */
bool check_has_changes(const struct check_result *c);

/* --- the run --------------------------------------------------------------------------------------------------------- */

/* What the job was asked with. -ENOENT: it is gone; -EINVAL: its rules are none (any more). */
struct check_begin {
	int64_t job_id;
	/* out */
	char *text;
	size_t len;
	struct check_result *result;
};
void app_check_begin(struct app *app, struct check_begin *v, app_done_fn done, void *arg);
void check_begin_release(struct check_begin *v);

/* A day's verdicts: what they would change goes into the result. Reads only. -EBADMSG as of a merge. */
struct check_day {
	int64_t alp_user_id;
	day_t day;
	int64_t generation;
	struct rowset *verdicts;     /* taken over */
	struct check_result *result; /* nobody else touches it meanwhile */
	/* out */
	bool outdated;               /* the rows changed meanwhile; nothing was told */
};
void app_check_day(struct app *app, struct check_day *v, app_done_fn done, void *arg);
void check_day_release(struct check_day *v);

/* Keeps the result, as JSON. -ESTALE as in run.h. */
struct check_finish {
	int64_t job_id;
	int32_t run;
	struct str result;           /* borrowed until done */
};
void app_check_finish(struct app *app, struct check_finish *v, app_done_fn done, void *arg);

#endif
