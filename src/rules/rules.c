/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/rules.h"

#include <errno.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/digest.h"
#include "rules/clean.h"
#include "rules/matter.h"
#include "rules/text.h"
#include "rules/vague.h"

/* Of what had no title, or lost all of it in cleaning. Not a row of a table: whatever the tables say, no row is dropped
 * without a rule. */
#define RULE_EMPTY "title.empty"

struct rules {
	const struct ruleset *set;
	struct matcher *matcher;
	struct cleaner *cleaner;
	struct vague *vague;
	struct matters *matters;
};

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
	return matters_new(r->matcher, set->matter, set->matter_count, &r->matters);
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
		const struct row_view row = {
		    .bucket_s = i,
		    .seconds = 1,
		    .activity = STR("microsoft word"),
		    .document = STR("Deed_[12345].docx - Read-Only"),
		};

		e = rowset_builder_add(b, &row);
		if (e < 0)
			return e;
	}
	e = rowset_build(b, &rows);
	if (e < 0)
		return e;
	return rules_apply(r, rows, &verdicts);
}

int
rules_new_builtin(struct rules **ret_rules)
{
	_cleanup_(rules_freep) struct rules *r = xcalloc(1, sizeof *r);
	int e;

	r->set = &builtin_ruleset;
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

/* The rule that drops the row, or NULL and the cleaned title. */
static const char *
name_task(struct rules *r, const struct row_view *row, struct str *ret_task)
{
	const char *rule = cleaner_run(r->cleaner, row->activity, text_cut(row->document, RULES_TITLE_MAX), ret_task);

	if (rule != NULL)
		return rule;
	if (ret_task->len == 0)
		return RULE_EMPTY;
	return vague_find(r->vague, *ret_task);
}

static void
judge(struct rules *r, struct row_view *row)
{
	struct str task = STR_NONE, code = STR_NONE;
	const char *rule = name_task(r, row, &task);

	if (rule != NULL) {
		task = STR_NONE;
	} else {
		rule = matters_find(r->matters, task, &code);
	}
	row->task = task;
	row->application = task.len > 0 ? row->activity : STR_NONE;
	row->matter = code;
	row->rule = str_of(rule);
}

/* Says by what rows become one entry, with lengths, so that no two say the same in other words. Too long for a rowset: its digest instead. */
static struct str
name_group(const struct row_view *row, struct buf *group)
{
	char hex[DIGEST_HEX_SIZE];

	buf_clear(group);
	if (row->task.len == 0)
		return STR_NONE;
	buf_addf(group, "application=%zu:", row->application.len);
	buf_add_str(group, row->application);
	buf_addf(group, " task=%zu:", row->task.len);
	buf_add_str(group, row->task);
	if (group->len > ROWSET_STRING_MAX) {
		digest_hex(buf_str(group), hex);
		buf_clear(group);
		buf_addf(group, "h=%s", hex);
	}
	return buf_str(group);
}

int
rules_apply(struct rules *r, const struct rowset *rows, struct rowset **ret_verdicts)
{
	_cleanup_(rowset_builder_freep) struct rowset_builder *b =
	    rowset_builder_new(ROWSET_ROWS_MAX, ROWSET_MAX_BYTES);
	_cleanup_(buf_release) struct buf group = BUF_INIT(4 * ROWSET_STRING_MAX);

	for (size_t i = 0; i < rowset_count(rows); i++) {
		struct row_view row = rowset_row(rows, i);
		int e;

		judge(r, &row);
		row.group = name_group(&row, &group);
		e = rowset_builder_add(b, &row);
		if (e < 0)
			return e;
	}
	return rowset_build(b, ret_verdicts);
}
