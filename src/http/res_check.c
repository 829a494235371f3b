/* SPDX-License-Identifier: Apache-2.0 */
/* Trying other rules on stored days. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "app/rules_check.h"
#include "http/lists.h"
#include "http/resources.h"

/* Without a Prefer header. */
#define WAIT_S 10
#define TEXT_SMALL 16384 /* bytes of rules that are read in no time */

enum { CHECK_USER, CHECK_DAYS, CHECK_FROM, CHECK_TO, CHECK_RULES };

static const struct field check_fields[] = {
    [CHECK_USER] = {.name = "alp_user_id", .type = FIELD_INTEGER, .min = 1, .max = ALP_USER_ID_MAX,
	.summary = "ALP's number of the user; may be left out in single-user mode", .example = "42"},
    [CHECK_DAYS] = {.name = "days", .type = FIELD_INTEGER, .min = 1, .max = CHECK_DAYS_MAX, .has_initial = true, .initial = 7,
	.summary = "how many days, counted back from and including today in the user's zone", .example = "14"},
    [CHECK_FROM] = {.name = "from", .type = FIELD_DAY, .nullable = true, .summary = "first day, instead of days"},
    [CHECK_TO] = {.name = "to", .type = FIELD_DAY, .nullable = true, .summary = "last day, with from"},
    [CHECK_RULES] = {.name = "rules", .type = FIELD_TEXT, .required = true, .max = (int64_t)RULES_FILE_MAX,
	.summary = "the text of a rules file, at most 1 MiB", .example = "\"merge = { minimum_seconds = 60; };\""},
};
const struct schema schema_rules_check = {"RulesCheckRequest", NULL, check_fields, ELEMENTSOF(check_fields)};

struct check_asking {
	struct rules_parse parse;
	struct check_submit submit;
	struct check_get get;
	struct http_request *request;
};

static void
asking_release(void *p)
{
	struct check_asking *a = p;

	rules_parse_release(&a->parse);
	check_submit_release(&a->submit);
	check_get_release(&a->get);
}

void
rules_check_range(struct http_request *r)
{
	const struct value *v = r->body.v;

	request_user(r, &v[CHECK_USER], "body");
	check_range_of(r, "body", &v[CHECK_FROM], &v[CHECK_TO], v[CHECK_DAYS].state == VALUE_SET ? "days" : NULL, CHECK_DAYS_MAX);
	if (v[CHECK_RULES].state == VALUE_SET && strlen(v[CHECK_RULES].text) > RULES_FILE_MAX)
		request_add_error(r, "body", "rules", "too_long", "must be at most %zu bytes", RULES_FILE_MAX);
}

/* --- the answer --------------------------------------------------------------------------------------------------------- */

static void
reply_result(struct http_request *r, struct check_get *v)
{
	struct json j = JSON_INIT;

	(void)buf_add(&j.b, v->result, v->len);
	reply_json(r, 200, &j);
}

static void
render_accepted(const void *submit, struct once_answer *ret)
{
	const struct check_submit *v = submit;

	render_submission(&v->job, false, 0, ret);
	once_answer_header(ret, "Location", "/api/rules/checks/%lld", (long long)v->job.job_id);
}

/* Not over in time, or without a result: the job, as it is by now. */
static void
render_waited(const void *asking, struct once_answer *ret)
{
	const struct check_asking *a = asking;

	render_submission(&a->get.job, false, 0, ret);
	once_answer_header(ret, "Location", "/api/rules/checks/%lld", (long long)a->get.job_id);
}

static void
on_result(int error, void *arg)
{
	struct check_asking *a = arg;

	if (error == 0)
		reply_result(a->request, &a->get);
	else if (error == -EAGAIN)
		reply_rendered(a->request, render_waited, a);
	else
		reply_failed(a->request, error, NULL);
}

static void
on_waited(struct http_request *r, void *arg)
{
	struct check_asking *a = arg;

	app_check_get(r->app, &a->get, on_result, a);
}

static void
on_submitted(int error, void *arg)
{
	struct check_asking *a = arg;
	struct http_request *r = a->request;
	int64_t wait_s = r->wait_s == WAIT_NOT_ASKED ? WAIT_S : r->wait_s;

	if (error < 0) {
		reply_failed(r, error, NULL);
		return;
	}
	if (!request_may_wait(r) || wait_s <= 0) {
		reply_once(r, render_accepted, &a->submit);
		return;
	}
	if (r->wait_s > 0)
		request_add_header(r, "Preference-Applied", "wait=%lld", (long long)r->wait_s);
	a->get.job_id = a->submit.job.job_id;
	request_wait(r, a->get.job_id, 0, wait_s * 1000, on_waited, a);
}

/* --- asking ------------------------------------------------------------------------------------------------------------- */

static void
reply_faults(struct http_request *r, const struct rule_faults *faults)
{
	for (size_t i = 0; i < faults->count; i++)
		request_add_error(r, "body", "rules", "invalid_rules", "%s", faults->lines[i]);
	reply_wrong(r, "invalid_rules", "The text is no rules file; each fault is named with its line.");
}

static void
on_parsed(int error, void *arg)
{
	struct check_asking *a = arg;

	list_end(a->request);
	if (error == -EINVAL)
		reply_faults(a->request, &a->parse.faults);
	else if (error < 0)
		reply_failed(a->request, error, NULL);
	else
		app_check_submit(a->request->app, &a->submit, on_submitted, a);
}

static day_t
day_or_none(const struct value *v)
{
	return v->state == VALUE_SET ? (day_t)v->number : -1;
}

static void
begin_parse(struct http_request *r, void *asking)
{
	app_rules_parse(r->app, &((struct check_asking *)asking)->parse, on_parsed, asking);
}

/* A thousand patterns take as long as a whole list, so they take turns with those: nobody's reads wait for them. */
void
rules_check(struct http_request *r)
{
	struct check_asking *a = request_attach(r, sizeof *a, asking_release);
	const struct value *v = r->body.v;

	a->request = r;
	a->parse.text = str_of(v[CHECK_RULES].text);
	a->submit = (struct check_submit){
	    .once = request_once(r, render_accepted),
	    .alp_user_id = request_user(r, &v[CHECK_USER], "body"),
	    .days = v[CHECK_FROM].state == VALUE_SET ? 0 : (int32_t)v[CHECK_DAYS].number,
	    .from_day = day_or_none(&v[CHECK_FROM]),
	    .to_day = day_or_none(&v[CHECK_TO]),
	    .rules = str_of(v[CHECK_RULES].text),
	};
	list_begin(r, a->parse.text.len > TEXT_SMALL, begin_parse, a);
}

/* --- later -------------------------------------------------------------------------------------------------------------- */

static void
on_got(int error, void *arg)
{
	struct check_asking *a = arg;
	char detail[96];

	if (error == 0)
		reply_result(a->request, &a->get);
	else if (error == -EAGAIN) {
		(void)snprintf(detail, sizeof detail, "There is no result: the job is %s.", job_state_name(a->get.job.state));
		reply_problem(a->request, 409, "check_not_done", detail);
	} else {
		reply_failed(a->request, error, NULL);
	}
}

void
rules_check_get(struct http_request *r)
{
	struct check_asking *a = request_attach(r, sizeof *a, asking_release);

	a->request = r;
	a->get.job_id = r->params.v[0].number;
	a->get.alp_user_id = request_owner(r);
	app_check_get(r->app, &a->get, on_got, a);
}
