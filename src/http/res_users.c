/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "http/etag.h"
#include "http/kept.h"
#include "http/resources.h"

static const struct field path_fields[] = {
    {.name = "alp_user_id", .type = FIELD_INTEGER, .required = true, .min = 1, .max = ALP_USER_ID_MAX,
     .summary = "ALP's number of the user", .example = "42"},
};
const struct schema schema_user_path = {"UserPath", NULL, path_fields, ELEMENTSOF(path_fields)};

static const struct field user_fields[] = {
    {.name = "time_zone", .type = FIELD_ZONE, .required = true, .nullable = true,
     .summary = "IANA name of the zone the user's RescueTime account is in; null: the configured default",
     .example = "\"Australia/Sydney\""},
};
const struct schema schema_user = {"UserEdit", NULL, user_fields, ELEMENTSOF(user_fields)};

static void
reply_user(struct http_request *r, int status, const struct user_row *user, day_t today)
{
	struct json j = JSON_INIT;
	char tag[ETAG_MAX];

	json_open(&j, NULL, '{');
	json_int(&j, "alp_user_id", user->alp_user_id);
	json_text(&j, "time_zone", user->created_ms != 0 && user->time_zone[0] != '\0' ? user->time_zone : NULL);
	json_text(&j, "default_time_zone", app_default_zone(r->app));
	json_day(&j, "today", today);
	json_instant(&j, "created_at", user->created_ms);
	json_instant(&j, "updated_at", user->updated_ms);
	json_close(&j, '}');
	etag_user(user->alp_user_id, user->updated_ms, buf_str(&j.b), tag);
	if (r->method == METHOD_PUT) {
		request_add_header(r, "ETag", "%s", tag);
		reply_json(r, status, &j);
	} else {
		reply_tagged(r, tag, &j);
	}
}

struct getting {
	struct user_get verb;
	struct http_request *request;
};

static void
on_got(int error, void *arg)
{
	struct getting *g = arg;

	if (error < 0)
		reply_failed(g->request, error, NULL);
	else
		reply_user(g->request, 200, &g->verb.user, g->verb.today);
}

void
users_get(struct http_request *r)
{
	struct getting *g = request_attach(r, sizeof *g, NULL);

	g->request = r;
	g->verb.alp_user_id = r->params.v[0].number;
	app_user_get(r->app, &g->verb, on_got, g);
}

struct putting {
	struct user_put verb;
	struct http_request *request;
};

static void
on_put(int error, void *arg)
{
	struct putting *p = arg;

	if (error == -ESTALE)
		reply_problem(p->request, 412, "user_changed", "What is known of the user changed since; read it again.");
	else if (error < 0)
		reply_failed(p->request, error, NULL);
	else
		reply_user(p->request, p->verb.created ? 201 : 200, &p->verb.user, p->verb.today);
}

void
users_put(struct http_request *r)
{
	struct putting *p = request_attach(r, sizeof *p, NULL);
	const char *if_match = request_header(r, "If-Match");

	p->request = r;
	p->verb.alp_user_id = r->params.v[0].number;
	p->verb.time_zone = r->body.v[0].text;
	if (if_match != NULL && etag_user_if_match(str_of(if_match), p->verb.alp_user_id, &p->verb.if_updated_ms) < 0) {
		reply_problem(r, 412, "user_changed", "If-Match names no state of this user.");
		return;
	}
	p->verb.if_unchanged = if_match != NULL && p->verb.if_updated_ms >= 0;
	app_user_put(r->app, &p->verb, on_put, p);
}
