/* SPDX-License-Identifier: Apache-2.0 */
/* regex_item.h - walks a regular expression item by item, as far as needs.c must know them. Private to the two. */
#ifndef RTALP_RULES_REGEX_ITEM_H
#define RTALP_RULES_REGEX_ITEM_H

#include "rules/grams.h"
#include "rules/needs.h"

struct reader {
	const char *p;
	bool caseless;
	bool lost; /* something is not understood: nothing is needed */
	bool begins; /* there is no letter of ASCII in front of what comes next */
	bool ends;   /* nor is there one behind the group that is being read */
	unsigned depth;
};

struct item {
	enum { ITEM_NOTHING, ITEM_BYTES, ITEM_DIGITS, ITEM_GROUP } kind;
	char bytes[4];
	size_t len;
	bool any_case; /* the letter of ASCII stands there as a large one or a small one */
	bool no_letter, no_width;
	struct needs needs; /* of a group */
	struct gram_set grams;
};

/* Reads the next item; `lost` is set where that is not understood. A group is read by read_alternatives(). */
struct item regex_item(struct reader *r);
/* How often it stands there at least, and whether exactly so often. */
unsigned regex_repeat(struct reader *r, bool *ret_exact);

/* In needs.c: everything up to the end of a group, or of the regex. */
struct needs read_alternatives(struct reader *r, struct gram_set *ret_grams);

static inline bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

#endif
