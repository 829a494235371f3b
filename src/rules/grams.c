/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/grams.h"

#include <string.h>

/* How many of some hundred titles have it, about. */
static const unsigned costs[] = {
    [GRAM_ANYWHERE] = 4, [GRAM_BEGIN] = 2, [GRAM_BEGIN_TWO] = 8, [GRAM_BEGIN_ONE] = 20, [GRAM_WORD_TWO] = 1, [GRAM_WORD_ONE] = 3,
    [GRAM_BYTE] = 5, [GRAM_FOREIGN] = 5, [GRAM_NOT_ASCII] = 10, [GRAM_TWO_BYTES] = 2,
};
#define COMMON_BYTES     " .-_"
#define COMMON_BYTE_COST 300

static unsigned char
fold(unsigned char c)
{
	return (unsigned char)(c - 'A') < 26 ? (unsigned char)(c | 0x20) : c;
}

static bool
is_letter(unsigned char c)
{
	return (unsigned char)((c | 0x20) - 'a') < 26;
}

static uint16_t
slot_of(enum gram_kind kind, uint32_t bytes)
{
	return (uint16_t)(((bytes ^ (uint32_t)kind << 27) * UINT32_C(0x9e3779b1)) >> 19);
}

static uint32_t
bytes_at(struct str s, size_t at, size_t count)
{
	uint32_t bytes = 0;

	for (size_t i = 0; i < count; i++)
		bytes = bytes << 8 | fold((unsigned char)s.p[at + i]);
	return bytes;
}

static void
set_one(struct gram_set *set, enum gram_kind kind, uint32_t bytes)
{
	set->count = 1;
	set->cost = costs[kind];
	set->slots[0] = slot_of(kind, bytes);
}

/* Some byte that is neither letter nor digit. */
static void
set_byte(struct gram_set *set, struct str text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.p[i];
		bool common = memchr(COMMON_BYTES, c, sizeof COMMON_BYTES - 1) != NULL;

		if (is_letter(c) || c >= 0x80 || (unsigned char)(c - '0') < 10 || (common && set->count > 0))
			continue;
		set_one(set, GRAM_BYTE, c);
		if (common)
			set->cost = COMMON_BYTE_COST;
	}
}

void
grams_of_text(struct str text, bool begins, bool ends, struct gram_set *ret_set)
{
	ret_set->count = 0;
	if (text.len >= 3)
		set_one(ret_set, begins ? GRAM_BEGIN : GRAM_ANYWHERE, bytes_at(text, 0, 3));
	else if (text.len == 2 && begins)
		set_one(ret_set, ends ? GRAM_WORD_TWO : GRAM_BEGIN_TWO, bytes_at(text, 0, 2));
	else if (text.len == 1 && begins && is_letter((unsigned char)text.p[0]))
		set_one(ret_set, ends ? GRAM_WORD_ONE : GRAM_BEGIN_ONE, bytes_at(text, 0, 1));
	else if (text.len == 2 && (unsigned char)text.p[0] >= 0xc2)
		set_one(ret_set, GRAM_TWO_BYTES, bytes_at(text, 0, 2));
	else
		set_byte(ret_set, text);
	if (ret_set->count == 0 && text.len > 0 && (unsigned char)text.p[0] >= 0x80)
		set_one(ret_set, GRAM_NOT_ASCII, 0);
}

void
grams_of_not_ascii(char but, struct gram_set *ret_set)
{
	set_one(ret_set, GRAM_NOT_ASCII, 0);
	if (but != '\0')
		ret_set->slots[ret_set->count++] = slot_of(GRAM_BYTE, (unsigned char)but);
}

/* Outside of ASCII, what is no space, mark or symbol of those that programs put into titles. *ret_all: one that stands for a letter of ASCII. */
static bool
is_foreign(struct str title, size_t at, bool *ret_all)
{
	unsigned char first = (unsigned char)title.p[at];
	unsigned char second = at + 1 < title.len ? (unsigned char)title.p[at + 1] : 0;

	if (first < 0xc2)
		return false;
	if (first == 0xc2)
		return second == 0xaa || second == 0xb5 || second == 0xba;
	*ret_all = *ret_all || (first == 0xc5 && second == 0xbf) || (first == 0xe2 && second == 0x84);
	return first != 0xe2 || second != 0x80;
}

void
grams_of_foreign(struct str character, struct gram_set *ret_set)
{
	bool all = false;

	bool foreign = is_foreign(character, 0, &all);

	ret_set->count = 0;
	if (!all)
		set_one(ret_set, foreign ? GRAM_FOREIGN : GRAM_NOT_ASCII, 0);
}

static void
copy_set(struct gram_set *to, const struct gram_set *from)
{
	to->count = from->count;
	to->cost = from->cost;
	memcpy(to->slots, from->slots, from->count * sizeof from->slots[0]);
}

void
grams_take_better(struct gram_set *set, const struct gram_set *other)
{
	if (other->count > 0 && (set->count == 0 || other->cost < set->cost))
		copy_set(set, other);
}

static bool
has_slot(const struct gram_set *set, uint16_t slot)
{
	for (size_t i = 0; i < set->count; i++)
		if (set->slots[i] == slot)
			return true;
	return false;
}

void
grams_unite(struct gram_set *set, const struct gram_set *other)
{
	if (set->count == 0 || other->count == 0 || set->count + other->count > GRAMS_MAX) {
		set->count = 0;
		return;
	}
	for (size_t i = 0; i < other->count; i++)
		if (!has_slot(set, other->slots[i]))
			set->slots[set->count++] = other->slots[i];
	set->cost += other->cost;
}

void
gram_lanes_add(struct gram_lanes *lanes, const struct gram_set *set, uint64_t lane)
{
	for (size_t i = 0; i < set->count; i++)
		lanes->of_slot[set->slots[i]] |= lane;
}

/* Three bytes with no letter in front of them, folded; the last ones are 0 at the end of the title. */
static uint64_t
lanes_at_begin(const struct gram_lanes *lanes, uint32_t three)
{
	uint32_t two = three >> 8, one = three >> 16;
	uint64_t found = lanes->of_slot[slot_of(GRAM_BEGIN, three)] | lanes->of_slot[slot_of(GRAM_BEGIN_TWO, two)] |
			 lanes->of_slot[slot_of(GRAM_BEGIN_ONE, one)];

	if (!is_letter((unsigned char)three))
		found |= lanes->of_slot[slot_of(GRAM_WORD_TWO, two)];
	if (!is_letter((unsigned char)two))
		found |= lanes->of_slot[slot_of(GRAM_WORD_ONE, one)];
	return found;
}

/* Of what is outside ASCII. */
static uint64_t
lanes_of_others(const struct gram_lanes *lanes, struct str title)
{
	uint64_t found = lanes->of_slot[slot_of(GRAM_NOT_ASCII, 0)];
	bool all = false, foreign = false;

	for (size_t i = 0; i < title.len; i++) {
		if ((unsigned char)title.p[i] >= 0x80)
			foreign = is_foreign(title, i, &all) || foreign;
		if ((unsigned char)title.p[i] >= 0xc2 && (unsigned char)title.p[i] < 0xe0 && i + 1 < title.len)
			found |= lanes->of_slot[slot_of(GRAM_TWO_BYTES, bytes_at(title, i, 2))];
	}
	if (foreign)
		found |= lanes->of_slot[slot_of(GRAM_FOREIGN, 0)];
	return all ? UINT64_MAX : found;
}

/* The title as it is walked: the last three bytes, folded; whether a letter stands in front of them, and which bits any had. */
struct walk {
	uint32_t three, any;
	bool begins;
};

static inline uint64_t
lanes_at_next(const struct gram_lanes *lanes, struct walk *w, unsigned char next)
{
	uint64_t found;

	w->three = (w->three << 8 | next) & 0xffffff;
	w->any |= next;
	found = lanes->of_slot[slot_of(GRAM_ANYWHERE, w->three)];
	if (w->begins)
		found |= lanes_at_begin(lanes, w->three);
	w->begins = w->three >> 16 < 'a' || w->three >> 16 > 'z';
	return w->begins ? found | lanes->of_slot[slot_of(GRAM_BYTE, w->three >> 16)] : found;
}

uint64_t
gram_lanes_of(const struct gram_lanes *lanes, struct str title)
{
	uint64_t found = 0;
	struct walk w = {.begins = true};

	for (size_t i = 0; i < 2; i++)
		w.three = w.three << 8 | (i < title.len ? fold((unsigned char)title.p[i]) : 0);
	w.any = w.three | w.three >> 8;
	for (size_t i = 2; i < title.len; i++)
		found |= lanes_at_next(lanes, &w, fold((unsigned char)title.p[i]));
	/* The end is walked over as if bytes of zero followed. */
	for (size_t i = 0; i < 2 && i < title.len; i++)
		found |= lanes_at_next(lanes, &w, 0);
	return (w.any & 0x80) == 0 ? found : found | lanes_of_others(lanes, title);
}
