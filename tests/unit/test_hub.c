/* SPDX-License-Identifier: Apache-2.0 */
/* The hub against a store that is an array: what is published, read and handed over may interleave as it likes. */
#include "unit.h"

#include <errno.h>
#include <string.h>

#include "app/hub.h"
#include "base/alloc.h"

#define EVENTS_MAX 60000

/* The store: numbers oldest..newest are kept; `read` waits to be answered. */
static struct {
	struct event_row rows[EVENTS_MAX + 1];
	int64_t oldest, newest;
	struct hub *hub;
	struct hub_read *read;
	bool step_wanted;
	size_t reads;
} world;

static void
on_read(void *arg, struct hub_read *read)
{
	(void)arg;
	assert_null(world.read);
	assert_true(read->from_id <= read->to_id);
	assert_true(read->to_id - read->from_id < HUB_RING);
	world.read = read;
	world.reads++;
}

static void
on_behind(void *arg)
{
	(void)arg;
	world.step_wanted = true;
}

static bool
wanted(const struct event_filter *f, const struct event_row *e)
{
	return (f->job_id == 0 || f->job_id == e->job_id) && (f->alp_user_id == 0 || f->alp_user_id == e->alp_user_id) &&
	       (f->types & 1u << e->type) != 0;
}

static void
answer_read(int r)
{
	struct hub_read *read = TAKE_PTR(world.read);

	read->oldest = world.newest > 0 ? world.oldest : 0;
	read->events.rows = xcalloc(HUB_RING, sizeof *read->events.rows);
	for (int64_t id = MAX_OF(read->from_id, world.oldest); r == 0 && id <= read->to_id; id++)
		if (wanted(&read->filter, &world.rows[id]))
			read->events.rows[read->events.count++] = world.rows[id];
	hub_read_done(world.hub, read, r);
}

/* One a user of every third, one a job, now and then of another type. */
static void
publish(size_t count)
{
	int64_t first = world.newest + 1;

	assert_true(world.newest + (int64_t)count <= EVENTS_MAX);
	for (size_t i = 0; i < count; i++) {
		int64_t id = ++world.newest;

		world.rows[id] = (struct event_row){
		    .event_id = id, .alp_user_id = 1 + id % 3, .job_id = id % 7 == 0 ? 0 : 1 + id % 5,
		    .type = id % 7 == 0 ? EVENT_ENTRIES : EVENT_JOB, .day = -1,
		};
	}
	hub_publish(world.hub, &world.rows[first], count);
}

static void
settle(void)
{
	do {
		world.step_wanted = false;
		while (hub_step(world.hub))
			;
		if (world.read != NULL)
			answer_read(0);
	} while (world.step_wanted);
}

static int
begin(void **state)
{
	const struct hub_hooks hooks = {.read = on_read, .behind = on_behind};

	(void)state;
	world.oldest = 1;
	world.newest = 0;
	world.read = NULL;
	world.reads = 0;
	world.step_wanted = false;
	world.hub = hub_new(0, &hooks);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	if (world.read != NULL)
		answer_read(0);
	world.hub = hub_free(world.hub);
	return 0;
}

/* Another daemon on the same store. */
static void
restart(void)
{
	const struct hub_hooks hooks = {.read = on_read, .behind = on_behind};

	hub_free(world.hub);
	world.hub = hub_new(world.newest, &hooks);
}

struct watcher {
	struct watch *watch;
	struct event_filter filter;
	int64_t expects; /* every number from here on that passes was not seen yet */
	size_t taken;
	size_t room;     /* so many can be taken before it is full */
	size_t lost;
};

static bool
on_take(void *arg, const struct event_row *e)
{
	struct watcher *w = arg;

	assert_true(e->event_id >= w->expects);
	assert_true(wanted(&w->filter, e));
	assert_true(w->room > 0);
	for (int64_t id = w->expects; id < e->event_id; id++)
		assert_false(wanted(&w->filter, &world.rows[id]));
	assert_memory_equal(e, &world.rows[e->event_id], sizeof *e);
	w->expects = e->event_id + 1;
	w->taken++;
	return --w->room > 0;
}

static void
on_lost(void *arg, int64_t newest)
{
	struct watcher *w = arg;

	/* Only what is not kept may be lost. */
	assert_true(w->expects < world.oldest);
	assert_int_equal(newest, hub_newest(world.hub));
	w->expects = newest + 1;
	w->lost++;
}

static const struct event_sink sink = {.take = on_take, .lost = on_lost};

static void
watch(struct watcher *w, int64_t job, int64_t user, int64_t after_id)
{
	*w = (struct watcher){.filter = {job, user, EVENT_TYPES_ALL}, .expects = after_id + 1, .room = SIZE_MAX};
	w->watch = hub_watch(world.hub, &w->filter, after_id, &sink, w);
}

static void
has_seen_everything(const struct watcher *w)
{
	for (int64_t id = w->expects; id <= world.newest; id++)
		assert_false(wanted(&w->filter, &world.rows[id]));
	assert_true(hub_seen(w->watch) >= world.newest);
}

static void
each_sees_its_own_in_order(void **state)
{
	struct watcher all, user, job, jobs_only;

	(void)state;
	watch(&all, 0, 0, 0);
	watch(&user, 0, 2, 0);
	watch(&job, 3, 0, 0);
	watch(&jobs_only, 0, 1, 0);
	hub_unwatch(jobs_only.watch);
	jobs_only.filter.types = 1u << EVENT_JOB;
	jobs_only.watch = hub_watch(world.hub, &jobs_only.filter, 0, &sink, &jobs_only);
	publish(500);
	assert_int_equal(all.taken, 500);
	assert_int_equal(user.taken, 167);
	has_seen_everything(&user);
	has_seen_everything(&job);
	has_seen_everything(&jobs_only);
	assert_true(job.taken > 50 && jobs_only.taken < 166);
	/* A job of one user does not show to who watches it as another's. */
	hub_unwatch(job.watch);
	watch(&job, 3, 9, 0);
	settle();
	assert_int_equal(job.taken, 0);
}

static void
who_was_away_gets_what_it_missed_from_memory(void **state)
{
	struct watcher w;

	(void)state;
	publish(3000);
	watch(&w, 0, 0, 1234);
	publish(5);
	settle();
	assert_int_equal(w.taken, 3005 - 1234);
	assert_int_equal(world.reads, 0);
	has_seen_everything(&w);
}

static void
a_restart_reads_once_for_everybody(void **state)
{
	struct watcher w[20];

	(void)state;
	publish(5000);
	restart();
	for (int i = 0; i < 20; i++)
		watch(&w[i], 0, 1 + i % 3, 4000 + i);
	publish(10);
	settle();
	for (int i = 0; i < 20; i++)
		has_seen_everything(&w[i]);
	assert_int_equal(world.reads, 1);
}

static void
far_behind_it_reads_pieces_while_more_comes(void **state)
{
	struct watcher w;

	(void)state;
	publish(30000);
	watch(&w, 0, 3, 10);
	for (int i = 0; i < 100; i++) {
		hub_step(world.hub);
		publish(97);
		if (world.read != NULL)
			answer_read(0);
	}
	settle();
	has_seen_everything(&w);
	assert_int_equal(w.lost, 0);
	assert_true(world.reads >= 3);
}

static void
what_is_not_kept_is_told_as_lost(void **state)
{
	struct watcher far, near;

	(void)state;
	publish(20000);
	world.oldest = 10000;
	watch(&far, 0, 0, 9000);
	watch(&near, 0, 0, 9999);
	settle();
	assert_int_equal(far.lost, 1);
	assert_int_equal(far.taken, 0);
	assert_int_equal(near.lost, 0);
	assert_int_equal(near.taken, 10001);
	publish(3);
	assert_int_equal(far.taken, 3);
	/* The same just after a start, when the ring could hold it and the store does not. */
	hub_unwatch(far.watch);
	hub_unwatch(near.watch);
	restart();
	world.oldest = world.newest - 10;
	watch(&far, 0, 0, world.oldest - 5);
	settle();
	assert_int_equal(far.lost, 1);
	publish(2);
	assert_int_equal(far.taken, 2);
}

static void
a_full_one_waits_and_the_others_do_not(void **state)
{
	struct watcher full, other;

	(void)state;
	watch(&full, 0, 0, 0);
	watch(&other, 0, 0, 0);
	full.room = 4;
	publish(200);
	assert_int_equal(full.taken, 4);
	assert_int_equal(other.taken, 200);
	assert_int_equal(hub_seen(full.watch), 4);
	settle();
	assert_int_equal(full.taken, 4);
	full.room = SIZE_MAX;
	hub_room(full.watch);
	publish(1);
	settle();
	has_seen_everything(&full);
}

/* A burst for many watchers is handed out in pieces, and nobody misses any of it. */
static void
a_burst_is_handed_out_in_pieces(void **state)
{
	static struct watcher w[300];
	size_t taken = 0;

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(w); i++)
		watch(&w[i], 0, 0, 0);
	publish(100);
	for (size_t i = 0; i < ELEMENTSOF(w); i++)
		taken += w[i].taken;
	assert_int_equal(taken, HUB_DELIVER_MAX);
	assert_true(world.step_wanted);
	settle();
	for (size_t i = 0; i < ELEMENTSOF(w); i++)
		has_seen_everything(&w[i]);
}

/* The state of a job was read from the store before the events it includes were published. */
static void
a_place_ahead_of_what_was_published_waits(void **state)
{
	struct watcher w;

	(void)state;
	publish(10);
	watch(&w, 0, 0, 14);
	publish(3);
	assert_int_equal(w.taken, 0);
	assert_int_equal(hub_seen(w.watch), 14);
	publish(5);
	assert_int_equal(w.taken, 4);
	has_seen_everything(&w);
}

static void
a_failed_read_is_tried_again(void **state)
{
	struct watcher w;

	(void)state;
	publish(20000);
	watch(&w, 0, 0, 5);
	hub_step(world.hub);
	answer_read(-EBUSY);
	settle();
	has_seen_everything(&w);
	assert_int_equal(w.lost, 0);
}

static void
leaving_in_the_middle_of_a_read_is_forgotten(void **state)
{
	struct watcher w, stays;

	(void)state;
	publish(20000);
	watch(&w, 0, 0, 5);
	watch(&stays, 0, 1, 7);
	hub_step(world.hub);
	assert_non_null(world.read);
	hub_unwatch(w.watch);
	settle();
	assert_int_equal(w.taken, 0);
	has_seen_everything(&stays);
}

static uint32_t seed;

static uint32_t
draw(uint32_t below)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % below;
}

static void
random_step(struct watcher *w, size_t count)
{
	struct watcher *one = &w[draw((uint32_t)count)];

	switch (draw(8)) {
	case 0:
	case 1:
		publish(draw(200));
		break;
	case 2:
		if (world.read != NULL)
			answer_read(draw(5) == 0 ? -EBUSY : 0);
		break;
	case 3:
		one->room = 1 + draw(300);
		hub_room(one->watch);
		break;
	case 4:
		/* It leaves and comes back where it was: what it expects stays. */
		hub_unwatch(one->watch);
		one->room = 1 + draw(3000);
		one->watch = hub_watch(world.hub, &one->filter, one->expects - 1, &sink, one);
		break;
	case 5:
		world.oldest = MAX_OF(world.oldest, world.newest - 12000);
		break;
	default:
		hub_step(world.hub);
	}
}

/* Whatever the order in which things happen: on_take() and on_lost() ask each time. */
static void
no_interleaving_loses_or_doubles(void **state)
{
	for (uint32_t round = 1; round <= 40; round++) {
		struct watcher w[12];

		seed = round * 7919;
		begin(state);
		publish(draw(20000));
		restart();
		for (size_t i = 0; i < ELEMENTSOF(w); i++)
			watch(&w[i], i % 3 == 0 ? 1 + (int64_t)i % 5 : 0, i % 3 == 1 ? 1 + (int64_t)i % 3 : 0,
			    draw((uint32_t)world.newest + 1));
		for (int i = 0; i < 300; i++)
			random_step(w, ELEMENTSOF(w));
		for (size_t i = 0; i < ELEMENTSOF(w); i++) {
			w[i].room = SIZE_MAX;
			hub_room(w[i].watch);
		}
		settle();
		for (size_t i = 0; i < ELEMENTSOF(w); i++)
			has_seen_everything(&w[i]);
		end(state);
	}
}

int
main(void)
{
#define HUB_TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
	    HUB_TEST(each_sees_its_own_in_order),
	    HUB_TEST(who_was_away_gets_what_it_missed_from_memory),
	    HUB_TEST(a_restart_reads_once_for_everybody),
	    HUB_TEST(far_behind_it_reads_pieces_while_more_comes),
	    HUB_TEST(what_is_not_kept_is_told_as_lost),
	    HUB_TEST(a_full_one_waits_and_the_others_do_not),
	    HUB_TEST(a_burst_is_handed_out_in_pieces),
	    HUB_TEST(a_place_ahead_of_what_was_published_waits),
	    HUB_TEST(a_failed_read_is_tried_again),
	    HUB_TEST(leaving_in_the_middle_of_a_read_is_forgotten),
	    cmocka_unit_test(no_interleaving_loses_or_doubles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
