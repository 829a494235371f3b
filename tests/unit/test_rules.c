/* SPDX-License-Identifier: Apache-2.0 */
#include "rules_unit.h"

#include <errno.h>
#include <string.h>

#include "base/utf8.h"
#include "rules/rules.h"

#define RANDOM_ROUNDS 50
#define RANDOM_ROWS   400

static struct ruleset *reference;

static int
rules_setup(void **state)
{
	struct rules *r = NULL;
	int e;

	reference = shipped_set(REFERENCE_RULES);
	e = rules_new(reference, &r);
	*state = r;
	return e;
}

static int
rules_teardown(void **state)
{
	rules_free(*state);
	ruleset_free(reference);
	return 0;
}

static struct row_view
titled(struct str activity, struct str document)
{
	return (struct row_view){.seconds = 60, .activity = activity, .document = document, .category = STR("Work")};
}

static struct rowset *
one_row(struct str activity, struct str document)
{
	_cleanup_(rowset_builder_freep) struct rowset_builder *b = rowset_builder_new(1, 20000);
	const struct row_view row = titled(activity, document);
	struct rowset *rs = NULL;

	assert_int_equal(rowset_builder_add(b, &row), 0);
	assert_int_equal(rowset_build(b, &rs), 0);
	return rs;
}

/* The verdict on one title; the caller frees. */
static struct rowset *
judged(struct rules *r, struct str activity, struct str document)
{
	_cleanup_(rowset_freep) struct rowset *rs = one_row(activity, document);
	struct rowset *verdict = NULL;

	assert_int_equal(rules_apply(r, rs, NULL, &verdict), 0);
	assert_int_equal(rowset_count(verdict), 1);
	return verdict;
}

struct expected {
	const char *activity, *document, *task, *matter, *rule;
};

static void
assert_examples(struct rules *r, const struct expected *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		_cleanup_(rowset_freep) struct rowset *v =
		    judged(r, str_of(list[i].activity), str_of(list[i].document));
		struct row_view row = rowset_row(v, 0);

		assert_string_equal(row.task.p, list[i].task);
		assert_string_equal(row.matter.p, list[i].matter);
		assert_string_equal(row.rule.p, list[i].rule);
	}
}

static void
one_document_has_one_name_however_word_shows_it(void **state)
{
	static const struct expected list[] = {
	    {"microsoft word", "Deed_[12345].docx - Read-Only", "Deed_12345.docx", "", ""},
	    {"microsoft word", "Deed_12345_v2.docx  -  READ-ONLY\n", "Deed_12345_v2.docx", "12345",
	     "matter.underscores"},
	    {"microsoft word", " Deed.docx - Compatibility Mode", "Deed.docx", "", ""},
	    {"microsoft word", "Deed.docx - Compatibility Mode - Read-Only", "Deed.docx", "", ""},
	    {"microsoft word", "Deed.docx-Compatibility Mode", "Deed.docx-Compatibility Mode", "", ""},
	    {"microsoft word", "Portal -  Analytics   2", "Portal Analytics 2", "", ""},
	    {"microsoft word", "Portal-", "Portal ", "", ""},
	    {"microsoft word", "My Portal -  Analytics", "My Portal -  Analytics", "", ""},
	    {"microsoft word", "draft of a.docx (final)", "draft of a.docx (final)", "", ""},
	    {"microsoft word", "Document12", "", "", "word.unnamed"},
	    {"microsoft word", "Document12 - Read-Only", "", "", "word.unnamed"},
	    {"microsoft word", " - Read-Only", "", "", "title.empty"},
	    {"Microsoft Word", "Deed_[12345] - Read-Only", "Deed_[12345] - Read-Only", "12345", "matter.brackets"},
	};

	assert_examples(*state, list, ELEMENTSOF(list));
}

static void
a_file_name_in_a_title_becomes_the_task(void **state)
{
	static const struct expected list[] = {
	    {"Preview", "a.pdf b.pdf – Page 1 of 9", "a.pdf", "", ""},
	    {"Preview", "(x) Deed 12345 v.pdf – Page 1 of 9", "(x) Deed 12345 v.pdf", "12345", "matter.word"},
	    {"Preview", ".pdf", ".pdf", "", ""},
	    {"Preview", "first\nsecond.pdf – Page 1", "second.pdf", "", ""},
	    {"Preview", "Deed.PDF – Page 1", "Deed.PDF – Page 1", "", ""},
	    {"Finder", "Deed.pdf – Page 1", "Deed.pdf – Page 1", "", ""},
	    {"Cursor", "main.py — project", "main.py", "", ""},
	    {"Excel", "(draft) résumé_12345.XLSX - x", "résumé_12345.XLSX", "", ""},
	    {"Chrome", "see budget.xlsxx", "see budget.xlsx", "", ""},
	    {"Chrome", "a.b.docx", "b.docx", "", ""},
	    {"Chrome", "  untouched  ", "  untouched  ", "", ""},
	};

	assert_examples(*state, list, ELEMENTSOF(list));
}

static void
what_a_browser_adds_is_taken_away(void **state)
{
	static const struct expected list[] = {
	    {"x", "Case 12345 - Google Chrome – Andrew", "Case 12345", "12345", "matter.word"},
	    {"x", "Case - Google Chrome", "Case", "", ""},
	    {"x", "Case - Google Chrome\n", "Case\n", "", ""},
	    {"x", "Case - Microsoft\u200b Edge", "Case", "", ""},
	    {"x", "Case - Microsoft Edge", "Case - Microsoft Edge", "", ""},
	    {"x", "Case — Mozilla Firefox", "Case", "", ""},
	    {"x", "Inbox (12 unread) - Google Chrome", "Inbox", "", ""},
	    {"x", "New Tab - Google Chrome", "", "", "vague.new-tab"},
	    {"x", " - Google Chrome", "", "", "title.empty"},
	};

	assert_examples(*state, list, ELEMENTSOF(list));
}

static void
vague_titles_are_dropped_and_say_by_which_rule(void **state)
{
	static const struct expected list[] = {
	    {"x", "No Details", "", "", "vague.no-details"},
	    {"x", " Paste\u3000", "", "", "vague.paste"},
	    {"x", "Search, Suggestions & 12", "", "", "vague.search"},
	    {"x", "Search, Suggestions & more 12", "Search, Suggestions & more 12", "", ""},
	    {"x", "Document7", "", "", "vague.unnamed-document"},
	    {"x", "Document7a", "Document7a", "", ""},
	    {"x", "3 Reminder", "", "", "vague.reminder-count"},
	    {"x", "notes", "notes", "", ""},
	    {"x", "   ", "   ", "", ""},
	    {"x", "", "", "", "title.empty"},
	};

	assert_examples(*state, list, ELEMENTSOF(list));
}

static void
the_first_rule_that_matches_names_the_matter(void **state)
{
	static const struct expected list[] = {
	    {"x", "_11111_ [22222]", "_11111_ [22222]", "22222", "matter.brackets"},
	    {"x", "_11111_ 22222", "_11111_ 22222", "11111", "matter.underscores"},
	    {"x", "33333_x_44444 y", "33333_x_44444 y", "44444", "matter.after-underscore"},
	    {"x", "22222 33333_x", "22222 33333_x", "33333", "matter.before-underscore"},
	    {"x", "Call 12345", "Call 12345", "12345", "matter.word"},
	    {"x", "Call 123456", "Call 123456", "", ""},
	    {"x", "INV-12345-A", "INV-12345-A", "", ""},
	    {"x", "Call 12345\n", "Call 12345\n", "12345", "matter.word"},
	    {"x", "مكالمة ١٢٣٤٥", "مكالمة ١٢٣٤٥", "١٢٣٤٥", "matter.word"},
	};

	assert_examples(*state, list, ELEMENTSOF(list));
}

/* Where PCRE2's own idea of white space is another than the prototype's. */
static void
white_space_is_what_the_prototype_takes_for_it(void **state)
{
	static const struct expected list[] = {
	    {"x",
	     "Call\x1c"
	     "12345",
	     "Call\x1c"
	     "12345",
	     "12345", "matter.word"},
	    {"x", "Call\u180e12345", "Call\u180e12345", "", ""},
	    {"x", "Call\u200b12345", "Call\u200b12345", "", ""},
	    {"x", "Call\u202812345", "Call\u202812345", "12345", "matter.word"},
	    {"x", "\x1fPaste\xc2\x85", "", "", "vague.paste"},
	    {"x", "\u180ePaste", "\u180ePaste", "", ""},
	    {"microsoft word", "Deed\x1d-\u2003Read-Only\u00a0", "Deed\x1d-\u2003Read-Only", "", ""},
	    {"microsoft word",
	     "\u2003"
	     "Deed\x1d-\u2003Read-Only",
	     "Deed", "", ""},
	};

	assert_examples(*state, list, ELEMENTSOF(list));
}

static void
a_long_title_is_cut_at_a_characters_border(void **state)
{
	_cleanup_(rowset_freep) struct rowset *v = NULL;
	char title[ROWSET_STRING_MAX];
	struct row_view row;

	/* An odd byte first, so that the limit falls into the middle of a character. */
	title[0] = 'x';
	for (size_t i = 1; i + 2 <= sizeof title; i += 2)
		memcpy(title + i, "é", 2);
	v = judged(*state, STR("Chrome"), (struct str){title, sizeof title - 1});
	row = rowset_row(v, 0);
	assert_int_equal(row.document.len, sizeof title - 1);
	assert_int_equal(row.task.len, RULES_TITLE_MAX - 1);
	assert_memory_equal(row.task.p, title, row.task.len);
}

/* xorshift; the same numbers in every run. */
static uint32_t
next_random(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

static const char *const FRAGMENTS[] = {
    "Portal",
    "Document",
    "12",
    "12345",
    "_",
    "_[",
    "]",
    "[",
    "-",
    " - ",
    " ",
    "\n",
    "\x1c",
    "\u180e",
    "\u200b",
    "\u3000",
    "x",
    "- Read-Only",
    " - Compatibility Mode",
    ".pdf",
    ".docx",
    ".MD",
    "é",
    "电子",
    "١٢٣٤٥",
    " - Google Chrome – ",
    " - Google Chrome",
    " - Microsoft\u200b Edge",
    " — Mozilla Firefox",
    " (12 unread)",
    " Reminder",
    "Search, Suggestions",
    "Paste",
    "New Tab",
    "\U0001F600",
};

/* Either bits of titles that the rules know, or bytes of any kind, made clean as the fetch would. */
static void
add_random_title(struct buf *b, uint32_t *seed)
{
	uint32_t parts = next_random(seed) % 10, replaced = 0;
	uint32_t noise[8];

	if (next_random(seed) % 4 > 0) {
		for (uint32_t i = 0; i < parts; i++)
			buf_addz(b, FRAGMENTS[next_random(seed) % ELEMENTSOF(FRAGMENTS)]);
		return;
	}
	for (size_t i = 0; i < ELEMENTSOF(noise); i++)
		noise[i] = next_random(seed);
	utf8_add_clean(b, (struct str){(const char *)noise, next_random(seed) % sizeof noise}, ROWSET_STRING_MAX,
		       &replaced);
}

static struct rowset *
random_day(uint32_t *seed)
{
	static const char *const activities[] = {"microsoft word", "Preview", "Google Chrome",
						 "my microsoft word Preview"};
	_cleanup_(rowset_builder_freep) struct rowset_builder *b = rowset_builder_new(RANDOM_ROWS, ROWSET_MAX_BYTES);
	_cleanup_(buf_release) struct buf title = BUF_INIT(ROWSET_STRING_MAX);
	struct rowset *rs = NULL;

	for (size_t i = 0; i < RANDOM_ROWS; i++) {
		struct row_view row;

		buf_clear(&title);
		add_random_title(&title, seed);
		row = titled(str_of(activities[next_random(seed) % ELEMENTSOF(activities)]), buf_str(&title));
		row.bucket_s = (int32_t)(next_random(seed) % 288 * 300);
		row.seconds = 1 + (int32_t)(next_random(seed) % 300);
		assert_int_equal(rowset_builder_add(b, &row), 0);
	}
	assert_int_equal(rowset_build(b, &rs), 0);
	return rs;
}

static void
assert_same_row_with_a_verdict(struct row_view in, struct row_view out)
{
	assert_int_equal(in.bucket_s, out.bucket_s);
	assert_int_equal(in.seconds, out.seconds);
	assert_int_equal(in.productivity, out.productivity);
	assert_true(str_eq(in.activity, out.activity) && str_eq(in.document, out.document));
	assert_true(str_eq(in.category, out.category));
	if (out.task.len == 0)
		assert_true(out.rule.len > 0 && out.matter.len == 0);
	else
		assert_int_equal(out.rule.len > 0, out.matter.len > 0);
}

static void
no_title_loses_a_row_or_a_second(void **state)
{
	uint32_t seed = 20250701;

	for (int round = 0; round < RANDOM_ROUNDS; round++) {
		_cleanup_(rowset_freep) struct rowset *day = random_day(&seed), *totals = NULL, *v = NULL;

		assert_int_equal(rules_apply(*state, day, NULL, &v), 0);
		assert_int_equal(rowset_totals(day, &totals), 0);
		assert_int_equal(rowset_count(v), rowset_count(totals));
		assert_int_equal(rowset_seconds(v), rowset_seconds(day));
		for (size_t i = 0; i < rowset_count(totals); i++)
			assert_same_row_with_a_verdict(rowset_row(totals, i), rowset_row(v, i));
	}
}

/* Old verdicts leave no trace, so a day may be judged again whenever the rules change. */
static void
judging_a_judged_day_changes_nothing(void **state)
{
	uint32_t seed = 7;

	for (int round = 0; round < RANDOM_ROUNDS; round++) {
		_cleanup_(rowset_freep) struct rowset *day = random_day(&seed), *once = NULL, *twice = NULL;

		assert_int_equal(rules_apply(*state, day, NULL, &once), 0);
		assert_int_equal(rules_apply(*state, once, NULL, &twice), 0);
		for (size_t i = 0; i < rowset_count(once); i++) {
			struct row_view a = rowset_row(once, i), b = rowset_row(twice, i);

			assert_true(str_eq(a.task, b.task) && str_eq(a.matter, b.matter) && str_eq(a.rule, b.rule));
		}
	}
}

static void
a_day_without_rows_has_no_verdicts(void **state)
{
	_cleanup_(rowset_builder_freep) struct rowset_builder *b = rowset_builder_new(1, 1000);
	_cleanup_(rowset_freep) struct rowset *day = NULL, *v = NULL;

	assert_int_equal(rowset_build(b, &day), 0);
	assert_int_equal(rules_apply(*state, day, NULL, &v), 0);
	assert_int_equal(rowset_count(v), 0);
}

/* Each title stands in the answer twice, whole and cut: a day can be too large for an answer though it was not too
 * large to arrive. */
static void
an_answer_past_the_cap_is_refused(void **state)
{
	_cleanup_(rowset_builder_freep) struct rowset_builder *b =
	    rowset_builder_new(ROWSET_ROWS_MAX, ROWSET_MAX_BYTES);
	_cleanup_(rowset_freep) struct rowset *day = NULL;
	struct rowset *v = NULL;
	char title[1200];

	memset(title, 'x', sizeof title);
	for (int i = 0; i < 12000; i++) {
		const struct row_view row = titled(STR("x"), (struct str){title, sizeof title});

		memcpy(title,
		    &(char[4]){(char)('a' + i % 20), (char)('a' + i / 20 % 20), (char)('a' + i / 400 % 20), (char)('a' + i / 8000)}, 4);
		assert_int_equal(rowset_builder_add(b, &row), 0);
	}
	assert_int_equal(rowset_build(b, &day), 0);
	assert_int_equal(rules_apply(*state, day, NULL, &v), -E2BIG);
	assert_null(v);
}

static void
the_rule_set_names_itself(void **state)
{
	assert_string_equal(rules_version(*state), reference->version);
	assert_null(rules_free(NULL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(one_document_has_one_name_however_word_shows_it),
	    cmocka_unit_test(a_file_name_in_a_title_becomes_the_task),
	    cmocka_unit_test(what_a_browser_adds_is_taken_away),
	    cmocka_unit_test(vague_titles_are_dropped_and_say_by_which_rule),
	    cmocka_unit_test(the_first_rule_that_matches_names_the_matter),
	    cmocka_unit_test(white_space_is_what_the_prototype_takes_for_it),
	    cmocka_unit_test(a_long_title_is_cut_at_a_characters_border),
	    cmocka_unit_test(no_title_loses_a_row_or_a_second),
	    cmocka_unit_test(judging_a_judged_day_changes_nothing),
	    cmocka_unit_test(a_day_without_rows_has_no_verdicts),
	    cmocka_unit_test(an_answer_past_the_cap_is_refused),
	    cmocka_unit_test(the_rule_set_names_itself),
	};

	return cmocka_run_group_tests(tests, rules_setup, rules_teardown);
}
