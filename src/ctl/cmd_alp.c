/* SPDX-License-Identifier: Apache-2.0 */
/* alp probe: what the firm's ALP can do. alp proof, alp prove: whether it holds what was posted. */
#include <inttypes.h>
#include <json-c/json.h>
#include <string.h>

#include "ctl/ctl.h"
#include "ctl/table.h"
#include "ctl/url.h"
#include "ctl/when.h"

static const struct column finding_columns[] = {{.title = "ABOUT"}, {.title = "GOOD"}, {.title = "FOUND", .flexible = true}};

static void
print_findings(struct ctl *ctl, struct json_object *findings)
{
	_cleanup_(table_freep) struct table *t = table_new(&ctl->out, finding_columns, ELEMENTSOF(finding_columns));

	for (size_t i = 0; i < json_object_array_length(findings); i++) {
		struct json_object *f = json_object_array_get_idx(findings, i);

		table_add(t, json_text_of(f, "about"), COLOUR_NONE);
		table_add(t, json_flag_of(f, "good") ? "yes" : "no", json_flag_of(f, "good") ? COLOUR_GOOD : COLOUR_BAD);
		table_add(t, json_text_of(f, "detail"), COLOUR_NONE);
	}
	table_flush(t);
}

/* As they would stand in the file. */
static void
print_settings(struct ctl *ctl, struct json_object *settings)
{
	if (json_object_array_length(settings) == 0) {
		fputs("The settings fit.\n", ctl->out.out);
		return;
	}
	fputs("\nThese settings follow:\n\nalp:\n{\n", ctl->out.out);
	for (size_t i = 0; i < json_object_array_length(settings); i++) {
		struct json_object *s = json_object_array_get_idx(settings, i);
		const char *name = json_text_of(s, "name");

		if (str_starts(str_of(name), STR("alp.")))
			name += 4;
		fprintf(ctl->out.out, "\t%s = \"%s\";\n", name, json_text_of(s, "value"));
	}
	fputs("};\n", ctl->out.out);
}

static void
print_probe(struct ctl *ctl, struct json_object *probe)
{
	struct json_object *findings = json_member(probe, "findings"), *settings = json_member(probe, "settings");

	if (json_object_is_type(findings, json_type_array))
		print_findings(ctl, findings);
	if (json_object_is_type(settings, json_type_array))
		print_settings(ctl, settings);
}

int
cmd_alp_probe(struct ctl *ctl)
{
	_cleanup_(answer_release) struct answer a = {0};
	struct json_object *body = json_object_new_object();
	const char *json;
	int r;

	if (args_has(&ctl->args, OPT_USER))
		json_object_object_add(body, "user_id", json_object_new_int64(ctl->args.number[OPT_USER]));
	if (args_has(&ctl->args, OPT_WRITE))
		json_object_object_add(body, "matter_component_id", json_object_new_int64(ctl->args.number[OPT_WRITE]));
	json = json_object_to_json_string_ext(body, JSON_C_TO_STRING_PLAIN);
	r = ctl_ask(ctl, &(struct request){.method = "POST", .path = "/api/alp/probe", .body = str_of(json)}, &a);
	json_object_put(body);
	return r == EXIT_STATUS_OK ? ctl_show(ctl, &a, print_probe) : r;
}

/* --- the proof ------------------------------------------------------------------------------------------------------------------ */

static const struct column proof_columns[] = {
    {.title = "USER", .right = true}, {.title = "DATE"}, {.title = "POSTED", .right = true}, {.title = "IN ALP", .right = true}, {.title = "WHY"},
    {.title = "POSTING", .right = true}, {.title = "ENTRY", .right = true}, {.title = "ALP", .right = true},
};

static void
add_number(struct table *t, struct json_object *object, const char *member)
{
	if (json_member(object, member) != NULL)
		table_addf(t, "%" PRId64, json_number_of(object, member));
	else
		table_add(t, "", COLOUR_NONE);
}

static void
add_difference(struct table *t, struct json_object *row, struct json_object *d)
{
	table_addf(t, "%" PRId64, json_number_of(row, "alp_user_id"));
	table_add(t, json_text_of(row, "day"), COLOUR_NONE);
	add_number(t, d, "posted_units");
	add_number(t, d, "alp_units");
	table_add(t, json_text_of(d, "why"), COLOUR_BAD);
	add_number(t, d, "posting_id");
	add_number(t, d, "entry_id");
	table_add(t, json_text_of(d, "alp_entry_id"), COLOUR_NONE);
}

static void
add_proof(struct table *t, struct json_object *row)
{
	struct json_object *differences = json_member(row, "differences");

	for (size_t i = 0; differences != NULL && i < json_object_array_length(differences); i++)
		add_difference(t, row, json_object_array_get_idx(differences, i));
}

int
cmd_alp_proof(struct ctl *ctl)
{
	_cleanup_(table_freep) struct table *t = table_new(&ctl->out, proof_columns, ELEMENTSOF(proof_columns));
	_cleanup_(buf_release) struct buf path = BUF_INIT(4096);

	buf_addz(&path, "/api/alp/proof");
	if (args_has(&ctl->args, OPT_USER))
		url_add_number(&path, "alp_user_id", ctl->args.number[OPT_USER]);
	path_add_option(&path, &ctl->args, OPT_FROM);
	path_add_option(&path, &ctl->args, OPT_TO);
	return ctl_list(ctl, path.p, t, add_proof);
}

int
cmd_alp_prove(struct ctl *ctl)
{
	_cleanup_(answer_release) struct answer a = {0};
	int r = ctl_ask(ctl, &(struct request){.method = "POST", .path = "/api/alp/proof"}, &a);

	if (r == EXIT_STATUS_OK)
		fputs("ALP is being asked; rtalpctl alp proof tells what differs.\n", ctl->out.out);
	return r;
}
