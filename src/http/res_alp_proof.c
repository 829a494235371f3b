/* SPDX-License-Identifier: Apache-2.0 */
/* The proof: the units that were posted of each user's day, and those that ALP holds. */
#include "app/sync_run.h"
#include "http/resources.h"

enum { Q_USER, Q_FROM, Q_TO, Q_ALL, Q_LIMIT };

static const struct field query_fields[] = {
    [Q_USER] = {.name = "alp_user_id", .type = FIELD_INTEGER, .min = 1, .max = ALP_USER_ID_MAX, .summary = "only this user's"},
    [Q_FROM] = {.name = "from", .type = FIELD_DAY, .summary = "this day or later"},
    [Q_TO] = {.name = "to", .type = FIELD_DAY, .summary = "this day or earlier"},
    [Q_ALL] = {.name = "all", .type = FIELD_BOOLEAN, .summary = "those that agree too"},
    [Q_LIMIT] = {.name = "limit", .type = FIELD_INTEGER, .has_initial = true, .initial = 1000, .min = 1, .max = 5000, .summary = "at most so many"},
};
const struct schema schema_alp_proof_query = {"AlpProofQuery", NULL, query_fields, ELEMENTSOF(query_fields)};

struct listing {
	struct proof_query verb;
	struct http_request *request;
};

static void
listing_release(void *p)
{
	proof_query_release(&((struct listing *)p)->verb);
}

static void
render_row(struct json *j, const struct alp_proof_row *row)
{
	json_open(j, NULL, '{');
	json_int(j, "alp_user_id", row->alp_user_id);
	json_day(j, "day", row->day);
	json_instant(j, "proved_at", row->proved_ms);
	json_int(j, "posted_units", row->posted_units);
	json_int(j, "alp_units", row->alp_units);
	json_raw(j, "differences", row->differences);
	json_close(j, '}');
}

static void
on_listed(int error, void *arg)
{
	struct listing *l = arg;
	struct json j = JSON_INIT;

	if (error < 0) {
		reply_failed(l->request, error, NULL);
		return;
	}
	json_open(&j, NULL, '[');
	for (size_t i = 0; i < l->verb.list.count; i++)
		render_row(&j, &l->verb.list.rows[i]);
	json_close(&j, ']');
	reply_json(l->request, 200, &j);
}

void
alp_proof_list(struct http_request *r)
{
	struct listing *l = request_attach(r, sizeof *l, listing_release);
	const struct value *v = r->query.v;

	l->request = r;
	l->verb.filter = (struct alp_proof_filter){
	    .alp_user_id = v[Q_USER].number,
	    .from = v[Q_FROM].state == VALUE_SET ? (day_t)v[Q_FROM].number : 0,
	    .to = v[Q_TO].state == VALUE_SET ? (day_t)v[Q_TO].number : INT32_MAX,
	    .differing = v[Q_ALL].state != VALUE_SET || v[Q_ALL].number == 0,
	    .limit = v[Q_LIMIT].number,
	};
	app_proof_query(r->app, &l->verb, on_listed, l);
}

void
alp_proof_run(struct http_request *r)
{
	if (app_proof_want(r->app))
		reply_empty(r, 202);
	else
		reply_problem(r, 503, "alp_not_listed", "There is no ALP that lists entries (alp.url, alp.lists_entries).");
}
