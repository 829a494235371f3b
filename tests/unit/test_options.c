/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "daemon/options.h"

static int
parse(const char *a, const char *b, const char *c, struct options *ret)
{
	char words[4][64] = {"rtalpd"};
	const char *given[] = {a, b, c};
	char *argv[5] = {words[0]};
	int argc = 1;

	for (size_t i = 0; i < ELEMENTSOF(given) && given[i] != NULL; i++) {
		(void)snprintf(words[argc], sizeof words[0], "%s", given[i]);
		argv[argc] = words[argc];
		argc++;
	}
	return options_parse(argc, argv, ret);
}

static void
without_options_the_daemon_runs_with_the_installed_file(void **state)
{
	struct options o;

	(void)state;
	assert_int_equal(parse(NULL, NULL, NULL, &o), 0);
	assert_int_equal(o.action, OPTIONS_RUN);
	assert_string_equal(o.config_path, SYSCONFDIR "/rescuetime-alp/rtalpd.conf");
}

static void
each_option_is_understood(void **state)
{
	struct options o;

	(void)state;
	assert_int_equal(parse("--check-config", "--config", "/x", &o), 0);
	assert_int_equal(o.action, OPTIONS_CHECK_CONFIG);
	assert_int_equal(parse("--print-config", NULL, NULL, &o), 0);
	assert_int_equal(o.action, OPTIONS_PRINT_CONFIG);
	assert_int_equal(parse("--version", NULL, NULL, &o), 0);
	assert_int_equal(o.action, OPTIONS_VERSION);
	assert_int_equal(parse("--help", NULL, NULL, &o), 0);
	assert_int_equal(o.action, OPTIONS_HELP);
}

static void
what_is_not_an_option_is_refused(void **state)
{
	struct options o;

	(void)state;
	assert_int_equal(parse("--colour", NULL, NULL, &o), -EINVAL);
	assert_int_equal(parse("--config", NULL, NULL, &o), -EINVAL);
	assert_int_equal(parse("file", NULL, NULL, &o), -EINVAL);
}

static void
the_help_names_every_option(void **state)
{
	static const char *const names[] = {"--config FILE", "--check-config", "--print-config", "--version", "--help"};
	char text[4096] = "";
	FILE *f = fmemopen(text, sizeof text, "w");

	(void)state;
	assert_non_null(f);
	options_print_help(f);
	assert_int_equal(fclose(f), 0);
	for (size_t i = 0; i < ELEMENTSOF(names); i++)
		assert_non_null(strstr(text, names[i]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(without_options_the_daemon_runs_with_the_installed_file),
	    cmocka_unit_test(each_option_is_understood),
	    cmocka_unit_test(what_is_not_an_option_is_refused),
	    cmocka_unit_test(the_help_names_every_option),
	};

	return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
