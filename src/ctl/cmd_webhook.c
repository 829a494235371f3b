/* SPDX-License-Identifier: Apache-2.0 */
/* webhook list, create, delete, enable, disable, rotate, test, deliveries, redeliver. */
#include <inttypes.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "ctl/ctl.h"
#include "ctl/table.h"
#include "ctl/text.h"
#include "ctl/when.h"

#define EVENTS_DEFAULT "entries.ready,job.finished,entry.posted,entry.status_changed,posting.needs_person"

/* --- list --------------------------------------------------------------------------------------------------------------------- */

static const struct column webhook_columns[] = {
    {.title = "WEBHOOK", .right = true}, {.title = "STATE"}, {.title = "EVENTS"}, {.title = "URL", .flexible = true}, {.title = "DESCRIPTION"},
};

static void
add_events(struct table *t, struct json_object *events)
{
	struct buf b = BUF_INIT(1024);

	for (size_t i = 0; events != NULL && i < json_object_array_length(events); i++)
		buf_addf(&b, "%s%s", i > 0 ? "," : "", json_object_get_string(json_object_array_get_idx(events, i)));
	table_add(t, b.len > 0 ? b.p : "", COLOUR_NONE);
	buf_release(&b);
}

static void
add_webhook(struct table *t, struct json_object *webhook)
{
	bool enabled = json_flag_of(webhook, "enabled");

	table_addf(t, "%" PRId64, json_number_of(webhook, "webhook_id"));
	table_add(t, enabled ? "enabled" : json_text_of(webhook, "disabled_because"), COLOUR_NONE);
	add_events(t, json_member(webhook, "events"));
	table_add(t, json_text_of(webhook, "url"), COLOUR_NONE);
	table_add(t, json_text_of(webhook, "description"), COLOUR_NONE);
}

int
cmd_webhook_list(struct ctl *ctl)
{
	_cleanup_(table_freep) struct table *t = table_new(&ctl->out, webhook_columns, ELEMENTSOF(webhook_columns));

	return ctl_list(ctl, "/api/webhooks", t, add_webhook);
}

/* --- create, rotate ----------------------------------------------------------------------------------------------------------- */

/* The secret alone on standard output, so that it can go into a file. */
static void
print_secret(struct ctl *ctl, struct json_object *webhook)
{
	_cleanup_(buf_release) struct buf safe = BUF_INIT(4096);
	char until[WHEN_TEXT_MAX];

	text_add_safe(&safe, str_of(json_text_of(webhook, "secret")));
	when_local(json_text_of(webhook, "old_secret_until"), until);
	say("webhook %" PRId64 "; its secret is shown this once%s%s", json_number_of(webhook, "webhook_id"),
	    until[0] != '\0' ? ", and the one before signs besides until " : "", until);
	fprintf(ctl->out.out, "%s\n", safe.len > 0 ? safe.p : "");
	secret_wipe(safe.p, safe.len);
}

static int
ask_for_secret(struct ctl *ctl, const char *path, struct str body)
{
	_cleanup_(answer_release) struct answer a = {0};
	int r = ctl_ask(ctl, &(struct request){.method = "POST", .path = path, .secret = true, .body = body}, &a);

	if (r == EXIT_STATUS_OK)
		r = ctl_show(ctl, &a, print_secret);
	secret_wipe(a.body.p, a.body.len);
	return r;
}

static struct json_object *
events_of(const char *text)
{
	struct json_object *list = json_object_new_array();
	_cleanup_free_ char *copy = xstrdup(text);
	char *rest = copy, *word;

	while ((word = strsep(&rest, ",")) != NULL)
		json_object_array_add(list, json_object_new_string(word));
	return list;
}

int
cmd_webhook_create(struct ctl *ctl)
{
	const struct args *args = &ctl->args;
	struct json_object *body = json_object_new_object();
	int r;

	json_object_object_add(body, "url", json_object_new_string(args->operand));
	json_object_object_add(body, "events", events_of(args_has(args, OPT_EVENTS) ? args->text[OPT_EVENTS] : EVENTS_DEFAULT));
	if (args_has(args, OPT_NAME))
		json_object_object_add(body, "description", json_object_new_string(args->text[OPT_NAME]));
	r = ask_for_secret(ctl, "/api/webhooks", str_of(json_object_to_json_string_ext(body, JSON_C_TO_STRING_PLAIN)));
	json_object_put(body);
	return r;
}

int
cmd_webhook_rotate(struct ctl *ctl)
{
	char path[96];

	snprintf(path, sizeof path, "/api/webhooks/%s/rotate", ctl->args.operand);
	return ask_for_secret(ctl, path, STR_NONE);
}

/* --- change ------------------------------------------------------------------------------------------------------------------- */

static void
print_deleted(struct ctl *ctl, struct json_object *unused)
{
	(void)unused;
	fprintf(ctl->out.out, "webhook %s is gone, with every message to it\n", ctl->args.operand);
}

int
cmd_webhook_delete(struct ctl *ctl)
{
	_cleanup_(answer_release) struct answer a = {0};
	char path[96];
	int r;

	snprintf(path, sizeof path, "/api/webhooks/%s", ctl->args.operand);
	r = ctl_ask(ctl, &(struct request){.method = "DELETE", .path = path}, &a);
	return r == EXIT_STATUS_OK ? ctl_show(ctl, &a, print_deleted) : r;
}

static void
print_webhook(struct ctl *ctl, struct json_object *webhook)
{
	bool enabled = json_flag_of(webhook, "enabled");

	fprintf(ctl->out.out, "webhook %" PRId64 " is %s\n", json_number_of(webhook, "webhook_id"), enabled ? "enabled" : "disabled");
}

static int
change(struct ctl *ctl, struct str body)
{
	_cleanup_(answer_release) struct answer a = {0};
	char path[96];
	int r;

	snprintf(path, sizeof path, "/api/webhooks/%s", ctl->args.operand);
	r = ctl_ask(ctl, &(struct request){.method = "PATCH", .path = path, .body = body}, &a);
	return r == EXIT_STATUS_OK ? ctl_show(ctl, &a, print_webhook) : r;
}

int
cmd_webhook_enable(struct ctl *ctl)
{
	return change(ctl, STR("{\"enabled\":true}"));
}

int
cmd_webhook_disable(struct ctl *ctl)
{
	return change(ctl, STR("{\"enabled\":false}"));
}

/* --- messages ----------------------------------------------------------------------------------------------------------------- */

static const struct column delivery_columns[] = {
    {.title = "MESSAGE", .right = true}, {.title = "EVENT"}, {.title = "STATE"}, {.title = "ATTEMPTS", .right = true}, {.title = "CREATED"},
    {.title = "NEXT"}, {.title = "LAST ANSWER", .flexible = true},
};

static void
add_instant(struct table *t, struct json_object *object, const char *member)
{
	char text[WHEN_TEXT_MAX];

	when_local(json_text_of(object, member), text);
	table_add(t, text, COLOUR_NONE);
}

static void
add_last_answer(struct table *t, struct json_object *log)
{
	size_t count = log != NULL ? json_object_array_length(log) : 0;
	struct json_object *last = count > 0 ? json_object_array_get_idx(log, count - 1) : NULL;

	if (last != NULL && json_text_of(last, "detail")[0] != '\0')
		table_add(t, json_text_of(last, "detail"), COLOUR_NONE);
	else if (last != NULL)
		table_addf(t, "%" PRId64, json_number_of(last, "status"));
	else
		table_add(t, "", COLOUR_NONE);
}

static void
add_delivery(struct table *t, struct json_object *delivery)
{
	table_addf(t, "%" PRId64, json_number_of(delivery, "delivery_id"));
	table_add(t, json_text_of(delivery, "event"), COLOUR_NONE);
	table_add(t, json_text_of(delivery, "state"), COLOUR_NONE);
	table_addf(t, "%" PRId64, json_number_of(delivery, "attempts"));
	add_instant(t, delivery, "created_at");
	add_instant(t, delivery, "next_attempt_at");
	add_last_answer(t, json_member(delivery, "log"));
}

int
cmd_webhook_deliveries(struct ctl *ctl)
{
	_cleanup_(table_freep) struct table *t = table_new(&ctl->out, delivery_columns, ELEMENTSOF(delivery_columns));
	char path[96];

	snprintf(path, sizeof path, "/api/webhooks/%s/deliveries", ctl->args.operand);
	return ctl_list(ctl, path, t, add_delivery);
}

static void
print_sent(struct ctl *ctl, struct json_object *delivery)
{
	fprintf(ctl->out.out, "message %" PRId64 " is on its way\n", json_number_of(delivery, "delivery_id"));
}

static int
send_by(struct ctl *ctl, const char *path)
{
	_cleanup_(answer_release) struct answer a = {0};
	int r = ctl_ask(ctl, &(struct request){.method = "POST", .path = path}, &a);

	return r == EXIT_STATUS_OK ? ctl_show(ctl, &a, print_sent) : r;
}

int
cmd_webhook_test(struct ctl *ctl)
{
	char path[96];

	snprintf(path, sizeof path, "/api/webhooks/%s/test", ctl->args.operand);
	return send_by(ctl, path);
}

int
cmd_webhook_redeliver(struct ctl *ctl)
{
	char path[96];

	snprintf(path, sizeof path, "/api/webhooks/deliveries/%s/redeliver", ctl->args.operand);
	return send_by(ctl, path);
}
