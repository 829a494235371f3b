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

static const char *const kinds[] = {"one", "two", NULL};

/* What a worker says of rules arrives as it was said. */
static void
notes_survive_the_way_to_another_process(void **state)
{
	_cleanup_(rule_notes_release) struct rule_notes notes = {.rows = NULL}, read = {.rows = NULL};
	_cleanup_(buf_release) struct buf text = BUF_INIT(RULE_NOTES_BYTES_MAX);

	(void)state;
	rule_notes_add(&notes, 7, "one", "a.b", "quotes \"%s\"", "a\tb\nc");
	rule_notes_add(&notes, 3, "two", "c", "%s", "");
	notes.left_off = 12;
	rule_notes_sort(&notes);
	rule_notes_write(&notes, &text);
	assert_int_equal(text.error, 0);
	assert_int_equal(rule_notes_read(buf_str(&text), kinds, &read), 0);
	assert_int_equal(read.count, 2);
	assert_int_equal(read.left_off, 12);
	assert_int_equal(read.rows[0].line, 3);
	assert_string_equal(read.rows[0].kind, "two");
	assert_string_equal(read.rows[0].text, "");
	assert_string_equal(read.rows[1].rule, "a.b");
	assert_string_equal(read.rows[1].text, "quotes \"a b c\"");
}

/* A worker is trusted with nothing. */
static void
notes_that_are_none_are_refused(void **state)
{
	static const char *const texts[] = {
	    "", "0", "x\n", "-1\n", "9999999\n", "0\n1\tone\ta\ttext", "0\n1\tthree\ta\ttext\n", "0\n1\tone\t\ttext\n", "0\nx\tone\ta\ttext\n",
	    "0\n-1\tone\ta\ttext\n", "0\n1\tone\ttext\n", "0\n\n", "0\n1\tone\ta\t\xff\n",
	    "0\n1\tone\taaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\ttext\n",
	};
	_cleanup_(buf_release) struct buf many = BUF_INIT(RULE_NOTES_BYTES_MAX);

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(texts); i++) {
		_cleanup_(rule_notes_release) struct rule_notes read = {.rows = NULL};

		if (rule_notes_read(str_of(texts[i]), kinds, &read) == 0)
			fail_msg("%zu was taken", i);
	}
	(void)buf_addz(&many, "0\n");
	for (int i = 0; i <= RULE_NOTES_MAX; i++) {
		_cleanup_(rule_notes_release) struct rule_notes read = {.rows = NULL};

		assert_int_equal(rule_notes_read(buf_str(&many), kinds, &read), 0);
		(void)buf_addz(&many, "1\tone\ta\ttext\n");
	}
	{
		_cleanup_(rule_notes_release) struct rule_notes read = {.rows = NULL};

		assert_true(rule_notes_read(buf_str(&many), kinds, &read) < 0);
		assert_int_equal(read.count, RULE_NOTES_MAX);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_so_is_not_told),
	    cmocka_unit_test(another_result_is_told),
	    cmocka_unit_test(a_rule_that_had_no_part_is_told),
	    cmocka_unit_test(words_of_a_trail_are_whole),
	    cmocka_unit_test(notes_survive_the_way_to_another_process),
	    cmocka_unit_test(notes_that_are_none_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
