/* SPDX-License-Identifier: Apache-2.0 */
#include "http/resources.h"
#include "store/person.h"

static void
render_problem_of(struct json *j, const struct posting_row *p)
{
	if (p->problem_code == NULL) {
		json_null(j, "problem");
		return;
	}
	json_open(j, "problem", '{');
	json_text(j, "code", p->problem_code);
	json_text(j, "detail", p->problem_detail);
	json_close(j, '}');
}

/* JSON of ours or ALP's, which was checked when it was stored. */
static void
render_kept(struct json *j, const char *name, const char *value, const char *otherwise)
{
	json_raw(j, name, value != NULL ? value : otherwise);
}

void
render_posting_fields(struct json *j, const struct posting_row *p)
{
	json_int(j, "posting_id", p->posting_id);
	json_int(j, "alp_user_id", p->alp_user_id);
	if (p->entry_id != 0)
		json_int(j, "entry_id", p->entry_id);
	else
		json_null(j, "entry_id");
	json_day(j, "entry_date", p->day);
	json_int(j, "matter_component_id", p->component_id);
	json_text(j, "state", posting_state_choices[p->state]);
	render_problem_of(j, p);
	json_int(j, "alp_units", p->units);
	json_tenths(j, "time_units", p->units_tenths);
	json_text(j, "alp_entry_id", p->alp_entry_id[0] != '\0' ? p->alp_entry_id : NULL);
	json_text(j, "alp_state", p->alp_state != POSTING_ALP_NONE ? posting_alp_state_choices[p->alp_state] : NULL);
	json_instant(j, "posted_at", p->posted_ms);
	json_instant(j, "created_at", p->created_ms);
	json_instant(j, "updated_at", p->updated_ms);
	json_int(j, "attempts", p->attempts);
	json_int(j, "maybe_sent", p->maybe_sent);
	json_instant(j, "next_at", p->state == POSTING_READY || p->state == POSTING_UNKNOWN ? p->next_ms : 0);
	json_text(j, "reference", p->reference);
	render_kept(j, "request", posting_body_is_erased(p->body) ? NULL : p->body, "null");
	render_kept(j, "alp_entry", p->answer, "null");
	render_kept(j, "differences", p->differences, "[]");
	render_kept(j, "evidence", p->evidence, "null");
	json_raw(j, "warnings", p->vague ? "[{\"code\":\"vague_description\",\"detail\":\"The description says nothing about the work.\"}]" : "[]");
}

void
render_posting(struct json *j, const char *name, const struct posting_row *p)
{
	json_open(j, name, '{');
	render_posting_fields(j, p);
	json_close(j, '}');
}

void
render_posting_history(struct json *j, const struct posting_history *history)
{
	json_open(j, "history", '[');
	for (size_t i = 0; i < history->count; i++) {
		const struct posting_step *s = &history->rows[i];

		json_open(j, NULL, '{');
		json_instant(j, "at", s->at_ms);
		json_text(j, "from", s->from != 0 ? posting_state_choices[s->from] : NULL);
		json_text(j, "to", posting_state_choices[s->to]);
		json_int(j, "attempt", s->attempt);
		json_text(j, "code", s->code);
		json_text(j, "detail", s->detail);
		json_close(j, '}');
	}
	json_close(j, ']');
}
