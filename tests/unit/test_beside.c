/* SPDX-License-Identifier: Apache-2.0 */
/* What must stand beside a pattern's number, or in front of it, never hides a match of PCRE2, and says enough of patterns as rules have them. */
#include "unit.h"

#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/buf.h"
#include "rules/beside.h"
#include "rules/lead.h"
#include "rules/regex_tree.h"

#define PATTERNS 60000
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
    "[0-9]{5}", "[0-9]{5}", "[0-9]{5}", "([0-9]{4})", "[0-9]{4,}", "[0-9]{4,6}", "[0-9]+", "[0-9]", "\\d{5}", "1", "22069", "a", "K", "s", " ", "_", "-", ".", "\\.",
    "é", "–", "\u212a", "\\x{2013}", "\\x41", "\\s", "\\S", "\\w", "\\W", "\\D", "\\h", "\\V", "\\b", "\\B", "\\p{L}", "\\P{L}", "\\p{Lu}", "\\p{Nd}", "\\p{Sc}", "\\p{P}",
    "[-a]", "[^a]", "[^0-9]", "[^\\S]", "[]a]", "[^]a]", "[a-z_]", "[\\w.]", "[^\\w –]", "[é-ü]", "[!-~]", "[\\p{L}0-9]", "[[:alpha:]]", "^", "$", "\\A", "\\z", "\\Z",
    "(?![0-9])", "(?<![0-9])", "(?=[ _][0-9])", "(?<=[_ ]|^)", "(?=$|_)", "(?<=[0-9]-[0-9]{5})", "(?<=a)", "\\1", "\\K", "(?i)", "(?m)", "\\n", "x?", "(?:a|)",
};
static const char *const REPEATS[] = {"", "", "", "", "", "", "", "*", "+", "?", "*?", "++", "{2}", "{0}", "{0,2}", "{1,3}", "{3,}", "{,2}"};
static const char *const OPENINGS[] = {"(", "(?:", "(?:", "(?>", "(?=", "(?!", "(?<=", "(?<!", "(?i:", "(?<n>", "(?|"};
static const char *const PIECES[] = {"22069", "22069", "2206", "123456", "1", "0", "a", "A", "k", "K", "S", "ſ", "\u212a", " ", "_", "-", ".", "é", "É", "–", "$", "€", "\n", "٣", "x", "z", "~", "\001"};

static void
add_sequence(struct buf *b, uint32_t *seed, unsigned depth)
{
	for (uint32_t items = next_random(seed) % 3 + 1; items > 0; items--) {
		if (depth < 3 && next_random(seed) % 4 == 0) {
			buf_addz(b, PICK(OPENINGS, seed));
			add_sequence(b, seed, depth + 1);
			buf_addc(b, ')');
		} else {
			buf_addz(b, PICK(ATOMS, seed));
		}
		buf_addz(b, PICK(REPEATS, seed));
	}
	if (next_random(seed) % 4 == 0) {
		buf_addc(b, '|');
		add_sequence(b, seed, depth);
	}
}

/* Something, a number, something. */
static void
make_regex(struct buf *b, uint32_t *seed)
{
	buf_clear(b);
	for (int i = 0; i < 3; i++) {
		if (i == 1)
			buf_addz(b, "[0-9]{5}");
		else if (next_random(seed) % 3 != 0)
			add_sequence(b, seed, 1);
	}
}

static void
make_title(struct buf *b, uint32_t *seed)
{
	buf_clear(b);
	for (uint32_t pieces = next_random(seed) % 4; pieces > 0; pieces--)
		buf_addz(b, PICK(PIECES, seed));
	buf_addz(b, next_random(seed) % 8 == 0 ? "" : "22069");
	for (uint32_t pieces = next_random(seed) % 4; pieces > 0; pieces--)
		buf_addz(b, PICK(PIECES, seed));
}

static pcre2_code *
compile(const char *regex, bool caseless)
{
	PCRE2_SIZE offset;
	int error;

	return pcre2_compile((PCRE2_SPTR)regex, PCRE2_ZERO_TERMINATED, PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C | (caseless ? PCRE2_CASELESS : 0u), &error,
			     &offset, NULL);
}

static bool
matches(const pcre2_code *code, struct str title)
{
	pcre2_match_data *data = pcre2_match_data_create(1, NULL);
	int r = pcre2_match(code, (PCRE2_SPTR)title.p, title.len, 0, 0, data, NULL);

	pcre2_match_data_free(data);
	return r >= 0;
}

struct tally {
	size_t known, matches, rejected;
};

static void
try_pattern(const char *regex, bool caseless, uint32_t *seed, struct tally *t)
{
	_cleanup_(buf_release) struct buf title = BUF_INIT(1000);
	pcre2_code *code = compile(regex, caseless);
	struct beside *b = code != NULL ? beside_of_regex(regex, caseless) : NULL;

	for (int i = 0; b != NULL && i < TITLES; i++) {
		struct numbers numbers;
		bool met, found;

		make_title(&title, seed);
		numbers_read(buf_str(&title), &numbers);
		met = beside_met(b, &numbers);
		found = matches(code, buf_str(&title));
		if (found && !met)
			fail_msg("%s%s on \"%s\"", regex, caseless ? " in any case" : "", title.p);
		t->matches += found;
		t->rejected += !met;
	}
	t->known += b != NULL;
	beside_free(b);
	pcre2_code_free(code);
}

static void
it_never_hides_a_match(void **state)
{
	_cleanup_(buf_release) struct buf regex = BUF_INIT(4096);
	struct tally t = {0};
	uint32_t seed = 20261123;

	(void)state;
	for (int i = 0; i < PATTERNS; i++) {
		make_regex(&regex, &seed);
		if (regex.error == 0)
			try_pattern(regex.p, next_random(&seed) % 3 == 0, &seed, &t);
	}
	print_message("%zu patterns, %zu matches, %zu titles not tried\n", t.known, t.matches, t.rejected);
	/* Or it would have compared nothing with nothing. */
	assert_true(t.known > PATTERNS / 20 && t.matches > PATTERNS / 20 && t.rejected > PATTERNS);
}

/* What matches first at or behind `from`, and its first group. */
static int
first_match(const pcre2_code *code, struct str title, size_t from, PCRE2_SIZE ret_at[4])
{
	pcre2_match_data *data = pcre2_match_data_create(2, NULL);
	int r = pcre2_match(code, (PCRE2_SPTR)title.p, title.len, from, 0, data, NULL);

	for (int i = 0; i < 4; i++)
		ret_at[i] = r > i / 2 || (r == 0 && i < 4) ? pcre2_get_ovector_pointer(data)[i] : PCRE2_UNSET;
	pcre2_match_data_free(data);
	return r;
}

static void
try_lead(const char *regex, bool caseless, uint32_t *seed, struct tally *t)
{
	_cleanup_(buf_release) struct buf title = BUF_INIT(1000);
	pcre2_code *code = compile(regex, caseless);
	struct lead lead = code != NULL ? lead_of_regex(regex, caseless) : (struct lead){0};

	for (int i = 0; lead.digits > 0 && i < TITLES; i++) {
		PCRE2_SIZE whole[4], led[4];
		size_t from = 0, start;
		int r, s = PCRE2_ERROR_NOMATCH;

		make_title(&title, seed);
		if (title.len > 0 && next_random(seed) % 2 == 0)
			from = next_random(seed) % title.len;
		while (from > 0 && ((unsigned char)title.p[from] & 0xc0) == 0x80)
			from--;
		start = lead_start(&lead, buf_str(&title), from);
		r = first_match(code, buf_str(&title), from, whole);
		if (start <= title.len)
			s = first_match(code, buf_str(&title), start, led);
		if (r != s || (r >= 0 && memcmp(whole, led, sizeof led) != 0))
			fail_msg("%s%s on \"%s\" from %zu, %zu: %d %d", regex, caseless ? " in any case" : "", title.p, from, start, r, s);
		t->matches += r >= 0;
		t->rejected += start > from;
	}
	t->known += lead.digits > 0;
	pcre2_code_free(code);
}

static void
no_match_begins_before_its_lead(void **state)
{
	_cleanup_(buf_release) struct buf regex = BUF_INIT(4096);
	struct tally t = {0};
	uint32_t seed = 20261124;

	(void)state;
	for (int i = 0; i < PATTERNS; i++) {
		make_regex(&regex, &seed);
		/* PCRE2 takes a pattern for anchored that begins with no times of something anchored. */
		if (regex.error == 0 && strstr(regex.p, "){0}") == NULL)
			try_lead(regex.p, next_random(&seed) % 3 == 0, &seed, &t);
	}
	print_message("%zu patterns, %zu matches, %zu titles not tried from their start\n", t.known, t.matches, t.rejected);
	assert_true(t.known > PATTERNS / 20 && t.matches > PATTERNS / 20 && t.rejected > PATTERNS);
}

static void
a_search_begins_where_its_number_does(void **state)
{
	static const struct {
		const char *regex, *title;
		size_t from, start;
	} list[] = {
	    {"_(\\d{5})_", "Deed_of_22069_x", 0, 7},
	    {"(?:^|[_\\s]|\\x{3000})(\\d{5})", "22069 a 12345", 0, 0},
	    {"(?:^|[_\\s]|\\x{3000})(\\d{5})", "22069 a 12345", 5, 7},
	    {"(?:^|[_\\s]|\\x{3000})(\\d{5})", "22069 a 1234", 5, 13},
	    {"(?:^|[_\\s]|\\x{3000})(\\d{5})", "ab\xe3\x80\x80\xd9\xa1 22069", 0, 1},
	    {"(?:RE|FW)-?[0-9]{4,6}|[0-9]{5}", "some RE-22069", 0, 5},
	    {"(?:RE|FW)-?[0-9]{4,6}|[0-9]{5}", "some RE-220", 0, 12},
	    {"a*[0-9]{5}", "some 22069", 0, 0},
	    {"[0-9]", "some 22069", 0, 0},
	    {"\\G[0-9]{5}", "some 22069", 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(list); i++) {
		struct lead lead = lead_of_regex(list[i].regex, false);

		if (lead_start(&lead, str_of(list[i].title), list[i].from) != list[i].start)
			fail_msg("%s on %s: %zu", list[i].regex, list[i].title, lead_start(&lead, str_of(list[i].title), list[i].from));
	}
}

/* A class that the tree gets wrong would seldom meet the one character that shows it. */
static void
classes_are_those_of_the_engine(void **state)
{
	static const char *const classes[] = {
	    "\\s", "\\S", "\\d", "\\D", "\\w", "\\W", "\\h", "\\H", "\\v", "\\V", ".", "\\p{L}", "\\P{L}", "\\p{Latin}", "\\P{Latin}", "\\p{Lu}", "\\P{Lu}", "\\p{Ll}", "\\p{N}",
	    "\\p{Nd}", "\\P{Nd}", "\\p{M}", "\\p{Greek}", "\\p{Cyrillic}", "\\p{Han}", "\\p{Sc}", "\\P{Sc}", "[^\\p{L}\\p{M}\\p{N}\\p{Sc}.]", "[^\\W_]", "[^é]", "[^ſ]", "[ſ]", "[^k]", "k",
	    "\\x{212a}", "[\\x{100}-\\x{200}]", "[^\\x{100}-\\x{200}]", "[!-\\x7f]", "[^!-~]", "[a-]", "[-a]", "[+--]", "[^\\]\\[]", "[\\t-\\r]", "\\e", "\\a", "\\$",
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(classes) * 2; i++) {
		const char *regex = classes[i / 2];
		struct regex_tree *t = regex_tree_new(regex, i % 2 == 1);
		pcre2_code *code = compile(regex, i % 2 == 1);
		const struct node *n;

		assert_non_null(t);
		assert_non_null(code);
		n = regex_tree_root(t)->child->child;
		assert_int_equal(n->kind, NODE_CHAR);
		for (uint32_t c = 1; c < 0x2200; c++) {
			char bytes[4] = {(char)c};
			size_t len = 1;

			if (c >= 0x800) {
				memcpy(bytes, (char[]){(char)(0xe0 | c >> 12), (char)(0x80 | (c >> 6 & 0x3f)), (char)(0x80 | (c & 0x3f))}, len = 3);
			} else if (c >= 0x80) {
				memcpy(bytes, (char[]){(char)(0xc0 | c >> 6), (char)(0x80 | (c & 0x3f))}, len = 2);
			}
			if (matches(code, (struct str){bytes, len}) && !symbols_has(&n->may, symbol_of(bytes[0])))
				fail_msg("%s: U+%04x", regex, (unsigned)c);
		}
		pcre2_code_free(code);
		regex_tree_free(t);
	}
}

static void
rules_as_they_are_written_need_something(void **state)
{
	static const struct {
		const char *regex, *title;
		bool met;
	} list[] = {
	    {"[0-9]{5}\\s(?:items|files)", "22069 items", true},
	    {"[0-9]{5}\\s(?:items|files)", "122069 from here", true},
	    {"[0-9]{5}\\s(?:items|files)", "Deed 22069 - Word", false},
	    {"[0-9]{5}\\s(?:items|files)", "2206 items", false},
	    {"(?:RE|FW)-[0-9]{5}", "RE-22069", true},
	    {"(?:RE|FW)-[0-9]{5}", "LE-22069", true},
	    {"(?:RE|FW)-[0-9]{5}", "LR-22069", false},
	    {"^[\\s_#]*([0-9]{5})(?!\\p{L})", "22069", true},
	    {"^[\\s_#]*([0-9]{5})(?!\\p{L})", "#22069", true},
	    {"^[\\s_#]*([0-9]{5})(?!\\p{L})", "Deed 22069", false},
	    {"(?<![0-9])[0-9]{5}(?![0-9])(?:(?=[-.][0-9])(?=-20)|(?<=[0-9] [0-9]{5})|(?i:x|yy)$)", "1 22069", true},
	    {"(?<![0-9])[0-9]{5}(?![0-9])(?:(?=[-.][0-9])(?=-20)|(?<=[0-9] [0-9]{5})|(?i:x|yy)$)", "22069-2", true},
	    {"(?<![0-9])[0-9]{5}(?![0-9])(?:(?=[-.][0-9])(?=-20)|(?<=[0-9] [0-9]{5})|(?i:x|yy)$)", "22069.2", false},
	    {"(?<![0-9])[0-9]{5}(?![0-9])(?:(?=[-.][0-9])(?=-20)|(?<=[0-9] [0-9]{5})|(?i:x|yy)$)", "22069YY", true},
	    {"(?<![0-9])[0-9]{5}(?![0-9])(?:(?=[-.][0-9])(?=-20)|(?<=[0-9] [0-9]{5})|(?i:x|yy)$)", "a 22069 b", false},
	    {"[0-9]{5}\\.$", "22069.", true},
	    {"[0-9]{5}\\.$", "22069.pdf", false},
	    {"[0-9]{5}\\.$", "1111a 2222a 3333a 4444a 5555a 6666a 7777a 8888a 9999a 22069.", true},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(list); i++) {
		struct beside *b = beside_of_regex(list[i].regex, false);
		struct numbers numbers;

		assert_non_null(b);
		numbers_read(str_of(list[i].title), &numbers);
		if (beside_met(b, &numbers) != list[i].met)
			fail_msg("%s on %s", list[i].regex, list[i].title);
		beside_free(b);
	}
}

static void
what_says_nothing_needs_nothing(void **state)
{
	static const char *const list[] = {
	    "", "x", "[0-9]{5}", "[0-9]{5}|[0-9]{5}x", "[0-9]{3}x", "\\d{5}x", "(?:[0-9]{5}x)?", "[0-9]{5}x?", "(?![0-9]{5}x)", "(?x)[0-9]{5}x", "(?m)^[0-9]{5}", "[0-9]{5}\\Kx",
	    "[0-9]{5}[0-9]x*", "(*ACCEPT)[0-9]{5}x", "([0-9]{5}x)|\\1", "\\Q[0-9]{5}x\\E",
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(list); i++)
		if (beside_of_regex(list[i], false) != NULL)
			fail_msg("%s", list[i]);
}

/* Repeated groups in repeated groups: who reads them has an end of work, and then knows nothing. */
static void
a_regex_made_to_hurt_is_given_up(void **state)
{
	_cleanup_(buf_release) struct buf regex = BUF_INIT(4096);

	(void)state;
	buf_addz(&regex, "[0-9]{5}");
	for (int i = 0; i < 19; i++)
		buf_addz(&regex, "(?:a?");
	for (int i = 0; i < 19; i++)
		buf_addz(&regex, "){1,3}");
	for (int i = 0; i < 400; i++)
		buf_addz(&regex, "(a|b?)?");
	assert_null(beside_of_regex(regex.p, true));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(it_never_hides_a_match),
	    cmocka_unit_test(no_match_begins_before_its_lead),
	    cmocka_unit_test(a_search_begins_where_its_number_does),
	    cmocka_unit_test(classes_are_those_of_the_engine),
	    cmocka_unit_test(rules_as_they_are_written_need_something),
	    cmocka_unit_test(what_says_nothing_needs_nothing),
	    cmocka_unit_test(a_regex_made_to_hurt_is_given_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
