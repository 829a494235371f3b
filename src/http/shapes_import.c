/* SPDX-License-Identifier: Apache-2.0 */
#include "base/macro.h"
#include "http/resources.h"
#include "http/shape.h"

#define MEMBERS(table) .members = (table), .count = ELEMENTSOF(table)

static const char *const outcome_choices[] = {"", "taken", "already_there", "left_to_rules", "not_taken", NULL};

static const struct member line_members[] = {
	{"table", MEMBER_WORD, .choices = import_table_choices, .summary = "the prototype's", .example = "\"activity_log\""},
	{"row", MEMBER_COUNT, .summary = "its rowid there", .example = "17"},
	{"outcome", MEMBER_WORD, .choices = outcome_choices, .summary = "what became of it", .example = "\"not_taken\""},
	{"reason", MEMBER_TEXT,
	 .summary = "why it was not taken: `day_recorded` (here already, otherwise), `day_pruned`, `privacy` (the user keeps things out), `no_rows` (no row is of it), "
		    "`no_time`, `out_of_range`, `bad_text`, `too_much`, `duplicate_hash`; or what is odd about one that was: `no_rows`, `rows_differ`, `no_draft`, "
		    "`alp_id_taken`",
	 .example = "\"day_recorded\""},
};
static const struct shape shape_imported_line = {"ImportedLine", "A line of a file that there is something to say of.", MEMBERS(line_members)};

static const struct member day_members[] = {
	{"alp_user_id", MEMBER_COUNT, .summary = "whose day", .example = "42"},
	{"date", MEMBER_DAY, .summary = "which"},
	{"dry_run", MEMBER_BOOLEAN, .summary = "nothing was written", .example = "false"},
	{"taken", MEMBER_COUNT, .summary = "lines that are here now", .example = "12"},
	{"already_there", MEMBER_COUNT, .summary = "lines that were before", .example = "0"},
	{"left_to_rules", MEMBER_COUNT, .summary = "drafts nobody decided about: the rules make them again, from the same rows", .example = "3"},
	{"not_taken", MEMBER_COUNT, .summary = "lines that are not here", .example = "1"},
	{"lines", MEMBER_SHAPE, .of = &shape_imported_line, .list = true, .summary = "those not taken, and those that are odd"},
};
const struct shape shape_imported_day = {"ImportedDay", "What became of a day of the prototype's.", MEMBERS(day_members)};
