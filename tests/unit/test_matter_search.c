/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <string.h>

#include "alp/matter_search.h"

static const struct {
	const char *code, *name, *client;
	bool is_open;
} matters[] = {
    {"12345", "Lease of 4 High Street", "Smith & Sons", true},
    {"123", "Estate of Müller", "Ängström Pty Ltd", true},
    {"55512", "Smithfield development", "Council", true},
    {"777", "Goldsmith v Jones", "Jones", false},
    {"SM-1", "Review of contracts", "Blacksmith", true},
    {"smith", "Retainer", "Other", false},
    {"888", "Re: Trade mark a/b", "Ångström", true},
};

static struct matter_search *
make(void)
{
	struct matter_search *s = matter_search_new();

	for (size_t i = 0; i < ELEMENTSOF(matters); i++)
		matter_search_add(s, matters[i].code, matters[i].name, matters[i].client, matters[i].is_open);
	return s;
}

/* The codes found, as one text. */
static void
expect(const char *query, size_t max, const char *codes)
{
	_cleanup_(matter_search_freep) struct matter_search *s = make();
	uint32_t found[ELEMENTSOF(matters)];
	char text[256] = "";
	size_t n = matter_search(s, str_of(query), found, max);

	for (size_t i = 0; i < n; i++)
		snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", i > 0 ? " " : "", matters[found[i]].code);
	assert_string_equal(text, codes);
}

static void
a_code_goes_before_codes_that_begin_so_and_these_before_the_rest(void **state)
{
	(void)state;
	expect("123", 10, "123 12345");
	expect("12", 10, "12345 123 55512");
	expect("sm-1", 10, "SM-1");
}

static void
names_that_begin_so_go_before_words_and_these_before_parts_of_words(void **state)
{
	(void)state;
	expect("smith", 10, "smith 55512 12345 SM-1 777");
}

static void
of_equals_the_open_ones_go_first(void **state)
{
	(void)state;
	expect("jones", 10, "777");
	expect("r", 10, "SM-1 888 smith"); /* both begin names; the closed one is last */
}

static void
case_and_accents_make_no_difference(void **state)
{
	(void)state;
	expect("MULLER", 10, "123");
	expect("müller", 10, "123");
	expect("angstrom", 10, "123 888");
	expect("ÅNGSTRÖM", 10, "123 888");
}

static void
all_words_must_be_there(void **state)
{
	(void)state;
	expect("lease smith", 10, "12345");
	expect("smith lease street", 10, "12345");
	expect("lease jones", 10, "");
	expect("  lease   high  ", 10, "12345");
}

static void
a_letter_alone_counts_at_beginnings_of_words(void **state)
{
	(void)state;
	expect("4", 10, "12345");
	expect("/", 10, "888");
	expect("a/b", 10, "888");
}

static void
no_words_find_nothing_and_the_limit_keeps_the_likeliest(void **state)
{
	(void)state;
	expect("", 10, "");
	expect("   ", 10, "");
	expect("smith", 2, "smith 55512");
	expect("smith", 0, "");
}

static void
texts_that_are_hardly_any_do_no_harm(void **state)
{
	_cleanup_(matter_search_freep) struct matter_search *s = matter_search_new();
	uint32_t found[4];
	char huge[3001]; /* of whole characters, and a NUL */

	(void)state;
	memset(huge, 'x', sizeof huge - 1);
	huge[sizeof huge - 1] = '\0';
	matter_search_add(s, "", NULL, "", true);
	matter_search_add(s, "\xff\xfe", "bad \xc3", "a\nb", true);
	matter_search_add(s, huge, huge, huge, true);
	for (size_t i = 0; i + 3 <= sizeof huge; i += 3)
		memcpy(huge + i, "\xef\xb7\xba", 3); /* one of the characters that fold to most */
	matter_search_add(s, huge, huge, huge, true);
	assert_int_equal(matter_search(s, STR("bad"), found, 4), 1);
	assert_int_equal(matter_search(s, STR("xxx"), found, 4), 1);
	assert_int_equal(matter_search(s, str_of(huge), found, 4), 1);
	assert_int_equal(matter_search(s, STR("a b"), found, 4), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_code_goes_before_codes_that_begin_so_and_these_before_the_rest),
	    cmocka_unit_test(names_that_begin_so_go_before_words_and_these_before_parts_of_words),
	    cmocka_unit_test(of_equals_the_open_ones_go_first),
	    cmocka_unit_test(case_and_accents_make_no_difference),
	    cmocka_unit_test(all_words_must_be_there),
	    cmocka_unit_test(a_letter_alone_counts_at_beginnings_of_words),
	    cmocka_unit_test(no_words_find_nothing_and_the_limit_keeps_the_likeliest),
	    cmocka_unit_test(texts_that_are_hardly_any_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
