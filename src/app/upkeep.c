/* SPDX-License-Identifier: Apache-2.0 */
#include "app/upkeep.h"

#include <errno.h>
#include <stdlib.h>

#include "app/internal.h"
#include "app/run.h"
#include "app/sync_run.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "store/audit.h"
#include "store/check.h"

/* --- backups --------------------------------------------------------------------------------------------------------------- */

struct backing_up {
	struct backup_make *verb;
	app_done_fn done;
	void *arg;
};

static const char *
backup_fault(int r, const struct backup_wish *w)
{
	return r == -EUCLEAN && w->violation != NULL ? w->violation : r == -ECANCELED ? "the daemon stops" : log_errno_text(r);
}

static void
count_backup(int r)
{
	metric_add(rtalp_backups, r == 0 ? METRIC_MADE : METRIC_NOT_MADE, 0, 1);
	if (r == 0)
		metric_set(rtalp_backup_time_seconds, 0, 0, clock_real_ms() * 1000);
}

static void
backed_up(int r, void *arg)
{
	struct backing_up *b = arg;
	struct backup_make *v = b->verb;

	if (r == 0)
		log_event(EV_BACKUP_MADE, LOG_STR("PATH", v->wish.row.name), LOG_I64("COUNT", v->wish.row.bytes),
		    LOG_I64("DURATION_MS", clock_mono_ms() - v->begun_ms), LOG_I64("LEFT", (int64_t)v->wish.removed));
	else if (r != -EALREADY)
		log_event(EV_BACKUP_FAILED, LOG_STR("PATH", v->directory), LOG_STR("ERROR", backup_fault(r, &v->wish)));
	if (r != -EALREADY)
		count_backup(r);
	b->done(r, b->arg);
	free(b);
}

void
app_backup(struct app *app, struct backup_make *v, app_done_fn done, void *arg)
{
	struct backing_up *b = xcalloc(1, sizeof *b);

	b->verb = v;
	b->done = done;
	b->arg = arg;
	v->begun_ms = clock_mono_ms();
	v->directory = xstrdup(app->options.backup.directory);
	v->wish = (struct backup_wish){.directory = v->directory, .keep = app->options.backup.keep, .bytes_per_second = app->options.backup.bytes_per_second};
	store_backup(app->options.store, &v->wish, backed_up, b);
}

void
backup_make_release(struct backup_make *v)
{
	free(v->wish.violation);
	free(v->directory);
}

void
app_backup_stop(struct app *app)
{
	store_backup_stop(app->options.store);
}

static int
backups_run(struct txn *txn, struct op *op)
{
	struct backup_query *v = op->verb;

	(void)txn;
	return backup_list(v->directory, &v->list);
}

void
app_backup_query(struct app *app, struct backup_query *v, app_done_fn done, void *arg)
{
	v->directory = xstrdup(app->options.backup.directory);
	app_submit(app, OP_READ, v, backups_run, NULL, done, arg);
}

void
backup_query_release(struct backup_query *v)
{
	backup_list_release(&v->list);
	free(v->directory);
}

/* --- does it keep its promises? --------------------------------------------------------------------------------------------- */

static void
keep_violation(void *arg, const char *violation)
{
	struct store_look *v = arg;

	if (v->count == STORE_VIOLATIONS_MAX)
		return;
	v->violations = xreallocarray(v->violations, v->count + 1, sizeof *v->violations);
	v->violations[v->count++] = xstrdup(violation);
}

static int
check_audit(struct txn *txn, struct store_look *v)
{
	_cleanup_free_ char *violation = NULL;
	int r = audit_check(txn, &violation);

	if (r > 0)
		keep_violation(v, violation);
	return r;
}

static int
look_run(struct txn *txn, struct op *op)
{
	struct store_look *v = op->verb;
	int64_t begun_ms = clock_mono_ms();
	int r = v->audit_only ? check_audit(txn, v) : store_check_all(txn, keep_violation, v);

	v->took_ms = clock_mono_ms() - begun_ms;
	v->broken = MAX_OF(r, 0);
	return MIN_OF(r, 0);
}

static void
look_after(struct op *op, int r)
{
	const struct store_look *v = op->verb;

	for (size_t i = 0; r == 0 && i < v->count; i++)
		log_event(EV_STORE_BROKEN, LOG_STR("DETAIL", v->violations[i]));
}

void
app_store_look(struct app *app, struct store_look *v, app_done_fn done, void *arg)
{
	app_submit(app, OP_READ, v, look_run, look_after, done, arg);
}

void
store_look_release(struct store_look *v)
{
	for (size_t i = 0; i < v->count; i++)
		free(v->violations[i]);
	free(v->violations);
}

/* --- what is old ------------------------------------------------------------------------------------------------------------ */

static void pruned_raw(int r, void *arg);

static void
prune_days(struct prune_all *v)
{
	v->raw = (struct prune_raw){.keep_days = v->app->options.retention.raw_days};
	if (v->raw.keep_days > 0)
		app_prune_raw(v->app, &v->raw, pruned_raw, v);
	else
		v->done(0, v->arg);
}

static void
pruned_raw(int r, void *arg)
{
	struct prune_all *v = arg;

	v->days += r == 0 ? v->raw.days : 0;
	if (r == 0 && v->raw.days > 0)
		prune_days(v);
	else
		v->done(r, v->arg);
}

static void pruned(int r, void *arg);

static void
prune_rows(struct prune_all *v)
{
	const struct app_options *o = &v->app->options;

	v->prune = (struct prune){.keep_ms = o->retention.jobs_ms, .keep_once_ms = o->retention.answers_ms, .keep_messages_ms = o->retention.messages_ms};
	app_prune(v->app, &v->prune, pruned, v);
}

static void
pruned(int r, void *arg)
{
	struct prune_all *v = arg;

	if (r < 0) {
		v->done(r, v->arg);
		return;
	}
	v->jobs += v->prune.jobs;
	v->answers += v->prune.answers;
	v->messages += v->prune.messages;
	v->checks += v->prune.checks;
	if (v->prune.removed > 0)
		prune_rows(v);
	else
		prune_days(v);
}

void
app_prune_all(struct app *app, struct prune_all *v, app_done_fn done, void *arg)
{
	*v = (struct prune_all){.app = app, .done = done, .arg = arg};
	prune_rows(v);
}

/* --- posting that is held ---------------------------------------------------------------------------------------------------- */

bool
app_posting_is_held(const struct app *app)
{
	return app->options.posting_held;
}

static int
held_run(struct txn *txn, struct op *op)
{
	struct posting_held *v = op->verb;
	struct alp_proof_filter filter = {.from = 0, .to = DAY_MAX, .differing = true};
	int r = txn_restore_state(txn, &v->state);

	if (r < 0 || v->state.restore_id == 0)
		return r;
	v->held = restore_holds(&v->state);
	filter.from = restore_from_day(&v->state);
	filter.to = v->state.until_day;
	return txn_alp_proof_list(txn, &filter, &v->unknown);
}

void
app_posting_held(struct app *app, struct posting_held *v, app_done_fn done, void *arg)
{
	app_submit(app, OP_READ, v, held_run, NULL, done, arg);
}

static int
go_on_run(struct txn *txn, struct op *op)
{
	struct posting_held *v = op->verb;
	struct audit_row row = {.at_ms = op->now_ms, .actor = v->actor, .action = AUDIT_GO_ON};
	_cleanup_free_ char *after = NULL;
	int r = held_run(txn, op);

	if (r < 0 || !v->held)
		return r;
	if (v->state.examined_ms == 0 && !v->unexamined)
		return -EPERM;
	after = xasprintf("{\"unexamined\":%s,\"days_that_differ\":%zu}", v->state.examined_ms == 0 ? "true" : "false", v->unknown.count);
	row.after = after;
	r = txn_restore_go_on(txn, v->state.restore_id, op->now_ms);
	if (r == 0)
		r = txn_audit(txn, &row);
	if (r < 0)
		return r;
	v->held = false;
	v->state.went_on_ms = op->now_ms;
	return 0;
}

static void
go_on_after(struct op *op, int r)
{
	const struct posting_held *v = op->verb;
	struct app *app = op->app;

	if (r < 0 || !app->options.posting_held)
		return;
	app->options.posting_held = false;
	log_event(EV_POSTING_GOES_ON, LOG_I64("COUNT", (int64_t)v->unknown.count));
	if (app->postings_due != NULL)
		app->postings_due(app->postings_due_arg);
}

void
app_posting_go_on(struct app *app, struct posting_held *v, app_done_fn done, void *arg)
{
	app_submit_once(app, v->once, v, go_on_run, go_on_after, done, arg);
}

void
posting_held_release(struct posting_held *v)
{
	alp_proof_list_release(&v->unknown);
}
