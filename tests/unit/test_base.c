/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/day.h"
#include "base/hash.h"
#include "base/secret.h"
#include "base/utf8.h"
#include "base/zone.h"

static void
numbers_are_read_whole_or_not_at_all(void **state)
{
	int64_t v = 7;

	(void)state;
	assert_int_equal(str_to_i64(STR("9223372036854775807"), INT64_MIN, INT64_MAX, &v), 0);
	assert_true(v == INT64_MAX);
	assert_int_equal(str_to_i64(STR("-9223372036854775808"), INT64_MIN, INT64_MAX, &v), 0);
	assert_true(v == INT64_MIN);
	assert_int_equal(str_to_i64(STR("9223372036854775808"), INT64_MIN, INT64_MAX, &v), -ERANGE);
	assert_int_equal(str_to_i64(STR("12x"), 0, 100, &v), -EINVAL);
	assert_int_equal(str_to_i64(STR(" 12"), 0, 100, &v), -EINVAL);
	assert_int_equal(str_to_i64(STR(""), 0, 100, &v), -EINVAL);
	assert_int_equal(str_to_i64(STR("-"), 0, 100, &v), -EINVAL);
	assert_int_equal(str_to_i64(STR("101"), 0, 100, &v), -ERANGE);
	assert_true(v == INT64_MIN);
}

static void
what_comes_from_an_arena_is_aligned_empty_and_apart(void **state)
{
	_cleanup_(arena_freep) struct arena *a = arena_new();
	unsigned char *before = NULL;

	(void)state;
	for (size_t size = 0; size < 40000; size = size * 2 + 1) {
		unsigned char *p = arena_alloc(a, size, 1);

		assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(p[i], 0);
		memset(p, 0xff, size);
		assert_true(before == NULL || before[0] == 0xff);
		before = size > 0 ? p : before;
	}
	assert_string_equal(arena_text(a, "text"), "text");
	assert_memory_equal(arena_copy(a, "copy", 2, 2), "copy", 4);
	assert_non_null(arena_copy(a, NULL, 0, 8));
	assert_null(arena_free(NULL));
}

static void
a_buffer_stops_at_its_maximum_and_stays_whole(void **state)
{
	_cleanup_(buf_release) struct buf b = BUF_INIT(8);

	(void)state;
	assert_int_equal(buf_addz(&b, "1234"), 0);
	assert_int_equal(buf_addf(&b, "%s", "56789"), -E2BIG);
	assert_int_equal(buf_addz(&b, "5"), -E2BIG);
	assert_string_equal(b.p, "1234");
	buf_clear(&b);
	assert_int_equal(buf_addz(&b, "12345678"), 0);
	assert_string_equal(b.p, "12345678");
}

/* Against the C library's own calendar, every day of four hundred years. */
static void
days_agree_with_the_calendar(void **state)
{
	(void)state;
	for (day_t day = 0; day < 146097; day++) {
		time_t s = (time_t)day * 86400;
		char text[DAY_TEXT_MAX], want[DAY_TEXT_MAX];
		struct tm tm;
		day_t back;

		gmtime_r(&s, &tm);
		strftime(want, sizeof want, "%Y-%m-%d", &tm);
		day_format(day, text);
		assert_string_equal(text, want);
		assert_int_equal(day_parse(str_of(text), &back), 0);
		assert_int_equal(back, day);
	}
}

static void
dates_that_are_none_are_refused(void **state)
{
	static const char *const bad[] = {"2026-02-29", "2026-13-01", "2026-00-10", "2026-1-01", "20260101", "2026-01-01 ", "1969-12-31",
	    "2026-01-32", "-026-01-01", "", "2026/01/01"};
	day_t day = 5;

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(bad); i++)
		assert_int_equal(day_parse(str_of(bad[i]), &day), -EINVAL);
	assert_int_equal(day, 5);
	assert_int_equal(day_parse(STR("2028-02-29"), &day), 0);
}

static int64_t
instant(int year, int month, int day_of_month, int hour, int minute)
{
	struct tm tm = {.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day_of_month, .tm_hour = hour, .tm_min = minute};

	return (int64_t)timegm(&tm) * 1000;
}

static void
assert_day_in(const char *zone, int64_t real_ms, const char *want)
{
	char text[DAY_TEXT_MAX];
	day_t day = 0;

	assert_int_equal(zone_day(zone, real_ms, &day), 0);
	day_format(day, text);
	assert_string_equal(text, want);
}

static void
today_is_the_users_today(void **state)
{
	(void)state;
	assert_day_in("Australia/Sydney", instant(2026, 11, 22, 12, 59), "2026-11-22");
	assert_day_in("Australia/Sydney", instant(2026, 11, 22, 13, 0), "2026-11-23");
	/* Standard time: an hour later. */
	assert_day_in("Australia/Sydney", instant(2026, 6, 22, 13, 59), "2026-06-22");
	assert_day_in("Australia/Sydney", instant(2026, 6, 22, 14, 0), "2026-06-23");
	assert_day_in("America/New_York", instant(2026, 11, 23, 4, 59), "2026-11-22");
	assert_day_in("UTC", instant(2026, 11, 23, 0, 0), "2026-11-23");
}

static void
only_names_of_the_zone_database_are_zones(void **state)
{
	static const char *const bad[] = {"", "+10:00", "/etc/passwd", "../UTC", "Australia/Nowhere", "AEST-10", "Australia/", "a\nb", "Sydney"};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(bad); i++)
		assert_false(zone_valid(bad[i]));
	assert_true(zone_valid("Australia/Sydney"));
	assert_true(zone_valid("America/Argentina/Buenos_Aires"));
	assert_true(zone_valid("UTC"));
}

/* GLib would be content with some of these, and leak and complain about the others. */
static void
files_beside_the_zones_are_no_zones(void **state)
{
	static const char *const bad[] = {"leapseconds", "leap-seconds.list", "tzdata.zi", "zone.tab", "iso3166.tab",
	    "localtime", "posixrules", "Factory", "posix/UTC", "right/UTC", "posix/Australia/Sydney", "right/Australia/Sydney",
	    "America", "America/Argentina"};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(bad); i++)
		if (zone_valid(bad[i]))
			fail_msg("%s passes for a zone", bad[i]);
}

/* Run by itself, for what GLib has to say of it on standard error, and with TZDIR pointing away from the database. */
static void
nothing_but_zones_reaches_glib(void **state)
{
	char word[64] = "";
	int ends[2], status = -1;
	pid_t child;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (child == 0) {
		bool right;

		dup2(ends[1], STDERR_FILENO);
		setenv("TZDIR", "/nonexistent", 1);
		right = !zone_valid("leapseconds") && !zone_valid("America") && zone_valid("Pacific/Auckland");
		_exit(right ? 0 : 1);
	}
	close(ends[1]);
	assert_int_equal(read(ends[0], word, sizeof word - 1), 0);
	close(ends[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void
more_zones_than_are_kept_still_work(void **state)
{
	static const char *const zones[] = {"Europe/Berlin", "Europe/Paris", "Europe/London", "Asia/Tokyo", "Asia/Kolkata"};

	(void)state;
	for (int turn = 0; turn < 20; turn++)
		for (size_t i = 0; i < ELEMENTSOF(zones); i++)
			assert_true(zone_valid(zones[i]));
}

/* Of any length, with any byte anywhere in it. */
static void
ascii_is_valid_up_to_what_is_none(void **state)
{
	char bytes[24];

	(void)state;
	for (size_t len = 1; len <= sizeof bytes; len++)
		for (size_t at = 0; at < len; at++)
			for (int byte = 0; byte < 256; byte++) {
				memset(bytes, 0x01, sizeof bytes);
				bytes[at] = (char)byte;
				assert_int_equal(utf8_valid((struct str){bytes, len}), byte != 0 && byte < 0x80);
				assert_int_equal(utf8_is_ascii((struct str){bytes, len}), byte < 0x80);
			}
	for (size_t at = 0; at + 2 <= sizeof bytes; at++) {
		memset(bytes, 0x7f, sizeof bytes);
		memcpy(bytes + at, "\xc3\xa9", 2);
		assert_true(utf8_valid((struct str){bytes, sizeof bytes}));
		assert_false(utf8_valid((struct str){bytes, at + 1}));
	}
	assert_true(utf8_valid(STR_NONE) && utf8_is_ascii(STR_NONE));
}

/* Each of their bytes counts, and where it stands. */
static void
hashes_tell_texts_and_numbers_apart(void **state)
{
	const uint32_t ab[] = {1, 2}, ba[] = {2, 1};
	uint64_t seen[26];
	size_t count = 0;

	(void)state;
	for (size_t len = 0; len < 13; len++) {
		seen[count++] = hash_for_own_table((struct str){"aaaaaaaaaaaaa", len});
		seen[count++] = hash_for_own_table((struct str){&"aaaaaaaaaaaab"[12 - len], len + 1});
	}
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < i; k++)
			assert_true(seen[i] != seen[k]);
	assert_true(hash_of_numbers(ab, 2) != hash_of_numbers(ba, 2));
	assert_true(hash_of_numbers(ab, 2) != hash_of_numbers(ab, 1));
	assert_true(hash_of_numbers(ab, 2) == hash_of_numbers(ab, 2));
}

static void
assert_cleaned(struct str in, size_t max, const char *want, uint32_t want_replaced)
{
	_cleanup_(buf_release) struct buf b = BUF_INIT(1000);
	uint32_t replaced = 0;

	assert_int_equal(utf8_add_clean(&b, in, max, &replaced), 0);
	assert_string_equal(b.p != NULL ? b.p : "", want);
	assert_int_equal(replaced, want_replaced);
	assert_true(utf8_valid(buf_str(&b)));
}

static void
dirty_text_becomes_clean_and_says_how_often(void **state)
{
	(void)state;
	assert_cleaned(STR("plain"), 100, "plain", 0);
	assert_cleaned(STR("a\xff" "b"), 100, "a\xef\xbf\xbd" "b", 1);
	assert_cleaned(STR("a\0b"), 100, "a\xef\xbf\xbd" "b", 1);
	assert_cleaned(STR("\xed\xa0\x80"), 100, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", 3);
	assert_cleaned(STR("\xe2\x80\x8b"), 100, "\xe2\x80\x8b", 0);
	/* Cut at a character's border. */
	assert_cleaned(STR("ab\xe2\x80\x8b"), 4, "ab", 0);
	assert_cleaned(STR("abc"), 2, "ab", 0);
	assert_cleaned(STR("ab\xff"), 4, "ab", 0);
}

static void
random_bytes_never_come_out_dirty(void **state)
{
	uint32_t seed = 1;

	(void)state;
	for (int run = 0; run < 20000; run++) {
		_cleanup_(buf_release) struct buf b = BUF_INIT(1000);
		char bytes[24];
		uint32_t replaced = 0;
		size_t max;

		for (size_t i = 0; i < sizeof bytes; i++) {
			seed = seed * 1664525u + 1013904223u;
			bytes[i] = (char)(seed >> 24);
		}
		max = (seed >> 8) % 40;
		assert_int_equal(utf8_add_clean(&b, (struct str){bytes, sizeof bytes}, max, &replaced), 0);
		assert_true(b.len <= max);
		assert_true(utf8_valid(buf_str(&b)));
	}
}

static void
a_secret_holds_only_what_a_key_may_be(void **state)
{
	struct secret *s = NULL;
	char long_key[SECRET_MAX + 2];

	(void)state;
	memset(long_key, 'k', sizeof long_key);
	assert_int_equal(secret_new(STR(""), &s), -EINVAL);
	assert_int_equal(secret_new(STR("a b"), &s), -EINVAL);
	assert_int_equal(secret_new(STR("a\n"), &s), -EINVAL);
	assert_int_equal(secret_new((struct str){long_key, sizeof long_key}, &s), -EINVAL);
	assert_null(s);
	assert_int_equal(secret_new((struct str){long_key, SECRET_MAX}, &s), 0);
	assert_int_equal(secret_expose(s).len, SECRET_MAX);
	assert_null(secret_free(s));
}

/* The slot of a freed key is handed out again, so its old bytes can be looked for there. */
static void
a_freed_secret_leaves_nothing_behind(void **state)
{
	struct secret *s = NULL, *again = NULL;
	const char *bytes;

	(void)state;
	assert_int_equal(secret_new(STR("first-and-long-key"), &s), 0);
	bytes = secret_expose(s).p;
	secret_free(s);
	assert_int_equal(secret_new(STR("x"), &again), 0);
	assert_ptr_equal(secret_expose(again).p, bytes);
	for (size_t i = 2; i < 18; i++)
		assert_int_equal(bytes[i], 0);
	secret_free(again);
}

static void
instants_are_written_as_rfc_3339(void **state)
{
	char text[INSTANT_TEXT_MAX];

	(void)state;
	instant_format(instant(2026, 11, 23, 1, 2) + 3456, text);
	assert_string_equal(text, "2026-11-23T01:02:03.456Z");
	instant_format(253402300799999, text);
	assert_string_equal(text, "9999-12-31T23:59:59.999Z");
	instant_format(951782400000, text);
	assert_string_equal(text, "2000-02-29T00:00:00.000Z");
	instant_format(0, text);
	assert_string_equal(text, "1970-01-01T00:00:00.000Z");
	instant_format(-1, text);
	assert_string_equal(text, "1969-12-31T23:59:59.999Z");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(numbers_are_read_whole_or_not_at_all),
	    cmocka_unit_test(what_comes_from_an_arena_is_aligned_empty_and_apart),
	    cmocka_unit_test(a_buffer_stops_at_its_maximum_and_stays_whole),
	    cmocka_unit_test(days_agree_with_the_calendar),
	    cmocka_unit_test(dates_that_are_none_are_refused),
	    cmocka_unit_test(today_is_the_users_today),
	    cmocka_unit_test(only_names_of_the_zone_database_are_zones),
	    cmocka_unit_test(files_beside_the_zones_are_no_zones),
	    cmocka_unit_test(nothing_but_zones_reaches_glib),
	    cmocka_unit_test(more_zones_than_are_kept_still_work),
	    cmocka_unit_test(ascii_is_valid_up_to_what_is_none),
	    cmocka_unit_test(hashes_tell_texts_and_numbers_apart),
	    cmocka_unit_test(dirty_text_becomes_clean_and_says_how_often),
	    cmocka_unit_test(random_bytes_never_come_out_dirty),
	    cmocka_unit_test(a_secret_holds_only_what_a_key_may_be),
	    cmocka_unit_test(a_freed_secret_leaves_nothing_behind),
	    cmocka_unit_test(instants_are_written_as_rfc_3339),
	};

	secret_setup();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
