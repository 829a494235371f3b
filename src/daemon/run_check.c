/* SPDX-License-Identifier: Apache-2.0 */
/* run_check.c - a rules check in its worker: the text goes down, what the linter says comes up, then day after day down and verdicts up. Nothing of
 * it is written but the result. One day at a time: the result is filled by one thread after the other. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "app/matters.h"
#include "app/rules_check.h"
#include "base/alloc.h"
#include "base/fd.h"
#include "daemon/run_kinds.h"
#include "http/render_check.h"
#include "rules/lint.h"

struct checking {
	struct check_begin begin;
	struct check_day day;
	struct check_finish finish;
	struct json json; /* the result, while it is written */
	bool noted;       /* the linter's notes came */
};

void
checking_free(struct checking *c)
{
	if (c == NULL)
		return;
	check_begin_release(&c->begin);
	check_day_release(&c->day);
	buf_release(&c->json.b);
	free(c);
}

/* --- before the worker ---------------------------------------------------------------------------------------------------- */

static void
input_loaded(int r, void *arg)
{
	struct worker *w = arg;

	w->pending--;
	w->checking->begin.result->days_pruned = w->input.pruned;
	if (r == -EBADMSG)
		worker_decide_failure(w, OUTCOME_PERMANENT, 0, "day_damaged", "the stored rows of a day cannot be read");
	else if (r < 0)
		worker_store_failed(w, r);
	else if (!w->decided)
		worker_spawn(w);
	worker_settle(w);
}

static void
begun(int r, void *arg)
{
	struct worker *w = arg;

	w->pending--;
	if (r == -ENOENT)
		worker_decide_failure(w, OUTCOME_PERMANENT, 0, "check_expired", "what it was asked with is not kept any more");
	else if (r == -EINVAL)
		worker_decide_failure(w, OUTCOME_PERMANENT, 0, "rules_invalid", "its rules are no rules of this version");
	else if (r < 0)
		worker_store_failed(w, r);
	if (!w->decided) {
		w->input.job_id = w->job.job_id;
		w->pending++;
		app_run_input(w->dispatch->app, &w->input, input_loaded, w);
	}
	worker_settle(w);
}

static void
prepare(struct worker *w)
{
	w->checking = xcalloc(1, sizeof *w->checking);
	w->checking->json = JSON_INIT;
	w->checking->begin.job_id = w->job.job_id;
	w->pending++;
	app_check_begin(w->dispatch->app, &w->checking->begin, begun, w);
}

/* --- with it -------------------------------------------------------------------------------------------------------------- */

static int
send_rules(struct worker *w)
{
	const struct check_begin *begin = &w->checking->begin;
	struct msg_process_rules rules = {.rules_name = STR(CHECK_RULES_NAME)};
	_cleanup_close_ int fd = memfd_sealed("rtalp-rules", begin->text, begin->len);

	return fd < 0 ? fd : msg_process_rules_send(w->fd, &rules, fd);
}

static void
start(struct worker *w)
{
	struct msg_process_job job = {.job_id = w->job.job_id, .run = (uint32_t)w->job.run};
	const struct flat_matters *matters = app_matters(w->dispatch->app);
	int r = matters->fd < 0 ? -ENOENT : msg_process_job_send(w->fd, &job, matters->fd);

	w->state = W_PROCESSING;
	(void)snprintf(w->checking->begin.result->present, sizeof w->checking->begin.result->present, "%s", w->rules->version);
	if (r == 0)
		r = send_rules(w);
	if (r < 0)
		worker_kill(w);
}

static void
finished(int r, void *arg)
{
	struct worker *w = arg;

	w->pending--;
	if (r < 0)
		worker_store_failed(w, r);
	else
		worker_decide_success(w, false);
	worker_settle(w);
}

/* What is rendered is bounded by the result's own bounds. */
static void
finish(struct worker *w)
{
	struct checking *c = w->checking;

	w->delivered = true;
	w->state = W_OVER;
	render_check(&c->json, c->begin.result);
	c->finish = (struct check_finish){.job_id = w->job.job_id, .run = w->job.run, .result = buf_str(&c->json.b)};
	w->pending++;
	app_check_finish(w->dispatch->app, &c->finish, finished, w);
}

static void
send_next(struct worker *w)
{
	struct msg_process_end end = {.days = (uint32_t)w->input.count};
	const struct run_day_input *in = &w->input.days[w->sent];
	struct msg_process_day day = {.day = 0};
	_cleanup_close_ int fd = -1;
	int r;

	if (w->sent == w->input.count) {
		r = msg_process_end_send(w->fd, &end, -1);
		finish(w);
		return;
	}
	day = (struct msg_process_day){.day = in->day, .generation = in->generation};
	fd = rowset_to_fd(in->grain);
	r = fd < 0 ? fd : msg_process_day_send(w->fd, &day, fd);
	w->sent++;
	if (r < 0)
		worker_kill(w);
}

static int
on_notes(struct worker *w, struct message *message)
{
	struct msg_process_notes notes;
	const void *text = NULL;
	size_t len = 0;
	int r = w->checking->noted ? -EBADMSG : msg_process_notes_decode(message, &notes);

	if (r == 0)
		r = memfd_map_sealed(message->fd, RULE_NOTES_BYTES_MAX, &text, &len);
	if (r == 0)
		r = rule_notes_read((struct str){text, len}, lint_kinds, &w->checking->begin.result->notes);
	if (text != NULL)
		(void)munmap((void *)(uintptr_t)text, len);
	if (r < 0)
		return -EBADMSG;
	w->checking->noted = true;
	send_next(w);
	return 0;
}

static void
compared(int r, void *arg)
{
	struct worker *w = arg;
	struct checking *c = w->checking;

	check_day_release(&c->day);
	w->pending--;
	w->again = w->again || (r == 0 && c->day.outdated);
	if (r < 0)
		worker_store_failed(w, r);
	else if (c->day.outdated) {
		/* What was told of other days is as old: once more, at no cost. */
		worker_decide_success(w, true);
		worker_kill(w);
	} else if (!w->decided) {
		send_next(w);
	}
	worker_settle(w);
}

static int
on_verdict(struct worker *w, struct message *message)
{
	struct checking *c = w->checking;
	struct msg_process_verdict verdict;
	const struct run_day_input *asked = w->verdicts < w->sent ? &w->input.days[w->verdicts] : NULL;
	struct rowset *rows = NULL;

	if (asked == NULL || !c->noted || msg_process_verdict_decode(message, &verdict) < 0 || verdict.day != asked->day ||
	    verdict.generation != asked->generation || !str_eq(verdict.rules_version, str_of(c->begin.result->version)) ||
	    rowset_receive(message->fd, &rows) < 0)
		return -EBADMSG;
	w->verdicts++;
	c->day = (struct check_day){.alp_user_id = w->job.alp_user_id, .day = verdict.day, .generation = verdict.generation, .verdicts = rows,
				    .result = c->begin.result};
	w->pending++;
	app_check_day(w->dispatch->app, &c->day, compared, w);
	return 0;
}

static const struct worker_handler handlers[] = {
    {MSG_PROCESS_NOTES, on_notes},
    {MSG_PROCESS_VERDICT, on_verdict},
};

const struct run_kind run_check = {
    .job_kind = KIND_CHECK,
    .role = ROLE_PROCESS,
    .prepare = prepare,
    .start = start,
    .handlers = handlers,
    .handler_count = ELEMENTSOF(handlers),
};
