/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "app/upkeep.h"
#include "base/buf.h"
#include "base/metrics.h"
#include "daemon/daemon_internal.h"
#include "daemon/tell.h"
#include "http/readiness.h"

#define HOUR_MS ((int64_t)3600 * 1000)

static struct webhook_policy
webhook_policy_of(const struct config *c)
{
	struct webhook_policy policy = {.allow_private = c->webhooks.allow_private != 0};
	int64_t port;

	for (size_t i = 0; i < c->webhooks.ports.count && policy.port_count < ELEMENTSOF(policy.ports); i++)
		if (str_to_i64(str_of(c->webhooks.ports.items[i]), 1, UINT16_MAX, &port) == 0)
			policy.ports[policy.port_count++] = (uint16_t)port;
	return policy;
}

static struct posting_options
posting_options(const struct config *c)
{
	struct posting_options o = {
	    .configured = c->alp.url[0] != '\0',
	    .wait_ms = c->posting.wait_ms,
	    .can = {.honours_key = c->alp.honours_key, .keeps_reference = c->alp.keeps_reference, .lists_entries = c->alp.lists_entries,
		.lists_fresh = c->alp.lists_fresh},
	    .refuse_vague = c->posting.refuse_vague,
	    .reference_in_notes = c->posting.reference_in_notes,
	    .look_ms = {c->posting.look_1_ms, c->posting.look_2_ms, c->posting.look_3_ms, c->posting.look_4_ms, c->posting.look_5_ms},
	    .looks = 5,
	    .unlisted_ms = c->posting.unlisted_ms,
	    .retry_ms = c->posting.retry_ms,
	    .retry_max_ms = MAX_OF(c->posting.retry_max_ms, c->posting.retry_ms),
	    .sends_max = c->posting.sends_max,
	};

	strncpy(o.vague, c->posting.vague, sizeof o.vague - 1);
	strncpy(o.reference_field, c->alp.reference_field, sizeof o.reference_field - 1);
	return o;
}

#define DAY_MS ((int64_t)24 * 3600 * 1000)

static struct sync_options
sync_options(const struct config *c)
{
	return (struct sync_options){
	    .fresh_ms = c->sync.fresh_ms,
	    .keep_ms = c->sync.keep_days * DAY_MS,
	    .missing_ms = c->sync.missing_ms,
	    .proof_days = c->sync.proof_days,
	    .proof_hour = c->sync.proof_hour,
	};
}

struct app_options
daemon_app_options(const struct daemon *d)
{
	const struct config *c = d->config;
	struct app_options o = {
	    .store = d->store,
	    .hooks = dispatch_app_hooks(d->dispatch),
	    .max_live_jobs = c->queue.max_jobs,
	    .units = d->rules->units,
	    .pace = {.burst = (int32_t)c->rescuetime.burst},
	    .posting = posting_options(c),
	    .sync = sync_options(c),
	    .single_user_id = c->single_user.id,
	};

	if (c->rescuetime.requests_per_minute > 0)
		o.pace.interval_ms = 60000 / c->rescuetime.requests_per_minute;
	o.webhooks = webhook_policy_of(c);
	o.webhook_rotation_ms = c->webhooks.rotation_hours * HOUR_MS;
	o.backup.directory = c->backup.directory;
	o.backup.keep = c->backup.keep;
	o.backup.bytes_per_second = c->backup.rate_mb * MIB;
	o.retention.jobs_ms = c->queue.keep_finished_days * DAY_MS;
	o.retention.answers_ms = c->http.keep_idempotency_hours * HOUR_MS;
	o.retention.messages_ms = c->webhooks.keep_days * DAY_MS;
	o.retention.raw_days = c->store.keep_raw_days;
	o.doubtful_until = store_doubtful_until(d->store);
	o.posting_held = store_posting_is_held(d->store);
	strncpy(o.default_zone, c->users.default_time_zone, sizeof o.default_zone - 1);
	return o;
}

struct dispatch_options
daemon_dispatch_options(const struct config *c)
{
	return (struct dispatch_options){
	    .workers_max = (size_t)c->workers.max,
	    .fetch_deadline_ms = (uint32_t)c->workers.fetch_deadline_ms,
	    .process_deadline_ms = (uint32_t)c->workers.process_deadline_ms,
	    .connect_timeout_ms = (uint32_t)c->rescuetime.connect_timeout_ms,
	    .gap_ms = (uint32_t)c->rescuetime.gap_ms,
	};
}

struct deliverer_options
daemon_deliverer_options(const struct config *c)
{
	return (struct deliverer_options){.places = (size_t)c->webhooks.max_deliveries, .timeout_ms = (uint32_t)c->webhooks.timeout_ms};
}

static int
connect_keeper(void *arg, int *ret_fd)
{
	return keeper_peer_connect(arg, ret_fd);
}

struct supervisor_options
daemon_supervisor_options(const struct daemon *d)
{
	const struct config *c = d->config;

	return (struct supervisor_options){
	    .upstream_url = c->rescuetime.url,
	    .ca_file = c->rescuetime.ca_file,
	    .user_agent = PACKAGE_NAME "/" PACKAGE_VERSION,
	    .body_max_bytes = (uint64_t)c->rescuetime.body_max_bytes,
	    .connect_timeout_ms = (uint32_t)c->rescuetime.connect_timeout_ms,
	    .answer_timeout_ms = (uint32_t)c->rescuetime.answer_timeout_ms,
	    .memory_max_bytes = (uint64_t)(c->workers.memory_max_mb * MIB),
	    .delivers = webhook_policy_of(c).port_count > 0,
	    .deliver_ca_file = c->webhooks.ca_file,
	    .connect_keeper = connect_keeper,
	    .connect_keeper_arg = d->keeper,
	};
}

static void
lacks_now(const struct daemon *d, struct readiness *r)
{
	if (d->life == LIFE_DRAINING || d->life == LIFE_OVER)
		readiness_lacks(r, true, "service", "the daemon is stopping");
	if (d->health == STORE_FAILED)
		readiness_lacks(r, true, "store", "the store failed");
	else if (d->health == STORE_FULL || !store_has_room(d->store))
		readiness_lacks(r, true, "disk", "the disk has less room than store.min_free_mb");
	if (!supervisor_is_ready(d->supervisor))
		readiness_lacks(r, true, "spawner", "workers cannot be started");
	if (!keeper_peer_is_ready(d->keeper))
		readiness_lacks(r, true, "keeper", "the keeper of the keys is not there");
	if (!d->recovered)
		readiness_lacks(r, true, "recovery", "the jobs of the last run are being sorted out");
}

/* Without an ALP nothing of it is missing. */
static void
does_without(const struct daemon *d, struct readiness *r)
{
	if (d->app != NULL && app_posting_is_held(d->app))
		readiness_lacks(r, false, "posting_held", "the store was put back from a backup: nothing is posted until somebody lets it go on");
	if (metric_get(rtalp_alp_reachable, 0, 0) == 0)
		readiness_lacks(r, false, "alp", "ALP does not answer, and is left alone for a while");
	if (metric_get(rtalp_posting_paused, 0, 0) == 1)
		readiness_lacks(r, false, "posting", "postings wait: ALP could not be reached, was busy or refused the key");
}

void
daemon_readiness(const struct daemon *d, struct readiness *readiness)
{
	lacks_now(d, readiness);
	if (readiness->count == 0 && d->life == LIFE_STARTING)
		readiness_lacks(readiness, true, "service", "the daemon is starting");
	does_without(d, readiness);
}

static void
add_readiness(void *arg, struct readiness *readiness)
{
	daemon_readiness(arg, readiness);
}

static void
tell(void *arg)
{
	daemon_tell(arg);
}

struct http_options
daemon_http_options(struct daemon *d)
{
	const struct config *c = d->config;

	return (struct http_options){
	    .listen_fds = d->listen.fds,
	    .listen_fd_count = d->listen.fd_count,
	    .addresses = (const char *const *)d->listen.addresses,
	    .port = d->listen.port,
	    .tls = d->tls,
	    .behind_proxy = c->http.behind_proxy != 0,
	    .socket_path = c->http.socket,
	    .max_connections = (unsigned)c->http.max_connections,
	    .max_body_bytes = (size_t)c->http.max_body_bytes,
	    .cache_bytes = (size_t)c->http.cache_mb * 1024 * 1024,
	    .idle_timeout_ms = c->http.idle_timeout_ms,
	    .request_timeout_ms = c->http.request_timeout_ms,
	    .max_watchers = (unsigned)c->http.max_watchers,
	    .heartbeat_ms = c->http.heartbeat_ms,
	    .watcher_stall_ms = c->http.watcher_stall_ms,
	    .requests_per_minute = c->http.requests_per_minute,
	    .burst = (int32_t)c->http.burst,
	    .allowed_hosts = (const char *const *)c->http.allowed_hosts.items,
	    .allowed_origins = (const char *const *)c->http.allowed_origins.items,
	    .alp_events = d->alp_events,
	    .alp_lists = daemon_lists(d),
	    .alp = d->alp,
	    .version = PACKAGE_VERSION,
	    .database_path = c->store.path,
	    .rules_version = d->rules->version,
	    .rules_name = d->rules->name,
	    .ready = add_readiness,
	    .ready_arg = d,
	    .tell = tell,
	};
}
