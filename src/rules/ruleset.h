/* SPDX-License-Identifier: Apache-2.0 */
/* ruleset.h - what a rule set is made of: tables, one row a rule. Data only; clean, vague, matter, merge and privacy walk them.
 *
 * A rule set comes from a rules file (ruleset_file.h) and never changes afterwards. Every row has an id that is stored with what it decided,
 * and the line of the file where it stands. A pointer in a row lives as long as the rule set does.
 */
#ifndef RTALP_RULES_RULESET_H
#define RTALP_RULES_RULESET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rules/units.h"

/* A regular expression (PCRE2, UTF and UCP, newline is LF alone) and what is cheap to ask before it is tried. */
struct pattern_def {
	const char *regex;
	const char *literal; /* bytes that stand in everything it matches; NULL: what match.c can see in the regex itself */
	unsigned digits;     /* how many decimal digits stand in a row in everything it matches; 0: as above */
	bool caseless;       /* of the regex; the literal is always compared as it is */
};

/* Which applications a rule is for. */
enum app_how { APP_ANY, APP_IS, APP_CONTAINS, APP_MATCHES };
struct app_test {
	enum app_how how;
	const char *text; /* a regular expression for APP_MATCHES */
	bool caseless;
};

/* An example that stands beside a rule. It goes through the whole rule set, and the rule it stands beside must have fired on it, or, if it is
 * a counter-example, must not. */
enum example_want {
	WANT_TASK,      /* the description is `text` */
	WANT_DROPPED,   /* no entry comes of it */
	WANT_MATTER,    /* the matter is `text`; "": none */
	WANT_TITLE,     /* privacy: the stored title is `text` */
	WANT_EXCLUDED,  /* privacy: nothing but its seconds is stored */
	WANT_UNTOUCHED  /* a counter-example */
};
struct example {
	const char *application, *title, *category;
	enum example_want want;
	const char *text;
	unsigned line;
};

struct rule_head {
	const char *id;
	unsigned line; /* of the file; 0: not from a file */
	const struct example *examples;
	size_t example_count;
};

/* Cleaning runs stage by stage, in the order of this list; within a stage, step by step. */
enum clean_stage {
	STAGE_NAME, /* what the title is about: a document's name, if one can be seen in it */
	STAGE_NOISE /* what a program added to it */
};

enum clean_kind {
	CLEAN_REPLACE, /* everything the pattern matches becomes `replacement`, "" to strip it; $1 is its first group */
	CLEAN_TRIM,    /* white space at both ends goes */
	CLEAN_EXTRACT, /* the first match (its group "title", if it has one), trimmed, becomes the title and the stage ends; without one it goes on */
	CLEAN_RENAME,  /* a title that matches becomes `replacement`, $1 as above, and the stage ends */
	CLEAN_DROP,    /* a title that matches is dropped */
	CLEAN_END      /* the stage ends with the title as it is */
};

struct clean_step {
	struct rule_head head;
	enum clean_stage stage;
	enum clean_kind kind;
	struct app_test app;
	const char *if_prefix; /* the title, as cleaned so far, begins with this; NULL: any */
	struct pattern_def pattern;
	const char *replacement; /* CLEAN_REPLACE, CLEAN_RENAME */
};

enum vague_kind {
	VAGUE_NAME,   /* the title is `text` */
	VAGUE_PREFIX, /* the title begins with `text` */
	VAGUE_PATTERN /* `pattern` matches */
};

/* Cleaned titles that say nothing about the work. Compared trimmed. */
struct vague_rule {
	struct rule_head head;
	enum vague_kind kind;
	const char *text;
	bool caseless; /* of `text` */
	struct pattern_def pattern;
};

/* Words that stand near a number; near.h says how. */
struct near_words {
	const char *const *texts;
	size_t count;
};

/* Where a matter code stands: the group "code" of the pattern, or its first one. */
struct matter_rule {
	struct rule_head head;
	int32_t priority; /* of two codes that were found, the one of the higher priority counts; 0..100 */
	struct app_test app;
	struct pattern_def pattern;
	struct near_words after; /* only behind one of these; none: wherever it stands */
};

/* What looks like a code and is none: a code that overlaps a match of the pattern is refused, and one that stands near one of the words. */
struct refuse_rule {
	struct rule_head head;
	struct app_test app;
	struct pattern_def pattern; /* regex NULL: none */
	struct near_words after, after_number, before;
};

enum matter_source {
	MATTER_FROM_TASK,  /* the cleaned title */
	MATTER_FROM_TITLES /* the raw titles of all rows of the entry */
};

enum matter_listing {
	LIST_REQUIRE, /* if the firm's matters are known, no other code is accepted */
	LIST_PREFER,  /* a code that is on the list counts before one that is not */
	LIST_IGNORE
};

/* What rows have in common that become one entry; bits. */
enum merge_key { MERGE_APPLICATION = 1 << 0, MERGE_TASK = 1 << 1, MERGE_MATTER = 1 << 2, MERGE_CATEGORY = 1 << 3 };

/* At intake, before anything is stored. The first exclusion that fits ends it; redactions run one after another. */
enum privacy_kind {
	PRIVACY_EXCLUDE, /* only the seconds are counted */
	PRIVACY_REDACT   /* everything the pattern matches in the title becomes `replacement` */
};
struct privacy_rule {
	struct rule_head head;
	enum privacy_kind kind;
	struct app_test app;
	const char *category; /* exactly, in any case; NULL: any */
	struct pattern_def pattern; /* of the title; regex NULL: any */
	const char *replacement;
};

/* Minutes since local midnight, [from, to), on the days of the bits 1 << weekday (0: Monday). days 0: always. */
struct work_hours {
	uint8_t days;
	int16_t from_min, to_min;
};

struct ruleset {
	char version[33]; /* BLAKE2b-128 of the file's bytes, in hexadecimal */
	const struct clean_step *clean;
	size_t clean_count;
	const struct vague_rule *vague;
	size_t vague_count;
	size_t vague_chars_max; /* a longer title is never vague: it describes something */
	enum matter_source matter_source;
	enum matter_listing matter_listing;
	const struct matter_rule *matter;
	size_t matter_count;
	const struct refuse_rule *refuse;
	size_t refuse_count;
	unsigned merge_keys;
	int64_t minimum_seconds; /* an entry with less is none */
	struct units_policy units;
	const struct privacy_rule *privacy;
	size_t privacy_count;
	struct work_hours hours; /* what was recorded outside of them is excluded */
	void *memory;            /* everything the rows point to */
};

#endif
