/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/clean.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "proto/rowset.h"
#include "rules/apps.h"
#include "rules/text.h"
#include "rules/trail.h"

struct step {
	const struct clean_step *row;
	struct str if_prefix;
	struct pattern *pattern; /* NULL for a kind that needs none */
	const struct needs *needs;
	size_t stage_end;        /* the number of the first step of a later stage */
};

struct cleaner {
	struct matcher *matcher;
	struct apps *apps;
	struct step *steps;
	size_t count;
	/* A replacement reads the title from wherever it is and writes to the spare one, where it surely is not. */
	char scratch[2][ROWSET_STRING_MAX + 1];
	unsigned spare;
};

/* What a step did. */
enum outcome { NOTHING, CHANGED, STAGE_DONE, DROPPED };

static int
add_step(struct cleaner *c, const struct clean_step *row)
{
	struct step *step = &c->steps[c->count++];
	int r = apps_add(c->apps, &row->app);

	step->row = row;
	step->if_prefix = str_of(row->if_prefix);
	if (r == 0 && row->pattern.regex != NULL)
		r = pattern_new(c->matcher, &row->pattern, &step->pattern);
	step->needs = pattern_needs(step->pattern);
	return r;
}

static void
find_stage_ends(struct cleaner *c)
{
	size_t end = c->count;

	for (size_t i = c->count; i > 0; i--) {
		if (i < c->count && c->steps[i].row->stage != c->steps[i - 1].row->stage)
			end = i;
		c->steps[i - 1].stage_end = end;
	}
}

int
cleaner_new(struct matcher *m, const struct clean_step *steps, size_t count, struct cleaner **ret_cleaner)
{
	_cleanup_(cleaner_freep) struct cleaner *c = xcalloc(1, sizeof *c);

	c->matcher = m;
	c->apps = apps_new(m);
	c->steps = xcalloc(count, sizeof *c->steps);
	for (size_t i = 0; i < count; i++) {
		int r = add_step(c, &steps[i]);

		if (r < 0)
			return r;
	}
	find_stage_ends(c);
	*ret_cleaner = TAKE_PTR(c);
	return 0;
}

struct cleaner *
cleaner_free(struct cleaner *c)
{
	if (c == NULL)
		return NULL;
	for (size_t i = 0; i < c->count; i++)
		pattern_free(c->steps[i].pattern);
	apps_free(c->apps);
	free(c->steps);
	free(c);
	return NULL;
}

static enum outcome
replace(struct cleaner *c, const struct step *step, struct str *title)
{
	char *out = c->scratch[c->spare];
	struct str before = *title;
	size_t len;

	if (!pattern_replace(c->matcher, step->pattern, *title, step->row->replacement, out, sizeof c->scratch[0],
			     &len))
		return NOTHING;
	*title = (struct str){out, len};
	c->spare ^= 1;
	return str_eq(before, *title) ? NOTHING : CHANGED;
}

static enum outcome
trim(struct str *title)
{
	size_t before = title->len;

	*title = text_trim(*title);
	return title->len == before ? NOTHING : CHANGED;
}

static enum outcome
extract(struct cleaner *c, const struct step *step, struct str *title)
{
	struct str found;

	if (!pattern_find(c->matcher, step->pattern, *title, pattern_group(step->pattern, "title"), &found))
		return NOTHING;
	*title = text_trim(found);
	return STAGE_DONE;
}

/* A title that matches becomes what the pattern's groups and the words of the rule make of it. */
static enum outcome
rename_title(struct cleaner *c, const struct step *step, struct str *title)
{
	char *out = c->scratch[c->spare];
	size_t len;

	if (!pattern_rewrite(c->matcher, step->pattern, *title, step->row->replacement, out, sizeof c->scratch[0],
			     &len))
		return NOTHING;
	*title = (struct str){out, len};
	c->spare ^= 1;
	return STAGE_DONE;
}

static enum outcome
step_run(struct cleaner *c, const struct step *step, struct str *title)
{
	struct str found;

	switch (step->row->kind) {
	case CLEAN_REPLACE:
		return replace(c, step, title);
	case CLEAN_TRIM:
		return trim(title);
	case CLEAN_EXTRACT:
		return extract(c, step, title);
	case CLEAN_RENAME:
		return rename_title(c, step, title);
	case CLEAN_DROP:
		return pattern_find(c->matcher, step->pattern, *title, 0, &found) ? DROPPED : NOTHING;
	case CLEAN_END:
		return step->pattern == NULL || pattern_find(c->matcher, step->pattern, *title, 0, &found) ? STAGE_DONE : NOTHING;
	}
	return NOTHING;
}

static void
note(struct cleaner *c, const struct step *step, enum outcome outcome, struct buf *trail)
{
	if (matcher_ran_into_limit(c->matcher))
		trail_add_limit(trail, step->row->head.id);
	if (outcome != NOTHING)
		trail_add(trail, str_of(step->row->head.id));
}

const char *
cleaner_run(struct cleaner *c, struct str application, struct str title, struct buf *trail, struct str *ret_title)
{
	size_t count, from = 0;
	const uint32_t *fitting = apps_fitting(c->apps, application, &count);
	const struct shape *shape = matcher_shape(c->matcher);
	bool told = !matcher_is_limited(c->matcher);

	for (size_t i = 0; i < count; i++) {
		const struct step *step = &c->steps[fitting[i]];
		struct str before = title;
		enum outcome outcome;

		/* A limit that an application's pattern ran into is told of the first step. */
		if (fitting[i] < from || (told && pattern_misses(step->needs, shape)) || !str_starts(title, step->if_prefix))
			continue;
		told = true;
		outcome = step_run(c, step, &title);
		note(c, step, outcome, trail);
		if (title.p != before.p || title.len != before.len)
			matcher_subject_changed(c->matcher, title);
		if (outcome == DROPPED)
			return step->row->head.id;
		if (outcome == STAGE_DONE)
			from = step->stage_end;
	}
	*ret_title = title;
	return NULL;
}
