/* SPDX-License-Identifier: Apache-2.0 */
/* lint.h - rules that are right to read and yet of no use, or dear: a warning each, with the line.
 *
 *   "unreachable"   a step behind one that ends the stage, or drops, whatever the title is, for the same applications
 *   "shadowed"      an earlier rule takes all that it could
 *   "never"         nothing can match: a vague name longer than titles that are compared, a literal or digits that a match need not contain, a
 *                   prefix that the pattern cannot begin with
 *   "slow"          titles made of what the pattern eats run into the matcher's bounds (match.h): any no longer than people see, or many of
 *                   the longest
 *
 * A warning is only given for what was seen: a rule without one may be of no use nevertheless. Work is counted, not timed, and bounded.
 * Pure; any thread.
 */
#ifndef RTALP_RULES_LINT_H
#define RTALP_RULES_LINT_H

#include "base/macro.h"
#include "rules/notes.h"
#include "rules/ruleset.h"

#define LINT_UNREACHABLE "unreachable"
#define LINT_SHADOWED    "shadowed"
#define LINT_NEVER       "never"
#define LINT_SLOW        "slow"

/* All of them; NULL-ended. */
extern const char *const lint_kinds[];

/* Work of the matcher (match.h) that is spent on seeking slow patterns; a set that takes more is told so. */
#define LINT_WORK_MAX ((size_t)100 * 1000 * 1000)

/* -EINVAL if a pattern does not compile. */
int rules_lint(const struct ruleset *set, struct rule_notes *notes) _must_check_;

#endif
