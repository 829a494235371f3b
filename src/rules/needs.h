/* SPDX-License-Identifier: Apache-2.0 */
/* needs.h - what everything that a regular expression matches must contain, so that most titles need not be tried.
 *
 * A title's shape is read once and then compared with the needs of many patterns, a few instructions each. Needs are read off the regex
 * conservatively: behind whatever is not plainly understood nothing is needed. They never hide a match. Pure; any thread.
 */
#ifndef RTALP_RULES_NEEDS_H
#define RTALP_RULES_NEEDS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "rules/grams.h"

#define NEEDS_LITERAL_MAX 32
#define BYTE_OF_NONE      0xff /* stands in no title, and every shape has it */

struct byte_set {
	uint64_t bits[4];
};

struct shape {
	struct byte_set bytes; /* all that stand in the title */
	unsigned digits;       /* the longest run of decimal digits; bytes outside ASCII count, they may be of one in some script */
	size_t len;
};

struct needs {
	struct byte_set bytes; /* all of them stand in the title */
	struct byte_set first; /* and one of these, at which the match begins; BYTE_OF_NONE: not known */
	unsigned digits;
	size_t len; /* of the title, at least */
	char literal[NEEDS_LITERAL_MAX];
	size_t literal_len; /* 0: none that the bytes do not stand for */
};

void shape_read(struct str title, struct shape *ret_shape);

static inline void
byte_set_add(struct byte_set *set, unsigned char byte)
{
	set->bits[byte >> 6] |= UINT64_C(1) << (byte & 63);
}

/* The needs of a regex for PCRE2 with UTF and UCP, and the grams of which it needs one. */
struct needs needs_of_regex(const char *regex, bool caseless, struct gram_set *ret_grams);

/* If the first group in parentheses is "([0-9]{5})" and every match has it, as what stands there: how many digits. Otherwise 0. */
size_t regex_number_group(const char *regex);

/* Whether a title of this shape has all that is needed, but for the literal. */
static inline bool
needs_met(const struct needs *n, const struct shape *s)
{
	/* What most titles lack comes first. */
	if (((n->bytes.bits[0] & ~s->bytes.bits[0]) | (n->bytes.bits[1] & ~s->bytes.bits[1])) != 0 || s->digits < n->digits)
		return false;
	if (((n->bytes.bits[2] & ~s->bytes.bits[2]) | (n->bytes.bits[3] & ~s->bytes.bits[3])) != 0 || s->len < n->len)
		return false;
	return ((n->first.bits[0] & s->bytes.bits[0]) | (n->first.bits[1] & s->bytes.bits[1]) | (n->first.bits[2] & s->bytes.bits[2]) |
		(n->first.bits[3] & s->bytes.bits[3])) != 0;
}

#endif
