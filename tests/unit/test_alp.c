/* SPDX-License-Identifier: Apache-2.0 */
#include "alp_unit.h"

#include <poll.h>

/* --- lists -------------------------------------------------------------------------------------------------------------------------- */

static bool
one_page(int fd, const struct seen_request *r, struct alp_seen *seen)
{
	(void)seen;
	if (strstr(r->head, "If-None-Match: \"v1\"") != NULL)
		send_text(fd, "HTTP/1.1 304 Not Modified\r\nETag: \"v1\"\r\n\r\n");
	else
		send_answer(fd, "200 OK", "ETag: \"v1\"\r\n", " [ {\"id\": 1, \"x\": 1.10} ,{\"id\":\"b\"}]\n");
	return true;
}

static void
what_alp_says_goes_on_byte_for_byte(void **state)
{
	(void)state;
	begin(one_page);
	get_list(ALP_MATTERS, "", NULL);
	assert_int_equal(list.failure, ALP_FINE);
	assert_int_equal(list.item_count, 2);
	assert_string_equal(list.items, "[{\"id\": 1, \"x\": 1.10},{\"id\":\"b\"}]");
	assert_int_equal(list.items_bytes, strlen(list.items));
	assert_string_equal(list.etag, "\"v1\"");
	assert_string_equal(server.seen->all[0].target, "/api/matters");
	get_list(ALP_OUTCOMES, "a/b ?", NULL);
	assert_string_equal(server.seen->all[1].target, "/api/matters/a%2Fb%20%3F/outcomes");
	get_list(ALP_COMPONENTS, "5", NULL);
	assert_string_equal(server.seen->all[2].target, "/api/outcomes/5/components");
	get_list(ALP_USERS, "", NULL);
	get_list(ALP_GST_TYPES, "", NULL);
	assert_string_equal(server.seen->all[4].target, "/api/gst_types");
	finish();
}

static void
what_did_not_change_is_not_sent_again(void **state)
{
	(void)state;
	begin(one_page);
	get_list(ALP_MATTERS, "", "\"v1\"");
	assert_int_equal(list.failure, ALP_FINE);
	assert_true(list.unchanged);
	assert_null(list.items);
	finish();
}

/* Three pages in each of the ways. */
static bool
three_pages(int fd, const struct seen_request *r, struct alp_seen *seen)
{
	static const char *const pages[] = {"[{\"id\":1},{\"id\":2}]", "[{\"id\":3}]", "[{\"id\":4},{\"id\":5}]", "[]"};
	static const char *const links[] = {"Link: <?after=2>; rel=next\r\n", "Link: </api/matters?after=3>; rel=\"next\"\r\n", "", ""};
	const char *q = query(r);
	int n = 0;

	(void)seen;
	if (strstr(q, "page=2") != NULL || strstr(q, "offset=2") != NULL || strstr(q, "after=2") != NULL)
		n = 1;
	else if (strstr(q, "page=3") != NULL || strstr(q, "offset=3") != NULL || strstr(q, "after=3") != NULL)
		n = 2;
	else if (strstr(q, "page=4") != NULL || strstr(q, "offset=5") != NULL)
		n = 3;
	send_answer(fd, "200 OK", links[n], pages[n]);
	return true;
}

static void
expect_paging(enum alp_paging paging, int requests, const char *last_query)
{
	struct alp_options o = usual();

	o.paging = paging;
	begin_with(three_pages, o);
	get_list(ALP_MATTERS, "", NULL);
	assert_int_equal(list.failure, ALP_FINE);
	assert_string_equal(list.items, "[{\"id\":1},{\"id\":2},{\"id\":3},{\"id\":4},{\"id\":5}]");
	assert_string_equal(list.etag, "");
	assert_int_equal(server.seen->requests, requests);
	assert_string_equal(query(&server.seen->all[requests - 1]), last_query);
	finish();
}

static void
all_pages_are_gathered(void **state)
{
	(void)state;
	expect_paging(ALP_PAGING_LINK, 3, "after=3");
	/* A short page is not yet the last one. */
	expect_paging(ALP_PAGING_PAGE, 4, "page=4");
	expect_paging(ALP_PAGING_OFFSET, 4, "offset=5");
}

static void
a_list_that_goes_on_where_none_was_expected_is_not_taken_for_whole(void **state)
{
	(void)state;
	begin(three_pages);
	get_list(ALP_MATTERS, "", NULL);
	assert_int_equal(list.failure, ALP_UNREADABLE);
	assert_non_null(strstr(list.detail, "alp.paging"));
	assert_null(list.items);
	finish();
}

static bool
same_page_again(int fd, const struct seen_request *r, struct alp_seen *seen)
{
	(void)r;
	(void)seen;
	send_answer(fd, "200 OK", "", "[{\"id\":1},{\"id\":2}]");
	return true;
}

static void
a_server_that_knows_no_pages_is_noticed(void **state)
{
	struct alp_options o = usual();

	(void)state;
	o.paging = ALP_PAGING_PAGE;
	begin_with(same_page_again, o);
	get_list(ALP_MATTERS, "", NULL);
	assert_int_equal(list.failure, ALP_UNREADABLE);
	assert_int_equal(server.seen->requests, 2);
	finish();
}

static bool
link_elsewhere(int fd, const struct seen_request *r, struct alp_seen *seen)
{
	(void)r;
	(void)seen;
	send_answer(fd, "200 OK", "Link: <http://127.0.0.2/steal>; rel=next\r\n", "[{\"id\":1}]");
	return true;
}

static void
the_key_goes_to_no_other_server(void **state)
{
	struct alp_options o = usual();

	(void)state;
	o.paging = ALP_PAGING_LINK;
	begin_with(link_elsewhere, o);
	get_list(ALP_MATTERS, "", NULL);
	assert_int_equal(list.failure, ALP_UNREADABLE);
	finish();
}

static bool
endless_pages(int fd, const struct seen_request *r, struct alp_seen *seen)
{
	char body[64];

	(void)r;
	snprintf(body, sizeof body, "[{\"id\":%d}]", seen->requests);
	send_answer(fd, "200 OK", "", body);
	return true;
}

static void
pages_without_end_end(void **state)
{
	struct alp_options o = usual();

	(void)state;
	o.paging = ALP_PAGING_PAGE;
	begin_with(endless_pages, o);
	get_list(ALP_MATTERS, "", NULL);
	assert_int_equal(list.failure, ALP_UNREADABLE);
	assert_int_equal(server.seen->requests, 10);
	assert_non_null(strstr(list.detail, "alp.pages_max"));
	finish();
}

static bool
wrapped(int fd, const struct seen_request *r, struct alp_seen *seen)
{
	(void)r;
	(void)seen;
	send_answer(fd, "200 OK", "", "{\"total\":1,\"items\":[{\"id\":1}]}");
	return true;
}

static void
a_list_is_found_in_its_wrapping(void **state)
{
	struct alp_options o = usual();

	(void)state;
	o.items_field = "items";
	begin_with(wrapped, o);
	get_list(ALP_MATTERS, "", NULL);
	assert_string_equal(list.items, "[{\"id\":1}]");
	finish();
	o.items_field = "data";
	begin_with(wrapped, o);
	get_list(ALP_MATTERS, "", NULL);
	assert_int_equal(list.failure, ALP_UNREADABLE);
	finish();
}

/* --- failures of reads ---------------------------------------------------------------------------------------------------------------- */

static bool
by_path(int fd, const struct seen_request *r, struct alp_seen *seen)
{
	if (strstr(r->target, "flaky") != NULL && seen->requests < 3)
		send_answer(fd, "502 Bad Gateway", "", "<html>");
	else if (strstr(r->target, "html") != NULL)
		send_answer(fd, "200 OK", "", "<html>maintenance</html>");
	else if (strstr(r->target, "busy") != NULL)
		send_answer(fd, "429 Too Many Requests", "Retry-After: 77\r\n", "");
	else if (strstr(r->target, "missing") != NULL)
		send_answer(fd, "404 Not Found", "", "{}");
	else if (strstr(r->target, "key") != NULL)
		send_answer(fd, "401 Unauthorized", "", "{}");
	else if (strstr(r->target, "down") != NULL)
		send_answer(fd, "500 Internal Server Error", "", "{}");
	else if (strstr(r->target, "moved") != NULL)
		send_answer(fd, "302 Found", "Location: /matters\r\n", "");
	else if (strstr(r->target, "scalars") != NULL)
		send_answer(fd, "200 OK", "", "[1,2]");
	else
		send_answer(fd, "200 OK", "", "[]");
	return true;
}

static void
expect_failure(const char *path, enum alp_failure failure, int requests)
{
	struct alp_options o = usual();

	o.paths[ALP_MATTERS] = path;
	begin_with(by_path, o);
	get_list(ALP_MATTERS, "", NULL);
	assert_int_equal(list.failure, failure);
	assert_int_equal(server.seen->requests, requests);
	if (failure != ALP_FINE)
		assert_true(list.items == NULL && list.detail[0] != '\0');
	finish();
}

static void
reads_are_tried_again_where_that_can_help(void **state)
{
	(void)state;
	expect_failure("/flaky", ALP_FINE, 3);
	expect_failure("/down", ALP_UNREACHABLE, 3);
	expect_failure("/html", ALP_UNREADABLE, 3);
	expect_failure("/missing", ALP_MISSING, 1);
	expect_failure("/key", ALP_KEY_REFUSED, 1);
	expect_failure("/moved", ALP_UNREADABLE, 1);
	expect_failure("/busy", ALP_BUSY, 1);
	assert_int_equal(list.retry_after_ms, 77000);
	expect_failure("/scalars", ALP_UNREADABLE, 3);
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
a_read_ends_in_time(void **state)
{
	struct alp_options o = usual();

	(void)state;
	o.read_timeout_ms = 100;
	begin_with(never_answer, o);
	get_list(ALP_MATTERS, "", NULL);
	assert_int_equal(list.failure, ALP_TIMEOUT);
	finish();
}

/* --- the breaker ----------------------------------------------------------------------------------------------------------------------- */

static int64_t told[4];
static size_t told_count;

static void
note_silent(int64_t wait_ms, void *arg)
{
	(void)arg;
	told[told_count++] = wait_ms;
}

static void
an_alp_that_fails_is_left_alone_and_posts_were_not_sent(void **state)
{
	struct alp_options o = usual();

	(void)state;
	o.paths[ALP_MATTERS] = "/down";
	o.breaker_failures = 2;
	begin_with(by_path, o);
	get_list(ALP_MATTERS, "", NULL);
	assert_int_equal(list.failure, ALP_UNREACHABLE);
	assert_int_equal(server.seen->requests, 2);
	assert_true(list.retry_after_ms > 50000 && list.retry_after_ms <= 60000);
	post();
	assert_int_equal(posted.posted, ALP_POST_NOT_SENT);
	assert_true(posted.retry_after_ms > 50000);
	assert_int_equal(server.seen->requests, 2);
	finish();
}

static bool
fail_then_recover(int fd, const struct seen_request *r, struct alp_seen *seen)
{
	(void)r;
	if (seen->requests <= 2)
		send_answer(fd, "500 Internal Server Error", "", "");
	else
		send_answer(fd, "200 OK", "", "[]");
	return true;
}

static void
the_breaker_closes_when_it_answers_again(void **state)
{
	struct alp_options o = usual();

	(void)state;
	o.breaker_failures = 2;
	o.breaker_open_ms = o.breaker_open_max_ms = 50;
	o.read_tries = 2;
	o.silent = note_silent;
	begin_with(fail_then_recover, o);
	get_list(ALP_MATTERS, "", NULL);
	assert_int_equal(list.failure, ALP_UNREACHABLE);
	do
		get_list(ALP_MATTERS, "", NULL);
	while (list.failure != ALP_FINE);
	assert_int_equal(server.seen->requests, 3);
	assert_int_equal(told_count, 2);
	assert_true(told[0] > 0 && told[0] <= 50);
	assert_int_equal(told[1], 0);
	finish();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_alp_says_goes_on_byte_for_byte),
	    cmocka_unit_test(what_did_not_change_is_not_sent_again),
	    cmocka_unit_test(all_pages_are_gathered),
	    cmocka_unit_test(a_list_that_goes_on_where_none_was_expected_is_not_taken_for_whole),
	    cmocka_unit_test(a_server_that_knows_no_pages_is_noticed),
	    cmocka_unit_test(the_key_goes_to_no_other_server),
	    cmocka_unit_test(pages_without_end_end),
	    cmocka_unit_test(a_list_is_found_in_its_wrapping),
	    cmocka_unit_test(reads_are_tried_again_where_that_can_help),
	    cmocka_unit_test(a_read_ends_in_time),
	    cmocka_unit_test(an_alp_that_fails_is_left_alone_and_posts_were_not_sent),
	    cmocka_unit_test(the_breaker_closes_when_it_answers_again),
	};

	return cmocka_run_group_tests_name("alp", tests, alp_setup, alp_teardown);
}
