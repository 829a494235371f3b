/* SPDX-License-Identifier: Apache-2.0 */
/* res_post_check.h - time that is to be posted, held against ALP's lists: users, GST types, and the way from a matter to its component where that is
 * given. What no list says, or only an old copy, is ALP's to judge. Threads: the loop's. */
#ifndef RTALP_HTTP_RES_POST_CHECK_H
#define RTALP_HTTP_RES_POST_CHECK_H

#include "app/post_body.h"
#include "http/request.h"

/* A number may be POST_NONE, a text NULL: not said. Borrowed. */
struct post_facts {
	int64_t user_id, component_id, gst_type;
	const char *matter_id, *outcome_id;
};

/* Calls fault() for everything that the copies there are say is wrong. */
typedef void (*post_fault_fn)(void *arg, const char *field, const char *type, const char *message);
void post_facts_check(struct http_request *r, const struct post_facts *facts, post_fault_fn fault, void *arg);

/* Has the lists asked for that the check needs, and calls done(r, arg) once, perhaps at once: when they are there, or after a moment. */
void post_facts_have(struct http_request *r, const struct post_facts *items, size_t count, void (*done)(struct http_request *r, void *arg), void *arg);

/* It has not begun anywhere on earth. */
bool post_day_is_future(day_t day);

#endif
