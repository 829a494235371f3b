/* SPDX-License-Identifier: Apache-2.0 */
/* json_check.h - is this JSON, by RFC 8259 and nothing more?
 *
 * json-c takes single quotes, NaN, `5.` and raw line feeds in strings even when told to be strict, and saturates numbers silently; so
 * the text is checked here first, and json-c only builds the tree of what passed. A name that stands twice in an object is refused
 * too, because readers differ in which of the values counts and json-c frees the first one with a key in it; and so is a name with a
 * NUL in it, because json-c cuts it there. Pure; any thread.
 */
#ifndef RTALP_HTTP_JSON_CHECK_H
#define RTALP_HTTP_JSON_CHECK_H

#include "base/str.h"

#define JSON_DEPTH_MAX   16
#define JSON_MEMBERS_MAX 128 /* of one object: each name is compared with all before it */

/* 0; -EILSEQ: not UTF-8; -EBADMSG: not JSON, nested too deeply or with too many members; -ENOTUNIQ: a name stands twice. In the last
 * two cases *ret_position says where that shows. */
int json_check(struct str text, size_t *ret_position);

#endif
