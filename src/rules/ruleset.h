/* SPDX-License-Identifier: Apache-2.0 */
/* ruleset.h - what a rule set is made of: tables, one row a rule. Data only; clean, vague and matter walk them.
 *
 * Every row has an id that is stored with what it decided, so an id never changes its meaning and is never used again.
 * A pointer in a row lives as long as the tables do.
 */
#ifndef RTALP_RULES_RULESET_H
#define RTALP_RULES_RULESET_H

#include <stdbool.h>
#include <stddef.h>

/* A regular expression (PCRE2, UTF and UCP, newline is LF alone) and what is cheap to ask before it is tried. */
struct pattern_def {
	const char *regex;
	const char *literal; /* bytes that stand in everything it matches; NULL: none are known */
	unsigned digits;     /* how many decimal digits stand in a row in everything it matches */
	bool caseless;       /* of the regex; the literal is always compared as it is */
};

/* Cleaning runs stage by stage, in the order of this list; within a stage, step by step. */
enum clean_stage {
	STAGE_NAME, /* what the title is about: a document's name, if one can be seen in it */
	STAGE_NOISE /* what a program added to it */
};

enum clean_kind {
	CLEAN_REPLACE, /* everything the pattern matches becomes `replacement`, "" to strip it; $1 is its first group */
	CLEAN_TRIM,    /* white space at both ends goes */
	CLEAN_EXTRACT, /* the first match, trimmed, becomes the title and the stage ends; without one it goes on */
	CLEAN_DROP,    /* a title that matches is dropped */
	CLEAN_END      /* the stage ends with the title as it is */
};

struct clean_step {
	const char *id;
	enum clean_stage stage;
	enum clean_kind kind;
	const char *if_activity; /* the activity contains this; NULL: any */
	const char *if_prefix;   /* the title, as cleaned so far, begins with this; NULL: any */
	struct pattern_def pattern;
	const char *replacement; /* CLEAN_REPLACE only */
};

enum vague_kind {
	VAGUE_NAME,   /* the title is `text` */
	VAGUE_PREFIX, /* the title begins with `text` */
	VAGUE_PATTERN /* `pattern` matches */
};

/* Cleaned titles that say nothing about the work. Compared trimmed. */
struct vague_rule {
	const char *id;
	enum vague_kind kind;
	const char *text;
	struct pattern_def pattern;
};

/* Where a matter code stands: the first group of the first rule that matches. */
struct matter_rule {
	const char *id;
	struct pattern_def pattern;
};

struct ruleset {
	const char *version;
	const struct clean_step *clean;
	size_t clean_count;
	const struct vague_rule *vague;
	size_t vague_count;
	size_t vague_chars_max; /* a longer title is never vague: it describes something */
	const struct matter_rule *matter;
	size_t matter_count;
};

extern const struct ruleset builtin_ruleset;

#endif
