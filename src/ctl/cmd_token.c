/* SPDX-License-Identifier: Apache-2.0 */
/* token create, token list, token revoke. */
#include <errno.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <string.h>

#include "base/clock.h"
#include "ctl/ctl.h"
#include "ctl/table.h"
#include "ctl/text.h"
#include "ctl/when.h"

/* --- create ------------------------------------------------------------------------------------------------------------------- */

static int
expiry(const struct args *a, struct json_object *body)
{
	char text[INSTANT_TEXT_MAX];
	int64_t at;
	int r;

	if (!args_has(a, OPT_EXPIRES))
		return EXIT_STATUS_OK;
	r = when_parse_expiry(str_of(a->text[OPT_EXPIRES]), clock_real_ms(), &at);
	if (r < 0) {
		say("--expires: %s", r == -ERANGE ? "must be in the future, and before the year 10000" :
		    "must be a length such as 12h, 90d or 8w, or a day, YYYY-MM-DD");
		return EXIT_STATUS_USAGE;
	}
	instant_format(at, text);
	json_object_object_add(body, "expires_at", json_object_new_string(text));
	return EXIT_STATUS_OK;
}

static int
make_body(const struct args *a, struct json_object *body)
{
	bool for_user = strcmp(a->text[OPT_SCOPE], "user") == 0;

	if (for_user != args_has(a, OPT_USER)) {
		say(for_user ? "--scope user: --user N is missing" : "--user goes with --scope user only");
		return EXIT_STATUS_USAGE;
	}
	json_object_object_add(body, "scope", json_object_new_string(a->text[OPT_SCOPE]));
	if (for_user)
		json_object_object_add(body, "alp_user_id", json_object_new_int64(a->number[OPT_USER]));
	if (args_has(a, OPT_NAME))
		json_object_object_add(body, "name", json_object_new_string(a->text[OPT_NAME]));
	if (args_has(a, OPT_READ_ONLY))
		json_object_object_add(body, "read_only", json_object_new_boolean(1));
	return expiry(a, body);
}

/* The token alone on standard output, so that it can go into a file; what a person wants to know of it beside that. */
static void
print_new_token(struct ctl *ctl, struct json_object *token)
{
	_cleanup_(buf_release) struct buf safe = BUF_INIT(4096);
	char expires[WHEN_TEXT_MAX];

	text_add_safe(&safe, str_of(json_text_of(token, "token")));
	when_local(json_text_of(token, "expires_at"), expires);
	say("token %" PRId64 ", scope %s%s%s; it is shown this once", json_number_of(token, "token_id"), json_text_of(token, "scope"),
	    expires[0] != '\0' ? ", until " : "", expires);
	fprintf(ctl->out.out, "%s\n", safe.len > 0 ? safe.p : "");
	secret_wipe(safe.p, safe.len);
}

int
cmd_token_create(struct ctl *ctl)
{
	_cleanup_(answer_release) struct answer a = {0};
	struct json_object *body = json_object_new_object();
	int r = make_body(&ctl->args, body);

	if (r == EXIT_STATUS_OK)
		r = ctl_ask(ctl, &(struct request){.method = "POST", .path = "/api/tokens", .secret = true,
		    .body = str_of(json_object_to_json_string_ext(body, JSON_C_TO_STRING_PLAIN))}, &a);
	json_object_put(body);
	if (r == EXIT_STATUS_OK)
		r = ctl_show(ctl, &a, print_new_token);
	secret_wipe(a.body.p, a.body.len);
	return r;
}

/* --- list --------------------------------------------------------------------------------------------------------------------- */

static const struct column token_columns[] = {
    {.title = "TOKEN", .right = true}, {.title = "SCOPE"}, {.title = "USER", .right = true}, {.title = "MAY"}, {.title = "CREATED"},
    {.title = "LAST USED"}, {.title = "EXPIRES"}, {.title = "REVOKED"}, {.title = "NAME", .flexible = true},
};

static void
add_instant(struct table *t, struct json_object *object, const char *member)
{
	char text[WHEN_TEXT_MAX];

	when_local(json_text_of(object, member), text);
	table_add(t, text, COLOUR_NONE);
}

static void
add_token(struct table *t, struct json_object *token)
{
	table_addf(t, "%" PRId64, json_number_of(token, "token_id"));
	table_add(t, json_text_of(token, "scope"), COLOUR_NONE);
	if (json_number_of(token, "alp_user_id") > 0)
		table_addf(t, "%" PRId64, json_number_of(token, "alp_user_id"));
	else
		table_add(t, "", COLOUR_NONE);
	table_add(t, json_flag_of(token, "read_only") ? "read" : "write", COLOUR_NONE);
	add_instant(t, token, "created_at");
	add_instant(t, token, "last_used_at");
	add_instant(t, token, "expires_at");
	add_instant(t, token, "revoked_at");
	table_add(t, json_text_of(token, "name"), COLOUR_NONE);
}

int
cmd_token_list(struct ctl *ctl)
{
	_cleanup_(table_freep) struct table *t = table_new(&ctl->out, token_columns, ELEMENTSOF(token_columns));

	return ctl_list(ctl, "/api/tokens", t, add_token);
}

/* --- revoke ------------------------------------------------------------------------------------------------------------------- */

static void
print_revoked(struct ctl *ctl, struct json_object *unused)
{
	(void)unused;
	fprintf(ctl->out.out, "token %s is worth nothing from now on\n", ctl->args.operand);
}

int
cmd_token_revoke(struct ctl *ctl)
{
	_cleanup_(answer_release) struct answer a = {0};
	char path[96];
	int r;

	snprintf(path, sizeof path, "/api/tokens/%s", ctl->args.operand);
	r = ctl_ask(ctl, &(struct request){.method = "DELETE", .path = path}, &a);
	return r == EXIT_STATUS_OK ? ctl_show(ctl, &a, print_revoked) : r;
}
