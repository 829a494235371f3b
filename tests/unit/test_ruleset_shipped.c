/* SPDX-License-Identifier: Apache-2.0 */
/* The rules files of ours: what stands beside each rule as an example of it is so. */
#include "rules_unit.h"

#include <string.h>

#include "rules/privacy.h"
#include "rules/rules.h"

struct shipped {
	struct ruleset *set;
	struct rules *rules;
	struct privacy *privacy;
	size_t examples, wrong;
};

static void
shipped_init(struct shipped *s, const char *name)
{
	*s = (struct shipped){.set = shipped_set(name)};
	assert_int_equal(rules_new(s->set, &s->rules), 0);
	assert_int_equal(privacy_new(s->set, &s->privacy), 0);
}

static void
shipped_release(struct shipped *s)
{
	privacy_free(s->privacy);
	rules_free(s->rules);
	ruleset_free(s->set);
}

/* "id", "id=code" and "id!code" are words of a trail that speak of the rule. */
static bool
trail_names(struct str trail, const char *id)
{
	size_t len = strlen(id);

	for (const char *p = trail.p; p != NULL && p < trail.p + trail.len;) {
		const char *end = memchr(p, ' ', trail.len - (size_t)(p - trail.p));
		size_t word = end != NULL ? (size_t)(end - p) : trail.len - (size_t)(p - trail.p);

		if (word >= len && memcmp(p, id, len) == 0 && (word == len || p[len] == '=' || p[len] == '!'))
			return true;
		p = end != NULL ? end + 1 : NULL;
	}
	return false;
}

static void
tell(struct shipped *s, const char *id, const struct example *e, const char *want, struct str is)
{
	s->wrong++;
	print_error("line %u, %s: \"%s\" should become \"%s\", but is \"%.*s\"\n", e->line, id, e->title, want, STR_ARG(is));
}

static struct rowset *
verdict_on(struct rules *rules, const struct example *e)
{
	_cleanup_(rowset_builder_freep) struct rowset_builder *b = rowset_builder_new(1, 20000);
	_cleanup_(rowset_freep) struct rowset *day = NULL;
	const struct row_view row = {
	    .seconds = 60, .activity = str_of(e->application), .document = str_of(e->title), .category = str_of(e->category)};
	struct rowset *verdicts = NULL;

	assert_int_equal(rowset_builder_add(b, &row), 0);
	assert_int_equal(rowset_build(b, &day), 0);
	assert_int_equal(rules_apply(rules, day, NULL, &verdicts), 0);
	return verdicts;
}

static void
assert_example(struct shipped *s, const char *id, const struct example *e)
{
	_cleanup_(rowset_freep) struct rowset *verdicts = verdict_on(s->rules, e);
	struct row_view row = rowset_row(verdicts, 0);
	bool fired = trail_names(row.trail, id) || str_eq(row.rule, str_of(id));

	s->examples++;
	if (e->want == WANT_TASK && !str_eq(row.task, str_of(e->text)))
		tell(s, id, e, e->text, row.task);
	if (e->want == WANT_MATTER && !str_eq(row.matter, str_of(e->text)))
		tell(s, id, e, e->text, row.matter);
	if (e->want == WANT_DROPPED && row.task.len > 0)
		tell(s, id, e, "", row.task);
	/* That no matter is found is what a rule for codes cannot have brought about. */
	if (e->want == WANT_MATTER && e->text[0] == '\0' && !fired)
		return;
	if (fired != (e->want != WANT_UNTOUCHED))
		tell(s, id, e, e->want != WANT_UNTOUCHED ? "(judged by the rule)" : "(left alone by the rule)", row.trail);
}

/* True: nothing of it is stored. */
static bool
is_excluded(struct shipped *s, const char *application, struct str title, const char *category, struct buf *trail, struct str *ret_stored)
{
	const struct row_view row = {.activity = str_of(application), .document = title, .category = str_of(category)};

	*ret_stored = title;
	return privacy_judge(s->privacy, &row, 0, trail, ret_stored) == PRIVACY_EXCLUDED;
}

static void
assert_privacy_example(struct shipped *s, const char *id, const struct example *e)
{
	_cleanup_(buf_release) struct buf trail = BUF_INIT(ROWSET_STRING_MAX);
	struct str stored = STR_NONE;
	bool excluded = is_excluded(s, e->application, str_of(e->title), e->category, &trail, &stored);
	bool fired = trail_names(buf_str(&trail), id);

	s->examples++;
	if ((e->want == WANT_EXCLUDED) != excluded)
		tell(s, id, e, "(excluded or not)", excluded ? STR("excluded") : stored);
	if (e->want == WANT_TITLE && !str_eq(stored, str_of(e->text)))
		tell(s, id, e, e->text, stored);
	if (fired != (e->want != WANT_UNTOUCHED))
		tell(s, id, e, e->want != WANT_UNTOUCHED ? "(judged by the rule)" : "(left alone by the rule)", buf_str(&trail));
}

static void
assert_examples(struct shipped *s, const struct rule_head *head, void (*check)(struct shipped *, const char *, const struct example *))
{
	for (size_t i = 0; i < head->example_count; i++)
		check(s, head->id, &head->examples[i]);
}

/* Of the rows that one rule of a file became the first has its examples. */
static bool
is_same_rule(const struct vague_rule *rules, size_t i)
{
	return i > 0 && strcmp(rules[i].head.id, rules[i - 1].head.id) == 0;
}

static void
assert_file(const char *name)
{
	struct shipped s;

	shipped_init(&s, name);
	for (size_t i = 0; i < s.set->clean_count; i++)
		assert_examples(&s, &s.set->clean[i].head, assert_example);
	for (size_t i = 0; i < s.set->vague_count; i++)
		assert_examples(&s, &s.set->vague[i].head, assert_example);
	for (size_t i = 0; i < s.set->matter_count; i++)
		assert_examples(&s, &s.set->matter[i].head, assert_example);
	for (size_t i = 0; i < s.set->refuse_count; i++)
		assert_examples(&s, &s.set->refuse[i].head, assert_example);
	for (size_t i = 0; i < s.set->privacy_count; i++)
		assert_examples(&s, &s.set->privacy[i].head, assert_privacy_example);
	print_message("%s: %zu examples\n", name, s.examples);
	assert_int_equal(s.wrong, 0);
	assert_true(s.examples > s.set->clean_count);
	shipped_release(&s);
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
	struct shipped s;
	size_t len, titles = 0;
	char *text = source_file("tests/data/matter-titles.tsv", &len), *next = NULL;

	(void)state;
	shipped_init(&s, DEFAULT_RULES);
	for (char *line = strtok_r(text, "\n", &next); line != NULL; line = strtok_r(NULL, "\n", &next)) {
		struct str title = {line, strcspn(line, "\t")}, stored = STR_NONE;

		if (str_starts(str_of(line + title.len), STR("\t-")))
			continue;
		titles++;
		if (is_excluded(&s, "Microsoft Word", title, "Writing", NULL, &stored) || !str_eq(title, stored))
			fail_msg("%.*s", STR_ARG(title));
	}
	assert_true(titles > 100);
	free(text);
	shipped_release(&s);
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
