/* SPDX-License-Identifier: Apache-2.0 */
#include "alp/matter_search.h"

#include <glib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"

/* Which pairs of neighbouring bytes a text has, each one of 256 bits: a text without the bits of a word does not have the word. */
#define PAIR_WORDS 4
struct pairs {
	uint64_t w[PAIR_WORDS];
};

struct matter {
	uint32_t at;                  /* of its text: code, '\n', name, '\n', client, NUL */
	uint32_t code_len, name_len;
	uint64_t starts;              /* with which bytes its words begin, as first_bit() */
	bool is_open;
};

struct matter_search {
	struct matter *matters;
	struct pairs *pairs;
	size_t count, capacity;
	char *texts;
	size_t text_bytes, text_capacity;
};

struct matter_search *
matter_search_new(void)
{
	return xcalloc(1, sizeof(struct matter_search));
}

struct matter_search *
matter_search_free(struct matter_search *s)
{
	if (s != NULL) {
		free(s->matters);
		free(s->pairs);
		free(s->texts);
		free(s);
	}
	return NULL;
}

size_t
matter_search_size(const struct matter_search *s)
{
	return sizeof *s + s->capacity * (sizeof *s->matters + sizeof *s->pairs) + s->text_capacity;
}

/* --- folding ----------------------------------------------------------------------------------------------------------------- */

static bool
is_ascii(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.p[i] >= 0x80)
			return false;
	return true;
}

/* Control characters part words, as '\n' parts fields. */
static void
fold_ascii(struct str s, struct buf *b)
{
	for (size_t i = 0; i < s.len; i++)
		(void)buf_addc(b, (unsigned char)s.p[i] < ' ' ? ' ' : g_ascii_tolower(s.p[i]));
}

static void
fold_character(gunichar c, struct buf *b)
{
	char utf8[8];

	if (!g_unichar_ismark(c))
		(void)buf_add(b, utf8, (size_t)g_unichar_to_utf8(c < ' ' ? ' ' : c, utf8));
}

/* In one case and without accents. What is no UTF-8 is folded as bytes. */
static void
fold(struct str s, struct buf *b)
{
	char *folded = NULL, *parts = NULL;

	if (is_ascii(s) || !g_utf8_validate(s.p, (gssize)s.len, NULL)) {
		fold_ascii(s, b);
		return;
	}
	folded = g_utf8_casefold(s.p, (gssize)s.len);
	parts = g_utf8_normalize(folded, -1, G_NORMALIZE_ALL);
	for (const char *p = parts; p != NULL && *p != '\0'; p += g_utf8_skip[(unsigned char)*p])
		fold_character(g_utf8_get_char(p), b);
	g_free(folded);
	g_free(parts);
}

static struct str
cut(struct str s, size_t max)
{
	if (s.len <= max)
		return s;
	s.len = max;
	while (s.len > 0 && ((unsigned char)s.p[s.len] & 0xc0) == 0x80)
		s.len--;
	return s;
}

static void
fold_field(const char *text, struct buf *b)
{
	fold(cut(str_of(text), MATTER_FIELD_MAX), b);
}

/* --- what a text has --------------------------------------------------------------------------------------------------------- */

static bool
in_word(char c)
{
	return g_ascii_isalnum(c) || (unsigned char)c >= 0x80;
}

/* A bit of its own for each ASCII letter and digit. */
static uint64_t
first_bit(char c)
{
	if (c >= 'a' && c <= 'z')
		return (uint64_t)1 << (c - 'a');
	if (c >= '0' && c <= '9')
		return (uint64_t)1 << (26 + c - '0');
	return (uint64_t)1 << (36 + (unsigned char)c % 28);
}

static void
add_pairs(struct pairs *pairs, struct str s)
{
	for (size_t i = 1; i < s.len; i++) {
		uint32_t pair = (uint32_t)(unsigned char)s.p[i - 1] << 8 | (unsigned char)s.p[i];
		uint32_t bit = (pair * 2654435761u) >> 24;

		pairs->w[bit / 64] |= (uint64_t)1 << (bit % 64);
	}
}

static uint64_t
starts_of(struct str s)
{
	uint64_t bits = 0;

	for (size_t i = 0; i < s.len; i++)
		if (in_word(s.p[i]) && (i == 0 || !in_word(s.p[i - 1])))
			bits |= first_bit(s.p[i]);
	return bits;
}

static void
make_room(struct matter_search *s, size_t bytes)
{
	if (s->count == s->capacity) {
		s->capacity = MAX_OF(s->capacity * 2, (size_t)64);
		s->matters = xreallocarray(s->matters, s->capacity, sizeof *s->matters);
		s->pairs = xreallocarray(s->pairs, s->capacity, sizeof *s->pairs);
	}
	while (s->text_capacity < s->text_bytes + bytes) {
		s->text_capacity = MAX_OF(s->text_capacity * 2, (size_t)4096);
		s->texts = xreallocarray(s->texts, s->text_capacity, 1);
	}
}

void
matter_search_add(struct matter_search *s, const char *code, const char *name, const char *client, bool is_open)
{
	struct buf b = BUF_INIT(64 * MATTER_FIELD_MAX);
	struct matter m = {.is_open = is_open};
	struct pairs pairs = {{0}};

	fold_field(code, &b);
	m.code_len = (uint32_t)b.len;
	(void)buf_addc(&b, '\n');
	fold_field(name, &b);
	m.name_len = (uint32_t)b.len - m.code_len - 1;
	(void)buf_addc(&b, '\n');
	fold_field(client, &b);
	m.starts = starts_of(buf_str(&b));
	add_pairs(&pairs, buf_str(&b));
	make_room(s, b.len + 1);
	m.at = (uint32_t)s->text_bytes;
	memcpy(s->texts + s->text_bytes, b.p, b.len);
	s->texts[s->text_bytes + b.len] = '\0';
	s->text_bytes += b.len + 1;
	s->matters[s->count] = m;
	s->pairs[s->count++] = pairs;
	buf_release(&b);
}

/* --- a query ----------------------------------------------------------------------------------------------------------------- */

struct query {
	struct buf text;                       /* folded, with single spaces and none at its ends */
	char words[MATTER_QUERY_MAX + 1];      /* the same; each word ends at a NUL */
	struct str word[MATTER_QUERY_WORDS];
	size_t count;
	struct pairs pairs;                    /* of all words */
	uint64_t starts;                       /* of those that are one letter or digit */
};

/* Spaces part words; everything else may be looked for: "a/b", "s.12". */
static void
split(struct query *q, struct str folded)
{
	size_t n = 0;

	for (size_t i = 0; i < folded.len && q->count < MATTER_QUERY_WORDS;) {
		size_t from = i;

		while (i < folded.len && folded.p[i] != ' ')
			i++;
		if (i > from) {
			memcpy(q->words + n, folded.p + from, i - from);
			q->word[q->count++] = (struct str){q->words + n, i - from};
			q->words[n + (i - from)] = '\0';
			n += i - from + 1;
		}
		while (i < folded.len && folded.p[i] == ' ')
			i++;
	}
}

static void
query_begin(struct query *q, struct str text)
{
	struct buf folded = BUF_INIT(MATTER_QUERY_MAX);

	*q = (struct query){.text = BUF_INIT(MATTER_QUERY_MAX)};
	fold(cut(text, MATTER_QUERY_MAX), &folded);
	split(q, buf_str(&folded));
	for (size_t i = 0; i < q->count; i++) {
		if (i > 0)
			(void)buf_addc(&q->text, ' ');
		(void)buf_add_str(&q->text, q->word[i]);
		add_pairs(&q->pairs, q->word[i]);
		if (q->word[i].len == 1 && in_word(q->word[i].p[0]))
			q->starts |= first_bit(q->word[i].p[0]);
	}
	buf_release(&folded);
}

static bool
may_match(const struct query *q, const struct pairs *p, const struct matter *m)
{
	uint64_t missing = q->starts & ~m->starts;

	for (size_t i = 0; i < PAIR_WORDS; i++)
		missing |= q->pairs.w[i] & ~p->w[i];
	return missing == 0;
}

enum rank { RANK_CODE, RANK_CODE_BEGINS, RANK_NAME_BEGINS, RANK_WORDS_BEGIN, RANK_CONTAINS, RANK_NONE };
#define RANKS ((size_t)RANK_NONE)

/* RANK_WORDS_BEGIN, RANK_CONTAINS or RANK_NONE. */
static enum rank
rank_word(const char *text, struct str word)
{
	enum rank best = RANK_NONE;

	for (const char *p = strstr(text, word.p); p != NULL; p = strstr(p + 1, word.p)) {
		if (p == text || !in_word(p[-1]) || !in_word(word.p[0]))
			return RANK_WORDS_BEGIN;
		if (word.len > 1)
			best = RANK_CONTAINS;
	}
	return best;
}

static enum rank
rank_matter(const struct query *q, const char *text, const struct matter *m)
{
	struct str whole = buf_str(&q->text);
	struct str code = {text, m->code_len}, name = {text + m->code_len + 1, m->name_len};
	enum rank worst = RANK_WORDS_BEGIN;

	if (str_starts(code, whole))
		return code.len == whole.len ? RANK_CODE : RANK_CODE_BEGINS;
	if (str_starts(name, whole))
		return RANK_NAME_BEGINS;
	for (size_t i = 0; i < q->count && worst != RANK_NONE; i++)
		worst = MAX_OF(worst, rank_word(text, q->word[i]));
	return worst;
}

/* --- the search --------------------------------------------------------------------------------------------------------------- */

/* Open ones of a rank stand before its closed ones. */
#define SHELVES (2 * RANKS)
struct shelves {
	uint32_t *rows; /* SHELVES runs of `max` */
	size_t count[SHELVES];
	size_t max;
};

static void
put(struct shelves *s, enum rank rank, bool is_open, size_t matter)
{
	size_t shelf = 2 * (size_t)rank + (is_open ? 0 : 1);

	if (s->count[shelf] < s->max)
		s->rows[shelf * s->max + s->count[shelf]++] = (uint32_t)matter;
}

static size_t
gather(const struct shelves *s, uint32_t *ret_found)
{
	size_t n = 0;

	for (size_t shelf = 0; shelf < SHELVES; shelf++)
		for (size_t i = 0; i < s->count[shelf] && n < s->max; i++)
			ret_found[n++] = s->rows[shelf * s->max + i];
	return n;
}

size_t
matter_search(const struct matter_search *s, struct str query, uint32_t *ret_found, size_t max)
{
	struct shelves shelves = {.max = MIN_OF(max, s->count)};
	struct query q;
	size_t n = 0;

	query_begin(&q, query);
	shelves.rows = xcalloc(SHELVES * shelves.max + 1, sizeof *shelves.rows);
	for (size_t i = 0; i < s->count && q.count > 0; i++) {
		enum rank rank;

		if (!may_match(&q, &s->pairs[i], &s->matters[i]))
			continue;
		rank = rank_matter(&q, s->texts + s->matters[i].at, &s->matters[i]);
		if (rank != RANK_NONE)
			put(&shelves, rank, s->matters[i].is_open, i);
	}
	n = gather(&shelves, ret_found);
	free(shelves.rows);
	buf_release(&q.text);
	return n;
}
