/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <errno.h>

#include "base/macro.h"
#include "http/json.h"
#include "http/json_check.h"

static bool
good(const char *text)
{
	size_t position;

	return json_check(str_of(text), &position) == 0;
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
	    cmocka_unit_test(what_is_written_can_be_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
