/* SPDX-License-Identifier: Apache-2.0 */
#include "table.h"

#include <errno.h>
#include <stdlib.h>

#include "alloc.h"
#include "calendar.h"

static struct text
overview_of(struct text category)
{
	static const struct {
		const char *category, *overview;
	} known[] = {
#define OVERVIEW(category, overview) { category, overview },
#include "overviews.def"
#undef OVERVIEW
	};
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (text_equal(category, text_of(known[i].category)))
			return text_of(known[i].overview);
	return category;
}

static void
add_column(struct table *t, enum column what, const char *name)
{
	t->columns[t->n_columns].what = what;
	t->columns[t->n_columns++].name = name;
}

/* A thing named under a coarse kind is opened: the answer is about what lies one level below it. */
static enum kind
shown_kind(const struct query *q)
{
	if (q->thing && (q->kind == OVERVIEW || q->kind == CATEGORY))
		return ACTIVITY;
	return q->kind;
}

static bool
shows_documents_as_activity(const struct query *q)
{
	return q->kind == ACTIVITY && q->thing;
}

static void
choose_columns(struct table *t, const struct query *q)
{
	enum kind kind = shown_kind(q);

	if (q->perspective == RANK)
		add_column(t, COL_RANK, "Rank");
	else
		add_column(t, COL_DATE, "Date");
	add_column(t, COL_SECONDS, "Time Spent (seconds)");
	add_column(t, COL_PEOPLE, "Number of People");
	if (kind == ACTIVITY || kind == DOCUMENT)
		add_column(t, COL_ACTIVITY, "Activity");
	if (kind == DOCUMENT)
		add_column(t, COL_DOCUMENT, "Document");
	if (kind != PRODUCTIVITY && kind != EFFICIENCY)
		add_column(t, COL_CATEGORY, "Category");
	if (kind == ACTIVITY || kind == DOCUMENT || kind == PRODUCTIVITY)
		add_column(t, COL_PRODUCTIVITY, "Productivity");
	if (kind == EFFICIENCY) {
		add_column(t, COL_EFFICIENCY, "Efficiency (-2:2)");
		add_column(t, COL_PERCENT, "Efficiency (percent)");
	}
}

static bool
is_wanted(const struct query *q, const struct row *r)
{
	if (q->source != ANY_SOURCE && r->source != q->source)
		return false;
	if (q->thing) {
		struct text thing = text_of(q->thing);

		if (q->kind == OVERVIEW ? !text_equal(overview_of(r->category), thing)
		    : q->kind == CATEGORY ? !text_equal(r->category, thing)
		    : q->kind == ACTIVITY ? !text_equal(r->activity, thing)
		    : !text_equal(r->activity, thing) && !text_equal(r->category, thing) &&
		          !text_equal(overview_of(r->category), thing))
			return false;
	}
	return !q->thingy || text_equal(r->document, text_of(q->thingy));
}

/* The label of the interval that a bucket falls into. */
static void
label(struct table_row *r, const struct query *q)
{
	if (q->perspective == RANK) {
		r->day = 0;
		r->minute = 0;
		return;
	}
	switch (q->resolution) {
	case MONTH:
		r->day -= civil_from_day(r->day).day - 1;
		r->minute = 0;
		break;
	case WEEK:
		r->day -= day_weekday(r->day);
		r->minute = 0;
		break;
	case DAY:
		r->minute = 0;
		break;
	case HOUR:
		r->minute = (uint16_t)(r->minute / 60 * 60);
		break;
	case MINUTE:
		break;
	}
}

/* Keeps of a row what the kind shows; rows that then look the same become one. */
static void
keep_shown(struct table_row *r, const struct query *q)
{
	enum kind kind = shown_kind(q);
	const struct text none = { "", 0 };

	if (shows_documents_as_activity(q))
		r->activity = r->document;
	if (kind != DOCUMENT)
		r->document = none;
	if (kind != DOCUMENT && kind != ACTIVITY)
		r->activity = none;
	if (kind == OVERVIEW)
		r->category = overview_of(r->category);
	if (kind == PRODUCTIVITY || kind == EFFICIENCY)
		r->category = none;
	if (kind == OVERVIEW || kind == CATEGORY || kind == EFFICIENCY)
		r->productivity = 0;
}

static void
add_day(struct table *t, const struct query *q, int32_t date, struct day *d)
{
	size_t i;

	t->days = xgrow(t->days, &t->days_cap, t->n_days, sizeof(struct day *));
	t->days[t->n_days++] = d;
	for (i = 0; i < d->count; i++) {
		const struct row *from = &d->rows[i];
		struct table_row r = { .day = date, .minute = from->minute, .productivity = from->productivity,
			.seconds = from->seconds, .activity = from->activity, .document = from->document,
			.category = from->category };

		if (!is_wanted(q, from))
			continue;
		r.weighted = r.seconds * r.productivity;
		label(&r, q);
		keep_shown(&r, q);
		t->rows = xgrow(t->rows, &t->cap, t->count, sizeof(*t->rows));
		t->rows[t->count++] = r;
	}
}

static int
same_thing(const void *pa, const void *pb)
{
	const struct table_row *a = pa, *b = pb;
	int r;

	if (a->day != b->day)
		return a->day < b->day ? -1 : 1;
	if (a->minute != b->minute)
		return a->minute < b->minute ? -1 : 1;
	r = text_compare(a->activity, b->activity);
	if (!r)
		r = text_compare(a->document, b->document);
	if (!r)
		r = text_compare(a->category, b->category);
	return r ? r : a->productivity - b->productivity;
}

static int
answer_order(const void *pa, const void *pb)
{
	const struct table_row *a = pa, *b = pb;

	if (a->day != b->day)
		return a->day < b->day ? -1 : 1;
	if (a->minute != b->minute)
		return a->minute < b->minute ? -1 : 1;
	if (a->seconds != b->seconds)
		return a->seconds > b->seconds ? -1 : 1;
	return same_thing(pa, pb);
}

static void
aggregate(struct table *t)
{
	size_t i, kept = 0;

	if (t->count < 2)
		return;
	qsort(t->rows, t->count, sizeof(*t->rows), same_thing);
	for (i = 1; i < t->count; i++) {
		if (same_thing(&t->rows[kept], &t->rows[i]) == 0) {
			t->rows[kept].seconds += t->rows[i].seconds;
			t->rows[kept].weighted += t->rows[i].weighted;
		} else {
			t->rows[++kept] = t->rows[i];
		}
	}
	t->count = kept + 1;
	qsort(t->rows, t->count, sizeof(*t->rows), answer_order);
}

int
table_build(struct table *t, const struct archive *a, uint32_t user, const struct query *q)
{
	int32_t date;

	choose_columns(t, q);
	if (q->last - q->first >= TABLE_DAYS_MAX)
		return -E2BIG;
	for (date = q->first; date <= q->last; date++)
		add_day(t, q, date, archive_day(a, user, date));
	/* The finest question gets the rows as recorded: ordered already, and a test may have put equal ones there. */
	if (q->perspective != INTERVAL || q->resolution != MINUTE || q->kind != DOCUMENT)
		aggregate(t);
	return 0;
}

void
table_release(struct table *t)
{
	size_t i;

	for (i = 0; i < t->n_days; i++)
		day_free(t->days[i]);
	free(t->days);
	free(t->rows);
	*t = (struct table){ 0 };
}

int
table_column(const struct table *t, const char *name)
{
	size_t i;

	for (i = 0; i < t->n_columns; i++)
		if (strcmp(t->columns[i].name, name) == 0)
			return (int)i;
	return -1;
}
