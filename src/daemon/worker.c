/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/worker.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/utf8.h"
#include "daemon/run_log.h"
#include "daemon/tell.h"
#include "workers/last_word.h"

#define END_AGAIN_MS   1000
#define KEEPER_PAUSE_MS 500
#define STORE_PAUSE_MS 2000 /* before a job whose result could not be stored runs again */

static void end_run(struct worker *w);

static const char *
role_name(const struct worker *w)
{
	return worker_role_name(w->kind->role);
}

struct worker *
worker_new(struct dispatch *d, struct job_row *job)
{
	const struct run_kind *kind = run_kind_of(job->kind);
	struct worker *w;

	if (kind == NULL)
		return NULL;
	w = xcalloc(1, sizeof *w);
	w->dispatch = d;
	w->kind = kind;
	w->id = ++d->last_worker_id;
	w->job = *job;
	*job = JOB_ROW_INIT;
	w->fd = -1;
	w->exited = true; /* until there is a process */
	w->state = W_STARTING;
	w->started_ms = clock_mono_ms();
	return w;
}

void
worker_begin(struct worker *w)
{
	run_log_started(&w->job);
	if (w->dispatch->aborted)
		worker_decide_failure(w, OUTCOME_NOT_ITS_FAULT, 0, "daemon_stopping", "the daemon stopped before the job was done");
	else
		w->kind->prepare(w);
	worker_settle(w);
}

/* --- the result -------------------------------------------------------------------------------------------------------- */

/* A worker that an older spawner made says nothing of those that the present one makes. */
static void
role_works(const struct worker *w)
{
	if (w->rules == supervisor_rules(w->dispatch->supervisor))
		w->dispatch->roles[w->kind->role].proven = true;
}

void
worker_decide_success(struct worker *w, bool again)
{
	if (w->decided)
		return;
	w->decided = true;
	w->success = true;
	w->again = again;
	/* A run that needed no worker says nothing of the role. */
	if (w->state == W_STARTING)
		return;
	role_works(w);
	w->dispatch->roles[w->kind->role].pause_ms = 0;
}

void
worker_decide_failure(struct worker *w, enum job_outcome outcome, int64_t retry_after_ms, const char *code, const char *detail)
{
	if (w->decided)
		return;
	w->decided = true;
	w->success = false;
	w->outcome = outcome;
	w->retry_after_ms = retry_after_ms;
	snprintf(w->code, sizeof w->code, "%s", code);
	snprintf(w->detail, sizeof w->detail, "%s", detail);
}

void
worker_kill(struct worker *w)
{
	if (!w->exited)
		supervisor_kill_worker(w->dispatch->supervisor, w->id);
}

void
worker_store_failed(struct worker *w, int r)
{
	if (r == -ESTALE)
		run_log_stale(&w->job);
	if (r == -ENOSPC)
		worker_decide_failure(w, OUTCOME_NOT_ITS_FAULT, STORE_PAUSE_MS, "disk_full", "the disk of the daemon is full");
	else if (r == -EBADMSG || r == -ERANGE || r == -E2BIG)
		worker_decide_failure(w, OUTCOME_CRASH, 0, "worker_protocol", "the worker handed in something that cannot be");
	else
		worker_decide_failure(w, OUTCOME_NOT_ITS_FAULT, STORE_PAUSE_MS, "store_failed", "the result could not be stored");
	worker_kill(w);
}

void
worker_given(struct worker *w, int result)
{
	switch (result) {
	case 0:
		w->has_key = true;
		return;
	case -EPIPE:
	case -ENOENT: /* it died meanwhile, or will miss the key: either way it is told otherwise, and a death is counted */
		return;
	case -ENOKEY:
		worker_decide_failure(w, OUTCOME_KEY_LOST, 0, "key_lost",
		    "the service can no longer open the key that the job was sent with; send it again");
		break;
	case -EBADMSG:
	case -EPERM:
		worker_decide_failure(w, OUTCOME_PERMANENT, 0, "key_damaged", "the stored key is not the one that the job was sent with; send it again");
		break;
	default:
		worker_decide_failure(w, OUTCOME_NOT_ITS_FAULT, KEEPER_PAUSE_MS, LAST_WORD_NO_KEY, "the key could not be handed over");
		break;
	}
	worker_kill(w);
}

void
worker_keeper_lost(struct worker *w)
{
	if (w->kind->role == ROLE_FETCH && !w->exited && !w->has_key)
		worker_given(w, -EAGAIN);
}

/* --- its channel ------------------------------------------------------------------------------------------------------- */

static void
close_channel(struct worker *w)
{
	if (w->readable != NULL)
		event_free(w->readable);
	w->readable = NULL;
	w->sockets = socket_giver_free(w->sockets);
	closep(&w->fd);
}

static void
protocol_broken(struct worker *w, const char *what)
{
	log_event(EV_WORKER_PROTOCOL, LOG_STR("WORKER_ROLE", role_name(w)), LOG_I64("WORKER_PID", w->pid),
	    LOG_I64("JOB_ID", w->job.job_id), LOG_STR("DETAIL", what));
	worker_decide_failure(w, OUTCOME_CRASH, 0, "worker_protocol", "the worker broke the protocol");
	close_channel(w);
	worker_kill(w);
}

static int
on_ready(struct worker *w, struct message *message)
{
	struct msg_worker_ready ready;

	if (msg_worker_ready_decode(message, &ready) < 0 || ready.protocol != PROTOCOL_VERSION || ready.role != w->kind->role)
		return -EBADMSG;
	if (!w->dispatch->confinement_told)
		run_log_confinement(&ready);
	w->dispatch->confinement_told = true;
	w->state = W_READY;
	w->kind->start(w);
	return 0;
}

static int
on_fail(struct worker *w, struct message *message)
{
	struct msg_worker_fail fail;
	char code[CODE_MAX], detail[DETAIL_MAX];

	if (msg_worker_fail_decode(message, &fail) < 0)
		return -EBADMSG;
	snprintf(code, sizeof code, "%.*s", STR_ARG(fail.code));
	snprintf(detail, sizeof detail, "%.*s", STR_ARG(fail.detail));
	if (!utf8_valid(str_of(code)) || !utf8_valid(str_of(detail)))
		return -EBADMSG;
	w->state = W_OVER;
	if (w->kind->role == ROLE_FETCH)
		count_fetch_failure(code);
	if (!w->has_key && strcmp(code, LAST_WORD_NO_KEY) == 0)
		worker_decide_failure(w, OUTCOME_NOT_ITS_FAULT, KEEPER_PAUSE_MS, code, detail);
	worker_decide_failure(w, fail.permanent ? OUTCOME_PERMANENT : OUTCOME_TRANSIENT, fail.retry_after_ms, code, detail);
	/* It reported in good order: the role is not broken. */
	role_works(w);
	return 0;
}

static const struct worker_handler common_handlers[] = {
    {MSG_WORKER_READY, on_ready},
    {MSG_WORKER_FAIL, on_fail},
};

static int
handle_with(struct worker *w, struct message *message, const struct worker_handler *handlers, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (handlers[i].type == message->type)
			return handlers[i].handle(w, message);
	return -ENOENT;
}

static int
handle(struct worker *w, struct message *message)
{
	int r = handle_with(w, message, common_handlers, ELEMENTSOF(common_handlers));

	if (r == -ENOENT)
		r = handle_with(w, message, w->kind->handlers, w->kind->handler_count);
	return r == -ENOENT ? -EBADMSG : r;
}

/* Reads until the channel is empty or closed. */
static void
read_channel(struct worker *w)
{
	static uint8_t buffer[MESSAGE_MAX_BYTES];

	while (w->fd >= 0) {
		_cleanup_(message_release) struct message message = {.fd = -1};
		int r = message_recv(w->fd, W2M, w->state, buffer, &message);

		if (r == -EAGAIN)
			return;
		if (r == 0) {
			close_channel(w);
			return;
		}
		if (r > 0)
			r = handle(w, &message);
		if (r < 0)
			protocol_broken(w, r == -EBADMSG && message.fd >= 0 ? "bad bulk data" : "bad message");
	}
}

static void
channel_readable(evutil_socket_t fd, short what, void *arg)
{
	struct worker *w = arg;

	(void)fd;
	(void)what;
	read_channel(w);
	worker_settle(w);
}

static int
open_channel(struct worker *w, int *ret_theirs)
{
	int pair[2], r = message_pair(pair);

	if (r < 0)
		return r;
	w->fd = pair[0];
	*ret_theirs = pair[1];
	r = fd_set_nonblock(w->fd);
	if (r < 0)
		return r;
	w->readable = event_new(w->dispatch->base, w->fd, EV_READ | EV_PERSIST, channel_readable, w);
	event_add(w->readable, NULL);
	return 0;
}

void
worker_spawn(struct worker *w)
{
	const struct dispatch_options *options = &w->dispatch->options;
	struct msg_spawn spawn = {
	    .worker_id = w->id,
	    .role = w->kind->role,
	    .alp_user_id = w->job.alp_user_id,
	    .owner = w->kind->role == ROLE_FETCH ? w->job.alp_user_id : 0,
	    .deadline_ms = w->kind->role == ROLE_FETCH ? options->fetch_deadline_ms : options->process_deadline_ms,
	};
	_cleanup_close_ int theirs = -1;
	int r = open_channel(w, &theirs);

	if (r == 0)
		r = supervisor_spawn(w->dispatch->supervisor, &spawn, theirs);
	if (r == 0) {
		w->rules = rules_source_ref(supervisor_rules(w->dispatch->supervisor));
		w->exited = false;
		return;
	}
	close_channel(w);
	dispatch_role_failed(w->dispatch, w);
	worker_decide_failure(w, OUTCOME_NOT_ITS_FAULT, 0, "no_worker", "no worker could be started");
}

/* --- its end ----------------------------------------------------------------------------------------------------------- */

static void
decide_by_death(struct worker *w, const struct msg_exited *exited)
{
	char status[64];

	run_log_denied(role_name(w), exited->pid, exited->term_signal);
	if (exited->term_signal != 0)
		snprintf(status, sizeof status, "signal %d", exited->term_signal);
	else
		snprintf(status, sizeof status, "status %d", exited->exit_code);
	log_event(exited->by_deadline ? EV_WORKER_DEADLINE : EV_WORKER_CRASHED, LOG_STR("WORKER_ROLE", role_name(w)),
	    LOG_I64("WORKER_PID", exited->pid), LOG_I64("JOB_ID", w->job.job_id), LOG_I64("ALP_USER_ID", w->job.alp_user_id),
	    LOG_STR("STATUS", status));
	if (!w->dispatch->roles[w->kind->role].proven)
		dispatch_role_failed(w->dispatch, w);
	if (exited->by_deadline)
		worker_decide_failure(w, OUTCOME_CRASH, 0, "worker_deadline", "the worker did not end in time");
	else
		worker_decide_failure(w, OUTCOME_CRASH, 0, "worker_crashed", "the worker ended without a result");
}

void
worker_gone(struct worker *w, const struct msg_exited *exited)
{
	/* Its last words may still be in the channel. */
	read_channel(w);
	close_channel(w);
	w->exited = true;
	count_worker(w->kind->role, exited, w->decided || w->delivered, clock_mono_ms() - w->started_ms);
	if (!w->decided && !w->delivered && exited == NULL)
		worker_decide_failure(w, OUTCOME_NOT_ITS_FAULT, 0, "spawner_lost", "the process that makes the workers ended");
	else if (!w->decided && !w->delivered)
		decide_by_death(w, exited);
	worker_settle(w);
}

static void
try_end_again(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	end_run(arg);
}

static void
end_later(struct worker *w)
{
	struct timeval tv = {.tv_sec = END_AGAIN_MS / 1000};

	if (w->end_again == NULL)
		w->end_again = event_new(w->dispatch->base, -1, 0, try_end_again, w);
	event_add(w->end_again, &tv);
}

struct ending {
	struct run_end verb;
	struct worker *worker;
};

static void
ending_done(int r, void *arg)
{
	struct ending *e = arg;
	struct worker *w = e->worker;

	if (r == 0)
		run_log_ended(&e->verb, clock_mono_ms() - w->started_ms);
	else if (r == -ESTALE)
		run_log_stale(&w->job);
	run_end_release(&e->verb);
	free(e);
	w->ending = false;
	if (r < 0 && r != -ESTALE && r != -EIO && !(r == -EBADMSG && w->success) && !w->dispatch->aborted) {
		/* The job stays running in the store until there is room (or a lock goes away) to say otherwise. */
		end_later(w);
		return;
	}
	if (r == -EBADMSG && w->success) {
		w->decided = false;
		worker_decide_failure(w, OUTCOME_CRASH, 0, "worker_protocol", "the worker said it was done before it was");
		end_run(w);
		return;
	}
	w->ended = true;
	worker_settle(w);
}

static void
end_run(struct worker *w)
{
	struct ending *e = xcalloc(1, sizeof *e);

	w->ending = true;
	e->worker = w;
	e->verb = (struct run_end){
	    .job_id = w->job.job_id,
	    .run = w->job.run,
	    .success = w->success,
	    .again = w->again,
	    .outcome = w->outcome,
	    .retry_after_ms = w->retry_after_ms,
	    .code = w->success ? NULL : w->code,
	    .detail = w->success ? NULL : w->detail,
	};
	app_run_end(w->dispatch->app, &e->verb, ending_done, e);
}

static void
worker_free(struct worker *w)
{
	close_channel(w);
	if (w->end_again != NULL)
		event_free(w->end_again);
	run_input_release(&w->input);
	run_needs_release(&w->needs);
	checking_free(w->checking);
	rules_source_unref(w->rules);
	job_row_release(&w->job);
	free(w);
}

void
worker_settle(struct worker *w)
{
	struct dispatch *d = w->dispatch;

	if (!w->decided || w->pending > 0 || w->ending)
		return;
	if (!w->ended) {
		if (w->dispatch->aborted && w->end_again != NULL)
			event_del(w->end_again);
		if (w->end_again == NULL || !event_pending(w->end_again, EV_TIMEOUT, NULL))
			end_run(w);
		return;
	}
	if (!w->exited) {
		/* The run is over, so the next job of this user may start; a worker that lingers has nothing to add. */
		dispatch_wake(d);
		return;
	}
	dispatch_forget(d, w);
	worker_free(w);
	dispatch_wake(d);
}
