/* SPDX-License-Identifier: Apache-2.0 */
/* rules_source.h - a rules file that was read and found right: its bytes, and what the master needs of what they say.
 *
 * The rules themselves are for the workers, who get the bytes; the master takes from them the version, under which everything that they decide is
 * stored, the policy of rounding, and by what it sees whether two of them keep the same out at intake.
 *
 * Ownership: counted; whoever keeps one past a call takes a reference. Immutable. Threads: the loop's (the store's threads may read one that
 * the loop holds).
 */
#ifndef RTALP_DAEMON_RULES_SOURCE_H
#define RTALP_DAEMON_RULES_SOURCE_H

#include "base/digest.h"
#include "base/macro.h"
#include "base/str.h"
#include "rules/ruleset_file.h"
#include "rules/units.h"
#include "store/rule_set.h"

struct rules_source {
	unsigned references;
	char version[RULES_VERSION_MAX];
	char *name; /* of the file, without its directories */
	struct str text;
	struct units_policy units;
	char privacy[DIGEST_HEX_SIZE]; /* of what they keep out (rules/privacy.h) */
};

/* "": the built-in ones. -EINVAL: something in the file is wrong; another negative errno: it cannot be read. Then *faults, zeroed by the caller,
 * has at least one line "file:line: what", and *ret_source is untouched. */
int rules_source_load(const char *path, struct rule_faults *faults, struct rules_source **ret_source) _must_check_;
struct rules_source *rules_source_ref(struct rules_source *s);
struct rules_source *rules_source_unref(struct rules_source *s); /* accepts NULL, returns NULL */
DEFINE_POINTER_CLEANUP(struct rules_source, rules_source_unref, rules_source_unrefp)

bool rules_source_same(const struct rules_source *a, const struct rules_source *b);
/* As a row of the store; borrows. */
struct rule_set rules_source_row(const struct rules_source *s);

#endif
