/* SPDX-License-Identifier: Apache-2.0 */
/* What an operator's routes answer with. */
#include "base/macro.h"
#include "http/shape.h"

#define MEMBERS(table) .members = (table), .count = ELEMENTSOF(table)

/* clang-format off */

static const struct member backup_members[] = {
	{"name", MEMBER_TEXT, .summary = "its file, in backup.directory", .example = "\"rtalp-20261123T010203456Z.db\""},
	{"made_at", MEMBER_INSTANT, .summary = "the moment that it is a copy of"},
	{"bytes", MEMBER_COUNT, .summary = "how long it is", .example = "4194304"},
	{"schema", MEMBER_COUNT, .summary = "the schema of the database", .example = "1"},
	{"sha256", MEMBER_TEXT, .summary = "of its bytes, in hexadecimal",
	 .example = "\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\""},
};
const struct shape shape_backup = {"Backup", "A copy of the store, complete and checked.", MEMBERS(backup_members)};

static const struct member check_members[] = {
	{"holds", MEMBER_BOOLEAN, .summary = "every promise is kept", .example = "true"},
	{"broken", MEMBER_COUNT, .summary = "how many are not", .example = "0"},
	{"violations", MEMBER_TEXT, .list = true, .summary = "where: a few of each, and a thousand altogether", .example = "[]"},
	{"took_ms", MEMBER_COUNT, .summary = "how long it took", .example = "120"},
};
const struct shape shape_store_check = {"StoreCheck", "Whether the store keeps its promises.", MEMBERS(check_members)};

static const struct member prune_members[] = {
	{"jobs", MEMBER_COUNT, .summary = "finished jobs that were removed, with their history", .example = "0"},
	{"answers", MEMBER_COUNT, .summary = "kept answers to an Idempotency-Key", .example = "0"},
	{"messages", MEMBER_COUNT, .summary = "messages to webhooks", .example = "0"},
	{"rule_checks", MEMBER_COUNT, .summary = "results of rules checks", .example = "0"},
	{"days", MEMBER_COUNT, .summary = "users' days whose titles were removed", .example = "0"},
};
const struct shape shape_pruned = {"Pruned", "What was old enough to go.", MEMBERS(prune_members)};

static const struct member held_members[] = {
	{"held", MEMBER_BOOLEAN, .summary = "nothing is posted until somebody lets it go on", .example = "false"},
	{"restored_at", MEMBER_INSTANT, .nullable = true, .summary = "when the store was put back last; null: never"},
	{"backup_made_at", MEMBER_INSTANT, .nullable = true, .summary = "and what it was put back to"},
	{"examined_at", MEMBER_INSTANT, .nullable = true, .summary = "when every day of it had been compared with ALP; null: not yet"},
	{"went_on_at", MEMBER_INSTANT, .nullable = true, .summary = "when somebody let posting go on"},
	{"doubtful_until", MEMBER_DAY, .nullable = true,
	 .summary = "of days up to that nothing is posted without a look at what ALP holds; what may be there already waits for a person"},
	{"unknown", MEMBER_SHAPE, .of = &shape_alp_proof, .list = true, .summary = "days of which ALP holds something else than is known here, and what"},
};
const struct shape shape_posting_held = {"PostingHeld", "Whether posting is held since the store was put back from a backup.", MEMBERS(held_members)};

static const struct member person_members[] = {
	{"format", MEMBER_TEXT, .summary = "of this document", .example = "\"rtalp-export-1\""},
	{"alp_user_id", MEMBER_COUNT, .summary = "whose", .example = "42"},
	{"exported_at", MEMBER_INSTANT, .summary = "when"},
};
const struct shape shape_person = {"Person", "Everything held of a user: besides these, an array of rows for each table.", MEMBERS(person_members),
    .open = true};
