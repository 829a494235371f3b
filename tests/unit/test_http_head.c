/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <errno.h>
#include <stdio.h>

#include "base/alloc.h"
#include "base/macro.h"
#include "http/head.h"

static int
parse(const char *text, struct head *head, struct refusal *why)
{
	return head_parse(str_of(text), 16384, head, why);
}

static int
refused(const char *text)
{
	struct refusal why;
	struct head head;

	return parse(text, &head, &why) == -EPROTO ? why.status : 0;
}

static void
a_plain_request_is_taken_apart(void **state)
{
	struct refusal why;
	struct head head;

	(void)state;
	assert_int_equal(parse("\r\nPOST /a?b=c HTTP/1.1\r\nHost: x\r\nX-A:  y z \t\r\nContent-Length: 12\r\n\r\nbody", &head, &why), 1);
	assert_int_equal(head.method, METHOD_POST);
	assert_true(str_eq(head.target, STR("/a?b=c")));
	assert_int_equal(head.minor, 1);
	assert_int_equal(head.content_length, 12);
	assert_true(str_eq(head_find(&head, "x-a"), STR("y z")));
	assert_true(head_find(&head, "x-b").p == NULL);
}

/* A reader that takes a part for the whole would answer a request that nobody sent. */
static void
no_part_of_a_request_is_taken_for_one(void **state)
{
	static const char text[] = "GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n\r\n";
	struct refusal why;
	struct head head;

	(void)state;
	for (size_t n = 0; n < sizeof text - 1; n++)
		assert_int_equal(head_parse((struct str){text, n}, 16384, &head, &why), 0);
	assert_int_equal(parse(text, &head, &why), 1);
	assert_int_equal(head.bytes, sizeof text - 1);
}

static void
what_two_readers_could_read_differently_is_refused(void **state)
{
	(void)state;
	assert_int_equal(refused("GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n"), 400);
	assert_int_equal(refused("GET / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"), 400);
	assert_int_equal(refused("GET / HTTP/1.1\r\nTransfer-Encoding: identity\r\n\r\n"), 501);
	assert_int_equal(refused("GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"), 501);
	assert_int_equal(refused("GET / HTTP/1.1\r\nContent-Length: 0x1\r\n\r\n"), 400);
	assert_int_equal(refused("GET / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n"), 400);
	assert_int_equal(refused("GET / HTTP/1.1\r\nContent-Length:\r\n\r\n"), 400);
	assert_int_equal(refused("GET / HTTP/1.1\nA: b\r\n\r\n"), 400);
	assert_int_equal(refused("GET / HTTP/1.1\r\nA: b\nC: d\r\n\r\n"), 400);
	assert_int_equal(refused("GET / HTTP/1.1\r\nA : b\r\n\r\n"), 400);
	assert_int_equal(refused("GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n"), 400);
	assert_int_equal(refused("GET / HTTP/1.1\r\n: b\r\n\r\n"), 400);
	assert_int_equal(refused("GET / HTTP/1.1\r\nA\r\n\r\n"), 400);
	assert_int_equal(refused("GET / HTTP/1.1\r\nA: \x7f\r\n\r\n"), 400);
}

static void
an_absolute_target_gives_path_and_authority(void **state)
{
	struct refusal why;
	struct head head;

	(void)state;
	assert_int_equal(parse("GET HTTP://h:1?q HTTP/1.1\r\n\r\n", &head, &why), -EPROTO);
	assert_int_equal(parse("GET HTTP://h:1/p?q HTTP/1.1\r\n\r\n", &head, &why), 1);
	assert_true(str_eq(head.authority, STR("h:1")) && str_eq(head.target, STR("/p?q")));
	assert_int_equal(parse("GET http://h HTTP/1.1\r\n\r\n", &head, &why), 1);
	assert_true(str_eq(head.authority, STR("h")) && str_eq(head.target, STR("/")));
	assert_int_equal(parse("OPTIONS * HTTP/1.1\r\n\r\n", &head, &why), 1);
	assert_int_equal(refused("GET * HTTP/1.1\r\n\r\n"), 400);
	assert_int_equal(refused("GET http:///x HTTP/1.1\r\n\r\n"), 400);
}

/* It is echoed within angle brackets, and readers differ about a fragment. */
static void
a_target_holds_nothing_that_ends_one_elsewhere(void **state)
{
	static const char *const broken[] = {"/a>", "/<a", "/a?b=\"", "/a#b", "/a\x7f", "/a\xe9", "http://h/a>"};
	char text[64];

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(broken); i++) {
		snprintf(text, sizeof text, "GET %s HTTP/1.1\r\n\r\n", broken[i]);
		assert_int_equal(refused(text), 400);
	}
	assert_int_equal(refused("GET /a%3E%23?b={c}|\\^`' HTTP/1.1\r\n\r\n"), 0);
}

/* Who speaks TLS to the plain port should not wait for an answer until the time for a request is over. */
static void
what_cannot_become_a_request_is_refused_at_its_first_byte(void **state)
{
	(void)state;
	assert_int_equal(refused("\x16\x03\x01"), 400);
	assert_int_equal(refused(" "), 400);
	assert_int_equal(refused("\n"), 400);
	assert_int_equal(refused("\r\n\x01"), 400);
	assert_int_equal(refused("\r"), 0);
	assert_int_equal(refused("\r\n\r"), 0);
	assert_int_equal(refused("G"), 0);
}

static void
sizes_are_limited_before_the_end_is_seen(void **state)
{
	_cleanup_free_ char *text = xcalloc(30000, 1);
	struct refusal why;
	struct head head;

	(void)state;
	memset(text, 'a', 29999);
	assert_int_equal(refused(text), 414);
	memcpy(text, "GET / HTTP/1.1\r\nA: ", 19);
	assert_int_equal(refused(text), 431);
	assert_int_equal(head_parse((struct str){text, 16000}, 16384, &head, &why), 0);
}

static void
empty_lines_before_a_request_are_few(void **state)
{
	_cleanup_free_ char *text = xcalloc(30000, 1);

	(void)state;
	assert_int_equal(refused("\r\n\r\nGET / HTTP/1.1\r\n\r\n"), 0);
	assert_int_equal(refused("\r\n\r\n\r\n\r\n"), 0);
	assert_int_equal(refused("\r\n\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\n\r\n"), 400);
	for (size_t i = 0; i + 2 < 30000; i += 2)
		memcpy(text + i, "\r\n", 2);
	assert_int_equal(refused(text), 400);
}

static bool
closes(const char *text)
{
	struct refusal why;
	struct head head;

	assert_int_equal(parse(text, &head, &why), 1);
	return head.closes;
}

static void
a_connection_closes_when_any_header_says_so(void **state)
{
	(void)state;
	assert_false(closes("GET / HTTP/1.1\r\n\r\n"));
	assert_false(closes("GET / HTTP/1.1\r\nConnection: TE, closed, not close\r\nX: close\r\n\r\n"));
	assert_true(closes("GET / HTTP/1.1\r\nConnection: close\r\n\r\n"));
	assert_true(closes("GET / HTTP/1.1\r\nConnection: , CLOSE\t, TE\r\n\r\n"));
	assert_true(closes("GET / HTTP/1.1\r\nConnection: keep-alive\r\nconnection: TE,close\r\n\r\n"));
	assert_true(closes("GET / HTTP/1.0\r\n\r\n"));
	assert_false(closes("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"));
	assert_true(closes("GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n"));
}

/* --- chunks ------------------------------------------------------------------------------------------------------------- */

/* Feeds `text` in pieces of `step` bytes; returns the decoder's last word, the body in *ret_body. */
static int
decode(const char *text, size_t step, size_t max, char *ret_body)
{
	char p[512];
	struct chunks c = {0};
	size_t len = 0, raw = 0, body = 0, all = strlen(text);
	int r = 0;

	while (r == 0 && len < all) {
		size_t n = MIN_OF(step, all - len);

		memcpy(p + len, text + len, n);
		len += n;
		r = chunks_decode(&c, p, len, &raw, &body, max);
	}
	memcpy(ret_body, p, body);
	ret_body[body] = '\0';
	return r;
}

static void
chunks_come_out_the_same_however_they_arrive(void **state)
{
	static const char text[] = "1\r\na\r\n0A;x=\"y\"\r\nbcdefghijk\r\n2 \r\nlm\r\n0\r\nTrailer: t\r\n\r\n";
	char body[512];

	(void)state;
	for (size_t step = 1; step < sizeof text; step++) {
		assert_int_equal(decode(text, step, 100, body), 1);
		assert_string_equal(body, "abcdefghijklm");
	}
}

static void
broken_chunks_are_told(void **state)
{
	static const char *const broken[] = {"\r\n", "x\r\n", "-1\r\n", "1\r\nab\r\n", "1\r\na0\r\n",
	    "123456789\r\n", "1x\r\na\r\n", "0x1\r\na\r\n", "2;\nxx\r\nab\r\n0\r\n\r\n", "2;\rx\r\nab\r\n0\r\n\r\n",
	    "2;\x7f\r\nab\r\n", "0\r\nT: x\n\r\n\r\n", "0\r\nT: x\r\r\n", "\n", "1;\x01"};
	size_t raw = 0, length = 0;
	char body[512], nul[8];
	struct chunks c = {0};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(broken); i++)
		assert_int_equal(decode(broken[i], 100, 100, body), -EPROTO);
	memcpy(nul, "2\0\r\nab\r\n", sizeof nul);
	assert_int_equal(chunks_decode(&c, nul, sizeof nul, &raw, &length, 100), -EPROTO);
	assert_int_equal(decode("5\r\nabcde\r\n", 100, 4, body), -E2BIG);
	assert_int_equal(decode("2\r\nab\r\n3\r\ncde\r\n", 1, 4, body), -E2BIG);
	assert_int_equal(decode("2\r\nab\r\n2\r\ncd\r\n0\r\n\r\n", 1, 4, body), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_plain_request_is_taken_apart),
	    cmocka_unit_test(no_part_of_a_request_is_taken_for_one),
	    cmocka_unit_test(what_two_readers_could_read_differently_is_refused),
	    cmocka_unit_test(an_absolute_target_gives_path_and_authority),
	    cmocka_unit_test(a_target_holds_nothing_that_ends_one_elsewhere),
	    cmocka_unit_test(what_cannot_become_a_request_is_refused_at_its_first_byte),
	    cmocka_unit_test(sizes_are_limited_before_the_end_is_seen),
	    cmocka_unit_test(empty_lines_before_a_request_are_few),
	    cmocka_unit_test(a_connection_closes_when_any_header_says_so),
	    cmocka_unit_test(chunks_come_out_the_same_however_they_arrive),
	    cmocka_unit_test(broken_chunks_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
