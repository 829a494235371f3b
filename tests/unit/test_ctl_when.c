/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/macro.h"
#include "ctl/when.h"

#define NOW_MS INT64_C(1795392000000) /* 2026-11-23T00:00:00Z */

static int64_t
expiry(const char *text)
{
	int64_t at = 0;
	int r = when_parse_expiry(str_of(text), NOW_MS, &at);

	return r < 0 ? r : at - NOW_MS;
}

static void
a_length_counts_from_now(void **state)
{
	(void)state;
	assert_int_equal(expiry("12h"), INT64_C(12) * 3600 * 1000);
	assert_int_equal(expiry("90d"), INT64_C(90) * 86400 * 1000);
	assert_int_equal(expiry("8w"), INT64_C(56) * 86400 * 1000);
}

static void
a_day_counts_to_its_end_in_the_users_zone(void **state)
{
	(void)state;
	assert_int_equal(expiry("2026-11-24"), INT64_C(2) * 86400 * 1000 - 1000);
	setenv("TZ", "Australia/Sydney", 1);
	tzset();
	assert_int_equal(expiry("2026-11-24"), INT64_C(2) * 86400 * 1000 - INT64_C(11) * 3600 * 1000 - 1000);
	setenv("TZ", "UTC", 1);
	tzset();
}

static void
what_is_no_expiry_is_refused(void **state)
{
	static const char *const wrong[] = {"", "d", "0d", "-1d", "+1d", " 1d", "1", "1m", "1.5d", "1d ", "99999999d", "9999999999999999999d",
	    "2026-02-30", "2026-11", "tomorrow", "1dd"};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(wrong); i++)
		if (expiry(wrong[i]) != -EINVAL)
			fail_msg("accepted: '%s'", wrong[i]);
	assert_int_equal(expiry("2026-11-22"), -ERANGE);
	assert_int_equal(expiry("1970-01-01"), -ERANGE);
	assert_true(expiry("9999-12-30") > 0);
}

static void
instants_are_read(void **state)
{
	static const char *const wrong[] = {"", "2026-11-23", "2026-11-23T01:02:03", "2026-11-23T01:02:03+00:00", "2026-11-23T24:02:03Z",
	    "2026-11-23T01:60:03Z", "2026-11-23 01:02:03Z", "2026-02-30T01:02:03Z", "2026-11-23T01:02:03.Z", "2026-11-23T01:02:03.12xZ",
	    "2026-11-23T01:02:03Zx", "2026-11-23T-1:02:03Z"};
	int64_t ms;

	(void)state;
	assert_int_equal(when_parse_instant(STR("2026-11-23T01:02:03Z"), &ms), 0);
	assert_int_equal(ms, NOW_MS + 3723000);
	assert_int_equal(when_parse_instant(STR("2026-11-23T01:02:03.456Z"), &ms), 0);
	assert_int_equal(ms, NOW_MS + 3723000);
	for (size_t i = 0; i < ELEMENTSOF(wrong); i++)
		if (when_parse_instant(str_of(wrong[i]), &ms) == 0)
			fail_msg("accepted: %s", wrong[i]);
}

static void
instants_are_shown_in_the_users_zone(void **state)
{
	char text[WHEN_TEXT_MAX];

	(void)state;
	when_local("2026-11-23T01:02:03.456Z", text);
	assert_string_equal(text, "2026-11-23 01:02:03");
	setenv("TZ", "Australia/Sydney", 1);
	tzset();
	when_local("2026-11-23T14:02:03.456Z", text);
	assert_string_equal(text, "2026-11-24 01:02:03");
	setenv("TZ", "UTC", 1);
	tzset();
	when_local(NULL, text);
	assert_string_equal(text, "");
	when_local("some other time", text);
	assert_string_equal(text, "some other time");
}

static void
seconds_are_shown_as_hours(void **state)
{
	char text[WHEN_TEXT_MAX];

	(void)state;
	when_hms(0, text);
	assert_string_equal(text, "0:00:00");
	when_hms(3723, text);
	assert_string_equal(text, "1:02:03");
	when_hms(360000, text);
	assert_string_equal(text, "100:00:00");
	when_hms(-61, text);
	assert_string_equal(text, "-0:01:01");
	when_hms(INT64_MIN, text);
	assert_string_equal(text, "-2562047788015215:30:08");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_length_counts_from_now),
	    cmocka_unit_test(a_day_counts_to_its_end_in_the_users_zone),
	    cmocka_unit_test(what_is_no_expiry_is_refused),
	    cmocka_unit_test(instants_are_read),
	    cmocka_unit_test(instants_are_shown_in_the_users_zone),
	    cmocka_unit_test(seconds_are_shown_as_hours),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
