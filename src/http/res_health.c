/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "http/readiness.h"
#include "http/resources.h"
#include "http/server_internal.h"

#define DETAIL_MAX_BYTES ((size_t)1024)

void
health_live(struct http_request *r)
{
	struct json j = JSON_INIT;

	json_open(&j, NULL, '{');
	json_text(&j, "status", "ok");
	json_close(&j, '}');
	reply_json(r, 200, &j);
}

static void
render_lacks(struct json *j, const char *name, const struct readiness *ready, bool needed)
{
	json_open(j, name, '[');
	for (size_t i = 0; i < ready->count; i++) {
		if (ready->rows[i].needed != needed)
			continue;
		json_open(j, NULL, '{');
		json_text(j, "what", ready->rows[i].what);
		json_text(j, "detail", ready->rows[i].detail);
		json_close(j, '}');
	}
	json_close(j, ']');
}

/* Whoever reads no lists still sees all of it. */
static void
say_lacks(struct buf *b, const struct readiness *ready)
{
	const char *comma = "";

	for (size_t i = 0; i < ready->count; i++) {
		if (!ready->rows[i].needed)
			continue;
		buf_addf(b, "%s%s", comma, ready->rows[i].detail);
		comma = "; ";
	}
	buf_addc(b, '.');
}

static void
reply_not_ready(struct http_request *r, const struct readiness *ready)
{
	_cleanup_(buf_release) struct buf detail = BUF_INIT(DETAIL_MAX_BYTES);
	struct json missing = JSON_INIT;

	say_lacks(&detail, ready);
	render_lacks(&missing, NULL, ready, true);
	request_add_header(r, "Retry-After", "2");
	reply_problem_with(r, 503, "not_ready", detail.p, "missing", &missing);
}

static void
reply_ready(struct http_request *r, const struct readiness *ready)
{
	struct json j = JSON_INIT;

	json_open(&j, NULL, '{');
	json_text(&j, "status", "ready");
	if (ready->count > 0)
		render_lacks(&j, "without", ready, false);
	json_close(&j, '}');
	reply_json(r, 200, &j);
}

struct probing {
	struct http_request *request;
	struct readiness ready;
};

static void
on_probed(int error, void *arg)
{
	struct probing *p = arg;

	if (error == -ENOSPC)
		readiness_lacks(&p->ready, true, "disk", "the disk is full");
	else if (error < 0)
		readiness_lacks(&p->ready, true, "store", error == -EBUSY ? "the store is busy with something else" : "the store failed");
	if (readiness_is_ready(&p->ready))
		reply_ready(p->request, &p->ready);
	else
		reply_not_ready(p->request, &p->ready);
}

void
health_ready(struct http_request *r)
{
	struct probing *p = request_attach(r, sizeof *p, NULL);
	const struct http_server *s = r->server;

	p->request = r;
	if (s->ready != NULL)
		s->ready(s->ready_arg, &p->ready);
	else if (s->draining)
		readiness_lacks(&p->ready, true, "service", "the service is stopping");
	if (readiness_is_ready(&p->ready))
		app_probe(r->app, on_probed, p);
	else
		reply_not_ready(r, &p->ready);
}
