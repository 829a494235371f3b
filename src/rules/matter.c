/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/matter.h"

#include <stdlib.h>

#include "base/alloc.h"

#define CODE_GROUP 1

struct matters {
	struct matcher *matcher;
	const struct matter_rule *rules;
	struct pattern **patterns; /* one a rule, in their order */
	size_t count;
};

int
matters_new(struct matcher *m, const struct matter_rule *rules, size_t count, struct matters **ret_matters)
{
	_cleanup_(matters_freep) struct matters *s = xcalloc(1, sizeof *s);

	s->matcher = m;
	s->rules = rules;
	s->patterns = xcalloc(count, sizeof(struct pattern *));
	for (s->count = 0; s->count < count; s->count++) {
		int r = pattern_new(m, &rules[s->count].pattern, &s->patterns[s->count]);

		if (r < 0)
			return r;
	}
	*ret_matters = TAKE_PTR(s);
	return 0;
}

struct matters *
matters_free(struct matters *s)
{
	if (s == NULL)
		return NULL;
	for (size_t i = 0; i < s->count; i++)
		pattern_free(s->patterns[i]);
	free(s->patterns);
	free(s);
	return NULL;
}

const char *
matters_find(struct matters *s, struct str title, struct str *ret_code)
{
	for (size_t i = 0; i < s->count; i++)
		if (pattern_find(s->matcher, s->patterns[i], title, CODE_GROUP, ret_code))
			return s->rules[i].head.id;
	return NULL;
}
