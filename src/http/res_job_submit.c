/* SPDX-License-Identifier: Apache-2.0 */
/* Asking for jobs: fetch, process. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "http/resources.h"

/* The review screen reads right after it asked for processing, and does not know of Prefer. */
#define SINGLE_USER_WAIT_S 10

enum { FETCH_USER, FETCH_KEY, FETCH_DAYS, FETCH_TARGET, FETCH_FROM, FETCH_TO, FETCH_PRIORITY, FETCH_PROCESS, FETCH_ZONE };

static const struct field fetch_fields[] = {
    [FETCH_USER] = {.name = "alp_user_id", .type = FIELD_INTEGER, .min = 1, .max = ALP_USER_ID_MAX,
	.summary = "ALP's number of the user; may be left out in single-user mode", .example = "42"},
    [FETCH_KEY] = {.name = "rescue_time_api_key", .type = FIELD_KEY,
	.summary = "the user's own key; may be left out in single-user mode. Never stored in the clear, never given back",
	.example = "\"B63sandbox000001xxxxxxxxxxxxxxxxxxxxxxxx\""},
    [FETCH_DAYS] = {.name = "days", .type = FIELD_INTEGER, .min = 1, .max = RANGE_DAYS_MAX, .has_initial = true, .initial = 4,
	.summary = "how many days, counted back from and including target_date", .example = "4"},
    [FETCH_TARGET] = {.name = "target_date", .type = FIELD_DAY, .nullable = true, .summary = "null: today in the user's zone"},
    [FETCH_FROM] = {.name = "from", .type = FIELD_DAY, .nullable = true, .summary = "first day, instead of days"},
    [FETCH_TO] = {.name = "to", .type = FIELD_DAY, .nullable = true, .summary = "last day, with from"},
    [FETCH_PRIORITY] = {.name = "priority", .type = FIELD_INTEGER, .min = PRIORITY_MIN, .max = PRIORITY_MAX,
	.has_initial = true, .initial = PRIORITY_DEFAULT, .summary = "higher goes first"},
    [FETCH_PROCESS] = {.name = "process", .type = FIELD_BOOLEAN, .has_initial = true, .initial = 1,
	.summary = "make time entries of what was fetched; the job succeeds when they are visible"},
    [FETCH_ZONE] = {.name = "time_zone", .type = FIELD_ZONE, .nullable = true,
	.summary = "IANA name of the account's zone, remembered for the user", .example = "\"Australia/Sydney\""},
};
const struct schema schema_fetch = {"FetchRequest", NULL, fetch_fields, ELEMENTSOF(fetch_fields)};

enum { PROCESS_USER, PROCESS_DATE, PROCESS_FROM, PROCESS_TO, PROCESS_PRIORITY };

static const struct field process_fields[] = {
    [PROCESS_USER] = {.name = "alp_user_id", .type = FIELD_INTEGER, .min = 1, .max = ALP_USER_ID_MAX,
	.summary = "ALP's number of the user; may be left out in single-user mode", .example = "42"},
    [PROCESS_DATE] = {.name = "date", .type = FIELD_DAY, .nullable = true, .summary = "this day; without a day, every unprocessed one"},
    [PROCESS_FROM] = {.name = "from", .type = FIELD_DAY, .nullable = true, .summary = "first day, instead of date"},
    [PROCESS_TO] = {.name = "to", .type = FIELD_DAY, .nullable = true, .summary = "last day, with from"},
    [PROCESS_PRIORITY] = {.name = "priority", .type = FIELD_INTEGER, .min = PRIORITY_MIN, .max = PRIORITY_MAX,
	.has_initial = true, .initial = PRIORITY_DEFAULT, .summary = "higher goes first"},
};
const struct schema schema_process = {"ProcessRequest", NULL, process_fields, ELEMENTSOF(process_fields)};

/* --- answers ------------------------------------------------------------------------------------------------------------ */

static void
message_for(const struct job_row *job, bool coalesced, int64_t pruned_days, char *ret_text, size_t size)
{
	const char *kind = job_kind_choices[job->kind];
	char from[DAY_TEXT_MAX] = "", to[DAY_TEXT_MAX] = "";

	if (job_has_range(job)) {
		day_format(job->from_day, from);
		day_format(job->to_day, to);
	}
	if (coalesced)
		snprintf(ret_text, size, "A queued %s job of the same days takes this along.", kind);
	else if (job_is_over(job))
		snprintf(ret_text, size, "The %s job is over: %s.", kind, job_state_name(job->state));
	else if (from[0] == '\0')
		snprintf(ret_text, size, "The %s job is %s.", kind, job_state_name(job->state));
	else
		snprintf(ret_text, size, "The %s job for %s to %s is %s.", kind, from, to, job_state_name(job->state));
	if (pruned_days > 0)
		snprintf(ret_text + strlen(ret_text), size - strlen(ret_text),
		    " %lld of the days stay as they are: what was recorded is not kept any more.", (long long)pruned_days);
}

void
render_submission(const struct job_row *job, bool coalesced, int64_t pruned_days, struct once_answer *ret)
{
	struct json j = JSON_INIT;
	char message[256];

	message_for(job, coalesced, pruned_days, message, sizeof message);
	json_open(&j, NULL, '{');
	render_job_fields(&j, job);
	json_text(&j, "message", message);
	json_boolean(&j, "coalesced", coalesced);
	json_close(&j, '}');
	once_answer_header(ret, "Location", "/api/jobs/%lld", (long long)job->job_id);
	once_answer_set(ret, 202, &j);
}

struct after_wait {
	struct job_get verb;
	struct http_request *request;
	bool coalesced;
};

/* The job as it is by now: not what is kept, which tells how it was accepted. */
static void
render_waited(const void *after_wait, struct once_answer *ret)
{
	const struct after_wait *w = after_wait;

	render_submission(&w->verb.job, w->coalesced, 0, ret);
}

static void
after_wait_release(void *p)
{
	job_get_release(&((struct after_wait *)p)->verb);
}

static void
on_job_read(int error, void *arg)
{
	struct after_wait *w = arg;

	if (error < 0)
		reply_failed(w->request, error, NULL);
	else
		reply_rendered(w->request, render_waited, w);
}

static void
on_waited(struct http_request *r, void *arg)
{
	struct after_wait *w = arg;

	app_job_get(r->app, &w->verb, on_job_read, w);
}

/* user 0: for that job; else for everything of the user's. */
static void
reply_after_wait(struct http_request *r, int64_t job_id, int64_t alp_user_id, bool coalesced, int64_t wait_s)
{
	struct after_wait *w = request_attach(r, sizeof *w, after_wait_release);

	w->request = r;
	w->coalesced = coalesced;
	w->verb.job_id = job_id;
	request_wait(r, alp_user_id == 0 ? job_id : 0, alp_user_id, wait_s * 1000, on_waited, w);
}

void
reply_to_submission(struct http_request *r, const struct submission *s, bool by_user)
{
	const struct job_row *job = s->job;

	if (request_may_wait(r) && r->wait_s > 0) {
		request_add_header(r, "Preference-Applied", "wait=%lld", (long long)r->wait_s);
		reply_after_wait(r, job->job_id, 0, s->coalesced, r->wait_s);
	} else if (request_may_wait(r) && by_user && r->wait_s == WAIT_NOT_ASKED) {
		reply_after_wait(r, job->job_id, job->alp_user_id, s->coalesced, SINGLE_USER_WAIT_S);
	} else {
		reply_once(r, s->render, s->verb);
	}
}

/* --- fetch -------------------------------------------------------------------------------------------------------------- */

void
check_range_of(struct http_request *r, const char *where, const struct value *from, const struct value *to, const char *alone, int days_max)
{
	bool has_from = from->state == VALUE_SET, has_to = to->state == VALUE_SET;

	if (alone != NULL && (has_from || has_to))
		request_add_error(r, where, alone, "conflict", "cannot stand beside from and to");
	if (has_from && to->state != VALUE_SET)
		request_add_error(r, where, "to", "missing", "is required with from");
	if (has_to && from->state != VALUE_SET)
		request_add_error(r, where, "from", "missing", "is required with to");
	if (!has_from || !has_to)
		return;
	if (to->number < from->number)
		request_add_error(r, where, "to", "out_of_range", "must not be before from");
	else if (to->number - from->number >= days_max)
		request_add_error(r, where, "to", "out_of_range", "must be at most %d days after from", days_max - 1);
}

void
check_range(struct http_request *r, const char *where, const struct value *from, const struct value *to, const char *alone)
{
	check_range_of(r, where, from, to, alone, RANGE_DAYS_MAX);
}

void
jobs_check_fetch(struct http_request *r)
{
	const struct value *v = r->body.v;
	bool days = v[FETCH_DAYS].state == VALUE_SET, target = v[FETCH_TARGET].state == VALUE_SET;

	request_user(r, &v[FETCH_USER], "body");
	if (v[FETCH_KEY].state != VALUE_SET && !request_has_error(r, "rescue_time_api_key") &&
	    !(app_has_key(r->app) && request_user(r, &v[FETCH_USER], "body") == app_single_user(r->app)))
		request_add_error(r, "body", "rescue_time_api_key", "missing", "is required");
	check_range(r, "body", &v[FETCH_FROM], &v[FETCH_TO], days ? "days" : target ? "target_date" : NULL);
}

struct fetching {
	struct fetch_submit verb;
	struct http_request *request;
};

static void
fetching_release(void *p)
{
	fetch_submit_release(&((struct fetching *)p)->verb);
}

static void
render_fetch(const void *verb, struct once_answer *ret)
{
	const struct fetch_submit *v = verb;

	render_submission(&v->job, v->coalesced, v->pruned_days, ret);
}

static void
on_fetch_submitted(int error, void *arg)
{
	struct fetching *f = arg;

	if (error == -ENOKEY)
		reply_key_missing(f->request);
	else if (error < 0)
		reply_failed(f->request, error, &f->verb.fault);
	else
		reply_to_submission(f->request, &(struct submission){&f->verb.job, f->verb.coalesced, render_fetch, &f->verb}, false);
}

static day_t
day_or_none(const struct value *v)
{
	return v->state == VALUE_SET ? (day_t)v->number : -1;
}

void
jobs_fetch(struct http_request *r)
{
	struct fetching *f = request_attach(r, sizeof *f, fetching_release);
	struct value *v = r->body.v;
	bool range = v[FETCH_FROM].state == VALUE_SET;

	f->request = r;
	f->verb = (struct fetch_submit){
	    .once = request_once(r, render_fetch),
	    .alp_user_id = request_user(r, &v[FETCH_USER], "body"),
	    .key = TAKE_PTR(v[FETCH_KEY].key),
	    .days = range ? 0 : (int32_t)v[FETCH_DAYS].number,
	    .target_day = day_or_none(&v[FETCH_TARGET]),
	    .from_day = day_or_none(&v[FETCH_FROM]),
	    .to_day = day_or_none(&v[FETCH_TO]),
	    .priority = (int32_t)v[FETCH_PRIORITY].number,
	    .process = v[FETCH_PROCESS].number != 0,
	    .time_zone = v[FETCH_ZONE].text,
	};
	app_fetch_submit(r->app, &f->verb, on_fetch_submitted, f);
}

/* --- process ------------------------------------------------------------------------------------------------------------ */

void
jobs_check_process(struct http_request *r)
{
	const struct value *v = r->body.v;

	request_user(r, &v[PROCESS_USER], "body");
	check_range(r, "body", &v[PROCESS_FROM], &v[PROCESS_TO], v[PROCESS_DATE].state == VALUE_SET ? "date" : NULL);
}

struct processing {
	struct process_submit verb;
	struct http_request *request;
};

static void
processing_release(void *p)
{
	process_submit_release(&((struct processing *)p)->verb);
}

static void
render_process(const void *verb, struct once_answer *ret)
{
	const struct process_submit *v = verb;

	render_submission(&v->job, v->coalesced, v->pruned_days, ret);
}

static void
on_process_submitted(int error, void *arg)
{
	struct processing *p = arg;
	struct http_request *r = p->request;

	if (error < 0)
		reply_failed(r, error, &p->verb.fault);
	else
		reply_to_submission(r, &(struct submission){&p->verb.job, p->verb.coalesced, render_process, &p->verb},
		    app_single_user(r->app) != 0 && p->verb.alp_user_id == app_single_user(r->app));
}

void
jobs_process(struct http_request *r)
{
	struct processing *p = request_attach(r, sizeof *p, processing_release);
	const struct value *v = r->body.v;
	bool date = v[PROCESS_DATE].state == VALUE_SET;

	p->request = r;
	p->verb = (struct process_submit){
	    .once = request_once(r, render_process),
	    .alp_user_id = request_user(r, &v[PROCESS_USER], "body"),
	    .from_day = day_or_none(&v[date ? PROCESS_DATE : PROCESS_FROM]),
	    .to_day = day_or_none(&v[date ? PROCESS_DATE : PROCESS_TO]),
	    .priority = (int32_t)v[PROCESS_PRIORITY].number,
	};
	p->verb.by_date = date;
	p->verb.all_unprocessed = p->verb.from_day < 0;
	app_process_submit(r->app, &p->verb, on_process_submitted, p);
}
