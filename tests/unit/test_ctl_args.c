/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "base/day.h"
#include "ctl/args.h"
#include "ctl/key.h"

#define WORDS_MAX 16

/* The line's words by spaces. */
static int
parse(const char *line, struct args *ret_args)
{
	static char room[256];
	char *argv[WORDS_MAX + 1] = {NULL}, *rest = NULL, name[] = "rtalpctl";
	int argc = 1;

	argv[0] = name;
	snprintf(room, sizeof room, "%s", line);
	for (char *w = strtok_r(room, " ", &rest); w != NULL && argc < WORDS_MAX; w = strtok_r(NULL, " ", &rest))
		argv[argc++] = w;
	return args_parse(argc, argv, ret_args);
}

static void
options_may_stand_anywhere(void **state)
{
	static const char *const lines[] = {"entries --user 7 --date 2026-11-23 --json", "--json entries --date=2026-11-23 --user=7",
	    "--user 7 --json --date 2026-11-23 entries"};
	struct args a;
	day_t day;

	(void)state;
	assert_int_equal(day_from_civil(2026, 11, 23, &day), 0);
	for (size_t i = 0; i < ELEMENTSOF(lines); i++) {
		assert_int_equal(parse(lines[i], &a), 0);
		assert_string_equal(a.command->name, "entries");
		assert_int_equal(a.number[OPT_USER], 7);
		assert_int_equal(a.number[OPT_DATE], day);
		assert_true(args_has(&a, OPT_JSON));
		assert_false(args_has(&a, OPT_FROM));
	}
}

static void
two_words_are_one_command(void **state)
{
	struct args a;

	(void)state;
	assert_int_equal(parse("job 5", &a), 0);
	assert_string_equal(a.command->name, "job");
	assert_string_equal(a.operand, "5");
	assert_int_equal(parse("job cancel 6", &a), 0);
	assert_string_equal(a.command->name, "job cancel");
	assert_string_equal(a.operand, "6");
	assert_int_equal(parse("help token create", &a), 0);
	assert_string_equal(a.operand, "token create");
}

static void
each_wrong_line_is_refused(void **state)
{
	static const char *const lines[] = {"", "nonsense", "jobs 1", "job", "job 0", "job -1", "job 1x", "job 9007199254740992", "entries",
	    "entries --user", "entries --user 0", "entries --user 9007199254740992", "entries --user 1 --date 2026-02-30",
	    "entries --user 1 --date 2026-1-1", "entries --user 1 --status PENDING", "entries --user 1 --days 3", "jobs --kind a/b", "jobs --limit 0",
	    "fetch --user 1 --days 0", "fetch --user 1 --days 63", "fetch --user 1 --days 2 --from 2026-01-01",
	    "fetch --user 1 --date 2026-01-01 --to 2026-01-01", "fetch --user 1 --key-fd 3 --key-file x", "status --socket a --url b",
	    "status --token-fd 3 --token-file x", "status --user 1", "status --key-file x", "pause", "pause a/b", "pause ../x", "pause A",
	    "token create", "help --json"};
	struct args a;

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(lines); i++)
		if (parse(lines[i], &a) != -EINVAL)
			fail_msg("accepted: %s", lines[i]);
}

static void
help_needs_no_more_than_a_command(void **state)
{
	struct args a;

	(void)state;
	assert_int_equal(parse("--help", &a), 0);
	assert_null(a.command);
	assert_int_equal(parse("fetch -h", &a), 0);
	assert_string_equal(a.command->name, "fetch");
	assert_int_equal(parse("--version", &a), 0);
}

/* --- the tables and the manual ---------------------------------------------------------------------------------------------- */

static char *
read_manual(void)
{
	const char *top = getenv("top_srcdir");
	char path[4096], *text = xcalloc(1, 256 * 1024);
	FILE *f;

	snprintf(path, sizeof path, "%s/man/rtalpctl.1", top != NULL ? top : ".");
	f = fopen(path, "r");
	assert_non_null(f);
	assert_true(fread(text, 1, 256 * 1024 - 1, f) > 1000);
	(void)fclose(f);
	return text;
}

/* ".It Cm token create", with more or nothing behind it. */
static bool
describes(const char *manual, const char *request, const char *what)
{
	char line[128];
	size_t len = (size_t)snprintf(line, sizeof line, "\n%s%s", request, what);
	const char *at = strstr(manual, line);

	while (at != NULL && at[len] != '\n' && at[len] != ' ')
		at = strstr(at + 1, line);
	return at != NULL;
}

static void
the_manual_describes_every_command_and_option(void **state)
{
	_cleanup_free_ char *manual = read_manual();

	(void)state;
	for (size_t i = 0; i < command_count; i++)
		if (!describes(manual, ".It Cm ", commands[i].name))
			fail_msg("the manual does not describe the command %s", commands[i].name);
	for (size_t i = 0; i < OPT_COUNT; i++)
		if (!describes(manual, ".It Fl -", option_rows[i].name))
			fail_msg("the manual does not describe --%s", option_rows[i].name);
}

/* An option that no command takes, or a command that needs one it does not take, is a slip in the table. */
static void
the_tables_agree(void **state)
{
	uint64_t taken = 0;

	(void)state;
	for (size_t i = 0; i < command_count; i++) {
		assert_ptr_equal(command_find(commands[i].name), &commands[i]);
		assert_int_equal(commands[i].required & ~commands[i].options, 0);
		assert_non_null(commands[i].run);
		taken |= command_options(&commands[i]);
	}
	assert_int_equal(taken, (UINT64_C(1) << OPT_COUNT) - 1);
}

/* --- bodies ------------------------------------------------------------------------------------------------------------------- */

static void
a_key_stands_in_the_body_as_json(void **state)
{
	struct secret *key = NULL;
	struct key_body body;

	(void)state;
	assert_int_equal(secret_new(STR("a\"b\\c"), &key), 0);
	assert_int_equal(key_body_make(STR("\"alp_user_id\":1"), key, &body), 0);
	assert_int_equal(body.len, strlen("{\"alp_user_id\":1,\"rescue_time_api_key\":\"a\\\"b\\\\c\"}"));
	assert_memory_equal(body.text, "{\"alp_user_id\":1,\"rescue_time_api_key\":\"a\\\"b\\\\c\"}", body.len);
	assert_int_equal(key_body_make(STR_NONE, key, &body), 0);
	assert_memory_equal(body.text, "{\"rescue_time_api_key\":\"a\\\"b\\\\c\"}", body.len);
	assert_int_equal(key_body_make(STR_NONE, NULL, &body), 0);
	assert_memory_equal(body.text, "{}", body.len);
	key_body_release(&body);
	assert_int_equal(body.len, 0);
	secret_free(key);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(options_may_stand_anywhere),
	    cmocka_unit_test(two_words_are_one_command),
	    cmocka_unit_test(each_wrong_line_is_refused),
	    cmocka_unit_test(help_needs_no_more_than_a_command),
	    cmocka_unit_test(the_manual_describes_every_command_and_option),
	    cmocka_unit_test(the_tables_agree),
	    cmocka_unit_test(a_key_stands_in_the_body_as_json),
	};

	assert_int_equal(secret_setup(), 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
