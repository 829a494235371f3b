/* SPDX-License-Identifier: Apache-2.0 */
/* Several entries into one. */
#include <errno.h>
#include <stdio.h>

#include "app/review.h"
#include "http/etag.h"
#include "http/resources.h"

#define TEXT_MAX 2000

enum { M_INTO, M_ENTRIES, M_DESCRIPTION, M_MATTER, M_NOTES };

static const struct field merge_fields[] = {
    [M_INTO] = {.name = "into", .type = FIELD_INTEGER, .required = true, .min = 1, .max = ALP_USER_ID_MAX, .summary = "the draft that gets their time",
	.example = "1001"},
    [M_ENTRIES] = {.name = "entries", .type = FIELD_INTEGERS, .required = true, .items_max = MERGE_ENTRIES_MAX, .min = 1, .max = ALP_USER_ID_MAX,
	.summary = "the others, of the same user and day", .example = "[1002, 1003]"},
    [M_DESCRIPTION] = {.name = "task_description", .type = FIELD_TEXT, .min = 1, .max = TEXT_MAX, .summary = "of all; left out: as `into` shows it"},
    [M_MATTER] = {.name = "matter_code", .type = FIELD_TEXT, .max = 64, .summary = "empty: there is none; left out: as `into` shows it"},
    [M_NOTES] = {.name = "notes", .type = FIELD_TEXT, .max = 4000, .summary = "empty: none; left out: those of `into`"},
};
const struct schema schema_merge = {"MergeRequest", "Drafts to be one.", merge_fields, ELEMENTSOF(merge_fields)};

struct merging {
	struct entries_merge verb;
	struct http_request *request;
};

static void
merging_release(void *p)
{
	entries_merge_release(&((struct merging *)p)->verb);
}

static void
render_merged(const void *verb, struct once_answer *ret)
{
	const struct entries_merge *v = verb;
	struct json j = JSON_INIT;
	char tag[ETAG_MAX];

	render_entry(&j, NULL, &v->entry);
	etag_entry(v->entry.entry_id, v->entry.revision, tag);
	once_answer_header(ret, "ETag", "%s", tag);
	once_answer_set(ret, 200, &j);
}

static void
reply_merge_refused(struct http_request *r, const struct entries_merge *v)
{
	static const struct {
		const char *code, *text;
	} refusals[] = {
	    [MERGE_INTO_PART] = {"entry_is_part", "is a part of another entry; merge into that"},
	    [MERGE_NOT_PENDING] = {"entry_not_pending", "is not pending"},
	    [MERGE_OTHER_DAY] = {"entry_other_day", "is of another day or user"},
	    [MERGE_IS_PART] = {"entry_is_part", "is a part of an entry that it may be merged back into"},
	    [MERGE_CONFIRMED] = {"entry_part_submitted", "has a part that is submitted; revert that first"},
	};
	char detail[160];

	snprintf(detail, sizeof detail, "Entry %lld %s.", (long long)v->which, refusals[v->refusal].text);
	reply_problem(r, 409, refusals[v->refusal].code, detail);
}

static void
on_merged(int error, void *arg)
{
	struct merging *m = arg;

	if (error == -ESTALE)
		reply_refusal(m->request, error, REFUSAL_CHANGED);
	else if (error == -EPERM)
		reply_merge_refused(m->request, &m->verb);
	else if (error < 0)
		reply_failed(m->request, error, NULL);
	else
		reply_once(m->request, render_merged, &m->verb);
}

void
entries_check_merge(struct http_request *r)
{
	const struct value *entries = &r->body.v[M_ENTRIES];

	for (size_t i = 0; i < entries->number_count; i++)
		if (entries->state == VALUE_SET && entries->numbers[i] == r->body.v[M_INTO].number)
			request_add_error(r, "body", "entries", "conflict", "must not have `into` among them");
}

void
entries_merge(struct http_request *r)
{
	struct merging *m = request_attach(r, sizeof *m, merging_release);
	const char *if_match = request_header(r, "If-Match");
	const struct value *v = r->body.v;

	m->request = r;
	m->verb = (struct entries_merge){
	    .once = request_once(r, render_merged),
	    .actor = request_actor(r),
	    .into = v[M_INTO].number,
	    .alp_user_id = request_owner(r),
	    .entry_ids = v[M_ENTRIES].numbers,
	    .count = v[M_ENTRIES].number_count,
	    .description = v[M_DESCRIPTION].text,
	    .matter = v[M_MATTER].text,
	    .notes = v[M_NOTES].text,
	};
	if (if_match != NULL && etag_if_match(str_of(if_match), m->verb.into, &m->verb.if_revision) < 0)
		reply_refusal(r, -ESTALE, REFUSAL_CHANGED);
	else
		app_entries_merge(r->app, &m->verb, on_merged, m);
}
