/* SPDX-License-Identifier: Apache-2.0 */
/* guard.h - without tokens, being on the same machine is the permission; so a browser on it must not be led to use it for somebody else.
 *
 * DNS rebinding gives a page of evil.example our address, but not our name: Host tells. A page elsewhere can send requests it cannot
 * read the answers of: Origin tells.
 *
 * Ownership: guard_release() accepts a zeroed one. Threads: the loop's; the checks are pure.
 */
#ifndef RTALP_HTTP_GUARD_H
#define RTALP_HTTP_GUARD_H

#include <stdbool.h>

#include "base/str.h"

struct guard {
	char **hosts;   /* NULL-ended, besides loopback */
	char **origins;
};

void guard_set(struct guard *g, const char *const *hosts, const char *const *origins);
void guard_release(struct guard *g);

/* A Host header or an authority: name or address, with or without a port. */
bool guard_host_allowed(const struct guard *g, struct str host);
/* An Origin header; "null" never is. */
bool guard_origin_allowed(const struct guard *g, struct str origin);
/* Is it one of those listed, and are any? Pages on the loopback are not, although they may change things. */
bool guard_origin_listed(const struct guard *g, struct str origin);
bool guard_lists_origins(const struct guard *g);

#endif
