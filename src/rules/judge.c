/* SPDX-License-Identifier: Apache-2.0 */
/* A day on its way through the rules: each total is cleaned and searched for codes, then those of one entry are taken together. */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "rules/group.h"
#include "rules/rules_internal.h"
#include "rules/text.h"
#include "rules/trail.h"

#define NONE SIZE_MAX

/* What is known of a total before the entries are. */
struct judged {
	struct verdict_strings strings;
	size_t group; /* NONE: dropped */
	size_t next;  /* of the same group, or NONE */
	size_t found, found_count;
	int64_t seconds;
};

/* What the rows of an entry have in common. */
struct head {
	struct verdict_strings strings;
	size_t first; /* of its rows */
};

/* A total while it is looked at. */
struct row {
	const struct rowset_total *total;
	struct str application, title, task;
};

struct day {
	struct rules *rules;
	const struct matter_list *list;
	const struct rowset *grain;
	struct rowset_sums sums;
	struct rowset_builder *out;
	struct groups *groups;
	struct arena *texts; /* of codes whose title will be gone */
	struct matter_ballot ballot;
	struct matter_found *found; /* in the titles of all rows */
	size_t found_count, found_room;
	struct judged *rows; /* one a total */
	struct head *heads;  /* one a group */
	uint32_t application; /* of the last row */
};

static void
day_release(struct day *d)
{
	rowset_sums_release(&d->sums);
	rowset_builder_free(d->out);
	groups_free(d->groups);
	arena_free(d->texts);
	matter_ballot_release(&d->ballot);
	free(d->found);
	free(d->rows);
	free(d->heads);
}

/* The rule that drops the title, or NULL and the cleaned one. */
static const char *
name_task(struct rules *r, struct str application, struct str title, struct str *ret_task)
{
	const char *rule;

	matcher_subject(r->matcher, title);
	rule = cleaner_run(r->cleaner, application, title, &r->words, ret_task);
	if (rule != NULL)
		return rule;
	if (ret_task->len == 0) {
		trail_add(&r->words, STR(RULE_EMPTY));
		return RULE_EMPTY;
	}
	return vague_find(r->vague, *ret_task, &r->words);
}

static struct matter_found *
room_for_found(struct day *d)
{
	if (d->found_room - d->found_count < MATTERS_FOUND_MAX) {
		d->found_room = d->found_room * 2 + MATTERS_FOUND_MAX;
		d->found = xreallocarray(d->found, d->found_room, sizeof *d->found);
	}
	return d->found + d->found_count;
}

/* What a row's title says by itself: the surest, then that of the highest priority, then what was found first. */
static const struct matter_found *
best_of(const struct matter_found *found, size_t count)
{
	const struct matter_found *best = found;

	for (size_t i = 1; i < count; i++)
		if (found[i].standing > best->standing ||
		    (found[i].standing == best->standing && found[i].rule->priority > best->rule->priority))
			best = &found[i];
	return best;
}

/* The cleaned title is only borrowed, and of one title only the best code counts. */
static size_t
find_in_task(struct day *d, struct str application, struct str task, struct matter_found *found)
{
	size_t count;

	matcher_subject(d->rules->matcher, task);
	count = matters_collect(d->rules->matters, d->list, application, task, found, MATTERS_FOUND_MAX, &d->rules->words);
	if (count == 0)
		return 0;
	found[0] = *best_of(found, count);
	found[0].code.p = arena_copy(d->texts, found[0].code.p, found[0].code.len, 1);
	return 1;
}

static size_t
find_in_title(struct day *d, struct str application, struct str title, struct matter_found *found)
{
	matcher_subject_again(d->rules->matcher);
	return matters_collect(d->rules->matters, d->list, application, title, found, MATTERS_FOUND_MAX, &d->rules->words);
}

/* Where entries are kept apart by their matter, a row is of the one that its own codes elect, and has no vote for another. */
static int
elect_own(struct day *d, struct judged *j)
{
	struct matter_found *found = d->found + j->found;
	struct matter_decision decision;
	size_t kept = 0;

	matter_ballot_clear(&d->ballot);
	matter_ballot_add(&d->ballot, found, j->found_count, j->seconds);
	matter_ballot_decide(&d->ballot, &decision);
	for (size_t i = 0; i < j->found_count; i++)
		if (decision.code.len == 0 || str_eq(found[i].code, decision.code))
			found[kept++] = found[i];
	j->found_count = kept;
	return rowset_builder_string(d->out, decision.code, &j->strings.matter);
}

static int
find_matters(struct day *d, struct row *row, struct judged *j)
{
	struct matter_found *found = room_for_found(d);
	int r = 0;

	j->found = d->found_count;
	j->found_count = d->rules->set->matter_source == MATTER_FROM_TITLES ? find_in_title(d, row->application, row->title, found)
									     : find_in_task(d, row->application, row->task, found);
	if ((d->rules->set->merge_keys & MERGE_MATTER) != 0)
		r = elect_own(d, j);
	d->found_count += j->found_count;
	return r;
}

/* Totals stand application by application, so it is known after a look at the one before. */
static uint32_t
application_number(struct day *d, const struct rowset_total *t, struct str application)
{
	if (d->application == ROWSET_NO_STRING || !str_eq(rowset_builder_text(d->out, d->application), application))
		d->application = t->activity;
	return d->application;
}

static int
place_row(struct day *d, const struct row *row, struct judged *j)
{
	struct group_row g = {.task = j->strings.task, .matter = j->strings.matter, .seconds = row->total->seconds,
			      .application = application_number(d, row->total, row->application)};

	if ((d->rules->set->merge_keys & MERGE_CATEGORY) != 0)
		rowset_builder_string_of_grain(d->out, row->total->category, &g.category);
	j->group = groups_add(d->groups, &g);
	return 0;
}

static int
list_times(struct day *d, const struct rowset_total *t, uint32_t *ret_times)
{
	struct buf *times = &d->rules->words;

	buf_clear(times);
	for (uint32_t i = t->first; i < t->end; i++)
		trail_add_time(times, d->sums.parts[i].bucket_s, d->sums.parts[i].seconds);
	return rowset_builder_string_anew(d->out, buf_str(times), ret_times);
}

/* A title that no rule changed is the day's own string. */
static int
task_number(struct day *d, const struct row *row, uint32_t *ret_task)
{
	struct str document = rowset_string(d->grain, row->total->document);

	if (row->task.p != document.p || row->task.len != document.len)
		return rowset_builder_string(d->out, row->task, ret_task);
	rowset_builder_string_of_grain(d->out, row->total->document, ret_task);
	return 0;
}

static int
judge_title(struct day *d, struct row *row, struct judged *j)
{
	const char *rule = name_task(d->rules, row->application, row->title, &row->task);
	int r;

	if (rule != NULL)
		return rowset_builder_string(d->out, str_of(rule), &j->strings.rule);
	r = task_number(d, row, &j->strings.task);
	if (r == 0)
		r = find_matters(d, row, j);
	return r == 0 ? place_row(d, row, j) : r;
}

static int
judge_row(struct day *d, size_t i)
{
	const struct rowset_total *t = &d->sums.totals[i];
	struct row row = {.total = t, .application = rowset_string(d->grain, t->activity),
			  .title = text_cut(rowset_string(d->grain, t->document), RULES_TITLE_MAX)};
	struct judged *j = &d->rows[i];
	int r;

	*j = (struct judged){.strings = NO_VERDICT, .group = NONE, .next = NONE, .seconds = t->seconds};
	buf_clear(&d->rules->words);
	r = judge_title(d, &row, j);
	if (r == 0)
		r = rowset_builder_string(d->out, buf_str(&d->rules->words), &j->strings.trail);
	return r == 0 ? list_times(d, t, &j->strings.times) : r;
}

static void
chain_rows(struct day *d)
{
	size_t count = groups_count(d->groups);

	d->heads = xcalloc(count, sizeof *d->heads);
	for (size_t i = 0; i < count; i++)
		d->heads[i] = (struct head){.strings = NO_VERDICT, .first = NONE};
	for (size_t i = d->sums.count; i-- > 0;) {
		struct judged *j = &d->rows[i];

		if (j->group == NONE)
			continue;
		j->next = d->heads[j->group].first;
		d->heads[j->group].first = i;
	}
}

static int
elect(struct day *d, struct head *head)
{
	struct matter_decision decision;
	int r;

	matter_ballot_clear(&d->ballot);
	for (size_t i = head->first; i != NONE; i = d->rows[i].next)
		matter_ballot_add(&d->ballot, d->found + d->rows[i].found, d->rows[i].found_count, d->rows[i].seconds);
	matter_ballot_decide(&d->ballot, &decision);
	r = rowset_builder_string(d->out, decision.code, &head->strings.matter);
	if (r == 0)
		r = rowset_builder_string(d->out, str_of(decision.rule), &head->strings.rule);
	return r == 0 ? rowset_builder_string(d->out, str_of(decision.evidence), &head->strings.evidence) : r;
}

static int
settle_group(struct day *d, size_t number)
{
	const struct group *group = groups_at(d->groups, number);
	struct head *head = &d->heads[number];
	int r;

	if (group->key.seconds < d->rules->set->minimum_seconds)
		return rowset_builder_string(d->out, STR(RULE_BELOW_MINIMUM), &head->strings.rule);
	head->strings.task = group->key.task;
	head->strings.application = group->key.application;
	r = elect(d, head);
	return r == 0 ? groups_name(d->groups, number, &head->strings.group) : r;
}

static int
settle_groups(struct day *d)
{
	int r = 0;

	chain_rows(d);
	for (size_t i = 0; r == 0 && i < groups_count(d->groups); i++)
		r = settle_group(d, i);
	return r;
}

static void
write_row(struct day *d, size_t i)
{
	const struct judged *j = &d->rows[i];
	struct verdict_strings v = j->group != NONE ? d->heads[j->group].strings : j->strings;

	v.trail = j->strings.trail;
	v.times = j->strings.times;
	rowset_builder_judge(d->out, &d->sums.totals[i], &v);
}

static int
judge_day(struct day *d)
{
	size_t count = d->sums.count;
	int r = 0;

	for (size_t i = 0; r == 0 && i < count; i++)
		r = judge_row(d, i);
	if (r == 0)
		r = settle_groups(d);
	for (size_t i = 0; r == 0 && i < count; i++)
		write_row(d, i);
	/* What it points to will be gone. */
	matcher_subject(d->rules->matcher, STR_NONE);
	return r;
}

int
rules_apply(struct rules *rules, const struct rowset *day, const struct matter_list *list, struct rowset **ret_verdicts)
{
	_cleanup_(day_release) struct day d = {.rules = rules, .list = list, .grain = day, .application = ROWSET_NO_STRING};
	int r = rowset_sum_up(day, &d.sums);

	if (r < 0)
		return r;
	d.out = rowset_builder_over(day);
	d.groups = groups_new(rules->set->merge_keys, d.out);
	d.texts = arena_new();
	d.rows = xcalloc(d.sums.count, sizeof *d.rows);
	r = judge_day(&d);
	return r < 0 ? r : rowset_build(d.out, ret_verdicts);
}
