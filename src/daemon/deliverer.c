/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/deliverer.h"

#include <errno.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "daemon/delivery.h"
#include "daemon/run_log.h"

#define SLEEP_MIN_MS 20
#define SLEEP_MAX_MS 60000
#define LATER_MS     1000
#define AT_ONCE      4 /* to one webhook */

static void ask(struct deliverer *d);

void
deliverer_sleep(struct deliverer *d, int64_t ms)
{
	struct timeval tv;

	ms = MIN_OF(MAX_OF(ms, SLEEP_MIN_MS), SLEEP_MAX_MS);
	tv = (struct timeval){.tv_sec = ms / 1000, .tv_usec = (ms % 1000) * 1000};
	event_add(d->timer, &tv);
}

/* --- who gets how many -------------------------------------------------------------------------------------------------- */

static struct receiver *
receiver_of(struct deliverer *d, int64_t webhook_id)
{
	struct receiver *free_one = NULL;

	for (size_t i = 0; i < ELEMENTSOF(d->receivers); i++) {
		if (d->receivers[i].webhook_id == webhook_id)
			return &d->receivers[i];
		/* One that never had a webhook rather than one that remembers how it went. */
		if (d->receivers[i].under_way == 0 && (free_one == NULL || (free_one->webhook_id != 0 && d->receivers[i].webhook_id == 0)))
			free_one = &d->receivers[i];
	}
	/* There is one more than there are messages under way. */
	*free_one = (struct receiver){.webhook_id = webhook_id};
	return free_one;
}

static size_t
failing_under_way(const struct deliverer *d)
{
	size_t n = 0;

	for (size_t i = 0; i < ELEMENTSOF(d->receivers); i++)
		n += d->receivers[i].failing ? d->receivers[i].under_way : 0;
	return n;
}

static bool
has_place(const struct deliverer *d, const struct receiver *to)
{
	if (d->under_way >= d->options.places)
		return false;
	if (to->failing)
		return to->under_way == 0 && failing_under_way(d) < MAX_OF(d->options.places / 2, (size_t)1);
	return to->under_way < AT_ONCE;
}

static bool
is_under_way(const struct deliverer *d, int64_t delivery_id)
{
	const struct delivery *y;

	TAILQ_FOREACH(y, &d->deliveries, link)
		if (y->row.delivery_id == delivery_id)
			return true;
	return false;
}

/* What is due may have been read before this end was written: whatever that answer says of the message is no longer true. */
static void
note_end(struct deliverer *d, int64_t delivery_id)
{
	if (!d->asking)
		return;
	if (d->ended_count < ELEMENTSOF(d->ended))
		d->ended[d->ended_count] = delivery_id;
	d->ended_count++;
}

static bool
ended_meanwhile(const struct deliverer *d, int64_t delivery_id)
{
	if (d->ended_count > ELEMENTSOF(d->ended))
		return true;
	for (size_t i = 0; i < d->ended_count; i++)
		if (d->ended[i] == delivery_id)
			return true;
	return false;
}

void
deliverer_take_back(struct deliverer *d, struct delivery *y, bool attempted, bool arrived)
{
	struct receiver *to = receiver_of(d, y->webhook.webhook_id);

	if (attempted)
		note_end(d, y->row.delivery_id);
	TAILQ_REMOVE(&d->deliveries, y, link);
	d->under_way--;
	if (to->under_way > 0)
		to->under_way--;
	if (attempted)
		to->failing = !arrived;
	if (!attempted)
		deliverer_sleep(d, LATER_MS);
	else
		ask(d);
}

/* --- what is due -------------------------------------------------------------------------------------------------------- */

struct asking {
	struct delivery_due verb;
	struct deliverer *deliverer;
};

static struct webhook_row *
webhook_of(struct webhook_list *list, int64_t webhook_id)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->rows[i].webhook_id == webhook_id)
			return &list->rows[i];
	return NULL;
}

/* True: it had no place, so whoever ends asks again. */
static bool
begin(struct deliverer *d, struct delivery_row *row, const struct webhook_row *webhook)
{
	struct receiver *to = receiver_of(d, row->webhook_id);

	if (is_under_way(d, row->delivery_id) || ended_meanwhile(d, row->delivery_id))
		return false;
	if (!has_place(d, to))
		return true;
	to->under_way++;
	d->under_way++;
	delivery_begin(d, row, webhook);
	return false;
}

static void
answered(int r, void *arg)
{
	struct asking *a = arg;
	struct deliverer *d = a->deliverer;
	int64_t now_ms = clock_real_ms();
	bool crowded = false;

	d->asking = false;
	for (size_t i = 0; r >= 0 && !d->draining && i < a->verb.list.count; i++)
		crowded = begin(d, &a->verb.list.rows[i], webhook_of(&a->verb.webhooks, a->verb.list.rows[i].webhook_id)) || crowded;
	if (r < 0)
		deliverer_sleep(d, LATER_MS);
	else if (d->ask_again)
		ask(d);
	else if (a->verb.next_ms != INT64_MAX)
		deliverer_sleep(d, MAX_OF(a->verb.next_ms - now_ms, 0));
	else if (!crowded && d->under_way == 0)
		event_del(d->timer);
	delivery_due_release(&a->verb);
	free(a);
}

static void
ask(struct deliverer *d)
{
	struct asking *a;

	if (d->app == NULL || d->draining || !supervisor_is_ready(d->supervisor) || !keeper_peer_is_ready(d->keeper))
		return;
	d->ask_again = d->asking;
	if (d->asking)
		return;
	d->asking = true;
	d->ended_count = 0;
	a = xcalloc(1, sizeof *a);
	a->deliverer = d;
	/* Those under way are among them. */
	a->verb.each = 2 * AT_ONCE;
	app_delivery_due(d->app, &a->verb, answered, a);
}

static void
slept(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	ask(arg);
}

void
deliverer_look(struct deliverer *d, uint64_t notices)
{
	if (d->notices == notices)
		return;
	d->notices = notices;
	ask(d);
}

/* --- the supervisor's word ---------------------------------------------------------------------------------------------- */

static struct delivery *
delivery_of(struct deliverer *d, uint64_t worker_id)
{
	struct delivery *y;

	TAILQ_FOREACH(y, &d->deliveries, link)
		if (y->worker_id == worker_id)
			return y;
	return NULL;
}

static bool
is_ours(uint64_t worker_id)
{
	return (worker_id & DELIVERER_WORKERS) != 0;
}

static void
on_ready(void *arg)
{
	struct deliverer *d = arg;

	d->others.ready(d->others.arg);
	ask(d);
}

static void
on_gone(struct deliverer *d, uint64_t worker_id, enum delivery_death death)
{
	struct delivery *y = delivery_of(d, worker_id);

	if (y != NULL)
		delivery_worker_gone(y, death);
}

static void
on_lost(void *arg, uint64_t worker_id)
{
	struct deliverer *d = arg;

	if (is_ours(worker_id))
		on_gone(d, worker_id, DEATH_NOT_ITS_OWN);
	else
		d->others.lost(d->others.arg, worker_id);
}

static void
on_refused(void *arg, uint64_t worker_id, int error)
{
	struct deliverer *d = arg;

	if (is_ours(worker_id))
		on_gone(d, worker_id, DEATH_NOT_ITS_OWN);
	else
		d->others.refused(d->others.arg, worker_id, error);
}

static void
on_spawned(void *arg, uint64_t worker_id, int32_t pid)
{
	struct deliverer *d = arg;

	if (!is_ours(worker_id))
		d->others.spawned(d->others.arg, worker_id, pid);
}

static void
on_exited(void *arg, const struct msg_exited *exited)
{
	struct deliverer *d = arg;

	if (is_ours(exited->worker_id))
		run_log_denied(worker_role_name(ROLE_DELIVER), exited->pid, exited->term_signal);
	if (is_ours(exited->worker_id))
		on_gone(d, exited->worker_id, exited->by_deadline ? DEATH_BY_DEADLINE : DEATH_BY_ITSELF);
	else
		d->others.exited(d->others.arg, exited);
}

struct supervisor_hooks
deliverer_hooks(struct deliverer *d, const struct supervisor_hooks *others)
{
	d->others = *others;
	return (struct supervisor_hooks){
	    .ready = on_ready, .lost = on_lost, .refused = on_refused, .spawned = on_spawned, .exited = on_exited, .arg = d};
}

/* --- the keeper's word -------------------------------------------------------------------------------------------------- */

void
deliverer_keeper_ready(struct deliverer *d)
{
	ask(d);
}

bool
deliverer_given(struct deliverer *d, uint64_t worker_id, int result)
{
	struct delivery *y;

	if (!is_ours(worker_id))
		return false;
	y = delivery_of(d, worker_id);
	if (y != NULL)
		delivery_given(y, result);
	return true;
}

void
deliverer_keeper_lost(struct deliverer *d)
{
	struct delivery *y = TAILQ_FIRST(&d->deliveries);

	while (y != NULL) {
		struct delivery *next = TAILQ_NEXT(y, link);

		if (y->secret == SECRET_ASKED)
			delivery_given(y, -EAGAIN);
		y = next;
	}
}

/* --- its life ----------------------------------------------------------------------------------------------------------- */

struct deliverer *
deliverer_new(struct event_base *base, const struct deliverer_options *options)
{
	struct deliverer *d = xcalloc(1, sizeof *d);

	d->base = base;
	d->options = *options;
	TAILQ_INIT(&d->deliveries);
	d->timer = event_new(base, -1, 0, slept, d);
	d->dns = evdns_base_new(base, EVDNS_BASE_INITIALIZE_NAMESERVERS | EVDNS_BASE_DISABLE_WHEN_INACTIVE);
	/* Without a resolv.conf there are still numbers and the hosts file. */
	if (d->dns == NULL)
		d->dns = evdns_base_new(base, EVDNS_BASE_DISABLE_WHEN_INACTIVE);
	return d;
}

void
deliverer_connect(struct deliverer *d, struct app *app, struct supervisor *supervisor, struct keeper_peer *keeper)
{
	d->keeper = keeper;
	d->app = app;
	d->supervisor = supervisor;
	ask(d);
}

void
deliverer_reconfigure(struct deliverer *d, const struct deliverer_options *options)
{
	d->options = *options;
	ask(d);
}

void
deliverer_drain(struct deliverer *d)
{
	d->draining = true;
}

struct deliverer *
deliverer_free(struct deliverer *d)
{
	struct delivery *y;

	if (d == NULL)
		return NULL;
	while ((y = TAILQ_FIRST(&d->deliveries)) != NULL) {
		TAILQ_REMOVE(&d->deliveries, y, link);
		delivery_free(y);
	}
	event_free(d->timer);
	if (d->dns != NULL)
		evdns_base_free(d->dns, 0);
	free(d);
	return NULL;
}
