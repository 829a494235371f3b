/* SPDX-License-Identifier: Apache-2.0 */
/* json_check.h - is this JSON, by RFC 8259 and nothing more?
 *
 * json-c takes single quotes, NaN, `5.` and raw line feeds in strings even when told to be strict, and saturates numbers silently; so
 * the text is checked here first, and json-c only builds the tree of what passed. Pure; any thread.
 */
#ifndef RTALP_HTTP_JSON_CHECK_H
#define RTALP_HTTP_JSON_CHECK_H

#include "base/str.h"

#define JSON_DEPTH_MAX 16

/* 0; -EILSEQ: not UTF-8; -EBADMSG: not JSON or nested too deeply, *ret_position says where that shows. */
int json_check(struct str text, size_t *ret_position);

#endif
