/* SPDX-License-Identifier: Apache-2.0 */
/* matter_words.h - walks the words of a title that the firm's list has as a name of a matter: from left to right, the longest first, no word
 * twice. A word is a run of letters and digits; what stands between words counts only if it stands in the name as well.
 *
 * Pure; any thread. At most MATTER_WORDS_ENDS_MAX look-ups a word.
 */
#ifndef RTALP_RULES_MATTER_WORDS_H
#define RTALP_RULES_MATTER_WORDS_H

#include <stdbool.h>

#include "base/str.h"
#include "proto/matter_list.h"

#define MATTER_WORDS_ENDS_MAX 12u

struct matter_words {
	struct str title;
	size_t at;
};

/* False at the end of the title. A code that could stand for anything (shorter than MATTERS_BARE_MIN, or without a digit) is passed over. */
bool matter_words_next(struct matter_words *w, const struct matter_list *list, struct str *ret_text);

#endif
