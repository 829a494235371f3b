/* SPDX-License-Identifier: Apache-2.0 */
/* Everything held of one user: handed out, erased. */
#include <errno.h>
#include <stdio.h>

#include "app/person.h"
#include "http/resources.h"

struct exporting {
	struct person_export verb;
	struct http_request *request;
};

static void
exporting_release(void *p)
{
	person_export_release(&((struct exporting *)p)->verb);
}

static void
on_exported(int error, void *arg)
{
	struct exporting *e = arg;

	if (error == -E2BIG)
		reply_problem(e->request, 507, "export_too_large", "It is more than one answer may be; make a backup and read that.");
	else if (error < 0)
		reply_failed(e->request, error, NULL);
	else if (!list_refused(e->request, e->verb.out.b.len))
		reply_json(e->request, 200, &e->verb.out);
}

void
users_export(struct http_request *r)
{
	struct exporting *e = request_attach(r, sizeof *e, exporting_release);

	e->request = r;
	e->verb.actor = request_actor(r);
	e->verb.alp_user_id = r->params.v[0].number;
	app_person_export(r->app, &e->verb, on_exported, e);
}

struct erasing {
	struct person_erase verb;
	struct http_request *request;
};

static void
erasing_release(void *p)
{
	person_erase_release(&((struct erasing *)p)->verb);
}

static void
on_erased(int error, void *arg)
{
	struct erasing *e = arg;

	if (error == -EALREADY)
		reply_problem(e->request, 409, "backup_running", "A backup is being made, and would have all of it: wait until it is done, and remove it.");
	else if (error == -EPERM && e->verb.busy.postings > 0)
		reply_problem(e->request, 409, "postings_in_doubt",
		    "Postings of that user are to be sent, or may be in ALP or not: take them back or resolve them first.");
	else if (error == -EPERM)
		reply_problem(e->request, 409, "user_has_jobs", "Jobs of that user wait or run: cancel them, or let them end, first.");
	else if (error < 0)
		reply_failed(e->request, error, NULL);
	else
		reply_empty(e->request, 204);
}

void
users_erase(struct http_request *r)
{
	struct erasing *e = request_attach(r, sizeof *e, erasing_release);

	e->request = r;
	e->verb.actor = request_actor(r);
	e->verb.alp_user_id = r->params.v[0].number;
	app_person_erase(r->app, &e->verb, on_erased, e);
}
