/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/lead.h"

#include <string.h>

#include "base/macro.h"
#include "rules/regex_tree.h"

#define DIGITS_MIN 2  /* a shorter row of digits is in too many titles to be worth looking for */
#define CHARS_MAX  32 /* further away it tells nothing */
#define DEPTH_MAX  32

static const struct lead nothing = {0};

static bool is_of(const struct node *alternatives, unsigned depth, struct lead *ret_lead);

static bool
is_digits(const struct node *n)
{
	struct symbols digits = {{UINT64_C(0x3ff) << '0', 0}};

	symbols_add(&digits, SYMBOL_OTHERS);
	return n->kind == NODE_CHAR && n->least >= DIGITS_MIN && (n->may.bits[0] & ~digits.bits[0]) == 0 && (n->may.bits[1] & ~digits.bits[1]) == 0;
}

static unsigned
times(unsigned a, unsigned b)
{
	return a == 0 || b == 0 ? 0 : a > CHARS_MAX || b > CHARS_MAX ? CHARS_MAX + 1 : MIN_OF(a * b, CHARS_MAX + 1u);
}

/* How many characters it is at most; beyond CHARS_MAX: more than are counted. */
static unsigned
width_of(const struct node *n, unsigned depth)
{
	unsigned widest = 0;

	if (n->kind == NODE_CHAR)
		return MIN_OF(n->most, CHARS_MAX + 1u);
	if (n->kind != NODE_GROUP)
		return 0;
	if (depth == 0)
		return CHARS_MAX + 1;
	for (const struct node *s = n->child; s != NULL; s = s->next) {
		unsigned width = 0;

		for (const struct node *item = s->child; item != NULL; item = item->next)
			width = MIN_OF(width + width_of(item, depth - 1), CHARS_MAX + 1u);
		widest = MAX_OF(widest, width);
	}
	return times(widest, n->most);
}

static bool
is_of_sequence(const struct node *sequence, unsigned depth, struct lead *ret_lead)
{
	unsigned before = 0;

	for (const struct node *item = sequence->child; item != NULL && before <= CHARS_MAX; item = item->next) {
		struct lead inner;

		if (is_digits(item)) {
			*ret_lead = (struct lead){.digits = item->least, .chars = before};
			return true;
		}
		if (item->kind == NODE_GROUP && item->least == 1 && item->most == 1 && depth > 0 && is_of(item, depth - 1, &inner)) {
			*ret_lead = (struct lead){.digits = inner.digits, .chars = before + inner.chars};
			return ret_lead->chars <= CHARS_MAX;
		}
		before += width_of(item, depth);
	}
	return false;
}

/* Of alternatives what holds of each. */
static bool
is_of(const struct node *alternatives, unsigned depth, struct lead *ret_lead)
{
	struct lead all = {.digits = NODE_NO_MOST}, one;

	for (const struct node *s = alternatives->child; s != NULL; s = s->next) {
		if (!is_of_sequence(s, depth, &one))
			return false;
		all.digits = MIN_OF(all.digits, one.digits);
		all.chars = MAX_OF(all.chars, one.chars);
	}
	*ret_lead = all;
	return alternatives->child != NULL;
}

struct lead
lead_of_regex(const char *regex, bool caseless)
{
	_cleanup_(regex_tree_freep) struct regex_tree *t = regex_tree_new(regex, caseless);
	struct lead lead = nothing;

	/* Where the search begins is what such a pattern asks for. */
	if (t == NULL || strstr(regex, "\\G") != NULL)
		return nothing;
	return is_of(regex_tree_root(t), DEPTH_MAX, &lead) ? lead : nothing;
}

static bool
may_be_digit(char c)
{
	return (unsigned char)(c - '0') < 10 || (unsigned char)c >= 0x80;
}

static size_t
chars_back(struct str title, size_t at, size_t from, unsigned chars)
{
	for (; chars > 0 && at > from; chars--)
		do
			at--;
		while (at > from && ((unsigned char)title.p[at] & 0xc0) == 0x80);
	return at;
}

/* The first place of such a row that is at or behind `from`, as far as it lies there. */
size_t
lead_start(const struct lead *l, struct str title, size_t from)
{
	size_t start, end;

	if (l->digits == 0)
		return from;
	/* A row that is long enough goes over one of these places. */
	for (size_t i = from + l->digits - 1; i < title.len; i = MAX_OF(end, i) + l->digits) {
		for (end = i; end < title.len && may_be_digit(title.p[end]); end++)
			;
		for (start = i; end > i && start > from && may_be_digit(title.p[start - 1]); start--)
			;
		if (end > i && end - start >= l->digits)
			return chars_back(title, start, from, l->chars);
	}
	return title.len + 1;
}
