/* SPDX-License-Identifier: Apache-2.0 */
/* Postings: what is to be in ALP, what is known of it, and what a person says of one that needs that. */
#include <errno.h>
#include <string.h>

#include "http/cursor.h"
#include "http/resources.h"

static const struct field path_fields[] = {
    {.name = "id", .type = FIELD_INTEGER, .required = true, .min = 1, .max = ALP_USER_ID_MAX, .summary = "the posting", .example = "7"},
};
const struct schema schema_posting_path = {"PostingPath", NULL, path_fields, ELEMENTSOF(path_fields)};

enum { Q_USER, Q_STATE, Q_FROM, Q_TO, Q_LIMIT, Q_CURSOR };

static const struct field query_fields[] = {
    [Q_USER] = {.name = "alp_user_id", .type = FIELD_INTEGER, .min = 1, .max = ALP_USER_ID_MAX, .summary = "only this user's"},
    [Q_STATE] = {.name = "state", .type = FIELD_CHOICES, .choices = posting_state_choices, .summary = "only those in one of these states"},
    [Q_FROM] = {.name = "from", .type = FIELD_DAY, .summary = "first work day"},
    [Q_TO] = {.name = "to", .type = FIELD_DAY, .summary = "last work day"},
    [Q_LIMIT] = {.name = "limit", .type = FIELD_INTEGER, .has_initial = true, .initial = 100, .min = 1, .max = 1000, .summary = "a page of so many"},
    [Q_CURSOR] = {.name = "cursor", .type = FIELD_TEXT, .min = 1, .max = CURSOR_TEXT_MAX - 1, .summary = "from the last page's Link"},
};
const struct schema schema_posting_query = {"PostingQuery", NULL, query_fields, ELEMENTSOF(query_fields)};

enum { R_DECISION, R_ALP_ID };

static const char *const decisions[] = {"", "is_there", "is_not_there", NULL};

static const struct field resolve_fields[] = {
    [R_DECISION] = {.name = "decision", .type = FIELD_CHOICE, .required = true, .choices = decisions,
	.summary = "is_not_there: the same is sent again", .example = "\"is_not_there\""},
    [R_ALP_ID] = {.name = "alp_entry_id", .type = FIELD_TEXT, .number_too = true, .min = 1, .max = POSTING_ALP_ID_MAX - 1,
	.summary = "with is_there: ALP's id of it"},
};
const struct schema schema_posting_resolve = {"ResolveRequest", "What a person found in ALP.", resolve_fields, ELEMENTSOF(resolve_fields)};

/* --- list ----------------------------------------------------------------------------------------------------------------- */

struct listing {
	struct posting_query verb;
	struct http_request *request;
	int64_t limit;
};

static void
listing_release(void *p)
{
	posting_query_release(&((struct listing *)p)->verb);
}

static void
on_listed(int error, void *arg)
{
	struct listing *l = arg;
	const struct posting_list *list = &l->verb.list;
	size_t count = MIN_OF(list->count, (size_t)l->limit);
	struct json j = JSON_INIT;
	char cursor[CURSOR_TEXT_MAX];

	if (error < 0) {
		reply_failed(l->request, error, NULL);
		return;
	}
	json_open(&j, NULL, '[');
	for (size_t i = 0; i < count; i++)
		render_posting(&j, NULL, &list->rows[i]);
	json_close(&j, ']');
	if (list->count > count) {
		cursor_format('p', list->rows[count - 1].posting_id, 0, cursor);
		cursor_link(l->request, cursor);
	}
	reply_json(l->request, 200, &j);
}

void
postings_check_list(struct http_request *r)
{
	const struct value *v = r->query.v;
	int64_t below, other;

	if (v[Q_CURSOR].state == VALUE_SET && cursor_parse('p', v[Q_CURSOR].text, &below, &other) < 0)
		request_add_error(r, "query", "cursor", "bad_cursor", "is not one of this list");
	if (v[Q_FROM].state == VALUE_SET && v[Q_TO].state == VALUE_SET && v[Q_TO].number < v[Q_FROM].number)
		request_add_error(r, "query", "to", "out_of_range", "must not be before from");
}

void
postings_list(struct http_request *r)
{
	struct listing *l = request_attach(r, sizeof *l, listing_release);
	const struct value *v = r->query.v;
	int64_t other;

	l->request = r;
	l->limit = v[Q_LIMIT].number;
	l->verb.filter = (struct posting_filter){
	    .alp_user_id = v[Q_USER].state == VALUE_SET ? v[Q_USER].number : request_owner(r),
	    .from = v[Q_FROM].state == VALUE_SET ? (day_t)v[Q_FROM].number : 0,
	    .to = v[Q_TO].state == VALUE_SET ? (day_t)v[Q_TO].number : DAY_MAX,
	    .states = (uint32_t)v[Q_STATE].number,
	    .limit = l->limit + 1,
	};
	if (v[Q_CURSOR].state == VALUE_SET)
		(void)cursor_parse('p', v[Q_CURSOR].text, &l->verb.filter.below_id, &other);
	app_posting_query(r->app, &l->verb, on_listed, l);
}

/* --- one ------------------------------------------------------------------------------------------------------------------ */

struct getting {
	struct posting_get verb;
	struct http_request *request;
};

static void
getting_release(void *p)
{
	posting_get_release(&((struct getting *)p)->verb);
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
	render_posting_fields(&j, &g->verb.posting);
	render_posting_history(&j, &g->verb.history);
	json_close(&j, '}');
	reply_json(g->request, 200, &j);
}

void
postings_get(struct http_request *r)
{
	struct getting *g = request_attach(r, sizeof *g, getting_release);

	g->request = r;
	g->verb.posting_id = r->params.v[0].number;
	g->verb.alp_user_id = request_owner(r);
	app_posting_get(r->app, &g->verb, on_got, g);
}

/* --- a person's word -------------------------------------------------------------------------------------------------------- */

struct resolving {
	struct posting_resolve verb;
	struct http_request *request;
};

static void
resolving_release(void *p)
{
	posting_resolve_release(&((struct resolving *)p)->verb);
}

static void
render_resolved(const void *verb, struct once_answer *ret)
{
	const struct posting_resolve *v = verb;
	struct json j = JSON_INIT;

	render_posting(&j, NULL, &v->posting);
	once_answer_set(ret, 200, &j);
}

static void
on_resolved(int error, void *arg)
{
	struct resolving *v = arg;

	if (error == -EPERM && v->verb.other != 0)
		reply_problem(v->request, 409, "alp_entry_taken", "That entry of ALP's belongs to another posting.");
	else if (error == -EPERM)
		reply_problem(v->request, 409, "posting_decided", "The posting waits for no decision.");
	else if (error < 0)
		reply_failed(v->request, error, NULL);
	else
		reply_once(v->request, render_resolved, &v->verb);
}

void
postings_check_resolve(struct http_request *r)
{
	const struct value *v = r->body.v;

	if (v[R_DECISION].number == 1 && v[R_ALP_ID].state != VALUE_SET && !request_has_error(r, "alp_entry_id"))
		request_add_error(r, "body", "alp_entry_id", "missing", "is required with is_there");
	if (v[R_DECISION].number == 2 && v[R_ALP_ID].state == VALUE_SET)
		request_add_error(r, "body", "alp_entry_id", "conflict", "cannot stand beside is_not_there");
	if (v[R_ALP_ID].state == VALUE_SET && strlen(v[R_ALP_ID].text) >= POSTING_ALP_ID_MAX)
		request_add_error(r, "body", "alp_entry_id", "too_long", "must have at most %d bytes", POSTING_ALP_ID_MAX - 1);
}

void
postings_resolve(struct http_request *r)
{
	struct resolving *v = request_attach(r, sizeof *v, resolving_release);

	v->request = r;
	v->verb = (struct posting_resolve){
	    .once = request_once(r, render_resolved),
	    .actor = request_actor(r),
	    .posting_id = r->params.v[0].number,
	    .alp_user_id = request_owner(r),
	    .is_there = r->body.v[R_DECISION].number == 1,
	    .alp_entry_id = r->body.v[R_ALP_ID].text,
	};
	app_posting_resolve(r->app, &v->verb, on_resolved, v);
}
