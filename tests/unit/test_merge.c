/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "app/merge.h"
#include "app/settle.h"
#include "base/alloc.h"
#include "proto/rowset_sum.h"

#define USER 42
#define DAY  20000

/* One day in memory: what the store would hold, with the merge run over it and its effects applied as the store would. */
struct world {
	struct activity_list rows;
	struct entry_list entries;
	int64_t last_entry_id;
};

/* The rules of these tests: a document "x [y]: z" belongs to task "x" and matter "y"; one that begins with "-" is dropped. Rows of one
 * application and task are one entry. */
static void
judge_row(struct row_view *v, char *group, size_t group_size)
{
	struct str document = v->document;
	const char *open = strstr(document.p, " ["), *close = strchr(document.p, ']');

	if (str_starts(document, STR("-"))) {
		v->rule = STR("test.drop");
		return;
	}
	v->task = open != NULL ? (struct str){document.p, (size_t)(open - document.p)} : document;
	v->matter = open != NULL ? (struct str){open + 2, (size_t)(close - open - 2)} : STR_NONE;
	v->rule = open != NULL ? STR("test.code") : STR_NONE;
	v->evidence = open != NULL ? STR("pattern") : STR_NONE;
	v->application = v->activity;
	snprintf(group, group_size, "%.*s/%.*s", STR_ARG(v->activity), STR_ARG(v->task));
	v->group = str_of(group);
}

static struct rowset *
judge(const struct world *w)
{
	_cleanup_(rowset_builder_freep) struct rowset_builder *b = rowset_builder_new(1000, 100000);
	struct rowset *rs = NULL;

	for (size_t i = 0; i < w->rows.count; i++) {
		const struct activity_row *row = &w->rows.rows[i];
		char group[256];
		struct row_view v = {
		    .seconds = (int32_t)row->seconds, .activity = str_of(row->activity), .document = str_of(row->document),
		    .category = str_of(row->category),
		};

		judge_row(&v, group, sizeof group);
		assert_int_equal(rowset_builder_add(b, &v), 0);
	}
	assert_int_equal(rowset_build(b, &rs), 0);
	return rs;
}

static int
merge_verdicts(struct world *w, const struct rowset *verdicts)
{
	struct merge m = {
	    .alp_user_id = USER, .day = DAY, .units = {.rounding = ROUNDING_TENTH_UP}, .verdicts = verdicts,
	    .rules_version = "test-1", .now_ms = 1000, .rows = &w->rows, .entries = &w->entries,
	};

	int r = merge_day(&m);

	for (size_t i = 0; i < w->entries.count; i++)
		if (w->entries.rows[i].entry_id == 0)
			w->entries.rows[i].entry_id = ++w->last_entry_id;
	for (size_t i = 0; i < w->rows.count && r == 0; i++)
		if (m.row_entry[i] != MERGE_NO_ENTRY)
			w->rows.rows[i].entry_id = w->entries.rows[m.row_entry[i]].entry_id;
	merge_release(&m);
	return r;
}

static void
run_merge(struct world *w, bool with_rules)
{
	struct rowset *verdicts = with_rules ? judge(w) : NULL;

	assert_int_equal(merge_verdicts(w, verdicts), 0);
	rowset_free(verdicts);
}

static int
compare_rows(const void *a, const void *b)
{
	const struct activity_row *x = a, *y = b;
	int c = strcmp(x->activity, y->activity);

	return c != 0 ? c : strcmp(x->document, y->document);
}

static struct activity_row
a_row(const char *activity, const char *document, int64_t seconds)
{
	char *memory = xasprintf("%s%c%s", activity, 0, document);

	return (struct activity_row){
	    .activity = memory, .document = memory + strlen(activity) + 1, .category = "c", .memory = memory, .seconds = seconds,
	};
}

/* What a fetch brings: the row with that document has that many seconds now; 0 takes it away. */
static void
record(struct world *w, const char *activity, const char *document, int64_t seconds)
{
	size_t i = 0;

	while (i < w->rows.count &&
	       (strcmp(w->rows.rows[i].document, document) != 0 || strcmp(w->rows.rows[i].activity, activity) != 0))
		i++;
	if (i < w->rows.count && seconds == 0) {
		struct activity_row *row = &w->rows.rows[i];

		free(row->memory);
		free(row->rule);
		memmove(row, row + 1, (w->rows.count - i - 1) * sizeof *row);
		w->rows.count--;
	} else if (i < w->rows.count) {
		w->rows.rows[i].seconds = seconds;
	} else if (seconds > 0) {
		w->rows.rows = xreallocarray(w->rows.rows, w->rows.count + 1, sizeof *w->rows.rows);
		w->rows.rows[w->rows.count++] = a_row(activity, document, seconds);
	}
	if (w->rows.count > 0)
		qsort(w->rows.rows, w->rows.count, sizeof *w->rows.rows, compare_rows);
}

static struct entry_row *
entry(struct world *w, const char *task)
{
	for (size_t i = 0; i < w->entries.count; i++)
		if (strcmp(w->entries.rows[i].task_description, task) == 0)
			return &w->entries.rows[i];
	fail_msg("no entry for the task %s", task);
	abort();
}

static void
release(struct world *w)
{
	activity_list_release(&w->rows);
	entry_list_release(&w->entries);
}

/* Every row is in exactly one place, and every entry that moves with its rows holds exactly theirs. */
static void
assert_balanced(const struct world *w)
{
	for (size_t i = 0; i < w->rows.count; i++)
		assert_false(w->rows.rows[i].entry_id != 0 && w->rows.rows[i].rule != NULL);
	for (size_t k = 0; k < w->entries.count; k++) {
		const struct entry_row *e = &w->entries.rows[k];
		int64_t sum = 0;

		for (size_t i = 0; i < w->rows.count; i++)
			if (w->rows.rows[i].entry_id == e->entry_id)
				sum += w->rows.rows[i].seconds;
		if (e->status != ENTRY_SUBMITTED)
			assert_int_equal(e->total_seconds, sum);
		if (e->status == ENTRY_WITHDRAWN)
			assert_int_equal(sum, 0);
	}
}

static void
rows_of_one_task_make_one_entry_with_its_matter(void **state)
{
	struct world w = {0};

	(void)state;
	record(&w, "Word", "Deed [22069]", 100);
	record(&w, "Word", "-New Tab", 50);
	run_merge(&w, true);
	assert_int_equal(w.entries.count, 1);
	assert_int_equal(entry(&w, "Deed")->total_seconds, 100);
	assert_int_equal(entry(&w, "Deed")->units_tenths, 3);
	assert_string_equal(entry(&w, "Deed")->matter_code, "22069");
	assert_string_equal(entry(&w, "Deed")->rules_version, "test-1");
	assert_string_equal(w.rows.rows[0].rule, "test.drop");
	assert_balanced(&w);
	release(&w);
}

static void
merging_the_same_again_changes_nothing(void **state)
{
	struct world w = {0};
	struct rowset *verdicts;
	struct merge m;

	(void)state;
	record(&w, "Word", "Deed [22069]", 100);
	record(&w, "Word", "-New Tab", 50);
	run_merge(&w, true);
	verdicts = judge(&w);
	m = (struct merge){.alp_user_id = USER, .day = DAY, .units = {.rounding = ROUNDING_TENTH_UP}, .verdicts = verdicts,
	    .rules_version = "test-1", .now_ms = 2000, .rows = &w.rows, .entries = &w.entries};
	assert_int_equal(merge_day(&m), 0);
	assert_false(m.entry_changed[0] || m.row_changed[0] || m.row_changed[1]);
	merge_release(&m);
	rowset_free(verdicts);
	release(&w);
}

/* A person shortened the description; the document was renamed and the rules would now put it elsewhere. */
static void
an_edited_entry_keeps_its_rows_and_its_words(void **state)
{
	struct world w = {0};

	(void)state;
	record(&w, "Word", "Deed [22069]", 100);
	run_merge(&w, true);
	entry(&w, "Deed")->person_description = xstrdup("Drafting deed");
	record(&w, "Word", "Deed [22069]", 400);
	run_merge(&w, false);
	run_merge(&w, true);
	assert_int_equal(entry(&w, "Deed")->total_seconds, 400);
	assert_string_equal(entry(&w, "Deed")->person_description, "Drafting deed");
	assert_balanced(&w);
	release(&w);
}

static void
later_minutes_join_the_ignored_entry(void **state)
{
	struct world w = {0};

	(void)state;
	record(&w, "Word", "Deed [22069]", 100);
	run_merge(&w, true);
	entry(&w, "Deed")->status = ENTRY_IGNORED;
	record(&w, "Word", "Deed [22069]", 300);
	record(&w, "Word", "Deed [22069]: page 2", 7);
	run_merge(&w, false);
	run_merge(&w, true);
	assert_int_equal(w.entries.count, 1);
	assert_int_equal(entry(&w, "Deed")->status, ENTRY_IGNORED);
	assert_int_equal(entry(&w, "Deed")->total_seconds, 307);
	assert_balanced(&w);
	release(&w);
}

static void
a_submitted_amount_never_moves(void **state)
{
	struct world w = {0};

	(void)state;
	record(&w, "Word", "Deed [22069]", 100);
	run_merge(&w, true);
	entry(&w, "Deed")->status = ENTRY_SUBMITTED;
	entry(&w, "Deed")->frozen_seconds = 100;
	record(&w, "Word", "Deed [22069]", 900);
	run_merge(&w, false);
	run_merge(&w, true);
	assert_int_equal(entry(&w, "Deed")->total_seconds, 100);
	assert_int_equal(entry(&w, "Deed")->units_tenths, 3);
	assert_int_equal(w.rows.rows[0].entry_id, entry(&w, "Deed")->entry_id);
	release(&w);
}

static void
vanished_rows_withdraw_an_untouched_draft_and_warn_on_a_touched_one(void **state)
{
	struct world w = {0};

	(void)state;
	record(&w, "Word", "Deed [22069]", 100);
	record(&w, "Word", "Will [22070]", 100);
	run_merge(&w, true);
	entry(&w, "Will")->notes = xstrdup("ask the client");
	record(&w, "Word", "Deed [22069]", 0);
	record(&w, "Word", "Will [22070]", 0);
	run_merge(&w, false);
	assert_int_equal(entry(&w, "Deed")->status, ENTRY_WITHDRAWN);
	assert_int_equal(entry(&w, "Will")->status, ENTRY_PENDING);
	assert_true(entry(&w, "Will")->rows_vanished);
	assert_int_equal(entry(&w, "Will")->total_seconds, 0);
	record(&w, "Word", "Deed [22069]", 60);
	run_merge(&w, false);
	run_merge(&w, true);
	assert_int_equal(entry(&w, "Deed")->status, ENTRY_PENDING);
	assert_int_equal(w.entries.count, 2);
	assert_balanced(&w);
	release(&w);
}

static void
verdicts_on_other_rows_are_refused(void **state)
{
	struct world w = {0};
	struct rowset *verdicts;
	struct merge m;

	(void)state;
	record(&w, "Word", "Deed [22069]", 100);
	verdicts = judge(&w);
	record(&w, "Word", "Deed [22069]", 0);
	record(&w, "Word", "Will [22069]", 100);
	m = (struct merge){.alp_user_id = USER, .day = DAY, .units = {.rounding = ROUNDING_TENTH_UP}, .verdicts = verdicts,
	    .rules_version = "test-1", .rows = &w.rows, .entries = &w.entries};
	assert_int_equal(merge_day(&m), -EBADMSG);
	merge_release(&m);
	rowset_free(verdicts);
	release(&w);
}

/* A day of these rows, each with a verdict of its own. */
struct said {
	const char *activity, *document, *application, *task, *group, *matter, *rule, *evidence;
};

static struct rowset *
say(struct world *w, const struct said *said, size_t count)
{
	_cleanup_(rowset_builder_freep) struct rowset_builder *b = rowset_builder_new(100, 100000);
	struct rowset *rs = NULL;

	for (size_t i = 0; i < count; i++) {
		const struct said *s = &said[i];
		const struct row_view v = {
		    .seconds = 60, .activity = str_of(s->activity), .document = str_of(s->document), .category = STR("c"),
		    .application = str_of(s->application), .task = str_of(s->task), .group = str_of(s->group), .matter = str_of(s->matter),
		    .rule = str_of(s->rule), .evidence = str_of(s->evidence),
		};

		record(w, s->activity, s->document, 60);
		assert_int_equal(rowset_builder_add(b, &v), 0);
	}
	assert_int_equal(rowset_build(b, &rs), 0);
	return rs;
}

static int
merge_said(struct world *w, const struct said *said, size_t count)
{
	struct rowset *verdicts = say(w, said, count);
	int r = merge_verdicts(w, verdicts);

	rowset_free(verdicts);
	return r;
}

/* Merge keys that leave the application out: the same task in Word and in a browser is one line of the bill. */
static void
rows_of_one_group_are_one_entry_whatever_application_they_are_of(void **state)
{
	static const struct said said[] = {
	    {"Chrome", "a", "Word", "Deed", "task", "22069", "m.1", "listed"},
	    {"Word", "b", "Word", "Deed", "task", "22069", "m.1", "listed"},
	};
	struct world w = {0};
	struct group_name name;
	char hash[SOURCE_HASH_TEXT_MAX];

	(void)state;
	assert_int_equal(merge_said(&w, said, 2), 0);
	assert_int_equal(w.entries.count, 1);
	assert_string_equal(w.entries.rows[0].application, "Word");
	assert_string_equal(w.entries.rows[0].matter_evidence, "listed");
	assert_int_equal(w.entries.rows[0].total_seconds, 120);
	group_name_of(USER, DAY, &(struct row_view){.group = STR("task"), .application = STR("any"), .task = STR("Deed")}, &name);
	group_name_write(&name, hash);
	assert_string_equal(w.entries.rows[0].source_hash, hash);
	release(&w);
}

/* All rows may have the same group: what it names tells them apart. */
static void
what_a_group_names_tells_entries_apart(void **state)
{
	static const struct said said[] = {
	    {"Word", "a", "Word", "Deed", "application task", "1", "m.1", "listed"},
	    {"Word", "b", "Word", "Will", "application task", "2", "m.1", "listed"},
	    {"Word", "c", "Excel", "Deed", "application task", "3", "m.1", "listed"},
	    {"Word", "d", "Word", "Deed", "application task category=1:c", "4", "m.1", "listed"},
	    {"Word", "e", "Word", "Deed", "application", "5", "m.1", "listed"},
	    {"Word", "f", "Word", "Deed", "application task", "1", "m.1", "listed"},
	};
	struct world w = {0};

	(void)state;
	assert_int_equal(merge_said(&w, said, ELEMENTSOF(said)), 0);
	assert_int_equal(w.entries.count, 5);
	assert_int_equal(w.entries.rows[0].total_seconds, 120);
	assert_balanced(&w);
	release(&w);
}

/* Equal strings have equal numbers where we made them, not where a worker did. */
static void
names_that_a_worker_numbered_apart_are_one_entry(void **state)
{
	static const struct row_view recorded[] = {
	    {.seconds = 60, .activity = {"Word", 4}, .document = {"a", 1}, .category = {"c", 1}},
	    {.seconds = 60, .activity = {"Word", 4}, .document = {"b", 1}, .category = {"c", 1}},
	};
	_cleanup_(rowset_builder_freep) struct rowset_builder *plain = rowset_builder_new(10, 1000), *over = NULL;
	_cleanup_(rowset_sums_release) struct rowset_sums sums = {0};
	_cleanup_(rowset_freep) struct rowset *grain = NULL, *verdicts = NULL;
	struct world w = {0};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(recorded); i++) {
		assert_int_equal(rowset_builder_add(plain, &recorded[i]), 0);
		record(&w, recorded[i].activity.p, recorded[i].document.p, 60);
	}
	assert_int_equal(rowset_build(plain, &grain), 0);
	assert_int_equal(rowset_sum_up(grain, &sums), 0);
	over = rowset_builder_over(grain);
	for (size_t i = 0; i < sums.count; i++) {
		struct verdict_strings v = NO_VERDICT;

		assert_int_equal(rowset_builder_string_anew(over, STR("Word"), &v.application), 0);
		assert_int_equal(rowset_builder_string_anew(over, STR("Deed"), &v.task), 0);
		assert_int_equal(rowset_builder_string_anew(over, STR("application task"), &v.group), 0);
		rowset_builder_judge(over, &sums.totals[i], &v);
	}
	assert_int_equal(rowset_build(over, &verdicts), 0);
	assert_int_equal(merge_verdicts(&w, verdicts), 0);
	assert_int_equal(w.entries.count, 1);
	assert_int_equal(w.entries.rows[0].total_seconds, 120);
	release(&w);
}

/* The description is that of the longest title: it may be another tomorrow, and the entry the same. */
static void
words_that_the_group_leaves_out_follow_the_rows_until_a_person_takes_them(void **state)
{
	static const struct said before[] = {{"Word", "a", "Word", "Deed", "m=1", "1", "m.1", "pattern"}};
	static const struct said after[] = {{"Word", "a", "Excel", "Costs", "m=1", "1", "m.2", "listed"}};
	struct world w = {0};

	(void)state;
	assert_int_equal(merge_said(&w, before, 1), 0);
	assert_int_equal(merge_said(&w, after, 1), 0);
	assert_int_equal(w.entries.count, 1);
	assert_string_equal(w.entries.rows[0].task_description, "Costs");
	assert_string_equal(w.entries.rows[0].application, "Excel");
	assert_string_equal(w.entries.rows[0].matter_rule, "m.2");
	w.entries.rows[0].notes = xstrdup("mine");
	assert_int_equal(merge_said(&w, before, 1), 0);
	assert_string_equal(w.entries.rows[0].task_description, "Costs");
	assert_string_equal(w.entries.rows[0].matter_rule, "m.2");
	assert_balanced(&w);
	release(&w);
}

static void
a_worker_that_says_two_things_of_one_entry_is_refused(void **state)
{
	static const struct said good = {"Word", "a", "Word", "Deed", "g", "1", "m.1", "pattern"};
	const struct said lies[] = {
	    {"Word", "b", "Excel", "Deed", "g", "1", "m.1", "pattern"}, {"Word", "b", "Word", "Will", "g", "1", "m.1", "pattern"},
	    {"Word", "b", "Word", "Deed", "g", "2", "m.1", "pattern"}, {"Word", "b", "Word", "Deed", "g", "1", "m.2", "pattern"},
	    {"Word", "b", "Word", "Deed", "g", "1", "m.1", "listed"}, {"Word", "b", "Word", "Deed", "", "1", "m.1", "pattern"},
	    {"Word", "b", "", "", "", "", "", ""},
	    /* What is dropped is of no entry, and by a rule that a file can have. */
	    {"Word", "b", "", "", "h", "", "test.drop", ""},
	    {"Word", "b", "", "", "", "", "a-name-that-is-longer-than-any-rule-of-any-file-that-was-read.ok", ""},
	    /* Time of no supplement's choosing: their names are no group's. */
	    {"Word", "b", "Word", "Deed", "+1 f00d", "", "", ""},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(lies); i++) {
		const struct said said[] = {good, lies[i]};
		struct world w = {0};

		assert_int_equal(merge_said(&w, said, 2), -EBADMSG);
		release(&w);
	}
}

static void
verdicts_on_other_seconds_are_refused(void **state)
{
	struct world w = {0};
	struct rowset *verdicts;

	(void)state;
	record(&w, "Word", "Deed [22069]", 100);
	verdicts = judge(&w);
	record(&w, "Word", "Deed [22069]", 101);
	assert_int_equal(merge_verdicts(&w, verdicts), -EBADMSG);
	rowset_free(verdicts);
	release(&w);
}

/* So many rows; say() fills in what is said of each, with room for a text of its own. */
static int
merge_many(size_t count, void (*say_of)(size_t i, struct row_view *v, char room[16]))
{
	_cleanup_(rowset_builder_freep) struct rowset_builder *b = rowset_builder_new(count, 1000000);
	_cleanup_(rowset_freep) struct rowset *verdicts = NULL;
	struct world w = {.rows = {.rows = xcalloc(count, sizeof *w.rows.rows), .count = count}};
	int r;

	for (size_t i = 0; i < count; i++) {
		char document[32], room[16];
		struct row_view v = {.seconds = 60, .activity = STR("Word"), .category = STR("c")};

		snprintf(document, sizeof document, "%06zu", i);
		v.document = str_of(document);
		say_of(i, &v, room);
		w.rows.rows[i] = a_row("Word", document, 60);
		assert_int_equal(rowset_builder_add(b, &v), 0);
	}
	assert_int_equal(rowset_build(b, &verdicts), 0);
	r = merge_verdicts(&w, verdicts);
	release(&w);
	return r;
}

static void
dropped_by_its_own(size_t i, struct row_view *v, char room[16])
{
	snprintf(room, 16, "rule-%zu", i);
	v->rule = str_of(room);
}

/* Every report of the day would compare each row with each of them. */
static void
a_worker_that_makes_up_a_rule_for_each_row_is_refused(void **state)
{
	(void)state;
	assert_int_equal(merge_many(2000, dropped_by_its_own), 0);
	assert_int_equal(merge_many(3000, dropped_by_its_own), -EBADMSG);
}

static char long_text[4000];

static void
a_long_entry_of_its_own(size_t i, struct row_view *v, char room[16])
{
	snprintf(room, 16, "g%zu", i);
	v->group = str_of(room);
	v->task = v->application = v->matter = (struct str){long_text, sizeof long_text};
}

/* What stands in the rowset once would stand in the store, and in memory, once an entry. */
static void
a_worker_that_says_a_long_text_of_each_entry_is_refused(void **state)
{
	(void)state;
	memset(long_text, 'x', sizeof long_text);
	assert_int_equal(merge_many(5000, a_long_entry_of_its_own), 0);
	assert_int_equal(merge_many(6000, a_long_entry_of_its_own), -EBADMSG);
}

static uint32_t
next_random(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

static void
random_step(struct world *w, uint32_t *seed)
{
	static const char *const documents[] = {"A [1]: x", "A [1]: y", "B [3]", "C", "-D", "-E", "F [1]", "G"};
	struct entry_row *e = w->entries.count > 0 ? &w->entries.rows[next_random(seed) % w->entries.count] : NULL;

	switch (next_random(seed) % 6) {
	case 0:
	case 1:
	case 2:
		record(w, next_random(seed) % 2 ? "Word" : "Excel", documents[next_random(seed) % ELEMENTSOF(documents)],
		    next_random(seed) % 3 == 0 ? 0 : next_random(seed) % 5000);
		run_merge(w, false);
		break;
	case 3:
		run_merge(w, true);
		break;
	case 4:
		if (e != NULL && e->status == ENTRY_PENDING)
			e->status = ENTRY_IGNORED;
		else if (e != NULL && e->status == ENTRY_IGNORED) {
			e->status = ENTRY_PENDING;
			entry_settle(e);
		}
		break;
	default:
		if (e != NULL && e->status == ENTRY_PENDING && e->notes == NULL)
			e->notes = xstrdup("n");
		break;
	}
}

static void
no_history_of_fetches_and_edits_loses_a_second(void **state)
{
	(void)state;
	for (uint32_t run = 1; run <= 300; run++) {
		struct world w = {0};
		uint32_t seed = run * 7919;

		for (int i = 0; i < 60; i++) {
			random_step(&w, &seed);
			assert_balanced(&w);
		}
		run_merge(&w, true);
		for (size_t i = 0; i < w.rows.count; i++)
			assert_true((w.rows.rows[i].entry_id != 0) != (w.rows.rows[i].rule != NULL));
		release(&w);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rows_of_one_task_make_one_entry_with_its_matter),
	    cmocka_unit_test(merging_the_same_again_changes_nothing),
	    cmocka_unit_test(an_edited_entry_keeps_its_rows_and_its_words),
	    cmocka_unit_test(later_minutes_join_the_ignored_entry),
	    cmocka_unit_test(a_submitted_amount_never_moves),
	    cmocka_unit_test(vanished_rows_withdraw_an_untouched_draft_and_warn_on_a_touched_one),
	    cmocka_unit_test(verdicts_on_other_rows_are_refused),
	    cmocka_unit_test(rows_of_one_group_are_one_entry_whatever_application_they_are_of),
	    cmocka_unit_test(what_a_group_names_tells_entries_apart),
	    cmocka_unit_test(names_that_a_worker_numbered_apart_are_one_entry),
	    cmocka_unit_test(words_that_the_group_leaves_out_follow_the_rows_until_a_person_takes_them),
	    cmocka_unit_test(a_worker_that_says_two_things_of_one_entry_is_refused),
	    cmocka_unit_test(verdicts_on_other_seconds_are_refused),
	    cmocka_unit_test(a_worker_that_makes_up_a_rule_for_each_row_is_refused),
	    cmocka_unit_test(a_worker_that_says_a_long_text_of_each_entry_is_refused),
	    cmocka_unit_test(no_history_of_fetches_and_edits_loses_a_second),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
