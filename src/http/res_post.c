/* SPDX-License-Identifier: Apache-2.0 */
/* POST /api/time_entries: one entry for ALP, or an array of them. */
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "http/bulk.h"
#include "http/listed.h"
#include "http/resources.h"

#define UNITS_MAX  240 /* a whole day */
#define NUMBER_MAX 1000000000
#define TEXT_MAX   4096

enum { P_COMPONENT, P_USER, P_DATE, P_UNITS, P_DESCRIPTION, P_RATE, P_BILLABLE, P_GST, P_DISCRIMINATOR, P_NOTES, P_ENTRY, P_MATTER, P_OUTCOME };

static const char *const discriminators[] = {"MatterComponentTimeEntry", NULL};

static const struct field post_fields_of[] = {
    [P_COMPONENT] = {.name = "matter_component_id", .type = FIELD_INTEGER, .required = true, .min = 1, .max = ALP_USER_ID_MAX,
	.summary = "where it belongs in ALP", .example = "7"},
    [P_USER] = {.name = "user_id", .type = FIELD_INTEGER, .required = true, .min = 1, .max = ALP_USER_ID_MAX, .summary = "whose time it is, by ALP's number",
	.example = "42"},
    [P_DATE] = {.name = "date", .type = FIELD_DAY, .required = true, .summary = "the work day; not after today in the user's zone", .example = "\"2026-01-05\""},
    [P_UNITS] = {.name = "units", .type = FIELD_INTEGER, .required = true, .min = 1, .max = UNITS_MAX, .summary = "whole six-minute units", .example = "3"},
    [P_DESCRIPTION] = {.name = "description", .type = FIELD_TEXT, .required = true, .min = 1, .max = TEXT_MAX, .summary = "what was done; not blank",
	.example = "\"Advising on the lease\""},
    [P_RATE] = {.name = "rate", .type = FIELD_INTEGER, .nullable = true, .min = 0, .max = NUMBER_MAX, .summary = "as ALP counts it; left out: ALP's", .example = "450"},
    [P_BILLABLE] = {.name = "billable_type", .type = FIELD_INTEGER, .nullable = true, .min = 0, .max = NUMBER_MAX, .summary = "one of ALP's; left out: ALP's",
	.example = "1"},
    [P_GST] = {.name = "gst_type", .type = FIELD_INTEGER, .nullable = true, .min = 0, .max = NUMBER_MAX, .summary = "one of ALP's list; left out: ALP's",
	.example = "1"},
    [P_DISCRIMINATOR] = {.name = "discriminator", .type = FIELD_CHOICE, .nullable = true, .choices = discriminators, .summary = "the only kind there is"},
    [P_NOTES] = {.name = "notes", .type = FIELD_TEXT, .nullable = true, .max = TEXT_MAX, .summary = "internal"},
    [P_ENTRY] = {.name = "entry_id", .type = FIELD_INTEGER, .nullable = true, .min = 1, .max = ALP_USER_ID_MAX,
	.summary = "the draft that it is: it is confirmed with this, if it is not; the same again is the same posting"},
    [P_MATTER] = {.name = "matter_id", .type = FIELD_TEXT, .nullable = true, .number_too = true, .min = 1, .max = 64, .summary = "ALP's, to check the path"},
    [P_OUTCOME] = {.name = "outcome_id", .type = FIELD_TEXT, .nullable = true, .number_too = true, .min = 1, .max = 64, .summary = "ALP's, to check the path"},
};
const struct schema schema_post = {"PostTimeEntryRequest", "Time as it is to stand in ALP; an array of such is taken too, and answered item by item.",
    post_fields_of, ELEMENTSOF(post_fields_of)};

struct post_reply {
	int status;
	const char *code, *detail;
};

struct posting_request {
	struct post_submit verb;     /* first: who renders has it alone */
	struct http_request *request;
	bool array;
	int64_t ids[POST_ITEMS_MAX]; /* that are waited for */
	size_t id_count;
	size_t at;                   /* of the one that is read again */
	struct posting_get get;
	struct bulk bulk;
	struct listed *listed;       /* POST_ITEMS_MAX of them: what ALP's lists are to say of each item */
	char *texts[POST_ITEMS_MAX][3]; /* theirs: matter, outcome, and why not */
	struct json_object *kept;    /* asked again by its Idempotency-Key: what was answered then. NULL: it was not */
	struct post_reply refused[POST_ITEMS_MAX]; /* what was then; borrowed from kept. A status of 0: it was not */
};

static void
posting_request_release(void *p)
{
	struct posting_request *v = p;

	for (size_t i = 0; i < POST_ITEMS_MAX; i++)
		for (size_t k = 0; k < ELEMENTSOF(v->texts[i]); k++)
			free(v->texts[i][k]);
	free(v->listed);
	json_object_put(v->kept);
	post_submit_release(&v->verb);
	posting_get_release(&v->get);
	bulk_release(&v->bulk);
}

/* --- answering ------------------------------------------------------------------------------------------------------------ */

static struct post_reply
refusal_of(const struct post_item *item)
{
	static const struct post_reply refusals[] = {
	    [POST_NO_ENTRY] = {404, "not_found", "There is no such entry, or it is not yours."},
	    [POST_OTHER_USER] = {422, "not_the_owner", "user_id is not the entry's owner."},
	    [POST_OTHER_DAY] = {409, "entry_date_differs", "The entry is of another day than date says."},
	    [POST_ENTRY_IGNORED] = {409, "entry_ignored", "The entry is ignored; restore it first."},
	    [POST_ENTRY_WITHDRAWN] = {409, "entry_withdrawn", "The entry is withdrawn: its activity went away."},
	    [POST_IN_FUTURE] = {422, "date_in_future", "date is after today in the user's zone."},
	    [POST_AGAIN] = {409, "posted_before", "The same was asked for a few minutes ago; with an Idempotency-Key it is not mistaken for that."},
	};

	return refusals[item->refusal];
}

static struct post_reply
outcome_of(const struct post_item *item)
{
	const struct posting_row *p = &item->posting;

	if (item->refusal == POST_NOT_LISTED)
		return (struct post_reply){422, "not_listed", item->unlisted};
	if (item->refusal != POST_TAKEN)
		return refusal_of(item);
	if (p->state == POSTING_REJECTED)
		return (struct post_reply){422, "alp_refused", p->problem_detail != NULL ? p->problem_detail : "ALP refused it."};
	if (p->state == POSTING_POSTED)
		return (struct post_reply){.status = item->existed ? 200 : 201};
	return (struct post_reply){.status = 202};
}

static void
render_items(const struct posting_request *request, struct once_answer *ret)
{
	const struct post_submit *v = &request->verb;
	struct json j = JSON_INIT;

	json_open(&j, NULL, '[');
	for (size_t i = 0; i < v->count; i++) {
		bool refused_then = request->refused[i].status != 0;
		struct post_reply outcome = refused_then ? request->refused[i] : outcome_of(&v->items[i]);

		json_open(&j, NULL, '{');
		json_int(&j, "status", outcome.status);
		json_text(&j, "code", outcome.code);
		json_text(&j, "detail", outcome.detail);
		if (v->items[i].refusal == POST_TAKEN && !refused_then)
			render_posting(&j, "posting", &v->items[i].posting);
		else
			json_null(&j, "posting");
		json_close(&j, '}');
	}
	json_close(&j, ']');
	once_answer_set(ret, 207, &j);
}

static void
render_list(const void *verb, struct once_answer *ret)
{
	render_items(verb, ret);
}

static void
render_one(const void *verb, struct once_answer *ret)
{
	const struct post_submit *v = verb;
	struct json j = JSON_INIT;

	render_posting(&j, NULL, &v->items[0].posting);
	once_answer_header(ret, "Location", "/api/postings/%lld", (long long)v->items[0].posting.posting_id);
	once_answer_set(ret, outcome_of(&v->items[0]).status, &j);
}

static void
reply_refused(struct posting_request *v)
{
	const struct post_item *item = &v->verb.items[0];
	struct post_reply outcome = outcome_of(item);
	char detail[128];

	if (item->refusal == POST_AGAIN) {
		request_add_header(v->request, "Location", "/api/postings/%lld", (long long)item->first);
		snprintf(detail, sizeof detail, "The same is posting %lld; with an Idempotency-Key it is not mistaken for that.", (long long)item->first);
		reply_problem(v->request, outcome.status, outcome.code, detail);
	} else if (item->refusal == POST_IN_FUTURE || item->refusal == POST_OTHER_USER || item->refusal == POST_NOT_LISTED) {
		const char *field = item->refusal == POST_IN_FUTURE ? "date" : "user_id";

		listed_add_errors(v->request, &v->listed[0]);
		if (item->refusal != POST_NOT_LISTED && !request_has_error(v->request, field))
			request_add_error(v->request, "body", field, outcome.code, "%s", outcome.detail);
		reply_invalid(v->request);
	} else {
		reply_problem(v->request, outcome.status, outcome.code, outcome.detail);
	}
}

static void
reply_outcome(struct posting_request *v)
{
	const struct posting_row *p = &v->verb.items[0].posting;

	if (v->array) {
		reply_rendered(v->request, render_list, &v->verb);
	} else if (p->state == POSTING_REJECTED) {
		request_add_header(v->request, "Location", "/api/postings/%lld", (long long)p->posting_id);
		request_add_error(v->request, "body", NULL, "alp_refused", "ALP does not take it");
		reply_wrong(v->request, "alp_refused", outcome_of(&v->verb.items[0]).detail);
	} else {
		reply_rendered(v->request, render_one, &v->verb);
	}
}

/* --- waiting for ALP -------------------------------------------------------------------------------------------------------- */

static void read_next(struct posting_request *v);

static void
on_read(int error, void *arg)
{
	struct posting_request *v = arg;
	struct post_item *item = &v->verb.items[v->at];

	if (error < 0 && v->kept != NULL) {
		reply_failed(v->request, error, NULL);
		return;
	}
	if (error == 0) {
		posting_row_release(&item->posting);
		item->posting = v->get.posting;
		v->get.posting = (struct posting_row){0};
	}
	posting_get_release(&v->get);
	v->at++;
	read_next(v);
}

static void
read_next(struct posting_request *v)
{
	while (v->at < v->verb.count && (v->verb.items[v->at].refusal != POST_TAKEN || v->refused[v->at].status != 0))
		v->at++;
	if (v->at == v->verb.count) {
		reply_outcome(v);
		return;
	}
	v->get = (struct posting_get){.posting_id = v->verb.items[v->at].posting.posting_id};
	app_posting_get(v->request->app, &v->get, on_read, v);
}

static void
on_waited(struct http_request *r, void *arg)
{
	(void)r;
	read_next(arg);
}

/* --- asked again -------------------------------------------------------------------------------------------------------------- */

static const char *
kept_text(struct json_object *o, const char *name)
{
	struct json_object *text;

	return json_object_object_get_ex(o, name, &text) ? json_object_get_string(text) : NULL;
}

static void
recall_posting(struct post_item *item, struct json_object *posting, int status)
{
	struct json_object *id = NULL;

	(void)json_object_object_get_ex(posting, "posting_id", &id);
	item->posting.posting_id = json_object_get_int64(id);
	item->existed = status == 200;
}

static void
recall_item(struct posting_request *v, size_t i, struct json_object *kept)
{
	struct json_object *status = NULL, *posting = NULL;

	(void)json_object_object_get_ex(kept, "status", &status);
	if (json_object_object_get_ex(kept, "posting", &posting) && posting != NULL)
		recall_posting(&v->verb.items[i], posting, json_object_get_int(status));
	else
		v->refused[i] = (struct post_reply){json_object_get_int(status), kept_text(kept, "code"), kept_text(kept, "detail")};
}

/* What is kept was told before ALP answered, because a crash must not lose it. Who asks again is told how the same postings are now, which is at
 * least what the first answer said; what was refused then is refused as then. False: there is nothing to go by. */
static bool
recall(struct posting_request *v)
{
	const struct once_answer *seen = request_seen(v->request);
	struct json_tokener *tokener;

	if (seen == NULL)
		return false;
	tokener = json_tokener_new();
	v->kept = json_tokener_parse_ex(tokener, seen->body.p, (int)seen->body.len);
	json_tokener_free(tokener);
	if (v->kept == NULL || json_object_is_type(v->kept, json_type_array) != v->array ||
	    (v->array && json_object_array_length(v->kept) != v->verb.count))
		return false;
	for (size_t i = 0; v->array && i < v->verb.count; i++)
		recall_item(v, i, json_object_array_get_idx(v->kept, i));
	if (!v->array)
		recall_posting(&v->verb.items[0], v->kept, seen->status);
	request_add_header(v->request, "Idempotent-Replay", "true");
	return true;
}

static void
on_submitted(int error, void *arg)
{
	struct posting_request *v = arg;
	struct http_request *r = v->request;
	int64_t wait_ms = r->wait_s != WAIT_NOT_ASKED ? r->wait_s * 1000 : app_posting_wait_ms(r->app);
	bool again = error == -EEXIST && recall(v);

	if (error == -EPERM && !v->array) {
		reply_refused(v);
		return;
	}
	if (error < 0 && error != -EPERM && !again) {
		reply_failed(r, error, NULL);
		return;
	}
	for (size_t i = 0; i < v->verb.count; i++)
		if (v->verb.items[i].refusal == POST_TAKEN && v->refused[i].status == 0)
			v->ids[v->id_count++] = v->verb.items[i].posting.posting_id;
	if (v->id_count > 0 && wait_ms > 0 && request_may_wait(r))
		request_wait_postings(r, v->ids, v->id_count, wait_ms, on_waited, v);
	else if (again)
		read_next(v);
	else if (error == 0)
		reply_once(r, v->array ? render_list : render_one, &v->verb);
	else
		reply_rendered(r, render_list, &v->verb);
}

/* --- asking ----------------------------------------------------------------------------------------------------------------- */

static bool
is_blank(const char *text)
{
	return text[strspn(text, " \t\r\n")] == '\0';
}

static int64_t
number_or_none(const struct value *v)
{
	return v->state == VALUE_SET ? v->number : POST_NONE;
}

static void
fill_item(struct post_item *item, struct value *v)
{
	item->fields = (struct post_fields){
	    .user_id = v[P_USER].number,
	    .component_id = v[P_COMPONENT].number,
	    .day = (day_t)v[P_DATE].number,
	    .units = v[P_UNITS].number,
	    .rate = number_or_none(&v[P_RATE]),
	    .billable_type = number_or_none(&v[P_BILLABLE]),
	    .gst_type = number_or_none(&v[P_GST]),
	    .description = TAKE_PTR(v[P_DESCRIPTION].text),
	    .notes = TAKE_PTR(v[P_NOTES].text),
	};
	item->entry_id = v[P_ENTRY].state == VALUE_SET ? v[P_ENTRY].number : 0;
}

/* Its texts are taken out. */
static void
fill_listed(struct posting_request *v, size_t i, struct value *values)
{
	v->texts[i][0] = TAKE_PTR(values[P_MATTER].text);
	v->texts[i][1] = TAKE_PTR(values[P_OUTCOME].text);
	v->listed[i] = (struct listed){
	    .user_id = values[P_USER].number,
	    .component_id = values[P_COMPONENT].number,
	    .gst_type = values[P_GST].state == VALUE_SET ? values[P_GST].number : -1,
	    .matter_id = v->texts[i][0],
	    .outcome_id = v->texts[i][1],
	};
}

static int
take_item(struct values *values, size_t index, void *arg)
{
	struct posting_request *v = arg;

	if (index >= POST_ITEMS_MAX) {
		bulk_add_error(&v->bulk, index, NULL, "too_long", "is one more than may be sent at once: 100");
		return -EINVAL;
	}
	if (is_blank(values->v[P_DESCRIPTION].text))
		bulk_add_error(&v->bulk, index, "description", "blank", "must say something");
	fill_listed(v, index, values->v);
	fill_item(&v->verb.items[index], values->v);
	v->verb.count = index + 1;
	return 0;
}

/* False: answered. */
static bool
read_items(struct posting_request *v)
{
	struct http_request *r = v->request;

	v->verb.items = xcalloc(POST_ITEMS_MAX, sizeof *v->verb.items);
	v->listed = xcalloc(POST_ITEMS_MAX, sizeof *v->listed);
	v->array = r->bulk != NULL;
	if (!v->array) {
		fill_listed(v, 0, r->body.v);
		fill_item(&v->verb.items[0], r->body.v);
		v->verb.count = 1;
		return true;
	}
	if (bulk_read(&v->bulk, &schema_post, (struct str){r->bulk, r->bulk_bytes}, take_item, v) < 0 || v->bulk.errors.count > 0) {
		bulk_reply(&v->bulk, r);
		return false;
	}
	return true;
}

void
post_check(struct http_request *r)
{
	const struct value *description = &r->body.v[P_DESCRIPTION];

	if (r->bulk == NULL && description->state == VALUE_SET && is_blank(description->text))
		request_add_error(r, "body", "description", "blank", "must say something");
}

static void
on_checked(struct http_request *r, void *arg)
{
	struct posting_request *v = arg;

	for (size_t i = 0; i < v->verb.count; i++)
		v->verb.items[i].unlisted = v->texts[i][2] = listed_text(&v->listed[i]);
	app_post_submit(r->app, &v->verb, on_submitted, v);
}

void
post_make(struct http_request *r)
{
	struct posting_request *v = request_attach(r, sizeof *v, posting_request_release);

	v->request = r;
	if (!app_posting_configured(r->app)) {
		reply_problem(r, 503, "alp_not_configured", "There is no ALP to post to: alp.url is not set.");
		return;
	}
	if (!read_items(v))
		return;
	v->verb.once = request_once(r, v->array ? render_list : render_one);
	v->verb.actor = request_actor(r);
	v->verb.owner = request_owner(r);
	listed_check(r, v->listed, v->verb.count, on_checked, v);
}
