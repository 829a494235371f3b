/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/tell.h"

#include <string.h>

#include "alp/lists.h"
#include "app/upkeep.h"
#include "base/metrics.h"
#include "daemon/daemon_internal.h"
#include "http/readiness.h"

#define US_OF_MS 1000

/* --- as it happens ---------------------------------------------------------------------------------------------------------- */

void
count_fetched_day(uint32_t took_ms)
{
	metric_add(rtalp_upstream_requests, METRIC_RESCUETIME, METRIC_OK, 1);
	metric_observe(rtalp_upstream_request_duration_seconds, METRIC_RESCUETIME, 0, (int64_t)took_ms * US_OF_MS);
}

void
count_fetch_failure(const char *code)
{
	static const struct {
		const char *code;
		int result;
	} results[] = {
	    {"key_refused", METRIC_REFUSED}, {"upstream_rate_limited", METRIC_BUSY}, {"upstream_timeout", METRIC_TIMEOUT},
	    {"upstream_unreachable", METRIC_UNREACHABLE}, {"upstream_tls", METRIC_UNREACHABLE}, {"upstream_truncated", METRIC_BROKEN},
	    {"upstream_not_json", METRIC_UNREADABLE}, {"upstream_format", METRIC_UNREADABLE}, {"upstream_too_large", METRIC_UNREADABLE},
	    {"upstream_redirect", METRIC_REJECTED}, {"upstream_query_error", METRIC_REJECTED}, {"upstream_error", METRIC_FAILED},
	};

	for (size_t i = 0; i < ELEMENTSOF(results); i++)
		if (strcmp(results[i].code, code) == 0)
			metric_add(rtalp_upstream_requests, METRIC_RESCUETIME, results[i].result, 1);
}

static void
count_end(enum worker_role role, int end, int64_t lived_ms)
{
	metric_add(rtalp_workers_ended, role, end, 1);
	metric_observe(rtalp_worker_lifetime_seconds, role, 0, lived_ms * US_OF_MS);
}

void
count_worker(enum worker_role role, const struct msg_exited *exited, bool done, int64_t lived_ms)
{
	if (exited == NULL)
		count_end(role, METRIC_LOST, lived_ms);
	else if (exited->by_deadline)
		count_end(role, METRIC_DEADLINE, lived_ms);
	else
		count_end(role, done ? METRIC_CLEAN : METRIC_CRASHED, lived_ms);
}

void
count_delivery_worker(enum delivery_death death, bool done, int64_t lived_ms)
{
	if (death == DEATH_NOT_ITS_OWN)
		count_end(ROLE_DELIVER, METRIC_LOST, lived_ms);
	else if (death == DEATH_BY_DEADLINE)
		count_end(ROLE_DELIVER, METRIC_DEADLINE, lived_ms);
	else
		count_end(ROLE_DELIVER, done ? METRIC_CLEAN : METRIC_CRASHED, lived_ms);
}

void
count_delivery(const struct delivery_end *end)
{
	metric_add(rtalp_webhook_attempts, end->end, 0, 1);
	metric_observe(rtalp_webhook_attempt_duration_seconds, 0, 0, end->attempt.took_ms * US_OF_MS);
}

/* --- before it is told -------------------------------------------------------------------------------------------------------- */

static void
tell_store(const struct store *s)
{
	enum store_health health = store_health(s);
	int64_t free_bytes = store_free_bytes(s);
	struct store_stats stats;

	store_get_stats(s, &stats);
	metric_set(rtalp_store_writes, 0, 0, (int64_t)stats.writes);
	metric_set(rtalp_store_reads, 0, 0, (int64_t)stats.reads);
	metric_set(rtalp_store_checkpoints, 0, 0, (int64_t)stats.checkpoints);
	metric_set(rtalp_store_wal_pages, 0, 0, (int64_t)stats.wal_frames);
	metric_set(rtalp_store_pending, 0, 0, store_pending(s));
	for (int i = STORE_OK; i <= STORE_FAILED; i++)
		metric_set(rtalp_store_health, i, 0, i == (int)health);
	metric_set(rtalp_store_free_bytes, 0, 0, free_bytes >= 0 ? free_bytes : METRIC_ABSENT);
}

static void
tell_lists(const struct alp_lists *lists)
{
	struct alp_lists_stats stats;

	alp_lists_get_stats(lists, &stats);
	metric_set(rtalp_alp_list_answers, METRIC_LIST_FRESH, 0, (int64_t)stats.fresh);
	metric_set(rtalp_alp_list_answers, METRIC_LIST_STALE, 0, (int64_t)stats.stale);
	metric_set(rtalp_alp_list_answers, METRIC_LIST_FETCHED, 0, (int64_t)stats.fetched);
	metric_set(rtalp_alp_list_answers, METRIC_LIST_FAILED, 0, (int64_t)stats.failed);
	metric_set(rtalp_alp_list_cache_bytes, 0, 0, (int64_t)stats.cache_bytes);
}

void
daemon_tell(const struct daemon *d)
{
	struct readiness readiness = {.count = 0};

	daemon_readiness(d, &readiness);
	metric_set(rtalp_ready, 0, 0, readiness_is_ready(&readiness));
	metric_set(rtalp_posting_held, 0, 0, app_posting_is_held(d->app));
	metric_set(rtalp_workers, 0, 0, (int64_t)dispatch_running(d->dispatch));
	tell_store(d->store);
	if (daemon_lists(d) != NULL)
		tell_lists(daemon_lists(d));
}
