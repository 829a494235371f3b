/* SPDX-License-Identifier: Apache-2.0 */
#include "workers/deliver.h"

#include <curl/curl.h>
#include <errno.h>
#include <inttypes.h>
#include <openssl/x509_vfy.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/webhook_sign.h"
#include "workers/key_channel.h"
#include "workers/last_word.h"
#include "workers/sockets.h"
#include "workers/transport.h"
#include "workers/worker.h"

/* Of the answer; nobody reads it, but a receiver is not cut off in the middle of a short one. */
#define ANSWER_MAX_BYTES ((size_t)64 * 1024)
#define SECOND_MS        1000
#define RETRY_AFTER_MAX_S (24 * 3600)

struct deliver {
	int channel;
	const struct warm *warm;
	uint8_t buffer[MESSAGE_MAX_BYTES];
	struct msg_deliver_job job; /* borrows the buffer */
	char *url;
	CURL *curl;
	struct sockets sockets;
	struct curl_slist *headers;
	struct secret *secret, *before; /* the latter signs besides for a time after a rotation; NULL: none */
	char signatures[2 * WEBHOOK_SIGNATURE_MAX];
	size_t answered;
};

static void
deliver_release(struct deliver *d)
{
	if (d->curl != NULL)
		curl_easy_cleanup(d->curl);
	sockets_release(&d->sockets);
	curl_slist_free_all(d->headers);
	free(d->url);
	d->secret = secret_free(d->secret);
	d->before = secret_free(d->before);
}

/* 1: there is a job; 0: the master hung up. */
static int
receive_job(struct deliver *d)
{
	_cleanup_(message_release) struct message m = {.fd = -1};
	int r = message_recv(d->channel, M2W, W_READY, d->buffer, &m);

	if (r <= 0)
		return r;
	if (m.type != MSG_DELIVER_JOB || msg_deliver_job_decode(&m, &d->job) < 0)
		return -EBADMSG;
	d->url = xstrndup(d->job.url.p != NULL ? d->job.url.p : "", d->job.url.len);
	return 1;
}

/* --- signing ------------------------------------------------------------------------------------------------------------ */

static int
sign_by(const struct deliver *d, const struct secret *secret, char ret_signature[WEBHOOK_SIGNATURE_MAX])
{
	struct webhook_secret key;
	int r = webhook_secret_parse(secret_expose(secret), &key); /* it is made a signature of */

	if (r < 0)
		return r;
	webhook_sign(&key, d->job.message_id, d->job.timestamp_s, d->job.body, ret_signature);
	webhook_secret_wipe(&key);
	return 0;
}

/* Every signature that holds now, with spaces between. */
static int
sign(struct deliver *d)
{
	int r = sign_by(d, d->secret, d->signatures);

	if (r == 0 && d->before != NULL) {
		size_t len = strlen(d->signatures);

		r = sign_by(d, d->before, d->signatures + len + 1);
		d->signatures[len] = ' ';
	}
	d->secret = secret_free(d->secret);
	d->before = secret_free(d->before);
	return r;
}

/* --- sending ------------------------------------------------------------------------------------------------------------ */

static size_t
drop_body(char *bytes, size_t size, size_t count, void *arg)
{
	struct deliver *d = arg;

	(void)bytes;
	(void)size; /* always 1 */
	d->answered += count;
	return d->answered <= ANSWER_MAX_BYTES ? count : 0;
}

static void
add_header(struct deliver *d, const char *name, struct str value)
{
	_cleanup_free_ char *line = xasprintf("%s: %.*s", name, STR_ARG(value));
	struct curl_slist *more = curl_slist_append(d->headers, line);

	if (more != NULL)
		d->headers = more;
}

static void
set_headers(struct deliver *d)
{
	char timestamp[24];

	snprintf(timestamp, sizeof timestamp, "%" PRId64, d->job.timestamp_s);
	add_header(d, "content-type", STR("application/json"));
	add_header(d, "webhook-id", d->job.message_id);
	add_header(d, "webhook-timestamp", str_of(timestamp));
	add_header(d, "webhook-signature", str_of(d->signatures));
	/* Without it libcurl waits a second before a body that is not short. */
	d->headers = curl_slist_append(d->headers, "Expect:");
	curl_easy_setopt(d->curl, CURLOPT_HTTPHEADER, d->headers);
	curl_easy_setopt(d->curl, CURLOPT_USERAGENT, d->warm->user_agent);
}

static void
set_request(struct deliver *d)
{
	curl_easy_setopt(d->curl, CURLOPT_URL, d->url);
	curl_easy_setopt(d->curl, CURLOPT_POST, 1L);
	curl_easy_setopt(d->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)d->job.body.len);
	curl_easy_setopt(d->curl, CURLOPT_POSTFIELDS, d->job.body.p);
	curl_easy_setopt(d->curl, CURLOPT_TIMEOUT_MS, (long)d->job.timeout_ms);
	curl_easy_setopt(d->curl, CURLOPT_CONNECTTIMEOUT_MS, (long)d->job.timeout_ms);
	curl_easy_setopt(d->curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(d->curl, CURLOPT_PROTOCOLS_STR, d->job.any_address != 0 ? "http,https" : "https");
	curl_easy_setopt(d->curl, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(d->curl, CURLOPT_PROXY, "");
	curl_easy_setopt(d->curl, CURLOPT_WRITEFUNCTION, drop_body);
	curl_easy_setopt(d->curl, CURLOPT_WRITEDATA, d);
}

static int
prepare(struct deliver *d)
{
	int r;

	d->curl = curl_easy_init();
	if (d->curl == NULL)
		return -ENOMEM;
	/* First of all: see upstream.c. */
	curl_easy_setopt(d->curl, CURLOPT_NOSIGNAL, 1L);
	d->sockets = (struct sockets){.channel = d->channel, .state = W_DELIVERING, .timeout_ms = d->job.timeout_ms};
	r = sockets_attach(&d->sockets, d->curl);
	if (r < 0)
		return r;
	transport_trust(d->curl, d->warm->deliver_roots);
	set_request(d);
	set_headers(d);
	return 0;
}

static bool
is_of_tls(CURLcode result)
{
	return result == CURLE_PEER_FAILED_VERIFICATION || result == CURLE_SSL_CONNECT_ERROR || result == CURLE_SSL_CIPHER ||
	    result == CURLE_SSL_CERTPROBLEM || result == CURLE_SSL_ISSUER_ERROR;
}

static void
explain(const struct deliver *d, CURLcode result, struct failure *f)
{
	long verify = 0;

	curl_easy_getinfo(d->curl, CURLINFO_SSL_VERIFYRESULT, &verify);
	if (d->sockets.error == EACCES) {
		f->code = "address_refused";
		failure_say(f, "its host is at an address that is not of the open Internet");
	} else if (result == CURLE_OPERATION_TIMEDOUT || d->sockets.error == ETIMEDOUT) {
		f->code = "timeout";
		failure_say(f, "it did not answer in time");
	} else if (is_of_tls(result)) {
		f->code = "tls";
		failure_say(f, "no secure connection: %s",
		    verify != X509_V_OK ? X509_verify_cert_error_string(verify) : curl_easy_strerror(result));
	} else {
		f->code = "unreachable";
		failure_say(f, "%s", curl_easy_strerror(result));
	}
}

/* The head came: that is the answer, whatever became of the rest. */
static int
tell_answer(const struct deliver *d, long status)
{
	struct msg_delivered done = {.status = (uint32_t)status};
	curl_off_t retry_after_s = 0;

	curl_easy_getinfo(d->curl, CURLINFO_RETRY_AFTER, &retry_after_s);
	done.retry_after_ms = (uint32_t)MIN_OF(MAX_OF(retry_after_s, 0), RETRY_AFTER_MAX_S) * SECOND_MS;
	return msg_delivered_send(d->channel, &done, -1) == 0 ? WORKER_EXIT_OK : WORKER_EXIT_BROKEN;
}

static int
deliver(struct deliver *d)
{
	struct failure failure = {.code = "unreachable"};
	CURLcode result;
	long status = 0;

	if (prepare(d) < 0) {
		failure_say(&failure, "the request could not be made");
		return last_word(d->channel, NO_DAY, &failure);
	}
	result = curl_easy_perform(d->curl);
	curl_easy_getinfo(d->curl, CURLINFO_RESPONSE_CODE, &status);
	if (status >= 200)
		return tell_answer(d, status);
	explain(d, result, &failure);
	return last_word(d->channel, NO_DAY, &failure);
}

static int
without_secret(const struct deliver *d)
{
	struct failure failure = {.code = LAST_WORD_NO_KEY};

	failure_say(&failure, "the secret did not come");
	return last_word(d->channel, NO_DAY, &failure);
}

int
deliver_main(int channel, const struct warm *warm)
{
	static struct deliver d; /* a message is larger than a stack should be */
	int r, status = WORKER_EXIT_PROTOCOL;

	d.channel = channel;
	d.warm = warm;
	r = receive_job(&d);
	if (r > 0)
		r = key_channel_receive(channel, &d.secret, &d.before);
	if (r == 0)
		status = WORKER_EXIT_OK;
	else if (r == -ENOKEY)
		status = without_secret(&d);
	else if (r > 0 && sign(&d) == 0)
		status = deliver(&d);
	deliver_release(&d);
	return status;
}
