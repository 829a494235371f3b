/* SPDX-License-Identifier: Apache-2.0 */
/* alp_post.c - one post, once, and what its answer says. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alp/alp_internal.h"
#include "alp/json_text.h"
#include "base/alloc.h"
#include "base/utf8.h"

#define TEXT_KEPT_BYTES ((size_t)16 * 1024)
#define ANSWER_MAX_BYTES ((size_t)1024 * 1024) /* that one entry was made is said in few words */
#define KEY_HIDDEN_MIN  ((size_t)8) /* a shorter one would be found in words that are none */

static char *
said(const struct web_answer *a)
{
	_cleanup_(buf_release) struct buf text = BUF_INIT(TEXT_KEPT_BYTES + 4);
	uint32_t replaced = 0;

	if (a->body.len == 0)
		return NULL;
	utf8_add_clean(&text, buf_str(&a->body), TEXT_KEPT_BYTES, &replaced);
	return buf_take(&text, NULL);
}

/* A server that is set up for finding faults repeats what it was sent, headers and all. What it said is shown and stored; the key is not. */
static void
hide_key(const struct alp_options *o, struct buf *body)
{
	struct str key = o->key != NULL ? secret_expose(o->key) : STR_NONE;
	char *at = body->p, *end = body->p + body->len;

	if (key.len < KEY_HIDDEN_MIN || body->len == 0)
		return;
	while ((at = memmem(at, (size_t)(end - at), key.p, key.len)) != NULL) {
		memset(at, '*', key.len);
		at += key.len;
	}
}

static bool
made(const struct alp_options *o, const struct web_answer *a, struct alp_entry *ret_entry)
{
	struct str object = buf_str(&a->body);

	if (a->status != 200 && a->status != 201)
		return false;
	if (json_text_check(object) < 0)
		return false;
	if (o->entry_field[0] != '\0' && !json_text_member(object, o->entry_field, &object))
		return false;
	if (alp_entry_parse(o, object, ret_entry) < 0)
		return false;
	/* The number of what was never stored. */
	if (strcmp(ret_entry->id, "0") != 0)
		return true;
	alp_entry_release(ret_entry);
	return false;
}

static enum alp_posted
meaning_of(int status)
{
	switch (status) {
	case 400:
	case 404:
	case 409:
	case 422:
		return ALP_POST_REJECTED;
	case 401:
	case 403:
		return ALP_POST_KEY_REFUSED;
	case 429:
		return ALP_POST_BUSY;
	default:
		return ALP_POST_UNKNOWN;
	}
}

static void
judge(const struct alp_options *o, const struct web_answer *a, struct alp_post_answer *answer)
{
	answer->status = a->status;
	answer->retry_after_ms = a->retry_after_ms;
	if (a->outcome != WEB_ANSWERED) {
		answer->posted = a->outcome == WEB_NOT_SENT ? ALP_POST_NOT_SENT : ALP_POST_UNKNOWN;
		snprintf(answer->detail, sizeof answer->detail, "%s", a->detail);
		return;
	}
	answer->text = said(a);
	answer->posted = made(o, a, &answer->entry) ? ALP_POSTED : meaning_of(a->status);
	if (answer->posted == ALP_POST_UNKNOWN)
		snprintf(answer->detail, sizeof answer->detail, "ALP answered with HTTP status %d and %s", a->status,
		    a->status >= 200 && a->status < 300 ? "no entry that could be read" : "did not say what became of it");
	else if (answer->posted != ALP_POSTED)
		snprintf(answer->detail, sizeof answer->detail, "ALP answered with HTTP status %d", a->status);
}

static void
end(struct alp_call *call, struct alp_post_answer *answer)
{
	alp_post_fn done = call->post_done;
	void *arg = call->arg;

	alp_call_free(call);
	done(answer, arg);
	alp_entry_release(&answer->entry);
	free(answer->text);
}

static void
answered(struct web_answer *a, void *arg)
{
	struct alp_call *call = arg;
	struct alp_post_answer answer = {0};

	alp_leave(call, a);
	hide_key(&call->alp->options, &a->body);
	judge(&call->alp->options, a, &answer);
	end(call, &answer);
}

static void
on_refused_by_breaker(evutil_socket_t fd, short what, void *arg)
{
	struct alp_call *call = arg;
	struct alp_post_answer answer = {.posted = ALP_POST_NOT_SENT, .retry_after_ms = call->wait_ms};

	(void)fd;
	(void)what;
	snprintf(answer.detail, sizeof answer.detail, "ALP did not answer several times, so it was not sent");
	end(call, &answer);
}

struct alp_call *
alp_post(struct alp *alp, const char *body, size_t body_bytes, const char *idempotency_key, alp_post_fn done, void *arg)
{
	struct alp_call *call = alp_call_new(alp, arg);
	struct web_request request = {.post = true, .body = {.p = body, .len = body_bytes}, .answer_max_bytes = ANSWER_MAX_BYTES,
	    .idempotency_key = idempotency_key};

	call->post_done = done;
	if (!alp_enter(call)) {
		alp_call_pause(call, 0, on_refused_by_breaker);
		return call;
	}
	call->url = alp_entries_url(&alp->options);
	request.url = call->url;
	call->web = web_send(alp->web, &request, answered, call);
	return call;
}
