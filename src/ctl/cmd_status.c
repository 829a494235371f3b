/* SPDX-License-Identifier: Apache-2.0 */
/* status, pause, resume: the daemon and its queue. */
#include <inttypes.h>
#include <json-c/json.h>
#include <string.h>

#include "ctl/ctl.h"
#include "ctl/table.h"
#include "ctl/text.h"
#include "ctl/when.h"

/* --- the queue ---------------------------------------------------------------------------------------------------------------- */

static const struct column queue_columns[] = {
    {.title = "KIND"}, {.title = "STATE"}, {.title = "QUEUED", .right = true}, {.title = "RUNNING", .right = true},
    {.title = "OLDEST", .right = true},
};

static void
add_kind(struct table *t, struct json_object *kind)
{
	bool paused = json_flag_of(kind, "paused");
	char age[WHEN_TEXT_MAX] = "-";

	if (json_object_is_type(json_member(kind, "oldest_age_seconds"), json_type_int))
		when_hms(json_number_of(kind, "oldest_age_seconds"), age);
	table_add(t, json_text_of(kind, "kind"), COLOUR_NONE);
	table_add(t, paused ? "paused" : "open", paused ? COLOUR_WARN : COLOUR_GOOD);
	table_addf(t, "%" PRId64, json_number_of(kind, "queued"));
	table_addf(t, "%" PRId64, json_number_of(kind, "running"));
	table_add(t, age, COLOUR_NONE);
}

static void
print_kind(struct ctl *ctl, struct json_object *kind)
{
	_cleanup_(table_freep) struct table *t = table_new(&ctl->out, queue_columns, ELEMENTSOF(queue_columns));

	add_kind(t, kind);
	table_flush(t);
}

static int
control(struct ctl *ctl, const char *verb)
{
	_cleanup_(answer_release) struct answer a = {0};
	char path[96];
	int r;

	snprintf(path, sizeof path, "/api/queue/%s/%s", ctl->args.operand, verb);
	r = ctl_ask(ctl, &(struct request){.method = "POST", .path = path}, &a);
	return r == EXIT_STATUS_OK ? ctl_show(ctl, &a, print_kind) : r;
}

int
cmd_pause(struct ctl *ctl)
{
	return control(ctl, "pause");
}

int
cmd_resume(struct ctl *ctl)
{
	return control(ctl, "resume");
}

/* --- status ------------------------------------------------------------------------------------------------------------------- */

struct status {
	struct answer ready, settings, queue;
	int ready_status, settings_status, queue_status;
};

static void
status_release(struct status *s)
{
	answer_release(&s->ready);
	answer_release(&s->settings);
	answer_release(&s->queue);
}

/* Not to be ready is an answer, not a refusal: it is told on standard output. */
static int
ask_ready(struct ctl *ctl, struct answer *a)
{
	int r = ctl_client(ctl);

	if (r != EXIT_STATUS_OK)
		return r;
	r = client_ask(ctl->client, &(struct request){.method = "GET", .path = "/readyz"}, a);
	if (r < 0)
		return ctl_unanswered(ctl, r);
	return a->status == 503 ? EXIT_STATUS_LATER : ctl_refused(a);
}

static void
print_settings(struct ctl *ctl, struct json_object *settings)
{
	char user[32] = "";

	if (json_number_of(settings, "single_user_id") > 0)
		snprintf(user, sizeof user, "%" PRId64 "%s", json_number_of(settings, "single_user_id"),
		    json_flag_of(settings, "has_api_key") ? ", with a key" : "");
	print_field(ctl, "version", json_text_of(settings, "version"));
	print_field(ctl, "store", json_text_of(settings, "database_path"));
	print_field(ctl, "rules", json_text_of(settings, "rules_version"));
	print_field(ctl, "rules file", json_text_of(settings, "rules_file"));
	print_field(ctl, "time zone", json_text_of(settings, "default_time_zone"));
	print_field(ctl, "single user", user);
}

static void
print_status(struct ctl *ctl, struct status *s)
{
	struct json_object *queue = answer_json(&s->queue);

	print_field(ctl, "ready", s->ready.status == 200 ? "yes" : json_text_of(answer_json(&s->ready), "detail"));
	if (s->settings_status == EXIT_STATUS_OK)
		print_settings(ctl, answer_json(&s->settings));
	if (s->queue_status == EXIT_STATUS_OK && json_object_is_type(queue, json_type_array)) {
		_cleanup_(table_freep) struct table *t = table_new(&ctl->out, queue_columns, ELEMENTSOF(queue_columns));

		for (size_t i = 0; i < json_object_array_length(queue); i++)
			add_kind(t, json_object_array_get_idx(queue, i));
		fputc('\n', ctl->out.out);
		table_flush(t);
	}
}

static void
print_part(struct ctl *ctl, const char *name, const struct answer *a)
{
	fprintf(ctl->out.out, "\"%s\":", name);
	text_put_json(ctl->out.out, a->body.len > 0 ? buf_str(&a->body) : STR("null"));
}

/* Three answers of the API, each as it came. */
static void
print_status_json(struct ctl *ctl, const struct status *s)
{
	fputc('{', ctl->out.out);
	print_part(ctl, "readyz", &s->ready);
	fputc(',', ctl->out.out);
	print_part(ctl, "settings", &s->settings);
	fputc(',', ctl->out.out);
	print_part(ctl, "queue", &s->queue);
	fputs("}\n", ctl->out.out);
}

static bool
is_json(struct answer *a)
{
	return a->body.len == 0 || answer_json(a) != NULL;
}

int
cmd_status(struct ctl *ctl)
{
	_cleanup_(status_release) struct status s = {0};

	s.ready_status = ask_ready(ctl, &s.ready);
	if (s.ready.status == 0)
		return s.ready_status;
	s.settings_status = ctl_get(ctl, "/api/settings", &s.settings);
	s.queue_status = ctl_get(ctl, "/api/queue", &s.queue);
	if (!is_json(&s.ready) || !is_json(&s.settings) || !is_json(&s.queue)) {
		say("what answers is not rtalpd: its answer cannot be understood");
		return EXIT_STATUS_FAILED;
	}
	if (args_has(&ctl->args, OPT_JSON))
		print_status_json(ctl, &s);
	else
		print_status(ctl, &s);
	if (s.ready_status != EXIT_STATUS_OK)
		return s.ready_status;
	return s.settings_status != EXIT_STATUS_OK ? s.settings_status : s.queue_status;
}
