/* SPDX-License-Identifier: Apache-2.0 */
/* kept.h - reads that are answered from what was answered before, straight from the loop, without a store thread.
 *
 * A handler of a GET settles whose data is asked for, tries reply_kept(), and else reads, renders and calls reply_and_keep() inside the
 * verb's `done`. The key is the route, that user, the path's and the query's values in the order of their schemas (so that two spellings
 * of one question share an answer), and the form (JSON, CSV).
 *
 * Threads: the loop's.
 */
#ifndef RTALP_HTTP_KEPT_H
#define RTALP_HTTP_KEPT_H

#include <stdbool.h>
#include <stdint.h>

struct http_request;
struct json;
struct ready_answer;

/* asked_user: whose data the question may reach, 0: whoever's. True: answered. */
bool reply_kept(struct http_request *r, int64_t asked_user);

/* Answers, and keeps the answer if what was read of `owner` (whose data is in it) is still what there is. Takes the Link and X-Total-Count that
 * the handler added along. The caller keeps its count. */
void reply_and_keep(struct http_request *r, int64_t asked_user, int64_t owner, struct ready_answer *a);

/* What was read as an answer in the form that the request wants; takes the document over. tag NULL: made of its bytes. NULL: too large to be
 * one; the document stays. Any thread, while the request waits for its verb. */
struct ready_answer *answer_render(const struct http_request *r, const char *tag, struct json *j);

/* The same for a document in the form that the request chose, which is taken over. tag NULL: made of its bytes. */
void reply_read(struct http_request *r, int64_t asked_user, int64_t owner, const char *tag, struct json *j);
/* Answers with such a document, and does not keep it. */
void reply_tagged(struct http_request *r, const char *tag, struct json *j);

#endif
