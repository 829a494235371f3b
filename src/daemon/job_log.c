/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/job_log.h"

#include <string.h>

#include "app/events.h"
#include "base/log.h"
#include "base/metrics.h"

#define LOG_EVENT_JOB(e)                                                                                               \
	LOG_STR("KIND", job_kind_info((e)->kind)->name), LOG_I64("JOB_ID", (e)->job_id),                               \
	    LOG_I64("ALP_USER_ID", (e)->alp_user_id)

/* Another run of the same wish is told by the run that failed before it (run_log.h). */
static bool
was_asked_for(const struct event_row *e)
{
	return e->run == 0 || strcmp(e->code, "retried_by_hand") == 0 || strcmp(e->code, "sent_again") == 0;
}

static void
count(const struct event_row *e)
{
	if (e->type == EVENT_POSTING)
		metric_add(rtalp_posting_changes, e->posting, 0, 1);
	else if (e->state == JOB_QUEUED && was_asked_for(e))
		metric_add(rtalp_jobs_accepted, e->kind, 0, 1);
	else if (e->state == JOB_QUEUED)
		metric_add(rtalp_job_retries, e->kind, 0, 1);
	else if (e->state != JOB_RUNNING)
		metric_add(rtalp_jobs_ended, e->kind, e->state, 1);
}

static bool
take(void *arg, const struct event_row *e)
{
	(void)arg;
	count(e);
	if (e->type != EVENT_JOB)
		return true;
	if (e->state == JOB_QUEUED && was_asked_for(e))
		log_event(EV_JOB_QUEUED, LOG_EVENT_JOB(e), LOG_STR("CODE", e->code[0] != '\0' ? e->code : "new"));
	else if (e->state == JOB_CANCELLED)
		log_event(EV_JOB_CANCELLED, LOG_EVENT_JOB(e));
	return true;
}

/* Cannot be so far behind: it takes at once what it is given. */
static void
lost(void *arg, int64_t newest)
{
	(void)arg;
	(void)newest;
}

void
job_log_begin(struct app *app)
{
	static const struct event_sink sink = {.take = take, .lost = lost};
	const struct event_filter filter = {.types = 1u << EVENT_JOB | 1u << EVENT_POSTING};
	struct hub *hub = app_hub(app);

	hub_watch(hub, &filter, hub_newest(hub), &sink, NULL);
}
