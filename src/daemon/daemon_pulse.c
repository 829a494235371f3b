/* SPDX-License-Identifier: Apache-2.0 */
/* What the service manager hears while all goes on: that it does, and in a line what is under way. */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "daemon/daemon_internal.h"
#include "daemon/notify.h"
#include "daemon/pulse.h"

#define STATUS_EVERY_MS ((int64_t)5000)

static void
feed(struct daemon *d, int64_t interval_ms, int64_t now_ms)
{
	const struct pulse_signs signs = {
	    .spawner_heard_ms = supervisor_heard_ms(d->supervisor),
	    .keeper_heard_ms = keeper_peer_heard_ms(d->keeper),
	    .commit_began_ms = store_commit_began_ms(d->store),
	    .store_failed = d->health == STORE_FAILED,
	};
	const char *missing = pulse_missing(&signs, 2 * interval_ms, now_ms);

	if (missing == NULL)
		notify_watchdog();
	/* Told once each: in half a minute the manager ends us, and then somebody asks why. */
	if ((missing != NULL) == (d->held_since_ms > 0))
		return;
	if (missing != NULL)
		log_event(EV_WATCHDOG_HELD, LOG_STR("DETAIL", missing));
	else
		log_event(EV_WATCHDOG_FED, LOG_I64("DURATION_MS", now_ms - d->held_since_ms));
	d->held_since_ms = missing != NULL ? now_ms : 0;
}

static const char *
health_words(const struct daemon *d)
{
	if (d->held_since_ms > 0)
		return "; the watchdog is not fed, see the journal";
	return d->health == STORE_FULL ? "; the disk is full" : "";
}

static void
say(struct daemon *d)
{
	char text[sizeof d->status];

	snprintf(text, sizeof text, "serving on %s; %zu jobs run, %zu connections are open%s", d->address, dispatch_running(d->dispatch),
	    http_server_connections(d->http), health_words(d));
	if (strcmp(text, d->status) == 0)
		return;
	memcpy(d->status, text, sizeof text);
	notify_status("%s", text);
}

void
daemon_pulse(struct daemon *d, int64_t now_ms)
{
	int64_t interval_ms = notify_watchdog_interval_ms();

	if (interval_ms > 0 && now_ms >= d->next_watchdog_ms) {
		d->next_watchdog_ms = now_ms + interval_ms;
		feed(d, interval_ms, now_ms);
	}
	if (d->life == LIFE_SERVING && now_ms >= d->next_status_ms) {
		d->next_status_ms = now_ms + STATUS_EVERY_MS;
		say(d);
	}
}
