/* SPDX-License-Identifier: Apache-2.0 */
#include "reply.h"

#include <stdio.h>

#include "rng.h"

/* What Rails adds to every answer of the imitated service. */
static void
add_recorded(const struct reply *r, struct evkeyvalq *headers, uint64_t serial, int64_t took_ms)
{
	char text[64];

	if (r->headers == HEADERS_DATA) {
		evhttp_add_header(headers, "Cache-Control", "no-cache, no-store, max-age=0, must-revalidate");
		evhttp_add_header(headers, "Pragma", "no-cache");
		evhttp_add_header(headers, "Expires", "Fri, 01 Jan 1990 00:00:00 GMT");
	} else {
		evhttp_add_header(headers, "Cache-Control", "max-age=0, private, must-revalidate");
	}
	evhttp_add_header(headers, "X-Frame-Options", "SAMEORIGIN");
	evhttp_add_header(headers, "X-Content-Type-Options", "nosniff");
	evhttp_add_header(headers, "X-Xss-Protection", "1; mode=block");
	snprintf(text, sizeof(text), "%016llx%016llx", (unsigned long long)rng_mix(serial),
	         (unsigned long long)rng_mix(~serial));
	evhttp_add_header(headers, "X-Request-Id", text);
	snprintf(text, sizeof(text), "%lld.%03lld217", (long long)took_ms / 1000, (long long)took_ms % 1000);
	evhttp_add_header(headers, "X-Runtime", text);
}

void
reply_add_headers(const struct reply *r, struct evkeyvalq *headers, uint64_t serial, int64_t took_ms)
{
	size_t len = evbuffer_get_length(r->body);
	char text[32];

	evhttp_add_header(headers, "Server", "nginx");
	if (r->headers != HEADERS_PLAIN)
		add_recorded(r, headers, serial, took_ms);
	if (r->vary)
		evhttp_add_header(headers, "Vary", "Accept-Encoding");
	if (r->gzipped)
		evhttp_add_header(headers, "Content-Encoding", "gzip");
	if (r->location[0])
		evhttp_add_header(headers, "Location", r->location);
	if (r->retry_after[0])
		evhttp_add_header(headers, "Retry-After", r->retry_after);
	if (r->etag[0])
		evhttp_add_header(headers, "ETag", r->etag);
	if (r->link[0])
		evhttp_add_header(headers, "Link", r->link);
	/* An answer that will break off promises more than comes. */
	if (!r->no_length && (r->ending != END_WELL || r->drip_bytes || len < REPLY_CHUNKED_FROM)) {
		snprintf(text, sizeof(text), "%zu", len);
		evhttp_add_header(headers, "Content-Length", text);
	}
}

const char *
reply_reason(int status)
{
	static const struct {
		int status;
		const char *reason;
	} reasons[] = {
		{ 200, "OK" }, { 201, "Created" }, { 202, "Accepted" }, { 204, "No Content" }, { 301, "Moved Permanently" }, { 302, "Found" }, { 304, "Not Modified" }, { 307, "Temporary Redirect" }, { 400, "Bad Request" }, { 401, "Unauthorized" },
		{ 403, "Forbidden" }, { 404, "Not Found" }, { 405, "Method Not Allowed" }, { 409, "Conflict" }, { 422, "Unprocessable Content" }, { 429, "Too Many Requests" },
		{ 500, "Internal Server Error" }, { 502, "Bad Gateway" }, { 503, "Service Unavailable" }, { 504, "Gateway Timeout" },
	};
	size_t i;

	for (i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].status == status)
			return reasons[i].reason;
	return "Other";
}
