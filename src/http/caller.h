/* SPDX-License-Identifier: Apache-2.0 */
/* caller.h - who asks, and what that one may do. Settled once, before the route's handler; everything after looks here and nowhere else.
 *
 *     caller                                     may
 *     no token, over loopback, none was ever made   any user, operate
 *     token of scope service                        any user
 *     token of scope user:<id>                      that user; another user's things do not exist for it
 *     token of scope operator                       operate: jobs, tokens, queue, settings; no entry contents
 *     root or our own user, over the Unix socket    any user, operate
 *     a read-only token                             the same without MAY_WRITE
 *
 * Ownership: a value. Threads: the loop's.
 */
#ifndef RTALP_HTTP_CALLER_H
#define RTALP_HTTP_CALLER_H

#include <stdbool.h>
#include <stdint.h>

enum caller_may {
	MAY_ANY_USER = 1 << 0,
	MAY_ONE_USER = 1 << 1, /* alp_user_id says which */
	MAY_OPERATE = 1 << 2,
	MAY_WRITE = 1 << 3,
};

struct caller {
	unsigned may;         /* enum caller_may bits; 0: nobody in particular, for open routes only */
	int64_t alp_user_id;  /* with MAY_ONE_USER; else 0 */
	int64_t token_id;     /* 0: no token */
};

#define CALLER_LOCAL ((struct caller){.may = MAY_ANY_USER | MAY_OPERATE | MAY_WRITE})

/* May the caller see that user's things? */
static inline bool
caller_sees(const struct caller *c, int64_t alp_user_id)
{
	return (c->may & MAY_ANY_USER) != 0 || ((c->may & MAY_ONE_USER) != 0 && c->alp_user_id == alp_user_id);
}

#endif
