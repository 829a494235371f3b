/* SPDX-License-Identifier: Apache-2.0 */
/* Every route. The order is the documentation's. */
#include "base/macro.h"
#include "http/docs.h"
#include "http/resources.h"
#include "http/router.h"

/* clang-format off */
#define ALP_PROBLEMS \
	ANSWER_EMPTY(304, "unchanged"), \
	ANSWER_PROBLEM(404, "alp_not_found", "ALP has no such list"), \
	ANSWER_PROBLEM(502, "alp_unreachable", "ALP cannot be reached, and there is no copy that would do"), \
	ANSWER_PROBLEM(502, "alp_unreadable", "ALP's answer is not one, likewise"), \
	ANSWER_PROBLEM(502, "alp_key_refused", "ALP refuses the configured key, likewise"), \
	ANSWER_PROBLEM(503, "alp_busy", "ALP has too much to do, likewise"), \
	ANSWER_PROBLEM(503, "alp_not_configured", "this service has no ALP"), \
	ANSWER_PROBLEM(504, "alp_timeout", "ALP did not answer in time, likewise")

#define ENTRY_PROBLEMS \
	ANSWER_PROBLEM(409, "entry_withdrawn", "its activity went away"), \
	ANSWER_PROBLEM(409, "entry_submitted", "it is submitted; revert that first"), \
	ANSWER_PROBLEM(409, "entry_merged", "what it is merged into is submitted, or what was recorded is not kept any more"), \
	ANSWER_PROBLEM(412, "entry_changed", "If-Match names no state of it, or an older one")

const struct route routes[] = {
	{
		.method = METHOD_POST, .pattern = "/api/jobs/fetch", .name = "jobs_fetch",
		.check = jobs_check_fetch, .handle = jobs_fetch, .scope = SCOPE_JOBS,
		.summary = "Fetch a user's recorded days from RescueTime", .body = &schema_fetch, .waits = true,
		.answers = {ANSWER_AT(202, submitted_job, "accepted, or joined to a queued job of the same days")},
	}, {
		.method = METHOD_POST, .pattern = "/api/jobs/process", .name = "jobs_process",
		.check = jobs_check_process, .handle = jobs_process, .scope = SCOPE_JOBS,
		.summary = "Run the rules over stored days", .body = &schema_process, .waits = true,
		.answers = {ANSWER_AT(202, submitted_job, "accepted, or joined to a queued job of the same days")},
	}, {
		.method = METHOD_GET, .pattern = "/api/jobs", .name = "jobs_list",
		.check = jobs_check_list, .handle = jobs_list, .scope = SCOPE_JOBS,
		.summary = "List jobs, newest first", .query = &schema_job_query,
		.csv = "jobs.csv",
		.answers = {ANSWER_LIST(200, job, "the jobs; the next page in Link"), ANSWER_MEDIA(200, "text/csv", "the same, as a table"),
			    ANSWER_EMPTY(304, "unchanged")},
	}, {
		.method = METHOD_GET, .pattern = "/api/jobs/{job_id}", .name = "jobs_get",
		.handle = jobs_get, .scope = SCOPE_JOBS,
		.summary = "One job with its history", .path = &schema_job_path, .query = &schema_owner,
		.answers = {ANSWER(200, job_with_history, "the job"), ANSWER_EMPTY(304, "unchanged")},
	}, {
		.method = METHOD_DELETE, .pattern = "/api/jobs/{job_id}", .name = "jobs_cancel",
		.handle = jobs_cancel, .scope = SCOPE_JOBS,
		.summary = "Cancel a job", .path = &schema_job_path, .query = &schema_owner,
		.answers = {ANSWER(200, job, "cancelled"), ANSWER(202, job, "it runs; its worker is being stopped"),
			    ANSWER_PROBLEM(409, "job_over", "it is over; there is nothing to cancel")},
	}, {
		.method = METHOD_POST, .pattern = "/api/jobs/{job_id}/retry", .name = "jobs_retry",
		.handle = jobs_retry, .scope = SCOPE_JOBS,
		.summary = "Run a failed, cancelled or key_lost job again", .path = &schema_job_path, .query = &schema_owner,
		.body = &schema_retry, .waits = true,
		.answers = {ANSWER_AT(202, submitted_job, "queued again"),
			    ANSWER_PROBLEM(409, "job_not_retryable", "it is live or succeeded")},
	}, {
		.method = METHOD_GET, .pattern = "/api/jobs/{job_id}/events", .name = "jobs_watch",
		.check = events_check, .handle = events_watch_job, .scope = SCOPE_JOBS,
		.summary = "Watch one job until it is over", .path = &schema_job_path, .query = &schema_events_query,
		.answers = {ANSWER_EVENTS(200, "how the job is, then everything that happens to it; ends with the job"),
			    ANSWER_EMPTY(204, "it is over, and Last-Event-ID is its last event: there is nothing to come back for"),
			    ANSWER_PROBLEM(503, "too_many_watchers", "as many watch as may")},
	}, {
		.method = METHOD_GET, .pattern = "/api/events", .name = "events_watch",
		.check = events_check, .handle = events_watch, .scope = SCOPE_JOBS,
		.summary = "Watch all jobs, and which days' entries change", .query = &schema_events_query,
		.answers = {ANSWER_EVENTS(200, "everything that happens from now, or from Last-Event-ID, on"),
			    ANSWER_PROBLEM(503, "too_many_watchers", "as many watch as may")},
	}, {
		.method = METHOD_GET, .pattern = "/api/time_entries", .name = "entries_list",
		.check = entries_check_list, .handle = entries_list, .scope = SCOPE_USER,
		.looks = true, .summary = "A user's time entries, by day", .query = &schema_entry_query,
		.csv = "time_entries.csv",
		.answers = {ANSWER_LIST(200, time_entry, "the entries; the next page in Link"), ANSWER_MEDIA(200, "text/csv", "the same, as a table"),
			    ANSWER_EMPTY(304, "unchanged")},
	}, {
		.method = METHOD_GET, .pattern = "/api/time_entries/{entry_id}", .name = "entries_get",
		.handle = entries_get, .scope = SCOPE_USER,
		.looks = true, .summary = "One time entry", .path = &schema_entry_path, .query = &schema_owner,
		.answers = {ANSWER(200, time_entry, "the entry"), ANSWER_EMPTY(304, "unchanged")},
	}, {
		.method = METHOD_PATCH, .pattern = "/api/time_entries/{entry_id}", .name = "entries_edit",
		.handle = entries_edit, .scope = SCOPE_USER,
		.summary = "Edit an entry; null gives a field back to the machine", .path = &schema_entry_path, .query = &schema_owner,
		.body = &schema_entry_edit,
		.answers = {ANSWER(200, time_entry, "the entry as it is now"), ENTRY_PROBLEMS},
	}, {
		.method = METHOD_PUT, .pattern = "/api/time_entries/{entry_id}/ignore", .name = "entries_ignore",
		.handle = entries_ignore, .scope = SCOPE_USER,
		.summary = "Set an entry aside", .path = &schema_entry_path, .query = &schema_owner,
		.answers = {ANSWER(200, time_entry, "ignored, now or before"), ENTRY_PROBLEMS},
	}, {
		.method = METHOD_PUT, .pattern = "/api/time_entries/{entry_id}/restore", .name = "entries_restore",
		.handle = entries_restore, .scope = SCOPE_USER,
		.summary = "Take an ignored entry back", .path = &schema_entry_path, .query = &schema_owner,
		.answers = {ANSWER(200, time_entry, "pending, now or before"), ENTRY_PROBLEMS},
	}, {
		.method = METHOD_POST, .pattern = "/api/time_entries/bulk", .name = "entries_bulk",
		.handle = entries_bulk, .scope = SCOPE_USER,
		.summary = "Edit, set aside, take back, confirm or revert up to 200 entries; each is answered as it would be by itself",
		.query = &schema_owner, .body = &schema_review_item, .bulk = true,
		.answers = {ANSWER_LIST(200, review_result, "what became of each, in their order"),
			    ANSWER_PROBLEM(413, "too_many_items", "the answer would be more than an Idempotency-Key can keep; nothing was done")},
	}, {
		.method = METHOD_POST, .pattern = "/api/time_entries/{entry_id}/split", .name = "entries_split",
		.handle = entries_split, .scope = SCOPE_USER,
		.summary = "Divide a draft's time, to the second; the first part stays the entry itself, the others are supplements of it",
		.path = &schema_entry_path, .query = &schema_owner, .body = &schema_split_part, .bulk = true,
		.answers = {ANSWER_LIST(200, time_entry, "the parts"), ANSWER_PROBLEM(409, "entry_ignored", "it is set aside; restore it first"), ENTRY_PROBLEMS},
	}, {
		.method = METHOD_POST, .pattern = "/api/time_entries/merge", .name = "entries_merge",
		.check = entries_check_merge, .handle = entries_merge, .scope = SCOPE_USER,
		.summary = "Join drafts of a day: their time counts for one of them, until they are restored; a part that was split off goes back",
		.query = &schema_owner, .body = &schema_merge,
		.answers = {ANSWER(200, time_entry, "the entry that has their time now"),
			    ANSWER_PROBLEM(409, "entry_not_pending", "one of them is not pending"),
			    ANSWER_PROBLEM(409, "entry_is_part", "one is a part of another entry, or what they go into is"),
			    ANSWER_PROBLEM(409, "entry_other_day", "one is of another day or user"),
			    ANSWER_PROBLEM(409, "entry_part_submitted", "a part of one is submitted; revert that first"),
			    ANSWER_PROBLEM(412, "entry_changed", "If-Match names no state of `into`, or an older one")},
	}, {
		.method = METHOD_GET, .pattern = "/api/time_entries/{entry_id}/explain", .name = "entries_explain",
		.handle = entries_explain, .scope = SCOPE_USER,
		.looks = true, .summary = "How an entry came about: its rows, the rules that fired, matter, units", .path = &schema_entry_path,
		.query = &schema_owner,
		.answers = {ANSWER(200, explanation, "the explanation"), ANSWER_EMPTY(304, "unchanged")},
	}, {
		.method = METHOD_GET, .pattern = "/api/processed_time_entries", .name = "confirmed_list",
		.check = entries_check_list, .handle = confirmed_list, .scope = SCOPE_USER,
		.looks = true, .summary = "What a user confirmed, by day", .query = &schema_confirmed_query,
		.csv = "processed_time_entries.csv",
		.answers = {ANSWER_LIST(200, confirmed_entry, "the confirmed entries; the next page in Link"),
			    ANSWER_MEDIA(200, "text/csv", "the same, as a table"), ANSWER_EMPTY(304, "unchanged")},
	}, {
		.method = METHOD_POST, .pattern = "/api/processed_time_entries", .name = "confirmed_make",
		.handle = confirmed_make, .scope = SCOPE_USER,
		.summary = "Confirm a draft; one that is confirmed is brought up to date", .body = &schema_confirm,
		.answers = {ANSWER(201, confirmed_entry, "confirmed"), ANSWER(200, confirmed_entry, "confirmed before, and as it is now"),
			    ANSWER_PROBLEM(409, "entry_date_differs", "entry_date is not the draft's"),
			    ANSWER_PROBLEM(409, "source_hash_differs", "source_hash is not the draft's"),
			    ANSWER_PROBLEM(409, "entry_ignored", "it is set aside; restore it first"),
			    ANSWER_PROBLEM(409, "entry_withdrawn", "its activity went away"),
			    ANSWER_PROBLEM(409, "entry_posting", "it is in ALP, or may be, or is on its way there"),
			    ANSWER_PROBLEM(409, "entry_invoiced", "it stands in an invoice of ALP's"),
			    ANSWER_PROBLEM(409, "entry_written_off", "it was written off in ALP"),
			    ANSWER_PROBLEM(412, "entry_changed", "If-Match names no state of it, or an older one")},
	}, {
		.method = METHOD_PUT, .pattern = "/api/processed_time_entries/{id}/revert", .name = "confirmed_revert",
		.handle = confirmed_revert, .scope = SCOPE_USER,
		.summary = "Take a confirmation back", .path = &schema_confirmed_path, .query = &schema_owner,
		.answers = {ANSWER(200, time_entry, "the draft, pending, now or before"),
			    ANSWER_PROBLEM(409, "entry_not_confirmed", "it is ignored or withdrawn"),
			    ANSWER_PROBLEM(409, "entry_posting", "it is in ALP, or may be, or is on its way there"),
			    ANSWER_PROBLEM(409, "entry_invoiced", "it stands in an invoice of ALP's"),
			    ANSWER_PROBLEM(409, "entry_written_off", "it was written off in ALP"),
			    ANSWER_PROBLEM(412, "entry_changed", "If-Match names no state of it, or an older one")},
	}, {
		.method = METHOD_POST, .pattern = "/api/time_entries", .name = "entries_post",
		.check = post_check, .handle = post_make, .scope = SCOPE_USER,
		.summary = "Post time to ALP; with a draft's number it is confirmed by that. An array is answered item by item", .query = &schema_owner,
		.body = &schema_post, .list_too = true, .finds_more = true, .waits = true,
		.answers = {ANSWER_AT(201, posting, "it is in ALP"), ANSWER_AT(200, posting, "it was in ALP before"),
			    ANSWER_AT(202, posting, "recorded; ALP has not answered yet"),
			    ANSWER_LIST(207, post_result, "an array was sent: what became of each, in their order"),
			    {.status = 409, .code = "posted_before", .location = true,
				.summary = "the same was asked for a few minutes ago, without an entry and without a key: Location has it"},
			    ANSWER_PROBLEM(409, "entry_ignored", "the entry is set aside; restore it first"),
			    ANSWER_PROBLEM(409, "entry_withdrawn", "its activity went away"),
			    ANSWER_PROBLEM(409, "entry_date_differs", "date is not the entry's"),
			    ANSWER_PROBLEM(404, "not_found", "there is no such entry"),
			    {.status = 422, .code = "alp_refused", .location = true, .summary = "ALP does not take it; what it said is the detail"},
			    ANSWER_PROBLEM(503, "alp_not_configured", "there is no ALP")},
	}, {
		.method = METHOD_GET, .pattern = "/api/postings", .name = "postings_list",
		.check = postings_check_list, .handle = postings_list, .scope = SCOPE_USER,
		.looks = true, .summary = "The outbox, the newest first", .query = &schema_posting_query,
		.answers = {ANSWER_LIST(200, posting, "the postings; the next page in Link")},
	}, {
		.method = METHOD_GET, .pattern = "/api/postings/{id}", .name = "postings_get",
		.handle = postings_get, .scope = SCOPE_USER,
		.looks = true, .summary = "One posting, with its history", .path = &schema_posting_path, .query = &schema_owner,
		.answers = {ANSWER(200, posting_with_history, "the posting")},
	}, {
		.method = METHOD_POST, .pattern = "/api/postings/{id}/resolve", .name = "postings_resolve",
		.check = postings_check_resolve, .handle = postings_resolve, .scope = SCOPE_USER,
		.summary = "Say whether one that needs a person is in ALP", .path = &schema_posting_path, .query = &schema_owner,
		.body = &schema_posting_resolve,
		.answers = {ANSWER(200, posting, "as it is since"),
			    ANSWER_PROBLEM(409, "posting_decided", "it waits for no decision"),
			    ANSWER_PROBLEM(409, "alp_entry_taken", "that entry of ALP's is another posting's")},
	}, {
		.method = METHOD_GET, .pattern = "/api/posting/held", .name = "posting_held",
		.handle = posting_held_get, .scope = SCOPE_SERVICES,
		.summary = "Is posting held since the store was put back from a backup, and what does ALP hold that is not known here?",
		.answers = {ANSWER(200, posting_held, "how it is")},
	}, {
		.method = METHOD_POST, .pattern = "/api/posting/go-on", .name = "posting_go_on",
		.handle = posting_go_on, .scope = SCOPE_OPERATOR,
		.summary = "Let posting go on after that", .body = &schema_posting_go_on,
		.answers = {ANSWER(200, posting_held, "it goes on, now or before"),
			    ANSWER_PROBLEM(409, "not_examined", "ALP was not compared yet")},
	}, {
		.method = METHOD_GET, .pattern = "/api/reports/day", .name = "reports_day",
		.check = reports_check_day, .handle = reports_day, .scope = SCOPE_USER,
		.looks = true, .summary = "Where every second of a user's day is", .query = &schema_report_day_query,
		.csv = "report_day.csv",
		.answers = {ANSWER(200, day_report, "the balance"), ANSWER_MEDIA(200, "text/csv", "the same, as one line of a table"),
			    ANSWER_EMPTY(304, "unchanged"),
			    ANSWER_PROBLEM(404, "not_found", "the day was never fetched")},
	}, {
		.method = METHOD_GET, .pattern = "/api/reports/range", .name = "reports_range",
		.check = reports_check_range, .handle = reports_range, .scope = SCOPE_USER,
		.looks = true, .summary = "Days together: by day, by matter or by rule", .query = &schema_report_range_query,
		.csv = "report_range.csv",
		.answers = {ANSWER(200, range_report, "the sums of the days that were ever fetched"),
			    ANSWER_MEDIA(200, "text/csv", "a line for each day, matter or rule"), ANSWER_EMPTY(304, "unchanged")},
	}, {
		.method = METHOD_POST, .pattern = "/api/rules/check", .name = "rules_check",
		.check = rules_check_range, .handle = rules_check, .scope = MAY_ANY_USER,
		.looks = true, .summary = "Try other rules on stored days: what would change, and nothing is written", .body = &schema_rules_check,
		.body_max = 4 * 1024 * 1024, .waits = true,
		.answers = {ANSWER(200, rules_check, "what would change; it waits 10 s for that if nothing is said"),
			    ANSWER_AT(202, submitted_job, "it takes longer, or was not waited for, or failed: where the result will be"),
			    ANSWER_PROBLEM(422, "invalid_rules", "the text is no rules file; every fault is named with its line")},
	}, {
		.method = METHOD_GET, .pattern = "/api/rules/checks/{job_id}", .name = "rules_check_get",
		.handle = rules_check_get, .scope = SCOPE_USER,
		.looks = true, .summary = "The result of a rules check, for a day", .path = &schema_job_path, .query = &schema_owner,
		.answers = {ANSWER(200, rules_check, "what would change"),
			    ANSWER_PROBLEM(409, "check_not_done", "it is not over, or failed")},
	}, {
		.method = METHOD_GET, .pattern = "/api/users/{alp_user_id}", .name = "users_get",
		.handle = users_get, .scope = SCOPE_USER,
		.summary = "A user's zone, what day it is there, and what is kept out", .path = &schema_user_path,
		.answers = {ANSWER(200, user, "the user; unknown ones have the defaults"), ANSWER_EMPTY(304, "unchanged")},
	}, {
		.method = METHOD_PUT, .pattern = "/api/users/{alp_user_id}", .name = "users_put",
		.check = users_check_put, .handle = users_put, .scope = SCOPE_USER,
		.summary = "Set a user's zone, and what of that user is kept out", .path = &schema_user_path, .body = &schema_user,
		.answers = {ANSWER(200, user, "changed"), ANSWER(201, user, "known from now on"),
			    ANSWER_PROBLEM(412, "user_changed", "If-Match names no state of it, or an older one")},
	}, {
		.method = METHOD_DELETE, .pattern = "/api/users/{alp_user_id}/learned", .name = "users_forget",
		.handle = users_forget, .scope = SCOPE_USER,
		.summary = "Forget what suggestions to a user are made of", .path = &schema_user_path,
		.answers = {ANSWER_EMPTY(204, "nothing is known of that user's confirmations any more; the entries stay")},
	}, {
		.method = METHOD_GET, .pattern = "/api/users/{alp_user_id}/export", .name = "users_export",
		.handle = users_export, .scope = MAY_ANY_USER,
		.summary = "Everything that is held of a user, table by table; leaves a row in the audit", .path = &schema_user_path,
		.answers = {ANSWER(200, person, "all of it"), ANSWER_PROBLEM(507, "export_too_large", "it is more than one answer may be")},
	}, {
		.method = METHOD_DELETE, .pattern = "/api/users/{alp_user_id}/data", .name = "users_erase",
		.handle = users_erase, .scope = MAY_ANY_USER,
		.summary = "Erase everything that is held of a user, but the proof of what was billed, for good", .path = &schema_user_path,
		.answers = {ANSWER_EMPTY(204, "gone, from the log too"),
			    ANSWER_PROBLEM(409, "backup_running", "a backup is being made"),
			    ANSWER_PROBLEM(409, "postings_in_doubt", "postings are to be sent, or may be in ALP or not"),
			    ANSWER_PROBLEM(409, "user_has_jobs", "jobs wait or run")},
	}, {
		.method = METHOD_PUT, .pattern = "/api/matters", .name = "matters_put",
		.handle = matters_put, .scope = MAY_ANY_USER, .impersonal = true,
		.summary = "Put the firm's list of matters in the place of the one there is; stored days stay as they are until they are processed",
		.body = &schema_matter, .bulk = true, .body_max = 16 * 1024 * 1024,
		.answers = {ANSWER(200, matter_import, "the list now")},
	}, {
		.method = METHOD_GET, .pattern = "/api/matters", .name = "matters_list",
		.check = matters_check_list, .handle = matters_list, .scope = SCOPE_USER, .impersonal = true,
		.summary = "The firm's matters, by code", .query = &schema_matter_query,
		.answers = {ANSWER_LIST(200, matter, "the matters; the next page in Link"), ANSWER_EMPTY(304, "unchanged")},
	}, {
		.method = METHOD_PUT, .pattern = "/api/import/days/{date}", .name = "import_day",
		.handle = import_put_day, .scope = MAY_ANY_USER,
		.summary = "Take a day over from the prototype's database; the same again changes nothing", .path = &schema_import_path,
		.query = &schema_import_query, .body = &schema_import_line, .bulk = true, .body_max = 16 * 1024 * 1024,
		.answers = {ANSWER(200, imported_day, "what was taken, and what was not")},
	}, {
		.method = METHOD_GET, .pattern = "/api/audit", .name = "audit_list",
		.check = audit_check_list, .handle = audit_list, .scope = MAY_ANY_USER | MAY_OPERATE,
		.looks = true, .summary = "Who did what to which entry or posting, newest first; an operator sees no contents", .query = &schema_audit_query,
		.answers = {ANSWER_LIST(200, audit_row, "the rows; the next page in Link")},
	}, {
		.method = METHOD_POST, .pattern = "/api/audit/verify", .name = "audit_verify",
		.handle = audit_verify, .scope = MAY_OPERATE,
		.summary = "Follow the audit's chain from its first row on: was any changed, left out or put in between?",
		.answers = {ANSWER(200, store_check, "whether it holds")},
	}, {
		.method = METHOD_GET, .pattern = "/api/alp/matters", .name = "alp_matters",
		.check = alp_matters_check, .handle = alp_matters_list, .scope = SCOPE_USER, .impersonal = true,
		.summary = "ALP's matters; with `q` those that match, the likeliest first", .query = &schema_alp_matter_query,
		.answers = {ANSWER_LIST(200, alp_object, "the matters as ALP has them; the next page in Link"), ALP_PROBLEMS},
	}, {
		.method = METHOD_GET, .pattern = "/api/alp/matters/{matter_id}/outcomes", .name = "alp_outcomes",
		.check = alp_outcomes_check, .handle = alp_outcomes_list, .scope = SCOPE_USER, .impersonal = true,
		.summary = "The outcomes of one of ALP's matters", .path = &schema_alp_matter_path,
		.answers = {ANSWER_LIST(200, alp_object, "the outcomes as ALP has them"), ALP_PROBLEMS},
	}, {
		.method = METHOD_GET, .pattern = "/api/alp/outcomes/{outcome_id}/components", .name = "alp_components",
		.check = alp_components_check, .handle = alp_components_list, .scope = SCOPE_USER, .impersonal = true,
		.summary = "The components of one of ALP's outcomes", .path = &schema_alp_outcome_path,
		.answers = {ANSWER_LIST(200, alp_object, "the components as ALP has them"), ALP_PROBLEMS},
	}, {
		.method = METHOD_GET, .pattern = "/api/alp/users", .name = "alp_users",
		.handle = alp_users_list, .scope = MAY_ANY_USER, .impersonal = true,
		.summary = "ALP's users",
		.answers = {ANSWER_LIST(200, alp_object, "the users as ALP has them"), ALP_PROBLEMS},
	}, {
		.method = METHOD_GET, .pattern = "/api/alp/gst_types", .name = "alp_gst_types",
		.handle = alp_gst_types_list, .scope = SCOPE_USER, .impersonal = true,
		.summary = "ALP's GST types",
		.answers = {ANSWER_LIST(200, alp_object, "the GST types as ALP has them"), ALP_PROBLEMS},
	}, {
		.method = METHOD_GET, .pattern = "/api/settings", .name = "settings_get",
		.handle = settings_get, .scope = SCOPE_JOBS, .impersonal = true,
		.summary = "How this service is set up, without secrets",
		.answers = {ANSWER(200, settings, "the settings")},
	}, {
		.method = METHOD_POST, .pattern = "/api/alp/events", .name = "alp_events",
		.handle = alp_events_take, .scope = SCOPE_OPEN, .raw = true,
		.summary = "What ALP notifies of, signed by Standard Webhooks: it is looked at sooner, and nothing of it is believed",
		.answers = {ANSWER_EMPTY(204, "taken, now or before"), ANSWER_PROBLEM(401, "not_signed", "a header of the signature is missing, or is none"),
			    ANSWER_PROBLEM(401, "stale_timestamp", "it was signed too long ago, or is of the future"),
			    ANSWER_PROBLEM(401, "bad_signature", "it is signed by no secret that is known"),
			    ANSWER_PROBLEM(429, "rate_limited", "too many came at once"),
			    ANSWER_PROBLEM(503, "alp_events_not_configured", "no secret is known")},
	}, {
		.method = METHOD_GET, .pattern = "/api/alp/proof", .name = "alp_proof",
		.handle = alp_proof_list, .scope = MAY_ANY_USER,
		.summary = "The units posted of each user's day and those that ALP held when it was asked last; those that differ", .query = &schema_alp_proof_query,
		.answers = {ANSWER_LIST(200, alp_proof, "the days, newest first")},
	}, {
		.method = METHOD_POST, .pattern = "/api/alp/proof", .name = "alp_proof_run",
		.handle = alp_proof_run, .scope = MAY_ANY_USER, .impersonal = true,
		.summary = "Compare now instead of at night",
		.answers = {ANSWER_EMPTY(202, "it is compared"), ANSWER_PROBLEM(503, "alp_not_listed", "there is no ALP that lists entries")},
	}, {
		.method = METHOD_POST, .pattern = "/api/alp/probe", .name = "alp_probe",
		.handle = alp_probe_run, .scope = SCOPE_OPERATOR,
		.summary = "Ask ALP what it can do, and which settings follow", .body = &schema_alp_probe,
		.answers = {ANSWER(200, alp_probe, "what was found"), ANSWER_PROBLEM(409, "alp_probe_running", "one is under way"),
			    ANSWER_PROBLEM(503, "alp_not_configured", "there is no `alp.url`")},
	}, {
		.method = METHOD_GET, .pattern = "/api/keys", .name = "keys_list",
		.handle = keys_list, .scope = SCOPE_OPERATOR,
		.summary = "Which keys users' keys are sealed to, and how many to each",
		.answers = {ANSWER_LIST(200, stored_key, "the keeper's keys, the newest first, then those that it does not have")},
	}, {
		.method = METHOD_GET, .pattern = "/api/queue", .name = "queue_list",
		.handle = queue_list, .scope = SCOPE_OPERATOR,
		.summary = "Each kind of job: paused, waiting, running",
		.answers = {ANSWER_LIST(200, queue_kind, "every kind")},
	}, {
		.method = METHOD_POST, .pattern = "/api/queue/{kind}/pause", .name = "queue_pause",
		.handle = queue_pause, .scope = SCOPE_OPERATOR,
		.summary = "Start no more jobs of a kind", .path = &schema_kind_path,
		.answers = {ANSWER(200, queue_kind, "paused, now or before")},
	}, {
		.method = METHOD_POST, .pattern = "/api/queue/{kind}/resume", .name = "queue_resume",
		.handle = queue_resume, .scope = SCOPE_OPERATOR,
		.summary = "Start jobs of a kind again", .path = &schema_kind_path,
		.answers = {ANSWER(200, queue_kind, "running, now or before")},
	}, {
		.method = METHOD_GET, .pattern = "/api/backups", .name = "backups_list",
		.handle = backups_list, .scope = SCOPE_OPERATOR,
		.summary = "Copies of the store, newest first",
		.answers = {ANSWER_LIST(200, backup, "those in backup.directory"), ANSWER_PROBLEM(503, "backups_unreadable", "it cannot be read")},
	}, {
		.method = METHOD_POST, .pattern = "/api/backups", .name = "backups_make",
		.handle = backups_make, .scope = SCOPE_OPERATOR,
		.summary = "Make a copy of the store as it is now, without keys; answered when it is complete, checked and on the disk",
		.answers = {ANSWER(201, backup, "made"), ANSWER_PROBLEM(409, "backup_running", "one is being made"),
			    ANSWER_PROBLEM(503, "backup_failed", "none was made; the journal says why")},
	}, {
		.method = METHOD_POST, .pattern = "/api/store/check", .name = "store_check",
		.handle = store_check_all_of_it, .scope = SCOPE_OPERATOR,
		.summary = "Read the whole store: does it keep every promise, the audit's chain included?",
		.answers = {ANSWER(200, store_check, "what was found")},
	}, {
		.method = METHOD_POST, .pattern = "/api/store/prune", .name = "store_prune",
		.handle = store_prune, .scope = SCOPE_OPERATOR,
		.summary = "Remove now what is older than the settings say",
		.answers = {ANSWER(200, pruned, "what was removed")},
	}, {
		.method = METHOD_GET, .pattern = "/api/tokens", .name = "tokens_list",
		.check = tokens_check_list, .handle = tokens_list, .scope = SCOPE_OPERATOR,
		.summary = "Tokens, newest first, without their secrets", .query = &schema_token_query,
		.answers = {ANSWER_LIST(200, token, "the tokens; the next page in Link")},
	}, {
		.method = METHOD_POST, .pattern = "/api/tokens", .name = "tokens_create",
		.check = tokens_check_create, .handle = tokens_create, .scope = SCOPE_OPERATOR, .secret = true,
		.summary = "Make a token; an operator is the administrator and may make any", .body = &schema_token,
		.answers = {ANSWER_AT(201, new_token, "made; `token` is shown this once"),
			    ANSWER_PROBLEM(409, "too_many_tokens", "there are as many as there may be")},
	}, {
		.method = METHOD_GET, .pattern = "/api/tokens/{token_id}", .name = "tokens_get",
		.handle = tokens_get, .scope = SCOPE_OPERATOR,
		.summary = "One token, without its secret", .path = &schema_token_path,
		.answers = {ANSWER(200, token, "the token")},
	}, {
		.method = METHOD_DELETE, .pattern = "/api/tokens/{token_id}", .name = "tokens_revoke",
		.handle = tokens_revoke, .scope = SCOPE_OPERATOR,
		.summary = "Revoke a token, at once and for good", .path = &schema_token_path,
		.answers = {ANSWER_EMPTY(204, "revoked, now or before")},
	}, {
		.method = METHOD_GET, .pattern = "/api/webhooks", .name = "webhooks_list",
		.check = webhooks_check_list, .handle = webhooks_list, .scope = SCOPE_SERVICES,
		.summary = "Who is told of what, without secrets", .query = &schema_webhook_query,
		.answers = {ANSWER_LIST(200, webhook, "the webhooks; the next page in Link")},
	}, {
		.method = METHOD_POST, .pattern = "/api/webhooks", .name = "webhooks_create",
		.check = webhooks_check, .handle = webhooks_create, .scope = SCOPE_SERVICES, .secret = true,
		.summary = "Have facts told to an address, by Standard Webhooks", .body = &schema_webhook,
		.answers = {ANSWER_AT(201, new_webhook, "made; `secret` is shown this once"),
			    ANSWER_PROBLEM(409, "too_many_webhooks", "there are as many as there may be")},
	}, {
		.method = METHOD_GET, .pattern = "/api/webhooks/{webhook_id}", .name = "webhooks_get",
		.handle = webhooks_get, .scope = SCOPE_SERVICES,
		.summary = "One webhook, without its secret", .path = &schema_webhook_path,
		.answers = {ANSWER(200, webhook, "the webhook")},
	}, {
		.method = METHOD_PATCH, .pattern = "/api/webhooks/{webhook_id}", .name = "webhooks_change",
		.check = webhooks_check, .handle = webhooks_change, .scope = SCOPE_SERVICES,
		.summary = "Change what is sent where, disable or enable", .path = &schema_webhook_path, .body = &schema_webhook_change,
		.answers = {ANSWER(200, webhook, "as it is now")},
	}, {
		.method = METHOD_DELETE, .pattern = "/api/webhooks/{webhook_id}", .name = "webhooks_delete",
		.handle = webhooks_delete, .scope = SCOPE_SERVICES,
		.summary = "Delete a webhook and every message to it", .path = &schema_webhook_path,
		.answers = {ANSWER_EMPTY(204, "it is gone")},
	}, {
		.method = METHOD_POST, .pattern = "/api/webhooks/{webhook_id}/rotate", .name = "webhooks_rotate",
		.handle = webhooks_rotate, .scope = SCOPE_SERVICES, .secret = true,
		.summary = "Make another secret; for a time messages are signed by both", .path = &schema_webhook_path,
		.answers = {ANSWER(200, new_webhook, "`secret` is shown this once")},
	}, {
		.method = METHOD_POST, .pattern = "/api/webhooks/{webhook_id}/test", .name = "webhooks_test",
		.handle = webhooks_test, .scope = SCOPE_SERVICES,
		.summary = "Send a message of the type webhook.test", .path = &schema_webhook_path,
		.answers = {ANSWER(202, delivery, "it is on its way"), ANSWER_PROBLEM(409, "webhook_disabled", "enable it first")},
	}, {
		.method = METHOD_GET, .pattern = "/api/webhooks/{webhook_id}/deliveries", .name = "webhooks_deliveries",
		.check = deliveries_check_list, .handle = deliveries_list, .scope = SCOPE_SERVICES,
		.summary = "Messages to a webhook, newest first, with every attempt", .path = &schema_webhook_path, .query = &schema_delivery_query,
		.answers = {ANSWER_LIST(200, delivery, "the messages; the next page in Link")},
	}, {
		.method = METHOD_POST, .pattern = "/api/webhooks/deliveries/{delivery_id}/redeliver", .name = "webhooks_redeliver",
		.handle = deliveries_redeliver, .scope = SCOPE_SERVICES,
		.summary = "Send a message again, now, with the webhook-id it has", .path = &schema_delivery_path,
		.answers = {ANSWER(202, delivery, "it is on its way"), ANSWER_PROBLEM(409, "webhook_disabled", "enable it first")},
	}, {
		.method = METHOD_GET, .pattern = "/healthz", .name = "health_live",
		.handle = health_live, .scope = SCOPE_OPEN,
		.summary = "Is the process alive?",
		.answers = {ANSWER(200, health, "it is")},
	}, {
		.method = METHOD_GET, .pattern = "/livez", .name = "health_turns",
		.handle = health_live, .scope = SCOPE_OPEN,
		.summary = "The same as /healthz",
		.answers = {ANSWER(200, health, "it is")},
	}, {
		.method = METHOD_GET, .pattern = "/readyz", .name = "health_ready",
		.handle = health_ready, .scope = SCOPE_OPEN,
		.summary = "Can it take and run work?",
		.answers = {ANSWER(200, health, "it can"), ANSWER_PROBLEM(503, "not_ready", "not now")},
	}, {
		.method = METHOD_GET, .pattern = "/metrics", .name = "health_metrics",
		.handle = metrics_get, .scope = SCOPE_OPERATOR, .metrics = true,
		.summary = "What the service counts of itself, for Prometheus: OpenMetrics 1.0, or its older text",
		.answers = {ANSWER_MEDIA(200, "application/openmetrics-text", "the numbers; man rtalp-metrics explains each"),
			    ANSWER_MEDIA(200, "text/plain", "the same, when Accept prefers it")},
	}, {
		.method = METHOD_GET, .pattern = "/openapi.json", .name = "contract_get",
		.handle = contract_get, .scope = SCOPE_OPEN,
		.summary = "This description (OpenAPI 3.1)",
		.answers = {ANSWER(200, contract, "the document"), ANSWER_EMPTY(304, "unchanged")},
	}, {
		.method = METHOD_GET, .pattern = "/docs", .name = "docs_page",
		.handle = docs_get_page, .scope = SCOPE_OPEN,
		.summary = "This description as a page, to try it out",
		.answers = {ANSWER_MEDIA(200, "text/html", "the page"), ANSWER_EMPTY(304, "unchanged")},
	}, {
		.method = METHOD_GET, .pattern = "/docs/assets/{version}/{file}", .name = "docs_asset",
		.handle = docs_get_asset, .scope = SCOPE_OPEN,
		.summary = "What that page is made of", .path = &schema_docs_path,
		.answers = {ANSWER_MEDIA(200, "text/javascript", "the file"), ANSWER_MEDIA(200, "text/css", "the file"),
			    ANSWER_MEDIA(200, "image/png", "the file"), ANSWER_EMPTY(304, "unchanged")},
	}, {
		.method = METHOD_GET, .pattern = "/", .name = "docs_root",
		.handle = docs_get_root, .scope = SCOPE_OPEN,
		.summary = "To the page, until there is a review screen",
		.answers = {ANSWER_ELSEWHERE(307, "look there")},
	},
};
/* clang-format on */
const size_t route_count = ELEMENTSOF(routes);
