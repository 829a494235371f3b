/* SPDX-License-Identifier: Apache-2.0 */
/* What a pattern is seen to need must never hide what PCRE2 would have matched: tried with patterns and titles by chance. */
#include "unit.h"

#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/buf.h"
#include "rules/match.h"
#include "rules/needs.h"

#define PATTERNS 20000
#define TITLES   25

/* xorshift; the same numbers in every run. */
static uint32_t
next_random(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

#define PICK(list, seed) ((list)[next_random(seed) % ELEMENTSOF(list)])

static const char *const ATOMS[] = {
    "a", "b", "ab", "k", "s", "S", "5", "12", "_", "-", " ", "é", "É", "ſ", "\u212a", "電", "\U0001F600", "\\d", "\\d", "[0-9]", "\\d{2}", "\\.", ".",
    "\\x{e9}", "\\x41", "\\t", "\\w", "\\W", "\\s", "\\b", "\\K", "\\p{L}", "\\PL", "[a-c]", "[^a]", "[]a]", "[^]a]", "[[:alpha:]]", "[[:a]",
    "[\\]a]", "^", "$", "\\A", "\\z", "\\Z", "\\[", "\\]", "]", "{", "}", "{a", "\\Qa.b\\E", "\\Q", "\\E", "\\1", "\\2", "(a)", "(?i)", "(?-i)",
    "(?i:b)", "(?x) a b ", "(?#a)", "(?1)", "(?m)", "(?s)", "(*ACCEPT)", "(?<n>b)", "\\k<n>", "(?'m'5)", "(?P<o>_)", "#", "\\#", "\\N", "\\R", "\\X",
    "–", "°", "№", "µ", "Å", "Ω", "ÿ", "bak", "(?<!\\p{L})", "\\b", "[_ #]", "[a-z]", "\\s", "kab", "abs", "\\p{Sc}", "[円]", "[°é]", "(?!\\p{L})", "(?:a|b|ab)(?!\\p{L})", "(?:a|ab) ", "(?<= )", "(?<=b )", "(?<= b)", "(?=b/)", "(?<!\\p{L})a", "(?: a|_)", "/", "@", "[_ ]",
    "\\n", "\\0", "\\012", "\\o{12}", "\\cA", "\\h", "(*FAIL)", "(?C)", "(?|a|b)",
};
static const char *const REPEATS[] = {"", "", "", "", "", "", "*", "+", "?", "*?", "+?", "??", "*+", "++", "?+", "{2}", "{0}", "{0,2}", "{1,}", "{1,3}?",
    "{2}+", "{,2}", "{ 1 }", "{1", "{2}{2}"};
static const char *const OPENINGS[] = {"(", "(?:", "(?>", "(?=", "(?!", "(?<=", "(?<!", "(?i:", "(?<g>", "(?s-i:", "(?^:", "(?|", "(?(?=a)"};
static const char *const PIECES[] = {"a", "b", "ab", "A", "B", "k", "s", "S", "K", "5", "12", "345", "_", "-", " ", "é", "É", "ſ", "\u212a", "電",
    "\U0001F600", "١٢", ".", "\t", "\n", "[", "]", "{", "}", "a.b", "c", "#", "x", "AB", "\\", "$", "€", "円", "/", "@", "_a", " b ", "–", "°", "№", "Μ", "μ", "\u212b", "å", "ω", "Ÿ", "bak", "BAK", "kab", "abs", "ABſ", " ab", "#bak"};

static void
add_sequence(struct buf *b, uint32_t *seed, unsigned depth)
{
	for (uint32_t items = next_random(seed) % 4 + 1; items > 0; items--) {
		if (depth < 3 && next_random(seed) % 4 == 0) {
			buf_addz(b, PICK(OPENINGS, seed));
			add_sequence(b, seed, depth + 1);
			buf_addc(b, ')');
		} else {
			buf_addz(b, PICK(ATOMS, seed));
		}
		buf_addz(b, PICK(REPEATS, seed));
	}
	if (next_random(seed) % 5 == 0) {
		buf_addc(b, '|');
		add_sequence(b, seed, depth);
	}
}

static void
make_title(struct buf *b, uint32_t *seed)
{
	buf_clear(b);
	buf_addz(b, "");
	for (uint32_t pieces = next_random(seed) % 12; pieces > 0; pieces--)
		buf_addz(b, PICK(PIECES, seed));
}

static pcre2_code *
compile_bare(const struct pattern_def *def)
{
	uint32_t options = PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C | (def->caseless ? PCRE2_CASELESS : 0u);
	pcre2_compile_context *context = pcre2_compile_context_create(NULL);
	PCRE2_SIZE offset;
	pcre2_code *code;
	int error;

	pcre2_set_newline(context, PCRE2_NEWLINE_LF);
	code = pcre2_compile((PCRE2_SPTR)def->regex, PCRE2_ZERO_TERMINATED, options, &error, &offset, context);
	pcre2_compile_context_free(context);
	return code;
}

struct tally {
	size_t patterns, matches, rejected, limited;
};

static void
compare(struct matcher *m, const struct pattern *p, const char *regex, const pcre2_code *bare, const struct needs *needs,
	struct str title, struct tally *t)
{
	pcre2_match_data *data = pcre2_match_data_create(1, NULL);
	int r = pcre2_match(bare, (PCRE2_SPTR)title.p, title.len, 0, 0, data, NULL);
	const PCRE2_SIZE *at = pcre2_get_ovector_pointer(data);
	struct str found = STR_NONE;
	struct shape shape;
	bool matches;

	shape_read(title, &shape);
	matcher_subject(m, title);
	matches = pattern_find(m, p, title, 0, &found);
	if (matcher_ran_into_limit(m)) {
		pcre2_match_data_free(data);
		t->limited++;
		return;
	}
	if (matches != (r >= 0))
		fail_msg("%s on %.*s", regex, STR_ARG(title));
	/* Look-behinds and \K can make an end that stands before the start. */
	if (matches && at[0] <= at[1]) {
		assert_ptr_equal(found.p, title.p + at[0]);
		assert_int_equal(found.len, at[1] - at[0]);
	}
	t->matches += r >= 0;
	t->rejected += !needs_met(needs, &shape);
	pcre2_match_data_free(data);
}

static void
try_pattern(struct matcher *m, const struct pattern_def *def, uint32_t *seed, struct tally *t)
{
	struct gram_set grams;
	struct needs needs = needs_of_regex(def->regex, def->caseless, &grams);
	_cleanup_(buf_release) struct buf title = BUF_INIT(1000);
	pcre2_code *bare = compile_bare(def);
	struct pattern *p = NULL;

	if (bare == NULL)
		return;
	assert_int_equal(pattern_new(m, def, &p), 0);
	t->patterns++;
	for (int i = 0; i < TITLES; i++) {
		make_title(&title, seed);
		compare(m, p, def->regex, bare, &needs, buf_str(&title), t);
	}
	pattern_free(p);
	pcre2_code_free(bare);
}

static void
no_need_hides_a_match(void **state)
{
	_cleanup_(buf_release) struct buf regex = BUF_INIT(4096);
	struct matcher *m = matcher_new();
	struct tally t = {0};
	uint32_t seed = 20261123;

	(void)state;
	for (int i = 0; i < PATTERNS; i++) {
		buf_clear(&regex);
		add_sequence(&regex, &seed, 0);
		const struct pattern_def def = {.regex = regex.p, .caseless = next_random(&seed) % 3 == 0};

		if (regex.error == 0)
			try_pattern(m, &def, &seed, &t);
	}
	print_message("%zu patterns, %zu matches, %zu titles not tried, %zu given up\n", t.patterns, t.matches, t.rejected, t.limited);
	/* Or it would have compared nothing with nothing. */
	assert_true(t.patterns > PATTERNS / 3 && t.matches > PATTERNS && t.rejected > PATTERNS && t.limited < t.matches / 1000);
	matcher_free(m);
}

struct known {
	const char *regex, *bytes, *literal;
	unsigned digits;
	bool caseless;
};

static bool
has_byte(const struct byte_set *set, char c)
{
	return (set->bits[(unsigned char)c >> 6] & UINT64_C(1) << ((unsigned char)c & 63)) != 0;
}

/* The forms in which rules are written do not go by without a need. */
static void
what_a_rule_says_plainly_is_needed(void **state)
{
	static const struct known list[] = {
	    {"\\[(\\d{5})\\]", "[]", "", 5, false},
	    {"_(?<code>\\d{5})(?=[_ ]|$)", "_", "", 5, false},
	    {" - Google Chrome – .++$", " -GoglChrme", " - Google Chrome – ", 0, false},
	    {" - Microsoft\\x{200b} Edge$", " -Microsf", " - Microsoft\u200b Edge", 0, false},
	    {"(?i) - read-only$", " -", " - ", 0, false},
	    {"Read-Only", "-", "", 0, true},
	    {"(?:docx|xlsx)", "x", "", 0, false},
	    {"\\d{4}-\\d{2}-[0-9]{2}", "-", "", 4, false},
	    {"20\\d{2}", "20", "20", 4, false},
	    {"ab?c+d", "acd", "", 0, false},
	    {"(?=xy)z", "xyz", "xy", 0, false},
	    {"(?!xy)z", "z", "", 0, false},
	    {"(?<=no )\\d{5}", "no ", "no ", 5, false},
	    {"(?:ab)?", "", "", 0, false},
	    {"ab|ba", "ab", "", 0, false},
	    {"(?x) a b", "", "", 0, false},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(list); i++) {
		struct gram_set grams;
		struct needs n = needs_of_regex(list[i].regex, list[i].caseless, &grams);
		size_t count = 0;

		for (const char *c = list[i].bytes; *c != '\0'; c++)
			assert_true(has_byte(&n.bytes, *c));
		for (int k = 0; k < 4; k++)
			count += (size_t)__builtin_popcountll(n.bytes.bits[k]);
		assert_true(count >= strlen(list[i].bytes));
		assert_int_equal(n.literal_len, strlen(list[i].literal));
		assert_memory_equal(n.literal, list[i].literal, n.literal_len);
		assert_int_equal(n.digits, list[i].digits);
	}
}

static void
a_number_is_told_from_what_stands_around_it(void **state)
{
	static const struct {
		const char *regex;
		size_t digits;
	} list[] = {
	    {"([0-9]{5})", 5},
	    {"^[\\s_~$#\"'(]*([0-9]{5})(?![\\p{Latin}\\p{Nd}])", 5},
	    {"(?<![0-9])([0-9]{7})(?:(?=v[0-9])|(?![\\p{L}]))", 7},
	    {"\\[(?:[^\\[\\]0-9]{0,20}[\\s#:.])?([0-9]{5})(?![\\p{L}0-9])[^\\[\\]]{0,20}\\]", 5},
	    {"[])]([0-9]{5})", 5},
	    {"[^])]\\(([0-9]{5})\\)", 5},
	    {"([0-9]{5})x([0-9]{5})", 5},
	    {"([0-9]{5})?", 0},
	    {"([0-9]{5})*", 0},
	    {"([0-9]{5}){0}", 0},
	    {"([0-9]{5}|x)", 0},
	    {"([0-9]{5})|x", 0},
	    {"x|([0-9]{5})", 0},
	    {"([0-9]{5,})", 0},
	    {"([0-9]{15})", 0},
	    {"(\\d{5})", 0},
	    {"(x)?([0-9]{5})", 0},
	    {"(?=([0-9]{5}))", 0},
	    {"(?:([0-9]{5}))?", 0},
	    {"(?<n>x)?([0-9]{5})", 0},
	    {"(?|(x)|([0-9]{5}))", 0},
	    {"(?x)([0-9]{5})", 0},
	    {"(?#)([0-9]{5})", 0},
	    {"(*ACCEPT)([0-9]{5})", 0},
	    {"\\Q([0-9]{5})\\E", 0},
	    {"[([0-9]{5})]", 0},
	    {"\\([0-9]{5}\\)", 0},
	    {"[0-9]{5}", 0},
	    {"", 0},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(list); i++)
		if (regex_number_group(list[i].regex) != list[i].digits)
			fail_msg("%s: %zu", list[i].regex, regex_number_group(list[i].regex));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(no_need_hides_a_match),
	    cmocka_unit_test(what_a_rule_says_plainly_is_needed),
	    cmocka_unit_test(a_number_is_told_from_what_stands_around_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
