/* SPDX-License-Identifier: Apache-2.0 */
/* Messages to webhooks: the log of them, and sending one at a person's wish. */
#include <errno.h>

#include "app/webhook.h"
#include "http/cursor.h"
#include "http/once.h"
#include "http/resources.h"

static const struct field path_fields[] = {
    {.name = "delivery_id", .type = FIELD_INTEGER, .required = true, .min = 1, .max = ALP_USER_ID_MAX, .summary = "the message", .example = "17"},
};
const struct schema schema_delivery_path = {"DeliveryPath", NULL, path_fields, ELEMENTSOF(path_fields)};

/* By enum delivery_state. */
const char *const delivery_state_choices[] = {"", "pending", "delivered", "failed", NULL};

enum { Q_LIMIT, Q_CURSOR };

static const struct field query_fields[] = {
    [Q_LIMIT] = {.name = "limit", .type = FIELD_INTEGER, .has_initial = true, .initial = 100, .min = 1, .max = 1000, .summary = "a page of so many"},
    [Q_CURSOR] = {.name = "cursor", .type = FIELD_TEXT, .min = 1, .max = CURSOR_TEXT_MAX - 1, .summary = "from the last page's Link"},
};
const struct schema schema_delivery_query = {"DeliveryQuery", NULL, query_fields, ELEMENTSOF(query_fields)};

static void
render_attempt(struct json *j, const struct attempt_row *a)
{
	json_open(j, NULL, '{');
	json_instant(j, "at", a->at_ms);
	json_int(j, "took_ms", a->took_ms);
	if (a->status != 0)
		json_int(j, "status", a->status);
	else
		json_null(j, "status");
	json_text(j, "code", a->code[0] != '\0' ? a->code : NULL);
	json_text(j, "detail", a->detail[0] != '\0' ? a->detail : NULL);
	json_close(j, '}');
}

static void
render_delivery(struct json *j, const struct delivery_row *d)
{
	json_open(j, NULL, '{');
	json_int(j, "delivery_id", d->delivery_id);
	json_int(j, "webhook_id", d->webhook_id);
	json_text(j, "message_id", d->message_id);
	json_text(j, "event", webhook_event_choices[d->type]);
	json_text(j, "state", delivery_state_choices[d->state]);
	json_int(j, "attempts", d->attempts);
	json_instant(j, "next_attempt_at", d->state == DELIVERY_PENDING ? d->next_ms : 0);
	json_instant(j, "created_at", d->created_ms);
	json_instant(j, "finished_at", d->finished_ms);
	json_raw(j, "body", d->body);
	json_open(j, "log", '[');
	for (size_t i = 0; i < d->log_count; i++)
		render_attempt(j, &d->log[i]);
	json_close(j, ']');
	json_close(j, '}');
}

/* --- list --------------------------------------------------------------------------------------------------------------- */

struct listing {
	struct delivery_query verb;
	struct http_request *request;
	size_t limit;
};

static void
listing_release(void *p)
{
	delivery_query_release(&((struct listing *)p)->verb);
}

static void
on_listed(int error, void *arg)
{
	struct listing *l = arg;
	const struct delivery_list *list = &l->verb.list;
	size_t count = MIN_OF(list->count, l->limit);
	char cursor[CURSOR_TEXT_MAX];
	struct json j = JSON_INIT;

	if (error < 0) {
		reply_failed(l->request, error, NULL);
		return;
	}
	json_open(&j, NULL, '[');
	for (size_t i = 0; i < count; i++)
		render_delivery(&j, &list->rows[i]);
	json_close(&j, ']');
	if (list_refused(l->request, j.b.len)) {
		buf_release(&j.b);
		return;
	}
	if (list->count > l->limit) {
		cursor_format('d', list->rows[count - 1].delivery_id, 0, cursor);
		cursor_link(l->request, cursor);
	}
	reply_json(l->request, 200, &j);
}

void
deliveries_check_list(struct http_request *r)
{
	const struct value *cursor = &r->query.v[Q_CURSOR];
	int64_t below, unused;

	if (cursor->state == VALUE_SET && cursor_parse('d', cursor->text, &below, &unused) < 0)
		request_add_error(r, "query", "cursor", "bad_cursor", "is not one of this list");
}

static void
begin_list(struct http_request *r, void *listing)
{
	app_delivery_query(r->app, &((struct listing *)listing)->verb, on_listed, listing);
}

void
deliveries_list(struct http_request *r)
{
	struct listing *l = request_attach(r, sizeof *l, listing_release);
	const struct value *v = r->query.v;
	int64_t unused;

	l->request = r;
	l->limit = (size_t)v[Q_LIMIT].number;
	l->verb.webhook_id = r->params.v[0].number;
	l->verb.limit = v[Q_LIMIT].number + 1;
	if (v[Q_CURSOR].state == VALUE_SET)
		(void)cursor_parse('d', v[Q_CURSOR].text, &l->verb.below_id, &unused);
	list_begin(r, l->limit > LIST_PAGE_SMALL, begin_list, l);
}

/* --- send --------------------------------------------------------------------------------------------------------------- */

struct sending {
	struct delivery_send verb;
	struct http_request *request;
};

static void
sending_release(void *p)
{
	delivery_send_release(&((struct sending *)p)->verb);
}

static void
render_sent(const void *verb, struct once_answer *ret)
{
	const struct delivery_send *v = verb;
	struct json j = JSON_INIT;

	render_delivery(&j, &v->delivery);
	once_answer_set(ret, 202, &j);
}

static void
on_sent(int error, void *arg)
{
	struct sending *s = arg;

	if (error == -EPERM)
		reply_problem(s->request, 409, "webhook_disabled", "The webhook is disabled; enable it first.");
	else if (error < 0)
		reply_failed(s->request, error, NULL);
	else
		reply_once(s->request, render_sent, &s->verb);
}

static void
send_message(struct http_request *r, int64_t webhook_id, int64_t delivery_id)
{
	struct sending *s = request_attach(r, sizeof *s, sending_release);

	s->request = r;
	s->verb = (struct delivery_send){.once = request_once(r, render_sent), .webhook_id = webhook_id, .delivery_id = delivery_id};
	app_delivery_send(r->app, &s->verb, on_sent, s);
}

void
webhooks_test(struct http_request *r)
{
	send_message(r, r->params.v[0].number, 0);
}

void
deliveries_redeliver(struct http_request *r)
{
	send_message(r, 0, r->params.v[0].number);
}
