/* SPDX-License-Identifier: Apache-2.0 */
#include "store_unit.h"

#include <errno.h>

#include "store/verdicts.h"

static int
insert_run(struct txn *txn, void *arg)
{
	return txn_entry_insert(txn, arg);
}

static int
update_run(struct txn *txn, void *arg)
{
	return txn_entry_update(txn, arg);
}

static int
get_run(struct txn *txn, void *arg)
{
	struct entry_row *entry = arg;

	return txn_entry_get(txn, entry->entry_id, entry);
}

/* A draft with words of its own; the caller releases it. */
static struct entry_row
draft(int64_t user, day_t day, const char *hash, const char *description)
{
	struct entry_row e = ENTRY_ROW_INIT;

	e.alp_user_id = user;
	e.day = day;
	e.status = ENTRY_PENDING;
	snprintf(e.source_hash, sizeof e.source_hash, "%s", hash);
	e.application = xstrdup("Word");
	e.task_description = xstrdup(description);
	e.total_seconds = 360;
	e.units_tenths = 10;
	e.rounding = 1;
	e.created_ms = e.updated_ms = NOW_MS;
	return e;
}

static int64_t
add(struct bench *b, struct entry_row entry)
{
	int64_t id;

	assert_int_equal(write_now(b->store, insert_run, &entry), 0);
	assert_int_equal(entry.revision, 1);
	id = entry.entry_id;
	entry_row_release(&entry);
	return id;
}

static struct entry_row
get(struct bench *b, int64_t id)
{
	struct entry_row entry = ENTRY_ROW_INIT;

	entry.entry_id = id;
	assert_int_equal(read_now(b->store, get_run, &entry), 0);
	return entry;
}

static void
an_entry_keeps_every_field(void **state)
{
	struct bench *b = *state;
	struct entry_row e = draft(7, DAY_ONE, "abc", "Letter to Smith"), back;

	e.matter_code = xstrdup("SMI-1");
	e.matter_rule = xstrdup("code");
	e.minimum_tenths = 2;
	e.person_description = xstrdup("Letter");
	e.person_units_tenths = 0;
	e.person_matter = xstrdup("");
	e.notes = xstrdup("n");
	e.status = ENTRY_SUBMITTED;
	e.frozen_seconds = 360;
	e.rows_vanished = true;
	assert_int_equal(write_now(b->store, insert_run, &e), 0);
	back = get(b, e.entry_id);
	assert_int_equal(back.alp_user_id, 7);
	assert_int_equal(back.day, DAY_ONE);
	assert_int_equal(back.status, ENTRY_SUBMITTED);
	assert_string_equal(back.source_hash, "abc");
	assert_string_equal(back.application, "Word");
	assert_string_equal(back.task_description, "Letter to Smith");
	assert_int_equal(back.total_seconds, 360);
	assert_int_equal(back.units_tenths, 10);
	assert_string_equal(back.matter_code, "SMI-1");
	assert_string_equal(back.matter_rule, "code");
	assert_int_equal(back.rounding, 1);
	assert_int_equal(back.minimum_tenths, 2);
	assert_string_equal(back.person_description, "Letter");
	assert_int_equal(back.person_units_tenths, 0);
	assert_string_equal(back.person_matter, "");
	assert_string_equal(back.notes, "n");
	assert_int_equal(back.frozen_seconds, 360);
	assert_true(back.rows_vanished);
	assert_int_equal(back.created_ms, NOW_MS);
	assert_int_equal(back.updated_ms, NOW_MS);
	entry_row_release(&back);
	entry_row_release(&e);
}

struct many {
	struct entry_list list;
	bool which[3];
};

static int
insert_many_run(struct txn *txn, void *arg)
{
	struct many *many = arg;
	int64_t first = 0;
	int r = txn_entry_take_ids(txn, (int64_t)many->list.count, &first);

	for (size_t i = 0; i < many->list.count; i++)
		many->list.rows[i].entry_id = first + (int64_t)i;
	return r < 0 ? r : txn_entry_insert_many(txn, &many->list, many->which);
}

static void
assert_same_entry(const struct entry_row *a, const struct entry_row *e)
{
	assert_int_equal(a->alp_user_id, e->alp_user_id);
	assert_int_equal(a->day, e->day);
	assert_int_equal(a->status, e->status);
	assert_int_equal(a->revision, 1);
	assert_string_equal(a->source_hash, e->source_hash);
	assert_string_equal(a->application, e->application);
	assert_string_equal(a->task_description, e->task_description);
	assert_int_equal(a->total_seconds, e->total_seconds);
	assert_int_equal(a->units_tenths, e->units_tenths);
	assert_string_equal(a->matter_code, e->matter_code);
	assert_string_equal(a->matter_rule, e->matter_rule);
	assert_string_equal(a->matter_evidence, e->matter_evidence);
	assert_int_equal(a->rounding, e->rounding);
	assert_int_equal(a->units_per, e->units_per);
	assert_int_equal(a->minimum_tenths, e->minimum_tenths);
	assert_int_equal(a->verdicts_id, e->verdicts_id);
	assert_int_equal(a->supplement_of, e->supplement_of);
	assert_string_equal(a->machine_values, e->machine_values);
	assert_string_equal(a->person_application, e->person_application);
	assert_string_equal(a->person_description, e->person_description);
	assert_int_equal(a->person_units_tenths, e->person_units_tenths);
	assert_string_equal(a->person_matter, e->person_matter);
	assert_string_equal(a->notes, e->notes);
	assert_int_equal(a->frozen_seconds, e->frozen_seconds);
	assert_int_equal(a->drift_seconds, e->drift_seconds);
	assert_int_equal(a->confirmed_ms, e->confirmed_ms);
	assert_int_equal(a->rows_vanished, e->rows_vanished);
	assert_int_equal(a->created_ms, e->created_ms);
	assert_int_equal(a->updated_ms, e->updated_ms);
}

/* Every field another number or text, so that none can stand in another's column. */
static void
fill_every_field(struct entry_row *e)
{
	*e = draft(7, DAY_ONE, "hash", "task");
	e->status = ENTRY_SUBMITTED;
	e->supplement_of = 3; /* the third of the list */
	e->machine_values = xstrdup("values");
	e->person_application = xstrdup("application");
	e->drift_seconds = -112;
	e->confirmed_ms = 113;
	e->total_seconds = 108;
	e->units_tenths = 102;
	e->matter_code = xstrdup("code");
	e->matter_rule = xstrdup("rule");
	e->matter_evidence = xstrdup("evidence");
	e->rounding = 103;
	e->units_per = 104;
	e->minimum_tenths = 105;
	e->verdicts_id = 0;
	e->person_description = xstrdup("description");
	e->person_units_tenths = 107;
	e->person_matter = xstrdup("matter");
	e->notes = xstrdup("notes");
	e->frozen_seconds = 108;
	e->rows_vanished = true;
	e->created_ms = 109;
	e->updated_ms = 110;
}

static void
entries_given_at_once_keep_every_field(void **state)
{
	struct bench *b = *state;
	struct entry_row rows[3], back;
	struct many many = {.list = {.rows = rows, .count = 3}, .which = {true, false, true}};

	fill_every_field(&rows[0]);
	rows[1] = draft(7, DAY_ONE, "not this", "x");
	rows[2] = draft(7, DAY_ONE, "other", "y");
	assert_int_equal(write_now(b->store, insert_many_run, &many), 0);
	back = get(b, rows[0].entry_id);
	assert_same_entry(&back, &rows[0]);
	entry_row_release(&back);
	back = get(b, rows[2].entry_id);
	assert_string_equal(back.source_hash, "other");
	assert_null(back.matter_code);
	entry_row_release(&back);
	back.entry_id = rows[1].entry_id;
	assert_int_equal(read_now(b->store, get_run, &back), -ENOENT);
	/* Once more is once too often, and leaves nothing of the closure. */
	assert_int_equal(write_now(b->store, insert_many_run, &many), -EEXIST);
	for (size_t i = 0; i < 3; i++)
		entry_row_release(&rows[i]);
}

static const struct decided {
	day_t day;
	int64_t verdicts_id;
	const char *rules; /* "": nothing is stored of the verdicts, or there are none */
} decided[] = {{DAY_ONE, 1, "r1"}, {DAY_ONE, 2, "r2"}, {DAY_ONE, 2, "r2"}, {DAY_ONE, 0, ""}, {DAY_ONE, 1, "r1"}, {DAY_ONE + 1, 1, "other"}, {DAY_ONE + 1, 0, ""}};

static int
decide_run(struct txn *txn, void *arg)
{
	(void)arg;
	for (size_t i = 0; i < ELEMENTSOF(decided); i++) {
		struct verdicts_row row = {.verdicts_id = decided[i].verdicts_id, .rounding = 1};
		_cleanup_free_ char *hash = xasprintf("hash %zu", i);
		struct entry_row e = draft(7, decided[i].day, hash, "x");
		int r = 0;

		e.verdicts_id = decided[i].verdicts_id;
		snprintf(row.rules_version, sizeof row.rules_version, "%s", decided[i].rules);
		if (i == 0 || i == 1 || i == 5)
			r = txn_verdicts_put(txn, 7, decided[i].day, &row, STR("v"));
		if (r == 0)
			r = txn_entry_insert(txn, &e);
		entry_row_release(&e);
		if (r < 0)
			return r;
	}
	return 0;
}

static int
list_decided_run(struct txn *txn, void *arg)
{
	const struct entry_filter filter = {.alp_user_id = 7, .from = DAY_ONE, .to = DAY_ONE + 1};

	return txn_entry_list(txn, &filter, arg);
}

static void
the_rules_of_an_entry_are_those_of_its_verdicts(void **state)
{
	struct bench *b = *state;
	struct entry_list list = {0};

	assert_int_equal(write_now(b->store, decide_run, NULL), 0);
	assert_int_equal(read_now(b->store, list_decided_run, &list), 0);
	assert_int_equal(list.count, ELEMENTSOF(decided));
	for (size_t i = 0; i < list.count; i++) {
		struct entry_row alone = get(b, list.rows[i].entry_id);

		assert_int_equal(list.rows[i].verdicts_id, decided[i].verdicts_id);
		assert_string_equal(list.rows[i].rules_version, decided[i].rules);
		assert_string_equal(alone.rules_version, decided[i].rules);
		entry_row_release(&alone);
	}
	entry_list_release(&list);
}

static void
the_same_source_makes_one_entry_a_user(void **state)
{
	struct bench *b = *state;
	struct entry_row again = draft(1, DAY_ONE, "abc", "x");

	add(b, draft(1, DAY_ONE, "abc", "x"));
	assert_int_equal(write_now(b->store, insert_run, &again), -EEXIST);
	assert_int_equal(again.entry_id, 0);
	add(b, draft(2, DAY_ONE, "abc", "x"));
	entry_row_release(&again);
}

static void
a_change_to_a_row_that_changed_meanwhile_is_refused(void **state)
{
	struct bench *b = *state;
	int64_t id = add(b, draft(1, DAY_ONE, "abc", "x"));
	struct entry_row mine = get(b, id), theirs = get(b, id), now;

	mine.notes = xstrdup("mine");
	assert_int_equal(write_now(b->store, update_run, &mine), 0);
	assert_int_equal(mine.revision, 2);
	assert_int_equal(write_now(b->store, update_run, &theirs), -ESTALE);
	now = get(b, id);
	assert_string_equal(now.notes, "mine");
	assert_int_equal(now.revision, 2);
	entry_row_release(&mine);
	entry_row_release(&theirs);
	entry_row_release(&now);
}

static int
insert_and_fail(struct txn *txn, void *arg)
{
	int r = txn_entry_insert(txn, arg);

	return r < 0 ? r : -ECANCELED;
}

static void
entry_ids_grow_and_a_failed_insert_leaves_nothing(void **state)
{
	struct bench *b = *state;
	struct entry_row e = draft(1, DAY_ONE, "abc", "x"), none = {.entry_id = 0};
	int64_t first = add(b, draft(1, DAY_ONE, "one", "x"));

	assert_int_equal(write_now(b->store, insert_and_fail, &e), -ECANCELED);
	none.entry_id = e.entry_id;
	assert_int_equal(read_now(b->store, get_run, &none), -ENOENT);
	assert_true(add(b, draft(2, DAY_ONE, "two", "x")) > first);
	entry_row_release(&e);
}

struct listing {
	struct entry_filter filter;
	struct entry_list list;
};

static int
list_run(struct txn *txn, void *arg)
{
	struct listing *l = arg;

	return txn_entry_list(txn, &l->filter, &l->list);
}

static size_t
count_of(struct bench *b, struct entry_filter filter)
{
	struct listing l = {.filter = filter};
	size_t count;

	l.filter.alp_user_id = 1;
	if (l.filter.to == 0)
		l.filter.to = DAY_MAX;
	assert_int_equal(read_now(b->store, list_run, &l), 0);
	count = l.list.count;
	entry_list_release(&l.list);
	return count;
}

static void
some_entries(struct bench *b)
{
	struct entry_row e = draft(1, DAY_ONE, "h1", "Letter to Müller");

	e.matter_code = xstrdup("A-1");
	add(b, e);
	e = draft(1, DAY_ONE + 1, "h2", "Call");
	e.matter_code = xstrdup("A-1");
	e.person_matter = xstrdup("B-2");
	e.person_description = xstrdup("ΣΊΣΥΦΟΣ 100%_done");
	add(b, e);
	e = draft(1, DAY_ONE + 2, "h3", "Call");
	e.status = ENTRY_IGNORED;
	e.notes = xstrdup("said no");
	e.updated_ms = NOW_MS + 10;
	add(b, e);
	add(b, draft(2, DAY_ONE, "h1", "Letter"));
}

static void
a_list_is_narrowed_by_what_its_reader_sees(void **state)
{
	struct bench *b = *state;

	some_entries(b);
	assert_int_equal(count_of(b, (struct entry_filter){0}), 3);
	assert_int_equal(count_of(b, (struct entry_filter){.from = DAY_ONE + 1, .to = DAY_ONE + 1}), 1);
	assert_int_equal(count_of(b, (struct entry_filter){.statuses = 1u << ENTRY_IGNORED}), 1);
	assert_int_equal(count_of(b, (struct entry_filter){.statuses = 1u << ENTRY_IGNORED | 1u << ENTRY_PENDING}), 3);
	assert_int_equal(count_of(b, (struct entry_filter){.statuses = 1u << ENTRY_WITHDRAWN}), 0);
	assert_int_equal(count_of(b, (struct entry_filter){.matter_code = "A-1"}), 1);
	assert_int_equal(count_of(b, (struct entry_filter){.matter_code = "B-2"}), 1);
	assert_int_equal(count_of(b, (struct entry_filter){.matter_code = ""}), 1);
	assert_int_equal(count_of(b, (struct entry_filter){.updated_since_ms = NOW_MS + 1}), 1);
}

static void
a_search_ignores_case_in_every_script_and_has_no_wildcards(void **state)
{
	struct bench *b = *state;

	some_entries(b);
	assert_int_equal(count_of(b, (struct entry_filter){.text = "MÜLLER"}), 1);
	/* The letter and its two dots, written apart. */
	assert_int_equal(count_of(b, (struct entry_filter){.text = "mu\xcc\x88ller"}), 1);
	assert_int_equal(count_of(b, (struct entry_filter){.text = "σίσυφος"}), 1);
	assert_int_equal(count_of(b, (struct entry_filter){.text = "0%_D"}), 1);
	assert_int_equal(count_of(b, (struct entry_filter){.text = "%"}), 1);
	assert_int_equal(count_of(b, (struct entry_filter){.text = "SAID"}), 1);
	assert_int_equal(count_of(b, (struct entry_filter){.text = "word"}), 3);
	/* The machine's words, which a person replaced, are not what a reader sees. */
	assert_int_equal(count_of(b, (struct entry_filter){.text = "call"}), 1);
	assert_int_equal(count_of(b, (struct entry_filter){.text = "\xff"}), 0);
}

static void
pages_follow_each_other_without_gap_or_repeat(void **state)
{
	struct bench *b = *state;
	struct listing page = {.filter = {.alp_user_id = 1, .from = DAY_ONE, .to = DAY_MAX, .limit = 3}};
	size_t seen = 0;
	int64_t last_key = 0;
	char hash[16];

	for (int i = 0; i < 20; i++) {
		snprintf(hash, sizeof hash, "%d", i);
		add(b, draft(1, DAY_ONE + (i * 7) % 4, hash, "x"));
	}
	do {
		entry_list_release(&page.list);
		assert_int_equal(read_now(b->store, list_run, &page), 0);
		for (size_t i = 0; i < page.list.count; i++) {
			int64_t key = (int64_t)page.list.rows[i].day * 1000 + page.list.rows[i].entry_id;

			assert_true(key > last_key);
			last_key = key;
			page.filter.after_day = page.list.rows[i].day;
			page.filter.after_id = page.list.rows[i].entry_id;
		}
		seen += page.list.count;
	} while (page.list.count > 0);
	assert_int_equal(seen, 20);
	entry_list_release(&page.list);
}

static int
load_day_run(struct txn *txn, void *arg)
{
	return txn_entry_load_day(txn, 1, DAY_ONE, arg);
}

static void
a_day_is_loaded_whole_whatever_the_status(void **state)
{
	struct bench *b = *state;
	struct entry_row e = draft(1, DAY_ONE, "b", "x");
	struct entry_list list = {0};

	add(b, draft(1, DAY_ONE, "a", "x"));
	e.status = ENTRY_WITHDRAWN;
	add(b, e);
	add(b, draft(1, DAY_ONE + 1, "c", "x"));
	assert_int_equal(read_now(b->store, load_day_run, &list), 0);
	assert_int_equal(list.count, 2);
	assert_true(list.rows[0].entry_id < list.rows[1].entry_id);
	entry_list_release(&list);
}

static void
touching_any_field_counts_and_the_status_does_not(void **state)
{
	struct entry_row e = ENTRY_ROW_INIT;
	char text[] = "";

	(void)state;
	e.status = ENTRY_IGNORED;
	assert_false(entry_touched(&e));
	e.person_units_tenths = 0;
	assert_true(entry_touched(&e));
	e = ENTRY_ROW_INIT;
	e.person_matter = text;
	assert_true(entry_touched(&e));
	assert_string_equal(entry_status_name(ENTRY_WITHDRAWN), "withdrawn");
	assert_string_equal(entry_status_name((enum entry_status)9), "unknown");
}

static int
user_put_run(struct txn *txn, void *arg)
{
	return txn_user_put(txn, arg);
}

static int
user_get_run(struct txn *txn, void *arg)
{
	struct user_row *user = arg;

	return txn_user_get(txn, user->alp_user_id, user);
}

static int
user_delete_run(struct txn *txn, void *arg)
{
	return txn_user_delete(txn, *(int64_t *)arg);
}

static void
a_user_keeps_the_instant_it_was_first_seen(void **state)
{
	struct bench *b = *state;
	struct user_row user = {.alp_user_id = ALP_USER_ID_MAX, .time_zone = "Australia/Sydney", .created_ms = 5, .updated_ms = 5};
	struct user_row beyond = {.alp_user_id = ALP_USER_ID_MAX + 1};
	int64_t id = user.alp_user_id;

	assert_int_equal(write_now(b->store, user_put_run, &user), 0);
	user = (struct user_row){.alp_user_id = id, .time_zone = "UTC", .created_ms = 9, .updated_ms = 9};
	assert_int_equal(write_now(b->store, user_put_run, &user), 0);
	assert_int_equal(read_now(b->store, user_get_run, &user), 0);
	assert_string_equal(user.time_zone, "UTC");
	assert_int_equal(user.created_ms, 5);
	assert_int_equal(user.updated_ms, 9);
	assert_int_equal(write_now(b->store, user_put_run, &beyond), -EINVAL);
	assert_int_equal(write_now(b->store, user_delete_run, &id), 0);
	assert_int_equal(write_now(b->store, user_delete_run, &id), -ENOENT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    STORE_TEST(an_entry_keeps_every_field),
	    STORE_TEST(entries_given_at_once_keep_every_field),
	    STORE_TEST(the_rules_of_an_entry_are_those_of_its_verdicts),
	    STORE_TEST(the_same_source_makes_one_entry_a_user),
	    STORE_TEST(a_change_to_a_row_that_changed_meanwhile_is_refused),
	    STORE_TEST(entry_ids_grow_and_a_failed_insert_leaves_nothing),
	    STORE_TEST(a_list_is_narrowed_by_what_its_reader_sees),
	    STORE_TEST(a_search_ignores_case_in_every_script_and_has_no_wildcards),
	    STORE_TEST(pages_follow_each_other_without_gap_or_repeat),
	    STORE_TEST(a_day_is_loaded_whole_whatever_the_status),
	    cmocka_unit_test(touching_any_field_counts_and_the_status_does_not),
	    STORE_TEST(a_user_keeps_the_instant_it_was_first_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
