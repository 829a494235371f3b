/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/rules.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "rules/rules_internal.h"

static int
rules_compile(struct rules *r)
{
	const struct ruleset *set = r->set;
	int e;

	r->matcher = matcher_new();
	e = cleaner_new(r->matcher, set->clean, set->clean_count, &r->cleaner);
	if (e < 0)
		return e;
	e = vague_new(r->matcher, set->vague, set->vague_count, set->vague_chars_max, &r->vague);
	if (e < 0)
		return e;
	return matters_new(r->matcher, set, &r->matters);
}

/* A made-up day. What libraries ask of the system only once they ask here, before a worker is confined to memory calls:
 * glibc's qsort_r for one asks how much memory there is as soon as it sorts more than a kilobyte. */
static int
rules_warm_up(struct rules *r)
{
	_cleanup_(rowset_builder_freep) struct rowset_builder *b = rowset_builder_new(100, 100000);
	_cleanup_(rowset_freep) struct rowset *rows = NULL, *verdicts = NULL;
	int e;

	for (int i = 0; i < 100; i++) {
		char title[] = "Deed_[12300].docx - Read-Only";
		const struct row_view row = {
		    .bucket_s = i, .seconds = 1, .activity = STR("microsoft word"), .document = {title, sizeof title - 1},
		};

		str_put_digits(title + 9, 2, (unsigned)i);
		e = rowset_builder_add(b, &row);
		if (e < 0)
			return e;
	}
	e = rowset_build(b, &rows);
	if (e < 0)
		return e;
	return rules_apply(r, rows, NULL, &verdicts);
}

int
rules_new(const struct ruleset *set, struct rules **ret_rules)
{
	_cleanup_(rules_freep) struct rules *r = xcalloc(1, sizeof *r);
	int e;

	r->set = set;
	r->words = BUF_INIT(ROWSET_STRING_MAX);
	e = rules_compile(r);
	if (e < 0)
		return e;
	e = rules_warm_up(r);
	if (e < 0)
		return e;
	*ret_rules = TAKE_PTR(r);
	return 0;
}

struct rules *
rules_free(struct rules *r)
{
	if (r == NULL)
		return NULL;
	buf_release(&r->words);
	matters_free(r->matters);
	vague_free(r->vague);
	cleaner_free(r->cleaner);
	matcher_free(r->matcher);
	free(r);
	return NULL;
}

const char *
rules_version(const struct rules *r)
{
	return r->set->version;
}
