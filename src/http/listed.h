/* SPDX-License-Identifier: Apache-2.0 */
/* listed.h - may ALP take it? What is asked of it, checked against its own lists: users, GST types, and where they are given matter and outcome.
 *
 * Lists are got as for anybody (alp/lists.h), for a short while: what cannot be had says nothing against a request, because ALP judges in the end.
 * Nothing is refused by a copy that is not quite new: before that the list is asked for again. A component whose outcome is not given, or an
 * outcome without its matter, is ALP's to judge.
 *
 * Ownership: the items are the caller's, and live as long as the request. Threads: the loop's.
 */
#ifndef RTALP_HTTP_LISTED_H
#define RTALP_HTTP_LISTED_H

#include <stddef.h>
#include <stdint.h>

struct http_request;

enum listed_fault {
	LISTED_USER = 1 << 0,      /* no user of ALP's */
	LISTED_GST = 1 << 1,       /* not on ALP's list of GST types */
	LISTED_MATTER = 1 << 2,    /* no matter of ALP's */
	LISTED_CLOSED = 1 << 3,    /* one that is closed */
	LISTED_OUTCOME = 1 << 4,   /* not one of that matter */
	LISTED_COMPONENT = 1 << 5, /* not one of that outcome */
};

struct listed {
	/* in */
	int64_t user_id, component_id;      /* 0: not known */
	int64_t gst_type;                   /* negative: not given */
	const char *matter_id, *outcome_id; /* NULL: not given */
	/* out */
	unsigned faults;                    /* enum listed_fault bits */
};

/* Calls done(r, arg) once, perhaps at once. */
void listed_check(struct http_request *r, struct listed *items, size_t count, void (*done)(struct http_request *r, void *arg), void *arg);

/* Tells each fault with its field. */
void listed_tell(const struct listed *item, void (*tell)(const char *field, const char *type, const char *message, void *arg), void *arg);

#endif
