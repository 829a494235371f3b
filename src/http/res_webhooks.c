/* SPDX-License-Identifier: Apache-2.0 */
/* Webhooks: list, read, make, change, rotate, delete. */
#include <errno.h>

#include "app/webhook.h"
#include "http/cursor.h"
#include "http/once.h"
#include "http/resources.h"

static const struct field path_fields[] = {
    {.name = "webhook_id", .type = FIELD_INTEGER, .required = true, .min = 1, .max = ALP_USER_ID_MAX, .summary = "the webhook", .example = "2"},
};
const struct schema schema_webhook_path = {"WebhookPath", NULL, path_fields, ELEMENTSOF(path_fields)};

/* By enum notice_type. */
const char *const webhook_event_choices[] = {"", "entries.ready", "job.finished", "entry.posted", "entry.status_changed", "posting.needs_person",
    "webhook.test", NULL};

enum { LIST_LIMIT, LIST_CURSOR };

static const struct field query_fields[] = {
    [LIST_LIMIT] = {.name = "limit", .type = FIELD_INTEGER, .min = 1, .max = 5000, .summary = "a page of so many; without it, all"},
    [LIST_CURSOR] = {.name = "cursor", .type = FIELD_TEXT, .min = 1, .max = CURSOR_TEXT_MAX - 1, .summary = "from the last page's Link"},
};
const struct schema schema_webhook_query = {"WebhookQuery", NULL, query_fields, ELEMENTSOF(query_fields)};

/* Those that can be asked for. */
static const char *const asked_choices[] = {"", "entries.ready", "job.finished", "entry.posted", "entry.status_changed", "posting.needs_person", NULL};

#define URL_TEXT   "https, a port of webhooks.ports, no user in it; redirects are not followed"

/* In this order in both bodies. */
enum { W_URL, W_EVENTS, W_DESCRIPTION, W_ENABLED };

static const struct field create_fields[] = {
    [W_URL] = {.name = "url", .type = FIELD_TEXT, .required = true, .min = 1, .max = WEBHOOK_URL_BYTES_MAX, .summary = URL_TEXT,
	.example = "\"https://hooks.example.org/rtalp\""},
    [W_EVENTS] = {.name = "events", .type = FIELD_CHOICES, .required = true, .choices = asked_choices, .summary = "which are told",
	 .example = "[\"entries.ready\", \"entry.posted\"]"},
    [W_DESCRIPTION] = {.name = "description", .type = FIELD_TEXT, .min = 0, .max = WEBHOOK_DESCRIPTION_CHARS_MAX, .summary = "for people",
	.example = "\"review screen\""},
};
const struct schema schema_webhook = {"NewWebhookRequest", NULL, create_fields, ELEMENTSOF(create_fields)};

static const struct field change_fields[] = {
    [W_URL] = {.name = "url", .type = FIELD_TEXT, .min = 1, .max = WEBHOOK_URL_BYTES_MAX, .summary = URL_TEXT,
	.example = "\"https://hooks.example.org/rtalp\""},
    [W_EVENTS] = {.name = "events", .type = FIELD_CHOICES, .choices = asked_choices, .summary = "which are told",
	.example = "[\"entries.ready\"]"},
    [W_DESCRIPTION] = {.name = "description", .type = FIELD_TEXT, .min = 0, .max = WEBHOOK_DESCRIPTION_CHARS_MAX, .summary = "for people"},
    [W_ENABLED] = {.name = "enabled", .type = FIELD_BOOLEAN, .summary = "false: it is told of nothing new, and what is pending waits"},
};
const struct schema schema_webhook_change = {"WebhookChangeRequest", NULL, change_fields, ELEMENTSOF(change_fields)};

void
webhooks_check(struct http_request *r)
{
	const struct value *url = &r->body.v[W_URL];
	struct webhook_url unused;
	const char *fault = NULL;

	if (url->state == VALUE_SET && !request_has_error(r, "url"))
		fault = webhook_url_parse(url->text, app_webhook_policy(r->app), &unused);
	if (fault != NULL)
		request_add_error(r, "body", "url", "bad_url", "must %s", fault);
}

static void
render_fields(struct json *j, const struct webhook_row *w)
{
	json_int(j, "webhook_id", w->webhook_id);
	json_text(j, "url", w->url);
	json_open(j, "events", '[');
	for (unsigned i = 1; webhook_event_choices[i] != NULL; i++)
		if ((w->types & 1u << i) != 0)
			json_text(j, NULL, webhook_event_choices[i]);
	json_close(j, ']');
	json_text(j, "description", w->description);
	json_boolean(j, "enabled", w->disabled_ms == 0);
	json_instant(j, "disabled_at", w->disabled_ms);
	json_text(j, "disabled_because", w->disabled_ms != 0 ? w->disabled_code : NULL);
	json_instant(j, "old_secret_until", w->old_until_ms);
	json_instant(j, "created_at", w->created_ms);
	json_instant(j, "updated_at", w->updated_ms);
}

static void
reply_webhook(struct http_request *r, int error, const struct webhook_row *w)
{
	struct json j = JSON_INIT;

	if (error < 0) {
		reply_failed(r, error, NULL);
		return;
	}
	json_open(&j, NULL, '{');
	render_fields(&j, w);
	json_close(&j, '}');
	reply_json(r, 200, &j);
}

/* --- list, one ---------------------------------------------------------------------------------------------------------- */

struct listing {
	struct webhook_query verb;
	struct http_request *request;
	int64_t limit, above_id;
};

static void
listing_release(void *p)
{
	webhook_query_release(&((struct listing *)p)->verb);
}

/* There are few: a page is a piece of the whole list. */
static void
on_listed(int error, void *arg)
{
	struct listing *l = arg;
	const struct webhook_list *list = &l->verb.list;
	struct json j = JSON_INIT;
	char cursor[CURSOR_TEXT_MAX];
	int64_t shown = 0, last = 0;

	if (error < 0) {
		reply_failed(l->request, error, NULL);
		return;
	}
	json_open(&j, NULL, '[');
	for (size_t i = 0; i < list->count; i++) {
		if (list->rows[i].webhook_id <= l->above_id)
			continue;
		if (l->limit > 0 && shown == l->limit) {
			cursor_format('w', last, 0, cursor);
			cursor_link(l->request, cursor);
			break;
		}
		json_open(&j, NULL, '{');
		render_fields(&j, &list->rows[i]);
		json_close(&j, '}');
		last = list->rows[i].webhook_id;
		shown++;
	}
	json_close(&j, ']');
	reply_json(l->request, 200, &j);
}

void
webhooks_check_list(struct http_request *r)
{
	const struct value *cursor = &r->query.v[LIST_CURSOR];
	int64_t above, unused;

	if (cursor->state == VALUE_SET && cursor_parse('w', cursor->text, &above, &unused) < 0)
		request_add_error(r, "query", "cursor", "bad_cursor", "is not one of this list");
}

void
webhooks_list(struct http_request *r)
{
	struct listing *l = request_attach(r, sizeof *l, listing_release);
	const struct value *v = r->query.v;
	int64_t unused;

	l->request = r;
	l->limit = v[LIST_LIMIT].number;
	if (v[LIST_CURSOR].state == VALUE_SET)
		(void)cursor_parse('w', v[LIST_CURSOR].text, &l->above_id, &unused);
	app_webhook_query(r->app, &l->verb, on_listed, l);
}

struct getting {
	struct webhook_get verb;
	struct http_request *request;
};

static void
getting_release(void *p)
{
	webhook_get_release(&((struct getting *)p)->verb);
}

static void
on_got(int error, void *arg)
{
	struct getting *g = arg;

	reply_webhook(g->request, error, &g->verb.webhook);
}

void
webhooks_get(struct http_request *r)
{
	struct getting *g = request_attach(r, sizeof *g, getting_release);

	g->request = r;
	g->verb.webhook_id = r->params.v[0].number;
	app_webhook_get(r->app, &g->verb, on_got, g);
}

/* --- make, rotate ------------------------------------------------------------------------------------------------------- */

struct creating {
	struct webhook_create verb;
	struct http_request *request;
};

static void
creating_release(void *p)
{
	webhook_create_release(&((struct creating *)p)->verb);
}

static void
render_with_secret(const struct webhook_row *w, const char *secret, int status, struct once_answer *ret)
{
	struct json j = JSON_INIT;

	json_open(&j, NULL, '{');
	render_fields(&j, w);
	json_text(&j, "secret", secret);
	json_close(&j, '}');
	once_answer_set(ret, status, &j);
}

static void
render_created(const void *verb, struct once_answer *ret)
{
	const struct webhook_create *v = verb;

	once_answer_header(ret, "Location", "/api/webhooks/%lld", (long long)v->webhook.webhook_id);
	render_with_secret(&v->webhook, v->secret, 201, ret);
}

static void
on_created(int error, void *arg)
{
	struct creating *c = arg;

	if (error == -EDQUOT)
		reply_problem(c->request, 409, "too_many_webhooks", "There are as many webhooks as there may be; delete some.");
	else if (error < 0)
		reply_failed(c->request, error, NULL);
	else
		reply_once(c->request, render_created, &c->verb);
}

void
webhooks_create(struct http_request *r)
{
	struct creating *c = request_attach(r, sizeof *c, creating_release);
	const struct value *v = r->body.v;

	c->request = r;
	c->verb = (struct webhook_create){
	    .once = request_once(r, render_created),
	    .url = v[W_URL].text,
	    .description = v[W_DESCRIPTION].text,
	    .types = (uint32_t)v[W_EVENTS].number,
	};
	app_webhook_create(r->app, &c->verb, on_created, c);
}

struct rotating {
	struct webhook_rotate verb;
	struct http_request *request;
};

static void
rotating_release(void *p)
{
	webhook_rotate_release(&((struct rotating *)p)->verb);
}

static void
render_rotated(const void *verb, struct once_answer *ret)
{
	const struct webhook_rotate *v = verb;

	render_with_secret(&v->webhook, v->secret, 200, ret);
}

static void
on_rotated(int error, void *arg)
{
	struct rotating *t = arg;

	if (error < 0)
		reply_failed(t->request, error, NULL);
	else
		reply_once(t->request, render_rotated, &t->verb);
}

void
webhooks_rotate(struct http_request *r)
{
	struct rotating *t = request_attach(r, sizeof *t, rotating_release);

	t->request = r;
	t->verb.once = request_once(r, render_rotated);
	t->verb.webhook_id = r->params.v[0].number;
	app_webhook_rotate(r->app, &t->verb, on_rotated, t);
}

/* --- change, delete ----------------------------------------------------------------------------------------------------- */

struct changing {
	struct webhook_change verb;
	struct http_request *request;
};

static void
changing_release(void *p)
{
	webhook_change_release(&((struct changing *)p)->verb);
}

static void
on_changed(int error, void *arg)
{
	struct changing *c = arg;

	reply_webhook(c->request, error, &c->verb.webhook);
}

void
webhooks_change(struct http_request *r)
{
	struct changing *c = request_attach(r, sizeof *c, changing_release);
	const struct value *v = r->body.v;

	c->request = r;
	c->verb = (struct webhook_change){
	    .webhook_id = r->params.v[0].number,
	    .url = v[W_URL].text,
	    .description = v[W_DESCRIPTION].text,
	    .types = (uint32_t)v[W_EVENTS].number,
	};
	if (v[W_ENABLED].state == VALUE_SET)
		c->verb.enabled = v[W_ENABLED].number != 0 ? WEBHOOK_ENABLE : WEBHOOK_DISABLE;
	app_webhook_change(r->app, &c->verb, on_changed, c);
}

struct deleting {
	struct webhook_delete verb;
	struct http_request *request;
};

static void
on_deleted(int error, void *arg)
{
	struct deleting *d = arg;

	if (error < 0)
		reply_failed(d->request, error, NULL);
	else
		reply_empty(d->request, 204);
}

void
webhooks_delete(struct http_request *r)
{
	struct deleting *d = request_attach(r, sizeof *d, NULL);

	d->request = r;
	d->verb.webhook_id = r->params.v[0].number;
	app_webhook_delete(r->app, &d->verb, on_deleted, d);
}
