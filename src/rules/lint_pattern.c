/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <string.h>

#include "base/buf.h"
#include "rules/lint_internal.h"
#include "rules/regex_sample.h"
#include "rules/rules.h"
#include "rules/text.h"

#define SAMPLES       24
#define PIECES_MAX    12  /* of them and of the examples, that hostile titles are made of */
#define PIECE_MAX     200 /* bytes */
#define ALPHABET_MAX  24  /* characters */
/* Of the longest titles made for a pattern so many may be given up, one in that many: some titles are long enough for whatever looks at what it
 * passed over again. Of titles as long as people see, none may. */
#define GIVEN_UP_MANY 8
#define COMMON_MAX    200 /* bytes */
/* What a search costs that no work is counted for. */
#define WORK_A_FIND   20
#define FINDS_MAX     20 /* in one title */

struct pieces {
	char texts[PIECES_MAX][PIECE_MAX];
	size_t lens[PIECES_MAX], count;
	char letters[ALPHABET_MAX][4];
	size_t letter_lens[ALPHABET_MAX], letter_count;
};

/* --- what it cannot match ------------------------------------------------------------------------------------------------------- */

/* Both see the same text: the pattern as its regex says, and as the rule says. */
struct both {
	struct matcher *matcher;
	struct pattern *plain, *stated;
	struct pattern_def plain_def;
};

static int
both_init(struct both *b, struct matcher *m, const struct pattern_def *def)
{
	int r;

	*b = (struct both){.matcher = m, .plain_def = {.regex = def->regex, .caseless = def->caseless}};
	r = pattern_new(m, &b->plain_def, &b->plain);
	return r < 0 ? r : pattern_new(m, def, &b->stated);
}

static void
both_release(struct both *b)
{
	pattern_free(b->plain);
	pattern_free(b->stated);
}

static bool
is_silenced(struct both *b, struct str text)
{
	struct str found;

	return pattern_find(b->matcher, b->plain, text, 0, &found) && !pattern_find(b->matcher, b->stated, text, 0, &found) &&
	       !matcher_ran_into_limit(b->matcher);
}

static void
note_silenced(struct lint *l, const struct rule_head *head, const struct pattern_def *def, struct str text)
{
	if (def->literal != NULL && !text_contains(text, str_of(def->literal)))
		rule_notes_add(l->notes, head->line, LINT_NEVER, head->id,
		    "match finds \"%.*s\", but literal \"%s\" is not in it: the rule passes it over", STR_ARG(text), def->literal);
	else
		rule_notes_add(l->notes, head->line, LINT_NEVER, head->id,
		    "match finds \"%.*s\", but there are no %u digits in a row in it: the rule passes it over", STR_ARG(text), def->digits);
}

/* In capital letters, which a pattern for any case finds too. */
static struct str
capitals(struct str text, char out[PIECE_MAX])
{
	text = text_cut(text, PIECE_MAX);
	for (size_t i = 0; i < text.len; i++)
		out[i] = (char)toupper((unsigned char)text.p[i]);
	return (struct str){out, text.len};
}

static void
lint_statements(struct lint *l, struct both *b, const struct rule_head *head, const struct pattern_def *def)
{
	_cleanup_(buf_release) struct buf sample = BUF_INIT(RULES_TITLE_MAX);
	char capital[PIECE_MAX];

	if (def->literal == NULL && def->digits == 0)
		return;
	for (uint32_t seed = 0; seed < SAMPLES + head->example_count; seed++) {
		struct str text;

		buf_clear(&sample);
		if (seed < SAMPLES)
			(void)regex_sample(def->regex, seed, &sample);
		text = seed < SAMPLES ? buf_str(&sample) : str_of(head->examples[seed - SAMPLES].title);
		if (!is_silenced(b, text))
			text = def->caseless ? capitals(text, capital) : STR("");
		if (!is_silenced(b, text))
			continue;
		note_silenced(l, head, def, text);
		return;
	}
}

static void
lint_prefix(struct lint *l, struct both *b, const struct rule_head *head, const char *if_prefix)
{
	if (if_prefix != NULL && !pattern_may_begin(b->matcher, b->plain, str_of(if_prefix)))
		rule_notes_add(l->notes, head->line, LINT_NEVER, head->id, "a title that begins with if_prefix \"%s\" cannot match", if_prefix);
}

/* --- what it costs -------------------------------------------------------------------------------------------------------------- */

static bool
is_inside(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

static void
add_letters(struct pieces *p, struct str text)
{
	for (size_t i = 0, next; i < text.len && p->letter_count < ALPHABET_MAX; i = next) {
		bool known = false;

		for (next = i + 1; next < text.len && is_inside(text.p[next]); next++)
			;
		for (size_t k = 0; k < p->letter_count; k++)
			known = known || (p->letter_lens[k] == next - i && memcmp(p->letters[k], text.p + i, next - i) == 0);
		if (known || next - i > sizeof p->letters[0])
			continue;
		memcpy(p->letters[p->letter_count], text.p + i, next - i);
		p->letter_lens[p->letter_count++] = next - i;
	}
}

static void
add_piece(struct pieces *p, struct str text)
{
	text = text_cut(text, PIECE_MAX);
	for (size_t i = 0; i < p->count; i++)
		if (str_eq(text, (struct str){p->texts[i], p->lens[i]}))
			return;
	if (text.len == 0 || p->count == PIECES_MAX)
		return;
	memcpy(p->texts[p->count], text.p, text.len);
	p->lens[p->count++] = text.len;
	add_letters(p, text);
}

static void
find_pieces(struct pieces *p, const struct rule_head *head, const char *regex)
{
	_cleanup_(buf_release) struct buf sample = BUF_INIT(RULES_TITLE_MAX);

	for (uint32_t seed = 0; seed < SAMPLES && p->count < PIECES_MAX - 3; seed++) {
		buf_clear(&sample);
		(void)regex_sample(regex, seed, &sample);
		add_piece(p, buf_str(&sample));
	}
	for (size_t i = 0; i < head->example_count; i++)
		add_piece(p, str_of(head->examples[i].title));
}

/* A title on its way, and how long it may be. */
struct title {
	char bytes[RULES_TITLE_MAX];
	size_t max;
};

static struct str
fill(struct title *title, struct str head, struct str body, struct str tail)
{
	char *out = title->bytes;
	size_t len = head.len;

	memcpy(out, head.p, head.len);
	for (; body.len > 0 && len + body.len + tail.len <= title->max; len += body.len)
		memcpy(out + len, body.p, body.len);
	memcpy(out + len, tail.p, tail.len);
	return (struct str){out, len + tail.len};
}

static struct str
without_first(struct str s)
{
	size_t n = s.len > 0;

	while (n < s.len && is_inside(s.p[n]))
		n++;
	return (struct str){s.p + n, s.len - n};
}

static struct str
without_last(struct str s)
{
	while (s.len > 0 && is_inside(s.p[--s.len]))
		;
	return s;
}

/* Where a match must have a certain byte at its end, it must be there all the same. */
static struct str
late(struct str piece, char out[PIECE_MAX + 1])
{
	out[0] = '\n';
	memcpy(out + 1, piece.p, piece.len);
	return (struct str){out, piece.len + 1};
}

/* What the pattern eats over and over, and then not what it waits for, or too late. */
#define WAYS_WITH_PIECE 5
static struct str
hostile_of_piece(struct str piece, unsigned way, struct title *out)
{
	char end[PIECE_MAX + 1];

	switch (way) {
	case 0:
		return fill(out, STR(""), piece, STR("\x01"));
	case 1:
		return fill(out, STR(""), without_last(piece), STR("\x01"));
	case 2:
		return fill(out, STR(""), without_last(piece), late(piece, end));
	case 3:
		return fill(out, STR(""), without_first(piece), without_last(piece));
	default:
		return fill(out, piece, without_first(piece), STR("\n"));
	}
}

#define WAYS_WITH_LETTER 4
static struct str
hostile_of_letter(struct str letter, struct str piece, unsigned way, struct title *out)
{
	char pair[8], end[PIECE_MAX + 1];

	memcpy(pair, letter.p, letter.len);
	pair[letter.len] = ' ';
	switch (way) {
	case 0:
		return fill(out, without_last(piece), letter, STR("\x01"));
	case 1:
		return fill(out, STR(""), letter, without_last(piece));
	case 2:
		return fill(out, STR(""), letter, late(piece, end));
	default:
		return fill(out, STR(""), (struct str){pair, letter.len + 1}, late(piece, end));
	}
}

struct cost {
	struct matcher *matcher;
	const struct pattern *pattern;
	size_t titles, given_up, short_given_up;
	char example[PIECE_MAX + 1]; /* what the first title that was given up is made of */
};

/* Every match, as replacing does, each with all the work that a title may cost: one search that takes more is the pattern's own fault. */
static void
try_title(struct lint *l, struct cost *c, struct str title, struct str made_of)
{
	struct str whole, part;
	size_t from = 0, finds = 0;
	bool found = true;

	for (c->titles++; found && finds < FINDS_MAX; finds++) {
		matcher_subject(c->matcher, title);
		found = pattern_find_from(c->matcher, c->pattern, title, from, 0, &whole, &part);
		l->work_left -= MIN_OF(l->work_left, matcher_work(c->matcher) + WORK_A_FIND);
		if (found)
			from = (size_t)(whole.p - title.p) + MAX_OF(whole.len, 1u);
	}
	if (!matcher_ran_into_limit(c->matcher))
		return;
	if (c->given_up++ == 0 || (title.len <= COMMON_MAX && c->short_given_up == 0)) {
		memcpy(c->example, made_of.p, made_of.len);
		c->example[made_of.len] = '\0';
	}
	c->short_given_up += title.len <= COMMON_MAX;
}

static void
try_pieces(struct lint *l, struct cost *c, const struct pieces *p, size_t max)
{
	struct title out = {.max = max};

	for (size_t i = 0; i < p->count; i++) {
		struct str piece = text_cut((struct str){p->texts[i], p->lens[i]}, max / 4);

		for (unsigned way = 0; way < WAYS_WITH_PIECE; way++)
			try_title(l, c, hostile_of_piece(piece, way, &out), piece);
	}
	for (size_t i = 0; i < p->letter_count; i++) {
		struct str letter = {p->letters[i], p->letter_lens[i]};
		struct str piece = text_cut((struct str){p->texts[i % p->count], p->lens[i % p->count]}, max / 4);

		for (unsigned way = 0; way < WAYS_WITH_LETTER; way++)
			try_title(l, c, hostile_of_letter(letter, piece, way, &out), letter);
	}
}

static void
lint_cost(struct lint *l, struct both *b, const struct rule_head *head, const struct pattern_def *def)
{
	struct pieces pieces = {.count = 0};
	struct cost c = {.matcher = b->matcher, .pattern = b->stated};

	if (l->work_left == 0 && !l->tired)
		rule_notes_add(l->notes, head->line, LINT_SLOW, head->id, "the patterns before it took so much work that this one and those behind it were not tried");
	l->tired = l->tired || l->work_left == 0;
	if (l->tired)
		return;
	find_pieces(&pieces, head, def->regex);
	try_pieces(l, &c, &pieces, COMMON_MAX);
	try_pieces(l, &c, &pieces, RULES_TITLE_MAX);
	if (c.short_given_up > 0 || c.given_up * GIVEN_UP_MANY > c.titles)
		rule_notes_add(l->notes, head->line, LINT_SLOW, head->id,
		    "of %zu titles made of what it matches %zu take so long that it is given up, such as one of \"%s\"", c.titles, c.given_up,
		    c.example);
}

int
lint_pattern(struct lint *l, const struct rule_head *head, const struct pattern_def *def, const char *if_prefix)
{
	struct matcher *m;
	struct both b;
	int r;

	if (def->regex == NULL)
		return 0;
	m = matcher_new();
	r = both_init(&b, m, def);
	if (r == 0) {
		lint_statements(l, &b, head, def);
		lint_prefix(l, &b, head, if_prefix);
		lint_cost(l, &b, head, def);
	}
	both_release(&b);
	matcher_free(m);
	return r;
}
