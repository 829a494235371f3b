/* SPDX-License-Identifier: Apache-2.0 */
/* The two symbols that may follow at a place of the regex are a set of pairs. It is made from the end to the place: what an item does to the pairs
 * behind it gives those before it. What may stand in front is made the other way round. */
#include "rules/beside.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "rules/regex_tree.h"

/* More pairs than that say too little. */
#define PAIRS_USEFUL 12000u
/* Each of these stands beside numbers as often as many others together. */
#define OFTEN        " ._-"
#define OFTEN_WEIGHT 12

/* By the symbol next to the place, the ones behind that. */
struct pairs {
	struct symbols of[SYMBOLS];
};

struct beside {
	unsigned digits; /* a run of them, at least so long, */
	struct pairs before, behind; /* has one of these in front or one of those behind it */
};

/* What is known so far, and how many titles have it, about; NOTHING_KNOWN: nothing. */
struct condition {
	struct beside beside;
	unsigned cost;
};
#define NOTHING_KNOWN UINT32_MAX

enum direction { FORTH, BACK };

/* Groups in groups, each repeated, would be looked at over and over. Who has no work left takes it that anything may be there. */
#define WORK_MAX 10000u

struct walk {
	unsigned left;
};

/* Where a part of the regex stands: what may be on both sides of it, and of how many digits the number is that ends or begins there (0: none). */
struct place {
	struct pairs before, behind;
	unsigned digits_before, digits_behind;
};

static void look(struct walk *w, const struct node *alternatives, enum direction direction, struct pairs *pairs);
static void alternatives_need(struct walk *w, const struct node *alternatives, const struct place *place, struct condition *ret);

static void
pairs_any(struct pairs *p)
{
	for (unsigned i = 0; i < SYMBOLS; i++)
		p->of[i] = (struct symbols){{UINT64_MAX, UINT64_MAX}};
}

static bool
is_none(const struct symbols *s)
{
	return (s->bits[0] | s->bits[1]) == 0;
}

static struct symbols
nearest_of(const struct pairs *p)
{
	struct symbols s = {{0}};

	for (unsigned i = 0; i < SYMBOLS; i++)
		if (!is_none(&p->of[i]))
			symbols_add(&s, i);
	return s;
}

static void
pairs_unite(struct pairs *p, const struct pairs *other)
{
	for (unsigned i = 0; i < SYMBOLS; i++)
		for (int k = 0; k < 2; k++)
			p->of[i].bits[k] |= other->of[i].bits[k];
}

static void
pairs_intersect(struct pairs *p, const struct pairs *other)
{
	for (unsigned i = 0; i < SYMBOLS; i++)
		for (int k = 0; k < 2; k++)
			p->of[i].bits[k] &= other->of[i].bits[k];
}

/* A character outside ASCII has at least two bytes. */
static void
put_character(const struct symbols *may, struct pairs *p)
{
	struct symbols next = nearest_of(p), other = next;

	symbols_add(&other, SYMBOL_OTHERS);
	for (unsigned i = 0; i < SYMBOLS; i++) {
		p->of[i] = (struct symbols){{0}};
		if (symbols_has(may, i))
			p->of[i] = i == SYMBOL_OTHERS ? other : next;
	}
}

/* Nothing but the edge of the title is there, or the line feed before its end. */
static void
put_edge(bool line_feed, struct pairs *p)
{
	struct pairs edge = {.of = {{{0}}}};

	symbols_add(&edge.of[SYMBOL_NONE], SYMBOL_NONE);
	if (line_feed)
		symbols_add(&edge.of['\n'], SYMBOL_NONE);
	pairs_intersect(p, &edge);
}

static void
put_once(struct walk *w, const struct node *n, enum direction direction, struct pairs *p)
{
	struct pairs seen;

	if (w->left == 0) {
		pairs_any(p);
		return;
	}
	w->left--;
	if (n->kind == NODE_CHAR) {
		put_character(&n->may, p);
	} else if (n->kind == NODE_GROUP) {
		look(w, n, direction, p);
	} else if (n->kind == (direction == FORTH ? NODE_AHEAD : NODE_BEHIND)) {
		pairs_any(&seen);
		look(w, n, direction, &seen);
		pairs_intersect(p, &seen);
	} else if (n->kind == (direction == FORTH ? NODE_END : NODE_BEGIN)) {
		put_edge(direction == FORTH, p);
	}
}

static bool
has_width(const struct node *n)
{
	return n->kind == NODE_CHAR || n->kind == NODE_GROUP;
}

/* What stands there more than twice is as what stands there twice: only two symbols are looked at. */
static void
put(struct walk *w, const struct node *n, enum direction direction, struct pairs *p)
{
	if (n->most > n->least && n->least < 2 && has_width(n)) {
		struct pairs without = *p, with;

		for (unsigned i = 0; i < MIN_OF(n->most - n->least, 2u); i++) {
			with = *p;
			put_once(w, n, direction, &with);
			*p = without;
			pairs_unite(p, &with);
		}
	}
	for (unsigned i = 0; i < MIN_OF(n->least, 2u); i++)
		put_once(w, n, direction, p);
}

/* The items from the one at the far end to `from`. */
static void
look_at_items(struct walk *w, const struct node *sequence, const struct node *end, enum direction direction, struct pairs *p)
{
	const struct node *item = direction == FORTH ? sequence->last_child : sequence->child;

	for (; item != end; item = direction == FORTH ? item->prev : item->next)
		put(w, item, direction, p);
}

static void
look(struct walk *w, const struct node *alternatives, enum direction direction, struct pairs *pairs)
{
	struct pairs all = {.of = {{{0}}}};

	for (const struct node *s = alternatives->child; s != NULL; s = s->next) {
		struct pairs one = *pairs;

		look_at_items(w, s, NULL, direction, &one);
		pairs_unite(&all, &one);
	}
	*pairs = all;
}

static unsigned
bits_of(const struct symbols *s)
{
	return (unsigned)(__builtin_popcountll(s->bits[0]) + __builtin_popcountll(s->bits[1]));
}

static unsigned
cost_of(const struct pairs *p)
{
	unsigned cost = 0;

	for (unsigned i = 0; i < SYMBOLS; i++)
		cost += bits_of(&p->of[i]);
	for (const char *c = OFTEN; *c != '\0'; c++)
		cost += bits_of(&p->of[(unsigned char)*c]) * OFTEN_WEIGHT;
	return cost;
}

/* Where digits may go on, nobody knows where the number ends. */
static bool
may_be_digit(const struct pairs *p)
{
	for (unsigned i = '0'; i <= '9'; i++)
		if (!is_none(&p->of[i]))
			return true;
	return false;
}

/* Of two things that are both needed the better one is kept. */
static void
offer(struct condition *c, unsigned digits, const struct pairs *pairs, enum direction direction)
{
	unsigned cost = cost_of(pairs);

	if (digits < BESIDE_DIGITS_MIN || may_be_digit(pairs) || cost > PAIRS_USEFUL || cost >= c->cost)
		return;
	*c = (struct condition){.beside = {.digits = digits}, .cost = cost};
	*(direction == FORTH ? &c->beside.behind : &c->beside.before) = *pairs;
}

/* How many digits of ASCII the item is at least; 0: it may be something else. */
static unsigned
digits_of(const struct node *n)
{
	static const struct symbols digits = {{UINT64_C(0x3ff) << '0', 0}};

	if (n->kind == NODE_GROUP && n->least == 1 && n->most == 1 && n->child == n->last_child && n->child->child != NULL &&
	    n->child->child == n->child->last_child)
		return digits_of(n->child->child);
	if (n->kind != NODE_CHAR || n->may.bits[0] != digits.bits[0] || n->may.bits[1] != digits.bits[1])
		return 0;
	return n->least;
}

static unsigned
digits_behind(const struct node *item, unsigned at_end)
{
	while (item != NULL && !has_width(item))
		item = item->next;
	return item != NULL ? digits_of(item) : at_end;
}

/* What a part of a sequence asks for, at its place. What is looked at stands there with anything beyond it. */
static void
item_needs(struct walk *w, const struct node *item, struct place *at, struct condition *best)
{
	struct condition inner;

	offer(best, digits_of(item), &at->behind, FORTH);
	offer(best, digits_of(item), &at->before, BACK);
	if (item->least != 1 || item->most != 1 || item->child == NULL)
		return;
	if (item->kind == NODE_AHEAD) {
		pairs_any(&at->behind);
		at->digits_behind = 0;
	} else if (item->kind == NODE_BEHIND) {
		pairs_any(&at->before);
		at->digits_before = 0;
	}
	alternatives_need(w, item, at, &inner);
	if (inner.cost < best->cost)
		*best = inner;
}

static void
sequence_needs(struct walk *w, const struct node *sequence, const struct place *place, struct condition *best)
{
	struct pairs before = place->before, whole = place->behind;
	unsigned digits = place->digits_before;

	best->cost = NOTHING_KNOWN;
	look_at_items(w, sequence, NULL, FORTH, &whole);
	offer(best, place->digits_before, &whole, FORTH);
	whole = place->before;
	look_at_items(w, sequence, NULL, BACK, &whole);
	offer(best, place->digits_behind, &whole, BACK);
	for (const struct node *item = sequence->child; item != NULL && w->left > 0; item = item->next) {
		struct place at = {.before = before, .behind = place->behind, .digits_before = digits,
				   .digits_behind = digits_behind(item->next, place->digits_behind)};

		if (digits_of(item) > 0 || item->child != NULL) {
			look_at_items(w, sequence, item, FORTH, &at.behind);
			item_needs(w, item, &at, best);
		}
		put(w, item, BACK, &before);
		digits = has_width(item) ? digits_of(item) : digits;
	}
}

/* Of alternatives what the one or the other needs. */
static void
alternatives_need(struct walk *w, const struct node *alternatives, const struct place *place, struct condition *ret)
{
	struct condition one;

	sequence_needs(w, alternatives->child, place, ret);
	for (const struct node *s = alternatives->child->next; s != NULL && ret->cost != NOTHING_KNOWN; s = s->next) {
		sequence_needs(w, s, place, &one);
		if (one.cost == NOTHING_KNOWN) {
			ret->cost = NOTHING_KNOWN;
			return;
		}
		ret->beside.digits = MIN_OF(ret->beside.digits, one.beside.digits);
		pairs_unite(&ret->beside.before, &one.beside.before);
		pairs_unite(&ret->beside.behind, &one.beside.behind);
		ret->cost += one.cost;
	}
}

struct beside *
beside_of_regex(const char *regex, bool caseless)
{
	_cleanup_(regex_tree_freep) struct regex_tree *t = regex_tree_new(regex, caseless);
	_cleanup_free_ struct place *anywhere = xcalloc(1, sizeof *anywhere);
	_cleanup_free_ struct condition *c = xcalloc(1, sizeof *c);
	struct walk walk = {.left = WORK_MAX};
	struct beside *b;

	if (t == NULL)
		return NULL;
	pairs_any(&anywhere->before);
	pairs_any(&anywhere->behind);
	alternatives_need(&walk, regex_tree_root(t), anywhere, c);
	if (c->cost == NOTHING_KNOWN)
		return NULL;
	b = xcalloc(1, sizeof *b);
	*b = c->beside;
	return b;
}

struct beside *
beside_free(struct beside *b)
{
	free(b);
	return NULL;
}

static unsigned char
symbol_at(struct str title, size_t i)
{
	return (unsigned char)(i < title.len ? symbol_of(title.p[i]) : SYMBOL_NONE);
}

static bool
is_digit(char c)
{
	return (unsigned char)(c - '0') < 10;
}

static void
add_number(struct str title, size_t start, size_t end, struct numbers *n)
{
	if (n->count == NUMBERS_MAX) {
		n->too_many = true;
		return;
	}
	/* In front of the first byte i wraps around and so is behind the last. */
	n->all[n->count++] = (struct number_place){
	    .digits = (unsigned)(end - start),
	    .before = {symbol_at(title, start - 1), symbol_at(title, start - 2)},
	    .behind = {symbol_at(title, end), symbol_at(title, end + 1)},
	};
}

void
numbers_read(struct str title, struct numbers *ret_numbers)
{
	size_t start, end;

	ret_numbers->count = 0;
	ret_numbers->too_many = false;
	/* A number that is long enough goes over one of these places. */
	for (size_t i = BESIDE_DIGITS_MIN - 1; i < title.len; i = MAX_OF(end, i) + BESIDE_DIGITS_MIN) {
		for (end = i; end < title.len && is_digit(title.p[end]); end++)
			;
		for (start = i; start > 0 && end > i && is_digit(title.p[start - 1]); start--)
			;
		if (end > i && end - start >= BESIDE_DIGITS_MIN)
			add_number(title, start, end, ret_numbers);
	}
}

bool
beside_met(const struct beside *b, const struct numbers *numbers)
{
	for (size_t i = 0; i < numbers->count; i++) {
		const struct number_place *n = &numbers->all[i];

		if (n->digits >= b->digits &&
		    (symbols_has(&b->before.of[n->before[0]], n->before[1]) || symbols_has(&b->behind.of[n->behind[0]], n->behind[1])))
			return true;
	}
	return numbers->too_many;
}
