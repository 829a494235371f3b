/* SPDX-License-Identifier: Apache-2.0 */
/* lint_internal.h - what the two halves of the linter share: every rule that has a pattern, whatever table it stands in. */
#ifndef RTALP_RULES_LINT_INTERNAL_H
#define RTALP_RULES_LINT_INTERNAL_H

#include "rules/lint.h"
#include "rules/match.h"

struct lint {
	const struct ruleset *set;
	struct rule_notes *notes;
	size_t work_left;
	bool tired; /* it was told that no more patterns are tried */
};

/* Whether all applications of `b` are some of `a`. */
bool app_covers(const struct app_test *a, const struct app_test *b);
bool same_pattern(const struct pattern_def *a, const struct pattern_def *b);
/* In a matcher of its own. False for a pattern that does not compile. */
bool pattern_finds(const struct pattern_def *def, struct str text);

/* lint_pattern.c: of each pattern alone, what it cannot match and what it costs. `if_prefix` may be NULL. */
int lint_pattern(struct lint *l, const struct rule_head *head, const struct pattern_def *def, const char *if_prefix);

#endif
