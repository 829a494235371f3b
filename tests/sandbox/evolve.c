/* SPDX-License-Identifier: Apache-2.0 */
#include "evolve.h"

#include <stdlib.h>

#define BUCKET_MINUTES 5
#define BUCKET_SECONDS 300
#define DAY_MINUTES 1440

struct evolution {
	struct day *day;
	int32_t date, today;
};

/* HH:MM as minutes; `standard` when absent or unreadable. */
static int
time_of(const struct fault *f, int standard)
{
	const char *s = fault_text(f, "time", NULL);

	if (!s || strlen(s) != 5 || s[2] != ':')
		return standard;
	return (s[0] - '0') * 600 + (s[1] - '0') * 60 + (s[3] - '0') * 10 + (s[4] - '0');
}

/* With nothing named every row is meant. */
static bool
is_chosen(const struct fault *f, const struct row *r)
{
	const char *activity = fault_text(f, "activity", NULL), *document = fault_text(f, "document", NULL);

	if (activity && !text_equal(r->activity, text_of(activity)))
		return false;
	if (document && !text_equal(r->document, text_of(document)))
		return false;
	return time_of(f, r->minute) == r->minute;
}

static void
add_seconds(struct day *d, const struct fault *f, int64_t seconds)
{
	size_t i;

	for (i = d->count; i-- > 0;) {
		if (!is_chosen(f, &d->rows[i]))
			continue;
		d->rows[i].seconds += seconds;
		if (d->rows[i].seconds <= 0)
			day_remove(d, i);
	}
}

static void
delete_rows(struct day *d, const struct fault *f)
{
	size_t i;

	for (i = d->count; i-- > 0;)
		if (is_chosen(f, &d->rows[i]))
			day_remove(d, i);
}

static struct text
own_text(struct day *d, const struct fault *f, const char *name, const char *standard)
{
	const char *s = fault_text(f, name, standard);

	return day_text(d, s, strlen(s));
}

static void
recategorise(struct day *d, const struct fault *f)
{
	struct text category = own_text(d, f, "category", "");
	size_t i;

	for (i = 0; i < d->count; i++) {
		struct row *r = &d->rows[i];

		if (!is_chosen(f, r))
			continue;
		if (category.n)
			r->category = category;
		r->productivity = (int8_t)fault_number(f, "productivity", r->productivity);
	}
}

/* The row of that bucket and pair, or NULL: an answer never has two of them. */
static struct row *
find_row(struct day *d, const struct row *like)
{
	size_t i;

	for (i = 0; i < d->count; i++)
		if (d->rows[i].minute == like->minute && text_equal(d->rows[i].activity, like->activity) &&
		    text_equal(d->rows[i].document, like->document))
			return &d->rows[i];
	return NULL;
}

static void
merge_row(struct day *d, const struct row *row)
{
	struct row *there = find_row(d, row);

	if (there)
		there->seconds += row->seconds;
	else
		day_add(d, row);
}

/* Spreads seconds over buckets from the given time on, 300 at a time, as a tracker would report them. */
static void
add_block(struct day *d, const struct fault *f, struct row row, int start, int64_t seconds)
{
	int minute = time_of(f, start) / BUCKET_MINUTES * BUCKET_MINUTES;

	seconds = fault_number(f, "seconds", seconds);
	for (; seconds > 0 && minute < DAY_MINUTES; minute += BUCKET_MINUTES) {
		row.minute = (uint16_t)minute;
		row.seconds = seconds < BUCKET_SECONDS ? seconds : BUCKET_SECONDS;
		merge_row(d, &row);
		seconds -= row.seconds;
	}
}

static void
add_offline(struct day *d, const struct fault *f)
{
	struct row r = { .source = SOURCE_OFFLINE, .productivity = (int8_t)fault_number(f, "productivity", 1) };

	r.activity = own_text(d, f, "activity", "Meeting (offline)");
	r.document = own_text(d, f, "document", "No Details");
	r.category = own_text(d, f, "category", "Meetings");
	add_block(d, f, r, 12 * 60, 1800);
}

static void
add_late_upload(struct day *d, const struct fault *f)
{
	struct row r = { .source = SOURCE_COMPUTER, .productivity = (int8_t)fault_number(f, "productivity", 2) };

	r.activity = own_text(d, f, "activity", "Microsoft Word");
	r.document = own_text(d, f, "document", "[22069] Submissions from the other laptop.docx - Word");
	r.category = own_text(d, f, "category", "Writing");
	add_block(d, f, r, 19 * 60, 3600);
}

static void
add_second_device(struct day *d, const struct fault *f)
{
	struct row r = { .source = SOURCE_MOBILE, .productivity = 0, .activity = text_of("mobile - com.example.reader"),
		.document = text_of("No Details"), .category = text_of("General Reference & Learning") };
	size_t i, count = d->count;
	int last = -1;

	r.seconds = fault_number(f, "seconds", 120);
	for (i = 0; i < count; i++) {
		if (d->rows[i].minute == last)
			continue;
		last = r.minute = d->rows[i].minute;
		merge_row(d, &r);
	}
}

static void
remove_titles(struct day *d)
{
	struct day old = *d;
	size_t i;

	d->rows = NULL;
	d->count = d->cap = 0;
	for (i = 0; i < old.count; i++) {
		old.rows[i].document = text_of("No Details");
		merge_row(d, &old.rows[i]);
	}
	free(old.rows);
}

static void
apply(const struct fault *f, void *arg)
{
	struct evolution *e = arg;
	enum fault_kind kind = fault_kind(f);

	if (kind == FAULT_GROWTH)
		add_seconds(e->day, f, fault_number(f, "seconds", 60));
	else if (kind == FAULT_SHRINK)
		add_seconds(e->day, f, -fault_number(f, "seconds", 60));
	else if (kind == FAULT_DELETE_ROWS)
		delete_rows(e->day, f);
	else if (kind == FAULT_RECATEGORISE)
		recategorise(e->day, f);
	else if (kind == FAULT_OFFLINE)
		add_offline(e->day, f);
	else if (kind == FAULT_LATE_UPLOAD)
		add_late_upload(e->day, f);
	else if (kind == FAULT_SECOND_DEVICE)
		add_second_device(e->day, f);
	else if (kind == FAULT_NO_TITLES)
		remove_titles(e->day);
	else if (kind == FAULT_DAY_EMPTIED)
		e->day->count = 0;
	else if (kind == FAULT_HISTORY_CAP && e->date < e->today - fault_number(f, "days", 14))
		e->day->count = 0;
	day_sort(e->day);
}

void
evolve_day(struct day *d, const struct faults *faults, uint32_t user, int32_t date, int32_t today)
{
	struct evolution e = { d, date, today };

	faults_of_day(faults, user, date, apply, &e);
}
