/* SPDX-License-Identifier: Apache-2.0 */
/* Histories in which time would be posted twice or forgotten: an ALP that answers with something else, settings and a clock that changed. */
#include "posting_unit.h"

static void
an_answer_with_anothers_reference_is_no_answer(void **state)
{
	int64_t first = posting_of(0, COMPONENT), second = posting_of(0, COMPONENT + 1);
	struct posting_get p = look_at(first);
	struct alp_entry there = alps("9001");

	(void)state;
	snprintf(there.reference, sizeof there.reference, "%s", p.posting.reference);
	posting_get_release(&p);
	assert_int_equal(begin(first, &nothing_listed), 1);
	assert_int_equal(sent_as(first, 1, POST_UNKNOWN, 0, NULL), 0);
	assert_int_equal(begin(second, &nothing_listed), 1);
	assert_int_equal(sent_as(second, 1, POST_POSTED, 201, &there), 0);
	stands(second, POSTING_UNKNOWN, "reference_of_another");
	looked(first, &(const struct alp_entries){&there, 1});
	stands(first, POSTING_POSTED, NULL);
}

/* An ALP that does not say where its entries belong: another lane's may be what was seen. */
static void
what_may_be_of_another_lane_is_for_a_person(void **state)
{
	int64_t first = posting_of(0, COMPONENT), second = posting_of(0, COMPONENT + 1);
	struct alp_entry there = alps("9001");
	const struct alp_entries listed = {&there, 1};

	(void)state;
	there.component_id = ALP_ABSENT;
	assert_int_equal(begin(first, &nothing_listed), 1);
	assert_int_equal(begin(second, &nothing_listed), 1);
	assert_int_equal(sent_as(first, 1, POST_UNKNOWN, 0, NULL), 0);
	for (int i = 0; i < 3; i++)
		looked(first, &listed);
	stands(first, POSTING_NEEDS_PERSON, "others_unsettled");
	/* Where it is said, lanes have nothing to do with one another. */
	there.component_id = COMPONENT + 1;
	assert_int_equal(sent_as(second, 1, POST_UNKNOWN, 0, NULL), 0);
	looked(second, &listed);
	stands(second, POSTING_POSTED, NULL);
}

/* The options are those of the day it is looked for, the body those of the day it was made. */
static void
what_was_sent_without_a_reference_is_not_looked_for_by_it(void **state)
{
	struct app_options options = options_of((struct alp_can){.lists_entries = true, .lists_fresh = true, .keeps_reference = true});
	struct alp_entry there = alps("9001");
	const struct alp_entries listed = {&there, 1};
	int64_t posting_id;

	(void)state;
	options.posting.reference_field[0] = '\0';
	app_reconfigure(b.app, &options);
	posting_id = posting_of(0, COMPONENT);
	assert_int_equal(begin(posting_id, NULL), 0);
	assert_int_equal(begin(posting_id, &nothing_listed), 1);
	assert_int_equal(sent_as(posting_id, 1, POST_UNKNOWN, 0, NULL), 0);
	there.units = 5;
	for (int i = 0; i < 3; i++)
		looked(posting_id, &listed);
	stands(posting_id, POSTING_NEEDS_PERSON, "candidate_differs");
}

static void
a_mark_in_the_notes_is_found_whatever_is_configured_since(void **state)
{
	struct app_options options = options_of(lists_all);
	struct alp_entry rows[] = {alps("9001"), alps("9002")};
	const struct alp_entries listed = {rows, 2};
	struct posting_get p;
	int64_t posting_id;

	(void)state;
	options.posting.reference_in_notes = true;
	app_reconfigure(b.app, &options);
	posting_id = posting_of(0, COMPONENT);
	assert_int_equal(begin(posting_id, &nothing_listed), 1);
	assert_int_equal(sent_as(posting_id, 1, POST_UNKNOWN, 0, NULL), 0);
	options.posting.reference_in_notes = false;
	app_reconfigure(b.app, &options);
	p = look_at(posting_id);
	rows[1].notes = p.posting.body;
	looked(posting_id, &listed);
	posting_get_release(&p);
	p = look_at(posting_id);
	assert_string_equal(p.posting.alp_entry_id, "9002");
	posting_get_release(&p);
}

/* Its clock was years ahead when they were put off, and is right again after the restart. */
static void
a_clock_that_was_wrong_keeps_nothing_waiting(void **state)
{
	const int64_t hour_ms = (int64_t)3600 * 1000;
	int64_t posting_id = posting_of(0, COMPONENT), begun_ms = 0;
	struct posting_put_off off = {.ids = &posting_id, .count = 1, .for_ms = 24 * 365 * hour_ms, .code = "alp_busy"};
	struct recovery v = {0};
	struct verb_answer a = {false, 0};
	struct posting_get p;

	(void)state;
	app_posting_put_off(b.app, &off, verb_done, &a);
	assert_int_equal(verb_await(b.store, &a), 0);
	close_app();
	open_app(lists_all);
	a.came = false;
	app_recover(b.app, &v, verb_done, &a);
	assert_int_equal(verb_await(b.store, &a), 0);
	recovery_release(&v);
	p = look_at(posting_id);
	begun_ms = p.posting.created_ms;
	assert_true(p.posting.next_ms <= begun_ms + 2 * hour_ms);
	posting_get_release(&p);
}

/* Who asks again and leaves the entry out means the same time. */
static void
the_same_wish_as_an_entrys_is_refused_for_a_while(void **state)
{
	int64_t first = posting_of(make_draft(), COMPONENT);
	struct post_submit again = a_wish(0, COMPONENT);

	(void)state;
	assert_int_equal(submit(&again), -EPERM);
	assert_int_equal(again.items[0].refusal, POST_AGAIN);
	assert_int_equal(again.items[0].first, first);
	post_submit_release(&again);
}

static void
an_answer_with_anothers_id_proves_nothing(void **state)
{
	int64_t first = posting_of(0, COMPONENT), second = posting_of(0, COMPONENT + 1), third = posting_of(0, COMPONENT + 2);
	struct alp_entry there = alps("9001"), old = alps("8000");
	const struct alp_entries before = {&old, 1};

	(void)state;
	assert_int_equal(begin(first, &nothing_listed), 1);
	assert_int_equal(sent_as(first, 1, POST_POSTED, 201, &there), 0);
	assert_int_equal(begin(second, &nothing_listed), 1);
	assert_int_equal(sent_as(second, 1, POST_POSTED, 201, &there), 0);
	stands(second, POSTING_UNKNOWN, "id_of_another");
	old.component_id = COMPONENT + 2;
	assert_int_equal(begin(third, &before), 1);
	assert_int_equal(sent_as(third, 1, POST_POSTED, 200, &old), 0);
	stands(third, POSTING_UNKNOWN, "id_of_before");
	/* Nor that it was not: it is not sent until ALP makes something of it. */
	for (int i = 0; i < 3; i++) {
		looked(second, &nothing_listed);
		looked(third, &before);
	}
	stands(second, POSTING_NEEDS_PERSON, "made_but_not_found");
	stands(third, POSTING_NEEDS_PERSON, "made_but_not_found");
	assert_int_equal(resolve(third, NULL), 0);
	assert_int_equal(begin(third, &before), 1);
}

struct aging {
	int64_t posting_id;
	struct verb_answer answer;
};

static int
age_run(struct txn *txn, void *arg)
{
	_cleanup_(posting_row_release) struct posting_row p = {.posting_id = 0};
	int r = txn_posting_get(txn, ((struct aging *)arg)->posting_id, &p);

	p.posted_ms -= (int64_t)3600 * 1000;
	return r < 0 ? r : txn_posting_update(txn, &p, p.updated_ms, NULL, NULL);
}

static void
aged(int r, void *arg)
{
	((struct aging *)arg)->answer = (struct verb_answer){true, r};
}

/* It was posted an hour ago. */
static void
age(int64_t posting_id)
{
	struct aging a = {.posting_id = posting_id};

	store_write(b.store, age_run, aged, &a);
	assert_int_equal(verb_await(b.store, &a.answer), 0);
}

/* Pages that ALP does not tell of: one that is known to be there is not in the listing. */
static void
a_listing_without_what_was_posted_before_proves_nothing(void **state)
{
	int64_t first = posting_of(0, COMPONENT), second = posting_of(0, COMPONENT + 1), third = posting_of(0, COMPONENT + 2);
	struct alp_entry rows[] = {alps("9001"), alps("7000")};
	const struct alp_entries both = {rows, 2}, half = {&rows[1], 1};

	(void)state;
	assert_int_equal(begin(first, &nothing_listed), 1);
	assert_int_equal(sent_as(first, 1, POST_POSTED, 201, &rows[0]), 0);
	age(first);
	assert_int_equal(begin(second, &both), 1);
	assert_int_equal(sent_as(second, 1, POST_UNKNOWN, 0, NULL), 0);
	for (int i = 0; i < 3; i++)
		looked(second, &half);
	stands(second, POSTING_NEEDS_PERSON, "listing_misses_others");
	/* Nor is something new because it was not in it. */
	rows[1].component_id = COMPONENT + 2;
	assert_int_equal(begin(third, &nothing_listed), 1);
	assert_int_equal(sent_as(third, 1, POST_UNKNOWN, 0, NULL), 0);
	looked(third, &both);
	stands(third, POSTING_NEEDS_PERSON, "not_listed_before");
}

static int
gone_run(struct txn *txn, void *arg)
{
	_cleanup_(posting_row_release) struct posting_row p = {.posting_id = 0};
	int r = txn_posting_get(txn, ((struct aging *)arg)->posting_id, &p);

	p.state = POSTING_GONE;
	p.alp_state = POSTING_ALP_DELETED;
	return r < 0 ? r : txn_posting_update(txn, &p, p.updated_ms, NULL, NULL);
}

/* ALP deleted it, or seemed to. */
static void
lose(int64_t posting_id)
{
	struct aging a = {.posting_id = posting_id};

	store_write(b.store, gone_run, aged, &a);
	assert_int_equal(verb_await(b.store, &a.answer), 0);
}

static void
what_was_missing_for_a_while_is_not_posted_beside_itself(void **state)
{
	int64_t entry_id = make_draft(), first = posting_of(entry_id, COMPONENT), second, third;
	struct alp_entry there = alps("9001");
	const struct alp_entries listed = {&there, 1};

	(void)state;
	assert_int_equal(begin(first, &nothing_listed), 1);
	assert_int_equal(sent_as(first, 1, POST_POSTED, 201, &there), 0);
	lose(first);
	second = posting_of(entry_id, COMPONENT);
	assert_int_not_equal(second, first);
	/* It is there after all. */
	assert_int_equal(begin(second, &listed), 0);
	stands(second, POSTING_REJECTED, "posted_before");
	/* Truly deleted it may be posted again. */
	there.state = ALP_ENTRY_DELETED;
	third = posting_of(entry_id, COMPONENT);
	assert_int_equal(begin(third, &listed), 1);
}

static void
put_off(int64_t posting_id)
{
	struct posting_put_off v = {.ids = &posting_id, .count = 1, .for_ms = 1, .code = "alp_list_unreadable"};
	struct verb_answer a = {false, 0};

	app_posting_put_off(b.app, &v, verb_done, &a);
	assert_int_equal(verb_await(b.store, &a), 0);
	posting_put_off_release(&v);
}

static void
half_listed(int64_t posting_id)
{
	struct posting_looked v = {.ids = &posting_id, .count = 1, .listed = &nothing_listed};
	struct verb_answer a = {false, 0};

	app_posting_looked(b.app, &v, verb_done, &a);
	assert_int_equal(verb_await(b.store, &a), 0);
	posting_looked_release(&v);
}

/* Days on which nobody could find out would be days on which nobody knows of it. */
static void
what_cannot_be_looked_for_is_for_a_person_in_the_end(void **state)
{
	struct app_options options = options_of(lists_all);
	int64_t unread = posting_of(0, COMPONENT), half = posting_of(0, COMPONENT + 1), waiting = posting_of(0, COMPONENT + 2);

	(void)state;
	assert_int_equal(begin(unread, &nothing_listed), 1);
	assert_int_equal(begin(half, &nothing_listed), 1);
	assert_int_equal(sent_as(unread, 1, POST_UNKNOWN, 0, NULL), 0);
	assert_int_equal(sent_as(half, 1, POST_UNKNOWN, 0, NULL), 0);
	put_off(unread);
	half_listed(half);
	stands(unread, POSTING_UNKNOWN, "answer_unknown");
	stands(half, POSTING_UNKNOWN, "answer_unknown");
	options.posting.unlisted_ms = 0;
	app_reconfigure(b.app, &options);
	put_off(unread);
	half_listed(half);
	put_off(waiting);
	stands(unread, POSTING_NEEDS_PERSON, "not_listed_for_long");
	stands(half, POSTING_NEEDS_PERSON, "not_listed_for_long");
	/* It was never sent: it may wait. */
	stands(waiting, POSTING_READY, "alp_list_unreadable");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    POSTING_TEST(an_answer_with_anothers_reference_is_no_answer),
	    POSTING_TEST(what_may_be_of_another_lane_is_for_a_person),
	    POSTING_TEST(what_was_sent_without_a_reference_is_not_looked_for_by_it),
	    POSTING_TEST(a_mark_in_the_notes_is_found_whatever_is_configured_since),
	    POSTING_TEST(a_clock_that_was_wrong_keeps_nothing_waiting),
	    POSTING_TEST(the_same_wish_as_an_entrys_is_refused_for_a_while),
	    POSTING_TEST(an_answer_with_anothers_id_proves_nothing),
	    POSTING_TEST(a_listing_without_what_was_posted_before_proves_nothing),
	    POSTING_TEST(what_was_missing_for_a_while_is_not_posted_beside_itself),
	    POSTING_TEST(what_cannot_be_looked_for_is_for_a_person_in_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
