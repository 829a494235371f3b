/* SPDX-License-Identifier: Apache-2.0 */
/* trail.h - what happened to a row, as words joined by spaces: bounded, and cut with " ..." where it would get longer.
 *
 * The buffer is the caller's, born with ROWSET_STRING_MAX; buf_clear() begins anew. Pure; any thread.
 */
#ifndef RTALP_RULES_TRAIL_H
#define RTALP_RULES_TRAIL_H

#include "base/buf.h"
#include "base/str.h"

/* One word; a NULL trail is nobody's. */
void trail_add(struct buf *trail, struct str word);
/* "id=code", "id!code". A space in the code is written %20, a percent sign %25, so that it stays one word. */
void trail_add_code(struct buf *trail, const char *id, char mark, struct str code);
/* A rule whose pattern ran into a limit of the matcher, so it did nothing: "limit!id". */
void trail_add_limit(struct buf *trail, const char *id);
/* Seconds of the bucket that begins so long after midnight: "09:05+240". */
void trail_add_time(struct buf *trail, int32_t bucket_s, int32_t seconds);

#endif
