/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <errno.h>
#include <event2/event.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <zlib.h>

#include "alp/web.h"
#include "base/alloc.h"
#include "base/macro.h"
#include "test_alp_server.h"

static struct event_base *base;
static struct alp_server server;
static struct web *web;
static struct secret *key;

struct result {
	int count;
	struct web_answer last;
	char body[4096];
	char next[256];
};

static void
note_result(struct web_answer *a, void *arg)
{
	struct result *r = arg;

	r->count++;
	r->last = *a;
	snprintf(r->body, sizeof r->body, "%.*s", STR_ARG(buf_str(&a->body)));
	snprintf(r->next, sizeof r->next, "%s", a->link_next != NULL ? a->link_next : "");
}

static void
begin(alp_answer_fn answer, const struct web_options *wanted)
{
	struct web_options o = *wanted;

	o.max_under_way = o.max_under_way != 0 ? o.max_under_way : 4;
	o.queue_timeout_ms = o.queue_timeout_ms != 0 ? o.queue_timeout_ms : 30000;
	o.connect_timeout_ms = o.connect_timeout_ms != 0 ? o.connect_timeout_ms : 30000;
	o.answer_timeout_ms = o.answer_timeout_ms != 0 ? o.answer_timeout_ms : 30000;
	o.body_max_bytes = o.body_max_bytes != 0 ? o.body_max_bytes : 65536;
	o.user_agent = "test/1";
	o.bearer = key;
	alp_server_start(&server, answer);
	base = event_base_new();
	assert_int_equal(web_new(base, &o, &web), 0);
}

static void
finish(void)
{
	web = web_free(web);
	event_base_free(base);
	alp_server_stop(&server);
}

static char *
url_of(const char *target)
{
	static char url[512];

	snprintf(url, sizeof url, "http://127.0.0.1:%d%s", server.port, target);
	return url;
}

static struct web_call *
get(const char *target, struct result *r)
{
	struct web_request request = {.url = url_of(target)};

	return web_send(web, &request, note_result, r);
}

static struct web_call *
post(const char *target, const char *body, struct result *r)
{
	struct web_request request = {.post = true, .url = url_of(target), .body = str_of(body), .idempotency_key = "key-1"};

	return web_send(web, &request, note_result, r);
}

static void
wait_for(const int *count, int wanted)
{
	while (*count < wanted)
		assert_int_equal(event_base_loop(base, EVLOOP_ONCE), 0);
}

static void
get_and_wait(const char *target, struct result *r)
{
	*r = (struct result){0};
	(void)get(target, r);
	wait_for(&r->count, 1);
}

static void
post_and_wait(const char *body, struct result *r)
{
	*r = (struct result){0};
	(void)post("/time_entries", body, r);
	wait_for(&r->count, 1);
}

/* --- a post leaves once ----------------------------------------------------------------------------------------------------------- */

static bool
close_at_the_second(int fd, const struct seen_request *r, struct alp_seen *seen)
{
	(void)seen;
	if (r->nth == 2 && r->connection == 1)
		return false;
	send_answer(fd, "200 OK", "", "{\"id\":1}");
	return true;
}

static void
a_post_that_a_kept_connection_swallowed_is_not_sent_again(void **state)
{
	struct result r;

	(void)state;
	begin(close_at_the_second, &(struct web_options){0});
	get_and_wait("/matters", &r);
	assert_int_equal(r.last.outcome, WEB_ANSWERED);
	post_and_wait("{\"units\":3}", &r);
	assert_int_equal(r.last.outcome, WEB_UNKNOWN);
	assert_int_equal(r.last.trouble, WEB_BROKEN);
	/* The next one proves that nothing of it was left in flight. */
	post_and_wait("{\"units\":4}", &r);
	assert_int_equal(r.last.outcome, WEB_ANSWERED);
	assert_int_equal(server.seen->posts, 2);
	assert_string_equal(server.seen->all[1].body, "{\"units\":3}");
	assert_int_equal(server.seen->all[1].connection, 1);
	assert_string_equal(server.seen->all[2].body, "{\"units\":4}");
	assert_int_equal(server.seen->requests, 3);
	finish();
}

/* So that the test above tests what it says: a read does come again. */
static void
a_read_that_a_kept_connection_swallowed_comes_again(void **state)
{
	struct result r;

	(void)state;
	begin(close_at_the_second, &(struct web_options){0});
	get_and_wait("/matters", &r);
	get_and_wait("/users", &r);
	assert_int_equal(r.last.outcome, WEB_ANSWERED);
	assert_int_equal(server.seen->requests, 3);
	assert_string_equal(server.seen->all[2].target, "/users");
	finish();
}

static bool
reset_at_the_second(int fd, const struct seen_request *r, struct alp_seen *seen)
{
	struct linger hard = {.l_onoff = 1};

	(void)seen;
	if (r->nth == 2 && r->connection == 1) {
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
		return false;
	}
	send_answer(fd, "200 OK", "", "{\"id\":1}");
	return true;
}

static void
a_post_that_was_reset_is_not_sent_again(void **state)
{
	struct result r;

	(void)state;
	begin(reset_at_the_second, &(struct web_options){0});
	get_and_wait("/matters", &r);
	post_and_wait("{\"units\":3}", &r);
	assert_int_equal(r.last.outcome, WEB_UNKNOWN);
	post_and_wait("{\"units\":4}", &r);
	assert_int_equal(server.seen->posts, 2);
	finish();
}

static bool
half_an_answer(int fd, const struct seen_request *r, struct alp_seen *seen)
{
	(void)r;
	(void)seen;
	send_text(fd, "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"id\":");
	return false;
}

static void
half_an_answer_says_nothing(void **state)
{
	struct result r;

	(void)state;
	begin(half_an_answer, &(struct web_options){0});
	post_and_wait("{}", &r);
	assert_int_equal(r.last.outcome, WEB_UNKNOWN);
	assert_int_equal(r.last.status, 201);
	assert_int_equal(server.seen->posts, 1);
	finish();
}

static bool
never_answer(int fd, const struct seen_request *r, struct alp_seen *seen)
{
	(void)fd;
	(void)r;
	(void)seen;
	(void)poll(NULL, 0, -1);
	return false;
}

static void
a_post_without_an_answer_in_time_is_unknown(void **state)
{
	struct result r;

	(void)state;
	begin(never_answer, &(struct web_options){.answer_timeout_ms = 200});
	post_and_wait("{}", &r);
	assert_int_equal(r.last.outcome, WEB_UNKNOWN);
	assert_int_equal(r.last.trouble, WEB_TIMEOUT);
	finish();
}

static void
what_never_left_the_queue_was_not_sent(void **state)
{
	struct result first = {0}, second = {0};

	(void)state;
	begin(never_answer, &(struct web_options){.max_under_way = 1, .queue_timeout_ms = 100});
	(void)post("/a", "{}", &first);
	(void)post("/b", "{}", &second);
	wait_for(&second.count, 1);
	assert_int_equal(second.last.outcome, WEB_NOT_SENT);
	assert_true(second.last.queued_out);
	assert_int_equal(first.count, 0);
	assert_true(server.seen->posts <= 1);
	finish();
}

static void
a_server_that_is_not_there_was_sent_nothing(void **state)
{
	struct result r = {0};
	struct web_request request = {.post = true, .url = "http://127.0.0.1:1/", .body = STR("{}")};

	(void)state;
	begin(never_answer, &(struct web_options){0});
	(void)web_send(web, &request, note_result, &r);
	wait_for(&r.count, 1);
	assert_int_equal(r.last.outcome, WEB_NOT_SENT);
	assert_int_equal(r.last.trouble, WEB_NO_CONNECTION);
	request.url = "https://no-such-name.invalid/";
	(void)web_send(web, &request, note_result, &r);
	wait_for(&r.count, 2);
	assert_int_equal(r.last.outcome, WEB_NOT_SENT);
	assert_int_equal(r.last.trouble, WEB_NO_CONNECTION);
	finish();
}

static void
without_tls_on_the_other_side_nothing_was_sent(void **state)
{
	struct result r = {0};
	char url[64];
	struct web_request request = {.post = true, .url = url, .body = STR("{}")};

	(void)state;
	begin(half_an_answer, &(struct web_options){.connect_timeout_ms = 1000});
	snprintf(url, sizeof url, "https://127.0.0.1:%d/", server.port);
	(void)web_send(web, &request, note_result, &r);
	wait_for(&r.count, 1);
	assert_int_equal(r.last.outcome, WEB_NOT_SENT);
	assert_int_equal(server.seen->posts, 0);
	finish();
}

/* --- what is sent ------------------------------------------------------------------------------------------------------------------ */

static bool
answer_fine(int fd, const struct seen_request *r, struct alp_seen *seen)
{
	(void)r;
	(void)seen;
	send_answer(fd, "200 OK", "ETag: \"v1\"\r\nLink: </p?page=2>; rel=\"next\"\r\nRetry-After: 7\r\n", "[{\"id\":1}]");
	return true;
}

static void
key_and_headers_go_out_and_the_answers_come_in(void **state)
{
	struct result r = {0};
	const char *head;

	(void)state;
	begin(answer_fine, &(struct web_options){0});
	post_and_wait("{\"units\":3}", &r);
	head = server.seen->all[0].head;
	assert_non_null(strstr(head, "\r\nAuthorization: Bearer TEST-KEY\r\n"));
	assert_non_null(strstr(head, "\r\nIdempotency-Key: key-1\r\n"));
	assert_non_null(strstr(head, "\r\nContent-Type: application/json\r\n"));
	assert_null(strstr(head, "Expect"));
	assert_null(strstr(head, "chunked"));
	assert_string_equal(server.seen->all[0].body, "{\"units\":3}");
	assert_int_equal(r.last.status, 200);
	assert_string_equal(r.last.etag, "\"v1\"");
	assert_string_equal(r.next, "/p?page=2");
	assert_int_equal(r.last.retry_after_ms, 7000);
	assert_true(r.last.json);
	assert_string_equal(r.body, "[{\"id\":1}]");
	finish();
}

static void
a_connection_is_used_again(void **state)
{
	struct result r;

	(void)state;
	begin(answer_fine, &(struct web_options){0});
	for (int i = 0; i < 5; i++)
		i % 2 == 0 ? post_and_wait("{}", &r) : get_and_wait("/", &r);
	assert_int_equal(server.seen->connections, 1);
	assert_int_equal(server.seen->requests, 5);
	finish();
}

static bool
redirect(int fd, const struct seen_request *r, struct alp_seen *seen)
{
	(void)r;
	(void)seen;
	send_answer(fd, "307 Temporary Redirect", "Location: /elsewhere\r\n", "");
	return true;
}

static void
a_redirect_is_not_followed(void **state)
{
	struct result r;

	(void)state;
	begin(redirect, &(struct web_options){0});
	post_and_wait("{}", &r);
	assert_int_equal(r.last.outcome, WEB_ANSWERED);
	assert_int_equal(r.last.status, 307);
	assert_int_equal(server.seen->requests, 1);
	finish();
}

static bool
continue_then_answer(int fd, const struct seen_request *r, struct alp_seen *seen)
{
	(void)r;
	(void)seen;
	send_text(fd, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nETag: \"early\"\r\n\r\n");
	send_text(fd, "HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\nContent-Type: application/problem+json\r\n\r\n"
		      "5\r\n{\"id\"\r\n3;x=y\r\n:7}\r\n0\r\nETag: \"late\"\r\n\r\n");
	return true;
}

static void
interim_answers_and_chunks_are_read(void **state)
{
	struct result r;

	(void)state;
	begin(continue_then_answer, &(struct web_options){0});
	post_and_wait("{}", &r);
	assert_int_equal(r.last.outcome, WEB_ANSWERED);
	assert_int_equal(r.last.status, 201);
	assert_string_equal(r.body, "{\"id\":7}");
	assert_string_equal(r.last.etag, "");
	assert_true(r.last.json);
	finish();
}

static bool
large_answer(int fd, const struct seen_request *r, struct alp_seen *seen)
{
	(void)seen;
	if (strcmp(r->target, "/head") == 0) {
		send_text(fd, "HTTP/1.1 200 OK\r\n");
		for (int i = 0; i < 3000; i++)
			send_text(fd, "X-Fill: 0123456789012345678901234567890123456789\r\n");
		return false;
	}
	send_text(fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
	for (int i = 0; i < 8; i++)
		send_text(fd, "400\r\n" /* 1024 bytes */
			      "0123456789012345678901234567890123456789012345678901234567890123"
			      "0123456789012345678901234567890123456789012345678901234567890123"
			      "0123456789012345678901234567890123456789012345678901234567890123"
			      "0123456789012345678901234567890123456789012345678901234567890123"
			      "0123456789012345678901234567890123456789012345678901234567890123"
			      "0123456789012345678901234567890123456789012345678901234567890123"
			      "0123456789012345678901234567890123456789012345678901234567890123"
			      "0123456789012345678901234567890123456789012345678901234567890123"
			      "0123456789012345678901234567890123456789012345678901234567890123"
			      "0123456789012345678901234567890123456789012345678901234567890123"
			      "0123456789012345678901234567890123456789012345678901234567890123"
			      "0123456789012345678901234567890123456789012345678901234567890123"
			      "0123456789012345678901234567890123456789012345678901234567890123"
			      "0123456789012345678901234567890123456789012345678901234567890123"
			      "0123456789012345678901234567890123456789012345678901234567890123"
			      "0123456789012345678901234567890123456789012345678901234567890123\r\n");
	send_text(fd, "0\r\n\r\n");
	return true;
}

static void
an_answer_larger_than_allowed_is_given_up(void **state)
{
	struct result r;

	(void)state;
	begin(large_answer, &(struct web_options){.body_max_bytes = 4096});
	post_and_wait("{}", &r);
	assert_int_equal(r.last.outcome, WEB_UNKNOWN);
	assert_int_equal(r.last.trouble, WEB_TOO_LARGE);
	get_and_wait("/head", &r);
	assert_int_equal(r.last.trouble, WEB_TOO_LARGE);
	finish();
}

static bool
gzip_bomb(int fd, const struct seen_request *r, struct alp_seen *seen)
{
	static unsigned char zeros[1 << 20], packed[8192];
	z_stream z = {.next_in = zeros, .avail_in = sizeof zeros, .next_out = packed, .avail_out = sizeof packed};
	char head[256];

	(void)seen;
	if (strcmp(r->target, "/broken") == 0) {
		send_text(fd, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd");
		return true;
	}
	deflateInit2(&z, 9, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY);
	deflate(&z, Z_FINISH);
	snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %lu\r\n\r\n", z.total_out);
	deflateEnd(&z);
	send_text(fd, head);
	(void)!send(fd, packed, z.total_out, MSG_NOSIGNAL);
	return true;
}

static void
what_unfolds_beyond_the_limit_is_given_up(void **state)
{
	struct result r;

	(void)state;
	begin(gzip_bomb, &(struct web_options){.body_max_bytes = 65536});
	get_and_wait("/", &r);
	assert_int_equal(r.last.outcome, WEB_UNKNOWN);
	assert_int_equal(r.last.trouble, WEB_TOO_LARGE);
	get_and_wait("/broken", &r);
	assert_int_equal(r.last.trouble, WEB_NOT_HTTP);
	finish();
}

static bool
speak_nonsense(int fd, const struct seen_request *r, struct alp_seen *seen)
{
	(void)r;
	(void)seen;
	send_text(fd, "220 smtp.example ESMTP ready\r\n");
	return false;
}

static void
what_is_not_http_is_no_answer(void **state)
{
	struct result r;

	(void)state;
	begin(speak_nonsense, &(struct web_options){0});
	post_and_wait("{}", &r);
	assert_int_equal(r.last.outcome, WEB_UNKNOWN);
	assert_int_equal(r.last.trouble, WEB_NOT_HTTP);
	finish();
}

/* --- the queue ----------------------------------------------------------------------------------------------------------------------- */

static bool
answer_after_a_while(int fd, const struct seen_request *r, struct alp_seen *seen)
{
	(void)r;
	(void)seen;
	(void)poll(NULL, 0, 20);
	send_answer(fd, "200 OK", "", "{}");
	return true;
}

static void
no_more_than_allowed_are_under_way_and_none_is_forgotten(void **state)
{
	struct result r = {0};

	(void)state;
	begin(answer_after_a_while, &(struct web_options){.max_under_way = 3});
	for (int i = 0; i < 30; i++)
		i % 3 == 0 ? get("/", &r) : post("/", "{}", &r);
	wait_for(&r.count, 30);
	assert_int_equal(server.seen->requests, 30);
	assert_true(server.seen->most_at_once <= 3);
	assert_true(server.seen->connections <= 3);
	finish();
}

static void
reads_and_posts_take_turns(void **state)
{
	struct result r = {0};

	(void)state;
	begin(answer_fine, &(struct web_options){.max_under_way = 1});
	for (int i = 0; i < 6; i++)
		(void)post("/", "{}", &r);
	(void)get("/late", &r);
	wait_for(&r.count, 7);
	/* Behind the one under way and one that waited. */
	assert_string_equal(server.seen->all[1].target, "/late");
	finish();
}

static void
a_cancelled_one_ends_without_a_word_and_makes_room(void **state)
{
	struct result first = {0}, second = {0}, third = {0};
	struct web_call *under_way, *waiting;

	(void)state;
	begin(answer_after_a_while, &(struct web_options){.max_under_way = 1});
	under_way = post("/1", "{}", &first);
	waiting = post("/2", "{}", &second);
	(void)post("/3", "{}", &third);
	web_cancel(waiting);
	web_cancel(under_way);
	wait_for(&third.count, 1);
	assert_int_equal(first.count + second.count, 0);
	finish();
}

static void
freeing_it_ends_what_is_under_way(void **state)
{
	struct result r = {0};

	(void)state;
	begin(never_answer, &(struct web_options){.max_under_way = 2});
	for (int i = 0; i < 5; i++)
		(void)post("/", "{}", &r);
	assert_int_equal(event_base_loop(base, EVLOOP_NONBLOCK), 0);
	finish();
	assert_int_equal(r.count, 0);
}

/* --- headers ------------------------------------------------------------------------------------------------------------------------- */

static void
retry_after_is_seconds_or_a_date(void **state)
{
	static const int64_t now = 1447850000000; /* 2015-11-18T12:33:20Z */

	(void)state;
	assert_int_equal(web_retry_after_ms("120", now), 120000);
	assert_int_equal(web_retry_after_ms("0", now), 0);
	assert_int_equal(web_retry_after_ms("-1", now), 0);
	assert_int_equal(web_retry_after_ms("soon", now), 0);
	assert_int_equal(web_retry_after_ms("", now), 0);
	assert_int_equal(web_retry_after_ms("Wed, 18 Nov 2015 12:34:20 GMT", now), 60000);
	assert_int_equal(web_retry_after_ms("Wed, 18 Nov 2015 12:30:00 GMT", now), 0);
	assert_int_equal(web_retry_after_ms("Wed, 18 Nov 2099 12:30:00 GMT", now), 24 * 3600 * 1000);
	assert_int_equal(web_retry_after_ms("Wed 1811111111 Nov\262015 12:34:2GMT", now), 24 * 3600 * 1000);
	assert_int_equal(web_retry_after_ms("99999999", now), 24 * 3600 * 1000);
	assert_int_equal(web_retry_after_ms("99999999999999999999", now), 24 * 3600 * 1000);
}

static void
expect_next(const char *value, const char *wanted)
{
	struct str target = STR_NONE;

	assert_int_equal(web_link_next(str_of(value), &target), wanted != NULL);
	if (wanted != NULL)
		assert_true(str_eq(target, str_of(wanted)));
}

static void
the_next_link_is_found(void **state)
{
	(void)state;
	expect_next("</a>; rel=\"next\"", "/a");
	expect_next("</a>;rel=next", "/a");
	expect_next("</a>; rel=prev, </b>; rel=next", "/b");
	expect_next("</a?x=1,2;3>; title=\"a, b; rel=next\"; rel=\"first\", </b>; REL = \"last Next\"", "/b");
	expect_next("</a>; rel=\"nextish\"", NULL);
	expect_next("</a>; rev=next", NULL);
	expect_next("</a>", NULL);
	expect_next("", NULL);
	expect_next("/a; rel=next", NULL);
	expect_next("</a; rel=next", NULL);
	expect_next("</a>; title=\"open; rel=next", NULL);
	expect_next("</a>; rel", NULL);
	expect_next("</a>; rel=", NULL);
	expect_next("<>; rel=next", "");
}

static int
setup(void **state)
{
	(void)state;
	return secret_setup() < 0 || secret_new(STR("TEST-KEY"), &key) < 0 ? -1 : 0;
}

static int
teardown(void **state)
{
	(void)state;
	key = secret_free(key);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_post_that_a_kept_connection_swallowed_is_not_sent_again),
	    cmocka_unit_test(a_read_that_a_kept_connection_swallowed_comes_again),
	    cmocka_unit_test(a_post_that_was_reset_is_not_sent_again),
	    cmocka_unit_test(half_an_answer_says_nothing),
	    cmocka_unit_test(a_post_without_an_answer_in_time_is_unknown),
	    cmocka_unit_test(what_never_left_the_queue_was_not_sent),
	    cmocka_unit_test(a_server_that_is_not_there_was_sent_nothing),
	    cmocka_unit_test(without_tls_on_the_other_side_nothing_was_sent),
	    cmocka_unit_test(key_and_headers_go_out_and_the_answers_come_in),
	    cmocka_unit_test(a_connection_is_used_again),
	    cmocka_unit_test(a_redirect_is_not_followed),
	    cmocka_unit_test(interim_answers_and_chunks_are_read),
	    cmocka_unit_test(an_answer_larger_than_allowed_is_given_up),
	    cmocka_unit_test(what_unfolds_beyond_the_limit_is_given_up),
	    cmocka_unit_test(what_is_not_http_is_no_answer),
	    cmocka_unit_test(no_more_than_allowed_are_under_way_and_none_is_forgotten),
	    cmocka_unit_test(reads_and_posts_take_turns),
	    cmocka_unit_test(a_cancelled_one_ends_without_a_word_and_makes_room),
	    cmocka_unit_test(freeing_it_ends_what_is_under_way),
	    cmocka_unit_test(retry_after_is_seconds_or_a_date),
	    cmocka_unit_test(the_next_link_is_found),
	};

	return cmocka_run_group_tests_name("web", tests, setup, teardown);
}
