/* SPDX-License-Identifier: Apache-2.0 */
/* url.h - addresses: what may be sent there, what a query looks like, where a list goes on. Pure. */
#ifndef RTALP_CTL_URL_H
#define RTALP_CTL_URL_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/str.h"

enum url_privacy {
	URL_PRIVATE, /* https, or a loopback address */
	URL_OPEN     /* anybody on the way may read it: no key and no token goes there */
};

/* `base` without the slashes at its end; the scheme must be http or https, and there is no user, query or fragment. -EINVAL otherwise. */
int url_check(const char *base, struct buf *ret_base, enum url_privacy *ret_privacy);
/* Appends name=value, percent-encoded, after '?' or '&'. */
void url_add(struct buf *path, const char *name, const char *value);
void url_add_number(struct buf *path, const char *name, int64_t value);
/* The path behind rel="next" in a Link header (RFC 8288). -ENOENT if there is none, -EBADMSG if it leads to another host. */
int url_next(const char *link, struct buf *ret_path);

#endif
