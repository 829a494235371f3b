/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/macro.h"
#include "http/guard.h"

static const char *const hosts[] = {"alp.example", "exact.example:8443", NULL};
static const char *const origins[] = {"https://review.example", NULL};

/* A page of evil.example may resolve its own name to our address; the name still tells. */
static void
names_that_only_look_like_loopback_are_foreign(void **state)
{
	static const char *const foreign[] = {"", "evil.example", "localhost.evil.example", "127.0.0.1.evil.example",
	    "127.0.0.1.", "128.0.0.1",
	    "0.0.0.0", "[::]", "[::1", "::1", "[::1]x", "[::1]:", "localhost:", "localhost:99999",
	    "localhost:80:80", "localhost:-1", "127.1",
	    "2130706433", "0x7f000001", "127.0.0.1 ", "user@localhost", "[::ffff:127.0.0.1]", "alp.example.evil", "exact.example"};
	struct guard g = {0};

	(void)state;
	guard_set(&g, hosts, origins);
	for (size_t i = 0; i < ELEMENTSOF(foreign); i++)
		assert_false(guard_host_allowed(&g, str_of(foreign[i])));
	guard_release(&g);
}

static void
loopback_and_listed_hosts_are_ours(void **state)
{
	static const char *const ours[] = {"localhost", "LocalHost:80", "127.0.0.1", "127.255.255.254:65535",
	    "[::1]", "[::1]:8080", "alp.example",
	    "ALP.example:443", "exact.example:8443"};
	struct guard g = {0};

	(void)state;
	guard_set(&g, hosts, origins);
	for (size_t i = 0; i < ELEMENTSOF(ours); i++)
		assert_true(guard_host_allowed(&g, str_of(ours[i])));
	guard_set(&g, NULL, NULL);
	assert_false(guard_host_allowed(&g, STR("alp.example")));
	guard_release(&g);
}

static void
only_loopback_and_listed_origins_may_write(void **state)
{
	static const char *const foreign[] = {"", "null", "http://", "localhost", "file://localhost", "https://evil.example",
	    "https://review.example.evil",
	    "http://review.example", "http://localhost.evil", "http://localhost@evil.example", "https://alp.example"};
	static const char *const ours[] = {"http://localhost", "https://localhost:3000", "http://127.0.0.1:1",
	    "http://[::1]:1", "https://review.example"};
	struct guard g = {0};

	(void)state;
	guard_set(&g, hosts, origins);
	for (size_t i = 0; i < ELEMENTSOF(foreign); i++)
		assert_false(guard_origin_allowed(&g, str_of(foreign[i])));
	for (size_t i = 0; i < ELEMENTSOF(ours); i++)
		assert_true(guard_origin_allowed(&g, str_of(ours[i])));
	guard_release(&g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_that_only_look_like_loopback_are_foreign),
	    cmocka_unit_test(loopback_and_listed_hosts_are_ours),
	    cmocka_unit_test(only_loopback_and_listed_origins_may_write),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
