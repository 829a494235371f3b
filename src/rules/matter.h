/* SPDX-License-Identifier: Apache-2.0 */
/* matter.h - which matter a title names, by a table.
 *
 * Ownership: matters_free() accepts NULL; matcher and rules must outlive it. Threads: one at a time, it uses the
 * matcher.
 */
#ifndef RTALP_RULES_MATTER_H
#define RTALP_RULES_MATTER_H

#include "base/macro.h"
#include "rules/match.h"

struct matters;

/* -EINVAL if a pattern does not compile. */
int matters_new(struct matcher *m, const struct matter_rule *rules, size_t count,
		struct matters **ret_matters) _must_check_;
struct matters *matters_free(struct matters *s);

/* The id of the rule that found a code, and *ret_code, borrowed from the title; or NULL. */
const char *matters_find(struct matters *s, struct str title, struct str *ret_code);

DEFINE_POINTER_CLEANUP(struct matters, matters_free, matters_freep)

#endif
