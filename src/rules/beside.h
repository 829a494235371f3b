/* SPDX-License-Identifier: Apache-2.0 */
/* beside.h - what stands beside a number in everything that a regular expression matches.
 *
 * Rules such as "five digits, and behind them 'items'" or "five digits that are a part of a longer number" would be tried on every title that has
 * five digits. Of most of those it is enough to look at two symbols in front of the digits and two behind them. Read off the regex conservatively:
 * it never hides a match. Only digits of ASCII count here. Pure; any thread.
 *
 * Ownership: beside_free() accepts NULL.
 */
#ifndef RTALP_RULES_BESIDE_H
#define RTALP_RULES_BESIDE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

#define BESIDE_DIGITS_MIN 4 /* shorter numbers are not looked at */
#define NUMBERS_MAX       8

/* The numbers of a title, each with its neighbours as symbols (regex_tree.h), the nearest first. */
struct number_place {
	unsigned digits;
	unsigned char before[2], behind[2];
};

struct numbers {
	struct number_place all[NUMBERS_MAX];
	size_t count;
	bool too_many; /* there are more */
};

struct beside;

/* NULL: nothing is known to be needed. */
struct beside *beside_of_regex(const char *regex, bool caseless);
struct beside *beside_free(struct beside *b);

void numbers_read(struct str title, struct numbers *ret_numbers);
/* Whether one of the numbers stands where the pattern needs one. */
bool beside_met(const struct beside *b, const struct numbers *numbers);

#endif
