/* SPDX-License-Identifier: Apache-2.0 */
/* An explanation in words. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/explain.h"

#define TENTH_SECONDS (UNIT_SECONDS / 10)

/* --- words -------------------------------------------------------------------------------------------------------------- */

/* 1,234 */
static void
add_number(struct buf *out, int64_t n)
{
	char digits[24];
	int len = snprintf(digits, sizeof digits, "%" PRId64, n);

	for (int i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0 && digits[i - 1] != '-')
			buf_addc(out, ',');
		buf_addc(out, digits[i]);
	}
}

static void
add_seconds(struct buf *out, int64_t seconds)
{
	add_number(out, seconds);
	buf_addz(out, " s");
}

static void
add_units(struct buf *out, int64_t tenths)
{
	buf_addf(out, "%" PRId64 ".%" PRId64 " unit%s", tenths / 10, tenths % 10, tenths == 10 ? "" : "s");
}

/* Titles are anybody's: what would break a line becomes a space. */
static void
add_plain(struct buf *out, const char *text)
{
	for (; *text != '\0'; text++)
		buf_addc(out, (unsigned char)*text < 0x20 || *text == 0x7f ? ' ' : *text);
}

static void
add_quoted(struct buf *out, const char *text)
{
	buf_addc(out, '"');
	add_plain(out, text);
	buf_addc(out, '"');
}

const struct explain_rules *
explain_rules_by(const struct explanation *e, enum explain_by by)
{
	switch (by) {
	case BY_DECIDED:
		return &e->decided;
	case BY_NEWEST:
		return &e->newest;
	case BY_NONE:
		break;
	}
	return NULL;
}

const struct rule_place *
explain_place(const struct explain_rules *rules, const char *id)
{
	return rules != NULL && id != NULL && id[0] != '\0' ? rule_places_find(&rules->places, id) : NULL;
}

/* "rule word.name (firm.conf:70)" */
static void
add_rule(struct buf *out, const struct explain_rules *rules, const char *id)
{
	const struct rule_place *place = explain_place(rules, id);

	add_plain(out, id);
	if (place == NULL)
		return;
	buf_addz(out, " (");
	add_plain(out, rules->file);
	buf_addf(out, ":%u)", place->line);
}

const char *
explain_does(const struct rule_place *place, enum step_what what)
{
	static const struct {
		const char *action, *does;
	} words[] = {
	    {"strip", "stripped"}, {"replace", "replaced"}, {"extract", "extracted"}, {"rename", "renamed"},
	    {"drop", "dropped"},   {"trim", "trimmed"},     {"keep", "kept"},         {"redact", "redacted"},
	};

	switch (what) {
	case STEP_FOUND:
		return "found";
	case STEP_REFUSED:
		return "refused";
	case STEP_UNLISTED:
		return "unlisted";
	case STEP_LIMIT:
		return "limit";
	case STEP_FIRED:
		break;
	}
	for (size_t i = 0; place != NULL && i < ELEMENTSOF(words); i++)
		if (strcmp(place->action, words[i].action) == 0)
			return words[i].does;
	return place != NULL && place->section == SECTION_VAGUE ? "vague" : "fired";
}

/* Who confirms an entry says all of it, though it be what the machine said. */
static const char *
set_or_confirmed(const struct explanation *e)
{
	return e->entry.status == ENTRY_SUBMITTED ? "confirmed" : "set";
}

/* --- which matter ------------------------------------------------------------------------------------------------------- */

static const char *
evidence_of(const struct explanation *e)
{
	return e->entry.matter_evidence != NULL ? e->entry.matter_evidence : "";
}

static const char *
standing_in_words(const char *evidence)
{
	if (strcmp(evidence, "listed") == 0)
		return "it is on the list of matters";
	if (strcmp(evidence, "alias") == 0)
		return "the list of matters has it under another name";
	return "it looks like a code; no list of matters was asked";
}

/* Are all votes known that the ballot had? Where entries are kept apart by matter, or codes are those of cleaned titles, a title has one vote. */
static bool
votes_are_known(const struct explanation *e)
{
	for (size_t i = 0; i < e->key_count; i++)
		if (strcmp(e->keys[i].name, "matter") == 0)
			return false;
	return !e->decided.places.codes_from_task;
}

/* The winner against the one that comes next. Of one that lost it is not kept whether the list has it by its own number or another name, so where
 * that may have decided before the rest it is said with it. */
static void
add_reason(const struct explanation *e, struct buf *out, const struct explain_candidate *won, const struct explain_candidate *lost)
{
	const char *sure = strcmp(evidence_of(e), "listed") == 0 ? "it is no less sure and " : "";

	buf_addz(out, " rather than ");
	add_plain(out, lost->code);
	if (lost->rule[0] == '\0') {
		buf_addz(out, ", which is not on the list of matters");
	} else if (won->priority > lost->priority) {
		buf_addf(out, ", because %sits rule has the higher priority (%" PRId32 " against %" PRId32 ")", sure, won->priority, lost->priority);
	} else if (!votes_are_known(e)) {
		buf_addz(out, ", by how sure each is, priority and time, one code a title");
	} else if (won->priority < lost->priority || won->seconds < lost->seconds) {
		buf_addz(out, ", because it is the surer one");
	} else if (won->seconds > lost->seconds) {
		buf_addf(out, ", because %smore time stands behind it (", sure);
		add_seconds(out, won->seconds);
		buf_addz(out, " against ");
		add_seconds(out, lost->seconds);
		buf_addc(out, ')');
	} else {
		buf_addf(out, ", because %sof two that are equal the first in order counts", sure);
	}
}

static void
add_unlisted(const struct explanation *e, struct buf *out)
{
	buf_addz(out, "no matter: what was found is not on the list of matters (");
	for (size_t i = 0; i < e->candidate_count; i++) {
		buf_addz(out, i > 0 ? ", " : "");
		add_plain(out, e->candidates[i].code);
	}
	buf_addc(out, ')');
}

static void
add_winner(const struct explanation *e, struct buf *out)
{
	const struct explain_candidate *first = e->candidate_count > 0 && e->candidates[0].chosen ? &e->candidates[0] : NULL;

	add_plain(out, e->entry.matter_code);
	if (e->entry.matter_rule != NULL) {
		buf_addz(out, ", found by ");
		add_rule(out, &e->decided, e->entry.matter_rule);
	}
	buf_addf(out, ": %s", standing_in_words(evidence_of(e)));
	if (first != NULL && e->candidate_count > 1) {
		buf_addz(out, "; chosen");
		add_reason(e, out, first, &e->candidates[1]);
	} else if (first != NULL) {
		buf_addz(out, "; no other was found");
	}
}

void
explain_why_matter(const struct explanation *e, struct buf *out)
{
	const char *person = e->entry.person_matter;

	if (person != NULL) {
		if (person[0] != '\0')
			buf_addf(out, "a person %s ", set_or_confirmed(e));
		else
			buf_addz(out, "a person said there is none");
		add_plain(out, person);
		buf_addz(out, "; by the rules: ");
	}
	if (e->entry.matter_code != NULL && e->entry.matter_code[0] != '\0')
		add_winner(e, out);
	else if (strcmp(evidence_of(e), "unlisted") == 0)
		add_unlisted(e, out);
	else
		buf_addz(out, "no matter: no code was found");
}

/* --- units -------------------------------------------------------------------------------------------------------------- */

/* "1,234 s are 34.3 tenths of a unit, rounded up to 35". One decimal, unless that would hide that there is a rest. */
static void
add_rounding(struct buf *out, int64_t seconds, int32_t rounding)
{
	int64_t step = rounding == ROUNDING_UNIT_UP ? UNIT_SECONDS : TENTH_SECONDS, rest = seconds % step;
	int64_t tenths = (rest * 10 + step / 2) / step, hundredths = MIN_OF(MAX_OF((rest * 100 + step / 2) / step, (int64_t)1), (int64_t)99);
	const char *what = rounding == ROUNDING_UNIT_UP ? "units" : "tenths of a unit";

	add_seconds(out, seconds);
	if (rest == 0) {
		buf_addf(out, " are exactly %" PRId64 " %s", seconds / step, what);
		return;
	}
	if (tenths > 0 && tenths < 10)
		buf_addf(out, " are %" PRId64 ".%" PRId64, seconds / step, tenths);
	else
		buf_addf(out, " are %" PRId64 ".%02" PRId64, seconds / step, hundredths);
	buf_addf(out, " %s, rounded up to %" PRId64, what, seconds / step + 1);
}

static void
add_minimum(const struct explanation *e, struct buf *out, int64_t seconds, int64_t tenths)
{
	const struct units_policy free_policy = {.rounding = (enum rounding)e->entry.rounding};

	if (seconds <= 0 || tenths <= units_tenths(free_policy, seconds))
		return;
	buf_addz(out, ", but no less than ");
	add_units(out, e->entry.minimum_tenths);
}

static void
add_sum(const struct explanation *e, struct buf *out)
{
	const struct explain_sum *sum = &e->sum;

	buf_addf(out, "the %" PRId64 " line%s of matter ", sum->lines, sum->lines == 1 ? "" : "s");
	add_plain(out, e->matter != NULL ? e->matter : "");
	buf_addz(out, " on that day have ");
	add_seconds(out, sum->seconds);
	buf_addz(out, ": ");
	add_rounding(out, sum->seconds, e->entry.rounding);
	add_minimum(e, out, sum->seconds, sum->tenths);
	if (sum->held_tenths > 0) {
		buf_addz(out, "; submitted lines hold ");
		add_units(out, sum->held_tenths);
	}
	buf_addz(out, "; the share of this line's ");
	add_seconds(out, e->entry.total_seconds);
	buf_addz(out, " is ");
	add_units(out, e->entry.units_tenths);
}

void
explain_why_units(const struct explanation *e, struct buf *out)
{
	const struct entry_row *entry = &e->entry;
	int64_t seconds = entry->status == ENTRY_SUBMITTED && entry->frozen_seconds >= 0 ? entry->frozen_seconds : entry->total_seconds;

	if (entry->person_units_tenths >= 0) {
		buf_addf(out, "a person %s ", set_or_confirmed(e));
		add_units(out, entry->person_units_tenths);
		buf_addz(out, "; by the rules: ");
	}
	if (e->per_matter) {
		add_sum(e, out);
		return;
	}
	if (seconds <= 0) {
		buf_addz(out, "no time is no units");
		return;
	}
	if (e->before_seconds > 0) {
		buf_addz(out, "together with the ");
		add_seconds(out, e->before_seconds);
		buf_addz(out, " billed before it, ");
	}
	add_rounding(out, e->before_seconds + seconds, entry->rounding);
	add_minimum(e, out, e->before_seconds + seconds, entry->units_tenths);
	buf_addz(out, e->before_seconds > 0 ? "; less the units of those: " : ": ");
	add_units(out, entry->units_tenths);
}

/* --- the whole ---------------------------------------------------------------------------------------------------------- */

static void
add_times(struct buf *out, const struct step_times *times)
{
	buf_addz(out, "    at");
	for (size_t i = 0; i < times->count; i++)
		buf_addf(out, "%s %02" PRId32 ":%02" PRId32 " (%" PRId32 " s)", i > 0 ? "," : "", times->rows[i].minute / 60,
		    times->rows[i].minute % 60, times->rows[i].seconds);
	buf_addz(out, times->complete ? "\n" : ", and more\n");
}

static void
add_step(struct buf *out, const struct explain_rules *rules, const struct step *step)
{
	buf_addz(out, "    ");
	if (step->what == STEP_UNLISTED) {
		add_quoted(out, step->code);
		buf_addz(out, " is not on the list of matters\n");
		return;
	}
	add_rule(out, rules, step->rule);
	if (step->what == STEP_LIMIT)
		buf_addz(out, " did nothing: the title was too much for it");
	else
		buf_addf(out, " %s", explain_does(explain_place(rules, step->rule), step->what));
	if (step->code != NULL) {
		buf_addc(out, ' ');
		add_quoted(out, step->code);
	}
	buf_addc(out, '\n');
}

static void
add_state(const struct explanation *e, const struct explain_row *row, struct buf *out)
{
	switch (row->state) {
	case ROW_COUNTED:
		return;
	case ROW_GONE:
		buf_addz(out, "    not this entry's any more; ");
		add_seconds(out, row->judged_seconds);
		buf_addz(out, " when it was decided\n");
		return;
	case ROW_UNJUDGED:
		buf_addz(out, "    what the rules said of it is not known\n");
		return;
	case ROW_KEPT:
		break;
	}
	buf_addz(out, "    kept, because a person touched the entry; the rules would now ");
	if (row->now != NULL) {
		buf_addz(out, "make it ");
		add_quoted(out, row->now);
	} else {
		buf_addz(out, "drop it by ");
		add_rule(out, e->newest.known ? &e->newest : &e->decided, row->now_rule != NULL ? row->now_rule : "");
	}
	buf_addc(out, '\n');
}

static void
add_row(const struct explanation *e, const struct explain_row *row, struct buf *out)
{
	const struct explain_rules *rules = explain_rules_by(e, row->by);

	buf_addz(out, "  ");
	add_seconds(out, row->seconds);
	buf_addz(out, "  ");
	add_plain(out, row->application);
	buf_addz(out, "  ");
	add_quoted(out, row->title);
	if (row->category[0] != '\0') {
		buf_addz(out, "  [");
		add_plain(out, row->category);
		buf_addc(out, ']');
	}
	buf_addc(out, '\n');
	add_state(e, row, out);
	if (row->times.count > 0)
		add_times(out, &row->times);
	for (size_t i = 0; i < row->steps.count; i++)
		add_step(out, rules, &row->steps.rows[i]);
	if (!row->steps.complete)
		buf_addz(out, "    some steps could not be kept\n");
}

static void
add_rows(const struct explanation *e, struct buf *out)
{
	buf_addz(out, e->pruned ? "Recorded (the raw rows are not kept any more; this is what the rules saw)\n" : "Recorded\n");
	for (size_t i = 0; i < e->row_count; i++)
		add_row(e, &e->rows[i], out);
	if (e->rows_left_out > 0) {
		buf_addf(out, "  and %" PRId64 " more rows with ", e->rows_left_out);
		add_seconds(out, e->seconds_left_out);
		buf_addc(out, '\n');
	}
}

static void
add_merge(const struct explanation *e, struct buf *out)
{
	if (e->merged_rows == 0)
		return;
	buf_addf(out, "Merged\n  %" PRId64 " row%s with ", e->merged_rows, e->merged_rows == 1 ? "" : "s");
	add_seconds(out, e->merged_seconds);
	for (size_t i = 0; i < e->key_count; i++) {
		buf_addz(out, i > 0 ? ", " : " by ");
		add_plain(out, e->keys[i].name);
		if (e->keys[i].value != NULL) {
			buf_addc(out, ' ');
			add_quoted(out, e->keys[i].value);
		}
	}
	buf_addc(out, '\n');
}

static void
add_candidates(const struct explanation *e, struct buf *out)
{
	for (size_t i = 0; e->candidate_count > 1 && i < e->candidate_count; i++) {
		const struct explain_candidate *c = &e->candidates[i];

		buf_addz(out, c->chosen ? "  * " : "    ");
		add_plain(out, c->code);
		buf_addz(out, ": ");
		add_seconds(out, c->seconds);
		buf_addf(out, " in %" PRId64 " row%s, ", c->rows, c->rows == 1 ? "" : "s");
		if (c->rule[0] != '\0')
			add_rule(out, &e->decided, c->rule);
		else
			buf_addz(out, "not on the list of matters");
		buf_addc(out, '\n');
	}
}

static void
add_version(struct buf *out, const char *when, const struct explain_rules *rules)
{
	buf_addf(out, "  %s: ", when);
	if (!rules->known) {
		buf_addz(out, rules->damaged ? "the explanation is damaged\n" : "not known\n");
		return;
	}
	if (rules->file != NULL) {
		add_plain(out, rules->file);
		buf_addc(out, ' ');
	}
	add_plain(out, rules->verdicts.rules_version);
	if (rules->verdicts.matters_version[0] != '\0') {
		buf_addz(out, ", list of matters ");
		add_plain(out, rules->verdicts.matters_version);
	} else {
		buf_addz(out, ", no list of matters");
	}
	buf_addc(out, '\n');
}

static void
add_edited(struct buf *out, const char *field, const char *machine, const char *person)
{
	buf_addf(out, "  %s: ", field);
	add_quoted(out, person);
	if (machine != NULL) {
		buf_addz(out, " instead of ");
		add_quoted(out, machine);
	}
	buf_addc(out, '\n');
}

static void
add_person(const struct explanation *e, struct buf *out)
{
	const struct entry_row *entry = &e->entry;

	if (!e->touched)
		return;
	buf_addz(out, "By hand\n");
	if (entry->person_application != NULL)
		add_edited(out, "application", entry->application, entry->person_application);
	if (entry->person_application != NULL)
		add_edited(out, "application", entry->application, entry->person_application);
	if (entry->person_description != NULL)
		add_edited(out, "description", entry->task_description, entry->person_description);
	if (entry->person_units_tenths >= 0) {
		buf_addz(out, "  units: ");
		add_units(out, entry->person_units_tenths);
		buf_addz(out, " instead of ");
		add_units(out, entry->units_tenths);
		buf_addc(out, '\n');
	}
	if (entry->person_matter != NULL)
		add_edited(out, "matter", entry->matter_code, entry->person_matter);
	if (entry->notes != NULL)
		add_edited(out, "notes", NULL, entry->notes);
}

void
explain_text(const struct explanation *e, struct buf *out)
{
	const struct entry_row *entry = &e->entry;
	char day[DAY_TEXT_MAX];

	day_format(entry->day, day);
	buf_addf(out, "Entry %" PRId64 " of %s, %s: ", entry->entry_id, day, entry_status_name(entry->status));
	add_plain(out, entry->person_application != NULL ? entry->person_application : entry->application);
	buf_addz(out, ", ");
	add_quoted(out, entry->person_description != NULL ? entry->person_description : entry->task_description);
	buf_addz(out, ", ");
	add_seconds(out, entry->total_seconds);
	buf_addz(out, ", ");
	add_units(out, e->units_tenths);
	buf_addc(out, '\n');
	if (entry->supplement_of != 0)
		buf_addf(out, "A part of what was recorded for entry %" PRId64 ": split off, or more than was confirmed of it; the rows are those of both\n", entry->supplement_of);
	add_rows(e, out);
	add_merge(e, out);
	buf_addz(out, "Matter\n  ");
	explain_why_matter(e, out);
	buf_addc(out, '\n');
	add_candidates(e, out);
	buf_addz(out, "Units\n  ");
	explain_why_units(e, out);
	buf_addc(out, '\n');
	add_person(e, out);
	buf_addz(out, "Rules\n");
	add_version(out, "decided by", &e->decided);
	if (e->newest.known || e->newest.damaged)
		add_version(out, "the day was judged last by", &e->newest);
}
