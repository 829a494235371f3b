/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "base/log.h"

static char logged[4096];

/* What reaches standard error while one event is logged. */
#define CAPTURE(...)                                                                                                   \
	do {                                                                                                           \
		int saved = dup(STDERR_FILENO), ends[2];                                                               \
		ssize_t n;                                                                                             \
                                                                                                                       \
		assert_int_equal(pipe(ends), 0);                                                                       \
		dup2(ends[1], STDERR_FILENO);                                                                          \
		log_event(__VA_ARGS__);                                                                                \
		fflush(stderr);                                                                                        \
		dup2(saved, STDERR_FILENO);                                                                            \
		close(saved);                                                                                          \
		close(ends[1]);                                                                                        \
		n = read(ends[0], logged, sizeof logged - 1);                                                          \
		logged[n > 0 ? n : 0] = '\0';                                                                          \
		close(ends[0]);                                                                                        \
	} while (0)

static void
a_line_is_the_text_with_its_fields(void **state)
{
	(void)state;
	CAPTURE(EV_JOB_DAY, LOG_STR("KIND", "fetch"), LOG_I64("JOB_ID", 7), LOG_I64("ALP_USER_ID", 42), LOG_STR("LOG_DATE", "2026-11-23"),
	    LOG_I64("ROWS", 3), LOG_I64("SECONDS", 100));
	assert_string_equal(logged, "test: fetch job 7 for user 42: 2026-11-23 stored, 3 rows, 100 s\n");
}

static void
what_a_peer_says_cannot_start_a_line_or_move_the_cursor(void **state)
{
	(void)state;
	CAPTURE(EV_CONFIG_ERROR, LOG_STR("DETAIL", "a\nrtalpd: forged\x1b[2J"));
	assert_string_equal(logged, "test: a\\x0artalpd: forged\\x1b[2J\n");
}

static void
a_field_that_is_missing_is_seen(void **state)
{
	(void)state;
	CAPTURE(EV_CONFIG_ERROR, LOG_I64("OTHER", 1));
	assert_string_equal(logged, "test: ?\n");
}

static void
what_is_too_long_is_cut_and_not_lost(void **state)
{
	static char text[3000];

	(void)state;
	memset(text, 'x', sizeof text - 1);
	CAPTURE(EV_CONFIG_ERROR, LOG_STR("DETAIL", text));
	assert_true(strlen(logged) > 1000);
	assert_int_equal(logged[strlen(logged) - 1], '\n');
}

static void
the_level_decides(void **state)
{
	(void)state;
	log_set_max_priority(LOG_WARNING);
	CAPTURE(EV_STOPPED, LOG_I64("STATUS", 0));
	assert_string_equal(logged, "");
	log_set_max_priority(LOG_DEBUG);
	CAPTURE(EV_STOPPED, LOG_I64("STATUS", 0));
	assert_string_equal(logged, "test: stopped\n");
}

/* Each {NAME} in the table is a field's name, and no two events share an identifier. */
static void
the_table_is_sound(void **state)
{
	(void)state;
	for (int i = 0; i < EV_COUNT; i++) {
		const struct log_event_info *e = log_event_info((enum log_event_id)i);

		assert_int_equal(strlen(e->message_id), 32);
		assert_int_equal(strspn(e->message_id, "0123456789abcdef"), 32);
		for (int k = 0; k < i; k++)
			assert_string_not_equal(e->message_id, log_event_info((enum log_event_id)k)->message_id);
		for (const char *p = strchr(e->text, '{'); p != NULL; p = strchr(p + 1, '{'))
			assert_int_equal(p[1 + strspn(p + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_")], '}');
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_line_is_the_text_with_its_fields),
	    cmocka_unit_test(what_a_peer_says_cannot_start_a_line_or_move_the_cursor),
	    cmocka_unit_test(a_field_that_is_missing_is_seen),
	    cmocka_unit_test(what_is_too_long_is_cut_and_not_lost),
	    cmocka_unit_test(the_level_decides),
	    cmocka_unit_test(the_table_is_sound),
	};

	log_setup("test", LOG_DEBUG);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
