/* SPDX-License-Identifier: Apache-2.0 */
/* bench_fill - a store with as many entries as it may have after years, so that reading can be measured in it.
 *
 *     bench_fill DATABASE USERS DAYS ENTRIES
 *
 * Users 1.., each with days 2026-01-01.. of so many entries. Only entries: no activity, no jobs.
 */
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "store/entry.h"
#include "store/store.h"

#define FIRST_DAY   20454 /* 2026-01-01 */
#define CREATED_MS  INT64_C(1767225600000)
#define OUTSTANDING 256

struct day {
	int64_t user;
	day_t day;
	int entries;
	unsigned *outstanding;
};

static void
name_entry(struct entry_row *e, int64_t n)
{
	static const char *const applications[] = {"Microsoft Word", "Outlook", "Chrome", "LEAP", "Adobe Acrobat"};

	snprintf(e->source_hash, sizeof e->source_hash, "%016" PRIx64 "%016" PRIx64 "%032d", (uint64_t)n * 0x9e3779b97f4a7c15u,
	    (uint64_t)n, 0);
	e->application = xstrdup(applications[n % 5]);
	e->task_description = xasprintf("Drafting and reviewing document %" PRId64, n % 100000);
	e->matter_code = n % 3 == 0 ? xasprintf("%05" PRId64, n % 20000) : NULL;
	snprintf(e->rules_version, sizeof e->rules_version, "bench");
}

static int
fill_run(struct txn *txn, void *arg)
{
	const struct day *d = arg;
	const size_t count = (size_t)d->entries;
	_cleanup_(entry_list_release) struct entry_list list = {.rows = xcalloc(count, sizeof *list.rows), .count = count};
	_cleanup_free_ bool *which = xcalloc(count, sizeof *which);
	int64_t id = 0;
	int r = txn_entry_take_ids(txn, d->entries, &id);

	for (size_t i = 0; i < count; i++) {
		struct entry_row *e = &list.rows[i];
		int64_t n = (d->user * 1000 + (d->day - FIRST_DAY)) * 1000 + (int64_t)i;

		*e = ENTRY_ROW_INIT;
		e->entry_id = id + (int64_t)i;
		e->alp_user_id = d->user;
		e->day = d->day;
		e->status = ENTRY_PENDING;
		e->total_seconds = 60 + n % 3600;
		e->units_tenths = (e->total_seconds + 35) / 36;
		e->created_ms = e->updated_ms = CREATED_MS + (int64_t)(d->day - FIRST_DAY) * 86400000;
		name_entry(e, n);
		which[i] = true;
	}
	return r < 0 ? r : txn_entry_insert_many(txn, &list, which);
}

static void
on_filled(int r, void *arg)
{
	struct day *d = arg;

	if (r < 0) {
		fprintf(stderr, "bench_fill: %s\n", strerror(-r));
		exit(1);
	}
	--*d->outstanding;
	free(d);
}

static void
take_answers(struct store *s)
{
	struct pollfd p = {.fd = store_event_fd(s), .events = POLLIN};

	poll(&p, 1, -1);
	store_dispatch(s);
}

static void
fill(struct store *s, int64_t users, int days, int entries)
{
	unsigned outstanding = 0;

	for (int64_t user = 1; user <= users; user++)
		for (int day = 0; day < days; day++) {
			struct day *d = xcalloc(1, sizeof *d);

			*d = (struct day){user, FIRST_DAY + day, entries, &outstanding};
			outstanding++;
			store_write(s, fill_run, on_filled, d);
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
	bool migrated;
	int schema, r;

	if (argc != 5) {
		fputs("usage: bench_fill DATABASE USERS DAYS ENTRIES\n", stderr);
		return 2;
	}
	options.path = argv[1];
	r = store_open(&options, &s, &schema, &migrated);
	if (r < 0) {
		fprintf(stderr, "bench_fill: %s: %s\n", argv[1], strerror(-r));
		return 1;
	}
	fill(s, strtoll(argv[2], NULL, 10), (int)strtol(argv[3], NULL, 10), (int)strtol(argv[4], NULL, 10));
	store_close(s);
	return 0;
}
