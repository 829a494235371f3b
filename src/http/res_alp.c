/* SPDX-License-Identifier: Apache-2.0 */
/* ALP's lists, as it has them. A whole list goes out as it lies in memory; pages and searches are put together of its objects. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "alp/lists.h"
#include "base/alloc.h"
#include "http/alp_dress.h"
#include "http/answer.h"
#include "http/cursor.h"
#include "http/resources.h"
#include "http/server_internal.h"

#define SEARCH_LIMIT 100 /* if none is asked for */

enum { Q_TEXT, Q_LIMIT, Q_CURSOR };

static const struct field matter_query_fields[] = {
    [Q_TEXT] = {.name = "q", .type = FIELD_TEXT, .min = 1, .max = 200,
	.summary = "words of code, name or client, in any case and without regard to accents; 100 at most if there is no `limit`"},
    [Q_LIMIT] = {.name = "limit", .type = FIELD_INTEGER, .min = 1, .max = 5000, .summary = "a page of so many; without it the whole list"},
    [Q_CURSOR] = {.name = "cursor", .type = FIELD_TEXT, .min = 1, .max = CURSOR_WORD_TEXT_MAX - 1, .summary = "from the last page's Link"},
};
const struct schema schema_alp_matter_query = {"AlpMatterQuery", NULL, matter_query_fields, ELEMENTSOF(matter_query_fields)};

static const struct field matter_path_fields[] = {
    {.name = "matter_id", .type = FIELD_TEXT, .required = true, .min = 1, .max = ALP_ID_MAX - 1, .summary = "ALP's id of the matter", .example = "\"17\""},
};
const struct schema schema_alp_matter_path = {"AlpMatterPath", NULL, matter_path_fields, ELEMENTSOF(matter_path_fields)};

static const struct field outcome_path_fields[] = {
    {.name = "outcome_id", .type = FIELD_TEXT, .required = true, .min = 1, .max = ALP_ID_MAX - 1, .summary = "ALP's id of the outcome", .example = "\"23\""},
};
const struct schema schema_alp_outcome_path = {"AlpOutcomePath", NULL, outcome_path_fields, ELEMENTSOF(outcome_path_fields)};

/* --- the answer a list is sent as ------------------------------------------------------------------------------------------- */

static void
let_go(void *bytes)
{
	shared_bytes_unref(bytes);
}

static void *
dress(struct shared_bytes *bytes)
{
	struct ready_answer *a = answer_of_shared(200, "application/json", bytes->p, bytes->len, let_go, shared_bytes_ref(bytes));

	answer_add_header(a, "Cache-Control", "private, no-cache");
	answer_tag_bytes(a);
	(void)answer_pack(a);
	return a;
}

static void
undress(void *answer)
{
	answer_unref(answer);
}

const struct list_dress alp_dress = {dress, undress};

/* --- what became of it ------------------------------------------------------------------------------------------------------- */

static const struct answer_to_failure {
	int status;
	const char *code, *detail;
} refusals[] = {
    [ALP_UNREACHABLE] = {502, "alp_unreachable", "ALP cannot be reached, and there is no copy of this list that would do."},
    [ALP_TIMEOUT] = {504, "alp_timeout", "ALP did not answer in time, and there is no copy of this list that would do."},
    [ALP_KEY_REFUSED] = {502, "alp_key_refused", "ALP refuses the key that this service has for it."},
    [ALP_MISSING] = {404, "alp_not_found", "ALP has no such list."},
    [ALP_BUSY] = {503, "alp_busy", "ALP has too much to do, and there is no copy of this list that would do."},
    [ALP_UNREADABLE] = {502, "alp_unreadable", "ALP's answer is not the list that it should be."},
};

static void
reply_refused(struct http_request *r, const struct list_result *result)
{
	const struct answer_to_failure *f = &refusals[result->failure];
	int64_t wait_s = (MIN_OF(result->retry_after_ms, 3600000) + 999) / 1000;

	if (result->failure == ALP_BUSY)
		reply_busy(r, f->status, f->code, f->detail, (int)MAX_OF(wait_s, 1));
	else
		reply_problem(r, f->status, f->code, f->detail);
}

static void
add_headers(struct http_request *r, const struct list_result *result)
{
	static const char *const words[] = {[LIST_FRESH] = "hit", [LIST_STALE] = "stale", [LIST_FETCHED] = "miss"};

	if (r->ev == NULL)
		return;
	request_add_header(r, "Age", "%" PRId64, result->age_ms / 1000);
	request_set_header(r, "X-Cache", words[result->source]);
	/* Nobody was waited for. */
	r->kept = result->source == LIST_FRESH;
}

static void
reply_whole(struct http_request *r, const struct list_result *result)
{
	struct ready_answer *a = list_body_dress(result->body);

	add_headers(r, result);
	answer_ref(a);
	reply_answer(r, a);
	answer_unref(a);
}

static void
on_whole(const struct list_result *result, void *arg)
{
	if (result->failure != ALP_FINE)
		reply_refused(arg, result);
	else
		reply_whole(arg, result);
}

/* Who waits for a list, which may be for as long as ALP is silent. */
struct waiting {
	struct http_request *request;
	list_got_fn got;
	void *arg;
	enum { LIST_ASKED, LIST_WAITED_FOR, LIST_GIVEN_UP, LIST_GOT } state; /* given up: the request is not to be touched */
	bool asking; /* freed by who asks, not by who is told */
};

static void
on_list(const struct list_result *result, void *arg)
{
	struct waiting *w = arg;

	if (w->state == LIST_WAITED_FOR && w->request->server != NULL)
		w->request->server->list_waiters--;
	if (w->state != LIST_GIVEN_UP)
		w->got(result, w->arg);
	w->state = LIST_GOT;
	if (!w->asking)
		free(w);
}

static void
wait_for_list(struct waiting *w)
{
	struct http_server *s = w->request->server;

	if (server_may_wait_for_list(s)) {
		s->list_waiters++;
		w->state = LIST_WAITED_FOR;
	} else {
		w->state = LIST_GIVEN_UP;
		reply_busy(w->request, 503, "alp_busy", "Too many wait for ALP's lists already.", 1);
	}
}

static void
get_list(struct http_request *r, enum alp_list list, const char *id, list_got_fn got, void *arg)
{
	struct waiting *w;
	int e;

	if (r->server->alp_lists == NULL) {
		reply_problem(r, 503, "alp_not_configured", "This service has no ALP: nothing is set for `alp.url`.");
		return;
	}
	w = xcalloc(1, sizeof *w);
	*w = (struct waiting){.request = r, .got = got, .arg = arg, .asking = true};
	e = alp_lists_get(r->server->alp_lists, list, id, on_list, w);
	w->asking = false;
	if (e < 0)
		reply_problem(r, 404, "alp_not_found", "ALP has no such list.");
	else if (w->state == LIST_ASKED)
		wait_for_list(w);
	if (e < 0 || w->state == LIST_GOT)
		free(w);
}

/* --- pages and searches ------------------------------------------------------------------------------------------------------- */

struct part {
	struct http_request *request;
	const char *query; /* NULL: a page */
	size_t limit;
	char after[CURSOR_WORD_MAX];
};

/* Nothing else than what lies in the list, in another order or less of it. */
static void
reply_part(struct part *p, const struct list_result *result, struct buf *b)
{
	struct http_request *r = p->request;
	_cleanup_(answer_unrefp) struct ready_answer *a = NULL;
	size_t len = 0;
	char *text;

	if (b->error < 0) {
		buf_release(b);
		reply_too_large(r);
		return;
	}
	text = buf_take(b, &len);
	a = answer_new(200, "application/json", text, len);
	answer_add_header(a, "Cache-Control", "private, no-cache");
	answer_tag_bytes(a);
	if (list_refused(r, len))
		return;
	add_headers(r, result);
	r->kept = false;
	reply_answer(r, a);
}

static void
reply_search(struct part *p, const struct list_result *result)
{
	_cleanup_free_ uint32_t *found = xcalloc(p->limit, sizeof *found);
	struct buf b = BUF_INIT(JSON_OUT_MAX);
	size_t n = list_body_search(result->body, str_of(p->query), found, p->limit);

	(void)buf_addc(&b, '[');
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			(void)buf_addc(&b, ',');
		(void)buf_add_str(&b, list_body_item(result->body, found[i]));
	}
	(void)buf_addc(&b, ']');
	reply_part(p, result, &b);
}

static void
reply_page(struct part *p, const struct list_result *result)
{
	const struct list_body *body = result->body;
	int64_t last = p->after[0] != '\0' ? list_body_find(body, p->after) : -1;
	size_t from = (size_t)(last + 1), to = MIN_OF(list_body_count(body), from + p->limit);
	struct buf b = BUF_INIT(JSON_OUT_MAX);
	char cursor[CURSOR_WORD_TEXT_MAX];

	if (p->after[0] != '\0' && last < 0) {
		request_add_error(p->request, "query", "cursor", "bad_cursor", "stands at a matter that ALP's list does not have any more; begin again");
		reply_invalid(p->request);
		return;
	}
	(void)buf_addc(&b, '[');
	for (size_t i = from; i < to; i++) {
		if (i > from)
			(void)buf_addc(&b, ',');
		(void)buf_add_str(&b, list_body_item(body, i));
	}
	(void)buf_addc(&b, ']');
	if (to < list_body_count(body) && to > from && p->request->ev != NULL) {
		cursor_format_word('a', list_body_id(body, to - 1), cursor);
		cursor_link(p->request, cursor);
	}
	reply_part(p, result, &b);
}

static void
on_part(const struct list_result *result, void *arg)
{
	struct part *p = arg;

	if (result->failure != ALP_FINE)
		reply_refused(p->request, result);
	else if (p->query != NULL)
		reply_search(p, result);
	else
		reply_page(p, result);
}

void
alp_matters_check(struct http_request *r)
{
	const struct value *cursor = &r->query.v[Q_CURSOR];
	char after[CURSOR_WORD_MAX];

	if (cursor->state != VALUE_SET)
		return;
	if (r->query.v[Q_TEXT].state == VALUE_SET)
		request_add_error(r, "query", "cursor", "bad_cursor", "does not go with `q`: what is found has no pages");
	else if (cursor_parse_word('a', cursor->text, after) < 0)
		request_add_error(r, "query", "cursor", "bad_cursor", "is not one of this list");
	else if (r->query.v[Q_LIMIT].state != VALUE_SET)
		request_add_error(r, "query", "limit", "missing", "is needed with `cursor`");
}

void
alp_matters_list(struct http_request *r)
{
	const struct value *v = r->query.v;
	struct part *p;

	if (v[Q_TEXT].state != VALUE_SET && v[Q_LIMIT].state != VALUE_SET) {
		get_list(r, ALP_MATTERS, "", on_whole, r);
		return;
	}
	p = request_attach(r, sizeof *p, NULL);
	p->request = r;
	p->query = v[Q_TEXT].state == VALUE_SET ? v[Q_TEXT].text : NULL;
	p->limit = v[Q_LIMIT].state == VALUE_SET ? (size_t)v[Q_LIMIT].number : SEARCH_LIMIT;
	if (v[Q_CURSOR].state == VALUE_SET)
		(void)cursor_parse_word('a', v[Q_CURSOR].text, p->after);
	get_list(r, ALP_MATTERS, "", on_part, p);
}

/* --- the others ----------------------------------------------------------------------------------------------------------------- */

static void
check_id(struct http_request *r, const char *field)
{
	const struct value *id = &r->params.v[0];

	if (id->state == VALUE_SET && !alp_id_ok(id->text))
		request_add_error(r, "path", field, "bad_id", "is no id of ALP's: letters, digits and any of - . _ ~ :");
}

void
alp_outcomes_check(struct http_request *r)
{
	check_id(r, "matter_id");
}

void
alp_outcomes_list(struct http_request *r)
{
	get_list(r, ALP_OUTCOMES, r->params.v[0].text, on_whole, r);
}

void
alp_components_check(struct http_request *r)
{
	check_id(r, "outcome_id");
}

void
alp_components_list(struct http_request *r)
{
	get_list(r, ALP_COMPONENTS, r->params.v[0].text, on_whole, r);
}

void
alp_users_list(struct http_request *r)
{
	get_list(r, ALP_USERS, "", on_whole, r);
}

void
alp_gst_types_list(struct http_request *r)
{
	get_list(r, ALP_GST_TYPES, "", on_whole, r);
}
