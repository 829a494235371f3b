/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <errno.h>
#include <string.h>

#include "base/macro.h"
#include "ctl/url.h"

static void
next_is(const char *link, int expected, const char *path)
{
	_cleanup_(buf_release) struct buf b = BUF_INIT(256);

	assert_int_equal(url_next(link, &b), expected);
	assert_string_equal(b.len > 0 ? b.p : "", path);
}

static void
a_list_goes_on_where_link_says(void **state)
{
	(void)state;
	next_is("</api/jobs?limit=5&cursor=abc>; rel=\"next\"", 0, "/api/jobs?limit=5&cursor=abc");
	next_is("</a>; rel=prev, </b>; rel=next", 0, "/b");
	next_is("</a>; rel=\"prev\",</b>;rel=\"last next\"", 0, "/b");
	next_is("</a,b>; title=\"x, y; rel=next\"; rel=\"prev\", </c>; REL=\"NEXT\"", 0, "/c");
	next_is("</a>; rel=\"nexto\"", -ENOENT, "");
	next_is("</a>; title=\"rel=next\"", -ENOENT, "");
	next_is("</a>", -ENOENT, "");
	next_is("", -ENOENT, "");
	next_is("<", -ENOENT, "");
	next_is("</a; rel=next", -ENOENT, "");
	next_is("</a>; rel=\"prev, </b>; rel=next", -ENOENT, "");
}

/* Or a token would follow it there. */
static void
a_list_does_not_go_on_elsewhere(void **state)
{
	(void)state;
	next_is("<http://evil.example/>; rel=\"next\"", -EBADMSG, "");
	next_is("<//evil.example/x>; rel=\"next\"", -EBADMSG, "");
	next_is("<@evil.example/x>; rel=\"next\"", -EBADMSG, "");
	next_is("<>; rel=\"next\"", -EBADMSG, "");
}

static void
is_base(const char *text, enum url_privacy expected)
{
	_cleanup_(buf_release) struct buf b = BUF_INIT(256);
	enum url_privacy privacy;

	assert_int_equal(url_check(text, &b, &privacy), 0);
	assert_int_equal(privacy, expected);
	assert_int_not_equal(b.p[b.len - 1], '/');
}

static void
keys_go_over_loopback_or_https_only(void **state)
{
	(void)state;
	is_base("http://127.0.0.1:8080", URL_PRIVATE);
	is_base("http://127.0.0.1:8080/", URL_PRIVATE);
	is_base("http://127.9.9.9", URL_PRIVATE);
	is_base("http://2130706433", URL_PRIVATE);
	is_base("http://LocalHost:1", URL_PRIVATE);
	is_base("http://[::1]:8080", URL_PRIVATE);
	is_base("https://alp.example/rescuetime", URL_PRIVATE);
	is_base("http://alp.example", URL_OPEN);
	is_base("http://128.0.0.1", URL_OPEN);
	is_base("http://10.0.0.1", URL_OPEN);
	is_base("http://127.0.0.1.example", URL_OPEN);
	is_base("http://localhost.example", URL_OPEN);
	is_base("http://[::2]", URL_OPEN);
}

static void
what_is_no_base_is_refused(void **state)
{
	static const char *const wrong[] = {"", "ftp://127.0.0.1", "file:///etc/passwd", "http://", "127.0.0.1:8080", "http://u:p@127.0.0.1",
	    "http://u@127.0.0.1", "http://127.0.0.1/?x=1", "http://127.0.0.1/#x", "http://127.0.0.1:99999", "http://a b"};
	enum url_privacy privacy;

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(wrong); i++) {
		_cleanup_(buf_release) struct buf b = BUF_INIT(256);

		if (url_check(wrong[i], &b, &privacy) != -EINVAL)
			fail_msg("accepted: %s", wrong[i]);
		assert_int_equal(b.len, 0);
	}
}

static void
a_query_is_encoded(void **state)
{
	_cleanup_(buf_release) struct buf b = BUF_INIT(256);

	(void)state;
	buf_addz(&b, "/x");
	url_add(&b, "a", "1&b=2 \xc3\xa4%/?");
	url_add_number(&b, "c", 42);
	url_add(&b, "d", "");
	assert_string_equal(b.p, "/x?a=1%26b%3D2%20%C3%A4%25%2F%3F&c=42&d=");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_list_goes_on_where_link_says),
	    cmocka_unit_test(a_list_does_not_go_on_elsewhere),
	    cmocka_unit_test(keys_go_over_loopback_or_https_only),
	    cmocka_unit_test(what_is_no_base_is_refused),
	    cmocka_unit_test(a_query_is_encoded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
