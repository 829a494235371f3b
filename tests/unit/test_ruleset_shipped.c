/* SPDX-License-Identifier: Apache-2.0 */
/* The rules files of ours: what stands beside each rule as an example of it is so. */
#include "rules_unit.h"

#include <string.h>

#include "rules/lint.h"
#include "rules/privacy.h"
#include "rules/try.h"

/* Of the rows that one rule of a file became the first has its examples. */
static bool
is_same_rule(const struct vague_rule *rules, size_t i)
{
	return i > 0 && strcmp(rules[i].head.id, rules[i - 1].head.id) == 0;
}

static void
assert_no_notes(const struct rule_notes *notes, const char *name)
{
	for (size_t i = 0; i < notes->count; i++)
		print_error("%s:%u: %s: %s\n", name, notes->rows[i].line, notes->rows[i].rule, notes->rows[i].text);
	assert_int_equal(notes->count, 0);
}

static void
assert_file(const char *name)
{
	_cleanup_(ruleset_freep) struct ruleset *set = shipped_set(name);
	_cleanup_(rule_notes_release) struct rule_notes wrong = {.rows = NULL}, warnings = {.rows = NULL};
	size_t examples = 0;

	assert_int_equal(rules_try(set, &wrong, &examples), 0);
	assert_no_notes(&wrong, name);
	assert_int_equal(rules_lint(set, &warnings), 0);
	assert_no_notes(&warnings, name);
	print_message("%s: %zu examples\n", name, examples);
	assert_true(examples > set->clean_count);
}

static void
examples_of_the_reference_are_so(void **state)
{
	(void)state;
	assert_file(REFERENCE_RULES);
}

static void
examples_of_the_default_are_so(void **state)
{
	(void)state;
	assert_file(DEFAULT_RULES);
}

static void
assert_has_example(const struct rule_head *head)
{
	if (head->example_count == 0)
		fail_msg("%s in line %u has no example", head->id, head->line);
}

static void
each_rule_of_the_default_has_an_example(void **state)
{
	_cleanup_(ruleset_freep) struct ruleset *set = shipped_set(DEFAULT_RULES);

	(void)state;
	for (size_t i = 0; i < set->clean_count; i++)
		assert_has_example(&set->clean[i].head);
	for (size_t i = 0; i < set->vague_count; i++)
		if (!is_same_rule(set->vague, i))
			assert_has_example(&set->vague[i].head);
	for (size_t i = 0; i < set->matter_count; i++)
		assert_has_example(&set->matter[i].head);
	for (size_t i = 0; i < set->refuse_count; i++)
		assert_has_example(&set->refuse[i].head);
	for (size_t i = 0; i < set->privacy_count; i++)
		assert_has_example(&set->privacy[i].head);
}

/* Titles and the matters they name: nothing in them is a secret, and a matter's number least of all. */
static void
no_title_that_names_a_matter_is_excluded_or_redacted(void **state)
{
	_cleanup_(ruleset_freep) struct ruleset *set = shipped_set(DEFAULT_RULES);
	struct privacy *privacy = NULL;
	size_t len, titles = 0;
	char *text = source_file("tests/data/matter-titles.tsv", &len), *next = NULL;

	(void)state;
	assert_int_equal(privacy_new(set, &privacy), 0);
	for (char *line = strtok_r(text, "\n", &next); line != NULL; line = strtok_r(NULL, "\n", &next)) {
		struct str title = {line, strcspn(line, "\t")}, stored = STR_NONE;
		const struct row_view row = {.activity = STR("Microsoft Word"), .document = title, .category = STR("Writing")};

		if (str_starts(str_of(line + title.len), STR("\t-")))
			continue;
		titles++;
		if (privacy_judge(privacy, &row, 0, NULL, &stored) != PRIVACY_KEEP)
			fail_msg("%.*s", STR_ARG(title));
	}
	assert_true(titles > 100);
	free(text);
	privacy_free(privacy);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(examples_of_the_reference_are_so),
	    cmocka_unit_test(examples_of_the_default_are_so),
	    cmocka_unit_test(each_rule_of_the_default_has_an_example),
	    cmocka_unit_test(no_title_that_names_a_matter_is_excluded_or_redacted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
