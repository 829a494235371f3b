/* SPDX-License-Identifier: Apache-2.0 */
/* entries, entry, report: what was recorded and what became of it. */
#include <inttypes.h>
#include <json-c/json.h>
#include <string.h>

#include "base/day.h"
#include "ctl/ctl.h"
#include "ctl/table.h"
#include "ctl/url.h"
#include "ctl/when.h"

/* --- list --------------------------------------------------------------------------------------------------------------------- */

static const struct column entry_columns[] = {
    {.title = "ENTRY", .right = true}, {.title = "DATE"}, {.title = "APPLICATION"}, {.title = "DESCRIPTION", .flexible = true},
    {.title = "TIME", .right = true}, {.title = "UNITS", .right = true}, {.title = "MATTER"}, {.title = "STATUS"},
};

static double
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

static void
add_day(struct buf *path, const struct args *a, enum option_id id)
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
	add_day(&path, &ctl->args, OPT_DATE);
	add_day(&path, &ctl->args, OPT_FROM);
	add_day(&path, &ctl->args, OPT_TO);
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

/* --- report ------------------------------------------------------------------------------------------------------------------- */

static const struct {
	const char *member, *name;
	bool captured; /* on the left of the balance */
} places[] = {
    {"captured_seconds", "captured", true},        {"overhang_seconds", "gone upstream", true},
    {"pending_seconds", "pending", false},         {"submitted_seconds", "submitted", false},
    {"supplement_seconds", "supplements", false},  {"ignored_seconds", "ignored", false},
    {"filtered_seconds", "filtered", false},       {"below_minimum_seconds", "below minimum", false},
    {"excluded_seconds", "excluded", false},       {"unprocessed_seconds", "not processed", false},
};

static const struct column place_columns[] = {
    {.title = "PLACE"}, {.title = "RECORDED", .right = true}, {.title = "WHERE IT IS", .right = true},
};
static const struct column rule_columns[] = {
    {.title = "FILTERED BY", .flexible = true}, {.title = "TIME", .right = true}, {.title = "ROWS", .right = true},
};

static void
print_places(struct ctl *ctl, struct json_object *report)
{
	_cleanup_(table_freep) struct table *t = table_new(&ctl->out, place_columns, ELEMENTSOF(place_columns));

	for (size_t i = 0; i < ELEMENTSOF(places); i++) {
		char hms[WHEN_TEXT_MAX];

		when_hms(json_number_of(report, places[i].member), hms);
		table_add(t, places[i].name, COLOUR_NONE);
		table_add(t, places[i].captured ? hms : "", COLOUR_NONE);
		table_add(t, places[i].captured ? "" : hms, COLOUR_NONE);
	}
	table_flush(t);
}

static void
print_filtered(struct ctl *ctl, struct json_object *rules)
{
	_cleanup_(table_freep) struct table *t = table_new(&ctl->out, rule_columns, ELEMENTSOF(rule_columns));
	size_t count = json_object_is_type(rules, json_type_array) ? json_object_array_length(rules) : 0;

	for (size_t i = 0; i < count; i++) {
		struct json_object *rule = json_object_array_get_idx(rules, i);
		char hms[WHEN_TEXT_MAX];

		when_hms(json_number_of(rule, "seconds"), hms);
		table_add(t, json_text_of(rule, "rule"), COLOUR_NONE);
		table_add(t, hms, COLOUR_NONE);
		table_addf(t, "%" PRId64, json_number_of(rule, "rows"));
	}
	if (count > 0)
		fputc('\n', ctl->out.out);
	table_flush(t);
}

static void
print_report(struct ctl *ctl, struct json_object *report)
{
	char entries[64];

	snprintf(entries, sizeof entries, "%" PRId64 ", %.1f units", json_number_of(report, "entries"), units_of(report));
	print_field(ctl, "user", json_object_get_string(json_member(report, "alp_user_id")));
	print_field(ctl, "date", json_text_of(report, "date"));
	print_field(ctl, "entries", entries);
	print_field(ctl, "balanced", json_flag_of(report, "balanced") ? "yes" : "NO");
	print_instant(ctl, "fetched", report, "fetched_at");
	print_instant(ctl, "empty since", report, "upstream_empty_since");
	fputc('\n', ctl->out.out);
	print_places(ctl, report);
	print_filtered(ctl, json_member(report, "filtered"));
}

int
cmd_report(struct ctl *ctl)
{
	_cleanup_(answer_release) struct answer a = {0};
	_cleanup_(buf_release) struct buf path = BUF_INIT(256);
	int r;

	buf_addz(&path, "/api/reports/day");
	url_add_number(&path, "alp_user_id", ctl->args.number[OPT_USER]);
	add_day(&path, &ctl->args, OPT_DATE);
	r = ctl_get(ctl, path.p, &a);
	return r == EXIT_STATUS_OK ? ctl_show(ctl, &a, print_report) : r;
}
