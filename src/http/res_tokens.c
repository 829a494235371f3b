/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens: list, read, make, revoke. */
#include <errno.h>

#include "app/token.h"
#include "base/clock.h"
#include "http/cursor.h"
#include "http/once.h"
#include "http/resources.h"
#include "http/server_internal.h"

static const struct field path_fields[] = {
    {.name = "token_id", .type = FIELD_INTEGER, .required = true, .min = 1, .max = ALP_USER_ID_MAX, .summary = "the token",
     .example = "3"},
};
const struct schema schema_token_path = {"TokenPath", NULL, path_fields, ELEMENTSOF(path_fields)};

enum { LIST_LIMIT, LIST_CURSOR };

static const struct field query_fields[] = {
    [LIST_LIMIT] = {.name = "limit", .type = FIELD_INTEGER, .min = 1, .max = 5000, .summary = "a page of so many; without it, all"},
    [LIST_CURSOR] = {.name = "cursor", .type = FIELD_TEXT, .min = 1, .max = 63, .summary = "from the last page's Link"},
};
const struct schema schema_token_query = {"TokenQuery", NULL, query_fields, ELEMENTSOF(query_fields)};

/* By enum token_scope. */
const char *const token_scope_choices[] = {"", "service", "user", "operator", NULL};

enum { NEW_NAME, NEW_SCOPE, NEW_USER, NEW_READ_ONLY, NEW_EXPIRES };

static const struct field create_fields[] = {
    [NEW_NAME] = {.name = "name", .type = FIELD_TEXT, .min = 1, .max = TOKEN_NAME_CHARS,
	.summary = "for people: who holds it", .example = "\"ALP back end\""},
    [NEW_SCOPE] = {.name = "scope", .type = FIELD_CHOICE, .required = true, .choices = token_scope_choices,
	.summary = "service: every user's data; user: one user's; operator: jobs, queue and tokens, but no entries",
	.example = "\"service\""},
    [NEW_USER] = {.name = "alp_user_id", .type = FIELD_INTEGER, .nullable = true, .min = 1, .max = ALP_USER_ID_MAX,
	.summary = "with scope user: which one"},
    [NEW_READ_ONLY] = {.name = "read_only", .type = FIELD_BOOLEAN, .has_initial = true, .initial = 0, .summary = "may not change anything"},
    [NEW_EXPIRES] = {.name = "expires_at", .type = FIELD_INSTANT, .nullable = true, .summary = "worth nothing from then on; null: never",
	.example = "\"2030-01-31T00:00:00Z\""},
};
const struct schema schema_token = {"NewTokenRequest", NULL, create_fields, ELEMENTSOF(create_fields)};

static void
render_token_fields(struct json *j, const struct token_row *t)
{
	json_int(j, "token_id", t->token_id);
	json_text(j, "name", t->name);
	json_text(j, "scope", token_scope_name(t->scope));
	if (t->alp_user_id != 0)
		json_int(j, "alp_user_id", t->alp_user_id);
	else
		json_null(j, "alp_user_id");
	json_boolean(j, "read_only", t->read_only);
	json_instant(j, "created_at", t->created_ms);
	json_instant(j, "expires_at", t->expires_ms);
	json_instant(j, "revoked_at", t->revoked_ms);
	json_instant(j, "last_used_at", t->last_used_ms);
}

/* --- list --------------------------------------------------------------------------------------------------------------- */

struct listing {
	struct token_query verb;
	struct http_request *request;
	int64_t limit;
};

static void
listing_release(void *p)
{
	token_query_release(&((struct listing *)p)->verb);
}

static void
on_listed(int error, void *arg)
{
	struct listing *l = arg;
	const struct token_list *list = &l->verb.list;
	bool more = l->limit > 0 && list->count > (size_t)l->limit;
	size_t count = more ? (size_t)l->limit : list->count;
	char cursor[CURSOR_TEXT_MAX];
	struct json j = JSON_INIT;

	if (error < 0) {
		reply_failed(l->request, error, NULL);
		return;
	}
	json_open(&j, NULL, '[');
	for (size_t i = 0; i < count; i++) {
		json_open(&j, NULL, '{');
		render_token_fields(&j, &list->rows[i]);
		json_close(&j, '}');
	}
	json_close(&j, ']');
	if (list_refused(l->request, j.b.len)) {
		buf_release(&j.b);
		return;
	}
	if (more) {
		cursor_format('t', list->rows[count - 1].token_id, 0, cursor);
		cursor_link(l->request, cursor);
	}
	reply_json(l->request, 200, &j);
}

void
tokens_check_list(struct http_request *r)
{
	const struct value *cursor = &r->query.v[LIST_CURSOR];
	int64_t below, unused;

	if (cursor->state == VALUE_SET && cursor_parse('t', cursor->text, &below, &unused) < 0)
		request_add_error(r, "query", "cursor", "bad_cursor", "is not one of this list");
}

static void
begin_list(struct http_request *r, void *listing)
{
	app_token_query(r->app, &((struct listing *)listing)->verb, on_listed, listing);
}

void
tokens_list(struct http_request *r)
{
	struct listing *l = request_attach(r, sizeof *l, listing_release);
	const struct value *v = r->query.v;
	int64_t unused;

	l->request = r;
	l->limit = v[LIST_LIMIT].number;
	if (v[LIST_CURSOR].state == VALUE_SET)
		(void)cursor_parse('t', v[LIST_CURSOR].text, &l->verb.below_id, &unused);
	l->verb.limit = l->limit > 0 ? l->limit + 1 : 0;
	list_begin(r, l->limit == 0 || l->limit > LIST_PAGE_SMALL, begin_list, l);
}

/* --- one ---------------------------------------------------------------------------------------------------------------- */

struct getting {
	struct token_get verb;
	struct http_request *request;
};

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
	render_token_fields(&j, &g->verb.token);
	json_close(&j, '}');
	reply_json(g->request, 200, &j);
}

void
tokens_get(struct http_request *r)
{
	struct getting *g = request_attach(r, sizeof *g, NULL);

	g->request = r;
	g->verb.token_id = r->params.v[0].number;
	app_token_get(r->app, &g->verb, on_got, g);
}

/* --- make --------------------------------------------------------------------------------------------------------------- */

struct creating {
	struct token_create verb;
	struct http_request *request;
};

static void
creating_release(void *p)
{
	token_create_release(&((struct creating *)p)->verb);
}

static void
render_created(const void *verb, struct once_answer *ret)
{
	const struct token_create *v = verb;
	struct json j = JSON_INIT;

	json_open(&j, NULL, '{');
	render_token_fields(&j, &v->token);
	json_text(&j, "token", v->text);
	json_close(&j, '}');
	once_answer_header(ret, "Location", "/api/tokens/%lld", (long long)v->token.token_id);
	once_answer_set(ret, 201, &j);
}

static void
on_created(int error, void *arg)
{
	struct creating *c = arg;

	if (error == -EDQUOT)
		reply_problem(c->request, 409, "too_many_tokens", "There are as many tokens as there may be; revoke some and wait.");
	else if (error < 0)
		reply_failed(c->request, error, NULL);
	else
		reply_once(c->request, render_created, &c->verb);
}

void
tokens_check_create(struct http_request *r)
{
	const struct value *v = r->body.v;
	bool of_user = v[NEW_SCOPE].number == TOKEN_USER;

	if (v[NEW_SCOPE].state == VALUE_SET && of_user && v[NEW_USER].state != VALUE_SET && !request_has_error(r, "alp_user_id"))
		request_add_error(r, "body", "alp_user_id", "missing", "is required with scope user");
	if (v[NEW_SCOPE].state == VALUE_SET && !of_user && v[NEW_USER].state == VALUE_SET)
		request_add_error(r, "body", "alp_user_id", "conflict", "goes with scope user only");
	if (v[NEW_EXPIRES].state == VALUE_SET && v[NEW_EXPIRES].number <= clock_real_ms())
		request_add_error(r, "body", "expires_at", "out_of_range", "must be in the future");
}

void
tokens_create(struct http_request *r)
{
	struct creating *c = request_attach(r, sizeof *c, creating_release);
	const struct value *v = r->body.v;

	c->request = r;
	c->verb = (struct token_create){
	    .once = request_once(r, render_created),
	    .name = v[NEW_NAME].text,
	    .scope = (enum token_scope)v[NEW_SCOPE].number,
	    .alp_user_id = v[NEW_USER].number,
	    .read_only = v[NEW_READ_ONLY].number != 0,
	    .expires_ms = v[NEW_EXPIRES].number,
	};
	app_token_create(r->app, &c->verb, on_created, c);
}

/* --- revoke ------------------------------------------------------------------------------------------------------------- */

struct revoking {
	struct token_revoke verb;
	struct http_request *request;
};

static void
on_revoked(int error, void *arg)
{
	struct revoking *v = arg;

	if (error < 0) {
		reply_failed(v->request, error, NULL);
		return;
	}
	if (v->request->server != NULL)
		server_end_streams(v->request->server, v->verb.token_id);
	reply_empty(v->request, 204);
}

void
tokens_revoke(struct http_request *r)
{
	struct revoking *v = request_attach(r, sizeof *v, NULL);

	v->request = r;
	v->verb.token_id = r->params.v[0].number;
	app_token_revoke(r->app, &v->verb, on_revoked, v);
}
