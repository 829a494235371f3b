/* SPDX-License-Identifier: Apache-2.0 */
/* What review actions answer, and the audit. */
#include "http/resources.h"
#include "http/shape.h"

#define MEMBERS(table) .members = (table), .count = ELEMENTSOF(table)

/* clang-format off */

static const struct member result_members[] = {
	{"entry_id", MEMBER_COUNT, .summary = "as it was sent", .example = "1001"},
	{"action", MEMBER_WORD, .choices = review_choices, .summary = "as it was sent"},
	{"status", MEMBER_INTEGER, .summary = "200 or 201: done; 404, 409, 412: refused", .example = "200"},
	{"code", MEMBER_TEXT, .nullable = true, .summary = "why it was refused, for programs, as the action by itself says it", .example = "null"},
	{"detail", MEMBER_TEXT, .nullable = true, .summary = "why, for people", .example = "null"},
	{"etag", MEMBER_TEXT, .nullable = true, .summary = "for If-Match and `if_match`", .example = "null"},
	{"entry", MEMBER_SHAPE, .of = &shape_time_entry, .nullable = true, .summary = "as it is now; null: it was refused"},
};
const struct shape shape_review_result = {"ReviewResult", "What became of one item.", MEMBERS(result_members)};

static const struct member contents_members[] = {
	{"status", MEMBER_TEXT, .optional = true, .nullable = true, .summary = "of the entry or posting", .example = "\"pending\""},
	{"task_description", MEMBER_TEXT, .optional = true, .nullable = true, .summary = "as a reader saw it", .example = "\"Advising on the lease\""},
};
static const struct shape shape_audit_contents = {"AuditContents", "What differs, by the names that the thing itself has.", MEMBERS(contents_members),
    .open = true};

static const struct member audit_members[] = {
	{"audit_id", MEMBER_COUNT, .summary = "1, 2, 3.. without a gap", .example = "17"},
	{"at", MEMBER_INSTANT, .summary = "when"},
	{"actor", MEMBER_WORD, .choices = actor_choices,
	 .summary = "who: a token's holder; `local`, over loopback without tokens; `socket`, who runs the machine; ALP; the service by itself"},
	{"actor_id", MEMBER_COUNT, .nullable = true, .summary = "of a token, or the Unix user", .example = "3"},
	{"actor_name", MEMBER_TEXT, .nullable = true, .summary = "of the token, as it was then", .example = "\"ALP back end\""},
	{"action", MEMBER_WORD, .choices = audit_action_choices, .summary = "what was done"},
	{"alp_user_id", MEMBER_COUNT, .nullable = true, .summary = "whose things", .example = "42"},
	{"entry_id", MEMBER_COUNT, .nullable = true, .summary = "which entry", .example = "1001"},
	{"posting_id", MEMBER_COUNT, .nullable = true, .summary = "which posting", .example = "null"},
	{"before", MEMBER_SHAPE, .of = &shape_audit_contents, .nullable = true, .summary = "what it said before; null: there was nothing, or who asks may not see it"},
	{"after", MEMBER_SHAPE, .of = &shape_audit_contents, .nullable = true, .summary = "what it said afterwards"},
	{"erased", MEMBER_BOOLEAN, .summary = "contents were there, and were erased for the user's sake", .example = "false"},
	{"link", MEMBER_TEXT, .summary = "of the row before, of this row and of a salted hash of its contents: whoever keeps it can tell later whether the past "
	 "was changed", .example = "\"5d0c9f0e1b7a4c2f8e6d3b2a190f8e7d6c5b4a39281706f5e4d3c2b1a0918273\""},
};
const struct shape shape_audit_row = {"AuditRow", "Who did what when. Never changed, never deleted.", MEMBERS(audit_members)};
