/* SPDX-License-Identifier: Apache-2.0 */
/* The columns of what may be read as CSV. Names are the JSON's; what is nested there is left out, or flattened. */
#include "http/resources.h"

#define TABLE(columns, row) {(columns), ELEMENTSOF(columns), sizeof(row)}

/* --- jobs --------------------------------------------------------------------------------------------------------------- */

static const char *
job_kind(const void *row)
{
	const struct job_kind_info *kind = job_kind_info(((const struct job_row *)row)->kind);

	return kind != NULL ? kind->name : NULL;
}

static const char *
job_state(const void *row)
{
	return job_state_name(((const struct job_row *)row)->state);
}

static void
job_from(struct buf *b, const void *row)
{
	const struct job_row *job = row;

	csv_day(b, job_has_range(job) ? job->from_day : -1);
}

static void
job_to(struct buf *b, const void *row)
{
	const struct job_row *job = row;

	csv_day(b, job_has_range(job) ? job->to_day : -1);
}

static void
job_parent(struct buf *b, const void *row)
{
	const struct job_row *job = row;

	if (job->parent_job != 0)
		buf_addf(b, "%lld", (long long)job->parent_job);
}

#define AT(member) .offset = offsetof(struct job_row, member)
static const struct csv_column job_columns[] = {
    {"job_id", CSV_I64, AT(job_id)},
    {"kind", CSV_CALL, .text = job_kind},
    {"alp_user_id", CSV_I64, AT(alp_user_id)},
    {"state", CSV_CALL, .text = job_state},
    {"priority", CSV_I32, AT(priority)},
    {"from", CSV_CALL, .write = job_from},
    {"to", CSV_CALL, .write = job_to},
    {"days_done", CSV_I32, AT(days_done)},
    {"attempts", CSV_I32, AT(attempts)},
    {"run", CSV_I32, AT(run)},
    {"run_at", CSV_INSTANT, AT(run_at_ms)},
    {"created_at", CSV_INSTANT, AT(created_ms)},
    {"updated_at", CSV_INSTANT, AT(updated_ms)},
    {"started_at", CSV_INSTANT, AT(started_ms)},
    {"finished_at", CSV_INSTANT, AT(finished_ms)},
    {"cancel_requested", CSV_BOOL, AT(cancel_requested)},
    {"parent_id", CSV_CALL, .write = job_parent},
    {"error_code", CSV_TEXT, AT(error_code)},
    {"error_detail", CSV_TEXT, AT(error_detail)},
};
#undef AT
const struct csv_table csv_jobs = TABLE(job_columns, struct job_row);

/* --- time entries ------------------------------------------------------------------------------------------------------- */

static const char *
entry_application(const void *row)
{
	return entry_seen_application(row);
}

static const char *
entry_description(const void *row)
{
	return entry_seen_description(row);
}

static const char *
entry_matter(const void *row)
{
	return entry_seen_matter(row);
}

static const char *
entry_status(const void *row)
{
	return entry_status_name(((const struct entry_row *)row)->status);
}

static void
entry_units(struct buf *b, const void *row)
{
	csv_tenths(b, entry_seen_units(row));
}

static void
entry_supplement_of(struct buf *b, const void *row)
{
	const struct entry_row *e = row;

	if (e->supplement_of != 0)
		buf_addf(b, "%lld", (long long)e->supplement_of);
}

#define AT(member) .offset = offsetof(struct entry_row, member)
static const struct csv_column entry_columns[] = {
    {"entry_id", CSV_I64, AT(entry_id)},
    {"alp_user_id", CSV_I64, AT(alp_user_id)},
    {"entry_date", CSV_DAY, AT(day)},
    {"application", CSV_CALL, .text = entry_application},
    {"task_description", CSV_CALL, .text = entry_description},
    {"total_seconds", CSV_I64, AT(total_seconds)},
    {"time_units", CSV_CALL, .write = entry_units},
    {"status", CSV_CALL, .text = entry_status},
    {"notes", CSV_TEXT, AT(notes)},
    {"matter_code", CSV_CALL, .text = entry_matter},
    {"source_hash", CSV_CHARS, AT(source_hash)},
    {"created_at", CSV_INSTANT, AT(created_ms)},
    {"updated_at", CSV_INSTANT, AT(updated_ms)},
    {"revision", CSV_I64, AT(revision)},
    {"drift_seconds", CSV_I64, AT(drift_seconds)},
    {"supplement_of", CSV_CALL, .write = entry_supplement_of},
};
const struct csv_table csv_entries = TABLE(entry_columns, struct entry_row);

static const struct csv_column confirmed_columns[] = {
    {"id", CSV_I64, AT(entry_id)},
    {"original_entry_id", CSV_I64, AT(entry_id)},
    {"alp_user_id", CSV_I64, AT(alp_user_id)},
    {"entry_date", CSV_DAY, AT(day)},
    {"application", CSV_CALL, .text = entry_application},
    {"task_description", CSV_CALL, .text = entry_description},
    {"total_seconds", CSV_I64, AT(frozen_seconds)},
    {"time_units", CSV_CALL, .write = entry_units},
    {"matter_code", CSV_CALL, .text = entry_matter},
    {"status", CSV_CALL, .text = entry_status},
    {"notes", CSV_TEXT, AT(notes)},
    {"source_hash", CSV_CHARS, AT(source_hash)},
    {"created_at", CSV_INSTANT, AT(confirmed_ms)},
    {"updated_at", CSV_INSTANT, AT(updated_ms)},
    {"drift_seconds", CSV_I64, AT(drift_seconds)},
    {"supplement_of", CSV_CALL, .write = entry_supplement_of},
    {"rules_version", CSV_CHARS, AT(rules_version)},
    {"revision", CSV_I64, AT(revision)},
};
#undef AT
const struct csv_table csv_confirmed = TABLE(confirmed_columns, struct entry_row);

/* --- the report of a day ------------------------------------------------------------------------------------------------ */

static const char *
report_balanced(const void *row)
{
	return report_is_balanced(row) ? "true" : "false";
}

#define AT(member) .offset = offsetof(struct report_day, member)
static const struct csv_column report_day_columns[] = {
    {"alp_user_id", CSV_I64, AT(alp_user_id)},
    {"date", CSV_DAY, AT(day)},
    {"captured_seconds", CSV_I64, AT(captured_seconds)},
    {"overhang_seconds", CSV_I64, AT(overhang_seconds)},
    {"pending_seconds", CSV_I64, AT(pending_seconds)},
    {"submitted_seconds", CSV_I64, AT(submitted_seconds)},
    {"supplement_seconds", CSV_I64, AT(supplement_seconds)},
    {"ignored_seconds", CSV_I64, AT(ignored_seconds)},
    {"filtered_seconds", CSV_I64, AT(filtered_seconds)},
    {"below_minimum_seconds", CSV_I64, AT(below_minimum_seconds)},
    {"excluded_seconds", CSV_I64, AT(excluded_seconds)},
    {"unprocessed_seconds", CSV_I64, AT(unprocessed_seconds)},
    {"balanced", CSV_CALL, .text = report_balanced},
    {"entries", CSV_I64, AT(entries)},
    {"time_units", CSV_TENTHS, AT(units_tenths)},
    {"generation", CSV_I64, AT(state.generation)},
    {"processed_generation", CSV_I64, AT(state.processed_generation)},
    {"rules_version", CSV_CHARS, AT(state.rules_version)},
    {"fetched_at", CSV_INSTANT, AT(state.fetched_ms)},
    {"upstream_empty_since", CSV_INSTANT, AT(state.upstream_empty_since_ms)},
    {"bytes_replaced", CSV_I64, AT(state.bytes_replaced)},
};
#undef AT
const struct csv_table csv_report_day = TABLE(report_day_columns, struct report_day);
