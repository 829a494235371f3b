/* SPDX-License-Identifier: Apache-2.0 */
/* Every route. The order is the documentation's. */
#include "base/macro.h"
#include "http/resources.h"
#include "http/router.h"

/* clang-format off */
#define ENTRY_PROBLEMS \
	{409, .code = "entry_submitted", .summary = "it is submitted; revert that first"}, \
	{412, .code = "entry_changed", .summary = "If-Match names no state of it, or an older one"}

const struct route routes[] = {
	{
		.method = METHOD_POST, .pattern = "/api/jobs/fetch", .name = "jobs_fetch",
		.check = jobs_check_fetch, .handle = jobs_fetch, .scope = SCOPE_JOBS,
		.summary = "Fetch a user's recorded days from RescueTime", .body = &schema_fetch, .waits = true,
		.answers = {{202, &shape_submitted_job, "accepted, or joined to a queued job of the same days", .location = true}},
	}, {
		.method = METHOD_POST, .pattern = "/api/jobs/process", .name = "jobs_process",
		.check = jobs_check_process, .handle = jobs_process, .scope = SCOPE_JOBS,
		.summary = "Run the rules over stored days", .body = &schema_process, .waits = true,
		.answers = {{202, &shape_submitted_job, "accepted, or joined to a queued job of the same days", .location = true}},
	}, {
		.method = METHOD_GET, .pattern = "/api/jobs", .name = "jobs_list",
		.check = jobs_check_list, .handle = jobs_list, .scope = SCOPE_JOBS,
		.summary = "List jobs, newest first", .query = &schema_job_query,
		.answers = {{200, &shape_job, "the jobs; the next page in Link", .list = true}},
	}, {
		.method = METHOD_GET, .pattern = "/api/jobs/{job_id}", .name = "jobs_get",
		.handle = jobs_get, .scope = SCOPE_JOBS,
		.summary = "One job with its history", .path = &schema_job_path, .query = &schema_owner,
		.answers = {{200, &shape_job_with_history, "the job"}},
	}, {
		.method = METHOD_DELETE, .pattern = "/api/jobs/{job_id}", .name = "jobs_cancel",
		.handle = jobs_cancel, .scope = SCOPE_JOBS,
		.summary = "Cancel a job", .path = &schema_job_path, .query = &schema_owner,
		.answers = {{200, &shape_job, "cancelled"}, {202, &shape_job, "it runs; its worker is being stopped"},
			    {409, .code = "job_over", .summary = "it is over; there is nothing to cancel"}},
	}, {
		.method = METHOD_POST, .pattern = "/api/jobs/{job_id}/retry", .name = "jobs_retry",
		.handle = jobs_retry, .scope = SCOPE_JOBS,
		.summary = "Run a failed, cancelled or key_lost job again", .path = &schema_job_path, .query = &schema_owner,
		.body = &schema_retry, .waits = true,
		.answers = {{202, &shape_submitted_job, "queued again", .location = true},
			    {409, .code = "job_not_retryable", .summary = "it is live or succeeded"}},
	}, {
		.method = METHOD_GET, .pattern = "/api/time_entries", .name = "entries_list",
		.check = entries_check_list, .handle = entries_list, .scope = SCOPE_USER,
		.summary = "A user's time entries, by day", .query = &schema_entry_query,
		.answers = {{200, &shape_time_entry, "the entries; the next page in Link", .list = true}, {304, NULL, "unchanged"}},
	}, {
		.method = METHOD_GET, .pattern = "/api/time_entries/{entry_id}", .name = "entries_get",
		.handle = entries_get, .scope = SCOPE_USER,
		.summary = "One time entry", .path = &schema_entry_path, .query = &schema_owner,
		.answers = {{200, &shape_time_entry, "the entry"}, {304, NULL, "unchanged"}},
	}, {
		.method = METHOD_PATCH, .pattern = "/api/time_entries/{entry_id}", .name = "entries_edit",
		.handle = entries_edit, .scope = SCOPE_USER,
		.summary = "Edit an entry; null gives a field back to the machine", .path = &schema_entry_path, .query = &schema_owner,
		.body = &schema_entry_edit,
		.answers = {{200, &shape_time_entry, "the entry as it is now"}, ENTRY_PROBLEMS},
	}, {
		.method = METHOD_PUT, .pattern = "/api/time_entries/{entry_id}/ignore", .name = "entries_ignore",
		.handle = entries_ignore, .scope = SCOPE_USER,
		.summary = "Set an entry aside", .path = &schema_entry_path, .query = &schema_owner,
		.answers = {{200, &shape_time_entry, "ignored, now or before"}, ENTRY_PROBLEMS},
	}, {
		.method = METHOD_PUT, .pattern = "/api/time_entries/{entry_id}/restore", .name = "entries_restore",
		.handle = entries_restore, .scope = SCOPE_USER,
		.summary = "Take an ignored entry back", .path = &schema_entry_path, .query = &schema_owner,
		.answers = {{200, &shape_time_entry, "pending, now or before"}, ENTRY_PROBLEMS},
	}, {
		.method = METHOD_GET, .pattern = "/api/reports/day", .name = "reports_day",
		.check = reports_check_day, .handle = reports_day, .scope = SCOPE_USER,
		.summary = "Where every second of a user's day is", .query = &schema_report_day_query,
		.answers = {{200, &shape_day_report, "the balance"},
			    {404, .code = "not_found", .summary = "the day was never fetched"}},
	}, {
		.method = METHOD_GET, .pattern = "/api/users/{alp_user_id}", .name = "users_get",
		.handle = users_get, .scope = SCOPE_USER,
		.summary = "A user's zone and what day it is there", .path = &schema_user_path,
		.answers = {{200, &shape_user, "the user; unknown ones have the defaults"}},
	}, {
		.method = METHOD_PUT, .pattern = "/api/users/{alp_user_id}", .name = "users_put",
		.handle = users_put, .scope = SCOPE_USER,
		.summary = "Set a user's zone", .path = &schema_user_path, .body = &schema_user,
		.answers = {{200, &shape_user, "changed"}, {201, &shape_user, "known from now on"}},
	}, {
		.method = METHOD_GET, .pattern = "/api/settings", .name = "settings_get",
		.handle = settings_get, .scope = SCOPE_JOBS,
		.summary = "How this service is set up, without secrets",
		.answers = {{200, &shape_settings, "the settings"}},
	}, {
		.method = METHOD_GET, .pattern = "/api/queue", .name = "queue_list",
		.handle = queue_list, .scope = SCOPE_OPERATOR,
		.summary = "Each kind of job: paused, waiting, running",
		.answers = {{200, &shape_queue_kind, "every kind", .list = true}},
	}, {
		.method = METHOD_POST, .pattern = "/api/queue/{kind}/pause", .name = "queue_pause",
		.handle = queue_pause, .scope = SCOPE_OPERATOR,
		.summary = "Start no more jobs of a kind", .path = &schema_kind_path,
		.answers = {{200, &shape_queue_kind, "paused, now or before"}},
	}, {
		.method = METHOD_POST, .pattern = "/api/queue/{kind}/resume", .name = "queue_resume",
		.handle = queue_resume, .scope = SCOPE_OPERATOR,
		.summary = "Start jobs of a kind again", .path = &schema_kind_path,
		.answers = {{200, &shape_queue_kind, "running, now or before"}},
	}, {
		.method = METHOD_GET, .pattern = "/healthz", .name = "health_live",
		.handle = health_live, .scope = SCOPE_OPEN,
		.summary = "Is the process alive?",
		.answers = {{200, &shape_health, "it is"}},
	}, {
		.method = METHOD_GET, .pattern = "/readyz", .name = "health_ready",
		.handle = health_ready, .scope = SCOPE_OPEN,
		.summary = "Can it take and run work?",
		.answers = {{200, &shape_health, "it can"}, {503, .code = "not_ready", .summary = "not now"}},
	}, {
		.method = METHOD_GET, .pattern = "/openapi.json", .name = "contract_get",
		.handle = contract_get, .scope = SCOPE_OPEN,
		.summary = "This description (OpenAPI 3.1)",
		.answers = {{200, &shape_contract, "the document"}, {304, NULL, "unchanged"}},
	},
};
/* clang-format on */
const size_t route_count = ELEMENTSOF(routes);
