/* SPDX-License-Identifier: Apache-2.0 */
/* etag.h - strong entity tags: an entry's from its id and revision, a list's from its bytes. Pure. */
#ifndef RTALP_HTTP_ETAG_H
#define RTALP_HTTP_ETAG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

#define ETAG_MAX 64

void etag_entry(int64_t entry_id, int64_t revision, char ret_tag[ETAG_MAX]);
/* The same with what is shown beside the entry: suggestions come and go without a revision. */
void etag_entry_beside(int64_t entry_id, int64_t revision, struct str beside, char ret_tag[ETAG_MAX]);
void etag_bytes(struct str bytes, char ret_tag[ETAG_MAX]);

/* A user's: from what is stored, and from the bytes, in which the day changes by itself. */
void etag_user(int64_t alp_user_id, int64_t updated_ms, struct str bytes, char ret_tag[ETAG_MAX]);
/* As etag_if_match(): 0 and updated_ms (-1: any), or -ESTALE. */
int etag_user_if_match(struct str header, int64_t alp_user_id, int64_t *ret_updated_ms);

/* Does an If-None-Match header name the tag? (Weakly compared, as it must be.) */
bool etag_none_match(struct str header, const char *tag);

/* What an If-Match header asks of that entry: 0 and the revision (0: any); -ESTALE if it names no tag that this entry ever had. */
int etag_if_match(struct str header, int64_t entry_id, int64_t *ret_revision);

#endif
