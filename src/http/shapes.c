/* SPDX-License-Identifier: Apache-2.0 */
#include "http/readiness.h"
#include "http/resources.h"
#include "http/shape.h"

#define MEMBERS(table) .members = (table), .count = ELEMENTSOF(table)

/* clang-format off */

/* --- problems ----------------------------------------------------------------------------------------------------------- */

static const struct member field_error_members[] = {
	{"loc", MEMBER_TEXT, .list = true, .example = "[\"body\", \"days\"]",
	 .summary = "where: `body`, `query`, `path` or `header`, then the field's name unless all of it is meant"},
	{"msg", MEMBER_TEXT, .summary = "what is wrong, for people", .example = "\"must be from 1 to 31\""},
	{"type", MEMBER_TEXT, .summary = "what is wrong, for programs; stable", .example = "\"out_of_range\""},
};
static const struct shape shape_field_error = {"FieldError", "One wrong field.", MEMBERS(field_error_members)};

static const struct member lack_members[] = {
	{"what", MEMBER_WORD, .choices = lack_choices, .summary = "which part"},
	{"detail", MEMBER_TEXT, .summary = "for people", .example = "\"workers cannot be started\""},
};
static const struct shape shape_lack = {"Lack", "A part that is not as it should be.", MEMBERS(lack_members)};

static const struct member problem_members[] = {
	{"type", MEMBER_TEXT, .summary = "always `about:blank`: `code` tells problems apart", .example = "\"about:blank\""},
	{"title", MEMBER_TEXT, .summary = "the status in words", .example = "\"Unprocessable Content\""},
	{"status", MEMBER_INTEGER, .summary = "the status again", .example = "422"},
	{"detail", MEMBER_TEXT, .nullable = true, .summary = "what is wrong, for people",
	 .example = "\"Some fields are missing or wrong; `errors` names every one.\""},
	{"instance", MEMBER_TEXT, .nullable = true, .summary = "the path asked for; null when no request could be read",
	 .example = "\"/api/jobs/fetch\""},
	{"code", MEMBER_TEXT, .summary = "what is wrong, for programs; stable", .example = "\"invalid_fields\""},
	{"request_id", MEMBER_TEXT, .summary = "X-Request-Id, under which the log has it", .example = "\"5f0c3f8a1b2c3d4e5f607182\""},
	{"errors", MEMBER_SHAPE, .of = &shape_field_error, .list = true, .optional = true, .summary = "with 422: every wrong field"},
	{"missing", MEMBER_SHAPE, .of = &shape_lack, .list = true, .optional = true, .summary = "with 503 not_ready: everything that is missing"},
};
const struct shape shape_problem = {"Problem", "What went wrong (RFC 9457).", MEMBERS(problem_members)};

/* --- jobs --------------------------------------------------------------------------------------------------------------- */

static const char *const phase_choices[] = {"fetching", "processing", NULL};

static const struct member job_error_members[] = {
	{"code", MEMBER_TEXT, .summary = "for programs; stable", .example = "\"key_refused\""},
	{"detail", MEMBER_TEXT, .nullable = true, .summary = "for people", .example = "\"RescueTime does not know this key\""},
};
static const struct shape shape_job_error = {"JobError", "Why a job failed, or its last attempt did.", MEMBERS(job_error_members)};

static const struct member job_members[] = {
	{"job_id", MEMBER_COUNT, .summary = "the job", .example = "17"},
	{"kind", MEMBER_WORD, .choices = job_kind_choices, .summary = "what it does"},
	{"alp_user_id", MEMBER_COUNT, .summary = "whose it is", .example = "42"},
	{"state", MEMBER_WORD, .choices = job_state_choices,
	 .summary = "`key_lost`: the daemon ended before the job did, and the key with it"},
	{"phase", MEMBER_WORD, .choices = phase_choices, .nullable = true, .summary = "what it is at; null when it is over"},
	{"priority", MEMBER_COUNT, .summary = "higher goes first", .example = "5"},
	{"from", MEMBER_DAY, .nullable = true, .summary = "its first day; null: every unprocessed one"},
	{"to", MEMBER_DAY, .nullable = true, .summary = "its last day"},
	{"days_total", MEMBER_COUNT, .nullable = true, .summary = "how many days that are", .example = "4"},
	{"days_done", MEMBER_COUNT, .summary = "how many of them are stored", .example = "2"},
	{"progress", MEMBER_COUNT, .summary = "0 to 100", .example = "50"},
	{"attempts", MEMBER_COUNT, .summary = "failures of the job itself", .example = "0"},
	{"run", MEMBER_COUNT, .summary = "how often it was begun", .example = "1"},
	{"run_at", MEMBER_INSTANT, .nullable = true, .summary = "not before then"},
	{"retry_at", MEMBER_INSTANT, .nullable = true, .summary = "when it is tried again after a failure"},
	{"created_at", MEMBER_INSTANT, .summary = "when it was asked for"},
	{"updated_at", MEMBER_INSTANT, .summary = "when it changed last"},
	{"started_at", MEMBER_INSTANT, .nullable = true, .summary = "when it was begun last"},
	{"finished_at", MEMBER_INSTANT, .nullable = true, .summary = "when it was over"},
	{"cancel_requested", MEMBER_BOOLEAN, .summary = "its worker is being stopped", .example = "false"},
	{"parent_id", MEMBER_COUNT, .nullable = true, .summary = "the fetch that this processing belongs to", .example = "null"},
	{"error", MEMBER_SHAPE, .of = &shape_job_error, .nullable = true, .summary = "why it, or its last attempt, failed", .example = "null"},
};
const struct shape shape_job = {"Job", "A piece of work for one user.", MEMBERS(job_members)};

static const struct member history_members[] = {
	{"at", MEMBER_INSTANT, .summary = "when"},
	{"from", MEMBER_WORD, .choices = job_state_choices, .nullable = true, .summary = "the state before; null: it was new"},
	{"to", MEMBER_WORD, .choices = job_state_choices, .summary = "the state after"},
	{"run", MEMBER_COUNT, .summary = "in which run", .example = "1"},
	{"code", MEMBER_TEXT, .nullable = true, .summary = "why, for programs", .example = "\"worker_crashed\""},
	{"detail", MEMBER_TEXT, .nullable = true, .summary = "why, for people", .example = "null"},
};
static const struct shape shape_job_step = {"JobStep", "One change of a job's state.", MEMBERS(history_members)};

static const struct member with_history_members[] = {
	{"history", MEMBER_SHAPE, .of = &shape_job_step, .list = true, .summary = "every change of its state, oldest first"},
};
const struct shape shape_job_with_history = {"JobWithHistory", "A job and what became of it.", .base = &shape_job,
	MEMBERS(with_history_members)};

static const struct member submitted_members[] = {
	{"message", MEMBER_TEXT, .summary = "what became of the wish, for people",
	 .example = "\"The fetch job for 2026-01-05 to 2026-01-08 is queued.\""},
	{"coalesced", MEMBER_BOOLEAN, .summary = "it joined a queued job of the same days", .example = "false"},
};
const struct shape shape_submitted_job = {"SubmittedJob", "A job as it was accepted, or as it was when the wait for it ended.",
	.base = &shape_job, MEMBERS(submitted_members)};

/* --- events ------------------------------------------------------------------------------------------------------------- */

static const struct member job_event_members[] = {
	{"job_id", MEMBER_COUNT, .summary = "the job", .example = "17"},
	{"alp_user_id", MEMBER_COUNT, .summary = "whose it is", .example = "42"},
	{"kind", MEMBER_WORD, .choices = job_kind_choices, .summary = "what it does"},
	{"state", MEMBER_WORD, .choices = job_state_choices, .summary = "how it is since"},
	{"run", MEMBER_COUNT, .summary = "in which run", .example = "1"},
	{"days_done", MEMBER_COUNT, .summary = "how many of its days are stored", .example = "2"},
	{"days_total", MEMBER_COUNT, .nullable = true, .summary = "of how many", .example = "4"},
	{"day", MEMBER_DAY, .nullable = true, .summary = "with `job.progress`: the day that was stored"},
	{"code", MEMBER_TEXT, .nullable = true, .summary = "why, for programs", .example = "null"},
	{"parent_id", MEMBER_COUNT, .nullable = true, .summary = "the fetch that this processing belongs to", .example = "null"},
	{"at", MEMBER_INSTANT, .summary = "when"},
	{"snapshot", MEMBER_BOOLEAN, .optional = true, .summary = "true: how the job was when the stream began, not a change"},
};
static const struct shape shape_job_event = {"JobEvent", "Something happened to a job.", MEMBERS(job_event_members)};

static const struct member entries_event_members[] = {
	{"alp_user_id", MEMBER_COUNT, .summary = "whose", .example = "42"},
	{"day", MEMBER_DAY, .summary = "of which day"},
	{"at", MEMBER_INSTANT, .summary = "when"},
};
static const struct shape shape_entries_event = {"EntriesEvent", "The entries of a day changed.", MEMBERS(entries_event_members)};

static const struct member posting_event_members[] = {
	{"posting_id", MEMBER_COUNT, .summary = "the posting", .example = "7"},
	{"alp_user_id", MEMBER_COUNT, .summary = "whose", .example = "42"},
	{"day", MEMBER_DAY, .summary = "of which day"},
	{"state", MEMBER_WORD, .choices = posting_state_choices, .summary = "how it is since"},
	{"code", MEMBER_TEXT, .nullable = true, .summary = "why, for programs", .example = "null"},
	{"at", MEMBER_INSTANT, .summary = "when"},
};
static const struct shape shape_posting_event = {"PostingEvent", "A posting changed its state.", MEMBERS(posting_event_members)};

static const char *const reset_choices[] = {"events_not_kept", NULL};
static const struct member reset_event_members[] = {
	{"reason", MEMBER_WORD, .choices = reset_choices, .summary = "events in between are not kept any more: read everything again"},
};
static const struct shape shape_reset_event = {"ResetEvent", "The stream could not go on where it ended.", MEMBERS(reset_event_members)};

const struct event_shape event_shapes[] = {
	{"job.queued", &shape_job_event}, {"job.running", &shape_job_event}, {"job.succeeded", &shape_job_event},
	{"job.failed", &shape_job_event}, {"job.cancelled", &shape_job_event}, {"job.key_lost", &shape_job_event},
	{"job.progress", &shape_job_event}, {"entries.changed", &shape_entries_event},
	{"posting.changed", &shape_posting_event}, {"reset", &shape_reset_event},
	{NULL, NULL},
};

/* --- time entries ------------------------------------------------------------------------------------------------------- */

static const char *const entry_statuses[] = {"pending", "submitted", "ignored", "withdrawn", NULL};
static const char *const edited_choices[] = {"application", "task_description", "time_units", "matter_code", "notes", NULL};
static const char *const warning_choices[] = {"rows_vanished", "confirmed_more_than_recorded", NULL};

static const struct member machine_members[] = {
	{"application", MEMBER_TEXT, .summary = "where it was done", .example = "\"Microsoft Word\""},
	{"task_description", MEMBER_TEXT, .summary = "what was done", .example = "\"Lease for 12 Smith Street.docx\""},
	{"time_units", MEMBER_TENTHS, .summary = "six-minute units", .example = "2.1"},
	{"matter_code", MEMBER_TEXT, .nullable = true, .summary = "the matter found", .example = "\"12345\""},
	{"total_seconds", MEMBER_COUNT, .summary = "recorded", .example = "741"},
};
static const struct shape shape_machine = {"MachineValues", "What the rules made of the recorded activity.", MEMBERS(machine_members)};

static const struct member suggestion_members[] = {
	{"matter_code", MEMBER_TEXT, .summary = "the likely matter", .example = "\"12345\""},
	{"score", MEMBER_SCORE, .summary = "how likely, to compare with the others", .example = "0.91"},
	{"reason", MEMBER_TEXT, .summary = "for people", .example = "\"you confirmed 12345 for \\\"Lease\\\" 4 times, last on 2026-01-05\""},
};
const struct shape shape_suggestion = {"Suggestion", "A likely matter, from what this user confirmed before.", MEMBERS(suggestion_members)};

static const struct member entry_members[] = {
	{"entry_id", MEMBER_COUNT, .summary = "the entry; never used again", .example = "1001"},
	{"alp_user_id", MEMBER_COUNT, .summary = "whose it is", .example = "42"},
	{"entry_date", MEMBER_DAY, .summary = "the user's work day"},
	{"application", MEMBER_TEXT, .summary = "where it was done", .example = "\"Microsoft Word\""},
	{"task_description", MEMBER_TEXT, .summary = "what was done", .example = "\"Advising on the lease\""},
	{"total_seconds", MEMBER_COUNT, .summary = "recorded", .example = "741"},
	{"time_units", MEMBER_TENTHS, .summary = "six-minute units", .example = "2.1"},
	{"alp_units", MEMBER_COUNT, .summary = "what ALP would get: whole units", .example = "3"},
	{"status", MEMBER_WORD, .choices = entry_statuses, .summary = "`withdrawn`: its activity went away before anybody touched it"},
	{"notes", MEMBER_TEXT, .nullable = true, .summary = "only ever a person's", .example = "null"},
	{"matter_code", MEMBER_TEXT, .nullable = true, .summary = "the matter", .example = "\"12345\""},
	{"source_hash", MEMBER_TEXT, .summary = "of what it was made of", .example = "\"9f86d081884c7d659a2feaa0c55ad015\""},
	{"created_at", MEMBER_INSTANT, .summary = "when it was made"},
	{"updated_at", MEMBER_INSTANT, .summary = "when it changed last"},
	{"drift_seconds", MEMBER_INTEGER, .summary = "of a confirmed one: recorded less confirmed, together with its supplements", .example = "0"},
	{"supplement_of", MEMBER_COUNT, .nullable = true,
	 .summary = "a supplement: a part of that entry's work, recorded beyond what was confirmed of it, or split off by a person", .example = "null"},
	{"merged_into", MEMBER_COUNT, .nullable = true, .summary = "a withdrawn one: the entry that a person gave its time to; restoring takes it out",
	 .example = "null"},
	{"suggested_matters", MEMBER_SHAPE, .of = &shape_suggestion, .list = true,
	 .summary = "of a pending entry without a matter: what this user confirmed before for the like; the likeliest first, 5 at most"},
	{"edited_fields", MEMBER_WORD, .choices = edited_choices, .list = true,
	 .summary = "what a person wrote; the machine leaves it alone", .example = "[\"task_description\"]"},
	{"posting", MEMBER_SHAPE, .of = &shape_posting_brief, .nullable = true, .summary = "of a confirmed one: how it stands with ALP; null: it was not posted"},
	{"revision", MEMBER_COUNT, .summary = "grows with every change", .example = "3"},
	{"warnings", MEMBER_WORD, .choices = warning_choices, .list = true,
	 .summary = "`rows_vanished`: a person touched it, and its activity is gone; `confirmed_more_than_recorded`: some of it is", .example = "[]"},
	{"machine", MEMBER_SHAPE, .of = &shape_machine, .summary = "the values without a person's"},
};
const struct shape shape_time_entry = {"TimeEntry", "A draft of billable time.", MEMBERS(entry_members)};

static const char *const confirmed_statuses[] = {"submitted", NULL};

static const struct member confirmed_members[] = {
	{"id", MEMBER_COUNT, .summary = "the confirmed entry; its draft's", .example = "1001"},
	{"original_entry_id", MEMBER_COUNT, .summary = "the draft that was confirmed", .example = "1001"},
	{"alp_user_id", MEMBER_COUNT, .summary = "whose it is", .example = "42"},
	{"entry_date", MEMBER_DAY, .summary = "the user's work day"},
	{"application", MEMBER_TEXT, .summary = "where it was done", .example = "\"Microsoft Word\""},
	{"task_description", MEMBER_TEXT, .summary = "what was done", .example = "\"Advising on the lease\""},
	{"total_seconds", MEMBER_COUNT, .summary = "confirmed; stays, whatever is recorded later", .example = "741"},
	{"time_units", MEMBER_TENTHS, .summary = "six-minute units", .example = "2.1"},
	{"alp_units", MEMBER_COUNT, .summary = "what ALP gets: whole units", .example = "3"},
	{"matter_code", MEMBER_TEXT, .nullable = true, .summary = "the matter", .example = "\"12345\""},
	{"status", MEMBER_WORD, .choices = confirmed_statuses, .summary = "always this; what ALP says of it is not in here"},
	{"notes", MEMBER_TEXT, .nullable = true, .summary = "only ever a person's", .example = "null"},
	{"source_hash", MEMBER_TEXT, .summary = "the draft's", .example = "\"9f86d081884c7d659a2feaa0c55ad015\""},
	{"created_at", MEMBER_INSTANT, .summary = "when it was confirmed"},
	{"updated_at", MEMBER_INSTANT, .summary = "when it changed last"},
	{"submitted_to_alp_at", MEMBER_INSTANT, .nullable = true, .summary = "since when it is known to be in ALP"},
	{"alp_entry_id", MEMBER_TEXT, .nullable = true, .summary = "ALP's id of it", .example = "null"},
	{"posting", MEMBER_SHAPE, .of = &shape_posting_brief, .nullable = true, .summary = "how it stands with ALP; null: it was not posted"},
	{"drift_seconds", MEMBER_INTEGER, .summary = "recorded less confirmed, together with its supplements", .example = "0"},
	{"supplement_of", MEMBER_COUNT, .nullable = true, .summary = "the entry whose work this is more of", .example = "null"},
	{"rounding", MEMBER_WORD, .choices = rounding_choices, .summary = "the policy that made the machine's units"},
	{"units_per", MEMBER_WORD, .choices = units_per_choices, .summary = "what it rounded up"},
	{"minimum_units", MEMBER_TENTHS, .summary = "its minimum", .example = "0.0"},
	{"machine_units", MEMBER_TENTHS, .summary = "what the machine made of those seconds", .example = "2.1"},
	{"rules_version", MEMBER_TEXT, .summary = "of the rules that made the draft", .example = "\"895ce51df936988beb3864762b8e2b0e\""},
	{"revision", MEMBER_COUNT, .summary = "grows with every change", .example = "3"},
};
const struct shape shape_confirmed_entry = {"ProcessedTimeEntry", "Time that a person confirmed.", MEMBERS(confirmed_members)};

/* --- users, settings, queue, health -------------------------------------------------------------------------------------- */

static const struct member privacy_members[] = {
	{"exclude_applications", MEMBER_TEXT, .list = true, .summary = "of what is done there only the seconds are kept", .example = "[\"Signal\"]"},
	{"work_hours", MEMBER_TEXT, .nullable = true, .summary = "of what is done outside of them only the seconds are kept; null: always",
	 .example = "\"mon-fri 07:00-19:00\""},
};
static const struct shape shape_privacy = {"Privacy", "What of a user is kept out at intake.", MEMBERS(privacy_members)};

static const struct member user_members[] = {
	{"alp_user_id", MEMBER_COUNT, .summary = "ALP's number of the user", .example = "42"},
	{"time_zone", MEMBER_TEXT, .nullable = true, .summary = "null: the configured default", .example = "\"Australia/Sydney\""},
	{"default_time_zone", MEMBER_TEXT, .nullable = true, .summary = "that default", .example = "\"Australia/Sydney\""},
	{"today", MEMBER_DAY, .summary = "the day it is for the user"},
	{"privacy", MEMBER_SHAPE, .of = &shape_privacy, .summary = "holds for what is fetched from now on"},
	{"created_at", MEMBER_INSTANT, .nullable = true, .summary = "null: nothing is known of this user"},
	{"updated_at", MEMBER_INSTANT, .nullable = true, .summary = "when it changed last"},
};
const struct shape shape_user = {"User", "A fee earner.", MEMBERS(user_members)};

static const struct member matter_members[] = {
	{"code", MEMBER_TEXT, .summary = "what entries name it by", .example = "\"12345\""},
	{"name", MEMBER_TEXT, .summary = "may be empty", .example = "\"Lease of 4 High Street\""},
	{"client", MEMBER_TEXT, .summary = "may be empty", .example = "\"Smith & Sons\""},
	{"aliases", MEMBER_TEXT, .list = true, .summary = "other names of it in titles", .example = "[\"Smith v Jones\"]"},
	{"open", MEMBER_BOOLEAN, .summary = "a closed one is listed as well, and never suggested", .example = "true"},
	{"updated_at", MEMBER_INSTANT, .summary = "when an import changed it last"},
};
const struct shape shape_matter = {"Matter", "One of the firm's matters.", MEMBERS(matter_members)};

static const struct member matter_import_members[] = {
	{"matters", MEMBER_COUNT, .summary = "how many there are now", .example = "1"},
	{"version", MEMBER_TEXT, .summary = "what verdicts made by this list name it by", .example = "\"8ff0a2c9d1b3e4f5a6978b8c7d6e5f40\""},
	{"changed", MEMBER_BOOLEAN, .summary = "false: it is the list there was", .example = "true"},
	{"changed_at", MEMBER_INSTANT, .summary = "when the list changed last"},
};
const struct shape shape_matter_import = {"MatterImport", "The firm's list of matters after an import.", MEMBERS(matter_import_members)};

const struct shape shape_alp_object = {"AlpObject", "One of ALP's objects, untouched: its members are ALP's to say.", .open = true};

static const struct member settings_members[] = {
	{"backend_port", MEMBER_COUNT, .summary = "where this service listens; 0: no TCP socket", .example = "8080"},
	{"database_path", MEMBER_TEXT, .nullable = true, .summary = "the store", .example = "\"/var/lib/rescuetime-alp/rtalp.db\""},
	{"has_api_key", MEMBER_BOOLEAN, .summary = "single-user mode has a key", .example = "false"},
	{"single_user_id", MEMBER_COUNT, .nullable = true, .summary = "the user who may be left out", .example = "null"},
	{"default_time_zone", MEMBER_TEXT, .nullable = true, .summary = "of users without one", .example = "\"Australia/Sydney\""},
	{"version", MEMBER_TEXT, .nullable = true, .summary = "of this program", .example = "\"0.1.0\""},
	{"max_days_per_fetch", MEMBER_COUNT, .summary = "the longest range of a job", .example = "31"},
	{"rules_version", MEMBER_TEXT, .nullable = true, .summary = "what entries made now name as their rules", .example = "\"8ff0a2c9d1b3e4f5a6978b8c7d6e5f40\""},
	{"rules_file", MEMBER_TEXT, .nullable = true, .summary = "the file they stand in, without its directory", .example = "\"rules.conf\""},
	{"matters_from", MEMBER_WORD, .nullable = true, .choices = matters_from_choices, .summary = "who brought the list of matters that the rules know; null: there is none"},
};
const struct shape shape_settings = {"Settings", "How this service is set up, without secrets.", MEMBERS(settings_members)};

static const struct member queue_kind_members[] = {
	{"kind", MEMBER_WORD, .choices = job_kind_choices, .summary = "the kind of job"},
	{"paused", MEMBER_BOOLEAN, .summary = "none of it is begun", .example = "false"},
	{"queued", MEMBER_COUNT, .summary = "how many wait", .example = "0"},
	{"running", MEMBER_COUNT, .summary = "how many run", .example = "1"},
	{"oldest_age_seconds", MEMBER_COUNT, .nullable = true, .summary = "how long the oldest that is due has waited", .example = "null"},
};
const struct shape shape_queue_kind = {"QueueKind", "The jobs of one kind.", MEMBERS(queue_kind_members)};

static const struct member stored_key_members[] = {
	{"key_id", MEMBER_TEXT, .summary = "which one; of the public half, no secret", .example = "\"6f1c0a9de2b34c5f8a7b6c5d4e3f2a10\""},
	{"newest", MEMBER_BOOLEAN, .summary = "what comes is sealed to it", .example = "true"},
	{"held", MEMBER_BOOLEAN, .summary = "the keeper has it; without it, what is sealed to it cannot be opened", .example = "true"},
	{"lasting", MEMBER_BOOLEAN, .summary = "it will be there after a restart", .example = "true"},
	{"jobs", MEMBER_COUNT, .summary = "jobs that wait or run with a key sealed to it", .example = "3"},
	{"webhooks", MEMBER_COUNT, .summary = "webhooks with a secret sealed to it", .example = "1"},
};
const struct shape shape_stored_key = {"StoredKey", "A key of the keeper's, that users' keys and webhooks' secrets are sealed to.", MEMBERS(stored_key_members)};

static const struct member alp_finding_members[] = {
	{"about", MEMBER_TEXT, .summary = "what was looked at", .example = "\"matters\""},
	{"good", MEMBER_BOOLEAN, .summary = "it is as the bridge needs it"},
	{"detail", MEMBER_TEXT, .summary = "what was found, for people", .example = "\"2000 in one answer, with an ETag\""},
};
static const struct shape shape_alp_finding = {"AlpFinding", "Something that was found out about ALP.", MEMBERS(alp_finding_members)};
static const struct member alp_follows_members[] = {
	{"name", MEMBER_TEXT, .summary = "the setting", .example = "\"alp.paging\""},
	{"value", MEMBER_TEXT, .summary = "what it should be", .example = "\"link\""},
};
static const struct shape shape_alp_follows = {"AlpSetting", "A setting that should be another one.", MEMBERS(alp_follows_members)};
static const struct member alp_probe_members[] = {
	{"findings", MEMBER_SHAPE, .of = &shape_alp_finding, .list = true, .summary = "in the order in which ALP was asked"},
	{"settings", MEMBER_SHAPE, .of = &shape_alp_follows, .list = true, .summary = "what follows and is set otherwise now; empty: nothing"},
};
const struct shape shape_alp_probe = {"AlpProbe", "What this firm's ALP can do.", MEMBERS(alp_probe_members)};

static const struct member token_members[] = {
	{"token_id", MEMBER_COUNT, .summary = "the token", .example = "3"},
	{"name", MEMBER_TEXT, .summary = "who holds it, for people; empty if nobody said", .example = "\"ALP back end\""},
	{"scope", MEMBER_WORD, .choices = token_scope_choices, .summary = "which callers it makes"},
	{"alp_user_id", MEMBER_COUNT, .nullable = true, .summary = "with scope `user`: which one", .example = "null"},
	{"read_only", MEMBER_BOOLEAN, .summary = "may not change anything", .example = "false"},
	{"created_at", MEMBER_INSTANT, .summary = "when it was made"},
	{"expires_at", MEMBER_INSTANT, .nullable = true, .summary = "worth nothing from then on; null: never"},
	{"revoked_at", MEMBER_INSTANT, .nullable = true, .summary = "worth nothing since; null: not revoked"},
	{"last_used_at", MEMBER_INSTANT, .nullable = true, .summary = "null: never"},
};
const struct shape shape_token = {"Token", "A token, without its secret.", MEMBERS(token_members)};

static const struct member new_token_members[] = {
	{"token", MEMBER_TEXT, .summary = "what to send as `Authorization: Bearer`; shown this once",
	 .example = "\"rtalp_3_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\""},
};
const struct shape shape_new_token = {"NewToken", "A token just made.", .base = &shape_token, MEMBERS(new_token_members)};

static const char *const health_choices[] = {"ok", "ready", NULL};

static const struct member health_members[] = {
	{"status", MEMBER_WORD, .choices = health_choices, .summary = "`ok`: alive; `ready`: it can take and run work"},
	{"without", MEMBER_SHAPE, .of = &shape_lack, .list = true, .optional = true, .summary = "what it does without for a while, if there is anything"},
};
const struct shape shape_health = {"Health", "How the service is.", MEMBERS(health_members)};

static const struct member contract_members[] = {
	{"openapi", MEMBER_TEXT, .summary = "of which version of OpenAPI the rest is", .example = "\"3.1.0\""},
};
const struct shape shape_contract = {"Contract", "An OpenAPI document.", MEMBERS(contract_members), .open = true};
