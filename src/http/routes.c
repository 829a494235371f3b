/* SPDX-License-Identifier: Apache-2.0 */
/* Every route. The order is the documentation's. */
#include "base/macro.h"
#include "http/resources.h"
#include "http/router.h"

/* clang-format off */
const struct route routes[] = {
	{
		.method = METHOD_POST, .pattern = "/api/jobs/fetch", .scope = SCOPE_JOBS,
		.check = jobs_check_fetch, .handle = jobs_fetch,
		.summary = "Fetch a user's recorded days from RescueTime", .body = &schema_fetch, .waits = true,
		.answers = {{202, "SubmittedJob", "accepted, or joined to a queued job of the same days"}},
	}, {
		.method = METHOD_POST, .pattern = "/api/jobs/process", .scope = SCOPE_JOBS,
		.check = jobs_check_process, .handle = jobs_process,
		.summary = "Run the rules over stored days", .body = &schema_process, .waits = true,
		.answers = {{202, "SubmittedJob", "accepted, or joined to a queued job of the same days"}},
	}, {
		.method = METHOD_GET, .pattern = "/api/jobs", .scope = SCOPE_JOBS,
		.check = jobs_check_list, .handle = jobs_list,
		.summary = "List jobs, newest first", .query = &schema_job_query,
		.answers = {{200, "Job[]", "the jobs; the next page in Link"}},
	}, {
		.method = METHOD_GET, .pattern = "/api/jobs/{job_id}", .handle = jobs_get, .scope = SCOPE_JOBS,
		.summary = "One job with its history", .path = &schema_job_path, .query = &schema_owner,
		.answers = {{200, "JobWithHistory", "the job"}, {404, "Problem", "there is no such job"}},
	}, {
		.method = METHOD_DELETE, .pattern = "/api/jobs/{job_id}", .handle = jobs_cancel, .scope = SCOPE_JOBS,
		.summary = "Cancel a job", .path = &schema_job_path, .query = &schema_owner,
		.answers = {{200, "Job", "cancelled"}, {202, "Job", "it runs; its worker is being stopped"},
			    {404, "Problem", "there is no such job"}, {409, "Problem", "it is over"}},
	}, {
		.method = METHOD_POST, .pattern = "/api/jobs/{job_id}/retry", .handle = jobs_retry, .scope = SCOPE_JOBS,
		.summary = "Run a failed, cancelled or key_lost job again", .path = &schema_job_path, .query = &schema_owner,
		.body = &schema_retry, .waits = true,
		.answers = {{202, "SubmittedJob", "queued again"}, {404, "Problem", "there is no such job"},
			    {409, "Problem", "it is live or succeeded"}},
	}, {
		.method = METHOD_GET, .pattern = "/api/time_entries", .scope = SCOPE_USER,
		.check = entries_check_list, .handle = entries_list,
		.summary = "A user's time entries, by day", .query = &schema_entry_query,
		.answers = {{200, "TimeEntry[]", "the entries; the next page in Link"}, {304, NULL, "unchanged"}},
	}, {
		.method = METHOD_GET, .pattern = "/api/time_entries/{entry_id}", .handle = entries_get, .scope = SCOPE_USER,
		.summary = "One time entry", .path = &schema_entry_path, .query = &schema_owner,
		.answers = {{200, "TimeEntry", "the entry"}, {304, NULL, "unchanged"}, {404, "Problem", "there is no such entry"}},
	}, {
		.method = METHOD_PATCH, .pattern = "/api/time_entries/{entry_id}", .handle = entries_edit, .scope = SCOPE_USER,
		.summary = "Edit an entry; null gives a field back to the machine", .path = &schema_entry_path, .query = &schema_owner,
		.body = &schema_entry_edit,
		.answers = {{200, "TimeEntry", "the entry as it is now"}, {404, "Problem", "there is no such entry"},
			    {409, "Problem", "it is submitted"}, {412, "Problem", "it changed since"}},
	}, {
		.method = METHOD_PUT, .pattern = "/api/time_entries/{entry_id}/ignore", .handle = entries_ignore, .scope = SCOPE_USER,
		.summary = "Set an entry aside", .path = &schema_entry_path, .query = &schema_owner,
		.answers = {{200, "TimeEntry", "ignored, now or before"}, {404, "Problem", "there is no such entry"},
			    {409, "Problem", "it is submitted"}},
	}, {
		.method = METHOD_PUT, .pattern = "/api/time_entries/{entry_id}/restore", .handle = entries_restore, .scope = SCOPE_USER,
		.summary = "Take an ignored entry back", .path = &schema_entry_path, .query = &schema_owner,
		.answers = {{200, "TimeEntry", "pending, now or before"}, {404, "Problem", "there is no such entry"},
			    {409, "Problem", "it is submitted"}},
	}, {
		.method = METHOD_GET, .pattern = "/api/reports/day", .check = reports_check_day, .handle = reports_day, .scope = SCOPE_USER,
		.summary = "Where every second of a user's day is", .query = &schema_report_day_query,
		.answers = {{200, "DayReport", "the balance"}, {404, "Problem", "the day was never fetched"}},
	}, {
		.method = METHOD_GET, .pattern = "/api/users/{alp_user_id}", .handle = users_get, .scope = SCOPE_USER,
		.summary = "A user's zone and what day it is there", .path = &schema_user_path,
		.answers = {{200, "User", "the user; unknown ones have the defaults"}},
	}, {
		.method = METHOD_PUT, .pattern = "/api/users/{alp_user_id}", .handle = users_put, .scope = SCOPE_USER,
		.summary = "Set a user's zone", .path = &schema_user_path, .body = &schema_user,
		.answers = {{200, "User", "changed"}, {201, "User", "known from now on"}},
	}, {
		.method = METHOD_GET, .pattern = "/api/settings", .handle = settings_get, .scope = SCOPE_JOBS,
		.summary = "How this service is set up, without secrets",
		.answers = {{200, "Settings", "the settings"}},
	}, {
		.method = METHOD_GET, .pattern = "/api/queue", .handle = queue_list, .scope = SCOPE_OPERATOR,
		.summary = "Each kind of job: paused, waiting, running",
		.answers = {{200, "QueueKind[]", "every kind"}},
	}, {
		.method = METHOD_POST, .pattern = "/api/queue/{kind}/pause", .handle = queue_pause, .scope = SCOPE_OPERATOR,
		.summary = "Start no more jobs of a kind", .path = &schema_kind_path,
		.answers = {{200, "QueueKind", "paused, now or before"}},
	}, {
		.method = METHOD_POST, .pattern = "/api/queue/{kind}/resume", .handle = queue_resume, .scope = SCOPE_OPERATOR,
		.summary = "Start jobs of a kind again", .path = &schema_kind_path,
		.answers = {{200, "QueueKind", "running, now or before"}},
	}, {
		.method = METHOD_GET, .pattern = "/healthz", .handle = health_live, .scope = SCOPE_OPEN,
		.summary = "Is the process alive?",
		.answers = {{200, "Health", "it is"}},
	}, {
		.method = METHOD_GET, .pattern = "/readyz", .handle = health_ready, .scope = SCOPE_OPEN,
		.summary = "Can it take and run work?",
		.answers = {{200, "Health", "it can"}, {503, "Problem", "not now"}},
	},
};
/* clang-format on */
const size_t route_count = ELEMENTSOF(routes);
