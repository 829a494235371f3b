/* SPDX-License-Identifier: Apache-2.0 */
/* post_body.h - what is asked of ALP in one posting: its fields, the JSON that goes out, and the JSON lists that are kept beside it.
 *
 * The text is made once, when the posting is made, and never again: what is sent twice is the same bytes. Pure. Ownership: the caller frees.
 * Threads: any.
 */
#ifndef RTALP_APP_POST_BODY_H
#define RTALP_APP_POST_BODY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/day.h"
#include "store/store.h"

#define POST_NONE INT64_MIN /* a number that is not said */

struct post_fields {
	int64_t user_id, component_id;
	day_t day;
	int64_t units;                       /* ALP's */
	int64_t rate, billable_type, gst_type; /* or POST_NONE */
	char *description;
	char *notes;                         /* NULL: none */
};
void post_fields_release(struct post_fields *fields);

/* ALP's JSON. reference: under the name reference_field, unless that is ""; in_notes: besides, in brackets at the end of the notes. */
char *post_body_make(const struct post_fields *fields, const char *reference, const char *reference_field, bool in_notes);
/* -EINVAL: it is none that was made here. */
int post_body_read(const char *body, struct post_fields *ret_fields) _must_check_;
/* SHA-256 of what is asked, without any reference: the same wish has the same. */
void post_hash(const struct post_fields *fields, unsigned char ret_hash[FINGERPRINT_BYTES]);
/* How the reference stands in notes: "[rtalp 7-0123abcd]". */
#define POST_MARK_MAX 64
void post_mark(const char *reference, char ret_mark[POST_MARK_MAX]);

/* Does the body say it: as that member, "" being none; as a mark in its notes? */
bool post_body_names(const char *body, const char *reference, const char *reference_field);
bool post_body_is_marked(const char *body, const char *reference);

/* Is it one of this service's, as "7-0123abcd" is? */
bool post_is_reference(const char *text);

/* A JSON array of ids, as a pre-image is. Accepts NULL as an empty one. */
bool ids_have(const char *ids, const char *id);
/* With one more, if it is not there; frees the old one. */
char *ids_add(char *ids, const char *id);

#endif
