/* SPDX-License-Identifier: Apache-2.0 */
/* Rules that are of no use are told, with their line; rules that are of use are not. */
#include "rules_unit.h"

#include <string.h>

#include "rules/lint.h"
#include "rules/match.h"
#include "rules/regex_sample.h"
#include "rules/rules.h"

static struct rule_notes
lint(const char *text)
{
	_cleanup_(ruleset_freep) struct ruleset *set = set_of(str_of(text), "t");
	struct rule_notes notes = {.rows = NULL};

	assert_int_equal(rules_lint(set, &notes), 0);
	return notes;
}

static void
assert_warns(const char *text, unsigned line, const char *kind, const char *rule)
{
	_cleanup_(rule_notes_release) struct rule_notes notes = lint(text);

	for (size_t i = 0; i < notes.count; i++)
		if (notes.rows[i].line == line && strcmp(notes.rows[i].kind, kind) == 0 && strcmp(notes.rows[i].rule, rule) == 0)
			return;
	for (size_t i = 0; i < notes.count; i++)
		print_error("%u %s %s: %s\n", notes.rows[i].line, notes.rows[i].kind, notes.rows[i].rule, notes.rows[i].text);
	fail_msg("no warning \"%s\" of %s in line %u of %s", kind, rule, line, text);
}

static void
assert_silent(const char *text)
{
	_cleanup_(rule_notes_release) struct rule_notes notes = lint(text);

	if (notes.count > 0)
		fail_msg("%s: %s of %s: %s", text, notes.rows[0].kind, notes.rows[0].rule, notes.rows[0].text);
}

#define STEP(id, rest) "{ id = \"" id "\"; stage = \"name\"; " rest " }"
#define CLEAN(steps)   "clean = (\n" steps ");\n"
#define CODES(rules)   "matter = { codes = (\n" rules "); };\n"
#define VAGUE(rules)   "vague = { max_chars = 10; rules = (\n" rules "); };\n"

static void
a_step_behind_an_unconditional_end_is_unreachable(void **state)
{
	(void)state;
	assert_warns(CLEAN(STEP("a", "do = \"keep\";") ",\n" STEP("b", "do = \"strip\"; match = \"x\";")), 3, LINT_UNREACHABLE, "b");
	assert_warns(CLEAN(STEP("a", "do = \"drop\"; app_contains = \"Chrome\"; match = \".\";") ",\n"
			   STEP("b", "do = \"trim\"; app_is = \"google chrome\";")), 3, LINT_UNREACHABLE, "b");
	assert_warns(CLEAN(STEP("a", "do = \"drop\"; app_matches = \"^chrom\";") ",\n"
			   "{ id = \"b\"; stage = \"noise\"; do = \"trim\"; app_is = \"Chrome\"; app_any_case = false; }"), 3, LINT_UNREACHABLE, "b");
}

static void
a_step_that_some_title_reaches_is_not(void **state)
{
	(void)state;
	assert_silent(CLEAN(STEP("a", "do = \"keep\"; app_is = \"Word\";") ",\n" STEP("b", "do = \"strip\"; match = \"x\";")));
	assert_silent(CLEAN(STEP("a", "do = \"keep\"; if_prefix = \"Re\";") ",\n" STEP("b", "do = \"strip\"; match = \"x\";")));
	assert_silent(CLEAN(STEP("a", "do = \"drop\"; match = \"^[a-z]+$\";") ",\n" STEP("b", "do = \"strip\"; match = \"x\";")));
	assert_silent(CLEAN(STEP("a", "do = \"keep\";") ",\n{ id = \"b\"; stage = \"noise\"; do = \"strip\"; match = \"x\"; }"));
	/* In any case is more than in one. */
	assert_silent(CLEAN(STEP("a", "do = \"keep\"; app_is = \"Word\"; app_any_case = false;") ",\n" STEP("b", "do = \"trim\"; app_is = \"Word\";")));
}

static void
what_an_earlier_rule_takes_is_shadowed(void **state)
{
	(void)state;
	assert_warns(CLEAN(STEP("a", "do = \"strip\"; match = \"x\"; any_case = true;") ",\n" STEP("b", "do = \"drop\"; app_is = \"Word\"; match = \"x\";")),
	    3, LINT_SHADOWED, "b");
	assert_silent(CLEAN(STEP("a", "do = \"strip\"; match = \"x\";") ",\n" STEP("b", "do = \"drop\"; match = \"x\"; any_case = true;")));
	assert_warns(VAGUE("{ id = \"a\"; match = \"^in\"; },\n{ id = \"b\"; name = \"inbox\"; any_case = false; }"), 3, LINT_SHADOWED, "b");
	assert_warns(VAGUE("{ id = \"a\"; prefix = \"In\"; any_case = true; },\n{ id = \"b\"; names = [ \"INBOX\", \"Out\" ]; }"), 3, LINT_SHADOWED, "b");
	assert_silent(VAGUE("{ id = \"a\"; match = \"^in\"; },\n{ id = \"b\"; names = [ \"Inbox\", \"Out\" ]; }"));
	assert_warns(CODES("{ id = \"a\"; match = \"M(\\\\d+)\"; priority = 5; },\n{ id = \"b\"; match = \"M(\\\\d+)\"; priority = 4; }"), 3, LINT_SHADOWED, "b");
	assert_warns(CODES("{ id = \"a\"; match = \"M(\\\\d+)\"; priority = 3; },\n{ id = \"b\"; match = \"M(\\\\d+)\"; priority = 4; }"), 2, LINT_SHADOWED, "a");
	assert_silent(CODES("{ id = \"a\"; match = \"M(\\\\d+)\"; app_is = \"Word\"; },\n{ id = \"b\"; match = \"M(\\\\d+)\"; }"));
	assert_warns("privacy = { rules = (\n{ id = \"a\"; do = \"exclude\"; app_is = \"x\"; },\n{ id = \"b\"; do = \"redact\"; app_is = \"x\"; match = \"y\"; } ); };",
	    3, LINT_SHADOWED, "b");
}

static void
what_can_never_match_is_told(void **state)
{
	(void)state;
	assert_warns(VAGUE("{ id = \"a\"; name = \"longer than ten\"; }"), 2, LINT_NEVER, "a");
	assert_warns(VAGUE("{ id = \"a\"; name = \"inbox \"; }"), 2, LINT_NEVER, "a");
	assert_silent(VAGUE("{ id = \"a\"; name = \"\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\"; }"));
	assert_warns(CLEAN(STEP("a", "do = \"strip\"; match = \"(?:cat|dog) food\"; literal = \"cat\";")), 2, LINT_NEVER, "a");
	assert_silent(CLEAN(STEP("a", "do = \"strip\"; match = \"(?:cat|dog) food\"; literal = \" food\";")));
	assert_warns(CLEAN(STEP("a", "do = \"strip\"; match = \"portal\"; literal = \"portal\"; any_case = true;")), 2, LINT_NEVER, "a");
	assert_warns(CODES("{ id = \"a\"; match = \"M(\\\\d{3,5})\"; digits = 4; }"), 2, LINT_NEVER, "a");
	assert_silent(CODES("{ id = \"a\"; match = \"M(\\\\d{4,5})\"; digits = 4; }"));
	assert_warns(CLEAN(STEP("a", "do = \"strip\"; if_prefix = \"Portal\"; match = \"^Gate\";")), 2, LINT_NEVER, "a");
	assert_silent(CLEAN(STEP("a", "do = \"strip\"; if_prefix = \"Portal\"; match = \"^Port\";")));
	assert_silent(CLEAN(STEP("a", "do = \"strip\"; if_prefix = \"Portal\"; match = \"Gate\";")));
}

/* A counter-example is no proof that a statement is wrong; an example is. */
static void
an_example_contradicts_a_statement(void **state)
{
	(void)state;
	assert_warns(CLEAN(STEP("a", "do = \"strip\"; match = \"\\\\d{1,2}(?<=7)\"; digits = 2; examples = ( { title = \"a 7\"; task = \"a\"; } );")),
	    2, LINT_NEVER, "a");
}

static const char *const slow[] = {
    "^(a+)+$", "(?:a|aa)+b", "^(?:[a-z]+[ ]?)+x$", "(?:\\\\p{L}+)+\\\\d", "(\\\\w+\\\\s?)+\\\\d{3}$", "(a*)*b", "a.*a.*a.*b",
};

static void
a_pattern_that_long_titles_wear_out_is_slow(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(slow); i++) {
		char text[200];

		(void)snprintf(text, sizeof text, CLEAN(STEP("a", "do = \"strip\"; match = \"%s\";")), slow[i]);
		assert_warns(text, 2, LINT_SLOW, "a");
	}
	assert_silent(CLEAN(STEP("a", "do = \"strip\"; match = \" - (?:Word|Excel)$\";")));
	assert_silent(CLEAN(STEP("a", "do = \"strip\"; match = \"^\\\\(\\\\d++\\\\) \";")));
}

/* However many there are, it ends. */
static void
many_slow_patterns_end_in_a_warning(void **state)
{
	_cleanup_(buf_release) struct buf text = BUF_INIT(RULES_FILE_MAX);
	_cleanup_(ruleset_freep) struct ruleset *set = NULL;
	_cleanup_(rule_notes_release) struct rule_notes notes = {.rows = NULL};

	(void)state;
	(void)buf_addz(&text, "clean = (");
	for (int i = 0; i < 1500; i++)
		(void)buf_addf(&text, "%s{ id = \"r%d\"; stage = \"noise\"; do = \"strip\"; match = \"^(a+)+%d$\"; }", i > 0 ? ",\n" : "\n", i, i);
	(void)buf_addz(&text, ");\n");
	set = set_of(buf_str(&text), "many");
	assert_int_equal(rules_lint(set, &notes), 0);
	assert_int_equal(notes.count, RULE_NOTES_MAX);
	assert_true(notes.left_off > 0);
	/* Not all of them were tried. */
	assert_true(notes.count + notes.left_off < 1500);
}

/* Most regular expressions of people are understood: some sample of each is matched. */
static void
samples_are_of_the_regex(void **state)
{
	static const char *const regexes[] = {
	    "abc", "a{3}b", "(?:Mon|Tue)day \\d{1,2}", "[A-Z]{2}\\d+", "^\\s*Re: (?<title>.+)$", "[^a-z]x", "\\p{Lu}\\p{L}+", "a(?:b(?:c|d)?)+e", "\\[x\\]",
	    "[]a]b", "(?i)word", "\\x{e9}t\\xe9", "[[:digit:]]{2}-[\\d.]+", "a|b|cd", "(?>a+)b", "(a)(?P<n>b)",
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(regexes); i++) {
		const struct pattern_def def = {.regex = regexes[i]};
		struct matcher *m = matcher_new();
		struct pattern *p = NULL;
		bool matched = false;

		assert_int_equal(pattern_new(m, &def, &p), 0);
		for (uint32_t seed = 0; seed < 8; seed++) {
			_cleanup_(buf_release) struct buf sample = BUF_INIT(RULES_TITLE_MAX);
			struct str found;

			assert_true(regex_sample(regexes[i], seed, &sample));
			matched = pattern_find(m, p, buf_str(&sample), 0, &found) || matched;
		}
		if (!matched)
			fail_msg("no sample of %s is matched by it", regexes[i]);
		pattern_free(p);
		matcher_free(m);
	}
}

static void
a_sample_of_a_hopeless_regex_ends(void **state)
{
	static const char *const regexes[] = {"((((((((((a?)*)*)*)*)*)*)*)*)*)*", "(((((a{9}){9}){9}){9}){9}){9}", "(?:", "[", "(", ")", "\\", "a{99999}", "[^", "(?<n"};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(regexes); i++) {
		_cleanup_(buf_release) struct buf sample = BUF_INIT(RULES_TITLE_MAX);

		(void)regex_sample(regexes[i], (uint32_t)i, &sample);
		assert_true(sample.len <= RULES_TITLE_MAX);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_step_behind_an_unconditional_end_is_unreachable),
	    cmocka_unit_test(a_step_that_some_title_reaches_is_not),
	    cmocka_unit_test(what_an_earlier_rule_takes_is_shadowed),
	    cmocka_unit_test(what_can_never_match_is_told),
	    cmocka_unit_test(an_example_contradicts_a_statement),
	    cmocka_unit_test(a_pattern_that_long_titles_wear_out_is_slow),
	    cmocka_unit_test(many_slow_patterns_end_in_a_warning),
	    cmocka_unit_test(samples_are_of_the_regex),
	    cmocka_unit_test(a_sample_of_a_hopeless_regex_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
