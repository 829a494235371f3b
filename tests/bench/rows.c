/* SPDX-License-Identifier: Apache-2.0 */
/* bench_rows - makes a store whose users have fetched days that no rules have seen yet.
 *
 *     bench_rows DATABASE USERS < ROWS
 *
 * A row is a line of day (since 1970), seconds, activity, category, productivity and document between tabs. Every user gets all of them; the
 * seconds of a row become 5-minute rows, one after the other from nine o'clock on.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "proto/rowset.h"
#include "store/activity.h"
#include "store/store.h"

#define DAYS_MAX    400
#define NOW_MS      INT64_C(1795132800000)
#define OUTSTANDING 16
#define BUCKET_S    300
#define NINE_S      (9 * 3600)

struct day {
	day_t day;
	struct rowset_builder *builder;
	int32_t at_s;
	struct rowset *grain, *totals;
};

static struct day days[DAYS_MAX];
static size_t day_count;

static void
fail(const char *what, int r)
{
	fprintf(stderr, "bench_rows: %s: %s\n", what, strerror(-r));
	exit(1);
}

static struct day *
day_of(day_t day)
{
	size_t i = 0;

	while (i < day_count && days[i].day != day)
		i++;
	if (i == DAYS_MAX)
		fail("days", -E2BIG);
	if (i == day_count) {
		days[day_count++] = (struct day){
		    .day = day, .builder = rowset_builder_new(ROWSET_ROWS_MAX, ROWSET_MAX_BYTES), .at_s = NINE_S,
		};
	}
	return &days[i];
}

static void
add_row(char *line)
{
	char *field[6] = {NULL}, *rest = line;
	struct row_view row = {0};
	struct day *d;

	for (size_t i = 0; i < ELEMENTSOF(field); i++) {
		field[i] = strsep(&rest, "\t\n");
		if (field[i] == NULL)
			fail("a row", -EINVAL);
	}
	d = day_of((day_t)strtol(field[0], NULL, 10));
	row = (struct row_view){.activity = str_of(field[2]), .category = str_of(field[3]), .document = str_of(field[5])};
	row.productivity = (int32_t)strtol(field[4], NULL, 10);
	for (int32_t left = (int32_t)strtol(field[1], NULL, 10); left > 0; left -= row.seconds) {
		int r;

		row.seconds = MIN_OF(left, BUCKET_S);
		row.bucket_s = d->at_s / BUCKET_S * BUCKET_S;
		d->at_s = (d->at_s + row.seconds) % ROWSET_BUCKET_MAX;
		r = rowset_builder_add(d->builder, &row);
		if (r < 0)
			fail(field[5], r);
	}
}

static void
read_rows(void)
{
	char *line = NULL;
	size_t room = 0;

	while (getline(&line, &room, stdin) > 0)
		add_row(line);
	free(line);
	for (size_t i = 0; i < day_count; i++) {
		int r = rowset_build(days[i].builder, &days[i].grain);

		if (r == 0)
			r = rowset_totals(days[i].grain, &days[i].totals);
		if (r < 0)
			fail("a day", r);
	}
}

struct put {
	int64_t user;
	const struct day *day;
	unsigned *outstanding;
};

static int
put_row(struct txn *txn, const struct put *p, size_t i)
{
	struct row_view view = rowset_row(p->day->totals, i);
	const struct activity_row row = {
	    .activity = view.activity.p, .document = view.document.p, .category = view.category.p, .productivity = view.productivity, .seconds = view.seconds,
	};

	return txn_activity_add(txn, p->user, p->day->day, &row);
}

static int
put_run(struct txn *txn, void *arg)
{
	const struct put *p = arg;
	const struct day_row day = {
	    .alp_user_id = p->user, .day = p->day->day, .generation = 1, .fetched_ms = NOW_MS,
	    .captured_seconds = rowset_seconds(p->day->totals),
	};
	int r = txn_day_put(txn, &day);

	for (size_t i = 0; r == 0 && i < rowset_count(p->day->totals); i++)
		r = put_row(txn, p, i);
	return r < 0 ? r : txn_grain_put(txn, p->user, p->day->day, rowset_bytes(p->day->grain));
}

static void
on_put(int r, void *arg)
{
	struct put *p = arg;

	if (r < 0)
		fail("a day", r);
	--*p->outstanding;
	free(p);
}

static void
take_answers(struct store *s)
{
	struct pollfd p = {.fd = store_event_fd(s), .events = POLLIN};

	poll(&p, 1, -1);
	store_dispatch(s);
}

static void
fill(struct store *s, int64_t users)
{
	unsigned outstanding = 0;

	for (int64_t user = 1; user <= users; user++)
		for (size_t i = 0; i < day_count; i++) {
			struct put *p = xcalloc(1, sizeof *p);

			*p = (struct put){user, &days[i], &outstanding};
			outstanding++;
			store_write(s, put_run, on_put, p);
			while (outstanding >= OUTSTANDING)
				take_answers(s);
		}
	while (outstanding > 0)
		take_answers(s);
}

int
main(int argc, char **argv)
{
	struct store_options options = {.readers = 1};
	struct store *s = NULL;
	size_t rows = 0, grain = 0;
	bool migrated;
	int schema, r;

	if (argc != 3) {
		fputs("usage: bench_rows DATABASE USERS < ROWS\n", stderr);
		return 2;
	}
	read_rows();
	options.path = argv[1];
	r = store_open(&options, &s, &schema, &migrated);
	if (r < 0)
		fail(argv[1], r);
	fill(s, strtoll(argv[2], NULL, 10));
	for (size_t i = 0; i < day_count; i++) {
		rows += rowset_count(days[i].totals);
		grain += rowset_count(days[i].grain);
	}
	printf("%zu %zu %zu\n", day_count, rows, grain);
	store_close(s);
	return 0;
}
