/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <event2/buffer.h>
#include <string.h>
#include <zlib.h>

#include "base/alloc.h"
#include "http/answer.h"
#include "http/coding.h"

static bool
wants(const char *accept_encoding)
{
	return coding_wants_gzip(str_of(accept_encoding));
}

static void
gzip_is_sent_to_who_asks_for_it(void **state)
{
	(void)state;
	assert_true(wants("gzip") && wants("gzip, deflate, br, zstd") && wants("br;q=1.0, GZIP;q=0.8") && wants("x-gzip"));
	assert_true(wants("*") && wants("*;q=0.1") && wants(" , gzip ; q=0.001 ,"));
	assert_true(wants("gzip;q=1.000, identity;q=1"));
}

static void
gzip_is_kept_from_who_does_not(void **state)
{
	(void)state;
	assert_false(wants("") || wants("identity") || wants("br") || wants("gzippy") || wants("gzip;q=0") || wants("gzip; q=0.000"));
	assert_false(wants("*;q=1, gzip;q=0") || wants("identity, gzip;q=0.5") || wants("*;q=0"));
}

static void
a_weight_that_is_none_weighs_nothing(void **state)
{
	(void)state;
	assert_false(wants("gzip;q="));
	assert_false(wants("gzip;q=x") || wants("gzip;q=2") || wants("gzip;q=-1") || wants("gzip;q=1.001") || wants("gzip;q=0.0001"));
	assert_false(wants("gzip;q=10"));
}

/* Text like ours: names repeat, values do not. */
static char *
document(size_t len)
{
	char *text = xcalloc(1, len + 1);

	for (size_t i = 0; i < len; i++)
		text[i] = i % 16 < 8 ? "entry_id"[i % 8] : (char)('a' + (i * i / 16) % 23);
	return text;
}

static void
what_was_packed_unpacks_to_the_same(void **state)
{
	const size_t len = 100000;
	_cleanup_free_ char *text = document(len), *packed = NULL, *back = xcalloc(1, len + 1);
	size_t packed_len = 0;
	z_stream z = {0};

	(void)state;
	packed = coding_gzip((struct str){text, len}, &packed_len);
	assert_non_null(packed);
	assert_true(packed_len < len / 2);
	assert_int_equal(inflateInit2(&z, 15 + 16), Z_OK);
	z.next_in = (Bytef *)packed;
	z.avail_in = (uInt)packed_len;
	z.next_out = (Bytef *)back;
	z.avail_out = (uInt)len + 1;
	assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
	assert_int_equal(z.total_out, len);
	assert_memory_equal(back, text, len);
	inflateEnd(&z);
}

static void
what_packing_does_not_help_is_sent_as_it_is(void **state)
{
	unsigned char noise[4096];
	uint32_t x = 1;
	size_t len = 0;

	(void)state;
	for (size_t i = 0; i < sizeof noise; i++)
		noise[i] = (unsigned char)((x = x * 1664525u + 1013904223u) >> 24);
	assert_null(coding_gzip((struct str){(char *)noise, sizeof noise}, &len));
	assert_null(coding_gzip(STR("{\"short\":true}"), &len));
}

static void
both_forms_have_strong_tags_of_their_own(void **state)
{
	struct ready_answer *a = answer_new(200, "application/json", document(5000), 5000);

	(void)state;
	assert_null(answer_tag(a, false));
	assert_null(answer_tag_named(a, STR("*"), false));
	answer_set_tag(a, "\"e5-7\"");
	assert_true(answer_pack(a));
	assert_string_equal(answer_tag(a, false), "\"e5-7\"");
	assert_string_equal(answer_tag(a, true), "\"e5-7-gz\"");
	answer_unref(a);
}

static void
a_client_may_name_either_form(void **state)
{
	struct ready_answer *a = answer_new(200, "application/json", document(5000), 5000);

	(void)state;
	answer_set_tag(a, "\"x\"");
	assert_string_equal(answer_tag_named(a, STR("\"x\""), true), "\"x\"");
	assert_string_equal(answer_tag_named(a, STR("\"y\", W/\"x-gz\""), false), "\"x-gz\"");
	assert_string_equal(answer_tag_named(a, STR("*"), true), "\"x-gz\"");
	assert_null(answer_tag_named(a, STR("\"x-g\", \"-gz\""), true));
	answer_unref(a);
}

static void
bytes_that_differ_have_tags_that_differ(void **state)
{
	struct ready_answer *a = answer_of_static(200, "text/plain", "one", 3), *b = answer_of_static(200, "text/plain", "two", 3);

	(void)state;
	answer_tag_bytes(a);
	answer_tag_bytes(b);
	assert_string_not_equal(answer_tag(a, false), answer_tag(b, false));
	answer_unref(a);
	answer_unref(b);
}

/* The cache may forget an answer that a slow client is still reading. */
static void
bytes_on_their_way_outlive_the_answer(void **state)
{
	struct ready_answer *a = answer_new(200, "application/json", document(5000), 5000);
	_cleanup_free_ char *expected = document(5000);
	struct evbuffer *out = evbuffer_new();
	char got[5000];

	(void)state;
	answer_append(a, false, out);
	answer_append(a, false, out);
	answer_unref(a);
	assert_int_equal(evbuffer_get_length(out), 10000);
	evbuffer_drain(out, 5000);
	assert_int_equal(evbuffer_remove(out, got, sizeof got), 5000);
	assert_memory_equal(got, expected, sizeof got);
	evbuffer_free(out);
}

static void
the_size_counts_both_forms(void **state)
{
	struct ready_answer *a = answer_new(200, "application/json", document(5000), 5000);
	size_t plain = answer_size(a);

	(void)state;
	assert_true(plain >= 5000 && plain < 6000);
	assert_true(answer_packs(a) && !answer_is_packed(a));
	answer_pack(a);
	assert_true(answer_is_packed(a));
	assert_int_equal(answer_size(a), plain + answer_length(a, true));
	answer_unref(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(gzip_is_sent_to_who_asks_for_it),
	    cmocka_unit_test(gzip_is_kept_from_who_does_not),
	    cmocka_unit_test(a_weight_that_is_none_weighs_nothing),
	    cmocka_unit_test(what_was_packed_unpacks_to_the_same),
	    cmocka_unit_test(what_packing_does_not_help_is_sent_as_it_is),
	    cmocka_unit_test(both_forms_have_strong_tags_of_their_own),
	    cmocka_unit_test(a_client_may_name_either_form),
	    cmocka_unit_test(bytes_that_differ_have_tags_that_differ),
	    cmocka_unit_test(bytes_on_their_way_outlive_the_answer),
	    cmocka_unit_test(the_size_counts_both_forms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
