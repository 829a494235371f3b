/* SPDX-License-Identifier: Apache-2.0 */
/* grams.h - short pieces of text of which at least one stands in everything that a regular expression matches.
 *
 * A rule such as "invoice|receipt|bill, and a number behind it" needs no byte that other titles lack. What it needs is one of a few beginnings of
 * words. Each pattern with such a set has a lane, one of 64; the title is walked once, and out comes which lanes may match in it. Letters of ASCII
 * are compared in any case. Pure; any thread.
 */
#ifndef RTALP_RULES_GRAMS_H
#define RTALP_RULES_GRAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

#define GRAMS_MAX  320 /* of one pattern */
#define GRAM_SLOTS 8192

/* Three bytes anywhere; three, two or one with no letter of ASCII in front of them; a whole word of one letter or two; one byte that is none;
 * a character outside ASCII that may be a letter; any outside ASCII; one of two bytes. */
enum gram_kind {
	GRAM_ANYWHERE, GRAM_BEGIN, GRAM_BEGIN_TWO, GRAM_BEGIN_ONE, GRAM_WORD_TWO, GRAM_WORD_ONE, GRAM_BYTE, GRAM_FOREIGN, GRAM_NOT_ASCII,
	GRAM_TWO_BYTES
};

struct gram_set {
	size_t count; /* 0: nothing is known to be needed */
	unsigned cost; /* the more, the more titles have one of them */
	uint16_t slots[GRAMS_MAX];
};

/* The text stands in the title; begins: with no letter of ASCII in front, ends: with none behind. */
void grams_of_text(struct str text, bool begins, bool ends, struct gram_set *ret_set);
/* Of a character outside ASCII that is meant in any case. */
void grams_of_foreign(struct str character, struct gram_set *ret_set);
/* Of one that is no letter or number of ASCII, but for the byte; '\0': there is no such byte. */
void grams_of_not_ascii(char but, struct gram_set *ret_set);
/* Either of two sets is needed: takes the better one. */
void grams_take_better(struct gram_set *set, const struct gram_set *other);
/* One or the other is needed: of both sets together one. */
void grams_unite(struct gram_set *set, const struct gram_set *other);

struct gram_lanes {
	uint64_t of_slot[GRAM_SLOTS];
};
void gram_lanes_add(struct gram_lanes *lanes, const struct gram_set *set, uint64_t lane);
/* The lanes of which the title has a gram. */
uint64_t gram_lanes_of(const struct gram_lanes *lanes, struct str title);

#endif
