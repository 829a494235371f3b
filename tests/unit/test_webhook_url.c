/* SPDX-License-Identifier: Apache-2.0 */
/* Where webhooks may be sent to. */
#include "unit.h"

#include <errno.h>
#include <string.h>

#include "base/macro.h"
#include "base/webhook_url.h"

static const struct webhook_policy strict = {.ports = {443, 8443}, .port_count = 2};
static const struct webhook_policy lax = {.allow_private = true, .ports = {443, 80, 8080}, .port_count = 3};

static void
the_parts_of_an_address_are_found(void **state)
{
	struct webhook_url u;

	(void)state;
	assert_null(webhook_url_parse("https://Hooks.Example.org/a/b?c=d:e@f", &strict, &u));
	assert_string_equal(u.host, "hooks.example.org");
	assert_int_equal(u.port, 443);
	assert_true(u.tls);
	assert_null(webhook_url_parse("https://example.org:8443", &strict, &u));
	assert_int_equal(u.port, 8443);
	assert_null(webhook_url_parse("https://[2606:4700::1111]:8443/x", &strict, &u));
	assert_string_equal(u.host, "2606:4700::1111");
	assert_null(webhook_url_parse("https://1.1.1.1?x", &strict, &u));
	assert_string_equal(u.host, "1.1.1.1");
	assert_null(webhook_url_parse("http://127.0.0.1:8080/x", &lax, &u));
	assert_false(u.tls);
	assert_null(webhook_url_parse("http://localhost/x", &lax, &u));
	assert_int_equal(u.port, 80);
}

static void
what_leads_elsewhere_or_is_spelt_oddly_is_refused(void **state)
{
	static const char *const bad[] = {"", "example.org", "http://example.org/", "ftp://example.org/", "https://", "https:///x", "https://u@example.org/",
	    "https://u:p@example.org/", "https://example.org@127.0.0.1/", "https://example.org#@127.0.0.1/", "https://127.0.0.1/", "https://0/",
	    "https://2130706433/", "https://0x7f000001/", "https://0177.0.0.1/", "https://127.1/", "https://1.2.3.4.5/", "https://example.1/",
	    "https://[::1]/", "https://[::ffff:10.0.0.1]/", "https://[fe80::1%25eth0]/", "https://[::1", "https://::1/", "https://localhost/",
	    "https://LOCALHOST/", "https://example.org:80/", "https://example.org:0/", "https://example.org:/", "https://example.org:99999/",
	    "https://example.org:443x/", "https://exa mple.org/", "https://example.org/\r\nX: y", "https://example.org\\@evil/", "https://-a.org/",
	    "https://a-.org/", "https://a..b/", "https://.a/", "https://a./", "https://ex\xc3\xa4mple.org/", "https://10.0.0.1:8443/x",
	    "https://169.254.169.254/latest/meta-data/", "HTTPS://example.org/", "https://example.org:443:443/", "https://a%2eb/"};
	struct webhook_url u;

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(bad); i++)
		if (webhook_url_parse(bad[i], &strict, &u) == NULL)
			fail_msg("%s", bad[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_parts_of_an_address_are_found),
	    cmocka_unit_test(what_leads_elsewhere_or_is_spelt_oddly_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
