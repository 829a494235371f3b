/* SPDX-License-Identifier: Apache-2.0 */
/* entries, entry, explain: what was recorded and what became of it. */
#include <inttypes.h>
#include <json-c/json.h>
#include <string.h>

#include "base/day.h"
#include "ctl/ctl.h"
#include "ctl/table.h"
#include "ctl/text.h"
#include "ctl/url.h"
#include "ctl/when.h"

/* --- list --------------------------------------------------------------------------------------------------------------------- */

static const struct column entry_columns[] = {
    {.title = "ENTRY", .right = true}, {.title = "DATE"}, {.title = "APPLICATION"}, {.title = "DESCRIPTION", .flexible = true},
    {.title = "TIME", .right = true}, {.title = "UNITS", .right = true}, {.title = "MATTER"}, {.title = "STATUS"},
};

double
units_of(struct json_object *entry)
{
	struct json_object *units = json_member(entry, "time_units");

	return units != NULL ? json_object_get_double(units) : 0;
}

static void
add_entry(struct table *t, struct json_object *entry)
{
	char hms[WHEN_TEXT_MAX];

	when_hms(json_number_of(entry, "total_seconds"), hms);
	table_addf(t, "%" PRId64, json_number_of(entry, "entry_id"));
	table_add(t, json_text_of(entry, "entry_date"), COLOUR_NONE);
	table_add(t, json_text_of(entry, "application"), COLOUR_NONE);
	table_add(t, json_text_of(entry, "task_description"), COLOUR_NONE);
	table_add(t, hms, COLOUR_NONE);
	table_addf(t, "%.1f", units_of(entry));
	table_add(t, json_text_of(entry, "matter_code"), COLOUR_NONE);
	table_add(t, json_text_of(entry, "status"), COLOUR_NONE);
}

void
path_add_option(struct buf *path, const struct args *a, enum option_id id)
{
	if (args_has(a, id))
		url_add(path, option_rows[id].name, a->text[id]);
}

int
cmd_entries(struct ctl *ctl)
{
	_cleanup_(table_freep) struct table *t = table_new(&ctl->out, entry_columns, ELEMENTSOF(entry_columns));
	_cleanup_(buf_release) struct buf path = BUF_INIT(4096);

	buf_addz(&path, "/api/time_entries");
	url_add_number(&path, "alp_user_id", ctl->args.number[OPT_USER]);
	path_add_option(&path, &ctl->args, OPT_DATE);
	path_add_option(&path, &ctl->args, OPT_FROM);
	path_add_option(&path, &ctl->args, OPT_TO);
	if (args_has(&ctl->args, OPT_STATUS))
		url_add(&path, "status", ctl->args.text[OPT_STATUS]);
	return ctl_list(ctl, path.p, t, add_entry);
}

/* --- one ---------------------------------------------------------------------------------------------------------------------- */

static void
join_words(struct json_object *array, struct buf *b)
{
	size_t count = json_object_is_type(array, json_type_array) ? json_object_array_length(array) : 0;

	for (size_t i = 0; i < count; i++)
		buf_addf(b, "%s%s", i > 0 ? ", " : "", json_object_get_string(json_object_array_get_idx(array, i)));
}

static void
print_words(struct ctl *ctl, const char *name, struct json_object *array)
{
	_cleanup_(buf_release) struct buf words = BUF_INIT(1024);

	join_words(array, &words);
	print_field(ctl, name, words.p);
}

static void
print_amounts(struct ctl *ctl, struct json_object *entry)
{
	char text[WHEN_TEXT_MAX];

	when_hms(json_number_of(entry, "total_seconds"), text);
	print_field(ctl, "time", text);
	snprintf(text, sizeof text, "%.1f", units_of(entry));
	print_field(ctl, "units", text);
}

static void
print_entry(struct ctl *ctl, struct json_object *entry)
{
	print_field(ctl, "entry", json_object_get_string(json_member(entry, "entry_id")));
	print_field(ctl, "user", json_object_get_string(json_member(entry, "alp_user_id")));
	print_field(ctl, "date", json_text_of(entry, "entry_date"));
	print_field(ctl, "application", json_text_of(entry, "application"));
	print_field(ctl, "description", json_text_of(entry, "task_description"));
	print_amounts(ctl, entry);
	print_field(ctl, "matter", json_text_of(entry, "matter_code"));
	print_field(ctl, "status", json_text_of(entry, "status"));
	print_field(ctl, "notes", json_text_of(entry, "notes"));
	print_words(ctl, "edited by hand", json_member(entry, "edited_fields"));
	print_words(ctl, "warnings", json_member(entry, "warnings"));
	print_instant(ctl, "created", entry, "created_at");
	print_instant(ctl, "updated", entry, "updated_at");
}

int
cmd_entry(struct ctl *ctl)
{
	_cleanup_(answer_release) struct answer a = {0};
	char path[96];
	int r;

	snprintf(path, sizeof path, "/api/time_entries/%s", ctl->args.operand);
	r = ctl_get(ctl, path, &a);
	return r == EXIT_STATUS_OK ? ctl_show(ctl, &a, print_entry) : r;
}

static void
print_confirmed(struct ctl *ctl, struct json_object *confirmed)
{
	print_field(ctl, "confirmed", json_object_get_string(json_member(confirmed, "id")));
	print_field(ctl, "user", json_object_get_string(json_member(confirmed, "alp_user_id")));
	print_field(ctl, "date", json_text_of(confirmed, "entry_date"));
	print_field(ctl, "description", json_text_of(confirmed, "task_description"));
	print_amounts(ctl, confirmed);
	print_field(ctl, "matter", json_text_of(confirmed, "matter_code"));
}

int
cmd_entry_confirm(struct ctl *ctl)
{
	_cleanup_(answer_release) struct answer a = {0};
	char body[64];
	int len = snprintf(body, sizeof body, "{\"original_entry_id\": %s}", ctl->args.operand);
	int r = ctl_ask(ctl, &(struct request){.method = "POST", .path = "/api/processed_time_entries", .body = {body, (size_t)len}}, &a);

	return r == EXIT_STATUS_OK ? ctl_show(ctl, &a, print_confirmed) : r;
}

int
cmd_entry_revert(struct ctl *ctl)
{
	_cleanup_(answer_release) struct answer a = {0};
	char path[96];
	int r;

	snprintf(path, sizeof path, "/api/processed_time_entries/%s/revert", ctl->args.operand);
	r = ctl_ask(ctl, &(struct request){.method = "PUT", .path = path}, &a);
	return r == EXIT_STATUS_OK ? ctl_show(ctl, &a, print_entry) : r;
}

/* --- how it came about -------------------------------------------------------------------------------------------------------- */

/* A line without an indent is a heading. */
static void
print_line(struct ctl *ctl, const char *line)
{
	_cleanup_(buf_release) struct buf safe = BUF_INIT(256 * 1024);
	enum colour colour = line[0] == ' ' ? COLOUR_NONE : COLOUR_BOLD;

	text_add_safe(&safe, str_of(line));
	fprintf(ctl->out.out, "%s%s%s\n", screen_begin(&ctl->out, colour), safe.len > 0 ? safe.p : "", screen_end(&ctl->out, colour));
}

static void
print_explanation(struct ctl *ctl, struct json_object *explanation)
{
	struct json_object *text = json_member(explanation, "text");
	size_t count = json_object_is_type(text, json_type_array) ? json_object_array_length(text) : 0;

	for (size_t i = 0; i < count; i++) {
		const char *line = json_object_get_string(json_object_array_get_idx(text, i));

		print_line(ctl, line != NULL ? line : "");
	}
}

int
cmd_explain(struct ctl *ctl)
{
	_cleanup_(answer_release) struct answer a = {0};
	char path[96];
	int r;

	snprintf(path, sizeof path, "/api/time_entries/%s/explain", ctl->args.operand);
	r = ctl_get(ctl, path, &a);
	return r == EXIT_STATUS_OK ? ctl_show(ctl, &a, print_explanation) : r;
}
