/* SPDX-License-Identifier: Apache-2.0 */
#include "http/kept.h"
#include "http/resources.h"

enum { Q_USER, Q_DATE };

static const struct field query_fields[] = {
    [Q_USER] = {.name = "alp_user_id", .type = FIELD_INTEGER, .min = 1, .max = ALP_USER_ID_MAX,
	.summary = "ALP's number of the user; may be left out in single-user mode", .example = "42"},
    [Q_DATE] = {.name = "date", .type = FIELD_DAY, .required = true, .summary = "the user's work day", .example = "\"2026-01-05\""},
};
const struct schema schema_report_day_query = {"DayReportQuery", NULL, query_fields, ELEMENTSOF(query_fields)};

struct reporting {
	struct report_day verb;
	struct http_request *request;
};

static void
reporting_release(void *p)
{
	report_day_release(&((struct reporting *)p)->verb);
}

bool
report_is_balanced(const struct report_day *v)
{
	return v->captured_seconds + v->overhang_seconds == v->pending_seconds + v->submitted_seconds + v->supplement_seconds +
	       v->ignored_seconds + v->filtered_seconds + v->below_minimum_seconds + v->excluded_seconds + v->unprocessed_seconds;
}

static void
render_seconds(struct json *j, const struct report_day *v)
{
	json_int(j, "captured_seconds", v->captured_seconds);
	json_int(j, "overhang_seconds", v->overhang_seconds);
	json_int(j, "pending_seconds", v->pending_seconds);
	json_int(j, "submitted_seconds", v->submitted_seconds);
	json_int(j, "supplement_seconds", v->supplement_seconds);
	json_int(j, "ignored_seconds", v->ignored_seconds);
	json_int(j, "filtered_seconds", v->filtered_seconds);
	json_int(j, "below_minimum_seconds", v->below_minimum_seconds);
	json_int(j, "excluded_seconds", v->excluded_seconds);
	json_int(j, "unprocessed_seconds", v->unprocessed_seconds);
	json_boolean(j, "balanced", report_is_balanced(v));
}

static void
render_filtered(struct json *j, const struct report_day *v)
{
	json_open(j, "filtered", '[');
	for (size_t i = 0; i < v->filtered_count; i++) {
		json_open(j, NULL, '{');
		json_text(j, "rule", v->filtered[i].rule);
		json_int(j, "seconds", v->filtered[i].seconds);
		json_int(j, "rows", v->filtered[i].rows);
		json_close(j, '}');
	}
	json_close(j, ']');
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
render_report(struct json *j, const struct report_day *v)
{
	json_open(j, NULL, '{');
	json_int(j, "alp_user_id", v->alp_user_id);
	json_day(j, "date", v->day);
	render_seconds(j, v);
	render_filtered(j, v);
	json_int(j, "entries", v->entries);
	json_tenths(j, "time_units", v->units_tenths);
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
		render_report(&j, &p->verb);
	reply_read(p->request, p->verb.alp_user_id, p->verb.alp_user_id, NULL, &j);
}

void
reports_check_day(struct http_request *r)
{
	request_user(r, &r->query.v[Q_USER], "query");
}

void
reports_day(struct http_request *r)
{
	struct reporting *p = request_attach(r, sizeof *p, reporting_release);

	p->request = r;
	p->verb.alp_user_id = request_user(r, &r->query.v[Q_USER], "query");
	p->verb.day = (day_t)r->query.v[Q_DATE].number;
	if (!reply_kept(r, p->verb.alp_user_id))
		app_report_day(r->app, &p->verb, on_reported, p);
}
