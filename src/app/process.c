/* SPDX-License-Identifier: Apache-2.0 */
/* process.c - what a process worker is given, and what becomes of its verdicts. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "app/day_merge.h"
#include "app/group_name.h"
#include "app/run.h"
#include "app/run_internal.h"
#include "base/alloc.h"
#include "proto/rowset_sum.h"
#include "store/event.h"
#include "store/notice.h"

static int
load_grain(struct txn *txn, int64_t alp_user_id, day_t day, struct rowset **ret_grain)
{
	_cleanup_free_ char *bytes = NULL;
	size_t len = 0;
	int r = txn_grain_get(txn, alp_user_id, day, &bytes, &len);

	/* They are written with the day: without them it is as damaged as with others. */
	if (r == -ENOENT)
		return -EBADMSG;
	return r < 0 ? r : rowset_parse((struct str){bytes, len}, ret_grain);
}

static int
input_run(struct txn *txn, struct op *op)
{
	struct run_input *v = op->verb;
	_cleanup_(job_row_release) struct job_row job = JOB_ROW_INIT;
	_cleanup_(day_list_release) struct day_list days = {0};
	int r = txn_job_get(txn, v->job_id, &job);

	if (r < 0)
		return r;
	r = txn_day_list(txn, job.alp_user_id, job.from_day, job.to_day, job.only_unprocessed, &days);
	if (r < 0)
		return r;
	v->days = xcalloc(RUN_DAYS_MAX, sizeof *v->days);
	/* Newest first: what a person is looking at. */
	for (size_t i = days.count; i > 0 && v->count < RUN_DAYS_MAX; i--) {
		struct run_day_input *in = &v->days[v->count];

		if (days.rows[i - 1].pruned_ms != 0) {
			v->pruned++;
			continue;
		}
		in->day = days.rows[i - 1].day;
		in->generation = days.rows[i - 1].generation;
		r = load_grain(txn, job.alp_user_id, in->day, &in->grain);
		if (r < 0)
			return r;
		v->count++;
	}
	return 0;
}

void
app_run_input(struct app *app, struct run_input *v, app_done_fn done, void *arg)
{
	app_submit(app, OP_READ, v, input_run, NULL, done, arg);
}

void
run_input_release(struct run_input *v)
{
	for (size_t i = 0; i < v->count; i++)
		rowset_free(v->days[i].grain);
	free(v->days);
	v->days = NULL;
	v->count = 0;
}

static int
merge_verdicts(struct txn *txn, struct op *op, const struct job_row *job, struct day_row *day)
{
	struct run_verdict *v = op->verb;
	struct day_merge dm = {
	    .alp_user_id = job->alp_user_id, .day = v->judged->day, .units = v->units, .verdicts = v->verdicts, .names = v->names,
	    .rules_version = v->rules.version, .matters_version = v->matters_version, .now_ms = op->now_ms, .is_last = true,
	};
	struct rule_set rules = v->rules;
	int r;

	/* What refuses comes first. */
	r = txn_day_merge(txn, &dm);
	if (r < 0)
		return r;
	rules.first_ms = op->now_ms;
	r = txn_rule_set_note(txn, &rules);
	if (r < 0)
		return r;
	v->entries_changed = dm.entries_changed;
	day->processed_generation = day->generation;
	memcpy(day->rules_version, v->rules.version, sizeof day->rules_version);
	return txn_day_put(txn, day);
}

static int
verdict_run(struct txn *txn, struct op *op)
{
	struct run_verdict *v = op->verb;
	_cleanup_(job_row_release) struct job_row job = JOB_ROW_INIT;
	struct day_row day;
	int r = txn_get_run(txn, v->job_id, v->run, &job);

	if (r < 0)
		return r;
	/* Of the same generation, the rows in the store are the totals of the grain that was judged. */
	if (!v->is_of_rows || v->alp_user_id != job.alp_user_id || v->judged->day < job.from_day || v->judged->day > job.to_day)
		return -EBADMSG;
	r = txn_day_get(txn, job.alp_user_id, v->judged->day, &day);
	if (r < 0)
		return r == -ENOENT ? -EBADMSG : r;
	v->outdated = day.generation != v->judged->generation;
	if (!v->outdated && day.pruned_ms == 0) {
		const bool is_new = day.generation > day.processed_generation;

		r = merge_verdicts(txn, op, &job, &day);
		/* New time of known rows was merged when it was fetched: there may be no entry left to change. */
		if (r == 0 && (is_new || v->entries_changed > 0))
			r = txn_notice_ready_day(txn, job.job_id, v->judged->day);
		if (r < 0)
			return r;
	}
	job.days_done++;
	job.updated_ms = op->now_ms;
	txn_event_progress(txn, &job, v->judged->day, op->now_ms);
	return txn_job_update(txn, &job);
}

/* More than this the loop is not held up for: they are named in the store's thread. */
#define NAMED_ROWS_MAX 4096

/* What needs nothing of the store is done before, for all that is written waits for one thread. */
void
app_run_verdict(struct app *app, struct run_verdict *v, app_done_fn done, void *arg)
{
	v->is_of_rows = rowset_is_of(v->verdicts, v->judged->grain);
	if (v->is_of_rows && rowset_count(v->verdicts) <= NAMED_ROWS_MAX)
		v->names = group_names_new(v->alp_user_id, v->judged->day, v->verdicts);
	app_submit(app, OP_WRITE, v, verdict_run, NULL, done, arg);
}

void
run_verdict_release(struct run_verdict *v)
{
	v->names = group_names_free(v->names);
	v->verdicts = rowset_free(v->verdicts);
}
