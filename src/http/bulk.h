/* SPDX-License-Identifier: Apache-2.0 */
/* bulk.h - a body that is an array of many small objects: read one after the other, so that there is never more than one as a tree, and on
 * whatever thread, so that the loop need not.
 *
 * An item's errors name its index: ["body", "17", "code"]. Reading ends with the item by which there are FIELD_ERRORS_MAX of them.
 *
 * Ownership: bulk_release() accepts a zeroed one; the text is the caller's. Threads: one at a time.
 */
#ifndef RTALP_HTTP_BULK_H
#define RTALP_HTTP_BULK_H

#include "http/schema.h"

struct bulk {
	struct field_errors errors;
	char labels[FIELD_ERRORS_MAX + 1][12]; /* indexes that errors name */
	const char *fault;                     /* the text is no JSON: what it is instead; NULL: it is */
	bool wrong_too;
	size_t position;                       /* where that shows; 0: nowhere in particular */
};
void bulk_release(struct bulk *b);

/* Hands every good item's values to `take`, in their order, until that returns less than 0; those behind a wrong one too, because `take` may find
 * more; with `wrong_too` also those of a wrong one, in which what is wrong is absent. 0; -EINVAL with what is wrong in `errors` or `fault`;
 * what `take` returned. */
int bulk_read(struct bulk *b, const struct schema *item, struct str text, int (*take)(struct values *values, size_t index, void *arg), void *arg);

/* An error of that item; a field of NULL is all of it. */
void bulk_add_error(struct bulk *b, size_t index, const char *field, const char *type, const char *message);

/* From the loop: answers what bulk_read() found. */
struct http_request;
void bulk_reply(struct bulk *b, struct http_request *r);

#endif
