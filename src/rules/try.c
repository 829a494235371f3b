/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/try.h"

#include <errno.h>

#include "base/buf.h"
#include "proto/rowset.h"
#include "rules/privacy.h"
#include "rules/rules.h"

#define EXAMPLE_BYTES_MAX 20000
#define EXAMPLE_SECONDS   60
#define KIND              "example"

struct trial {
	struct rules *rules;
	struct privacy *privacy;
	struct rule_notes *notes;
	size_t examples;
};
typedef int (*try_fn)(struct trial *t, const char *id, const struct example *e);

bool
trail_names_rule(struct str trail, const char *id)
{
	size_t len = strlen(id);

	for (const char *p = trail.p; p != NULL && p < trail.p + trail.len;) {
		const char *end = memchr(p, ' ', trail.len - (size_t)(p - trail.p));
		size_t word = end != NULL ? (size_t)(end - p) : trail.len - (size_t)(p - trail.p);

		if (word >= len && memcmp(p, id, len) == 0 && (word == len || p[len] == '=' || p[len] == '!'))
			return true;
		p = end != NULL ? end + 1 : NULL;
	}
	return false;
}

static void
note_result(struct trial *t, const char *id, const struct example *e, const char *what, const char *want, struct str is)
{
	rule_notes_add(t->notes, e->line, KIND, id, "\"%s\": %s should be \"%s\" but is \"%.*s\"", e->title, what, want, STR_ARG(is));
}

static void
note_part(struct trial *t, const char *id, const struct example *e, bool fired, struct str trail)
{
	if (fired == (e->want != WANT_UNTOUCHED))
		return;
	rule_notes_add(t->notes, e->line, KIND, id, "\"%s\": the rule %s; what fired: %.*s", e->title,
	    fired ? "should have left it alone" : "had no part in it", STR_ARG(trail.len > 0 ? trail : STR("nothing")));
}

static void
note_left(struct trial *t, const char *id, const struct example *e, struct str is)
{
	rule_notes_add(t->notes, e->line, KIND, id, "\"%s\": nothing should be left of it, but \"%.*s\" is", e->title, STR_ARG(is));
}

static int
judge(struct rules *rules, const struct example *e, struct rowset **ret_verdicts)
{
	_cleanup_(rowset_builder_freep) struct rowset_builder *b = rowset_builder_new(1, EXAMPLE_BYTES_MAX);
	_cleanup_(rowset_freep) struct rowset *day = NULL;
	const struct row_view row = {.seconds = EXAMPLE_SECONDS, .activity = str_of(e->application), .document = str_of(e->title),
				     .category = str_of(e->category)};
	int r = rowset_builder_add(b, &row);

	if (r == 0)
		r = rowset_build(b, &day);
	return r < 0 ? r : rules_apply(rules, day, NULL, ret_verdicts);
}

static int
try_example(struct trial *t, const char *id, const struct example *e)
{
	_cleanup_(rowset_freep) struct rowset *verdicts = NULL;
	struct row_view row;
	bool fired;
	int r = judge(t->rules, e, &verdicts);

	if (r < 0)
		return r;
	row = rowset_row(verdicts, 0);
	fired = trail_names_rule(row.trail, id) || str_eq(row.rule, str_of(id));
	if (e->want == WANT_TASK && !str_eq(row.task, str_of(e->text)))
		note_result(t, id, e, "the task", e->text, row.task);
	if (e->want == WANT_MATTER && !str_eq(row.matter, str_of(e->text)))
		note_result(t, id, e, "the matter", e->text, row.matter);
	if (e->want == WANT_DROPPED && row.task.len > 0)
		note_left(t, id, e, row.task);
	/* That no matter is found is what a rule for codes cannot have brought about. */
	if (e->want != WANT_MATTER || e->text[0] != '\0' || fired)
		note_part(t, id, e, fired, row.trail);
	return 0;
}

static int
try_privacy_example(struct trial *t, const char *id, const struct example *e)
{
	_cleanup_(buf_release) struct buf trail = BUF_INIT(ROWSET_STRING_MAX);
	const struct row_view row = {.activity = str_of(e->application), .document = str_of(e->title), .category = str_of(e->category)};
	struct str stored = row.document;
	bool excluded = privacy_judge(t->privacy, &row, 0, &trail, &stored) == PRIVACY_EXCLUDED;

	if (e->want == WANT_EXCLUDED && !excluded)
		note_left(t, id, e, stored);
	if (e->want != WANT_EXCLUDED && excluded)
		rule_notes_add(t->notes, e->line, KIND, id, "\"%s\": it should be stored, but is excluded", e->title);
	else if (e->want == WANT_TITLE && !str_eq(stored, str_of(e->text)))
		note_result(t, id, e, "what is stored", e->text, stored);
	note_part(t, id, e, trail_names_rule(buf_str(&trail), id), buf_str(&trail));
	return 0;
}

static int
try_rule(struct trial *t, const struct rule_head *head, try_fn try)
{
	int r = 0;

	for (size_t i = 0; i < head->example_count && r == 0; i++, t->examples++)
		r = try(t, head->id, &head->examples[i]);
	return r;
}

static int
try_all(const struct ruleset *set, struct trial *t)
{
	int r = 0;

	for (size_t i = 0; i < set->clean_count && r == 0; i++)
		r = try_rule(t, &set->clean[i].head, try_example);
	for (size_t i = 0; i < set->vague_count && r == 0; i++)
		r = try_rule(t, &set->vague[i].head, try_example);
	for (size_t i = 0; i < set->matter_count && r == 0; i++)
		r = try_rule(t, &set->matter[i].head, try_example);
	for (size_t i = 0; i < set->refuse_count && r == 0; i++)
		r = try_rule(t, &set->refuse[i].head, try_example);
	for (size_t i = 0; i < set->privacy_count && r == 0; i++)
		r = try_rule(t, &set->privacy[i].head, try_privacy_example);
	return r;
}

int
rules_try(const struct ruleset *set, struct rule_notes *notes, size_t *ret_examples)
{
	struct trial t = {.notes = notes};
	int r = rules_new(set, &t.rules);

	if (r == 0)
		r = privacy_new(set, &t.privacy);
	if (r == 0)
		r = try_all(set, &t);
	privacy_free(t.privacy);
	rules_free(t.rules);
	if (r < 0)
		return r;
	rule_notes_sort(notes);
	*ret_examples = t.examples;
	return 0;
}
