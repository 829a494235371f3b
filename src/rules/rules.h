/* SPDX-License-Identifier: Apache-2.0 */
/* rules.h - from raw titles to tasks: cleaning, filtering, matter codes.
 *
 * Which rules these are is the rule set's business (ruleset_file.h); etc/rules-reference.conf is what vectors/reference-*.json record.
 *
 * Pure: a day in, its verdicts out; no I/O, no clock, no locale, nothing random. A rule set is compiled once (in the spawner, before it
 * forks) and never changes afterwards.
 *
 * Invariants of what rules_apply() returns:
 *   - exactly the rows of rowset_totals(day), in that order, with their seconds, categories and productivity: no second can get lost here
 *   - a dropped row has `rule`, the step, the vague rule, RULE_EMPTY or RULE_BELOW_MINIMUM, and no task, application, group, matter, evidence
 *   - any other has `task`, `application` and `group`; rows of one group have these, matter, rule and evidence in common. With a matter there is
 *     evidence ("listed", "alias" or "pattern") and the rule that found it; without one there is no rule, and no evidence or "unlisted"
 *   - the group is named by the values of the rule set's merge keys: group.h
 *   - `trail` tells what happened to the row in cleaning and in the search for codes, in words joined by spaces (trail.h): "<rule>" for a step that
 *     changed the title, ended its stage or dropped it, "<rule>=<code>", "<rule>!<code>" for one that was refused, "unlisted!<code>", "limit!<rule>"
 *   - `times` tells of which buckets its seconds are: "HH:MM+SECONDS", joined by spaces, of the local day, whose 25th hour is 24
 * All of it depends on the day's rows and the list of matters alone, not on the order in which the rows came.
 *
 * Ownership: rules_free() accepts NULL. Threads: a rule set is immutable, but applying it uses its scratch memory: one at a time.
 */
#ifndef RTALP_RULES_RULES_H
#define RTALP_RULES_RULES_H

#include "base/macro.h"
#include "proto/rowset.h"
#include "rules/ruleset.h"

struct rules;
struct matter_list;

/* Of what had no title, or lost all of it in cleaning. */
#define RULE_EMPTY "title.empty"
/* Of an entry with less time than the rule set's minimum. */
#define RULE_BELOW_MINIMUM "entry.minimum"

/* The set must outlive the rules. -EINVAL if a pattern does not compile. */
int rules_new(const struct ruleset *set, struct rules **ret_rules) _must_check_;
struct rules *rules_free(struct rules *r);

/* Identifies the rule set in every entry it made. Valid as long as the rule set. */
const char *rules_version(const struct rules *r);

/* `day`: the activity of a day, grain by grain or already summed up. `list`: the firm's matters; NULL if they are not known. -E2BIG if the answer
 * would pass the rowset's caps, -ERANGE if a sum of seconds would. No title can fail it, and none can take more than a bounded time: titles are cut
 * to RULES_TITLE_MAX bytes before they are matched. */
int rules_apply(struct rules *r, const struct rowset *day, const struct matter_list *list, struct rowset **ret_verdicts) _must_check_;

#define RULES_TITLE_MAX 1000

DEFINE_POINTER_CLEANUP(struct rules, rules_free, rules_freep)

#endif
