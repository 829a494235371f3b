/* SPDX-License-Identifier: Apache-2.0 */
#include "http/resources.h"
#include "http/server_internal.h"

static void
reply_status(struct http_request *r, const char *status)
{
	struct json j = JSON_INIT;

	json_open(&j, NULL, '{');
	json_text(&j, "status", status);
	json_close(&j, '}');
	reply_json(r, 200, &j);
}

void
health_live(struct http_request *r)
{
	reply_status(r, "ok");
}

static void
on_probed(int error, void *arg)
{
	struct http_request *r = arg;

	if (error < 0)
		reply_failed(r, error, NULL);
	else
		reply_status(r, "ready");
}

void
health_ready(struct http_request *r)
{
	const struct http_server *s = r->server;
	const char *reason = "The service is starting or stopping.";

	if (s->draining || (s->ready != NULL && !s->ready(s->ready_arg, &reason))) {
		request_add_header(r, "Retry-After", "2");
		reply_problem(r, 503, "not_ready", reason);
		return;
	}
	app_probe(r->app, on_probed, r);
}
