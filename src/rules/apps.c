/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/apps.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "proto/rowset.h"
#include "rules/text.h"

struct test {
	const struct app_test *row;
	char *text; /* folded, if any case is meant */
	struct pattern_def def;
	struct pattern *pattern; /* APP_MATCHES */
};

struct apps {
	struct matcher *matcher;
	struct test **tests;
	uint32_t *fitting;
	size_t count, fitting_count;
	bool known;
	size_t last_len;
	char last[ROWSET_STRING_MAX], folded[ROWSET_STRING_MAX];
};

struct apps *
apps_new(struct matcher *m)
{
	struct apps *a = xcalloc(1, sizeof *a);

	a->matcher = m;
	return a;
}

static struct test *
test_free(struct test *t)
{
	pattern_free(t->pattern);
	free(t->text);
	free(t);
	return NULL;
}

struct apps *
apps_free(struct apps *a)
{
	if (a == NULL)
		return NULL;
	for (size_t i = 0; i < a->count; i++)
		test_free(a->tests[i]);
	free(a->tests);
	free(a->fitting);
	free(a);
	return NULL;
}

int
apps_add(struct apps *a, const struct app_test *row)
{
	struct test *t = xcalloc(1, sizeof *t);
	int r = 0;

	t->row = row;
	t->text = xstrdup(row->text != NULL ? row->text : "");
	t->def = (struct pattern_def){.regex = row->text, .caseless = row->caseless};
	if (row->how == APP_MATCHES)
		r = pattern_new(a->matcher, &t->def, &t->pattern);
	else if (row->caseless)
		text_small(str_of(t->text), t->text);
	if (r < 0) {
		test_free(t);
		return r;
	}
	a->tests = xreallocarray(a->tests, a->count + 1, sizeof(struct test *));
	a->fitting = xreallocarray(a->fitting, a->count + 1, sizeof *a->fitting);
	a->tests[a->count++] = t;
	a->known = false;
	return 0;
}

static bool
fits(struct apps *a, const struct test *t, struct str application, struct str folded)
{
	struct str subject = t->row->caseless ? folded : application, found;

	switch (t->row->how) {
	case APP_ANY:
		return true;
	case APP_IS:
		return str_eq(subject, str_of(t->text));
	case APP_CONTAINS:
		return text_contains(subject, str_of(t->text));
	case APP_MATCHES:
		return pattern_find(a->matcher, t->pattern, application, 0, &found);
	}
	return false;
}

const uint32_t *
apps_fitting(struct apps *a, struct str application, size_t *ret_count)
{
	struct str folded;

	if (!a->known || !str_eq((struct str){a->last, a->last_len}, application)) {
		application = text_cut(application, sizeof a->last);
		folded = (struct str){a->folded, application.len};
		text_small(application, a->folded);
		a->fitting_count = 0;
		for (size_t i = 0; i < a->count; i++)
			if (fits(a, a->tests[i], application, folded))
				a->fitting[a->fitting_count++] = (uint32_t)i;
		if (application.len > 0)
			memcpy(a->last, application.p, application.len);
		a->last_len = application.len;
		a->known = true;
	}
	*ret_count = a->fitting_count;
	return a->fitting;
}
