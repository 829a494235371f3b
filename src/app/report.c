/* SPDX-License-Identifier: Apache-2.0 */
/* report.c - where every second of a user's days is. A day is a range of one, with its dropped rows listed. */
#include "app/report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "app/internal.h"
#include "app/settle.h"
#include "base/alloc.h"
#include "base/hash.h"
#include "rules/rules.h"
#include "store/rule_set.h"

#define DAY_SECONDS 86400

/* A range on its way. */
struct gathering {
	struct day_list days;
	struct entry_list entries;    /* by day */
	struct report_day_sums *sums; /* one a day that was fetched */
	struct filtered_list filtered;
	struct matter_billings matters;
	size_t filtered_room, matters_room;
	uint32_t *by_rule;            /* of filtered: number + 1, or 0; open addressing */
	size_t by_rule_room;
	size_t at;                    /* of the days: where the last row was */
};

static void
filtered_release(struct filtered_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->rows[i].rule);
	free(list->rows);
	*list = (struct filtered_list){.rows = NULL};
}

static void
matters_release(struct matter_billings *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->rows[i].matter);
	free(list->rows);
	*list = (struct matter_billings){.rows = NULL};
}

static void
gathering_release(struct gathering *g)
{
	day_list_release(&g->days);
	entry_list_release(&g->entries);
	filtered_release(&g->filtered);
	matters_release(&g->matters);
	free(g->by_rule);
	free(g->sums);
}

/* --- what is in no entry ------------------------------------------------------------------------------------------------ */

static uint32_t *
slot_of_rule(const struct gathering *g, struct str rule)
{
	size_t i = hash_of(rule) & (g->by_rule_room - 1);

	while (g->by_rule[i] != 0 && !str_eq(str_of(g->filtered.rows[g->by_rule[i] - 1].rule), rule))
		i = (i + 1) & (g->by_rule_room - 1);
	return &g->by_rule[i];
}

static void
make_room_for_rule(struct gathering *g)
{
	if (g->filtered.count < g->filtered_room)
		return;
	g->filtered_room = MAX_OF(g->filtered_room * 2, (size_t)16);
	g->filtered.rows = xreallocarray(g->filtered.rows, g->filtered_room, sizeof *g->filtered.rows);
	free(g->by_rule);
	g->by_rule_room = g->filtered_room * 2;
	g->by_rule = xcalloc(g->by_rule_room, sizeof *g->by_rule);
	for (size_t i = 0; i < g->filtered.count; i++)
		*slot_of_rule(g, str_of(g->filtered.rows[i].rule)) = (uint32_t)i + 1;
}

/* There are as many as the rule sets of the days have rules that drop something. */
static struct filtered_time *
filtered_of(struct gathering *g, struct str rule)
{
	struct filtered_list *list = &g->filtered;
	uint32_t *slot;

	make_room_for_rule(g);
	slot = slot_of_rule(g, rule);
	if (*slot == 0) {
		list->rows[list->count] = (struct filtered_time){.rule = xstrndup(rule.p, rule.len)};
		*slot = (uint32_t)++list->count;
	}
	return &list->rows[*slot - 1];
}

static void
add_sum(struct gathering *g, size_t at, struct str rule, int64_t seconds, int64_t rows)
{
	struct report_sums *sums = &g->sums[at].sums;
	struct filtered_time *filtered;

	if (rule.len == 0) {
		sums->unprocessed_seconds += seconds;
		return;
	}
	filtered = filtered_of(g, rule);
	filtered->seconds += seconds;
	filtered->rows += rows;
	*(str_eq(rule, STR(RULE_BELOW_MINIMUM)) ? &sums->below_minimum_seconds : &sums->filtered_seconds) += seconds;
}

static void
add_unbilled(void *arg, day_t day, int64_t seconds, struct str rule)
{
	struct gathering *g = arg;

	while (g->at < g->days.count && g->sums[g->at].day < day)
		g->at++;
	if (g->at == g->days.count || g->sums[g->at].day != day)
		return;
	add_sum(g, g->at, rule, seconds, 1);
}

/* The rows of a pruned day are gone; this is what they came to. */
static int
add_kept_sums(struct txn *txn, struct gathering *g, size_t at)
{
	_cleanup_(filtered_sums_release) struct filtered_sums kept = {.rows = NULL};
	const struct day_row *day = &g->days.rows[at];
	int r = day->pruned_ms != 0 ? txn_filtered_list(txn, day->alp_user_id, day->day, &kept) : 0;

	for (size_t i = 0; r == 0 && i < kept.count; i++)
		add_sum(g, at, str_of(kept.rows[i].rule), kept.rows[i].seconds, kept.rows[i].rows);
	return r;
}

/* --- what is in entries ------------------------------------------------------------------------------------------------- */

/* What was confirmed counts as it was frozen; what of that is not recorded any more hangs over. What is recorded beyond it is in a supplement. */
static void
add_entry(struct report_sums *sums, const struct entry_row *entry)
{
	switch (entry->status) {
	case ENTRY_PENDING:
		*(entry->supplement_of != 0 ? &sums->supplement_seconds : &sums->pending_seconds) += entry->total_seconds;
		sums->units_tenths += entry_units_tenths(entry);
		break;
	case ENTRY_IGNORED:
		sums->ignored_seconds += entry->total_seconds;
		break;
	case ENTRY_SUBMITTED:
		sums->submitted_seconds += entry->frozen_seconds;
		sums->overhang_seconds += MAX_OF(-entry->drift_seconds, (int64_t)0);
		break;
	case ENTRY_WITHDRAWN:
	default:
		return;
	}
	sums->entries++;
}

static struct entry_list
entries_of(const struct gathering *g, day_t day)
{
	struct entry_list list = {.rows = g->entries.rows};
	size_t low = 0, high = g->entries.count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (g->entries.rows[middle].day < day)
			low = middle + 1;
		else
			high = middle;
	}
	if (g->entries.count > 0)
		list.rows += low;
	while (low + list.count < g->entries.count && list.rows[list.count].day == day)
		list.count++;
	return list;
}

static void
take_matters(struct gathering *g, struct matter_billings *of_day, struct billing *sum)
{
	struct matter_billings *all = &g->matters;

	for (size_t i = 0; i < of_day->count; i++) {
		billing_add(sum, &of_day->rows[i].billing);
		if (all->count == g->matters_room) {
			g->matters_room = MAX_OF(g->matters_room * 2, (size_t)32);
			all->rows = xreallocarray(all->rows, g->matters_room, sizeof *all->rows);
		}
		all->rows[all->count++] = of_day->rows[i];
	}
	free(of_day->rows);
	*of_day = (struct matter_billings){.rows = NULL};
}

static unsigned
warnings_of(const struct report_sums *sums)
{
	int64_t billed = billing_billed_seconds(&sums->billing);

	return (billed > sums->captured_seconds ? WARN_UNITS_ABOVE_CAPTURED : 0u) | (billed > DAY_SECONDS ? WARN_UNITS_ABOVE_DAY : 0u);
}

static int
add_day(struct txn *txn, struct op *op, struct gathering *g, size_t at)
{
	const struct day_row *day = &g->days.rows[at];
	struct report_sums *sums = &g->sums[at].sums;
	struct entry_list entries = entries_of(g, day->day);
	struct matter_billings matters = {.rows = NULL};
	struct units_policy policy;
	int r = txn_day_policy(txn, day->alp_user_id, day->day, &op->options.units, &policy);

	if (r == 0)
		r = add_kept_sums(txn, g, at);
	if (r < 0)
		return r;
	sums->captured_seconds = day->captured_seconds;
	sums->excluded_seconds = day->excluded_seconds;
	for (size_t i = 0; i < entries.count; i++)
		add_entry(sums, &entries.rows[i]);
	report_bill_day(&policy, &entries, &matters);
	take_matters(g, &matters, &sums->billing);
	sums->warnings = warnings_of(sums);
	return 0;
}

/* --- a range ------------------------------------------------------------------------------------------------------------ */

static int
by_seconds(const void *pa, const void *pb)
{
	const struct filtered_time *a = pa, *b = pb;

	if (a->seconds != b->seconds)
		return a->seconds > b->seconds ? -1 : 1;
	return strcmp(a->rule, b->rule);
}

static int
by_matter(const void *pa, const void *pb)
{
	return strcmp(((const struct matter_billing *)pa)->matter, ((const struct matter_billing *)pb)->matter);
}

/* One row a matter. */
static void
fold_matters(struct matter_billings *m)
{
	size_t count = 0;

	if (m->count > 1)
		qsort(m->rows, m->count, sizeof *m->rows, by_matter);
	for (size_t i = 0; i < m->count; i++) {
		if (count > 0 && strcmp(m->rows[count - 1].matter, m->rows[i].matter) == 0) {
			billing_add(&m->rows[count - 1].billing, &m->rows[i].billing);
			free(m->rows[i].matter);
		} else {
			m->rows[count++] = m->rows[i];
		}
	}
	m->count = count;
}

static int
gather(struct txn *txn, struct op *op, int64_t alp_user_id, day_t from, day_t to, struct gathering *g)
{
	const struct entry_filter every = {.alp_user_id = alp_user_id, .from = from, .to = to};
	int r = txn_day_list(txn, alp_user_id, from, to, false, &g->days);

	if (r == 0)
		r = txn_entry_list(txn, &every, &g->entries);
	if (r < 0)
		return r;
	g->sums = xcalloc(g->days.count, sizeof *g->sums);
	for (size_t i = 0; i < g->days.count; i++)
		g->sums[i].day = g->days.rows[i].day;
	r = txn_activity_unbilled(txn, alp_user_id, from, to, add_unbilled, g);
	for (size_t i = 0; r == 0 && i < g->days.count; i++)
		r = add_day(txn, op, g, i);
	if (r < 0)
		return r;
	fold_matters(&g->matters);
	if (g->filtered.count > 1)
		qsort(g->filtered.rows, g->filtered.count, sizeof *g->filtered.rows, by_seconds);
	return 0;
}

/* Hands the lists over. */
static void
hand_out(struct gathering *g, struct filtered_list *ret_filtered, struct matter_billings *ret_matters)
{
	*ret_filtered = g->filtered;
	*ret_matters = g->matters;
	g->filtered = (struct filtered_list){.rows = NULL};
	g->matters = (struct matter_billings){.rows = NULL};
}

static int
range_run(struct txn *txn, struct op *op)
{
	struct report_range *v = op->verb;
	_cleanup_(gathering_release) struct gathering g = {.at = 0};
	int r = gather(txn, op, v->alp_user_id, v->from, v->to, &g);

	if (r < 0)
		return r;
	hand_out(&g, &v->filtered, &v->matters);
	v->days = TAKE_PTR(g.sums);
	v->day_count = g.days.count;
	for (size_t i = 0; i < v->day_count; i++)
		report_sums_add(&v->sums, &v->days[i].sums);
	if (v->render != NULL)
		v->render(op->arg);
	return 0;
}

void
app_report_range(struct app *app, struct report_range *v, app_done_fn done, void *arg)
{
	app_submit(app, OP_READ, v, range_run, NULL, done, arg);
}

void
report_range_release(struct report_range *v)
{
	filtered_release(&v->filtered);
	matters_release(&v->matters);
	free(v->days);
	v->days = NULL;
	v->day_count = 0;
}

/* --- a day -------------------------------------------------------------------------------------------------------------- */

struct dropping {
	struct dropped_row *rows;
	size_t count, room;
};

static void
add_dropped(struct dropping *d, struct str application, struct str title, struct str category, struct str rule, int64_t seconds)
{
	if (d->count == d->room) {
		d->room = MAX_OF(d->room * 2, (size_t)64);
		d->rows = xreallocarray(d->rows, d->room, sizeof *d->rows);
	}
	d->rows[d->count++] = (struct dropped_row){
	    .application = xstrndup(application.len > 0 ? application.p : "", application.len),
	    .title = xstrndup(title.len > 0 ? title.p : "", title.len),
	    .category = xstrndup(category.len > 0 ? category.p : "", category.len),
	    .rule = xstrndup(rule.len > 0 ? rule.p : "", rule.len),
	    .seconds = seconds,
	};
}

static void
dropped_release(struct dropped_row *row)
{
	free(row->application);
	free(row->title);
	free(row->category);
	free(row->rule);
}

static int
by_time(const void *pa, const void *pb)
{
	const struct dropped_row *a = pa, *b = pb;
	int c = strcmp(a->application, b->application);

	if (a->seconds != b->seconds)
		return a->seconds > b->seconds ? -1 : 1;
	return c != 0 ? c : strcmp(a->title, b->title);
}

static int
list_dropped(struct txn *txn, struct report_day *v, struct dropping *d)
{
	_cleanup_(activity_list_release) struct activity_list log = {0};
	int r = txn_activity_load(txn, v->alp_user_id, v->day, &log);

	if (r < 0)
		return r;
	v->raw_rows_kept = v->state.pruned_ms == 0;
	for (size_t i = 0; i < log.count; i++) {
		const struct activity_row *row = &log.rows[i];

		if (row->rule != NULL)
			add_dropped(d, str_of(row->activity), str_of(row->document), str_of(row->category), str_of(row->rule), row->seconds);
	}
	return 0;
}

static int
load_dropped(struct txn *txn, struct report_day *v)
{
	struct dropping d = {.count = 0};
	int r = list_dropped(txn, v, &d);

	if (d.count > 1)
		qsort(d.rows, d.count, sizeof *d.rows, by_time);
	v->dropped = d.rows;
	v->dropped_count = MIN_OF(d.count, (size_t)REPORT_DROPPED_MAX);
	v->dropped_left_out = (int64_t)(d.count - v->dropped_count);
	for (size_t i = v->dropped_count; i < d.count; i++)
		dropped_release(&d.rows[i]);
	return r;
}

static int
load_places(struct txn *txn, struct report_day *v)
{
	_cleanup_(rule_set_release) struct rule_set set = {.name = NULL};
	int r = txn_rule_set_get(txn, v->state.rules_version, &set);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	v->rules_file = xstrdup(set.name);
	rule_places_read(set.text, &v->places);
	return 0;
}

static int
day_run(struct txn *txn, struct op *op)
{
	struct report_day *v = op->verb;
	_cleanup_(gathering_release) struct gathering g = {.at = 0};
	int r = txn_day_get(txn, v->alp_user_id, v->day, &v->state);

	if (r == 0)
		r = gather(txn, op, v->alp_user_id, v->day, v->day, &g);
	if (r == 0)
		r = load_dropped(txn, v);
	if (r == 0 && v->dropped_count > 0)
		r = load_places(txn, v);
	if (r < 0)
		return r;
	hand_out(&g, &v->filtered, &v->matters);
	v->sums = g.sums[0].sums;
	return 0;
}

void
app_report_day(struct app *app, struct report_day *v, app_done_fn done, void *arg)
{
	app_submit(app, OP_READ, v, day_run, NULL, done, arg);
}

void
report_day_release(struct report_day *v)
{
	filtered_release(&v->filtered);
	matters_release(&v->matters);
	for (size_t i = 0; i < v->dropped_count; i++)
		dropped_release(&v->dropped[i]);
	free(v->dropped);
	free(v->rules_file);
	rule_places_release(&v->places);
	v->dropped = NULL;
	v->dropped_count = 0;
	v->rules_file = NULL;
}
