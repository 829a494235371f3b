/* SPDX-License-Identifier: Apache-2.0 */
#include "http/resources.h"

const char *const job_state_choices[] = {"", "queued", "running", "succeeded", "failed", "cancelled", "key_lost", NULL};
const char *const job_kind_choices[] = {
    "",
#define JOB_KIND(name, NAME, number, lane, place, deadline, attempts, backoff, order) [number] = #name,
#include "queue/job_kinds.def"
#undef JOB_KIND
    NULL,
};

bool
job_is_over(const struct job_row *job)
{
	return job->state != JOB_QUEUED && job->state != JOB_RUNNING;
}

static const char *
phase(const struct job_row *job)
{
	if (job_is_over(job))
		return NULL;
	return job->kind == KIND_FETCH && !job->waiting ? "fetching" : "processing";
}

static int64_t
progress(const struct job_row *job, int64_t days_total)
{
	if (job->state == JOB_SUCCEEDED)
		return 100;
	return days_total > 0 ? MIN_OF(100 * job->days_done / days_total, 99) : 0;
}

/* A process job over every unprocessed day is stored with all days there can be, which says nothing about it. */
bool
job_has_range(const struct job_row *job)
{
	bool every = job->only_unprocessed && job->from_day == 0 && job->to_day == DAY_MAX;

	return !every && job->from_day >= 0 && job->to_day >= job->from_day;
}

static int64_t
count_days(const struct job_row *job)
{
	return job_has_range(job) ? job->to_day - job->from_day + 1 : 0;
}

static void
render_error(struct json *j, const struct job_row *job)
{
	if (job->error_code == NULL) {
		json_null(j, "error");
		return;
	}
	json_open(j, "error", '{');
	json_text(j, "code", job->error_code);
	json_text(j, "detail", job->error_detail);
	json_close(j, '}');
}

static void
render_times(struct json *j, const struct job_row *job)
{
	json_instant(j, "run_at", job->run_at_ms);
	json_instant(j, "retry_at", job->state == JOB_QUEUED && job->error_code != NULL ? job->run_at_ms : 0);
	json_instant(j, "created_at", job->created_ms);
	json_instant(j, "updated_at", job->updated_ms);
	json_instant(j, "started_at", job->started_ms);
	json_instant(j, "finished_at", job->finished_ms);
}

void
render_job_fields(struct json *j, const struct job_row *job)
{
	const struct job_kind_info *kind = job_kind_info(job->kind);
	int64_t days = count_days(job);

	json_int(j, "job_id", job->job_id);
	json_text(j, "kind", kind != NULL ? kind->name : NULL);
	json_int(j, "alp_user_id", job->alp_user_id);
	json_text(j, "state", job_state_name(job->state));
	json_text(j, "phase", phase(job));
	json_int(j, "priority", job->priority);
	json_day(j, "from", days > 0 ? job->from_day : -1);
	json_day(j, "to", days > 0 ? job->to_day : -1);
	if (days > 0)
		json_int(j, "days_total", days);
	else
		json_null(j, "days_total");
	json_int(j, "days_done", job->days_done);
	json_int(j, "progress", progress(job, days));
	json_int(j, "attempts", job->attempts);
	json_int(j, "run", job->run);
	render_times(j, job);
	json_boolean(j, "cancel_requested", job->cancel_requested);
	if (job->parent_job != 0)
		json_int(j, "parent_id", job->parent_job);
	else
		json_null(j, "parent_id");
	render_error(j, job);
}

void
render_job(struct json *j, const char *name, const struct job_row *job)
{
	json_open(j, name, '{');
	render_job_fields(j, job);
	json_close(j, '}');
}

void
render_job_history(struct json *j, const struct job_history *history)
{
	json_open(j, "history", '[');
	for (size_t i = 0; i < history->count; i++) {
		const struct job_history_row *row = &history->rows[i];

		json_open(j, NULL, '{');
		json_instant(j, "at", row->at_ms);
		json_text(j, "from", row->from_state != 0 ? job_state_name(row->from_state) : NULL);
		json_text(j, "to", job_state_name(row->to_state));
		json_int(j, "run", row->run);
		json_text(j, "code", row->code);
		json_text(j, "detail", row->detail);
		json_close(j, '}');
	}
	json_close(j, ']');
}
