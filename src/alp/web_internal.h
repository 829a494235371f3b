/* SPDX-License-Identifier: Apache-2.0 */
/* web_internal.h - a call of web.h from the inside. For web*.c only. Threads: the loop's. */
#ifndef RTALP_ALP_WEB_INTERNAL_H
#define RTALP_ALP_WEB_INTERNAL_H

#include <curl/curl.h>
#include <sys/queue.h>

#include "alp/web.h"

TAILQ_HEAD(web_calls, web_call);

struct web_call {
	struct web *web;
	TAILQ_ENTRY(web_call) link; /* of its queue, or of those under way */
	web_done_fn done;
	void *arg;
	int64_t queued_until_ms;
	int64_t began_us; /* monotonic; when it left the queue */
	bool post;
	char *url;
	char *body;
	size_t body_bytes, body_given;
	struct curl_slist *headers;
	CURL *easy; /* NULL: in the queue */
	bool begun;     /* the connection stands; from here on bytes may leave */
	bool too_large;
	size_t head_bytes;
	struct buf answer;
	char error[CURL_ERROR_SIZE];
};

/* What came of a transfer that has ended. */
void web_answer_fill(struct web_call *call, CURLcode result, int64_t now_real_ms, struct web_answer *answer);
void web_answer_count(const struct web_answer *answer, bool post, int64_t took_us);
void web_answer_release(struct web_answer *answer);

#endif
