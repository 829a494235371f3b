/* SPDX-License-Identifier: Apache-2.0 */
/* explain.c - an entry's rows beside what the rules said of them. */
#include "app/explain.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "app/day_merge.h"
#include "app/internal.h"
#include "app/merge.h"
#include "app/settle.h"
#include "app/suggest.h"
#include "app/supplement.h"
#include "base/alloc.h"

/* --- the judgements ----------------------------------------------------------------------------------------------------- */

static void
rules_release(struct explain_rules *rules)
{
	rowset_free(rules->rows);
	free(rules->file);
	rule_places_release(&rules->places);
	*rules = (struct explain_rules){.known = false};
}

static int
load_places(struct txn *txn, struct explain_rules *rules)
{
	_cleanup_(rule_set_release) struct rule_set set = {.name = NULL};
	int r = txn_rule_set_get(txn, rules->verdicts.rules_version, &set);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	rules->file = xstrdup(set.name);
	rule_places_read(set.text, &rules->places);
	return 0;
}

/* What is missing or damaged is told of; the rest goes on. */
static int
load_rules(struct txn *txn, const struct entry_row *entry, int64_t verdicts_id, struct explain_rules *rules)
{
	int r = txn_day_verdicts(txn, entry->alp_user_id, entry->day, verdicts_id, &rules->verdicts, &rules->rows);

	if (r == -ENOENT || r == -EBADMSG) {
		rules->damaged = r == -EBADMSG;
		return 0;
	}
	if (r < 0)
		return r;
	rules->known = true;
	return load_places(txn, rules);
}

static int
load_judgements(struct txn *txn, struct explanation *e)
{
	struct verdicts_row newest = {0};
	int r = e->verdicts_id > 0 ? load_rules(txn, &e->entry, e->verdicts_id, &e->decided) : 0;

	if (r < 0)
		return r;
	r = txn_verdicts_newest(txn, e->entry.alp_user_id, e->entry.day, &newest);
	if (r == -ENOENT || (r == 0 && newest.verdicts_id == e->verdicts_id))
		return 0;
	return r < 0 ? r : load_rules(txn, &e->entry, newest.verdicts_id, &e->newest);
}

/* What the rules said last: a judgement that is both is only loaded once. */
static const struct explain_rules *
last_judgement(const struct explanation *e)
{
	return e->newest.known || e->newest.damaged ? &e->newest : &e->decided;
}

/* --- rows --------------------------------------------------------------------------------------------------------------- */

/* Verdicts of one day, and which of them are of the entry. */
struct side {
	const struct rowset *rows; /* NULL: not known */
	const struct explanation *of;
	struct row_view last;      /* whose hash was made last; strings are interned, so the same name is at the same places */
	bool last_is_its;
};

static bool
is_its(struct side *s, const struct row_view *verdict)
{
	char hash[SOURCE_HASH_TEXT_MAX] = "";
	struct group_name name;

	if (verdict->task.len == 0)
		return false;
	if (verdict->group.p == s->last.group.p && verdict->application.p == s->last.application.p && verdict->task.p == s->last.task.p)
		return s->last_is_its;
	group_name_of(s->of->entry.alp_user_id, s->of->entry.day, verdict, &name);
	group_name_write(&name, hash);
	s->last = *verdict;
	s->last_is_its = strcmp(hash, s->of->source_hash) == 0;
	return s->last_is_its;
}

static int
compare_key(const struct row_view *verdict, const char *activity, const char *document)
{
	int c = str_cmp(verdict->activity, str_of(activity));

	return c != 0 ? c : str_cmp(verdict->document, str_of(document));
}

/* Verdicts stand by (activity, document). */
static bool
find_verdict(const struct side *s, const struct activity_row *row, struct row_view *ret_verdict)
{
	size_t low = 0, high = s->rows != NULL ? rowset_count(s->rows) : 0;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		struct row_view verdict = rowset_row(s->rows, middle);
		int c = compare_key(&verdict, row->activity, row->document);

		if (c == 0) {
			*ret_verdict = verdict;
			return true;
		}
		if (c < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

static const struct activity_row *
find_row(const struct activity_list *log, const struct row_view *verdict)
{
	size_t low = 0, high = log->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int c = compare_key(verdict, log->rows[middle].activity, log->rows[middle].document);

		if (c == 0)
			return &log->rows[middle];
		if (c > 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* A row on its way: nothing of it is copied before it is known to be among those that are told. */
struct found {
	struct str application, title, category;
	int64_t seconds, judged_seconds;
	enum explain_state state;
	enum explain_by by;
	struct row_view verdict; /* by != BY_NONE */
	struct row_view last;    /* ROW_KEPT */
	bool last_known;
};

struct gathering {
	struct explanation *e;
	struct side decided, newest;
	const struct activity_list *log;
	struct found *found;
	size_t count;
	struct explain_vote *votes;
	size_t vote_count;
};

static void
add_found(struct gathering *g, const struct found *f)
{
	if ((g->count & (g->count - 1)) == 0)
		g->found = xreallocarray(g->found, MAX_OF(g->count * 2, (size_t)1), sizeof *g->found);
	g->found[g->count++] = *f;
}

/* Which judgement tells of a row of the entry: the one that put it there. */
static void
choose_judgement(struct gathering *g, const struct activity_row *row, struct found *f)
{
	struct row_view decided, newest;
	bool in_decided = find_verdict(&g->decided, row, &decided), in_newest = find_verdict(&g->newest, row, &newest);
	bool last_is_newest = last_judgement(g->e) == &g->e->newest;

	if (in_decided && (is_its(&g->decided, &decided) || !in_newest || !is_its(&g->newest, &newest))) {
		f->by = BY_DECIDED;
		f->verdict = decided;
	} else if (in_newest) {
		f->by = BY_NEWEST;
		f->verdict = newest;
	}
	f->last_known = last_is_newest ? in_newest : in_decided;
	if (f->last_known)
		f->last = last_is_newest ? newest : decided;
	f->state = ROW_COUNTED;
	if (f->by == BY_NONE)
		f->state = ROW_UNJUDGED;
	else if (f->last_known && !is_its(last_is_newest ? &g->newest : &g->decided, &f->last))
		f->state = ROW_KEPT;
}

static bool
counts_for(const struct explanation *e, int64_t entry_id)
{
	for (size_t i = 0; i < e->merged_count; i++)
		if (e->merged[i] == entry_id)
			return true;
	return entry_id == e->rows_of;
}

static void
gather_own(struct gathering *g)
{
	for (size_t i = 0; i < g->log->count; i++) {
		const struct activity_row *row = &g->log->rows[i];
		struct found f = {.seconds = row->seconds, .judged_seconds = -1};

		if (!counts_for(g->e, row->entry_id))
			continue;
		f.application = str_of(row->activity);
		f.title = str_of(row->document);
		f.category = str_of(row->category);
		choose_judgement(g, row, &f);
		if (f.by != BY_NONE)
			f.judged_seconds = f.verdict.seconds;
		add_found(g, &f);
	}
}

/* Those that made the entry when it was decided: they elected its matter, and some may be gone. */
static void
gather_decided(struct gathering *g)
{
	size_t count = g->decided.rows != NULL ? rowset_count(g->decided.rows) : 0;

	g->votes = xcalloc(count, sizeof *g->votes);
	for (size_t i = 0; i < count; i++) {
		struct row_view v = rowset_row(g->decided.rows, i);
		const struct activity_row *row;
		struct found f = {
		    .application = v.activity, .title = v.document, .category = v.category, .judged_seconds = v.seconds,
		    .state = ROW_GONE, .by = BY_DECIDED, .verdict = v,
		};

		if (!is_its(&g->decided, &v))
			continue;
		if (g->vote_count == 0)
			explain_keys(g->e, &v);
		g->votes[g->vote_count++] = (struct explain_vote){v.trail, v.seconds};
		g->e->merged_seconds += v.seconds;
		row = find_row(g->log, &v);
		if (row != NULL && row->entry_id == g->e->rows_of)
			continue;
		if (g->e->pruned) {
			f.state = ROW_COUNTED;
			f.seconds = v.seconds;
		}
		add_found(g, &f);
	}
	g->e->merged_rows = (int64_t)g->vote_count;
}

static int
by_seconds(const void *pa, const void *pb)
{
	const struct found *a = pa, *b = pb;
	int64_t left = MAX_OF(a->seconds, a->judged_seconds), right = MAX_OF(b->seconds, b->judged_seconds);
	int c;

	if ((a->state == ROW_GONE) != (b->state == ROW_GONE))
		return a->state == ROW_GONE ? 1 : -1;
	if (left != right)
		return left > right ? -1 : 1;
	c = str_cmp(a->application, b->application);
	return c != 0 ? c : str_cmp(a->title, b->title);
}

static char *
copy(struct str s)
{
	return xstrndup(s.len > 0 ? s.p : "", s.len);
}

static void
tell_row(struct explain_row *row, const struct found *f)
{
	*row = (struct explain_row){
	    .application = copy(f->application), .title = copy(f->title), .category = copy(f->category),
	    .seconds = f->seconds, .judged_seconds = f->judged_seconds, .state = f->state, .by = f->by,
	};
	steps_read(f->by != BY_NONE ? f->verdict.trail : STR_NONE, &row->steps);
	step_times_read(f->by != BY_NONE ? f->verdict.times : STR_NONE, &row->times);
	if (f->by != BY_NONE && row->times.seconds != f->judged_seconds)
		row->times.complete = false;
	if (f->state != ROW_KEPT)
		return;
	if (f->last.task.len > 0)
		row->now = copy(f->last.task);
	else
		row->now_rule = copy(f->last.rule);
}

static void
tell_rows(struct gathering *g)
{
	struct explanation *e = g->e;

	if (g->count > 1)
		qsort(g->found, g->count, sizeof *g->found, by_seconds);
	e->rows = xcalloc(MIN_OF(g->count, (size_t)EXPLAIN_ROWS_MAX), sizeof *e->rows);
	for (size_t i = 0; i < g->count; i++) {
		if (e->row_count < EXPLAIN_ROWS_MAX) {
			tell_row(&e->rows[e->row_count++], &g->found[i]);
			continue;
		}
		e->rows_left_out++;
		e->seconds_left_out += g->found[i].seconds;
	}
}

static void
explain_rows(struct explanation *e, const struct activity_list *log)
{
	struct gathering g = {
	    .e = e, .log = log,
	    .decided = {.rows = e->decided.rows, .of = e}, .newest = {.rows = e->newest.rows, .of = e},
	};

	gather_own(&g);
	gather_decided(&g);
	tell_rows(&g);
	explain_candidates(e, g.votes, g.vote_count);
	free(g.found);
	free(g.votes);
}

/* --- units -------------------------------------------------------------------------------------------------------------- */

/* As settle.c does it. */
static void
add_line(struct explain_sum *sum, const struct entry_row *line)
{
	bool submitted = line->status == ENTRY_SUBMITTED;

	if (line->status == ENTRY_IGNORED)
		return;
	sum->lines += line->status != ENTRY_WITHDRAWN;
	sum->seconds += submitted && line->frozen_seconds >= 0 ? line->frozen_seconds : line->total_seconds;
	sum->held_tenths += submitted ? line->units_tenths : 0;
}

/* A confirmed line was priced with what was confirmed before it. */
static int64_t
billed_before(const struct entry_list *day, const struct entry_row *entry)
{
	_cleanup_free_ int64_t *before = xcalloc(day->count, sizeof *before);
	size_t at = 0;

	while (at < day->count && day->rows[at].entry_id != entry->entry_id)
		at++;
	if (at == day->count)
		return 0;
	if (entry->status == ENTRY_SUBMITTED)
		supplements_confirmed_before(day, before);
	else
		supplements_before(day, before);
	return before[at];
}

static int
load_sum(struct txn *txn, struct explanation *e)
{
	_cleanup_(entry_list_release) struct entry_list day = {0};
	const struct entry_row *entry = &e->entry;
	const struct units_policy policy = {
	    .rounding = (enum rounding)entry->rounding, .per = (enum units_per)entry->units_per, .minimum_tenths = entry->minimum_tenths,
	};
	int r = txn_entry_load_day(txn, entry->alp_user_id, entry->day, &day);

	if (r < 0)
		return r;
	e->before_seconds = billed_before(&day, entry);
	e->merged = xcalloc(day.count, sizeof *e->merged);
	for (size_t i = 0; i < day.count; i++)
		if (day.rows[i].merged_into == e->rows_of)
			e->merged[e->merged_count++] = day.rows[i].entry_id;
	e->per_matter = policy.per == UNITS_PER_MATTER && e->matter != NULL && entry->status != ENTRY_IGNORED;
	if (!e->per_matter)
		return 0;
	for (size_t i = 0; i < day.count; i++)
		if (entry_matter(&day.rows[i]) != NULL && strcmp(entry_matter(&day.rows[i]), e->matter) == 0)
			add_line(&e->sum, &day.rows[i]);
	e->sum.tenths = units_tenths(policy, e->sum.seconds);
	return 0;
}

/* --- the verb ----------------------------------------------------------------------------------------------------------- */

static int
load_log(struct txn *txn, struct explanation *e, struct activity_list *log)
{
	struct day_row day;
	int r = txn_activity_load(txn, e->entry.alp_user_id, e->entry.day, log);

	if (r < 0 || log->count > 0)
		return r;
	r = txn_day_get(txn, e->entry.alp_user_id, e->entry.day, &day);
	e->pruned = r == 0 && day.pruned_ms != 0;
	return r == -ENOENT ? 0 : r;
}

/* Whose rows they are. */
static int
load_family(struct txn *txn, struct explanation *e)
{
	_cleanup_(entry_row_release) struct entry_row root = ENTRY_ROW_INIT;
	const struct entry_row *with_rows = &e->entry;
	int r;

	if (e->entry.supplement_of != 0) {
		r = txn_entry_get_owned(txn, e->entry.supplement_of, e->entry.alp_user_id, &root);
		if (r < 0)
			return r == -ENOENT ? -EBADMSG : r;
		with_rows = &root;
	}
	e->rows_of = with_rows->entry_id;
	e->verdicts_id = with_rows->verdicts_id;
	memcpy(e->source_hash, with_rows->source_hash, sizeof e->source_hash);
	return 0;
}

static int
explain_run(struct txn *txn, struct op *op)
{
	struct entry_explain *v = op->verb;
	_cleanup_(activity_list_release) struct activity_list log = {0};
	int r = txn_entry_get_owned(txn, v->entry_id, v->alp_user_id, &v->told.entry);

	if (r < 0)
		return r;
	r = txn_suggest(txn, op->options.default_zone, op->now_ms, &v->told.entry, 1);
	if (r < 0)
		return r;
	v->told.matter = entry_matter(&v->told.entry);
	v->told.units_tenths = entry_units_tenths(&v->told.entry);
	v->told.touched = entry_touched(&v->told.entry);
	r = load_family(txn, &v->told);
	if (r == 0)
		r = load_judgements(txn, &v->told);
	if (r == 0)
		r = load_log(txn, &v->told, &log);
	if (r == 0)
		r = load_sum(txn, &v->told);
	if (r < 0)
		return r;
	explain_rows(&v->told, &log);
	if (v->render != NULL)
		v->render(op->arg);
	return 0;
}

void
app_entry_explain(struct app *app, struct entry_explain *v, app_done_fn done, void *arg)
{
	app_submit(app, OP_READ, v, explain_run, NULL, done, arg);
}

void
entry_explain_release(struct entry_explain *v)
{
	explanation_release(&v->told);
}

static void
row_release(struct explain_row *row)
{
	free(row->application);
	free(row->title);
	free(row->category);
	free(row->now);
	free(row->now_rule);
	steps_release(&row->steps);
	step_times_release(&row->times);
}

void
explanation_release(struct explanation *e)
{
	free(e->merged);
	entry_row_release(&e->entry);
	rules_release(&e->decided);
	rules_release(&e->newest);
	for (size_t i = 0; i < e->row_count; i++)
		row_release(&e->rows[i]);
	for (size_t i = 0; i < e->candidate_count; i++)
		free(e->candidates[i].code);
	for (size_t i = 0; i < e->key_count; i++) {
		free(e->keys[i].name);
		free(e->keys[i].value);
	}
	free(e->rows);
	free(e->candidates);
	*e = (struct explanation){.row_count = 0};
}
