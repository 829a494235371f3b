/* SPDX-License-Identifier: Apache-2.0 */
/* What answers about postings hold. */
#include "http/resources.h"
#include "http/shape.h"
#include "store/alp_proof.h"

#define MEMBERS(table) .members = (table), .count = ELEMENTSOF(table)

/* clang-format off */

const char *const posting_state_choices[] = {"", "ready", "sending", "unknown", "posted", "rejected", "needs_person", "cancelled", "gone", NULL};
const char *const posting_alp_state_choices[] = {"", "open", "changed", "invoiced", "written_off", "deleted", NULL};

static const struct member posting_problem_members[] = {
	{"code", MEMBER_TEXT, .summary = "for programs", .example = "\"alp_refused\""},
	{"detail", MEMBER_TEXT, .nullable = true, .summary = "for people; of one that ALP refused, what ALP said", .example = "null"},
};
static const struct shape shape_posting_problem = {"PostingProblem", "Why a posting is where it is.", MEMBERS(posting_problem_members)};

static const struct member difference_members[] = {
	{"field", MEMBER_TEXT, .summary = "which one; `ours` and `alp` are beside it", .example = "\"units\""},
};
static const struct shape shape_posting_difference = {"PostingDifference", "What ALP's entry says otherwise than what was asked for.",
    MEMBERS(difference_members), .open = true};

static const struct member evidence_members[] = {
	{"candidate_count", MEMBER_COUNT, .summary = "entries in ALP that may be it", .example = "1"},
};
static const struct shape shape_posting_evidence = {"PostingEvidence", "What was seen in ALP, for a person to decide by: `candidates` with their differences.",
    MEMBERS(evidence_members), .open = true};

static const struct member alp_body_members[] = {
	{"matter_component_id", MEMBER_INTEGER, .optional = true, .nullable = true, .summary = "where it belongs", .example = "7"},
};
static const struct shape shape_alp_body = {"AlpTimeEntry", "A time entry as ALP writes it, or is asked for it.", MEMBERS(alp_body_members), .open = true};

static const struct member warning_members[] = {
	{"code", MEMBER_TEXT, .summary = "for programs: `vague_description`", .example = "\"vague_description\""},
	{"detail", MEMBER_TEXT, .summary = "for people", .example = "\"The description says nothing about the work.\""},
};
static const struct shape shape_posting_warning = {"PostingWarning", "What somebody may want to mend, and nothing waits for.", MEMBERS(warning_members)};

static const struct member posting_members[] = {
	{"posting_id", MEMBER_COUNT, .summary = "the posting; never used again", .example = "7"},
	{"alp_user_id", MEMBER_COUNT, .summary = "whose it is", .example = "42"},
	{"entry_id", MEMBER_COUNT, .nullable = true, .summary = "the confirmed entry that it posts; null: none of ours", .example = "1001"},
	{"entry_date", MEMBER_DAY, .summary = "the work day"},
	{"matter_component_id", MEMBER_INTEGER, .summary = "where it belongs in ALP", .example = "7"},
	{"state", MEMBER_WORD, .choices = posting_state_choices, .summary = "`unknown`: it may be in ALP, and is looked for; `needs_person`: that could not be "
	 "decided; `gone`: it was posted, and ALP has deleted it"},
	{"problem", MEMBER_SHAPE, .of = &shape_posting_problem, .nullable = true, .summary = "null: none"},
	{"alp_units", MEMBER_COUNT, .summary = "ALP's whole units", .example = "3"},
	{"time_units", MEMBER_TENTHS, .summary = "the entry's units", .example = "2.1"},
	{"alp_entry_id", MEMBER_TEXT, .nullable = true, .summary = "ALP's id of it", .example = "\"9001\""},
	{"alp_state", MEMBER_WORD, .choices = posting_alp_state_choices, .nullable = true, .summary = "what ALP says of it"},
	{"posted_at", MEMBER_INSTANT, .nullable = true, .summary = "since when it is known to be in ALP"},
	{"created_at", MEMBER_INSTANT, .summary = "when it was asked for"},
	{"updated_at", MEMBER_INSTANT, .summary = "when it changed last"},
	{"attempts", MEMBER_COUNT, .summary = "how often it was sent", .example = "1"},
	{"maybe_sent", MEMBER_COUNT, .summary = "after how many of those ALP may have made an entry", .example = "1"},
	{"next_at", MEMBER_INSTANT, .nullable = true, .summary = "when it is sent or looked for next"},
	{"reference", MEMBER_TEXT, .summary = "by which it is known again", .example = "\"7-5d0c9f0e\""},
	{"request", MEMBER_SHAPE, .of = &shape_alp_body, .nullable = true, .summary = "what ALP is asked for, byte by byte; null: its user was erased"},
	{"alp_entry", MEMBER_SHAPE, .of = &shape_alp_body, .nullable = true, .summary = "ALP's entry as it was seen last, untouched"},
	{"differences", MEMBER_SHAPE, .of = &shape_posting_difference, .list = true, .summary = "what that says otherwise"},
	{"evidence", MEMBER_SHAPE, .of = &shape_posting_evidence, .nullable = true, .summary = "with `needs_person`: what a person is to decide by"},
	{"warnings", MEMBER_SHAPE, .of = &shape_posting_warning, .list = true, .summary = "such as a description that says nothing (posting.vague)"},
};
const struct shape shape_posting = {"Posting", "What is to be in ALP, and what is known of whether it is.", MEMBERS(posting_members)};

static const struct member brief_members[] = {
	{"posting_id", MEMBER_COUNT, .summary = "the posting", .example = "7"},
	{"state", MEMBER_WORD, .choices = posting_state_choices, .summary = "as the posting itself says"},
	{"alp_units", MEMBER_COUNT, .summary = "ALP's whole units", .example = "3"},
	{"alp_entry_id", MEMBER_TEXT, .nullable = true, .summary = "ALP's id of it", .example = "\"9001\""},
	{"alp_state", MEMBER_WORD, .choices = posting_alp_state_choices, .nullable = true, .summary = "what ALP says of it"},
	{"posted_at", MEMBER_INSTANT, .nullable = true, .summary = "since when it is known to be in ALP"},
	{"problem", MEMBER_TEXT, .nullable = true, .summary = "why it is where it is, for programs", .example = "null"},
	{"differences", MEMBER_SHAPE, .of = &shape_posting_difference, .list = true, .summary = "what ALP's entry says otherwise than was posted"},
};
const struct shape shape_posting_brief = {"PostingBrief", "How an entry stands with ALP.", MEMBERS(brief_members)};

static const struct member step_members[] = {
	{"at", MEMBER_INSTANT, .summary = "when"},
	{"from", MEMBER_WORD, .choices = posting_state_choices, .nullable = true, .summary = "null: it was made"},
	{"to", MEMBER_WORD, .choices = posting_state_choices, .summary = "how it was since"},
	{"attempt", MEMBER_COUNT, .summary = "after so many attempts", .example = "1"},
	{"code", MEMBER_TEXT, .nullable = true, .summary = "why, for programs", .example = "\"posted\""},
	{"detail", MEMBER_TEXT, .nullable = true, .summary = "why, for people", .example = "null"},
};
static const struct shape shape_posting_step = {"PostingStep", "A change of a posting's state.", MEMBERS(step_members)};

static const struct member history_members[] = {
	{"history", MEMBER_SHAPE, .of = &shape_posting_step, .list = true, .summary = "from the beginning"},
};
const struct shape shape_posting_with_history = {"PostingWithHistory", "A posting and how it came to be where it is.", .base = &shape_posting,
    MEMBERS(history_members)};

static const struct member post_fault_members[] = {
	{"field", MEMBER_TEXT, .summary = "which one", .example = "\"units\""},
	{"type", MEMBER_TEXT, .summary = "for programs", .example = "\"units_differ\""},
	{"message", MEMBER_TEXT, .summary = "for people", .example = "\"are not those that the entry shows; with units_meant they are taken\""},
};
static const struct shape shape_post_fault = {"PostFault", "A field that is wrong.", MEMBERS(post_fault_members)};

static const struct member post_result_members[] = {
	{"status", MEMBER_INTEGER, .summary = "as the item by itself would be answered", .example = "202"},
	{"code", MEMBER_TEXT, .nullable = true, .summary = "why it was refused, for programs", .example = "null"},
	{"detail", MEMBER_TEXT, .nullable = true, .summary = "why, for people", .example = "null"},
	{"errors", MEMBER_SHAPE, .of = &shape_post_fault, .list = true, .summary = "of one that was refused for its fields: every one that is wrong"},
	{"posting", MEMBER_SHAPE, .of = &shape_posting, .nullable = true, .summary = "null: it was refused"},
};
const struct shape shape_post_result = {"PostResult", "What became of one item.", MEMBERS(post_result_members)};

static const char *const proof_choices[] = {PROOF_MISSING, PROOF_DELETED, PROOF_UNITS, PROOF_TWICE, PROOF_NOT_POSTED, PROOF_STRANGER, NULL};
static const struct member proof_difference_members[] = {
	{"why", MEMBER_WORD, .choices = proof_choices, .summary = "`missing`, `deleted`: posted, and ALP does not have it, or says so; `twice`: another entry bears its "
	    "reference; `not_posted`: ALP has it, and here it does not count as posted; `unknown_to_us`: it bears a reference like ours"},
	{"posting_id", MEMBER_COUNT, .nullable = true, .summary = "the posting", .example = "7"},
	{"entry_id", MEMBER_COUNT, .nullable = true, .summary = "its entry", .example = "1001"},
	{"posted_units", MEMBER_INTEGER, .summary = "what was posted of it", .example = "3"},
	{"alp_entry_id", MEMBER_TEXT, .nullable = true, .summary = "ALP's entry", .example = "\"500001\""},
	{"alp_units", MEMBER_INTEGER, .nullable = true, .summary = "what ALP holds of it; null: it does not say", .example = "5"},
};
static const struct shape shape_proof_difference = {"AlpProofDifference", "One entry in a difference.", MEMBERS(proof_difference_members)};

static const struct member proof_members[] = {
	{"alp_user_id", MEMBER_COUNT, .summary = "whose", .example = "42"},
	{"day", MEMBER_DAY, .summary = "of which day"},
	{"proved_at", MEMBER_INSTANT, .summary = "when ALP was asked"},
	{"posted_units", MEMBER_INTEGER, .summary = "ALP's units of what is posted", .example = "12"},
	{"alp_units", MEMBER_INTEGER, .summary = "what ALP holds under our ids and references", .example = "14"},
	{"differences", MEMBER_SHAPE, .of = &shape_proof_difference, .list = true, .summary = "every entry that differs"},
};
const struct shape shape_alp_proof = {"AlpProof", "A user's day: what was posted, and what ALP has of it.", MEMBERS(proof_members)};
