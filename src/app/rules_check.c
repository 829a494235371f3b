/* SPDX-License-Identifier: Apache-2.0 */
/* rules_check.c - a rules check is asked for, begins, and its result is kept; rules_diff.c is what it is about. */
#include "app/rules_check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "app/run_internal.h"
#include "base/alloc.h"
#include "store/rule_check.h"

/* --- asking ---------------------------------------------------------------------------------------------------------- */

static int
parse_run(struct txn *txn, struct op *op)
{
	_cleanup_(ruleset_freep) struct ruleset *set = NULL;
	struct rules_parse *v = op->verb;

	(void)txn;
	return ruleset_parse(v->text, CHECK_RULES_NAME, &v->faults, &set);
}

void
app_rules_parse(struct app *app, struct rules_parse *v, app_done_fn done, void *arg)
{
	app_submit(app, OP_READ, v, parse_run, NULL, done, arg);
}

void
rules_parse_release(struct rules_parse *v)
{
	rule_faults_release(&v->faults);
}

static int
submit_range(struct txn *txn, const struct op *op, const struct check_submit *v, struct job_row *job)
{
	struct user_row user;
	day_t today = 0;
	int r = v->days > 0 ? txn_user_today(txn, &op->options, v->alp_user_id, op->now_ms, &user, &today) : 0;

	job->from_day = v->days > 0 ? MAX_OF(today - v->days + 1, 0) : v->from_day;
	job->to_day = v->days > 0 ? today : v->to_day;
	return r;
}

static int
submit_run(struct txn *txn, struct op *op)
{
	struct check_submit *v = op->verb;
	struct job_row job = {.alp_user_id = v->alp_user_id, .kind = KIND_CHECK, .priority = PRIORITY_DEFAULT};
	int r = submit_range(txn, op, v, &job);

	if (r == 0)
		r = txn_check_queue_room(txn, &op->options);
	if (r < 0)
		return r;
	job.run_at_ms = job.created_ms = job.updated_ms = op->now_ms;
	v->job = job;
	r = txn_job_insert(txn, &v->job);
	if (r == 0 && v->once != NULL)
		v->once->job_id = v->job.job_id;
	return r < 0 ? r : txn_rule_check_add(txn, v->job.job_id, v->alp_user_id, op->now_ms, v->rules);
}

static void
submit_after(struct op *op, int r)
{
	if (r == 0)
		op->app->options.hooks.wake(op->app->options.hooks.arg);
}

void
app_check_submit(struct app *app, struct check_submit *v, app_done_fn done, void *arg)
{
	if (!app_has_room(app)) {
		app_answer_later(app, -ENOSPC, done, arg);
		return;
	}
	app_submit_once(app, v->once, v, submit_run, submit_after, done, arg);
}

void
check_submit_release(struct check_submit *v)
{
	job_row_release(&v->job);
}

static int
get_run(struct txn *txn, struct op *op)
{
	struct check_get *v = op->verb;
	int r = txn_job_get_owned(txn, v->job_id, v->alp_user_id, &v->job);

	if (r < 0 || v->job.kind != KIND_CHECK)
		return r < 0 ? r : -ENOENT;
	if (v->job.state != JOB_SUCCEEDED)
		return -EAGAIN;
	return txn_rule_check_result(txn, v->job_id, op->now_ms - RULE_CHECK_KEPT_MS, &v->result, &v->len);
}

void
app_check_get(struct app *app, struct check_get *v, app_done_fn done, void *arg)
{
	app_submit(app, OP_READ, v, get_run, NULL, done, arg);
}

void
check_get_release(struct check_get *v)
{
	job_row_release(&v->job);
	free(v->result);
	v->result = NULL;
}

/* --- the run --------------------------------------------------------------------------------------------------------- */

static int
begin_run(struct txn *txn, struct op *op)
{
	_cleanup_(ruleset_freep) struct ruleset *set = NULL;
	_cleanup_(rule_faults_release) struct rule_faults faults = {.lines = NULL};
	_cleanup_(job_row_release) struct job_row job = JOB_ROW_INIT;
	struct check_begin *v = op->verb;
	struct check_result *c;
	int r = txn_job_get(txn, v->job_id, &job);

	if (r == 0)
		r = txn_rule_check_rules(txn, v->job_id, &v->text, &v->len);
	if (r == 0)
		r = ruleset_parse((struct str){v->text, v->len}, CHECK_RULES_NAME, &faults, &set);
	if (r < 0)
		return r;
	v->result = c = xcalloc(1, sizeof *c);
	c->job_id = job.job_id;
	c->alp_user_id = job.alp_user_id;
	c->from_day = job.from_day;
	c->to_day = job.to_day;
	c->units = set->units;
	memcpy(c->version, set->version, sizeof set->version);
	rule_places_read((struct str){v->text, v->len}, &c->places);
	c->hits = xcalloc(c->places.count, sizeof *c->hits);
	return 0;
}

void
app_check_begin(struct app *app, struct check_begin *v, app_done_fn done, void *arg)
{
	app_submit(app, OP_READ, v, begin_run, NULL, done, arg);
}

void
check_begin_release(struct check_begin *v)
{
	free(v->text);
	v->text = NULL;
	v->result = check_result_free(v->result);
}

static int
finish_run(struct txn *txn, struct op *op)
{
	struct check_finish *v = op->verb;
	_cleanup_(job_row_release) struct job_row job = JOB_ROW_INIT;
	int r = txn_get_run(txn, v->job_id, v->run, &job);

	return r < 0 ? r : txn_rule_check_set_result(txn, v->job_id, v->result);
}

void
app_check_finish(struct app *app, struct check_finish *v, app_done_fn done, void *arg)
{
	app_submit(app, OP_WRITE, v, finish_run, NULL, done, arg);
}
