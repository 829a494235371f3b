/* SPDX-License-Identifier: Apache-2.0 */
/* One entry into several. */
#include <errno.h>

#include "app/review.h"
#include "http/bulk.h"
#include "http/etag.h"
#include "http/resources.h"

#define TEXT_MAX    2000
#define SECONDS_MAX 86400
#define SHARE_MAX   1000000

enum { P_SECONDS, P_SHARE, P_APPLICATION, P_DESCRIPTION, P_MATTER, P_NOTES };

static const struct field part_fields[] = {
    [P_SECONDS] = {.name = "seconds", .type = FIELD_INTEGER, .min = 1, .max = SECONDS_MAX, .summary = "by time: together all there is",
	.example = "1800"},
    [P_SHARE] = {.name = "share", .type = FIELD_INTEGER, .min = 1, .max = SHARE_MAX, .summary = "or by share, in proportion to the others"},
    [P_APPLICATION] = {.name = "application", .type = FIELD_TEXT, .min = 1, .max = TEXT_MAX, .summary = "left out: as the entry shows it"},
    [P_DESCRIPTION] = {.name = "task_description", .type = FIELD_TEXT, .min = 1, .max = TEXT_MAX, .summary = "left out: as the entry shows it",
	.example = "\"Advising on the lease\""},
    [P_MATTER] = {.name = "matter_code", .type = FIELD_TEXT, .max = 64, .summary = "empty: there is none; left out: the entry's"},
    [P_NOTES] = {.name = "notes", .type = FIELD_TEXT, .min = 1, .max = 4000, .summary = "left out: the entry keeps its own, the others have none"},
};
const struct schema schema_split_part = {"SplitPart", NULL, part_fields, ELEMENTSOF(part_fields)};

struct splitting {
	struct entry_split verb;
	struct http_request *request;
	struct split_part parts[SPLIT_PARTS_MAX];
	struct values values[SPLIT_PARTS_MAX]; /* what the parts point into */
	struct bulk bulk;
};

static void
splitting_release(void *p)
{
	struct splitting *s = p;

	entry_split_release(&s->verb);
	for (size_t i = 0; i < SPLIT_PARTS_MAX; i++)
		values_release(&s->values[i]);
	bulk_release(&s->bulk);
}

static void
check_measure(struct splitting *s, const struct value *v, size_t index)
{
	bool timed = v[P_SECONDS].state == VALUE_SET, shared = v[P_SHARE].state == VALUE_SET;

	if (!timed && !shared)
		bulk_add_error(&s->bulk, index, "seconds", "missing", "is required, or `share`");
	else if (timed && shared)
		bulk_add_error(&s->bulk, index, "share", "conflict", "does not go with `seconds`");
	else if (index > 0 && s->verb.count > 0 && shared != (s->parts[0].share > 0))
		bulk_add_error(&s->bulk, index, shared ? "share" : "seconds", "conflict", "must be what the first part has: all by time, or all by share");
}

static int
take_part(struct values *values, size_t index, void *arg)
{
	struct splitting *s = arg;
	const struct value *v = values->v;

	if (index >= SPLIT_PARTS_MAX) {
		bulk_add_error(&s->bulk, index, NULL, "too_long", "is one more than there may be: 20");
		return -EINVAL;
	}
	check_measure(s, v, index);
	s->parts[index] = (struct split_part){
	    .seconds = v[P_SECONDS].number, .share = v[P_SHARE].number, .application = v[P_APPLICATION].text, .description = v[P_DESCRIPTION].text,
	    .matter = v[P_MATTER].text, .notes = v[P_NOTES].text,
	};
	s->values[index] = *values;
	*values = (struct values){0};
	s->verb.count = index + 1;
	return 0;
}

void
render_entries(struct json *j, const struct entry_list *list)
{
	json_open(j, NULL, '[');
	for (size_t i = 0; i < list->count; i++)
		render_entry(j, NULL, &list->rows[i]);
	json_close(j, ']');
}

static void
render_split(const void *verb, struct once_answer *ret)
{
	const struct entry_split *v = verb;
	struct json j = JSON_INIT;

	render_entries(&j, &v->entries);
	once_answer_set(ret, 200, &j);
}

static void
on_split(int error, void *arg)
{
	struct splitting *s = arg;
	struct http_request *r = s->request;

	if (error == -EINVAL) {
		request_add_error(r, "body", NULL, s->verb.fault.type, "%s: %lld", s->verb.fault.message, (long long)s->verb.total_seconds);
		reply_invalid(r);
	} else if (error < 0) {
		reply_refusal(r, error, pending_refusal(error, s->verb.status));
	} else {
		reply_once(r, render_split, &s->verb);
	}
}

void
entries_split(struct http_request *r)
{
	struct splitting *s = request_attach(r, sizeof *s, splitting_release);
	const char *if_match = request_header(r, "If-Match");
	int e;

	s->request = r;
	s->verb.actor = request_actor(r);
	s->verb.entry_id = r->params.v[0].number;
	s->verb.alp_user_id = request_owner(r);
	s->verb.parts = s->parts;
	if (if_match != NULL && etag_if_match(str_of(if_match), s->verb.entry_id, &s->verb.if_revision) < 0) {
		reply_refusal(r, -ESTALE, REFUSAL_CHANGED);
		return;
	}
	e = bulk_read(&s->bulk, &schema_split_part, (struct str){r->bulk, r->bulk_bytes}, take_part, s);
	if (e == 0 && s->verb.count < 2) {
		request_add_error(r, "body", NULL, "too_short", "must have two parts at least");
		reply_invalid(r);
	} else if (e < 0) {
		bulk_reply(&s->bulk, r);
	} else {
		s->verb.once = request_once(r, render_split);
		app_entry_split(r->app, &s->verb, on_split, s);
	}
}
