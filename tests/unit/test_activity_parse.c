/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "workers/activity_parse.h"

#define DAY ((day_t)20454) /* 2026-01-01 */
#define HEADERS                                                                                                        \
	"\"Date\",\"Time Spent (seconds)\",\"Number of People\",\"Activity\",\"Document\",\"Category\",\"Productivity\""
#define TABLE(rows) "{\"notes\":\"n\",\"row_headers\":[" HEADERS "],\"rows\":[" rows "]}"
#define ROW(seconds, activity, document, category, productivity)                                                       \
	"[\"2026-01-01T09:05:00\"," seconds ",1," activity "," document "," category "," productivity "]"
#define WORD(seconds) ROW(seconds, "\"winword\"", "\"Lease.docx\"", "\"Writing\"", "2")

static struct parse_report report;

static struct rowset *
parsed(struct str body)
{
	struct rowset *rows = NULL;
	int r = activity_parse(body, DAY, &rows, &report);

	if (r != 0)
		fail_msg("%d: %s", r, report.detail);
	return rows;
}

static void
refused(struct str body, int error)
{
	struct rowset *rows = NULL;
	int r = activity_parse(body, DAY, &rows, &report);

	if (r != error)
		fail_msg("%.60s... gave %d instead of %d (%s)", body.p, r, error, report.detail);
	assert_null(rows);
}

/* The only row of a table must be this one. */
static void
one_row(struct str body, int32_t seconds, const char *activity, const char *document, const char *category, int productivity)
{
	struct rowset *rows = parsed(body);
	struct row_view row;

	assert_int_equal(rowset_count(rows), 1);
	row = rowset_row(rows, 0);
	assert_int_equal(row.bucket_s, 9 * 3600 + 300);
	assert_int_equal(row.seconds, seconds);
	assert_string_equal(row.activity.p, activity);
	assert_string_equal(row.document.p, document);
	assert_string_equal(row.category.p, category);
	assert_int_equal(row.productivity, productivity);
	rowset_free(rows);
}

static void
a_plain_row_is_read(void **state)
{
	(void)state;
	one_row(STR(TABLE(WORD("120"))), 120, "winword", "Lease.docx", "Writing", 2);
	assert_int_equal(report.bytes_replaced, 0);
}

static void
a_day_without_rows_is_a_valid_answer(void **state)
{
	struct rowset *rows = parsed(STR(TABLE("")));

	(void)state;
	assert_int_equal(rowset_count(rows), 0);
	rowset_free(rows);
}

static void
columns_are_found_by_name_in_any_order_and_among_strangers(void **state)
{
	(void)state;
	one_row(STR("{\"rows\":[[\"laptop\",-1,\"Mail\",\"Inbox\",\"outlook\",60,\"2026-01-01T09:05:00\"]],\"row_headers\":"
		    "[\"Device\",\"Productivity\",\"Category\",\"Document\",\"Activity\",\"Time Spent (seconds)\",\"Date\"]}"),
	    60, "outlook", "Inbox", "Mail", -1);
}

static void
a_missing_column_is_named(void **state)
{
	static const char *const needed[] = {"Date", "Time Spent (seconds)", "Activity", "Document", "Category", "Productivity"};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(needed); i++) {
		_cleanup_free_ char *body = xstrdup(TABLE(""));
		char *at = strstr(body, needed[i]);

		at[0] = 'X';
		refused(str_of(body), -EPROTO);
		assert_non_null(strstr(report.detail, needed[i]));
	}
}

static void
numbers_may_come_as_strings_of_digits(void **state)
{
	(void)state;
	one_row(STR(TABLE(ROW("\"90\"", "\"a\"", "\"b\"", "\"c\"", "\"-2\""))), 90, "a", "b", "c", -2);
}

static void
what_is_no_number_of_seconds_is_refused(void **state)
{
	static const char *const bad[] = {
		"-5", "86401", "99999999999999999999", "-99999999999999999999", "18446744073709551616", "1.5", "60.0", "1e2", "null",
		"true", "\"\"", "\"1x\"", "\" 60\"", "\"99999999999999999999\"", "[60]", "{}", "NaN", "Infinity",
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(bad); i++) {
		_cleanup_free_ char *body = xasprintf(
		    "{\"row_headers\":[" HEADERS "],\"rows\":[[\"2026-01-01T09:05:00\",%s,1,\"a\",\"b\",\"c\",0]]}", bad[i]);

		refused(str_of(body), -EPROTO);
		assert_non_null(strstr(report.detail, "row 1"));
	}
}

static void
a_second_and_a_whole_day_are_numbers_of_seconds(void **state)
{
	(void)state;
	one_row(STR(TABLE(WORD("1"))), 1, "winword", "Lease.docx", "Writing", 2);
	one_row(STR(TABLE(WORD("86400"))), 86400, "winword", "Lease.docx", "Writing", 2);
}

static void
rows_of_no_time_are_left_out(void **state)
{
	(void)state;
	one_row(STR(TABLE(ROW("0", "\"x\"", "\"y\"", "\"z\"", "0") "," WORD("5"))), 5, "winword", "Lease.docx", "Writing", 2);
}

static void
equal_rows_add_up_even_past_their_bucket(void **state)
{
	(void)state;
	one_row(STR(TABLE(WORD("280") "," WORD("250"))), 530, "winword", "Lease.docx", "Writing", 2);
}

static void
no_title_is_no_details(void **state)
{
	static const char *const blank[] = {"null", "\"\"", "\"  \\t\""};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(blank); i++) {
		_cleanup_free_ char *body = xasprintf(
		    "{\"row_headers\":[" HEADERS "],\"rows\":[[\"2026-01-01T09:05:00\",7,1,%s,%s,%s,null]]}", blank[i], blank[i], blank[i]);

		one_row(str_of(body), 7, ACTIVITY_UNKNOWN, "No Details", "Uncategorized", 0);
	}
}

static void
a_title_of_another_type_is_kept_as_it_is_written(void **state)
{
	(void)state;
	one_row(STR(TABLE(ROW("7", "172", "true", "[1,2]", "0"))), 7, "172", "true", "[ 1, 2 ]", 0);
}

static void
productivity_is_brought_into_its_bounds(void **state)
{
	static const struct {
		const char *in;
		int out;
	} cases[] = {{"7", 2}, {"-7", -2}, {"1.5", 0}, {"null", 0}, {"\"x\"", 0}, {"99999999999999999999", 2}, {"[]", 0}};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
		_cleanup_free_ char *body = xasprintf(
		    "{\"row_headers\":[" HEADERS "],\"rows\":[[\"2026-01-01T09:05:00\",7,1,\"a\",\"b\",\"c\",%s]]}", cases[i].in);

		one_row(str_of(body), 7, "a", "b", "c", cases[i].out);
	}
}

static void
bytes_that_are_no_utf8_are_replaced_and_counted(void **state)
{
	(void)state;
	one_row(STR(TABLE(ROW("7", "\"a\xff\"", "\"caf\xe9\"", "\"\xf0\x9f\x98\"", "0"))), 7, "a\xef\xbf\xbd", "caf\xef\xbf\xbd",
	    "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", 0);
	assert_int_equal(report.bytes_replaced, 5);
}

static void
a_nul_in_a_title_is_replaced_escaped_or_bare(void **state)
{
	(void)state;
	one_row(STR(TABLE(ROW("7", "\"a\\u0000b\"", "\"c\0d\"", "\"e\"", "0"))), 7, "a\xef\xbf\xbd" "b", "c\xef\xbf\xbd" "d", "e", 0);
	assert_int_equal(report.bytes_replaced, 2);
}

static void
control_characters_do_not_fail_a_day(void **state)
{
	(void)state;
	one_row(STR(TABLE(ROW("7", "\"a\\nb\"", "\"c\nd\x1b\te\"", "\"f\"", "0"))), 7, "a\nb", "c\nd\x1b\te", "f", 0);
}

static void
escapes_and_what_is_beyond_ascii_survive(void **state)
{
	(void)state;
	one_row(STR(TABLE(ROW("7", "\"Editing \\u0026 IDEs\"", "\"\\ud83d\\ude00 \xe2\x81\xa8" "x\xe2\x81\xa9\"", "\"\\\"q\\\"\"", "0"))), 7,
	    "Editing & IDEs", "\xf0\x9f\x98\x80 \xe2\x81\xa8" "x\xe2\x81\xa9", "\"q\"", 0);
	assert_int_equal(report.bytes_replaced, 0);
}

static void
half_a_surrogate_pair_becomes_a_replacement(void **state)
{
	(void)state;
	one_row(STR(TABLE(ROW("7", "\"a\"", "\"x\\ud83d y\"", "\"c\"", "0"))), 7, "a", "x\xef\xbf\xbd y", "c", 0);
}

/* 5,000 two-byte characters and one byte to make the cut fall into the middle of one. */
static void
an_endless_title_is_cut_at_the_border_of_a_character(void **state)
{
	_cleanup_(buf_release) struct buf body = BUF_INIT(100000);
	struct rowset *rows;
	struct str document;

	(void)state;
	buf_addz(&body, "{\"row_headers\":[" HEADERS "],\"rows\":[[\"2026-01-01T09:05:00\",7,1,\"a\",\"x");
	for (int i = 0; i < 5000; i++)
		buf_addz(&body, "\xc3\xa9");
	buf_addz(&body, "\",\"c\",0]]}");
	rows = parsed(buf_str(&body));
	document = rowset_row(rows, 0).document;
	assert_int_equal(document.len, ROWSET_STRING_MAX - 1);
	rowset_free(rows);
}

static void
a_label_that_is_no_time_of_the_day_is_refused(void **state)
{
	static const char *const bad[] = {
		"\"2026-01-02T09:05:00\"", "\"2025-12-31T23:55:00\"", "\"2026-01-01\"", "\"2026-01-01 09:05:00\"",
		"\"2026-01-01T24:00:00\"", "\"2026-01-01T09:60:00\"", "\"2026-01-01T09:05:60\"", "\"2026-01-01T09:05:00Z\"",
		"\"2026-02-30T09:05:00\"", "\"2026-01-01T9:05:00\"", "\"\"", "null", "20260101", "\"2026-01-01T-1:05:00\"",
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(bad); i++) {
		_cleanup_free_ char *body =
		    xasprintf("{\"row_headers\":[" HEADERS "],\"rows\":[[%s,7,1,\"a\",\"b\",\"c\",0]]}", bad[i]);

		refused(str_of(body), -EPROTO);
	}
}

static void
the_first_and_the_last_second_belong_to_the_day(void **state)
{
	struct rowset *rows = parsed(STR("{\"row_headers\":[" HEADERS "],\"rows\":["
					 "[\"2026-01-01T23:59:59\",7,1,\"a\",\"b\",\"c\",0],[\"2026-01-01T00:00:00\",7,1,\"a\",\"b\",\"c\",0]]}"));

	(void)state;
	assert_int_equal(rowset_row(rows, 0).bucket_s, 0);
	assert_int_equal(rowset_row(rows, 1).bucket_s, 86399);
	rowset_free(rows);
}

/* The hour that daylight saving repeats has its labels twice: 25 hours of work, all of them in a day of 24 labels. */
static void
a_day_of_25_hours_loses_nothing(void **state)
{
	_cleanup_(buf_release) struct buf body = BUF_INIT(1000000);
	struct rowset *rows;

	(void)state;
	buf_addz(&body, "{\"row_headers\":[" HEADERS "],\"rows\":[");
	for (int i = 0; i < 25 * 12; i++) {
		int label = i < 36 ? i : i - 12;

		buf_addf(&body, "%s[\"2026-01-01T%02d:%02d:00\",300,1,\"a\",\"b\",\"c\",0]", i > 0 ? "," : "", label / 12, label % 12 * 5);
	}
	buf_addz(&body, "]}");
	rows = parsed(buf_str(&body));
	assert_int_equal(rowset_count(rows), 24 * 12);
	assert_int_equal(rowset_seconds(rows), 25 * 3600);
	rowset_free(rows);
}

static void
a_row_shorter_than_the_headers_is_refused_and_a_longer_one_is_not(void **state)
{
	(void)state;
	refused(STR(TABLE("[\"2026-01-01T09:05:00\",7,1,\"a\",\"b\",\"c\"]")), -EPROTO);
	refused(STR(TABLE(WORD("5") ",[]")), -EPROTO);
	assert_non_null(strstr(report.detail, "row 2"));
	refused(STR(TABLE("7")), -EPROTO);
	one_row(STR(TABLE("[\"2026-01-01T09:05:00\",7,1,\"a\",\"b\",\"c\",1,\"more\"]")), 7, "a", "b", "c", 1);
}

static void
what_is_no_json_object_is_refused_as_that(void **state)
{
	static const char *const bad[] = {"", " \n", "<html><body>Sorry</body></html>", "key not found", "null", "[]", "7", "{]", "{} x",
		"{\"a\":1}{\"b\":2}", "}"};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(bad); i++)
		refused(str_of(bad[i]), -EBADMSG);
	refused(STR("\0"), -EBADMSG);
	refused(STR("{}\0"), -EBADMSG);
}

static void
space_around_the_object_does_not_matter(void **state)
{
	(void)state;
	one_row(STR(" \r\n" TABLE(WORD("5")) "\r\n "), 5, "winword", "Lease.docx", "Writing", 2);
}

/* Wherever it is cut: never half a day. */
static void
an_answer_that_ends_too_early_is_never_taken_for_a_whole_one(void **state)
{
	const struct str whole = STR(TABLE(WORD("5") "," WORD("7")));

	(void)state;
	for (size_t len = 1; len < whole.len; len++) {
		_cleanup_free_ char *part = xstrndup(whole.p, len);

		refused((struct str){part, len}, -ENODATA);
	}
}

static void
a_table_of_another_form_is_refused(void **state)
{
	static const char *const bad[] = {
		"{}", "{\"rows\":[]}", "{\"row_headers\":[" HEADERS "]}", "{\"row_headers\":{},\"rows\":[]}",
		"{\"row_headers\":[" HEADERS "],\"rows\":{}}", "{\"row_headers\":[" HEADERS "],\"rows\":null}", "{\"row_headers\":null,\"rows\":[]}",
		"{\"row_headers\":[1,2,3],\"rows\":[]}",
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(bad); i++)
		refused(str_of(bad[i]), -EPROTO);
}

static void
depth_is_bounded(void **state)
{
	_cleanup_(buf_release) struct buf body = BUF_INIT(300000);

	(void)state;
	buf_addz(&body, "{\"rows\":");
	for (int i = 0; i < 100000; i++)
		buf_addc(&body, '[');
	refused(buf_str(&body), -EPROTO);
}

static void
too_many_rows_are_refused(void **state)
{
	_cleanup_(buf_release) struct buf body = BUF_INIT((size_t)8 * 1024 * 1024);

	(void)state;
	buf_addz(&body, "{\"row_headers\":[" HEADERS "],\"rows\":[");
	for (size_t i = 0; i <= ROWSET_ROWS_MAX; i++)
		buf_addf(&body, "%s" WORD("1"), i > 0 ? "," : "");
	buf_addz(&body, "]}");
	refused(buf_str(&body), -E2BIG);
}

static void
a_sum_that_no_number_holds_is_refused(void **state)
{
	_cleanup_(buf_release) struct buf body = BUF_INIT((size_t)8 * 1024 * 1024);

	(void)state;
	buf_addz(&body, "{\"row_headers\":[" HEADERS "],\"rows\":[");
	for (int i = 0; i < 30000; i++)
		buf_addf(&body, "%s" WORD("86400"), i > 0 ? "," : "");
	buf_addz(&body, "]}");
	refused(buf_str(&body), -EPROTO);
}

static void
errors_of_the_upstream_are_told_apart(void **state)
{
	(void)state;
	refused(STR("{\"error\":\"# key not found\",\"messages\":\"key not found\"}"), -EREMOTE);
	assert_int_equal(report.error, UPSTREAM_ERROR_KEY);
	refused(STR("{\"error\": \"# Key Not Found\"}"), -EREMOTE);
	assert_int_equal(report.error, UPSTREAM_ERROR_KEY);
	refused(STR("{\"error\": \"# query error\",\"messages\": \"Error: Likely a badly formatted or missing parameter\"}"), -EREMOTE);
	assert_int_equal(report.error, UPSTREAM_ERROR_QUERY);
	refused(STR("{\"error\":\"# premium feature\",\"messages\":\"x\"}"), -EREMOTE);
	assert_int_equal(report.error, UPSTREAM_ERROR_OTHER);
	refused(STR("{\"error\":{\"code\":1},\"row_headers\":[" HEADERS "],\"rows\":[]}"), -EREMOTE);
	assert_int_equal(report.error, UPSTREAM_ERROR_OTHER);
}

static void
an_error_that_is_null_is_none(void **state)
{
	(void)state;
	one_row(STR("{\"error\":null,\"row_headers\":[" HEADERS "],\"rows\":[" WORD("5") "]}"), 5, "winword", "Lease.docx", "Writing", 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plain_row_is_read),
		cmocka_unit_test(a_day_without_rows_is_a_valid_answer),
		cmocka_unit_test(columns_are_found_by_name_in_any_order_and_among_strangers),
		cmocka_unit_test(a_missing_column_is_named),
		cmocka_unit_test(numbers_may_come_as_strings_of_digits),
		cmocka_unit_test(what_is_no_number_of_seconds_is_refused),
		cmocka_unit_test(a_second_and_a_whole_day_are_numbers_of_seconds),
		cmocka_unit_test(rows_of_no_time_are_left_out),
		cmocka_unit_test(equal_rows_add_up_even_past_their_bucket),
		cmocka_unit_test(no_title_is_no_details),
		cmocka_unit_test(a_title_of_another_type_is_kept_as_it_is_written),
		cmocka_unit_test(productivity_is_brought_into_its_bounds),
		cmocka_unit_test(bytes_that_are_no_utf8_are_replaced_and_counted),
		cmocka_unit_test(a_nul_in_a_title_is_replaced_escaped_or_bare),
		cmocka_unit_test(control_characters_do_not_fail_a_day),
		cmocka_unit_test(escapes_and_what_is_beyond_ascii_survive),
		cmocka_unit_test(half_a_surrogate_pair_becomes_a_replacement),
		cmocka_unit_test(an_endless_title_is_cut_at_the_border_of_a_character),
		cmocka_unit_test(a_label_that_is_no_time_of_the_day_is_refused),
		cmocka_unit_test(the_first_and_the_last_second_belong_to_the_day),
		cmocka_unit_test(a_day_of_25_hours_loses_nothing),
		cmocka_unit_test(a_row_shorter_than_the_headers_is_refused_and_a_longer_one_is_not),
		cmocka_unit_test(what_is_no_json_object_is_refused_as_that),
		cmocka_unit_test(space_around_the_object_does_not_matter),
		cmocka_unit_test(an_answer_that_ends_too_early_is_never_taken_for_a_whole_one),
		cmocka_unit_test(a_table_of_another_form_is_refused),
		cmocka_unit_test(depth_is_bounded),
		cmocka_unit_test(too_many_rows_are_refused),
		cmocka_unit_test(a_sum_that_no_number_holds_is_refused),
		cmocka_unit_test(errors_of_the_upstream_are_told_apart),
		cmocka_unit_test(an_error_that_is_null_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
