/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/clean.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "proto/rowset.h"
#include "rules/text.h"

struct step {
	const struct clean_step *row;
	struct str if_activity, if_prefix;
	struct pattern *pattern; /* NULL for a kind that needs none */
};

struct cleaner {
	struct matcher *matcher;
	struct step *steps;
	size_t count;
	/* A replacement reads the title from wherever it is and writes to the spare one, where it surely is not. */
	char scratch[2][ROWSET_STRING_MAX + 1];
	unsigned spare;
};

enum verdict { GO_ON, STAGE_DONE, DROPPED };

static int
step_init(struct step *step, struct matcher *m, const struct clean_step *row)
{
	step->row = row;
	step->if_activity = str_of(row->app.text);
	step->if_prefix = str_of(row->if_prefix);
	return row->pattern.regex != NULL ? pattern_new(m, &row->pattern, &step->pattern) : 0;
}

int
cleaner_new(struct matcher *m, const struct clean_step *steps, size_t count, struct cleaner **ret_cleaner)
{
	_cleanup_(cleaner_freep) struct cleaner *c = xcalloc(1, sizeof *c);

	c->matcher = m;
	c->steps = xcalloc(count, sizeof *c->steps);
	for (c->count = 0; c->count < count; c->count++) {
		int r = step_init(&c->steps[c->count], m, &steps[c->count]);

		if (r < 0)
			return r;
	}
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
	free(c->steps);
	free(c);
	return NULL;
}

static bool
step_applies(const struct step *step, struct str activity, struct str title)
{
	return str_starts(title, step->if_prefix) && text_contains(activity, step->if_activity);
}

static void
replace(struct cleaner *c, const struct step *step, struct str *title)
{
	char *out = c->scratch[c->spare];
	size_t len;

	if (!pattern_replace(c->matcher, step->pattern, *title, step->row->replacement, out, sizeof c->scratch[0],
			     &len))
		return;
	*title = (struct str){out, len};
	c->spare ^= 1;
}

static enum verdict
extract(struct cleaner *c, const struct step *step, struct str *title)
{
	struct str found;

	if (!pattern_find(c->matcher, step->pattern, *title, 0, &found))
		return GO_ON;
	*title = text_trim(found);
	return STAGE_DONE;
}

static enum verdict
step_run(struct cleaner *c, const struct step *step, struct str *title)
{
	struct str found;

	switch (step->row->kind) {
	case CLEAN_REPLACE:
		replace(c, step, title);
		return GO_ON;
	case CLEAN_TRIM:
		*title = text_trim(*title);
		return GO_ON;
	case CLEAN_EXTRACT:
		return extract(c, step, title);
	case CLEAN_DROP:
		return pattern_find(c->matcher, step->pattern, *title, 0, &found) ? DROPPED : GO_ON;
	case CLEAN_RENAME:
	case CLEAN_END:
		return STAGE_DONE;
	}
	return GO_ON;
}

static size_t
stage_end(const struct cleaner *c, size_t i)
{
	enum clean_stage stage = c->steps[i].row->stage;

	while (i < c->count && c->steps[i].row->stage == stage)
		i++;
	return i;
}

const char *
cleaner_run(struct cleaner *c, struct str activity, struct str title, struct str *ret_title)
{
	size_t i = 0;

	while (i < c->count) {
		const struct step *step = &c->steps[i++];
		enum verdict v;

		if (!step_applies(step, activity, title))
			continue;
		v = step_run(c, step, &title);
		if (v == DROPPED)
			return step->row->head.id;
		if (v == STAGE_DONE)
			i = stage_end(c, i - 1);
	}
	*ret_title = title;
	return NULL;
}
