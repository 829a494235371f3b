/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <curl/curl.h>
#include <errno.h>
#include <openssl/x509_vfy.h>
#include <string.h>

#include "workers/classify.h"

#define KEY_ERROR   "{\"error\":\"# key not found\",\"messages\":\"key not found\"}"
#define QUERY_ERROR "{\"error\": \"# query error\",\"messages\": \"Error: Likely a badly formatted or missing parameter\"}"
#define OTHER_ERROR "{\"error\":\"# something else\",\"messages\":\"B63secret\"}"
#define DATA                                                                                                           \
	"{\"row_headers\":[\"Date\",\"Time Spent (seconds)\",\"Activity\",\"Document\",\"Category\",\"Productivity\"],\"rows\":[]}"
#define NO_DOCUMENT "{\"row_headers\":[\"Date\",\"Time Spent (seconds)\",\"Activity\",\"Category\",\"Productivity\"],\"rows\":[]}"
#define PAGE        "<html><head><title>Maintenance</title></head><body>Back soon</body></html>"

/* What becomes of an answer as it comes; NULL: it is data. */
static const char *
code_of(long status, const char *body, int64_t retry_after_s, struct failure *f)
{
	struct parse_report report;
	struct rowset *rows = NULL;
	struct answer a = {.status = status, .retry_after_s = retry_after_s, .body = str_of(body), .report = &report};
	int r;

	a.parsed = activity_parse(a.body, 20454, &rows, &report);
	rowset_free(rows);
	r = classify_answer(&a, f);
	return r == 0 ? NULL : f->code;
}

struct expectation {
	long status;
	const char *body;
	const char *code;
	bool permanent;
};

static void
expect(const struct expectation *e, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct failure f;
		const char *code = code_of(e[i].status, e[i].body, 0, &f);

		if (code == NULL || strcmp(code, e[i].code) != 0 || f.permanent != e[i].permanent)
			fail_msg("%ld %.40s gave %s%s", e[i].status, e[i].body, code, f.permanent ? ", permanent" : "");
		assert_true(strlen(f.detail) > 10);
		assert_null(strstr(f.detail, "B63secret"));
		assert_int_equal(f.retry_after_ms, 0);
	}
}

static void
data_is_data_only_with_status_200(void **state)
{
	static const struct expectation others[] = {
		{206, DATA, "upstream_error", false},
		{404, DATA, "upstream_error", false},
		{500, DATA, "upstream_error", false},
		{302, DATA, "upstream_redirect", false},
	};
	struct failure f;

	(void)state;
	assert_null(code_of(200, DATA, 0, &f));
	expect(others, ELEMENTSOF(others));
}

static void
a_refused_key_is_one_whatever_the_status(void **state)
{
	static const struct expectation cases[] = {
		{200, KEY_ERROR, "key_refused", true},
		{400, KEY_ERROR, "key_refused", true},
		{401, KEY_ERROR, "key_refused", true},
		{403, KEY_ERROR, "key_refused", true},
		{404, KEY_ERROR, "key_refused", true},
		{500, KEY_ERROR, "key_refused", true},
		{200, "key not found", "key_refused", true},
		{200, "<html><body># Key not found</body></html>", "key_refused", true},
		{400, "key not found\n", "key_refused", true},
		{401, PAGE, "key_refused", true},
		{403, "", "key_refused", true},
		{401, OTHER_ERROR, "key_refused", true},
		{403, OTHER_ERROR, "key_refused", true},
	};

	(void)state;
	expect(cases, ELEMENTSOF(cases));
}

/* "key not found" is also how a broken Rails program words an exception of its own. */
static void
their_own_failure_is_not_a_refused_key(void **state)
{
	static const struct expectation cases[] = {{500, "KeyError: key not found: :user", "upstream_error", false}};
	static char long_page[8192];
	struct failure f;

	(void)state;
	expect(cases, ELEMENTSOF(cases));
	memset(long_page, 'x', sizeof long_page - 1);
	memcpy(long_page + 5000, "key not found", 13);
	assert_string_equal(code_of(200, long_page, 0, &f), "upstream_not_json");
}

static void
a_question_not_understood_is_our_defect(void **state)
{
	static const struct expectation cases[] = {
		{200, QUERY_ERROR, "upstream_query_error", true},
		{400, QUERY_ERROR, "upstream_query_error", true},
		{403, QUERY_ERROR, "upstream_query_error", true},
	};

	(void)state;
	expect(cases, ELEMENTSOF(cases));
}

static void
what_may_pass_is_tried_again(void **state)
{
	static const struct expectation cases[] = {
		{200, OTHER_ERROR, "upstream_error", false},
		{400, OTHER_ERROR, "upstream_error", false},
		{400, PAGE, "upstream_error", false},
		{404, PAGE, "upstream_error", false},
		{429, PAGE, "upstream_rate_limited", false},
		{429, OTHER_ERROR, "upstream_rate_limited", false},
		{500, PAGE, "upstream_error", false},
		{502, "", "upstream_error", false},
		{503, OTHER_ERROR, "upstream_error", false},
		{200, PAGE, "upstream_not_json", false},
		{200, "", "upstream_not_json", false},
		{200, "{\"row_headers\":[", "upstream_truncated", false},
		{301, PAGE, "upstream_redirect", false},
		{302, "", "upstream_redirect", false},
	};

	(void)state;
	expect(cases, ELEMENTSOF(cases));
}

static void
another_table_needs_a_person_and_names_the_column(void **state)
{
	struct failure f;

	(void)state;
	assert_string_equal(code_of(200, NO_DOCUMENT, 0, &f), "upstream_format");
	assert_true(f.permanent);
	assert_non_null(strstr(f.detail, "\"Document\""));
}

static void
retry_after_is_honoured_within_a_day(void **state)
{
	struct failure f;

	(void)state;
	code_of(429, PAGE, 90, &f);
	assert_int_equal(f.retry_after_ms, 90000);
	code_of(503, PAGE, 5, &f);
	assert_int_equal(f.retry_after_ms, 5000);
	code_of(429, PAGE, -3600, &f);
	assert_int_equal(f.retry_after_ms, 0);
	code_of(429, PAGE, INT64_MAX, &f);
	assert_int_equal(f.retry_after_ms, 24 * 3600 * 1000);
	code_of(400, PAGE, 90, &f);
	assert_int_equal(f.retry_after_ms, 0);
	code_of(200, KEY_ERROR, 90, &f);
	assert_int_equal(f.retry_after_ms, 0);
}

static void
without_an_answer_the_reason_is_told_apart(void **state)
{
	static const struct {
		CURLcode result;
		const char *code;
	} cases[] = {
		{CURLE_OPERATION_TIMEDOUT, "upstream_timeout"},
		{CURLE_COULDNT_CONNECT, "upstream_unreachable"},
		{CURLE_RECV_ERROR, "upstream_unreachable"},
		{CURLE_SEND_ERROR, "upstream_unreachable"},
		{CURLE_GOT_NOTHING, "upstream_unreachable"},
		{CURLE_PARTIAL_FILE, "upstream_truncated"},
		{CURLE_PEER_FAILED_VERIFICATION, "upstream_tls"},
		{CURLE_SSL_CONNECT_ERROR, "upstream_tls"},
		{CURLE_BAD_CONTENT_ENCODING, "upstream_not_json"},
		{CURLE_UNSUPPORTED_PROTOCOL, "upstream_not_json"},
	};
	struct failure f;

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
		classify_transport((int)cases[i].result, X509_V_OK, &f);
		assert_string_equal(f.code, cases[i].code);
		assert_false(f.permanent);
	}
	classify_transport(CURLE_PEER_FAILED_VERIFICATION, X509_V_ERR_CERT_HAS_EXPIRED, &f);
	assert_non_null(strstr(f.detail, "expired"));
	classify_transport(CURLE_PEER_FAILED_VERIFICATION, X509_V_OK, &f);
	assert_non_null(strstr(f.detail, "another name"));
	classify_transport(CURLE_PEER_FAILED_VERIFICATION, X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, &f);
	assert_null(strstr(f.detail, "another name"));
}

static void
too_large_is_not_tried_again(void **state)
{
	static const int too_much[] = {-E2BIG, -ENOMEM};
	struct failure f;

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(too_much); i++) {
		assert_int_equal(classify_answer(&(struct answer){.status = 200, .parsed = too_much[i]}, &f), 1);
		assert_string_equal(f.code, "upstream_too_large");
		assert_true(f.permanent);
	}
	classify_too_large(8388608, &f);
	assert_string_equal(f.code, "upstream_too_large");
	assert_true(f.permanent);
	assert_non_null(strstr(f.detail, "8388608"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(data_is_data_only_with_status_200),
		cmocka_unit_test(a_refused_key_is_one_whatever_the_status),
		cmocka_unit_test(their_own_failure_is_not_a_refused_key),
		cmocka_unit_test(a_question_not_understood_is_our_defect),
		cmocka_unit_test(what_may_pass_is_tried_again),
		cmocka_unit_test(another_table_needs_a_person_and_names_the_column),
		cmocka_unit_test(retry_after_is_honoured_within_a_day),
		cmocka_unit_test(without_an_answer_the_reason_is_told_apart),
		cmocka_unit_test(too_large_is_not_tried_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
