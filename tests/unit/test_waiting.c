/* SPDX-License-Identifier: Apache-2.0 */
/* The queue in memory against the plainest list there could be: thousands of random changes, some undone, every answer compared. */
#include "unit.h"

#include <string.h>

#include "base/macro.h"
#include "store/bag.h"
#include "store/waiting.h"

#define USERS      3
#define KINDS      2
#define PRIORITIES 4
#define MODEL_MAX  4096

struct model {
	size_t count;
	struct waiting_job jobs[MODEL_MAX];
};

struct walk {
	uint64_t seed;
	int64_t next_id;
	struct waiting *w;
	struct model now, marked;
	size_t mark;
};

static uint64_t
chance(struct walk *w, uint64_t n)
{
	w->seed ^= w->seed << 13;
	w->seed ^= w->seed >> 7;
	w->seed ^= w->seed << 17;
	return w->seed % n;
}

static bool
goes_before(const struct waiting_job *a, const struct waiting_job *b)
{
	if (a->priority != b->priority)
		return a->priority > b->priority;
	return a->run_at_ms != b->run_at_ms ? a->run_at_ms < b->run_at_ms : a->job_id < b->job_id;
}

static const struct waiting_job *
model_front(const struct model *m, int64_t user, int32_t kind, int32_t priority)
{
	const struct waiting_job *best = NULL;

	for (size_t i = 0; i < m->count; i++) {
		const struct waiting_job *job = &m->jobs[i];

		if (job->alp_user_id != user || job->kind != kind || job->priority > priority)
			continue;
		if (best == NULL || goes_before(job, best))
			best = job;
	}
	return best;
}

static void
same_front(const struct walk *w, int64_t user, int32_t kind, int32_t priority)
{
	const struct waiting_job *best = model_front(&w->now, user, kind, priority);
	struct waiting_job front;

	assert_int_equal(waiting_front(w->w, user, kind, priority, &front), best != NULL);
	if (best == NULL)
		return;
	assert_int_equal(front.job_id, best->job_id);
	assert_int_equal(front.run_at_ms, best->run_at_ms);
	assert_int_equal(front.priority, best->priority);
}

static void
same_wishes(const struct walk *w, uint32_t wish)
{
	size_t walk = BAG_WALK, expected = 0, found = 0;
	int64_t id, sum = 0;

	for (size_t i = 0; i < w->now.count; i++)
		if (w->now.jobs[i].wish == wish) {
			expected++;
			sum += w->now.jobs[i].job_id;
		}
	while ((id = waiting_same(w->w, wish, &walk)) != 0) {
		found++;
		sum -= id;
	}
	assert_int_equal(found, expected);
	assert_int_equal(sum, 0);
}

/* Close to each other, and to where the table ends and begins again. */
static uint32_t
wish_numbered(uint64_t n)
{
	return n == 0 ? 0 : n <= 4 ? UINT32_MAX - 4 + (uint32_t)n : (uint32_t)n;
}

static void
all_is_the_same(const struct walk *w)
{
	assert_int_equal(waiting_count(w->w), w->now.count);
	for (int64_t user = 1; user <= USERS; user++)
		for (int32_t kind = 1; kind <= KINDS; kind++)
			for (int32_t priority = -1; priority <= PRIORITIES; priority++)
				same_front(w, user, kind, priority);
	for (uint64_t n = 1; n < 8; n++)
		same_wishes(w, wish_numbered(n));
	for (size_t i = 0; i < w->now.count; i += 7)
		assert_true(waiting_has(w->w, &w->now.jobs[i]));
}

static void
add_one(struct walk *w)
{
	struct waiting_job job = {
	    .alp_user_id = 1 + (int64_t)chance(w, USERS), .job_id = ++w->next_id, .kind = (int16_t)(1 + chance(w, KINDS)),
	    .priority = (int16_t)chance(w, PRIORITIES), .wish = wish_numbered(chance(w, 8)),
	    .run_at_ms = chance(w, 3) ? w->next_id : (int64_t)chance(w, 50),
	};

	if (w->now.count == MODEL_MAX)
		return;
	waiting_add(w->w, &job);
	w->now.jobs[w->now.count++] = job;
}

static void
remove_at(struct walk *w, size_t i)
{
	struct waiting_job job = w->now.jobs[i];

	waiting_remove(w->w, &job);
	w->now.jobs[i] = w->now.jobs[--w->now.count];
	assert_false(waiting_has(w->w, &job));
}

/* Most go from the front. */
static void
remove_one(struct walk *w)
{
	const struct waiting_job *front = model_front(&w->now, 1 + (int64_t)chance(w, USERS), (int32_t)(1 + chance(w, KINDS)), PRIORITIES);

	if (front != NULL && chance(w, 4) != 0)
		remove_at(w, (size_t)(front - w->now.jobs));
	else if (w->now.count > 0)
		remove_at(w, (size_t)chance(w, w->now.count));
}

static void
mark(struct walk *w)
{
	w->mark = waiting_mark(w->w);
	w->marked = w->now;
}

/* A closure ends, and now and then its transaction. */
static void
end_one(struct walk *w)
{
	if (chance(w, 2)) {
		waiting_undo(w->w, w->mark);
		w->now = w->marked;
	}
	if (chance(w, 3) == 0)
		waiting_settle(w->w);
	mark(w);
}

/* Grows for a while, then shrinks, down to nothing. */
static void
walk_step(struct walk *w, uint64_t of_eight_add)
{
	if (chance(w, 40) == 0)
		end_one(w);
	else if (chance(w, 8) < of_eight_add)
		add_one(w);
	else
		remove_one(w);
}

static void
no_change_and_no_undoing_leads_the_queue_astray(void **state)
{
	static struct walk w;

	(void)state;
	for (uint64_t seed = 1; seed <= unit_rounds(4); seed++) {
		w.seed = seed * 0x9E3779B97F4A7C15u;
		w.next_id = 0;
		w.now.count = 0;
		w.w = waiting_new();
		waiting_loaded(w.w);
		mark(&w);
		for (int i = 0; i < 12000; i++) {
			walk_step(&w, i / 3000 % 2 == 0 ? 6 : 2);
			if (i % 16 == 0)
				all_is_the_same(&w);
		}
		while (w.now.count > 0)
			remove_one(&w);
		all_is_the_same(&w);
		waiting_free(w.w);
	}
}

static struct waiting_job
numbered(int64_t id)
{
	return (struct waiting_job){.alp_user_id = 1, .job_id = id, .run_at_ms = id, .kind = 1, .priority = 5, .wish = (uint32_t)id};
}

static void
a_lost_transaction_leaves_what_was_committed(void **state)
{
	struct waiting *w = waiting_new();
	struct waiting_job job = numbered(1), other = numbered(2);

	(void)state;
	waiting_add(w, &job);
	waiting_loaded(w);
	waiting_remove(w, &job);
	waiting_add(w, &other);
	waiting_lost(w);
	assert_true(waiting_is_loaded(w));
	assert_true(waiting_has(w, &job));
	assert_false(waiting_has(w, &other));
	assert_int_equal(waiting_count(w), 1);
	waiting_free(w);
}

/* Neither a very long transaction nor a table changed behind it can be undone step by step. */
static void
what_cannot_be_undone_is_forgotten(void **state)
{
	struct waiting *w = waiting_new();
	struct waiting_job job = numbered(1);

	(void)state;
	waiting_loaded(w);
	for (int64_t id = 1; id <= 100000; id++) {
		job = numbered(id);
		waiting_add(w, &job);
	}
	assert_true(waiting_is_loaded(w));
	waiting_undo(w, 0);
	assert_false(waiting_is_loaded(w));
	assert_int_equal(waiting_count(w), 0);
	waiting_lost(w);
	waiting_loaded(w);
	waiting_add(w, &job);
	waiting_forget(w);
	assert_false(waiting_is_loaded(w));
	waiting_loaded(w);
	/* Who failed without having changed anything makes nobody read it again. */
	waiting_undo(w, waiting_mark(w));
	assert_true(waiting_is_loaded(w));
	(void)waiting_mark(w);
	waiting_add(w, &job);
	waiting_undo(w, 0);
	assert_false(waiting_is_loaded(w));
	/* Once it committed, the next one is undone step by step again. */
	waiting_loaded(w);
	waiting_settle(w);
	waiting_add(w, &job);
	waiting_undo(w, 0);
	assert_true(waiting_is_loaded(w));
	assert_int_equal(waiting_count(w), 0);
	waiting_free(w);
}

static void
a_bag_takes_no_more_memory_than_what_is_in_it_asks_for(void **state)
{
	struct bag b = {0};

	(void)state;
	for (int64_t i = 1; i <= 100000; i++)
		bag_add(&b, (uint32_t)i * 2654435761u, i);
	assert_in_range(b.capacity, 100000, 180000);
	for (int64_t i = 1; i <= 99900; i++)
		assert_true(bag_remove(&b, (uint32_t)i * 2654435761u, i));
	assert_in_range(b.capacity, 100, 800);
	assert_false(bag_remove(&b, 1, 99950));
	for (int64_t i = 99901; i <= 100000; i++)
		assert_true(bag_remove(&b, (uint32_t)i * 2654435761u, i));
	assert_int_equal(b.capacity, 0);
	assert_false(bag_remove(&b, 1, 1));
	bag_release(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(no_change_and_no_undoing_leads_the_queue_astray),
	    cmocka_unit_test(a_lost_transaction_leaves_what_was_committed),
	    cmocka_unit_test(what_cannot_be_undone_is_forgotten),
	    cmocka_unit_test(a_bag_takes_no_more_memory_than_what_is_in_it_asks_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
