/* SPDX-License-Identifier: Apache-2.0 */
/* run_fetch.c - a fetch job in its worker: the keeper gives it the key, days come up and are stored one by one. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "daemon/run_kinds.h"
#include "daemon/run_log.h"
#include "daemon/tell.h"

/* A kept connection may end after every answer, and libcurl tries a request again that it was lost under. */
#define SOCKETS_A_DAY 2
#define SOCKETS_MORE  4

/* The upstream is that of the start's configuration; nothing in a job says where to. */
static int
connect_ahead(struct worker *w)
{
	const struct dispatch *d = w->dispatch;
	const struct connector_target target = {
	    .addresses = upstream_addresses(d->upstream),
	    .port = upstream_port(d->upstream),
	    .timeout_ms = d->options.connect_timeout_ms,
	};
	unsigned days = (unsigned)(w->job.next_day - w->job.from_day + 1);

	return socket_giver_new(d->base, &target, SOCKETS_MORE + SOCKETS_A_DAY * days, &w->sockets);
}

static void
begin(struct worker *w)
{
	if (connect_ahead(w) < 0)
		worker_decide_failure(w, OUTCOME_TRANSIENT, 0, "upstream_unresolved", "the address of RescueTime could not be looked up");
	else
		worker_spawn(w);
}

static void
needs_loaded(int r, void *arg)
{
	struct worker *w = arg;

	w->pending--;
	if (r < 0)
		worker_store_failed(w, r);
	else if (w->needs.key.len == 0)
		worker_given(w, -ENOKEY);
	else if (!w->decided)
		begin(w);
	worker_settle(w);
}

static void
load_needs(struct worker *w)
{
	w->needs.job_id = w->job.job_id;
	w->needs.alp_user_id = w->job.alp_user_id;
	w->pending++;
	app_run_needs(w->dispatch->app, &w->needs, needs_loaded, w);
}

static void
prepare(struct worker *w)
{
	/* Its last worker died between the last day and its last word. */
	if (w->job.next_day < w->job.from_day)
		worker_decide_success(w, false);
	else if (upstream_addresses(w->dispatch->upstream)[0] == '\0')
		worker_decide_failure(w, OUTCOME_TRANSIENT, 0, "upstream_unresolved", "the address of RescueTime could not be looked up");
	else
		load_needs(w);
}

/* The one way of a key: sealed, from here to the keeper, and from there into this worker's socket. */
static void
start(struct worker *w)
{
	const struct msg_fetch_job job = {
	    .job_id = w->job.job_id,
	    .run = (uint32_t)w->job.run,
	    .newest_day = w->job.next_day,
	    .oldest_day = w->job.from_day,
	    .gap_ms = w->dispatch->options.gap_ms,
	    .privacy = str_of(w->needs.privacy),
	};
	int r;

	w->state = W_FETCHING;
	if (msg_fetch_job_send(w->fd, &job, -1) < 0) {
		worker_kill(w);
		return;
	}
	socket_giver_open(w->sockets, w->fd);
	r = keeper_peer_give(w->dispatch->keeper, w->id, BOX_RESCUETIME_KEY, w->job.alp_user_id, &w->needs.key, NULL);
	if (r < 0)
		worker_given(w, -EAGAIN);
}

struct storing {
	struct run_fetched verb;
	struct worker *worker;
};

static void
begin_anew(struct worker *w, const char *why)
{
	worker_decide_failure(w, OUTCOME_NOT_ITS_FAULT, 0, "privacy_changed", why);
	worker_kill(w);
}

static void
stored(int r, void *arg)
{
	struct storing *s = arg;
	struct worker *w = s->worker;

	if (r < 0)
		worker_store_failed(w, r);
	else if (s->verb.unsifted)
		begin_anew(w, "what the user wants kept out has changed");
	else if (s->verb.pruned)
		run_log_pruned(&w->job, 1);
	else
		run_log_day(&w->job, &s->verb);
	run_fetched_release(&s->verb);
	free(s);
	w->pending--;
	if (w->pending == 0 && w->delivered)
		worker_decide_success(w, false);
	worker_settle(w);
}

/* As if every row that a day may have had been kept out. */
#define EXCLUDED_SECONDS_MAX ((uint64_t)ROWSET_ROWS_MAX * ROWSET_SECONDS_MAX)

/* A worker that was made before a reload keeps its rules, but not what those let through and the present ones do not. */
static bool
is_sifted(const struct worker *w)
{
	return strcmp(w->rules->privacy, supervisor_rules(w->dispatch->supervisor)->privacy) == 0;
}

static int
on_day(struct worker *w, struct message *message)
{
	struct msg_fetch_day day;
	struct rowset *grain = NULL;
	struct storing *s;

	if (!is_sifted(w)) {
		begin_anew(w, "what the rules keep out has changed");
		return 0;
	}

	if (msg_fetch_day_decode(message, &day) < 0 || day.day < w->job.from_day || day.day != w->job.next_day ||
	    day.excluded_seconds > EXCLUDED_SECONDS_MAX || rowset_receive(message->fd, &grain) < 0)
		return -EBADMSG;
	count_fetched_day(day.upstream_ms);
	s = xcalloc(1, sizeof *s);
	s->worker = w;
	s->verb = (struct run_fetched){
	    .job_id = w->job.job_id, .run = w->job.run, .day = day.day, .grain = grain, .bytes_replaced = day.bytes_replaced,
	    .excluded_seconds = (int64_t)day.excluded_seconds, .privacy = w->needs.privacy,
	};
	w->job.next_day--;
	w->pending++;
	app_run_fetched(w->dispatch->app, &s->verb, stored, s);
	return 0;
}

static int
on_done(struct worker *w, struct message *message)
{
	struct msg_fetch_done done;

	if (msg_fetch_done_decode(message, &done) < 0)
		return -EBADMSG;
	w->state = W_OVER;
	w->delivered = true;
	if (w->pending == 0)
		worker_decide_success(w, false);
	return 0;
}

static int
on_want_socket(struct worker *w, struct message *message)
{
	return socket_giver_want(w->sockets, message);
}

static const struct worker_handler handlers[] = {
    {MSG_WANT_SOCKET, on_want_socket},
    {MSG_FETCH_DAY, on_day},
    {MSG_FETCH_DONE, on_done},
};

const struct run_kind run_fetch = {
    .job_kind = KIND_FETCH,
    .role = ROLE_FETCH,
    .prepare = prepare,
    .start = start,
    .handlers = handlers,
    .handler_count = ELEMENTSOF(handlers),
};
