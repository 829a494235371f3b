/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/vague.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/utf8.h"
#include "rules/text.h"

struct rule {
	const struct vague_rule *row;
	struct str text;
	struct pattern *pattern; /* VAGUE_PATTERN only */
};

struct vague {
	struct matcher *matcher;
	struct rule *rules;
	size_t count;
	size_t chars_max;
};

static int
rule_init(struct rule *rule, struct matcher *m, const struct vague_rule *row)
{
	rule->row = row;
	rule->text = str_of(row->text);
	return row->kind == VAGUE_PATTERN ? pattern_new(m, &row->pattern, &rule->pattern) : 0;
}

int
vague_new(struct matcher *m, const struct vague_rule *rules, size_t count, size_t chars_max, struct vague **ret_vague)
{
	_cleanup_(vague_freep) struct vague *v = xcalloc(1, sizeof *v);

	v->matcher = m;
	v->chars_max = chars_max;
	v->rules = xcalloc(count, sizeof *v->rules);
	for (v->count = 0; v->count < count; v->count++) {
		int r = rule_init(&v->rules[v->count], m, &rules[v->count]);

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
	for (size_t i = 0; i < v->count; i++)
		pattern_free(v->rules[i].pattern);
	free(v->rules);
	free(v);
	return NULL;
}

static bool
rule_matches(struct vague *v, const struct rule *rule, struct str title)
{
	struct str found;

	switch (rule->row->kind) {
	case VAGUE_NAME:
		return str_eq(title, rule->text);
	case VAGUE_PREFIX:
		return str_starts(title, rule->text);
	case VAGUE_PATTERN:
		return pattern_find(v->matcher, rule->pattern, title, 0, &found);
	}
	return false;
}

const char *
vague_find(struct vague *v, struct str title)
{
	title = text_trim(title);
	if (utf8_length(title) > v->chars_max)
		return NULL;
	for (size_t i = 0; i < v->count; i++)
		if (rule_matches(v, &v->rules[i], title))
			return v->rules[i].row->head.id;
	return NULL;
}
