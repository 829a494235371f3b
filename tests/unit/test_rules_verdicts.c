/* SPDX-License-Identifier: Apache-2.0 */
/* What holds of every day's verdicts, whatever the merge keys are: tried with days by chance. */
#include "rules_unit.h"

#include <string.h>

#include "base/alloc.h"
#include "proto/row_group.h"
#include "rules/rules.h"

#define ROUNDS 60
#define ROWS   300

/* xorshift; the same numbers in every run. */
static uint32_t
next_random(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

#define PICK(list, seed) ((list)[next_random(seed) % ELEMENTSOF(list)])

static const char *const applications[] = {"Word", "Preview", "Chrome", "word"};
static const char *const categories[] = {"Work", "Play", "Études"};
static const char *const titles[] = {
    "Deed 12345", "Deed [12345]", "Deed 12345 - Read-Only", "Deed [22222] 12345", "Deed 33333", "Deed", "Deed - Read-Only", "Lease [22222]", "Lease 22222 12345",
    "Paste", "", "drop me", "Letter", "Letter - Read-Only", "Lettre 12345", "Brief 33333 22222", "x 12345", "é 22222",
};

/* Two codes look alike in every way but their place. */
static const char rules_head[] =
    "clean = ( { id = \"t.read-only\"; stage = \"noise\"; do = \"strip\"; match = \" - Read-Only$\"; },\n"
    "          { id = \"t.drop\"; stage = \"noise\"; do = \"drop\"; match = \"^drop\"; },\n"
    "          { id = \"t.word\"; stage = \"noise\"; do = \"strip\"; app_is = \"WORD\"; match = \"^x \"; } );\n"
    "vague = { max_chars = 25; rules = ( { id = \"t.vague\"; name = \"paste\"; any_case = true; } ); };\n";

static struct ruleset *
rules_with(const char *source, const char *keys, unsigned minimum_seconds)
{
	_cleanup_free_ char *text = xasprintf(
	    "%smatter = { from = \"%s\"; list = \"ignore\"; codes = ( { id = \"t.brackets\"; priority = 9; match = \"\\\\[([0-9]{5})\\\\]\"; },\n"
	    "  { id = \"t.code\"; priority = 5; match = \"\\\\b([0-9]{5})\\\\b\"; } ); refuse = ( { id = \"t.refuse\"; match = \"33333\"; } ); };\n"
	    "merge = { keys = [ %s ]; minimum_seconds = %u; };\n", rules_head, source, keys, minimum_seconds);

	return set_of(str_of(text), "random");
}

struct plan {
	const char *source, *keys;
	unsigned minimum_seconds;
};
static const struct plan plans[] = {
    {"task", "\"application\", \"task\"", 0}, {"titles", "\"application\", \"task\"", 0}, {"titles", "\"task\"", 900}, {"titles", "\"matter\"", 0},
    {"titles", "\"application\", \"matter\", \"category\"", 2000}, {"titles", "\"application\", \"task\", \"matter\", \"category\"", 0},
    {"titles", "\"category\"", 0}, {"task", "\"matter\", \"task\"", 300},
};

static size_t
random_rows(struct row_view rows[ROWS], uint32_t *seed, bool grain)
{
	for (size_t i = 0; i < ROWS; i++)
		rows[i] = (struct row_view){
		    .bucket_s = grain ? (int32_t)(next_random(seed) % 300 * 300) : 0,
		    .seconds = 1 + (int32_t)(next_random(seed) % 4) * 100,
		    .productivity = (int32_t)(next_random(seed) % 5) - 2,
		    .activity = str_of(PICK(applications, seed)),
		    .document = str_of(PICK(titles, seed)),
		    .category = str_of(PICK(categories, seed)),
		};
	return ROWS;
}

static void
shuffle(struct row_view *rows, size_t count, uint32_t *seed)
{
	for (size_t i = count; i > 1; i--) {
		size_t k = next_random(seed) % i;
		struct row_view row = rows[k];

		rows[k] = rows[i - 1];
		rows[i - 1] = row;
	}
}

static struct rowset *
day_of(const struct row_view *rows, size_t count)
{
	_cleanup_(rowset_builder_freep) struct rowset_builder *b = rowset_builder_new(ROWSET_ROWS_MAX, ROWSET_MAX_BYTES);
	struct rowset *day = NULL;

	for (size_t i = 0; i < count; i++)
		assert_int_equal(rowset_builder_add(b, &rows[i]), 0);
	assert_int_equal(rowset_build(b, &day), 0);
	return day;
}

static struct rowset *
verdicts_on(struct rules *rules, const struct rowset *day)
{
	struct rowset *v = NULL;

	assert_int_equal(rules_apply(rules, day, NULL, &v), 0);
	return v;
}

static void
assert_same_verdict(const struct row_view *a, const struct row_view *b)
{
	assert_true(str_eq(a->task, b->task) && str_eq(a->application, b->application) && str_eq(a->group, b->group));
	assert_true(str_eq(a->matter, b->matter) && str_eq(a->rule, b->rule) && str_eq(a->evidence, b->evidence));
}

static void
assert_same_row(const struct row_view *a, const struct row_view *b)
{
	assert_true(str_eq(a->activity, b->activity) && str_eq(a->document, b->document) && str_eq(a->category, b->category));
	assert_int_equal(a->seconds, b->seconds);
	assert_int_equal(a->productivity, b->productivity);
}

/* The times are ascending and their seconds are the row's. */
static void
assert_times(const struct row_view *row)
{
	char *at = (char *)(uintptr_t)row->times.p;
	long last = -1, sum = 0;

	while (*at != '\0') {
		long hours = strtol(at, &at, 10), minutes;

		assert_int_equal(*at, ':');
		minutes = strtol(at + 1, &at, 10);
		assert_int_equal(*at, '+');
		sum += strtol(at + 1, &at, 10);
		assert_true(hours * 60 + minutes > last);
		last = hours * 60 + minutes;
		at += *at == ' ';
	}
	assert_int_equal(sum, row->seconds);
}

static void
assert_row(const struct row_view *row)
{
	assert_times(row);
	if (row->group.len == 0) {
		assert_true(row->rule.len > 0);
		assert_int_equal(row->task.len + row->application.len + row->matter.len + row->evidence.len, 0);
		return;
	}
	assert_true(row->task.len > 0 && row->application.len > 0);
	assert_int_equal(row->matter.len > 0, row->rule.len > 0);
	assert_string_equal(row->evidence.p, row->matter.len > 0 ? "pattern" : "");
}

/* "name=bytes:value" for the key. */
static void
assert_key(const struct row_view *row, const char *keys, const char *name, struct str value)
{
	_cleanup_free_ char *part = xasprintf("%s=%zu:%.*s", name, value.len, STR_ARG(value));

	assert_int_equal(strstr(row->group.p, part) != NULL, strstr(keys, name) != NULL);
}

/* The application and the task, if they are keys, and nothing else is said of them. */
static void
assert_words(const struct row_view *row, const char *keys)
{
	struct str group = row->group;

	assert_int_equal(row_group_takes(&group, "application"), strstr(keys, "application") != NULL);
	assert_int_equal(row_group_takes(&group, "task"), strstr(keys, "task") != NULL);
	assert_false(str_starts(group, STR("application")) || str_starts(group, STR("task")));
}

/* Are they of one entry? */
static bool
same_entry(const struct row_view *a, const struct row_view *b)
{
	struct str group = a->group;

	if (!str_eq(a->group, b->group))
		return false;
	if (row_group_takes(&group, "application") && !str_eq(a->application, b->application))
		return false;
	return !row_group_takes(&group, "task") || str_eq(a->task, b->task);
}

/* Whether another row of the group has as much time. */
static bool
is_tied(const struct rowset *v, const struct row_view *row)
{
	size_t count = 0;

	for (size_t i = 0; i < rowset_count(v); i++) {
		struct row_view other = rowset_row(v, i);

		count += same_entry(&other, row) && other.seconds == row->seconds;
	}
	return count > 1;
}

static void
assert_groups(const struct rowset *v, const struct plan *plan)
{
	for (size_t i = 0; i < rowset_count(v); i++) {
		struct row_view a = rowset_row(v, i), longest = a;
		int64_t seconds = 0;

		assert_row(&a);
		if (a.group.len == 0)
			continue;
		for (size_t k = 0; k < rowset_count(v); k++) {
			struct row_view b = rowset_row(v, k);

			if (!same_entry(&a, &b))
				continue;
			assert_same_verdict(&a, &b);
			seconds += b.seconds;
			longest = b.seconds > longest.seconds ? b : longest;
		}
		assert_true(seconds >= plan->minimum_seconds);
		assert_key(&a, plan->keys, "category", a.category);
		assert_key(&a, plan->keys, "matter", a.matter);
		assert_words(&a, plan->keys);
		if (strstr(plan->keys, "application") != NULL)
			assert_true(str_eq(a.application, a.activity));
		else
			assert_true(str_eq(a.application, longest.activity) || is_tied(v, &longest));
	}
}

static void
assert_day(struct rules *rules, const struct plan *plan, struct row_view *rows, size_t count, uint32_t *seed)
{
	_cleanup_(rowset_freep) struct rowset *day = day_of(rows, count), *totals = NULL, *v = verdicts_on(rules, day);
	_cleanup_(rowset_freep) struct rowset *again = verdicts_on(rules, day), *other = NULL, *shuffled = NULL, *summed = NULL;

	assert_true(str_eq(rowset_bytes(v), rowset_bytes(again)));
	assert_int_equal(rowset_totals(day, &totals), 0);
	summed = verdicts_on(rules, totals);
	shuffle(rows, count, seed);
	other = day_of(rows, count);
	shuffled = verdicts_on(rules, other);
	assert_int_equal(rowset_count(v), rowset_count(totals));
	assert_int_equal(rowset_count(shuffled), rowset_count(totals));
	assert_int_equal(rowset_seconds(v), rowset_seconds(day));
	for (size_t i = 0; i < rowset_count(v); i++) {
		struct row_view a = rowset_row(v, i), b = rowset_row(shuffled, i), c = rowset_row(summed, i), t = rowset_row(totals, i);

		assert_same_row(&a, &t);
		assert_same_row(&a, &b);
		assert_same_verdict(&a, &b);
		assert_same_verdict(&a, &c);
		assert_true(str_eq(a.trail, b.trail) && str_eq(a.times, b.times) && str_eq(a.trail, c.trail));
	}
	assert_groups(v, plan);
}

static void
each_total_is_judged_once_and_no_order_matters(void **state)
{
	uint32_t seed = 20261123;

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(plans); i++) {
		_cleanup_(ruleset_freep) struct ruleset *set = rules_with(plans[i].source, plans[i].keys, plans[i].minimum_seconds);
		struct rules *rules = NULL;

		assert_int_equal(rules_new(set, &rules), 0);
		for (int round = 0; round < ROUNDS; round++) {
			struct row_view rows[ROWS];
			size_t count = random_rows(rows, &seed, round % 4 > 0);

			assert_day(rules, &plans[i], rows, count, &seed);
		}
		rules_free(rules);
	}
}

struct expected {
	const char *activity, *document;
	int seconds;
	const char *task, *application, *matter, *rule, *trail;
};

static void
assert_verdicts(const char *source, const char *keys, unsigned minimum, const struct expected *list, size_t count)
{
	_cleanup_(ruleset_freep) struct ruleset *set = rules_with(source, keys, minimum);
	struct row_view rows[16];
	struct rules *rules = NULL;

	for (size_t i = 0; i < count; i++)
		rows[i] = (struct row_view){.seconds = list[i].seconds, .activity = str_of(list[i].activity), .document = str_of(list[i].document), .category = STR("Work")};
	_cleanup_(rowset_freep) struct rowset *day = day_of(rows, count), *v = NULL;
	assert_int_equal(rules_new(set, &rules), 0);
	v = verdicts_on(rules, day);
	assert_int_equal(rowset_count(v), count);
	for (size_t i = 0; i < count; i++) {
		struct row_view row = rowset_row(v, i);

		assert_string_equal(row.document.p, list[i].document);
		assert_string_equal(row.task.p, list[i].task);
		assert_string_equal(row.application.p, list[i].application);
		assert_string_equal(row.matter.p, list[i].matter);
		assert_string_equal(row.rule.p, list[i].rule);
		assert_string_equal(row.trail.p, list[i].trail);
	}
	rules_free(rules);
}

/* A document that is also shown under a longer name: its code counts for all of the entry. */
static void
a_code_in_any_title_of_an_entry_is_the_entrys(void **state)
{
	static const struct expected list[] = {
	    {"Word", "Deed", 50, "Deed", "Word", "", "", ""},
	    {"Word", "Deed - Read-Only", 10, "Deed", "Word", "", "", "t.read-only"},
	    {"Word", "x Lease [22222]", 10, "Lease [22222]", "Word", "22222", "t.brackets", "t.word t.brackets=22222"},
	    {"Word", "x [12345] 22222", 10, "[12345] 22222", "Word", "12345", "t.brackets", "t.word t.brackets=12345 t.code=22222"},
	    {"Wordpad", "x 33333", 10, "x 33333", "Wordpad", "", "", "t.refuse!33333"},
	};

	(void)state;
	assert_verdicts("titles", "\"application\", \"task\"", 0, list, ELEMENTSOF(list));
}

static void
what_is_no_key_is_said_by_the_longest_row(void **state)
{
	static const struct expected list[] = {
	    {"Chrome", "Deed 12345", 50, "Lease 12345", "Word", "12345", "t.code", "t.code=12345"},
	    {"Chrome", "Letter", 30, "Letter", "Chrome", "", "", ""},
	    {"Preview", "Letter", 30, "Letter", "Chrome", "", "", ""},
	    {"Word", "Lease 12345", 60, "Lease 12345", "Word", "12345", "t.code", "t.code=12345"},
	};

	(void)state;
	assert_verdicts("titles", "\"matter\"", 0, list, ELEMENTSOF(list));
}

static void
an_entry_that_is_too_short_is_dropped_as_a_whole(void **state)
{
	static const struct expected list[] = {
	    {"Word", "Deed", 50, "Deed", "Word", "", "", ""},
	    {"Word", "Deed - Read-Only", 10, "Deed", "Word", "", "", "t.read-only"},
	    {"Word", "Lease 12345", 59, "", "", "", "entry.minimum", "t.code=12345"},
	    {"Word", "PASTE", 100, "", "", "", "t.vague", "t.vague"},
	};

	(void)state;
	assert_verdicts("titles", "\"application\", \"task\"", 60, list, ELEMENTSOF(list));
}

/* A trail and times that would be too long are cut, and say so; what a group says besides becomes its digest. */
static void
what_is_too_long_is_cut_and_says_so(void **state)
{
	_cleanup_(ruleset_freep) struct ruleset *set = rules_with("titles", "\"application\", \"category\", \"task\"", 0);
	_cleanup_(rowset_builder_freep) struct rowset_builder *b = rowset_builder_new(ROWSET_ROWS_MAX, ROWSET_MAX_BYTES);
	_cleanup_(rowset_freep) struct rowset *day = NULL, *v = NULL;
	char activity[ROWSET_STRING_MAX];
	struct row_view row = {.seconds = 299, .activity = {activity, sizeof activity}, .document = STR("Deed"), .category = {activity, sizeof activity}};
	struct rules *rules = NULL;

	(void)state;
	memset(activity, 'a', sizeof activity);
	for (row.bucket_s = 0; row.bucket_s < ROWSET_BUCKET_MAX; row.bucket_s += 60)
		assert_int_equal(rowset_builder_add(b, &row), 0);
	assert_int_equal(rowset_build(b, &day), 0);
	assert_int_equal(rules_new(set, &rules), 0);
	v = verdicts_on(rules, day);
	assert_int_equal(rowset_count(v), 1);
	row = rowset_row(v, 0);
	assert_true(row.times.len <= ROWSET_STRING_MAX && row.times.len > ROWSET_STRING_MAX - 20);
	assert_memory_equal(row.times.p, "00:00+299 00:01+299 ", 20);
	assert_string_equal(row.times.p + row.times.len - 4, " ...");
	assert_memory_equal(row.group.p, "application task h=", 19);
	assert_int_equal(row.group.len, 19 + 32);
	assert_int_equal(row.application.len, sizeof activity);
	rules_free(rules);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_total_is_judged_once_and_no_order_matters),
	    cmocka_unit_test(a_code_in_any_title_of_an_entry_is_the_entrys),
	    cmocka_unit_test(what_is_no_key_is_said_by_the_longest_row),
	    cmocka_unit_test(an_entry_that_is_too_short_is_dropped_as_a_whole),
	    cmocka_unit_test(what_is_too_long_is_cut_and_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
