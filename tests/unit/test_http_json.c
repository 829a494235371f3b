/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <errno.h>

#include "base/macro.h"
#include "http/json.h"
#include "http/json_body.h"

static bool
good(const char *text)
{
	size_t position;

	return json_body_check(str_of(text), &position) == 0;
}

static void
only_json_is_json(void **state)
{
	static const char *const yes[] = {"{}", "[]", " [ 1 , -0.5e+3 , \"\\u00e9\\n\" , true , null ] ",
	    "{\"a\":{\"b\":[{}]}}", "0", "\"\"", "-1",
	    "[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]"};
	static const char *const no[] = {"", " ", "{", "[", "\"", "{]", "[}",
	    "{\"a\"}", "{\"a\":}", "{a:1}", "{'a':1}", "[1,]", "[,1]", "{\"a\":1,}", "01",
	    "1.", ".1",
	    "+1", "1e", "1e+", "-", "NaN", "Infinity", "-Infinity", "tru", "TRUE", "nulll", "1 2", "{} {}", "\"\\x\"", "\"\\u12g4\"",
	    "\"\n\"", "\"\t\"", "\"\x01\"", "/**/1", "1//", "\xef\xbb\xbf{}", "\"\xff\"", "\"\xed\xa0\x80\"", "\"\xc0\xaf\"",
	    "[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]"};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(yes); i++)
		assert_true(good(yes[i]));
	for (size_t i = 0; i < ELEMENTSOF(no); i++)
		assert_false(good(no[i]));
}

static int
check(struct str text)
{
	size_t position = 0;
	int r = json_body_check(text, &position);

	return r == -ENOTUNIQ ? (int)position : r;
}

/* Readers differ in which of two values counts, and names are the same however they are written. */
static void
a_name_stands_once_in_an_object(void **state)
{
	static const char *const no[] = {"{\"a\":1,\"a\":2}", "{\"a\":1,\"\\u0061\":2}", "{\"a/\":1,\"a\\/\":2}",
	    "{\"a\\n\":1,\"a\\u000A\":2}", "{\"\":1,\"\":2}", "[{\"b\":{\"a\":1,\"c\":2,\"a\":3}}]",
	    "{\"\xc3\xa9\":1,\"\\u00e9\":2}", "{\"\xf0\x9f\x98\x80\":1,\"\\ud83d\\uDE00\":2}",
	    "{\"\\udc00\":1,\"\\ud800\":2}", "{\"\\\\u0061\":1,\"\\u005cu0061\":2}"};
	static const char *const yes[] = {"{\"a\":1,\"A\":2}", "{\"a\":{\"a\":{\"a\":1}},\"b\":{\"a\":1}}", "[{\"a\":1},{\"a\":2}]",
	    "{\"a\":1,\"\\\\u0061\":2}", "{\"a\":1,\"ab\":2,\"b\":\"a\"}", "{\"\\ud83d\\ude00\":1,\"\\ud83d\\ude01\":1}"};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(no); i++)
		assert_true(check(str_of(no[i])) > 0);
	for (size_t i = 0; i < ELEMENTSOF(yes); i++)
		assert_int_equal(check(str_of(yes[i])), 0);
	assert_int_equal(check(STR("{\"a\":1, \"a\":2}")), 8);
}

static void
a_name_holds_no_nul_and_names_are_not_too_many(void **state)
{
	struct buf b = BUF_INIT(65536);

	(void)state;
	assert_false(good("{\"a\\u0000b\":1}"));
	assert_false(good("{\"\\u0000\":1}"));
	assert_true(good("{\"a\\\\u0000\":\"\\u0000\"}"));
	for (int i = 0; i < JSON_MEMBERS_MAX; i++)
		buf_addf(&b, "%c\"n%d\":0", i == 0 ? '{' : ',', i);
	assert_false(good(b.p));
	buf_addz(&b, "}");
	assert_true(good(b.p));
	b.len--;
	buf_addz(&b, ",\"one more\":0}");
	assert_false(good(b.p));
	buf_release(&b);
}

static void
what_is_written_can_be_read(void **state)
{
	struct json j = JSON_INIT;

	(void)state;
	json_open(&j, NULL, '{');
	json_text(&j, "a", "\x01\x7f\n\t caf\xc3\xa9 \"\\/");
	json_text(&j, "none", NULL);
	json_str(&j, "dirty", (struct str){"a\xff\0b", 4});
	json_open(&j, "list", '[');
	json_open(&j, NULL, '[');
	json_close(&j, ']');
	json_int(&j, NULL, INT64_MIN);
	json_tenths(&j, NULL, 28);
	json_tenths(&j, NULL, 0);
	json_tenths(&j, NULL, -5);
	json_close(&j, ']');
	json_boolean(&j, "yes", true);
	json_instant(&j, "never", 0);
	json_instant(&j, "then", 1);
	json_day(&j, "day", 0);
	json_close(&j, '}');
	assert_string_equal(j.b.p, "{\"a\":\"\\u0001\\u007f\\n\\u0009 caf\xc3\xa9 \\\"\\\\/\","
	    "\"none\":null,\"dirty\":\"a\xef\xbf\xbd\xef\xbf\xbd" "b\","
	    "\"list\":[[],-9223372036854775808,2.8,0.0,-0.5],"
	    "\"yes\":true,\"never\":null,\"then\":\"1970-01-01T00:00:00.001Z\",\"day\":\"1970-01-01\"}");
	assert_true(good(j.b.p));
	buf_release(&j.b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(only_json_is_json),
	    cmocka_unit_test(a_name_stands_once_in_an_object),
	    cmocka_unit_test(a_name_holds_no_nul_and_names_are_not_too_many),
	    cmocka_unit_test(what_is_written_can_be_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
