/* SPDX-License-Identifier: Apache-2.0 */
/* words.h - taking header values apart: lists, parameters and weights (RFC 9110, 5.6 and 12.4.2). Pure; what it gives is a part of what it got.
 */
#ifndef RTALP_HTTP_WORDS_H
#define RTALP_HTTP_WORDS_H

#include <stdbool.h>

#include "base/str.h"

#define WEIGHT_ONE 1000

struct str words_trim(struct str s);
/* What stands before the separator, trimmed; *rest becomes what stands behind it. One in a quoted string does not count. */
struct str words_next(struct str *rest, char separator);
/* Whatever the case of ASCII letters. */
bool words_same(struct str s, const char *word);
/* "0.75" is 750; -1 if it is no weight. */
int words_weight(struct str text);

#endif
