/* SPDX-License-Identifier: Apache-2.0 */
/* The product's verbs on a real store in a temporary directory, with the dispatcher's part played by the test. */
#include "app_unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "store/check.h"

#define USER 42

struct bench {
	char dir[64];
	char path[96];
	struct store *store;
	struct app *app;
	struct app_options options;
	int wakes;
	int64_t killed_job;
};

static struct bench b;

static void
on_wake(void *arg)
{
	(void)arg;
	b.wakes++;
}

static void
on_kill(void *arg, int64_t job_id, int32_t run)
{
	(void)arg;
	(void)run;
	b.killed_job = job_id;
}

static void
open_store(void)
{
	struct store_options options = {.path = b.path, .readers = 1, .min_free_bytes = 0};
	bool migrated;
	int schema;

	assert_int_equal(store_open(&options, &b.store, &schema, &migrated), 0);
	b.options.store = b.store;
	b.app = app_new(&b.options);
	app_has_keeper(b.app, 1);
}

static int
setup(void **state)
{
	(void)state;
	memset(&b, 0, sizeof b);
	snprintf(b.dir, sizeof b.dir, "/tmp/rtalp-app-XXXXXX");
	assert_non_null(mkdtemp(b.dir));
	snprintf(b.path, sizeof b.path, "%s/t.db", b.dir);
	b.options = (struct app_options){
	    .hooks = {.wake = on_wake, .kill_run = on_kill},
	    .max_live_jobs = 5,
	    .default_zone = "Australia/Sydney",
	    .units = {.rounding = ROUNDING_TENTH_UP},
	    .pace = {.interval_ms = 0, .burst = 31},
	};
	open_store();
	return 0;
}

static void
close_store(void)
{
	store_close(b.store);
	app_free(b.app);
}

static int
teardown(void **state)
{
	(void)state;
	close_store();
	remove_store(b.path, b.dir);
	return 0;
}

#define CALL(verb, v)                                                                                                  \
	__extension__({                                                                                                \
		struct verb_answer a_ = {0};                                                                                \
		verb(b.app, (v), verb_done, &a_);                                                                           \
		verb_await(b.store, &a_);                                                                                            \
	})

static int
check_run(struct txn *txn, void *arg)
{
	_cleanup_free_ char *violation = NULL;
	int r = store_check(txn, &violation);

	(void)arg;
	if (r != 0)
		fprintf(stderr, "store_check: %s\n", violation != NULL ? violation : "could not look");
	return r == 0 ? 0 : -EIO;
}

static void
assert_sound(void)
{
	struct verb_answer a = {0};

	store_read(b.store, check_run, verb_done, &a);
	assert_int_equal(verb_await(b.store, &a), 0);
}

static day_t
today(void)
{
	struct user_get v = {.alp_user_id = USER};

	assert_int_equal(CALL(app_user_get, &v), 0);
	user_get_release(&v);
	return v.today;
}

static int64_t
submit(int32_t days, bool process, bool *ret_coalesced)
{
	struct fetch_submit v = {.alp_user_id = USER, .days = days, .target_day = -1, .priority = PRIORITY_DEFAULT, .process = process};
	int64_t id;

	assert_int_equal(secret_new(STR("B63test-key"), &v.key), 0);
	assert_int_equal(CALL(app_fetch_submit, &v), 0);
	id = v.job.job_id;
	if (ret_coalesced != NULL)
		*ret_coalesced = v.coalesced;
	fetch_submit_release(&v);
	return id;
}

/* The one job that is due. */
static struct job_row
claim(void)
{
	struct run_claim v = {.max = 4, .kinds = UINT32_MAX};
	struct job_row job;

	assert_int_equal(CALL(app_run_claim, &v), 0);
	assert_int_equal(v.jobs.count, 1);
	job = v.jobs.rows[0];
	v.jobs.rows[0] = JOB_ROW_INIT;
	run_claim_release(&v);
	return job;
}

static void
assert_nothing_due(void)
{
	struct run_claim v = {.max = 4, .kinds = UINT32_MAX};

	assert_int_equal(CALL(app_run_claim, &v), 0);
	assert_int_equal(v.jobs.count, 0);
	run_claim_release(&v);
}

/* A day with one document of that many seconds; 0: an empty answer. */
static int
deliver(const struct job_row *job, day_t day, const char *document, int32_t seconds, struct run_fetched *ret)
{
	_cleanup_(rowset_builder_freep) struct rowset_builder *rows = rowset_builder_new(10, 10000);
	struct row_view row = {.bucket_s = 300, .seconds = seconds, .activity = STR("Word"), .document = str_of(document), .category = STR("c")};
	struct run_fetched v = {.job_id = job->job_id, .run = job->run, .day = day};
	int r;

	if (seconds > 0)
		assert_int_equal(rowset_builder_add(rows, &row), 0);
	assert_int_equal(rowset_build(rows, &v.grain), 0);
	r = CALL(app_run_fetched, &v);
	run_fetched_release(&v);
	if (ret != NULL)
		*ret = v;
	return r;
}

static struct run_end
end_success(const struct job_row *job)
{
	struct run_end v = {.job_id = job->job_id, .run = job->run, .success = true};

	assert_int_equal(CALL(app_run_end, &v), 0);
	return v;
}

/* Plays the process worker: every document is its own task. */
static void
process(const struct job_row *job)
{
	struct run_input in = {.job_id = job->job_id};

	assert_int_equal(CALL(app_run_input, &in), 0);
	for (size_t i = 0; i < in.count; i++) {
		struct run_verdict v;

		verdicts_of(job, &in, i, &v);
		assert_int_equal(CALL(app_run_verdict, &v), 0);
		run_verdict_release(&v);
	}
	run_input_release(&in);
}

static enum job_state
state_of(int64_t job_id)
{
	struct job_get v = {.job_id = job_id};
	enum job_state state;

	assert_int_equal(CALL(app_job_get, &v), 0);
	state = v.job.state;
	job_get_release(&v);
	return state;
}

static struct report_day
report(day_t day)
{
	struct report_day v = {.alp_user_id = USER, .day = day};

	assert_int_equal(CALL(app_report_day, &v), 0);
	assert_int_equal(v.sums.captured_seconds + v.sums.overhang_seconds,
	    v.sums.pending_seconds + v.sums.submitted_seconds + v.sums.supplement_seconds + v.sums.ignored_seconds + v.sums.filtered_seconds +
	        v.sums.below_minimum_seconds + v.sums.excluded_seconds + v.sums.unprocessed_seconds);
	return v;
}

/* Fetches one day with one document and processes it. */
static void
whole_way(const char *document, int32_t seconds)
{
	int64_t id = submit(1, true, NULL);
	struct job_row fetch = claim(), child;
	struct run_end end;

	assert_int_equal(fetch.job_id, id);
	assert_int_equal(deliver(&fetch, fetch.next_day, document, seconds, NULL), 0);
	end = end_success(&fetch);
	if (end.job.state == JOB_RUNNING) {
		run_end_release(&end);
		child = claim();
		assert_int_equal(child.kind, KIND_PROCESS);
		process(&child);
		end = end_success(&child);
		assert_int_equal(end.parent.job_id, id);
		job_row_release(&child);
	}
	run_end_release(&end);
	assert_int_equal(state_of(id), JOB_SUCCEEDED);
	job_row_release(&fetch);
	assert_sound();
}

static void
a_fetch_succeeds_when_its_entries_are_visible(void **state)
{
	struct entry_query q = {.filter = {.alp_user_id = USER, .to = DAY_MAX, .statuses = 1u << ENTRY_PENDING}};
	struct report_day r;

	(void)state;
	whole_way("Deed", 100);
	assert_int_equal(CALL(app_entry_query, &q), 0);
	assert_int_equal(q.list.count, 1);
	assert_int_equal(q.list.rows[0].total_seconds, 100);
	assert_int_equal(q.list.rows[0].units_tenths, 3);
	entry_query_release(&q);
	r = report(today());
	assert_int_equal(r.sums.pending_seconds, 100);
	assert_int_equal(r.sums.unprocessed_seconds, 0);
	report_day_release(&r);
}

static void
the_same_wish_twice_is_one_queued_job(void **state)
{
	bool first, second, other;
	int64_t a, a2, c;

	(void)state;
	a = submit(2, true, &first);
	a2 = submit(2, true, &second);
	c = submit(3, true, &other);
	assert_int_equal(a, a2);
	assert_int_not_equal(a, c);
	assert_false(first);
	assert_true(second);
	assert_false(other);
	assert_sound();
}

static void
while_one_runs_one_follow_up_waits_for_its_turn(void **state)
{
	int64_t first = submit(1, false, NULL), second, third;
	struct job_row running = claim();
	struct run_end end;

	(void)state;
	second = submit(1, false, NULL);
	third = submit(1, false, NULL);
	assert_int_not_equal(first, second);
	assert_int_equal(second, third);
	assert_nothing_due();
	assert_int_equal(deliver(&running, running.next_day, "Deed", 5, NULL), 0);
	end = end_success(&running);
	run_end_release(&end);
	job_row_release(&running);
	running = claim();
	assert_int_equal(running.job_id, second);
	job_row_release(&running);
	assert_sound();
}

static void
a_full_queue_refuses_and_a_coalesced_wish_still_fits(void **state)
{
	struct fetch_submit v = {.alp_user_id = USER, .days = 9, .target_day = -1};
	bool coalesced = false;

	(void)state;
	for (int days = 1; days <= 5; days++)
		submit(days, true, NULL);
	assert_int_equal(secret_new(STR("k"), &v.key), 0);
	assert_int_equal(CALL(app_fetch_submit, &v), -EDQUOT);
	assert_null(v.key);
	fetch_submit_release(&v);
	submit(3, true, &coalesced);
	assert_true(coalesced);
}

static void
without_a_key_there_is_no_fetch(void **state)
{
	struct fetch_submit v = {.alp_user_id = USER, .days = 1, .target_day = -1};

	(void)state;
	assert_int_equal(CALL(app_fetch_submit, &v), -ENOKEY);
	fetch_submit_release(&v);
}

static void
the_future_is_refused_and_tomorrow_is_today(void **state)
{
	struct fetch_submit v = {.alp_user_id = USER, .days = 1, .target_day = today() + 1};

	(void)state;
	assert_int_equal(secret_new(STR("k"), &v.key), 0);
	assert_int_equal(CALL(app_fetch_submit, &v), 0);
	assert_int_equal(v.job.to_day, today());
	fetch_submit_release(&v);
	v = (struct fetch_submit){.alp_user_id = USER, .days = 1, .target_day = today() + 2};
	assert_int_equal(secret_new(STR("k"), &v.key), 0);
	assert_int_equal(CALL(app_fetch_submit, &v), -EINVAL);
	assert_string_equal(v.fault.field, "target_date");
	fetch_submit_release(&v);
}

/* A stopped worker comes back after its run was given up, and hands its day in. */
static void
a_late_result_of_an_older_run_is_dropped(void **state)
{
	struct run_end end;
	struct job_row old, fresh;

	(void)state;
	submit(1, true, NULL);
	old = claim();
	end = (struct run_end){.job_id = old.job_id, .run = old.run, .outcome = OUTCOME_CRASH, .code = "worker_crashed"};
	assert_int_equal(CALL(app_run_end, &end), 0);
	assert_int_equal(end.job.state, JOB_QUEUED);
	assert_int_equal(end.delay_ms, 0);
	run_end_release(&end);
	fresh = claim();
	assert_true(fresh.run > old.run);
	assert_int_equal(deliver(&old, old.next_day, "Deed", 100, NULL), -ESTALE);
	assert_int_equal(deliver(&fresh, fresh.next_day, "Deed", 100, NULL), 0);
	job_row_release(&old);
	job_row_release(&fresh);
	assert_sound();
}

static void
the_third_crash_is_the_last(void **state)
{
	int64_t id = submit(1, true, NULL);

	(void)state;
	for (int i = 1; i <= 3; i++) {
		struct job_row job = JOB_ROW_INIT;
		struct run_end end;
		struct run_claim v = {.max = 1, .kinds = UINT32_MAX};

		while (v.jobs.count == 0) {
			run_claim_release(&v);
			v.jobs = (struct job_list){0};
			assert_int_equal(CALL(app_run_claim, &v), 0);
		}
		job = v.jobs.rows[0];
		end = (struct run_end){.job_id = job.job_id, .run = job.run, .outcome = OUTCOME_CRASH, .code = "worker_crashed"};
		assert_int_equal(CALL(app_run_end, &end), 0);
		assert_int_equal(end.job.state, i < 3 ? JOB_QUEUED : JOB_FAILED);
		run_end_release(&end);
		run_claim_release(&v);
	}
	assert_int_equal(state_of(id), JOB_FAILED);
	assert_sound();
}

static void
a_retry_goes_on_at_the_first_day_not_stored(void **state)
{
	struct run_end end;
	struct job_row job;

	(void)state;
	submit(3, true, NULL);
	job = claim();
	assert_int_equal(deliver(&job, job.next_day, "Deed", 100, NULL), 0);
	end = (struct run_end){.job_id = job.job_id, .run = job.run, .outcome = OUTCOME_CRASH, .code = "worker_crashed"};
	assert_int_equal(CALL(app_run_end, &end), 0);
	assert_int_equal(end.job.next_day, job.to_day - 1);
	run_end_release(&end);
	job_row_release(&job);
}

static void
an_empty_answer_wipes_nothing_by_itself(void **state)
{
	struct run_fetched fetched;
	struct run_end end;
	struct job_row job;
	struct report_day r;

	(void)state;
	whole_way("Deed", 100);
	submit(1, true, NULL);
	job = claim();
	assert_int_equal(deliver(&job, job.next_day, "", 0, &fetched), 0);
	assert_true(fetched.doubted);
	end = end_success(&job);
	assert_int_equal(end.job.state, JOB_SUCCEEDED);
	run_end_release(&end);
	job_row_release(&job);
	r = report(today());
	assert_int_equal(r.sums.pending_seconds, 100);
	assert_true(r.state.upstream_empty_since_ms > 0);
	report_day_release(&r);
	whole_way("Deed", 101);
	r = report(today());
	assert_int_equal(r.state.upstream_empty_since_ms, 0);
	assert_int_equal(r.sums.pending_seconds, 101);
	report_day_release(&r);
}

static day_t doubted_day;

static int
age_run(struct txn *txn, void *arg)
{
	struct day_row day;
	int r = txn_day_get(txn, USER, doubted_day, &day);

	(void)arg;
	if (r < 0)
		return r;
	day.upstream_empty_since_ms -= 31 * 60 * 1000;
	return txn_day_put(txn, &day);
}

/* Fetches two days that end at `last`; seconds of 0 is an empty answer. */
static void
fetch_two(day_t last, int32_t seconds_last, int32_t seconds_before)
{
	struct fetch_submit v = {.alp_user_id = USER, .days = 2, .target_day = last};
	struct job_row job;
	struct run_end end;

	assert_int_equal(secret_new(STR("k"), &v.key), 0);
	assert_int_equal(CALL(app_fetch_submit, &v), 0);
	fetch_submit_release(&v);
	job = claim();
	assert_int_equal(deliver(&job, last, "Deed", seconds_last, NULL), 0);
	assert_int_equal(deliver(&job, last - 1, "Deed", seconds_before, NULL), 0);
	end = end_success(&job);
	run_end_release(&end);
	job_row_release(&job);
	assert_sound();
}

static int64_t
captured(day_t day)
{
	struct report_day r = report(day);
	int64_t seconds = r.sums.captured_seconds;

	report_day_release(&r);
	return seconds;
}

/* Two days with time, then the newer one answers empty, and again more than half an hour later. */
static int64_t
captured_after_two_empty_answers(day_t last, int32_t seconds_before, bool wait)
{
	struct verb_answer a = {0};

	fetch_two(last, 100, 50);
	fetch_two(last, 0, seconds_before);
	doubted_day = last;
	if (wait) {
		store_write(b.store, age_run, verb_done, &a);
		assert_int_equal(verb_await(b.store, &a), 0);
	}
	fetch_two(last, 0, seconds_before);
	return captured(last);
}

static void
emptiness_is_believed_when_a_later_job_sees_it_too(void **state)
{
	(void)state;
	assert_int_equal(captured_after_two_empty_answers(today(), 50, true), 0);
}

static void
emptiness_is_not_believed_too_soon(void **state)
{
	(void)state;
	assert_int_equal(captured_after_two_empty_answers(today(), 50, false), 100);
}

static void
emptiness_is_not_believed_when_the_job_got_nothing_at_all(void **state)
{
	(void)state;
	assert_int_equal(captured_after_two_empty_answers(today(), 0, true), 100);
}

static void
emptiness_of_old_days_is_never_believed(void **state)
{
	(void)state;
	assert_int_equal(captured_after_two_empty_answers(today() - 11, 50, true), 100);
}

static void
a_day_asked_out_of_order_is_a_lie(void **state)
{
	struct job_row job;

	(void)state;
	submit(3, true, NULL);
	job = claim();
	assert_int_equal(deliver(&job, job.next_day - 1, "Deed", 1, NULL), -EBADMSG);
	assert_int_equal(deliver(&job, job.next_day, "Deed", 1, NULL), 0);
	assert_int_equal(deliver(&job, job.next_day, "Deed", 1, NULL), -EBADMSG);
	job_row_release(&job);
}

static bool
has_key(int64_t job_id)
{
	struct run_needs v = {.job_id = job_id, .alp_user_id = USER};
	bool has;

	assert_int_equal(CALL(app_run_needs, &v), 0);
	has = v.key.len > 0;
	run_needs_release(&v);
	return has;
}

static void
a_running_job_is_cancelled_when_its_worker_is_gone(void **state)
{
	int64_t id = submit(1, true, NULL);
	struct job_row job = claim();
	struct job_cancel v = {.job_id = id};
	struct run_end end = {.job_id = id, .run = job.run, .outcome = OUTCOME_NOT_ITS_FAULT, .code = "cancelled"};

	(void)state;
	assert_int_equal(CALL(app_job_cancel, &v), 0);
	assert_int_equal(v.job.state, JOB_RUNNING);
	assert_int_equal(b.killed_job, id);
	job_cancel_release(&v);
	assert_int_equal(CALL(app_run_end, &end), 0);
	assert_int_equal(end.job.state, JOB_CANCELLED);
	run_end_release(&end);
	assert_false(has_key(id));
	v = (struct job_cancel){.job_id = id};
	assert_int_equal(CALL(app_job_cancel, &v), -EALREADY);
	job_cancel_release(&v);
	job_row_release(&job);
	assert_sound();
}

static void
somebody_elses_job_does_not_exist(void **state)
{
	struct job_get v = {.job_id = submit(1, true, NULL), .alp_user_id = USER + 1};

	(void)state;
	assert_int_equal(CALL(app_job_get, &v), -ENOENT);
	job_get_release(&v);
}

static void
a_persons_edit_survives_and_the_old_revision_is_refused(void **state)
{
	struct entry_query q = {.filter = {.alp_user_id = USER, .to = DAY_MAX, .statuses = 1u << ENTRY_PENDING}};
	struct entry_edit v;
	int64_t id, revision;

	(void)state;
	whole_way("Deed", 100);
	assert_int_equal(CALL(app_entry_query, &q), 0);
	id = q.list.rows[0].entry_id;
	revision = q.list.rows[0].revision;
	entry_query_release(&q);
	v = (struct entry_edit){.entry_id = id, .if_revision = revision, .description = EDIT_SET, .description_value = "Drafting",
	    .units = EDIT_SET, .units_tenths_value = 10};
	assert_int_equal(CALL(app_entry_edit, &v), 0);
	assert_true(v.entry.revision > revision);
	entry_edit_release(&v);
	v = (struct entry_edit){.entry_id = id, .if_revision = revision, .notes = EDIT_SET, .notes_value = "late"};
	assert_int_equal(CALL(app_entry_edit, &v), -ESTALE);
	entry_edit_release(&v);
	whole_way("Deed", 900);
	v = (struct entry_edit){.entry_id = id, .description = EDIT_RESET};
	assert_int_equal(CALL(app_entry_edit, &v), 0);
	assert_null(v.entry.person_description);
	assert_int_equal(v.entry.person_units_tenths, 10);
	assert_int_equal(v.entry.total_seconds, 900);
	entry_edit_release(&v);
}

static void
let_process_go_on(bool go)
{
	struct queue_control v = {.kind = KIND_PROCESS, .set_paused = true, .paused = !go};

	assert_int_equal(CALL(app_queue_control, &v), 0);
}

/* How often the dispatcher was woken for it. */
static int
wakes_for_day(day_t day)
{
	struct process_submit v = {.alp_user_id = USER, .from_day = day, .to_day = day, .priority = PRIORITY_DEFAULT};
	int before = b.wakes;

	assert_int_equal(CALL(app_process_submit, &v), 0);
	process_submit_release(&v);
	return b.wakes - before;
}

static void
a_job_of_a_paused_kind_wakes_nobody_and_is_taken_when_it_goes_on(void **state)
{
	struct run_claim v = {.max = 4, .kinds = UINT32_MAX};
	int before;

	(void)state;
	let_process_go_on(false);
	assert_int_equal(wakes_for_day(20000), 0);
	before = b.wakes;
	let_process_go_on(true);
	assert_int_equal(b.wakes - before, 1);
	assert_int_equal(CALL(app_run_claim, &v), 0);
	assert_int_equal(v.jobs.count, 1);
	run_claim_release(&v);
	assert_int_equal(wakes_for_day(20001), 1);
	assert_sound();
}

struct pace_seen {
	struct verb_answer answer; /* first: done() is given the whole */
	int64_t arrival_ms;
};

static int
pace_run(struct txn *txn, void *arg)
{
	struct pace_seen *seen = arg;
	struct turn turn;
	size_t count = 0;
	int r = txn_turns_due(txn, LANE_ACTIVITY, INT64_MAX, 1, &turn, &count);

	seen->arrival_ms = r == 0 && count == 1 ? turn.pace_arrival_ms : -1;
	return r;
}

/* While process jobs may not be taken, a turn is named for each fetch that waits in it. */
static void
a_turn_named_twice_pays_for_the_one_that_is_taken(void **state)
{
	struct run_claim v = {.max = 4, .kinds = UINT32_C(1) << KIND_FETCH};
	struct pace_seen seen = {0};
	struct run_end end;
	int64_t before;

	(void)state;
	b.options.pace = (struct pace){.interval_ms = 60000, .burst = 31};
	app_reconfigure(b.app, &b.options);
	submit(20, true, NULL);
	submit(1, true, NULL);
	before = clock_real_ms();
	assert_int_equal(CALL(app_run_claim, &v), 0);
	assert_int_equal(v.jobs.count, 1);
	end = (struct run_end){
	    .job_id = v.jobs.rows[0].job_id, .run = v.jobs.rows[0].run, .outcome = OUTCOME_CRASH, .code = "worker_crashed",
	};
	assert_int_equal(v.jobs.rows[0].to_day - v.jobs.rows[0].from_day + 1, 20);
	assert_int_equal(CALL(app_run_end, &end), 0);
	run_end_release(&end);
	run_claim_release(&v);
	store_write(b.store, pace_run, verb_done, &seen);
	assert_int_equal(verb_await(b.store, &seen.answer), 0);
	assert_true(seen.arrival_ms - before >= INT64_C(20) * 60000);
	assert_sound();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	    TEST(a_fetch_succeeds_when_its_entries_are_visible),
	    TEST(the_same_wish_twice_is_one_queued_job),
	    TEST(while_one_runs_one_follow_up_waits_for_its_turn),
	    TEST(a_full_queue_refuses_and_a_coalesced_wish_still_fits),
	    TEST(without_a_key_there_is_no_fetch),
	    TEST(the_future_is_refused_and_tomorrow_is_today),
	    TEST(a_late_result_of_an_older_run_is_dropped),
	    TEST(the_third_crash_is_the_last),
	    TEST(a_retry_goes_on_at_the_first_day_not_stored),
	    TEST(an_empty_answer_wipes_nothing_by_itself),
	    TEST(emptiness_is_believed_when_a_later_job_sees_it_too),
	    TEST(emptiness_is_not_believed_too_soon),
	    TEST(emptiness_is_not_believed_when_the_job_got_nothing_at_all),
	    TEST(emptiness_of_old_days_is_never_believed),
	    TEST(a_day_asked_out_of_order_is_a_lie),
	    TEST(a_running_job_is_cancelled_when_its_worker_is_gone),
	    TEST(somebody_elses_job_does_not_exist),
	    TEST(a_persons_edit_survives_and_the_old_revision_is_refused),
	    TEST(a_turn_named_twice_pays_for_the_one_that_is_taken),
	    TEST(a_job_of_a_paused_kind_wakes_nobody_and_is_taken_when_it_goes_on),
#undef TEST
	};

	secret_setup();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
