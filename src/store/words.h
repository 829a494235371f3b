/* SPDX-License-Identifier: Apache-2.0 */
/* words.h - text as its words, to find one text's words in another's whatever their case, and whatever stands between them.
 * Ownership: the caller frees. Threads: any. */
#ifndef RTALP_STORE_WORDS_H
#define RTALP_STORE_WORDS_H

/* The words of the text as they are, with one space between. */
char *words_of(const char *text);
/* The same, case-folded, with one space between: "Smith & Sons (Holdings)" is "smith sons holdings". "" if it has none. Letters and
 * digits make words, and the marks that belong to them. */
char *words_key(const char *text);

#endif
