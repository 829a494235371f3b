/* SPDX-License-Identifier: Apache-2.0 */
/* json_text.h - JSON that came from ALP, looked at where it lies: what is in it goes on byte for byte, unknown members and all.
 *
 * json_text_check() first; everything else here relies on its having said 0, of the text or of one that the text lies in.
 * Of a name that stands twice in an object the last counts, as to most readers. Pure; any thread.
 */
#ifndef RTALP_ALP_JSON_TEXT_H
#define RTALP_ALP_JSON_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

#define JSON_TEXT_DEPTH_MAX 32

/* 0; -EBADMSG: not JSON by RFC 8259, or nested too deeply; -EILSEQ: not UTF-8. */
int json_text_check(struct str text);

/* Without the space around it. */
struct str json_text_trim(struct str text);
bool json_text_is_array(struct str value);
bool json_text_is_object(struct str value);

/* Walks an array: *rest begins as the array and is what is left. False: there is no more. */
bool json_text_next(struct str *rest, struct str *ret_item);

/* The value of a member, trimmed. False: none of that name, or `object` is none. */
bool json_text_member(struct str object, const char *name, struct str *ret_value);

/* The value as a text: a string decoded, a number as it is written. -ENODATA: neither; or as buf_add(). Lone halves of pairs become U+FFFD. */
int json_text_add_string(struct str value, struct buf *to);
/* The value as a whole number: 12, 12.0, 1.2e1 or "12". -ENODATA: it is not one of 63 bits. */
int json_text_to_i64(struct str value, int64_t *ret_number);

#endif
