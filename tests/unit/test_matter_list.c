/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "base/fd.h"
#include "proto/matter_list.h"

static int
add(struct matter_list_builder *b, const char *code, const char *name, const char *alias)
{
	const struct matter_view m = {.code = str_of(code), .name = str_of(name), .client = STR("Client"), .is_open = true};
	const struct str aliases[] = {str_of(alias)};

	return matter_list_builder_add(b, &m, aliases, alias != NULL ? 1 : 0);
}

static struct matter_list *
three_matters(void)
{
	_cleanup_(matter_list_builder_freep) struct matter_list_builder *b = matter_list_builder_new();
	const struct matter_view closed = {.code = STR("12345")};
	struct matter_list *list = NULL;

	assert_int_equal(add(b, "23456", "Sale of land", "Smith v Jones"), 0);
	assert_int_equal(matter_list_builder_add(b, &closed, NULL, 0), 0);
	assert_int_equal(add(b, "ABC-1", "Estate", "Müller"), 0);
	assert_int_equal(matter_list_build(b, &list), 0);
	return list;
}

static const char *
code_of(const struct matter_list *list, const char *text)
{
	struct matter_name found;

	if (!matter_list_find(list, str_of(text), &found))
		return "";
	return matter_list_at(list, found.matter).code.p;
}

static void
matters_are_found_by_their_codes_and_aliases(void **state)
{
	_cleanup_(matter_list_freep) struct matter_list *list = three_matters();

	(void)state;
	assert_int_equal(matter_list_count(list), 3);
	assert_string_equal(code_of(list, "12345"), "12345");
	assert_string_equal(code_of(list, "smith v JONES"), "23456");
	assert_string_equal(code_of(list, "Smith_v__Jones"), "23456");
	assert_string_equal(code_of(list, "Müller"), "ABC-1");
	assert_string_equal(code_of(list, "abc-1"), "ABC-1");
	assert_string_equal(code_of(list, "Smith v"), "");
	assert_string_equal(code_of(list, "1234"), "");
	assert_string_equal(code_of(list, ""), "");
	assert_int_equal(matter_list_words_max(list), 3);
	assert_true(matter_list_may_begin(list, 's') && matter_list_may_begin(list, 'S'));
	assert_false(matter_list_may_begin(list, 'x'));
}

static void
matters_come_in_the_order_of_their_codes_with_all_they_were_given(void **state)
{
	_cleanup_(matter_list_freep) struct matter_list *list = three_matters();

	(void)state;
	assert_string_equal(matter_list_at(list, 0).code.p, "12345");
	assert_false(matter_list_at(list, 0).is_open);
	assert_string_equal(matter_list_at(list, 0).name.p, "");
	assert_string_equal(matter_list_at(list, 1).name.p, "Sale of land");
	assert_string_equal(matter_list_at(list, 1).client.p, "Client");
	assert_true(matter_list_at(list, 1).is_open);
	assert_int_equal(matter_list_name_count(list), 5);
	for (size_t i = 0; i < 5; i++)
		assert_string_equal(code_of(list, matter_list_name(list, i).text.p),
				    matter_list_at(list, matter_list_name(list, i).matter).code.p);
}

/* What a bill says about the list that judged a line must not depend on the order in which a database gave its rows. */
static void
the_order_of_adding_leaves_no_trace(void **state)
{
	_cleanup_(matter_list_builder_freep) struct matter_list_builder *b = matter_list_builder_new();
	_cleanup_(matter_list_freep) struct matter_list *list = three_matters(), *other = NULL;
	const struct matter_view closed = {.code = STR("12345")};

	(void)state;
	assert_int_equal(add(b, "ABC-1", "Estate", "Müller"), 0);
	assert_int_equal(matter_list_builder_add(b, &closed, NULL, 0), 0);
	assert_int_equal(add(b, "23456", "Sale of land", "Smith v Jones"), 0);
	assert_int_equal(matter_list_build(b, &other), 0);
	assert_true(str_eq(matter_list_bytes(list), matter_list_bytes(other)));
	assert_string_equal(matter_list_version(list), matter_list_version(other));
	assert_int_equal(strlen(matter_list_version(list)), 32);
}

static void
another_list_has_another_version(void **state)
{
	_cleanup_(matter_list_builder_freep) struct matter_list_builder *b = matter_list_builder_new();
	_cleanup_(matter_list_freep) struct matter_list *list = three_matters(), *other = NULL;

	(void)state;
	assert_int_equal(add(b, "23456", "Sale of land", "Smith v Jones"), 0);
	assert_int_equal(matter_list_build(b, &other), 0);
	assert_string_not_equal(matter_list_version(list), matter_list_version(other));
}

/* Time goes to the wrong client otherwise. */
static void
an_alias_of_two_matters_leads_to_none_and_a_code_goes_first(void **state)
{
	_cleanup_(matter_list_builder_freep) struct matter_list_builder *b = matter_list_builder_new();
	_cleanup_(matter_list_freep) struct matter_list *list = NULL;

	(void)state;
	assert_int_equal(add(b, "10001", "", "Smith"), 0);
	assert_int_equal(add(b, "10002", "", "smith"), 0);
	assert_int_equal(add(b, "10003", "", "10001"), 0);
	assert_int_equal(matter_list_build(b, &list), 0);
	assert_string_equal(code_of(list, "Smith"), "");
	assert_string_equal(code_of(list, "10001"), "10001");
	assert_string_equal(code_of(list, "10003"), "10003");
}

static void
what_breaks_a_bound_is_refused_and_leaves_the_rest(void **state)
{
	_cleanup_(matter_list_builder_freep) struct matter_list_builder *b = matter_list_builder_new();
	_cleanup_(matter_list_freep) struct matter_list *list = NULL;
	char longest[MATTER_CODE_MAX + 2];

	(void)state;
	memset(longest, 'x', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	assert_int_equal(add(b, longest, "", NULL), -ERANGE);
	assert_int_equal(add(b, "", "", NULL), -ERANGE);
	assert_int_equal(add(b, " 12345", "", NULL), -ERANGE);
	assert_int_equal(add(b, "12345", "", ""), -ERANGE);
	assert_int_equal(add(b, "12345", "", "one two three four five six seven eight nine"), -ERANGE);
	assert_int_equal(add(b, "12\n345", "", NULL), -ERANGE);
	assert_int_equal(add(b, "12345", "a\tb", NULL), -ERANGE);
	assert_int_equal(add(b, "12345", "", "a\r\nb"), -ERANGE);
	assert_int_equal(add(b, "12345", "\xff", NULL), -EILSEQ);
	assert_int_equal(add(b, "12345", "right", NULL), 0);
	assert_int_equal(matter_list_build(b, &list), 0);
	assert_int_equal(matter_list_count(list), 1);
}

static void
a_code_that_was_added_twice_is_told(void **state)
{
	_cleanup_(matter_list_builder_freep) struct matter_list_builder *b = matter_list_builder_new();
	struct matter_list *list = NULL;

	(void)state;
	assert_int_equal(add(b, "12345", "one", NULL), 0);
	assert_int_equal(add(b, "12345", "two", NULL), 0);
	assert_int_equal(matter_list_build(b, &list), -EEXIST);
	assert_null(list);
}

static void
an_empty_list_is_a_list(void **state)
{
	_cleanup_(matter_list_builder_freep) struct matter_list_builder *b = matter_list_builder_new();
	_cleanup_(matter_list_freep) struct matter_list *list = NULL, *back = NULL;

	(void)state;
	assert_int_equal(matter_list_build(b, &list), 0);
	assert_int_equal(matter_list_parse(matter_list_bytes(list), &back), 0);
	assert_int_equal(matter_list_count(back), 0);
	assert_string_equal(code_of(back, "12345"), "");
}

static void
the_longest_list_is_found_through(void **state)
{
	_cleanup_(matter_list_builder_freep) struct matter_list_builder *b = matter_list_builder_new();
	_cleanup_(matter_list_freep) struct matter_list *list = NULL;
	char code[16];

	(void)state;
	for (unsigned i = 0; i < MATTER_LIST_MAX; i++) {
		(void)snprintf(code, sizeof code, "%u", i);
		assert_int_equal(add(b, code, "", NULL), 0);
	}
	assert_int_equal(add(b, "another", "", NULL), -E2BIG);
	assert_int_equal(matter_list_build(b, &list), 0);
	assert_true(matter_list_bytes(list).len <= MATTER_LIST_MAX_BYTES);
	assert_string_equal(code_of(list, "199999"), "199999");
	assert_string_equal(code_of(list, "200000"), "");
}

static void
a_list_survives_the_way_through_a_memory_file(void **state)
{
	_cleanup_(matter_list_freep) struct matter_list *list = three_matters(), *back = NULL;
	_cleanup_close_ int fd = matter_list_to_fd(list);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(matter_list_map(fd, &back), 0);
	assert_string_equal(code_of(back, "smith v jones"), "23456");
	assert_string_equal(matter_list_version(back), matter_list_version(list));
}

static void
a_file_that_can_still_change_is_refused(void **state)
{
	_cleanup_(matter_list_freep) struct matter_list *list = three_matters(), *back = NULL;
	_cleanup_close_ int fd = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	struct str bytes = matter_list_bytes(list);

	(void)state;
	assert_int_equal(write(fd, bytes.p, bytes.len), (ssize_t)bytes.len);
	assert_int_equal(matter_list_map(fd, &back), -EBADMSG);
}

static void
walk(const struct matter_list *list)
{
	struct matter_name found;

	for (size_t i = 0; i < matter_list_count(list); i++)
		assert_int_equal(strlen(matter_list_at(list, i).code.p), matter_list_at(list, i).code.len);
	for (size_t i = 0; i < matter_list_name_count(list); i++) {
		assert_true(matter_list_find(list, matter_list_name(list, i).text, &found));
		assert_true(found.matter < matter_list_count(list));
	}
	assert_false(matter_list_find(list, STR("no such name"), &found));
}

/* Every byte of a valid buffer is changed in turn: each result is either refused or still keeps the invariants, so that walking it and
 * looking names up never leaves the buffer and ends (the sanitizer build watches). */
static void
no_damaged_byte_leads_outside_the_buffer(void **state)
{
	_cleanup_(matter_list_freep) struct matter_list *list = three_matters();
	struct str bytes = matter_list_bytes(list);
	size_t refused = 0;

	(void)state;
	for (size_t i = 0; i < bytes.len; i++) {
		for (int change = 1; change < 256; change++) {
			char *copy = malloc(bytes.len);
			struct matter_list *damaged = NULL;

			memcpy(copy, bytes.p, bytes.len);
			copy[i] = (char)(copy[i] ^ change);
			if (matter_list_parse((struct str){copy, bytes.len}, &damaged) < 0)
				refused++;
			else
				walk(damaged);
			matter_list_free(damaged);
			free(copy);
		}
	}
	assert_true(refused > bytes.len * 100);
}

static void
no_beginning_of_a_list_is_taken_for_one(void **state)
{
	_cleanup_(matter_list_freep) struct matter_list *list = three_matters();
	struct str bytes = matter_list_bytes(list);

	(void)state;
	for (size_t len = 0; len < bytes.len; len++) {
		char *copy = malloc(len + 1);
		struct matter_list *back = NULL;

		memcpy(copy, bytes.p, len);
		assert_int_equal(matter_list_parse((struct str){copy, len}, &back), -EBADMSG);
		free(copy);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(matters_are_found_by_their_codes_and_aliases),
	    cmocka_unit_test(matters_come_in_the_order_of_their_codes_with_all_they_were_given),
	    cmocka_unit_test(the_order_of_adding_leaves_no_trace),
	    cmocka_unit_test(another_list_has_another_version),
	    cmocka_unit_test(an_alias_of_two_matters_leads_to_none_and_a_code_goes_first),
	    cmocka_unit_test(what_breaks_a_bound_is_refused_and_leaves_the_rest),
	    cmocka_unit_test(a_code_that_was_added_twice_is_told),
	    cmocka_unit_test(an_empty_list_is_a_list),
	    cmocka_unit_test(the_longest_list_is_found_through),
	    cmocka_unit_test(a_list_survives_the_way_through_a_memory_file),
	    cmocka_unit_test(a_file_that_can_still_change_is_refused),
	    cmocka_unit_test(no_damaged_byte_leads_outside_the_buffer),
	    cmocka_unit_test(no_beginning_of_a_list_is_taken_for_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
