/* SPDX-License-Identifier: Apache-2.0 */
/* web_answer.c - what came of a request, and what the answer's headers say. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "alp/web_internal.h"
#include "base/alloc.h"
#include "base/metrics.h"

#define RETRY_AFTER_MAX_MS ((int64_t)24 * 3600 * 1000)

int64_t
web_retry_after_ms(const char *value, int64_t now_real_ms)
{
	int64_t ms;
	time_t at;

	if (str_to_i64(str_of(value), 0, RETRY_AFTER_MAX_MS / 1000, &ms) == 0)
		return ms * 1000;
	/* More seconds than that: digits only, which the reader of dates would take for one. */
	if (value[0] != '\0' && strspn(value, "0123456789") == strlen(value))
		return RETRY_AFTER_MAX_MS;
	at = curl_getdate(value, NULL);
	if (at < 0)
		return 0;
	/* libcurl reads years that are no year. */
	if (at > now_real_ms / 1000 + RETRY_AFTER_MAX_MS / 1000)
		return RETRY_AFTER_MAX_MS;
	return MAX_OF((int64_t)at * 1000 - now_real_ms, (int64_t)0);
}

/* --- Link ------------------------------------------------------------------------------------------------------------------- */

static void
skip(struct str *s, size_t n)
{
	*s = (struct str){s->p + n, s->len - n};
}

static void
skip_blanks(struct str *s)
{
	while (s->len > 0 && (s->p[0] == ' ' || s->p[0] == '\t'))
		skip(s, 1);
}

/* Up to `end` outside of quotes; what is between is taken off. */
static struct str
take_until(struct str *s, const char *ends)
{
	struct str taken = {s->p, 0};
	bool quoted = false;

	while (s->len > 0 && (quoted || strchr(ends, s->p[0]) == NULL || s->p[0] == '\0')) {
		size_t n = quoted && s->p[0] == '\\' && s->len > 1 ? 2 : 1;

		if (s->p[0] == '"')
			quoted = !quoted;
		taken.len += n;
		skip(s, n);
	}
	return taken;
}

static bool
lists_next(struct str value)
{
	static const char wanted[] = "next";

	if (value.len >= 2 && value.p[0] == '"')
		value = (struct str){value.p + 1, value.len - 2};
	while (value.len > 0) {
		const char *blank = memchr(value.p, ' ', value.len);
		size_t len = blank != NULL ? (size_t)(blank - value.p) : value.len;

		if (len == sizeof wanted - 1 && strncasecmp(value.p, wanted, len) == 0)
			return true;
		skip(&value, MIN_OF(len + 1, value.len));
	}
	return false;
}

static bool
is_rel_next(struct str parameter)
{
	static const char rel[] = "rel";
	struct str name;

	skip_blanks(&parameter);
	name = take_until(&parameter, "=");
	while (name.len > 0 && name.p[name.len - 1] == ' ')
		name.len--;
	if (parameter.len == 0 || name.len != sizeof rel - 1 || strncasecmp(name.p, rel, name.len) != 0)
		return false;
	skip(&parameter, 1);
	skip_blanks(&parameter);
	while (parameter.len > 0 && (parameter.p[parameter.len - 1] == ' ' || parameter.p[parameter.len - 1] == '\t'))
		parameter.len--;
	return lists_next(parameter);
}

/* <target>; a=b; c="d", ...: takes one off. */
static bool
take_link(struct str *s, struct str *ret_target, bool *ret_next)
{
	const char *close;

	skip_blanks(s);
	while (s->len > 0 && s->p[0] == ',') {
		skip(s, 1);
		skip_blanks(s);
	}
	if (s->len == 0 || s->p[0] != '<')
		return false;
	close = memchr(s->p, '>', s->len);
	if (close == NULL)
		return false;
	*ret_target = (struct str){s->p + 1, (size_t)(close - s->p) - 1};
	*ret_next = false;
	skip(s, ret_target->len + 2);
	(void)take_until(s, ";,");
	while (s->len > 0 && s->p[0] == ';') {
		skip(s, 1);
		if (is_rel_next(take_until(s, ";,")))
			*ret_next = true;
	}
	return true;
}

bool
web_link_next(struct str value, struct str *ret_target)
{
	struct str target;
	bool next;

	while (take_link(&value, &target, &next))
		if (next) {
			*ret_target = target;
			return true;
		}
	return false;
}

/* --- headers ---------------------------------------------------------------------------------------------------------------- */

static const char *
header(const struct web_call *call, const char *name, size_t index)
{
	struct curl_header *h;

	return curl_easy_header(call->easy, name, index, CURLH_HEADER, -1, &h) == CURLHE_OK ? h->value : NULL;
}

static void
read_link(const struct web_call *call, struct web_answer *answer)
{
	const char *value;
	struct str target;

	for (size_t i = 0; (value = header(call, "Link", i)) != NULL; i++)
		if (web_link_next(str_of(value), &target)) {
			answer->link_next = xstrndup(target.p, target.len);
			return;
		}
}

static bool
is_json(const char *type)
{
	size_t len;

	if (type == NULL)
		return false;
	len = strcspn(type, "; \t");
	return (len == 16 && strncasecmp(type, "application/json", len) == 0) ||
	    (len > 5 && strncasecmp(type + len - 5, "+json", 5) == 0);
}

static void
read_headers(const struct web_call *call, int64_t now_real_ms, struct web_answer *answer)
{
	const char *etag = header(call, "ETag", 0), *retry_after = header(call, "Retry-After", 0);

	if (etag != NULL && strlen(etag) < sizeof answer->etag)
		memcpy(answer->etag, etag, strlen(etag) + 1);
	if (retry_after != NULL)
		answer->retry_after_ms = web_retry_after_ms(retry_after, now_real_ms);
	answer->json = is_json(header(call, "Content-Type", 0));
	read_link(call, answer);
}

/* --- the outcome ------------------------------------------------------------------------------------------------------------ */

static const struct {
	CURLcode result;
	enum web_trouble trouble;
} troubles[] = {
    {CURLE_OPERATION_TIMEDOUT, WEB_TIMEOUT},
    {CURLE_FILESIZE_EXCEEDED, WEB_TOO_LARGE},
    {CURLE_UNSUPPORTED_PROTOCOL, WEB_NOT_HTTP},
    {CURLE_WEIRD_SERVER_REPLY, WEB_NOT_HTTP},
    {CURLE_BAD_CONTENT_ENCODING, WEB_NOT_HTTP},
    {CURLE_WRITE_ERROR, WEB_NOT_HTTP},
};

static enum web_trouble
trouble_of(const struct web_call *call, CURLcode result)
{
	if (call->too_large)
		return WEB_TOO_LARGE;
	for (size_t i = 0; i < ELEMENTSOF(troubles); i++)
		if (troubles[i].result == result)
			return troubles[i].trouble;
	return call->begun ? WEB_BROKEN : WEB_NO_CONNECTION;
}

static const char *
detail_of(const struct web_call *call, CURLcode result)
{
	if (call->too_large)
		return "the answer is larger than allowed";
	if (result == CURLE_SEND_FAIL_REWIND || result == CURLE_ABORTED_BY_CALLBACK)
		return "the connection was closed without an answer";
	return call->error[0] != '\0' ? call->error : curl_easy_strerror(result);
}

void
web_answer_fill(struct web_call *call, CURLcode result, int64_t now_real_ms, struct web_answer *answer)
{
	long status = 0;

	curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
	answer->status = (int)status;
	read_headers(call, now_real_ms, answer);
	if (result == CURLE_OK && !call->too_large) {
		answer->outcome = WEB_ANSWERED;
		answer->body = call->answer;
		call->answer = BUF_INIT(0);
		return;
	}
	answer->outcome = call->begun ? WEB_UNKNOWN : WEB_NOT_SENT;
	answer->trouble = trouble_of(call, result);
	snprintf(answer->detail, sizeof answer->detail, "%s", detail_of(call, result));
}

static int
result_of(const struct web_answer *answer)
{
	static const int results[] = {[WEB_NO_CONNECTION] = METRIC_UNREACHABLE, [WEB_TIMEOUT] = METRIC_TIMEOUT, [WEB_BROKEN] = METRIC_BROKEN,
	    [WEB_TOO_LARGE] = METRIC_UNREADABLE, [WEB_NOT_HTTP] = METRIC_UNREADABLE};

	if (answer->outcome != WEB_ANSWERED)
		return results[answer->trouble];
	if (answer->status == 401 || answer->status == 403)
		return METRIC_REFUSED;
	if (answer->status == 429 || answer->status == 503)
		return METRIC_BUSY;
	if (answer->status >= 500)
		return METRIC_FAILED;
	return answer->status >= 400 ? METRIC_REJECTED : METRIC_OK;
}

void
web_answer_count(const struct web_answer *answer, bool post, int64_t took_us)
{
	int whom = post ? METRIC_ALP_POST : METRIC_ALP_READ;

	metric_add(rtalp_upstream_requests, whom, result_of(answer), 1);
	if (answer->outcome == WEB_ANSWERED)
		metric_observe(rtalp_upstream_request_duration_seconds, whom, 0, took_us);
}

void
web_answer_release(struct web_answer *answer)
{
	free(answer->link_next);
	buf_release(&answer->body);
}
