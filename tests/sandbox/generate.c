/* SPDX-License-Identifier: Apache-2.0 */
#include "generate.h"

#include <stdlib.h>

#include "alloc.h"
#include "calendar.h"
#include "rng.h"
#include "titles.h"

#define BUCKETS 288
#define BUCKET_MINUTES 5
#define BUCKET_SECONDS 300
/* Every row takes at least a second, and some must be left for the work itself. */
#define BUCKET_ROWS_MAX 280

enum use {
	UNUSED,
	DESK,
	IN_MEETING,
	ON_PHONE,
};

struct maker {
	const struct recipe *recipe;
	struct rng rng;
	struct day *day;
	struct pool pool;
	enum use use[BUCKETS];
	bool both_devices[BUCKETS];
	const struct pair *focus;   /* what the person is working at */
	const struct pair *meeting;
	int focus_left;             /* buckets until something else is taken up */
	size_t bucket_start;        /* index of the first row of the bucket being filled */
};

static void
use_buckets(struct maker *m, int from_minute, int to_minute, enum use use)
{
	int b;

	for (b = from_minute / BUCKET_MINUTES; b < to_minute / BUCKET_MINUTES && b < BUCKETS; b++)
		m->use[b] = use;
}

static void
plan_desk_day(struct maker *m)
{
	struct rng *r = &m->rng;
	int start = 8 * 60 + rng_range(r, -15, 50), end = 17 * 60 + rng_range(r, 0, 110);
	int lunch = 12 * 60 + rng_range(r, 0, 75), i;

	use_buckets(m, start, end, DESK);
	for (i = rng_range(r, 0, 2); i > 0; i--) {
		int at = rng_range(r, start + 30, end - 60);

		use_buckets(m, at, at + rng_range(r, 20, 60), IN_MEETING);
	}
	use_buckets(m, lunch, lunch + rng_range(r, 30, 55), UNUSED);
	if (rng_chance(r, 60)) {
		int at = rng_range(r, start + 60, start + 140);

		use_buckets(m, at, at + rng_range(r, 5, 15), UNUSED);
	}
	use_buckets(m, lunch + 5, lunch + 5 + rng_range(r, 5, 15), ON_PHONE);
	use_buckets(m, 20 * 60, 20 * 60 + rng_range(r, 0, 40), ON_PHONE);
}

static void
plan_weekend(struct maker *m, int weekday)
{
	struct rng *r = &m->rng;
	uint32_t dice = rng_below(r, 100);

	if (weekday == 0 && dice < 45)
		return;
	use_buckets(m, 9 * 60 + rng_range(r, 0, 90), 11 * 60 + rng_range(r, 0, 30), ON_PHONE);
	if (dice >= 70) {
		int at = 14 * 60 + rng_range(r, 0, 120);

		use_buckets(m, at, at + rng_range(r, 30, 150), DESK);
	}
}

static bool
works_past_midnight(uint64_t account, int32_t date)
{
	return rng_mix(account ^ ((uint64_t)date << 20)) % 25 == 0;
}

/* Work that goes on past midnight belongs to two days, and neither may know less of it than the other. */
static void
plan_night(struct maker *m, uint64_t account)
{
	if (works_past_midnight(account, m->recipe->date))
		use_buckets(m, 23 * 60 + 15, 24 * 60, DESK);
	if (works_past_midnight(account, m->recipe->date - 1))
		use_buckets(m, 0, 40, DESK);
}

/* A day with a missing or repeated hour must show it, so somebody works through that night. */
static void
plan_clock_change(struct maker *m)
{
	const struct zone_day *z = &m->recipe->zone;

	if (z->skip_from == z->skip_to && z->repeat_from == z->repeat_to)
		return;
	use_buckets(m, 30, 4 * 60, DESK);
	use_buckets(m, z->skip_from / 60, z->skip_to / 60, UNUSED);
}

static int32_t
bucket_capacity(const struct maker *m, int bucket)
{
	const struct zone_day *z = &m->recipe->zone;
	int32_t second = bucket * BUCKET_SECONDS;

	return second >= z->repeat_from && second < z->repeat_to ? 2 * BUCKET_SECONDS : BUCKET_SECONDS;
}

static void
plan_second_device(struct maker *m)
{
	int b;

	for (b = 0; b < BUCKETS; b++)
		m->both_devices[b] = m->use[b] == DESK && bucket_capacity(m, b) == BUCKET_SECONDS && rng_chance(&m->rng, 6);
}

static bool
in_bucket(const struct maker *m, const struct pair *p)
{
	size_t i;

	for (i = m->bucket_start; i < m->day->count; i++)
		if (text_equal(m->day->rows[i].document, p->document) &&
		    text_equal(m->day->rows[i].activity, p->activity))
			return true;
	return false;
}

/* Adds a row and keeps the bucket ordered by seconds, longest first. A pair that is there already adds nothing. */
static bool
put_row(struct maker *m, int bucket, const struct pair *p, int32_t seconds, enum source source)
{
	struct row r = { .minute = (uint16_t)(bucket * BUCKET_MINUTES), .source = (uint8_t)source,
		.productivity = p->productivity, .seconds = seconds, .activity = p->activity, .document = p->document,
		.category = p->category };
	size_t i;

	if (seconds <= 0 || in_bucket(m, p))
		return false;
	day_add(m->day, &r);
	for (i = m->day->count - 1; i > m->bucket_start && m->day->rows[i - 1].seconds < r.seconds; i--)
		m->day->rows[i] = m->day->rows[i - 1];
	m->day->rows[i] = r;
	return true;
}

static const struct pair *
any_pair(struct maker *m, enum title_role role)
{
	return &m->pool.pairs[role][rng_below(&m->rng, (uint32_t)m->pool.count[role])];
}

static int32_t
glance_seconds(struct rng *r)
{
	uint32_t dice = rng_below(r, 100);

	if (dice < 52)
		return rng_range(r, 1, 9);
	return dice < 85 ? rng_range(r, 10, 40) : rng_range(r, 41, 90);
}

static void
fill_desk(struct maker *m, int bucket, int32_t capacity, uint32_t rows)
{
	int32_t left = capacity;
	uint32_t attempts;

	if (!rows)
		return;
	if (m->focus_left-- <= 0) {
		m->focus = any_pair(m, FOCUS);
		m->focus_left = rng_range(&m->rng, 0, 7);
	}
	/* Glances first, always leaving a second for each row still to come; the work at hand gets what remains. */
	for (attempts = rows * 4; rows > 1 && attempts > 0; attempts--) {
		const struct pair *p = any_pair(m, rng_chance(&m->rng, 62) ? GLANCE : FOCUS);
		int32_t s = glance_seconds(&m->rng);

		if (s > left - (int32_t)rows)
			s = left - (int32_t)rows;
		if (p == m->focus || s < 1)
			s = s < 1 ? 1 : 0;
		if (put_row(m, bucket, p, s, SOURCE_COMPUTER)) {
			left -= s;
			rows--;
		}
	}
	if (rng_chance(&m->rng, 25))
		left = left * rng_range(&m->rng, 30, 95) / 100;
	put_row(m, bucket, m->focus, left > 0 ? left : 1, SOURCE_COMPUTER);
}

static void
fill_phone(struct maker *m, int bucket, int32_t capacity)
{
	int32_t s = rng_range(&m->rng, 1, capacity);

	put_row(m, bucket, any_pair(m, PHONE), s, SOURCE_MOBILE);
	if (rng_chance(&m->rng, 50))
		put_row(m, bucket, any_pair(m, PHONE), (capacity - s) / 2, SOURCE_MOBILE);
}

static void
fill_bucket(struct maker *m, int bucket, uint32_t rows)
{
	int32_t capacity = bucket_capacity(m, bucket);

	m->bucket_start = m->day->count;
	if (m->use[bucket] == DESK) {
		fill_desk(m, bucket, capacity, rows);
	} else if (m->use[bucket] == IN_MEETING) {
		if (!m->meeting || m->use[bucket - 1] != IN_MEETING)
			m->meeting = any_pair(m, MEETING);
		put_row(m, bucket, m->meeting, capacity, SOURCE_COMPUTER);
	} else if (m->use[bucket] == ON_PHONE) {
		fill_phone(m, bucket, capacity);
	}
	if (m->both_devices[bucket])
		put_row(m, bucket, any_pair(m, PHONE), rng_range(&m->rng, 20, 280), SOURCE_MOBILE);
}

/* How many rows a desk bucket gets: uniform around the mean of what is still to be placed, so that chance does not add up. */
static uint32_t
share(struct maker *m, uint32_t rows_left, uint32_t buckets_left)
{
	uint32_t mean = rows_left / buckets_left + (rng_below(&m->rng, buckets_left) < rows_left % buckets_left);
	uint32_t rows = mean ? 1 + rng_below(&m->rng, 2 * mean - 1) : 0;

	return rows < BUCKET_ROWS_MAX ? rows : BUCKET_ROWS_MAX;
}

static void
fill_day(struct maker *m, uint32_t wanted)
{
	uint32_t desk = 0;
	int b;

	for (b = 0; b < BUCKETS; b++)
		desk += m->use[b] == DESK;
	for (b = 0; b < BUCKETS; b++) {
		uint32_t rows = 0;

		if (m->use[b] == UNUSED)
			continue;
		if (m->use[b] == DESK) {
			rows = share(m, wanted, desk--);
			wanted -= rows < wanted ? rows : wanted;
		}
		fill_bucket(m, b, rows);
	}
}

uint64_t
account_seed(uint64_t seed, uint32_t user)
{
	return rng_mix(seed * UINT64_C(0x9e3779b97f4a7c15) + user + 1);
}

struct day *
generate_day(const struct recipe *recipe)
{
	uint64_t account = account_seed(recipe->seed, recipe->user);
	struct maker m = { .recipe = recipe, .day = day_new(), .rng = { rng_mix(account + (uint64_t)recipe->date) } };
	int weekday = day_weekday(recipe->date);
	bool weekend = weekday == 0 || weekday == 6;

	if (weekend)
		plan_weekend(&m, weekday);
	else
		plan_desk_day(&m);
	plan_night(&m, account);
	plan_clock_change(&m);
	plan_second_device(&m);
	pool_fill(&m.pool, m.day, &m.rng, account, recipe->date, 60 + recipe->rows_per_day / 6);
	/* Meetings and phones add some 15 rows of their own to a weekday. */
	fill_day(&m, weekend ? recipe->rows_per_day / 6 : recipe->rows_per_day - recipe->rows_per_day / 25);
	pool_release(&m.pool);
	return m.day;
}
