/* SPDX-License-Identifier: Apache-2.0 */
/* Which rows an entry of the prototype had: a wrong answer bills time twice, or hides it. */
#include "unit.h"

#include <string.h>

#include "app/import_match.h"

#define WORD    "microsoft word"
#define CHROME  "Google Chrome"
#define NOBODYS IMPORT_NO_NAME

static const struct import_name names[] = {
    {WORD, "Lease"}, {WORD, "Lease_12345.docx"}, {CHROME, "Lease"}, {CHROME, "config.js"}, {CHROME, "--"}, {WORD, "Portal Costs agreement"},
};

static size_t
whose(const char *activity, const char *document)
{
	struct activity_row row = {.activity = activity, .document = document};
	const struct activity_list rows = {.rows = &row, .count = 1};
	size_t found = 0;

	import_match(names, ELEMENTSOF(names), &rows, &found);
	return found;
}

static void
test_a_row_is_of_the_longest_name_in_its_title(void **state)
{
	(void)state;
	assert_int_equal(whose(WORD, "Lease"), 0);
	assert_int_equal(whose(WORD, "Lease of 4 High Street"), 0);
	assert_int_equal(whose(WORD, "Lease_[12345].docx  -  Read-Only"), 1);
	assert_int_equal(whose(WORD, "Portal  -  Costs   agreement"), 5);
	assert_int_equal(whose(CHROME, "Lease - Google Chrome – Anna"), 2);
}

static void
test_a_row_of_another_application_or_other_words_is_nobodys(void **state)
{
	(void)state;
	assert_int_equal(whose("Preview", "Lease"), NOBODYS);
	assert_int_equal(whose(WORD, "Release"), NOBODYS);
	assert_int_equal(whose(WORD, "lease"), NOBODYS);
	assert_int_equal(whose(WORD, ""), NOBODYS);
	assert_int_equal(whose(WORD, "Lea se"), NOBODYS);
}

static void
test_the_last_word_may_go_on_if_nothing_else_fits(void **state)
{
	(void)state;
	assert_int_equal(whose(CHROME, "src/config.json - Editor"), 3);
	assert_int_equal(whose(CHROME, "Lease config.json"), 2);
}

static void
test_a_name_without_words_is_of_that_very_title_only(void **state)
{
	(void)state;
	assert_int_equal(whose(CHROME, "--"), 4);
	assert_int_equal(whose(CHROME, "- -"), NOBODYS);
}

static void
test_no_names_and_no_rows_are_fine(void **state)
{
	struct activity_row row = {.activity = WORD, .document = "Lease"};
	const struct activity_list rows = {.rows = &row, .count = 1}, none = {0};
	size_t found = 7;

	(void)state;
	import_match(NULL, 0, &rows, &found);
	assert_int_equal(found, NOBODYS);
	found = 7;
	import_match(names, ELEMENTSOF(names), &none, &found);
	assert_int_equal(found, 7);
	assert_true(import_is_in("Lease_12345.docx", STR("Lease_[12345].docx - Read-Only")));
	assert_false(import_is_in("--", STR("--")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_row_is_of_the_longest_name_in_its_title),
	    cmocka_unit_test(test_a_row_of_another_application_or_other_words_is_nobodys),
	    cmocka_unit_test(test_the_last_word_may_go_on_if_nothing_else_fits),
	    cmocka_unit_test(test_a_name_without_words_is_of_that_very_title_only),
	    cmocka_unit_test(test_no_names_and_no_rows_are_fine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
