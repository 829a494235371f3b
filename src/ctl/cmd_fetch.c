/* SPDX-License-Identifier: Apache-2.0 */
/* fetch, process: submit a job and wait for its end. */
#include <inttypes.h>
#include <json-c/json.h>
#include <string.h>

#include "base/day.h"
#include "ctl/ctl.h"
#include "ctl/follow.h"
#include "ctl/key.h"

/* --- the key ------------------------------------------------------------------------------------------------------------------ */

/* Has the daemon a key of its own for that user, as in single-user mode? */
static int
daemon_has_key(struct ctl *ctl, int64_t alp_user_id, bool *ret_has)
{
	_cleanup_(answer_release) struct answer a = {0};
	int r = ctl_get(ctl, "/api/settings", &a);

	if (r != EXIT_STATUS_OK)
		return r;
	*ret_has = json_flag_of(answer_json(&a), "has_api_key") && json_number_of(answer_json(&a), "single_user_id") == alp_user_id;
	return EXIT_STATUS_OK;
}

int
ctl_need_key(struct ctl *ctl, int64_t alp_user_id, struct secret **ret_key)
{
	bool has = false;
	int r = ctl_client(ctl);

	if (r != EXIT_STATUS_OK)
		return r;
	if (client_may_send_secret(ctl->client) < 0) {
		say("%s", client_fault(ctl->client));
		return EXIT_STATUS_NOT_ALLOWED;
	}
	if (!args_has(&ctl->args, OPT_KEY_FD) && !args_has(&ctl->args, OPT_KEY_FILE))
		r = daemon_has_key(ctl, alp_user_id, &has);
	return r == EXIT_STATUS_OK && !has ? key_read_user(&ctl->args, ret_key) : r;
}

/* --- bodies ------------------------------------------------------------------------------------------------------------------- */

static void
add_day(struct buf *b, const struct args *a, enum option_id id, const char *name)
{
	char text[DAY_TEXT_MAX];

	if (!args_has(a, id))
		return;
	day_format((day_t)a->number[id], text);
	buf_addf(b, ",\"%s\":\"%s\"", name, text);
}

static void
make_fields(const struct args *a, const char *date_name, struct buf *b)
{
	buf_addf(b, "\"alp_user_id\":%" PRId64, a->number[OPT_USER]);
	if (args_has(a, OPT_DAYS))
		buf_addf(b, ",\"days\":%" PRId64, a->number[OPT_DAYS]);
	add_day(b, a, OPT_DATE, date_name);
	add_day(b, a, OPT_FROM, "from");
	add_day(b, a, OPT_TO, "to");
}

static int
submit(struct ctl *ctl, const char *path, const char *date_name, const struct secret *key)
{
	_cleanup_(key_body_release) struct key_body body;
	_cleanup_(answer_release) struct answer accepted = {0};
	_cleanup_(buf_release) struct buf fields = BUF_INIT(512);
	int r;

	make_fields(&ctl->args, date_name, &fields);
	if (key_body_make(buf_str(&fields), key, &body) < 0)
		return EXIT_STATUS_USAGE;
	r = ctl_ask(ctl, &(struct request){.method = "POST", .path = path, .body = {body.text, body.len}, .secret = key != NULL},
	    &accepted);
	return r == EXIT_STATUS_OK ? ctl_accepted(ctl, &accepted) : r;
}

/* As many as one fetch may have; a check of rules may have more, so it is not the option's own. */
#define DAYS_MAX 31

int
cmd_fetch(struct ctl *ctl)
{
	_cleanup_(secret_freep) struct secret *key = NULL;
	int r;

	if (ctl->args.number[OPT_DAYS] > DAYS_MAX) {
		say("--days: must be a number from 1 to %d", DAYS_MAX);
		return EXIT_STATUS_USAGE;
	}
	r = ctl_need_key(ctl, ctl->args.number[OPT_USER], &key);
	return r == EXIT_STATUS_OK ? submit(ctl, "/api/jobs/fetch", "target_date", key) : r;
}

int
cmd_process(struct ctl *ctl)
{
	return submit(ctl, "/api/jobs/process", "date", NULL);
}

/* --- what comes of it --------------------------------------------------------------------------------------------------------- */

static void
print_accepted(struct ctl *ctl, struct json_object *job)
{
	print_field(ctl, "job", json_object_get_string(json_member(job, "job_id")));
	print_field(ctl, "", json_text_of(job, "message"));
}

static int
judge_end(struct ctl *ctl, struct answer *end)
{
	struct json_object *job = answer_json(end), *error = json_member(job, "error");
	const char *state = json_text_of(job, "state");
	int r = ctl_show(ctl, end, print_job);

	if (r != EXIT_STATUS_OK || strcmp(state, "succeeded") == 0)
		return r;
	say("job %" PRId64 " is %s%s%s", json_number_of(job, "job_id"), state, error != NULL ? ": " : "", json_text_of(error, "detail"));
	return EXIT_STATUS_FAILED;
}

int
ctl_accepted(struct ctl *ctl, struct answer *accepted)
{
	_cleanup_(answer_release) struct answer end = {0};
	int64_t job_id = json_number_of(answer_json(accepted), "job_id");
	int r;

	if (args_has(&ctl->args, OPT_NO_WAIT) || job_id <= 0)
		return ctl_show(ctl, accepted, print_accepted);
	r = follow_job(ctl, job_id, &end);
	return r == EXIT_STATUS_OK ? judge_end(ctl, &end) : r;
}
