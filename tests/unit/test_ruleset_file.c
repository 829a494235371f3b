/* SPDX-License-Identifier: Apache-2.0 */
/* What may stand in a rules file, and what is told of what may not: each fault with its line, all of them at once. */
#include "rules_unit.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>

#include "base/alloc.h"
#include "rules/rules.h"
#include "rules/work_hours.h"

#define NAME "r.conf"

static struct ruleset *
good(const char *text)
{
	return set_of(str_of(text), NAME);
}

/* Each line that is told, without the file's name; NULL behind the last one. */
static void
expect_faults(const char *text, const char *const *lines)
{
	_cleanup_(rule_faults_release) struct rule_faults faults = {.lines = NULL};
	struct ruleset *set = NULL;
	size_t count = 0;

	assert_int_equal(ruleset_parse(str_of(text), NAME, &faults, &set), -EINVAL);
	assert_null(set);
	for (; lines[count] != NULL; count++) {
		if (count >= faults.count)
			fail_msg("missing: %s", lines[count]);
		assert_memory_equal(faults.lines[count], NAME ":", strlen(NAME ":"));
		assert_string_equal(faults.lines[count] + strlen(NAME ":"), lines[count]);
	}
	if (count < faults.count)
		fail_msg("too much: %s", faults.lines[count]);
}
#define expect(text, ...) expect_faults((text), (const char *const[]){__VA_ARGS__, NULL})

static void
an_empty_file_has_no_rules_and_the_usual_policy(void **state)
{
	_cleanup_(ruleset_freep) struct ruleset *set = good("");

	(void)state;
	assert_int_equal(set->clean_count + set->vague_count + set->matter_count + set->refuse_count + set->privacy_count, 0);
	assert_int_equal(set->vague_chars_max, 25);
	assert_int_equal(set->matter_source, MATTER_FROM_TITLES);
	assert_int_equal(set->matter_listing, LIST_REQUIRE);
	assert_int_equal(set->merge_keys, MERGE_APPLICATION | MERGE_TASK);
	assert_int_equal(set->minimum_seconds, 0);
	assert_int_equal(set->units.rounding, ROUNDING_TENTH_UP);
	assert_int_equal(set->units.per, UNITS_PER_ENTRY);
	assert_int_equal(set->units.minimum_tenths, 0);
	assert_int_equal(set->hours.days, 0);
	assert_null(ruleset_free(NULL));
}

static void
every_key_of_a_cleaning_step_is_read(void **state)
{
	_cleanup_(ruleset_freep) struct ruleset *set = good(
	    "clean = (\n"
	    "  { id = \"a.1-x\"; stage = \"noise\"; do = \"replace\"; app_matches = \"^w(or)d$\"; app_any_case = false;\n"
	    "    if_prefix = \"P\"; match = \"(a)\" \"(b)\"; any_case = true; literal = \"l\"; digits = 5; with = \"$2$1\";\n"
	    "    examples = ( { app = \"Word\"; title = \"T\"; category = \"Work\"; task = \"K\"; matter = \"M\"; },\n"
	    "                 { title = \"U\"; dropped = true; }, { title = \"\"; untouched = true; } ); },\n"
	    "  { id = \"b\"; stage = \"name\"; do = \"strip\"; match = \"x\"; app_is = \"One\"; examples = ( { title = \"x\"; matter = \"\"; } ); }\n"
	    ");");
	const struct clean_step *b = &set->clean[0], *a = &set->clean[1];

	(void)state;
	assert_int_equal(set->clean_count, 2);
	assert_string_equal(a->head.id, "a.1-x");
	assert_int_equal(a->head.line, 2);
	assert_int_equal(a->stage, STAGE_NOISE);
	assert_int_equal(a->kind, CLEAN_REPLACE);
	assert_int_equal(a->app.how, APP_MATCHES);
	assert_string_equal(a->app.text, "^w(or)d$");
	assert_false(a->app.caseless);
	assert_string_equal(a->if_prefix, "P");
	assert_string_equal(a->pattern.regex, "(a)(b)");
	assert_string_equal(a->pattern.literal, "l");
	assert_int_equal(a->pattern.digits, 5);
	assert_true(a->pattern.caseless);
	assert_string_equal(a->replacement, "$2$1");

	assert_int_equal(a->head.example_count, 4);
	assert_int_equal(a->head.examples[0].want, WANT_TASK);
	assert_string_equal(a->head.examples[0].application, "Word");
	assert_string_equal(a->head.examples[0].title, "T");
	assert_string_equal(a->head.examples[0].category, "Work");
	assert_string_equal(a->head.examples[0].text, "K");
	assert_int_equal(a->head.examples[0].line, 4);
	assert_int_equal(a->head.examples[1].want, WANT_MATTER);
	assert_string_equal(a->head.examples[1].text, "M");
	assert_int_equal(a->head.examples[2].want, WANT_DROPPED);
	assert_int_equal(a->head.examples[2].line, 5);
	assert_true(strlen(a->head.examples[2].application) > 0);
	assert_int_equal(a->head.examples[3].want, WANT_UNTOUCHED);

	/* Stage by stage, whatever the order in the file. */
	assert_string_equal(b->head.id, "b");
	assert_int_equal(b->head.line, 6);
	assert_int_equal(b->app.how, APP_IS);
	assert_true(b->app.caseless);
	assert_string_equal(b->head.examples[0].application, "One");
	assert_null(b->if_prefix);
	assert_null(b->pattern.literal);
	assert_int_equal(b->pattern.digits, 0);
	assert_false(b->pattern.caseless);
	assert_string_equal(b->replacement, "");
}

static void
each_deed_of_a_cleaning_step_has_its_kind(void **state)
{
	static const struct {
		const char *rest;
		enum clean_kind kind;
		const char *regex, *replacement;
	} deeds[] = {
	    {"do = \"strip\"; match = \"a\";", CLEAN_REPLACE, "a", ""},
	    {"do = \"replace\"; match = \"a\"; with = \"\";", CLEAN_REPLACE, "a", ""},
	    {"do = \"extract\"; match = \"a\";", CLEAN_EXTRACT, "a", NULL},
	    {"do = \"rename\"; match = \"(a)\"; with = \"$1\";", CLEAN_RENAME, "(a)", "$1"},
	    {"do = \"rename\"; app_is = \"x\"; with = \"y\";", CLEAN_RENAME, "", "y"},
	    {"do = \"drop\"; match = \"a\";", CLEAN_DROP, "a", NULL},
	    {"do = \"drop\"; app_contains = \"x\";", CLEAN_DROP, "", NULL},
	    {"do = \"drop\"; if_prefix = \"x\";", CLEAN_DROP, "", NULL},
	    {"do = \"trim\";", CLEAN_TRIM, NULL, NULL},
	    {"do = \"keep\";", CLEAN_END, NULL, NULL},
	    {"do = \"keep\"; match = \"a\";", CLEAN_END, "a", NULL},
	    {"do = \"redact\"; match = \"a\";", CLEAN_REPLACE, "a", "[redacted]"},
	    {"do = \"redact\"; match = \"a\"; with = \"-\";", CLEAN_REPLACE, "a", "-"},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(deeds); i++) {
		_cleanup_free_ char *text = xasprintf("clean = ( { id = \"a\"; stage = \"name\"; %s } );", deeds[i].rest);
		_cleanup_(ruleset_freep) struct ruleset *set = good(text);

		assert_int_equal(set->clean[0].kind, deeds[i].kind);
		assert_string_equal(set->clean[0].pattern.regex != NULL ? set->clean[0].pattern.regex : "(none)",
				    deeds[i].regex != NULL ? deeds[i].regex : "(none)");
		assert_string_equal(set->clean[0].replacement != NULL ? set->clean[0].replacement : "(none)",
				    deeds[i].replacement != NULL ? deeds[i].replacement : "(none)");
	}
}

static void
every_key_of_vague_titles_is_read(void **state)
{
	_cleanup_(ruleset_freep) struct ruleset *set = good(
	    "vague = { max_chars = 7; rules = (\n"
	    "  { id = \"n\"; name = \"N\"; },\n"
	    "  { id = \"m\"; names = [ \"M1\", \"M2\" ]; any_case = true; examples = ( { title = \"M1\"; dropped = true; } ); },\n"
	    "  { id = \"p\"; prefix = \"P\"; },\n"
	    "  { id = \"x\"; match = \"^x\\\\d$\"; any_case = true; literal = \"x\"; digits = 1; } ); };");

	(void)state;
	assert_int_equal(set->vague_chars_max, 7);
	assert_int_equal(set->vague_count, 5);
	assert_int_equal(set->vague[0].kind, VAGUE_NAME);
	assert_string_equal(set->vague[0].text, "N");
	assert_false(set->vague[0].caseless);
	assert_string_equal(set->vague[1].head.id, "m");
	assert_string_equal(set->vague[1].text, "M1");
	assert_int_equal(set->vague[1].head.example_count, 1);
	assert_string_equal(set->vague[2].head.id, "m");
	assert_string_equal(set->vague[2].text, "M2");
	assert_int_equal(set->vague[2].head.example_count, 0);
	assert_true(set->vague[2].caseless);
	assert_int_equal(set->vague[3].kind, VAGUE_PREFIX);
	assert_string_equal(set->vague[3].text, "P");
	assert_int_equal(set->vague[4].kind, VAGUE_PATTERN);
	assert_string_equal(set->vague[4].pattern.regex, "^x\\d$");
	assert_string_equal(set->vague[4].pattern.literal, "x");
	assert_int_equal(set->vague[4].pattern.digits, 1);
	assert_true(set->vague[4].pattern.caseless);
	assert_int_equal(set->vague[4].head.line, 5);
}

static void
every_key_of_matters_is_read(void **state)
{
	_cleanup_(ruleset_freep) struct ruleset *set = good(
	    "matter = { from = \"task\"; list = \"prefer\";\n"
	    "  codes = ( { id = \"c\"; match = \"(\\\\d+)\"; priority = 100; app_contains = \"w\"; examples = ( { title = \"1\"; matter = \"1\"; } ); },\n"
	    "            { id = \"d\"; match = \"(?<code>x)\"; any_case = true; literal = \"x\"; digits = 2; } );\n"
	    "  refuse = ( { id = \"r\"; match = \"v\\\\d\"; app_is = \"z\"; examples = ( { title = \"v1\"; matter = \"\"; } ); } ); };");

	(void)state;
	assert_int_equal(set->matter_source, MATTER_FROM_TASK);
	assert_int_equal(set->matter_listing, LIST_PREFER);
	assert_int_equal(set->matter_count, 2);
	assert_int_equal(set->matter[0].priority, 100);
	assert_int_equal(set->matter[0].app.how, APP_CONTAINS);
	assert_int_equal(set->matter[0].head.examples[0].want, WANT_MATTER);
	assert_int_equal(set->matter[1].priority, 50);
	assert_int_equal(set->matter[1].pattern.digits, 2);
	assert_int_equal(set->refuse_count, 1);
	assert_string_equal(set->refuse[0].pattern.regex, "v\\d");
	assert_int_equal(set->refuse[0].app.how, APP_IS);
	assert_int_equal(set->refuse[0].head.line, 4);
	assert_string_equal(set->refuse[0].head.examples[0].text, "");
}

static void
every_key_of_merging_and_units_is_read(void **state)
{
	_cleanup_(ruleset_freep) struct ruleset *set = good(
	    "merge = { keys = ( \"matter\", \"category\" ); minimum_seconds = 86400; };\n"
	    "units: { rounding: \"unit-up\", per: \"matter\", minimum_tenths: 100 };\n"
	    "matter = { from = \"titles\"; list = \"ignore\"; };");
	_cleanup_(ruleset_freep) struct ruleset *other = good(
	    "merge = { keys = [ \"task\", \"application\" ]; };\n"
	    "units = { rounding = \"tenth-up\"; per = \"entry\"; }; matter = { list = \"require\"; };");

	(void)state;
	assert_int_equal(set->merge_keys, MERGE_MATTER | MERGE_CATEGORY);
	assert_int_equal(set->minimum_seconds, 86400);
	assert_int_equal(set->units.rounding, ROUNDING_UNIT_UP);
	assert_int_equal(set->units.per, UNITS_PER_MATTER);
	assert_int_equal(set->units.minimum_tenths, 100);
	assert_int_equal(set->matter_source, MATTER_FROM_TITLES);
	assert_int_equal(set->matter_listing, LIST_IGNORE);
	assert_int_equal(other->merge_keys, MERGE_APPLICATION | MERGE_TASK);
	assert_int_equal(other->units.rounding, ROUNDING_TENTH_UP);
	assert_int_equal(other->matter_listing, LIST_REQUIRE);
}

static void
every_key_of_privacy_is_read(void **state)
{
	_cleanup_(ruleset_freep) struct ruleset *set = good(
	    "privacy = { hours = \"mon-fri 07:00-19:30\"; rules = (\n"
	    "  { id = \"e\"; do = \"exclude\"; category = \"Games\"; examples = ( { title = \"x\"; category = \"games\"; excluded = true; } ); },\n"
	    "  { id = \"f\"; do = \"redact\"; app_is = \"z\"; match = \"(t)oken\"; any_case = true; with = \"$1\";\n"
	    "    examples = ( { title = \"token\"; stored = \"t\"; }, { title = \"y\"; untouched = true; } ); },\n"
	    "  { id = \"g\"; do = \"redact\"; match = \"k\"; } ); };");

	(void)state;
	assert_int_equal(set->hours.days, 0x1f);
	assert_int_equal(set->hours.from_min, 7 * 60);
	assert_int_equal(set->hours.to_min, 19 * 60 + 30);
	assert_int_equal(set->privacy_count, 3);
	assert_int_equal(set->privacy[0].kind, PRIVACY_EXCLUDE);
	assert_string_equal(set->privacy[0].category, "Games");
	assert_null(set->privacy[0].pattern.regex);
	assert_int_equal(set->privacy[0].head.examples[0].want, WANT_EXCLUDED);
	assert_string_equal(set->privacy[0].head.examples[0].category, "games");
	assert_int_equal(set->privacy[1].kind, PRIVACY_REDACT);
	assert_string_equal(set->privacy[1].replacement, "$1");
	assert_true(set->privacy[1].pattern.caseless);
	assert_int_equal(set->privacy[1].head.examples[0].want, WANT_TITLE);
	assert_string_equal(set->privacy[1].head.examples[0].text, "t");
	assert_string_equal(set->privacy[2].replacement, "[redacted]");
}

static void
work_hours_are_read_as_people_write_them(void **state)
{
	static const struct {
		const char *text;
		uint8_t days;
		int16_t from_min, to_min;
	} hours[] = {
	    {"", 0, 0, 0},
	    {"mon 00:00-24:00", 0x01, 0, 1440},
	    {"mon-fri 07:00-19:00", 0x1f, 420, 1140},
	    {"sat-mon 09:30-09:31", 0x61, 570, 571},
	    {"mon,wed,sat-sun 12:00-12:30", 0x65, 720, 750},
	    {"mon-sun 00:00-00:01", 0x7f, 0, 1},
	};
	static const char *const wrong[] = {
	    " ", "mon", "mon ", "mon-fri", "mon 7:00-19:00", "Mon 07:00-19:00", "mon 19:00-07:00", "mon 07:00-07:00", "mon 07:00-24:01",
	    "mon 07:60-08:00", "mon,,tue 07:00-08:00", "mon- 07:00-08:00", "mon 07:00-08:00 ", "monday 07:00-08:00", "mon 07:00", "mon -1:00-08:00",
	    "mon 07:00-08:00,tue 07:00-08:00",
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(hours); i++) {
		struct work_hours h = {.days = 0xff};

		assert_int_equal(work_hours_parse(str_of(hours[i].text), &h), 0);
		assert_int_equal(h.days, hours[i].days);
		assert_int_equal(h.from_min, hours[i].from_min);
		assert_int_equal(h.to_min, hours[i].to_min);
	}
	for (size_t i = 0; i < ELEMENTSOF(wrong); i++) {
		struct work_hours h = {.days = 0xff};

		if (work_hours_parse(str_of(wrong[i]), &h) != -EINVAL || h.days != 0xff)
			fail_msg("%s", wrong[i]);
	}
}

static void
everything_that_is_wrong_is_told_at_once(void **state)
{
	(void)state;
	expect("clean = (\n"
	       "  { id = \"Bad Id\"; stage = \"middle\"; do = \"strip\"; match = \"(a\"; },\n"
	       "  { stage = \"name\"; do = \"strip\"; match = \"a\"; },\n"
	       "  7,\n"
	       "  { id = \"x\"; stage = \"name\"; do = \"replace\"; match = \"(a)\";\n"
	       "    with = \"$2\"; macth = \"b\"; digits = \"5\"; },\n"
	       "  { id = \"x\"; stage = \"name\"; do = \"trim\"; match = \"a\"; }\n"
	       ");\n"
	       "vague = { max_chars = -1; rules = ( { id = \"v\"; name = \"a\"; prefix = \"b\"; } ); };\n"
	       "merge = { keys = [ \"task\", \"tsak\" ]; minimum_seconds = 86401; };\n"
	       "unit = { };\n"
	       "units = { rounding = \"up\"; };\n",
	       "2: clean: stage must be one of \"name\", \"noise\"", "2: clean: id must be 1 to 60 of a-z, 0-9, . and -",
	       "2: clean: match: missing closing parenthesis (at byte 3)",
	       "3: clean: a rule needs an id",
	       "4: clean is a list of groups: ( { ... }, { ... } )",
	       "5: x: match: unknown substring (of the replacement, at byte 3)",
	       "6: x: there is no macth here; did you mean match?",
	       "6: x: digits must be a whole number from 0 to 100",
	       "7: x: id stands in line 5 already",
	       "7: x: match has no meaning for \"trim\"",
	       "9: vague: max_chars must be a whole number from 0 to 1000",
	       "9: v: a vague title is known by one of name, names, prefix and match",
	       "10: merge: keys must be a list of one or more different ones of \"application\", \"task\", \"matter\", \"category\"",
	       "10: merge: minimum_seconds must be a whole number from 0 to 86400",
	       "11: there is no unit here; did you mean units?",
	       "12: units: rounding must be one of \"tenth-up\", \"unit-up\"");
}

static void
a_faulty_rule_says_what_it_lacks(void **state)
{
	(void)state;
	expect("clean = ( { id = \"a\"; do = \"strip\"; match = \"a\"; } );", "1: a: a step needs a stage");
	expect("clean = ( { id = \"a\"; stage = \"name\"; } );", "1: a: a step says what to do");
	expect("clean = ( { id = \"a\"; stage = \"name\"; do = \"strip\"; } );", "1: a: \"strip\" needs match");
	expect("clean = ( { id = \"a\"; stage = \"name\"; do = \"replace\"; match = \"a\"; } );", "1: a: \"replace\" needs with");
	expect("clean = ( { id = \"a\"; stage = \"name\"; do = \"extract\"; match = \"a\"; with = \"b\"; } );", "1: a: with has no meaning for \"extract\"");
	expect("clean = ( { id = \"a\"; stage = \"name\"; do = \"drop\"; } );", "1: a: \"drop\" without any condition would be for everything");
	expect("clean = ( { id = \"a\"; stage = \"name\"; do = \"keep\"; any_case = true; } );",
	       "1: a: any_case, literal and digits say something of match, which is missing");
	expect("clean = ( { id = \"a\"; stage = \"name\"; do = \"keep\"; app_is = \"a\";\n app_contains = \"b\"; } );",
	       "2: a: only one of app_is, app_contains and app_matches can hold");
	expect("clean = ( { id = \"a\"; stage = \"name\"; do = \"keep\";\n app_matches = \"[\"; } );",
	       "2: a: app_matches: missing terminating ] for character class (at byte 2)");
	expect("vague = { rules = ( { id = \"a\"; } ); };", "1: a: a vague title is known by one of name, names, prefix and match");
	expect("vague = { rules = ( { id = \"a\"; names = [ ]; } ); };",
	       "1: a: names must be a list of texts, such as [ \"one\", \"two\" ]",
	       "1: a: a vague title is known by one of name, names, prefix and match");
	expect("vague = { rules = ( { id = \"a\"; name = \"b\"; digits = 2; } ); };", "1: a: literal and digits say something of match, which is missing");
	expect("matter = { codes = ( { id = \"a\"; } ); refuse = ( { id = \"b\"; } ); };", "1: a: a rule of this kind needs match", "1: b: a rule of this kind needs match");
	expect("matter = { codes = ( { id = \"a\"; match = \"\\\\d{5}\"; priority = 101; } ); };",
	       "1: a: priority must be a whole number from 0 to 100",
	       "1: a: match: has 0 groups in parentheses, can have 1 to 15");
	expect("matter = { codes = ( { id = \"a\"; match = \"(a)(a)(a)(a)(a)(a)(a)(a)(a)(a)(a)(a)(a)(a)(a)(a)\"; } ); };",
	       "1: a: match: has 16 groups in parentheses, can have 1 to 15");
	expect("privacy = { rules = ( { id = \"a\"; } ); };", "1: a: a privacy rule says what to do");
	expect("privacy = { rules = ( { id = \"a\"; do = \"exclude\"; } ); };", "1: a: \"exclude\" without any condition would be for everything");
	expect("privacy = { rules = ( { id = \"a\"; do = \"redact\"; app_is = \"x\"; } ); };", "1: a: \"redact\" needs match");
	expect("privacy = { rules = ( { id = \"a\"; do = \"exclude\"; app_is = \"x\"; with = \"y\"; } ); };", "1: a: with has no meaning for \"exclude\"");
	expect("privacy = { hours = \"always\"; };", "1: privacy: hours must be days and times, such as \"mon-fri 07:00-19:00\", or empty");
}

static void
a_faulty_example_says_what_it_lacks(void **state)
{
	static const char one_thing[] = "an example says what comes of it, and one thing only: task or matter or both, dropped = true, or untouched = true";
	static const struct {
		const char *example, *fault;
	} examples[] = {
	    {"{ task = \"a\"; }", "an example needs a title"},
	    {"{ title = \"a\"; }", one_thing},
	    {"{ title = \"a\"; dropped = false; }", one_thing},
	    {"{ title = \"a\"; task = \"b\"; dropped = true; }", one_thing},
	    {"{ title = \"a\"; matter = \"b\"; untouched = true; }", one_thing},
	    {"{ title = \"a\"; stored = \"b\"; task = \"a\"; }", "there is no stored here"},
	    {"{ title = 5; task = \"a\"; }", "title must be a text in quotes"},
	    {"{ title = \"a\"; dropped = \"yes\"; task = \"a\"; }", "dropped must be true or false"},
	    {"{ app = \"\"; title = \"a\"; task = \"a\"; }", "app must be a text of 1 to 1000 bytes"},
	    {"\"a\"", "examples is a list of groups: ( { ... }, { ... } )"},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(examples); i++) {
		_cleanup_free_ char *text = xasprintf("vague = { rules = ( { id = \"v\"; name = \"a\"; examples = (\n%s ); } ); };", examples[i].example);
		_cleanup_(rule_faults_release) struct rule_faults faults = {.lines = NULL};
		_cleanup_free_ char *line = xasprintf(NAME ":2: v: %s", examples[i].fault);
		struct ruleset *set = NULL;

		assert_int_equal(ruleset_parse(str_of(text), NAME, &faults, &set), -EINVAL);
		assert_string_equal(faults.lines[0], line);
	}
	expect("privacy = { rules = ( { id = \"p\"; do = \"exclude\"; app_is = \"a\"; examples = ( { title = \"a\"; task = \"b\"; } ); } ); };",
	       "1: p: there is no task here",
	       "1: p: an example says what comes of it, and one thing only: stored, excluded = true, or untouched = true");
}

static void
a_value_of_the_wrong_type_is_told(void **state)
{
	(void)state;
	expect("clean = { };", "1: clean must be a list of groups: ( { ... }, { ... } )");
	expect("clean = [ 1 ];", "1: clean must be a list of groups: ( { ... }, { ... } )");
	expect("merge = 5;", "1: merge must be a group: { name = value; ... }");
	expect("merge = { keys = \"task\"; };",
	       "1: merge: keys must be a list of one or more different ones of \"application\", \"task\", \"matter\", \"category\"");
	expect("merge = { keys = [ \"task\", \"task\" ]; };",
	       "1: merge: keys must be a list of one or more different ones of \"application\", \"task\", \"matter\", \"category\"");
	expect("merge = { keys = [ ]; };",
	       "1: merge: keys must be a list of one or more different ones of \"application\", \"task\", \"matter\", \"category\"");
	expect("units = { minimum_tenths = 1.5; };", "1: units: minimum_tenths must be a whole number from 0 to 100");
	expect("units = { minimum_tenths = 4294967296; };", "1: units: minimum_tenths must be a whole number from 0 to 100");
	expect("units = { per = true; };", "1: units: per must be one of \"entry\", \"matter\"");
	expect("clean = ( { id = 5; stage = \"name\"; do = \"trim\"; app_any_case = 1; } );",
	       "1: clean: id must be a text in quotes", "1: clean: app_any_case must be true or false", "1: clean: a rule needs an id");
	expect("vague = { rules = ( { id = \"a\"; names = [ 1, 2 ]; } ); };", "1: a: names must be a text in quotes", "1: a: names must be a text in quotes");
	expect("vague = { rules = ( { id = \"a\"; name = \"\\xff\"; } ); };",
	       "1: a: name must be UTF-8; an escape such as \\xe9 stands for a byte, not for a character",
	       "1: a: a vague title is known by one of name, names, prefix and match");
}

static void
what_is_not_the_syntax_is_told_with_its_line(void **state)
{
	static const char nul[] = "clean = ( );\n\0";
	_cleanup_(rule_faults_release) struct rule_faults faults = {.lines = NULL};
	struct ruleset *set = NULL;

	(void)state;
	expect("merge = {\n keys = [ ;\n };", "2: syntax error");
	expect("merge = { };\nmerge = { };", "2: duplicate setting name");
	expect("\n@include \"/etc/passwd\"", "2: there is no @include; one file holds everything");
	expect("\n\nunits = { per = \"entry; };", "3: this text in quotes has no end");
	expect("units = { };\n# caf\xe9\n", "2: a rules file is UTF-8, without NUL");
	assert_int_equal(ruleset_parse((struct str){nul, sizeof nul}, NAME, &faults, &set), -EINVAL);
	assert_string_equal(faults.lines[0], NAME ":2: a rules file is UTF-8, without NUL");
}

static void
a_file_past_the_limits_is_refused(void **state)
{
	_cleanup_(buf_release) struct buf text = BUF_INIT(2 * RULES_FILE_MAX);
	_cleanup_(ruleset_freep) struct ruleset *set = NULL;

	(void)state;
	while (text.len < RULES_FILE_MAX)
		buf_addc(&text, ' ');
	set = set_of(buf_str(&text), NAME);
	buf_addc(&text, ' ');
	expect(text.p, "1: a rules file has at most 1048576 bytes");

	buf_clear(&text);
	buf_addz(&text, "vague = { rules = (\n");
	for (int i = 0; i < RULES_MAX - 1; i++)
		buf_addf(&text, "{ id = \"v%d\"; name = \"a\"; },\n", i);
	buf_addz(&text, "{ id = \"w\"; names = [ \"b\"");
	set = ruleset_free(set);
	{
		_cleanup_free_ char *enough = xasprintf("%s ]; } ); };", text.p), *much = xasprintf("%s, \"c\" ]; } ); };", text.p);

		set = good(enough);
		assert_int_equal(set->vague_count, RULES_MAX);
		expect(much, "2001: w: there can be no more than 2000 rules");
	}
}

/* Else a megabyte of them would take libconfig minutes. */
static void
settings_without_end_are_refused(void **state)
{
	_cleanup_(buf_release) struct buf text = BUF_INIT(RULES_FILE_MAX);

	(void)state;
	for (int i = 0; i < 65; i++)
		buf_addf(&text, "x%d = 1;\n", i);
	expect(text.p, "65: there are too many settings in one group");
	buf_clear(&text);
	buf_addz(&text, "merge = { keys = [ \"task\" ]; # = = = {{{{{{{{{{{{{{{{\n};\nclean = ");
	for (int i = 0; i < 16; i++)
		buf_addz(&text, "(");
	expect(text.p, "3: groups and lists stand too deep in each other");
}

static void
long_texts_are_refused(void **state)
{
	char regex[RULES_REGEX_MAX + 2], text[RULES_TEXT_MAX + 2], id[RULES_ID_MAX + 2];
	_cleanup_free_ char *most = NULL, *more = NULL;
	_cleanup_(ruleset_freep) struct ruleset *set = NULL;

	(void)state;
	memset(regex, 'a', sizeof regex);
	memset(text, 'a', sizeof text);
	memset(id, 'a', sizeof id);
	regex[sizeof regex - 1] = text[sizeof text - 1] = id[sizeof id - 1] = '\0';
	more = xasprintf("clean = ( { id = \"%s\"; stage = \"name\"; do = \"replace\"; match = \"%s\"; with = \"%s\"; } );", id, regex, text);
	expect(more, "1: clean: match must be a text of 1 to 4096 bytes", "1: clean: with must be a text of 0 to 1000 bytes",
	       "1: clean: id must be 1 to 60 of a-z, 0-9, . and -", "1: clean: \"replace\" needs match", "1: clean: \"replace\" needs with");
	most = xasprintf("clean = ( { id = \"%s\"; stage = \"name\"; do = \"replace\"; match = \"%s\"; with = \"%s\"; } );", id + 1, regex + 1, text + 1);
	set = good(most);
	assert_int_equal(strlen(set->clean[0].pattern.regex), RULES_REGEX_MAX);
}

static void
faults_without_end_are_cut(void **state)
{
	_cleanup_(buf_release) struct buf text = BUF_INIT(RULES_FILE_MAX);
	_cleanup_(rule_faults_release) struct rule_faults faults = {.lines = NULL};
	struct ruleset *set = NULL;

	(void)state;
	buf_addz(&text, "clean = (");
	for (int i = 0; i < 1000; i++)
		buf_addf(&text, "%s{ x = 1; }", i > 0 ? "," : "");
	buf_addz(&text, ");");
	assert_int_equal(ruleset_parse(buf_str(&text), NAME, &faults, &set), -EINVAL);
	assert_int_equal(faults.count, RULES_FAULTS_MAX);
}

static void
the_version_is_the_hash_of_the_bytes(void **state)
{
	_cleanup_(ruleset_freep) struct ruleset *a = good("units = { };"), *b = good("units = { };"), *c = good("units = { }; ");
	unsigned char hash[16];
	char hex[33];

	(void)state;
	assert_int_equal(crypto_generichash(hash, sizeof hash, (const unsigned char *)"units = { };", 12, NULL, 0), 0);
	assert_string_equal(sodium_bin2hex(hex, sizeof hex, hash, sizeof hash), a->version);
	assert_string_equal(a->version, b->version);
	assert_string_not_equal(a->version, c->version);
}

/* What a replacement may name is asked of PCRE2 itself, with a regex that would not match anything at hand. */
static void
a_replacement_is_checked_against_its_groups(void **state)
{
	static const struct {
		const char *match, *with;
		bool good;
	} cases[] = {
	    {"(a)(?<name>b)", "$1$2${1}${name}$$", true}, {"(?x)(a) # (b", "$1", true}, {"(a)|(b)", "$2", true},
	    {"a", "$1", false}, {"a", "$", false}, {"(a)", "${name}", false}, {"(a)", "${1", false}, {"^\\\\Aa(b)$", "$1", true},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
		_cleanup_free_ char *text = xasprintf("clean = ( { id = \"a\"; stage = \"name\"; do = \"replace\"; match = \"%s\"; with = \"%s\"; } );",
						      cases[i].match, cases[i].with);
		_cleanup_(rule_faults_release) struct rule_faults faults = {.lines = NULL};
		struct ruleset *set = NULL;
		int r = ruleset_parse(str_of(text), NAME, &faults, &set);

		if ((r == 0) != cases[i].good)
			fail_msg("%s -> %s: %d", cases[i].match, cases[i].with, r);
		ruleset_free(set);
	}
}

static void
what_is_compiled_in_is_the_default(void **state)
{
	_cleanup_(ruleset_freep) struct ruleset *in = NULL, *file = shipped_set(DEFAULT_RULES);

	(void)state;
	assert_int_equal(ruleset_default(&in), 0);
	assert_string_equal(in->version, file->version);
}

static void
words_near_a_code_can_stand_for_a_pattern(void **state)
{
	_cleanup_(ruleset_freep) struct ruleset *set =
	    set_of(STR("matter = { codes = ( { id = \"c\"; match = \"(1)\"; after = [ \"matter\", \"file\" ]; } );\n"
		       "  refuse = ( { id = \"r\"; after = [ \"invoice\" ]; after_number = [ \"claim\" ]; before = [ \"items\" ]; } ); };"), "words");

	(void)state;
	assert_int_equal(set->matter[0].after.count, 2);
	assert_string_equal(set->matter[0].after.texts[1], "file");
	assert_null(set->refuse[0].pattern.regex);
	assert_string_equal(set->refuse[0].after.texts[0], "invoice");
	assert_string_equal(set->refuse[0].after_number.texts[0], "claim");
	assert_string_equal(set->refuse[0].before.texts[0], "items");
}

static void
words_near_a_code_are_checked(void **state)
{
	(void)state;
	expect("matter = { codes = ( { id = \"a\"; after = [ \"b\" ]; } ); };", "1: a: a rule of this kind needs match");
	expect("matter = { refuse = ( { id = \"a\"; after = [ \"\" ]; } ); };", "1: a: after must be a text of 1 to 40 bytes");
	expect("matter = { codes = ( { id = \"a\"; match = \"(b)\"; before = [ \"c\" ]; } ); };", "1: a: there is no before here");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_empty_file_has_no_rules_and_the_usual_policy),
	    cmocka_unit_test(every_key_of_a_cleaning_step_is_read),
	    cmocka_unit_test(each_deed_of_a_cleaning_step_has_its_kind),
	    cmocka_unit_test(every_key_of_vague_titles_is_read),
	    cmocka_unit_test(every_key_of_matters_is_read),
	    cmocka_unit_test(every_key_of_merging_and_units_is_read),
	    cmocka_unit_test(every_key_of_privacy_is_read),
	    cmocka_unit_test(work_hours_are_read_as_people_write_them),
	    cmocka_unit_test(everything_that_is_wrong_is_told_at_once),
	    cmocka_unit_test(a_faulty_rule_says_what_it_lacks),
	    cmocka_unit_test(a_faulty_example_says_what_it_lacks),
	    cmocka_unit_test(a_value_of_the_wrong_type_is_told),
	    cmocka_unit_test(what_is_not_the_syntax_is_told_with_its_line),
	    cmocka_unit_test(words_near_a_code_can_stand_for_a_pattern),
	    cmocka_unit_test(words_near_a_code_are_checked),
	    cmocka_unit_test(a_file_past_the_limits_is_refused),
	    cmocka_unit_test(settings_without_end_are_refused),
	    cmocka_unit_test(long_texts_are_refused),
	    cmocka_unit_test(faults_without_end_are_cut),
	    cmocka_unit_test(the_version_is_the_hash_of_the_bytes),
	    cmocka_unit_test(a_replacement_is_checked_against_its_groups),
	    cmocka_unit_test(what_is_compiled_in_is_the_default),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
