/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "http/resources.h"
#include "rules/units.h"

const char *const entry_status_choices[] = {"", "pending", "submitted", "ignored", "withdrawn", "all", NULL};

const char *
entry_seen_application(const struct entry_row *e)
{
	return e->person_application != NULL ? e->person_application : e->application;
}

const char *
entry_seen_description(const struct entry_row *e)
{
	return e->person_description != NULL ? e->person_description : e->task_description;
}

int64_t
entry_seen_units(const struct entry_row *e)
{
	return e->person_units_tenths >= 0 ? e->person_units_tenths : e->units_tenths;
}

const char *
entry_seen_matter(const struct entry_row *e)
{
	if (e->person_matter != NULL)
		return e->person_matter[0] != '\0' ? e->person_matter : NULL;
	return e->matter_code;
}

static void
render_edited_fields(struct json *j, const struct entry_row *e)
{
	json_open(j, "edited_fields", '[');
	if (e->person_application != NULL)
		json_text(j, NULL, "application");
	if (e->person_description != NULL)
		json_text(j, NULL, "task_description");
	if (e->person_units_tenths >= 0)
		json_text(j, NULL, "time_units");
	if (e->person_matter != NULL)
		json_text(j, NULL, "matter_code");
	if (e->notes != NULL)
		json_text(j, NULL, "notes");
	json_close(j, ']');
}

static void
render_machine(struct json *j, const struct entry_row *e)
{
	json_open(j, "machine", '{');
	json_text(j, "application", e->application);
	json_text(j, "task_description", e->task_description);
	json_tenths(j, "time_units", e->units_tenths);
	json_text(j, "matter_code", e->matter_code);
	json_int(j, "total_seconds", e->total_seconds);
	json_close(j, '}');
}

static void
render_warnings(struct json *j, const struct entry_row *e)
{
	json_open(j, "warnings", '[');
	if (e->rows_vanished)
		json_text(j, NULL, "rows_vanished");
	if (e->drift_seconds < 0)
		json_text(j, NULL, "confirmed_more_than_recorded");
	json_close(j, ']');
}

static void
supplement_of(struct json *j, const struct entry_row *e)
{
	if (e->supplement_of != 0)
		json_int(j, "supplement_of", e->supplement_of);
	else
		json_null(j, "supplement_of");
}

static void
merged_into(struct json *j, const struct entry_row *e)
{
	if (e->merged_into != 0)
		json_int(j, "merged_into", e->merged_into);
	else
		json_null(j, "merged_into");
}

void
render_suggested(struct json *j, const struct entry_row *e)
{
	json_open(j, "suggested_matters", '[');
	for (size_t i = 0; i < e->suggested_count; i++) {
		const struct suggestion *s = &e->suggested[i];
		char score[8];

		(void)snprintf(score, sizeof score, "0.%02d", s->score);
		json_open(j, NULL, '{');
		json_text(j, "matter_code", s->matter_code);
		json_raw(j, "score", score);
		json_text(j, "reason", s->reason);
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void
render_brief(struct json *j, const struct posting_brief *p)
{
	if (p == NULL) {
		json_null(j, "posting");
		return;
	}
	json_open(j, "posting", '{');
	json_int(j, "posting_id", p->posting_id);
	json_text(j, "state", posting_state_choices[p->state]);
	json_int(j, "alp_units", p->units);
	json_text(j, "alp_entry_id", p->alp_entry_id[0] != '\0' ? p->alp_entry_id : NULL);
	json_text(j, "alp_state", p->alp_state != POSTING_ALP_NONE ? posting_alp_state_choices[p->alp_state] : NULL);
	json_instant(j, "posted_at", p->posted_ms);
	json_text(j, "problem", p->problem_code[0] != '\0' ? p->problem_code : NULL);
	json_raw(j, "differences", p->differences[0] != '\0' ? p->differences : "[]");
	json_close(j, '}');
}

void
render_entry(struct json *j, const char *name, const struct entry_row *e)
{
	json_open(j, name, '{');
	json_int(j, "entry_id", e->entry_id);
	json_int(j, "alp_user_id", e->alp_user_id);
	json_day(j, "entry_date", e->day);
	json_text(j, "application", entry_seen_application(e));
	json_text(j, "task_description", entry_seen_description(e));
	json_int(j, "total_seconds", e->total_seconds);
	json_tenths(j, "time_units", entry_seen_units(e));
	json_int(j, "alp_units", units_whole(entry_seen_units(e)));
	json_text(j, "status", entry_status_name(e->status));
	json_text(j, "notes", e->notes);
	json_text(j, "matter_code", entry_seen_matter(e));
	json_text(j, "source_hash", e->source_hash);
	json_instant(j, "created_at", e->created_ms);
	json_instant(j, "updated_at", e->updated_ms);
	json_int(j, "drift_seconds", e->drift_seconds);
	supplement_of(j, e);
	merged_into(j, e);
	render_suggested(j, e);
	render_edited_fields(j, e);
	render_brief(j, e->posting);
	json_int(j, "revision", e->revision);
	render_warnings(j, e);
	render_machine(j, e);
	json_close(j, '}');
}

/* By enum rounding and enum units_per; 0 is the first, from before there was a choice. */
static const char *
word_of(const char *const *words, int32_t number)
{
	return words[number > 1 ? 2 : 1];
}

static void
render_policy(struct json *j, const struct entry_row *e)
{
	json_text(j, "rounding", word_of(rounding_choices, e->rounding));
	json_text(j, "units_per", word_of(units_per_choices, e->units_per));
	json_tenths(j, "minimum_units", e->minimum_tenths);
	json_tenths(j, "machine_units", e->units_tenths);
	json_text(j, "rules_version", e->rules_version);
}

void
render_confirmed(struct json *j, const char *name, const struct entry_row *e)
{
	json_open(j, name, '{');
	json_int(j, "id", e->entry_id);
	json_int(j, "original_entry_id", e->entry_id);
	json_int(j, "alp_user_id", e->alp_user_id);
	json_day(j, "entry_date", e->day);
	json_text(j, "application", entry_seen_application(e));
	json_text(j, "task_description", entry_seen_description(e));
	json_int(j, "total_seconds", e->frozen_seconds);
	json_tenths(j, "time_units", entry_seen_units(e));
	json_int(j, "alp_units", units_whole(entry_seen_units(e)));
	json_text(j, "matter_code", entry_seen_matter(e));
	json_text(j, "status", entry_status_name(e->status));
	json_text(j, "notes", e->notes);
	json_text(j, "source_hash", e->source_hash);
	json_instant(j, "created_at", e->confirmed_ms);
	json_instant(j, "updated_at", e->updated_ms);
	json_instant(j, "submitted_to_alp_at", e->posting != NULL ? e->posting->posted_ms : 0);
	json_text(j, "alp_entry_id", e->posting != NULL && e->posting->alp_entry_id[0] != '\0' ? e->posting->alp_entry_id : NULL);
	render_brief(j, e->posting);
	json_int(j, "drift_seconds", e->drift_seconds);
	supplement_of(j, e);
	render_policy(j, e);
	json_int(j, "revision", e->revision);
	json_close(j, '}');
}
