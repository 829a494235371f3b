/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/secret_file.h"
#include "daemon/credential.h"

static char dir[] = "/tmp/test_credential.XXXXXX";
static char *file;

static void
write_file(const char *text, mode_t mode)
{
	FILE *f;

	(void)unlink(file); /* the last one may be read-only */
	f = fopen(file, "we");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(file, mode), 0);
}

static int
load(const char *key_file, struct secret **ret)
{
	return secret_file_load(key_file, secret_file_credentials(), "rescuetime-key", ret);
}

static void
expect_key(const char *key_file, const char *expected)
{
	struct secret *key = NULL;

	assert_int_equal(load(key_file, &key), 0);
	assert_non_null(key);
	assert_true(str_eq(secret_expose(key), str_of(expected)));
	secret_free(key);
}

static void
a_private_file_gives_the_key_without_its_newline(void **state)
{
	(void)state;
	write_file("B63aKEY\n", 0600);
	expect_key(file, "B63aKEY");
	write_file("B63aKEY", 0400);
	expect_key(file, "B63aKEY");
}

static void
a_file_that_others_may_read_is_refused(void **state)
{
	static const mode_t modes[] = {0640, 0604, 0620, 0644, 0660};
	struct secret *key = NULL;

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(modes); i++) {
		write_file("B63aKEY\n", modes[i]);
		assert_int_equal(load(file, &key), -EPERM);
		assert_null(key);
	}
}

static void
what_is_no_key_is_refused(void **state)
{
	struct secret *key = NULL;
	char longest[SECRET_MAX + 3];

	(void)state;
	write_file("", 0600);
	assert_int_equal(load(file, &key), -EINVAL);
	write_file("two words\n", 0600);
	assert_int_equal(load(file, &key), -EINVAL);
	write_file("two\n\n", 0600);
	assert_int_equal(load(file, &key), -EINVAL);
	memset(longest, 'k', sizeof longest);
	longest[SECRET_MAX + 2] = '\0';
	write_file(longest, 0600);
	assert_int_equal(load(file, &key), -EFBIG);
	longest[SECRET_MAX] = '\n';
	longest[SECRET_MAX + 1] = '\0';
	write_file(longest, 0600);
	longest[SECRET_MAX] = '\0';
	expect_key(file, longest);
	assert_int_equal(load(dir, &key), -EINVAL);
	assert_int_equal(load("/nonexistent/key", &key), -ENOENT);
	assert_null(key);
}

static void
the_service_managers_credential_is_used_when_no_file_is_named(void **state)
{
	struct secret *key = NULL;

	(void)state;
	assert_int_equal(unsetenv("CREDENTIALS_DIRECTORY"), 0);
	assert_int_equal(load("", &key), 0);
	assert_null(key);
	assert_int_equal(setenv("CREDENTIALS_DIRECTORY", dir, 1), 0);
	write_file("B63aKEY\n", 0440);
	expect_key("", "B63aKEY");
	assert_int_equal(unlink(file), 0);
	assert_int_equal(load("", &key), 0);
	assert_null(key);
}

static void
the_key_for_alp_is_read_the_same_way_and_only_for_an_alp(void **state)
{
	_cleanup_(config_freep) struct config *config = NULL;
	struct config_errors errors = {0};
	struct secret *key = NULL;

	(void)state;
	assert_int_equal(config_load(NULL, &config, &errors), 0);
	free(config->alp.key_file);
	config->alp.key_file = xstrdup(file);
	write_file("ALP-KEY\n", 0600);
	assert_int_equal(credential_load_alp(config, &key), 0);
	assert_null(key);
	free(config->alp.url);
	config->alp.url = xstrdup("https://alp.example.org");
	assert_int_equal(credential_load_alp(config, &key), 0);
	assert_true(str_eq(secret_expose(key), STR("ALP-KEY")));
	secret_free(key);
	write_file("ALP-KEY\n", 0640);
	assert_int_equal(credential_load_alp(config, &key), -EPERM);
	assert_null(key);
}

static int
setup(void **state)
{
	(void)state;
	if (secret_setup() < 0 || mkdtemp(dir) == NULL)
		return -1;
	file = xasprintf("%s/%s", dir, "rescuetime-key");
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	(void)unlink(file);
	free(file);
	return rmdir(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_private_file_gives_the_key_without_its_newline),
	    cmocka_unit_test(a_file_that_others_may_read_is_refused),
	    cmocka_unit_test(what_is_no_key_is_refused),
	    cmocka_unit_test(the_service_managers_credential_is_used_when_no_file_is_named),
	    cmocka_unit_test(the_key_for_alp_is_read_the_same_way_and_only_for_an_alp),
	};

	return cmocka_run_group_tests_name("credential", tests, setup, teardown);
}
