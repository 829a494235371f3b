/* SPDX-License-Identifier: Apache-2.0 */
/* Jobs there are: list, read, cancel, run again. */
#include <errno.h>

#include "http/cursor.h"
#include "http/kept.h"
#include "http/resources.h"

static const struct field path_fields[] = {
    {.name = "job_id", .type = FIELD_INTEGER, .required = true, .min = 1, .max = ALP_USER_ID_MAX, .summary = "the job",
     .example = "17"},
};
const struct schema schema_job_path = {"JobPath", NULL, path_fields, ELEMENTSOF(path_fields)};

enum { LIST_USER, LIST_KIND, LIST_STATE, LIST_LIMIT, LIST_CURSOR, LIST_COUNT };

static const struct field query_fields[] = {
    [LIST_USER] = {.name = "alp_user_id", .type = FIELD_INTEGER, .min = 1, .max = ALP_USER_ID_MAX, .summary = "only this user's"},
    [LIST_KIND] = {.name = "kind", .type = FIELD_CHOICE, .choices = job_kind_choices, .summary = "only of this kind"},
    [LIST_STATE] = {.name = "state", .type = FIELD_CHOICES, .choices = job_state_choices, .summary = "only in one of these states"},
    [LIST_LIMIT] = {.name = "limit", .type = FIELD_INTEGER, .min = 1, .max = 5000, .summary = "a page of so many; without it, all"},
    [LIST_CURSOR] = {.name = "cursor", .type = FIELD_TEXT, .min = 1, .max = 63, .summary = "from the last page's Link"},
    [LIST_COUNT] = {.name = "count", .type = FIELD_BOOLEAN, .summary = "tell the size of the whole list in X-Total-Count"},
};
const struct schema schema_job_query = {"JobQuery", NULL, query_fields, ELEMENTSOF(query_fields)};

static const struct field retry_fields[] = {
    {.name = "rescue_time_api_key", .type = FIELD_KEY,
     .summary = "for a fetch: the old key is gone; may be left out in single-user mode",
     .example = "\"B63sandbox000001xxxxxxxxxxxxxxxxxxxxxxxx\""},
};
const struct schema schema_retry = {"RetryRequest", NULL, retry_fields, ELEMENTSOF(retry_fields)};

void
reply_key_missing(struct http_request *r)
{
	request_add_error(r, "body", "rescue_time_api_key", "missing", "is required");
	reply_invalid(r);
}

/* --- list --------------------------------------------------------------------------------------------------------------- */

struct listing {
	struct job_query verb;
	struct http_request *request;
	int64_t limit;
};

static void
listing_release(void *p)
{
	job_query_release(&((struct listing *)p)->verb);
}

static void
render_page(const struct http_request *r, const struct job_row *rows, size_t count, struct json *j)
{
	if (r->form == FORM_CSV) {
		csv_rows(&j->b, &csv_jobs, rows, count);
		return;
	}
	json_open(j, NULL, '[');
	for (size_t i = 0; i < count; i++)
		render_job(j, NULL, &rows[i]);
	json_close(j, ']');
}

static void
on_listed(int error, void *arg)
{
	struct listing *l = arg;
	const struct job_list *list = &l->verb.list;
	bool more = l->limit > 0 && list->count > (size_t)l->limit;
	size_t count = more ? (size_t)l->limit : list->count;
	char cursor[CURSOR_TEXT_MAX];
	struct json j = JSON_INIT;

	if (error < 0) {
		reply_failed(l->request, error, NULL);
		return;
	}
	render_page(l->request, list->rows, count, &j);
	if (list_refused(l->request, j.b.len)) {
		buf_release(&j.b);
		return;
	}
	if (more) {
		cursor_format('j', list->rows[count - 1].job_id, 0, cursor);
		cursor_link(l->request, cursor);
	}
	if (l->verb.count)
		request_add_header(l->request, "X-Total-Count", "%lld", (long long)l->verb.total);
	reply_tagged(l->request, NULL, &j);
}

void
jobs_check_list(struct http_request *r)
{
	const struct value *cursor = &r->query.v[LIST_CURSOR];
	int64_t below, unused;

	if (cursor->state == VALUE_SET && cursor_parse('j', cursor->text, &below, &unused) < 0)
		request_add_error(r, "query", "cursor", "bad_cursor", "is not one of this list");
}

static void
begin_list(struct http_request *r, void *listing)
{
	app_job_query(r->app, &((struct listing *)listing)->verb, on_listed, listing);
}

void
jobs_list(struct http_request *r)
{
	struct listing *l = request_attach(r, sizeof *l, listing_release);
	const struct value *v = r->query.v;
	int64_t below = 0, unused;

	if (v[LIST_CURSOR].state == VALUE_SET)
		(void)cursor_parse('j', v[LIST_CURSOR].text, &below, &unused);
	l->request = r;
	l->limit = v[LIST_LIMIT].number;
	l->verb.filter = (struct job_filter){
	    .alp_user_id = v[LIST_USER].number,
	    .kind = (int32_t)v[LIST_KIND].number,
	    .states = (uint32_t)v[LIST_STATE].number,
	    .below_id = below,
	    .limit = l->limit > 0 ? l->limit + 1 : 0,
	};
	l->verb.count = v[LIST_COUNT].number != 0;
	list_begin(r, l->limit == 0 || l->limit > LIST_PAGE_SMALL || l->verb.count, begin_list, l);
}

/* --- one ---------------------------------------------------------------------------------------------------------------- */

struct getting {
	struct job_get verb;
	struct http_request *request;
};

static void
getting_release(void *p)
{
	job_get_release(&((struct getting *)p)->verb);
}

static void
on_got(int error, void *arg)
{
	struct getting *g = arg;
	struct json j = JSON_INIT;

	if (error < 0) {
		reply_failed(g->request, error, NULL);
		return;
	}
	json_open(&j, NULL, '{');
	render_job_fields(&j, &g->verb.job);
	render_job_history(&j, &g->verb.history);
	json_close(&j, '}');
	reply_tagged(g->request, NULL, &j);
}

void
jobs_get(struct http_request *r)
{
	struct getting *g = request_attach(r, sizeof *g, getting_release);

	g->request = r;
	g->verb.job_id = r->params.v[0].number;
	g->verb.alp_user_id = request_owner(r);
	app_job_get(r->app, &g->verb, on_got, g);
}

/* --- cancel ------------------------------------------------------------------------------------------------------------- */

struct cancelling {
	struct job_cancel verb;
	struct http_request *request;
};

static void
cancelling_release(void *p)
{
	job_cancel_release(&((struct cancelling *)p)->verb);
}

static void
on_cancelled(int error, void *arg)
{
	struct cancelling *c = arg;
	struct json j = JSON_INIT;

	if (error == -EALREADY) {
		reply_problem(c->request, 409, "job_over", "The job is over; there is nothing to cancel.");
	} else if (error < 0) {
		reply_failed(c->request, error, NULL);
	} else {
		render_job(&j, NULL, &c->verb.job);
		reply_json(c->request, job_is_over(&c->verb.job) ? 200 : 202, &j);
	}
}

void
jobs_cancel(struct http_request *r)
{
	struct cancelling *c = request_attach(r, sizeof *c, cancelling_release);

	c->request = r;
	c->verb.job_id = r->params.v[0].number;
	c->verb.alp_user_id = request_owner(r);
	app_job_cancel(r->app, &c->verb, on_cancelled, c);
}

/* --- again -------------------------------------------------------------------------------------------------------------- */

struct retrying {
	struct job_retry verb;
	struct http_request *request;
};

static void
retrying_release(void *p)
{
	job_retry_release(&((struct retrying *)p)->verb);
}

static void
render_retry(const void *verb, struct once_answer *ret)
{
	render_submission(&((const struct job_retry *)verb)->job, false, 0, ret);
}

static void
on_retried(int error, void *arg)
{
	struct retrying *t = arg;

	if (error == -EALREADY)
		reply_problem(t->request, 409, "job_not_retryable", "Only a failed, cancelled or key_lost job can run again.");
	else if (error == -ENOKEY)
		reply_key_missing(t->request);
	else if (error < 0)
		reply_failed(t->request, error, NULL);
	else
		reply_to_submission(t->request, &(struct submission){&t->verb.job, false, render_retry, &t->verb}, false);
}

void
jobs_retry(struct http_request *r)
{
	struct retrying *t = request_attach(r, sizeof *t, retrying_release);

	t->request = r;
	t->verb.job_id = r->params.v[0].number;
	t->verb.alp_user_id = request_owner(r);
	t->verb.once = request_once(r, render_retry);
	t->verb.key = TAKE_PTR(r->body.v[0].key);
	app_job_retry(r->app, &t->verb, on_retried, t);
}
