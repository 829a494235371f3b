/* SPDX-License-Identifier: Apache-2.0 */
/* cursor.h - where the next page begins, as text that clients hand back and do not look into. Pure. */
#ifndef RTALP_HTTP_CURSOR_H
#define RTALP_HTTP_CURSOR_H

#include <stdint.h>

#include "base/str.h"

struct http_request;

#define CURSOR_TEXT_MAX 64

/* `list` tells the lists apart, so that a cursor of one is refused by another. */
void cursor_format(char list, int64_t a, int64_t b, char ret_text[CURSOR_TEXT_MAX]);
/* -EINVAL for anything that cursor_format() did not make. */
int cursor_parse(char list, const char *text, int64_t *ret_a, int64_t *ret_b);

/* The same with a text of at most CURSOR_WORD_MAX - 1 bytes. */
#define CURSOR_WORD_MAX      65
#define CURSOR_WORD_TEXT_MAX 128
void cursor_format_word(char list, const char *word, char ret_text[CURSOR_WORD_TEXT_MAX]);
int cursor_parse_word(char list, const char *text, char ret_word[CURSOR_WORD_MAX]);

/* Link: <this request with that cursor>; rel="next" */
void cursor_link(struct http_request *r, const char *cursor);

#endif
