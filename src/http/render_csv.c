/* SPDX-License-Identifier: Apache-2.0 */
/* The columns of what may be read as CSV. Names are the JSON's; what is nested there is left out, or flattened. */
#include "app/report.h"
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

/* --- reports ------------------------------------------------------------------------------------------------------------ */

/* What is worked out of the sums that stand at `member` of a row. */
#define BILLING_CALLS(name, row_type, member)                                                                          \
	static void name##_billed(struct buf *b, const void *row)                                                      \
	{                                                                                                              \
		buf_addf(b, "%lld", (long long)billing_billed_seconds(&((const row_type *)row)->member));              \
	}                                                                                                              \
	static void name##_added(struct buf *b, const void *row)                                                       \
	{                                                                                                              \
		buf_addf(b, "%lld", (long long)billing_added_seconds(&((const row_type *)row)->member));               \
	}                                                                                                              \
	static void name##_percent(struct buf *b, const void *row)                                                     \
	{                                                                                                              \
		if (((const row_type *)row)->member.recorded_seconds > 0)                                              \
			csv_tenths(b, billing_added_permille(&((const row_type *)row)->member));                       \
	}

#define SUMS_CALLS(name, row_type)                                                                                     \
	BILLING_CALLS(name, row_type, sums.billing)                                                                    \
	static const char *name##_balanced(const void *row)                                                            \
	{                                                                                                              \
		return report_is_balanced(&((const row_type *)row)->sums) ? "true" : "false";                          \
	}                                                                                                              \
	static void name##_warnings(struct buf *b, const void *row)                                                    \
	{                                                                                                              \
		write_warnings(b, ((const row_type *)row)->sums.warnings);                                             \
	}

/* Words of ours, with nothing to quote. */
static void
write_warnings(struct buf *b, unsigned warnings)
{
	bool any = false;

	for (unsigned i = 0; report_warning_choices[i] != NULL; i++) {
		if ((warnings & 1u << i) == 0)
			continue;
		buf_addf(b, "%s%s", any ? " " : "", report_warning_choices[i]);
		any = true;
	}
}

BILLING_CALLS(matter, struct matter_billing, billing)
SUMS_CALLS(day, struct report_day)
SUMS_CALLS(in_range, struct report_day_sums)

/* clang-format off */
#define BILLING_COLUMNS(name, row_type, member) \
	{"lines", CSV_I64, .offset = offsetof(row_type, member.lines)}, \
	{"recorded_seconds", CSV_I64, .offset = offsetof(row_type, member.recorded_seconds)}, \
	{"billed_units", CSV_TENTHS, .offset = offsetof(row_type, member.billed_tenths)}, \
	{"billed_seconds", CSV_CALL, .write = name##_billed}, \
	{"added_seconds", CSV_CALL, .write = name##_added}, \
	{"added_percent", CSV_CALL, .write = name##_percent}, \
	{"tenth_up_units", CSV_TENTHS, .offset = offsetof(row_type, member.tenth_up_tenths)}, \
	{"unit_up_units", CSV_TENTHS, .offset = offsetof(row_type, member.unit_up_tenths)}

#define SUMS_COLUMNS(name, row_type) \
	{"captured_seconds", CSV_I64, .offset = offsetof(row_type, sums.captured_seconds)}, \
	{"overhang_seconds", CSV_I64, .offset = offsetof(row_type, sums.overhang_seconds)}, \
	{"pending_seconds", CSV_I64, .offset = offsetof(row_type, sums.pending_seconds)}, \
	{"submitted_seconds", CSV_I64, .offset = offsetof(row_type, sums.submitted_seconds)}, \
	{"supplement_seconds", CSV_I64, .offset = offsetof(row_type, sums.supplement_seconds)}, \
	{"ignored_seconds", CSV_I64, .offset = offsetof(row_type, sums.ignored_seconds)}, \
	{"filtered_seconds", CSV_I64, .offset = offsetof(row_type, sums.filtered_seconds)}, \
	{"below_minimum_seconds", CSV_I64, .offset = offsetof(row_type, sums.below_minimum_seconds)}, \
	{"excluded_seconds", CSV_I64, .offset = offsetof(row_type, sums.excluded_seconds)}, \
	{"unprocessed_seconds", CSV_I64, .offset = offsetof(row_type, sums.unprocessed_seconds)}, \
	{"balanced", CSV_CALL, .text = name##_balanced}, \
	{"entries", CSV_I64, .offset = offsetof(row_type, sums.entries)}, \
	{"time_units", CSV_TENTHS, .offset = offsetof(row_type, sums.units_tenths)}

#define AT(member) .offset = offsetof(struct report_day, member)
static const struct csv_column report_day_columns[] = {
	{"alp_user_id", CSV_I64, AT(alp_user_id)},
	{"date", CSV_DAY, AT(day)},
	SUMS_COLUMNS(day, struct report_day),
	{"generation", CSV_I64, AT(state.generation)},
	{"processed_generation", CSV_I64, AT(state.processed_generation)},
	{"rules_version", CSV_CHARS, AT(state.rules_version)},
	{"fetched_at", CSV_INSTANT, AT(state.fetched_ms)},
	{"upstream_empty_since", CSV_INSTANT, AT(state.upstream_empty_since_ms)},
	{"bytes_replaced", CSV_I64, AT(state.bytes_replaced)},
	BILLING_COLUMNS(day, struct report_day, sums.billing),
	{"warnings", CSV_CALL, .write = day_warnings},
};
#undef AT
const struct csv_table csv_report_day = TABLE(report_day_columns, struct report_day);

static const struct csv_column report_days_columns[] = {
	{"date", CSV_DAY, .offset = offsetof(struct report_day_sums, day)},
	SUMS_COLUMNS(in_range, struct report_day_sums),
	BILLING_COLUMNS(in_range, struct report_day_sums, sums.billing),
	{"warnings", CSV_CALL, .write = in_range_warnings},
};
const struct csv_table csv_report_days = TABLE(report_days_columns, struct report_day_sums);

static const struct csv_column report_matters_columns[] = {
	{"matter_code", CSV_TEXT, .offset = offsetof(struct matter_billing, matter)},
	BILLING_COLUMNS(matter, struct matter_billing, billing),
};
const struct csv_table csv_report_matters = TABLE(report_matters_columns, struct matter_billing);

static const struct csv_column report_rules_columns[] = {
	{"rule", CSV_TEXT, .offset = offsetof(struct filtered_time, rule)},
	{"seconds", CSV_I64, .offset = offsetof(struct filtered_time, seconds)},
	{"rows", CSV_I64, .offset = offsetof(struct filtered_time, rows)},
};
const struct csv_table csv_report_rules = TABLE(report_rules_columns, struct filtered_time);
/* clang-format on */
