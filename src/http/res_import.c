/* SPDX-License-Identifier: Apache-2.0 */
/* Days out of the prototype's database. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "app/import.h"
#include "base/alloc.h"
#include "http/bulk.h"
#include "http/resources.h"

#define TEXT_MAX    4096
#define SECONDS_MAX 1000000
#define TENTHS_MAX  100000

const char *const import_table_choices[] = {"activity_log", "time_entries", "processed_time_entries", NULL};
static const char *const status_choices[] = {"", "pending", "submitted", "ignored", NULL};

static const struct field path_fields[] = {
    {.name = "date", .type = FIELD_DAY, .required = true, .summary = "the day", .example = "\"2025-03-14\""},
};
const struct schema schema_import_path = {"ImportPath", NULL, path_fields, ELEMENTSOF(path_fields)};

enum { Q_USER, Q_DRY_RUN };

static const struct field query_fields[] = {
    [Q_USER] = {.name = "alp_user_id", .type = FIELD_INTEGER, .required = true, .min = 1, .max = ALP_USER_ID_MAX,
	.summary = "ALP's number of the user whose file it is", .example = "42"},
    [Q_DRY_RUN] = {.name = "dry_run", .type = FIELD_BOOLEAN, .summary = "say what would become of it, and write nothing"},
};
const struct schema schema_import_query = {"ImportQuery", NULL, query_fields, ELEMENTSOF(query_fields)};

enum { L_TABLE, L_ROW, L_APPLICATION, L_DESCRIPTION, L_CATEGORY, L_PRODUCTIVITY, L_SECONDS, L_UNITS, L_STATUS, L_NOTES, L_MATTER, L_HASH, L_SUBMITTED,
    L_ALP_ID, L_CREATED };

static const struct field line_fields[] = {
    [L_TABLE] = {.name = "table", .type = FIELD_CHOICE, .required = true, .choices = import_table_choices, .summary = "the prototype's",
	.example = "\"activity_log\""},
    [L_ROW] = {.name = "row", .type = FIELD_INTEGER, .required = true, .min = 0, .max = INT64_MAX, .summary = "its rowid there", .example = "17"},
    [L_APPLICATION] = {.name = "application", .type = FIELD_TEXT, .required = true, .min = 1, .max = TEXT_MAX,
	.summary = "of activity_log: the activity", .example = "\"microsoft word\""},
    [L_DESCRIPTION] = {.name = "description", .type = FIELD_TEXT, .required = true, .min = 1, .max = TEXT_MAX,
	.summary = "of activity_log: the document", .example = "\"Lease_12345.docx\""},
    [L_CATEGORY] = {.name = "category", .type = FIELD_TEXT, .nullable = true, .max = TEXT_MAX, .summary = "of activity_log"},
    [L_PRODUCTIVITY] = {.name = "productivity", .type = FIELD_INTEGER, .min = -2, .max = 2, .summary = "of activity_log"},
    [L_SECONDS] = {.name = "seconds", .type = FIELD_INTEGER, .min = 0, .max = SECONDS_MAX, .summary = "recorded; processed entries have none",
	.example = "1800"},
    [L_UNITS] = {.name = "time_units", .type = FIELD_TENTHS, .nullable = true, .min = 0, .max = TENTHS_MAX,
	.summary = "of processed entries: what was confirmed, in units of six minutes"},
    [L_STATUS] = {.name = "status", .type = FIELD_CHOICE, .choices = status_choices, .has_initial = true, .initial = ENTRY_PENDING,
	.summary = "of entries; a processed one that is `submitted`, or has submitted_to_alp_at or alp_entry_id, is never sent from here"},
    [L_NOTES] = {.name = "notes", .type = FIELD_TEXT, .nullable = true, .max = 4000, .summary = "of entries"},
    [L_MATTER] = {.name = "matter_code", .type = FIELD_TEXT, .nullable = true, .number_too = true, .max = 64, .summary = "of entries"},
    [L_HASH] = {.name = "source_hash", .type = FIELD_TEXT, .nullable = true, .min = 1, .max = 128,
	.summary = "of entries, which must have one: what a draft and its processed entry have in common"},
    [L_SUBMITTED] = {.name = "submitted_to_alp_at", .type = FIELD_INSTANT, .nullable = true, .summary = "of processed entries"},
    [L_ALP_ID] = {.name = "alp_entry_id", .type = FIELD_TEXT, .nullable = true, .number_too = true, .min = 1, .max = 64,
	.summary = "of processed entries: the one it is in ALP"},
    [L_CREATED] = {.name = "created_at", .type = FIELD_INSTANT, .nullable = true, .summary = "of processed entries: when it was confirmed"},
};
const struct schema schema_import_line = {"ImportLine", NULL, line_fields, ELEMENTSOF(line_fields)};

struct importing {
	struct import_day verb;
	struct http_request *request;
	char *text;
	size_t bytes;
	bool unread; /* `bulk` says why */
	struct bulk bulk;
};

static void
importing_release(void *p)
{
	struct importing *i = p;

	import_day_release(&i->verb);
	bulk_release(&i->bulk);
	free(i->text);
}

static char *
take(struct values *values, int field)
{
	return TAKE_PTR(values->v[field].text);
}

static void
check_entry(struct importing *i, const struct values *values, size_t index)
{
	if (values->v[L_HASH].state != VALUE_SET)
		bulk_add_error(&i->bulk, index, "source_hash", "missing", "is required of an entry");
	if (values->v[L_TABLE].number == IMPORT_PROCESSED && values->v[L_UNITS].state != VALUE_SET)
		bulk_add_error(&i->bulk, index, "time_units", "missing", "is required of a processed entry");
}

static int
take_line(struct values *values, size_t index, void *arg)
{
	struct importing *i = arg;
	const struct value *v = values->v;

	if (index >= IMPORT_LINES_MAX) {
		bulk_add_error(&i->bulk, index, NULL, "too_long", "is one more than a day may have: 20000");
		return -EINVAL;
	}
	if (v[L_TABLE].number != IMPORT_ACTIVITY)
		check_entry(i, values, index);
	/* Twice as much as before, whenever a power of two is full. */
	if ((i->verb.count & (i->verb.count - 1)) == 0)
		i->verb.lines = xreallocarray(i->verb.lines, MAX_OF(i->verb.count * 2, (size_t)1), sizeof *i->verb.lines);
	i->verb.lines[i->verb.count++] = (struct import_line){
	    .table = (enum import_table)v[L_TABLE].number, .row = v[L_ROW].number, .seconds = v[L_SECONDS].number,
	    .productivity = (int32_t)v[L_PRODUCTIVITY].number, .units_tenths = v[L_UNITS].state == VALUE_SET ? v[L_UNITS].number : -1,
	    .status = (enum entry_status)v[L_STATUS].number, .submitted_ms = v[L_SUBMITTED].number, .created_ms = v[L_CREATED].number,
	    .application = take(values, L_APPLICATION), .description = take(values, L_DESCRIPTION), .category = take(values, L_CATEGORY),
	    .notes = take(values, L_NOTES), .matter = take(values, L_MATTER), .source_hash = take(values, L_HASH), .alp_entry_id = take(values, L_ALP_ID),
	};
	return 0;
}

/* On a store thread. */
static int
read_lines(void *arg)
{
	struct importing *i = arg;
	int r = bulk_read(&i->bulk, &schema_import_line, (struct str){i->text, i->bytes}, take_line, i);

	i->unread = r < 0;
	return r;
}

static void
render_lines(struct json *j, const struct import_day *v)
{
	json_open(j, "lines", '[');
	for (size_t n = 0; n < v->count; n++) {
		if (v->lines[n].reason == NULL)
			continue;
		json_open(j, NULL, '{');
		json_text(j, "table", import_table_name(v->lines[n].table));
		json_int(j, "row", v->lines[n].row);
		json_text(j, "outcome", import_outcome_name(v->lines[n].outcome));
		json_text(j, "reason", v->lines[n].reason);
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void
on_imported(int error, void *arg)
{
	struct importing *i = arg;
	const struct import_day *v = &i->verb;
	struct json j = JSON_INIT;

	if (i->unread) {
		bulk_reply(&i->bulk, i->request);
		return;
	}
	if (error < 0 && error != -IMPORT_DRY_RUN) {
		reply_failed(i->request, error, &v->fault);
		return;
	}
	json_open(&j, NULL, '{');
	json_int(&j, "alp_user_id", v->alp_user_id);
	json_day(&j, "date", v->day);
	json_boolean(&j, "dry_run", v->dry_run);
	for (enum import_outcome o = IMPORT_TAKEN; o < IMPORT_OUTCOMES; o++)
		json_int(&j, import_outcome_name(o), v->counts[o]);
	render_lines(&j, v);
	json_close(&j, '}');
	reply_json(i->request, 200, &j);
}

void
import_put_day(struct http_request *r)
{
	struct importing *i = request_attach(r, sizeof *i, importing_release);

	i->request = r;
	i->verb.actor = request_actor(r);
	i->verb.day = (day_t)r->params.v[0].number;
	i->verb.alp_user_id = r->query.v[Q_USER].number;
	i->verb.dry_run = r->query.v[Q_DRY_RUN].number != 0;
	i->verb.read = read_lines;
	i->text = TAKE_PTR(r->bulk);
	i->bytes = r->bulk_bytes;
	app_import_day(r->app, &i->verb, on_imported, i);
}
