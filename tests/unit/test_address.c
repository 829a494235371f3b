/* SPDX-License-Identifier: Apache-2.0 */
/* Which addresses may be connected to at the word of somebody outside. */
#include "unit.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "base/address.h"
#include "base/macro.h"

static bool
is_public(const char *text)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};

	if (inet_pton(AF_INET, text, &v4.sin_addr) == 1)
		return address_is_public((const struct sockaddr *)&v4, sizeof v4);
	assert_int_equal(inet_pton(AF_INET6, text, &v6.sin6_addr), 1);
	return address_is_public((const struct sockaddr *)&v6, sizeof v6);
}

static void
what_leads_inside_is_not_public(void **state)
{
	static const char *const inside[] = {"0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255", "127.0.0.1",
	    "127.255.255.255", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.0.1",
	    "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
	    "::", "::1", "::ffff:127.0.0.1", "::ffff:10.1.2.3", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b::10.0.0.1",
	    "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::1", "3fff::1", "fc00::1", "fd12:3456::1", "fe80::1", "fec0::1",
	    "ff02::1", "::127.0.0.1", "4000::1"};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(inside); i++)
		if (is_public(inside[i]))
			fail_msg("%s", inside[i]);
}

static void
the_rest_is_public(void **state)
{
	static const char *const outside[] = {"1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255",
	    "128.0.0.0", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0", "192.167.255.255", "192.169.0.0",
	    "198.17.255.255", "198.20.0.0", "223.255.255.255", "2606:4700::1111", "2a00:1450::1", "2001:200::1", "2001:4860:4860::8888",
	    "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(outside); i++)
		if (!is_public(outside[i]))
			fail_msg("%s", outside[i]);
}

static void
what_is_no_whole_address_is_not_public(void **state)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x08080808)};

	(void)state;
	assert_true(address_is_public((const struct sockaddr *)&v4, sizeof v4));
	assert_false(address_is_public((const struct sockaddr *)&v4, sizeof v4 - 1));
	v4.sin_family = AF_UNIX;
	assert_false(address_is_public((const struct sockaddr *)&v4, sizeof v4));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_leads_inside_is_not_public),
	    cmocka_unit_test(the_rest_is_public),
	    cmocka_unit_test(what_is_no_whole_address_is_not_public),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
