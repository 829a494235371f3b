/* SPDX-License-Identifier: Apache-2.0 */
/* backup, backups, restore, check, prune, audit, audit verify, posting held, posting go-on, logs. */
#include <errno.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "ctl/ctl.h"
#include "ctl/table.h"
#include "ctl/text.h"
#include "ctl/url.h"
#include "ctl/when.h"

#define WORDS_MAX 8
#define LONG_MS ((int64_t)6 * 3600 * 1000) /* a large store is read whole */

static int
ask_long(struct ctl *ctl, const char *path, struct answer *ret_answer)
{
	return ctl_ask(ctl, &(struct request){.method = "POST", .path = path, .timeout_ms = LONG_MS}, ret_answer);
}

static void
print_count(struct ctl *ctl, const char *name, struct json_object *json, const char *member)
{
	char text[24];

	snprintf(text, sizeof text, "%" PRId64, json_number_of(json, member));
	print_field(ctl, name, text);
}

/* --- backups ------------------------------------------------------------------------------------------------------------------ */

static void
print_backup(struct ctl *ctl, struct json_object *json)
{
	print_field(ctl, "backup", json_text_of(json, "name"));
	print_instant(ctl, "made", json, "made_at");
	print_count(ctl, "bytes", json, "bytes");
	print_count(ctl, "schema", json, "schema");
	print_field(ctl, "sha256", json_text_of(json, "sha256"));
}

int
cmd_backup(struct ctl *ctl)
{
	_cleanup_(answer_release) struct answer a = {0};
	int r = ask_long(ctl, "/api/backups", &a);

	return r == EXIT_STATUS_OK ? ctl_show(ctl, &a, print_backup) : r;
}

static const struct column backup_columns[] = {
    {.title = "MADE"}, {.title = "BYTES", .right = true}, {.title = "SCHEMA", .right = true}, {.title = "BACKUP"}, {.title = "SHA256", .flexible = true},
};

static void
add_backup(struct table *t, struct json_object *json)
{
	char made[WHEN_TEXT_MAX];

	when_local(json_text_of(json, "made_at"), made);
	table_add(t, made, COLOUR_NONE);
	table_addf(t, "%" PRId64, json_number_of(json, "bytes"));
	table_addf(t, "%" PRId64, json_number_of(json, "schema"));
	table_add(t, json_text_of(json, "name"), COLOUR_NONE);
	table_add(t, json_text_of(json, "sha256"), COLOUR_NONE);
}

static void
print_backups(struct ctl *ctl, struct json_object *list)
{
	_cleanup_(table_freep) struct table *t = table_new(&ctl->out, backup_columns, ELEMENTSOF(backup_columns));

	for (size_t i = 0; json_object_is_type(list, json_type_array) && i < json_object_array_length(list); i++)
		add_backup(t, json_object_array_get_idx(list, i));
	table_flush(t);
}

int
cmd_backups(struct ctl *ctl)
{
	_cleanup_(answer_release) struct answer a = {0};
	int r = ctl_get(ctl, "/api/backups", &a);

	return r == EXIT_STATUS_OK ? ctl_show(ctl, &a, print_backups) : r;
}

/* Becomes that program; comes back only if it cannot be run. */
static int
become(const char *program, const char *const *words)
{
	char *argv[WORDS_MAX + 1] = {NULL};

	for (size_t i = 0; i < WORDS_MAX && words[i] != NULL; i++)
		argv[i] = xstrdup(words[i]);
	(void)fflush(stdout);
	execvp(program, argv);
	say("%s cannot be run: %s", program, strerror(errno));
	for (size_t i = 0; argv[i] != NULL; i++)
		free(argv[i]);
	return EXIT_STATUS_FAILED;
}

/* The daemon's program beside this one, where both are installed or built. */
static char *
daemon_program(void)
{
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
	char *slash, *beside;

	if (n > 0) {
		self[n] = '\0';
		slash = strrchr(self, '/');
		beside = xasprintf("%.*s/rtalpd", slash != NULL ? (int)(slash - self) : 0, self);
		if (access(beside, X_OK) == 0)
			return beside;
		free(beside);
	}
	return xstrdup(SBINDIR "/rtalpd");
}

/* Only the daemon's program knows its store, and only while no daemon has it. */
int
cmd_restore(struct ctl *ctl)
{
	_cleanup_free_ char *program = daemon_program(), *config = NULL;
	const char *words[WORDS_MAX + 1] = {"rtalpd", "--restore", ctl->args.operand};

	if (args_has(&ctl->args, OPT_CONFIG)) {
		config = xasprintf("--config=%s", ctl->args.text[OPT_CONFIG]);
		words[3] = config;
	}
	return become(program, words);
}

/* --- check, prune, audit --------------------------------------------------------------------------------------------------------- */

static void
print_check(struct ctl *ctl, struct json_object *json)
{
	struct json_object *violations = json_member(json, "violations");

	for (size_t i = 0; json_object_is_type(violations, json_type_array) && i < json_object_array_length(violations); i++)
		print_field(ctl, "broken", json_object_get_string(json_object_array_get_idx(violations, i)));
	fputs(json_flag_of(json, "holds") ? "every promise holds\n" : "promises are broken\n", ctl->out.out);
}

static int
check(struct ctl *ctl, const char *path)
{
	_cleanup_(answer_release) struct answer a = {0};
	int r = ask_long(ctl, path, &a);

	if (r == EXIT_STATUS_OK)
		r = ctl_show(ctl, &a, print_check);
	return r == EXIT_STATUS_OK && !json_flag_of(answer_json(&a), "holds") ? EXIT_STATUS_FAILED : r;
}

int
cmd_check(struct ctl *ctl)
{
	return check(ctl, "/api/store/check");
}

int
cmd_audit_verify(struct ctl *ctl)
{
	return check(ctl, "/api/audit/verify");
}

static void
print_pruned(struct ctl *ctl, struct json_object *json)
{
	print_count(ctl, "jobs", json, "jobs");
	print_count(ctl, "answers", json, "answers");
	print_count(ctl, "messages", json, "messages");
	print_count(ctl, "rules checks", json, "rule_checks");
	print_count(ctl, "days", json, "days");
}

int
cmd_prune(struct ctl *ctl)
{
	_cleanup_(answer_release) struct answer a = {0};
	int r = ask_long(ctl, "/api/store/prune", &a);

	return r == EXIT_STATUS_OK ? ctl_show(ctl, &a, print_pruned) : r;
}

static const struct column audit_columns[] = {
    {.title = "AUDIT", .right = true}, {.title = "AT"}, {.title = "ACTOR"}, {.title = "NAME"}, {.title = "ACTION"}, {.title = "USER", .right = true},
    {.title = "ENTRY", .right = true}, {.title = "POSTING", .right = true}, {.title = "AFTER", .flexible = true},
};

static void
add_optional(struct table *t, struct json_object *json, const char *member)
{
	if (json_member(json, member) != NULL)
		table_addf(t, "%" PRId64, json_number_of(json, member));
	else
		table_add(t, "", COLOUR_NONE);
}

static void
add_audit(struct table *t, struct json_object *json)
{
	struct json_object *after = json_member(json, "after");
	char at[WHEN_TEXT_MAX];

	when_local(json_text_of(json, "at"), at);
	table_addf(t, "%" PRId64, json_number_of(json, "audit_id"));
	table_add(t, at, COLOUR_NONE);
	table_add(t, json_text_of(json, "actor"), COLOUR_NONE);
	table_add(t, json_text_of(json, "actor_name"), COLOUR_NONE);
	table_add(t, json_text_of(json, "action"), COLOUR_NONE);
	add_optional(t, json, "alp_user_id");
	add_optional(t, json, "entry_id");
	add_optional(t, json, "posting_id");
	table_add(t, after != NULL ? json_object_to_json_string_ext(after, JSON_C_TO_STRING_PLAIN) : json_flag_of(json, "erased") ? "(erased)" : "",
	    COLOUR_NONE);
}

int
cmd_audit_list(struct ctl *ctl)
{
	_cleanup_(table_freep) struct table *t = table_new(&ctl->out, audit_columns, ELEMENTSOF(audit_columns));
	_cleanup_(buf_release) struct buf path = BUF_INIT(4096);

	buf_addz(&path, "/api/audit");
	if (args_has(&ctl->args, OPT_USER))
		url_add_number(&path, "alp_user_id", ctl->args.number[OPT_USER]);
	if (args_has(&ctl->args, OPT_ENTRY))
		url_add_number(&path, "entry_id", ctl->args.number[OPT_ENTRY]);
	return ctl_list(ctl, path.p, t, add_audit);
}

/* --- posting that is held -------------------------------------------------------------------------------------------------------- */

static void
print_unknown(struct ctl *ctl, struct json_object *day)
{
	struct json_object *differences = json_member(day, "differences");

	for (size_t i = 0; json_object_is_type(differences, json_type_array) && i < json_object_array_length(differences); i++) {
		struct json_object *d = json_object_array_get_idx(differences, i);
		_cleanup_free_ char *text = xasprintf("user %" PRId64 ", %s: %s, ALP's entry %s", json_number_of(day, "alp_user_id"), json_text_of(day, "day"),
		    json_text_of(d, "why"), json_text_of(d, "alp_entry_id"));

		print_field(ctl, "differs", text);
	}
}

static void
print_held(struct ctl *ctl, struct json_object *json)
{
	struct json_object *unknown = json_member(json, "unknown");

	print_field(ctl, "posting", json_flag_of(json, "held") ? "held" : "goes on");
	print_instant(ctl, "restored", json, "restored_at");
	print_instant(ctl, "as of", json, "backup_made_at");
	print_instant(ctl, "compared", json, "examined_at");
	print_instant(ctl, "went on", json, "went_on_at");
	print_field(ctl, "doubtful until", json_text_of(json, "doubtful_until"));
	for (size_t i = 0; json_object_is_type(unknown, json_type_array) && i < json_object_array_length(unknown); i++)
		print_unknown(ctl, json_object_array_get_idx(unknown, i));
}

int
cmd_posting_held(struct ctl *ctl)
{
	_cleanup_(answer_release) struct answer a = {0};
	int r = ctl_get(ctl, "/api/posting/held", &a);

	return r == EXIT_STATUS_OK ? ctl_show(ctl, &a, print_held) : r;
}

int
cmd_posting_go_on(struct ctl *ctl)
{
	_cleanup_(answer_release) struct answer a = {0};
	struct str body = args_has(&ctl->args, OPT_UNEXAMINED) ? STR("{\"unexamined\":true}") : STR("{}");
	int r = ctl_ask(ctl, &(struct request){.method = "POST", .path = "/api/posting/go-on", .body = body}, &a);

	return r == EXIT_STATUS_OK ? ctl_show(ctl, &a, print_held) : r;
}

/* --- logs ------------------------------------------------------------------------------------------------------------------------ */

int
cmd_logs(struct ctl *ctl)
{
	_cleanup_free_ char *job = xasprintf("JOB_ID=%" PRId64, ctl->args.number[OPT_JOB]);
	_cleanup_free_ char *user = xasprintf("ALP_USER_ID=%" PRId64, ctl->args.number[OPT_USER]);
	_cleanup_free_ char *lines = xasprintf("--lines=%" PRId64, ctl->args.number[OPT_LIMIT]);
	const char *words[WORDS_MAX + 1] = {"journalctl", "SYSLOG_IDENTIFIER=rtalpd"};
	size_t n = 2;

	if (args_has(&ctl->args, OPT_JOB))
		words[n++] = job;
	if (args_has(&ctl->args, OPT_USER))
		words[n++] = user;
	if (args_has(&ctl->args, OPT_LIMIT))
		words[n++] = lines;
	if (args_has(&ctl->args, OPT_FOLLOW))
		words[n++] = "--follow";
	if (args_has(&ctl->args, OPT_JSON))
		words[n++] = "--output=json";
	return become(words[0], words);
}
