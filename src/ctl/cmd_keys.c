/* SPDX-License-Identifier: Apache-2.0 */
/* keys, keys make, keys rotate: what opens the keys that users' jobs were sent with. */
#include <inttypes.h>
#include <json-c/json.h>
#include <string.h>

#include "base/secret.h"
#include "ctl/ctl.h"
#include "ctl/keys_file.h"
#include "ctl/table.h"

#define DEFAULT_FILE "/etc/credstore/rtalpd.keeper-key"

static const struct column key_columns[] = {
    {.title = "KEY"}, {.title = "STATE"}, {.title = "JOBS", .right = true}, {.title = "WEBHOOKS", .right = true},
};

static const char *
state_of(struct json_object *key)
{
	if (!json_flag_of(key, "held"))
		return "lost";
	if (!json_flag_of(key, "lasting"))
		return "until the next start";
	return json_flag_of(key, "newest") ? "newest" : "older";
}

static void
print_keys(struct ctl *ctl, struct json_object *keys)
{
	_cleanup_(table_freep) struct table *t = table_new(&ctl->out, key_columns, ELEMENTSOF(key_columns));

	for (size_t i = 0; i < json_object_array_length(keys); i++) {
		struct json_object *key = json_object_array_get_idx(keys, i);

		table_add(t, json_text_of(key, "key_id"), COLOUR_NONE);
		table_add(t, state_of(key), json_flag_of(key, "held") ? COLOUR_NONE : COLOUR_BAD);
		table_addf(t, "%" PRId64, json_number_of(key, "jobs"));
		table_addf(t, "%" PRId64, json_number_of(key, "webhooks"));
	}
	table_flush(t);
}

int
cmd_keys(struct ctl *ctl)
{
	_cleanup_(answer_release) struct answer a = {0};
	int r = ctl_get(ctl, "/api/keys", &a);

	return r == EXIT_STATUS_OK ? ctl_show(ctl, &a, print_keys) : r;
}

int
cmd_keys_make(struct ctl *ctl)
{
	_cleanup_(keys_text_wipe) struct keys_text keys = {.len = 0};
	int r;

	if (secret_setup() < 0)
		return EXIT_STATUS_FAILED;
	keys_text_rotate(&keys);
	r = keys_file_write(ctl->args.operand, &keys, false);
	if (r == EXIT_STATUS_OK)
		say("%s: one key; the service reads it when it starts", ctl->args.operand);
	return r;
}

static int
restart(void)
{
	static const char *const argv[] = {"systemctl", "restart", "rtalpd.service", NULL};
	struct keys_text nothing = {.len = 0}, out;
	int r = run_filter(argv, &nothing, &out);

	if (r != 0)
		say("the keys are rotated, but the service could not be restarted: `systemctl restart rtalpd.service`");
	return r == 0 ? EXIT_STATUS_OK : EXIT_STATUS_FAILED;
}

int
cmd_keys_rotate(struct ctl *ctl)
{
	_cleanup_(keys_text_wipe) struct keys_text keys = {.len = 0};
	const char *path = args_has(&ctl->args, OPT_FILE) ? ctl->args.text[OPT_FILE] : DEFAULT_FILE;
	int r;

	if (secret_setup() < 0)
		return EXIT_STATUS_FAILED;
	r = keys_file_read(path, &keys);
	if (r != EXIT_STATUS_OK)
		return r;
	keys_text_rotate(&keys);
	r = keys_file_write(path, &keys, true);
	if (r != EXIT_STATUS_OK)
		return r;
	if (args_has(&ctl->args, OPT_NO_RESTART)) {
		say("%s: rotated; the service reads it when it starts again", path);
		return EXIT_STATUS_OK;
	}
	return restart();
}
