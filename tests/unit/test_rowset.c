/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "base/fd.h"
#include "proto/rowset_sum.h"

static struct row_view
row(int32_t bucket_s, int32_t seconds, const char *activity, const char *document, const char *category)
{
	return (struct row_view){
	    .bucket_s = bucket_s, .seconds = seconds, .activity = str_of(activity), .document = str_of(document),
	    .category = str_of(category),
	};
}

static struct rowset *
build(const struct row_view *rows, size_t count)
{
	_cleanup_(rowset_builder_freep) struct rowset_builder *b = rowset_builder_new(100, 10000);
	struct rowset *rs = NULL;

	for (size_t i = 0; i < count; i++)
		assert_int_equal(rowset_builder_add(b, &rows[i]), 0);
	assert_int_equal(rowset_build(b, &rs), 0);
	return rs;
}

static void
rows_come_back_sorted_whatever_the_order_they_came_in(void **state)
{
	struct row_view in[] = {row(600, 5, "Word", "b", "x"), row(0, 7, "Word", "b", "x"), row(600, 9, "Excel", "a", "y")};
	struct rowset *rs = build(in, ELEMENTSOF(in));

	(void)state;
	assert_int_equal(rowset_count(rs), 3);
	assert_int_equal(rowset_row(rs, 0).seconds, 7);
	assert_string_equal(rowset_row(rs, 1).activity.p, "Excel");
	assert_int_equal(rowset_seconds(rs), 21);
	rowset_free(rs);
}

static void
a_document_under_two_categories_adds_up_under_the_longer(void **state)
{
	/* No single row of "mail" is as long as the one of "law", but together they are. */
	struct row_view in[] = {row(0, 40, "Outlook", "m", "mail"), row(300, 50, "Outlook", "m", "law"),
	    row(600, 40, "Outlook", "m", "mail")};
	struct rowset *rs = build(in, ELEMENTSOF(in)), *totals = NULL;

	(void)state;
	assert_int_equal(rowset_totals(rs, &totals), 0);
	assert_int_equal(rowset_count(totals), 1);
	assert_int_equal(rowset_row(totals, 0).seconds, 130);
	assert_string_equal(rowset_row(totals, 0).category.p, "mail");
	rowset_free(totals);
	rowset_free(rs);
}

/* The totals of the grain, with one lie, named by the numbers of the grain or anew. */
enum lie { NO_LIE, OTHER_SECONDS, OTHER_DOCUMENT, OTHER_CATEGORY, OTHER_PRODUCTIVITY, ONE_LESS, TWICE_THE_SAME, LIES };

static struct rowset *
totals_with(const struct rowset *grain, enum lie lie, bool anew)
{
	_cleanup_(rowset_sums_release) struct rowset_sums sums = {0};
	_cleanup_(rowset_builder_freep) struct rowset_builder *over = NULL, *b = rowset_builder_new(100, 10000);
	struct rowset *numbered = NULL, *rs = NULL;

	assert_int_equal(rowset_sum_up(grain, &sums), 0);
	over = rowset_builder_over(grain);
	for (size_t i = lie == ONE_LESS; i < sums.count; i++) {
		struct rowset_total t = sums.totals[i];

		t.seconds += i == 0 && lie == OTHER_SECONDS;
		t.productivity += i == 0 && lie == OTHER_PRODUCTIVITY;
		if (i == 0 && (lie == OTHER_DOCUMENT || lie == OTHER_CATEGORY))
			assert_int_equal(rowset_builder_string(over, STR("another"), lie == OTHER_DOCUMENT ? &t.document : &t.category), 0);
		rowset_builder_judge(over, &t, &NO_VERDICT);
		if (lie == TWICE_THE_SAME && i + 1 == sums.count)
			rowset_builder_judge(over, &t, &NO_VERDICT);
	}
	assert_int_equal(rowset_build(over, &numbered), 0);
	if (!anew)
		return numbered;
	for (size_t i = rowset_count(numbered); i-- > 0;) {
		struct row_view view = rowset_row(numbered, i);

		assert_int_equal(rowset_builder_add(b, &view), 0);
	}
	assert_int_equal(rowset_build(b, &rs), 0);
	rowset_free(numbered);
	return rs;
}

static void
verdicts_are_of_the_rows_they_were_asked_for_or_of_others(void **state)
{
	struct row_view in[] = {row(0, 40, "Outlook", "m", "mail"), row(300, 50, "Outlook", "m", "law"), row(600, 40, "Outlook", "m", "mail"),
	    row(0, 10, "Word", "b", "law"), row(300, 20, "Word", "a", "law")};
	struct rowset *grain = build(in, ELEMENTSOF(in)), *none = build(in, 0);

	(void)state;
	for (enum lie lie = NO_LIE; lie < LIES; lie++) {
		for (int anew = 0; anew < 2; anew++) {
			struct rowset *rs = totals_with(grain, lie, anew);

			assert_int_equal(rowset_is_of(rs, grain), lie == NO_LIE);
			assert_false(rowset_is_of(rs, none));
			rowset_free(rs);
		}
	}
	assert_true(rowset_is_of(none, none));
	assert_false(rowset_is_of(none, grain));
	rowset_free(none);
	rowset_free(grain);
}

static void
a_sum_that_no_longer_fits_is_refused_and_not_wrapped(void **state)
{
	_cleanup_(rowset_builder_freep) struct rowset_builder *b = rowset_builder_new(10, 1000);
	struct row_view r = row(0, INT32_MAX, "a", "b", "c");
	struct rowset *rs = NULL;

	(void)state;
	assert_int_equal(rowset_builder_add(b, &r), 0);
	assert_int_equal(rowset_builder_add(b, &r), 0);
	assert_int_equal(rowset_build(b, &rs), -ERANGE);
	assert_null(rs);
}

static void
rows_that_break_an_invariant_are_refused(void **state)
{
	_cleanup_(rowset_builder_freep) struct rowset_builder *b = rowset_builder_new(1, 1000);
	struct row_view r = row(0, 1, "a", "b", "c"), bad;

	(void)state;
	bad = r, bad.seconds = 0;
	assert_int_equal(rowset_builder_add(b, &bad), -ERANGE);
	bad = r, bad.productivity = 3;
	assert_int_equal(rowset_builder_add(b, &bad), -ERANGE);
	bad = r, bad.bucket_s = ROWSET_BUCKET_MAX;
	assert_int_equal(rowset_builder_add(b, &bad), -ERANGE);
	bad = r, bad.document = STR("\xff");
	assert_int_equal(rowset_builder_add(b, &bad), -EILSEQ);
	bad = r, bad.activity = STR("");
	assert_int_equal(rowset_builder_add(b, &bad), -ERANGE);
	assert_int_equal(rowset_builder_add(b, &r), 0);
	assert_int_equal(rowset_builder_add(b, &r), -E2BIG);
}

static void
what_was_built_survives_the_way_through_a_memory_file(void **state)
{
	struct row_view in[] = {row(0, 1, "a", "b", "c"), row(300, 2, "a", "\xe2\x80\x8b", "c")};
	struct rowset *rs = build(in, ELEMENTSOF(in)), *back = NULL;
	_cleanup_close_ int fd = rowset_to_fd(rs);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(rowset_receive(fd, &back), 0);
	assert_int_equal(rowset_count(back), 2);
	assert_string_equal(rowset_row(back, 1).document.p, "\xe2\x80\x8b");
	rowset_free(back);
	rowset_free(rs);
}

static void
a_file_that_can_still_change_is_refused(void **state)
{
	_cleanup_close_ int fd = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	struct rowset *rs = NULL;

	(void)state;
	assert_int_equal(write(fd, "0123456789abcdef", 16), 16);
	assert_int_equal(rowset_receive(fd, &rs), -EBADMSG);
}

/* Every single byte of a valid buffer is changed in turn: each result is either refused or still keeps the invariants, so that
 * walking it never leaves the buffer (the sanitizer build watches). */
static void
no_single_damaged_byte_leads_outside_the_buffer(void **state)
{
	struct row_view in[] = {row(0, 1, "a", "b", "c"), row(300, 2, "dd", "e", "c")};
	struct rowset *rs = build(in, ELEMENTSOF(in));
	struct str bytes = rowset_bytes(rs);
	size_t refused = 0;

	(void)state;
	for (size_t i = 0; i < bytes.len; i++) {
		for (int flip = 1; flip < 256; flip <<= 1) {
			char *copy = malloc(bytes.len);
			struct rowset *damaged = NULL;

			memcpy(copy, bytes.p, bytes.len);
			copy[i] = (char)(copy[i] ^ flip);
			if (rowset_parse((struct str){copy, bytes.len}, &damaged) < 0) {
				refused++;
			} else {
				for (size_t k = 0; k < rowset_count(damaged); k++)
					assert_true(rowset_row(damaged, k).activity.len > 0);
				rowset_free(damaged);
			}
			free(copy);
		}
	}
	assert_true(refused > bytes.len);
	rowset_free(rs);
}

/* The flat form as a peer would write it: a header of five numbers, rows, text. */
static int
parse(uint32_t rows, uint32_t strings, const int16_t *row, struct str text, struct rowset **ret_rs)
{
	const uint32_t header[] = {0x33535752, rows, 3, strings, (uint32_t)text.len};
	char bytes[256];
	size_t len = sizeof header;

	memcpy(bytes, header, sizeof header);
	if (rows > 0)
		memcpy(bytes + len, row, 16 * rows);
	len += 16 * rows;
	memcpy(bytes + len, text.p, text.len);
	return rowset_parse((struct str){bytes, len + text.len}, ret_rs);
}

static void
strings_that_do_not_fill_the_text_are_refused(void **state)
{
	static const struct {
		uint32_t strings;
		struct str text;
		int want;
	} cases[] = {
	    {2, {"a\0b", 4}, 0},
	    {3, {"a\0b", 4}, -EBADMSG}, /* more than there are */
	    {1, {"a\0b", 4}, -EBADMSG}, /* fewer */
	    {2, {"a\0b", 3}, -EBADMSG}, /* the last one has no end */
	    {1, {"a", 1}, -EBADMSG},
	    {1, {"", 0}, -EBADMSG},
	    {0, {"", 1}, -EBADMSG},
	    {2, {"\0", 2}, 0},          /* empty ones */
	    {2, {"\xc3\0\xa9", 4}, -EBADMSG}, /* one letter in two strings */
	};
	struct rowset *rs = NULL;

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
		assert_int_equal(parse(0, cases[i].strings, NULL, cases[i].text, &rs), cases[i].want);
		rs = rowset_free(rs);
	}
}

/* A file of nothing but NULs would cost its reader many times its length. */
static void
more_strings_than_there_can_be_are_refused(void **state)
{
	(void)state;
	for (uint32_t more = 0; more < 2; more++) {
		const uint32_t count = (uint32_t)ROWSET_STRINGS_MAX + more, header[] = {0x33535752, 0, 3, count, count};
		const size_t len = sizeof header + count;
		char *bytes = calloc(1, len);
		struct rowset *rs = NULL;

		memcpy(bytes, header, sizeof header);
		assert_int_equal(rowset_parse((struct str){bytes, len}, &rs), more > 0 ? -EBADMSG : 0);
		rowset_free(rs);
		free(bytes);
	}
}

static void
numbers_out_of_range_are_refused(void **state)
{
	/* bucket and seconds, of four bytes each; productivity + 2; activity, document, category */
	static const int16_t good[] = {300, 0, 60, 0, 4, 0, 1, 2};
	static const struct {
		size_t at;
		int16_t is;
	} cases[] = {{1, 2}, {1, -1}, {2, 0}, {3, -1}, {4, 5}, {4, -1}, {5, 3}, {5, 2}, {6, 3}, {7, -1}};
	struct rowset *rs = NULL;

	(void)state;
	assert_int_equal(parse(1, 3, good, (struct str){"a\0b\0", 5}, &rs), 0);
	assert_int_equal(rowset_row(rs, 0).bucket_s, 300);
	assert_int_equal(rowset_row(rs, 0).productivity, 2);
	assert_string_equal(rowset_row(rs, 0).document.p, "b");
	rs = rowset_free(rs);
	for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
		int16_t row[ELEMENTSOF(good)];

		memcpy(row, good, sizeof row);
		row[cases[i].at] = cases[i].is;
		assert_int_equal(parse(1, 3, row, (struct str){"a\0b\0", 5}, &rs), -EBADMSG);
	}
}

/* As many as two bytes can number, and one more. */
static void
more_strings_than_two_bytes_can_number_come_back_too(void **state)
{
	(void)state;
	for (uint32_t count = 65536; count <= 65537; count++) {
		_cleanup_(rowset_builder_freep) struct rowset_builder *b = rowset_builder_new(ROWSET_ROWS_MAX, ROWSET_MAX_BYTES);
		struct rowset *rs = NULL, *back = NULL;

		/* "a", and two a row; the last one leaves its category out. */
		for (uint32_t n = 1; n < count; n += 2) {
			char document[16], category[16];
			struct row_view r;

			(void)snprintf(document, sizeof document, "%06u", n);
			(void)snprintf(category, sizeof category, "%06u", n + 1);
			r = row(0, 7, "a", document, n + 1 < count ? category : "a");
			r.productivity = -2;
			assert_int_equal(rowset_builder_add(b, &r), 0);
		}
		assert_int_equal(rowset_build(b, &rs), 0);
		assert_int_equal(rowset_parse(rowset_bytes(rs), &back), 0);
		for (size_t i = 0; i < rowset_count(back); i++) {
			char document[16];

			(void)snprintf(document, sizeof document, "%06zu", 2 * i + 1);
			assert_string_equal(rowset_row(back, i).document.p, document);
			assert_int_equal(rowset_row(back, i).productivity, -2);
			assert_int_equal(rowset_row(back, i).seconds, 7);
		}
		assert_true(rowset_is_of(back, rs));
		rowset_free(back);
		rowset_free(rs);
	}
}

#define PIECES      15 /* a title is made of so many pieces, of one of two kinds each */
#define PIECE_LEN   4
#define TITLES      (1 << PIECES)
#define PLACES_BITS 17 /* of a table with twice as many places as there are titles */

static uint32_t
fnv(uint32_t h, const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)s[i]) * 16777619u;
	return h & ((1u << PLACES_BITS) - 1);
}

static void
write_piece(char piece[PIECE_LEN + 1], uint32_t n)
{
	(void)snprintf(piece, PIECE_LEN + 1, "%04x", n & 0xffff);
}

/* Two pieces that lead from one state of the FNV hash to the same next one, as far as the table looks at it. */
static uint32_t
meet(uint32_t state, char first[PIECE_LEN + 1], char second[PIECE_LEN + 1])
{
	static uint32_t seen[1 << PLACES_BITS];

	memset(seen, 0, sizeof seen);
	for (uint32_t n = 1;; n++) {
		uint32_t next;

		write_piece(second, n);
		next = fnv(state, second, PIECE_LEN);
		if (seen[next] != 0) {
			write_piece(first, seen[next]);
			return next;
		}
		seen[next] = n;
	}
}

/* How long it takes to add as many titles, in milliseconds of this thread. Title n has, for each bit of n, one piece or the other. */
static int64_t
adding_takes(char pieces[PIECES][2][PIECE_LEN + 1])
{
	_cleanup_(rowset_builder_freep) struct rowset_builder *b = rowset_builder_new(TITLES, ROWSET_MAX_BYTES);
	clock_t start = clock();

	for (unsigned n = 0; n < TITLES; n++) {
		char title[PIECES * PIECE_LEN + 1] = "";
		struct row_view r;

		for (size_t i = 0; i < PIECES; i++)
			memcpy(title + i * PIECE_LEN, pieces[i][n >> i & 1], PIECE_LEN);
		r = row(0, 1, "a", title, "c");
		assert_int_equal(rowset_builder_add(b, &r), 0);
	}
	return (int64_t)(clock() - start) * 1000 / CLOCKS_PER_SEC;
}

/* Titles come from outside: whoever chooses them must not choose their places in the table as well. */
static void
titles_made_to_meet_in_the_table_take_no_longer(void **state)
{
	char met[PIECES][2][PIECE_LEN + 1], plain[PIECES][2][PIECE_LEN + 1];
	uint32_t at = fnv(2166136261u, "", 0);
	int64_t plain_ms, met_ms;

	(void)state;
	for (unsigned i = 0; i < PIECES; i++) {
		at = meet(at, met[i][0], met[i][1]);
		write_piece(plain[i][0], i);
		write_piece(plain[i][1], i + 1000);
	}
	plain_ms = adding_takes(plain);
	met_ms = adding_takes(met);
	if (met_ms > 100 + 5 * plain_ms)
		fail_msg("%lld ms instead of %lld", (long long)met_ms, (long long)plain_ms);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rows_come_back_sorted_whatever_the_order_they_came_in),
	    cmocka_unit_test(a_document_under_two_categories_adds_up_under_the_longer),
	    cmocka_unit_test(verdicts_are_of_the_rows_they_were_asked_for_or_of_others),
	    cmocka_unit_test(a_sum_that_no_longer_fits_is_refused_and_not_wrapped),
	    cmocka_unit_test(rows_that_break_an_invariant_are_refused),
	    cmocka_unit_test(what_was_built_survives_the_way_through_a_memory_file),
	    cmocka_unit_test(a_file_that_can_still_change_is_refused),
	    cmocka_unit_test(titles_made_to_meet_in_the_table_take_no_longer),
	    cmocka_unit_test(strings_that_do_not_fill_the_text_are_refused),
	    cmocka_unit_test(more_strings_than_there_can_be_are_refused),
	    cmocka_unit_test(numbers_out_of_range_are_refused),
	    cmocka_unit_test(more_strings_than_two_bytes_can_number_come_back_too),
	    cmocka_unit_test(no_single_damaged_byte_leads_outside_the_buffer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
