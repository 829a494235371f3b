/* SPDX-License-Identifier: Apache-2.0 */
/* Confirmed time entries: list, confirm, take back. A confirmed entry goes by its draft's number. */
#include <errno.h>

#include "http/etag.h"
#include "http/resources.h"

#define UNITS_MAX_TENTHS 2400 /* a whole day */
#define TEXT_MAX         4096 /* as long as what the machine wrote may be */

static const struct field path_fields[] = {
    {.name = "id", .type = FIELD_INTEGER, .required = true, .min = 1, .max = ALP_USER_ID_MAX, .summary = "the confirmed entry",
     .example = "1001"},
};
const struct schema schema_confirmed_path = {"ProcessedTimeEntryPath", NULL, path_fields, ELEMENTSOF(path_fields)};

enum { C_USER, C_ENTRY, C_DATE, C_APPLICATION, C_DESCRIPTION, C_UNITS, C_MATTER, C_STATUS, C_NOTES, C_HASH };

static const char *const sent_statuses[] = {"", "pending", "submitted", NULL}; /* by enum entry_status */

static const struct field confirm_fields[] = {
    [C_USER] = {.name = "alp_user_id", .type = FIELD_INTEGER, .min = 1, .max = ALP_USER_ID_MAX, .summary = "only if it is this user's",
	.example = "42"},
    [C_ENTRY] = {.name = "original_entry_id", .type = FIELD_INTEGER, .required = true, .min = 1, .max = ALP_USER_ID_MAX,
	.summary = "the draft", .example = "1001"},
    [C_DATE] = {.name = "entry_date", .type = FIELD_DAY, .nullable = true, .summary = "the draft's; another is refused"},
    [C_APPLICATION] = {.name = "application", .type = FIELD_TEXT, .nullable = true, .min = 1, .max = TEXT_MAX,
	.summary = "where it was done; null: as the draft shows it", .example = "\"Microsoft Word\""},
    [C_DESCRIPTION] = {.name = "task_description", .type = FIELD_TEXT, .nullable = true, .min = 1, .max = TEXT_MAX,
	.summary = "what was done; null: as the draft shows it", .example = "\"Advising on the lease\""},
    [C_UNITS] = {.name = "time_units", .type = FIELD_TENTHS, .nullable = true, .max = UNITS_MAX_TENTHS, .example = "2.1",
	.summary = "six-minute units; null: as the draft shows them. A number that the draft showed before stands for the seconds it had then"},
    [C_MATTER] = {.name = "matter_code", .type = FIELD_TEXT, .nullable = true, .max = 64,
	.summary = "the matter; null or empty: there is none; left out: the draft's", .example = "\"12345\""},
    [C_STATUS] = {.name = "status", .type = FIELD_CHOICE, .nullable = true, .choices = sent_statuses,
	.summary = "says nothing: it is submitted after this"},
    [C_NOTES] = {.name = "notes", .type = FIELD_TEXT, .nullable = true, .max = 4000, .summary = "null or empty: none; left out: the draft's"},
    [C_HASH] = {.name = "source_hash", .type = FIELD_TEXT, .nullable = true, .max = SOURCE_HASH_TEXT_MAX,
	.summary = "the draft's; another is refused"},
};
const struct schema schema_confirm = {"ConfirmRequest", "A draft as a person confirms it; the names are GET's.",
    confirm_fields, ELEMENTSOF(confirm_fields)};

void
confirmed_list(struct http_request *r)
{
	static const struct entry_form confirmed = {1u << ENTRY_SUBMITTED, render_confirmed, &csv_confirmed};

	entries_list_as(r, &confirmed);
}

/* --- confirm ------------------------------------------------------------------------------------------------------------ */

struct confirming {
	struct entry_confirm verb;
	struct http_request *request;
};

static void
confirming_release(void *p)
{
	entry_confirm_release(&((struct confirming *)p)->verb);
}

static void
render_made(const void *verb, struct once_answer *ret)
{
	const struct entry_confirm *v = verb;
	struct json j = JSON_INIT;
	char tag[ETAG_MAX];

	render_confirmed(&j, NULL, &v->entry);
	etag_entry(v->entry.entry_id, v->entry.revision, tag);
	once_answer_header(ret, "ETag", "%s", tag);
	once_answer_set(ret, v->created ? 201 : 200, &j);
}

struct review_refusal
lock_refusal(enum entry_lock lock)
{
	static const struct review_refusal refusals[] = {
	    [ENTRY_POSTING] = {409, "entry_posting", "The entry is in ALP, or may be, or is on its way there."},
	    [ENTRY_INVOICED] = {409, "entry_invoiced", "The entry stands in an invoice of ALP's."},
	    [ENTRY_WRITTEN_OFF] = {409, "entry_written_off", "The entry was written off in ALP."},
	};

	return refusals[lock];
}

struct review_refusal
confirm_refusal(int error, const struct entry_confirm *v)
{
	static const struct review_refusal refusals[] = {
	    [CONFIRM_OTHER_DAY] = {409, "entry_date_differs", "The entry is of another day than entry_date says."},
	    [CONFIRM_OTHER_SOURCE] = {409, "source_hash_differs", "The entry is made of something else than source_hash says."},
	    [CONFIRM_IGNORED] = {409, "entry_ignored", "The entry is ignored; restore it first."},
	    [CONFIRM_WITHDRAWN] = {409, "entry_withdrawn", "The entry is withdrawn: its activity went away."},
	};

	if (error == -ESTALE)
		return REFUSAL_CHANGED;
	if (error != -EPERM)
		return (struct review_refusal){0};
	return v->refusal == CONFIRM_POSTING ? lock_refusal(v->lock) : refusals[v->refusal];
}

static void
on_confirmed(int error, void *arg)
{
	struct confirming *c = arg;
	struct http_request *r = c->request;

	if (error < 0)
		reply_refusal(r, error, confirm_refusal(error, &c->verb));
	else
		reply_once(r, render_made, &c->verb);
}

/* -ESTALE: answered, because the tags named are of no such entry. */
static int
take_if_match(struct http_request *r, int64_t entry_id, int64_t *ret_revision)
{
	const char *if_match = request_header(r, "If-Match");

	if (if_match == NULL || etag_if_match(str_of(if_match), entry_id, ret_revision) == 0)
		return 0;
	reply_problem(r, 412, "entry_changed", "If-Match names no state of this entry.");
	return -ESTALE;
}

/* Null is as good as empty: there is none. */
static const char *
text_or_none(const struct value *v)
{
	return v->state == VALUE_NULL ? "" : v->text;
}

void
confirmed_make(struct http_request *r)
{
	struct confirming *c = request_attach(r, sizeof *c, confirming_release);
	const struct value *v = r->body.v;
	int64_t revision = 0;

	c->request = r;
	if (take_if_match(r, v[C_ENTRY].number, &revision) < 0)
		return;
	c->verb = (struct entry_confirm){
	    .once = request_once(r, render_made),
	    .actor = request_actor(r),
	    .entry_id = v[C_ENTRY].number,
	    .alp_user_id = v[C_USER].state == VALUE_SET ? v[C_USER].number : 0,
	    .if_revision = revision,
	    .day = v[C_DATE].state == VALUE_SET ? (day_t)v[C_DATE].number : -1,
	    .source_hash = v[C_HASH].text,
	    .application = v[C_APPLICATION].text,
	    .description = v[C_DESCRIPTION].text,
	    .units_tenths = v[C_UNITS].state == VALUE_SET ? v[C_UNITS].number : -1,
	    .matter = text_or_none(&v[C_MATTER]),
	    .notes = text_or_none(&v[C_NOTES]),
	};
	app_entry_confirm(r->app, &c->verb, on_confirmed, c);
}

/* --- revert ------------------------------------------------------------------------------------------------------------- */

struct reverting {
	struct entry_revert verb;
	struct http_request *request;
};

static void
reverting_release(void *p)
{
	entry_revert_release(&((struct reverting *)p)->verb);
}

struct review_refusal
revert_refusal(int error, const struct entry_revert *v)
{
	if (error == -ESTALE)
		return REFUSAL_CHANGED;
	if (error == -EPERM && v->lock != ENTRY_FREE)
		return lock_refusal(v->lock);
	if (error == -EPERM)
		return (struct review_refusal){409, "entry_not_confirmed", "The entry is not confirmed: it is ignored or withdrawn."};
	return (struct review_refusal){0};
}

static void
on_reverted(int error, void *arg)
{
	struct reverting *v = arg;
	struct http_request *r = v->request;
	struct json j = JSON_INIT;
	char tag[ETAG_MAX];

	if (error < 0) {
		reply_refusal(r, error, revert_refusal(error, &v->verb));
	} else {
		render_entry(&j, NULL, &v->verb.entry);
		etag_entry(v->verb.entry.entry_id, v->verb.entry.revision, tag);
		request_add_header(r, "ETag", "%s", tag);
		reply_json(r, 200, &j);
	}
}

void
confirmed_revert(struct http_request *r)
{
	struct reverting *v = request_attach(r, sizeof *v, reverting_release);

	v->request = r;
	v->verb.actor = request_actor(r);
	v->verb.entry_id = r->params.v[0].number;
	v->verb.alp_user_id = request_owner(r);
	if (take_if_match(r, v->verb.entry_id, &v->verb.if_revision) == 0)
		app_entry_revert(r->app, &v->verb, on_reverted, v);
}
