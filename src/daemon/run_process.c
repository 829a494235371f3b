/* SPDX-License-Identifier: Apache-2.0 */
/* run_process.c - a process job in its worker: days' rows go down, verdicts come up and are merged into entries. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "app/matters.h"
#include "base/alloc.h"
#include "base/fd.h"
#include "daemon/run_kinds.h"
#include "daemon/run_log.h"

static void
input_loaded(int r, void *arg)
{
	struct worker *w = arg;

	w->pending--;
	if (r == 0)
		run_log_pruned(&w->job, w->input.pruned);
	if (r == -EBADMSG)
		worker_decide_failure(w, OUTCOME_PERMANENT, 0, "day_damaged", "the stored rows of a day cannot be read");
	else if (r < 0)
		worker_store_failed(w, r);
	else if (w->input.count == 0)
		worker_decide_success(w, false);
	else if (!w->decided)
		worker_spawn(w);
	worker_settle(w);
}

static void
prepare(struct worker *w)
{
	w->input.job_id = w->job.job_id;
	w->pending++;
	app_run_input(w->dispatch->app, &w->input, input_loaded, w);
}

static int
send_day(struct worker *w, const struct run_day_input *in)
{
	struct msg_process_day day = {.day = in->day, .generation = in->generation};
	_cleanup_close_ int fd = rowset_to_fd(in->grain);

	return fd < 0 ? fd : msg_process_day_send(w->fd, &day, fd);
}

/* Days under way to a worker at once: it never waits for the next one, and few descriptors are in flight. */
#define WINDOW 2

static int
send_more(struct worker *w)
{
	struct msg_process_end end = {.days = (uint32_t)w->input.count};
	int r = 0;

	if (w->sent == w->input.count)
		return 0;
	while (r == 0 && w->sent < w->input.count && w->sent - w->verdicts < WINDOW)
		r = send_day(w, &w->input.days[w->sent++]);
	if (r == 0 && w->sent == w->input.count)
		r = msg_process_end_send(w->fd, &end, -1);
	return r;
}

static void
start(struct worker *w)
{
	struct msg_process_job job = {.job_id = w->job.job_id, .run = (uint32_t)w->job.run};
	const struct flat_matters *matters = app_matters(w->dispatch->app);
	int r = matters->fd < 0 ? -ENOENT : msg_process_job_send(w->fd, &job, matters->fd);

	/* It judges by the list of this moment, whatever comes meanwhile. */
	memcpy(w->matters_version, matters->version, sizeof w->matters_version);
	w->state = W_PROCESSING;
	if (r == 0)
		r = send_more(w);
	if (r < 0)
		worker_kill(w);
}

struct merging {
	struct run_verdict verb;
	struct worker *worker;
};

static void
merged(int r, void *arg)
{
	struct merging *m = arg;
	struct worker *w = m->worker;

	if (r < 0)
		worker_store_failed(w, r);
	else if (m->verb.outdated)
		w->again = true;
	run_verdict_release(&m->verb);
	free(m);
	w->pending--;
	if (w->pending == 0 && w->delivered)
		worker_decide_success(w, w->again);
	worker_settle(w);
}

/* Verdicts come in the order the days went down. */
static int
on_verdict(struct worker *w, struct message *message)
{
	struct msg_process_verdict verdict;
	const struct run_day_input *asked = w->verdicts < w->sent ? &w->input.days[w->verdicts] : NULL;
	struct rowset *rows = NULL;
	struct merging *m;

	if (asked == NULL || msg_process_verdict_decode(message, &verdict) < 0 || verdict.day != asked->day ||
	    verdict.generation != asked->generation || !str_eq(verdict.rules_version, str_of(w->rules->version)) ||
	    rowset_receive(message->fd, &rows) < 0)
		return -EBADMSG;
	m = xcalloc(1, sizeof *m);
	m->worker = w;
	m->verb = (struct run_verdict){
	    .job_id = w->job.job_id, .alp_user_id = w->job.alp_user_id, .run = w->job.run, .judged = asked,
	    .verdicts = rows,
	    .rules = rules_source_row(w->rules), .matters_version = w->matters_version, .units = w->rules->units,
	};
	w->verdicts++;
	w->pending++;
	if (w->verdicts == w->input.count) {
		w->delivered = true;
		w->state = W_OVER;
	} else if (send_more(w) < 0) {
		worker_kill(w);
	}
	app_run_verdict(w->dispatch->app, &m->verb, merged, m);
	return 0;
}

static const struct worker_handler handlers[] = {
    {MSG_PROCESS_VERDICT, on_verdict},
};

const struct run_kind run_process = {
    .job_kind = KIND_PROCESS,
    .role = ROLE_PROCESS,
    .prepare = prepare,
    .start = start,
    .handlers = handlers,
    .handler_count = ELEMENTSOF(handlers),
};
