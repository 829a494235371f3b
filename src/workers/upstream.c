/* SPDX-License-Identifier: Apache-2.0 */
#include "workers/upstream.h"

#include <curl/curl.h>
#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "workers/sockets.h"
#include "workers/transport.h"

#define URL_MAX_BYTES ((size_t)8192)
/* Slower than this over half the time an answer may take is a peer that holds us up. */
#define DRIPPING_BYTES_PER_S 64L

/* The master's own deadline comes first. */
#define SOCKET_LATE_MS 1000

struct upstream {
	const struct warm *warm;
	CURL *curl;
	struct sockets sockets;
	struct curl_slist *headers;
	struct upstream_answer *answer; /* of the request that is under way */
};

static size_t
take_body(char *bytes, size_t size, size_t count, void *arg)
{
	struct upstream *u = arg;

	(void)size; /* always 1 */
	if (buf_add(&u->answer->body, bytes, count) == 0)
		return count;
	u->answer->too_large = true;
	return 0;
}

static void
set_limits(struct upstream *u)
{
	const struct warm *w = u->warm;

	curl_easy_setopt(u->curl, CURLOPT_CONNECTTIMEOUT_MS, (long)w->connect_timeout_ms);
	curl_easy_setopt(u->curl, CURLOPT_TIMEOUT_MS, (long)w->answer_timeout_ms);
	curl_easy_setopt(u->curl, CURLOPT_LOW_SPEED_LIMIT, DRIPPING_BYTES_PER_S);
	curl_easy_setopt(u->curl, CURLOPT_LOW_SPEED_TIME, (long)MAX_OF(w->answer_timeout_ms / 2000, 1u));
	curl_easy_setopt(u->curl, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)w->body_max_bytes);
}

static void
set_request(struct upstream *u)
{
	u->headers = curl_slist_append(NULL, "Accept: application/json");
	curl_easy_setopt(u->curl, CURLOPT_HTTPHEADER, u->headers);
	curl_easy_setopt(u->curl, CURLOPT_USERAGENT, u->warm->user_agent);
	curl_easy_setopt(u->curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(u->curl, CURLOPT_ACCEPT_ENCODING, "gzip");
	curl_easy_setopt(u->curl, CURLOPT_PROTOCOLS_STR, u->warm->upstream.tls ? "https" : "http");
	curl_easy_setopt(u->curl, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(u->curl, CURLOPT_PROXY, "");
	curl_easy_setopt(u->curl, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(u->curl, CURLOPT_WRITEDATA, u);
}

int
upstream_open(const struct warm *warm, int channel, struct upstream **ret_upstream)
{
	_cleanup_(upstream_closep) struct upstream *u = xcalloc(1, sizeof *u);
	int r;

	u->warm = warm;
	u->curl = curl_easy_init();
	if (u->curl == NULL)
		return -ENOMEM;
	/* First of all: without it even giving the handle back touches the handling of signals, which nobody may here. */
	curl_easy_setopt(u->curl, CURLOPT_NOSIGNAL, 1L);
	u->sockets = (struct sockets){
	    .channel = channel, .state = W_FETCHING, .timeout_ms = warm->connect_timeout_ms + SOCKET_LATE_MS};
	r = sockets_attach(&u->sockets, u->curl);
	if (r < 0)
		return r;
	transport_trust(u->curl, u->warm->roots);
	set_limits(u);
	set_request(u);
	*ret_upstream = TAKE_PTR(u);
	return 0;
}

struct upstream *
upstream_close(struct upstream *u)
{
	if (u == NULL)
		return NULL;
	curl_easy_cleanup(u->curl);
	sockets_release(&u->sockets);
	curl_slist_free_all(u->headers);
	free(u);
	return NULL;
}

static void
wipe_buf(struct buf *b)
{
	if (b->p != NULL)
		secret_wipe(b->p, b->capacity);
	buf_release(b);
}

static int
set_url(struct upstream *u, const struct secret *key, day_t day)
{
	_cleanup_(wipe_buf) struct buf url = BUF_INIT(URL_MAX_BYTES);
	const char *base = u->warm->upstream.url;
	struct str raw = secret_expose(key); /* the interface takes it in the query */
	char date[DAY_TEXT_MAX], *escaped;

	escaped = curl_easy_escape(u->curl, raw.p, (int)raw.len);
	if (escaped == NULL)
		return -ENOMEM;
	day_format(day, date);
	buf_addf(&url, "%s%ckey=%s&format=json&perspective=interval&resolution_time=minute&restrict_kind=document",
		 base, strchr(base, '?') != NULL ? '&' : '?', escaped);
	buf_addf(&url, "&restrict_begin=%s&restrict_end=%s", date, date);
	secret_wipe(escaped, strlen(escaped));
	curl_free(escaped);
	if (url.error < 0 || curl_easy_setopt(u->curl, CURLOPT_URL, url.p) != CURLE_OK)
		return -ENOMEM;
	return 0;
}

static void
read_outcome(CURL *curl, struct upstream_answer *a)
{
	curl_off_t retry_after = 0, took_us = 0;

	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &a->status);
	curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &retry_after);
	curl_easy_getinfo(curl, CURLINFO_TOTAL_TIME_T, &took_us);
	curl_easy_getinfo(curl, CURLINFO_SSL_VERIFYRESULT, &a->verify_result);
	a->retry_after_s = retry_after;
	a->took_ms = (uint32_t)(took_us / 1000);
	if (a->result == CURLE_FILESIZE_EXCEEDED)
		a->too_large = true;
}

int
upstream_get(struct upstream *u, const struct secret *key, day_t day, struct upstream_answer *answer)
{
	int r = set_url(u, key, day);

	if (r < 0)
		return r;
	buf_clear(&answer->body);
	*answer = (struct upstream_answer){.body = answer->body};
	answer->body.max = u->warm->body_max_bytes;
	u->answer = answer;
	answer->result = (int)curl_easy_perform(u->curl);
	if (answer->result == CURLE_COULDNT_CONNECT && u->sockets.error == ETIMEDOUT)
		answer->result = CURLE_OPERATION_TIMEDOUT;
	read_outcome(u->curl, answer);
	return 0;
}
