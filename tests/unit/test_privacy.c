/* SPDX-License-Identifier: Apache-2.0 */
/* What users want kept from us is kept from us, and their time is still counted. */
#include "rules_unit.h"

#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "rules/privacy.h"
#include "rules/rules.h"

#define MONDAY ((day_t)20458) /* 2026-01-05 */
#define SUNDAY (MONDAY + 6)

struct intake {
	struct ruleset *set;
	struct privacy *privacy;
	struct rowset_builder *day;
};

static void
intake_init(struct intake *in, const char *rules, const char *own)
{
	in->set = rules != NULL ? set_of(str_of(rules), "r.conf") : shipped_set(DEFAULT_RULES);
	assert_int_equal(privacy_new(in->set, &in->privacy), 0);
	assert_int_equal(privacy_own(in->privacy, str_of(own)), 0);
	in->day = rowset_builder_new(ROWSET_ROWS_MAX, ROWSET_MAX_BYTES);
}

static void
intake_release(struct intake *in)
{
	rowset_builder_free(in->day);
	privacy_free(in->privacy);
	ruleset_free(in->set);
}

static void
add(struct intake *in, int minute, int seconds, const char *application, const char *title, const char *category)
{
	const struct row_view row = {
	    .bucket_s = minute * 60, .seconds = seconds, .activity = str_of(application), .document = str_of(title), .category = str_of(category)};

	assert_int_equal(rowset_builder_add(in->day, &row), 0);
}

/* What is kept of the rows that were added; they are gone then. */
static struct rowset *
keep(struct intake *in, day_t day, uint64_t *ret_excluded)
{
	_cleanup_(rowset_freep) struct rowset *grain = NULL;
	struct rowset *kept = NULL;

	assert_int_equal(rowset_build(in->day, &grain), 0);
	assert_int_equal(privacy_apply(in->privacy, grain, day, &kept, ret_excluded), 0);
	assert_int_equal((uint64_t)rowset_seconds(kept) + *ret_excluded, rowset_seconds(grain));
	return kept;
}

static uint64_t
excluded_of(struct intake *in, day_t day)
{
	uint64_t excluded = 0;

	rowset_free(keep(in, day, &excluded));
	return excluded;
}

/* The title that is stored; the caller frees. */
static char *
stored(struct intake *in, const char *title)
{
	_cleanup_(rowset_freep) struct rowset *kept = NULL;
	uint64_t excluded = 0;
	struct str is;

	add(in, 600, 60, "Google Chrome", title, "Reference");
	kept = keep(in, MONDAY, &excluded);
	assert_int_equal(excluded, 0);
	is = rowset_row(kept, 0).document;
	return xstrndup(is.p, is.len);
}

static void
assert_stored(struct intake *in, const char *title, const char *want)
{
	_cleanup_free_ char *is = stored(in, title);

	assert_string_equal(is, want);
}

static void
only_the_seconds_of_what_is_excluded_are_left(void **state)
{
	struct intake in;
	_cleanup_(rowset_freep) struct rowset *kept = NULL;
	uint64_t excluded = 0;

	(void)state;
	intake_init(&in,
		    "privacy = { rules = ( { id = \"a\"; do = \"exclude\"; app_is = \"Signal\"; },\n"
		    "{ id = \"b\"; do = \"exclude\"; category = \"Personal\"; }, { id = \"c\"; do = \"exclude\"; match = \"Doctor\"; } ); };",
		    "");
	add(&in, 0, 10, "SIGNAL", "To somebody", "Mail");
	add(&in, 5, 20, "Word", "Lease", "PERSONAL");
	add(&in, 10, 40, "Word", "Doctor Foster", "Writing");
	add(&in, 10, 80, "Word", "Lease", "Writing");
	kept = keep(&in, MONDAY, &excluded);
	assert_int_equal(excluded, 70);
	assert_int_equal(rowset_count(kept), 1);
	assert_int_equal(rowset_row(kept, 0).seconds, 80);
	assert_null(memmem(rowset_bytes(kept).p, rowset_bytes(kept).len, "Foster", 6));
	assert_null(memmem(rowset_bytes(kept).p, rowset_bytes(kept).len, "SIGNAL", 6));
	intake_release(&in);
}

static void
rows_that_redaction_makes_equal_add_up(void **state)
{
	struct intake in;
	_cleanup_(rowset_freep) struct rowset *kept = NULL;
	uint64_t excluded = 0;

	(void)state;
	intake_init(&in, NULL, "");
	add(&in, 540, 100, "Google Chrome", "https://sso.example.org/cb?code=4/0AX4XfWh", "Reference");
	add(&in, 540, 150, "Google Chrome", "https://sso.example.org/cb?code=zzzzzzzzz", "Reference");
	add(&in, 545, 50, "Google Chrome", "https://sso.example.org/cb?code=zzzzzzzzz", "Reference");
	kept = keep(&in, MONDAY, &excluded);
	assert_int_equal(excluded, 0);
	assert_int_equal(rowset_count(kept), 2);
	assert_int_equal(rowset_row(kept, 0).seconds, 250);
	assert_true(str_eq(rowset_row(kept, 0).document, rowset_row(kept, 1).document));
	assert_true(str_eq(rowset_row(kept, 0).document, STR("https://sso.example.org/cb?code=[redacted]")));
	intake_release(&in);
}

static void
a_bucket_is_of_the_hours_in_which_it_begins(void **state)
{
	static const char rules[] = "privacy = { hours = \"mon-fri 07:00-19:00\"; };";
	const struct {
		int minute;
		day_t day;
		bool kept;
	} buckets[] = {
	    {6 * 60 + 55, MONDAY, false}, {7 * 60, MONDAY, true}, {18 * 60 + 55, MONDAY, true}, {19 * 60, MONDAY, false},
	    {12 * 60, SUNDAY, false}, {12 * 60, SUNDAY - 1, false}, {12 * 60, SUNDAY - 2, true}, {24 * 60 + 5, MONDAY, false},
	};
	struct intake in;

	(void)state;
	intake_init(&in, rules, "");
	for (size_t i = 0; i < ELEMENTSOF(buckets); i++) {
		add(&in, buckets[i].minute, 300, "Word", "Lease", "Writing");
		assert_int_equal(excluded_of(&in, buckets[i].day), buckets[i].kept ? 0 : 300);
	}
	intake_release(&in);
}

/* In autumn an hour has its labels twice, and RescueTime adds what was recorded under one label up: both times are in the hours, or neither. */
static void
the_hour_that_comes_twice_is_in_the_hours_twice(void **state)
{
	struct intake in;

	(void)state;
	intake_init(&in, "privacy = { hours = \"mon-sun 02:00-03:00\"; };", "");
	add(&in, 2 * 60 + 30, 300, "Word", "Before the clock goes back", "Writing");
	add(&in, 2 * 60 + 30, 300, "Word", "After", "Writing");
	add(&in, 2 * 60 + 30, 250, "Word", "After", "Writing");
	add(&in, 3 * 60, 7, "Word", "After", "Writing");
	assert_int_equal(excluded_of(&in, SUNDAY), 7);
	intake_release(&in);
}

static void
both_the_firm_and_the_user_must_have_room_for_an_hour(void **state)
{
	struct intake in;

	(void)state;
	intake_init(&in, "privacy = { hours = \"mon-fri 08:00-20:00\"; };", "hours=mon-thu 06:00-18:00\n");
	add(&in, 7 * 60, 1, "Word", "Lease", "Writing");
	add(&in, 8 * 60, 2, "Word", "Lease", "Writing");
	add(&in, 17 * 60 + 55, 4, "Word", "Lease", "Writing");
	add(&in, 18 * 60, 8, "Word", "Lease", "Writing");
	assert_int_equal(excluded_of(&in, MONDAY), 9);
	add(&in, 8 * 60, 2, "Word", "Lease", "Writing");
	assert_int_equal(excluded_of(&in, MONDAY + 4), 2);
	intake_release(&in);
}

static void
a_user_keeps_an_application_out_by_its_name_in_any_case(void **state)
{
	struct intake in;

	(void)state;
	intake_init(&in, "", "exclude=Facebook Messenger\nexclude=ÉTUDE=1\n");
	add(&in, 0, 1, "facebook messenger", "x", "");
	add(&in, 0, 2, "Étude=1", "x", "");
	add(&in, 0, 4, "Facebook", "x", "");
	add(&in, 0, 8, "Facebook Messenger 2", "x", "");
	assert_int_equal(excluded_of(&in, MONDAY), 3);
	/* What is asked for next does not add to it. */
	assert_int_equal(privacy_own(in.privacy, STR("exclude=Facebook")), 0);
	add(&in, 0, 1, "facebook messenger", "x", "");
	add(&in, 0, 4, "Facebook", "x", "");
	assert_int_equal(excluded_of(&in, MONDAY), 4);
	/* White space that nobody sees, where somebody typed it, or a program has it. */
	assert_int_equal(privacy_own(in.privacy, STR("exclude= Facebook\xc2\xa0\nexclude=Signal")), 0);
	add(&in, 0, 1, "Facebook", "x", "");
	add(&in, 0, 2, "\xe2\x80\x83Signal ", "x", "");
	add(&in, 0, 4, "Face book", "x", "");
	assert_int_equal(excluded_of(&in, MONDAY), 3);
	intake_release(&in);
}

static void
lines_that_nobody_can_have_asked_for_are_refused(void **state)
{
	static const char *const wrong[] = {"exclude=", "exclude", "\n", "hours=always", "exclude=a\n\nexclude=b", "include=a", " hours=", "hours=mon 9-17"};
	struct intake in;

	(void)state;
	intake_init(&in, "", "");
	for (size_t i = 0; i < ELEMENTSOF(wrong); i++)
		assert_int_equal(privacy_own(in.privacy, str_of(wrong[i])), -EINVAL);
	assert_int_equal(privacy_own(in.privacy, STR("hours=")), 0);
	intake_release(&in);
}

static void
an_exclusion_after_a_redaction_sees_what_that_left(void **state)
{
	struct intake in;

	(void)state;
	intake_init(&in,
		    "privacy = { rules = ( { id = \"a\"; do = \"redact\"; match = \"secret\"; with = \"x\"; }, { id = \"b\"; do = \"exclude\"; match = \"secret\"; },\n"
		    "{ id = \"c\"; do = \"redact\"; match = \"(\\\\d)\\\\d+\"; with = \"$1#\"; } ); };",
		    "");
	assert_stored(&in, "a secret of 1234", "a x of 1#");
	assert_stored(&in, "nothing", "nothing");
	intake_release(&in);
}

static void
whatever_was_not_looked_at_is_not_kept(void **state)
{
	char title[ROWSET_STRING_MAX + 1], want[ROWSET_STRING_MAX + 1];
	struct intake in;

	(void)state;
	intake_init(&in, NULL, "");
	/* A key behind the part that is looked at, and one that begins inside of it. */
	memset(title, 'a', sizeof title);
	for (size_t i = 9; i < sizeof title; i += 10)
		title[i] = ' ';
	title[RULES_TITLE_MAX + 50] = '\0';
	memcpy(title + RULES_TITLE_MAX - 8, " ghp_16C7e42F292c6912E7710c838347Ae178B4a", 41);
	memcpy(want, title, RULES_TITLE_MAX - 8);
	want[RULES_TITLE_MAX - 8] = '\0';
	while (want[strlen(want) - 1] == ' ')
		want[strlen(want) - 1] = '\0';
	assert_stored(&in, title, want);
	intake_release(&in);
}

static void
a_secret_that_is_one_word_with_all_before_it_is_not_cut_in_two(void **state)
{
	static const char key[] = "/ghp_16C7e42F292c6912E7710c838347Ae178B4a";
	char title[ROWSET_STRING_MAX + 1] = "https://example.org/";
	struct intake in;

	(void)state;
	intake_init(&in, NULL, "");
	memset(title + 20, 'a', RULES_TITLE_MAX - 31);
	memcpy(title + RULES_TITLE_MAX - 11, key, sizeof key);
	assert_stored(&in, title, PRIVACY_HIDDEN);
	/* Scripts that write no spaces have ends of words all over. */
	for (size_t i = 0; i < RULES_TITLE_MAX + 2; i += 3)
		memcpy(title + i, "\xe6\xb3\x95", sizeof "\xe6\xb3\x95");
	memcpy(title + RULES_TITLE_MAX - 10, key + 1, sizeof key - 1);
	{
		_cleanup_free_ char *is = stored(&in, title);

		title[RULES_TITLE_MAX - 10] = '\0';
		assert_string_equal(is, title);
	}
	intake_release(&in);
}

static void
a_private_window_is_one_however_long_its_page_is_called(void **state)
{
	static const char end[] = " \xe2\x80\x94 Mozilla Firefox Private Browsing";
	char title[ROWSET_STRING_MAX + 1];
	struct intake in;

	(void)state;
	intake_init(&in, NULL, "");
	for (size_t len = 900; len + sizeof end < sizeof title; len += 50) {
		memset(title, 'a', sizeof title);
		for (size_t i = 9; i < len; i += 10)
			title[i] = ' ';
		memcpy(title + len, end, sizeof end);
		add(&in, 600, 60, "Firefox", title, "Reference");
		assert_int_equal(excluded_of(&in, MONDAY), 60);
	}
	intake_release(&in);
}

static void
what_nobody_sees_at_its_end_makes_no_other_title(void **state)
{
	static const char *const titles[] = {
	    "A page \xe2\x80\x94 Private Browsing ", "A page \xe2\x80\x94 Private Browsing\r\n", "A page \xe2\x80\x94 Private Browsing\xc2\xa0",
	    "A page \xe2\x80\x94 Private Browsing\xe2\x80\x8e", "\xef\xbb\xbfPage \xe2\x80\x94 Private Browsing\xe2\x80\x8b \xe2\x80\xac",
	};
	struct intake in;

	(void)state;
	intake_init(&in, NULL, "");
	for (size_t i = 0; i < ELEMENTSOF(titles); i++) {
		add(&in, 600, 60, "Safari", titles[i], "Reference");
		assert_int_equal(excluded_of(&in, MONDAY), 60);
	}
	/* What is kept is kept as it came. */
	assert_stored(&in, " Lease \xe2\x80\x8e", " Lease \xe2\x80\x8e");
	assert_stored(&in, "\xe2\x80\x8b", "\xe2\x80\x8b");
	intake_release(&in);
}

/* A window may have been private, and what said so was cut off before anybody looked. */
static void
a_title_that_came_cut_off_is_not_kept(void **state)
{
	char title[ROWSET_STRING_MAX + 1] = "";
	struct intake in;

	(void)state;
	intake_init(&in, NULL, "");
	for (size_t i = 0; i < ROWSET_STRING_MAX; i++)
		title[i] = i % 10 == 9 ? ' ' : 'a';
	title[ROWSET_STRING_MAX - 1] = 'a';
	assert_stored(&in, title, PRIVACY_HIDDEN);
	memset(title + ROWSET_STRING_MAX - 10, ' ', 10);
	assert_stored(&in, title, PRIVACY_HIDDEN);
	intake_release(&in);
}

static void
a_redaction_that_does_not_fit_hides_the_title(void **state)
{
	char rules[4096], *p = rules;
	struct intake in;

	(void)state;
	p += snprintf(p, 200, "privacy = { rules = ( { id = \"a\"; do = \"redact\"; match = \"s\"; with = \"");
	memset(p, 'x', 1000);
	memcpy(p + 1000, "\"; } ); };", sizeof "\"; } ); };");
	intake_init(&in, rules, "");
	assert_stored(&in, "no secrets, surely, as is said", PRIVACY_HIDDEN);
	assert_stored(&in, "nothing", "nothing");
	intake_release(&in);
}

/* Fine for most titles, and the worst there is for some. */
static void
a_title_that_would_cost_too_much_is_hidden_and_not_kept(void **state)
{
	char title[RULES_TITLE_MAX];
	struct intake in;
	int64_t began_ms;

	(void)state;
	intake_init(&in, "privacy = { rules = ( { id = \"a\"; do = \"redact\"; match = \"(?:a+)+(?:a+)+b\"; } ); };", "");
	memset(title, 'a', sizeof title - 1);
	memcpy(title + sizeof title - 3, " b", 3);
	began_ms = clock_mono_ms();
	assert_stored(&in, title, PRIVACY_HIDDEN);
	assert_true(clock_mono_ms() - began_ms < 1000);
	intake_release(&in);
}

static void
an_ordinary_long_title_is_kept(void **state)
{
	static const char words[] = "Re: Smith v Jones (12) - key terms = x; ";
	char title[RULES_TITLE_MAX + 1] = "";
	struct intake in;

	(void)state;
	intake_init(&in, NULL, "");
	for (size_t at = 0; at + sizeof words <= sizeof title; at += sizeof words - 1)
		memcpy(title + at, words, sizeof words);
	assert_stored(&in, title, title);
	intake_release(&in);
}

static bool
keeps_out_the_same(const char *a, const char *b)
{
	char versions[2][DIGEST_HEX_SIZE];
	const char *const texts[] = {a, b};

	for (size_t i = 0; i < 2; i++) {
		struct ruleset *set = set_of(str_of(texts[i]), "r.conf");

		privacy_version(set, versions[i]);
		ruleset_free(set);
	}
	return strcmp(versions[0], versions[1]) == 0;
}

static void
what_is_kept_out_has_a_version_of_its_own(void **state)
{
	static const char one[] = "privacy = { rules = ( { id = \"a\"; do = \"redact\"; match = \"s\"; with = \"x\"; } ); };";

	(void)state;
	assert_true(keeps_out_the_same(one, "units = { rounding = \"unit-up\"; };\n"
					     "privacy = { rules = ( { id = \"b\"; do = \"redact\"; match = \"s\"; with = \"x\"; } ); };"));
	assert_false(keeps_out_the_same(one, ""));
	assert_false(keeps_out_the_same(one, "privacy = { rules = ( { id = \"a\"; do = \"exclude\"; match = \"s\"; } ); };"));
	assert_false(keeps_out_the_same(one, "privacy = { rules = ( { id = \"a\"; do = \"redact\"; match = \"sx\"; with = \"\"; } ); };"));
	assert_false(keeps_out_the_same(one, "privacy = { rules = ( { id = \"a\"; do = \"redact\"; app_is = \"W\"; match = \"s\"; with = \"x\"; } ); };"));
	assert_false(keeps_out_the_same("", "privacy = { hours = \"mon 07:00-19:00\"; };"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_kept_out_has_a_version_of_its_own),
	    cmocka_unit_test(only_the_seconds_of_what_is_excluded_are_left),
	    cmocka_unit_test(rows_that_redaction_makes_equal_add_up),
	    cmocka_unit_test(a_bucket_is_of_the_hours_in_which_it_begins),
	    cmocka_unit_test(the_hour_that_comes_twice_is_in_the_hours_twice),
	    cmocka_unit_test(both_the_firm_and_the_user_must_have_room_for_an_hour),
	    cmocka_unit_test(a_user_keeps_an_application_out_by_its_name_in_any_case),
	    cmocka_unit_test(lines_that_nobody_can_have_asked_for_are_refused),
	    cmocka_unit_test(an_exclusion_after_a_redaction_sees_what_that_left),
	    cmocka_unit_test(whatever_was_not_looked_at_is_not_kept),
	    cmocka_unit_test(a_secret_that_is_one_word_with_all_before_it_is_not_cut_in_two),
	    cmocka_unit_test(a_private_window_is_one_however_long_its_page_is_called),
	    cmocka_unit_test(what_nobody_sees_at_its_end_makes_no_other_title),
	    cmocka_unit_test(a_title_that_came_cut_off_is_not_kept),
	    cmocka_unit_test(a_redaction_that_does_not_fit_hides_the_title),
	    cmocka_unit_test(a_title_that_would_cost_too_much_is_hidden_and_not_kept),
	    cmocka_unit_test(an_ordinary_long_title_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
