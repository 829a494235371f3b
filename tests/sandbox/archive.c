/* SPDX-License-Identifier: Apache-2.0 */
#include "archive.h"

#include <errno.h>
#include <stdlib.h>

#include "alloc.h"
#include "evolve.h"
#include "generate.h"
#include "zone.h"

struct defined {
	uint32_t user;
	int32_t date;
	struct day *day;
};

struct archive {
	struct archive_config config;
	struct defined *defined;
	size_t count, cap;
};

struct archive *
archive_new(const struct archive_config *config)
{
	struct archive *a = xcalloc(1, sizeof(*a));

	a->config = *config;
	return a;
}

void
archive_free(struct archive *a)
{
	if (!a)
		return;
	archive_reset(a);
	free(a->defined);
	free(a);
}

static struct zone_now
present_of(const struct archive *a, uint32_t user)
{
	return zone_now(users_zone(a->config.users, user), clock_now(a->config.clock));
}

int32_t
archive_today(const struct archive *a, uint32_t user)
{
	return present_of(a, user).day;
}

static struct defined *
find(const struct archive *a, uint32_t user, int32_t date)
{
	size_t i;

	for (i = 0; i < a->count; i++)
		if (a->defined[i].user == user && a->defined[i].date == date)
			return &a->defined[i];
	return NULL;
}

/* Cuts today at the present: a device cannot have recorded more of a bucket than has passed of it. */
static void
cut_at(struct day *d, const struct zone_day *zd, const struct zone_now *now)
{
	int64_t left[SOURCE_OFFLINE + 1] = { 0 };
	size_t i, kept = 0;
	int minute = -1;

	for (i = 0; i < d->count; i++) {
		struct row r = d->rows[i];

		if (r.minute != minute) {
			minute = r.minute;
			left[SOURCE_COMPUTER] = zone_bucket_elapsed(zd, now, minute * 60);
			left[SOURCE_MOBILE] = left[SOURCE_OFFLINE] = left[SOURCE_COMPUTER];
		}
		if (r.seconds > left[r.source])
			r.seconds = left[r.source];
		left[r.source] -= r.seconds;
		if (r.seconds > 0)
			d->rows[kept++] = r;
	}
	d->count = kept;
	day_sort(d);
}

/* The present as of the last upload: what happened since is still on the device. */
static struct zone_now
synced(const struct archive *a, uint32_t user)
{
	int64_t now = clock_now(a->config.clock), every = a->config.sync_seconds;

	return zone_now(users_zone(a->config.users, user), every ? now - now % every : now);
}

static struct day *
made_up_day(const struct archive *a, uint32_t user, int32_t date, const struct zone_now *now)
{
	const char *zone = users_zone(a->config.users, user);
	struct recipe recipe = { a->config.seed, user, date, a->config.rows_per_day, zone_day(zone, date) };
	struct day *d;

	if (date > now->day)
		return day_new();
	d = generate_day(&recipe);
	if (date == now->day)
		cut_at(d, &recipe.zone, now);
	return d;
}

struct day *
archive_day(const struct archive *a, uint32_t user, int32_t date)
{
	struct zone_now now = present_of(a, user);
	const struct defined *def = find(a, user, date);
	struct zone_now upload = synced(a, user);
	struct day *d = def ? day_copy(def->day) : made_up_day(a, user, date, &upload);

	evolve_day(d, a->config.faults, user, date, now.day);
	return d;
}

void
archive_define(struct archive *a, uint32_t user, int32_t date, struct day *day)
{
	struct defined *def = find(a, user, date);

	if (def) {
		day_free(def->day);
		def->day = day;
		return;
	}
	a->defined = xgrow(a->defined, &a->cap, a->count, sizeof(*a->defined));
	a->defined[a->count++] = (struct defined){ user, date, day };
}

int
archive_undefine(struct archive *a, uint32_t user, int32_t date)
{
	struct defined *def = find(a, user, date);

	if (!def)
		return -ENOENT;
	day_free(def->day);
	*def = a->defined[--a->count];
	return 0;
}

void
archive_reset(struct archive *a)
{
	while (a->count)
		day_free(a->defined[--a->count].day);
}
