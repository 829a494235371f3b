/* SPDX-License-Identifier: Apache-2.0 */
/* What an operator does for the store, and posting that is held since it was put back from a backup. */
#include <errno.h>

#include "app/upkeep.h"
#include "base/log.h"
#include "http/resources.h"

/* --- backups --------------------------------------------------------------------------------------------------------------- */

static void
render_backup(struct json *j, const struct backup_row *row)
{
	json_open(j, NULL, '{');
	json_text(j, "name", row->name);
	json_instant(j, "made_at", row->made_ms);
	json_int(j, "bytes", row->bytes);
	json_int(j, "schema", row->schema);
	json_text(j, "sha256", row->sha256);
	json_close(j, '}');
}

struct making {
	struct backup_make verb;
	struct http_request *request;
};

static void
making_release(void *p)
{
	backup_make_release(&((struct making *)p)->verb);
}

static void
on_made(int error, void *arg)
{
	struct making *m = arg;
	struct json j = JSON_INIT;

	if (error == 0) {
		render_backup(&j, &m->verb.wish.row);
		reply_json(m->request, 201, &j);
	} else if (error == -EALREADY) {
		reply_problem(m->request, 409, "backup_running", "One is being made.");
	} else if (error == -ENOSPC) {
		reply_failed(m->request, error, NULL);
	} else {
		reply_problem(m->request, 503, "backup_failed", m->verb.wish.violation != NULL ? "The store does not keep its promises: `rtalpctl check` tells which." :
		    error == -ECANCELED ? "The service stops." : "The directory (backup.directory) cannot be written; the journal says why.");
	}
}

void
backups_make(struct http_request *r)
{
	struct making *m = request_attach(r, sizeof *m, making_release);

	m->request = r;
	app_backup(r->app, &m->verb, on_made, m);
}

struct listing {
	struct backup_query verb;
	struct http_request *request;
};

static void
listing_release(void *p)
{
	backup_query_release(&((struct listing *)p)->verb);
}

static void
on_listed(int error, void *arg)
{
	struct listing *l = arg;
	struct json j = JSON_INIT;

	if (error < 0 && error != -EIO) {
		reply_problem(l->request, 503, "backups_unreadable", "The directory (backup.directory) cannot be read.");
		return;
	}
	if (error < 0) {
		reply_failed(l->request, error, NULL);
		return;
	}
	json_open(&j, NULL, '[');
	for (size_t i = 0; i < l->verb.list.count; i++)
		render_backup(&j, &l->verb.list.rows[i]);
	json_close(&j, ']');
	reply_json(l->request, 200, &j);
}

void
backups_list(struct http_request *r)
{
	struct listing *l = request_attach(r, sizeof *l, listing_release);

	l->request = r;
	app_backup_query(r->app, &l->verb, on_listed, l);
}

/* --- does it keep its promises? --------------------------------------------------------------------------------------------- */

struct looking {
	struct store_look verb;
	struct http_request *request;
};

static void
looking_release(void *p)
{
	store_look_release(&((struct looking *)p)->verb);
}

static void
on_looked(int error, void *arg)
{
	struct looking *l = arg;
	struct json j = JSON_INIT;

	if (error < 0) {
		reply_failed(l->request, error, NULL);
		return;
	}
	json_open(&j, NULL, '{');
	json_boolean(&j, "holds", l->verb.broken == 0);
	json_int(&j, "broken", l->verb.broken);
	json_open(&j, "violations", '[');
	for (size_t i = 0; i < l->verb.count; i++)
		json_text(&j, NULL, l->verb.violations[i]);
	json_close(&j, ']');
	json_int(&j, "took_ms", l->verb.took_ms);
	json_close(&j, '}');
	reply_json(l->request, 200, &j);
}

static void
look(struct http_request *r, bool audit_only)
{
	struct looking *l = request_attach(r, sizeof *l, looking_release);

	l->request = r;
	l->verb.audit_only = audit_only;
	app_store_look(r->app, &l->verb, on_looked, l);
}

void
store_check_all_of_it(struct http_request *r)
{
	look(r, false);
}

void
audit_verify(struct http_request *r)
{
	look(r, true);
}

/* --- what is old ------------------------------------------------------------------------------------------------------------ */

struct pruning {
	struct prune_all verb;
	struct http_request *request;
};

static void
on_pruned(int error, void *arg)
{
	struct pruning *p = arg;
	struct json j = JSON_INIT;

	if (error < 0) {
		reply_failed(p->request, error, NULL);
		return;
	}
	json_open(&j, NULL, '{');
	json_int(&j, "jobs", p->verb.jobs);
	json_int(&j, "answers", p->verb.answers);
	json_int(&j, "messages", p->verb.messages);
	json_int(&j, "rule_checks", p->verb.checks);
	json_int(&j, "days", p->verb.days);
	json_close(&j, '}');
	reply_json(p->request, 200, &j);
}

void
store_prune(struct http_request *r)
{
	struct pruning *p = request_attach(r, sizeof *p, NULL);

	p->request = r;
	app_prune_all(r->app, &p->verb, on_pruned, p);
}

/* --- posting that is held ---------------------------------------------------------------------------------------------------- */

static const struct field go_on_fields[] = {
    {.name = "unexamined", .type = FIELD_BOOLEAN, .has_initial = true, .initial = 0,
     .summary = "also before ALP was asked what it holds that is not known here"},
};
const struct schema schema_posting_go_on = {"PostingGoOn", "Lets posting go on after the store was put back.", go_on_fields, ELEMENTSOF(go_on_fields)};

struct holding {
	struct posting_held verb;
	struct http_request *request;
};

static void
holding_release(void *p)
{
	posting_held_release(&((struct holding *)p)->verb);
}

static void
instant_or_null(struct json *j, const char *name, int64_t ms)
{
	if (ms != 0)
		json_instant(j, name, ms);
	else
		json_null(j, name);
}

static void
render_day(struct json *j, const struct alp_proof_row *row)
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
render_held(const void *verb, struct once_answer *ret)
{
	const struct posting_held *v = verb;
	struct json j = JSON_INIT;

	json_open(&j, NULL, '{');
	json_boolean(&j, "held", v->held);
	instant_or_null(&j, "restored_at", v->state.at_ms);
	instant_or_null(&j, "backup_made_at", v->state.made_ms);
	instant_or_null(&j, "examined_at", v->state.examined_ms);
	instant_or_null(&j, "went_on_at", v->state.went_on_ms);
	if (v->state.until_day >= 0)
		json_day(&j, "doubtful_until", v->state.until_day);
	else
		json_null(&j, "doubtful_until");
	json_open(&j, "unknown", '[');
	for (size_t i = 0; i < v->unknown.count; i++)
		render_day(&j, &v->unknown.rows[i]);
	json_close(&j, ']');
	json_close(&j, '}');
	once_answer_set(ret, 200, &j);
}

static void
on_gone_on(int error, void *arg)
{
	struct holding *h = arg;

	if (error == -EPERM)
		reply_problem(h->request, 409, "not_examined", "ALP was not asked yet what it holds that is not known here; say `unexamined` to go on nevertheless.");
	else if (error < 0)
		reply_failed(h->request, error, NULL);
	else
		reply_once(h->request, render_held, &h->verb);
}

static struct holding *
hold(struct http_request *r)
{
	struct holding *h = request_attach(r, sizeof *h, holding_release);

	h->request = r;
	return h;
}

void
posting_held_get(struct http_request *r)
{
	struct holding *h = hold(r);

	app_posting_held(r->app, &h->verb, on_gone_on, h);
}

void
posting_go_on(struct http_request *r)
{
	struct holding *h = hold(r);

	h->verb.actor = request_actor(r);
	h->verb.unexamined = r->body.v[0].number != 0;
	h->verb.once = request_once(r, render_held);
	app_posting_go_on(r->app, &h->verb, on_gone_on, h);
}
