/* SPDX-License-Identifier: Apache-2.0 */
#include "http/once.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "http/server_internal.h"

#define HEADER        "Idempotency-Key"
#define RETRY_AFTER_S 1

struct request_once {
	struct once verb;
	bool under_way;
	LIST_ENTRY(request_once) entry;
};

/* --- what is under way -------------------------------------------------------------------------------------------------- */

static struct once_bucket *
bucket_of(struct once_table *table, const struct once *o)
{
	return &table->buckets[(hash_of(str_of(o->key)) ^ (uint64_t)o->caller) % ONCE_BUCKETS];
}

static const struct request_once *
find(const struct once_bucket *bucket, const struct once *o)
{
	const struct request_once *other;

	LIST_FOREACH(other, bucket, entry)
		if (other->verb.caller == o->caller && strcmp(other->verb.key, o->key) == 0)
			return other;
	return NULL;
}

static void
leave(struct request_once *o)
{
	if (o->under_way)
		LIST_REMOVE(o, entry);
	o->under_way = false;
}

/* The verb is done. The request may go on, waiting for a job; who asks again then is told what is kept. */
static void
on_settled(struct once *o)
{
	leave(CONTAINER_OF(o, struct request_once, verb));
}

void
once_end(struct http_request *r)
{
	if (r->once != NULL)
		leave(r->once);
}

/* --- reading it --------------------------------------------------------------------------------------------------------- */

bool
once_key_valid(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] < '!' || s.p[i] > '~')
			return false;
	return s.len >= 1 && s.len <= ONCE_KEY_MAX;
}

static void
release(void *p)
{
	once_release(&((struct request_once *)p)->verb);
}

static void
fill(struct http_request *r, struct str key, struct str body)
{
	const struct str parts[] = {
	    str_of(http_method_name(r->method)),
	    str_of(r->path),
	    str_of(r->query_text),
	    body,
	};
	struct once *o = &r->once->verb;

	o->caller = r->caller.token_id;
	memcpy(o->key, key.p, key.len);
	o->secret = r->route->secret;
	o->settled = on_settled;
	app_fingerprint(r->app, parts, ELEMENTSOF(parts), o->asked);
}

static void
reply_reused(struct http_request *r)
{
	request_add_error(r, "header", HEADER, "idempotency_key_reused", "was sent with another request before");
	reply_wrong(r, "idempotency_key_reused", "This key belongs to another request; a new request needs a new key.");
}

bool
once_begin(struct http_request *r, const struct head *head, struct str body)
{
	struct str key = head_find(head, HEADER);
	const struct request_once *other;
	struct once_bucket *bucket;

	if (r->method != METHOD_POST || key.p == NULL)
		return true;
	if (!once_key_valid(key) || head_count(head, HEADER) != 1) {
		request_add_error(r, "header", HEADER, "bad_key", "must be one key of 1 to %d visible ASCII characters", ONCE_KEY_MAX);
		return true;
	}
	r->once = request_attach(r, sizeof *r->once, release);
	fill(r, key, body);
	bucket = bucket_of(&r->server->once, &r->once->verb);
	other = find(bucket, &r->once->verb);
	if (other == NULL) {
		r->once->under_way = true;
		LIST_INSERT_HEAD(bucket, r->once, entry);
		return true;
	}
	if (memcmp(other->verb.asked, r->once->verb.asked, sizeof other->verb.asked) != 0)
		reply_reused(r);
	else
		reply_busy(r, 409, "idempotency_in_progress", "The first request with this key is still under way.", RETRY_AFTER_S);
	return false;
}

/* --- answering ---------------------------------------------------------------------------------------------------------- */

struct once *
request_once(struct http_request *r, render_fn render)
{
	if (r->once == NULL)
		return NULL;
	r->once->verb.render = render;
	return &r->once->verb;
}

static void
add_headers(struct http_request *r, struct str lines)
{
	while (lines.len > 0) {
		const char *end = memchr(lines.p, '\n', lines.len);
		const char *colon = memchr(lines.p, ':', lines.len);
		char name[64];

		if (end == NULL || colon == NULL || colon > end || (size_t)(colon - lines.p) >= sizeof name)
			return;
		snprintf(name, sizeof name, "%.*s", (int)(colon - lines.p), lines.p);
		request_add_header(r, name, "%.*s", (int)(end - colon) - 2, colon + 2);
		lines = (struct str){end + 1, lines.len - (size_t)(end + 1 - lines.p)};
	}
}

/* Takes the answer's bytes over. */
static void
reply_stored(struct http_request *r, struct once_answer *a)
{
	struct json j = {.b = a->body};

	a->body = BUF_INIT(ONCE_BODY_MAX);
	add_headers(r, buf_str(&a->head));
	buf_release(&a->head);
	reply_json(r, a->status, &j);
}

void
reply_rendered(struct http_request *r, render_fn render, const void *verb)
{
	struct once_answer now = ONCE_ANSWER_INIT;

	render(verb, &now);
	reply_stored(r, &now);
}

void
reply_once(struct http_request *r, render_fn render, const void *verb)
{
	if (r->once != NULL && r->once->verb.outcome == ONCE_RAN)
		reply_stored(r, &r->once->verb.answer);
	else
		reply_rendered(r, render, verb);
}

const struct once_answer *
request_seen(const struct http_request *r)
{
	return r->once != NULL && r->once->verb.outcome == ONCE_SEEN ? &r->once->verb.answer : NULL;
}

void
reply_seen(struct http_request *r)
{
	switch (r->once->verb.outcome) {
	case ONCE_SEEN:
		request_add_header(r, "Idempotent-Replay", "true");
		reply_stored(r, &r->once->verb.answer);
		break;
	case ONCE_SEEN_SECRET:
		reply_problem(r, 409, "secret_already_shown", "This was done, and its answer held a secret that is shown only once.");
		break;
	case ONCE_SEEN_OTHER:
	case ONCE_OPEN:
	case ONCE_RAN:
	default:
		reply_reused(r);
	}
}

void
once_answer_set(struct once_answer *a, int status, struct json *j)
{
	buf_release(&a->body);
	a->status = status;
	a->body = j->b;
	if (a->body.len > ONCE_BODY_MAX)
		a->body.error = -E2BIG;
	j->b = BUF_INIT(0);
}

void
once_answer_header(struct once_answer *a, const char *name, const char *format, ...)
{
	char value[256];
	va_list ap;

	va_start(ap, format);
	vsnprintf(value, sizeof value, format, ap);
	va_end(ap);
	buf_addf(&a->head, "%s: %s\n", name, value);
}
