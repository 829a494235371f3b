/* SPDX-License-Identifier: Apache-2.0 */
/* matter.h - which matter a title names, by tables of what a code looks like and what only looks like one, and by the firm's list.
 *
 * A candidate is what a code rule matched, or, where the list is known, words of the title that the list has: aliases, and codes of at least
 * MATTERS_BARE_MIN bytes with a digit in them. One whose bytes overlap a match of a refuse rule is none, nor one near a word of it (near.h), nor
 * one in a title on which a refuse rule ran into a limit of the matcher. Places that hold a candidate already are not tried again by a rule that
 * states its digits.
 *
 * What is found in the titles of one entry goes into a ballot, which decides in the same way whatever the order was.
 *
 * Work and memory for one title are bounded: so many candidates, so many matches of a rule, so many words.
 *
 * Ownership: *_free() and *_release() accept NULL and zeroed ones; matcher and rule set must outlive matters. Threads: one at a time, it uses
 * the matcher.
 */
#ifndef RTALP_RULES_MATTER_H
#define RTALP_RULES_MATTER_H

#include "base/buf.h"
#include "base/macro.h"
#include "proto/matter_list.h"
#include "rules/match.h"
#include "rules/ruleset.h"

#define MATTERS_FOUND_MAX 32u /* in one title; what stands behind them is not looked at */
#define MATTERS_BARE_MIN  5u

/* The less, the less sure. */
enum matter_standing {
	STANDING_UNLISTED, /* the list is required, and has no such code */
	STANDING_PATTERN,  /* it looks like a code; the list is not known, is not asked, or only preferred and does not have it */
	STANDING_ALIAS,    /* the list has it as another name of the code */
	STANDING_LISTED
};

struct matter_found {
	struct str code; /* borrowed from the title or the list */
	const struct matter_rule *rule;
	enum matter_standing standing;
};

struct matters;

/* -EINVAL if a pattern does not compile. */
int matters_new(struct matcher *m, const struct ruleset *set, struct matters **ret_matters) _must_check_;
struct matters *matters_free(struct matters *s);

/* The title becomes the matcher's subject if it is not. Writes at most `max` to found, each code once with the best it was found by, and returns how many. An empty list is as good as none. A title
 * is to be cut to a bound before. What was found, and what was refused by which rule, goes to the trail unless it is NULL. */
size_t matters_collect(struct matters *s, const struct matter_list *list, struct str application, struct str title,
		       struct matter_found *found, size_t max, struct buf *trail);

struct matter_decision {
	struct str code;      /* borrowed as it was in found; empty: none */
	const char *rule;     /* the id of the one that found it; NULL if nothing was found */
	const char *evidence; /* "listed", "alias", "pattern"; "unlisted": nothing that was found is on the list; "": nothing was found */
};

struct matter_vote;
struct matter_ballot { /* zeroed: empty */
	struct matter_vote *votes;
	size_t count, room;
};

/* What is borrowed must live until the decision is no longer used. */
void matter_ballot_add(struct matter_ballot *b, const struct matter_found *found, size_t count, int64_t seconds);
/* The surest standing, then the highest priority, then most seconds, then the least code by bytes. */
void matter_ballot_decide(struct matter_ballot *b, struct matter_decision *ret_decision);
void matter_ballot_clear(struct matter_ballot *b); /* keeps its memory for the next entry */
void matter_ballot_release(struct matter_ballot *b);

/* The rule of what only the list found. */
#define MATTERS_LIST_RULE "matter.list"

DEFINE_POINTER_CLEANUP(struct matters, matters_free, matters_freep)

#endif
