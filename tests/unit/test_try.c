/* SPDX-License-Identifier: Apache-2.0 */
/* An example that is not so is told, in its own line; one that is so is not. */
#include "rules_unit.h"

#include <string.h>

#include "rules/try.h"

#define STRIP "clean = ( { id = \"s\"; stage = \"noise\"; do = \"strip\"; match = \" - x$\"; examples = (\n"
#define END   "); } );\n"

static struct rule_notes
try(const char *text, size_t *ret_examples)
{
	_cleanup_(ruleset_freep) struct ruleset *set = set_of(str_of(text), "t");
	struct rule_notes notes = {.rows = NULL};

	assert_int_equal(rules_try(set, &notes, ret_examples), 0);
	return notes;
}

static void
assert_wrong(const char *text, unsigned line, const char *part)
{
	size_t examples = 0;
	_cleanup_(rule_notes_release) struct rule_notes notes = try(text, &examples);

	assert_int_equal(examples, 1);
	assert_true(notes.count > 0);
	assert_int_equal(notes.rows[0].line, line);
	if (strstr(notes.rows[0].text, part) == NULL)
		fail_msg("%s", notes.rows[0].text);
}

static void
assert_right(const char *text, size_t count)
{
	size_t examples = 0;
	_cleanup_(rule_notes_release) struct rule_notes notes = try(text, &examples);

	assert_int_equal(examples, count);
	if (notes.count > 0)
		fail_msg("%s", notes.rows[0].text);
}

static void
what_is_so_is_not_told(void **state)
{
	(void)state;
	assert_right(STRIP "{ title = \"Deed of gift - x\"; task = \"Deed of gift\"; },\n{ title = \"Deed - y\"; untouched = true; }" END, 2);
	assert_right("matter = { codes = ( { id = \"c\"; match = \"M(\\\\d+)\"; examples = ( { title = \"a M12\"; matter = \"12\"; } ); } ); };", 1);
	assert_right("privacy = { rules = ( { id = \"p\"; do = \"redact\"; match = \"\\\\d+\"; with = \"#\"; examples = ( { title = \"a 12\"; stored = \"a #\"; } ); } ); };", 1);
}

static void
another_result_is_told(void **state)
{
	(void)state;
	assert_wrong(STRIP "{ title = \"Deed of gift - x\"; task = \"Deed\"; }" END, 2, "should be \"Deed\" but is \"Deed of gift\"");
	assert_wrong(STRIP "\n{ title = \"Deed of gift - x\"; dropped = true; }" END, 3, "nothing should be left");
	assert_wrong("privacy = { rules = ( { id = \"p\"; do = \"exclude\"; match = \"secret\"; examples = ( { title = \"a 12\"; excluded = true; } ); } ); };", 1,
	    "nothing should be left");
}

/* The result alone is not enough: some other rule may have brought it about. */
static void
a_rule_that_had_no_part_is_told(void **state)
{
	(void)state;
	assert_wrong(STRIP "{ title = \"Deed of gift\"; task = \"Deed of gift\"; }" END, 2, "had no part in it");
	assert_wrong(STRIP "{ title = \"Deed of gift - x\"; untouched = true; }" END, 2, "should have left it alone");
}

static void
words_of_a_trail_are_whole(void **state)
{
	(void)state;
	assert_true(trail_names_rule(STR("a.b c=1 d!2"), "c"));
	assert_true(trail_names_rule(STR("a.b c=1 d!2"), "d"));
	assert_true(trail_names_rule(STR("a.b"), "a.b"));
	assert_false(trail_names_rule(STR("a.b limit!c"), "a"));
	assert_false(trail_names_rule(STR("a.b limit!c"), "c"));
	assert_false(trail_names_rule(STR(""), "c"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_so_is_not_told),
	    cmocka_unit_test(another_result_is_told),
	    cmocka_unit_test(a_rule_that_had_no_part_is_told),
	    cmocka_unit_test(words_of_a_trail_are_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
