/* SPDX-License-Identifier: Apache-2.0 */
/* What a rules check holds. */
#include "http/resources.h"
#include "http/shape.h"

#define MEMBERS(table) .members = (table), .count = ELEMENTSOF(table)

/* clang-format off */

static const char *const section_choices[] = {"clean", "vague", "codes", "refuse", NULL};
static const char *const warning_choices[] = {"unreachable", "shadowed", "never", "slow", NULL};

static const struct member counts_members[] = {
	{"appears", MEMBER_COUNT, .summary = "entries that would be made", .example = "1"},
	{"vanishes", MEMBER_COUNT, .summary = "entries that would be there no more", .example = "1"},
	{"moves_matter", MEMBER_COUNT, .summary = "entries of another matter", .example = "0"},
	{"gains_units", MEMBER_COUNT, .summary = "entries with more units", .example = "0"},
	{"loses_units", MEMBER_COUNT, .summary = "entries with fewer units", .example = "0"},
	{"gains_seconds", MEMBER_COUNT, .summary = "entries with more time", .example = "0"},
	{"loses_seconds", MEMBER_COUNT, .summary = "entries with less time", .example = "0"},
	{"renamed", MEMBER_COUNT, .summary = "entries with other words", .example = "0"},
	{"kept", MEMBER_COUNT, .summary = "entries that are a person's, and stay as they are", .example = "0"},
};
static const struct shape shape_check_counts = {"CheckCounts", "How many entries would change, by what; one may change in several ways.",
	MEMBERS(counts_members)};

static const struct member sums_members[] = {
	{"entries", MEMBER_COUNT, .summary = "pending and submitted", .example = "12"},
	{"recorded_seconds", MEMBER_COUNT, .summary = "of them", .example = "21600"},
	{"billed_units", MEMBER_TENTHS, .summary = "their six-minute units", .example = "61.2"},
	{"dropped_seconds", MEMBER_COUNT, .summary = "of rows that no entry has", .example = "1800"},
};
static const struct shape shape_check_sums = {"CheckSums", "What entries come to.", MEMBERS(sums_members)};

static const struct member day_members[] = {
	{"date", MEMBER_DAY, .summary = "which day"},
	{"before", MEMBER_SHAPE, .of = &shape_check_sums, .summary = "as it is"},
	{"after", MEMBER_SHAPE, .of = &shape_check_sums, .summary = "as it would be"},
};
static const struct shape shape_check_day = {"CheckDay", "One day.", MEMBERS(day_members)};

static const struct member side_members[] = {
	{"application", MEMBER_TEXT, .summary = "as a reader sees it", .example = "\"Microsoft Word\""},
	{"task_description", MEMBER_TEXT, .summary = "as a reader sees it", .example = "\"Letter of advice\""},
	{"matter_code", MEMBER_TEXT, .nullable = true, .summary = "null: none", .example = "\"12345\""},
	{"total_seconds", MEMBER_COUNT, .summary = "recorded", .example = "1800"},
	{"time_units", MEMBER_TENTHS, .summary = "six-minute units", .example = "5.0"},
	{"status", MEMBER_WORD, .choices = entry_status_choices, .summary = "what became of it"},
};
static const struct shape shape_check_side = {"CheckSide", "An entry as it is, or as it would be.", MEMBERS(side_members)};

static const struct member line_members[] = {
	{"date", MEMBER_DAY, .summary = "of which day"},
	{"entry_id", MEMBER_COUNT, .nullable = true, .summary = "null: it is not there yet", .example = "7"},
	{"changes", MEMBER_WORD, .choices = check_change_choices, .list = true, .summary = "what would become of it", .example = "[\"moves_matter\"]"},
	{"before", MEMBER_SHAPE, .of = &shape_check_side, .nullable = true, .summary = "null: it is not there"},
	{"after", MEMBER_SHAPE, .of = &shape_check_side, .nullable = true, .summary = "null: it would be gone"},
};
static const struct shape shape_check_line = {"CheckLine", "One entry.", MEMBERS(line_members)};

static const struct member warning_members[] = {
	{"kind", MEMBER_WORD, .choices = warning_choices, .summary = "why the rule is of no use"},
	{"rule", MEMBER_TEXT, .summary = "the rule", .example = "\"vague.home\""},
	{"line", MEMBER_COUNT, .summary = "where it stands", .example = "91"},
	{"message", MEMBER_TEXT, .summary = "in words", .example = "\"no title gets past word.drop in line 12\""},
};
static const struct shape shape_check_warning = {"RuleWarning", "A rule that is of no use, or dear.", MEMBERS(warning_members)};

static const struct member rule_members[] = {
	{"rule", MEMBER_TEXT, .summary = "the rule", .example = "\"vague.home\""},
	{"section", MEMBER_WORD, .choices = section_choices, .summary = "where in the file it stands"},
	{"line", MEMBER_COUNT, .summary = "in which line", .example = "91"},
	{"hits", MEMBER_COUNT, .summary = "how often it fired in these days; 0: it matched nothing", .example = "12"},
	{"seconds", MEMBER_COUNT, .summary = "of the rows it fired on", .example = "1800"},
};
static const struct shape shape_check_rule = {"RuleHits", "How often a rule fired.", MEMBERS(rule_members)};

static const struct member check_members[] = {
	{"job_id", MEMBER_COUNT, .summary = "the job that made it", .example = "17"},
	{"alp_user_id", MEMBER_COUNT, .summary = "whose days", .example = "42"},
	{"from", MEMBER_DAY, .summary = "the first day asked for"},
	{"to", MEMBER_DAY, .summary = "the last one"},
	{"rules_version", MEMBER_TEXT, .summary = "of the rules that were tried", .example = "\"895ce51df936988beb3864762b8e2b0e\""},
	{"present_version", MEMBER_TEXT, .summary = "of the rules in force", .example = "\"6a1b1e4f936988beb3864762b8e2b0e1\""},
	{"changed", MEMBER_BOOLEAN, .summary = "some entry would change", .example = "true"},
	{"counts", MEMBER_SHAPE, .of = &shape_check_counts, .summary = "how many"},
	{"before", MEMBER_SHAPE, .of = &shape_check_sums, .summary = "all days, as they are"},
	{"after", MEMBER_SHAPE, .of = &shape_check_sums, .summary = "all days, as they would be"},
	{"days", MEMBER_SHAPE, .of = &shape_check_day, .list = true, .summary = "each day with rows, newest first"},
	{"days_without_rows", MEMBER_COUNT, .summary = "days whose rows are not kept any more: no rules change them", .example = "0"},
	{"entries", MEMBER_SHAPE, .of = &shape_check_line, .list = true, .summary = "entries that would change, and those that are kept; 5000 at most"},
	{"entries_left_out", MEMBER_COUNT, .summary = "how many more there are", .example = "0"},
	{"warnings", MEMBER_SHAPE, .of = &shape_check_warning, .list = true, .summary = "rules that are of no use; 500 at most"},
	{"warnings_left_out", MEMBER_COUNT, .summary = "how many more there are", .example = "0"},
	{"rules", MEMBER_SHAPE, .of = &shape_check_rule, .list = true, .summary = "how often each rule fired, but those for privacy, which judge before a day is stored"},
};
const struct shape shape_rules_check = {"RulesCheck", "What other rules would make of stored days.", MEMBERS(check_members)};
