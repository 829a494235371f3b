/* SPDX-License-Identifier: Apache-2.0 */
#include "alp.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/http.h>
#include <json.h>

#include "alloc.h"
#include "alp_internal.h"
#include "answers.h"
#include "calendar.h"
#include "gzip.h"
#include "render.h"

#define JSON_TYPE "application/json; charset=utf-8"
#define HTML_TYPE "text/html; charset=utf-8"
#define MAINTENANCE "<!DOCTYPE html>\n<html>\n<head><title>Please stand by</title></head>\n<body><h1>Back soon</h1></body>\n</html>\n"
#define GZIP_FROM 1024
#define TEXT_MAX 8000
#define UNITS_MAX 1000
#define BODY_MAX (256 * 1024)

struct alp *
alp_new(const struct options *options)
{
	struct alp *alp = xcalloc(1, sizeof(*alp));

	alp->seed = options->seed;
	alp->users = options->users;
	alp->book = alp_book_new();
	alp->log = alp_log_new();
	alp->config = options->alp;
	alp_rebuild(alp);
	return alp;
}

struct alp *
alp_free(struct alp *alp)
{
	if (!alp)
		return NULL;
	alp_lists_free(alp->lists);
	alp_book_free(alp->book);
	alp_log_free(alp->log);
	free(alp);
	return NULL;
}

void
alp_rebuild(struct alp *alp)
{
	alp_lists_free(alp->lists);
	alp->lists = alp_lists_new(alp->seed, (size_t)alp->config.matters, alp->users, alp->config.id);
}

void
alp_reset(struct alp *alp, const struct options *options)
{
	bool other = alp->config.matters != options->alp.matters || strcmp(alp->config.id, options->alp.id) != 0;

	alp->config = options->alp;
	if (other)
		alp_rebuild(alp);
	alp_book_clear(alp->book);
	alp_log_clear(alp->log);
}

bool
alp_held_exists(const struct alp_held *held)
{
	return held->exists_ms <= clock_monotonic_ms();
}

bool
alp_held_listed(const struct alp_held *held)
{
	return alp_held_exists(held) && held->listed_ms <= clock_monotonic_ms();
}

/* --- answers --- */

void
alp_reply_json(struct ask *a, int status, struct buf *body)
{
	struct reply *r = exchange_reply(a->x);

	r->status = status;
	r->type = JSON_TYPE;
	r->vary = true;
	if (body->len >= GZIP_FROM && client_takes_gzip(a->x)) {
		struct buf packed = { 0 };

		gzip_bytes(&packed, body->data, body->len);
		evbuffer_add(r->body, packed.data, packed.len);
		buf_release(&packed);
		r->gzipped = true;
	} else {
		evbuffer_add(r->body, body->data, body->len);
	}
	buf_release(body);
	*body = (struct buf){ 0 };
}

void
alp_reply_error(struct ask *a, int status, const char *why)
{
	struct buf b = { 0 };

	buf_puts(&b, "{\"error\":");
	render_json_text(&b, text_of(why), ESCAPE_RAILS, false);
	buf_putc(&b, '}');
	alp_reply_json(a, status, &b);
}

static void
reply_html(struct ask *a, int status)
{
	struct reply *r = exchange_reply(a->x);

	r->status = status;
	r->type = HTML_TYPE;
	evbuffer_add(r->body, MAINTENANCE, strlen(MAINTENANCE));
}

static void
reply_redirect(struct ask *a, int status)
{
	const char *host = evhttp_find_header(evhttp_request_get_input_headers(exchange_request(a->x)), "Host");
	struct reply *r = exchange_reply(a->x);

	reply_html(a, status);
	snprintf(r->location, sizeof(r->location), "%s://%s%s%s", exchange_is_tls(a->x) ? "https" : "http", host ? host : "localhost",
	         ALP_PREFIX, a->path);
}

static void
reply_status(struct ask *a, const struct fault *f)
{
	int status = (int)fault_number(f, "status", 500);
	struct reply *r = exchange_reply(a->x);
	struct buf b = { 0 };

	if (status == 422) {
		buf_puts(&b, "{\"error\":\"Unprocessable\",\"errors\":{\"description\":[\"is refused by this firm\"]}}");
		alp_reply_json(a, status, &b);
	} else {
		alp_reply_error(a, status, "as a test wanted it");
	}
	snprintf(r->retry_after, sizeof(r->retry_after), "%s", fault_text(f, "retry_after", ""));
}

bool
alp_reply_by_fault(struct ask *a)
{
	const struct fault *const *of = a->hits.of;
	struct reply *r = exchange_reply(a->x);

	if (of[FAULT_ALP_STATUS]) {
		reply_status(a, of[FAULT_ALP_STATUS]);
	} else if (of[FAULT_ALP_HTML]) {
		reply_html(a, (int)fault_number(of[FAULT_ALP_HTML], "status", 200));
	} else if (of[FAULT_ALP_REDIRECT]) {
		reply_redirect(a, (int)fault_number(of[FAULT_ALP_REDIRECT], "status", 307));
	} else if (of[FAULT_ALP_LATE]) {
		int status = (int)fault_number(of[FAULT_ALP_LATE], "status", 504);

		if (status)
			alp_reply_error(a, status, "this takes longer");
		r->ending = status ? END_WELL : END_RESET;
		r->cut = -1;
	} else if (of[FAULT_ALP_STALL]) {
		r->ending = END_STALL;
	} else if (of[FAULT_ALP_DROP] && fault_number(of[FAULT_ALP_DROP], "bytes", -1) < 0) {
		r->ending = END_RESET;
		r->cut = -1;
	} else {
		return false;
	}
	return true;
}

/* What is done to an answer that is otherwise right. */
static void
spoil_sending(struct ask *a)
{
	const struct fault *const *of = a->hits.of;
	struct reply *r = exchange_reply(a->x);

	r->delay_ms += a->alp->config.latency_ms;
	if (of[FAULT_ALP_SLOW])
		r->delay_ms += fault_number(of[FAULT_ALP_SLOW], "ms", 1000);
	if (of[FAULT_ALP_DROP] && r->ending == END_WELL) {
		r->ending = END_CLOSE;
		r->cut = fault_number(of[FAULT_ALP_DROP], "bytes", 0);
	}
}

/* --- a post --- */

/* Reads a whole number; anything else is a mistake to be told. */
static int64_t
number_of(struct json_object *o, const char *name, int64_t lo, int64_t hi, struct buf *mistakes)
{
	struct json_object *v;
	int64_t n = 0;

	if (json_object_object_get_ex(o, name, &v) && json_object_is_type(v, json_type_int)) {
		n = json_object_get_int64(v);
		if (n >= lo && n <= hi)
			return n;
	}
	buf_printf(mistakes, "%s\"%s\":[\"must be a whole number of %" PRId64 " to %" PRId64 "\"]", mistakes->len ? "," : "", name, lo, hi);
	return 0;
}

static char *
text_in(struct json_object *o, const char *name)
{
	struct json_object *v;

	if (!*name || !json_object_object_get_ex(o, name, &v) || !json_object_is_type(v, json_type_string))
		return xstrdup("");
	return xstrdup(json_object_get_string(v));
}

static void
mistake(struct buf *mistakes, const char *field, const char *what)
{
	buf_printf(mistakes, "%s\"%s\":[\"%s\"]", mistakes->len ? "," : "", field, what);
}

static void
read_post(const struct ask *a, struct json_object *o, struct alp_post *p, struct buf *mistakes)
{
	const struct alp_lists *lists = a->alp->lists;
	char *date = text_in(o, "date"), *kind = text_in(o, "discriminator");

	p->component = number_of(o, "matter_component_id", 1, INT64_MAX, mistakes);
	p->user = number_of(o, "user_id", 1, INT64_MAX, mistakes);
	p->units = number_of(o, "units", 1, UNITS_MAX, mistakes);
	p->rate = number_of(o, "rate", 0, INT32_MAX, mistakes);
	p->billable_type = number_of(o, "billable_type", 0, 100, mistakes);
	p->gst_type = number_of(o, "gst_type", 1, 100, mistakes);
	p->description = text_in(o, "description");
	p->notes = text_in(o, "notes");
	p->reference = text_in(o, a->alp->config.reference);
	if (date_parse(date, &p->date) < 0)
		mistake(mistakes, "date", "must be YYYY-MM-DD");
	if (strcmp(kind, "MatterComponentTimeEntry") != 0)
		mistake(mistakes, "discriminator", "is unknown");
	if (!*p->description || strlen(p->description) > TEXT_MAX)
		mistake(mistakes, "description", "is empty or too long");
	if (p->user && !alp_has_user(lists, p->user))
		mistake(mistakes, "user_id", "is unknown");
	if (p->gst_type && !alp_has_gst_type(lists, p->gst_type))
		mistake(mistakes, "gst_type", "is unknown");
	if (p->component && !alp_has_component(lists, p->component))
		mistake(mistakes, "matter_component_id", "is unknown");
	else if (p->component && !alp_is_open(lists, p->component))
		mistake(mistakes, "matter_component_id", "is of a closed matter");
	free(date);
	free(kind);
}

static struct json_object *
parse_body(const struct ask *a)
{
	struct evbuffer *in = evhttp_request_get_input_buffer(exchange_request(a->x));
	size_t n = evbuffer_get_length(in);
	struct json_tokener *t;
	struct json_object *o;

	if (!n || n > BODY_MAX)
		return NULL;
	t = json_tokener_new();
	json_tokener_set_flags(t, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	o = json_tokener_parse_ex(t, (const char *)evbuffer_pullup(in, -1), (int)n);
	json_tokener_free(t);
	if (o && !json_object_is_type(o, json_type_object)) {
		json_object_put(o);
		o = NULL;
	}
	return o;
}

static bool
is_same(const struct alp_post *p, const struct alp_post *q)
{
	return p->component == q->component && p->user == q->user && p->date == q->date && strcmp(p->description, q->description) == 0;
}

/* Whether the entry is made although the answer will not say so. */
static bool
is_made(const struct hits *hits)
{
	static const struct {
		enum fault_kind kind;
		int64_t create;
	} standard[] = { { FAULT_ALP_DROP, 1 }, { FAULT_ALP_STATUS, 0 }, { FAULT_ALP_HTML, 1 }, { FAULT_ALP_STALL, 1 }, { FAULT_ALP_REDIRECT, 0 } };
	size_t i;

	for (i = 0; i < sizeof(standard) / sizeof(standard[0]); i++)
		if (hits->of[standard[i].kind])
			return fault_number(hits->of[standard[i].kind], "create", standard[i].create) != 0;
	return true;
}

static struct alp_held *
make(struct ask *a, struct alp_post *p)
{
	const struct fault *const *of = a->hits.of;
	int64_t exists = clock_monotonic_ms(), listed;

	if (of[FAULT_ALP_LATE])
		exists += fault_number(of[FAULT_ALP_LATE], "ms", 30000);
	listed = exists + a->alp->config.fresh_ms;
	if (of[FAULT_ALP_HIDE])
		listed += fault_number(of[FAULT_ALP_HIDE], "ms", 5000);
	if (of[FAULT_ALP_ROUND]) {
		int64_t to = fault_number(of[FAULT_ALP_ROUND], "to", 5);

		p->units = to > 0 ? (p->units + to - 1) / to * to : p->units;
	}
	a->made = true;
	return alp_book_add(a->alp->book, p, exists, listed);
}

static void
reply_held(struct ask *a, const struct alp_held *held)
{
	struct alp_config c = a->alp->config;
	struct buf b = { 0 };

	if (!alp_held_exists(held)) {
		alp_reply_error(a, 202, "queued");
		return;
	}
	if (a->hits.of[FAULT_ALP_NO_ID])
		snprintf(c.id, sizeof(c.id), "x_serial");
	alp_held_write(held, &c, &b);
	alp_reply_json(a, 201, &b);
}

/* The post is fine: an entry of it, new or known by its key, unless a fault has something else in mind. */
static void
take_post(struct ask *a, struct alp_post *p)
{
	struct alp_held *held = alp_book_of_key(a->alp->book, p->key);

	if (is_made(&a->hits)) {
		if (held)
			held->asked++;
		if (!held || !a->alp->config.honours_key || a->hits.of[FAULT_ALP_IGNORE_KEY]) {
			held = make(a, p);
		} else if (!is_same(&held->as, p)) {
			alp_reply_error(a, 422, "this Idempotency-Key was another entry's");
			return;
		}
		a->entry = held->id;
	}
	if (!alp_reply_by_fault(a))
		reply_held(a, held);
}

static void
post_entry(struct ask *a)
{
	const char *key = evhttp_find_header(evhttp_request_get_input_headers(exchange_request(a->x)), "Idempotency-Key");
	struct json_object *o = parse_body(a);
	struct alp_post p = { .component = 0 };
	struct buf mistakes = { 0 }, b = { 0 };

	a->sb->stats.alp_posts++;
	if (!o) {
		alp_reply_error(a, 400, "the body is no JSON object");
		return;
	}
	read_post(a, o, &p, &mistakes);
	json_object_put(o);
	snprintf(p.key, sizeof(p.key), "%s", key ? key : "");
	faults_match_alp(a->sb->faults, "post", (uint32_t)p.user, p.date, p.date, &a->hits);
	if (!mistakes.len) {
		take_post(a, &p);
	} else if (!alp_reply_by_fault(a)) {
		buf_printf(&b, "{\"error\":\"Unprocessable\",\"errors\":{%.*s}}", (int)mistakes.len, mistakes.data);
		alp_reply_json(a, 422, &b);
	}
	buf_release(&mistakes);
	alp_post_release(&p);
}

/* --- a request --- */

static void
record(const struct ask *a)
{
	struct evhttp_request *req = exchange_request(a->x);
	const struct reply *r = exchange_reply(a->x);
	const char *key = evhttp_find_header(evhttp_request_get_input_headers(req), "Idempotency-Key");
	struct alp_logged *l = alp_log_add(a->alp->log);
	bool silent = r->ending == END_STALL || (r->ending == END_RESET && r->cut < 0);

	l->connection = exchange_connection(a->x);
	reqlog_field(l->method, sizeof(l->method), evhttp_request_get_command(req) == EVHTTP_REQ_POST ? "POST" : "GET");
	reqlog_field(l->path, sizeof(l->path), evhttp_request_get_uri(req));
	reqlog_field(l->key, sizeof(l->key), key);
	l->entry = a->entry;
	l->made = a->made;
	l->status = silent ? 0 : r->status;
	hits_list(&a->hits, l->faults, sizeof(l->faults));
}

static bool
has_key(const struct ask *a)
{
	const char *bearer = evhttp_find_header(evhttp_request_get_input_headers(exchange_request(a->x)), "Authorization");

	return bearer && strncmp(bearer, "Bearer ", 7) == 0 && strcmp(bearer + 7, a->alp->config.key) == 0;
}

static void
decide(struct ask *a)
{
	enum evhttp_cmd_type method = evhttp_request_get_command(exchange_request(a->x));

	if (!has_key(a))
		alp_reply_error(a, 401, "who are you?");
	else if (method == EVHTTP_REQ_GET)
		alp_read(a);
	else if (method == EVHTTP_REQ_POST && strcmp(a->path, "time_entries") == 0)
		post_entry(a);
	else
		alp_reply_error(a, 405, "not this way");
}

void
alp_answer(struct exchange *x, const char *path)
{
	const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(exchange_request(x));
	const char *query = uri ? evhttp_uri_get_query(uri) : NULL;
	struct ask a = { .x = x, .sb = exchange_sandbox(x), .path = path };

	a.alp = a.sb->alp;
	exchange_set_alp(x);
	params_parse(&a.params, query, query ? strlen(query) : 0);
	decide(&a);
	spoil_sending(&a);
	record(&a);
	params_release(&a.params);
	exchange_send(x);
}
