/* SPDX-License-Identifier: Apache-2.0 */
/* rules_text.h - the rules that a memory file has the text of, compiled.
 *
 * Asks the system for memory only, so that a confined worker may do it, too: what libraries want at their first use the spawner has had them
 * ask for by then, with its own rules.
 *
 * Ownership: ruled_release() gives both back and accepts a zeroed one.
 */
#ifndef RTALP_WORKERS_RULES_TEXT_H
#define RTALP_WORKERS_RULES_TEXT_H

#include "base/macro.h"
#include "rules/rules.h"
#include "rules/ruleset_file.h"

struct ruled {
	struct ruleset *set; /* what the rules point into */
	struct rules *rules;
};
void ruled_release(struct ruled *ruled);

/* -EBADMSG: not a sealed memory file of at most RULES_FILE_MAX bytes; -EINVAL: *faults, zeroed by the caller, says what is wrong with the text.
 * `name` stands in the faults. */
int rules_text_compile(int fd, struct str name, struct rule_faults *faults, struct ruled *ret_ruled) _must_check_;

#endif
