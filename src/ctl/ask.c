/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <string.h>

#include "ctl/ctl.h"
#include "ctl/key.h"

/* --- one request -------------------------------------------------------------------------------------------------------------- */

int
ctl_client(struct ctl *ctl)
{
	_cleanup_(secret_freep) struct secret *token = NULL;
	struct client_options options = {.socket_path = CTL_SOCKET, .url = ctl->args.text[OPT_URL], .ca_file = ctl->args.text[OPT_CA_FILE]};
	int r;

	if (ctl->client != NULL)
		return EXIT_STATUS_OK;
	if (args_has(&ctl->args, OPT_SOCKET))
		options.socket_path = ctl->args.text[OPT_SOCKET];
	r = key_read_token(&ctl->args, &token);
	if (r != EXIT_STATUS_OK)
		return r;
	options.token = token;
	r = client_new(&options, &ctl->client);
	if (r == 0)
		return EXIT_STATUS_OK;
	if (r == -EPERM) {
		say("a token does not go to %s: only over the Unix socket, https or loopback", options.url);
		return EXIT_STATUS_NOT_ALLOWED;
	}
	if (r == -EBADMSG) {
		say("--ca-file: must be a file that can be read, beside an https --url");
		return EXIT_STATUS_USAGE;
	}
	say("--url: must be http://HOST[:PORT] or https://HOST[:PORT], and no more than a path behind it");
	return EXIT_STATUS_USAGE;
}

int
ctl_unanswered(struct ctl *ctl, int error)
{
	say("%s", client_fault(ctl->client));
	switch (error) {
	case -ETIMEDOUT:
		return EXIT_STATUS_LATER;
	case -EPERM:
		return EXIT_STATUS_NOT_ALLOWED;
	case -ECONNREFUSED:
		return EXIT_STATUS_UNREACHABLE;
	default:
		return EXIT_STATUS_FAILED;
	}
}

static int
status_of_http(long status)
{
	switch (status) {
	case 401:
	case 403:
		return EXIT_STATUS_NOT_ALLOWED;
	case 404:
		return EXIT_STATUS_NOT_FOUND;
	case 429:
	case 503:
		return EXIT_STATUS_LATER;
	default:
		return status >= 200 && status < 300 ? EXIT_STATUS_OK : EXIT_STATUS_FAILED;
	}
}

/* loc is ["body", "days"], or ["body", "17", "code"]: where, then the field, or the item's index and the field. */
static void
say_error(struct json_object *error)
{
	struct json_object *loc = json_member(error, "loc");
	size_t depth = loc != NULL && json_object_is_type(loc, json_type_array) ? json_object_array_length(loc) : 0;
	const char *field = depth > 0 ? json_object_get_string(json_object_array_get_idx(loc, depth - 1)) : NULL;
	const char *within = depth > 2 ? json_object_get_string(json_object_array_get_idx(loc, depth - 2)) : NULL;

	say("%s%s%s: %s", within != NULL ? within : "", within != NULL ? "." : "", field != NULL ? field : "?", json_text_of(error, "msg"));
}

static void
say_problem(struct answer *a)
{
	struct json_object *problem = answer_json(a), *errors = json_member(problem, "errors");
	const char *detail = json_text_of(problem, "detail"), *title = json_text_of(problem, "title");

	if (detail[0] != '\0' || title[0] != '\0')
		say("%s", detail[0] != '\0' ? detail : title);
	else
		say("the daemon answered %ld", a->status);
	for (size_t i = 0; json_object_is_type(errors, json_type_array) && i < json_object_array_length(errors); i++)
		say_error(json_object_array_get_idx(errors, i));
	if (a->status >= 500 && json_text_of(problem, "request_id")[0] != '\0')
		say("the daemon's log names this request %s", json_text_of(problem, "request_id"));
	if (a->retry_after_s > 0)
		say("try again in %" PRId64 " s", a->retry_after_s);
}

int
ctl_refused(struct answer *a)
{
	int status = status_of_http(a->status);

	if (status != EXIT_STATUS_OK)
		say_problem(a);
	return status;
}

int
ctl_ask(struct ctl *ctl, const struct request *request, struct answer *ret_answer)
{
	int r = ctl_client(ctl);

	if (r != EXIT_STATUS_OK)
		return r;
	r = client_ask(ctl->client, request, ret_answer);
	return r < 0 ? ctl_unanswered(ctl, r) : ctl_refused(ret_answer);
}

int
ctl_get(struct ctl *ctl, const char *path, struct answer *ret_answer)
{
	return ctl_ask(ctl, &(struct request){.method = "GET", .path = path}, ret_answer);
}

/* --- JSON --------------------------------------------------------------------------------------------------------------------- */

struct json_object *
json_member(struct json_object *object, const char *name)
{
	struct json_object *value = NULL;

	if (json_object_is_type(object, json_type_object))
		(void)json_object_object_get_ex(object, name, &value);
	return value;
}

const char *
json_text_of(struct json_object *object, const char *name)
{
	struct json_object *value = json_member(object, name);

	return json_object_is_type(value, json_type_string) ? json_object_get_string(value) : "";
}

int64_t
json_number_of(struct json_object *object, const char *name)
{
	struct json_object *value = json_member(object, name);

	return json_object_is_type(value, json_type_int) ? json_object_get_int64(value) : 0;
}

bool
json_flag_of(struct json_object *object, const char *name)
{
	struct json_object *value = json_member(object, name);

	return json_object_is_type(value, json_type_boolean) && json_object_get_boolean(value);
}
