/* SPDX-License-Identifier: Apache-2.0 */
/* lead.h - how far in front of a number a match can begin.
 *
 * "A space or an underline, then five digits" matches nowhere but one character in front of five digits, so PCRE2 need not try every other
 * place of a title. Read off the regex conservatively: no match begins earlier. A byte outside ASCII counts as a digit here, because there are other
 * digits than those of ASCII. Pure; any thread.
 */
#ifndef RTALP_RULES_LEAD_H
#define RTALP_RULES_LEAD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct lead {
	unsigned digits; /* that every match has in a row; 0: nothing is known */
	unsigned chars;  /* that a match can have before these, at most */
};

struct lead lead_of_regex(const char *regex, bool caseless);

/* Where a match at or behind `from` begins at the earliest: the beginning of a character; behind the title's end: nowhere. */
size_t lead_start(const struct lead *l, struct str title, size_t from);

#endif
