/* SPDX-License-Identifier: Apache-2.0 */
/* utf8.h - text that came from outside, made safe to store and send on (RFC 3629). Pure; any thread. */
#ifndef RTALP_BASE_UTF8_H
#define RTALP_BASE_UTF8_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

/* True if every byte belongs to a well-formed sequence and none is NUL. */
bool utf8_valid(struct str s);
/* True if every byte is ASCII's, of which NUL is one. */
bool utf8_is_ascii(struct str s);

/* Appends `s` with every byte that is not part of a well-formed sequence, and every NUL, replaced by U+FFFD, and cut at a
 * character's border to at most max_bytes. Adds to *replaced how many were replaced. Errors as buf_add(). */
int utf8_add_clean(struct buf *b, struct str s, size_t max_bytes, uint32_t *replaced);

/* How many characters (code points) a valid string has. */
size_t utf8_length(struct str s);

#endif
