/* SPDX-License-Identifier: Apache-2.0 */
/* fetched.c - a day that the fetch worker brought replaces what we had of it, in one transaction with the process job it calls for. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "app/day_merge.h"
#include "app/internal.h"
#include "app/run.h"
#include "app/run_internal.h"
#include "base/alloc.h"
#include "store/event.h"

/* One step of walking the old and the new totals side by side, both sorted by (activity, document). */
static int
compare(const struct activity_row *old, const struct row_view *new)
{
	int c = str_cmp(str_of(old->activity), new->activity);

	return c != 0 ? c : str_cmp(str_of(old->document), new->document);
}

static bool
same_values(const struct activity_row *old, const struct row_view *new)
{
	return old->seconds == new->seconds && old->productivity == new->productivity &&
	       str_eq(str_of(old->category), new->category);
}

/* A row that was there keeps where it belongs. The strings are borrowed for the call. */
static int
put_row(struct txn *txn, const struct day_row *day, bool known, const struct row_view *new)
{
	struct activity_row row = {
	    .activity = new->activity.p,
	    .document = new->document.p,
	    .category = new->category.p,
	    .productivity = new->productivity,
	    .seconds = new->seconds,
	};

	return known ? txn_activity_update(txn, day->alp_user_id, day->day, &row)
		     : txn_activity_add(txn, day->alp_user_id, day->day, &row);
}

/* How many rows were written, and how many of those are new or gone. */
struct replaced {
	size_t changes, moves;
	struct activity_row *kept; /* as many as there are now: where they belong, borrowed */
};

static void
replaced_release(struct replaced *d)
{
	free(d->kept);
}

/* Writes only the differences. */
static int
replace_rows(struct txn *txn, const struct day_row *day, const struct activity_list *old, const struct rowset *totals, struct replaced *d)
{
	size_t i = 0, k = 0, count = rowset_count(totals);
	int r = 0;

	d->kept = xcalloc(count, sizeof *d->kept);
	while (r == 0 && (i < old->count || k < count)) {
		struct row_view new = k < count ? rowset_row(totals, k) : (struct row_view){0};
		int c = i == old->count ? 1 : k == count ? -1 : compare(&old->rows[i], &new);

		if (c == 0)
			d->kept[k] = (struct activity_row){.entry_id = old->rows[i].entry_id, .rule = old->rows[i].rule};
		d->moves += c != 0;
		d->changes += c != 0 || !same_values(&old->rows[i], &new);
		if (c < 0)
			r = txn_activity_delete(txn, day->alp_user_id, day->day, old->rows[i].activity, old->rows[i].document);
		else if (c > 0 || !same_values(&old->rows[i], &new))
			r = put_row(txn, day, c == 0, &new);
		i += c <= 0;
		k += c >= 0;
	}
	/* Of a day seen for the first time nothing belongs anywhere. */
	if (r == 0 && d->moves > 0 && old->count > 0)
		r = txn_activity_assign(txn, day->alp_user_id, day->day, &(struct activity_list){.rows = d->kept, .count = count});
	return r;
}

static int
put_grain(struct txn *txn, const struct day_row *day, const struct rowset *grain)
{
	struct str bytes = rowset_bytes(grain);
	_cleanup_free_ char *old = NULL;
	size_t len = 0;
	int r = txn_grain_get(txn, day->alp_user_id, day->day, &old, &len);

	if (r == 0 && str_eq((struct str){old, len}, bytes))
		return 0;
	if (r < 0 && r != -ENOENT)
		return r;
	return txn_grain_put(txn, day->alp_user_id, day->day, bytes);
}

int
txn_day_replace(struct txn *txn, const struct op *op, struct day_row *day, const struct rowset *grain, bool *ret_changed)
{
	_cleanup_(activity_list_release) struct activity_list old = {0};
	_cleanup_(rowset_freep) struct rowset *totals = NULL;
	struct day_merge dm = {
	    .alp_user_id = day->alp_user_id, .day = day->day, .units = op->options.units, .now_ms = op->now_ms,
	};
	_cleanup_(replaced_release) struct replaced done = {0};
	int r;

	r = rowset_totals(grain, &totals);
	if (r < 0)
		return r;
	r = txn_activity_load(txn, day->alp_user_id, day->day, &old);
	if (r < 0)
		return r;
	r = replace_rows(txn, day, &old, totals, &done);
	if (r == 0)
		r = put_grain(txn, day, grain);
	if (r < 0)
		return r;
	/* A day seen for the first time has no assignments whose sums could have changed. */
	if (done.changes > 0 && old.count > 0) {
		r = txn_day_merge(txn, &dm);
		if (r < 0)
			return r;
	}
	*ret_changed = done.changes > 0;
	day->generation += done.changes > 0;
	day->captured_seconds = rowset_seconds(totals) + day->excluded_seconds;
	day->fetched_ms = op->now_ms;
	day->upstream_empty_since_ms = day->upstream_empty_job = day->upstream_empty_again_job = 0;
	return txn_day_put(txn, day);
}

/* The process job that the days of this fetch call for, if it is not queued yet. */
int
txn_want_processing(struct txn *txn, const struct op *op, const struct job_row *fetch)
{
	_cleanup_(job_row_release) struct job_row child = JOB_ROW_INIT;
	int r = txn_job_child(txn, fetch->alp_user_id, fetch->job_id, &child);

	if (r != -ENOENT)
		return r;
	child = (struct job_row){
	    .alp_user_id = fetch->alp_user_id,
	    .kind = KIND_PROCESS,
	    .priority = fetch->priority,
	    .run_at_ms = op->now_ms,
	    .created_ms = op->now_ms,
	    .updated_ms = op->now_ms,
	    .from_day = fetch->from_day,
	    .to_day = fetch->to_day,
	    .only_unprocessed = true,
	    .parent_job = fetch->job_id,
	};
	return txn_job_insert(txn, &child);
}

#define EMPTY_DOUBT_MS ((int64_t)30 * 60 * 1000)

/* An empty answer for a day that had rows changes nothing by itself: old plans cut off history that way. It is remembered, and
 * believed at the end of a later job if that saw it too. */
static int
doubt_day(struct txn *txn, const struct op *op, const struct job_row *job, struct day_row *day)
{
	if (day->upstream_empty_since_ms == 0) {
		day->upstream_empty_since_ms = op->now_ms;
		day->upstream_empty_job = job->job_id;
	} else if (day->upstream_empty_job != job->job_id && op->now_ms - day->upstream_empty_since_ms >= EMPTY_DOUBT_MS) {
		day->upstream_empty_again_job = job->job_id;
	} else {
		return 0;
	}
	return txn_day_put(txn, day);
}

static int
store_day(struct txn *txn, struct op *op, struct job_row *job)
{
	struct run_fetched *v = op->verb;
	struct day_row day = {0};
	int r = txn_day_get(txn, job->alp_user_id, v->day, &day);

	if (r == -ENOENT)
		day = (struct day_row){.alp_user_id = job->alp_user_id, .day = v->day};
	else if (r < 0)
		return r;
	v->pruned = day.pruned_ms != 0;
	if (v->pruned)
		return 0;
	/* A day of which nothing may be kept has not answered empty. */
	if (v->rows == 0 && v->excluded_seconds == 0 && day.captured_seconds > 0) {
		v->doubted = true;
		return doubt_day(txn, op, job, &day);
	}
	day.bytes_replaced = v->bytes_replaced;
	day.excluded_seconds = v->excluded_seconds;
	r = txn_day_replace(txn, op, &day, v->grain, &v->changed);
	if (r < 0)
		return r;
	if (job->process && day.generation > day.processed_generation)
		return txn_want_processing(txn, op, job);
	return 0;
}

int
txn_get_run(struct txn *txn, int64_t job_id, int32_t run, struct job_row *ret_job)
{
	int r = txn_job_get(txn, job_id, ret_job);

	if (r == -ENOENT)
		return -ESTALE;
	if (r < 0)
		return r;
	if (ret_job->state != JOB_RUNNING || ret_job->run != run || ret_job->waiting) {
		job_row_release(ret_job);
		return -ESTALE;
	}
	return 0;
}

static int
needs_run(struct txn *txn, struct op *op)
{
	struct run_needs *v = op->verb;
	int r = txn_job_key_get(txn, v->job_id, &v->key);

	return r < 0 && r != -ENOENT ? r : txn_user_privacy(txn, v->alp_user_id, &v->privacy);
}

static void
needs_after(struct op *op, int r)
{
	struct run_needs *v = op->verb;

	if (r == 0 && v->key.len == 0 && v->alp_user_id == op->options.single_user_id)
		v->key = op->app->keeper.single_user;
}

void
app_run_needs(struct app *app, struct run_needs *v, app_done_fn done, void *arg)
{
	v->key.len = 0;
	app_submit(app, OP_READ, v, needs_run, needs_after, done, arg);
}

void
run_needs_release(struct run_needs *v)
{
	free(v->privacy);
	v->privacy = NULL;
}

/* What was acknowledged holds for every day that is stored from then on, so for one that a worker has just brought, too. */
static int
check_sifted(struct txn *txn, const struct job_row *job, struct run_fetched *v)
{
	_cleanup_free_ char *lines = NULL;
	int r = txn_user_privacy(txn, job->alp_user_id, &lines);

	if (r == 0)
		v->unsifted = strcmp(lines, v->privacy != NULL ? v->privacy : "") != 0;
	return r;
}

static int
fetched_run(struct txn *txn, struct op *op)
{
	struct run_fetched *v = op->verb;
	_cleanup_(job_row_release) struct job_row job = JOB_ROW_INIT;
	int r = txn_get_run(txn, v->job_id, v->run, &job);

	if (r == 0)
		r = check_sifted(txn, &job, v);
	if (r < 0 || v->unsifted)
		return r;
	/* Newest first and none twice: anything else is a worker that lies. */
	if (v->day != job.next_day || v->day < job.from_day)
		return -EBADMSG;
	v->rows = rowset_count(v->grain);
	v->seconds = rowset_seconds(v->grain);
	r = store_day(txn, op, &job);
	if (r < 0)
		return r;
	job.next_day--;
	job.days_done++;
	/* A worker that brings days is slow, not broken, even if its deadline ends it. */
	job.crashes = 0;
	job.rows_seen = job.rows_seen || v->rows > 0 || v->excluded_seconds > 0;
	job.updated_ms = op->now_ms;
	txn_event_progress(txn, &job, v->day, op->now_ms);
	return txn_job_update(txn, &job);
}

void
app_run_fetched(struct app *app, struct run_fetched *v, app_done_fn done, void *arg)
{
	app_submit(app, OP_WRITE, v, fetched_run, NULL, done, arg);
}

void
run_fetched_release(struct run_fetched *v)
{
	v->grain = rowset_free(v->grain);
}
