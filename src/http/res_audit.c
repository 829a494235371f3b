/* SPDX-License-Identifier: Apache-2.0 */
/* The audit: who did what to which entry or posting; and the row of those who look at entries over the Unix socket. */
#include <errno.h>
#include <sodium.h>

#include "app/audit.h"
#include "http/cursor.h"
#include "http/look.h"
#include "http/resources.h"

enum { Q_USER, Q_ENTRY, Q_ACTION, Q_FROM, Q_TO, Q_LIMIT, Q_CURSOR };

/* By enum actor_kind. */
const char *const actor_choices[] = {"machine", "token", "local", "socket", "alp", NULL};

/* By enum audit_action. */
const char *const audit_action_choices[] = {"", "edit", "ignore", "restore", "confirm", "revert", "split", "merge", "post", "resolve", "cancel",
    "alp_state", "read", "store_restored", "go_on", "export", "erase", NULL};

static const struct field query_fields[] = {
    [Q_USER] = {.name = "alp_user_id", .type = FIELD_INTEGER, .min = 1, .max = ALP_USER_ID_MAX, .summary = "only this user's"},
    [Q_ENTRY] = {.name = "entry_id", .type = FIELD_INTEGER, .min = 1, .max = ALP_USER_ID_MAX, .summary = "only of this entry"},
    [Q_ACTION] = {.name = "action", .type = FIELD_CHOICES, .choices = audit_action_choices, .summary = "only these"},
    [Q_FROM] = {.name = "from", .type = FIELD_INSTANT, .summary = "at this instant or later"},
    [Q_TO] = {.name = "to", .type = FIELD_INSTANT, .summary = "before this instant"},
    [Q_LIMIT] = {.name = "limit", .type = FIELD_INTEGER, .has_initial = true, .initial = 1000, .min = 1, .max = 5000, .summary = "a page of so many"},
    [Q_CURSOR] = {.name = "cursor", .type = FIELD_TEXT, .min = 1, .max = CURSOR_TEXT_MAX - 1, .summary = "from the last page's Link"},
};
const struct schema schema_audit_query = {"AuditQuery", NULL, query_fields, ELEMENTSOF(query_fields)};

struct listing {
	struct audit_query verb;
	struct http_request *request;
	size_t limit;
};

static void
listing_release(void *p)
{
	audit_query_release(&((struct listing *)p)->verb);
}

static void
number_or_null(struct json *j, const char *name, int64_t number)
{
	if (number != 0)
		json_int(j, name, number);
	else
		json_null(j, name);
}

static void
raw_or_null(struct json *j, const char *name, const char *value)
{
	if (value != NULL)
		json_raw(j, name, value);
	else
		json_null(j, name);
}

static void
render_row(struct json *j, const struct audit_row *row)
{
	char link[2 * AUDIT_HASH_SIZE + 1];

	sodium_bin2hex(link, sizeof link, row->link, sizeof row->link);
	json_open(j, NULL, '{');
	json_int(j, "audit_id", row->audit_id);
	json_instant(j, "at", row->at_ms);
	json_text(j, "actor", actor_choices[row->actor.kind]);
	if (row->actor.kind == ACTOR_TOKEN || row->actor.kind == ACTOR_SOCKET)
		json_int(j, "actor_id", row->actor.id);
	else
		json_null(j, "actor_id");
	json_text(j, "actor_name", row->actor_name[0] != '\0' ? row->actor_name : NULL);
	json_text(j, "action", audit_action_choices[row->action]);
	number_or_null(j, "alp_user_id", row->alp_user_id);
	number_or_null(j, "entry_id", row->entry_id);
	number_or_null(j, "posting_id", row->posting_id);
	raw_or_null(j, "before", row->before);
	raw_or_null(j, "after", row->after);
	json_boolean(j, "erased", row->erased);
	json_text(j, "link", link);
	json_close(j, '}');
}

static void
on_listed(int error, void *arg)
{
	struct listing *l = arg;
	const struct audit_list *list = &l->verb.list;
	size_t count = MIN_OF(list->count, l->limit);
	char cursor[CURSOR_TEXT_MAX];
	struct json j = JSON_INIT;

	if (error < 0) {
		reply_failed(l->request, error, NULL);
		return;
	}
	json_open(&j, NULL, '[');
	for (size_t i = 0; i < count; i++)
		render_row(&j, &list->rows[i]);
	json_close(&j, ']');
	if (list_refused(l->request, j.b.len)) {
		buf_release(&j.b);
		return;
	}
	if (list->count > l->limit) {
		cursor_format('a', list->rows[count - 1].audit_id, 0, cursor);
		cursor_link(l->request, cursor);
	}
	reply_json(l->request, 200, &j);
}

void
audit_check_list(struct http_request *r)
{
	const struct value *cursor = &r->query.v[Q_CURSOR];
	int64_t below, unused;

	if (cursor->state == VALUE_SET && cursor_parse('a', cursor->text, &below, &unused) < 0)
		request_add_error(r, "query", "cursor", "bad_cursor", "is not one of this list");
}

static void
begin_list(struct http_request *r, void *listing)
{
	app_audit_query(r->app, &((struct listing *)listing)->verb, on_listed, listing);
}

void
audit_list(struct http_request *r)
{
	struct listing *l = request_attach(r, sizeof *l, listing_release);
	const struct value *v = r->query.v;
	int64_t unused;

	l->request = r;
	l->limit = (size_t)v[Q_LIMIT].number;
	l->verb.filter = (struct audit_filter){
	    .alp_user_id = v[Q_USER].number,
	    .entry_id = v[Q_ENTRY].number,
	    .actions = (uint32_t)v[Q_ACTION].number,
	    .from_ms = v[Q_FROM].number,
	    .to_ms = v[Q_TO].number,
	    .limit = v[Q_LIMIT].number + 1,
	    /* What was written into an entry is its contents, before and after. */
	    .contents = (r->caller.may & MAY_ANY_USER) != 0,
	};
	if (v[Q_CURSOR].state == VALUE_SET)
		(void)cursor_parse('a', v[Q_CURSOR].text, &l->verb.filter.below_id, &unused);
	list_begin(r, l->limit > LIST_PAGE_SMALL, begin_list, l);
}

/* --- looking ------------------------------------------------------------------------------------------------------------- */

struct looking {
	struct audit_look verb;
	struct http_request *request;
};

static void
on_written(int error, void *arg)
{
	struct http_request *r = ((struct looking *)arg)->request;

	if (error < 0)
		reply_failed(r, error, NULL);
	else if (r->server == NULL || r->ev == NULL)
		reply_empty(r, 204); /* nobody is there to be shown anything */
	else
		r->route->handle(r);
}

static int64_t
number_named(const struct schema *schema, const struct values *values, const char *name)
{
	int i = schema_index(schema, str_of(name));

	return i >= 0 && values->v[i].state == VALUE_SET ? values->v[i].number : 0;
}

void
look_first(struct http_request *r)
{
	struct looking *l = request_attach(r, sizeof *l, NULL);
	int64_t user = number_named(r->route->query, &r->query, "alp_user_id"), entry = number_named(r->route->query, &r->query, "entry_id");

	l->request = r;
	l->verb = (struct audit_look){
	    .actor = request_actor(r),
	    .alp_user_id = user != 0 ? user : number_named(r->route->body, &r->body, "alp_user_id"),
	    .entry_id = entry != 0 ? entry : number_named(r->route->path, &r->params, "entry_id"),
	    .posting_id = r->route->path == &schema_posting_path ? r->params.v[0].number : 0,
	    .route = r->route->name,
	    .query = r->query_text,
	};
	app_audit_look(r->app, &l->verb, on_written, l);
}
