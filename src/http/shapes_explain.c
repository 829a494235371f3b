/* SPDX-License-Identifier: Apache-2.0 */
/* What an explanation holds. */
#include "http/resources.h"
#include "http/shape.h"

#define MEMBERS(table) .members = (table), .count = ELEMENTSOF(table)

/* clang-format off */

#define RULE_MEMBERS(what) \
	{"rule", MEMBER_TEXT, .nullable = true, .summary = what, .example = "\"word.read-only\""}, \
	{"file", MEMBER_TEXT, .nullable = true, .summary = "the rules file it stood in; null: it stands in none", .example = "\"firm.conf\""}, \
	{"line", MEMBER_COUNT, .nullable = true, .summary = "where it stood in that version of the file", .example = "70"}

static const char *const did_choices[] = {"fired", "stripped", "replaced", "extracted", "renamed", "dropped", "trimmed", "kept", "redacted",
	"vague", "found", "refused", "unlisted", "limit", NULL};

static const struct member time_members[] = {
	{"at", MEMBER_TEXT, .summary = "when those five minutes began, by the user's clock; the hour after midnight is 24", .example = "\"09:05\""},
	{"seconds", MEMBER_COUNT, .summary = "recorded in them", .example = "240"},
};
static const struct shape shape_explained_time = {"ExplainedTime", "When a row was recorded.", MEMBERS(time_members)};

static const struct member step_members[] = {
	RULE_MEMBERS("the rule; null: the list of matters"),
	{"did", MEMBER_WORD, .choices = did_choices,
	 .summary = "what it did to the title; `found` a code, `refused` what looked like one, `unlisted`: the list of matters does not have the code, "
		    "`limit`: nothing, the title was too much for it"},
	{"code", MEMBER_TEXT, .nullable = true, .summary = "the code that was found or refused", .example = "\"12345\""},
};
static const struct shape shape_explained_step = {"ExplainedStep", "What one rule did to a row.", MEMBERS(step_members)};

static const struct member now_members[] = {
	{"task_description", MEMBER_TEXT, .nullable = true, .summary = "the entry they would make it part of; null: none", .example = "null"},
	RULE_MEMBERS("the rule that would drop it; null: none"),
};
static const struct shape shape_rules_now = {"RulesNow", "What the rules say of a row that a person's entry keeps.", MEMBERS(now_members)};

static const struct member row_members[] = {
	{"application", MEMBER_TEXT, .summary = "as it was recorded", .example = "\"Microsoft Word\""},
	{"title", MEMBER_TEXT, .summary = "as it was recorded", .example = "\"Deed_[12345].docx - Read-Only\""},
	{"category", MEMBER_TEXT, .summary = "as it was recorded", .example = "\"Document editing\""},
	{"seconds", MEMBER_COUNT, .summary = "of the entry's time", .example = "741"},
	{"judged_seconds", MEMBER_COUNT, .nullable = true, .summary = "when the rules saw it", .example = "741"},
	{"state", MEMBER_WORD, .choices = explain_state_choices,
	 .summary = "`counted`: the entry's by the rules; `kept`: because a person touched the entry; `gone`: not the entry's any more; `unjudged`: "
		    "not known how it came there"},
	{"rules_version", MEMBER_TEXT, .nullable = true, .summary = "of the rules that took these steps", .example = "\"895ce51df936988beb3864762b8e2b0e\""},
	{"times", MEMBER_SHAPE, .of = &shape_explained_time, .list = true, .summary = "its five-minute times"},
	{"times_complete", MEMBER_BOOLEAN, .summary = "these are all", .example = "true"},
	{"steps", MEMBER_SHAPE, .of = &shape_explained_step, .list = true, .summary = "the rules that fired, in their order"},
	{"steps_complete", MEMBER_BOOLEAN, .summary = "these are all", .example = "true"},
	{"rules_now", MEMBER_SHAPE, .of = &shape_rules_now, .nullable = true, .summary = "of a kept row: what the rules say now", .example = "null"},
};
static const struct shape shape_explained_row = {"ExplainedRow", "A recorded row and what the rules did to it.", MEMBERS(row_members)};

static const struct member key_members[] = {
	{"name", MEMBER_TEXT, .summary = "what the rows have in common; `digest`: it was too long to be kept", .example = "\"task\""},
	{"value", MEMBER_TEXT, .nullable = true, .summary = "which", .example = "\"Deed_12345.docx\""},
};
static const struct shape shape_merge_key = {"MergeKey", "What rows have in common that became one entry.", MEMBERS(key_members)};

static const struct member merge_members[] = {
	{"rows", MEMBER_COUNT, .summary = "how many rows became the entry when it was decided", .example = "3"},
	{"seconds", MEMBER_COUNT, .summary = "their time then", .example = "741"},
	{"keys", MEMBER_SHAPE, .of = &shape_merge_key, .list = true, .summary = "by what they were joined"},
};
static const struct shape shape_merged = {"Merged", "What joined the rows.", MEMBERS(merge_members)};

static const struct member candidate_members[] = {
	{"matter_code", MEMBER_TEXT, .summary = "the code", .example = "\"12345\""},
	RULE_MEMBERS("the rule that found it, the one that counts most; null: it is not on the list of matters"),
	{"priority", MEMBER_COUNT, .summary = "of that rule", .example = "80"},
	{"seconds", MEMBER_COUNT, .summary = "of the rows it was found in", .example = "741"},
	{"rows", MEMBER_COUNT, .summary = "how many those are", .example = "2"},
	{"unlisted", MEMBER_BOOLEAN, .summary = "the list of matters does not have it", .example = "false"},
	{"chosen", MEMBER_BOOLEAN, .summary = "it is the entry's", .example = "true"},
};
static const struct shape shape_candidate = {"MatterCandidate", "A code that was found in the titles.", MEMBERS(candidate_members)};

static const char *const evidence_choices[] = {"listed", "alias", "pattern", "unlisted", NULL};
static const struct member matter_members[] = {
	{"matter_code", MEMBER_TEXT, .nullable = true, .summary = "the entry's matter", .example = "\"12345\""},
	{"found", MEMBER_TEXT, .nullable = true, .summary = "the one that the rules found", .example = "\"12345\""},
	RULE_MEMBERS("the rule that found it"),
	{"evidence", MEMBER_WORD, .choices = evidence_choices, .nullable = true,
	 .summary = "`listed`: it is on the list of matters; `alias`: by another name; `pattern`: it looks like one; `unlisted`: nothing that was found is "
		    "on the list"},
	{"why", MEMBER_TEXT, .summary = "why it is this one, for people", .example = "\"no matter: no code was found\""},
	{"candidates", MEMBER_SHAPE, .of = &shape_candidate, .list = true, .summary = "what was found, the surest first"},
	{"candidates_complete", MEMBER_BOOLEAN, .summary = "these are all", .example = "true"},
};
static const struct shape shape_explained_matter = {"ExplainedMatter", "Which matter, and why.", MEMBERS(matter_members)};

static const struct member sum_members[] = {
	{"lines", MEMBER_COUNT, .summary = "of the matter on that day", .example = "3"},
	{"seconds", MEMBER_COUNT, .summary = "of all of them", .example = "5000"},
	{"time_units", MEMBER_TENTHS, .summary = "that sum, rounded", .example = "13.9"},
	{"submitted_units", MEMBER_TENTHS, .summary = "what submitted lines hold of it", .example = "0.0"},
};
static const struct shape shape_matter_sum = {"MatterSum", "The sum that was rounded and spread.", MEMBERS(sum_members)};

static const struct member units_members[] = {
	{"time_units", MEMBER_TENTHS, .summary = "the entry's", .example = "2.1"},
	{"machine_units", MEMBER_TENTHS, .summary = "what the policy makes of its time", .example = "2.1"},
	{"seconds", MEMBER_COUNT, .summary = "recorded", .example = "741"},
	{"seconds_before", MEMBER_COUNT, .summary = "of a supplement: what was billed before it, to which it adds", .example = "0"},
	{"rounding", MEMBER_WORD, .choices = rounding_choices, .nullable = true, .summary = "every begun tenth of a unit, or every begun unit"},
	{"per", MEMBER_WORD, .choices = units_per_choices, .nullable = true, .summary = "what is rounded: the entry, or the sum of its matter"},
	{"minimum_units", MEMBER_TENTHS, .summary = "an entry with any time is at least this", .example = "0.0"},
	{"matter_sum", MEMBER_SHAPE, .of = &shape_matter_sum, .nullable = true, .summary = "with `per` matter: of what this is a share", .example = "null"},
	{"why", MEMBER_TEXT, .summary = "the arithmetic, for people",
	 .example = "\"741 s are 20.6 tenths of a unit, rounded up to 21: 2.1 units\""},
};
static const struct shape shape_explained_units = {"ExplainedUnits", "From seconds to units.", MEMBERS(units_members)};

static const char *const edited_choices[] = {"application", "task_description", "time_units", "matter_code", "notes", NULL};
static const struct member edited_members[] = {
	{"field", MEMBER_WORD, .choices = edited_choices, .summary = "which"},
	{"machine", MEMBER_TEXT, .nullable = true, .summary = "what it would be", .example = "\"Lease for 12 Smith Street.docx\""},
	{"person", MEMBER_TEXT, .summary = "what a person made it; an empty matter: none", .example = "\"Advising on the lease\""},
};
static const struct shape shape_edited_field = {"EditedField", "A field that a person changed.", MEMBERS(edited_members)};

static const struct member judgement_members[] = {
	{"rules_version", MEMBER_TEXT, .summary = "a hash of the rules file", .example = "\"895ce51df936988beb3864762b8e2b0e\""},
	{"file", MEMBER_TEXT, .nullable = true, .summary = "its name", .example = "\"firm.conf\""},
	{"matters_version", MEMBER_TEXT, .nullable = true, .summary = "a hash of the list of matters; null: none was known", .example = "null"},
	{"judged_at", MEMBER_INSTANT, .summary = "when"},
};
static const struct shape shape_judgement = {"Judgement", "Rules that were run over the entry's day.", MEMBERS(judgement_members)};

static const char *const entry_statuses[] = {"pending", "submitted", "ignored", "withdrawn", NULL};
static const struct member explanation_members[] = {
	{"entry_id", MEMBER_COUNT, .summary = "the entry", .example = "1001"},
	{"alp_user_id", MEMBER_COUNT, .summary = "whose it is", .example = "42"},
	{"entry_date", MEMBER_DAY, .summary = "the user's work day"},
	{"application", MEMBER_TEXT, .summary = "where it was done", .example = "\"Microsoft Word\""},
	{"task_description", MEMBER_TEXT, .summary = "what was done", .example = "\"Advising on the lease\""},
	{"status", MEMBER_WORD, .choices = entry_statuses, .summary = "as in the entry"},
	{"supplement_of", MEMBER_COUNT, .nullable = true, .summary = "the entry whose work this is more of; the rows are those of both", .example = "null"},
	{"total_seconds", MEMBER_COUNT, .summary = "recorded", .example = "741"},
	{"time_units", MEMBER_TENTHS, .summary = "six-minute units", .example = "2.1"},
	{"rows", MEMBER_SHAPE, .of = &shape_explained_row, .list = true, .summary = "its rows, most time first; 500 at most"},
	{"rows_left_out", MEMBER_COUNT, .summary = "how many more there are", .example = "0"},
	{"seconds_left_out", MEMBER_COUNT, .summary = "and their time", .example = "0"},
	{"raw_rows_kept", MEMBER_BOOLEAN, .summary = "false: the day's raw rows are gone; these are what the rules saw", .example = "true"},
	{"merge", MEMBER_SHAPE, .of = &shape_merged, .nullable = true, .summary = "what joined them; null: not known"},
	{"matter", MEMBER_SHAPE, .of = &shape_explained_matter, .summary = "which matter, and why"},
	{"units", MEMBER_SHAPE, .of = &shape_explained_units, .summary = "from seconds to units"},
	{"suggested_matters", MEMBER_SHAPE, .of = &shape_suggestion, .list = true, .summary = "as in the entry"},
	{"edited", MEMBER_SHAPE, .of = &shape_edited_field, .list = true, .summary = "what a person changed"},
	{"decided_by", MEMBER_SHAPE, .of = &shape_judgement, .nullable = true, .summary = "the rules that made the entry what it is; null: not known"},
	{"judged_last_by", MEMBER_SHAPE, .of = &shape_judgement, .nullable = true,
	 .summary = "the rules that were run over its day since then; null: none", .example = "null"},
	{"damaged", MEMBER_BOOLEAN, .summary = "what was kept of how it came about cannot be read", .example = "false"},
	{"text", MEMBER_TEXT, .list = true, .summary = "all of it, line by line, for people", .example = "[\"Entry 1001 of 2026-01-05, pending\"]"},
};
const struct shape shape_explanation = {"Explanation", "How an entry came about.", MEMBERS(explanation_members)};
