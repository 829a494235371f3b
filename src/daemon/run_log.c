/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/run_log.h"

#include <signal.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/metrics.h"

#define LOG_JOB(job)                                                                                                   \
	LOG_STR("KIND", job_kind_info((job)->kind)->name), LOG_I64("JOB_ID", (job)->job_id),                           \
	    LOG_I64("ALP_USER_ID", (job)->alp_user_id)

void
run_log_started(const struct job_row *job)
{
	log_event(EV_JOB_STARTED, LOG_JOB(job), LOG_I64("RUN", job->run));
}

void
run_log_day(const struct job_row *job, const struct run_fetched *fetched)
{
	char day[DAY_TEXT_MAX];

	day_format(fetched->day, day);
	log_event(EV_JOB_DAY, LOG_JOB(job), LOG_STR("LOG_DATE", day), LOG_I64("ROWS", fetched->rows),
	    LOG_I64("SECONDS", fetched->seconds));
}

void
run_log_pruned(const struct job_row *job, int64_t days)
{
	if (days > 0)
		log_event(EV_JOB_DAY_PRUNED, LOG_JOB(job), LOG_I64("COUNT", days));
}

static const char *
or_none(const char *text)
{
	return text != NULL ? text : "";
}

static void
log_state(const struct job_row *job, const struct run_end *end, int64_t duration_ms)
{
	switch (job->state) {
	case JOB_SUCCEEDED:
		log_event(EV_JOB_SUCCEEDED, LOG_JOB(job), LOG_I64("DURATION_MS", duration_ms));
		break;
	case JOB_FAILED:
		log_event(EV_JOB_FAILED, LOG_JOB(job), LOG_STR("CODE", or_none(job->error_code)),
		    LOG_STR("DETAIL", or_none(job->error_detail)));
		break;
	case JOB_QUEUED:
		if (!end->success)
			log_event(EV_JOB_RETRY, LOG_JOB(job), LOG_I64("DURATION_MS", end->delay_ms),
			    LOG_STR("CODE", or_none(end->code)), LOG_STR("DETAIL", or_none(end->detail)));
		break;
	case JOB_KEY_LOST:
		log_event(EV_JOB_KEY_LOST, LOG_I64("JOB_ID", job->job_id), LOG_I64("ALP_USER_ID", job->alp_user_id));
		break;
	case JOB_RUNNING:
	case JOB_CANCELLED: /* job_log.h */
	default:
		break;
	}
}

static void
count_end(const struct job_row *job)
{
	if (job->finished_ms > 0)
		metric_observe(rtalp_job_duration_seconds, job->kind, 0, MAX_OF(job->finished_ms - job->created_ms, 0) * 1000);
}

void
run_log_ended(const struct run_end *end, int64_t duration_ms)
{
	count_end(&end->job);
	log_state(&end->job, end, duration_ms);
	if (end->parent.job_id == 0)
		return;
	count_end(&end->parent);
	log_state(&end->parent, end, end->parent.finished_ms - end->parent.created_ms);
}

void
run_log_stale(const struct job_row *job)
{
	log_event(EV_JOB_STALE_RESULT, LOG_I64("RUN", job->run), LOG_I64("JOB_ID", job->job_id));
}

void
run_log_denied(const char *process, int32_t pid, int term_signal)
{
	if (term_signal == SIGSYS)
		log_event(EV_PROCESS_DENIED, LOG_STR("WORKER_ROLE", process), LOG_I64("WORKER_PID", pid));
}

void
run_log_confinement(const struct msg_worker_ready *ready)
{
	static const struct {
		uint32_t bit;
		const char *name;
	} bits[] = {
	    {CONFINED_SECCOMP, "seccomp"},
	    {CONFINED_LANDLOCK_FS, "landlock files"},
	    {CONFINED_LANDLOCK_TCP, "landlock ports"},
	    {CONFINED_LANDLOCK_SCOPE, "landlock scopes"},
	    {CONFINED_NOT_DUMPABLE, "not dumpable"},
	    {CONFINED_RLIMITS, "limits"},
	    {CONFINED_DIES_WITH_PARENT, "dies with its spawner"},
	};
	_cleanup_(buf_release) struct buf b = BUF_INIT(256);

	for (size_t i = 0; i < ELEMENTSOF(bits); i++)
		buf_addf(&b, "%s%s%s", i > 0 ? ", " : "", ready->confinement & bits[i].bit ? "" : "no ", bits[i].name);
	log_event(EV_WORKER_CONFINED, LOG_STR("DETAIL", b.p));
}
