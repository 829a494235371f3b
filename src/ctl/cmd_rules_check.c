/* SPDX-License-Identifier: Apache-2.0 */
/* rules check: what other rules would make of stored days. */
#include <inttypes.h>
#include <json-c/json.h>
#include <string.h>

#include "base/alloc.h"
#include "ctl/ctl.h"
#include "ctl/follow.h"
#include "ctl/table.h"
#include "ctl/when.h"
#include "rules/ruleset_file.h"

/* As diff(1) has them. */
#define STATUS_SAME    0
#define STATUS_DIFFERS 1
#define STATUS_TROUBLE 2

#define PAIR_MAX   512
#define FINE_MAX   200
#define WORDS_MAX  4096

/* --- asking ------------------------------------------------------------------------------------------------------------------- */

static void
add_day(struct json_object *body, const struct args *a, enum option_id id)
{
	if (args_has(a, id))
		json_object_object_add(body, option_rows[id].name, json_object_new_string(a->text[id]));
}

static struct json_object *
make_body(const struct args *a, struct str text)
{
	struct json_object *body = json_object_new_object();

	if (args_has(a, OPT_USER))
		json_object_object_add(body, "alp_user_id", json_object_new_int64(a->number[OPT_USER]));
	if (args_has(a, OPT_DAYS))
		json_object_object_add(body, "days", json_object_new_int64(a->number[OPT_DAYS]));
	add_day(body, a, OPT_FROM);
	add_day(body, a, OPT_TO);
	json_object_object_add(body, "rules", json_object_new_string_len(text.p, (int)text.len));
	return body;
}

/* It took longer than the daemon waits. */
static int
get_later(struct ctl *ctl, int64_t job_id, struct answer *ret_result)
{
	_cleanup_(answer_release) struct answer end = {0};
	char path[64];
	int r = follow_job(ctl, job_id, &end);

	if (r != EXIT_STATUS_OK)
		return r;
	if (strcmp(json_text_of(answer_json(&end), "state"), "succeeded") != 0) {
		say("job %" PRId64 " is %s: %s", job_id, json_text_of(answer_json(&end), "state"),
		    json_text_of(json_member(answer_json(&end), "error"), "detail"));
		return EXIT_STATUS_FAILED;
	}
	(void)snprintf(path, sizeof path, "/api/rules/checks/%" PRId64, job_id);
	return ctl_get(ctl, path, ret_result);
}

static int
ask(struct ctl *ctl, struct str text, struct answer *ret_result)
{
	struct json_object *body = make_body(&ctl->args, text);
	const char *json = json_object_to_json_string_ext(body, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
	int64_t job_id;
	int r = ctl_ask(ctl, &(struct request){.method = "POST", .path = "/api/rules/check", .body = str_of(json)}, ret_result);

	json_object_put(body);
	if (r != EXIT_STATUS_OK || ret_result->status != 202)
		return r;
	job_id = json_number_of(answer_json(ret_result), "job_id");
	answer_release(ret_result);
	*ret_result = (struct answer){0};
	return get_later(ctl, job_id, ret_result);
}

/* --- telling ------------------------------------------------------------------------------------------------------------------ */

static double
tenths_of(struct json_object *side, const char *name)
{
	struct json_object *units = json_member(side, name);

	return units != NULL ? json_object_get_double(units) : 0;
}

static void
print_sums(struct ctl *ctl, const char *name, struct json_object *sums)
{
	char text[PAIR_MAX], recorded[WHEN_TEXT_MAX], dropped[WHEN_TEXT_MAX];

	when_hms(json_number_of(sums, "recorded_seconds"), recorded);
	when_hms(json_number_of(sums, "dropped_seconds"), dropped);
	(void)snprintf(text, sizeof text, "%" PRId64 " entries, %s recorded, %.1f units, %s dropped", json_number_of(sums, "entries"), recorded,
	    tenths_of(sums, "billed_units"), dropped);
	print_field(ctl, name, text);
}

static size_t
length_of(struct json_object *array)
{
	return json_object_is_type(array, json_type_array) ? json_object_array_length(array) : 0;
}

static const struct column line_columns[] = {
    {.title = "DATE"}, {.title = "WHAT"}, {.title = "APPLICATION"}, {.title = "DESCRIPTION", .flexible = true}, {.title = "TIME", .right = true},
    {.title = "UNITS", .right = true}, {.title = "MATTER"},
};

/* "was > is", or what is the same. */
static void
add_pair(struct table *t, struct json_object *line, const char *was, const char *is)
{
	char text[PAIR_MAX];
	bool both = json_member(line, "before") != NULL && json_member(line, "after") != NULL;

	if (both && strcmp(was, is) != 0)
		(void)snprintf(text, sizeof text, "%.*s > %.*s", FINE_MAX, was[0] != '\0' ? was : "-", FINE_MAX, is[0] != '\0' ? is : "-");
	else
		(void)snprintf(text, sizeof text, "%.*s", FINE_MAX, json_member(line, "after") != NULL ? is : was);
	table_add(t, text, COLOUR_NONE);
}

static void
add_text(struct table *t, struct json_object *line, const char *member)
{
	add_pair(t, line, json_text_of(json_member(line, "before"), member), json_text_of(json_member(line, "after"), member));
}

static void
add_amounts(struct table *t, struct json_object *line)
{
	struct json_object *before = json_member(line, "before"), *after = json_member(line, "after");
	char was[WHEN_TEXT_MAX], is[WHEN_TEXT_MAX];

	when_hms(json_number_of(before, "total_seconds"), was);
	when_hms(json_number_of(after, "total_seconds"), is);
	add_pair(t, line, was, is);
	(void)snprintf(was, sizeof was, "%.1f", tenths_of(before, "time_units"));
	(void)snprintf(is, sizeof is, "%.1f", tenths_of(after, "time_units"));
	add_pair(t, line, was, is);
}

static void
add_line(struct table *t, struct json_object *line)
{
	struct json_object *changes = json_member(line, "changes");
	_cleanup_(buf_release) struct buf words = BUF_INIT(PAIR_MAX);
	bool gone = json_member(line, "after") == NULL, fresh = json_member(line, "before") == NULL;

	for (size_t i = 0; i < length_of(changes); i++)
		(void)buf_addf(&words, "%s%s", i > 0 ? ", " : "", json_object_get_string(json_object_array_get_idx(changes, i)));
	for (size_t i = 0; i < words.len; i++)
		if (words.p[i] == '_')
			words.p[i] = ' ';
	table_add(t, json_text_of(line, "date"), COLOUR_NONE);
	table_add(t, words.len > 0 ? words.p : "", gone ? COLOUR_BAD : fresh ? COLOUR_GOOD : COLOUR_NONE);
	add_text(t, line, "application");
	add_text(t, line, "task_description");
	add_amounts(t, line);
	add_text(t, line, "matter_code");
}

static void
print_lines(struct ctl *ctl, struct json_object *result)
{
	_cleanup_(table_freep) struct table *t = table_new(&ctl->out, line_columns, ELEMENTSOF(line_columns));
	struct json_object *lines = json_member(result, "entries");

	if (length_of(lines) > 0)
		fputc('\n', ctl->out.out);
	for (size_t i = 0; i < length_of(lines); i++)
		add_line(t, json_object_array_get_idx(lines, i));
	table_flush(t);
	if (json_number_of(result, "entries_left_out") > 0)
		fprintf(ctl->out.out, "and %" PRId64 " more\n", json_number_of(result, "entries_left_out"));
}

static void
print_warnings(struct ctl *ctl, struct json_object *warnings)
{
	if (length_of(warnings) > 0)
		fputc('\n', ctl->out.out);
	for (size_t i = 0; i < length_of(warnings); i++) {
		struct json_object *w = json_object_array_get_idx(warnings, i);
		_cleanup_(buf_release) struct buf line = BUF_INIT(WORDS_MAX);

		(void)buf_addf(&line, "line %" PRId64 ", %s: %s", json_number_of(w, "line"), json_text_of(w, "rule"), json_text_of(w, "message"));
		print_field(ctl, "warning", line.p);
	}
}

static void
print_idle(struct ctl *ctl, struct json_object *rules)
{
	_cleanup_(buf_release) struct buf words = BUF_INIT((size_t)256 * 1024);

	for (size_t i = 0; i < length_of(rules); i++) {
		struct json_object *rule = json_object_array_get_idx(rules, i);

		if (json_number_of(rule, "hits") == 0)
			(void)buf_addf(&words, "%s%s", words.len > 0 ? ", " : "", json_text_of(rule, "rule"));
	}
	if (words.len > 0)
		fputc('\n', ctl->out.out);
	print_field(ctl, "matched nothing", words.p);
}

static void
print_result(struct ctl *ctl, struct json_object *result)
{
	char days[PAIR_MAX];

	(void)snprintf(days, sizeof days, "%.16s to %.16s, %zu with rows", json_text_of(result, "from"), json_text_of(result, "to"),
	    length_of(json_member(result, "days")));
	print_field(ctl, "user", json_object_get_string(json_member(result, "alp_user_id")));
	print_field(ctl, "days", days);
	print_field(ctl, "rules", json_text_of(result, "rules_version"));
	print_field(ctl, "in force", json_text_of(result, "present_version"));
	print_sums(ctl, "before", json_member(result, "before"));
	print_sums(ctl, "after", json_member(result, "after"));
	print_lines(ctl, result);
	print_warnings(ctl, json_member(result, "warnings"));
	print_idle(ctl, json_member(result, "rules"));
}

/* --- the command -------------------------------------------------------------------------------------------------------------- */

int
cmd_rules_check(struct ctl *ctl)
{
	_cleanup_(ruleset_freep) struct ruleset *set = NULL;
	_cleanup_(answer_release) struct answer result = {0};
	_cleanup_free_ char *text = NULL;
	size_t len = 0;
	int r = ctl_read_rules(ctl->args.operand, &text, &len);

	if (r == EXIT_STATUS_OK)
		r = ctl_parse_rules(ctl, ctl->args.operand, (struct str){text, len}, &set);
	if (r == EXIT_STATUS_OK)
		r = ask(ctl, (struct str){text, len}, &result);
	if (r == EXIT_STATUS_OK)
		r = ctl_show(ctl, &result, print_result);
	if (r != EXIT_STATUS_OK)
		return r == EXIT_STATUS_FAILED ? STATUS_TROUBLE : r;
	return json_flag_of(answer_json(&result), "changed") ? STATUS_DIFFERS : STATUS_SAME;
}
