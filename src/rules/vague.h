/* SPDX-License-Identifier: Apache-2.0 */
/* vague.h - titles that say nothing about the work, by a table.
 *
 * Ownership: vague_free() accepts NULL; matcher and rules must outlive it. Threads: one at a time, it uses the matcher.
 */
#ifndef RTALP_RULES_VAGUE_H
#define RTALP_RULES_VAGUE_H

#include "base/buf.h"
#include "base/macro.h"
#include "rules/match.h"

struct vague;

/* A title of more than chars_max characters is never vague. -EINVAL if a pattern does not compile. */
int vague_new(struct matcher *m, const struct vague_rule *rules, size_t count, size_t chars_max,
	      struct vague **ret_vague) _must_check_;
struct vague *vague_free(struct vague *v);

/* The title, trimmed, becomes the matcher's subject if it is not. The id of the first rule that finds the title vague, which is added to the trail, or NULL. */
const char *vague_find(struct vague *v, struct str title, struct buf *trail);

DEFINE_POINTER_CLEANUP(struct vague, vague_free, vague_freep)

#endif
