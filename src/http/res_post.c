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
#define FAULTS_MAX 1024

enum { P_COMPONENT, P_USER, P_DATE, P_UNITS, P_DESCRIPTION, P_RATE, P_BILLABLE, P_GST, P_DISCRIMINATOR, P_NOTES, P_ENTRY, P_MATTER, P_OUTCOME, P_UNITS_MEANT };

static const char *const discriminators[] = {"MatterComponentTimeEntry", NULL};

static const struct field post_fields_of[] = {
    [P_COMPONENT] = {.name = "matter_component_id", .type = FIELD_INTEGER, .required = true, .min = 1, .max = ALP_USER_ID_MAX,
	.summary = "where it belongs in ALP", .example = "7"},
    [P_USER] = {.name = "user_id", .type = FIELD_INTEGER, .required = true, .min = 1, .max = ALP_USER_ID_MAX, .summary = "whose time it is, by ALP's number",
	.example = "42"},
    [P_DATE] = {.name = "date", .type = FIELD_DAY, .required = true, .summary = "the work day; not after today in the user's zone", .example = "\"2026-01-05\""},
    [P_UNITS] = {.name = "units", .type = FIELD_INTEGER, .required = true, .min = 1, .max = UNITS_MAX,
	.summary = "whole six-minute units: those that the entry shows (alp_units), or with units_meant others; not fewer than the firm's policy has", .example = "3"},
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
    [P_UNITS_MEANT] = {.name = "units_meant", .type = FIELD_BOOLEAN, .nullable = true, .summary = "true: units are a person's, whatever the entry shows"},
};
const struct schema schema_post = {"PostTimeEntryRequest", "Time as it is to stand in ALP; an array of such is taken too, and answered item by item.",
    post_fields_of, ELEMENTSOF(post_fields_of)};

struct post_reply {
	int status;
	const char *code, *detail;
	const char *errors; /* JSON; NULL: none */
};

struct posting_request {
	struct post_submit verb;     /* first: who renders has it alone */
	struct http_request *request;
	bool array, too_long;
	int64_t ids[POST_ITEMS_MAX]; /* that are waited for */
	size_t id_count;
	size_t at;                   /* of the one that is read again */
	struct posting_get get;
	struct bulk bulk;
	struct listed *listed;       /* POST_ITEMS_MAX of them: what ALP's lists are to say of each item */
	char *texts[POST_ITEMS_MAX][2]; /* theirs: matter and outcome */
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

/* --- what is wrong ---------------------------------------------------------------------------------------------------------- */

typedef void (*tell_fn)(const char *field, const char *type, const char *message, void *arg);

static const struct {
	unsigned fault;
	const char *field, *type, *message;
} faults[] = {
    {POST_FUTURE, "date", "date_in_future", "is after today in the user's zone"},
    {POST_UNITS_OTHER, "units", "units_differ", "are not those that the entry shows; with units_meant they are taken"},
    {POST_UNITS_FEW, "units", "units_too_few", "are fewer than the firm's policy has for any entry"},
    {POST_VAGUE, "description", "vague_description", "says nothing about the work"},
};

static const char *
code_of(const struct post_item *item)
{
	for (size_t i = 0; i < ELEMENTSOF(faults); i++)
		if (item->faults & faults[i].fault)
			return faults[i].type;
	return "not_listed";
}

static void
tell_all(const struct posting_request *v, size_t i, tell_fn tell, void *arg)
{
	for (size_t k = 0; k < ELEMENTSOF(faults); k++)
		if (v->verb.items[i].faults & faults[k].fault)
			tell(faults[k].field, faults[k].type, faults[k].message, arg);
	listed_tell(&v->listed[i], tell, arg);
}

static void
tell_request(const char *field, const char *type, const char *message, void *arg)
{
	request_add_error(arg, "body", field, type, "%s", message);
}

static void
tell_json(const char *field, const char *type, const char *message, void *arg)
{
	json_open(arg, NULL, '{');
	json_text(arg, "field", field);
	json_text(arg, "type", type);
	json_text(arg, "message", message);
	json_close(arg, '}');
}

static void
tell_text(const char *field, const char *type, const char *message, void *arg)
{
	struct buf *b = arg;

	(void)type;
	(void)buf_addf(b, "%s%s %s.", b->len > 0 ? " " : "", field, message);
}

struct bulk_teller {
	struct bulk *bulk;
	size_t index;
};

static void
tell_bulk(const char *field, const char *type, const char *message, void *arg)
{
	const struct bulk_teller *t = arg;

	bulk_add_error(t->bulk, t->index, field, type, message);
}

/* --- answering ------------------------------------------------------------------------------------------------------------ */

static struct post_reply
refusal_of(const struct post_item *item)
{
	static const struct post_reply refusals[] = {
	    [POST_NO_ENTRY] = {404, "not_found", "There is no such entry, or it is not yours.", NULL},
	    [POST_OTHER_USER] = {422, "not_the_owner", "user_id is not the entry's owner.", NULL},
	    [POST_OTHER_DAY] = {409, "entry_date_differs", "The entry is of another day than date says.", NULL},
	    [POST_ENTRY_IGNORED] = {409, "entry_ignored", "The entry is ignored; restore it first.", NULL},
	    [POST_ENTRY_WITHDRAWN] = {409, "entry_withdrawn", "The entry is withdrawn: its activity went away.", NULL},
	    [POST_AGAIN] = {409, "posted_before", "The same was asked for a few minutes ago; with an Idempotency-Key it is not mistaken for that.", NULL},
	};

	return refusals[item->refusal];
}

static struct post_reply
outcome_of(const struct post_item *item)
{
	const struct posting_row *p = &item->posting;

	if (item->refusal == POST_WRONG)
		return (struct post_reply){.status = 422, .code = code_of(item)};
	if (item->refusal != POST_TAKEN)
		return refusal_of(item);
	if (p->state == POSTING_REJECTED)
		return (struct post_reply){.status = 422, .code = "alp_refused", .detail = p->problem_detail != NULL ? p->problem_detail : "ALP refused it."};
	if (p->state == POSTING_POSTED)
		return (struct post_reply){.status = item->existed ? 200 : 201};
	return (struct post_reply){.status = 202};
}

static void
render_faults(struct json *j, const struct posting_request *v, size_t i)
{
	_cleanup_(buf_release) struct buf detail = BUF_INIT(FAULTS_MAX);

	tell_all(v, i, tell_text, &detail);
	json_str(j, "detail", buf_str(&detail));
	json_open(j, "errors", '[');
	tell_all(v, i, tell_json, j);
	json_close(j, ']');
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
		if (v->items[i].refusal == POST_WRONG) {
			render_faults(&j, request, i);
		} else {
			json_text(&j, "detail", outcome.detail);
			json_raw(&j, "errors", outcome.errors != NULL ? outcome.errors : "[]");
		}
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
	} else if (item->refusal == POST_WRONG || item->refusal == POST_OTHER_USER) {
		tell_all(v, 0, tell_request, v->request);
		if (item->refusal == POST_OTHER_USER && !request_has_error(v->request, "user_id"))
			request_add_error(v->request, "body", "user_id", outcome.code, "%s", outcome.detail);
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
		v->refused[i] = (struct post_reply){json_object_get_int(status), kept_text(kept, "code"), kept_text(kept, "detail"),
		    kept_text(kept, "errors")};
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

/* Of a wrong field nothing is known. */
static int64_t
number_if_known(const struct value *v)
{
	return v->state == VALUE_SET ? v->number : 0;
}

static void
fill_item(struct post_item *item, struct value *v)
{
	item->fields = (struct post_fields){
	    .user_id = number_if_known(&v[P_USER]),
	    .component_id = number_if_known(&v[P_COMPONENT]),
	    .day = v[P_DATE].state == VALUE_SET ? (day_t)v[P_DATE].number : -1,
	    .units = number_if_known(&v[P_UNITS]),
	    .rate = number_or_none(&v[P_RATE]),
	    .billable_type = number_or_none(&v[P_BILLABLE]),
	    .gst_type = number_or_none(&v[P_GST]),
	    .description = TAKE_PTR(v[P_DESCRIPTION].text),
	    .notes = TAKE_PTR(v[P_NOTES].text),
	};
	item->entry_id = number_if_known(&v[P_ENTRY]);
	item->units_meant = number_if_known(&v[P_UNITS_MEANT]) != 0;
}

/* Its texts are taken out. */
static void
fill_listed(struct posting_request *v, size_t i, struct value *values)
{
	v->texts[i][0] = TAKE_PTR(values[P_MATTER].text);
	v->texts[i][1] = TAKE_PTR(values[P_OUTCOME].text);
	v->listed[i] = (struct listed){
	    .user_id = number_if_known(&values[P_USER]),
	    .component_id = number_if_known(&values[P_COMPONENT]),
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
		v->too_long = true;
		bulk_add_error(&v->bulk, index, NULL, "too_long", "is one more than may be sent at once: 100");
		return -EINVAL;
	}
	if (values->v[P_DESCRIPTION].state == VALUE_SET && is_blank(values->v[P_DESCRIPTION].text))
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
	v->bulk.wrong_too = true;
	/* What is no array of objects, or one that is too long, is not looked into. */
	if (bulk_read(&v->bulk, &schema_post, (struct str){r->bulk, r->bulk_bytes}, take_item, v) < 0 &&
	    (v->bulk.fault != NULL || v->too_long || v->verb.count == 0)) {
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
on_looked(int error, void *arg)
{
	struct posting_request *v = arg;

	if (error < 0) {
		reply_failed(v->request, error, NULL);
		return;
	}
	for (size_t i = 0; v->array && i < v->verb.count; i++)
		tell_all(v, i, tell_bulk, &(struct bulk_teller){&v->bulk, i});
	if (v->array) {
		bulk_reply(&v->bulk, v->request);
		return;
	}
	tell_all(v, 0, tell_request, v->request);
	reply_invalid(v->request);
}

/* Not even whether ALP has such a user. */
static void
say_nothing_of_others(struct posting_request *v)
{
	for (size_t i = 0; i < v->verb.count; i++)
		if (v->verb.owner != 0 && v->verb.items[i].fields.user_id != v->verb.owner)
			v->listed[i].faults = 0;
}

static void
on_checked(struct http_request *r, void *arg)
{
	struct posting_request *v = arg;

	say_nothing_of_others(v);
	for (size_t i = 0; i < v->verb.count; i++)
		v->verb.items[i].unlisted = v->listed[i].faults != 0;
	/* It is refused for its fields already: all that is left is to say what else is wrong. */
	if (r->errors.count > 0 || v->bulk.errors.count > 0)
		app_post_look(r->app, &v->verb, on_looked, v);
	else
		app_post_submit(r->app, &v->verb, on_submitted, v);
}

void
post_make(struct http_request *r)
{
	struct posting_request *v = request_attach(r, sizeof *v, posting_request_release);

	v->request = r;
	if (!app_posting_configured(r->app) && r->errors.count > 0) {
		reply_invalid(r);
		return;
	}
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
