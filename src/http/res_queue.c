/* SPDX-License-Identifier: Apache-2.0 */
#include "http/resources.h"

static const struct field path_fields[] = {
    {.name = "kind", .type = FIELD_CHOICE, .required = true, .choices = job_kind_choices,
     .summary = "a kind of job", .example = "\"fetch\""},
};
const struct schema schema_kind_path = {"KindPath", NULL, path_fields, ELEMENTSOF(path_fields)};

static void
render_kind(struct json *j, const struct kind_counts *counts, int64_t now_ms)
{
	json_open(j, NULL, '{');
	json_text(j, "kind", job_kind_info(counts->kind)->name);
	json_boolean(j, "paused", counts->paused);
	json_int(j, "queued", counts->queued);
	json_int(j, "running", counts->running);
	if (counts->oldest_due_ms != 0)
		json_int(j, "oldest_age_seconds", MAX_OF(now_ms - counts->oldest_due_ms, 0) / 1000);
	else
		json_null(j, "oldest_age_seconds");
	json_close(j, '}');
}

/* --- every kind, one after the other ------------------------------------------------------------------------------------ */

struct listing {
	struct queue_control verb;
	struct http_request *request;
	struct json out;
	size_t next;
};

static void
listing_release(void *p)
{
	struct listing *l = p;

	buf_release(&l->out.b);
}

static void on_listed(int error, void *arg);

static void
list_next(struct listing *l)
{
	const struct job_kind_info *kind = job_kind_at(l->next++);

	if (kind == NULL) {
		json_close(&l->out, ']');
		reply_json(l->request, 200, &l->out);
		return;
	}
	l->verb = (struct queue_control){.kind = kind->kind};
	app_queue_control(l->request->app, &l->verb, on_listed, l);
}

static void
on_listed(int error, void *arg)
{
	struct listing *l = arg;

	if (error < 0) {
		reply_failed(l->request, error, NULL);
		return;
	}
	render_kind(&l->out, &l->verb.counts, l->verb.now_ms);
	list_next(l);
}

void
queue_list(struct http_request *r)
{
	struct listing *l = request_attach(r, sizeof *l, listing_release);

	l->request = r;
	l->out = JSON_INIT;
	json_open(&l->out, NULL, '[');
	list_next(l);
}

/* --- one kind ----------------------------------------------------------------------------------------------------------- */

struct control {
	struct queue_control verb;
	struct http_request *request;
};

static void
render_control(const void *verb, struct once_answer *ret)
{
	const struct queue_control *v = verb;
	struct json j = JSON_INIT;

	render_kind(&j, &v->counts, v->now_ms);
	once_answer_set(ret, 200, &j);
}

static void
on_controlled(int error, void *arg)
{
	struct control *c = arg;

	if (error < 0)
		reply_failed(c->request, error, NULL);
	else
		reply_once(c->request, render_control, &c->verb);
}

static void
set_paused(struct http_request *r, bool paused)
{
	struct control *c = request_attach(r, sizeof *c, NULL);

	c->request = r;
	c->verb = (struct queue_control){.kind = (enum job_kind)r->params.v[0].number, .set_paused = true, .paused = paused,
	    .once = request_once(r, render_control)};
	app_queue_control(r->app, &c->verb, on_controlled, c);
}

void
queue_pause(struct http_request *r)
{
	set_paused(r, true);
}

void
queue_resume(struct http_request *r)
{
	set_paused(r, false);
}
