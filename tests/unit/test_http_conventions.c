/* SPDX-License-Identifier: Apache-2.0 */
/* The conventions that are rules over bytes and numbers: what a client accepts, what a spreadsheet gets, how often one may ask. */
#include "unit.h"

#include <errno.h>
#include <string.h>

#include "base/macro.h"
#include "http/accept.h"
#include "http/csv.h"
#include "http/etag.h"
#include "http/rate.h"

/* --- Accept ------------------------------------------------------------------------------------------------------------- */

static int
chosen(const char *first, const char *second)
{
	static const char *const offers[] = {"application/json", "text/csv"};
	char text[512];
	struct head head;
	struct refusal why;

	snprintf(text, sizeof text, "GET / HTTP/1.1\r\nHost: x\r\n%s%s\r\n%s%s\r\n\r\n", first != NULL ? "Accept: " : "A: ",
	    first != NULL ? first : "", second != NULL ? "ACCEPT: " : "B: ", second != NULL ? second : "");
	assert_int_equal(head_parse(str_of(text), sizeof text, &head, &why), 1);
	return accept_choose(&head, offers, ELEMENTSOF(offers));
}

static void
what_a_client_accepts_is_weighed_as_rfc_9110_says(void **state)
{
	static const struct {
		const char *accept;
		int chosen;
	} cases[] = {
	    {NULL, 0}, {"", 0}, {"*/*", 0}, {"text/csv", 1}, {"TEXT/CSV", 1}, {"text/*", 1}, {"application/json", 0},
	    {"application/json, text/csv", 0}, {"text/csv, application/json", 0}, {"text/csv, */*", 1}, {"text/csv;q=0.9, */*;q=0.8", 1},
	    {"text/csv;q=0.8, application/json;q=0.9", 0}, {"text/csv;q=0.1, application/json;q=0.05", 1},
	    {"text/csv;q=0.001, application/json;q=0", 1}, {"application/json;q=0, */*", 1}, {"text/csv;q=0, text/*;q=1, */*;q=0.1", 0},
	    {"text/csv;q=0, application/json;q=0", -ENOENT}, {"*/*;q=0", -ENOENT}, {"text/html", -ENOENT}, {"text/html, image/*", -ENOENT},
	    {"text/html;q=1, */*;q=0.1", 0}, {"text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8", 0},
	    {"text/csv;header=present;q=0.5, application/json;q=0.4", 1}, {"text/csv;x=\"a,b;q=0\"", 1}, {"text/csv ; q=0.5 , */* ; q=0.1", 1},
	    {"text/csv;q=2, application/json;q=0.1", 0}, {"text/csv;q=0.1234, application/json;q=0.1", 0},
	    {"text/csv;q=abc, application/json;q=0.1", 0}, {"text/csv;q=", -ENOENT}, {"text/csv;Q=1.000, */*;q=0.999", 1},
	    {"text/csvx", -ENOENT}, {"text", 0}, {"text/", -ENOENT}, {",,,", 0}, {"*/csv", -ENOENT}, {"application/*;q=0.2, text/*;q=0.3", 1},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(cases); i++)
		if (chosen(cases[i].accept, NULL) != cases[i].chosen)
			fail_msg("%s: %d", cases[i].accept, chosen(cases[i].accept, NULL));
	assert_int_equal(chosen("application/json;q=0.1", "text/csv"), 1);
	assert_int_equal(chosen("text/html", "text/csv;q=0.1"), 1);
}

/* --- CSV ---------------------------------------------------------------------------------------------------------------- */

struct sample {
	int64_t number;
	char *text;
	bool yes;
	day_t day;
	int64_t at_ms, tenths;
	char fixed[8];
};

static const struct csv_column columns[] = {
    {"number", CSV_I64, .offset = offsetof(struct sample, number)},
    {"text", CSV_TEXT, .offset = offsetof(struct sample, text)},
    {"yes", CSV_BOOL, .offset = offsetof(struct sample, yes)},
    {"day", CSV_DAY, .offset = offsetof(struct sample, day)},
    {"at", CSV_INSTANT, .offset = offsetof(struct sample, at_ms)},
    {"units", CSV_TENTHS, .offset = offsetof(struct sample, tenths)},
    {"fixed", CSV_CHARS, .offset = offsetof(struct sample, fixed)},
};
static const struct csv_table table = {columns, ELEMENTSOF(columns), sizeof(struct sample)};

static void
a_table_is_rfc_4180(void **state)
{
	char plain[] = "Word", awkward[] = "a \"b\", c\r\nd";
	struct sample rows[] = {
	    {-5, plain, true, 20000, 1700000000000, 28, "x"},
	    {INT64_MIN, awkward, false, -1, 0, -5, ""},
	    {0, NULL, false, 0, 0, 0, " y"},
	};
	struct buf b = BUF_INIT(4096);

	(void)state;
	csv_rows(&b, &table, rows, ELEMENTSOF(rows));
	assert_string_equal(b.p, "number,text,yes,day,at,units,fixed\r\n"
				 "-5,Word,true,2024-10-04,2023-11-14T22:13:20.000Z,2.8,x\r\n"
				 "-9223372036854775808,\"a \"\"b\"\", c\r\nd\",false,,,-0.5,\r\n"
				 "0,,false,1970-01-01,,0.0,\" y\"\r\n");
	buf_release(&b);
}

/* Somebody names a document so that the accountant's spreadsheet runs it. */
static void
a_title_is_no_formula(void **state)
{
	static const struct {
		const char *text, *cell;
	} cases[] = {
	    {"=1+1", "'=1+1"}, {"+1", "'+1"}, {"-1", "'-1"}, {"@SUM(A1)", "'@SUM(A1)"}, {"\tx", "'\tx"}, {"\rx", "\"'\rx\""},
	    {"=HYPERLINK(\"http://x\")", "\"'=HYPERLINK(\"\"http://x\"\")\""}, {"=1,2", "\"'=1,2\""}, {"a=1", "a=1"}, {"1-1", "1-1"}, {"-", "'-"},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
		struct sample row = {.text = strdup(cases[i].text), .day = -1};
		const struct csv_table one = {&columns[1], 1, sizeof row};
		struct buf b = BUF_INIT(4096);

		csv_row(&b, &one, &row);
		assert_int_equal(b.len, strlen(cases[i].cell) + 2);
		assert_memory_equal(b.p, cases[i].cell, b.len - 2);
		buf_release(&b);
		free(row.text);
	}
}

/* --- rate --------------------------------------------------------------------------------------------------------------- */

static struct rate_table rates;
static const struct rate_policy policy = {.interval_us = 100000, .burst = 5};

static int
reset(void **state)
{
	(void)state;
	memset(&rates, 0, sizeof rates);
	return 0;
}

static void
a_burst_and_then_the_steady_rate(void **state)
{
	const int64_t t = 1000000000;
	struct rate_verdict v;

	(void)state;
	for (int i = 0; i < 5; i++) {
		v = rate_take(&rates, policy, 7, t);
		assert_true(!v.refused && v.left == 4 - i && v.full_s == 1);
	}
	v = rate_take(&rates, policy, 7, t);
	assert_true(v.refused && v.left == 0 && v.retry_after_s == 1);
	/* A refused one costs nothing: at the promised time there is room, however often it was asked meanwhile. */
	for (int i = 0; i < 100; i++)
		assert_true(rate_take(&rates, policy, 7, t + 99999).refused);
	assert_false(rate_take(&rates, policy, 7, t + 100000).refused);
	assert_true(rate_take(&rates, policy, 7, t + 100000).refused);
	/* Nobody else is held back by it. */
	assert_int_equal(rate_take(&rates, policy, 8, t).left, 4);
	/* After a long rest there is the burst, and no more. */
	assert_int_equal(rate_take(&rates, policy, 7, t * 2).left, 4);
}

static void
over_a_long_time_the_rate_is_the_one_promised(void **state)
{
	int64_t t = 1000000000, let_through = 0;

	(void)state;
	for (int64_t us = 0; us < 60000000; us += 1000)
		let_through += !rate_take(&rates, policy, 7, t + us).refused;
	assert_in_range(let_through, 600, 605);
}

static void
a_stricter_policy_locks_nobody_out(void **state)
{
	const struct rate_policy lavish = {.interval_us = 60000000, .burst = 1000};
	const int64_t t = 1000000000;

	(void)state;
	for (int i = 0; i < 1000; i++)
		assert_false(rate_take(&rates, lavish, 7, t).refused);
	assert_true(rate_take(&rates, policy, 7, t).retry_after_s == 1);
	assert_false(rate_take(&rates, policy, 7, t + 100000).refused);
}

/* More callers than there are slots: somebody is forgotten, and nobody is refused for what others did. */
static void
many_callers_hold_each_other_back_in_nothing(void **state)
{
	const int64_t t = 1000000000;

	(void)state;
	for (uint64_t caller = 0; caller < 100000; caller++)
		assert_false(rate_take(&rates, policy, caller * 2654435761u, t).refused);
	/* One that asks most is the last to be forgotten. */
	reset(NULL);
	for (int i = 0; i < 5; i++)
		rate_take(&rates, policy, RATE_SETS, t);
	for (uint64_t other = 2; other < 50; other++)
		rate_take(&rates, policy, other * RATE_SETS, t);
	assert_true(rate_take(&rates, policy, RATE_SETS, t).refused);
}

/* --- a user's tag ------------------------------------------------------------------------------------------------------- */

static void
a_users_tag_names_what_is_stored(void **state)
{
	char tag[ETAG_MAX], other[ETAG_MAX], text[2 * ETAG_MAX];
	int64_t ms;

	(void)state;
	etag_user(42, 1700000000123, STR("monday"), tag);
	etag_user(42, 1700000000123, STR("tuesday"), other);
	assert_string_not_equal(tag, other);
	assert_true(etag_user_if_match(str_of(tag), 42, &ms) == 0 && ms == 1700000000123);
	assert_true(etag_user_if_match(str_of(other), 42, &ms) == 0 && ms == 1700000000123);
	snprintf(text, sizeof text, "\"x\", %.*s-gz\"", (int)strlen(tag) - 1, tag);
	assert_true(etag_user_if_match(str_of(text), 42, &ms) == 0 && ms == 1700000000123);
	assert_true(etag_user_if_match(STR("*"), 42, &ms) == 0 && ms == -1);
	assert_int_equal(etag_user_if_match(str_of(tag), 4, &ms), -ESTALE);
	snprintf(text, sizeof text, "W/%s", tag);
	assert_int_equal(etag_user_if_match(str_of(text), 42, &ms), -ESTALE);
	assert_int_equal(etag_user_if_match(STR("\"u42-\""), 42, &ms), -ESTALE);
	assert_int_equal(etag_user_if_match(STR("\"u42--5-x\""), 42, &ms), -ESTALE);
	assert_int_equal(etag_user_if_match(STR(""), 42, &ms), -ESTALE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_a_client_accepts_is_weighed_as_rfc_9110_says),
	    cmocka_unit_test(a_table_is_rfc_4180),
	    cmocka_unit_test(a_title_is_no_formula),
	    cmocka_unit_test_setup(a_burst_and_then_the_steady_rate, reset),
	    cmocka_unit_test_setup(over_a_long_time_the_rate_is_the_one_promised, reset),
	    cmocka_unit_test_setup(a_stricter_policy_locks_nobody_out, reset),
	    cmocka_unit_test_setup(many_callers_hold_each_other_back_in_nothing, reset),
	    cmocka_unit_test(a_users_tag_names_what_is_stored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
