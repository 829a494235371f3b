/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <errno.h>
#include <string.h>

#include "alp/json_text.h"
#include "base/macro.h"

static void
only_json_is_json(void **state)
{
	static const char *const good[] = {"{}", " [ ] ", "0", "-1.5e+3", "\"\\u00e9\\n\"", "[1,{\"a\":[null,true,false]}]", "{\"a\":1,\"a\":2}"};
	static const char *const bad[] = {"", " ", "{", "[1,]", "{\"a\"}", "{a:1}", "01", "1.", ".5", "+1", "nul", "'a'", "\"\\x\"", "\"a", "\"\n\"",
	    "[1 2]", "{} {}", "]", "NaN", "\"\\u12g4\"", "\"\\"};
	char deep[128];

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(good); i++)
		assert_int_equal(json_text_check(str_of(good[i])), 0);
	for (size_t i = 0; i < ELEMENTSOF(bad); i++)
		assert_int_equal(json_text_check(str_of(bad[i])), -EBADMSG);
	assert_int_equal(json_text_check(STR("\"\xff\"")), -EILSEQ);
	assert_int_equal(json_text_check((struct str){"[\0]", 3}), -EBADMSG);
	memset(deep, '[', 64);
	memset(deep + 64, ']', 64);
	assert_int_equal(json_text_check((struct str){deep, 128}), -EBADMSG);
	assert_int_equal(json_text_check((struct str){deep + 32, 64}), 0);
}

static void
expect_items(const char *array, const char *joined)
{
	struct str rest = str_of(array), item;
	char seen[256] = "";

	while (json_text_next(&rest, &item)) {
		size_t len = strlen(seen);

		snprintf(seen + len, sizeof seen - len, "<%.*s>", STR_ARG(item));
	}
	assert_string_equal(seen, joined);
	assert_false(json_text_next(&rest, &item));
}

static void
items_come_as_they_are_written(void **state)
{
	(void)state;
	expect_items("[]", "");
	expect_items(" [ ] ", "");
	expect_items("[1]", "<1>");
	expect_items(" [ 1 , \"a]\\\",\" , [ ] , {\"b\" : [1,2]} , null ] ", "<1><\"a]\\\",\"><[ ]><{\"b\" : [1,2]}><null>");
	expect_items("[[1],[[2]]]", "<[1]><[[2]]>");
	expect_items("[1.10,1e2]", "<1.10><1e2>");
}

static void
expect_member(const char *object, const char *name, const char *value)
{
	struct str found;

	assert_int_equal(json_text_member(str_of(object), name, &found), value != NULL);
	if (value != NULL)
		assert_true(str_eq(found, str_of(value)));
}

static void
members_are_found_by_their_decoded_name(void **state)
{
	static const char object[] = "{ \"a\" : {\"b\":1} , \"x\\u0069d\" : \"5\", \"id\": 7, \"s\":\"id\", \"id\" : [8] }";

	(void)state;
	expect_member(object, "id", "[8]");
	expect_member(object, "a", "{\"b\":1}");
	expect_member(object, "xid", "\"5\"");
	expect_member(object, "b", NULL);
	expect_member(object, "", NULL);
	expect_member("{}", "id", NULL);
	expect_member("[\"id\",1]", "id", NULL);
	expect_member("\"id\"", "id", NULL);
}

static void
expect_decoded(const char *value, int wanted, const char *text)
{
	struct buf b = BUF_INIT(16);

	assert_int_equal(json_text_add_string(str_of(value), &b), wanted);
	if (wanted == 0)
		assert_string_equal(b.p, text);
	buf_release(&b);
}

static void
texts_are_decoded(void **state)
{
	(void)state;
	expect_decoded("\"a\\\"\\\\\\/\\t\"", 0, "a\"\\/\t");
	expect_decoded("\"\\u00e9\\u20ac\\ud83d\\ude00\"", 0, "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
	expect_decoded("\"\\ud876\\udc00\"", 0, "\xf0\xad\xa0\x80");
	expect_decoded("\"\\ud83d!\"", 0, "\xef\xbf\xbd!");
	expect_decoded("\"\\udc00\\u0000\"", 0, "\xef\xbf\xbd\xef\xbf\xbd");
	expect_decoded("17", 0, "17");
	expect_decoded("null", -ENODATA, NULL);
	expect_decoded("true", -ENODATA, NULL);
	expect_decoded("[1]", -ENODATA, NULL);
	expect_decoded("\"12345678901234567\"", -E2BIG, NULL);
}

static void
expect_number(const char *value, int64_t wanted)
{
	int64_t n = 0;

	assert_int_equal(json_text_to_i64(str_of(value), &n), 0);
	assert_true(n == wanted);
}

static void
whole_numbers_are_read_however_they_are_written(void **state)
{
	static const char *const none[] = {"1.5", "null", "\"\"", "\"1.0\"", "\"x\"", "\"-\"", "1e19", "9223372036854775808", "1e-1", "true", "[]",
	    "-9223372036854775808", "1e400", "123456789012345678901234567890123456789", "\" 1\""};
	int64_t n = 77;

	(void)state;
	expect_number("0", 0);
	expect_number("-0.0", 0);
	expect_number("12", 12);
	expect_number("12.0", 12);
	expect_number("1.2e1", 12);
	expect_number("120e-1", 12);
	expect_number("0.012E+3", 12);
	expect_number("\"12\"", 12);
	expect_number("\"0012\"", 12);
	expect_number("-5", -5);
	expect_number("9223372036854775807", INT64_MAX);
	expect_number("1e18", 1000000000000000000);
	expect_number("0e5", 0);
	for (size_t i = 0; i < ELEMENTSOF(none); i++) {
		if (json_text_to_i64(str_of(none[i]), &n) != -ENODATA)
			fail_msg("%s was taken for %lld", none[i], (long long)n);
		assert_int_equal(n, 77);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(only_json_is_json),
	    cmocka_unit_test(items_come_as_they_are_written),
	    cmocka_unit_test(members_are_found_by_their_decoded_name),
	    cmocka_unit_test(texts_are_decoded),
	    cmocka_unit_test(whole_numbers_are_read_however_they_are_written),
	};

	return cmocka_run_group_tests_name("json_text", tests, NULL, NULL);
}
