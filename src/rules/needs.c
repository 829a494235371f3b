/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/needs.h"

#include <string.h>

#include "base/macro.h"
#include "rules/regex_item.h"

/* What is known of the text behind the last item: a run of literal bytes, a run of digits. */
struct reading {
	struct needs needs;
	char run[NEEDS_LITERAL_MAX];
	size_t run_len;
	unsigned digits;
	struct gram_set grams;
	char word[NEEDS_LITERAL_MAX]; /* like the run, but in any case */
	size_t word_len;
	bool word_begins;
};

static void
end_run(struct reading *g)
{
	if (g->run_len > g->needs.literal_len) {
		memcpy(g->needs.literal, g->run, g->run_len);
		g->needs.literal_len = g->run_len;
	}
	g->run_len = 0;
}

static void
end_digits(struct reading *g)
{
	g->needs.digits = MAX_OF(g->needs.digits, g->digits);
	g->digits = 0;
}

/* In any case, a letter may stand there as another one; outside ASCII nobody knows how many bytes that has. */
static bool
stands_for_itself(const struct reader *r, const struct item *item)
{
	if (item->any_case)
		return false;
	return !r->caseless || (item->len == 1 && !is_letter(item->bytes[0]) && (unsigned char)item->bytes[0] < 0x80);
}

static void
end_word(struct reading *g, bool ends)
{
	struct gram_set grams;

	grams_of_text((struct str){g->word, g->word_len}, g->word_begins, ends, &grams);
	grams_take_better(&g->grams, &grams);
	g->word_len = 0;
}

/* In any case, too, these have one form only: ASCII, but for two letters that grams_lanes_of() looks for, and what Chinese and Japanese are written in. */
static bool
has_one_form(const struct reader *r, const struct item *item)
{
	unsigned char first = (unsigned char)item->bytes[0];

	return !r->caseless || item->len == 1 || (item->len == 3 && first >= 0xe3 && first <= 0xe9);
}

static void
add_to_word(const struct reader *r, struct reading *g, const struct item *item, bool once)
{
	struct gram_set foreign;

	if (!has_one_form(r, item)) {
		end_word(g, false);
		grams_of_foreign((struct str){item->bytes, item->len}, &foreign);
		grams_take_better(&g->grams, &foreign);
		return;
	}
	if (g->word_len + item->len > sizeof g->word)
		end_word(g, false);
	if (g->word_len == 0)
		g->word_begins = r->begins;
	memcpy(g->word + g->word_len, item->bytes, item->len);
	g->word_len += item->len;
	if (!once)
		end_word(g, false);
}

static void
need_bytes(const struct reader *r, struct reading *g, const struct item *item, bool once)
{
	if (item->len == 1 && is_digit(item->bytes[0]))
		g->digits++;
	else
		end_digits(g);
	if (!stands_for_itself(r, item)) {
		end_run(g);
		return;
	}
	for (size_t i = 0; i < item->len; i++)
		byte_set_add(&g->needs.bytes, (unsigned char)item->bytes[i]);
	if (g->run_len + item->len > sizeof g->run)
		end_run(g);
	memcpy(g->run + g->run_len, item->bytes, item->len);
	g->run_len += item->len;
	if (!once)
		end_run(g);
}

static void
need_group(struct reading *g, const struct item *group)
{
	const struct needs *inner = &group->needs;

	for (int i = 0; i < 4; i++)
		g->needs.bytes.bits[i] |= inner->bytes.bits[i];
	g->needs.digits = MAX_OF(g->needs.digits, inner->digits);
	if (inner->literal_len > g->needs.literal_len) {
		memcpy(g->needs.literal, inner->literal, inner->literal_len);
		g->needs.literal_len = inner->literal_len;
	}
	grams_take_better(&g->grams, &group->grams);
}

/* Whether there is surely no letter in front of what comes behind the item. */
static bool
begins_behind(const struct item *item, bool begins, unsigned least)
{
	bool no_letter = item->no_letter || (item->kind == ITEM_BYTES && item->len == 1 && !is_letter(item->bytes[0]));

	if (item->no_width)
		return begins;
	return no_letter && (least > 0 || begins);
}

static void
need_item(const struct reader *r, struct reading *g, const struct item *item, bool exact, unsigned least)
{
	if (item->kind == ITEM_DIGITS) {
		end_run(g);
		end_word(g, false);
		g->digits += least;
		return;
	}
	if (item->kind == ITEM_BYTES && least > 0) {
		need_bytes(r, g, item, exact && least == 1);
		add_to_word(r, g, item, exact && least == 1);
		return;
	}
	end_run(g);
	end_word(g, false);
	end_digits(g);
	if (item->kind == ITEM_GROUP && least > 0)
		need_group(g, item);
	else if (least > 0)
		grams_take_better(&g->grams, &item->grams);
}

static void
read_repeated_item(struct reader *r, struct reading *g)
{
	bool begins = r->begins, exact = true;
	struct item item = regex_item(r);
	unsigned least = r->lost ? 0 : regex_repeat(r, &exact);

	bool said = item.kind != ITEM_BYTES && least > 0 && r->begins;

	/* The assertion itself said so, if it was one. */
	if (item.no_width)
		begins = begins || said;
	r->begins = begins;
	need_item(r, g, &item, exact, least);
	r->begins = begins_behind(&item, begins, least);
}

static struct needs
read_sequence(struct reader *r, struct gram_set *ret_grams)
{
	struct reading g = {.run_len = 0};

	while (!r->lost && *r->p != '\0' && *r->p != '|' && *r->p != ')')
		read_repeated_item(r, &g);
	end_run(&g);
	end_word(&g, r->ends);
	end_digits(&g);
	*ret_grams = g.grams;
	return g.needs;
}

/* Of two alternatives only what both need. */
static struct needs
in_common(const struct needs *a, const struct needs *b)
{
	struct needs n = {.digits = MIN_OF(a->digits, b->digits)};

	for (int i = 0; i < 4; i++)
		n.bytes.bits[i] = a->bytes.bits[i] & b->bytes.bits[i];
	return n;
}

struct needs
read_alternatives(struct reader *r, struct gram_set *ret_grams)
{
	bool begins = r->begins, all_begin;
	struct needs n = read_sequence(r, ret_grams);

	all_begin = r->begins;
	while (!r->lost && *r->p == '|') {
		struct gram_set grams;
		struct needs other;

		r->p++;
		r->begins = begins;
		other = read_sequence(r, &grams);
		n = in_common(&n, &other);
		grams_unite(ret_grams, &grams);
		all_begin = all_begin && r->begins;
	}
	r->begins = all_begin;
	return n;
}

/* Whether some "(?i)" may be in it. One that is none, as in a class, does no harm. */
static bool
may_switch_case(const char *regex)
{
	for (const char *p = strstr(regex, "(?"); p != NULL; p = strstr(p + 1, "(?")) {
		size_t options = strspn(p + 2, "imsnJUx-^");

		if (memchr(p + 2, 'i', options) != NULL)
			return true;
	}
	return false;
}

struct needs
needs_of_regex(const char *regex, bool caseless, struct gram_set *ret_grams)
{
	struct reader r = {.p = regex, .caseless = caseless || may_switch_case(regex)};
	struct needs n = read_alternatives(&r, ret_grams);

	if (r.lost || *r.p != '\0') {
		ret_grams->count = 0;
		n = (struct needs){.len = 0};
	}
	byte_set_add(&n.first, BYTE_OF_NONE);
	if (n.literal_len < 2)
		n.literal_len = 0;
	return n;
}
