/* SPDX-License-Identifier: Apache-2.0 */
/* What the rules files of ours promise about their patterns, and what the matcher does with a pattern that
 * is no good. */
#include "rules_unit.h"

#include <errno.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "rules/match.h"
#include "rules/rules.h"
#include "rules/text.h"

#define PATTERNS_MAX 256
/* Of callouts and of bytes gone over between them. A pattern that reads a title from every character takes hundreds. */
#define WORK_A_BYTE_MAX 64

struct patterns {
	const struct pattern_def *list[PATTERNS_MAX];
	size_t count;
};

static void
add_pattern(struct patterns *p, const struct pattern_def *def)
{
	if (def->regex == NULL)
		return;
	assert_true(p->count < PATTERNS_MAX);
	p->list[p->count++] = def;
}

static struct ruleset *reference, *standard;

static int
read_rules(void **state)
{
	(void)state;
	reference = shipped_set(REFERENCE_RULES);
	standard = shipped_set(DEFAULT_RULES);
	return 0;
}

static int
forget_rules(void **state)
{
	(void)state;
	reference = ruleset_free(reference);
	standard = ruleset_free(standard);
	return 0;
}

static struct patterns
patterns_of(const struct ruleset *set)
{
	struct patterns p = {.count = 0};

	for (size_t i = 0; i < set->clean_count; i++)
		add_pattern(&p, &set->clean[i].pattern);
	for (size_t i = 0; i < set->vague_count; i++)
		add_pattern(&p, &set->vague[i].pattern);
	for (size_t i = 0; i < set->privacy_count; i++)
		add_pattern(&p, &set->privacy[i].pattern);
	return p;
}

static struct patterns
patterns_with_matters(const struct ruleset *set)
{
	struct patterns p = patterns_of(set);

	for (size_t i = 0; i < set->matter_count; i++)
		add_pattern(&p, &set->matter[i].pattern);
	for (size_t i = 0; i < set->refuse_count; i++)
		add_pattern(&p, &set->refuse[i].pattern);
	return p;
}

/* What patterns look for, nearly; repeated, each makes some pattern start over again and again. */
static const char *const HEADS[] = {"", "\n", "\n.pdf", "Portal", "Document", "x ", "[1234"};
static const char *const BODIES[] = {
    "a", "1", " ", "-", " - ", "a ", "a.", ".", "_", "_[1", "_12345", "12345 ", "[12345", "é",
    "\U0001F600", "\n", "a\n", ".pd", ".pdf", ".doc", " - Read-Onl", " - Compatibility Mod",
    " - Google Chrome – ", " - Microsoft\u200b Edge", " (12 unread)", " (1", "Document1",
    "1 Reminder ", "\u3000", "١", "a@", " - a@b", "?code=", "://a:b", "eyJa.", "a1-", " | a ", "(", " – ", "password: ", "sk-a", "0f",
    " [Read-Only]", "code ", " is your ", "a - Word",
};
static const char *const TAILS[] = {"", "\nb", "f", "-ye", ".", " - Google Chrome – ", ".pdf", " unread)", "_", "]"};

static void
make_title(struct buf *b, size_t number, size_t len)
{
	const char *head = HEADS[number % ELEMENTSOF(HEADS)];
	const char *body = BODIES[number / ELEMENTSOF(HEADS) % ELEMENTSOF(BODIES)];
	const char *tail = TAILS[number / ELEMENTSOF(HEADS) / ELEMENTSOF(BODIES)];

	buf_clear(b);
	buf_addz(b, head);
	while (b->len + strlen(body) + strlen(tail) <= len)
		buf_addz(b, body);
	assert_int_equal(buf_addz(b, tail), 0);
}

#define TITLES (ELEMENTSOF(HEADS) * ELEMENTSOF(BODIES) * ELEMENTSOF(TAILS))

struct work {
	size_t done, start, at;
};

static int
count_work(pcre2_callout_block *block, void *arg)
{
	struct work *w = arg;
	size_t at = block->current_position;

	if (block->start_match != w->start)
		w->start = w->at = block->start_match;
	w->done += 1 + (at > w->at ? at - w->at : w->at - at);
	w->at = at;
	return 0;
}

/* A callout at every item of the pattern: how often the matcher does something, and how far it goes in between. */
static pcre2_code *
compile_counting(const struct pattern_def *def)
{
	uint32_t options = PCRE2_UTF | PCRE2_UCP | PCRE2_AUTO_CALLOUT | (def->caseless ? PCRE2_CASELESS : 0u);
	pcre2_compile_context *context = pcre2_compile_context_create(NULL);
	pcre2_code *code;
	PCRE2_SIZE offset;
	int error;

	pcre2_set_newline(context, PCRE2_NEWLINE_LF);
	code = pcre2_compile((PCRE2_SPTR)def->regex, PCRE2_ZERO_TERMINATED, options, &error, &offset, context);
	assert_non_null(code);
	pcre2_compile_context_free(context);
	return code;
}

static size_t
most_work(const struct pattern_def *def, size_t len)
{
	_cleanup_(buf_release) struct buf title = BUF_INIT(RULES_TITLE_MAX);
	pcre2_code *code = compile_counting(def);
	pcre2_match_context *context = pcre2_match_context_create(NULL);
	pcre2_match_data *data = pcre2_match_data_create_from_pattern(code, NULL);
	struct work work;
	size_t most = 0;

	pcre2_set_callout(context, count_work, &work);
	for (size_t i = 0; i < TITLES; i += unit_fewer()) {
		make_title(&title, i, len);
		work = (struct work){.done = 0};
		pcre2_match(code, (PCRE2_SPTR)title.p, title.len, 0, 0, data, context);
		most = MAX_OF(most, work.done);
	}
	pcre2_match_data_free(data);
	pcre2_match_context_free(context);
	pcre2_code_free(code);
	return most;
}

static void
assert_no_slow_pattern(const struct patterns *p)
{
	size_t slow = 0;

	for (size_t i = 0; i < p->count; i++) {
		size_t work = most_work(p->list[i], RULES_TITLE_MAX);

		if (work <= (size_t)WORK_A_BYTE_MAX * RULES_TITLE_MAX)
			continue;
		slow++;
		print_error("%zu: %s\n", work / RULES_TITLE_MAX, p->list[i]->regex);
	}
	assert_int_equal(slow, 0);
}

static void
no_title_makes_a_pattern_slow(void **state)
{
	const struct patterns all = patterns_with_matters(reference), every = patterns_with_matters(standard);

	(void)state;
	assert_no_slow_pattern(&all);
	assert_no_slow_pattern(&every);
}

/* The measure is one that would see it. */
static void
a_pattern_that_starts_over_would_be_seen(void **state)
{
	static const struct pattern_def quadratic = {.regex = "[\\w\\s]+\\.(?:docx|md)"};

	(void)state;
	assert_true(most_work(&quadratic, RULES_TITLE_MAX) > (size_t)WORK_A_BYTE_MAX * RULES_TITLE_MAX);
}

static bool
finds(struct matcher *m, const struct pattern_def *def, struct str title, struct str *ret_found)
{
	struct pattern *p = NULL;
	bool found;

	assert_int_equal(pattern_new(m, def, &p), 0);
	found = pattern_find(m, p, title, 0, ret_found);
	pattern_free(p);
	return found;
}

/* Titles that do match: one a pattern, in the order of nothing. */
static const char *const MATCHING[] = {
    "Deed -Read-Only", "Deed - compatibility mode", "_[1]", "Portal-", "Portal - x", "Document1",
    "a.pdf", "a.DOCX", "a.css", "x - Google Chrome – y", " - Google Chrome",
    " - Microsoft\u200b Edge", " — Mozilla Firefox", " (1 unread)", " (\u0661 unread)",
    "1 Reminder", "[12345]", "_12345_", "_12345", "12345_", "12345",
    "\u0661\u0662\u0663\u0664\u0665", "Portal x", "_[\u0661\u0662\u0663\u0664\u0665]_",
};

/* A pattern with what says where it need not be tried, and without. */
struct twins {
	struct pattern_def bare; /* borrowed by the pattern that is made of it */
	struct pattern *with, *without;
};

static void
twins_of(struct matcher *m, const struct patterns *p, struct twins ret_twins[static PATTERNS_MAX])
{
	for (size_t i = 0; i < p->count; i++) {
		ret_twins[i].bare = (struct pattern_def){.regex = p->list[i]->regex, .caseless = p->list[i]->caseless};
		assert_int_equal(pattern_new(m, p->list[i], &ret_twins[i].with), 0);
		assert_int_equal(pattern_new(m, &ret_twins[i].bare, &ret_twins[i].without), 0);
	}
}

static void
forget_twins(struct twins *twins, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		pattern_free(twins[i].with);
		pattern_free(twins[i].without);
	}
}

/* Whether it matches at all. */
static bool
asserted_alike(struct matcher *m, const struct twins *t, const char *regex, struct str title)
{
	struct str with = STR_NONE, without = STR_NONE;
	bool found = pattern_find(m, t->without, title, 0, &without);

	if (pattern_find(m, t->with, title, 0, &with) != found || !str_eq(with, without))
		fail_msg("%s: \"%.*s\"", regex, STR_ARG(title));
	return found;
}

static void
a_prefilter_never_hides_a_match(void **state)
{
	const struct patterns p = patterns_with_matters(reference);
	struct twins twins[PATTERNS_MAX];
	struct matcher *m = matcher_new();

	(void)state;
	twins_of(m, &p, twins);
	for (size_t i = 0; i < p.count; i++) {
		size_t matches = 0;

		for (size_t k = 0; k < ELEMENTSOF(MATCHING); k++)
			matches += asserted_alike(m, &twins[i], p.list[i]->regex, str_of(MATCHING[k]));
		assert_true(matches > 0);
	}
	forget_twins(twins, p.count);
	matcher_free(m);
}

static void
no_prefilter_of_the_default_hides_a_match(void **state)
{
	const struct patterns p = patterns_with_matters(standard);
	struct twins twins[PATTERNS_MAX];
	struct matcher *m = matcher_new();
	_cleanup_free_ char *text = NULL;
	char *next = NULL;
	size_t len, matches = 0;

	(void)state;
	twins_of(m, &p, twins);
	/* Every text in the file: the titles of all examples, and much besides. */
	text = source_file(DEFAULT_RULES, &len);
	for (char *part = strtok_r(text, "\"", &next); part != NULL; part = strtok_r(NULL, "\"", &next))
		for (size_t i = 0; i < p.count; i++)
			matches += asserted_alike(m, &twins[i], p.list[i]->regex, text_cut(str_of(part), RULES_TITLE_MAX));
	assert_true(matches > p.count);
	forget_twins(twins, p.count);
	matcher_free(m);
}

static void
a_match_that_runs_into_a_limit_is_no_match(void **state)
{
	static const struct pattern_def hopeless = {.regex = "^(a+)+$"}, plain = {.regex = "a!$"};
	struct matcher *m = matcher_new();
	char title[RULES_TITLE_MAX];
	struct str found = STR_NONE;

	(void)state;
	memset(title, 'a', sizeof title);
	assert_true(finds(m, &hopeless, (struct str){title, 10}, &found));
	title[sizeof title - 1] = '!';
	assert_false(finds(m, &hopeless, (struct str){title, sizeof title}, &found));
	/* And the matcher is none the worse for it. */
	assert_true(finds(m, &plain, (struct str){title, sizeof title}, &found));
	assert_int_equal(found.len, 2);
	matcher_free(m);
}

static void
a_replacement_that_does_not_fit_is_not_made(void **state)
{
	static const struct pattern_def def = {.regex = "a"};
	struct matcher *m = matcher_new();
	struct pattern *p = NULL;
	char out[9]; /* the NUL behind the text takes one */
	size_t len = 0;

	(void)state;
	assert_int_equal(pattern_new(m, &def, &p), 0);
	assert_true(pattern_replace(m, p, STR("aba"), "xyz", out, sizeof out, &len));
	assert_int_equal(len, 7);
	assert_memory_equal(out, "xyzbxyz", len);
	assert_false(pattern_replace(m, p, STR("aaa"), "xyz", out, sizeof out, &len));
	assert_false(pattern_replace(m, p, STR("bbb"), "xyz", out, sizeof out, &len));
	pattern_free(p);
	matcher_free(m);
}

static void
a_pattern_that_is_none_is_refused(void **state)
{
	static const struct pattern_def broken = {.regex = "(a"},
					groups = {.regex = "(a)(a)(a)(a)(a)(a)(a)(a)(a)(a)(a)(a)(a)(a)(a)(a)"};
	struct matcher *m = matcher_new();
	struct pattern *p = NULL;

	(void)state;
	assert_int_equal(pattern_new(m, &broken, &p), -EINVAL);
	assert_int_equal(pattern_new(m, &groups, &p), -EINVAL);
	assert_null(p);
	matcher_free(m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(no_title_makes_a_pattern_slow),
	    cmocka_unit_test(a_pattern_that_starts_over_would_be_seen),
	    cmocka_unit_test(a_prefilter_never_hides_a_match),
	    cmocka_unit_test(no_prefilter_of_the_default_hides_a_match),
	    cmocka_unit_test(a_match_that_runs_into_a_limit_is_no_match),
	    cmocka_unit_test(a_replacement_that_does_not_fit_is_not_made),
	    cmocka_unit_test(a_pattern_that_is_none_is_refused),
	};

	return cmocka_run_group_tests(tests, read_rules, forget_rules);
}
