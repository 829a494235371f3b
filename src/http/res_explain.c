/* SPDX-License-Identifier: Apache-2.0 */
/* How an entry came about. */
#include "app/explain.h"
#include "http/answer.h"
#include "http/kept.h"
#include "http/resources.h"

#define TEXT_MAX ((size_t)16 * 1024 * 1024)

const char *const rounding_choices[] = {"", "tenth-up", "unit-up", NULL};
const char *const units_per_choices[] = {"", "entry", "matter", NULL};
const char *const explain_state_choices[] = {"", "counted", "kept", "gone", "unjudged", NULL};

static const char *
choice_of(const char *const *choices, int32_t number)
{
	for (int32_t i = 1; choices[i] != NULL; i++)
		if (i == number)
			return choices[i];
	return NULL;
}

/* A rule by its id, with the file and line where it stood. */
static void
render_place(struct json *j, const struct explain_rules *rules, const char *id)
{
	const struct rule_place *place = explain_place(rules, id);

	json_text(j, "rule", id != NULL && id[0] != '\0' ? id : NULL);
	json_text(j, "file", place != NULL ? rules->file : NULL);
	if (place != NULL)
		json_int(j, "line", place->line);
	else
		json_null(j, "line");
}

static void
render_step(struct json *j, const struct explain_rules *rules, const struct step *step)
{
	json_open(j, NULL, '{');
	render_place(j, rules, step->rule);
	json_text(j, "did", explain_does(explain_place(rules, step->rule), step->what));
	json_text(j, "code", step->code);
	json_close(j, '}');
}

static void
render_times(struct json *j, const struct step_times *times)
{
	json_open(j, "times", '[');
	for (size_t i = 0; i < times->count; i++) {
		const struct step_time *t = &times->rows[i];
		char at[sizeof "00:00"] = {[2] = ':'};

		str_put_digits(at, 2, (unsigned)t->minute / 60);
		str_put_digits(at + 3, 2, (unsigned)t->minute % 60);
		json_open(j, NULL, '{');
		json_text(j, "at", at);
		json_int(j, "seconds", t->seconds);
		json_close(j, '}');
	}
	json_close(j, ']');
	json_boolean(j, "times_complete", times->complete);
}

static void
render_now(struct json *j, const struct explanation *e, const struct explain_row *row)
{
	if (row->state != ROW_KEPT) {
		json_null(j, "rules_now");
		return;
	}
	json_open(j, "rules_now", '{');
	json_text(j, "task_description", row->now);
	render_place(j, e->newest.known ? &e->newest : &e->decided, row->now_rule);
	json_close(j, '}');
}

static void
render_row(struct json *j, const struct explanation *e, const struct explain_row *row)
{
	const struct explain_rules *rules = explain_rules_by(e, row->by);

	json_open(j, NULL, '{');
	json_text(j, "application", row->application);
	json_text(j, "title", row->title);
	json_text(j, "category", row->category);
	json_int(j, "seconds", row->seconds);
	if (row->judged_seconds >= 0)
		json_int(j, "judged_seconds", row->judged_seconds);
	else
		json_null(j, "judged_seconds");
	json_text(j, "state", choice_of(explain_state_choices, (int32_t)row->state));
	json_text(j, "rules_version", rules != NULL ? rules->verdicts.rules_version : NULL);
	render_times(j, &row->times);
	json_open(j, "steps", '[');
	for (size_t i = 0; i < row->steps.count; i++)
		render_step(j, rules, &row->steps.rows[i]);
	json_close(j, ']');
	json_boolean(j, "steps_complete", row->steps.complete);
	render_now(j, e, row);
	json_close(j, '}');
}

static void
render_rows(struct json *j, const struct explanation *e)
{
	json_open(j, "rows", '[');
	for (size_t i = 0; i < e->row_count; i++)
		render_row(j, e, &e->rows[i]);
	json_close(j, ']');
	json_int(j, "rows_left_out", e->rows_left_out);
	json_int(j, "seconds_left_out", e->seconds_left_out);
	json_boolean(j, "raw_rows_kept", !e->pruned);
}

static void
render_merge(struct json *j, const struct explanation *e)
{
	if (e->merged_rows == 0) {
		json_null(j, "merge");
		return;
	}
	json_open(j, "merge", '{');
	json_int(j, "rows", e->merged_rows);
	json_int(j, "seconds", e->merged_seconds);
	json_open(j, "keys", '[');
	for (size_t i = 0; i < e->key_count; i++) {
		json_open(j, NULL, '{');
		json_text(j, "name", e->keys[i].name);
		json_text(j, "value", e->keys[i].value);
		json_close(j, '}');
	}
	json_close(j, ']');
	json_close(j, '}');
}

static void
render_candidate(struct json *j, const struct explanation *e, const struct explain_candidate *c)
{
	json_open(j, NULL, '{');
	json_text(j, "matter_code", c->code);
	render_place(j, &e->decided, c->rule);
	json_int(j, "priority", c->priority);
	json_int(j, "seconds", c->seconds);
	json_int(j, "rows", c->rows);
	json_boolean(j, "unlisted", c->rule[0] == '\0');
	json_boolean(j, "chosen", c->chosen);
	json_close(j, '}');
}

static void
render_why(struct json *j, const struct explanation *e, void (*why)(const struct explanation *e, struct buf *out))
{
	struct buf text = BUF_INIT(64 * 1024);

	why(e, &text);
	json_str(j, "why", buf_str(&text));
	buf_release(&text);
}

static void
render_matter(struct json *j, const struct explanation *e)
{
	json_open(j, "matter", '{');
	json_text(j, "matter_code", entry_seen_matter(&e->entry));
	json_text(j, "found", e->entry.matter_code);
	render_place(j, &e->decided, e->entry.matter_rule);
	json_text(j, "evidence", e->entry.matter_evidence);
	render_why(j, e, explain_why_matter);
	json_open(j, "candidates", '[');
	for (size_t i = 0; i < e->candidate_count; i++)
		render_candidate(j, e, &e->candidates[i]);
	json_close(j, ']');
	json_boolean(j, "candidates_complete", e->candidates_complete);
	json_close(j, '}');
}

static void
render_units(struct json *j, const struct explanation *e)
{
	json_open(j, "units", '{');
	json_tenths(j, "time_units", entry_seen_units(&e->entry));
	json_tenths(j, "machine_units", e->entry.units_tenths);
	json_int(j, "seconds", e->entry.total_seconds);
	json_int(j, "seconds_before", e->before_seconds);
	json_text(j, "rounding", choice_of(rounding_choices, e->entry.rounding));
	json_text(j, "per", choice_of(units_per_choices, e->entry.units_per));
	json_tenths(j, "minimum_units", e->entry.minimum_tenths);
	if (e->per_matter) {
		json_open(j, "matter_sum", '{');
		json_int(j, "lines", e->sum.lines);
		json_int(j, "seconds", e->sum.seconds);
		json_tenths(j, "time_units", e->sum.tenths);
		json_tenths(j, "submitted_units", e->sum.held_tenths);
		json_close(j, '}');
	} else {
		json_null(j, "matter_sum");
	}
	render_why(j, e, explain_why_units);
	json_close(j, '}');
}

static void
render_edited(struct json *j, const char *field, const char *machine, const char *person)
{
	if (person == NULL)
		return;
	json_open(j, NULL, '{');
	json_text(j, "field", field);
	json_text(j, "machine", machine);
	json_text(j, "person", person);
	json_close(j, '}');
}

static void
render_person(struct json *j, const struct entry_row *e)
{
	char machine[32], person[32];

	snprintf(machine, sizeof machine, "%lld.%lld", (long long)e->units_tenths / 10, (long long)e->units_tenths % 10);
	snprintf(person, sizeof person, "%lld.%lld", (long long)e->person_units_tenths / 10, (long long)e->person_units_tenths % 10);
	json_open(j, "edited", '[');
	render_edited(j, "application", e->application, e->person_application);
	render_edited(j, "task_description", e->task_description, e->person_description);
	render_edited(j, "time_units", machine, e->person_units_tenths >= 0 ? person : NULL);
	render_edited(j, "matter_code", e->matter_code, e->person_matter);
	render_edited(j, "notes", NULL, e->notes);
	json_close(j, ']');
}

static void
render_judgement(struct json *j, const char *name, const struct explain_rules *rules)
{
	if (!rules->known) {
		json_null(j, name);
		return;
	}
	json_open(j, name, '{');
	json_text(j, "rules_version", rules->verdicts.rules_version);
	json_text(j, "file", rules->file);
	json_text(j, "matters_version", rules->verdicts.matters_version[0] != '\0' ? rules->verdicts.matters_version : NULL);
	json_instant(j, "judged_at", rules->verdicts.made_ms);
	json_close(j, '}');
}

static void
render_text(struct json *j, const struct explanation *e)
{
	struct buf text = BUF_INIT(TEXT_MAX);
	struct str rest;

	explain_text(e, &text);
	rest = buf_str(&text);
	json_open(j, "text", '[');
	while (rest.len > 0) {
		const char *end = memchr(rest.p, '\n', rest.len);
		size_t len = end != NULL ? (size_t)(end - rest.p) : rest.len;

		json_str(j, NULL, (struct str){rest.p, len});
		rest = (struct str){rest.p + len + (end != NULL), rest.len - len - (end != NULL)};
	}
	json_close(j, ']');
	buf_release(&text);
}

static void
render_explanation(struct json *j, const struct explanation *e)
{
	json_open(j, NULL, '{');
	json_int(j, "entry_id", e->entry.entry_id);
	json_int(j, "alp_user_id", e->entry.alp_user_id);
	json_day(j, "entry_date", e->entry.day);
	json_text(j, "application", entry_seen_application(&e->entry));
	json_text(j, "task_description", entry_seen_description(&e->entry));
	json_text(j, "status", entry_status_name(e->entry.status));
	if (e->entry.supplement_of != 0)
		json_int(j, "supplement_of", e->entry.supplement_of);
	else
		json_null(j, "supplement_of");
	json_int(j, "total_seconds", e->entry.total_seconds);
	json_tenths(j, "time_units", entry_seen_units(&e->entry));
	render_rows(j, e);
	render_merge(j, e);
	render_matter(j, e);
	render_units(j, e);
	render_suggested(j, &e->entry);
	render_person(j, &e->entry);
	render_judgement(j, "decided_by", &e->decided);
	render_judgement(j, "judged_last_by", &e->newest);
	json_boolean(j, "damaged", e->decided.damaged || e->newest.damaged);
	render_text(j, e);
	json_close(j, '}');
}

struct explaining {
	struct entry_explain verb;
	struct http_request *request;
	struct ready_answer *answer; /* NULL: too large */
};

static void
explaining_release(void *p)
{
	struct explaining *x = p;

	entry_explain_release(&x->verb);
	answer_unref(x->answer);
}

/* On the store's thread. */
static void
render(void *arg)
{
	struct explaining *x = arg;
	struct json j = JSON_INIT;

	render_explanation(&j, &x->verb.told);
	x->answer = answer_render(x->request, NULL, &j);
	buf_release(&j.b);
}

static void
on_explained(int error, void *arg)
{
	struct explaining *x = arg;

	if (error < 0)
		reply_failed(x->request, error, NULL);
	else if (x->answer == NULL)
		reply_too_large(x->request);
	else
		reply_and_keep(x->request, x->verb.alp_user_id, x->verb.told.entry.alp_user_id, x->answer);
}

void
entries_explain(struct http_request *r)
{
	struct explaining *x = request_attach(r, sizeof *x, explaining_release);

	x->request = r;
	x->verb.entry_id = r->params.v[0].number;
	x->verb.alp_user_id = request_owner(r);
	x->verb.render = render;
	if (!reply_kept(r, x->verb.alp_user_id))
		app_entry_explain(r->app, &x->verb, on_explained, x);
}
