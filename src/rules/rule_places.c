/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/rule_places.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/macro.h"

#define DEPTH_MAX      16
#define NAME_SIZE      16
#define PRIORITY_USUAL 50

/* A bracket that is open. */
struct frame {
	char kind;            /* '{', '(' or '[' */
	char name[NAME_SIZE]; /* of the setting that is in it; empty: an element of a list */
	struct rule_place place;
};

struct scan {
	struct str text;
	size_t at;
	unsigned line;
	struct frame frames[DEPTH_MAX];
	size_t depth;            /* may be more than there are frames */
	char word[NAME_SIZE];    /* the last name */
	char key[NAME_SIZE];     /* whose value comes */
	bool joins;              /* a text right behind another belongs to it */
	char from[NAME_SIZE];    /* where codes are looked for */
	struct rule_places places;
};

static const struct {
	const char *outer, *inner; /* inner NULL: the list is the section */
	enum rule_section section;
} sections[] = {
    {"clean", NULL, SECTION_CLEAN},       {"vague", "rules", SECTION_VAGUE},     {"matter", "codes", SECTION_CODES},
    {"matter", "refuse", SECTION_REFUSE}, {"privacy", "rules", SECTION_PRIVACY},
};

/* The section whose rule the innermost group is, or 0. */
static enum rule_section
section_here(const struct scan *s)
{
	for (size_t i = 0; i < ELEMENTSOF(sections); i++) {
		size_t depth = sections[i].inner != NULL ? 3 : 2;

		if (s->depth == depth && strcmp(s->frames[0].name, sections[i].outer) == 0 &&
		    (sections[i].inner == NULL || strcmp(s->frames[1].name, sections[i].inner) == 0))
			return sections[i].section;
	}
	return (enum rule_section)0;
}

static void
open_bracket(struct scan *s, char kind)
{
	if (s->depth < DEPTH_MAX) {
		struct frame *f = &s->frames[s->depth];

		*f = (struct frame){.kind = kind, .place = {.line = s->line, .priority = PRIORITY_USUAL}};
		memcpy(f->name, s->key, sizeof f->name);
	}
	s->depth++;
	s->key[0] = '\0';
}

static void
keep(struct scan *s, const struct rule_place *place)
{
	if (s->places.count == RULE_PLACES_MAX)
		return;
	/* Doubles from a power of two on. */
	if ((s->places.count & (s->places.count - 1)) == 0)
		s->places.rows = xreallocarray(s->places.rows, MAX_OF(s->places.count * 2, (size_t)1), sizeof *s->places.rows);
	s->places.rows[s->places.count++] = *place;
}

static void
close_bracket(struct scan *s)
{
	if (s->depth == 0)
		return;
	if (s->depth <= DEPTH_MAX) {
		struct frame *f = &s->frames[s->depth - 1];

		f->place.section = f->kind == '{' ? section_here(s) : (enum rule_section)0;
		if (f->place.section != 0 && f->place.id[0] != '\0')
			keep(s, &f->place);
	}
	s->depth--;
	s->key[0] = '\0';
}

static void
skip_line(struct scan *s)
{
	while (s->at < s->text.len && s->text.p[s->at] != '\n')
		s->at++;
}

static void
skip_comment(struct scan *s)
{
	for (s->at += 2; s->at < s->text.len; s->at++) {
		if (s->text.p[s->at] == '\n')
			s->line++;
		if (s->text.p[s->at] == '/' && s->text.p[s->at - 1] == '*')
			break;
	}
	s->at++;
}

/* What would be too long is cut; none of what is looked for is. */
static void
append(char *to, size_t size, char c)
{
	size_t len = strlen(to);

	if (len + 1 < size) {
		to[len] = c;
		to[len + 1] = '\0';
	}
}

/* Where the text that comes is to go; NULL: nobody wants it. */
static char *
wanted_text(struct scan *s, size_t *ret_size)
{
	struct frame *f = s->depth > 0 && s->depth <= DEPTH_MAX ? &s->frames[s->depth - 1] : NULL;

	if (f == NULL || f->kind != '{')
		return NULL;
	if (strcmp(s->key, "id") == 0) {
		*ret_size = sizeof f->place.id;
		return f->place.id;
	}
	if (s->depth == 1 && strcmp(f->name, "matter") == 0 && strcmp(s->key, "from") == 0) {
		*ret_size = sizeof s->from;
		return s->from;
	}
	*ret_size = sizeof f->place.action;
	return strcmp(s->key, "do") == 0 ? f->place.action : NULL;
}

/* Ids and words have nothing in them that is escaped. */
static void
take_text(struct scan *s)
{
	size_t size = 0;
	char *to = wanted_text(s, &size);

	if (to != NULL && !s->joins)
		to[0] = '\0';
	for (s->at++; s->at < s->text.len && s->text.p[s->at] != '"'; s->at++) {
		if (s->text.p[s->at] == '\\' && s->at + 1 < s->text.len)
			s->at++;
		if (s->text.p[s->at] == '\n')
			s->line++;
		if (to != NULL)
			append(to, size, s->text.p[s->at]);
	}
	s->at++;
	s->joins = true;
}

static bool
is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '*';
}

static void
take_word(struct scan *s)
{
	size_t from = s->at;
	int64_t number;
	struct str word;

	while (s->at < s->text.len && is_word(s->text.p[s->at]))
		s->at++;
	word = (struct str){s->text.p + from, s->at - from};
	if (strcmp(s->key, "priority") == 0 && s->depth > 0 && s->depth <= DEPTH_MAX && str_to_i64(word, 0, 100, &number) == 0)
		s->frames[s->depth - 1].place.priority = (int32_t)number;
	s->word[0] = '\0';
	if (word.len < sizeof s->word) {
		memcpy(s->word, word.p, word.len);
		s->word[word.len] = '\0';
	}
}

static void
take_sign(struct scan *s, char c)
{
	s->at++;
	switch (c) {
	case '\n':
		s->line++;
		break;
	case '=':
	case ':':
		memcpy(s->key, s->word, sizeof s->key);
		break;
	case '{':
	case '(':
	case '[':
		open_bracket(s, c);
		break;
	case '}':
	case ')':
	case ']':
		close_bracket(s);
		break;
	case ';':
	case ',':
		s->key[0] = '\0';
		break;
	default:
		break;
	}
}

static bool
is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static void
take_next(struct scan *s)
{
	char c = s->text.p[s->at], after = s->at + 1 < s->text.len ? s->text.p[s->at + 1] : '\0';

	if (c == '#' || (c == '/' && after == '/'))
		skip_line(s);
	else if (c == '/' && after == '*')
		skip_comment(s);
	else if (c == '"')
		take_text(s);
	else if (is_word(c))
		take_word(s);
	else
		take_sign(s, c);
	/* White space and comments may stand between the parts of a text. */
	s->joins = s->joins && (c == '"' || c == '#' || c == '/' || is_space(c));
}

static int
by_id(const void *pa, const void *pb)
{
	return strcmp(((const struct rule_place *)pa)->id, ((const struct rule_place *)pb)->id);
}

void
rule_places_read(struct str text, struct rule_places *ret_places)
{
	struct scan s = {.text = text, .line = 1};

	while (s.at < s.text.len)
		take_next(&s);
	if (s.places.count > 1)
		qsort(s.places.rows, s.places.count, sizeof *s.places.rows, by_id);
	s.places.codes_from_task = strcmp(s.from, "task") == 0;
	*ret_places = s.places;
}

const struct rule_place *
rule_places_find(const struct rule_places *places, const char *id)
{
	struct rule_place key = {.line = 0};
	size_t len = strlen(id);

	if (places->count == 0 || len >= sizeof key.id)
		return NULL;
	memcpy(key.id, id, len + 1);
	return bsearch(&key, places->rows, places->count, sizeof *places->rows, by_id);
}

void
rule_places_release(struct rule_places *places)
{
	free(places->rows);
	*places = (struct rule_places){.rows = NULL};
}
