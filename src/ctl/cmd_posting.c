/* SPDX-License-Identifier: Apache-2.0 */
/* postings, posting, posting resolve. */
#include <inttypes.h>
#include <json-c/json.h>
#include <string.h>

#include "ctl/ctl.h"
#include "ctl/table.h"
#include "ctl/url.h"
#include "ctl/when.h"

static enum colour
posting_colour(const char *state)
{
	static const struct {
		const char *state;
		enum colour colour;
	} colours[] = {
	    {"posted", COLOUR_GOOD}, {"rejected", COLOUR_BAD}, {"needs_person", COLOUR_BAD}, {"gone", COLOUR_BAD}, {"cancelled", COLOUR_DIM},
	    {"unknown", COLOUR_WARN}, {"sending", COLOUR_WARN},
	};

	for (size_t i = 0; i < ELEMENTSOF(colours); i++)
		if (strcmp(colours[i].state, state) == 0)
			return colours[i].colour;
	return COLOUR_NONE;
}

/* --- list --------------------------------------------------------------------------------------------------------------------- */

static const struct column posting_columns[] = {
    {.title = "POSTING", .right = true}, {.title = "USER", .right = true}, {.title = "DATE"}, {.title = "COMPONENT", .right = true},
    {.title = "UNITS", .right = true}, {.title = "STATE"}, {.title = "ALP", .right = true}, {.title = "PROBLEM", .flexible = true},
};

static void
add_posting(struct table *t, struct json_object *posting)
{
	const char *state = json_text_of(posting, "state");

	table_addf(t, "%" PRId64, json_number_of(posting, "posting_id"));
	table_addf(t, "%" PRId64, json_number_of(posting, "alp_user_id"));
	table_add(t, json_text_of(posting, "entry_date"), COLOUR_NONE);
	table_addf(t, "%" PRId64, json_number_of(posting, "matter_component_id"));
	table_addf(t, "%" PRId64, json_number_of(posting, "alp_units"));
	table_add(t, state, posting_colour(state));
	table_add(t, json_text_of(posting, "alp_entry_id"), COLOUR_NONE);
	table_add(t, json_text_of(json_member(posting, "problem"), "code"), COLOUR_NONE);
}

int
cmd_postings(struct ctl *ctl)
{
	_cleanup_(table_freep) struct table *t = table_new(&ctl->out, posting_columns, ELEMENTSOF(posting_columns));
	_cleanup_(buf_release) struct buf path = BUF_INIT(4096);

	buf_addz(&path, "/api/postings");
	if (args_has(&ctl->args, OPT_USER))
		url_add_number(&path, "alp_user_id", ctl->args.number[OPT_USER]);
	path_add_option(&path, &ctl->args, OPT_FROM);
	path_add_option(&path, &ctl->args, OPT_TO);
	if (args_has(&ctl->args, OPT_POSTING))
		url_add(&path, "state", ctl->args.text[OPT_POSTING]);
	return ctl_list(ctl, path.p, t, add_posting);
}

/* --- one ---------------------------------------------------------------------------------------------------------------------- */

static void
print_number(struct ctl *ctl, const char *name, struct json_object *object, const char *member)
{
	char text[24];

	snprintf(text, sizeof text, "%" PRId64, json_number_of(object, member));
	print_field(ctl, name, json_member(object, member) != NULL ? text : "");
}

static const struct column step_columns[] = {
    {.title = "AT"}, {.title = "TO"}, {.title = "ATTEMPT", .right = true}, {.title = "CODE"}, {.title = "DETAIL", .flexible = true},
};

static void
print_steps(struct ctl *ctl, struct json_object *history)
{
	_cleanup_(table_freep) struct table *t = table_new(&ctl->out, step_columns, ELEMENTSOF(step_columns));

	if (!json_object_is_type(history, json_type_array))
		return;
	for (size_t i = 0; i < json_object_array_length(history); i++) {
		struct json_object *step = json_object_array_get_idx(history, i);
		char at[WHEN_TEXT_MAX];

		when_local(json_text_of(step, "at"), at);
		table_add(t, at, COLOUR_NONE);
		table_add(t, json_text_of(step, "to"), posting_colour(json_text_of(step, "to")));
		table_addf(t, "%" PRId64, json_number_of(step, "attempt"));
		table_add(t, json_text_of(step, "code"), COLOUR_NONE);
		table_add(t, json_text_of(step, "detail"), COLOUR_NONE);
	}
	fputc('\n', ctl->out.out);
	table_flush(t);
}

/* A candidate, or a difference, a line: what is shown of it is ALP's JSON. */
static void
print_each(struct ctl *ctl, const char *name, struct json_object *list)
{
	for (size_t i = 0; json_object_is_type(list, json_type_array) && i < json_object_array_length(list); i++)
		print_field(ctl, name, json_object_to_json_string_ext(json_object_array_get_idx(list, i), JSON_C_TO_STRING_PLAIN));
}

static void
print_posting(struct ctl *ctl, struct json_object *posting)
{
	struct json_object *problem = json_member(posting, "problem");

	print_number(ctl, "posting", posting, "posting_id");
	print_number(ctl, "user", posting, "alp_user_id");
	print_number(ctl, "entry", posting, "entry_id");
	print_field(ctl, "date", json_text_of(posting, "entry_date"));
	print_number(ctl, "component", posting, "matter_component_id");
	print_number(ctl, "units", posting, "alp_units");
	print_field(ctl, "description", json_text_of(json_member(posting, "request"), "description"));
	print_field(ctl, "state", json_text_of(posting, "state"));
	print_field(ctl, "problem", json_text_of(problem, "code"));
	print_field(ctl, "", json_text_of(problem, "detail"));
	print_field(ctl, "in ALP", json_text_of(posting, "alp_entry_id"));
	print_field(ctl, "ALP says", json_text_of(posting, "alp_state"));
	print_field(ctl, "reference", json_text_of(posting, "reference"));
	print_instant(ctl, "created", posting, "created_at");
	print_instant(ctl, "posted", posting, "posted_at");
	print_instant(ctl, "next", posting, "next_at");
	print_each(ctl, "differs", json_member(posting, "differences"));
	print_each(ctl, "candidate", json_member(json_member(posting, "evidence"), "candidates"));
	print_steps(ctl, json_member(posting, "history"));
}

int
cmd_posting(struct ctl *ctl)
{
	_cleanup_(answer_release) struct answer a = {0};
	char path[96];
	int r;

	snprintf(path, sizeof path, "/api/postings/%s", ctl->args.operand);
	r = ctl_get(ctl, path, &a);
	return r == EXIT_STATUS_OK ? ctl_show(ctl, &a, print_posting) : r;
}

int
cmd_posting_resolve(struct ctl *ctl)
{
	const struct args *args = &ctl->args;
	_cleanup_(answer_release) struct answer a = {0};
	struct json_object *body;
	bool there = args_has(args, OPT_ALP_ENTRY);
	char path[96];
	int r;

	if (there == args_has(args, OPT_NOT_THERE)) {
		say("say either --alp-entry=ID, under which it is in ALP, or --not-there");
		return EXIT_STATUS_USAGE;
	}
	body = json_object_new_object();
	json_object_object_add(body, "decision", json_object_new_string(there ? "is_there" : "is_not_there"));
	if (there)
		json_object_object_add(body, "alp_entry_id", json_object_new_string(args->text[OPT_ALP_ENTRY]));
	snprintf(path, sizeof path, "/api/postings/%s/resolve", args->operand);
	r = ctl_ask(ctl, &(struct request){.method = "POST", .path = path, .body = str_of(json_object_to_json_string_ext(body, JSON_C_TO_STRING_PLAIN))}, &a);
	json_object_put(body);
	return r == EXIT_STATUS_OK ? ctl_show(ctl, &a, print_posting) : r;
}
