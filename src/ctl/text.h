/* SPDX-License-Identifier: Apache-2.0 */
/* text.h - text from outside on its way to a terminal.
 *
 * Titles of documents and web pages are anybody's. What a terminal would obey instead of show (C0, DEL, C1), what turns the direction of
 * the rest of the line (bidi controls), line separators and bytes that are not UTF-8 become U+FFFD; white space becomes a space.
 * Widths are in columns, by wcwidth() of a UTF-8 locale: wide characters count two, combining ones none.
 *
 * Pure but for the locale, which text_setup() sets once a process. Threads: one.
 */
#ifndef RTALP_CTL_TEXT_H
#define RTALP_CTL_TEXT_H

#include <stddef.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/str.h"

/* The user's locale if it is UTF-8, else C.UTF-8: what we print is UTF-8 in any case, as the API's JSON is. */
void text_setup(void);
/* Errors are the buffer's. */
void text_add_safe(struct buf *b, struct str s);
/* JSON, as it is but for the characters above: they are written as \uXXXX, which says the same. */
void text_put_json(FILE *out, struct str json);
/* Of what text_add_safe() made. */
size_t text_width(struct str safe);
/* How many bytes of it fit into `width` columns, whole characters with what combines with them. */
size_t text_fit(struct str safe, size_t width);

#endif
