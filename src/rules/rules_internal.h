/* SPDX-License-Identifier: Apache-2.0 */
/* rules_internal.h - a compiled rule set, shared by the file that makes it and the one that applies it. */
#ifndef RTALP_RULES_RULES_INTERNAL_H
#define RTALP_RULES_RULES_INTERNAL_H

#include "base/buf.h"
#include "rules/clean.h"
#include "rules/match.h"
#include "rules/matter.h"
#include "rules/rules.h"
#include "rules/vague.h"

struct rules {
	const struct ruleset *set;
	struct matcher *matcher;
	struct cleaner *cleaner;
	struct vague *vague;
	struct matters *matters;
	struct buf words; /* scratch: a trail, or times */
};

#endif
