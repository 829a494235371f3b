/* SPDX-License-Identifier: Apache-2.0 */
#include "alp_unit.h"

/* --- entries ----------------------------------------------------------------------------------------------------------------------------- */

static bool
give_a_bad_id(int fd, const struct seen_request *r, struct alp_seen *seen)
{
	(void)r;
	(void)seen;
	send_answer(fd, "200 OK", "", "[{\"id\":1},{\"id\":\"two words\"}]");
	return true;
}

static void
a_list_with_an_entry_that_has_no_id_is_no_evidence(void **state)
{
	(void)state;
	begin(give_a_bad_id);
	get_entries();
	assert_string_equal(server.seen->all[0].target, "/api/time_entries?user_id=7&from=2026-11-22&to=2026-11-24");
	assert_int_equal(entries.failure, ALP_UNREADABLE);
	assert_false(entries.complete);
	assert_int_equal(entries.entries.count, 0);
	finish();
}

static bool
give_entries(int fd, const struct seen_request *r, struct alp_seen *seen)
{
	(void)r;
	(void)seen;
	send_answer(fd, "200 OK", "",
	    "[{\"id\":900719925474099312,\"reference\":\"rt-1\",\"status\":\"Billed\",\"date\":\"2026-11-23\",\"user_id\":7,\"matter_component_id\":\"55\","
	    "\"units\":3.0,\"rate\":250.50,\"billable_type\":1,\"gst_type\":2,\"description\":\"Caf\\u00e9\",\"notes\":null,\"x\":[1]},"
	    "{\"id\":\"te_2\",\"status\":\"open\",\"date\":\"2026-11-23T00:00:00+11:00\",\"user_id\":7},"
	    "{\"id\":\"te_3\",\"status\":\"deleted\",\"date\":\"2026-11-22T13:00:00Z\"},"
	    "{\"id\":\"other\",\"user_id\":8},"
	    "{\"id\":\"te_4\",\"date\":\"2026-11-25\",\"user_id\":7},"
	    "{\"id\":\"te_5\",\"status\":\"written_off\",\"user_id\":7}]");
	return true;
}

static void
what_an_entry_says_is_taken_over_and_what_was_not_asked_for_is_left(void **state)
{
	const struct alp_entry *e;

	(void)state;
	begin(give_entries);
	get_entries();
	assert_int_equal(entries.failure, ALP_FINE);
	assert_true(entries.complete);
	assert_int_equal(entries.entries.count, 4);
	e = &entries.entries.rows[0];
	assert_string_equal(e->id, "900719925474099312");
	assert_string_equal(e->reference, "rt-1");
	assert_int_equal(e->state, ALP_ENTRY_INVOICED);
	assert_int_equal(e->day, 20780);
	assert_int_equal(e->component_id, 55);
	assert_int_equal(e->units, 3);
	assert_true(e->rate == ALP_ABSENT);
	assert_int_equal(e->gst_type, 2);
	assert_string_equal(e->description, "Caf\xc3\xa9");
	assert_null(e->notes);
	assert_non_null(strstr(e->json, "\"x\":[1]"));
	assert_int_equal(entries.entries.rows[1].day, 20780);
	assert_int_equal(entries.entries.rows[1].state, ALP_ENTRY_OPEN);
	assert_int_equal(entries.entries.rows[2].state, ALP_ENTRY_DELETED);
	assert_int_equal(entries.entries.rows[2].day, -1);
	assert_int_equal(entries.entries.rows[3].state, ALP_ENTRY_WRITTEN_OFF);
	finish();
}

static void
an_alp_that_cannot_list_is_not_asked(void **state)
{
	struct alp_options o = usual();

	(void)state;
	o.can.lists_entries = false;
	begin_with(give_entries, o);
	get_entries();
	assert_int_equal(entries.failure, ALP_MISSING);
	assert_false(entries.complete);
	assert_int_equal(server.seen->requests, 0);
	finish();
}

/* Entry 1 goes away while page 2 is about to be read: entry 3 slips onto page 1, where nobody looks any more. */
static bool
shrinks_under_the_reader(int fd, const struct seen_request *r, struct alp_seen *seen)
{
	bool shrunk = seen->requests > 1;
	const char *q = query(r);

	if (strstr(q, "offset=0") != NULL)
		send_answer(fd, "200 OK", "", shrunk ? "[{\"id\":2},{\"id\":3}]" : "[{\"id\":1},{\"id\":2}]");
	else if (strstr(q, "offset=2") != NULL)
		send_answer(fd, "200 OK", "", "[{\"id\":4}]");
	else
		send_answer(fd, "200 OK", "", "[]");
	return true;
}

static void
a_list_that_shrinks_while_it_is_read_is_not_complete(void **state)
{
	struct alp_options o = usual();

	(void)state;
	o.paging = ALP_PAGING_OFFSET;
	begin_with(shrinks_under_the_reader, o);
	get_entries();
	assert_int_equal(entries.failure, ALP_FINE);
	assert_false(entries.complete);
	get_entries();
	assert_true(entries.complete);
	assert_int_equal(entries.entries.count, 3);
	finish();
}

static bool
slides(int fd, const struct seen_request *r, struct alp_seen *seen)
{
	const char *q = query(r);

	(void)seen;
	if (strstr(q, "offset=0") != NULL)
		send_answer(fd, "200 OK", "", "[{\"id\":1},{\"id\":2}]");
	else if (strstr(q, "offset=2") != NULL)
		send_answer(fd, "200 OK", "", "[{\"id\":2},{\"id\":3}]");
	else
		send_answer(fd, "200 OK", "", "[]");
	return true;
}

static void
an_entry_on_two_pages_makes_the_list_doubtful(void **state)
{
	struct alp_options o = usual();

	(void)state;
	o.paging = ALP_PAGING_OFFSET;
	begin_with(slides, o);
	get_entries();
	assert_int_equal(entries.failure, ALP_FINE);
	assert_false(entries.complete);
	finish();
}

/* --- posts -------------------------------------------------------------------------------------------------------------------------------- */

static const struct {
	const char *status, *headers, *body;
	enum alp_posted posted;
} meanings[] = {
    {"201 Created", "", "{\"id\":5,\"units\":3}", ALP_POSTED},
    {"200 OK", "", "{\"id\":\"x\"}", ALP_POSTED},
    {"201 Created", "", "{\"units\":3}", ALP_POST_UNKNOWN},
    {"201 Created", "", "{\"id\":null}", ALP_POST_UNKNOWN},
    {"201 Created", "", "{\"id\":0}", ALP_POST_UNKNOWN},
    {"201 Created", "", "{\"id\":", ALP_POST_UNKNOWN},
    {"201 Created", "", "", ALP_POST_UNKNOWN},
    {"200 OK", "", "<html>", ALP_POST_UNKNOWN},
    {"202 Accepted", "", "{\"id\":5}", ALP_POST_UNKNOWN},
    {"204 No Content", "", "", ALP_POST_UNKNOWN},
    {"303 See Other", "Location: /time_entries/5\r\n", "", ALP_POST_UNKNOWN},
    {"307 Temporary Redirect", "Location: /x\r\n", "", ALP_POST_UNKNOWN},
    {"400 Bad Request", "", "{\"error\":\"no\"}", ALP_POST_REJECTED},
    {"401 Unauthorized", "", "", ALP_POST_KEY_REFUSED},
    {"403 Forbidden", "", "", ALP_POST_KEY_REFUSED},
    {"404 Not Found", "", "", ALP_POST_REJECTED},
    {"408 Request Timeout", "", "", ALP_POST_UNKNOWN},
    {"409 Conflict", "", "", ALP_POST_REJECTED},
    {"422 Unprocessable Entity", "", "{\"units\":[\"\\u00e9\"]}", ALP_POST_REJECTED},
    {"429 Too Many Requests", "Retry-After: 3\r\n", "", ALP_POST_BUSY},
    {"500 Internal Server Error", "", "{\"id\":5}", ALP_POST_UNKNOWN},
    {"503 Service Unavailable", "Retry-After: 3\r\n", "", ALP_POST_UNKNOWN},
    {"504 Gateway Timeout", "", "", ALP_POST_UNKNOWN},
};

static bool
one_after_the_other(int fd, const struct seen_request *r, struct alp_seen *seen)
{
	int i = seen->requests - 1;

	(void)r;
	send_answer(fd, meanings[i].status, meanings[i].headers, meanings[i].body);
	return true;
}

static void
only_what_is_surely_not_there_may_be_sent_again(void **state)
{
	(void)state;
	begin(one_after_the_other);
	for (size_t i = 0; i < ELEMENTSOF(meanings); i++) {
		post();
		if (posted.posted != meanings[i].posted)
			fail_msg("%s %s was taken for %d", meanings[i].status, meanings[i].body, posted.posted);
		if (meanings[i].posted == ALP_POST_BUSY)
			assert_int_equal(posted.retry_after_ms, 3000);
		if (meanings[i].body[0] != '\0' && posted.posted == ALP_POST_REJECTED)
			assert_string_equal(posted.text, meanings[i].body);
		/* Each of them once. */
		assert_int_equal(server.seen->requests, (int)i + 1);
	}
	assert_non_null(strstr(server.seen->all[0].head, "POST /api/time_entries HTTP/1.1\r\n"));
	assert_string_equal(server.seen->all[0].body, "{\"units\":3}");
	finish();
}

static void
an_entry_is_found_in_its_wrapping(void **state)
{
	struct alp_options o = usual();

	(void)state;
	o.entry_field = "x";
	begin_with(one_after_the_other, o);
	post();
	assert_int_equal(posted.posted, ALP_POST_UNKNOWN);
	finish();
}

static bool
long_text(int fd, const struct seen_request *r, struct alp_seen *seen)
{
	static char text[40001];

	(void)r;
	(void)seen;
	memset(text, '\xe9', sizeof text - 1);
	send_answer(fd, "422 Unprocessable Entity", "", text);
	return true;
}

static void
what_alp_said_is_kept_up_to_a_limit_and_as_text(void **state)
{
	(void)state;
	begin(long_text);
	post();
	assert_int_equal(posted.posted, ALP_POST_REJECTED);
	assert_true(strlen(posted.text) <= 16384 && strlen(posted.text) > 16000);
	assert_memory_equal(posted.text, "\xef\xbf\xbd", 3);
	finish();
}

static bool
longer_than_any(int fd, const struct seen_request *r, struct alp_seen *seen)
{
	static char text[9 * 1024 * 1024];
	bool one = r->head[0] == 'P';

	(void)seen;
	memset(text, ' ', sizeof text - 1);
	memcpy(text, one ? "{\"id\":5}" : "[{\"id\":5}]", one ? 8 : 10);
	send_answer(fd, "200 OK", "", text);
	return true;
}

static void
what_is_longer_than_an_entry_can_be_is_not_taken_in(void **state)
{
	struct alp_options o = usual();

	(void)state;
	o.list_max_bytes = (size_t)64 * 1024 * 1024;
	begin_with(longer_than_any, o);
	post();
	assert_int_equal(posted.posted, ALP_POST_UNKNOWN);
	assert_string_equal(posted.detail, "the answer is larger than allowed");
	get_entries();
	assert_int_equal(entries.failure, ALP_UNREADABLE);
	get_list(ALP_USERS, "", NULL);
	assert_int_equal(list.failure, ALP_FINE);
	finish();
}

static bool
long_entry(int fd, const struct seen_request *r, struct alp_seen *seen)
{
	static char text[100000];

	(void)r;
	(void)seen;
	memset(text, ' ', sizeof text - 1);
	memcpy(text, "{\"id\":5", 7);
	text[sizeof text - 2] = '}';
	send_answer(fd, "201 Created", "", text);
	return true;
}

static void
an_entry_that_is_too_long_to_be_shown_for_ever_is_an_entry(void **state)
{
	struct alp_options o = usual();

	(void)state;
	o.list_max_bytes = 1000000;
	begin_with(long_entry, o);
	post();
	assert_int_equal(posted.posted, ALP_POSTED);
	assert_string_equal(posted.entry.id, "5");
	assert_null(posted.entry.json);
	finish();
}

static bool
say_it_all_again(int fd, const struct seen_request *r, struct alp_seen *seen)
{
	char text[4096];

	(void)seen;
	snprintf(text, sizeof text, "<pre>%s</pre>", r->head);
	send_answer(fd, "422 Unprocessable Entity", "", text);
	return true;
}

static void
the_key_is_not_shown_by_an_alp_that_repeats_what_it_was_sent(void **state)
{
	(void)state;
	begin(say_it_all_again);
	post();
	assert_int_equal(posted.posted, ALP_POST_REJECTED);
	assert_non_null(strstr(posted.text, "Authorization: Bearer ********\r\n"));
	assert_null(strstr(posted.text, "TEST-KEY"));
	finish();
}

static void
a_call_that_was_given_up_ends_without_a_word(void **state)
{
	struct alp_call *call;

	(void)state;
	begin(give_entries);
	call = alp_entries(alp, 7, 20779, 20781, entries_done, NULL);
	alp_cancel(call);
	alp_cancel(NULL);
	done_count = 0;
	(void)alp_list(alp, ALP_USERS, "", NULL, list_done, NULL);
	wait_done();
	assert_int_equal(done_count, 1);
	finish();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_list_with_an_entry_that_has_no_id_is_no_evidence),
	    cmocka_unit_test(what_an_entry_says_is_taken_over_and_what_was_not_asked_for_is_left),
	    cmocka_unit_test(an_alp_that_cannot_list_is_not_asked),
	    cmocka_unit_test(a_list_that_shrinks_while_it_is_read_is_not_complete),
	    cmocka_unit_test(an_entry_on_two_pages_makes_the_list_doubtful),
	    cmocka_unit_test(only_what_is_surely_not_there_may_be_sent_again),
	    cmocka_unit_test(an_entry_is_found_in_its_wrapping),
	    cmocka_unit_test(what_alp_said_is_kept_up_to_a_limit_and_as_text),
	    cmocka_unit_test(what_is_longer_than_an_entry_can_be_is_not_taken_in),
	    cmocka_unit_test(an_entry_that_is_too_long_to_be_shown_for_ever_is_an_entry),
	    cmocka_unit_test(the_key_is_not_shown_by_an_alp_that_repeats_what_it_was_sent),
	    cmocka_unit_test(a_call_that_was_given_up_ends_without_a_word),
	};

	return cmocka_run_group_tests_name("alp_entries", tests, alp_setup, alp_teardown);
}
