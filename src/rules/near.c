/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/near.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "rules/text.h"

#define GAP_BEFORE_MAX 6 /* characters between a word and the number behind it */
#define GAP_BEHIND_MAX 3
#define WORDS_MAX      6 /* of which a text near a number may be made up */
#define PAIRS          65536
#define ANY_CASE       '<'
#define AS_WRITTEN     '>'

struct entry {
	char *key; /* ANY_CASE or AS_WRITTEN, and the word */
	size_t len;
	enum near_place place;
	uint32_t rule;
};

struct near {
	struct entry *entries;
	size_t count;
	uint32_t *index; /* open addressing: entry number + 1, or 0; equal keys stand one behind the other */
	size_t room;
	/* Which two bytes are next to the number: the last ones of a word to stand before it, the first ones of one behind it. */
	uint64_t last[PAIRS / 64], first[PAIRS / 64];
};

/* What stands near the number, in the form in which words are kept. */
struct nearby {
	char text[1 + NEAR_WORD_MAX];
	size_t len;
};

struct hits {
	uint32_t *rules;
	size_t count;
};

struct near *
near_new(void)
{
	return xcalloc(1, sizeof(struct near));
}

struct near *
near_free(struct near *n)
{
	if (n == NULL)
		return NULL;
	for (size_t i = 0; i < n->count; i++)
		free(n->entries[i].key);
	free(n->entries);
	free(n->index);
	free(n);
	return NULL;
}

static struct str
key_of(const struct entry *e)
{
	return (struct str){e->key, e->len};
}

static void
index_insert(struct near *n, uint32_t number)
{
	size_t i = hash_for_own_table(key_of(&n->entries[number])) & (n->room - 1);

	while (n->index[i] != 0)
		i = (i + 1) & (n->room - 1);
	n->index[i] = number + 1;
}

static void
index_grow(struct near *n)
{
	free(n->index);
	n->room = n->room == 0 ? 256 : n->room * 2;
	n->index = xcalloc(n->room, sizeof *n->index);
	for (uint32_t i = 0; i < n->count; i++)
		index_insert(n, i);
}

static unsigned
pair(const char *two)
{
	unsigned char a = two[0] == '_' ? ' ' : (unsigned char)two[0], b = two[1] == '_' ? ' ' : (unsigned char)two[1];

	return (unsigned)a << 8 | b;
}

static bool
has_pair(const uint64_t *pairs, const char *two)
{
	unsigned p = pair(two);

	return (pairs[p / 64] & UINT64_C(1) << p % 64) != 0;
}

/* A word of one byte may have any neighbour. */
static void
add_pair(struct near *n, struct str word, enum near_place place)
{
	uint64_t *pairs = place == NEAR_BEFORE ? n->first : n->last;
	unsigned p = word.len > 1 ? pair(place == NEAR_BEFORE ? word.p : word.p + word.len - 2) : 0;

	if (word.len > 1)
		pairs[p / 64] |= UINT64_C(1) << p % 64;
	else
		memset(pairs, 0xff, sizeof n->first);
}

void
near_add(struct near *n, struct str word, enum near_place place, uint32_t rule)
{
	struct entry e = {.len = word.len + 1, .place = place, .rule = rule};

	if (word.len == 0 || word.len > NEAR_WORD_MAX)
		return;
	e.key = xcalloc(e.len, 1);
	e.key[0] = place == NEAR_BEFORE ? AS_WRITTEN : ANY_CASE;
	memcpy(e.key + 1, word.p, word.len);
	if (place != NEAR_BEFORE)
		text_small(word, e.key + 1);
	n->entries = xreallocarray(n->entries, n->count + 1, sizeof *n->entries);
	n->entries[n->count++] = e;
	add_pair(n, (struct str){e.key + 1, word.len}, place);
	if (n->room < n->count * 4)
		index_grow(n);
	else
		index_insert(n, (uint32_t)n->count - 1);
}

/* What was found from `first` on is of shorter texts, and gives way. */
static void
look_up(const struct near *n, struct str key, bool numbered, size_t first, struct hits *hits)
{
	size_t last = hits->count;

	for (size_t i = hash_for_own_table(key) & (n->room - 1); n->index[i] != 0; i = (i + 1) & (n->room - 1)) {
		const struct entry *e = &n->entries[n->index[i] - 1];

		if (!str_eq(key_of(e), key) || (e->place == NEAR_AFTER_NUMBER && !numbered))
			continue;
		if (last > first)
			hits->count = last = first;
		if (hits->count < NEAR_HITS_MAX)
			hits->rules[hits->count++] = e->rule;
	}
}

static bool
ends_with(struct str s, const char *end)
{
	size_t len = strlen(end);

	return s.len >= len && memcmp(s.p + s.len - len, end, len) == 0;
}

/* Bytes of the mark or space at the end of `s` that may stand between a word and a number; 0: there is none. */
static size_t
gap_at_end(struct str s, bool *numbered)
{
	static const struct {
		const char *text;
		bool says_number;
	} wide[] = {{"\xc2\xa0", false}, {"\xe3\x80\x80", false}, {"\xef\xbc\x9a", false}, {"°", true}, {"º", true}, {"№", true}};

	if (s.len == 0)
		return 0;
	if (s.p[s.len - 1] == '#')
		*numbered = true;
	if (memchr(" _:.#[(-\t!", s.p[s.len - 1], 10) != NULL)
		return 1;
	if ((unsigned char)s.p[s.len - 1] < 0x80)
		return 0;
	for (size_t i = 0; i < ELEMENTSOF(wide); i++) {
		if (!ends_with(s, wide[i].text))
			continue;
		*numbered = *numbered || wide[i].says_number;
		return strlen(wide[i].text);
	}
	return 0;
}

static struct str
without_gap(struct str s, bool *numbered)
{
	/* A dash between spaces parts what stands before it from the number. */
	for (int i = 0; i < GAP_BEFORE_MAX && !ends_with(s, " - "); i++) {
		size_t gap = gap_at_end(s, numbered);

		if (gap == 0)
			break;
		s.len -= gap;
	}
	return s;
}

/* Letters and digits; all of what is not ASCII is taken for letters. */
static bool
is_letter(char c)
{
	unsigned char u = (unsigned char)c;

	return u >= 0x80 || (u >= '0' && u <= '9') || (u >= 'a' && u <= 'z') || (u >= 'A' && u <= 'Z');
}

/* Writing without spaces: each character may begin a word and end one. */
static bool
is_ideograph(char c)
{
	return (unsigned char)c >= 0xe3 && (unsigned char)c <= 0xed;
}

static bool
is_continuation(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

static bool
begins_word(struct str s, size_t i)
{
	if (!is_letter(s.p[i]) || is_continuation(s.p[i]))
		return false;
	return i == 0 || is_ideograph(s.p[i]) || !is_letter(s.p[i - 1]);
}

static bool
ends_word(struct str s, size_t i)
{
	size_t last = i - 1;

	while (last > 0 && is_continuation(s.p[last]))
		last--;
	if (i < s.len && is_continuation(s.p[i]))
		return false;
	return is_letter(s.p[last]) && (i == s.len || is_ideograph(s.p[last]) || !is_letter(s.p[i]));
}

/* Runs of spaces and underscores become one space. */
static void
copy(struct nearby *to, char mark, struct str s)
{
	to->text[0] = mark;
	to->len = 1;
	for (size_t i = 0; i < s.len && to->len < sizeof to->text; i++) {
		char c = s.p[i] == '_' ? ' ' : s.p[i];

		if (c != ' ' || to->text[to->len - 1] != ' ')
			to->text[to->len++] = c;
	}
}

/* The longest text of at least so many words that ends at the end of `s`. */
static void
look_back(const struct near *n, struct str s, size_t least, bool numbered, struct hits *hits)
{
	size_t words = 0, first = hits->count;
	struct nearby nearby;
	char end[2];

	if (s.len < sizeof end || n->room == 0)
		return;
	text_small((struct str){s.p + s.len - sizeof end, sizeof end}, end);
	if (!has_pair(n->last, end))
		return;
	for (size_t i = s.len; i-- > 0 && words < WORDS_MAX && s.len - i <= NEAR_WORD_MAX;) {
		if (!begins_word(s, i) || ++words < least)
			continue;
		copy(&nearby, ANY_CASE, (struct str){s.p + i, s.len - i});
		text_small((struct str){nearby.text, nearby.len}, nearby.text);
		look_up(n, (struct str){nearby.text, nearby.len}, numbered, first, hits);
	}
}

/* Without the word at its end that says that a number follows; the same, if there is none. */
static struct str
without_number_word(struct str s)
{
#define WORD(text) {"" text, sizeof text - 1}
	static const struct str words[] = {WORD("no"), WORD("nos"), WORD("nr"), WORD("num"), WORD("number"), WORD("nummer"), WORD("numero"),
	    WORD("número"), WORD("numéro"), WORD("n"), WORD("id"), WORD("code"), WORD("ref"), WORD("reference"), WORD("is"), WORD("ending"),
	    WORD("ending in")};
#undef WORD
	char folded[16];
	struct str end = s;

	for (size_t i = 0; i < ELEMENTSOF(words); i++) {
		size_t len = words[i].len;

		if (s.len <= len || (s.p[s.len - 1] | 0x20) != words[i].p[len - 1] || is_letter(s.p[s.len - len - 1]))
			continue;
		text_small((struct str){s.p + s.len - len, len}, folded);
		if (memcmp(folded, words[i].p, len) == 0)
			end.len = MIN_OF(end.len, s.len - len);
	}
	return end;
}

static void
find_after(const struct near *n, struct str title, struct str number, struct hits *hits)
{
	struct str before = {title.p, (size_t)(number.p - title.p)};
	bool numbered = false, ignored = true;
	struct str words;

	before = without_gap(before, &numbered);
	words = without_number_word(before);
	/* What stands in brackets is not said of what stands before them. */
	if (words.len < before.len && memchr("[(-", words.p[words.len - 1], 3) == NULL)
		look_back(n, without_gap(words, &ignored), 1, true, hits);
	/* "Matter ID 22069" is not any ID. */
	look_back(n, before, hits->count > 0 ? 2 : 1, numbered, hits);
}

/* "p.a." is none. */
static bool
is_file_ending(struct str rest)
{
	return rest.len >= 3 && rest.p[0] == '.' && is_letter(rest.p[1]) && is_letter(rest.p[2]);
}

static void
find_before(const struct near *n, struct str title, struct str number, struct hits *hits)
{
	const char *at = number.p + number.len, *end = title.p + title.len;
	size_t words = 0, first = hits->count;
	struct nearby nearby;
	struct str s;

	for (int i = 0; i < GAP_BEHIND_MAX && at < end && memchr(" _+]-", *at, 5) != NULL; i++)
		at++;
	s = (struct str){at, (size_t)(end - at)};
	if (s.len < 2 || n->room == 0 || !has_pair(n->first, s.p))
		return;
	for (size_t i = 1; i <= s.len && i <= NEAR_WORD_MAX && words < WORDS_MAX; i++) {
		if (!ends_word(s, i))
			continue;
		words++;
		if (is_file_ending((struct str){s.p + i, s.len - i}))
			return;
		copy(&nearby, AS_WRITTEN, (struct str){s.p, i});
		look_up(n, (struct str){nearby.text, nearby.len}, true, first, hits);
	}
}

size_t
near_find(const struct near *n, struct str title, struct str number, uint32_t rules[NEAR_HITS_MAX])
{
	struct hits hits = {.rules = rules};

	find_after(n, title, number, &hits);
	find_before(n, title, number, &hits);
	return hits.count;
}
