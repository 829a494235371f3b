/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <string.h>

#include "base/macro.h"
#include "base/utf8.h"
#include "ctl/progress.h"
#include "ctl/text.h"

#define R "\xef\xbf\xbd"

static void
safe_is(struct str from, const char *expected)
{
	_cleanup_(buf_release) struct buf b = BUF_INIT(1024);

	text_add_safe(&b, from);
	assert_string_equal(b.len > 0 ? b.p : "", expected);
}

static void
ordinary_text_stays(void **state)
{
	(void)state;
	safe_is(STR("Advising on the lease, \xc2\xa7 12 \xe2\x80\x93 draft"), "Advising on the lease, \xc2\xa7 12 \xe2\x80\x93 draft");
	safe_is(STR("\xe5\xa5\x91\xe7\xb4\x84 caf\x65\xcc\x81 \xf0\x9f\x98\x80"), "\xe5\xa5\x91\xe7\xb4\x84 caf\x65\xcc\x81 \xf0\x9f\x98\x80");
	safe_is(STR_NONE, "");
}

static void
what_a_terminal_would_obey_is_replaced(void **state)
{
	(void)state;
	safe_is(STR("a\033[31mb"), "a" R "[31mb");
	safe_is(STR("\033]0;title\007"), R "]0;title" R);
	safe_is(STR("\xc2\x9b"
		    "31m"), R "31m"); /* U+009B, the eight-bit CSI */
	safe_is(STR("a\bb\x7f"), "a" R "b" R);
	safe_is(STR("x\0y"), "x" R "y");
	safe_is(STR("one\ttwo\r\nthree\xc2\x85" "four"), "one two  three four");
}

static void
what_turns_a_line_round_is_replaced(void **state)
{
	(void)state;
	safe_is(STR("\xe2\x80\xaegnp\xe2\x80\xac"), R "gnp" R);
	safe_is(STR("\xe2\x81\xa6x\xe2\x81\xa9"), R "x" R);
	safe_is(STR("a\xe2\x80\xa8" "b\xe2\x80\xa9"), "a" R "b" R);
	safe_is(STR("\xef\xbb\xbf" "bom \xf3\xa0\x81\x81"), R "bom " R);
}

static void
bytes_that_are_no_text_are_replaced_one_by_one(void **state)
{
	(void)state;
	safe_is(STR("\x9b\xff" "a"), R R "a");
	safe_is(STR("\xe5\xa5"), R R);
	safe_is(STR("\xc0\xaf"), R R);
	safe_is(STR("\xed\xa0\x80"), R R R);
	safe_is(STR("\xf0\x9f\x98"), R R R);
}

/* Every byte pair and every code point: what comes out is text, and nothing in it is a control character. */
static void
nothing_gets_through(void **state)
{
	(void)state;
	for (unsigned pair = 0; pair < 65536; pair++) {
		_cleanup_(buf_release) struct buf b = BUF_INIT(64);
		char bytes[] = {(char)(pair >> 8), (char)(pair & 255), '['};

		text_add_safe(&b, (struct str){bytes, sizeof bytes});
		assert_true(utf8_valid(buf_str(&b)));
		for (size_t i = 0; i < b.len; i++) {
			assert_true((unsigned char)b.p[i] >= ' ' && b.p[i] != 0x7f);
			assert_false((unsigned char)b.p[i] == 0xc2 && (unsigned char)b.p[i + 1] < 0xa0);
		}
	}
}

static void
columns_are_counted_not_bytes(void **state)
{
	(void)state;
	assert_int_equal(text_width(STR("abc")), 3);
	assert_int_equal(text_width(STR("\xc3\xa4\xc3\xb6")), 2);
	assert_int_equal(text_width(STR("\xe5\xa5\x91\xe7\xb4\x84")), 4);
	assert_int_equal(text_width(STR("e\xcc\x81")), 1);
	assert_int_equal(text_width(STR(R)), 1);
	assert_int_equal(text_width(STR_NONE), 0);
}

static void
a_cut_falls_between_characters(void **state)
{
	(void)state;
	assert_int_equal(text_fit(STR("abc"), 2), 2);
	assert_int_equal(text_fit(STR("\xe5\xa5\x91\xe7\xb4\x84"), 3), 3);
	assert_int_equal(text_fit(STR("\xe5\xa5\x91\xe7\xb4\x84"), 1), 0);
	assert_int_equal(text_fit(STR("e\xcc\x81x"), 1), 3); /* with what combines */
	assert_int_equal(text_fit(STR("abc"), 10), 3);
	assert_int_equal(text_fit(STR("abc"), 0), 0);
}

static void
bar_is(int64_t done, int64_t total, const char *expected)
{
	struct progress_step step = {.job_id = 7, .days_done = done, .days_total = total, .state = "running", .phase = "fetching"};
	char text[PROGRESS_TEXT_MAX];

	progress_bar(&step, text);
	assert_string_equal(text, expected);
}

static void
json_says_the_same_with_what_a_terminal_would_obey_escaped(void **state)
{
	static const char json[] = "{\"a\":\"\xc2\x9b" "2J\x7f \\\" \xe5\xa5\x91\xe2\x80\xae\xf3\xa0\x80\x81\xff\"}\n";
	char text[256] = "";
	FILE *out = fmemopen(text, sizeof text, "w");

	(void)state;
	text_put_json(out, str_of(json));
	text_put_json(out, STR_NONE);
	fclose(out);
	assert_string_equal(text, "{\"a\":\"\\u009b2J\\u007f \\\" \xe5\xa5\x91\\u202e\\udb40\\udc01\xef\xbf\xbd\"}\n");
}

static void
a_bar_has_a_cell_for_each_day(void **state)
{
	(void)state;
	bar_is(0, 3, "[...] 0 of 3 days  fetching");
	bar_is(2, 3, "[##.] 2 of 3 days  fetching");
	bar_is(3, 3, "[###] 3 of 3 days  fetching");
	bar_is(31, 31, "[###############################] 31 of 31 days  fetching");
	bar_is(50, 100, "[###############................] 50 of 100 days  fetching");
	bar_is(0, 0, "job 7: fetching");
	bar_is(-1, 2, "[..] -1 of 2 days  fetching");
	bar_is(9, 2, "[##] 9 of 2 days  fetching");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(ordinary_text_stays),
	    cmocka_unit_test(what_a_terminal_would_obey_is_replaced),
	    cmocka_unit_test(what_turns_a_line_round_is_replaced),
	    cmocka_unit_test(bytes_that_are_no_text_are_replaced_one_by_one),
	    cmocka_unit_test(nothing_gets_through),
	    cmocka_unit_test(json_says_the_same_with_what_a_terminal_would_obey_escaped),
	    cmocka_unit_test(columns_are_counted_not_bytes),
	    cmocka_unit_test(a_cut_falls_between_characters),
	    cmocka_unit_test(a_bar_has_a_cell_for_each_day),
	};

	/* Columns are counted whatever the locale is. */
	setenv("LC_ALL", "C", 1);
	text_setup();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
