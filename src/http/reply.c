/* SPDX-License-Identifier: Apache-2.0 */
/* The ends of a request: each of these gives its answer to evhttp and frees it. */
#include <errno.h>
#include <event2/buffer.h>
#include <event2/http.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "http/answer.h"
#include "http/coding.h"
#include "http/conn.h"
#include "http/conn_tls.h"
#include "http/once.h"
#include "http/server_internal.h"

static void
add_common_headers(struct http_request *r)
{
	request_set_header(r, "X-Request-Id", r->id);
	request_set_header(r, "X-Content-Type-Options", "nosniff");
	if (evhttp_find_header(evhttp_request_get_output_headers(r->ev), "Cache-Control") == NULL)
		request_set_header(r, "Cache-Control", "no-store");
	if (r->server->draining)
		request_set_header(r, "Connection", "close");
}

static void
on_sent(struct evhttp_request *ev, void *conn)
{
	(void)ev;
	conn_replied(conn);
}

/* Of the route's row; 0: of none. */
static size_t
route_number(const struct route *route)
{
	return route != NULL ? (size_t)(route - routes) + 1 : 0;
}

static void
count_request(const struct http_request *r, int status, int64_t took_us)
{
	size_t route = route_number(r->route);

	metric_add(rtalp_http_requests, route, METRIC_STATUS(status), 1);
	metric_observe(rtalp_http_request_duration_seconds, route, 0, took_us);
}

static void
log_request(const struct http_request *r, int status)
{
	int64_t took_us = clock_mono_us() - r->started_us;

	count_request(r, status, took_us);
	log_event(EV_HTTP_REQUEST, LOG_STR("METHOD", http_method_name(r->method)), LOG_STR("PATH", r->path),
	    LOG_I64("STATUS", status), LOG_I64("DURATION_MS", took_us / 1000),
	    LOG_STR("REQUEST_ID", r->id));
}

/* --- an answer's form ----------------------------------------------------------------------------------------------------- */

bool
request_wants_gzip(const struct http_request *r)
{
	const char *accepted = request_header(r, "Accept-Encoding");

	return accepted != NULL && coding_wants_gzip(str_of(accepted));
}

/* A large one is packed where it was made, or not at all: everybody would wait meanwhile. */
static bool
take_gzip(const struct http_request *r, struct ready_answer *a)
{
	if (!answer_packs(a) || !request_wants_gzip(r))
		return false;
	return answer_is_packed(a) || (answer_length(a, false) <= GZIP_HERE_BYTES && answer_pack(a));
}

/* The tag by which the client has it already; NULL: it does not. */
static const char *
known_tag(const struct http_request *r, const struct ready_answer *a, bool gzip)
{
	const char *known;

	if (answer_status(a) != 200 || (r->method != METHOD_GET && r->method != METHOD_HEAD) || answer_tag(a, gzip) == NULL)
		return NULL;
	known = request_header(r, "If-None-Match");
	return known != NULL ? answer_tag_named(a, str_of(known), gzip) : NULL;
}

static void
add_answer_headers(struct http_request *r, const struct ready_answer *a, const char *tag)
{
	const char *name, *value;

	for (size_t i = 0; (name = answer_header(a, i, &value)) != NULL; i++)
		request_set_header(r, name, value);
	if (tag != NULL)
		request_set_header(r, "ETag", tag);
	if (answer_packs(a))
		request_vary(r, "Accept-Encoding");
}

static void
add_body_headers(struct http_request *r, const struct ready_answer *a, bool gzip)
{
	if (answer_content_type(a) != NULL)
		request_set_header(r, "Content-Type", answer_content_type(a));
	if (gzip)
		request_set_header(r, "Content-Encoding", "gzip");
	if (answer_status(a) != 204)
		request_add_header(r, "Content-Length", "%zu", answer_length(a, gzip));
}

static void
send_out(struct http_request *r, int status, struct evbuffer *out, bool shared)
{
	struct conn *c = r->conn;

	conn_answered(c, r->kept);
	answer_queued(c, r->caller.token_id, evbuffer_get_length(out), shared);
	evhttp_request_set_on_complete_cb(r->ev, on_sent, c);
	evhttp_send_reply(r->ev, status, status_phrase(status), out);
	request_free(r);
	conn_replying(c);
}

void
reply_answer(struct http_request *r, struct ready_answer *a)
{
	bool gzip = take_gzip(r, a);
	const char *known = known_tag(r, a, gzip);
	int status = known != NULL ? 304 : answer_status(a);
	struct evbuffer *out;

	log_request(r, status);
	if (r->ev == NULL) {
		request_free(r);
		return;
	}
	out = evbuffer_new();
	add_answer_headers(r, a, known != NULL ? known : answer_tag(a, gzip));
	add_common_headers(r);
	if (status != 304) {
		add_body_headers(r, a, gzip);
		if (r->method != METHOD_HEAD)
			answer_append(a, gzip, out);
	}
	send_out(r, status, out, answer_is_shared(a));
	evbuffer_free(out);
}

/* evhttp closes it by itself; this is for the day when it does not. */
static void
on_stream_sent(struct evhttp_request *ev, void *arg)
{
	struct conn *c = arg;

	(void)ev;
	c->close_later = true;
	event_active(c->timer, EV_TIMEOUT, 0);
}

bool
reply_open(struct http_request *r, const char *content_type)
{
	struct evkeyvalq *headers = evhttp_request_get_output_headers(r->ev);
	bool chunked;

	log_request(r, 200);
	request_set_header(r, "Content-Type", content_type);
	add_common_headers(r);
	request_set_header(r, "Connection", "close");
	evhttp_request_set_on_complete_cb(r->ev, on_stream_sent, r->conn);
	evhttp_send_reply_start(r->ev, 200, status_phrase(200));
	conn_seal(r->conn);
	chunked = evhttp_find_header(headers, "Transfer-Encoding") != NULL;
	request_free(r);
	return chunked;
}

/* A tag that the handler set is the plain form's. */
static void
take_tag(struct http_request *r, struct ready_answer *a)
{
	const char *tag = r->ev != NULL ? evhttp_find_header(evhttp_request_get_output_headers(r->ev), "ETag") : NULL;

	if (tag != NULL)
		answer_set_tag(a, tag);
}

static void
reply(struct http_request *r, int status, const char *content_type, struct json *j)
{
	_cleanup_(answer_unrefp) struct ready_answer *a = NULL;
	size_t len = 0;
	char *text = buf_take(&j->b, &len);

	a = answer_new(status, content_type, text, len);
	take_tag(r, a);
	reply_answer(r, a);
}

void
reply_too_large(struct http_request *r)
{
	reply_problem(r, 500, "answer_too_large", "The answer is too large; ask for a page of it with `limit`.");
}

void
reply_json(struct http_request *r, int status, struct json *j)
{
	if (j->b.error < 0) {
		buf_release(&j->b);
		reply_too_large(r);
		return;
	}
	reply(r, status, "application/json", j);
}

void
reply_empty(struct http_request *r, int status)
{
	reply(r, status, NULL, &JSON_INIT);
}

static void
reply_this(struct http_request *r, struct problem *problem)
{
	struct json j = JSON_INIT;

	problem->instance = r->path;
	problem->request_id = r->id;
	problem_render(problem, &j);
	reply(r, problem->status, "application/problem+json", &j);
}

static void
reply_with_errors(struct http_request *r, int status, const char *code, const char *detail, const struct field_errors *errors)
{
	reply_this(r, &(struct problem){.status = status, .code = code, .detail = detail, .errors = errors});
}

void
reply_problem_with(struct http_request *r, int status, const char *code, const char *detail, const char *name, struct json *value)
{
	reply_this(r, &(struct problem){.status = status, .code = code, .detail = detail, .more = name, .more_json = value->b.p});
	buf_release(&value->b);
}

void
reply_problem(struct http_request *r, int status, const char *code, const char *detail)
{
	reply_with_errors(r, status, code, detail, NULL);
}

void
reply_wrong(struct http_request *r, const char *code, const char *detail)
{
	reply_with_errors(r, 422, code, detail, &r->errors);
}

void
reply_invalid(struct http_request *r)
{
	reply_wrong(r, "invalid_fields", "Some fields are missing or wrong; `errors` names every one.");
}

void
reply_busy(struct http_request *r, int status, const char *code, const char *detail, int retry_after_s)
{
	request_add_header(r, "Retry-After", "%d", retry_after_s);
	reply_problem(r, status, code, detail);
}

static void
reply_internal(struct http_request *r, int error)
{
	log_event(EV_HTTP_INTERNAL, LOG_STR("METHOD", http_method_name(r->method)), LOG_STR("PATH", r->path), LOG_ERRNO(error),
	    LOG_STR("REQUEST_ID", r->id));
	reply_problem(r, 500, "internal", "Something went wrong here; the log has it under this request's id.");
}

static void
reply_fault(struct http_request *r, const struct app_fault *fault)
{
	bool in_body = schema_index(r->route->body, str_of(fault->field)) >= 0;

	request_add_error(r, in_body ? "body" : "query", fault->field, fault->type, "%s", fault->message);
	reply_invalid(r);
}

void
reply_failed(struct http_request *r, int error, const struct app_fault *fault)
{
	if (error == -EINVAL && fault != NULL && fault->field != NULL)
		reply_fault(r, fault);
	else if (error == -EEXIST && r->once != NULL)
		reply_seen(r);
	else if (error == -ENOENT)
		reply_problem(r, 404, "not_found", "There is no such thing, or it is not yours.");
	else if (error == -EDQUOT)
		reply_busy(r, 429, "queue_full", "The queue is full.", 10);
	else if (error == -ENOSPC)
		reply_busy(r, 503, "disk_full", "The disk is full; nothing new can be stored.", 30);
	else if (error == -EBUSY)
		reply_busy(r, 503, "store_busy", "The store is busy with something else.", 5);
	else if (error == -EIO)
		reply_busy(r, 503, "store_failed", "The store failed; the service is about to start again.", 5);
	else
		reply_internal(r, error);
}
