/* SPDX-License-Identifier: Apache-2.0 */
/* answer.h - a finished answer: status, headers and bytes, made once and sent any number of times without a copy.
 *
 *     a = answer_new(200, "application/json", text, len);
 *     answer_add_header(a, "Cache-Control", "private, no-cache");
 *     answer_tag_bytes(a);
 *     reply_answer(r, a);
 *     answer_unref(a);
 *
 * Invariants: once it was sent or shared nothing of it changes but that its gzip form is added; both forms have strong tags of their own,
 * the gzip one's with "-gz" before its last quote. A tag outlives the daemon, so it says the bytes and nothing else.
 *
 * reply_answer() (request.h) chooses the form by Accept-Encoding, sends 304 to who has it, and says Vary.
 *
 * Ownership: counted; what an evbuffer still has to send holds a count of its own. Threads: one at a time; the loop's once it was shared.
 */
#ifndef RTALP_HTTP_ANSWER_H
#define RTALP_HTTP_ANSWER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/macro.h"
#include "base/str.h"
#include "http/etag.h"

struct evbuffer;
struct ready_answer;

#define ANSWER_TAG_MAX (ETAG_MAX + 4)

/* Takes `bytes` (from malloc) over. content_type NULL: none, and no bytes. */
struct ready_answer *answer_new(int status, const char *content_type, char *bytes, size_t len);
/* The bytes are static, or outlive every use of the answer. */
struct ready_answer *answer_of_static(int status, const char *content_type, const void *bytes, size_t len);
/* The bytes are somebody else's until release(arg), which comes with the answer's end. Sent to many at once they are still there once. */
struct ready_answer *answer_of_shared(int status, const char *content_type, const char *bytes, size_t len, void (*release)(void *arg), void *arg);
bool answer_is_shared(const struct ready_answer *a);
/* A gzip form made elsewhere, such as when the program was built; static likewise. */
void answer_set_static_gzip(struct ready_answer *a, const void *bytes, size_t len);

/* The name must be static; the value is copied. */
void answer_add_header(struct ready_answer *a, const char *name, const char *value);
/* With its quotes, shorter than ETAG_MAX. */
void answer_set_tag(struct ready_answer *a, const char *tag);
/* A tag made of a hash over the bytes. */
void answer_tag_bytes(struct ready_answer *a);
/* Makes the gzip form, if that pays and it was not tried before. True: there is one. */
bool answer_pack(struct ready_answer *a);

struct ready_answer *answer_ref(struct ready_answer *a);
struct ready_answer *answer_unref(struct ready_answer *a); /* accepts NULL, returns NULL */
DEFINE_POINTER_CLEANUP(struct ready_answer, answer_unref, answer_unrefp)

int answer_status(const struct ready_answer *a);
const char *answer_content_type(const struct ready_answer *a); /* NULL: none */
size_t answer_length(const struct ready_answer *a, bool gzip);
/* May it have a gzip form? Then every client's answer depends on Accept-Encoding. */
bool answer_packs(const struct ready_answer *a);
/* Does it have one; is it known whether it can? */
bool answer_is_packed(const struct ready_answer *a);
bool answer_pack_tried(const struct ready_answer *a);
/* NULL: it has none. */
const char *answer_tag(const struct ready_answer *a, bool gzip);
/* The tag of the form that an If-None-Match header names; NULL: none. For "*": that of the form given. */
const char *answer_tag_named(const struct ready_answer *a, struct str if_none_match, bool gzip);
/* In the order they were added; NULL at the end. */
const char *answer_header(const struct ready_answer *a, size_t i, const char **ret_value);
/* Memory held, in bytes. */
size_t answer_size(const struct ready_answer *a);
/* Appends the bytes without copying them. */
void answer_append(struct ready_answer *a, bool gzip, struct evbuffer *out);

#endif
