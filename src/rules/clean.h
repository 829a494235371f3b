/* SPDX-License-Identifier: Apache-2.0 */
/* clean.h - from a raw title to the cleaned one, by a table of steps.
 *
 * Ownership: cleaner_free() accepts NULL; matcher and steps must outlive the cleaner. Threads: one at a time, it holds
 * scratch memory.
 */
#ifndef RTALP_RULES_CLEAN_H
#define RTALP_RULES_CLEAN_H

#include "base/buf.h"
#include "base/buf.h"
#include "base/macro.h"
#include "rules/match.h"

struct cleaner;

/* -EINVAL if a pattern does not compile. */
int cleaner_new(struct matcher *m, const struct clean_step *steps, size_t count,
		struct cleaner **ret_cleaner) _must_check_;
struct cleaner *cleaner_free(struct cleaner *c);

/* The title is the matcher's subject (match.h); what becomes of it stays that. The id of the step that dropped the title, or NULL and *ret_title, borrowed from the title or from the cleaner until it is run again. A step whose
 * result would pass ROWSET_STRING_MAX is left out. What the steps did is added to the trail (trail.h). */
const char *cleaner_run(struct cleaner *c, struct str application, struct str title, struct buf *trail, struct str *ret_title);

DEFINE_POINTER_CLEANUP(struct cleaner, cleaner_free, cleaner_freep)

#endif
