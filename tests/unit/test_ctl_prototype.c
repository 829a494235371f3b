/* SPDX-License-Identifier: Apache-2.0 */
/* The prototype's file: a cell may hold anything, and nothing of it is lost without a word. */
#include "unit.h"

#include <errno.h>
#include <json-c/json.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ctl/prototype.h"
#include "ctl/prototype_line.h"

#define TEXT(s)   {.type = CELL_TEXT, .text = {(s), sizeof(s) - 1}}
#define NUMBER(n) {.type = CELL_INTEGER, .integer = (n)}
#define NOTHING   {.type = CELL_NULL}

static const struct cell a_row[A_COLUMNS] = {
    [A_ACTIVITY] = TEXT("microsoft word"), [A_DOCUMENT] = TEXT("Deed"), [A_CATEGORY] = NOTHING, [A_PRODUCTIVITY] = NUMBER(2), [A_SECONDS] = NUMBER(60)};
static const struct cell a_processed[P_COLUMNS] = {
    [P_APPLICATION] = TEXT("microsoft word"), [P_DESCRIPTION] = TEXT("Deed"), [P_UNITS] = {.type = CELL_REAL, .real = 1.7}, [P_STATUS] = TEXT("pending"),
    [P_NOTES] = NOTHING, [P_MATTER] = NUMBER(12345), [P_HASH] = TEXT("h"), [P_SUBMITTED] = NOTHING, [P_ALP_ID] = NOTHING,
    [P_CREATED] = TEXT("2025-03-14 09:30:00.5")};

static struct line_notes
line(enum prototype_table table, const struct cell *cells, struct json_object **ret_object)
{
	struct buf json = BUF_INIT(100000);
	struct line_notes notes;

	prototype_line(table, 7, cells, &json, &notes);
	*ret_object = json.len > 0 ? json_tokener_parse(json.p) : NULL;
	assert_int_equal(*ret_object == NULL, notes.lost != NULL);
	buf_release(&json);
	return notes;
}

static const char *
member(struct json_object *object, const char *name)
{
	struct json_object *value = NULL;

	return json_object_object_get_ex(object, name, &value) ? json_object_get_string(value) : NULL;
}

/* With that cell another, what is said of the row. */
static void
expect_row(enum activity_column column, struct cell cell, const char *lost, const char *odd)
{
	struct cell cells[A_COLUMNS];
	struct json_object *object;
	struct line_notes notes;

	memcpy(cells, a_row, sizeof cells);
	cells[column] = cell;
	notes = line(PROTOTYPE_ACTIVITY, cells, &object);
	assert_string_equal(notes.lost != NULL ? notes.lost : "", lost);
	assert_string_equal(notes.odd != NULL ? notes.odd : "", odd);
	json_object_put(object);
}

static void
test_a_cell_may_hold_anything(void **state)
{
	(void)state;
	expect_row(A_SECONDS, (struct cell)NUMBER(0), "", "");
	expect_row(A_SECONDS, (struct cell)NUMBER(-1), "seconds_negative", "");
	expect_row(A_SECONDS, (struct cell)NUMBER(INT64_MAX), "seconds_out_of_range", "");
	expect_row(A_SECONDS, (struct cell)NOTHING, "seconds_not_a_number", "");
	expect_row(A_SECONDS, (struct cell)TEXT("60"), "seconds_not_a_number", "");
	expect_row(A_ACTIVITY, (struct cell)NOTHING, "activity_missing", "");
	expect_row(A_ACTIVITY, (struct cell)TEXT("\xff\xfe"), "", "bad_utf8_replaced");
	expect_row(A_DOCUMENT, (struct cell)NOTHING, "", "");
	expect_row(A_DOCUMENT, (struct cell)TEXT("a\0b"), "", "bad_utf8_replaced");
	expect_row(A_DOCUMENT, (struct cell)TEXT("a\x1b[31m"), "", "control_characters_replaced");
	expect_row(A_PRODUCTIVITY, (struct cell)NUMBER(3), "", "productivity_out_of_range");
	expect_row(A_PRODUCTIVITY, (struct cell)NOTHING, "", "");
}

static void
test_a_processed_row_says_what_it_was(void **state)
{
	struct json_object *object;
	struct line_notes notes = line(PROTOTYPE_PROCESSED, a_processed, &object);

	(void)state;
	assert_null(notes.odd);
	assert_string_equal(member(object, "table"), "processed_time_entries");
	assert_string_equal(member(object, "time_units"), "1.7");
	assert_string_equal(member(object, "status"), "pending");
	assert_string_equal(member(object, "matter_code"), "12345");
	assert_string_equal(member(object, "created_at"), "2025-03-14T09:30:00Z");
	assert_null(member(object, "alp_entry_id"));
	json_object_put(object);
}

/* Whatever says that it was sent is believed, legible or not: else it would be billed again. */
static void
expect_submitted(enum processed_column column, struct cell cell)
{
	struct cell cells[P_COLUMNS];
	struct json_object *object;

	memcpy(cells, a_processed, sizeof cells);
	cells[column] = cell;
	(void)line(PROTOTYPE_PROCESSED, cells, &object);
	assert_non_null(object);
	if (member(object, "alp_entry_id") == NULL)
		assert_string_equal(member(object, "status"), "submitted");
	json_object_put(object);
}

static void
test_what_may_have_been_sent_was(void **state)
{
	(void)state;
	expect_submitted(P_SUBMITTED, (struct cell)TEXT("2025-03-14 09:30:00"));
	expect_submitted(P_SUBMITTED, (struct cell)TEXT("2025-13-14 09:30:00"));
	expect_submitted(P_SUBMITTED, (struct cell)TEXT("yesterday"));
	expect_submitted(P_SUBMITTED, (struct cell)NUMBER(1));
	expect_submitted(P_ALP_ID, (struct cell)TEXT("77"));
	expect_submitted(P_ALP_ID, (struct cell)NUMBER(77));
	expect_submitted(P_ALP_ID, (struct cell){.type = CELL_REAL, .real = 7.5});
	expect_submitted(P_ALP_ID, (struct cell)TEXT("0123456789012345678901234567890123456789012345678901234567890123456789"));
	expect_submitted(P_STATUS, (struct cell)TEXT("invoiced"));
	expect_submitted(P_STATUS, (struct cell)NOTHING);
}

static void
expect_units(double units, const char *lost, const char *tenths)
{
	struct cell cells[P_COLUMNS];
	struct json_object *object;
	struct line_notes notes;

	memcpy(cells, a_processed, sizeof cells);
	cells[P_UNITS].real = units;
	notes = line(PROTOTYPE_PROCESSED, cells, &object);
	assert_string_equal(notes.lost != NULL ? notes.lost : "", lost);
	if (notes.lost == NULL)
		assert_string_equal(member(object, "time_units"), tenths);
	json_object_put(object);
}

static void
test_units_are_tenths(void **state)
{
	(void)state;
	expect_units(0.1 + 0.2, "", "0.3");
	expect_units(1.21, "", "1.3");
	expect_units(0, "", "0.0");
	expect_units(-0.1, "units_out_of_range", "");
	expect_units(1e300, "units_out_of_range", "");
	expect_units((double)NAN, "units_out_of_range", "");
}

static void
test_a_file_that_is_none_is_refused(void **state)
{
	char path[] = "/tmp/rtalp-prototype-XXXXXX";
	int fd = mkstemp(path);
	struct buf fault = BUF_INIT(1000);
	struct prototype *p = NULL;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "this is no database, whatever its name", 38), 38);
	close(fd);
	assert_int_equal(prototype_open(path, &p, &fault), -EINVAL);
	assert_null(p);
	assert_true(fault.len > 0);
	buf_release(&fault);
	unlink(path);
	assert_int_equal(prototype_open(path, &p, &fault), -EINVAL);
	assert_int_not_equal(access(path, F_OK), 0);
	buf_release(&fault);
	assert_null(prototype_close(NULL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_cell_may_hold_anything),
	    cmocka_unit_test(test_a_processed_row_says_what_it_was),
	    cmocka_unit_test(test_what_may_have_been_sent_was),
	    cmocka_unit_test(test_units_are_tenths),
	    cmocka_unit_test(test_a_file_that_is_none_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
