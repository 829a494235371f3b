/* SPDX-License-Identifier: Apache-2.0 */
/* Where a rule stands is read apart from what it says; it must be where ruleset_parse() has it, or an explanation sends people to the wrong line. */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "rules/rule_places.h"
#include "rules/ruleset_file.h"

static void
assert_place(const struct rule_places *places, const struct rule_head *head, enum rule_section section)
{
	const struct rule_place *place = rule_places_find(places, head->id);

	if (place == NULL || place->line != head->line || place->section != section)
		fail_msg("%s stands in line %u, not %u", head->id, head->line, place != NULL ? place->line : 0);
}

static void
assert_all(struct str text)
{
	_cleanup_(rule_faults_release) struct rule_faults faults = {.count = 0};
	struct ruleset *set = NULL;
	struct rule_places places;

	if (ruleset_parse(text, "test", &faults, &set) < 0)
		fail_msg("%s", faults.lines[0]);
	rule_places_read(text, &places);
	for (size_t i = 0; i < set->clean_count; i++)
		assert_place(&places, &set->clean[i].head, SECTION_CLEAN);
	for (size_t i = 0; i < set->vague_count; i++)
		assert_place(&places, &set->vague[i].head, SECTION_VAGUE);
	for (size_t i = 0; i < set->matter_count; i++) {
		assert_place(&places, &set->matter[i].head, SECTION_CODES);
		assert_int_equal(rule_places_find(&places, set->matter[i].head.id)->priority, set->matter[i].priority);
	}
	for (size_t i = 0; i < set->refuse_count; i++)
		assert_place(&places, &set->refuse[i].head, SECTION_REFUSE);
	for (size_t i = 0; i < set->privacy_count; i++)
		assert_place(&places, &set->privacy[i].head, SECTION_PRIVACY);
	assert_int_equal(places.codes_from_task, set->matter_source == MATTER_FROM_TASK);
	rule_places_release(&places);
	ruleset_free(set);
}

static void
every_rule_of_the_default_stands_where_it_does(void **state)
{
	(void)state;
	assert_all(ruleset_default_text());
	assert_all(STR("clean = ( { id = \"a.1\"; stage = \"name\"; do = \"trim\"; } ); matter = { list = \"ignore\"; from = \"task\"; };"));
}

static void
comments_texts_and_brackets_in_them_lead_nowhere(void **state)
{
	(void)state;
	assert_all(STR("/* { id = \"no.1\"; } \n */ // ( {\n"
		       "clean = ( # { id = \"no.2\"\n"
		       "  { id = \"a.1\"; stage = \"name\"; do = \"str\" \"ip\"; match = \"\\\\{ id = \\\"x\\\" \\\\} [)]\"; },\n"
		       "  {\n    stage : \"noise\",\n    do = \"drop\";\n    match = \"a\" # one\n      \"b\";\n    id = \"a.\" /* two */\n      \"2\"; } );\n"
		       "matter : { codes = ( { priority = 7; id = \"c.1\"; match = \"[(](1)[)]\";\n"
		       "    examples = ( { title = \"(1)\"; matter = \"1\"; } ); } ); refuse = (\n{ id = \"r.1\"; match = \"x\"; } ); };\n"
		       "vague = { rules = ( { names = [ \"a\",\n \"b\" ]; id = \"v.1\"; } ); };\n"));
}

static void
what_is_done_and_what_counts_is_known(void **state)
{
	struct rule_places places;

	(void)state;
	rule_places_read(STR("clean = ( { id = \"a.1\"; do = \"strip\"; } ); matter = { codes = ( { id = \"c.1\"; } ); };"), &places);
	assert_int_equal(places.count, 2);
	assert_string_equal(rule_places_find(&places, "a.1")->action, "strip");
	assert_int_equal(rule_places_find(&places, "c.1")->priority, 50);
	assert_false(places.codes_from_task);
	assert_null(rule_places_find(&places, "b.1"));
	assert_null(rule_places_find(&places, ""));
	rule_places_release(&places);
}

/* A text that was cut, or never was a rules file, is read to its end and no further. */
static void
any_text_is_read_within_bounds(void **state)
{
	struct str text = ruleset_default_text();
	struct rule_places places;
	struct buf deep = BUF_INIT(100000);

	(void)state;
	for (size_t len = 0; len < text.len; len += 131) {
		_cleanup_free_ char *cut = xmemdup(text.p, len + 1, 1);

		rule_places_read((struct str){cut, len}, &places);
		rule_places_release(&places);
	}
	for (int i = 0; i < 1000; i++)
		buf_addz(&deep, "clean = ( { id = \"x\"; a = ");
	rule_places_read(buf_str(&deep), &places);
	assert_int_equal(places.count, 0);
	rule_places_release(&places);
	buf_clear(&deep);
	buf_addz(&deep, "clean = (");
	for (int i = 0; i < RULE_PLACES_MAX + 10; i++)
		buf_addz(&deep, "{id=\"x\";},");
	buf_addz(&deep, "{id=\"x\";});");
	rule_places_read(buf_str(&deep), &places);
	assert_int_equal(places.count, RULE_PLACES_MAX);
	rule_places_release(&places);
	buf_release(&deep);
	rule_places_read(STR("}}}]]))) \"\\"), &places);
	assert_int_equal(places.count, 0);
	rule_places_release(&places);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_rule_of_the_default_stands_where_it_does),
	    cmocka_unit_test(comments_texts_and_brackets_in_them_lead_nowhere),
	    cmocka_unit_test(what_is_done_and_what_counts_is_known),
	    cmocka_unit_test(any_text_is_read_within_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
