/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <errno.h>
#include <string.h>

#include "rules/matter.h"
#include "rules/rules.h"

static const struct matter_rule codes[] = {
    {.head = {.id = "bare"}, .priority = 10, .pattern = {.regex = "(?<![0-9])([0-9]{5})(?![0-9])"}},
    {.head = {.id = "brackets"}, .priority = 90, .pattern = {.regex = "\\[([0-9]{5})\\]"}},
    {.head = {.id = "word.ref"}, .priority = 50, .app = {APP_IS, "Word", true}, .pattern = {.regex = "(ref) (?<code>[A-Z]+)"}},
};
static const char *const receipts[] = {"receipt"};
static const struct refuse_rule refusals[] = {
    {.head = {.id = "receipt"}, .after = {receipts, ELEMENTSOF(receipts)}},
    {.head = {.id = "invoice"}, .pattern = {.regex = "INV-[0-9]+"}},
};

struct case_of {
	struct matcher *matcher;
	struct matters *matters;
	struct matter_list *list;
	struct matter_found found[MATTERS_FOUND_MAX];
	size_t count;
	struct buf trail;
};

static void
case_init(struct case_of *c, enum matter_listing listing)
{
	const struct ruleset set = {
	    .matter_listing = listing, .matter = codes, .matter_count = ELEMENTSOF(codes), .refuse = refusals,
	    .refuse_count = ELEMENTSOF(refusals),
	};
	_cleanup_(matter_list_builder_freep) struct matter_list_builder *b = matter_list_builder_new();
	const struct matter_view matters[] = {{.code = STR("12345"), .is_open = true}, {.code = STR("23456")}, {.code = STR("SMI-1")}};
	const struct str aliases[][2] = {{STR("Smith v Jones"), STR("34567")}, {STR("Smith"), STR("old case")}, {STR("Müller")}};

	*c = (struct case_of){.matcher = matcher_new(), .trail = BUF_INIT(1000)};
	assert_int_equal(matters_new(c->matcher, &set, &c->matters), 0);
	for (size_t i = 0; i < ELEMENTSOF(matters); i++)
		assert_int_equal(matter_list_builder_add(b, &matters[i], aliases[i], i < 2 ? 2 : 1), 0);
	assert_int_equal(matter_list_build(b, &c->list), 0);
}

static void
case_release(struct case_of *c)
{
	matter_list_free(c->list);
	matters_free(c->matters);
	matcher_free(c->matcher);
	buf_release(&c->trail);
}

static const char *
collect(struct case_of *c, const struct matter_list *list, const char *title)
{
	buf_clear(&c->trail);
	c->count = matters_collect(c->matters, list, STR("word"), str_of(title), c->found, MATTERS_FOUND_MAX, &c->trail);
	return c->trail.len > 0 ? c->trail.p : "";
}

static void
every_code_of_a_title_is_found_once_by_its_best_rule(void **state)
{
	struct case_of c;

	(void)state;
	case_init(&c, LIST_REQUIRE);
	assert_string_equal(collect(&c, NULL, "[12345] and 23456, 12345 again"), "brackets=12345 bare=23456");
	assert_int_equal(c.count, 2);
	assert_int_equal(c.found[0].standing, STANDING_PATTERN);
	assert_string_equal(collect(&c, NULL, "nothing 1234 123456"), "");
	assert_int_equal(c.count, 0);
	case_release(&c);
}

static void
a_code_inside_of_what_is_refused_is_none(void **state)
{
	struct case_of c;

	(void)state;
	case_init(&c, LIST_REQUIRE);
	assert_string_equal(collect(&c, c.list, "12345 INV-23456"), "bare=12345 invoice!23456");
	assert_int_equal(c.count, 1);
	assert_string_equal(collect(&c, c.list, "Receipt no. 12345 for 23456"), "receipt!12345 bare=23456");
	assert_string_equal(collect(&c, c.list, "Receipt for smith_v_jones"), "matter.list=12345");
	case_release(&c);
}

static void
a_named_group_is_the_code_and_rules_ask_for_the_application(void **state)
{
	struct case_of c;

	(void)state;
	case_init(&c, LIST_IGNORE);
	assert_string_equal(collect(&c, c.list, "ref ABC"), "word.ref=ABC");
	assert_int_equal(matters_collect(c.matters, NULL, STR("Excel"), STR("ref ABC"), c.found, 5, NULL), 0);
	case_release(&c);
}

static void
what_the_list_says_decides_what_is_accepted(void **state)
{
	struct case_of c;

	(void)state;
	case_init(&c, LIST_REQUIRE);
	assert_string_equal(collect(&c, c.list, "[99999] 23456"), "unlisted!99999 bare=23456");
	assert_int_equal(c.found[0].standing, STANDING_UNLISTED);
	assert_int_equal(c.found[1].standing, STANDING_LISTED);
	case_release(&c);

	case_init(&c, LIST_PREFER);
	assert_string_equal(collect(&c, c.list, "[99999] 23456"), "brackets=99999 bare=23456");
	assert_int_equal(c.found[0].standing, STANDING_PATTERN);
	assert_int_equal(c.found[1].standing, STANDING_LISTED);
	case_release(&c);

	case_init(&c, LIST_IGNORE);
	assert_string_equal(collect(&c, c.list, "[99999] 23456"), "brackets=99999 bare=23456");
	assert_int_equal(c.found[1].standing, STANDING_PATTERN);
	case_release(&c);
}

static void
aliases_give_the_code_of_their_matter(void **state)
{
	struct case_of c;

	(void)state;
	case_init(&c, LIST_REQUIRE);
	assert_string_equal(collect(&c, c.list, "Letter 34567"), "bare=12345");
	assert_int_equal(c.found[0].standing, STANDING_ALIAS);
	assert_string_equal(collect(&c, c.list, "Re: SMITH V JONES - offer"), "matter.list=12345");
	assert_int_equal(c.found[0].standing, STANDING_ALIAS);
	assert_string_equal(collect(&c, c.list, "smith_v_jones.docx"), "matter.list=12345");
	assert_string_equal(collect(&c, c.list, "Smith and Jones"), "matter.list=23456");
	assert_string_equal(collect(&c, c.list, "Brief—Müller“"), "matter.list=SMI-1");
	assert_string_equal(collect(&c, c.list, "Smithers; Müllerin; v Jones"), "");
	assert_string_equal(collect(&c, c.list, "SMI-1 Deed, smi-1.pdf"), "matter.list=SMI-1");
	assert_int_equal(c.found[0].standing, STANDING_LISTED);
	case_release(&c);
}

static void
an_empty_list_is_as_good_as_none(void **state)
{
	_cleanup_(matter_list_builder_freep) struct matter_list_builder *b = matter_list_builder_new();
	_cleanup_(matter_list_freep) struct matter_list *empty = NULL;
	struct case_of c;

	(void)state;
	assert_int_equal(matter_list_build(b, &empty), 0);
	case_init(&c, LIST_REQUIRE);
	assert_string_equal(collect(&c, empty, "[99999]"), "brackets=99999");
	case_release(&c);
}

static void
a_title_of_codes_alone_stays_within_the_bounds(void **state)
{
	char title[RULES_TITLE_MAX + 1];
	struct case_of c;

	(void)state;
	case_init(&c, LIST_REQUIRE);
	for (size_t i = 0; i + 6 <= RULES_TITLE_MAX; i += 6)
		(void)snprintf(title + i, 7, "%05zu ", 10000 + i);
	(void)collect(&c, NULL, title);
	assert_int_equal(c.count, MATTERS_FOUND_MAX);
	assert_int_equal(matters_collect(c.matters, c.list, STR(""), str_of(title), c.found, 3, NULL), 3);
	case_release(&c);
}

/* Else whoever writes a title could have a number in it taken for a matter by making the rules give up. */
static void
a_title_that_tires_the_rules_out_names_no_matter(void **state)
{
	static const struct refuse_rule tiring[] = {{.head = {.id = "tiring"}, .pattern = {.regex = "(?:a+a+)+[bc][0-9]"}}};
	const struct ruleset set = {.matter = codes, .matter_count = ELEMENTSOF(codes), .refuse = tiring, .refuse_count = 1};
	struct matcher *m = matcher_new();
	struct matter_found found[1];
	struct buf trail = BUF_INIT(1000);
	struct matters *s = NULL;
	char title[901] = "12345 ";

	(void)state;
	memset(title + 6, 'a', sizeof title - 7);
	assert_int_equal(matters_new(m, &set, &s), 0);
	matcher_subject(m, str_of(title));
	assert_int_equal(matters_collect(s, NULL, STR(""), str_of(title), found, 1, &trail), 0);
	assert_string_equal(trail.p, "limit!tiring tiring!12345");
	buf_release(&trail);
	matters_free(s);
	matcher_free(m);
}

static struct matter_found
vote(const char *code, const struct matter_rule *rule, enum matter_standing standing)
{
	return (struct matter_found){.code = str_of(code), .rule = rule, .standing = standing};
}

static void
assert_decision(const struct matter_found *found, const int64_t *seconds, size_t count, const char *code, const char *rule,
		const char *evidence)
{
	/* Backwards as well: the order in which rows come must not matter. */
	for (int backwards = 0; backwards < 2; backwards++) {
		struct matter_ballot b = {0};
		struct matter_decision d;

		for (size_t i = 0; i < count; i++) {
			size_t at = backwards ? count - 1 - i : i;

			matter_ballot_add(&b, &found[at], 1, seconds[at]);
		}
		matter_ballot_decide(&b, &d);
		assert_true(str_eq(d.code, str_of(code)));
		assert_string_equal(d.rule, rule);
		assert_string_equal(d.evidence, evidence);
		matter_ballot_release(&b);
	}
}

static void
standing_goes_before_priority_and_that_before_seconds_and_code(void **state)
{
	const struct matter_rule *bare = &codes[0], *brackets = &codes[1];
	const struct matter_found standings[] = {vote("1", brackets, STANDING_PATTERN), vote("2", bare, STANDING_LISTED),
	    vote("3", bare, STANDING_ALIAS), vote("0", brackets, STANDING_UNLISTED)};
	const struct matter_found priorities[] = {vote("1", bare, STANDING_PATTERN), vote("2", brackets, STANDING_PATTERN)};
	const struct matter_found times[] = {vote("1", bare, STANDING_PATTERN), vote("2", bare, STANDING_PATTERN),
	    vote("3", bare, STANDING_PATTERN), vote("3", bare, STANDING_PATTERN)};
	const struct matter_found equals[] = {vote("2", bare, STANDING_PATTERN), vote("1", bare, STANDING_PATTERN)};

	(void)state;
	assert_decision(standings, (const int64_t[]){500, 1, 100, 900}, 4, "2", "bare", "listed");
	assert_decision(standings, (const int64_t[]){500}, 1, "1", "brackets", "pattern");
	assert_decision(priorities, (const int64_t[]){500, 1}, 2, "2", "brackets", "pattern");
	assert_decision(times, (const int64_t[]){5, 7, 4, 4}, 4, "3", "bare", "pattern");
	assert_decision(equals, (const int64_t[]){5, 5}, 2, "1", "bare", "pattern");
	assert_decision(standings + 3, (const int64_t[]){5}, 1, "", "brackets", "unlisted");
}

static void
a_ballot_without_a_vote_finds_nothing(void **state)
{
	struct matter_ballot b = {0};
	struct matter_decision d;

	(void)state;
	matter_ballot_decide(&b, &d);
	assert_int_equal(d.code.len, 0);
	assert_null(d.rule);
	assert_string_equal(d.evidence, "");
	matter_ballot_release(&b);
}

static void
a_pattern_that_does_not_compile_is_told(void **state)
{
	const struct refuse_rule broken[] = {{.head = {.id = "broken"}, .pattern = {.regex = "("}}};
	const struct ruleset set = {.refuse = broken, .refuse_count = 1, .matter = codes, .matter_count = ELEMENTSOF(codes)};
	struct matcher *m = matcher_new();
	struct matters *s = NULL;

	(void)state;
	assert_int_equal(matters_new(m, &set, &s), -EINVAL);
	assert_null(s);
	matcher_free(m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_code_of_a_title_is_found_once_by_its_best_rule),
	    cmocka_unit_test(a_code_inside_of_what_is_refused_is_none),
	    cmocka_unit_test(a_named_group_is_the_code_and_rules_ask_for_the_application),
	    cmocka_unit_test(what_the_list_says_decides_what_is_accepted),
	    cmocka_unit_test(aliases_give_the_code_of_their_matter),
	    cmocka_unit_test(an_empty_list_is_as_good_as_none),
	    cmocka_unit_test(a_title_of_codes_alone_stays_within_the_bounds),
	    cmocka_unit_test(a_title_that_tires_the_rules_out_names_no_matter),
	    cmocka_unit_test(standing_goes_before_priority_and_that_before_seconds_and_code),
	    cmocka_unit_test(a_ballot_without_a_vote_finds_nothing),
	    cmocka_unit_test(a_pattern_that_does_not_compile_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
