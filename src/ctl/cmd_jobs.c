/* SPDX-License-Identifier: Apache-2.0 */
/* jobs, job, job cancel, job retry. */
#include <inttypes.h>
#include <json-c/json.h>
#include <string.h>

#include "ctl/ctl.h"
#include "ctl/key.h"
#include "ctl/table.h"
#include "ctl/url.h"
#include "ctl/when.h"

enum colour
job_colour(const char *state)
{
	static const struct {
		const char *state;
		enum colour colour;
	} colours[] = {
	    {"succeeded", COLOUR_GOOD}, {"failed", COLOUR_BAD}, {"key_lost", COLOUR_BAD}, {"cancelled", COLOUR_DIM}, {"running", COLOUR_WARN},
	};

	for (size_t i = 0; i < ELEMENTSOF(colours); i++)
		if (strcmp(colours[i].state, state) == 0)
			return colours[i].colour;
	return COLOUR_NONE;
}

/* --- list --------------------------------------------------------------------------------------------------------------------- */

static const struct column job_columns[] = {
    {.title = "JOB", .right = true}, {.title = "KIND"}, {.title = "USER", .right = true}, {.title = "STATE"}, {.title = "FROM"},
    {.title = "TO"}, {.title = "DAYS", .right = true}, {.title = "CREATED"}, {.title = "ERROR", .flexible = true},
};

static void
add_job(struct table *t, struct json_object *job)
{
	const char *state = json_text_of(job, "state");
	char created[WHEN_TEXT_MAX];

	when_local(json_text_of(job, "created_at"), created);
	table_addf(t, "%" PRId64, json_number_of(job, "job_id"));
	table_add(t, json_text_of(job, "kind"), COLOUR_NONE);
	table_addf(t, "%" PRId64, json_number_of(job, "alp_user_id"));
	table_add(t, state, job_colour(state));
	table_add(t, json_text_of(job, "from"), COLOUR_NONE);
	table_add(t, json_text_of(job, "to"), COLOUR_NONE);
	if (json_number_of(job, "days_total") > 0)
		table_addf(t, "%" PRId64 "/%" PRId64, json_number_of(job, "days_done"), json_number_of(job, "days_total"));
	else
		table_add(t, "", COLOUR_NONE);
	table_add(t, created, COLOUR_NONE);
	table_add(t, json_text_of(json_member(job, "error"), "code"), COLOUR_NONE);
}

int
cmd_jobs(struct ctl *ctl)
{
	_cleanup_(table_freep) struct table *t = table_new(&ctl->out, job_columns, ELEMENTSOF(job_columns));
	_cleanup_(buf_release) struct buf path = BUF_INIT(4096);

	buf_addz(&path, "/api/jobs");
	if (args_has(&ctl->args, OPT_USER))
		url_add_number(&path, "alp_user_id", ctl->args.number[OPT_USER]);
	if (args_has(&ctl->args, OPT_KIND))
		url_add(&path, "kind", ctl->args.text[OPT_KIND]);
	if (args_has(&ctl->args, OPT_STATE))
		url_add(&path, "state", ctl->args.text[OPT_STATE]);
	return ctl_list(ctl, path.p, t, add_job);
}

/* --- one ---------------------------------------------------------------------------------------------------------------------- */

static void
print_days(struct ctl *ctl, struct json_object *job)
{
	char text[128];

	if (json_number_of(job, "days_total") <= 0)
		return;
	snprintf(text, sizeof text, "%.16s to %.16s, %" PRId64 " of %" PRId64 " done", json_text_of(job, "from"), json_text_of(job, "to"),
	    json_number_of(job, "days_done"), json_number_of(job, "days_total"));
	print_field(ctl, "days", text);
}

static void
print_number(struct ctl *ctl, const char *name, struct json_object *object, const char *member)
{
	char text[24];

	snprintf(text, sizeof text, "%" PRId64, json_number_of(object, member));
	print_field(ctl, name, json_member(object, member) != NULL ? text : "");
}

static const struct column history_columns[] = {
    {.title = "AT"}, {.title = "TO"}, {.title = "RUN", .right = true}, {.title = "CODE"}, {.title = "DETAIL", .flexible = true},
};

static void
print_history(struct ctl *ctl, struct json_object *history)
{
	_cleanup_(table_freep) struct table *t = table_new(&ctl->out, history_columns, ELEMENTSOF(history_columns));

	if (!json_object_is_type(history, json_type_array))
		return;
	for (size_t i = 0; i < json_object_array_length(history); i++) {
		struct json_object *step = json_object_array_get_idx(history, i);
		char at[WHEN_TEXT_MAX];

		when_local(json_text_of(step, "at"), at);
		table_add(t, at, COLOUR_NONE);
		table_add(t, json_text_of(step, "to"), job_colour(json_text_of(step, "to")));
		table_addf(t, "%" PRId64, json_number_of(step, "run"));
		table_add(t, json_text_of(step, "code"), COLOUR_NONE);
		table_add(t, json_text_of(step, "detail"), COLOUR_NONE);
	}
	fputc('\n', ctl->out.out);
	table_flush(t);
}

void
print_job(struct ctl *ctl, struct json_object *job)
{
	struct json_object *error = json_member(job, "error");

	print_number(ctl, "job", job, "job_id");
	print_field(ctl, "kind", json_text_of(job, "kind"));
	print_number(ctl, "user", job, "alp_user_id");
	print_field(ctl, "state", json_text_of(job, "state"));
	print_field(ctl, "phase", json_text_of(job, "phase"));
	print_days(ctl, job);
	print_number(ctl, "priority", job, "priority");
	print_number(ctl, "attempts", job, "attempts");
	print_instant(ctl, "created", job, "created_at");
	print_instant(ctl, "started", job, "started_at");
	print_instant(ctl, "next attempt", job, "retry_at");
	print_instant(ctl, "finished", job, "finished_at");
	print_field(ctl, "error", json_text_of(error, "code"));
	print_field(ctl, "", json_text_of(error, "detail"));
	print_history(ctl, json_member(job, "history"));
}

static int
with_job(struct ctl *ctl, const char *method, const char *tail, struct answer *a)
{
	char path[96];

	snprintf(path, sizeof path, "/api/jobs/%s%s", ctl->args.operand, tail);
	return ctl_ask(ctl, &(struct request){.method = method, .path = path}, a);
}

int
cmd_job(struct ctl *ctl)
{
	_cleanup_(answer_release) struct answer a = {0};
	int r = with_job(ctl, "GET", "", &a);

	return r == EXIT_STATUS_OK ? ctl_show(ctl, &a, print_job) : r;
}

int
cmd_job_cancel(struct ctl *ctl)
{
	_cleanup_(answer_release) struct answer a = {0};
	int r = with_job(ctl, "DELETE", "", &a);

	return r == EXIT_STATUS_OK ? ctl_show(ctl, &a, print_job) : r;
}

/* --- again -------------------------------------------------------------------------------------------------------------------- */

static int
send_retry(struct ctl *ctl, const struct secret *key, struct answer *ret_answer)
{
	_cleanup_(key_body_release) struct key_body body;
	char path[96];

	snprintf(path, sizeof path, "/api/jobs/%s/retry", ctl->args.operand);
	if (key_body_make(STR_NONE, key, &body) < 0)
		return EXIT_STATUS_USAGE;
	return ctl_ask(ctl,
	    &(struct request){.method = "POST", .path = path, .body = {body.text, body.len}, .secret = key != NULL}, ret_answer);
}

/* Asks for a key only where one is needed. */
int
cmd_job_retry(struct ctl *ctl)
{
	_cleanup_(answer_release) struct answer job = {0}, retried = {0};
	_cleanup_(secret_freep) struct secret *key = NULL;
	int r = with_job(ctl, "GET", "", &job);

	if (r != EXIT_STATUS_OK)
		return r;
	if (strcmp(json_text_of(answer_json(&job), "kind"), "fetch") == 0)
		r = ctl_need_key(ctl, json_number_of(answer_json(&job), "alp_user_id"), &key);
	if (r == EXIT_STATUS_OK)
		r = send_retry(ctl, key, &retried);
	return r == EXIT_STATUS_OK ? ctl_show(ctl, &retried, print_job) : r;
}
