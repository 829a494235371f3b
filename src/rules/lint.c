/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/lint.h"

#include <string.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "base/utf8.h"
#include "rules/lint_internal.h"
#include "rules/text.h"

const char *const lint_kinds[] = {LINT_UNREACHABLE, LINT_SHADOWED, LINT_NEVER, LINT_SLOW, NULL};

/* --- comparing ------------------------------------------------------------------------------------------------------------------ */

static char *
small_copy(const char *text)
{
	char *copy = xstrdup(text);

	text_small(str_of(copy), copy);
	return copy;
}

static bool
text_holds(const char *whole, const char *part, bool caseless, bool exactly)
{
	_cleanup_free_ char *a = caseless ? small_copy(whole) : xstrdup(whole), *b = caseless ? small_copy(part) : xstrdup(part);

	return exactly ? strcmp(a, b) == 0 : strstr(a, b) != NULL;
}

bool
app_covers(const struct app_test *a, const struct app_test *b)
{
	if (a->how == APP_ANY)
		return true;
	if (b->how == APP_ANY || (b->how == APP_MATCHES && a->how != APP_MATCHES))
		return false;
	if (a->how == APP_MATCHES && b->how == APP_IS && !b->caseless)
		return pattern_finds(&(struct pattern_def){.regex = a->text, .caseless = a->caseless}, str_of(b->text));
	/* What is meant in any case is more than what is not. */
	if (b->caseless && !a->caseless)
		return false;
	if (a->how == b->how && a->how != APP_CONTAINS)
		return a->how == APP_IS ? text_holds(b->text, a->text, a->caseless, true) : strcmp(a->text, b->text) == 0;
	return a->how == APP_CONTAINS && text_holds(b->text, a->text, a->caseless, false);
}

static bool
same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

bool
same_pattern(const struct pattern_def *a, const struct pattern_def *b)
{
	return same_text(a->regex, b->regex) && (a->caseless == b->caseless || a->caseless);
}

bool
pattern_finds(const struct pattern_def *def, struct str text)
{
	struct matcher *m = matcher_new();
	struct pattern *p = NULL;
	struct str found;
	bool finds = pattern_new(m, def, &p) == 0 && pattern_find(m, p, text, 0, &found);

	pattern_free(p);
	matcher_free(m);
	return finds;
}

static void
note_behind(struct lint *l, const struct rule_head *head, const char *kind, const struct rule_head *by, const char *what)
{
	rule_notes_add(l->notes, head->line, kind, head->id, "%s %s in line %u", what, by->id, by->line);
}

/* --- steps ---------------------------------------------------------------------------------------------------------------------- */

/* As different as titles can be: what finds something in each of them finds something in all. */
static bool
takes_everything(const struct pattern_def *def)
{
	static const char *const titles[] = {
	    "q", "7", "-", "電", "Deed.docx - Read-Only", "12345 67890", "a@b.example/c?d=e#f", "Überschrift, кратко", "(_)[]{}%$!;",
	};

	for (size_t i = 0; def->regex != NULL && i < ELEMENTSOF(titles); i++)
		if (!pattern_finds(def, str_of(titles[i])))
			return false;
	return true;
}

/* Nothing behind it in its stage is reached by what it is for. */
static bool
ends_all(const struct clean_step *step)
{
	return step->kind != CLEAN_REPLACE && step->kind != CLEAN_TRIM && takes_everything(&step->pattern);
}

static bool
stands_before(const struct clean_step *a, const struct clean_step *b)
{
	return app_covers(&a->app, &b->app) &&
	       (a->if_prefix == NULL || (b->if_prefix != NULL && str_starts(str_of(b->if_prefix), str_of(a->if_prefix))));
}

static bool
is_again(const struct clean_step *a, const struct clean_step *b)
{
	return a->pattern.regex != NULL && a->stage == b->stage && same_pattern(&a->pattern, &b->pattern);
}

static void
lint_step(struct lint *l, size_t i, const bool *ends)
{
	const struct clean_step *steps = l->set->clean, *step = &steps[i];

	for (size_t j = 0; j < i; j++) {
		bool reaches = steps[j].stage == step->stage || steps[j].kind == CLEAN_DROP;

		if (!stands_before(&steps[j], step))
			continue;
		if (ends[j] && reaches) {
			note_behind(l, &step->head, LINT_UNREACHABLE, &steps[j].head, "no title gets past");
			return;
		}
		if (is_again(&steps[j], step)) {
			note_behind(l, &step->head, LINT_SHADOWED, &steps[j].head, "its pattern stands already in");
			return;
		}
	}
}

static void
lint_steps(struct lint *l)
{
	_cleanup_free_ bool *ends = xcalloc(l->set->clean_count, sizeof *ends);

	for (size_t i = 0; i < l->set->clean_count; i++) {
		lint_step(l, i, ends);
		ends[i] = ends_all(&l->set->clean[i]);
	}
}

/* --- vague titles --------------------------------------------------------------------------------------------------------------- */

static bool
vague_covers(const struct vague_rule *a, const struct vague_rule *b)
{
	if (a->kind == VAGUE_PATTERN && b->kind == VAGUE_PATTERN)
		return same_pattern(&a->pattern, &b->pattern);
	if (b->kind == VAGUE_PATTERN || (b->caseless && a->kind != VAGUE_PATTERN && !a->caseless))
		return false;
	if (a->kind == VAGUE_PATTERN)
		return b->kind == VAGUE_NAME && (!b->caseless || a->pattern.caseless) && pattern_finds(&a->pattern, str_of(b->text));
	if (a->kind == VAGUE_NAME)
		return b->kind == VAGUE_NAME && text_holds(b->text, a->text, a->caseless, true);
	if (a->caseless) {
		_cleanup_free_ char *whole = small_copy(b->text), *start = small_copy(a->text);

		return str_starts(str_of(whole), str_of(start));
	}
	return str_starts(str_of(b->text), str_of(a->text));
}

static void
lint_vague_text(struct lint *l, const struct vague_rule *rule)
{
	struct str text = str_of(rule->text), trimmed = text_trim(text);
	size_t chars = utf8_length(text);

	if (chars > l->set->vague_chars_max)
		rule_notes_add(l->notes, rule->head.line, LINT_NEVER, rule->head.id,
		    "\"%s\" has %zu characters, and a title with more than %zu (max_chars) is never vague", rule->text, chars,
		    l->set->vague_chars_max);
	else if (rule->kind == VAGUE_NAME ? trimmed.len != text.len : trimmed.len == 0 || trimmed.p != text.p)
		rule_notes_add(l->notes, rule->head.line, LINT_NEVER, rule->head.id,
		    "\"%s\" has white space at an end, and titles are compared without it", rule->text);
}

static const struct rule_head *
vague_before(const struct vague_rule *rules, size_t i, const bool *is_other)
{
	for (size_t j = 0; j < i; j++)
		if ((is_other[j] || rules[i].kind != VAGUE_PATTERN) && vague_covers(&rules[j], &rules[i]))
			return &rules[j].head;
	return NULL;
}

static void
lint_vague(struct lint *l)
{
	const struct vague_rule *rules = l->set->vague;
	_cleanup_free_ bool *is_other = xcalloc(l->set->vague_count, sizeof *is_other);

	for (size_t i = 0; i < l->set->vague_count; i++) {
		const struct rule_head *before = vague_before(rules, i, is_other);

		is_other[i] = rules[i].kind != VAGUE_NAME;
		if (rules[i].kind != VAGUE_PATTERN)
			lint_vague_text(l, &rules[i]);
		if (before != NULL)
			rule_notes_add(l->notes, rules[i].head.line, LINT_SHADOWED, rules[i].head.id,
			    "\"%s\" is taken already by %s in line %u",
			    rules[i].kind == VAGUE_PATTERN ? rules[i].pattern.regex : rules[i].text, before->id, before->line);
	}
}

/* --- matters and privacy -------------------------------------------------------------------------------------------------------- */

static bool
same_words(const struct near_words *a, const struct near_words *b)
{
	for (size_t i = 0; a->count == b->count && i < a->count; i++)
		if (strcmp(a->texts[i], b->texts[i]) != 0)
			return false;
	return a->count == b->count;
}

/* With the same pattern and no other words the code of the higher priority is the same code. */
static void
lint_codes(struct lint *l)
{
	const struct matter_rule *rules = l->set->matter;

	for (size_t i = 0; i < l->set->matter_count; i++)
		for (size_t j = 0; j < l->set->matter_count; j++) {
			const struct matter_rule *a = &rules[j], *b = &rules[i];
			bool first = a->priority > b->priority || (a->priority == b->priority && j < i);

			if (i == j || !first || !same_pattern(&a->pattern, &b->pattern) || !app_covers(&a->app, &b->app) ||
			    (a->after.count > 0 && !same_words(&a->after, &b->after)))
				continue;
			note_behind(l, &b->head, LINT_SHADOWED, &a->head, "every code of it is found already by");
			break;
		}
}

static bool
refuses_the_same(const struct refuse_rule *a, const struct refuse_rule *b)
{
	return app_covers(&a->app, &b->app) && same_text(a->pattern.regex, b->pattern.regex) &&
	       (a->pattern.regex == NULL || same_pattern(&a->pattern, &b->pattern)) && same_words(&a->after, &b->after) &&
	       same_words(&a->after_number, &b->after_number) && same_words(&a->before, &b->before);
}

static void
lint_refusals(struct lint *l)
{
	for (size_t i = 0; i < l->set->refuse_count; i++)
		for (size_t j = 0; j < i; j++)
			if (refuses_the_same(&l->set->refuse[j], &l->set->refuse[i])) {
				note_behind(l, &l->set->refuse[i].head, LINT_SHADOWED, &l->set->refuse[j].head, "it refuses the same as");
				break;
			}
}

/* Redactions run one after another, so only exclusions keep others from their work. */
static bool
excludes_before(const struct privacy_rule *a, const struct privacy_rule *b)
{
	if (a->kind == PRIVACY_REDACT && (b->kind == PRIVACY_EXCLUDE || !same_pattern(&a->pattern, &b->pattern)))
		return false;
	return app_covers(&a->app, &b->app) && (a->category == NULL || same_text(a->category, b->category)) &&
	       (takes_everything(&a->pattern) || (b->pattern.regex != NULL && same_pattern(&a->pattern, &b->pattern)));
}

static void
lint_privacy(struct lint *l)
{
	for (size_t i = 0; i < l->set->privacy_count; i++)
		for (size_t j = 0; j < i; j++)
			if (excludes_before(&l->set->privacy[j], &l->set->privacy[i])) {
				note_behind(l, &l->set->privacy[i].head, LINT_SHADOWED, &l->set->privacy[j].head,
				    "what it is for is taken already by");
				break;
			}
}

/* --- each pattern --------------------------------------------------------------------------------------------------------------- */

static int
lint_app(struct lint *l, const struct rule_head *head, const struct app_test *app, const struct app_test *before)
{
	const struct pattern_def def = {.regex = app->text, .caseless = app->caseless};

	/* Rules of one program say the same again and again. */
	if (app->how != APP_MATCHES || (before != NULL && before->how == APP_MATCHES && strcmp(before->text, app->text) == 0))
		return 0;
	return lint_pattern(l, &(struct rule_head){.id = head->id, .line = head->line}, &def, NULL);
}

#define BEFORE(rules, i) ((i) > 0 ? &(rules)[(i) - 1].app : NULL)

static int
lint_patterns(struct lint *l)
{
	const struct ruleset *set = l->set;
	int r = 0;

	for (size_t i = 0; i < set->clean_count && r == 0; i++) {
		r = lint_app(l, &set->clean[i].head, &set->clean[i].app, BEFORE(set->clean, i));
		if (r == 0)
			r = lint_pattern(l, &set->clean[i].head, &set->clean[i].pattern, set->clean[i].if_prefix);
	}
	for (size_t i = 0; i < set->vague_count && r == 0; i++)
		r = lint_pattern(l, &set->vague[i].head, &set->vague[i].pattern, NULL);
	for (size_t i = 0; i < set->matter_count && r == 0; i++) {
		r = lint_app(l, &set->matter[i].head, &set->matter[i].app, BEFORE(set->matter, i));
		if (r == 0)
			r = lint_pattern(l, &set->matter[i].head, &set->matter[i].pattern, NULL);
	}
	for (size_t i = 0; i < set->refuse_count && r == 0; i++) {
		r = lint_app(l, &set->refuse[i].head, &set->refuse[i].app, BEFORE(set->refuse, i));
		if (r == 0)
			r = lint_pattern(l, &set->refuse[i].head, &set->refuse[i].pattern, NULL);
	}
	for (size_t i = 0; i < set->privacy_count && r == 0; i++) {
		r = lint_app(l, &set->privacy[i].head, &set->privacy[i].app, BEFORE(set->privacy, i));
		if (r == 0)
			r = lint_pattern(l, &set->privacy[i].head, &set->privacy[i].pattern, NULL);
	}
	return r;
}

int
rules_lint(const struct ruleset *set, struct rule_notes *notes)
{
	struct lint l = {.set = set, .notes = notes, .work_left = LINT_WORK_MAX};
	int r;

	lint_steps(&l);
	lint_vague(&l);
	lint_codes(&l);
	lint_refusals(&l);
	lint_privacy(&l);
	r = lint_patterns(&l);
	if (r == 0)
		rule_notes_sort(notes);
	return r;
}
