/* SPDX-License-Identifier: Apache-2.0 */
/* guard.h - counts the work of matching and ends it when there was enough: the same for the same pattern and title on every machine.
 *
 * PCRE2's own limit counts anew from every character at which a match may begin, so it cannot bound the whole. A pattern compiled with
 * PCRE2_AUTO_CALLOUT asks before each of its items; the guard counts those questions and the bytes that were gone over in between. That makes
 * matching slower, so it is for long titles and for what ran into PCRE2's limit (match.c).
 *
 * Threads: one at a time.
 */
#ifndef RTALP_RULES_GUARD_H
#define RTALP_RULES_GUARD_H

#include <stdbool.h>
#include <stddef.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

struct guard {
	size_t left; /* work that may still be done */
	size_t start, at;
	const char *regex; /* of a pattern with items that hide work; else NULL */
};

/* Whether some items of the regex go over many bytes without a question in between. */
bool guard_is_needed_for_items(const char *regex);
/* For pcre2_set_callout(), with the guard as its argument. */
int guard_count(pcre2_callout_block *block, void *guard);

#endif
