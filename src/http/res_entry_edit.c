/* SPDX-License-Identifier: Apache-2.0 */
/* Time entries: what a person changes. */
#include <errno.h>

#include "http/etag.h"
#include "http/resources.h"

#define UNITS_MAX_TENTHS 2400 /* a whole day */

static const char *const editable_statuses[] = {"", "pending", "", "ignored", NULL}; /* by enum entry_status */

enum { E_APPLICATION, E_DESCRIPTION, E_UNITS, E_MATTER, E_NOTES, E_STATUS };

static const struct field edit_fields[] = {
    [E_APPLICATION] = {.name = "application", .type = FIELD_TEXT, .nullable = true, .min = 1, .max = 2000,
	.summary = "where it was done; null: the machine's"},
    [E_DESCRIPTION] = {.name = "task_description", .type = FIELD_TEXT, .nullable = true, .min = 1, .max = 2000,
	.summary = "what was done; null: the machine's", .example = "\"Advising on the lease\""},
    [E_UNITS] = {.name = "time_units", .type = FIELD_TENTHS, .nullable = true, .max = UNITS_MAX_TENTHS,
	.summary = "six-minute units, one decimal; null: the machine's", .example = "2.5"},
    [E_MATTER] = {.name = "matter_code", .type = FIELD_TEXT, .nullable = true, .max = 64,
	.summary = "the matter; empty: there is none; null: the machine's", .example = "\"12345\""},
    [E_NOTES] = {.name = "notes", .type = FIELD_TEXT, .nullable = true, .max = 4000, .summary = "null: none"},
    [E_STATUS] = {.name = "status", .type = FIELD_CHOICE, .choices = editable_statuses, .summary = "set aside or take back"},
};
const struct schema schema_entry_edit = {"TimeEntryEdit", "The names are GET's; what is left out stays.",
    edit_fields, ELEMENTSOF(edit_fields)};

struct editing {
	struct entry_edit verb;
	struct http_request *request;
};

static void
editing_release(void *p)
{
	entry_edit_release(&((struct editing *)p)->verb);
}

struct review_refusal
edit_refusal(int error, const struct entry_edit *v)
{
	if (error == -ESTALE)
		return REFUSAL_CHANGED;
	if (error == -EPERM && v->entry.merged_into != 0)
		return (struct review_refusal){409, "entry_merged",
		    "The entry is merged into another. Restoring takes it out, unless a part of both is submitted or what was recorded is not kept any more."};
	if (error == -EPERM && v->entry.status == ENTRY_WITHDRAWN)
		return REFUSAL_WITHDRAWN;
	if (error == -EPERM)
		return (struct review_refusal){409, "entry_submitted", "The entry is submitted; revert that first."};
	return (struct review_refusal){0};
}

struct review_refusal
pending_refusal(int error, enum entry_status status)
{
	static const struct review_refusal refusals[] = {
	    [ENTRY_SUBMITTED] = {409, "entry_submitted", "The entry is submitted; revert that first."},
	    [ENTRY_IGNORED] = {409, "entry_ignored", "The entry is ignored; restore it first."},
	    [ENTRY_WITHDRAWN] = {409, "entry_withdrawn", "The entry is withdrawn: its activity went away."},
	};

	if (error == -ESTALE)
		return REFUSAL_CHANGED;
	return error == -EPERM ? refusals[status] : (struct review_refusal){0};
}

void
reply_refusal(struct http_request *r, int error, struct review_refusal refusal)
{
	if (refusal.status != 0)
		reply_problem(r, refusal.status, refusal.code, refusal.detail);
	else
		reply_failed(r, error, NULL);
}

static void
on_edited(int error, void *arg)
{
	struct editing *e = arg;
	struct http_request *r = e->request;
	struct json j = JSON_INIT;
	char tag[ETAG_MAX];

	if (error < 0) {
		reply_refusal(r, error, edit_refusal(error, &e->verb));
	} else {
		render_entry(&j, NULL, &e->verb.entry);
		etag_entry(e->verb.entry.entry_id, e->verb.entry.revision, tag);
		request_add_header(r, "ETag", "%s", tag);
		reply_json(r, 200, &j);
	}
}

enum edit
edit_of(const struct value *v)
{
	switch (v->state) {
	case VALUE_SET:
		return EDIT_SET;
	case VALUE_NULL:
		return EDIT_RESET;
	case VALUE_ABSENT:
	default:
		return EDIT_KEEP;
	}
}

/* NULL: answered, because the tags named are of no such entry. */
static struct editing *
begin_edit(struct http_request *r)
{
	struct editing *e = request_attach(r, sizeof *e, editing_release);
	const char *if_match = request_header(r, "If-Match");

	e->request = r;
	e->verb.actor = request_actor(r);
	e->verb.entry_id = r->params.v[0].number;
	e->verb.alp_user_id = request_owner(r);
	if (if_match == NULL || etag_if_match(str_of(if_match), e->verb.entry_id, &e->verb.if_revision) == 0)
		return e;
	reply_problem(r, 412, "entry_changed", "If-Match names no state of this entry.");
	return NULL;
}

void
entries_edit(struct http_request *r)
{
	const struct value *v = r->body.v;
	struct editing *e = begin_edit(r);

	/* Answered already, and the request is gone. */
	if (e == NULL)
		return;
	e->verb.application = edit_of(&v[E_APPLICATION]);
	e->verb.application_value = v[E_APPLICATION].text;
	e->verb.description = edit_of(&v[E_DESCRIPTION]);
	e->verb.description_value = v[E_DESCRIPTION].text;
	e->verb.units = edit_of(&v[E_UNITS]);
	e->verb.units_tenths_value = v[E_UNITS].number;
	e->verb.matter = edit_of(&v[E_MATTER]);
	e->verb.matter_value = v[E_MATTER].text;
	e->verb.notes = edit_of(&v[E_NOTES]);
	e->verb.notes_value = v[E_NOTES].text;
	e->verb.status = (enum entry_status)v[E_STATUS].number;
	app_entry_edit(r->app, &e->verb, on_edited, e);
}

static void
set_status(struct http_request *r, enum entry_status status)
{
	struct editing *e = begin_edit(r);

	if (e == NULL)
		return;
	e->verb.status = status;
	app_entry_edit(r->app, &e->verb, on_edited, e);
}

void
entries_ignore(struct http_request *r)
{
	set_status(r, ENTRY_IGNORED);
}

void
entries_restore(struct http_request *r)
{
	set_status(r, ENTRY_PENDING);
}
