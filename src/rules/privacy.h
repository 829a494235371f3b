/* SPDX-License-Identifier: Apache-2.0 */
/* privacy.h - what of a day may be kept at all: the privacy rules of the rule set, and what the user asked for besides.
 *
 * It runs in the fetch worker, before anything leaves it. Of an excluded row only the seconds are counted; of a redacted one the title becomes
 * what the rules make of it, and rows that are equal then add up. Hours go by the local time at which a row's bucket begins; the rule set's and
 * the user's own must both have room for it. The hour that a zone repeats in autumn is in the hours both times.
 *
 * What could not be looked at is not kept: a title longer than RULES_TITLE_MAX is cut to the last whole word within, and one that costs more than
 * a title may (match.h), is a single word longer than that, or came without its end, is stored as PRIVACY_HIDDEN. Whether it is to be excluded its
 * end is asked, too. So no title can hold the worker up, and none gets by for being large.
 *
 * Pure. Ownership: privacy_free() accepts NULL; the rule set must outlive it. Threads: one at a time, it holds scratch memory.
 */
#ifndef RTALP_RULES_PRIVACY_H
#define RTALP_RULES_PRIVACY_H

#include "base/buf.h"
#include "base/day.h"
#include "base/digest.h"
#include "base/macro.h"
#include "proto/rowset.h"
#include "rules/ruleset.h"

struct privacy;

#define PRIVACY_HIDDEN "[redacted]"

/* -EINVAL if a pattern does not compile. */
int privacy_new(const struct ruleset *set, struct privacy **ret_privacy) _must_check_;
struct privacy *privacy_free(struct privacy *p);

/* What one user asked for: lines "exclude=<application>" (in any case, whatever white space is around it) and "hours=<work hours>", copied. -EINVAL for any other line; what the
 * user asked for before holds no longer then, and nothing may be judged. */
int privacy_own(struct privacy *p, struct str lines) _must_check_;

enum privacy_verdict { PRIVACY_KEEP, PRIVACY_REDACTED, PRIVACY_EXCLUDED };

/* A row of a day of that weekday (0: Monday). PRIVACY_REDACTED: *ret_title, borrowed until the next call, is to be kept instead of its title;
 * else that is untouched. The rules that fired are added to the trail (trail.h), which may be NULL. */
enum privacy_verdict privacy_judge(struct privacy *p, const struct row_view *row, unsigned weekday, struct buf *trail,
				   struct str *ret_title);

/* What may be kept of a day's grain, and how many seconds may not. -E2BIG if it would pass a rowset's caps, which nothing that passed them
 * before can but by a replacement that is longer than what it replaces; -ERANGE if a sum of seconds would. */
int privacy_apply(struct privacy *p, const struct rowset *grain, day_t day, struct rowset **ret_kept, uint64_t *ret_excluded_seconds) _must_check_;

/* The same for two rule sets that keep out the same: who was sifted by one of them was by the other. */
void privacy_version(const struct ruleset *set, char ret_version[DIGEST_HEX_SIZE]);

DEFINE_POINTER_CLEANUP(struct privacy, privacy_free, privacy_freep)

#endif
