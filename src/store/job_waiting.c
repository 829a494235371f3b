/* SPDX-License-Identifier: Apache-2.0 */
/* Between the table of jobs and the queued ones in memory (waiting.h). */
#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "store/bag.h"
#include "store/job_row.h"

static bool
is_coalesced(int64_t kind)
{
	return kind == KIND_FETCH || kind == KIND_PROCESS;
}

/* A fetch is the same wish whoever else wants to process it. */
static uint32_t
wish_of(const struct job_row *job)
{
	const bool parts = job->kind == KIND_PROCESS;
	const int64_t key[] = {job->alp_user_id, job->kind, job->from_day, job->to_day, parts && job->only_unprocessed,
	    parts ? job->parent_job : 0};
	uint32_t hash;

	if (!is_coalesced(job->kind))
		return 0;
	hash = (uint32_t)hash_of((struct str){(const char *)key, sizeof key});
	return hash != 0 ? hash : 1;
}

static struct waiting_job
waiting_of(const struct job_row *job)
{
	return (struct waiting_job){
	    .alp_user_id = job->alp_user_id, .job_id = job->job_id, .run_at_ms = job->run_at_ms, .kind = (int16_t)job->kind,
	    .priority = (int16_t)job->priority, .wish = wish_of(job),
	};
}

/* The columns of WAITING_COLUMNS. */
static struct waiting_job
waiting_read(struct query *q)
{
	struct job_row job = JOB_ROW_INIT;

	job.job_id = column_i64(q);
	job.alp_user_id = column_i64(q);
	job.run_at_ms = column_i64(q);
	job.kind = (enum job_kind)column_i32(q);
	job.priority = column_i32(q);
	job.from_day = column_i32(q);
	job.to_day = column_i32(q);
	job.only_unprocessed = column_bool(q);
	job.parent_job = column_i64(q);
	return waiting_of(&job);
}

int
job_before(struct txn *txn, int64_t job_id, enum job_state state, struct job_before *ret_before)
{
	_query_ struct query q = query_begin(txn, ST_JOB_BEFORE);
	int r;

	bind_i64(&q, job_id);
	bind_i64(&q, state);
	r = query_one(&q);
	if (r < 0)
		return r == -ENOENT ? -ESTALE : r;
	ret_before->attempts = column_i32(&q);
	ret_before->waiting = waiting_read(&q);
	return 0;
}

int
queue_need(struct txn *txn)
{
	if (waiting_is_loaded(txn->waiting))
		return 0;
	return queue_reload(txn);
}

int
queue_reload(struct txn *txn)
{
	_query_ struct query q = query_begin(txn, ST_JOBS_WAITING);
	int r;

	waiting_forget(txn->waiting);
	while ((r = query_step(&q)) > 0) {
		struct waiting_job job = waiting_read(&q);

		waiting_add(txn->waiting, &job);
	}
	if (r == 0)
		waiting_loaded(txn->waiting);
	return r;
}

int
queue_front(struct txn *txn, int64_t alp_user_id, enum job_kind kind, int32_t priority, struct waiting_job *ret_front)
{
	if (txn->waiting == NULL)
		return -EROFS;
	return waiting_front(txn->waiting, alp_user_id, (int32_t)kind, priority, ret_front);
}

void
queue_note(struct txn *txn, const struct waiting_job *before, const struct job_row *after)
{
	struct waiting_job job = waiting_of(after);
	bool waits = after->state == JOB_QUEUED;

	if (before != NULL)
		waiting_remove(txn->waiting, before);
	if (waits)
		waiting_add(txn->waiting, &job);
}

/* Hashes may meet: the row says whether it is the same. */
static int
find_in_row(struct txn *txn, int64_t job_id, const struct job_row *like, struct job_row *ret_job)
{
	_query_ struct query q = query_begin(txn, ST_JOB_FIND_QUEUED);
	int r;

	bind_i64(&q, job_id);
	bind_i64(&q, like->alp_user_id);
	bind_i64(&q, like->kind);
	bind_i64(&q, like->from_day);
	bind_i64(&q, like->to_day);
	bind_i64(&q, like->kind == KIND_PROCESS);
	bind_i64(&q, like->only_unprocessed);
	bind_i64(&q, like->parent_job);
	r = query_step(&q);
	if (r > 0)
		job_read(&q, ret_job);
	return r;
}

int
txn_job_find_queued(struct txn *txn, const struct job_row *like, struct job_row *ret_job)
{
	_cleanup_(job_row_release) struct job_row found = JOB_ROW_INIT;
	uint32_t wish = wish_of(like);
	size_t walk = BAG_WALK;
	int64_t id;

	if (txn->waiting == NULL)
		return -EROFS;
	if (wish == 0)
		return -EINVAL;
	while ((id = waiting_same(txn->waiting, wish, &walk)) != 0) {
		int r = 0;

		if (found.job_id == 0 || id < found.job_id) {
			struct job_row job = JOB_ROW_INIT;

			r = find_in_row(txn, id, like, &job);
			if (r > 0) {
				job_row_release(&found);
				found = job;
			}
		}
		if (r < 0)
			return r;
	}
	if (found.job_id == 0)
		return -ENOENT;
	*ret_job = found;
	found = JOB_ROW_INIT;
	return 0;
}

int
queue_check(struct txn *txn, char **ret_violation)
{
	_query_ struct query q = query_begin(txn, ST_JOBS_WAITING);
	size_t count = 0;
	int r;

	while ((r = query_step(&q)) > 0) {
		struct waiting_job job = waiting_read(&q);

		count++;
		if (waiting_has(txn->waiting, &job))
			continue;
		*ret_violation = xasprintf("broken: the queue in memory is that of the table: job_id=%lld", (long long)job.job_id);
		return 1;
	}
	if (r < 0 || count == waiting_count(txn->waiting))
		return r;
	*ret_violation = xasprintf("broken: the queue in memory is that of the table: %zu jobs, not %zu", waiting_count(txn->waiting), count);
	return 1;
}
