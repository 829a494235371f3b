/* SPDX-License-Identifier: Apache-2.0 */
/* report.h - where every second of a user's days is, and what was billed of it.
 *
 * Always, of a day and so of any number of them: captured + overhang = the sum of the places. A range is the sum of its days.
 *
 * Billed are pending and submitted entries, by the units a reader sees; ignored ones are not. What rounding added is that less what was recorded of
 * them, to the second.
 *
 * Ownership: the *_release() accept zeroed ones. Threads: report_*() below are pure; the verbs as in app.h.
 */
#ifndef RTALP_APP_REPORT_H
#define RTALP_APP_REPORT_H

#include "app/app.h"
#include "rules/rule_places.h"

#define REPORT_DAYS_MAX    366
#define REPORT_DROPPED_MAX 1000 /* rows that are told one by one, those with most time */

enum report_warning {
	WARN_UNITS_ABOVE_CAPTURED = 1 << 0, /* more was billed of a day than was recorded on it */
	WARN_UNITS_ABOVE_DAY = 1 << 1       /* more than a day has hours */
};

struct billing {
	int64_t lines;
	int64_t recorded_seconds; /* of a submitted one: as it was frozen */
	int64_t billed_tenths;
	/* What either rounding would make of the recorded seconds, by what is rounded and by the minimum that hold on the day. */
	int64_t tenth_up_tenths, unit_up_tenths;
};
int64_t billing_billed_seconds(const struct billing *b);
int64_t billing_added_seconds(const struct billing *b);  /* less than 0: less was billed than was recorded */
int64_t billing_added_permille(const struct billing *b); /* rounded; 0 if nothing was recorded */
void billing_add(struct billing *to, const struct billing *b);

struct report_sums {
	int64_t captured_seconds, overhang_seconds;
	int64_t pending_seconds, submitted_seconds, supplement_seconds, ignored_seconds;
	int64_t filtered_seconds, below_minimum_seconds, excluded_seconds;
	int64_t unprocessed_seconds; /* fetched, but the rules have not seen them yet */
	int64_t entries;             /* pending and ignored and submitted ones */
	int64_t units_tenths;        /* of the pending entries, as a reader sees them */
	struct billing billing;
	unsigned warnings;           /* of any of the days */
};
bool report_is_balanced(const struct report_sums *s);
void report_sums_add(struct report_sums *to, const struct report_sums *s);

struct filtered_time {
	char *rule;
	int64_t seconds;
	int64_t rows;
};
struct filtered_list {
	struct filtered_time *rows; /* most time first */
	size_t count;
};

struct matter_billing {
	char *matter; /* "": none */
	struct billing billing;
};
struct matter_billings {
	struct matter_billing *rows; /* by matter; what has none comes first */
	size_t count;
};

/* What the entries of one day bill, by matter. */
void report_bill_day(const struct units_policy *policy, const struct entry_list *day, struct matter_billings *ret_matters);

struct dropped_row {
	char *application, *title, *category, *rule;
	int64_t seconds;
};

/* -ENOENT if the day was never fetched. */
struct report_day {
	int64_t alp_user_id;
	day_t day;
	/* out */
	struct day_row state;
	struct report_sums sums;
	struct filtered_list filtered;
	struct matter_billings matters;
	struct dropped_row *dropped; /* most time first */
	size_t dropped_count;
	int64_t dropped_left_out;    /* rows */
	bool raw_rows_kept;          /* false: what was recorded is pruned, `dropped` is empty */
	char *rules_file;            /* of the rules that judged the day; NULL: not known */
	struct rule_places places;   /* in its text */
};
void app_report_day(struct app *app, struct report_day *v, app_done_fn done, void *arg);
void report_day_release(struct report_day *v);

enum report_by { REPORT_BY_DAY = 1, REPORT_BY_MATTER, REPORT_BY_RULE };

struct report_day_sums {
	day_t day;
	struct report_sums sums;
};

/* The days of [from, to] that were ever fetched, none of them being no error. */
struct report_range {
	int64_t alp_user_id;
	day_t from, to;
	enum report_by by;
	void (*render)(void *arg); /* NULL: none; as in struct entry_query */
	/* out */
	struct report_sums sums;
	struct report_day_sums *days; /* every one, whatever `by` is */
	size_t day_count;
	struct filtered_list filtered;
	struct matter_billings matters;
};
void app_report_range(struct app *app, struct report_range *v, app_done_fn done, void *arg);
void report_range_release(struct report_range *v);

#endif
