/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/vague.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "base/utf8.h"
#include "proto/rowset.h"
#include "rules/text.h"
#include "rules/trail.h"

#define NONE SIZE_MAX

struct rule {
	const struct vague_rule *row;
	char *text; /* folded, if any case is meant */
	struct str s;
	struct pattern *pattern; /* VAGUE_PATTERN only */
	const struct needs *needs;
};

/* Names by their hash, so that a thousand of them cost as little as one. */
struct names {
	size_t *slots; /* open addressing: number of a rule + 1, or 0; of equal names only the first */
	size_t room, count;
};

struct vague {
	struct matcher *matcher;
	struct rule *rules;
	size_t count;
	struct names exact, folded;
	size_t *others; /* the rules that are no names, in their order */
	size_t other_count;
	size_t chars_max;
	char scratch[ROWSET_STRING_MAX];
};

static size_t *
names_slot(const struct vague *v, const struct names *names, struct str text)
{
	size_t i = hash_for_own_table(text) & (names->room - 1);

	while (names->slots[i] != 0 && !str_eq(v->rules[names->slots[i] - 1].s, text))
		i = (i + 1) & (names->room - 1);
	return &names->slots[i];
}

static size_t
names_find(const struct vague *v, const struct names *names, struct str text)
{
	size_t slot = names->count > 0 ? *names_slot(v, names, text) : 0;

	return slot > 0 ? slot - 1 : NONE;
}

static void
names_init(struct names *names, size_t max)
{
	names->room = 16;
	while (names->room < max * 2)
		names->room *= 2;
	names->slots = xcalloc(names->room, sizeof *names->slots);
}

static void
names_add(struct vague *v, struct names *names, size_t number)
{
	size_t *slot = names_slot(v, names, v->rules[number].s);

	if (*slot != 0)
		return;
	*slot = number + 1;
	names->count++;
}

static int
add_rule(struct vague *v, const struct vague_rule *row)
{
	size_t number = v->count++;
	struct rule *rule = &v->rules[number];
	int r = 0;

	rule->row = row;
	rule->text = xstrdup(row->text != NULL ? row->text : "");
	rule->s = str_of(rule->text);
	if (row->caseless)
		text_small(rule->s, rule->text);
	if (row->kind == VAGUE_NAME) {
		names_add(v, row->caseless ? &v->folded : &v->exact, number);
		return 0;
	}
	v->others[v->other_count++] = number;
	if (row->kind == VAGUE_PATTERN)
		r = pattern_new(v->matcher, &row->pattern, &rule->pattern);
	rule->needs = pattern_needs(rule->pattern);
	return r;
}

int
vague_new(struct matcher *m, const struct vague_rule *rules, size_t count, size_t chars_max, struct vague **ret_vague)
{
	_cleanup_(vague_freep) struct vague *v = xcalloc(1, sizeof *v);

	v->matcher = m;
	v->chars_max = chars_max;
	v->rules = xcalloc(count, sizeof *v->rules);
	v->others = xcalloc(count, sizeof *v->others);
	names_init(&v->exact, count);
	names_init(&v->folded, count);
	for (size_t i = 0; i < count; i++) {
		int r = add_rule(v, &rules[i]);

		if (r < 0)
			return r;
	}
	*ret_vague = TAKE_PTR(v);
	return 0;
}

struct vague *
vague_free(struct vague *v)
{
	if (v == NULL)
		return NULL;
	for (size_t i = 0; i < v->count; i++) {
		pattern_free(v->rules[i].pattern);
		free(v->rules[i].text);
	}
	free(v->rules);
	free(v->others);
	free(v->exact.slots);
	free(v->folded.slots);
	free(v);
	return NULL;
}

static bool
rule_matches(struct vague *v, const struct rule *rule, struct str title, struct str folded)
{
	struct str found;

	if (rule->row->kind == VAGUE_PATTERN)
		return pattern_find(v->matcher, rule->pattern, title, 0, &found);
	return str_starts(rule->row->caseless ? folded : title, rule->s);
}

/* The first rule that fits; `named` is the first of the names. */
static size_t
first_rule(struct vague *v, size_t named, struct str title, struct str folded, struct buf *trail)
{
	const struct shape *shape = matcher_shape(v->matcher);

	for (size_t i = 0; i < v->other_count && v->others[i] < named; i++) {
		const struct rule *rule = &v->rules[v->others[i]];
		bool matches;

		if (pattern_misses(rule->needs, shape))
			continue;
		matches = rule_matches(v, rule, title, folded);
		if (matcher_ran_into_limit(v->matcher))
			trail_add_limit(trail, rule->row->head.id);
		if (matches)
			return v->others[i];
	}
	return named;
}

const char *
vague_find(struct vague *v, struct str title, struct buf *trail)
{
	size_t first;
	struct str folded;

	title = text_trim(title);
	/* A character has at most four bytes. */
	if (title.len > sizeof v->scratch || title.len / 4 > v->chars_max || (title.len > v->chars_max && utf8_length(title) > v->chars_max))
		return NULL;
	if (!matcher_is_about(v->matcher, title))
		matcher_subject_changed(v->matcher, title);
	text_small(title, v->scratch);
	folded = (struct str){v->scratch, title.len};
	first = MIN_OF(names_find(v, &v->exact, title), names_find(v, &v->folded, folded));
	first = first_rule(v, first, title, folded, trail);
	if (first == NONE)
		return NULL;
	trail_add(trail, str_of(v->rules[first].row->head.id));
	return v->rules[first].row->head.id;
}
