/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/matter.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "rules/apps.h"
#include "rules/matter_words.h"
#include "rules/near.h"
#include "rules/needs.h"
#include "rules/trail.h"

struct code_rule {
	const struct matter_rule *row;
	struct pattern *pattern;
	const struct needs *needs;
	unsigned group;
	size_t number; /* its code is so many digits of ASCII, whatever stands around them; 0: it may be something else */
};

struct refusal {
	const struct refuse_rule *row;
	struct pattern *pattern;
	const struct needs *needs;
};

#define NEARBY_MAX 4
#define RUNS_MAX   16

/* The rules that say a word near a place of the title. */
struct nearby {
	struct str place;
	uint32_t rules[NEAR_HITS_MAX];
	size_t count;
};

struct candidate {
	struct str text; /* where it stands in the title */
	const struct matter_rule *rule;
	const char *refused_by;
};

struct candidates {
	struct candidate all[MATTERS_FOUND_MAX];
	size_t count;
};

struct matters {
	struct matcher *matcher;
	struct candidates candidates; /* of the last title */
	enum matter_listing listing;
	struct code_rule *codes; /* the higher priority first, else in the order of the rule set */
	size_t code_count;
	struct apps *code_apps;
	struct refusal *refusals;
	size_t refusal_count;
	struct apps *refusal_apps;
	struct near *near; /* its rules are numbers of refusals, or NEAR_CODE and that of a code rule */
	struct nearby nearby[NEARBY_MAX]; /* what was looked up last, the places of one title */
	size_t nearby_count;
	struct str runs[RUNS_MAX]; /* of digits, in the title */
	size_t run_count;          /* more than RUNS_MAX: there are more of them */
	bool runs_known;
};

#define NEAR_CODE UINT32_C(0x80000000)

static const struct matter_rule list_rule = {.head = {.id = MATTERS_LIST_RULE}};

/* Stable: what comes first in the rule set is tried first among its equals. */
static void
sort_codes(struct matters *s, const struct ruleset *set)
{
	for (size_t i = 0; i < set->matter_count; i++) {
		size_t at = i;

		for (; at > 0 && s->codes[at - 1].row->priority < set->matter[i].priority; at--)
			s->codes[at] = s->codes[at - 1];
		s->codes[at] = (struct code_rule){.row = &set->matter[i]};
	}
}

static void
add_words(struct matters *s, const struct near_words *words, enum near_place place, uint32_t rule)
{
	for (size_t i = 0; i < words->count; i++)
		near_add(s->near, str_of(words->texts[i]), place, rule);
}

/* The group "code", else the first, else all of the match. */
static int
code_compile(struct matters *s, uint32_t number)
{
	struct code_rule *c = &s->codes[number];
	int r = pattern_new(s->matcher, &c->row->pattern, &c->pattern);

	if (r < 0)
		return r;
	c->needs = pattern_needs(c->pattern);
	add_words(s, &c->row->after, NEAR_AFTER, NEAR_CODE | number);
	c->group = pattern_group(c->pattern, "code");
	c->group = MAX_OF(c->group, 1u);
	c->number = c->group == 1 ? regex_number_group(c->row->pattern.regex) : 0;
	return apps_add(s->code_apps, &c->row->app);
}

static int
refusal_compile(struct matters *s, uint32_t number)
{
	struct refusal *f = &s->refusals[number];
	int r = 0;

	add_words(s, &f->row->after, NEAR_AFTER, number);
	add_words(s, &f->row->after_number, NEAR_AFTER_NUMBER, number);
	add_words(s, &f->row->before, NEAR_BEFORE, number);
	if (f->row->pattern.regex != NULL)
		r = pattern_new(s->matcher, &f->row->pattern, &f->pattern);
	f->needs = pattern_needs(f->pattern);
	return r;
}

static int
compile(struct matters *s, const struct ruleset *set)
{
	int r = 0;

	s->codes = xcalloc(set->matter_count, sizeof *s->codes);
	s->refusals = xcalloc(set->refuse_count, sizeof *s->refusals);
	s->code_count = set->matter_count;
	sort_codes(s, set);
	for (uint32_t i = 0; i < s->code_count && r == 0; i++)
		r = code_compile(s, i);
	for (; s->refusal_count < set->refuse_count && r == 0; s->refusal_count++) {
		s->refusals[s->refusal_count].row = &set->refuse[s->refusal_count];
		r = refusal_compile(s, (uint32_t)s->refusal_count);
		if (r == 0)
			r = apps_add(s->refusal_apps, &set->refuse[s->refusal_count].app);
	}
	return r;
}

int
matters_new(struct matcher *m, const struct ruleset *set, struct matters **ret_matters)
{
	_cleanup_(matters_freep) struct matters *s = xcalloc(1, sizeof *s);
	int r;

	s->matcher = m;
	s->listing = set->matter_listing;
	s->near = near_new();
	s->code_apps = apps_new(m);
	s->refusal_apps = apps_new(m);
	r = compile(s, set);
	if (r < 0)
		return r;
	*ret_matters = TAKE_PTR(s);
	return 0;
}

struct matters *
matters_free(struct matters *s)
{
	if (s == NULL)
		return NULL;
	for (size_t i = 0; i < s->code_count; i++)
		pattern_free(s->codes[i].pattern);
	for (size_t i = 0; i < s->refusal_count; i++)
		pattern_free(s->refusals[i].pattern);
	near_free(s->near);
	apps_free(s->code_apps);
	apps_free(s->refusal_apps);
	free(s->codes);
	free(s->refusals);
	free(s);
	return NULL;
}

/* What stands at the same place was found by a better rule before. False if there is no room for more. */
static bool
add_candidate(struct candidates *c, struct str text, const struct matter_rule *rule)
{
	if (text.len == 0 || text.len > MATTER_ALIAS_MAX)
		return true;
	for (size_t i = 0; i < c->count; i++)
		if (c->all[i].text.p == text.p && c->all[i].text.len == text.len)
			return true;
	if (c->count == MATTERS_FOUND_MAX)
		return false;
	c->all[c->count++] = (struct candidate){.text = text, .rule = rule};
	return true;
}

static size_t
end_in(struct str title, struct str part)
{
	return (size_t)(part.p - title.p) + part.len;
}

/* A place is asked about several times. */
static const struct nearby *
read_near(struct matters *s, struct str title, struct str place)
{
	struct nearby *n;

	for (size_t i = 0; i < s->nearby_count && i < NEARBY_MAX; i++)
		if (s->nearby[i].place.p == place.p && s->nearby[i].place.len == place.len)
			return &s->nearby[i];
	n = &s->nearby[s->nearby_count++ % NEARBY_MAX];
	n->place = place;
	n->count = near_find(s->near, title, place, n->rules);
	return n;
}

static bool
says(const struct nearby *n, uint32_t rule)
{
	for (size_t i = 0; i < n->count; i++)
		if (n->rules[i] == rule)
			return true;
	return false;
}

static bool
overlap(struct str a, struct str b)
{
	return a.p < b.p + b.len && b.p < a.p + a.len;
}

/* What is not ASCII may be a digit in some script. */
static bool
may_be_digit(char c)
{
	return (c >= '0' && c <= '9') || (unsigned char)c >= 0x80;
}

/* One walk over the title instead of one for each rule. */
static void
read_runs(struct matters *s, struct str title)
{
	size_t start = 0;

	s->runs_known = true;
	s->run_count = 0;
	for (size_t i = 0; i <= title.len; i++) {
		if (i < title.len && may_be_digit(title.p[i]))
			continue;
		if (i > start && s->run_count == RUNS_MAX)
			s->run_count = RUNS_MAX + 1;
		else if (i > start && s->run_count < RUNS_MAX)
			s->runs[s->run_count++] = (struct str){title.p + start, i - start};
		start = i + 1;
	}
}

static bool
is_taken(const struct candidates *found, struct str run)
{
	for (size_t k = 0; k < found->count; k++)
		if (overlap(found->all[k].text, run))
			return true;
	return false;
}

/* Whether each run of so many digits is of a candidate already. */
static bool
runs_are_taken(const struct matters *s, const struct candidates *found, unsigned digits)
{
	for (size_t i = 0; i < s->run_count && i < RUNS_MAX; i++)
		if (s->runs[i].len >= digits && !is_taken(found, s->runs[i]))
			return false;
	return s->run_count <= RUNS_MAX;
}

/* Whether digits in the run that stand at `from` or behind it may be the rule's code, behind one of its words if it has any. */
static bool
run_may_have_code(struct matters *s, uint32_t number, struct str title, struct str run, const char *from)
{
	const struct code_rule *c = &s->codes[number];
	size_t digits = 0, tries = 0;

	for (const char *p = MAX_OF(run.p, from); p < run.p + run.len; p++) {
		digits = *p >= '0' && *p <= '9' ? digits + 1 : 0;
		if (digits < c->number)
			continue;
		if (c->row->after.count == 0 || tries++ == NEARBY_MAX ||
		    says(read_near(s, title, (struct str){p + 1 - c->number, c->number}), NEAR_CODE | number))
			return true;
	}
	return false;
}

/* Cheaper than to ask the pattern. */
static bool
may_find_code(struct matters *s, uint32_t number, struct str title, size_t from)
{
	const struct code_rule *c = &s->codes[number];

	if (c->number == 0 || s->run_count > RUNS_MAX || from > title.len)
		return true;
	for (size_t i = 0; i < s->run_count; i++)
		if (s->runs[i].len >= c->number && run_may_have_code(s, number, title, s->runs[i], title.p + from))
			return true;
	return false;
}

static void
find_by_rule(struct matters *s, uint32_t number, struct str title, struct candidates *found, struct buf *trail)
{
	const struct code_rule *c = &s->codes[number];
	struct str whole, code;
	size_t from = 0;

	while (may_find_code(s, number, title, from) &&
	       pattern_find_from(s->matcher, c->pattern, title, from, c->group, &whole, &code)) {
		struct str text = code.p != NULL ? code : whole;

		/* What stands behind one code may stand before the next. */
		from = MAX_OF(end_in(title, text), from + 1);
		if (c->row->after.count > 0 && !says(read_near(s, title, text), NEAR_CODE | number))
			continue;
		if (!add_candidate(found, text, c->row))
			break;
	}
	if (matcher_ran_into_limit(s->matcher))
		trail_add_limit(trail, c->row->head.id);
}

static void
find_by_rules(struct matters *s, struct str application, struct str title, struct candidates *found, struct buf *trail)
{
	const struct shape *shape = matcher_shape(s->matcher);
	const uint32_t *fitting;
	size_t count;
	bool told;

	fitting = apps_fitting(s->code_apps, application, &count);
	told = !matcher_is_limited(s->matcher);
	for (size_t i = 0; i < count; i++) {
		unsigned digits = s->codes[fitting[i]].row->pattern.digits;

		/* A limit that an application's pattern ran into is told of the first rule. */
		if (told && pattern_misses(s->codes[fitting[i]].needs, shape))
			continue;
		if (!s->runs_known)
			read_runs(s, title);
		if (digits == 0 || found->count == 0 || !runs_are_taken(s, found, digits))
			find_by_rule(s, fitting[i], title, found, trail);
		told = told || !matcher_is_limited(s->matcher);
	}
}

static void
find_by_list(const struct matter_list *list, struct str title, struct candidates *found)
{
	struct matter_words words = {.title = title};
	struct str text;

	while (matter_words_next(&words, list, &text))
		if (!add_candidate(found, text, &list_rule))
			return;
}

/* How many are left that nothing refused. */
static size_t
refuse_match(struct candidates *c, struct str match, const char *id)
{
	size_t left = 0;

	for (size_t i = 0; i < c->count; i++) {
		if (c->all[i].refused_by == NULL && overlap(c->all[i].text, match))
			c->all[i].refused_by = id;
		left += c->all[i].refused_by == NULL;
	}
	return left;
}

static size_t
refuse_by_rule(struct matters *s, const struct refusal *f, struct str title, struct candidates *c, struct buf *trail)
{
	struct str whole, part;
	size_t from = 0, left = c->count;

	while (left > 0 && f->pattern != NULL && pattern_find_from(s->matcher, f->pattern, title, from, 0, &whole, &part)) {
		from = MAX_OF(end_in(title, whole), from + 1);
		left = refuse_match(c, whole, f->row->head.id);
	}
	if (!matcher_ran_into_limit(s->matcher))
		return left;
	/* A title made to tire the rules out gets no matter by it. */
	trail_add_limit(trail, f->row->head.id);
	return refuse_match(c, title, f->row->head.id);
}

/* How many are left that nothing refused. The first rule of the rule set counts, as with patterns. */
static size_t
refuse_by_words(struct matters *s, const uint32_t *fitting, size_t count, struct str title, struct candidates *c)
{
	size_t left = 0;

	for (size_t i = 0; i < c->count; i++) {
		const struct nearby *nearby = read_near(s, title, c->all[i].text);

		for (size_t k = 0; k < count && nearby->count > 0 && c->all[i].refused_by == NULL; k++)
			if (says(nearby, fitting[k]))
				c->all[i].refused_by = s->refusals[fitting[k]].row->head.id;
		left += c->all[i].refused_by == NULL;
	}
	return left;
}

static void
refuse(struct matters *s, struct str application, struct str title, struct candidates *c, struct buf *trail)
{
	const struct shape *shape = matcher_shape(s->matcher);
	const uint32_t *fitting;
	size_t count;
	bool told;

	if (c->count == 0)
		return;
	fitting = apps_fitting(s->refusal_apps, application, &count);
	told = !matcher_is_limited(s->matcher);
	if (refuse_by_words(s, fitting, count, title, c) == 0)
		return;
	for (size_t i = 0; i < count; i++) {
		const struct refusal *f = &s->refusals[fitting[i]];

		if (told && (f->pattern == NULL || pattern_misses(f->needs, shape)))
			continue;
		if (refuse_by_rule(s, f, title, c, trail) == 0)
			return;
		told = true;
	}
}

static struct matter_found
judge(const struct matters *s, const struct matter_list *list, const struct candidate *c)
{
	struct matter_found found = {.code = c->text, .rule = c->rule, .standing = STANDING_PATTERN};
	struct matter_name name;

	if (list == NULL)
		return found;
	if (matter_list_find(list, c->text, &name)) {
		found.code = matter_list_at(list, name.matter).code;
		found.standing = name.is_alias ? STANDING_ALIAS : STANDING_LISTED;
	} else if (s->listing == LIST_REQUIRE) {
		found.standing = STANDING_UNLISTED;
	}
	return found;
}

static bool
is_better(const struct matter_found *a, const struct matter_found *b)
{
	if (a->standing != b->standing)
		return a->standing > b->standing;
	return a->rule->priority > b->rule->priority;
}

/* False if the code was there already. */
static bool
add_found(struct matter_found *all, size_t *count, size_t max, const struct matter_found *f)
{
	for (size_t i = 0; i < *count; i++) {
		if (!str_eq(all[i].code, f->code))
			continue;
		if (is_better(f, &all[i]))
			all[i] = *f;
		return false;
	}
	if (*count < max)
		all[(*count)++] = *f;
	return true;
}

static void
tell(struct buf *trail, const struct matter_found *f)
{
	if (f->standing == STANDING_UNLISTED)
		trail_add_code(trail, "unlisted", '!', f->code);
	else
		trail_add_code(trail, f->rule->head.id, '=', f->code);
}

size_t
matters_collect(struct matters *s, const struct matter_list *list, struct str application, struct str title,
		struct matter_found *found, size_t max, struct buf *trail)
{
	struct candidates *c = &s->candidates;
	size_t count = 0;

	if (list != NULL && (s->listing == LIST_IGNORE || matter_list_count(list) == 0))
		list = NULL;
	if (!matcher_is_about(s->matcher, title))
		matcher_subject(s->matcher, title);
	c->count = 0;
	s->nearby_count = 0;
	s->runs_known = false;
	find_by_rules(s, application, title, c, trail);
	if (list != NULL)
		find_by_list(list, title, c);
	refuse(s, application, title, c, trail);
	for (size_t i = 0; i < c->count; i++) {
		struct matter_found f;

		if (c->all[i].refused_by != NULL) {
			trail_add_code(trail, c->all[i].refused_by, '!', c->all[i].text);
			continue;
		}
		f = judge(s, list, &c->all[i]);
		if (add_found(found, &count, max, &f))
			tell(trail, &f);
	}
	return count;
}
