/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <errno.h>
#include <string.h>

#include "base/macro.h"
#include "ctl/sse.h"

struct seen {
	struct buf text; /* each event's data between brackets */
	int stop_after;  /* events; 0: never */
};

static int
on_data(struct str data, void *arg)
{
	struct seen *seen = arg;

	buf_addf(&seen->text, "[%.*s]", STR_ARG(data));
	return seen->stop_after > 0 && --seen->stop_after == 0 ? -ECANCELED : 0;
}

/* In pieces of every size the same comes out. */
static void
gives(const char *stream, const char *expected)
{
	for (size_t step = 1; step <= strlen(stream) + 1; step++) {
		_cleanup_(sse_release) struct sse s;
		struct seen seen = {.text = BUF_INIT(1024)};

		sse_init(&s, on_data, &seen);
		for (size_t at = 0; at < strlen(stream); at += step)
			assert_int_equal(sse_feed(&s, (struct str){stream + at, MIN_OF(step, strlen(stream) - at)}), 0);
		assert_string_equal(seen.text.len > 0 ? seen.text.p : "", expected);
		buf_release(&seen.text);
	}
}

static void
each_events_data_is_given(void **state)
{
	(void)state;
	gives("id: 1\nevent: job.running\ndata: {\"a\":1}\n\nid: 2\ndata:{}\n\n", "[{\"a\":1}][{}]");
	gives("data: a\r\ndata:  b\r\rdata: c\n\n", "[a\n b][c]");
	gives("retry: 3000\n: heartbeat\n\n:\n\ndata\n\ndatax: y\n\n", "[]");
	gives("data: not ended", "");
	gives("data: not ended\n", "");
	gives("", "");
}

static void
an_event_without_end_is_refused(void **state)
{
	static char line[SSE_EVENT_MAX + 2];
	_cleanup_(sse_release) struct sse s;
	struct seen seen = {.text = BUF_INIT(1024)};

	(void)state;
	memset(line, 'x', sizeof line - 1);
	sse_init(&s, on_data, &seen);
	assert_int_equal(sse_feed(&s, str_of(line)), -E2BIG);
	sse_release(&s);
	sse_init(&s, on_data, &seen);
	for (int i = 0; i < 10; i++)
		assert_int_equal(sse_feed(&s, STR("data: 0123456789\n")), 0);
	for (int i = 0; i < SSE_EVENT_MAX / 10 && sse_feed(&s, STR("data: 0123456789\n")) == 0; i++)
		;
	assert_int_equal(sse_feed(&s, STR("data: 0123456789\n")), -E2BIG);
	buf_release(&seen.text);
}

static void
who_has_seen_enough_gets_no_more(void **state)
{
	_cleanup_(sse_release) struct sse s;
	struct seen seen = {.text = BUF_INIT(1024), .stop_after = 1};

	(void)state;
	sse_init(&s, on_data, &seen);
	assert_int_equal(sse_feed(&s, STR("data: a\n\ndata: b\n\n")), -ECANCELED);
	assert_string_equal(seen.text.p, "[a]");
	buf_release(&seen.text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_events_data_is_given),
	    cmocka_unit_test(an_event_without_end_is_refused),
	    cmocka_unit_test(who_has_seen_enough_gets_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
