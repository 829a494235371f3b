/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/delivery.h"

#include <errno.h>
#include <event2/util.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/utf8.h"
#include "daemon/tell.h"
#include "daemon/upstream.h"
#include "proto/message.h"
#include "workers/last_word.h"

#define GRACE_MS    5000 /* of the worker, besides the attempt */
#define AGAIN_MS    1000
#define SOCKETS_MAX 2

static void settle(struct delivery *y);

static void
later(struct delivery *y, int64_t ms)
{
	struct timeval tv = {.tv_sec = ms / 1000, .tv_usec = (ms % 1000) * 1000};

	event_add(y->step, &tv);
}

static void
decide(struct delivery *y, int status, int64_t retry_after_ms, const char *code, const char *detail)
{
	if (y->decided)
		return;
	y->decided = true;
	y->end = (struct delivery_end){
	    .delivery_id = y->row.delivery_id, .retry_after_ms = retry_after_ms,
	    .attempt = {.at_ms = clock_real_ms(), .took_ms = clock_mono_ms() - y->started_ms, .status = status},
	};
	y->end.attempt.at_ms -= y->end.attempt.took_ms;
	snprintf(y->end.attempt.code, sizeof y->end.attempt.code, "%s", code);
	snprintf(y->end.attempt.detail, sizeof y->end.attempt.detail, "%s", detail);
}

/* --- the worker's channel ----------------------------------------------------------------------------------------------- */

static void
close_channel(struct delivery *y)
{
	if (y->readable != NULL)
		event_free(y->readable);
	y->readable = NULL;
	y->sockets = socket_giver_free(y->sockets);
	closep(&y->fd);
}

static void
end_worker(struct delivery *y)
{
	close_channel(y);
	if (!y->exited)
		supervisor_kill_worker(y->deliverer->supervisor, y->worker_id);
}

/* A secret that the keeper cannot open comes back by a rotation only; that it could not be asked for is not the receiver's fault. */
static void
take_given(struct delivery *y, int result)
{
	y->secret = SECRET_ANSWERED;
	if (result == -ENOKEY || result == -EBADMSG || result == -EPERM)
		decide(y, 0, 0, "secret_lost", "its secret cannot be opened with the keys there are now; rotate it");
	else if (result < 0)
		y->gave_up = true;
	if (result < 0 && result != -EPIPE)
		end_worker(y);
}

static void
have_secret_given(struct delivery *y)
{
	const struct webhook_row *w = &y->webhook;
	const struct box *before = w->old_until_ms > clock_real_ms() ? &w->old_secret : NULL;
	int r = -ENOKEY;

	if (w->secret.len > 0)
		r = keeper_peer_give(y->deliverer->keeper, y->worker_id, BOX_WEBHOOK_SECRET, w->webhook_id, &w->secret, before);
	y->secret = SECRET_ASKED;
	if (r == -ENOKEY)
		take_given(y, r);
	else if (r < 0)
		take_given(y, -EAGAIN);
}

/* What is to be said goes from here; what it is signed with, from the keeper. */
static void
send_job(struct delivery *y)
{
	const struct webhook_policy *policy = app_webhook_policy(y->deliverer->app);
	const struct msg_deliver_job job = {
	    .url = str_of(y->webhook.url), .any_address = policy->allow_private, .message_id = str_of(y->row.message_id), .timestamp_s = clock_real_ms() / 1000,
	    .body = str_of(y->row.body), .timeout_ms = y->deliverer->options.timeout_ms,
	};

	y->state = W_DELIVERING;
	if (msg_deliver_job_send(y->fd, &job, -1) < 0) {
		end_worker(y);
		return;
	}
	socket_giver_open(y->sockets, y->fd);
	have_secret_given(y);
}

static int
on_ready(struct delivery *y, const struct message *m)
{
	struct msg_worker_ready ready;

	if (msg_worker_ready_decode(m, &ready) < 0 || ready.protocol != PROTOCOL_VERSION || ready.role != ROLE_DELIVER)
		return -EBADMSG;
	y->state = W_READY;
	send_job(y);
	return 0;
}

static int
on_delivered(struct delivery *y, const struct message *m)
{
	struct msg_delivered done;
	char detail[64] = "";
	bool arrived;

	if (msg_delivered_decode(m, &done) < 0 || done.status < 100 || done.status > 999)
		return -EBADMSG;
	arrived = done.status >= 200 && done.status <= 299;
	if (!arrived)
		snprintf(detail, sizeof detail, "it answered with status %u", (unsigned)done.status);
	y->state = W_OVER;
	decide(y, (int)done.status, done.retry_after_ms, arrived ? "" : "status", detail);
	return 0;
}

static int
on_fail(struct delivery *y, const struct message *m)
{
	struct msg_worker_fail fail;
	char code[WEBHOOK_CODE_MAX], detail[200];

	if (msg_worker_fail_decode(m, &fail) < 0)
		return -EBADMSG;
	snprintf(code, sizeof code, "%.*s", STR_ARG(fail.code));
	snprintf(detail, sizeof detail, "%.*s", STR_ARG(fail.detail));
	if (!utf8_valid(str_of(code)) || !utf8_valid(str_of(detail)))
		return -EBADMSG;
	y->state = W_OVER;
	if (strcmp(code, LAST_WORD_NO_KEY) == 0)
		y->gave_up = true;
	else
		decide(y, 0, 0, code, detail);
	return 0;
}

static int
handle(struct delivery *y, const struct message *m)
{
	switch (m->type) {
	case MSG_WORKER_READY:
		return on_ready(y, m);
	case MSG_WANT_SOCKET:
		return socket_giver_want(y->sockets, m);
	case MSG_DELIVERED:
		return on_delivered(y, m);
	case MSG_WORKER_FAIL:
		return on_fail(y, m);
	default:
		return -EBADMSG;
	}
}

/* Reads until the channel is empty or closed. */
static void
read_channel(struct delivery *y)
{
	static uint8_t buffer[MESSAGE_MAX_BYTES];

	while (y->fd >= 0) {
		_cleanup_(message_release) struct message m = {.fd = -1};
		int r = message_recv(y->fd, W2M, y->state, buffer, &m);

		if (r == -EAGAIN)
			return;
		if (r > 0)
			r = handle(y, &m);
		else if (r == 0)
			close_channel(y);
		if (r < 0) {
			decide(y, 0, 0, "worker_protocol", "the worker broke the protocol");
			end_worker(y);
		}
	}
}

static void
channel_readable(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	read_channel(arg);
	settle(arg);
}

static int
open_channel(struct delivery *y, int *ret_theirs)
{
	int pair[2], r = message_pair(pair);

	if (r < 0)
		return r;
	y->fd = pair[0];
	*ret_theirs = pair[1];
	r = fd_set_nonblock(y->fd);
	if (r < 0)
		return r;
	y->readable = event_new(y->deliverer->base, y->fd, EV_READ | EV_PERSIST, channel_readable, y);
	event_add(y->readable, NULL);
	return 0;
}

/* Where a connection may go is said in one place: whatever name, number or spelling led here, what connect() gets is judged. */
static int
connect_ahead(struct delivery *y)
{
	const struct connector_target target = {
	    .addresses = y->addresses,
	    .port = y->url.port,
	    .public_only = !app_webhook_policy(y->deliverer->app)->allow_private,
	    .timeout_ms = y->deliverer->options.timeout_ms,
	};

	return socket_giver_new(y->deliverer->base, &target, SOCKETS_MAX, &y->sockets);
}

static int
ask_for_worker(struct delivery *y)
{
	_cleanup_close_ int theirs = -1;
	struct msg_spawn spawn = {.role = ROLE_DELIVER, .owner = y->webhook.webhook_id, .deadline_ms = y->deliverer->options.timeout_ms + GRACE_MS};
	int r = open_channel(y, &theirs);

	if (r == 0)
		r = connect_ahead(y);
	y->state = W_STARTING;
	y->worker_id = spawn.worker_id = DELIVERER_WORKERS | ++y->deliverer->last_worker_id;
	if (r == 0)
		r = supervisor_spawn(y->deliverer->supervisor, &spawn, theirs);
	if (r == 0)
		y->exited = false;
	return r;
}

/* --- where the host is -------------------------------------------------------------------------------------------------- */

static void
looked_up(int error, struct evutil_addrinfo *list, void *arg)
{
	struct delivery *y = arg;

	y->looking_up = NULL;
	if (error == EVUTIL_EAI_CANCEL)
		return;
	if (error == 0) {
		y->addresses = upstream_addresses_text(list);
		evutil_freeaddrinfo(list);
	}
	if (y->addresses == NULL)
		decide(y, 0, 0, "unresolved", "the name of its host could not be looked up");
	/* It may be told before the question has returned. */
	later(y, 0);
}

static void
look_up(struct delivery *y)
{
	struct evutil_addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_protocol = IPPROTO_TCP};
	struct evdns_getaddrinfo_request *request;

	if (webhook_url_parse(y->webhook.url, app_webhook_policy(y->deliverer->app), &y->url) != NULL) {
		decide(y, 0, 0, "url_refused", "the configuration does not allow its address any more");
		later(y, 0);
		return;
	}
	request = evdns_getaddrinfo(y->deliverer->dns, y->url.host, NULL, &hints, looked_up, y);
	if (!y->decided && y->addresses == NULL)
		y->looking_up = request;
}

/* --- from step to step -------------------------------------------------------------------------------------------------- */

static void
give_back(struct delivery *y, bool attempted)
{
	bool arrived = attempted && y->end.end == WEBHOOK_DELIVERED;

	deliverer_take_back(y->deliverer, y, attempted, arrived);
	delivery_free(y);
}

static void
tell_log(const struct delivery *y)
{
	const struct delivery_end *e = &y->end;

	if (e->end == WEBHOOK_GONE)
		log_event(EV_WEBHOOK_DISABLED, LOG_I64("WEBHOOK_ID", y->webhook.webhook_id));
	else if (e->end == WEBHOOK_FAILED)
		log_event(EV_WEBHOOK_FAILED, LOG_I64("WEBHOOK_ID", y->webhook.webhook_id), LOG_I64("DELIVERY_ID", y->row.delivery_id),
		    LOG_STR("CODE", e->attempt.code), LOG_STR("DETAIL", e->attempt.detail));
	else if (e->end == WEBHOOK_AGAIN)
		log_event(EV_WEBHOOK_RETRY, LOG_I64("WEBHOOK_ID", y->webhook.webhook_id), LOG_I64("DELIVERY_ID", y->row.delivery_id),
		    LOG_I64("DURATION_MS", e->delivery.next_ms - e->attempt.at_ms), LOG_STR("CODE", e->attempt.code),
		    LOG_STR("DETAIL", e->attempt.detail));
	else
		log_event(EV_WEBHOOK_DELIVERED, LOG_I64("WEBHOOK_ID", y->webhook.webhook_id), LOG_I64("DELIVERY_ID", y->row.delivery_id),
		    LOG_I64("DURATION_MS", e->attempt.took_ms));
}

static void
stored(int r, void *arg)
{
	struct delivery *y = arg;

	y->storing = false;
	/* What cannot be written down now must not be sent again meanwhile. */
	if (r < 0 && r != -ENOENT && r != -EIO && !y->deliverer->draining) {
		delivery_end_release(&y->end);
		later(y, AGAIN_MS);
		return;
	}
	if (r == 0) {
		tell_log(y);
		count_delivery(&y->end);
	}
	y->stored = true;
	settle(y);
}

static void
store_it(struct delivery *y)
{
	y->storing = true;
	app_delivery_end(y->deliverer->app, &y->end, stored, y);
}

/* Does what can be done next. May free it. */
static void
settle(struct delivery *y)
{
	if (!y->decided || y->storing)
		return;
	if (!y->stored)
		store_it(y);
	else if (y->exited)
		give_back(y, true);
	else
		end_worker(y);
}

static void
go_on(evutil_socket_t fd, short what, void *arg)
{
	struct delivery *y = arg;

	(void)fd;
	(void)what;
	if (y->decided)
		settle(y);
	else if (y->worker_id == 0 && ask_for_worker(y) < 0)
		give_back(y, false);
}

void
delivery_worker_gone(struct delivery *y, enum delivery_death death)
{
	/* Its last words may still be in the channel. */
	read_channel(y);
	close_channel(y);
	y->exited = true;
	count_delivery_worker(y->gave_up ? DEATH_NOT_ITS_OWN : death, y->decided, clock_mono_ms() - y->started_ms);
	/* Why there was no secret is about to be told: by the keeper, or by its end. */
	if (!y->decided && y->gave_up && y->secret == SECRET_ASKED)
		return;
	if (!y->decided && (death == DEATH_NOT_ITS_OWN || y->gave_up)) {
		give_back(y, false);
		return;
	}
	if (death == DEATH_BY_DEADLINE)
		decide(y, 0, 0, "timeout", "it did not answer in time");
	else
		decide(y, 0, 0, "worker_crashed", "the worker ended without a word");
	settle(y);
}

void
delivery_given(struct delivery *y, int result)
{
	if (y->secret != SECRET_ASKED)
		return;
	take_given(y, result);
	if (!y->decided && y->gave_up && y->exited)
		give_back(y, false);
	else
		settle(y);
}

static void
copy_webhook(struct delivery *y, const struct webhook_row *webhook)
{
	y->webhook = *webhook;
	y->webhook.url = xstrdup(webhook->url);
	y->webhook.description = NULL;
}

void
delivery_begin(struct deliverer *d, struct delivery_row *row, const struct webhook_row *webhook)
{
	struct delivery *y = xcalloc(1, sizeof *y);

	y->deliverer = d;
	y->row = *row;
	*row = (struct delivery_row){0};
	copy_webhook(y, webhook);
	y->fd = -1;
	y->exited = true; /* until there is a worker */
	y->started_ms = clock_mono_ms();
	y->step = event_new(d->base, -1, 0, go_on, y);
	TAILQ_INSERT_TAIL(&d->deliveries, y, link);
	look_up(y);
}

void
delivery_free(struct delivery *y)
{
	close_channel(y);
	if (y->looking_up != NULL)
		evdns_getaddrinfo_cancel(y->looking_up);
	event_free(y->step);
	delivery_end_release(&y->end);
	delivery_row_release(&y->row);
	webhook_row_release(&y->webhook);
	free(y->addresses);
	free(y);
}
