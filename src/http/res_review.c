/* SPDX-License-Identifier: Apache-2.0 */
/* Review actions on many entries at once. */
#include <errno.h>
#include <stdlib.h>

#include "app/review.h"
#include "base/alloc.h"
#include "http/bulk.h"
#include "http/etag.h"
#include "http/resources.h"

#define UNITS_MAX_TENTHS 2400 /* a whole day */
#define TEXT_MAX         4096

enum { I_ENTRY, I_ACTION, I_MATCH, I_DATE, I_HASH, I_APPLICATION, I_DESCRIPTION, I_UNITS, I_MATTER, I_NOTES };

/* By enum review_action. */
const char *const review_choices[] = {"", "edit", "ignore", "restore", "confirm", "revert", NULL};

static const struct field item_fields[] = {
    [I_ENTRY] = {.name = "entry_id", .type = FIELD_INTEGER, .required = true, .min = 1, .max = ALP_USER_ID_MAX, .summary = "the entry",
	.example = "1001"},
    [I_ACTION] = {.name = "action", .type = FIELD_CHOICE, .required = true, .choices = review_choices, .summary = "what to do with it",
	.example = "\"ignore\""},
    [I_MATCH] = {.name = "if_match", .type = FIELD_TEXT, .min = 1, .max = 200, .summary = "only in this state of it, as If-Match"},
    [I_DATE] = {.name = "entry_date", .type = FIELD_DAY, .nullable = true, .summary = "with confirm: the draft's; another is refused"},
    [I_HASH] = {.name = "source_hash", .type = FIELD_TEXT, .nullable = true, .max = SOURCE_HASH_TEXT_MAX,
	.summary = "with confirm: the draft's; another is refused"},
    [I_APPLICATION] = {.name = "application", .type = FIELD_TEXT, .nullable = true, .min = 1, .max = TEXT_MAX, .summary = "with edit and confirm, as those say"},
    [I_DESCRIPTION] = {.name = "task_description", .type = FIELD_TEXT, .nullable = true, .min = 1, .max = TEXT_MAX,
	.summary = "with edit and confirm, as those say"},
    [I_UNITS] = {.name = "time_units", .type = FIELD_TENTHS, .nullable = true, .max = UNITS_MAX_TENTHS, .summary = "with edit and confirm, as those say"},
    [I_MATTER] = {.name = "matter_code", .type = FIELD_TEXT, .nullable = true, .max = 64, .summary = "with edit and confirm, as those say"},
    [I_NOTES] = {.name = "notes", .type = FIELD_TEXT, .nullable = true, .max = 4000, .summary = "with edit and confirm, as those say"},
};
const struct schema schema_review_item = {"ReviewItem", NULL, item_fields, ELEMENTSOF(item_fields)};

/* --- reading ------------------------------------------------------------------------------------------------------------- */

struct reviewing {
	struct entries_review verb;
	struct http_request *request;
	struct actor actor;
	int64_t owner;
	struct review_item items[REVIEW_ITEMS_MAX];
	struct values values[REVIEW_ITEMS_MAX]; /* what the items point into */
	struct bulk bulk;
};

static void
reviewing_release(void *p)
{
	struct reviewing *v = p;

	for (size_t i = 0; i < v->verb.count; i++) {
		review_item_release(&v->items[i]);
		values_release(&v->values[i]);
	}
	bulk_release(&v->bulk);
}

static bool
takes(enum review_action action, size_t field)
{
	if (field <= I_MATCH || action == REVIEW_CONFIRM)
		return true;
	return action == REVIEW_EDIT && field >= I_APPLICATION;
}

static void
check_fields(struct reviewing *v, const struct values *values, size_t index)
{
	for (size_t i = 0; i < ELEMENTSOF(item_fields); i++)
		if (values->v[i].state != VALUE_ABSENT && !takes((enum review_action)values->v[I_ACTION].number, i))
			bulk_add_error(&v->bulk, index, item_fields[i].name, "not_taken", "says nothing to this action");
}

static void
fill_edit(struct entry_edit *edit, const struct value *v)
{
	edit->application = edit_of(&v[I_APPLICATION]);
	edit->application_value = v[I_APPLICATION].text;
	edit->description = edit_of(&v[I_DESCRIPTION]);
	edit->description_value = v[I_DESCRIPTION].text;
	edit->units = edit_of(&v[I_UNITS]);
	edit->units_tenths_value = v[I_UNITS].number;
	edit->matter = edit_of(&v[I_MATTER]);
	edit->matter_value = v[I_MATTER].text;
	edit->notes = edit_of(&v[I_NOTES]);
	edit->notes_value = v[I_NOTES].text;
}

static const char *
text_or_none(const struct value *v)
{
	return v->state == VALUE_NULL ? "" : v->text;
}

static void
fill_confirm(struct entry_confirm *confirm, const struct value *v)
{
	confirm->day = v[I_DATE].state == VALUE_SET ? (day_t)v[I_DATE].number : -1;
	confirm->source_hash = v[I_HASH].text;
	confirm->application = v[I_APPLICATION].text;
	confirm->description = v[I_DESCRIPTION].text;
	confirm->units_tenths = v[I_UNITS].state == VALUE_SET ? v[I_UNITS].number : -1;
	confirm->matter = text_or_none(&v[I_MATTER]);
	confirm->notes = text_or_none(&v[I_NOTES]);
}

static void
fill_item(const struct reviewing *v, struct review_item *item, const struct value *values)
{
	static const enum entry_status statuses[] = {[REVIEW_IGNORE] = ENTRY_IGNORED, [REVIEW_RESTORE] = ENTRY_PENDING, [REVIEW_REVERT] = 0};
	int64_t entry_id = values[I_ENTRY].number, revision = 0;

	item->action = (enum review_action)values[I_ACTION].number;
	if (values[I_MATCH].state == VALUE_SET)
		item->r = etag_if_match(str_of(values[I_MATCH].text), entry_id, &revision);
	item->edit = (struct entry_edit){.actor = v->actor, .entry_id = entry_id, .alp_user_id = v->owner, .if_revision = revision};
	item->confirm = (struct entry_confirm){.actor = v->actor, .entry_id = entry_id, .alp_user_id = v->owner, .if_revision = revision};
	item->revert = (struct entry_revert){.actor = v->actor, .entry_id = entry_id, .alp_user_id = v->owner, .if_revision = revision};
	if (item->action == REVIEW_EDIT)
		fill_edit(&item->edit, values);
	else if (item->action == REVIEW_CONFIRM)
		fill_confirm(&item->confirm, values);
	else
		item->edit.status = statuses[item->action];
}

static int
take_item(struct values *values, size_t index, void *arg)
{
	struct reviewing *v = arg;

	if (index >= REVIEW_ITEMS_MAX) {
		bulk_add_error(&v->bulk, index, NULL, "too_long", "is one more than may be sent at once: 200");
		return -EINVAL;
	}
	check_fields(v, values, index);
	v->values[index] = *values;
	*values = (struct values){0};
	fill_item(v, &v->items[index], v->values[index].v);
	v->verb.count = index + 1;
	return 0;
}

/* --- answering ----------------------------------------------------------------------------------------------------------- */

static const struct entry_row *
entry_of(const struct review_item *item)
{
	return item->action == REVIEW_CONFIRM ? &item->confirm.entry : item->action == REVIEW_REVERT ? &item->revert.entry : &item->edit.entry;
}

static struct review_refusal
refusal_of(const struct review_item *item)
{
	if (item->r == -ENOENT)
		return (struct review_refusal){404, "not_found", "There is no such thing, or it is not yours."};
	if (item->action == REVIEW_CONFIRM)
		return confirm_refusal(item->r, &item->confirm);
	return item->action == REVIEW_REVERT ? revert_refusal(item->r, &item->revert) : edit_refusal(item->r, &item->edit);
}

static void
render_done(struct json *j, const struct review_item *item)
{
	const struct entry_row *entry = entry_of(item);
	char tag[ETAG_MAX];

	etag_entry(entry->entry_id, entry->revision, tag);
	json_int(j, "status", item->action == REVIEW_CONFIRM && item->confirm.created ? 201 : 200);
	json_null(j, "code");
	json_null(j, "detail");
	json_text(j, "etag", tag);
	render_entry(j, "entry", entry);
}

static void
render_refused(struct json *j, const struct review_item *item)
{
	struct review_refusal refusal = refusal_of(item);

	json_int(j, "status", refusal.status);
	json_text(j, "code", refusal.code);
	json_text(j, "detail", refusal.detail);
	json_null(j, "etag");
	json_null(j, "entry");
}

static void
render_results(const void *verb, struct once_answer *ret)
{
	const struct entries_review *v = verb;
	struct json j = JSON_INIT;

	json_open(&j, NULL, '[');
	for (size_t i = 0; i < v->count; i++) {
		const struct review_item *item = &v->items[i];

		json_open(&j, NULL, '{');
		json_int(&j, "entry_id", item->edit.entry_id);
		json_text(&j, "action", review_choices[item->action]);
		if (item->r == 0)
			render_done(&j, item);
		else
			render_refused(&j, item);
		json_close(&j, '}');
	}
	json_close(&j, ']');
	once_answer_set(ret, 200, &j);
}

static void
on_reviewed(int error, void *arg)
{
	struct reviewing *v = arg;

	if (error == -E2BIG)
		reply_problem(v->request, 413, "too_many_items", "The answer would be more than can be kept under an Idempotency-Key; send fewer at once.");
	else if (error < 0)
		reply_failed(v->request, error, NULL);
	else
		reply_once(v->request, render_results, &v->verb);
}

void
entries_bulk(struct http_request *r)
{
	struct reviewing *v = request_attach(r, sizeof *v, reviewing_release);

	v->request = r;
	v->actor = request_actor(r);
	v->owner = request_owner(r);
	v->verb.items = v->items;
	if (bulk_read(&v->bulk, &schema_review_item, (struct str){r->bulk, r->bulk_bytes}, take_item, v) < 0) {
		bulk_reply(&v->bulk, r);
		return;
	}
	v->verb.once = request_once(r, render_results);
	app_entries_review(r->app, &v->verb, on_reviewed, v);
}
