/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/apps.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "proto/rowset.h"
#include "rules/text.h"

struct test {
	const struct app_test *row;
	char *text; /* folded, if any case is meant */
	struct pattern_def def;
	struct pattern *pattern; /* APP_MATCHES */
};

/* A place for one application; whoever comes to it next takes it over. */
#define REMEMBERED 64

struct answer {
	bool known, for_good;
	char *application;
	size_t len;
	uint32_t *fitting;
	size_t count;
};

struct apps {
	struct matcher *matcher;
	struct test **tests;
	size_t count;
	struct answer answers[REMEMBERED], *last;
	char folded[ROWSET_STRING_MAX];
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

static void
forget_all(struct apps *a)
{
	for (size_t i = 0; i < REMEMBERED; i++) {
		free(a->answers[i].application);
		free(a->answers[i].fitting);
		a->answers[i] = (struct answer){.known = false};
	}
	a->last = NULL;
}

struct apps *
apps_free(struct apps *a)
{
	if (a == NULL)
		return NULL;
	forget_all(a);
	for (size_t i = 0; i < a->count; i++)
		test_free(a->tests[i]);
	free(a->tests);
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
	a->tests[a->count++] = t;
	forget_all(a);
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

static bool
is_about(const struct answer *answer, struct str application)
{
	return answer != NULL && answer->known && str_eq((struct str){answer->application, answer->len}, application);
}

static void
work_out(struct apps *a, struct str application, struct answer *answer)
{
	struct str folded = {a->folded, application.len};
	bool limited = matcher_is_limited(a->matcher);

	answer->known = true;
	answer->application = xreallocarray(answer->application, application.len + 1, 1);
	answer->len = application.len;
	if (application.len > 0)
		memcpy(answer->application, application.p, application.len);
	answer->fitting = xreallocarray(answer->fitting, a->count + 1, sizeof *answer->fitting);
	answer->count = 0;
	text_small(application, a->folded);
	for (size_t i = 0; i < a->count; i++)
		if (fits(a, a->tests[i], application, folded))
			answer->fitting[answer->count++] = (uint32_t)i;
	/* Whoever asks is to hear of the limit each time that another application was in between. */
	answer->for_good = !limited && !matcher_is_limited(a->matcher);
}

const uint32_t *
apps_fitting(struct apps *a, struct str application, size_t *ret_count)
{
	struct answer *answer = a->last;

	application = text_cut(application, ROWSET_STRING_MAX);
	if (!is_about(answer, application)) {
		answer = &a->answers[hash_for_own_table(application) % REMEMBERED];
		if (!answer->for_good || !is_about(answer, application))
			work_out(a, application, answer);
		a->last = answer;
	}
	*ret_count = answer->count;
	return answer->fitting;
}
