/* SPDX-License-Identifier: Apache-2.0 */
/* No title keeps a worker busy: measured in what the guard counts, which is the same on every machine. */
#include "rules_unit.h"

#include "nasty_titles.h"
#include "rules/match.h"
#include "rules/rules.h"
#include "rules/text.h"

#define EXAMPLE_MAX 200 /* bytes; longer texts are cut */

struct worst {
	size_t work, given_up;
	const char *id;
};

/* Each pattern alone, so that the bound of a title does not hide what it costs. Returns whether it was given up. */
static bool
try_title(struct matcher *m, const struct pattern *p, struct str title, size_t *most)
{
	struct str whole, part;
	size_t from = 0;
	bool limited;

	matcher_subject(m, title);
	while (pattern_find_from(m, p, title, from, 0, &whole, &part))
		from = (size_t)(whole.p - title.p) + MAX_OF(whole.len, 1u);
	limited = matcher_ran_into_limit(m);
	assert_true(matcher_work(m) <= MATCH_WORK_MAX);
	*most = MAX_OF(*most, matcher_work(m));
	return limited;
}

struct tally {
	size_t titles, given_up, most;
};

static struct tally
try_pattern(struct matcher *m, const struct pattern_def *def, const struct rule_head *head)
{
	struct tally t = {.titles = NASTY_TITLES};
	struct pattern *p = NULL;
	char out[RULES_TITLE_MAX];

	assert_int_equal(pattern_new(m, def, &p), 0);
	for (size_t i = 0; i < NASTY_TITLES; i++)
		t.given_up += try_title(m, p, nasty_title(i, out), &t.most);
	for (size_t k = 0; head != NULL && k < head->example_count; k++) {
		struct str text = text_cut(str_of(head->examples[k].title), EXAMPLE_MAX);

		t.titles += NASTY_EXAMPLES;
		for (size_t i = 0; i < NASTY_EXAMPLES; i++)
			t.given_up += try_title(m, p, nasty_example(i, text, out), &t.most);
	}
	pattern_free(p);
	return t;
}

static void
try_shipped(struct matcher *m, const struct pattern_def *def, const struct rule_head *head, struct worst *worst)
{
	struct tally t;

	if (def->regex == NULL)
		return;
	t = try_pattern(m, def, head);
	worst->given_up += t.given_up;
	if (t.given_up * 200 > t.titles)
		fail_msg("%s is given up in %zu of %zu titles", head->id, t.given_up, t.titles);
	if (t.most > worst->work) {
		worst->work = t.most;
		worst->id = head->id;
	}
}

static void
assert_shipped(const char *name)
{
	_cleanup_(ruleset_freep) struct ruleset *set = shipped_set(name);
	struct matcher *m = matcher_new();
	struct worst worst = {0};

	for (size_t i = 0; i < set->clean_count; i++)
		try_shipped(m, &set->clean[i].pattern, &set->clean[i].head, &worst);
	for (size_t i = 0; i < set->vague_count; i++)
		try_shipped(m, &set->vague[i].pattern, &set->vague[i].head, &worst);
	for (size_t i = 0; i < set->matter_count; i++)
		try_shipped(m, &set->matter[i].pattern, &set->matter[i].head, &worst);
	for (size_t i = 0; i < set->refuse_count; i++)
		try_shipped(m, &set->refuse[i].pattern, &set->refuse[i].head, &worst);
	for (size_t i = 0; i < set->privacy_count; i++)
		try_shipped(m, &set->privacy[i].pattern, &set->privacy[i].head, &worst);
	print_message("%s: %zu of %zu at most, %zu titles given up, by %s\n", name, worst.work, MATCH_WORK_MAX, worst.given_up, worst.id);
	assert_true(worst.work > 0);
	matcher_free(m);
}

static void
no_title_wears_a_shipped_pattern_out(void **state)
{
	(void)state;
	assert_shipped(REFERENCE_RULES);
	assert_shipped(DEFAULT_RULES);
}

/* Exponential, polynomial, and those whose work hides in long repeats and back references. */
static const char *const hopeless[] = {
    "^(a+)+$", "^(a|a)*!?$", "(?:a|aa)+b", "(a*)*b", "(?:.*a){12}", "^(?:[a-z]+[ ]?)+x$", "(.*)(.*)(.*)(.*)x", "(\\w+\\s?)+\\d{3}$", "a.*a.*a.*b", "(?:\\p{L}+)+\\d",
    "\\w{500}!", "(?:[^!]{200})+!", "(.+)\\1x", "(a+)(?:\\1)+b", "(?=(a+))a*b\\1", "(?i)(?:é|É)+x", "(?:x?){200}x{200}", "((((a?)*)*)*)*b", "(?:1+)+,", "[\\s\\S]*[\\s\\S]*#",
};

static void
a_hopeless_pattern_is_given_up_within_the_bound(void **state)
{
	struct matcher *m = matcher_new();
	size_t given_up = 0;

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(hopeless); i++) {
		const struct pattern_def def = {.regex = hopeless[i]};

		given_up += try_pattern(m, &def, NULL).given_up > 0;
	}
	/* Those that are not were never made to work. */
	assert_true(given_up > ELEMENTSOF(hopeless) / 2);
	matcher_free(m);
}

/* All patterns on one title together: more than the bound of one, too. */
static void
many_hopeless_patterns_share_one_bound(void **state)
{
	struct matcher *m = matcher_new();
	struct pattern_def defs[ELEMENTSOF(hopeless)];
	struct pattern *patterns[ELEMENTSOF(hopeless)];
	char out[RULES_TITLE_MAX];
	struct str found;
	bool limited = false;

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(hopeless); i++) {
		defs[i] = (struct pattern_def){.regex = hopeless[i]};
		patterns[i] = NULL;
		assert_int_equal(pattern_new(m, &defs[i], &patterns[i]), 0);
	}
	for (size_t n = 0; n < NASTY_TITLES; n++) {
		struct str title = nasty_title(n, out);

		matcher_subject(m, title);
		for (size_t i = 0; i < ELEMENTSOF(hopeless); i++)
			(void)pattern_find(m, patterns[i], title, 0, &found);
		limited = matcher_ran_into_limit(m) || limited;
		assert_true(matcher_work(m) <= MATCH_WORK_MAX);
	}
	assert_true(limited);
	for (size_t i = 0; i < ELEMENTSOF(hopeless); i++)
		pattern_free(patterns[i]);
	matcher_free(m);
}

/* A title given up is told in the row's trail, and the row is judged all the same. */
static void
what_was_given_up_stands_in_the_trail(void **state)
{
	const char text[] = "clean = ( { id = \"evil\"; stage = \"noise\"; do = \"strip\"; match = \"^(a+)+$\"; } );\n"
			    "matter = { from = \"titles\"; list = \"ignore\"; codes = ( ); refuse = ( ); };\n"
			    "merge = { keys = [ \"application\", \"task\" ]; minimum_seconds = 0; };\n";
	_cleanup_(ruleset_freep) struct ruleset *set = set_of((struct str){text, sizeof text - 1}, "evil");
	_cleanup_(rowset_builder_freep) struct rowset_builder *b = rowset_builder_new(1, 10000);
	_cleanup_(rowset_freep) struct rowset *day = NULL, *v = NULL;
	char title[RULES_TITLE_MAX];
	struct row_view row = {.seconds = 60, .activity = STR("x"), .document = {title, sizeof title}};
	struct rules *rules = NULL;

	(void)state;
	memset(title, 'a', sizeof title);
	title[sizeof title - 1] = '!';
	assert_int_equal(rowset_builder_add(b, &row), 0);
	assert_int_equal(rowset_build(b, &day), 0);
	assert_int_equal(rules_new(set, &rules), 0);
	assert_int_equal(rules_apply(rules, day, NULL, &v), 0);
	assert_string_equal(rowset_row(v, 0).trail.p, "limit!evil");
	assert_int_equal(rowset_row(v, 0).task.len, sizeof title);
	rules_free(rules);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(no_title_wears_a_shipped_pattern_out),
	    cmocka_unit_test(a_hopeless_pattern_is_given_up_within_the_bound),
	    cmocka_unit_test(many_hopeless_patterns_share_one_bound),
	    cmocka_unit_test(what_was_given_up_stands_in_the_trail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
