/* SPDX-License-Identifier: Apache-2.0 */
/* match.h - regular expressions over titles that others control. The only place that knows PCRE2.
 *
 * The interpreter only: a hardened unit forbids the memory that a JIT needs. Most patterns are not tried at all: what a title must have for
 * them is compared with its shape (needs.h). Each match is bounded in work (guard.h), depth and memory; one that runs into a bound counts as
 * no match. Subjects must be clean UTF-8 (rowset strings are), they are not checked again.
 *
 * Nothing but memory is asked of the system by finding and replacing, so a confined worker may do both.
 *
 * Ownership: *_free() accept NULL. Threads: a pattern is immutable; a matcher is scratch memory: one at a time.
 */
#ifndef RTALP_RULES_MATCH_H
#define RTALP_RULES_MATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/macro.h"
#include "base/str.h"
#include "rules/needs.h"
#include "rules/ruleset.h"

struct matcher;
struct pattern;

struct matcher *matcher_new(void);
struct matcher *matcher_free(struct matcher *m);

/* The definition must outlive the pattern. -EINVAL for a regex that does not compile or has more than 15 groups;
 * *ret_pattern is untouched then. */
int pattern_new(struct matcher *m, const struct pattern_def *def, struct pattern **ret_pattern) _must_check_;
/* False if the definition is no good: then `why` has PCRE2's words for it. A replacement (NULL: none) must not name a group that is not
 * there, and at least so many groups must be there. */
bool pattern_check(struct matcher *m, const struct pattern_def *def, const char *replacement, unsigned least_groups, char *why,
		   size_t why_size);
struct pattern *pattern_free(struct pattern *p);

/* The number of a named group, or 0: the whole match. */
unsigned pattern_group(const struct pattern *p, const char *name);

/* False if the pattern can only match at the beginning of a title and no title that begins so is matched. */
bool pattern_may_begin(struct matcher *m, const struct pattern *p, struct str start);

/* What matcher and pattern compare first, for who asks many patterns: where pattern_misses() the subject has no match of the pattern. Both stay where they are. */
const struct shape *matcher_shape(const struct matcher *m);
const struct needs *pattern_needs(const struct pattern *p);

static inline bool
pattern_misses(const struct needs *needs, const struct shape *shape)
{
	return needs != NULL && !needs_met(needs, shape);
}

/* Says what the next questions are about: its shape is read once, and the work of all of them together is bounded. Whoever changes the bytes says
 * so. Of anything else may be asked as well; each such question is on its own. */
void matcher_subject(struct matcher *m, struct str subject);
bool matcher_is_about(const struct matcher *m, struct str subject);
/* The same title, changed by a rule: the work goes on counting. */
void matcher_subject_changed(struct matcher *m, struct str subject);
/* The title as it was at first, from which other rules begin: the work counts anew. */
void matcher_subject_again(struct matcher *m);

/* Whether a match since the last question was given up at a limit (and so came out as none). */
bool matcher_ran_into_limit(struct matcher *m);
/* The same, and it goes on being so. */
bool matcher_is_limited(const struct matcher *m);
/* Whether what the last replacement or rewriting would have made did not fit. */
bool matcher_had_no_room(const struct matcher *m);
/* What was counted of the work on the subject so far; at most MATCH_WORK_MAX. Short titles that run into no limit cost nothing. */
size_t matcher_work(const struct matcher *m);
#define MATCH_WORK_MAX ((size_t)24000)

/* Sets *ret_part, borrowed from the subject, to the given group of the first match (0: all of it); empty for a group
 * that took no part. */
bool pattern_find(struct matcher *m, const struct pattern *p, struct str subject, unsigned group, struct str *ret_part);

/* Likewise, of the first match that begins at `from` (or the next border of a character) or behind it; a look-behind still sees what stands
 * before. *ret_whole is all of it; *ret_part has no bytes and no place (p is NULL) for a group that took no part. */
bool pattern_find_from(struct matcher *m, const struct pattern *p, struct str subject, size_t from, unsigned group,
		       struct str *ret_whole, struct str *ret_part);

/* Writes the subject with every match replaced to out; $1 in the replacement is the first group, "" if it took no part. False, with nothing
 * promised of out, if there is no match, or if the result would not fit in room bytes. */
bool pattern_replace(struct matcher *m, const struct pattern *p, struct str subject, const char *replacement, char *out,
		     size_t room, size_t *ret_len);

/* Likewise, but writes only what the first match is replaced by. */
bool pattern_rewrite(struct matcher *m, const struct pattern *p, struct str subject, const char *replacement, char *out,
		     size_t room, size_t *ret_len);

#endif
