/* SPDX-License-Identifier: Apache-2.0 */
/* What reports hold. */
#include "http/resources.h"
#include "http/shape.h"

#define MEMBERS(table) .members = (table), .count = ELEMENTSOF(table)

/* clang-format off */

static const struct member filtered_members[] = {
	{"rule", MEMBER_TEXT, .summary = "the rule", .example = "\"vague.home\""},
	{"seconds", MEMBER_COUNT, .summary = "taken out by it", .example = "1800"},
	{"rows", MEMBER_COUNT, .summary = "in so many rows", .example = "12"},
};
static const struct shape shape_filtered = {"Filtered", "What one rule took out.", MEMBERS(filtered_members)};

static const struct member dropped_members[] = {
	{"application", MEMBER_TEXT, .summary = "as it was recorded", .example = "\"Microsoft Outlook\""},
	{"title", MEMBER_TEXT, .summary = "as it was recorded", .example = "\"Inbox\""},
	{"category", MEMBER_TEXT, .summary = "as it was recorded", .example = "\"Email\""},
	{"seconds", MEMBER_COUNT, .summary = "of that row", .example = "600"},
	{"rule", MEMBER_TEXT, .summary = "the rule that took it out", .example = "\"vague.home\""},
	{"file", MEMBER_TEXT, .nullable = true, .summary = "the rules file it stood in; null: it stands in none", .example = "\"firm.conf\""},
	{"line", MEMBER_COUNT, .nullable = true, .summary = "where it stood in that version of the file", .example = "91"},
};
static const struct shape shape_dropped = {"DroppedRow", "A row that no entry has.", MEMBERS(dropped_members)};

static const struct member billing_members[] = {
	{"lines", MEMBER_COUNT, .summary = "pending and submitted entries", .example = "12"},
	{"recorded_seconds", MEMBER_COUNT, .summary = "recorded of them; of submitted ones as they were confirmed", .example = "21600"},
	{"billed_units", MEMBER_TENTHS, .summary = "their six-minute units", .example = "61.2"},
	{"billed_seconds", MEMBER_COUNT, .summary = "the time that these units are", .example = "22032"},
	{"added_seconds", MEMBER_INTEGER, .summary = "what rounding, or a person, added; less than 0: took away", .example = "432"},
	{"added_percent", MEMBER_PERCENT, .nullable = true, .summary = "of what was recorded; null: that is nothing", .example = "2.0"},
	{"tenth_up_units", MEMBER_TENTHS, .summary = "what rounding begun tenths of a unit would make of what was recorded", .example = "61.2"},
	{"unit_up_units", MEMBER_TENTHS, .summary = "what rounding begun units would", .example = "66.0"},
};
static const struct shape shape_billing = {"Billing", "Recorded against billed.", MEMBERS(billing_members)};

static const struct member matter_members[] = {
	{"matter_code", MEMBER_TEXT, .nullable = true, .summary = "the matter, as a reader sees it", .example = "\"12345\""},
};
static const struct shape shape_matter_billing = {"MatterBilling", "Recorded against billed, of one matter.", .base = &shape_billing,
	MEMBERS(matter_members)};

static const struct member sums_members[] = {
	{"captured_seconds", MEMBER_COUNT, .summary = "recorded", .example = "27000"},
	{"overhang_seconds", MEMBER_COUNT, .summary = "confirmed and no longer recorded", .example = "0"},
	{"pending_seconds", MEMBER_COUNT, .summary = "in drafts", .example = "21600"},
	{"submitted_seconds", MEMBER_COUNT, .summary = "in confirmed entries", .example = "0"},
	{"supplement_seconds", MEMBER_COUNT, .summary = "in supplements to those", .example = "0"},
	{"ignored_seconds", MEMBER_COUNT, .summary = "set aside", .example = "3600"},
	{"filtered_seconds", MEMBER_COUNT, .summary = "taken out by rules", .example = "1800"},
	{"below_minimum_seconds", MEMBER_COUNT, .summary = "too short for an entry", .example = "0"},
	{"excluded_seconds", MEMBER_COUNT, .summary = "dropped for privacy before it was stored", .example = "0"},
	{"unprocessed_seconds", MEMBER_COUNT, .summary = "not processed yet", .example = "0"},
	{"balanced", MEMBER_BOOLEAN, .summary = "captured + overhang is the sum of the rest", .example = "true"},
	{"entries", MEMBER_COUNT, .summary = "how many drafts and confirmed entries", .example = "23"},
	{"time_units", MEMBER_TENTHS, .summary = "of the pending ones together", .example = "60.0"},
	{"billing", MEMBER_SHAPE, .of = &shape_billing, .summary = "recorded against billed"},
	{"warnings", MEMBER_WORD, .choices = report_warning_choices, .list = true, .example = "[]",
	 .summary = "of a day: more units than were recorded, than a day has hours"},
};
static const struct shape shape_sums = {"ReportSums", "Where every second is, and what is billed.", MEMBERS(sums_members)};

static const struct member day_report_members[] = {
	{"alp_user_id", MEMBER_COUNT, .summary = "whose day", .example = "42"},
	{"date", MEMBER_DAY, .summary = "which day"},
	{"filtered", MEMBER_SHAPE, .of = &shape_filtered, .list = true, .summary = "what was taken out, by rule, most time first"},
	{"dropped", MEMBER_SHAPE, .of = &shape_dropped, .list = true, .summary = "what was taken out, row by row, most time first; 1000 at most"},
	{"dropped_left_out", MEMBER_COUNT, .summary = "how many more rows there are", .example = "0"},
	{"raw_rows_kept", MEMBER_BOOLEAN, .example = "true",
	 .summary = "false: what was recorded is not kept any more; there are sums in `filtered`, and nothing in `dropped`"},
	{"matters", MEMBER_SHAPE, .of = &shape_matter_billing, .list = true, .summary = "recorded against billed, by matter"},
	{"generation", MEMBER_COUNT, .summary = "grows with every fetch that changed the day", .example = "2"},
	{"processed_generation", MEMBER_COUNT, .summary = "up to which it is processed", .example = "2"},
	{"processed", MEMBER_BOOLEAN, .summary = "up to date", .example = "true"},
	{"rules_version", MEMBER_TEXT, .nullable = true, .summary = "which rules; null: none yet", .example = "\"895ce51df936988beb3864762b8e2b0e\""},
	{"fetched_at", MEMBER_INSTANT, .nullable = true, .summary = "when it was fetched last"},
	{"upstream_empty_since", MEMBER_INSTANT, .nullable = true, .example = "null",
	 .summary = "since when RescueTime says that there was nothing; the rows are kept"},
	{"bytes_replaced", MEMBER_COUNT, .summary = "bytes of titles that were not UTF-8", .example = "0"},
};
const struct shape shape_day_report = {"DayReport", "Where every second of a user's day is.", .base = &shape_sums, MEMBERS(day_report_members)};

static const struct member day_in_range_members[] = {
	{"date", MEMBER_DAY, .summary = "which day"},
};
static const struct shape shape_day_in_range = {"DaySums", "One day of a range.", .base = &shape_sums, MEMBERS(day_in_range_members)};

static const struct member range_report_members[] = {
	{"alp_user_id", MEMBER_COUNT, .summary = "whose days", .example = "42"},
	{"from", MEMBER_DAY, .summary = "the first day asked for"},
	{"to", MEMBER_DAY, .summary = "the last one"},
	{"days", MEMBER_COUNT, .summary = "how many of them were ever fetched", .example = "22"},
	{"by_day", MEMBER_SHAPE, .of = &shape_day_in_range, .list = true, .optional = true, .summary = "with `by` day: oldest first"},
	{"by_matter", MEMBER_SHAPE, .of = &shape_matter_billing, .list = true, .optional = true, .summary = "with `by` matter"},
	{"by_rule", MEMBER_SHAPE, .of = &shape_filtered, .list = true, .optional = true, .summary = "with `by` rule: what was taken out"},
};
const struct shape shape_range_report = {"RangeReport", "Days together; the sums are those of the days.", .base = &shape_sums,
	MEMBERS(range_report_members)};
