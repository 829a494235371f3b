/* SPDX-License-Identifier: Apache-2.0 */
/* rules.h - from raw titles to tasks: cleaning, filtering, matter codes.
 *
 * Pure: rows in, rows with verdicts out; no I/O, no clock, no locale. A rule set is compiled once (in the spawner, before it forks)
 * and never changes afterwards.
 *
 * The built-in rule set is the reference behaviour that vectors/reference-*.json record, including its quirks.
 *
 * Invariant: rules_apply() returns exactly the rows it was given, in the same order, with the same bucket, seconds, activity, document and
 * category; for each either `task` is set (the row belongs to the entry named by (activity, task)) and `matter` is the code or
 * empty, or `task` is empty and `rule` says why it was dropped. So no second can get lost here.
 *
 * Ownership: rules_free() accepts NULL. Threads: a rule set is immutable, but applying it uses its scratch memory: one at a time.
 */
#ifndef RTALP_RULES_RULES_H
#define RTALP_RULES_RULES_H

#include "base/macro.h"
#include "proto/rowset.h"

struct rules;

/* -EINVAL if a built-in pattern does not compile (a defect that the unit tests would have shown). */
int rules_new_builtin(struct rules **ret_rules) _must_check_;
struct rules *rules_free(struct rules *r);

/* Identifies rule set and version, for every entry it made: "builtin-1". Valid as long as the rule set. */
const char *rules_version(const struct rules *r);

/* -E2BIG if the answer would pass the rowset's caps. No title can fail it, and none can take more than a bounded time: titles are
 * cut to RULES_TITLE_MAX bytes before they are matched. */
int rules_apply(struct rules *r, const struct rowset *rows, struct rowset **ret_verdicts) _must_check_;

#define RULES_TITLE_MAX 1000

/* The rule of rows whose entry would be shorter than the rule set's minimum. */
#define RULE_BELOW_MINIMUM "entry.minimum"

DEFINE_POINTER_CLEANUP(struct rules, rules_free, rules_freep)

#endif
