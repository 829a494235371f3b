/* SPDX-License-Identifier: Apache-2.0 */
/* accept.h - which of several media types a client wants, by RFC 9110 12.5.1. Pure. */
#ifndef RTALP_HTTP_ACCEPT_H
#define RTALP_HTTP_ACCEPT_H

#include <stddef.h>

#include "http/head.h"

/* The index of the offer with the highest quality; of equals the one that is named more exactly, then the first. Without an Accept header
 * the first. -ENOENT: every one is excluded. Parameters of a range besides q are not looked at; a range that makes no sense is none. */
int accept_choose(const struct head *head, const char *const *offers, size_t count);

#endif
