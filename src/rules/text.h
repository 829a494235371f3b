/* SPDX-License-Identifier: Apache-2.0 */
/* text.h - the few things the rules ask of a title without a pattern. Strings are clean UTF-8. Pure; any thread. */
#ifndef RTALP_RULES_TEXT_H
#define RTALP_RULES_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/* Without the white space at both ends; white space as Unicode has it, with the separators U+001C..1F. Borrowed from
 * `s`. */
struct str text_trim(struct str s);
/* At most max_bytes of it, cut at a character's border. Borrowed from `s`. */
struct str text_cut(struct str s, size_t max_bytes);
/* For comparing in any case: the small letters of the Latin, Greek and Cyrillic alphabets for the capital ones, all else as it is. Writes
 * exactly s.len bytes to out, which may be s itself. */
void text_small(struct str s, char *out);
bool text_contains(struct str s, struct str part);

#endif
