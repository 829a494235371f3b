/* SPDX-License-Identifier: Apache-2.0 */
/* explain.h - how an entry came about: its rows, what each rule did to them, what joined them, which matter won and why, what was rounded, and
 * what a person made of it.
 *
 * It is read from what was stored when the entry was decided (store/verdicts.h, store/rule_set.h), so it holds whatever the rules are by now. The rows
 * are those that are its own now and those that were when it was decided; each says which.
 *
 * Nothing that a worker wrote is trusted (steps.h). Where something is missing or damaged the rest is told all the same.
 *
 * Ownership: explanation_release() accepts a zeroed one. Threads: explain_*() are pure; the verb as in app.h.
 */
#ifndef RTALP_APP_EXPLAIN_H
#define RTALP_APP_EXPLAIN_H

#include "app/app.h"
#include "app/steps.h"
#include "base/buf.h"
#include "proto/rowset.h"
#include "rules/rule_places.h"
#include "store/rule_set.h"
#include "store/verdicts.h"

#define EXPLAIN_ROWS_MAX       500 /* those with most time; the others are counted */
#define EXPLAIN_CANDIDATES_MAX 50
#define EXPLAIN_KEYS_MAX       4

/* One judgement of the entry's day. */
struct explain_rules {
	bool known;                  /* the verdicts are there, and sound */
	bool damaged;                /* they are there, and are not */
	struct verdicts_row verdicts;
	struct rowset *rows;
	char *file;                  /* the name of the rules file; NULL: not kept */
	struct rule_places places;
};

enum explain_by { BY_NONE, BY_DECIDED, BY_NEWEST };

enum explain_state {
	ROW_COUNTED = 1, /* the entry's, as the rules say */
	ROW_KEPT,        /* the entry's because a person touched it; the rules now say something else */
	ROW_GONE,        /* it was the entry's when that was decided, and is not any more */
	ROW_UNJUDGED     /* the entry's; what the rules said of it is not known */
};

struct explain_row {
	char *application, *title, *category;
	int64_t seconds;        /* of the entry's time now */
	int64_t judged_seconds; /* when the rules saw it; -1: not known */
	enum explain_state state;
	enum explain_by by;     /* whose steps these are */
	char *now;              /* ROW_KEPT: the description the rules would give it; NULL: they drop it, or know nothing of it */
	char *now_rule;         /* ROW_KEPT: the rule that drops it, or NULL */
	struct steps steps;
	struct step_times times;
};

struct explain_candidate {
	char *code;
	char rule[RULE_ID_SIZE]; /* the one that counts, of all that found it; empty: it is not on the list */
	int32_t priority;
	int64_t seconds, rows;
	bool chosen;
};

struct explain_key {
	char *name, *value; /* value NULL: too long to be kept, only its digest was */
};

/* The sum that was rounded, if it was a matter's. */
struct explain_sum {
	int64_t seconds, tenths; /* of the whole matter */
	int64_t held_tenths;     /* of that, what submitted lines have */
	int64_t lines;
};

struct explanation {
	struct entry_row entry;
	const char *matter;                   /* as a reader sees it, borrowed from the entry; NULL: none */
	int64_t units_tenths;                 /* likewise */
	bool touched;                         /* by a person */
	/* Of a supplement the rows are another entry's (entry.h), and so is what decided them; else it is the entry itself. */
	int64_t rows_of;
	int64_t *merged;                      /* entries that a person merged into that one: their rows count for it */
	size_t merged_count;
	char source_hash[SOURCE_HASH_TEXT_MAX];
	int64_t verdicts_id;
	int64_t before_seconds;               /* of its family billed before it, to which its units are added */
	struct explain_rules decided, newest; /* the same judgement twice: only the first is set */
	bool pruned;                          /* the day's raw rows are gone: what is told of rows is what was kept */
	struct explain_row *rows;             /* most time first */
	size_t row_count;
	int64_t rows_left_out, seconds_left_out;
	int64_t merged_rows, merged_seconds;  /* when it was decided */
	struct explain_key keys[EXPLAIN_KEYS_MAX];
	size_t key_count;
	struct explain_candidate *candidates; /* the surest first */
	size_t candidate_count;
	bool candidates_complete;
	bool per_matter;
	struct explain_sum sum;               /* per_matter */
};
void explanation_release(struct explanation *e);

/* -ENOENT as with jobs. */
struct entry_explain {
	int64_t entry_id;
	int64_t alp_user_id;       /* 0: whoever's */
	void (*render)(void *arg); /* NULL: none; as in struct entry_query */
	/* out */
	struct explanation told;
};
void app_entry_explain(struct app *app, struct entry_explain *v, app_done_fn done, void *arg);
void entry_explain_release(struct entry_explain *v);

/* Where a rule stands by the judgement that the row, or the entry (BY_DECIDED), goes by; NULL: not known. */
const struct explain_rules *explain_rules_by(const struct explanation *e, enum explain_by by);
const struct rule_place *explain_place(const struct explain_rules *rules, const char *id);

/* explain_text.c: sentences. */
void explain_why_matter(const struct explanation *e, struct buf *out);
void explain_why_units(const struct explanation *e, struct buf *out);
/* The whole, as lines with a newline behind each; no other control character is in them. */
void explain_text(const struct explanation *e, struct buf *out);

/* What was done, by its kind: "stripped", "dropped"; for a rule that is not known "fired". */
const char *explain_does(const struct rule_place *place, enum step_what what);

/* explain_matter.c: the candidates of rows that were judged together, by votes of `count` rows, into e. */
struct explain_vote {
	struct str trail;
	int64_t seconds;
};
void explain_candidates(struct explanation *e, const struct explain_vote *votes, size_t count);

/* What the row's group says (proto/row_group.h) into e->keys; what is no such name gives none. */
void explain_keys(struct explanation *e, const struct row_view *verdict);

#endif
