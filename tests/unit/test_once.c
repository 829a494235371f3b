/* SPDX-License-Identifier: Apache-2.0 */
/* What happens once: a verb with a key, on a real store in a temporary directory. */
#include "app_unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/once.h"
#include "base/alloc.h"
#include "base/clock.h"

#define HOUR_MS ((int64_t)3600 * 1000)

struct bench {
	char dir[64], path[96];
	struct store *store;
	struct app *app;
	int wakes;
};

static struct bench b;

static void
on_wake(void *arg)
{
	(void)arg;
	b.wakes++;
}

static void
open_all(void)
{
	struct store_options store = {.path = b.path, .readers = 1};
	struct app_options options = {.hooks = {.wake = on_wake}, .max_live_jobs = 3, .default_zone = "UTC"};
	bool migrated;
	int schema;

	assert_int_equal(store_open(&store, &b.store, &schema, &migrated), 0);
	options.store = b.store;
	b.app = app_new(&options);
	app_has_keeper(b.app, 1);
}

static void
close_all(void)
{
	store_close(b.store);
	app_free(b.app);
}

static int
setup(void **state)
{
	(void)state;
	b = (struct bench){.dir = "/tmp/rtalp-once-XXXXXX"};
	assert_non_null(mkdtemp(b.dir));
	snprintf(b.path, sizeof b.path, "%s/t.db", b.dir);
	open_all();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	close_all();
	remove_store(b.path, b.dir);
	return 0;
}

static int settled;

static void
on_settled(struct once *o)
{
	(void)o;
	settled++;
}

static void
render(const void *verb, struct once_answer *ret)
{
	const struct process_submit *v = verb;

	ret->status = 202;
	buf_addf(&ret->head, "Location: /api/jobs/%lld\n", (long long)v->job.job_id);
	buf_addf(&ret->body, "{\"job_id\": %lld}", (long long)v->job.job_id);
}

static void
render_too_much(const void *verb, struct once_answer *ret)
{
	render(verb, ret);
	while (ret->body.error == 0)
		buf_addz(&ret->body, "more and more and more and more");
}

static struct once
once_of(int64_t caller, const char *key, const char *asked)
{
	struct once o = {.caller = caller, .render = render, .settled = on_settled};
	struct str parts[] = {str_of(asked)};

	snprintf(o.key, sizeof o.key, "%s", key);
	app_fingerprint(b.app, parts, 1, o.asked);
	return o;
}

/* Each day is a job of its own. Returns the job, or the error. */
static int64_t
submit(struct once *o, day_t day)
{
	struct process_submit v = {.once = o, .alp_user_id = 42, .from_day = day, .to_day = day, .priority = 5};
	struct verb_answer outcome = {0};
	int64_t result;
	int r;

	app_process_submit(b.app, &v, verb_done, &outcome);
	r = verb_await(b.store, &outcome);
	result = r == 0 ? v.job.job_id : r;
	process_submit_release(&v);
	return result;
}

static void
assert_answer(const struct once *o, const char *head, const char *body)
{
	assert_int_equal(o->answer.status, 202);
	assert_true(str_eq(buf_str(&o->answer.head), str_of(head)));
	assert_true(str_eq(buf_str(&o->answer.body), str_of(body)));
}

static size_t
job_count(void)
{
	struct job_query v = {.filter = {.alp_user_id = 42}};
	struct verb_answer outcome = {0};
	size_t count;

	app_job_query(b.app, &v, verb_done, &outcome);
	assert_int_equal(verb_await(b.store, &outcome), 0);
	count = v.list.count;
	job_query_release(&v);
	return count;
}

static void
the_second_time_the_verb_does_not_run(void **state)
{
	struct once first = once_of(7, "key", "what"), again = once_of(7, "key", "what"), other = once_of(7, "key", "else");

	(void)state;
	settled = 0;
	assert_int_equal(submit(&first, 20000), 1);
	assert_true(first.outcome == ONCE_RAN && settled == 1 && b.wakes == 1);
	assert_answer(&first, "Location: /api/jobs/1\n", "{\"job_id\": 1}");
	assert_int_equal(submit(&again, 20001), -EEXIST);
	assert_true(again.outcome == ONCE_SEEN && settled == 2 && b.wakes == 1);
	assert_answer(&again, "Location: /api/jobs/1\n", "{\"job_id\": 1}");
	assert_int_equal(submit(&other, 20002), -EEXIST);
	assert_true(other.outcome == ONCE_SEEN_OTHER && other.answer.body.len == 0);
	assert_int_equal(job_count(), 1);
	once_release(&first);
	once_release(&again);
}

static void
keys_of_two_callers_never_meet(void **state)
{
	struct once mine = once_of(7, "key", "what"), yours = once_of(8, "key", "what"), nobodys = once_of(0, "key", "what");

	(void)state;
	assert_int_equal(submit(&mine, 20000), 1);
	assert_int_equal(submit(&yours, 20001), 2);
	assert_int_equal(submit(&nobodys, 20002), 3);
	once_release(&mine);
	once_release(&yours);
	once_release(&nobodys);
}

static void
what_failed_leaves_no_trace(void **state)
{
	struct once full = once_of(7, "full", "what"), now = once_of(7, "full", "what");
	struct once huge = once_of(7, "huge", "what"), small = once_of(7, "huge", "what");

	(void)state;
	for (day_t day = 20000; day < 20003; day++)
		assert_true(submit(NULL, day) > 0);
	assert_int_equal(submit(&full, 20010), -EDQUOT);
	assert_int_equal(full.outcome, ONCE_OPEN);
	/* The queue has room again. */
	close_all();
	unlink(b.path);
	open_all();
	assert_true(submit(&now, 20010) > 0);
	/* An answer that cannot be kept is an effect that may not be. */
	huge.render = render_too_much;
	assert_int_equal(submit(&huge, 20011), -E2BIG);
	assert_int_equal(job_count(), 1);
	assert_true(submit(&small, 20011) > 0);
	once_release(&now);
	once_release(&huge);
	once_release(&small);
}

static void
a_secret_is_not_kept(void **state)
{
	struct once first = once_of(7, "key", "what"), again = once_of(7, "key", "what"), other = once_of(7, "key", "else");

	(void)state;
	first.secret = true;
	assert_int_equal(submit(&first, 20000), 1);
	assert_answer(&first, "Location: /api/jobs/1\n", "{\"job_id\": 1}");
	assert_int_equal(submit(&again, 20000), -EEXIST);
	assert_true(again.outcome == ONCE_SEEN_SECRET && again.answer.body.len == 0);
	assert_int_equal(submit(&other, 20000), -EEXIST);
	assert_int_equal(other.outcome, ONCE_SEEN_OTHER);
	once_release(&first);
}

static int64_t
prune(int64_t keep_once_ms)
{
	struct prune v = {.keep_ms = 24 * HOUR_MS, .keep_once_ms = keep_once_ms};
	struct verb_answer outcome = {0};

	app_prune(b.app, &v, verb_done, &outcome);
	assert_int_equal(verb_await(b.store, &outcome), 0);
	return v.removed;
}

static void
answers_are_kept_across_restarts_until_their_time_has_come(void **state)
{
	struct once first = once_of(7, "key", "what"), again = once_of(7, "key", "what"), later = once_of(7, "key", "what");

	(void)state;
	assert_int_equal(submit(&first, 20000), 1);
	close_all();
	open_all();
	assert_int_equal(prune(24 * HOUR_MS), 0);
	assert_int_equal(submit(&again, 20001), -EEXIST);
	assert_int_equal(again.outcome, ONCE_SEEN);
	/* Everything from before the next minute. */
	assert_int_equal(prune(-60000), 1);
	assert_int_equal(submit(&later, 20001), 2);
	once_release(&first);
	once_release(&again);
	once_release(&later);
}

static void
hashes_tell_parts_apart_and_installations(void **state)
{
	const struct str ab_c[] = {STR("ab"), STR("c")}, a_bc[] = {STR("a"), STR("bc")}, abc[] = {STR("abc")};
	unsigned char one[FINGERPRINT_BYTES], two[FINGERPRINT_BYTES], three[FINGERPRINT_BYTES], same[FINGERPRINT_BYTES];

	(void)state;
	store_fingerprint(b.store, ab_c, 2, one);
	store_fingerprint(b.store, a_bc, 2, two);
	store_fingerprint(b.store, abc, 1, three);
	assert_memory_not_equal(one, two, sizeof one);
	assert_memory_not_equal(one, three, sizeof one);
	close_all();
	open_all();
	store_fingerprint(b.store, ab_c, 2, same);
	assert_memory_equal(one, same, sizeof one);
	close_all();
	unlink(b.path);
	open_all();
	store_fingerprint(b.store, ab_c, 2, two);
	assert_memory_not_equal(one, two, sizeof one);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(the_second_time_the_verb_does_not_run, setup, teardown),
	    cmocka_unit_test_setup_teardown(keys_of_two_callers_never_meet, setup, teardown),
	    cmocka_unit_test_setup_teardown(what_failed_leaves_no_trace, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_secret_is_not_kept, setup, teardown),
	    cmocka_unit_test_setup_teardown(answers_are_kept_across_restarts_until_their_time_has_come, setup, teardown),
	    cmocka_unit_test_setup_teardown(hashes_tell_parts_apart_and_installations, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
