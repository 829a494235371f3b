/* SPDX-License-Identifier: Apache-2.0 */
#include "app/watch.h"

#include "app/internal.h"
#include "base/clock.h"
#include "base/metrics.h"
#include "base/process_sample.h"
#include "store/sample.h"

#define WHOLE_EVERY_MS ((int64_t)3600 * 1000) /* what should not change may have: an import, a clock that was set */

static int64_t
age_us(int64_t now_ms, int64_t since_ms)
{
	return since_ms > 0 ? MAX_OF(now_ms - since_ms, 0) * 1000 : 0;
}

/* --- into the gauges, on a store thread ----------------------------------------------------------------------------------- */

static int
sample_kinds(struct txn *txn, int64_t now_ms)
{
	const struct job_kind_info *kind;
	int r = 0;

	for (size_t i = 0; r >= 0 && (kind = job_kind_at(i)) != NULL; i++) {
		struct kind_counts counts = {0};

		r = txn_kind_counts(txn, kind->kind, &counts);
		metric_set(rtalp_queue_jobs, kind->kind, METRIC_QUEUED, counts.queued);
		metric_set(rtalp_queue_jobs, kind->kind, METRIC_RUNNING, counts.running);
		metric_set(rtalp_queue_oldest_age_seconds, kind->kind, 0, age_us(now_ms, counts.oldest_due_ms));
		metric_set(rtalp_queue_paused, kind->kind, 0, counts.paused);
	}
	return r;
}

static int
sample_store(struct txn *txn, const struct op *op, struct watch_sample *v)
{
	struct store_sample s = {.confirmed_from_ms = v->confirmed_from_ms};
	int r = txn_sample(txn, &s);

	if (r < 0)
		return r;
	for (size_t i = 0; i < SAMPLE_POSTING_STATES; i++)
		metric_set(rtalp_postings, i, 0, s.postings[i]);
	/* Where nothing is posted by us, none of them ever will be there. */
	metric_set(rtalp_oldest_unposted_seconds, 0, 0,
	    op->options.posting.configured ? age_us(op->now_ms, s.oldest_unposted_ms) : METRIC_ABSENT);
	metric_set(rtalp_drift_seconds, 0, 0, s.drift_more * 1000000);
	metric_set(rtalp_drift_seconds, 1, 0, s.drift_less * 1000000);
	metric_set(rtalp_webhook_pending, 0, 0, s.messages);
	metric_set(rtalp_webhook_lag_seconds, 0, 0, age_us(op->now_ms, s.oldest_message_ms));
	v->confirmed_from_ms = s.oldest_unposted_ms > 0 ? s.oldest_unposted_ms : op->now_ms;
	return 0;
}

static int
watch_run(struct txn *txn, struct op *op)
{
	struct watch_sample *v = op->verb;
	int r = 0;

	if (v->wanted) {
		process_sample();
		r = sample_kinds(txn, op->now_ms);
		if (r >= 0)
			r = sample_store(txn, op, v);
	}
	if (r >= 0)
		v->render(op->arg);
	return r;
}

/* --- on the loop ------------------------------------------------------------------------------------------------------------ */

static void
watch_after(struct op *op, int r)
{
	struct watch_sample *v = op->verb;
	struct app_watching *w = &op->app->watching;

	if (!v->wanted)
		return;
	w->under_way = false;
	if (r < 0) {
		metric_add(rtalp_sample_failures, 0, 0, 1);
		return;
	}
	w->confirmed_from_ms = v->confirmed_from_ms;
}

/* One that came from where all was posted changes what was known of old entries. */
static int64_t
known_from(struct app_watching *w, int64_t now_ms)
{
	int64_t gone = metric_get(rtalp_postings, POSTING_GONE, 0);

	if (gone != w->gone || now_ms - w->whole_ms >= WHOLE_EVERY_MS) {
		w->gone = gone;
		w->whole_ms = now_ms;
		w->confirmed_from_ms = 0;
	}
	return w->confirmed_from_ms;
}

void
app_watch_name_kinds(void)
{
	const struct job_kind_info *kind;

	for (size_t i = 0; (kind = job_kind_at(i)) != NULL; i++)
		metrics_name(METRIC_SET_KIND, (size_t)kind->kind, kind->name);
}

void
app_watch_sample(struct app *app, struct watch_sample *v, app_done_fn done, void *arg)
{
	struct app_watching *w = &app->watching;
	int64_t now_ms = clock_mono_ms();

	v->wanted = !w->under_way && (w->sampled_ms == 0 || now_ms - w->sampled_ms >= SAMPLE_EVERY_MS);
	if (v->wanted) {
		w->under_way = true;
		w->sampled_ms = now_ms;
		v->confirmed_from_ms = known_from(w, now_ms);
	}
	app_submit(app, OP_READ, v, watch_run, watch_after, done, arg);
}
