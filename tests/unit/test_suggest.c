/* SPDX-License-Identifier: Apache-2.0 */
/* What is learned of confirmations is what counting them again says, after whatever confirmations and reverts; and what is suggested follows from it. */
#include "app_unit.h"

#include <errno.h>
#include <string.h>

#include "app/learn.h"
#include "app/suggest.h"
#include "base/alloc.h"
#include "store/check.h"
#include "store/learned.h"
#include "store/words.h"

/* --- scores --------------------------------------------------------------------------------------------------------------- */

#define DAY_MS INT64_C(86400000)

static void
a_document_goes_before_a_client_and_that_before_an_application(void **state)
{
	(void)state;
	/* The least that one can be, with the least that can be said for it, over the most that the next can be. */
	assert_true(suggest_score(LESSON_DOCUMENT, 1, 20000, 4000 * DAY_MS) > suggest_score(LESSON_CLIENT, 20000, 20000, 0));
	assert_true(suggest_score(LESSON_CLIENT, 1, 20000, 4000 * DAY_MS) > suggest_score(LESSON_APPLICATION, 20000, 20000, 0));
	assert_true(suggest_score(LESSON_APPLICATION, 1, 20000, 4000 * DAY_MS) > 0);
	assert_true(suggest_score(LESSON_DOCUMENT, 20000, 20000, 0) / 1000 <= 99);
}

static void
more_often_and_more_lately_is_likelier(void **state)
{
	(void)state;
	for (int64_t times = 1; times < 50; times++)
		assert_true(suggest_score(LESSON_DOCUMENT, times + 1, 60, 0) > suggest_score(LESSON_DOCUMENT, times, 60, 0));
	for (int64_t days = 0; days < 500; days++)
		assert_true(suggest_score(LESSON_CLIENT, 3, 4, days * DAY_MS) >= suggest_score(LESSON_CLIENT, 3, 4, (days + 1) * DAY_MS));
	assert_true(suggest_score(LESSON_CLIENT, 3, 4, 30 * DAY_MS) > suggest_score(LESSON_CLIENT, 3, 4, 200 * DAY_MS));
	/* A clock that was set back. */
	assert_int_equal(suggest_score(LESSON_CLIENT, 3, 4, -5 * DAY_MS), suggest_score(LESSON_CLIENT, 3, 4, 0));
	/* 60 + 39 * 1/2 * 1/2. */
	assert_int_equal(suggest_score(LESSON_DOCUMENT, 1, 2, 0), 69750);
}

static void
versions_of_a_document_are_one_document(void **state)
{
	static const struct {
		const char *title, *words;
	} cases[] = {
	    {"Lease v2.docx", "Lease docx"}, {"Lease v3.docx", "Lease docx"}, {"Lease version 3 [22069]", "Lease"}, {"22069 - Lease (2026-11-20)", "Lease"},
	    {"Lease 12 March 2026", "Lease"}, {"Lease of the March family", "Lease of the March family"}, {"Version control", "Version control"},
	    {"12345", ""}, {"", ""}, {"Bäume & Größe", "Bäume Größe"},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
		_cleanup_free_ char *words = learn_document_words(cases[i].title);

		assert_string_equal(words, cases[i].words);
	}
}

/* --- a store ---------------------------------------------------------------------------------------------------------------- */

#define USERS   2
#define ENTRIES 12 /* of each */

struct taught {
	bool is;
	char matter[8];
	int64_t seconds, at_ms;
};

static struct bench {
	char dir[64], path[96];
	struct store *store;
	struct app *app;
	int64_t ids[USERS + 1][ENTRIES];
	struct taught taught[USERS + 1][ENTRIES]; /* by the test's own account */
	uint64_t random;
} b;

static const char *const tasks[] = {"Lease v1", "Lease v2", "Deed of gift", "Note 7"};
static const char *const applications[] = {"Word", "Acrobat Reader"};

static const char *
task_of(size_t entry)
{
	return tasks[entry % ELEMENTSOF(tasks)];
}

static const char *
application_of(size_t entry)
{
	return applications[entry % 3 == 0];
}

static uint64_t
chance(uint64_t n)
{
	b.random = b.random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (b.random >> 33) % n;
}

/* The verb's result. */
#define CALL(r, verb, v)                                                                                               \
	do {                                                                                                           \
		struct verb_answer answer_ = {false, 0};                                                               \
		verb(b.app, (v), verb_done, &answer_);                                                                 \
		*(r) = verb_await(b.store, &answer_);                                                                  \
	} while (false)

static int
insert_run(struct txn *txn, void *arg)
{
	(void)arg;
	for (int64_t user = 1; user <= USERS; user++) {
		for (size_t i = 0; i < ENTRIES; i++) {
			struct entry_row e = ENTRY_ROW_INIT;
			int r;

			e.alp_user_id = user;
			e.day = 20000;
			e.status = ENTRY_PENDING;
			snprintf(e.source_hash, sizeof e.source_hash, "%d-%d", (int)user, (int)i);
			e.application = xstrdup(application_of(i));
			e.task_description = xstrdup(task_of(i));
			e.total_seconds = 100 + (int64_t)i;
			r = txn_entry_insert(txn, &e);
			b.ids[user][i] = e.entry_id;
			entry_row_release(&e);
			if (r < 0)
				return r;
		}
	}
	return 0;
}

static int
in_store(int (*run)(struct txn *, void *), bool write)
{
	struct verb_answer a = {false, 0};

	(write ? store_write : store_read)(b.store, run, verb_done, &a);
	return verb_await(b.store, &a);
}

static int
setup(void **state)
{
	struct store_options options = {.path = b.path, .readers = 2};
	struct app_options app_options = {.hooks = IDLE_HOOKS, .max_live_jobs = 10, .default_zone = "UTC",
	    .units = {.rounding = ROUNDING_TENTH_UP}};
	bool migrated;
	int schema;

	(void)state;
	memset(&b, 0, sizeof b);
	b.random = 11;
	snprintf(b.dir, sizeof b.dir, "/tmp/rtalp-suggest-XXXXXX");
	assert_non_null(mkdtemp(b.dir));
	snprintf(b.path, sizeof b.path, "%s/t.db", b.dir);
	assert_int_equal(store_open(&options, &b.store, &schema, &migrated), 0);
	app_options.store = b.store;
	b.app = app_new(&app_options);
	app_has_keeper(b.app, 1);
	assert_int_equal(in_store(insert_run, true), 0);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	b.store = store_close(b.store);
	b.app = app_free(b.app);
	remove_store(b.path, b.dir);
	return 0;
}

static void
confirm(int64_t user, size_t i, const char *matter)
{
	struct entry_confirm v = {.entry_id = b.ids[user][i], .alp_user_id = user, .day = -1, .units_tenths = -1, .matter = matter};
	struct taught *t = &b.taught[user][i];
	int r;

	CALL(&r, app_entry_confirm, &v);
	assert_int_equal(r, 0);
	/* The same again says nothing new, and teaches nothing that was erased. */
	if (v.created || strcmp(t->matter, matter) != 0)
		*t = (struct taught){.is = matter[0] != '\0', .seconds = v.entry.frozen_seconds, .at_ms = v.entry.confirmed_ms};
	snprintf(t->matter, sizeof t->matter, "%s", matter);
	entry_confirm_release(&v);
}

static void
revert(int64_t user, size_t i)
{
	struct entry_revert v = {.entry_id = b.ids[user][i], .alp_user_id = user};
	int r;

	CALL(&r, app_entry_revert, &v);
	assert_int_equal(r, 0);
	b.taught[user][i].is = false;
	entry_revert_release(&v);
}

static void
erase(int64_t user)
{
	struct learned_erase v = {.alp_user_id = user};
	int r;

	CALL(&r, app_learned_erase, &v);
	assert_int_equal(r, 0);
	for (size_t i = 0; i < ENTRIES; i++)
		b.taught[user][i].is = false;
}

/* --- counting again --------------------------------------------------------------------------------------------------------- */

static bool
has_key(size_t entry, enum lesson_kind kind, const char *key)
{
	_cleanup_free_ char *words = kind == LESSON_DOCUMENT ? learn_document_words(task_of(entry)) : xstrdup(application_of(entry));
	_cleanup_free_ char *own = words_key(words);

	return strcmp(own, key) == 0;
}

static struct learned_row
count_again(int64_t user, enum lesson_kind kind, const char *key, const char *matter)
{
	struct learned_row row = {.times = 0};

	for (size_t i = 0; i < ENTRIES; i++) {
		const struct taught *t = &b.taught[user][i];

		if (!t->is || strcmp(t->matter, matter) != 0 || !has_key(i, kind, key))
			continue;
		row.times++;
		row.seconds += t->seconds;
		row.last_ms = MAX_OF(row.last_ms, t->at_ms);
	}
	return row;
}

static const char *const matters[] = {"", "100", "200", "300"};

static int
compare_run(struct txn *txn, void *arg)
{
	static const struct {
		enum lesson_kind kind;
		const char *key;
	} keys[] = {{LESSON_DOCUMENT, "lease"}, {LESSON_DOCUMENT, "deed of gift"}, {LESSON_DOCUMENT, "note"}, {LESSON_APPLICATION, "word"},
	    {LESSON_APPLICATION, "acrobat reader"}};

	(void)arg;
	for (int64_t user = 1; user <= USERS; user++) {
		for (size_t k = 0; k < ELEMENTSOF(keys); k++) {
			_cleanup_(learned_list_release) struct learned_list list = {0};
			size_t expected = 0;

			assert_int_equal(txn_learned_find(txn, user, keys[k].kind, keys[k].key, &list), 0);
			for (size_t m = 1; m < ELEMENTSOF(matters); m++) {
				struct learned_row row = count_again(user, keys[k].kind, keys[k].key, matters[m]);

				if (row.times == 0)
					continue;
				assert_true(expected < list.count);
				assert_string_equal(list.rows[expected].matter, matters[m]);
				assert_int_equal(list.rows[expected].times, row.times);
				assert_int_equal(list.rows[expected].seconds, row.seconds);
				assert_int_equal(list.rows[expected].last_ms, row.last_ms);
				expected++;
			}
			assert_int_equal(list.count, expected);
		}
	}
	return 0;
}

static int
check_run(struct txn *txn, void *arg)
{
	_cleanup_free_ char *violation = NULL;
	int r = store_check(txn, &violation);

	(void)arg;
	if (r != 0)
		print_error("store_check: %s\n", violation != NULL ? violation : "could not look");
	return r;
}

static void
what_is_learned_is_what_counting_the_confirmations_again_says(void **state)
{
	(void)state;
	for (int step = 0; step < 600; step++) {
		int64_t user = 1 + (int64_t)chance(USERS);
		size_t entry = chance(ENTRIES);

		if (chance(60) == 0)
			erase(user);
		else if (chance(3) == 0)
			revert(user, entry);
		else
			confirm(user, entry, matters[chance(ELEMENTSOF(matters))]);
		assert_int_equal(in_store(compare_run, false), 0);
	}
	assert_int_equal(in_store(check_run, false), 0);
}

/* --- bounds ----------------------------------------------------------------------------------------------------------------- */

static int
bound_run(struct txn *txn, void *arg)
{
	struct learned_list list = {0};

	(void)arg;
	for (int64_t i = 1; i <= 10; i++) {
		struct lesson mine = {.entry_id = i, .kind = LESSON_DOCUMENT, .key = i <= 5 ? "old" : "new", .matter = "1", .at_ms = i};
		struct lesson other = {.entry_id = 100 + i, .kind = LESSON_DOCUMENT, .key = "old", .matter = "1", .at_ms = i};

		assert_int_equal(txn_lesson_add(txn, 7, &mine), 0);
		assert_int_equal(txn_lesson_add(txn, 8, &other), 0);
	}
	assert_int_equal(txn_lessons_bound(txn, 7, 6), 0);
	assert_int_equal(txn_learned_find(txn, 7, LESSON_DOCUMENT, "old", &list), 0);
	assert_int_equal(list.count, 1);
	assert_int_equal(list.rows[0].times, 1);
	assert_int_equal(list.rows[0].last_ms, 5);
	learned_list_release(&list);
	assert_int_equal(txn_lessons_bound(txn, 7, 5), 0);
	assert_int_equal(txn_learned_find(txn, 7, LESSON_DOCUMENT, "old", &list), 0);
	assert_int_equal(list.count, 0);
	assert_int_equal(txn_learned_find(txn, 8, LESSON_DOCUMENT, "old", &list), 0);
	assert_int_equal(list.rows[0].times, 10);
	learned_list_release(&list);
	return 0;
}

static void
the_oldest_lessons_of_a_user_go_first_and_nobody_elses(void **state)
{
	(void)state;
	assert_int_equal(in_store(bound_run, true), 0);
}

/* --- what is told ------------------------------------------------------------------------------------------------------------ */

static int
suggest_run(struct txn *txn, void *arg)
{
	struct entry_list list = {0};

	(void)arg;
	assert_int_equal(txn_entry_load_day(txn, 1, 20000, &list), 0);
	assert_int_equal(txn_suggest(txn, "UTC", b.taught[1][0].at_ms + 40 * DAY_MS, list.rows, list.count), 0);
	assert_int_equal(list.rows[0].suggested_count, 0); /* it is confirmed */
	assert_int_equal(list.rows[1].suggested_count, 2);
	assert_string_equal(list.rows[1].suggested[0].matter_code, "100");
	assert_true(strncmp(list.rows[1].suggested[0].reason, "you confirmed 100 for \"Lease\" 2 times, last on ", 47) == 0);
	assert_string_equal(list.rows[1].suggested[1].matter_code, "200");
	assert_true(list.rows[1].suggested[0].score > list.rows[1].suggested[1].score);
	assert_int_equal(list.rows[2].suggested_count, 1); /* the same application, and nothing of its title */
	assert_true(list.rows[2].suggested[0].score < 30);
	entry_list_release(&list);
	assert_int_equal(txn_entry_load_day(txn, 2, 20000, &list), 0);
	assert_int_equal(txn_suggest(txn, "UTC", INT64_C(1800000000000), list.rows, list.count), 0);
	for (size_t i = 0; i < list.count; i++)
		assert_int_equal(list.rows[i].suggested_count, 0);
	entry_list_release(&list);
	return 0;
}

static void
the_likeliest_comes_first_with_its_reason_and_for_its_person_only(void **state)
{
	(void)state;
	confirm(1, 0, "100"); /* Lease v1, in Acrobat Reader */
	confirm(1, 4, "100"); /* Lease v1, in Word */
	confirm(1, 5, "200"); /* Lease v2, in Word */
	revert(1, 5);
	confirm(1, 9, "200"); /* Lease v2, in Acrobat Reader */
	assert_int_equal(in_store(suggest_run, false), 0);
}

#define LONG_LIST 700

static int
long_list_run(struct txn *txn, void *arg)
{
	struct entry_list list = {.rows = xcalloc(LONG_LIST, sizeof *list.rows), .count = LONG_LIST};

	(void)arg;
	for (size_t i = 0; i < LONG_LIST; i++) {
		list.rows[i] = ENTRY_ROW_INIT;
		list.rows[i].alp_user_id = 1;
		list.rows[i].status = ENTRY_PENDING;
		list.rows[i].task_description = xstrdup("Something else");
		list.rows[i].application = i % 7 == 0 ? xstrdup("Word") : xasprintf("Program %zu", i);
	}
	assert_int_equal(txn_suggest(txn, "UTC", INT64_C(1800000000000), list.rows, list.count), 0);
	for (size_t i = 0; i < LONG_LIST; i++) {
		assert_int_equal(list.rows[i].suggested_count, i % 7 == 0);
		if (i % 7 == 0)
			assert_string_equal(list.rows[i].suggested[0].matter_code, "100");
	}
	entry_list_release(&list);
	return 0;
}

static void
a_list_of_many_applications_is_told_of_each_what_it_would_be_told_of_it_alone(void **state)
{
	(void)state;
	confirm(1, 4, "100"); /* in Word */
	assert_int_equal(in_store(long_list_run, false), 0);
}

#define STORE_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_document_goes_before_a_client_and_that_before_an_application),
	    cmocka_unit_test(more_often_and_more_lately_is_likelier),
	    cmocka_unit_test(versions_of_a_document_are_one_document),
	    STORE_TEST(what_is_learned_is_what_counting_the_confirmations_again_says),
	    STORE_TEST(the_oldest_lessons_of_a_user_go_first_and_nobody_elses),
	    STORE_TEST(the_likeliest_comes_first_with_its_reason_and_for_its_person_only),
	    STORE_TEST(a_list_of_many_applications_is_told_of_each_what_it_would_be_told_of_it_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
