/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/macro.h"
#include "http/words.h"

static void
parts_of(const char *text, char separator, const char *const *expected)
{
	struct str rest = str_of(text);
	size_t i = 0;

	while (rest.len > 0) {
		struct str part = words_next(&rest, separator);

		assert_non_null(expected[i]);
		assert_true(str_eq(part, str_of(expected[i])));
		i++;
	}
	assert_null(expected[i]);
}

static void
a_list_falls_into_its_parts_without_the_blanks(void **state)
{
	(void)state;
	parts_of(" a ,\tb\t,, c", ',', (const char *const[]){"a", "b", "", "c", NULL});
	parts_of("a;q=0.5 ; v = 1", ';', (const char *const[]){"a", "q=0.5", "v = 1", NULL});
	parts_of("", ',', (const char *const[]){NULL});
	parts_of("   ", ',', (const char *const[]){"", NULL});
}

static void
a_quoted_separator_separates_nothing(void **state)
{
	(void)state;
	parts_of("a=\"x,y\",b", ',', (const char *const[]){"a=\"x,y\"", "b", NULL});
	parts_of("\"a\\\",b\",c", ',', (const char *const[]){"\"a\\\",b\"", "c", NULL});
	parts_of("\"never closed, c", ',', (const char *const[]){"\"never closed, c", NULL});
	parts_of("\"\\", ',', (const char *const[]){"\"\\", NULL});
}

static void
words_are_the_same_in_any_case_and_only_whole(void **state)
{
	(void)state;
	assert_true(words_same(STR("GZip"), "gzip"));
	assert_false(words_same(STR("gzi"), "gzip"));
	assert_false(words_same(STR("gzips"), "gzip"));
	assert_true(words_same(STR_NONE, ""));
}

static void
a_weight_has_at_most_three_digits_and_is_at_most_one(void **state)
{
	static const struct {
		const char *text;
		int weight;
	} cases[] = {
	    {"0", 0}, {"1", 1000}, {"0.", 0}, {"1.", 1000}, {"0.75", 750}, {"0.001", 1}, {"1.000", 1000}, {"0.999", 999},
	    {"", -1}, {"2", -1}, {"1.001", -1}, {"0.0001", -1}, {".5", -1}, {"0,5", -1}, {"-0", -1}, {"0.5x", -1}, {"00", -1},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(cases); i++)
		assert_int_equal(words_weight(str_of(cases[i].text)), cases[i].weight);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_list_falls_into_its_parts_without_the_blanks),
	    cmocka_unit_test(a_quoted_separator_separates_nothing),
	    cmocka_unit_test(words_are_the_same_in_any_case_and_only_whole),
	    cmocka_unit_test(a_weight_has_at_most_three_digits_and_is_at_most_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
