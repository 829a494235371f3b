/* SPDX-License-Identifier: Apache-2.0 */
#include "app/posting.h"
#include "http/request.h"

#include <event2/http.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "http/conn.h"
#include "http/intake.h"
#include "http/look.h"
#include "http/server_internal.h"

struct attachment {
	struct attachment *next;
	void (*release)(void *p);
	_Alignas(max_align_t) unsigned char memory[];
};

void *
request_attach(struct http_request *r, size_t size, void (*release)(void *p))
{
	struct attachment *a = xcalloc(1, sizeof *a + size);

	a->release = release;
	a->next = r->attachments;
	r->attachments = a;
	return a->memory;
}

void
request_free(struct http_request *r)
{
	struct attachment *a;

	list_end(r);
	once_end(r);
	if (r->server != NULL)
		TAILQ_REMOVE(&r->server->requests, r, entry);
	while ((a = r->attachments) != NULL) {
		r->attachments = a->next;
		if (a->release != NULL)
			a->release(a->memory);
		free(a);
	}
	values_release(&r->params);
	values_release(&r->query);
	values_release(&r->body);
	field_errors_release(&r->errors);
	free(r->path);
	free(r->query_text);
	free(r->bulk);
	free(r);
}

/* --- beginning ---------------------------------------------------------------------------------------------------------- */

static void
set_target(struct http_request *r, struct str target)
{
	const char *mark = memchr(target.p, '?', target.len);
	size_t len = mark != NULL ? (size_t)(mark - target.p) : target.len;

	r->path = xstrndup(target.p, len);
	if (mark != NULL)
		r->query_text = xstrndup(mark + 1, target.len - len - 1);
}

static void
set_id(struct http_request *r, const struct head *head)
{
	struct str given = head_find(head, "X-Request-Id");

	if (given.len > 0 && given.len < sizeof r->id) {
		memcpy(r->id, given.p, given.len);
		r->id[given.len] = '\0';
	}
	if (!request_id_valid(r->id))
		request_id_make(r->id);
}

static struct http_request *
request_new(struct http_server *server, struct conn *conn, struct evhttp_request *ev, const struct head *head)
{
	struct http_request *r = xcalloc(1, sizeof *r);

	r->server = server;
	r->app = server->app;
	r->conn = conn;
	r->ev = ev;
	r->method = head->method;
	r->started_us = clock_mono_us();
	r->wait_s = WAIT_NOT_ASKED;
	set_target(r, head->target);
	set_id(r, head);
	conn->request = r;
	TAILQ_INSERT_TAIL(&server->requests, r, entry);
	return r;
}

/* Whom it is for and how it is to be done is right, at least. */
static bool
may_find_more(const struct http_request *r)
{
	for (size_t i = 0; i < r->errors.count; i++)
		if (strcmp(r->errors.rows[i].where, "body") != 0)
			return false;
	return r->route->finds_more;
}

void
request_begin(struct evhttp_request *ev, void *arg)
{
	struct http_server *server = arg;
	struct conn *conn = server->delivering;
	struct http_request *r;
	bool good;

	server->delivering = NULL;
	if (conn == NULL || conn->evcon != evhttp_request_get_connection(ev)) {
		/* A request that did not come through conn_deliver(); there is no such way, and none shall open. */
		evhttp_connection_free(evhttp_request_get_connection(ev));
		return;
	}
	r = request_new(server, conn, ev, &server->delivered_head);
	good = intake(r, &server->delivered_head);
	/* The body was read or refused; nothing of it is needed any more. */
	conn_body_done(conn);
	if (!good)
		return;
	if (r->route->check != NULL)
		r->route->check(r);
	server->beginning = conn;
	if (r->errors.count > 0 && !may_find_more(r))
		reply_invalid(r);
	else if (r->route->looks && request_actor(r).kind == ACTOR_SOCKET)
		look_first(r);
	else
		r->route->handle(r);
	if (server->beginning != NULL && conn->request != NULL)
		conn_waits(conn);
	server->beginning = NULL;
}

/* --- being left --------------------------------------------------------------------------------------------------------- */

/* From here on it is not held any more. */
static struct app_wait *
take_wait(struct http_request *r)
{
	if (r->server != NULL)
		r->server->waiting_count--;
	return TAKE_PTR(r->wait);
}

static void
request_orphan(struct http_request *r)
{
	r->ev = NULL;
	r->conn = NULL;
	/* A verb under way will want to answer some day; a wait can be called off, and then nobody does. */
	if (r->wait != NULL) {
		app_wait_cancel(r->app, take_wait(r));
		request_free(r);
	} else if (r->turn.state == TURN_WAITS) {
		request_free(r);
	}
}

void
request_client_gone(struct http_request *r)
{
	/* On some of its ways out evhttp detaches the request from the connection and leaves it to us. */
	if (evhttp_request_get_connection(r->ev) == NULL)
		evhttp_request_free(r->ev);
	request_orphan(r);
}

void
request_server_gone(struct http_request *r)
{
	bool waits = r->turn.state == TURN_WAITS;

	list_end(r);
	once_end(r);
	r->turn.state = waits ? TURN_WAITS : TURN_NONE;
	TAILQ_REMOVE(&r->server->requests, r, entry);
	r->server = NULL;
	if (r->conn != NULL)
		r->conn->request = NULL;
	request_orphan(r);
}

void
request_cut_wait(struct http_request *r)
{
	if (r->wait == NULL)
		return;
	app_wait_cancel(r->app, take_wait(r));
	r->wait_done(r, r->wait_arg);
}

static void
on_wait_over(int error, void *arg)
{
	struct http_request *r = arg;

	/* Over or timed out: whoever asked reads the job as it is now. */
	(void)error;
	take_wait(r);
	r->wait_done(r, r->wait_arg);
}

bool
request_may_wait(const struct http_request *r)
{
	return r->server == NULL || server_may_wait(r->server);
}

void
request_wait(struct http_request *r, int64_t job_id, int64_t alp_user_id, int64_t timeout_ms,
    void (*done)(struct http_request *r, void *arg), void *arg)
{
	/* Nobody is there to wait for it, or the time to wait is over. */
	if (r->server == NULL || r->server->draining || r->ev == NULL) {
		done(r, arg);
		return;
	}
	r->wait_done = done;
	r->wait_arg = arg;
	r->server->waiting_count++;
	r->wait = app_wait(r->app, job_id, alp_user_id, timeout_ms, on_wait_over, r);
}

void
request_wait_postings(struct http_request *r, const int64_t *ids, size_t count, int64_t timeout_ms,
    void (*done)(struct http_request *r, void *arg), void *arg)
{
	if (r->server == NULL || r->server->draining || r->ev == NULL) {
		done(r, arg);
		return;
	}
	r->wait_done = done;
	r->wait_arg = arg;
	r->server->waiting_count++;
	r->wait = app_wait_postings(r->app, ids, count, timeout_ms, on_wait_over, r);
}

/* --- what handlers ask and add -------------------------------------------------------------------------------------------- */

const char *
request_header(const struct http_request *r, const char *name)
{
	return r->ev != NULL ? evhttp_find_header(evhttp_request_get_input_headers(r->ev), name) : NULL;
}

void
request_set_header(struct http_request *r, const char *name, const char *value)
{
	if (r->ev == NULL)
		return;
	evhttp_remove_header(evhttp_request_get_output_headers(r->ev), name);
	evhttp_add_header(evhttp_request_get_output_headers(r->ev), name, value);
}

void
request_add_header(struct http_request *r, const char *name, const char *format, ...)
{
	char value[HEAD_TARGET_MAX + 256]; /* a Link repeats the target */
	va_list ap;

	if (r->ev == NULL)
		return;
	va_start(ap, format);
	vsnprintf(value, sizeof value, format, ap);
	va_end(ap);
	request_set_header(r, name, value);
}

static bool
names(struct str list, struct str name)
{
	while (list.len > 0) {
		const char *comma = memchr(list.p, ',', list.len);
		size_t len = comma != NULL ? (size_t)(comma - list.p) : list.len;

		if (len == name.len && strncasecmp(list.p, name.p, len) == 0)
			return true;
		len = MIN_OF(len + 2, list.len); /* ", " */
		list = (struct str){list.p + len, list.len - len};
	}
	return false;
}

void
request_vary(struct http_request *r, const char *name)
{
	char both[128];
	const char *vary = r->ev != NULL ? evhttp_find_header(evhttp_request_get_output_headers(r->ev), "Vary") : NULL;

	if (vary != NULL && names(str_of(vary), str_of(name)))
		return;
	snprintf(both, sizeof both, "%s%s%s", vary != NULL ? vary : "", vary != NULL ? ", " : "", name);
	request_set_header(r, "Vary", both);
}

void
request_add_error(struct http_request *r, const char *where, const char *field, const char *type, const char *format, ...)
{
	char message[256];
	va_list ap;

	va_start(ap, format);
	vsnprintf(message, sizeof message, format, ap);
	va_end(ap);
	field_error_add(&r->errors, where, field, type, "%s", message);
}

bool
request_has_error(const struct http_request *r, const char *field)
{
	for (size_t i = 0; i < r->errors.count; i++)
		if (r->errors.rows[i].field != NULL && strcmp(r->errors.rows[i].field, field) == 0)
			return true;
	return false;
}

int64_t
request_user(struct http_request *r, const struct value *v, const char *where)
{
	if (v->state == VALUE_SET)
		return v->number;
	/* A value that was wrong has its error already. */
	if (request_has_error(r, "alp_user_id"))
		return 0;
	if (app_single_user(r->app) == 0)
		request_add_error(r, where, "alp_user_id", "missing", "is required");
	return app_single_user(r->app);
}

struct actor
request_actor(const struct http_request *r)
{
	if (r->caller.token_id != 0)
		return (struct actor){ACTOR_TOKEN, r->caller.token_id};
	if (r->conn != NULL && r->conn->peer.way == PEER_UNIX)
		return (struct actor){ACTOR_SOCKET, r->conn->peer.uid};
	return (struct actor){ACTOR_LOCAL, 0};
}
