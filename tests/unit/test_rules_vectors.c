/* SPDX-License-Identifier: Apache-2.0 */
/* The recorded behaviour of the prototype: each entry of its days must come out of the rules, and nothing else. */
#include "rules_unit.h"

#include <json.h>
#include <string.h>

#include "base/alloc.h"
#include "rules/rules.h"
#include "rules/units.h"

/* The order of a row's fields in the vectors. */
enum { LOG_DATE, SECONDS, ACTIVITY, CATEGORY, PRODUCTIVITY, DOCUMENT };

/* One entry by our rules. */
struct entry {
	char *date, *application, *task, *matter;
	int64_t seconds, source_rows;
};

struct entries {
	struct entry *list;
	size_t count;
	int64_t filtered_rows, filtered_seconds;
};

static const char *
json_text(struct json_object *array, size_t i)
{
	const char *text = json_object_get_string(json_object_array_get_idx(array, i));

	return text != NULL ? text : "";
}

static int64_t
json_number(struct json_object *object, const char *name)
{
	struct json_object *value = NULL;

	assert_true(json_object_object_get_ex(object, name, &value));
	return json_object_get_int64(value);
}

static const char *
json_member(struct json_object *object, const char *name)
{
	const char *text = json_object_get_string(json_object_object_get(object, name));

	return text != NULL ? text : "";
}

static int
compare_entries(const void *pa, const void *pb)
{
	const struct entry *a = pa, *b = pb;
	int c = strcmp(a->date, b->date);

	if (c == 0)
		c = strcmp(a->application, b->application);
	return c != 0 ? c : strcmp(a->task, b->task);
}

static struct rowset *
rows_of_day(struct json_object *rows, const char *date)
{
	_cleanup_(rowset_builder_freep) struct rowset_builder *b =
	    rowset_builder_new(ROWSET_ROWS_MAX, ROWSET_MAX_BYTES);
	struct rowset *rs = NULL;

	for (size_t i = 0; i < json_object_array_length(rows); i++) {
		struct json_object *in = json_object_array_get_idx(rows, i);
		const struct row_view row = {
		    .seconds = json_object_get_int(json_object_array_get_idx(in, SECONDS)),
		    .productivity = json_object_get_int(json_object_array_get_idx(in, PRODUCTIVITY)),
		    .activity = str_of(json_text(in, ACTIVITY)),
		    .document = str_of(json_text(in, DOCUMENT)),
		    .category = str_of(json_text(in, CATEGORY)),
		};

		if (strcmp(json_text(in, LOG_DATE), date) == 0)
			assert_int_equal(rowset_builder_add(b, &row), 0);
	}
	assert_int_equal(rowset_build(b, &rs), 0);
	return rs;
}

static void
add_verdicts(struct entries *e, const char *date, const struct rowset *verdicts)
{
	e->list = xreallocarray(e->list, e->count + rowset_count(verdicts) + 1, sizeof *e->list);
	for (size_t i = 0; i < rowset_count(verdicts); i++) {
		struct row_view row = rowset_row(verdicts, i);

		if (row.task.len == 0) {
			assert_true(row.rule.len > 0);
			e->filtered_rows++;
			e->filtered_seconds += row.seconds;
			continue;
		}
		assert_int_equal(row.rule.len > 0, row.matter.len > 0);
		e->list[e->count++] = (struct entry){
		    .date = xstrdup(date),
		    .application = xstrdup(row.activity.p),
		    .task = xstrdup(row.task.p),
		    .matter = xstrdup(row.matter.p),
		    .seconds = row.seconds,
		    .source_rows = 1,
		};
	}
}

static void
entry_release(struct entry *e)
{
	free(e->date);
	free(e->application);
	free(e->task);
	free(e->matter);
}

static void
entries_release(struct entries *e)
{
	for (size_t i = 0; i < e->count; i++)
		entry_release(&e->list[i]);
	free(e->list);
}

/* Adds up what belongs together by (date, application, task). */
static void
group(struct entries *e)
{
	size_t kept = 0;

	qsort(e->list, e->count, sizeof *e->list, compare_entries);
	for (size_t i = 0; i < e->count; i++) {
		struct entry *last = kept > 0 ? &e->list[kept - 1] : NULL;

		if (last == NULL || compare_entries(last, &e->list[i]) != 0) {
			e->list[kept++] = e->list[i];
			continue;
		}
		assert_string_equal(last->matter, e->list[i].matter);
		last->seconds += e->list[i].seconds;
		last->source_rows += e->list[i].source_rows;
		entry_release(&e->list[i]);
	}
	e->count = kept;
}

/* The rows stand in no order: each day is judged when its first row is met. */
static struct entries
entries_by_our_rules(struct json_object *rows)
{
	_cleanup_(ruleset_freep) struct ruleset *set = shipped_set(REFERENCE_RULES);
	struct rules *rules = NULL;
	struct entries e = {.list = NULL};
	char seen[64][11] = {""};
	size_t days = 0;

	assert_int_equal(rules_new(set, &rules), 0);
	for (size_t i = 0; i < json_object_array_length(rows); i++) {
		const char *date = json_text(json_object_array_get_idx(rows, i), LOG_DATE);
		struct rowset *day, *verdicts = NULL;
		size_t k = 0;

		while (k < days && strcmp(seen[k], date) != 0)
			k++;
		if (k < days)
			continue;
		assert_true(days < ELEMENTSOF(seen) && strlen(date) == 10);
		memcpy(seen[days++], date, sizeof seen[0]);
		day = rows_of_day(rows, date);
		assert_int_equal(rules_apply(rules, day, NULL, &verdicts), 0);
		assert_int_equal(rowset_seconds(verdicts), rowset_seconds(day));
		add_verdicts(&e, date, verdicts);
		rowset_free(verdicts);
		rowset_free(day);
	}
	rules_free(rules);
	group(&e);
	return e;
}

static void
assert_entry(const struct entry *ours, struct json_object *theirs)
{
	const struct units_policy policy = {.rounding = ROUNDING_TENTH_UP};

	assert_string_equal(ours->date, json_member(theirs, "entry_date"));
	assert_string_equal(ours->application, json_member(theirs, "application"));
	assert_string_equal(ours->task, json_member(theirs, "task_description"));
	assert_int_equal(ours->seconds, json_number(theirs, "total_seconds"));
	assert_int_equal(units_tenths(policy, ours->seconds), json_number(theirs, "time_units_tenths"));
	assert_int_equal(ours->source_rows, json_number(theirs, "source_rows"));
	assert_string_equal(ours->matter, json_member(theirs, "matter_code"));
}

static void
assert_vectors(const char *name)
{
	char path[4096];
	struct json_object *root, *theirs;
	_cleanup_(entries_release) struct entries ours = {.list = NULL};

	if (vectors_file(name, path, sizeof path) == NULL) {
		print_message("%s is neither in $RTALP_VECTORS nor beside the source: skipped\n", name);
		skip();
	}
	root = json_object_from_file(path);
	assert_non_null(root);
	theirs = json_object_object_get(root, "entries");
	ours = entries_by_our_rules(json_object_object_get(root, "rows"));
	assert_int_equal(ours.count, json_object_array_length(theirs));
	for (size_t i = 0; i < ours.count; i++)
		assert_entry(&ours.list[i], json_object_array_get_idx(theirs, i));
	assert_int_equal(ours.filtered_rows, json_number(root, "filtered_rows"));
	assert_int_equal(ours.filtered_seconds, json_number(root, "filtered_seconds"));
	print_message("%s: %zu entries equal\n", name, ours.count);
	json_object_put(root);
}

static void
a_day_becomes_the_entries_that_the_prototype_made(void **state)
{
	(void)state;
	assert_vectors("reference-day.json");
}

static void
a_month_becomes_the_entries_that_the_prototype_made(void **state)
{
	(void)state;
	assert_vectors("reference-month.json");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_day_becomes_the_entries_that_the_prototype_made),
	    cmocka_unit_test(a_month_becomes_the_entries_that_the_prototype_made),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
