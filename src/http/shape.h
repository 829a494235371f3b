/* SPDX-License-Identifier: Apache-2.0 */
/* shape.h - what goes out, member by member: one table for each kind of thing an answer may hold.
 *
 * The renderers write by hand, for speed; these tables say what they write. From them comes the published contract, and a test holds every
 * answer of the daemon against it, with no member more and none less.
 *
 * Adding one: its table in shapes.c, its name below, and a row of routes.c that refers to it. Threads: any; constant.
 */
#ifndef RTALP_HTTP_SHAPE_H
#define RTALP_HTTP_SHAPE_H

#include <stdbool.h>
#include <stddef.h>

enum member_type {
	MEMBER_INTEGER = 1,
	MEMBER_COUNT,   /* an integer that is never negative */
	MEMBER_TENTHS,  /* a number with one decimal, never negative */
	MEMBER_SCORE,   /* a number from 0 to 1 with two decimals */
	MEMBER_PERCENT, /* a number with one decimal */
	MEMBER_BOOLEAN,
	MEMBER_TEXT,
	MEMBER_WORD,    /* one of `choices` */
	MEMBER_DAY,     /* YYYY-MM-DD */
	MEMBER_INSTANT, /* RFC 3339 in UTC, with milliseconds */
	MEMBER_SHAPE,   /* `of` */
	MEMBER_NOTHING  /* always null in this version */
};

struct shape;

struct member {
	const char *name;
	enum member_type type;
	bool nullable;
	bool optional;              /* may be missing altogether */
	bool list;                  /* an array of such */
	const char *const *choices; /* NULL-ended; "" at an index that is no choice */
	const struct shape *of;
	const char *summary;
	const char *example;        /* as JSON; NULL: one of its type */
};

struct shape {
	const char *name;           /* in the contract */
	const char *summary;
	const struct shape *base;   /* has all of these members too; NULL: none */
	const struct member *members;
	size_t count;
	bool open;                  /* may have members that are not described here */
};

/* What each kind of server-sent event has as its data, by its name; NULL-ended. */
struct event_shape {
	const char *event;
	const struct shape *shape;
};
extern const struct event_shape event_shapes[];

extern const char *const posting_state_choices[], *const posting_alp_state_choices[]; /* in the order of their numbers */
extern const struct shape shape_problem;
extern const struct shape shape_job, shape_job_with_history, shape_submitted_job;
extern const struct shape shape_suggestion;
extern const struct shape shape_time_entry, shape_confirmed_entry;
extern const struct shape shape_explanation;
extern const struct shape shape_day_report, shape_range_report;
extern const struct shape shape_posting, shape_posting_brief, shape_posting_with_history, shape_post_result;
extern const struct shape shape_rules_check;
extern const struct shape shape_user;
extern const struct shape shape_matter, shape_matter_import;
extern const struct shape shape_imported_day;
extern const struct shape shape_alp_object;
extern const struct shape shape_review_result, shape_audit_row;
extern const struct shape shape_settings;
extern const struct shape shape_queue_kind, shape_stored_key;
extern const struct shape shape_alp_probe, shape_alp_proof;
extern const struct shape shape_token, shape_new_token;
extern const struct shape shape_webhook, shape_new_webhook, shape_delivery;
extern const struct shape shape_backup, shape_store_check, shape_pruned, shape_posting_held, shape_person;
extern const struct shape shape_health;
extern const struct shape shape_contract;

#endif
