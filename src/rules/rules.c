/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/rules.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "rules/clean.h"
#include "rules/group.h"
#include "rules/matter.h"
#include "rules/text.h"
#include "rules/trail.h"
#include "rules/vague.h"

struct rules {
	const struct ruleset *set;
	struct matcher *matcher;
	struct cleaner *cleaner;
	struct vague *vague;
	struct matters *matters;
	struct buf trail;
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
	return rules_apply(r, rows, NULL, &verdicts);
}

int
rules_new(const struct ruleset *set, struct rules **ret_rules)
{
	_cleanup_(rules_freep) struct rules *r = xcalloc(1, sizeof *r);
	int e;

	r->set = set;
	r->trail = BUF_INIT(ROWSET_STRING_MAX);
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
	buf_release(&r->trail);
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

#define NO_GROUP SIZE_MAX

/* What is known of a row before the entries are. */
struct judged {
	struct verdict_strings strings;
	size_t group; /* NO_GROUP: dropped */
};

/* A day on its way through the rules. */
struct day {
	struct rules *rules;
	struct rowset *totals;
	struct rowset_parts parts;
	struct rowset_builder *out;
	struct groups *groups;
	struct judged *rows;          /* one a total */
	struct verdict_strings *heads; /* one a group: what its rows have in common */
};

static void
day_release(struct day *d)
{
	rowset_free(d->totals);
	rowset_parts_release(&d->parts);
	rowset_builder_free(d->out);
	groups_free(d->groups);
	free(d->rows);
	free(d->heads);
}

/* The rule that drops the row, or NULL and the cleaned title. */
static const char *
name_task(struct rules *r, const struct row_view *row, struct str *ret_task)
{
	const char *rule = cleaner_run(r->cleaner, row->activity, text_cut(row->document, RULES_TITLE_MAX), &r->trail, ret_task);

	if (rule != NULL)
		return rule;
	if (ret_task->len == 0)
		return RULE_EMPTY;
	return vague_find(r->vague, *ret_task, &r->trail);
}

static int
find_matter(struct day *d, struct str task, struct verdict_strings *ret)
{
	struct str code = STR_NONE;
	const char *rule = matters_find(d->rules->matters, task, &code);
	int r;

	if (rule != NULL)
		trail_add_code(&d->rules->trail, rule, '=', code);
	r = rowset_builder_string(d->out, code, &ret->matter);
	if (r == 0)
		r = rowset_builder_string(d->out, str_of(rule), &ret->rule);
	return r == 0 ? rowset_builder_string(d->out, code.len > 0 ? STR("pattern") : STR_NONE, &ret->evidence) : r;
}

static int
place_row(struct day *d, const struct row_view *row, struct judged *j)
{
	struct group_row g = {.task = j->strings.task, .matter = j->strings.matter, .seconds = row->seconds};
	int r = rowset_builder_string(d->out, row->activity, &g.application);

	if (r == 0)
		r = rowset_builder_string(d->out, row->category, &g.category);
	if (r == 0)
		j->group = groups_add(d->groups, &g);
	return r;
}

static int
list_times(struct day *d, size_t i, uint32_t *ret_times)
{
	struct buf *times = &d->rules->trail;

	buf_clear(times);
	for (size_t k = d->parts.first[i]; k < d->parts.first[i + 1]; k++) {
		const struct rowset_part *part = &d->parts.parts[k];
		char word[32];
		int len = snprintf(word, sizeof word, "%02d:%02d+%d", part->bucket_s / 3600, part->bucket_s / 60 % 60, part->seconds);

		trail_add(times, (struct str){word, (size_t)len});
	}
	return rowset_builder_string(d->out, buf_str(times), ret_times);
}

static int
judge_row(struct day *d, size_t i)
{
	const struct row_view row = rowset_row(d->totals, i);
	struct judged *j = &d->rows[i];
	struct str task = STR_NONE;
	const char *rule;
	int r;

	buf_clear(&d->rules->trail);
	rule = name_task(d->rules, &row, &task);
	*j = (struct judged){.strings = NO_VERDICT, .group = NO_GROUP};
	if (rule != NULL) {
		r = rowset_builder_string(d->out, str_of(rule), &j->strings.rule);
	} else {
		r = rowset_builder_string(d->out, task, &j->strings.task);
		if (r == 0)
			r = find_matter(d, task, &j->strings);
		if (r == 0)
			r = place_row(d, &row, j);
	}
	if (r == 0)
		r = rowset_builder_string(d->out, buf_str(&d->rules->trail), &j->strings.trail);
	return r == 0 ? list_times(d, i, &j->strings.times) : r;
}

static int
settle_group(struct day *d, size_t number)
{
	const struct group *group = groups_at(d->groups, number);
	struct verdict_strings *head = &d->heads[number];

	*head = NO_VERDICT;
	if (group->key.seconds < d->rules->set->minimum_seconds)
		return rowset_builder_string(d->out, STR(RULE_BELOW_MINIMUM), &head->rule);
	head->task = group->key.task;
	head->application = group->key.application;
	return groups_name(d->groups, number, &head->group);
}

static int
settle_groups(struct day *d)
{
	int r = 0;

	d->heads = xcalloc(groups_count(d->groups), sizeof *d->heads);
	for (size_t i = 0; r == 0 && i < groups_count(d->groups); i++)
		r = settle_group(d, i);
	return r;
}

static int
write_row(struct day *d, size_t i)
{
	const struct row_view row = rowset_row(d->totals, i);
	const struct judged *j = &d->rows[i];
	struct verdict_strings v = j->strings;

	if (j->group != NO_GROUP) {
		const struct verdict_strings *head = &d->heads[j->group];

		v.task = head->task;
		v.application = head->application;
		v.group = head->group;
		if (head->group == ROWSET_NO_STRING) {
			v.rule = head->rule;
			v.matter = v.evidence = ROWSET_NO_STRING;
		}
	}
	return rowset_builder_judge(d->out, &row, &v);
}

int
rules_apply(struct rules *rules, const struct rowset *day, const struct matter_list *list, struct rowset **ret_verdicts)
{
	_cleanup_(day_release) struct day d = {.rules = rules};
	int r = rowset_totals_parts(day, &d.totals, &d.parts);

	(void)list;
	if (r < 0)
		return r;
	d.out = rowset_builder_new(ROWSET_ROWS_MAX, ROWSET_MAX_BYTES);
	d.groups = groups_new(rules->set->merge_keys, d.out);
	d.rows = xcalloc(rowset_count(d.totals), sizeof *d.rows);
	for (size_t i = 0; r == 0 && i < rowset_count(d.totals); i++)
		r = judge_row(&d, i);
	if (r == 0)
		r = settle_groups(&d);
	for (size_t i = 0; r == 0 && i < rowset_count(d.totals); i++)
		r = write_row(&d, i);
	return r < 0 ? r : rowset_build(d.out, ret_verdicts);
}
