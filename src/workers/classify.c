/* SPDX-License-Identifier: Apache-2.0 */
#include "workers/classify.h"

#include <curl/curl.h>
#include <errno.h>
#include <openssl/x509_vfy.h>
#include <string.h>

/* A refusal in plain words is short; a long page may hold the same words by chance. */
#define REFUSAL_MAX_BYTES ((size_t)4096)

enum again { NEVER, LATER };

#define FAIL(f, again, code_, ...)                                                                                     \
	do {                                                                                                           \
		(f)->permanent = (again) == NEVER;                                                                     \
		(f)->code = (code_);                                                                                   \
		failure_say((f), __VA_ARGS__);                                                                         \
	} while (0)

static uint32_t
retry_after_ms(int64_t seconds)
{
	if (seconds <= 0)
		return 0;
	return (uint32_t)MIN_OF(seconds, RETRY_AFTER_MAX_S) * 1000;
}

static bool
refuses_in_words(const struct answer *a)
{
	static const char words[] = "key not found";
	const size_t len = sizeof words - 1;

	/* "key not found" is also how a program of theirs that broke (5xx) may put it. */
	if (a->parsed != -EBADMSG || a->body.len > REFUSAL_MAX_BYTES || a->status >= 500)
		return false;
	for (size_t i = 0; i + len <= a->body.len; i++)
		if (strncasecmp(a->body.p + i, words, len) == 0)
			return true;
	return false;
}

static bool
refuses_key(const struct answer *a)
{
	if (a->parsed == -EREMOTE && a->report->error == UPSTREAM_ERROR_KEY)
		return true;
	return a->status == 401 || a->status == 403 || refuses_in_words(a);
}

static void
classify_status(const struct answer *a, struct failure *f)
{
	if (a->status == 429)
		FAIL(f, LATER, "upstream_rate_limited", "RescueTime asks to slow down (status 429)");
	else if (a->status >= 300 && a->status < 400)
		FAIL(f, LATER, "upstream_redirect",
		     "RescueTime answered with a redirect (status %ld), which is never followed", a->status);
	else if (a->parsed == -EREMOTE)
		FAIL(f, LATER, "upstream_error", "RescueTime answered with an error it did not explain (status %ld)",
		     a->status);
	else
		FAIL(f, LATER, "upstream_error", "RescueTime answered with status %ld", a->status);
	if (a->status == 429 || a->status >= 500)
		f->retry_after_ms = retry_after_ms(a->retry_after_s);
}

static void
classify_body(const struct answer *a, struct failure *f)
{
	if (a->parsed == -ENODATA)
		FAIL(f, LATER, "upstream_truncated", "RescueTime's answer ends in the middle");
	else if (a->parsed == -EPROTO)
		FAIL(f, NEVER, "upstream_format", "RescueTime's answer is not the table we know: %s",
		     a->report->detail);
	else if (a->parsed == -E2BIG)
		FAIL(f, NEVER, "upstream_too_large", "RescueTime's answer has more rows than a day may have");
	else if (a->parsed == -ENOMEM)
		FAIL(f, NEVER, "upstream_too_large", "RescueTime's answer needs more memory than a worker may have");
	else
		FAIL(f, LATER, "upstream_not_json", "RescueTime answered with a page instead of data");
}

int
classify_answer(const struct answer *a, struct failure *ret_failure)
{
	*ret_failure = (struct failure){0};
	if (a->status == 200 && a->parsed == 0)
		return 0;
	if (a->parsed == -EREMOTE && a->report->error == UPSTREAM_ERROR_QUERY)
		FAIL(ret_failure, NEVER, "upstream_query_error",
		     "RescueTime did not understand the question, which is a defect of this program");
	else if (refuses_key(a))
		FAIL(ret_failure, NEVER, "key_refused", "RescueTime does not accept the user's key (status %ld)",
		     a->status);
	else if (a->status != 200 || a->parsed == -EREMOTE)
		classify_status(a, ret_failure);
	else
		classify_body(a, ret_failure);
	return 1;
}

/* libcurl compares the name itself, after OpenSSL was content: OpenSSL's verdict is then "ok", or still what libcurl sets before. */
static void
classify_certificate(long verify_result, struct failure *f)
{
	if (verify_result == X509_V_OK || verify_result == X509_V_ERR_UNSPECIFIED)
		FAIL(f, LATER, "upstream_tls", "RescueTime's certificate is not trusted: it is for another name");
	else
		FAIL(f, LATER, "upstream_tls", "RescueTime's certificate is not trusted: %s",
		     X509_verify_cert_error_string(verify_result));
}

void
classify_transport(int result, long verify_result, struct failure *ret_failure)
{
	const char *words = curl_easy_strerror((CURLcode)result);

	*ret_failure = (struct failure){0};
	switch (result) {
	case CURLE_OPERATION_TIMEDOUT:
		FAIL(ret_failure, LATER, "upstream_timeout", "RescueTime did not answer in time");
		break;
	case CURLE_PEER_FAILED_VERIFICATION:
		classify_certificate(verify_result, ret_failure);
		break;
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_SSL_CIPHER:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_USE_SSL_FAILED:
		FAIL(ret_failure, LATER, "upstream_tls", "no secure connection to RescueTime: %s", words);
		break;
	case CURLE_PARTIAL_FILE:
		FAIL(ret_failure, LATER, "upstream_truncated", "RescueTime's answer ends in the middle");
		break;
	case CURLE_BAD_CONTENT_ENCODING:
	case CURLE_WEIRD_SERVER_REPLY:
	case CURLE_UNSUPPORTED_PROTOCOL:
		FAIL(ret_failure, LATER, "upstream_not_json", "RescueTime's answer cannot be read: %s", words);
		break;
	default:
		FAIL(ret_failure, LATER, "upstream_unreachable", "RescueTime cannot be reached: %s", words);
		break;
	}
}

void
classify_too_large(size_t max_bytes, struct failure *ret_failure)
{
	*ret_failure = (struct failure){0};
	FAIL(ret_failure, NEVER, "upstream_too_large", "RescueTime's answer is larger than %zu bytes", max_bytes);
}
