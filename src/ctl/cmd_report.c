/* SPDX-License-Identifier: Apache-2.0 */
/* report: where every recorded second of a day, or of a range of days, is, and what is billed of it. */
#include <inttypes.h>
#include <json-c/json.h>
#include <string.h>

#include "ctl/ctl.h"
#include "ctl/table.h"
#include "ctl/text.h"
#include "ctl/url.h"
#include "ctl/when.h"

static size_t
length_of(struct json_object *array)
{
	return json_object_is_type(array, json_type_array) ? json_object_array_length(array) : 0;
}

static void
add_time(struct table *t, struct json_object *object, const char *member)
{
	char hms[WHEN_TEXT_MAX];

	when_hms(json_number_of(object, member), hms);
	table_add(t, hms, COLOUR_NONE);
}

static double
number_of(struct json_object *object, const char *member)
{
	struct json_object *value = json_member(object, member);

	return value != NULL ? json_object_get_double(value) : 0;
}

/* --- sums --------------------------------------------------------------------------------------------------------------------- */

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

/* "12 lines, 6:00:00 recorded, 61.2 units billed (+432 s, +2.0 %)" */
static void
print_billing(struct ctl *ctl, struct json_object *report)
{
	struct json_object *billing = json_member(report, "billing");
	char hms[WHEN_TEXT_MAX], text[256];

	when_hms(json_number_of(billing, "recorded_seconds"), hms);
	snprintf(text, sizeof text, "%" PRId64 " lines, %s recorded, %.1f units billed (%+" PRId64 " s, %+.1f %%)", json_number_of(billing, "lines"),
	    hms, number_of(billing, "billed_units"), json_number_of(billing, "added_seconds"), number_of(billing, "added_percent"));
	print_field(ctl, "billed", text);
	snprintf(text, sizeof text, "tenth-up %.1f, unit-up %.1f", number_of(billing, "tenth_up_units"), number_of(billing, "unit_up_units"));
	print_field(ctl, "either rounding", text);
}

static void
print_warnings(struct ctl *ctl, struct json_object *report)
{
	struct json_object *warnings = json_member(report, "warnings");

	for (size_t i = 0; i < length_of(warnings); i++)
		print_field(ctl, "warning", json_object_get_string(json_object_array_get_idx(warnings, i)));
}

static void
print_sums(struct ctl *ctl, struct json_object *report)
{
	char entries[64];

	snprintf(entries, sizeof entries, "%" PRId64 ", %.1f units", json_number_of(report, "entries"), units_of(report));
	print_field(ctl, "entries", entries);
	print_billing(ctl, report);
	print_field(ctl, "balanced", json_flag_of(report, "balanced") ? "yes" : "NO");
	print_warnings(ctl, report);
}

/* --- tables ------------------------------------------------------------------------------------------------------------------- */

static const struct column rule_columns[] = {
    {.title = "FILTERED BY", .flexible = true}, {.title = "TIME", .right = true}, {.title = "ROWS", .right = true},
};
static const struct column matter_columns[] = {
    {.title = "MATTER", .flexible = true}, {.title = "LINES", .right = true}, {.title = "RECORDED", .right = true},
    {.title = "UNITS", .right = true}, {.title = "ADDED", .right = true},
};
static const struct column dropped_columns[] = {
    {.title = "DROPPED"}, {.title = "TITLE", .flexible = true}, {.title = "TIME", .right = true}, {.title = "RULE"}, {.title = "LINE", .right = true},
};
static const struct column day_columns[] = {
    {.title = "DATE"}, {.title = "CAPTURED", .right = true}, {.title = "RECORDED", .right = true}, {.title = "UNITS", .right = true},
    {.title = "ADDED", .right = true}, {.title = "BALANCED"}, {.title = "WARNINGS", .flexible = true},
};

static void
add_added(struct table *t, struct json_object *billing)
{
	table_addf(t, "%+" PRId64 " s", json_number_of(billing, "added_seconds"));
}

static void
add_rule(struct table *t, struct json_object *rule)
{
	table_add(t, json_text_of(rule, "rule"), COLOUR_NONE);
	add_time(t, rule, "seconds");
	table_addf(t, "%" PRId64, json_number_of(rule, "rows"));
}

static void
add_matter(struct table *t, struct json_object *matter)
{
	table_add(t, json_text_of(matter, "matter_code"), COLOUR_NONE);
	table_addf(t, "%" PRId64, json_number_of(matter, "lines"));
	add_time(t, matter, "recorded_seconds");
	table_addf(t, "%.1f", number_of(matter, "billed_units"));
	add_added(t, matter);
}

static void
add_dropped(struct table *t, struct json_object *row)
{
	table_add(t, json_text_of(row, "application"), COLOUR_NONE);
	table_add(t, json_text_of(row, "title"), COLOUR_NONE);
	add_time(t, row, "seconds");
	table_add(t, json_text_of(row, "rule"), COLOUR_NONE);
	if (json_number_of(row, "line") > 0)
		table_addf(t, "%" PRId64, json_number_of(row, "line"));
	else
		table_add(t, NULL, COLOUR_NONE);
}

static void
add_day(struct table *t, struct json_object *day)
{
	struct json_object *billing = json_member(day, "billing"), *warnings = json_member(day, "warnings");
	_cleanup_(buf_release) struct buf words = BUF_INIT(256);

	for (size_t i = 0; i < length_of(warnings); i++)
		buf_addf(&words, "%s%s", i > 0 ? ", " : "", json_object_get_string(json_object_array_get_idx(warnings, i)));
	table_add(t, json_text_of(day, "date"), COLOUR_NONE);
	add_time(t, day, "captured_seconds");
	add_time(t, billing, "recorded_seconds");
	table_addf(t, "%.1f", number_of(billing, "billed_units"));
	add_added(t, billing);
	table_add(t, json_flag_of(day, "balanced") ? "yes" : "NO", json_flag_of(day, "balanced") ? COLOUR_NONE : COLOUR_BAD);
	table_add(t, words.p, COLOUR_WARN);
}

/* Nothing for an empty list. */
static void
print_list(struct ctl *ctl, struct json_object *list, const struct column *columns, size_t column_count,
    void (*add)(struct table *t, struct json_object *item))
{
	_cleanup_(table_freep) struct table *t = table_new(&ctl->out, columns, column_count);

	for (size_t i = 0; i < length_of(list); i++)
		add(t, json_object_array_get_idx(list, i));
	if (length_of(list) == 0)
		return;
	fputc('\n', ctl->out.out);
	table_flush(t);
}
#define PRINT_LIST(ctl, list, columns, add) print_list(ctl, list, columns, ELEMENTSOF(columns), add)

/* --- the command -------------------------------------------------------------------------------------------------------------- */

static void
print_day(struct ctl *ctl, struct json_object *report)
{
	print_field(ctl, "user", json_object_get_string(json_member(report, "alp_user_id")));
	print_field(ctl, "date", json_text_of(report, "date"));
	print_sums(ctl, report);
	print_instant(ctl, "fetched", report, "fetched_at");
	print_instant(ctl, "empty since", report, "upstream_empty_since");
	fputc('\n', ctl->out.out);
	print_places(ctl, report);
	PRINT_LIST(ctl, json_member(report, "filtered"), rule_columns, add_rule);
	PRINT_LIST(ctl, json_member(report, "dropped"), dropped_columns, add_dropped);
	PRINT_LIST(ctl, json_member(report, "matters"), matter_columns, add_matter);
}

static void
print_range(struct ctl *ctl, struct json_object *report)
{
	print_field(ctl, "user", json_object_get_string(json_member(report, "alp_user_id")));
	print_field(ctl, "from", json_text_of(report, "from"));
	print_field(ctl, "to", json_text_of(report, "to"));
	print_field(ctl, "days", json_object_get_string(json_member(report, "days")));
	print_sums(ctl, report);
	fputc('\n', ctl->out.out);
	print_places(ctl, report);
	PRINT_LIST(ctl, json_member(report, "by_day"), day_columns, add_day);
	PRINT_LIST(ctl, json_member(report, "by_matter"), matter_columns, add_matter);
	PRINT_LIST(ctl, json_member(report, "by_rule"), rule_columns, add_rule);
}

/* Into a file as it came; a terminal would obey what titles may hold. */
static void
print_table(struct ctl *ctl, const struct answer *a)
{
	struct str rest = buf_str(&a->body);

	if (!ctl->out.terminal) {
		fwrite(rest.p != NULL ? rest.p : "", 1, rest.len, ctl->out.out);
		return;
	}
	while (rest.len > 0) {
		_cleanup_(buf_release) struct buf safe = BUF_INIT(1024 * 1024);
		const char *end = memchr(rest.p, '\n', rest.len);
		size_t len = end != NULL ? (size_t)(end - rest.p) : rest.len;

		text_add_safe(&safe, (struct str){rest.p, len > 0 && rest.p[len - 1] == '\r' ? len - 1 : len});
		fprintf(ctl->out.out, "%s\n", safe.len > 0 ? safe.p : "");
		rest = (struct str){rest.p + len + (end != NULL), rest.len - len - (end != NULL)};
	}
}

/* False, and what is wrong is said. */
static bool
days_are_clear(const struct args *a)
{
	bool date = args_has(a, OPT_DATE), from = args_has(a, OPT_FROM), to = args_has(a, OPT_TO);

	if (date == (from || to) || from != to)
		say("report needs --date, or --from and --to");
	else if (date && args_has(a, OPT_BY))
		say("--by goes with --from and --to");
	else if (args_has(a, OPT_CSV) && args_has(a, OPT_JSON))
		say("only one of --csv and --json can hold");
	else
		return true;
	return false;
}

int
cmd_report(struct ctl *ctl)
{
	_cleanup_(answer_release) struct answer a = {0};
	_cleanup_(buf_release) struct buf path = BUF_INIT(512);
	bool date = args_has(&ctl->args, OPT_DATE), csv = args_has(&ctl->args, OPT_CSV);
	struct request request = {.method = "GET", .accept = csv ? "text/csv" : NULL};
	int r;

	if (!days_are_clear(&ctl->args))
		return EXIT_STATUS_USAGE;
	buf_addz(&path, date ? "/api/reports/day" : "/api/reports/range");
	url_add_number(&path, "alp_user_id", ctl->args.number[OPT_USER]);
	for (enum option_id id = (enum option_id)0; id < OPT_COUNT; id++)
		if (id == OPT_DATE || id == OPT_FROM || id == OPT_TO || id == OPT_BY)
			path_add_option(&path, &ctl->args, id);
	request.path = path.p;
	r = ctl_ask(ctl, &request, &a);
	if (r != EXIT_STATUS_OK)
		return r;
	if (!csv)
		return ctl_show(ctl, &a, date ? print_day : print_range);
	print_table(ctl, &a);
	return EXIT_STATUS_OK;
}
