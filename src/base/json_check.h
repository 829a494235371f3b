/* SPDX-License-Identifier: Apache-2.0 */
/* json_check.h - is this JSON, by RFC 8259 and nothing more?
 *
 * What others send is checked here before anybody reads it: json-c takes single quotes, NaN, `5.` and raw line feeds in strings even when told to be
 * strict, and saturates numbers silently; what walks a text where it lies (alp/json_text.h) has no eye for faults at all. Of requests, a name that stands
 * twice in an object is refused too, because readers differ in which of the values counts and json-c frees the first one with a key in it; and so is
 * a name with a NUL in it, because json-c cuts it there. Pure; any thread.
 */
#ifndef RTALP_BASE_JSON_CHECK_H
#define RTALP_BASE_JSON_CHECK_H

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct json_limits {
	unsigned depth;
	size_t members; /* of one object, whose names differ then: each is compared with all before it; at most JSON_MEMBERS_MAX. 0: as many as there are, of any names */
};
#define JSON_MEMBERS_MAX 128

/* 0; -EILSEQ: not UTF-8; -EBADMSG: not JSON, nested too deeply or with too many members; -ENOTUNIQ: a name stands twice. In the last
 * two cases *ret_position says where that shows. */
int json_check(struct str text, const struct json_limits *limits, size_t *ret_position);

/* Of a string that was checked: takes \uXXXX, or a pair of them, off *s. Half a pair without the other half is U+FFFD. */
uint32_t json_take_unit(struct str *s);

#endif
