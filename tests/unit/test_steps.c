/* SPDX-License-Identifier: Apache-2.0 */
/* A worker writes trails and a disk keeps them: whatever stands there, what is read is bounded, and says if it is not all. */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "app/explain.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "rules/trail.h"

static void
assert_steps(const char *trail, bool complete, const char *want)
{
	static const char marks[] = {[STEP_FIRED] = '.', [STEP_FOUND] = '=', [STEP_REFUSED] = '!', [STEP_UNLISTED] = '?', [STEP_LIMIT] = '#'};
	struct buf got = BUF_INIT(10000);
	struct steps steps;

	steps_read(str_of(trail), &steps);
	for (size_t i = 0; i < steps.count; i++)
		buf_addf(&got, "%s%c%s%s", i > 0 ? "|" : "", marks[steps.rows[i].what], steps.rows[i].rule,
		    steps.rows[i].code != NULL ? steps.rows[i].code : "");
	assert_string_equal(got.len > 0 ? got.p : "", want);
	assert_int_equal(steps.complete, complete);
	steps_release(&steps);
	buf_release(&got);
}

static void
each_word_of_a_trail_is_a_step(void **state)
{
	(void)state;
	assert_steps("", true, "");
	assert_steps("word.read-only", true, ".word.read-only");
	assert_steps("a.b code.x=12345 not.date!2024 unlisted!99 limit!slow.one", true, ".a.b|=code.x12345|!not.date2024|?99|#slow.one");
	assert_steps("code.x=A=B!C", true, "=code.xA=B!C");
	assert_steps("code.x=\xc3\xa9", true, "=code.x\xc3\xa9");
}

static void
what_cannot_have_been_written_is_left_out_and_said(void **state)
{
	(void)state;
	assert_steps("a ...", false, ".a");
	assert_steps("A b", false, ".b");
	assert_steps("a  b", false, ".a|.b");
	assert_steps(" ", false, "");
	assert_steps("=1 !1 x= x! unlisted! limit! limit!A ok", false, ".ok");
	assert_steps("x=%41 x=% x=%2 y=%20", false, "=y ");
	assert_steps("a\nb <script> ok", false, ".ok");
	assert_steps("aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffg", false, "");
}

/* The writer's own words, with whatever a title may have. */
static void
what_the_rules_write_is_read_back(void **state)
{
	static const char *const codes[] = {"12345", "Smith v Jones", "100% of it", "%20", " ", "a=b!c", "\xe2\x80\xa6 x"};
	struct buf trail = BUF_INIT(4096);
	struct steps steps;

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(codes); i++)
		trail_add_code(&trail, "r.1", i % 2 > 0 ? '!' : '=', str_of(codes[i]));
	trail_add_limit(&trail, "r.2");
	steps_read(buf_str(&trail), &steps);
	assert_true(steps.complete);
	assert_int_equal(steps.count, ELEMENTSOF(codes) + 1);
	for (size_t i = 0; i < ELEMENTSOF(codes); i++)
		assert_string_equal(steps.rows[i].code, codes[i]);
	assert_string_equal(steps.rows[ELEMENTSOF(codes)].rule, "r.2");
	steps_release(&steps);
	buf_release(&trail);
}

static void
too_many_and_too_long_ones_are_cut(void **state)
{
	_cleanup_free_ char *text = xcalloc(4097, 1);
	struct steps steps;

	(void)state;
	for (size_t i = 0; i < 4096; i++)
		text[i] = i % 2 > 0 ? ' ' : 'a';
	steps_read(str_of(text), &steps);
	assert_int_equal(steps.count, STEPS_MAX);
	assert_false(steps.complete);
	steps_release(&steps);
	memset(text, 'x', 4096);
	text[1] = '=';
	steps_read(str_of(text), &steps);
	assert_int_equal(steps.count, 0);
	assert_false(steps.complete);
	steps_release(&steps);
}

static void
times_are_read_as_they_were_written(void **state)
{
	struct buf text = BUF_INIT(4096);
	struct step_times times;

	(void)state;
	trail_add_time(&text, 9 * 3600 + 300, 240);
	trail_add_time(&text, 25 * 3600 + 3300, 1);
	trail_add_time(&text, 0, INT32_MAX);
	step_times_read(buf_str(&text), &times);
	assert_true(times.complete);
	assert_int_equal(times.count, 3);
	assert_int_equal(times.rows[0].minute, 9 * 60 + 5);
	assert_int_equal(times.rows[1].minute, 25 * 60 + 55);
	assert_int_equal(times.seconds, (int64_t)INT32_MAX + 241);
	step_times_release(&times);
	buf_release(&text);
}

static void
times_that_are_none_are_left_out(void **state)
{
	static const char *const wrong[] = {"26:00+1", "09:60+1", "9:00+1", "09:00+0", "09:00+-1", "-1:00+1", "-0:00+1", "09:-1+1", "09:00+", "09:00",
					    "09:00+2147483648", "09:00+1x", "09.00+1", "..."};
	struct step_times times;

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(wrong); i++) {
		step_times_read(str_of(wrong[i]), &times);
		assert_int_equal(times.count, 0);
		assert_false(times.complete);
		step_times_release(&times);
	}
}

/* --- what is told of them ----------------------------------------------------------------------------------------------- */

static void
a_groups_name_gives_its_keys_and_a_broken_one_what_can_be_read(void **state)
{
	static const struct {
		const char *group, *want;
	} cases[] = {
	    {"application task", "application:Word|task:Deed.docx|"},
	    {"task matter=15:a matter=1:b =x", "task:Deed.docx|matter:a matter=1:b =x|"},
	    {"application matter=0: category=7:Writing", "application:Word|matter:|category:Writing|"},
	    {"task h=0123", "task:Deed.docx|digest|"},
	    {"h=0123", "digest|"},
	    {"matter=99:short", ""},
	    {"matter=-1:x", ""},
	    {"tasks", ""},
	    {"task  application", "task:Deed.docx|"},
	    {"matter", ""},
	    {"=1:x", ""},
	    {"a=1:b a=1:b a=1:b a=1:b a=1:b", "a:b|a:b|a:b|a:b|"},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
		struct explanation e = {.row_count = 0};
		struct buf got = BUF_INIT(1000);

		explain_keys(&e, &(struct row_view){.group = str_of(cases[i].group), .application = STR("Word"), .task = STR("Deed.docx")});
		for (size_t k = 0; k < e.key_count; k++)
			buf_addf(&got, "%s%s%s|", e.keys[k].name, e.keys[k].value != NULL ? ":" : "", e.keys[k].value != NULL ? e.keys[k].value : "");
		assert_string_equal(got.len > 0 ? got.p : "", cases[i].want);
		buf_release(&got);
		explanation_release(&e);
	}
}

static void
candidates_add_up_over_rows_and_are_bounded(void **state)
{
	struct explanation e = {.entry = {.matter_code = xstrdup("222")}};
	struct buf many = BUF_INIT(100000);
	struct explain_vote votes[3] = {{STR("c=111 c=222"), 10}, {STR("d=222 unlisted!333"), 5}, {STR_NONE, 1}};

	(void)state;
	for (int i = 0; i < 60; i++)
		trail_add_code(&many, "e", '=', str_of((char[]){(char)('A' + i % 26), (char)('a' + i / 26), '\0'}));
	votes[2].trail = buf_str(&many);
	explain_candidates(&e, votes, 3);
	assert_int_equal(e.candidate_count, EXPLAIN_CANDIDATES_MAX);
	assert_false(e.candidates_complete);
	assert_string_equal(e.candidates[0].code, "222");
	assert_true(e.candidates[0].chosen);
	assert_int_equal(e.candidates[0].seconds, 15);
	assert_int_equal(e.candidates[0].rows, 2);
	assert_string_equal(e.candidates[1].code, "111");
	buf_release(&many);
	explanation_release(&e);
}

/* No title, code or file name can break a line of the text or bring a control character into it. */
static void
the_text_has_no_control_characters_but_its_line_ends(void **state)
{
	struct explanation e = {
	    .entry = {.status = ENTRY_PENDING, .application = xstrdup("a\nb"), .task_description = xstrdup("\x1b[31m\r\n\x7f"), .total_seconds = 36,
		.units_tenths = 1, .rounding = ROUNDING_TENTH_UP, .person_units_tenths = -1, .frozen_seconds = -1, .matter_code = xstrdup("1\t2")},
	    .row_count = 1,
	};
	struct buf text = BUF_INIT(10000);

	(void)state;
	e.rows = xcalloc(1, sizeof *e.rows);
	e.rows[0] = (struct explain_row){.application = xstrdup("\n"), .title = xstrdup("\x01"), .category = xstrdup("\x02"), .state = ROW_COUNTED};
	steps_read(STR("code.x=a\nb"), &e.rows[0].steps);
	explain_text(&e, &text);
	assert_int_equal(text.error, 0);
	for (size_t i = 0; i < text.len; i++)
		assert_true(text.p[i] == '\n' || ((unsigned char)text.p[i] >= 0x20 && text.p[i] != 0x7f));
	assert_non_null(strstr(text.p, "36 s are exactly 1 tenths of a unit"));
	buf_release(&text);
	explanation_release(&e);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_word_of_a_trail_is_a_step),
	    cmocka_unit_test(what_cannot_have_been_written_is_left_out_and_said),
	    cmocka_unit_test(what_the_rules_write_is_read_back),
	    cmocka_unit_test(too_many_and_too_long_ones_are_cut),
	    cmocka_unit_test(times_are_read_as_they_were_written),
	    cmocka_unit_test(times_that_are_none_are_left_out),
	    cmocka_unit_test(a_groups_name_gives_its_keys_and_a_broken_one_what_can_be_read),
	    cmocka_unit_test(candidates_add_up_over_rows_and_are_bounded),
	    cmocka_unit_test(the_text_has_no_control_characters_but_its_line_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
