/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of one job: its fields, its states, its history, the lists it stands in. */
#include "store_job_unit.h"

#include <errno.h>

static void
a_job_keeps_every_field(void **state)
{
	struct bench *b = *state;
	char code[] = "busy", detail[] = "try later";
	struct job_row job = a_job(3, KIND_PROCESS, NOW_MS + 1), back;

	job.priority = 9;
	job.updated_ms = NOW_MS + 2;
	job.started_ms = NOW_MS + 3;
	job.run = 4;
	job.attempts = 5;
	job.crashes = 1;
	job.from_day = DAY_ONE - 3;
	job.next_day = DAY_ONE - 4;
	job.days_done = 6;
	job.process = job.only_unprocessed = job.waiting = job.rows_seen = job.cancel_requested = true;
	job.parent_job = 7;
	job.error_code = code;
	job.error_detail = detail;
	back = get(b, queue(b, job));
	assert_int_equal(back.alp_user_id, 3);
	assert_int_equal(back.kind, KIND_PROCESS);
	assert_int_equal(back.priority, 9);
	assert_int_equal(back.run_at_ms, NOW_MS + 1);
	assert_int_equal(back.created_ms, NOW_MS);
	assert_int_equal(back.updated_ms, NOW_MS + 2);
	assert_int_equal(back.started_ms, NOW_MS + 3);
	assert_int_equal(back.finished_ms, 0);
	assert_int_equal(back.run, 4);
	assert_int_equal(back.attempts, 5);
	assert_int_equal(back.crashes, 1);
	assert_int_equal(back.from_day, DAY_ONE - 3);
	assert_int_equal(back.to_day, DAY_ONE);
	assert_int_equal(back.next_day, DAY_ONE - 4);
	assert_int_equal(back.days_done, 6);
	assert_true(back.process && back.only_unprocessed && back.waiting && back.rows_seen && back.cancel_requested);
	assert_int_equal(back.parent_job, 7);
	assert_string_equal(back.error_code, "busy");
	assert_string_equal(back.error_detail, "try later");
	job_row_release(&back);
}

static int
find_run(struct txn *txn, void *arg)
{
	struct job_row *like = arg;
	_cleanup_(job_row_release) struct job_row found = JOB_ROW_INIT;
	int r = txn_job_find_queued(txn, like, &found);

	like->job_id = found.job_id;
	return r;
}

static int64_t
find(struct bench *b, struct job_row like)
{
	int r = write_now(b->store, find_run, &like);

	assert_true(r == 0 || r == -ENOENT);
	return r == 0 ? like.job_id : 0;
}

static void
the_same_wish_is_found_only_while_it_is_queued(void **state)
{
	struct bench *b = *state;
	struct job_row wish = a_job(1, KIND_FETCH, NOW_MS), other = wish, process = a_job(1, KIND_PROCESS, NOW_MS), elsewhere = process;
	int64_t id = queue(b, wish), process_id;

	assert_int_equal(find(b, wish), id);
	other.from_day--;
	assert_int_equal(find(b, other), 0);
	other = wish;
	other.alp_user_id = 2;
	assert_int_equal(find(b, other), 0);
	/* A fetch is the same wish whoever else wants to process it. */
	other = wish;
	other.only_unprocessed = true;
	assert_int_equal(find(b, other), id);
	process.parent_job = id;
	process_id = queue(b, process);
	assert_int_equal(find(b, process), process_id);
	assert_int_equal(find(b, elsewhere), 0);
	process.only_unprocessed = true;
	assert_int_equal(find(b, process), 0);
	assert_int_equal(move(b, id, JOB_RUNNING, NOW_MS), 0);
	assert_int_equal(find(b, wish), 0);
}

struct story {
	int64_t user, job_id;
	struct job_history history;
};

static int
history_run(struct txn *txn, void *arg)
{
	struct story *story = arg;

	return txn_job_history(txn, story->job_id, &story->history);
}

static void
every_change_of_state_is_one_row_of_history(void **state)
{
	struct bench *b = *state;
	struct step failing = {.job_id = queue(b, a_job(1, KIND_FETCH, NOW_MS)), .to = JOB_QUEUED, .now_ms = NOW_MS + 2,
	    .run_at_ms = NOW_MS + 9, .more_attempts = 1, .code = "upstream_busy"};
	struct story story = {.user = 1, .job_id = failing.job_id};
	struct job_row job;

	assert_int_equal(move(b, failing.job_id, JOB_RUNNING, NOW_MS + 1), 0);
	assert_int_equal(write_now(b->store, step_run, &failing), 0);
	job = get(b, failing.job_id);
	assert_string_equal(job.error_code, "upstream_busy");
	assert_int_equal(job.attempts, 1);
	assert_int_equal(job.run, 1);
	job_row_release(&job);
	assert_int_equal(move(b, failing.job_id, JOB_RUNNING, NOW_MS + 9), 0);
	assert_int_equal(move(b, failing.job_id, JOB_SUCCEEDED, NOW_MS + 10), 0);
	assert_int_equal(read_now(b->store, history_run, &story), 0);
	assert_int_equal(story.history.count, 5);
	assert_int_equal(story.history.rows[0].from_state, 0);
	assert_int_equal(story.history.rows[2].to_state, JOB_QUEUED);
	assert_string_equal(story.history.rows[2].code, "upstream_busy");
	assert_int_equal(story.history.rows[3].run, 2);
	assert_int_equal(story.history.rows[4].at_ms, NOW_MS + 10);
	assert_null(story.history.rows[4].code);
	job_history_release(&story.history);
	job = get(b, failing.job_id);
	assert_null(job.error_code);
	assert_int_equal(job.finished_ms, NOW_MS + 10);
	assert_int_equal(job.started_ms, NOW_MS + 9);
	job_row_release(&job);
}

static void
a_restart_is_not_the_jobs_failure(void **state)
{
	struct bench *b = *state;
	struct step restart = {.job_id = queue(b, a_job(1, KIND_FETCH, NOW_MS)), .to = JOB_QUEUED, .now_ms = NOW_MS + 1, .code = "restarted"};
	struct job_row job;

	assert_int_equal(move(b, restart.job_id, JOB_RUNNING, NOW_MS), 0);
	assert_int_equal(write_now(b->store, step_run, &restart), 0);
	job = get(b, restart.job_id);
	assert_null(job.error_code);
	assert_int_equal(job.attempts, 0);
	job_row_release(&job);
}

static int
stale_run(struct txn *txn, void *arg)
{
	struct job_row *job = arg;

	return txn_job_transition(txn, job, JOB_SUCCEEDED, NOW_MS, NULL, NULL);
}

static void
a_late_or_senseless_change_is_refused_and_changes_nothing(void **state)
{
	struct bench *b = *state;
	int64_t id = queue(b, a_job(1, KIND_FETCH, NOW_MS));
	struct job_row believed_running = get(b, id);

	believed_running.state = JOB_RUNNING;
	assert_int_equal(write_now(b->store, stale_run, &believed_running), -ESTALE);
	job_row_release(&believed_running);
	assert_int_equal(move(b, id, JOB_QUEUED, NOW_MS), -EINVAL);
	assert_int_equal(move(b, id, JOB_CANCELLED, NOW_MS), 0);
	assert_int_equal(move(b, id, JOB_RUNNING, NOW_MS), -EINVAL);
	assert_int_equal(move(b, id, JOB_SUCCEEDED, NOW_MS), -EINVAL);
	assert_int_equal(move(b, 999, JOB_CANCELLED, NOW_MS), -ENOENT);
	/* By hand: again. */
	assert_int_equal(move(b, id, JOB_QUEUED, NOW_MS + 1), 0);
	assert_int_equal(claim(b, NOW_MS + 1).job_id, id);
}

static int
live_run(struct txn *txn, void *arg)
{
	return txn_job_live_count(txn, arg);
}

static int
counts_run(struct txn *txn, void *arg)
{
	return txn_kind_counts(txn, KIND_FETCH, arg);
}

static void
live_jobs_are_counted_and_the_oldest_is_known(void **state)
{
	struct bench *b = *state;
	struct kind_counts counts = {0};
	int64_t live = -1, running;

	assert_int_equal(read_now(b->store, live_run, &live), 0);
	assert_int_equal(live, 0);
	assert_int_equal(read_now(b->store, counts_run, &counts), 0);
	assert_int_equal(counts.queued + counts.running + counts.oldest_due_ms, 0);
	queue(b, a_job(1, KIND_FETCH, NOW_MS - 5));
	queue(b, a_job(2, KIND_FETCH, NOW_MS - 9));
	queue(b, a_job(3, KIND_PROCESS, NOW_MS - 50));
	running = claim(b, NOW_MS).job_id;
	assert_int_equal(read_now(b->store, live_run, &live), 0);
	assert_int_equal(live, 3);
	assert_int_equal(read_now(b->store, counts_run, &counts), 0);
	assert_int_equal(counts.queued, 1);
	assert_int_equal(counts.running, 1);
	assert_int_equal(counts.oldest_due_ms, NOW_MS - 9);
	assert_int_equal(move(b, running, JOB_FAILED, NOW_MS), 0);
	assert_int_equal(read_now(b->store, live_run, &live), 0);
	assert_int_equal(live, 2);
}

struct listing {
	struct job_filter filter;
	struct job_list list;
	int64_t total;
};

static int
list_run(struct txn *txn, void *arg)
{
	struct listing *l = arg;
	int r = txn_job_count(txn, &l->filter, &l->total);

	return r < 0 ? r : txn_job_list(txn, &l->filter, &l->list);
}

static size_t
listed(struct bench *b, struct job_filter filter, int64_t first)
{
	struct listing l = {.filter = filter};
	size_t count;

	assert_int_equal(read_now(b->store, list_run, &l), 0);
	count = l.list.count;
	/* The total is of all pages. */
	assert_true(l.filter.limit != 0 || l.filter.below_id != 0 ? l.total >= (int64_t)count : l.total == (int64_t)count);
	for (size_t i = 0; i < count; i++)
		assert_true(i == 0 ? l.list.rows[i].job_id == first : l.list.rows[i].job_id < l.list.rows[i - 1].job_id);
	job_list_release(&l.list);
	return count;
}

static void
lists_are_newest_first_and_narrowed(void **state)
{
	struct bench *b = *state;
	int64_t ids[9];

	for (int i = 0; i < 9; i++)
		ids[i] = queue(b, a_job(1 + i % 3, i % 2 ? KIND_PROCESS : KIND_FETCH, NOW_MS));
	assert_int_equal(move(b, ids[0], JOB_RUNNING, NOW_MS), 0);
	assert_int_equal(move(b, ids[4], JOB_CANCELLED, NOW_MS), 0);
	assert_int_equal(listed(b, (struct job_filter){0}, ids[8]), 9);
	assert_int_equal(listed(b, (struct job_filter){.limit = 2}, ids[8]), 2);
	assert_int_equal(listed(b, (struct job_filter){.below_id = ids[8], .limit = 100}, ids[7]), 8);
	assert_int_equal(listed(b, (struct job_filter){.kind = KIND_PROCESS}, ids[7]), 4);
	assert_int_equal(listed(b, (struct job_filter){.states = 1u << JOB_RUNNING | 1u << JOB_CANCELLED}, ids[4]), 2);
	assert_int_equal(listed(b, (struct job_filter){.states = 1u << JOB_QUEUED | 1u << JOB_CANCELLED, .limit = 6}, ids[8]), 6);
	assert_int_equal(listed(b, (struct job_filter){.alp_user_id = 1}, ids[6]), 3);
	assert_int_equal(listed(b, (struct job_filter){.alp_user_id = 1, .states = 1u << JOB_QUEUED}, ids[6]), 2);
	assert_int_equal(listed(b, (struct job_filter){.alp_user_id = 2, .kind = KIND_FETCH, .below_id = ids[4]}, 0), 0);
	assert_int_equal(listed(b, (struct job_filter){.states = 1u << JOB_FAILED}, 0), 0);
}

struct pruning {
	int64_t before_ms, max;
};

static int
prune_run(struct txn *txn, void *arg)
{
	const struct pruning *p = arg;

	return txn_job_prune(txn, p->before_ms, p->max);
}

static void
pruning_takes_the_oldest_finished_jobs_with_their_history(void **state)
{
	struct bench *b = *state;
	int64_t ids[5];

	for (int i = 0; i < 5; i++) {
		ids[i] = queue(b, a_job(1, KIND_FETCH, NOW_MS));
		if (i < 4)
			assert_int_equal(move(b, ids[i], JOB_CANCELLED, NOW_MS + 4 - i), 0);
	}
	assert_int_equal(write_now(b->store, prune_run, &(struct pruning){NOW_MS + 1, 100}), 0);
	assert_int_equal(write_now(b->store, prune_run, &(struct pruning){NOW_MS + 4, 2}), 2);
	assert_int_equal(listed(b, (struct job_filter){0}, ids[4]), 3);
	assert_int_equal(write_now(b->store, prune_run, &(struct pruning){NOW_MS + 100, 100}), 2);
	assert_int_equal(listed(b, (struct job_filter){0}, ids[4]), 1);
	/* Gone for good: the next job gets a number of its own. */
	assert_true(queue(b, a_job(1, KIND_FETCH, NOW_MS)) > ids[4]);
}

static int
child_run(struct txn *txn, void *arg)
{
	int64_t *parent = arg;
	_cleanup_(job_row_release) struct job_row child = JOB_ROW_INIT;
	int r = txn_job_child(txn, 1, *parent, &child);

	*parent = child.job_id;
	return r;
}

static void
a_fetch_finds_its_child_while_that_lives(void **state)
{
	struct bench *b = *state;
	struct job_row child = a_job(1, KIND_PROCESS, NOW_MS);
	int64_t parent = queue(b, a_job(1, KIND_FETCH, NOW_MS)), asked = parent, id;

	assert_int_equal(read_now(b->store, child_run, &asked), -ENOENT);
	child.parent_job = parent;
	id = queue(b, child);
	asked = parent;
	assert_int_equal(read_now(b->store, child_run, &asked), 0);
	assert_int_equal(asked, id);
	assert_int_equal(move(b, id, JOB_CANCELLED, NOW_MS), 0);
	asked = parent;
	assert_int_equal(read_now(b->store, child_run, &asked), -ENOENT);
}

static void
states_have_names(void **state)
{
	(void)state;
	assert_string_equal(job_state_name(JOB_QUEUED), "queued");
	assert_string_equal(job_state_name(JOB_KEY_LOST), "key_lost");
	assert_string_equal(job_state_name((enum job_state)0), "unknown");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    STORE_TEST_UNASKED(a_job_keeps_every_field),
	    STORE_TEST(the_same_wish_is_found_only_while_it_is_queued),
	    STORE_TEST(every_change_of_state_is_one_row_of_history),
	    STORE_TEST(a_restart_is_not_the_jobs_failure),
	    STORE_TEST(a_late_or_senseless_change_is_refused_and_changes_nothing),
	    STORE_TEST(live_jobs_are_counted_and_the_oldest_is_known),
	    STORE_TEST(lists_are_newest_first_and_narrowed),
	    STORE_TEST(pruning_takes_the_oldest_finished_jobs_with_their_history),
	    STORE_TEST(a_fetch_finds_its_child_while_that_lives),
	    cmocka_unit_test(states_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
