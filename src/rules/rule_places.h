/* SPDX-License-Identifier: Apache-2.0 */
/* rule_places.h - where each rule stands in the text of a rules file, and what it is there for.
 *
 * For telling of decisions, years later if need be: the text is one that judged a stored day, so it was right once, but what was a key then may
 * be none now. So this reads no more than ids, with the line of the rule, and the few words beside them that people ask about, and takes whatever
 * else there is as it is. Nothing is compiled; a text that libconfig cannot read has no rules.
 *
 * Ownership: rule_places_release() accepts a zeroed one. Pure; any thread.
 */
#ifndef RTALP_RULES_RULE_PLACES_H
#define RTALP_RULES_RULE_PLACES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

#define RULE_ID_SIZE     61 /* with the NUL */
#define RULE_ACTION_SIZE 16
#define RULE_PLACES_MAX  4000

enum rule_section { SECTION_CLEAN = 1, SECTION_VAGUE, SECTION_CODES, SECTION_REFUSE, SECTION_PRIVACY };

struct rule_place {
	char id[RULE_ID_SIZE];
	enum rule_section section;
	unsigned line;
	char action[RULE_ACTION_SIZE]; /* the word of its `do`; empty: it has none */
	int32_t priority;              /* of a rule that finds codes */
};

struct rule_places {
	struct rule_place *rows; /* by id */
	size_t count;
	bool codes_from_task;    /* codes are looked for in cleaned titles, and one a title counts */
};

void rule_places_read(struct str text, struct rule_places *ret_places);
const struct rule_place *rule_places_find(const struct rule_places *places, const char *id); /* NULL: there is none */
void rule_places_release(struct rule_places *places);

#endif
