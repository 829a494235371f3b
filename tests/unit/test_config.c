/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "base/alloc.h"
#include "daemon/config.h"
#include "daemon/setting_check.h"
#include "rules/units.h"

static char path[] = "/tmp/test_config.XXXXXX";

static int
load(const char *text, struct config **ret, struct config_errors *errors)
{
	FILE *f = fopen(path, "we");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
	return config_load(path, ret, errors);
}

/* The file has exactly this one error. */
static void
expect_error(const char *text, const char *line_and_message)
{
	struct config_errors errors = {0};
	struct config *config = NULL;
	_cleanup_free_ char *expected = xasprintf("%s:%s", path, line_and_message);

	assert_int_equal(load(text, &config, &errors), -EINVAL);
	assert_null(config);
	assert_int_equal(errors.count, 1);
	assert_string_equal(errors.lines[0], expected);
	config_errors_release(&errors);
}

static struct config *
expect_config(const char *text)
{
	struct config_errors errors = {0};
	struct config *config = NULL;

	if (load(text, &config, &errors) < 0)
		fail_msg("%s", errors.lines[0]);
	return config;
}

static void
names_and_paths_of_alp_are_checked(void **state)
{
	_cleanup_(config_freep) struct config *config = expect_config("alp: { url = \"https://alp.example/v1\"; outcomes_path = \"/m/{id}/o?all=1\"; "
								      "paging = \"offset\"; lists_fresh = \"yes\"; reference_field = \"\"; };");

	(void)state;
	assert_string_equal(config->alp.outcomes_path, "/m/{id}/o?all=1");
	assert_int_equal(config->alp.lists_fresh, 1);
	assert_int_equal(config->alp.honours_key, 0);
	expect_error("alp: { outcomes_path = \"/outcomes\"; };", "1: alp.outcomes_path: must be a path with {id} in it, such as \"/matters/{id}/outcomes\"");
	expect_error("alp: { users_path = \"/users/{id}\"; };", "1: alp.users_path: must be a path such as \"/matters\", perhaps with a query");
	expect_error("alp: { users_path = \"//a b\"; };", "1: alp.users_path: must be a path such as \"/matters\", perhaps with a query");
	expect_error("alp: { id_field = \"\"; };", "1: alp.id_field: must be 1 to 64 letters, digits or one of \"_-.[]\"");
	expect_error("alp: { honours_key = \"maybe\"; };", "1: alp.honours_key: must be one of \"no\", \"yes\"");
	expect_error("alp: { url = \"http://alp.example\"; };",
	    "1: alp.url: must be an https address of at most 1024 bytes, without user, password, query, fragment or port 0 (http only to a loopback host)");
}

static void
an_empty_file_means_the_defaults(void **state)
{
	_cleanup_(config_freep) struct config *config = expect_config("");

	(void)state;
	assert_int_equal(config->http.listen.count, 1);
	assert_string_equal(config->http.listen.items[0], "127.0.0.1:8080");
	assert_int_equal(config->http.allowed_hosts.count, 0);
	assert_string_equal(config->store.path, "/var/lib/rescuetime-alp/rtalp.db");
	assert_string_equal(config->rescuetime.url, "https://www.rescuetime.com/anapi/data");
	assert_int_equal(config->rescuetime.body_max_bytes, 8 * 1024 * 1024);
	assert_string_equal(config->rules.file, "");
	assert_int_equal(config->single_user.id, 0);
	assert_int_equal(config->log.level, LOG_INFO);
}

static void
every_type_is_read(void **state)
{
	_cleanup_(config_freep) struct config *config = expect_config(
	    "http: { listen = [ \"127.0.0.1:9000\", \"[::1]:9000\" ]; max_connections = 7; };\n"
	    "store: { path = \"/srv/x.db\"; };\n"
	    "rules: { file = \"/etc/firm.conf\"; };\n"
	    "single_user: { id = 9007199254740991; };\n"
	    "log: { level = \"debug\"; };\n");

	(void)state;
	assert_int_equal(config->http.listen.count, 2);
	assert_string_equal(config->http.listen.items[1], "[::1]:9000");
	/* The front end counts no further than to this. */
	assert_null(config->http.listen.items[2]);
	assert_int_equal(config->http.max_connections, 7);
	assert_string_equal(config->store.path, "/srv/x.db");
	assert_string_equal(config->rules.file, "/etc/firm.conf");
	assert_int_equal(config->single_user.id, 9007199254740991);
	assert_int_equal(config->log.level, LOG_DEBUG);
}

static void
everything_that_is_wrong_is_told_at_once(void **state)
{
	struct config_errors errors = {0};
	struct config *config = NULL;

	(void)state;
	assert_int_equal(load("http: { max_conections = 5;\n"
			      "  request_timeout_ms = 1; };\n"
			      "queue: { max_jobs = \"many\"; };\n"
			      "log: { level = \"loud\"; };\n",
			     &config, &errors),
	    -EINVAL);
	assert_int_equal(errors.count, 4);
	assert_non_null(strstr(errors.lines[0], ":1: http.max_conections: there is no such setting; did you mean http.max_connections?"));
	assert_non_null(strstr(errors.lines[1], ":2: http.request_timeout_ms: must be a whole number from 100 to 600000"));
	assert_non_null(strstr(errors.lines[2], ":3: queue.max_jobs: must be a whole number from 1 to 1000000"));
	assert_non_null(strstr(errors.lines[3], ":4: log.level: must be one of \"debug\", \"info\""));
	config_errors_release(&errors);
}

static void
an_unknown_name_gets_the_nearest_one(void **state)
{
	(void)state;
	expect_error("htp: { };", "1: htp: there is no such setting; did you mean http?");
	expect_error("\nlisten = [ \"127.0.0.1:1\" ];", "2: listen: there is no such setting; did you mean http.listen?");
	expect_error("store: { listen = 1; };", "1: store.listen: there is no such setting; did you mean http.listen?");
	expect_error("log: { colour_of_the_moon = 1; };", "1: log.colour_of_the_moon: there is no such setting");
}

static void
a_wrong_shape_is_told(void **state)
{
	(void)state;
	expect_error("http = 1;", "1: http: must be a group of settings: { name = value; ... }");
	expect_error("http: { listen = \"127.0.0.1:1\"; };",
	    "1: http.listen: must be a list of texts, such as [ \"one\", \"two\" ]");
	expect_error("http: { listen = ( 5 ); };", "1: http.listen: must be a list of texts in quotes");
	expect_error("http: {\nlisten = [ \"127.0.0.1:1\", \"[::1]:2\" ]; };",
	    "2: http.listen: must be addresses with one and the same port");
	expect_error("store: { path = 5; };", "1: store.path: must be a text in quotes");
	expect_error("log: { level = 5; };",
	    "1: log.level: must be one of \"debug\", \"info\", \"notice\", \"warning\", \"err\"");
	expect_error("queue: { max_jobs = 1.5; };", "1: queue.max_jobs: must be a whole number from 1 to 1000000");
}

/* A daemon that serves nowhere, or stops at once, is found before the start. */
static void
as_many_addresses_as_can_be_served_are_taken(void **state)
{
#define FOUR "\"127.0.0.1:0\", \"127.0.0.2:0\", \"127.0.0.3:0\", \"127.0.0.4:0\""
#define MORE "\"127.0.0.5:0\", \"127.0.0.6:0\", \"[::1]:0\", \"0.0.0.0:0\""
	_cleanup_(config_freep) struct config *config = expect_config("http: { listen = [ " FOUR ", " MORE " ]; };");

	(void)state;
	assert_int_equal(config->http.listen.count, 8);
	expect_error("http: {\n listen = [ ]; };", "2: http.listen: must be a list of 1 to 8 addresses");
	expect_error("http: {\n listen = ( ); };", "2: http.listen: must be a list of 1 to 8 addresses");
	expect_error("http: {\n listen = [ " FOUR ", " MORE ", \"[::]:0\" ]; };",
	    "2: http.listen: must be a list of 1 to 8 addresses");
	expect_error("http: {\n listen = [ \"localhost:0\" ]; };",
	    "2: http.listen: must be an address and a port, such as \"127.0.0.1:8080\" or \"[::1]:8080\"");
#undef FOUR
#undef MORE
}

/* The second would find the port taken, but only at the start. */
static void
an_address_stands_once_whatever_its_spelling(void **state)
{
	static const char *const twice[] = {
	    "\"127.0.0.1:1\", \"[::1]:1\", \"127.0.0.1:1\"", "\"[::1]:1\", \"[0:0::1]:1\"", "\"[2001:db8::a]:1\", \"[2001:DB8:0::A]:1\""};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(twice); i++) {
		_cleanup_free_ char *text = xasprintf("http: { listen = [ %s ]; };", twice[i]);

		expect_error(text, "1: http.listen: must be different addresses; one stands twice");
	}
}

/* 2^32 + 5 is not 5, and what looks like a long number in a text or a comment is left alone. */
static void
long_numbers_are_not_cut(void **state)
{
	_cleanup_(config_freep) struct config *config = expect_config(
	    "# 4294967301\nstore: { path = \"/a\\\"4294967301\"; /* 4294967301 */ readers = 1; }; // 4294967301\n"
	    "single_user: { id = 4294967301; };");

	(void)state;
	assert_string_equal(config->store.path, "/a\"4294967301");
	assert_int_equal(config->single_user.id, 4294967301);
	expect_error("queue: { max_jobs = 4294967301; };", "1: queue.max_jobs: must be a whole number from 1 to 1000000");
	expect_error("queue: { max_jobs = 18446744073709551621; };",
	    "1: queue.max_jobs: must be a whole number from 1 to 1000000");
	expect_error("queue: { max_jobs = -4294967295; };", "1: queue.max_jobs: must be a whole number from 1 to 1000000");
}

/* However a number is written, it is read as what it says or refused. */
static void
no_way_of_writing_cuts_a_number(void **state)
{
	static const char *const bad[] = {"0x1000003e8", "0X1000003E8", "0x1000003e8L", "0x100000000000003e8",
	    "0x100000000000003e8LL", "0xffffffff00000005", "-0x1000003e8", "000004294968296", "4294968296LL", "4294968296idle_timeout_ms=100",
	    "0x1000003e8idle_timeout_ms=100"};
	_cleanup_(config_freep) struct config *config = expect_config(
	    "http: { max_connections = 0x3e8; idle_timeout_ms = 0x0000000000064; };\n"
	    "single_user: { id = 0x1000003e8; };");

	(void)state;
	assert_int_equal(config->http.max_connections, 1000);
	assert_int_equal(config->http.idle_timeout_ms, 100);
	assert_int_equal(config->single_user.id, 0x1000003e8);
	for (size_t i = 0; i < ELEMENTSOF(bad); i++) {
		_cleanup_free_ char *text = xasprintf("http: { max_connections = %s; };", bad[i]);
		struct config_errors errors = {0};
		struct config *none = NULL;

		if (load(text, &none, &errors) != -EINVAL)
			fail_msg("%s passes", bad[i]);
		config_errors_release(&errors);
	}
	expect_error("http: { max_connections = 0x1000003e8; };",
	    "1: http.max_connections: must be a whole number from 1 to 100000");
	expect_error("single_user: { id = 0x100000000000003e8; };",
	    "1: single_user.id: must be a whole number from 0 to 9007199254740991");
}

static void
broken_syntax_names_its_line(void **state)
{
	(void)state;
	expect_error("http: {\n max_connections = ;\n};", "2: syntax error");
	expect_error("\nlog: { level = \"in\\\"fo; };\n", "2: this text in quotes has no end");
	expect_error("\n@include \"other.conf\"", "2: there is no @include; one file holds everything");
	expect_error("log: { level = \"info\"; level = \"err\"; };", "1: duplicate setting name");
}

static void
a_file_that_cannot_be_read_is_told(void **state)
{
	struct config_errors errors = {0};
	struct config *config = NULL;

	(void)state;
	assert_int_equal(config_load("/nonexistent/rtalpd.conf", &config, &errors), -ENOENT);
	assert_string_equal(errors.lines[0], "/nonexistent/rtalpd.conf: cannot be read: No such file or directory");
	config_errors_release(&errors);
	assert_int_equal(config_load("/tmp", &config, &errors), -EISDIR);
	config_errors_release(&errors);
}

/* Whether an address beyond loopback is allowed is seen at the start, when it is known whether there are tokens. */
static void
only_numeric_addresses_can_be_listened_on(void **state)
{
	(void)state;
	assert_null(check_listen("127.0.0.1:8080"));
	assert_null(check_listen("127.1.2.3:0"));
	assert_null(check_listen("[::1]:65535"));
	assert_null(check_listen("0.0.0.0:8080"));
	assert_null(check_listen("[::]:8080"));
	assert_null(check_listen("192.168.0.1:8080"));
	assert_non_null(check_listen("192.168.0.256:8080"));
	assert_non_null(check_listen("[::1:8080"));
	assert_non_null(check_listen("[]:8080"));
	assert_non_null(check_listen("::1:8080"));
	assert_non_null(check_listen("127.0.0.1"));
	assert_non_null(check_listen("127.0.0.1:65536"));
	assert_non_null(check_listen("localhost:80"));
	assert_non_null(check_listen(""));
}

/* bind() would take the beginning of it. */
static void
a_socket_path_that_does_not_fit_is_refused(void **state)
{
	char text[200];

	(void)state;
	assert_null(check_socket(""));
	assert_null(check_socket("/run/rescuetime-alp/rtalpd.sock"));
	assert_non_null(check_socket("rtalpd.sock"));
	assert_non_null(check_socket("/run/"));
	memset(text, 'a', sizeof text);
	text[0] = '/';
	text[107] = '\0';
	assert_null(check_socket(text));
	text[107] = 'a';
	text[108] = '\0';
	assert_non_null(check_socket(text));
}

/* A key never travels in the clear beyond this machine. */
static void
plain_http_is_for_loopback_only(void **state)
{
	(void)state;
	assert_null(check_url("https://www.rescuetime.com/anapi/data"));
	assert_null(check_url("http://127.0.0.1:9/anapi/data"));
	assert_null(check_url("http://[::1]:9/anapi/data"));
	assert_null(check_url("http://localhost:9/anapi/data"));
	assert_non_null(check_url("http://www.rescuetime.com/anapi/data"));
	assert_non_null(check_url("http://127.0.0.1.example.org/"));
	assert_non_null(check_url("https://user@www.rescuetime.com/"));
	assert_non_null(check_url("https://www.rescuetime.com/?key=1"));
	assert_non_null(check_url("ftp://www.rescuetime.com/"));
	assert_non_null(check_url("www.rescuetime.com"));
	assert_non_null(check_url(""));
}

/* The spawner refuses these, and would be started over and over. */
static void
an_address_no_worker_can_use_is_refused(void **state)
{
	static const char *const bad[] = {"https://h/x#", "https://h/x#a", "https://h#", "https://h/x?", "https://h?#",
	    "https://localhost:0/", "https://h:00/", "https://h:65536/", "https://h:x/", "https://user:password@h/", "https://:@h/",
	    "https://@h/", "https://", "https://h /"};
	char endless[2000] = "https://h/";

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(bad); i++)
		if (check_url(bad[i]) == NULL)
			fail_msg("%s passes", bad[i]);
	memset(endless + strlen(endless), 'a', sizeof endless - strlen(endless) - 1);
	assert_non_null(check_url(endless));
	assert_null(check_url("https://h"));
	assert_null(check_url("https://h:1/x"));
	assert_null(check_url("https://h:65535/x@y"));
	expect_error("rescuetime: {\n url = \"https://localhost:0/\"; };",
	    "2: rescuetime.url: must be an https address of at most 1024 bytes, without user, password, query, fragment or port 0 "
	    "(http only to a loopback host)");
}

static void
texts_are_checked(void **state)
{
	(void)state;
	assert_null(check_host("alp.example.org"));
	assert_non_null(check_host("alp.example.org:8443"));
	assert_non_null(check_host(""));
	assert_non_null(check_host("ALP"));
	assert_non_null(check_host("a b"));
	assert_null(check_origin("https://alp.example.org"));
	assert_null(check_origin("http://127.0.0.1:3000"));
	assert_non_null(check_origin("https://alp.example.org/"));
	assert_non_null(check_origin("https://alp.example.org:"));
	assert_non_null(check_origin("https://"));
	assert_non_null(check_origin("alp.example.org"));
	assert_non_null(check_origin("*"));
	assert_null(check_path("/a"));
	assert_non_null(check_path(""));
	assert_non_null(check_path("a"));
	assert_non_null(check_path("/"));
	assert_null(check_path_or_none(""));
	assert_null(check_zone("Australia/Sydney"));
	assert_non_null(check_zone("Sydney"));
}

struct seen {
	char text[256];
};

static void
note(const char *setting, bool reloadable, void *arg)
{
	struct seen *seen = arg;
	size_t len = strlen(seen->text);

	(void)snprintf(seen->text + len, sizeof seen->text - len, "%s%s ", setting, reloadable ? "" : "!");
}

static void
a_reload_knows_what_changed_and_what_must_wait(void **state)
{
	_cleanup_(config_freep) struct config *running = expect_config("");
	_cleanup_(config_freep) struct config *fresh = expect_config(
	    "http: { listen = [ \"127.0.0.1:0\" ]; allowed_hosts = [ \"alp\" ]; };\n"
	    "store: { path = \"/srv/x.db\"; }; queue: { max_jobs = 3; }; log: { level = \"err\"; };");
	struct seen seen = {0};

	(void)state;
	assert_int_equal(config_diff(running, fresh, note, &seen), 5);
	assert_string_equal(seen.text, "http.listen! http.allowed_hosts store.path! queue.max_jobs log.level ");
	config_hold_fixed(fresh, running);
	seen = (struct seen){0};
	assert_int_equal(config_diff(running, fresh, note, &seen), 3);
	assert_string_equal(seen.text, "http.allowed_hosts queue.max_jobs log.level ");
}

static char *
print_example(void)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	assert_non_null(f);
	config_print_example(f);
	assert_int_equal(fclose(f), 0);
	return text;
}

/* Someone who takes a # away gets the very value that held before. */
static void
the_example_says_the_defaults(void **state)
{
	_cleanup_free_ char *text = print_example();
	_cleanup_(config_freep) struct config *standard = expect_config("");
	_cleanup_(config_freep) struct config *example = expect_config(text);
	_cleanup_(config_freep) struct config *uncommented = NULL;
	struct seen seen = {0};

	(void)state;
	assert_int_equal(config_diff(standard, example, note, &seen), 0);
	for (char *p = text; (p = strstr(p, "\t#")) != NULL; p++)
		if (p[2] != ' ')
			p[1] = ' ';
	uncommented = expect_config(text);
	assert_int_equal(config_diff(standard, uncommented, note, &seen), 0);
}

static void
the_installed_example_is_the_printed_one(void **state)
{
	_cleanup_free_ char *text = print_example(), *installed = xcalloc(1, 1 << 16), *name = NULL;
	const char *srcdir = getenv("srcdir");
	FILE *f;

	(void)state;
	name = xasprintf("%s/etc/rtalpd.conf", srcdir != NULL ? srcdir : ".");
	f = fopen(name, "re");
	if (f == NULL)
		fail_msg("%s cannot be opened", name);
	assert_true(fread(installed, 1, (1 << 16) - 1, f) > 0);
	assert_int_equal(fclose(f), 0);
	if (strcmp(text, installed) != 0)
		fail_msg("%s differs: make it again with rtalpd --print-config", name);
}

static int
setup(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	return fd < 0 || close(fd) < 0 ? -1 : 0;
}

static int
teardown(void **state)
{
	(void)state;
	return unlink(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_and_paths_of_alp_are_checked),
	    cmocka_unit_test(an_empty_file_means_the_defaults),
	    cmocka_unit_test(every_type_is_read),
	    cmocka_unit_test(everything_that_is_wrong_is_told_at_once),
	    cmocka_unit_test(an_unknown_name_gets_the_nearest_one),
	    cmocka_unit_test(a_wrong_shape_is_told),
	    cmocka_unit_test(as_many_addresses_as_can_be_served_are_taken),
	    cmocka_unit_test(long_numbers_are_not_cut),
	    cmocka_unit_test(no_way_of_writing_cuts_a_number),
	    cmocka_unit_test(broken_syntax_names_its_line),
	    cmocka_unit_test(a_file_that_cannot_be_read_is_told),
	    cmocka_unit_test(an_address_stands_once_whatever_its_spelling),
	    cmocka_unit_test(only_numeric_addresses_can_be_listened_on),
	    cmocka_unit_test(a_socket_path_that_does_not_fit_is_refused),
	    cmocka_unit_test(plain_http_is_for_loopback_only),
	    cmocka_unit_test(an_address_no_worker_can_use_is_refused),
	    cmocka_unit_test(texts_are_checked),
	    cmocka_unit_test(a_reload_knows_what_changed_and_what_must_wait),
	    cmocka_unit_test(the_example_says_the_defaults),
	    cmocka_unit_test(the_installed_example_is_the_printed_one),
	};

	return cmocka_run_group_tests_name("config", tests, setup, teardown);
}
