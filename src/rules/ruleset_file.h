/* SPDX-License-Identifier: Apache-2.0 */
/* ruleset_file.h - a rule set from the text of a rules file; what may stand in one says rtalp-rules.conf(5).
 *
 * Either everything in the text is right, or there is no rule set and everything that is wrong is told, one line each: "name:line: what".
 * Only of a text that is not libconfig's syntax no more than the first fault is known. Regular expressions are compiled to see whether
 * they can be.
 *
 * Nothing but memory is asked of the system, so a confined worker may read a rules file, too.
 *
 * Ownership: ruleset_free() gives a rule set back with everything in it, rule_faults_release() the lines. Threads: any; a rule set is
 * immutable.
 */
#ifndef RTALP_RULES_RULESET_FILE_H
#define RTALP_RULES_RULESET_FILE_H

#include "base/macro.h"
#include "base/str.h"
#include "rules/ruleset.h"

#define RULES_FILE_MAX   ((size_t)1024 * 1024) /* bytes */
#define RULES_MAX        2000                  /* of all kinds together; each of a rule's names counts */
#define RULES_REGEX_MAX  4096                  /* bytes */
#define RULES_TEXT_MAX   1000                  /* bytes of any other text */
#define RULES_ID_MAX     60
#define RULES_FAULTS_MAX 100 /* lines; a file with more wrong than that is no rules file */

struct rule_faults {
	char **lines;
	size_t count;
};
void rule_faults_release(struct rule_faults *faults); /* accepts a zeroed one */

/* -EINVAL: something in the text is wrong; *faults, zeroed by the caller, has at least one line then, and *ret_set is untouched.
 * `name` is only for the lines. */
int ruleset_parse(struct str text, const char *name, struct rule_faults *faults, struct ruleset **ret_set) _must_check_;
struct ruleset *ruleset_free(struct ruleset *set); /* accepts NULL, returns NULL */
DEFINE_POINTER_CLEANUP(struct ruleset, ruleset_free, ruleset_freep)

/* What holds without a rules file: etc/rules.conf as it was when the program was built. */
struct str ruleset_default_text(void);
#define RULESET_DEFAULT_NAME "built-in rules"
int ruleset_default(struct ruleset **ret_set) _must_check_;

#endif
