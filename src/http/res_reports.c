/* SPDX-License-Identifier: Apache-2.0 */
/* Where every second of a day, or of a range of days, is. */
#include "app/report.h"
#include "http/answer.h"
#include "http/kept.h"
#include "http/lists.h"
#include "http/resources.h"

const char *const report_by_choices[] = {"", "day", "matter", "rule", NULL};
const char *const report_warning_choices[] = {"units_above_captured", "units_above_24_hours", NULL};

#define USER_FIELD                                                                                                     \
	{.name = "alp_user_id", .type = FIELD_INTEGER, .min = 1, .max = ALP_USER_ID_MAX,                               \
	 .summary = "ALP's number of the user; may be left out in single-user mode", .example = "42"}

enum { D_USER, D_DATE };
static const struct field day_fields[] = {
    [D_USER] = USER_FIELD,
    [D_DATE] = {.name = "date", .type = FIELD_DAY, .required = true, .summary = "the user's work day", .example = "\"2026-01-05\""},
};
const struct schema schema_report_day_query = {"DayReportQuery", NULL, day_fields, ELEMENTSOF(day_fields)};

enum { R_USER, R_FROM, R_TO, R_BY };
static const struct field range_fields[] = {
    [R_USER] = USER_FIELD,
    [R_FROM] = {.name = "from", .type = FIELD_DAY, .required = true, .summary = "the first day", .example = "\"2026-01-01\""},
    [R_TO] = {.name = "to", .type = FIELD_DAY, .required = true, .summary = "the last day; 366 days at most", .example = "\"2026-01-31\""},
    [R_BY] = {.name = "by", .type = FIELD_CHOICE, .choices = report_by_choices, .has_initial = true, .initial = REPORT_BY_DAY,
	.summary = "what there is a row for; `rule` lists what was taken out"},
};
const struct schema schema_report_range_query = {"RangeReportQuery", NULL, range_fields, ELEMENTSOF(range_fields)};

/* --- what both have ----------------------------------------------------------------------------------------------------- */

static void
render_billing(struct json *j, const struct billing *b)
{
	json_int(j, "lines", b->lines);
	json_int(j, "recorded_seconds", b->recorded_seconds);
	json_tenths(j, "billed_units", b->billed_tenths);
	json_int(j, "billed_seconds", billing_billed_seconds(b));
	json_int(j, "added_seconds", billing_added_seconds(b));
	if (b->recorded_seconds > 0)
		json_tenths(j, "added_percent", billing_added_permille(b));
	else
		json_null(j, "added_percent");
	json_tenths(j, "tenth_up_units", b->tenth_up_tenths);
	json_tenths(j, "unit_up_units", b->unit_up_tenths);
}

static void
render_sums(struct json *j, const struct report_sums *s)
{
	json_int(j, "captured_seconds", s->captured_seconds);
	json_int(j, "overhang_seconds", s->overhang_seconds);
	json_int(j, "pending_seconds", s->pending_seconds);
	json_int(j, "submitted_seconds", s->submitted_seconds);
	json_int(j, "supplement_seconds", s->supplement_seconds);
	json_int(j, "ignored_seconds", s->ignored_seconds);
	json_int(j, "filtered_seconds", s->filtered_seconds);
	json_int(j, "below_minimum_seconds", s->below_minimum_seconds);
	json_int(j, "excluded_seconds", s->excluded_seconds);
	json_int(j, "unprocessed_seconds", s->unprocessed_seconds);
	json_boolean(j, "balanced", report_is_balanced(s));
	json_int(j, "entries", s->entries);
	json_tenths(j, "time_units", s->units_tenths);
	json_open(j, "billing", '{');
	render_billing(j, &s->billing);
	json_close(j, '}');
	json_open(j, "warnings", '[');
	for (unsigned i = 0; report_warning_choices[i] != NULL; i++)
		if (s->warnings & 1u << i)
			json_text(j, NULL, report_warning_choices[i]);
	json_close(j, ']');
}

static void
render_filtered(struct json *j, const char *name, const struct filtered_list *list)
{
	json_open(j, name, '[');
	for (size_t i = 0; i < list->count; i++) {
		json_open(j, NULL, '{');
		json_text(j, "rule", list->rows[i].rule);
		json_int(j, "seconds", list->rows[i].seconds);
		json_int(j, "rows", list->rows[i].rows);
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void
render_matters(struct json *j, const char *name, const struct matter_billings *list)
{
	json_open(j, name, '[');
	for (size_t i = 0; i < list->count; i++) {
		json_open(j, NULL, '{');
		json_text(j, "matter_code", list->rows[i].matter[0] != '\0' ? list->rows[i].matter : NULL);
		render_billing(j, &list->rows[i].billing);
		json_close(j, '}');
	}
	json_close(j, ']');
}

/* --- a day -------------------------------------------------------------------------------------------------------------- */

struct reporting {
	struct report_day verb;
	struct http_request *request;
};

static void
reporting_release(void *p)
{
	report_day_release(&((struct reporting *)p)->verb);
}

static void
render_dropped(struct json *j, const struct report_day *v)
{
	json_open(j, "dropped", '[');
	for (size_t i = 0; i < v->dropped_count; i++) {
		const struct dropped_row *row = &v->dropped[i];
		const struct rule_place *place = rule_places_find(&v->places, row->rule);

		json_open(j, NULL, '{');
		json_text(j, "application", row->application);
		json_text(j, "title", row->title);
		json_text(j, "category", row->category);
		json_int(j, "seconds", row->seconds);
		json_text(j, "rule", row->rule);
		json_text(j, "file", place != NULL ? v->rules_file : NULL);
		if (place != NULL)
			json_int(j, "line", place->line);
		else
			json_null(j, "line");
		json_close(j, '}');
	}
	json_close(j, ']');
	json_int(j, "dropped_left_out", v->dropped_left_out);
	json_boolean(j, "raw_rows_kept", v->raw_rows_kept);
}

static void
render_state(struct json *j, const struct day_row *day)
{
	json_int(j, "generation", day->generation);
	json_int(j, "processed_generation", day->processed_generation);
	json_boolean(j, "processed", day->processed_generation == day->generation);
	json_text(j, "rules_version", day->rules_version[0] != '\0' ? day->rules_version : NULL);
	json_instant(j, "fetched_at", day->fetched_ms);
	json_instant(j, "upstream_empty_since", day->upstream_empty_since_ms);
	json_int(j, "bytes_replaced", day->bytes_replaced);
}

static void
render_day(struct json *j, const struct report_day *v)
{
	json_open(j, NULL, '{');
	json_int(j, "alp_user_id", v->alp_user_id);
	json_day(j, "date", v->day);
	render_sums(j, &v->sums);
	render_filtered(j, "filtered", &v->filtered);
	render_dropped(j, v);
	render_matters(j, "matters", &v->matters);
	render_state(j, &v->state);
	json_close(j, '}');
}

static void
on_reported(int error, void *arg)
{
	struct reporting *p = arg;
	struct json j = JSON_INIT;

	if (error < 0) {
		reply_failed(p->request, error, NULL);
		return;
	}
	if (p->request->form == FORM_CSV)
		csv_rows(&j.b, &csv_report_day, &p->verb, 1);
	else
		render_day(&j, &p->verb);
	reply_read(p->request, p->verb.alp_user_id, p->verb.alp_user_id, NULL, &j);
}

void
reports_check_day(struct http_request *r)
{
	request_user(r, &r->query.v[D_USER], "query");
}

void
reports_day(struct http_request *r)
{
	struct reporting *p = request_attach(r, sizeof *p, reporting_release);

	p->request = r;
	p->verb.alp_user_id = request_user(r, &r->query.v[D_USER], "query");
	p->verb.day = (day_t)r->query.v[D_DATE].number;
	if (!reply_kept(r, p->verb.alp_user_id))
		app_report_day(r->app, &p->verb, on_reported, p);
}

/* --- a range ------------------------------------------------------------------------------------------------------------ */

struct ranging {
	struct report_range verb;
	struct http_request *request;
	struct ready_answer *answer; /* NULL: too large */
};

static void
ranging_release(void *p)
{
	struct ranging *x = p;

	report_range_release(&x->verb);
	answer_unref(x->answer);
}

static void
render_days(struct json *j, const struct report_range *v)
{
	json_open(j, "by_day", '[');
	for (size_t i = 0; i < v->day_count; i++) {
		json_open(j, NULL, '{');
		json_day(j, "date", v->days[i].day);
		render_sums(j, &v->days[i].sums);
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void
render_range(struct json *j, const struct report_range *v)
{
	json_open(j, NULL, '{');
	json_int(j, "alp_user_id", v->alp_user_id);
	json_day(j, "from", v->from);
	json_day(j, "to", v->to);
	json_int(j, "days", (int64_t)v->day_count);
	render_sums(j, &v->sums);
	if (v->by == REPORT_BY_DAY)
		render_days(j, v);
	else if (v->by == REPORT_BY_MATTER)
		render_matters(j, "by_matter", &v->matters);
	else
		render_filtered(j, "by_rule", &v->filtered);
	json_close(j, '}');
}

static void
render_range_csv(struct buf *b, const struct report_range *v)
{
	if (v->by == REPORT_BY_DAY)
		csv_rows(b, &csv_report_days, v->days, v->day_count);
	else if (v->by == REPORT_BY_MATTER)
		csv_rows(b, &csv_report_matters, v->matters.rows, v->matters.count);
	else
		csv_rows(b, &csv_report_rules, v->filtered.rows, v->filtered.count);
}

/* On the store's thread. */
static void
render(void *arg)
{
	struct ranging *x = arg;
	struct json j = JSON_INIT;

	if (x->request->form == FORM_CSV)
		render_range_csv(&j.b, &x->verb);
	else
		render_range(&j, &x->verb);
	x->answer = answer_render(x->request, NULL, &j);
	buf_release(&j.b);
}

static void
on_ranged(int error, void *arg)
{
	struct ranging *x = arg;

	if (error < 0)
		reply_failed(x->request, error, NULL);
	else if (x->answer == NULL)
		reply_too_large(x->request);
	else if (!list_refused(x->request, answer_length(x->answer, false)))
		reply_and_keep(x->request, x->verb.alp_user_id, x->verb.alp_user_id, x->answer);
}

void
reports_check_range(struct http_request *r)
{
	const struct value *v = r->query.v;

	request_user(r, &v[R_USER], "query");
	if (v[R_FROM].state != VALUE_SET || v[R_TO].state != VALUE_SET)
		return;
	if (v[R_TO].number < v[R_FROM].number)
		request_add_error(r, "query", "to", "out_of_range", "must not be before from");
	else if (v[R_TO].number - v[R_FROM].number >= REPORT_DAYS_MAX)
		request_add_error(r, "query", "to", "out_of_range", "must be less than %d days after from", REPORT_DAYS_MAX);
}

static void
begin_range(struct http_request *r, void *ranging)
{
	app_report_range(r->app, &((struct ranging *)ranging)->verb, on_ranged, ranging);
}

void
reports_range(struct http_request *r)
{
	struct ranging *x = request_attach(r, sizeof *x, ranging_release);
	const struct value *v = r->query.v;
	bool many;

	x->request = r;
	x->verb.alp_user_id = request_user(r, &v[R_USER], "query");
	x->verb.from = (day_t)v[R_FROM].number;
	x->verb.to = (day_t)v[R_TO].number;
	x->verb.by = (enum report_by)v[R_BY].number;
	x->verb.render = render;
	many = x->verb.to - x->verb.from >= RANGE_DAYS_MAX;
	if (!reply_kept(r, x->verb.alp_user_id))
		list_begin(r, many, begin_range, x);
}
