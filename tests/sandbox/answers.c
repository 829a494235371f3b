/* SPDX-License-Identifier: Apache-2.0 */
#include "answers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "blob.h"
#include "gzip.h"

#define JSON_TYPE "application/json; charset=utf-8"
#define HTML_TYPE "text/html; charset=utf-8"
#define MIB (1024 * 1024)

/* Byte for byte as seen in the wild, uneven spaces included. */
#define BAD_KEY "{\"error\":\"# key not found\",\"messages\":\"key not found\"}"
#define BAD_QUERY "{\"error\": \"# query error\",\"messages\": \"Error: Likely a badly formatted or missing parameter\"}"

#define JSON_START \
	"{\"notes\":\"data is an array of arrays (rows), column names for rows in row_headers\",\"row_headers\":[\"Date\"," \
	"\"Time Spent (seconds)\",\"Number of People\",\"Activity\",\"Document\",\"Category\",\"Productivity\"],\"rows\":["

#define PAGE(title) \
	"<!DOCTYPE html>\n<html>\n<head><title>" title "</title></head>\n<body><h1>" title "</h1></body>\n</html>\n"

struct page {
	enum fault_kind kind;
	int status;
	const char *type, *body;
};

static const struct page pages[] = {
	{ FAULT_HTTP_429, 429, HTML_TYPE, PAGE("429 Too Many Requests") },
	{ FAULT_HTTP_500, 500, HTML_TYPE, PAGE("We're sorry, but something went wrong") },
	{ FAULT_HTTP_502, 502, HTML_TYPE, PAGE("502 Bad Gateway") },
	{ FAULT_HTTP_503, 503, HTML_TYPE, PAGE("503 Service Temporarily Unavailable") },
	{ FAULT_HTML_200, 200, HTML_TYPE, PAGE("RescueTime is down for maintenance") },
	{ FAULT_TEXT_200, 200, "text/plain; charset=utf-8", "key not found" },
	{ FAULT_REDIRECT_301, 301, HTML_TYPE, PAGE("You are being redirected") },
	{ FAULT_REDIRECT_302, 302, HTML_TYPE, PAGE("You are being redirected") },
};

bool
client_takes_gzip(const struct exchange *x)
{
	return gzip_accepted(evhttp_find_header(evhttp_request_get_input_headers(exchange_request(x)), "Accept-Encoding"));
}

static void
envelope(struct exchange *x, int status, const char *json)
{
	struct reply *r = exchange_reply(x);

	r->status = status;
	r->headers = HEADERS_ERROR;
	r->type = JSON_TYPE;
	r->vary = true;
	r->gzipped = client_takes_gzip(x);
	if (r->gzipped) {
		struct buf b = { 0 };

		gzip_bytes(&b, json, strlen(json));
		evbuffer_add(r->body, b.data, b.len);
		buf_release(&b);
	} else {
		evbuffer_add(r->body, json, strlen(json));
	}
}

void
answer_bad_key(struct exchange *x, int status)
{
	envelope(x, status, BAD_KEY);
}

void
answer_query_error(struct exchange *x, int status)
{
	envelope(x, status, BAD_QUERY);
}

static void
data_headers(struct exchange *x, bool gzipped)
{
	struct reply *r = exchange_reply(x);

	r->status = 200;
	r->headers = HEADERS_DATA;
	r->type = JSON_TYPE;
	r->gzipped = gzipped;
}

static void
deep_json(struct exchange *x, int64_t depth)
{
	size_t n = depth < 1 ? 1 : depth > 64 * MIB ? 64 * MIB : (size_t)depth;
	struct evbuffer *body = exchange_reply(x)->body;
	char *brackets = xcalloc(n, 1);

	data_headers(x, false);
	evbuffer_add(body, JSON_START, strlen(JSON_START));
	memset(brackets, '[', n);
	evbuffer_add(body, brackets, n);
	memset(brackets, ']', n);
	evbuffer_add(body, brackets, n);
	evbuffer_add(body, "]}", 2);
	free(brackets);
}

/* One block of rows, sent by reference as often as it takes. */
static void
huge_body(struct exchange *x, int64_t mb)
{
	static const char row[] = ",[\"2026-01-05T09:00:00\",1,1,\"Microsoft Word\",\"[22069] Deed.docx - Word\",\"Writing\",2]";
	struct evbuffer *body = exchange_reply(x)->body;
	struct buf b = { 0 };
	struct blob *block;
	size_t want = (size_t)(mb < 1 ? 1 : mb > 4096 ? 4096 : mb) * MIB;

	data_headers(x, false);
	evbuffer_add(body, JSON_START, strlen(JSON_START));
	evbuffer_add(body, row + 1, sizeof(row) - 2);
	while (b.len < 256 * 1024)
		buf_add(&b, row, sizeof(row) - 1);
	block = blob_take(&b);
	while (evbuffer_get_length(body) < want)
		blob_send(block, body);
	blob_unref(block);
	evbuffer_add(body, "]}", 2);
}

static void
bomb(struct exchange *x, int64_t mb)
{
	data_headers(x, true);
	gzip_bomb(exchange_reply(x)->body, JSON_START, (size_t)(mb < 1 ? 1 : mb > 65536 ? 65536 : mb), "]}");
}

static void
page(struct exchange *x, const struct page *p, const struct fault *f)
{
	struct reply *r = exchange_reply(x);
	const char *host = evhttp_find_header(evhttp_request_get_input_headers(exchange_request(x)), "Host");

	r->status = p->status;
	r->type = p->type;
	evbuffer_add(r->body, p->body, strlen(p->body));
	snprintf(r->retry_after, sizeof(r->retry_after), "%s", fault_text(f, "retry_after", ""));
	if (p->status == 301 || p->status == 302)
		snprintf(r->location, sizeof(r->location), "%s://%s/login", exchange_is_tls(x) ? "https" : "http",
		         host ? host : "localhost");
}

bool
answer_by_fault(struct exchange *x, const struct hits *hits)
{
	const struct fault *const *of = hits->of;
	const struct options *o = exchange_sandbox(x)->options;
	size_t i;

	for (i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		if (of[pages[i].kind]) {
			page(x, &pages[i], of[pages[i].kind]);
			return true;
		}
	}
	if (of[FAULT_BAD_KEY_200])
		answer_bad_key(x, 200);
	else if (of[FAULT_BAD_KEY_400])
		answer_bad_key(x, 400);
	else if (of[FAULT_BAD_KEY_401])
		answer_bad_key(x, 401);
	else if (of[FAULT_BAD_KEY_403])
		answer_bad_key(x, 403);
	else if (of[FAULT_REVOKE])
		answer_bad_key(x, o->bad_key_status);
	else if (of[FAULT_QUERY_ERROR])
		answer_query_error(x, (int)fault_number(of[FAULT_QUERY_ERROR], "status", o->query_error_status));
	else if (of[FAULT_DEEP_JSON])
		deep_json(x, fault_number(of[FAULT_DEEP_JSON], "depth", 100000));
	else if (of[FAULT_HUGE_BODY])
		huge_body(x, fault_number(of[FAULT_HUGE_BODY], "mb", 32));
	else if (of[FAULT_GZIP_BOMB])
		bomb(x, fault_number(of[FAULT_GZIP_BOMB], "mb", 1024));
	else
		return false;
	return true;
}

void
apply_wire_faults(struct exchange *x, const struct hits *hits)
{
	const struct fault *const *of = hits->of;
	struct reply *r = exchange_reply(x);

	r->delay_ms = exchange_sandbox(x)->options->latency_ms;
	if (of[FAULT_DELAY])
		r->delay_ms += fault_number(of[FAULT_DELAY], "ms", 1000);
	if (of[FAULT_SLOW_BODY]) {
		r->drip_bytes = fault_number(of[FAULT_SLOW_BODY], "bytes", 16);
		r->drip_ms = fault_number(of[FAULT_SLOW_BODY], "ms", 200);
	}
	if (of[FAULT_TRUNCATED]) {
		r->ending = END_CLOSE;
		r->cut = fault_number(of[FAULT_TRUNCATED], "bytes", (int64_t)evbuffer_get_length(r->body) / 2);
		r->no_length = fault_number(of[FAULT_TRUNCATED], "chunked", 0) != 0;
	}
	if (of[FAULT_RESET]) {
		r->ending = END_RESET;
		r->cut = fault_number(of[FAULT_RESET], "bytes", -1);
	}
	if (of[FAULT_STALL]) {
		r->ending = END_STALL;
		r->headers_first = fault_number(of[FAULT_STALL], "headers", 0) != 0;
	}
}
