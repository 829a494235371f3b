/* SPDX-License-Identifier: Apache-2.0 */
/* try.h - the examples that stand beside the rules of a file, each through the whole rule set.
 *
 * An example is so if what it wants comes of it, and if its rule had a part in that: the trail names it (trail.h). A counter-example
 * ("untouched") is so if the rule had none. No list of matters is known. Pure; any thread.
 */
#ifndef RTALP_RULES_TRY_H
#define RTALP_RULES_TRY_H

#include <stdbool.h>

#include "base/macro.h"
#include "base/str.h"
#include "rules/notes.h"
#include "rules/ruleset.h"

/* Adds a note, in the example's line, for each thing that is not so. -EINVAL if a pattern does not compile, -E2BIG for an example that is none
 * a row could be. */
int rules_try(const struct ruleset *set, struct rule_notes *notes, size_t *ret_examples) _must_check_;

/* Whether a word of the trail speaks of the rule: "id", "id=code", "id!code". */
bool trail_names_rule(struct str trail, const char *id);

#endif
