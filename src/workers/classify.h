/* SPDX-License-Identifier: Apache-2.0 */
/* classify.h - what an answer of RescueTime means. Pure.
 *
 * The body outranks the status, because refusals were seen with status 200, 400, 401 and 403, and pages of HTML with 200.
 *
 * code                   again?  when
 * key_refused            no      the answer says that it does not know the key, or 401, 403
 * upstream_query_error   no      it does not understand our question: a defect of ours
 * upstream_format        no      a table, but not the one we know: somebody has to look
 * upstream_too_large     no      more than the cap; the day will be as large when asked again
 * privacy_too_large      no      redacted titles make the day larger than a day may be (fetch.c says so)
 * upstream_rate_limited  yes     429; Retry-After is honoured
 * upstream_error         yes     5xx (Retry-After honoured), any other status or error text
 * upstream_not_json      yes     a page instead of data, or data that cannot be decoded
 * upstream_truncated     yes     the answer stopped in the middle
 * upstream_redirect      yes     never followed: the key is in the query
 * upstream_timeout       yes
 * upstream_unreachable   yes     no connection, or one that was lost
 * upstream_tls           yes     the connection is not trustworthy, or none could be agreed on
 */
#ifndef RTALP_WORKERS_CLASSIFY_H
#define RTALP_WORKERS_CLASSIFY_H

#include <stdint.h>

#include "base/macro.h"
#include "base/str.h"
#include "workers/activity_parse.h"
#include "workers/last_word.h"

#define RETRY_AFTER_MAX_S (24 * 3600)

struct answer {
	long status;
	int64_t retry_after_s; /* 0: none was given */
	struct str body;
	int parsed; /* what activity_parse() said of the body */
	const struct parse_report *report;
};

/* 0: it is the day's data. 1: it is not, and why stands in *ret_failure. */
int classify_answer(const struct answer *a, struct failure *ret_failure) _must_check_;

/* When no complete answer came: `result` is libcurl's, `verify_result` OpenSSL's verdict on the certificate. */
void classify_transport(int result, long verify_result, struct failure *ret_failure);
void classify_too_large(size_t max_bytes, struct failure *ret_failure);

#endif
