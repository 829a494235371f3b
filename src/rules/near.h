/* SPDX-License-Identifier: Apache-2.0 */
/* near.h - which rules say a word that stands just before or behind a number.
 *
 * Hundreds of words cost one walk back and one forth from the number, and a few look-ups in a table, where a regular expression would go through
 * all of them at each letter of the title.
 *
 * Behind a word: "Invoice 22069", "invoice_22069", "Invoice no. 22069", "INVOICE: [22069". Between the two stand at most a few of the marks and
 * spaces that introduce a number, and one of the words that say that it is one ("no.", "number", "id", ...). Words are compared in any case and
 * may be of several words; of those that end alike the longest counts ("signature page" before "page").
 * Before a word: "22069 items", "22069+ items", "22069件". Words are compared as they are written, and do not count where they begin a file's name
 * and ending ("22069 items.docx").
 *
 * Ownership: near_free() accepts NULL. Threads: immutable once all words are in; any number of readers.
 */
#ifndef RTALP_RULES_NEAR_H
#define RTALP_RULES_NEAR_H

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

enum near_place {
	NEAR_AFTER,        /* the number stands after the word */
	NEAR_AFTER_NUMBER, /* the same, with a word or mark between that says that it is a number: "claim no. 22069", "claim #22069" */
	NEAR_BEFORE        /* the number stands before the word */
};

#define NEAR_WORD_MAX 40 /* bytes */
#define NEAR_HITS_MAX 16

struct near;

struct near *near_new(void);
struct near *near_free(struct near *n);

/* Longer words are never found. */
void near_add(struct near *n, struct str word, enum near_place place, uint32_t rule);

/* Writes the rules, some maybe more than once, and returns how many. `number` is a part of the title, which is clean UTF-8. */
size_t near_find(const struct near *n, struct str title, struct str number, uint32_t rules[NEAR_HITS_MAX]);

#endif
