/* SPDX-License-Identifier: Apache-2.0 */
/* The outbox's verbs on a real store: from the wish to ALP's entry, and everything that may come between. */
#include "posting_unit.h"

#include "app/vague_text.h"

static struct entry_get
entry_of(int64_t entry_id)
{
	struct entry_get v = {.entry_id = entry_id};
	struct verb_answer a = {false, 0};

	app_entry_get(b.app, &v, verb_done, &a);
	assert_int_equal(verb_await(b.store, &a), 0);
	return v;
}

/* --- tests ------------------------------------------------------------------------------------------------------------------- */

static void
a_draft_is_confirmed_and_posted_in_one_go(void **state)
{
	int64_t entry_id = make_draft(), posting_id = posting_of(entry_id, COMPONENT);
	struct entry_get e = entry_of(entry_id);
	struct posting_get p = look_at(posting_id);
	struct alp_entry there = alps("9001");

	(void)state;
	assert_int_equal(b.woken, 1);
	assert_int_equal(e.entry.status, ENTRY_SUBMITTED);
	assert_string_equal(e.entry.person_description, "Advising on the lease");
	/* 2.1 units are ALP's 3: the draft keeps its tenths. */
	assert_int_equal(e.entry.person_units_tenths, 21);
	assert_int_equal(p.posting.units_tenths, 21);
	assert_int_equal(p.posting.entry_revision, e.entry.revision);
	assert_non_null(strstr(p.posting.body, p.posting.reference));
	entry_get_release(&e);
	posting_get_release(&p);
	/* Without the listing it needs, nothing leaves. */
	assert_int_equal(begin(posting_id, NULL), 0);
	assert_int_equal(begin(posting_id, &nothing_listed), 1);
	stands(posting_id, POSTING_SENDING, NULL);
	/* And never twice. */
	assert_int_equal(begin(posting_id, &nothing_listed), 0);
	assert_int_equal(sent_as(posting_id, 1, POST_POSTED, 201, &there), 0);
	p = look_at(posting_id);
	assert_int_equal(p.posting.state, POSTING_POSTED);
	assert_string_equal(p.posting.alp_entry_id, "9001");
	assert_null(p.posting.differences);
	assert_int_equal(p.history.count, 3);
	posting_get_release(&p);
}

static void
the_same_entry_again_is_the_same_posting(void **state)
{
	int64_t entry_id = make_draft(), first = posting_of(entry_id, COMPONENT);
	struct post_submit again = a_wish(entry_id, COMPONENT + 1);

	(void)state;
	assert_int_equal(submit(&again), 0);
	assert_true(again.items[0].existed);
	assert_int_equal(again.items[0].posting.posting_id, first);
	post_submit_release(&again);
}

static void
the_same_wish_without_an_entry_is_refused_for_a_while(void **state)
{
	int64_t first = posting_of(0, COMPONENT);
	struct post_submit again = a_wish(0, COMPONENT), other = a_wish(0, COMPONENT + 1);

	(void)state;
	assert_int_equal(submit(&again), -EPERM);
	assert_int_equal(again.items[0].refusal, POST_AGAIN);
	assert_int_equal(again.items[0].first, first);
	assert_int_equal(submit(&other), 0);
	post_submit_release(&again);
	post_submit_release(&other);
}

static void
nobody_posts_what_is_not_theirs_or_not_done(void **state)
{
	int64_t entry_id = make_draft();
	struct post_submit other_user = a_wish(entry_id, COMPONENT), other_day = a_wish(entry_id, COMPONENT), stranger = a_wish(entry_id, COMPONENT),
			   future = a_wish(0, COMPONENT);
	struct entry_get e;

	(void)state;
	other_user.items[0].fields.user_id = USER + 1;
	assert_int_equal(submit(&other_user), -EPERM);
	assert_int_equal(other_user.items[0].refusal, POST_OTHER_USER);
	other_day.items[0].fields.day = DAY - 1;
	assert_int_equal(submit(&other_day), -EPERM);
	assert_int_equal(other_day.items[0].refusal, POST_OTHER_DAY);
	stranger.owner = USER + 1;
	assert_int_equal(submit(&stranger), -EPERM);
	assert_int_equal(stranger.items[0].refusal, POST_NO_ENTRY);
	future.items[0].fields.day = DAY + 100000;
	assert_int_equal(submit(&future), -EPERM);
	assert_int_equal(future.items[0].refusal, POST_WRONG);
	assert_int_equal(future.items[0].faults, POST_FUTURE);
	e = entry_of(entry_id);
	assert_int_equal(e.entry.status, ENTRY_PENDING);
	entry_get_release(&e);
	post_submit_release(&other_user);
	post_submit_release(&other_day);
	post_submit_release(&stranger);
	post_submit_release(&future);
}

static int
revert(int64_t entry_id, bool *ret_posting)
{
	struct entry_revert v = {.entry_id = entry_id};
	struct verb_answer a = {false, 0};
	int r;

	app_entry_revert(b.app, &v, verb_done, &a);
	r = verb_await(b.store, &a);
	*ret_posting = v.lock != ENTRY_FREE;
	entry_revert_release(&v);
	return r;
}

static void
a_confirmation_is_taken_back_only_while_nothing_can_be_in_alp(void **state)
{
	int64_t entry_id = make_draft(), first = posting_of(entry_id, COMPONENT), second;
	bool posting = false;

	(void)state;
	assert_int_equal(revert(entry_id, &posting), 0);
	stands(first, POSTING_CANCELLED, NULL);
	assert_int_equal(begin(first, &nothing_listed), 0);
	second = posting_of(entry_id, COMPONENT);
	assert_int_not_equal(second, first);
	assert_int_equal(begin(second, &nothing_listed), 1);
	assert_int_equal(revert(entry_id, &posting), -EPERM);
	assert_true(posting);
	/* Ready again, but it may be there. */
	assert_int_equal(sent_as(second, 1, POST_UNKNOWN, 500, NULL), 0);
	for (int i = 0; i < 3; i++)
		looked(second, &nothing_listed);
	stands(second, POSTING_READY, NULL);
	assert_int_equal(revert(entry_id, &posting), -EPERM);
}

static void
a_refused_one_may_be_confirmed_and_posted_again(void **state)
{
	int64_t entry_id = make_draft(), first = posting_of(entry_id, COMPONENT), second;
	struct posting_get p;

	(void)state;
	assert_int_equal(begin(first, &nothing_listed), 1);
	assert_int_equal(sent_as(first, 1, POST_REJECTED, 422, NULL), 0);
	stands(first, POSTING_REJECTED, "alp_refused");
	p = look_at(first);
	assert_string_equal(p.posting.problem_detail, "the matter is closed");
	posting_get_release(&p);
	second = posting_of(entry_id, COMPONENT + 1);
	assert_int_not_equal(second, first);
	stands(second, POSTING_READY, NULL);
}

static void
what_surely_was_not_sent_goes_again(void **state)
{
	static const enum post_outcome outcomes[] = {POST_NOT_SENT, POST_BUSY, POST_KEY_REFUSED};
	static const char *const codes[] = {"alp_unreachable", "alp_busy", "alp_key_refused"};
	int64_t posting_id = posting_of(0, COMPONENT);

	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(begin(posting_id, &nothing_listed), 1);
		assert_int_equal(sent_as(posting_id, i + 1, outcomes[i], 0, NULL), 0);
		stands(posting_id, POSTING_READY, codes[i]);
	}
}

static void
what_may_be_there_is_looked_for_and_adopted_once(void **state)
{
	int64_t posting_id = posting_of(0, COMPONENT);
	struct alp_entry rows[] = {alps("8000"), alps("9001")};
	const struct alp_entries before = {rows, 1}, after = {rows, 2};
	struct posting_get p;

	(void)state;
	assert_int_equal(begin(posting_id, &before), 1);
	assert_int_equal(sent_as(posting_id, 1, POST_UNKNOWN, 0, NULL), 0);
	stands(posting_id, POSTING_UNKNOWN, "answer_unknown");
	looked(posting_id, &before);
	stands(posting_id, POSTING_UNKNOWN, "answer_unknown");
	looked(posting_id, &after);
	p = look_at(posting_id);
	assert_int_equal(p.posting.state, POSTING_POSTED);
	assert_string_equal(p.posting.alp_entry_id, "9001");
	assert_string_equal(p.history.rows[p.history.count - 1].code, "found_by_contents");
	posting_get_release(&p);
}

static void
one_sent_again_keeps_what_it_saw_first(void **state)
{
	int64_t posting_id = posting_of(0, COMPONENT);
	struct alp_entry rows[] = {alps("9001")};
	const struct alp_entries late = {rows, 1};

	(void)state;
	assert_int_equal(begin(posting_id, &nothing_listed), 1);
	assert_int_equal(sent_as(posting_id, 1, POST_UNKNOWN, 0, NULL), 0);
	for (int i = 0; i < 3; i++)
		looked(posting_id, &nothing_listed);
	stands(posting_id, POSTING_READY, NULL);
	/* It came to light after the last look: it is seen before a byte is sent. */
	assert_int_equal(begin(posting_id, &late), 0);
	stands(posting_id, POSTING_POSTED, NULL);
}

static void
it_is_not_sent_again_for_ever(void **state)
{
	int64_t posting_id = posting_of(0, COMPONENT);

	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(begin(posting_id, &nothing_listed), 1);
		assert_int_equal(sent_as(posting_id, i + 1, POST_UNKNOWN, 500, NULL), 0);
		for (int look = 0; look < 3; look++)
			looked(posting_id, &nothing_listed);
	}
	stands(posting_id, POSTING_NEEDS_PERSON, "sent_too_often");
	/* A person may say so nevertheless. */
	assert_int_equal(resolve(posting_id, NULL), 0);
	assert_int_equal(begin(posting_id, &nothing_listed), 1);
}

static void
a_refusal_of_what_may_be_there_is_looked_into(void **state)
{
	int64_t posting_id = posting_of(0, COMPONENT), conflict = posting_of(0, COMPONENT + 1);

	(void)state;
	assert_int_equal(begin(posting_id, &nothing_listed), 1);
	assert_int_equal(sent_as(posting_id, 1, POST_UNKNOWN, 0, NULL), 0);
	for (int i = 0; i < 3; i++)
		looked(posting_id, &nothing_listed);
	assert_int_equal(begin(posting_id, &nothing_listed), 1);
	assert_int_equal(sent_as(posting_id, 2, POST_REJECTED, 422, NULL), 0);
	stands(posting_id, POSTING_UNKNOWN, "alp_refused");
	for (int i = 0; i < 3; i++)
		looked(posting_id, &nothing_listed);
	stands(posting_id, POSTING_REJECTED, "alp_refused");
	/* A conflict may be one with itself. */
	assert_int_equal(begin(conflict, &nothing_listed), 1);
	assert_int_equal(sent_as(conflict, 1, POST_REJECTED, 409, NULL), 0);
	stands(conflict, POSTING_UNKNOWN, "alp_refused");
	looked(conflict, &nothing_listed);
	looked(conflict, &nothing_listed);
	stands(conflict, POSTING_REJECTED, "alp_refused");
}

static void
a_person_decides_what_cannot_be_decided(void **state)
{
	int64_t first = posting_of(0, COMPONENT), second = posting_of(0, COMPONENT + 1);
	struct alp_entry other = alps("9001");
	const struct alp_entries listed = {&other, 1};

	(void)state;
	other.units = 9;
	assert_int_equal(begin(first, &nothing_listed), 1);
	assert_int_equal(sent_as(first, 1, POST_UNKNOWN, 0, NULL), 0);
	looked(first, &listed);
	stands(first, POSTING_NEEDS_PERSON, "candidate_differs");
	assert_int_equal(resolve(second, NULL), -EPERM);
	/* Not that one: so it is not asked about it again. */
	assert_int_equal(resolve(first, NULL), 0);
	assert_int_equal(begin(first, &listed), 1);
	assert_int_equal(sent_as(first, 2, POST_UNKNOWN, 0, NULL), 0);
	looked(first, NULL);
	stands(first, POSTING_NEEDS_PERSON, "cannot_be_listed");
	assert_int_equal(resolve(first, "9007"), 0);
	stands(first, POSTING_POSTED, NULL);
	assert_int_equal(begin(second, &nothing_listed), 1);
	assert_int_equal(sent_as(second, 1, POST_UNKNOWN, 0, NULL), 0);
	looked(second, NULL);
	/* An entry of ALP's is one posting's. */
	assert_int_equal(resolve(second, "9007"), -EPERM);
	stands(second, POSTING_NEEDS_PERSON, "cannot_be_listed");
}

static void
a_late_answer_of_an_older_attempt_is_dropped(void **state)
{
	int64_t posting_id = posting_of(0, COMPONENT);
	struct alp_entry there = alps("9001");

	(void)state;
	assert_int_equal(begin(posting_id, &nothing_listed), 1);
	assert_int_equal(sent_as(posting_id, 2, POST_POSTED, 201, &there), -ESTALE);
	assert_int_equal(sent_as(posting_id, 1, POST_NOT_SENT, 0, NULL), 0);
	assert_int_equal(sent_as(posting_id, 1, POST_POSTED, 201, &there), -ESTALE);
}

static void
what_was_being_sent_at_a_crash_is_unknown(void **state)
{
	int64_t posting_id = posting_of(0, COMPONENT), waiting = posting_of(0, COMPONENT + 1);
	struct recovery v = {0};
	struct verb_answer a = {false, 0};
	struct posting_get p;

	(void)state;
	assert_int_equal(begin(posting_id, &nothing_listed), 1);
	close_app();
	open_app(lists_all);
	app_recover(b.app, &v, verb_done, &a);
	assert_int_equal(verb_await(b.store, &a), 0);
	assert_int_equal(v.postings, 1);
	recovery_release(&v);
	stands(posting_id, POSTING_UNKNOWN, "daemon_restarted");
	stands(waiting, POSTING_READY, NULL);
	assert_int_equal(begin(posting_id, &nothing_listed), 0);
	p = look_at(posting_id);
	assert_int_equal(p.posting.maybe_sent, 1);
	posting_get_release(&p);
}

static void
what_is_due_is_of_free_lanes(void **state)
{
	int64_t first = posting_of(make_draft(), COMPONENT);
	struct posting_due v = {.send_max = 10, .look_max = 10};
	struct verb_answer a = {false, 0};
	struct post_submit same_lane = a_wish(0, COMPONENT);

	(void)state;
	same_lane.items[0].fields.units = 4;
	assert_int_equal(submit(&same_lane), 0);
	app_posting_due(b.app, &v, verb_done, &a);
	assert_int_equal(verb_await(b.store, &a), 0);
	assert_int_equal(v.send.count, 1);
	assert_int_equal(v.send.rows[0].posting_id, first);
	posting_due_release(&v);
	assert_int_equal(begin(first, &nothing_listed), 1);
	assert_int_equal(begin(same_lane.items[0].posting.posting_id, &nothing_listed), 0);
	assert_int_equal(sent_as(first, 1, POST_UNKNOWN, 0, NULL), 0);
	a.came = false;
	app_posting_due(b.app, &v, verb_done, &a);
	assert_int_equal(verb_await(b.store, &a), 0);
	assert_int_equal(v.send.count, 0);
	assert_int_equal(v.look.count, 1);
	posting_due_release(&v);
	post_submit_release(&same_lane);
}

static void
who_waits_for_a_posting_hears_of_it_once_it_is_known(void **state)
{
	int64_t posting_id = posting_of(0, COMPONENT);
	struct verb_answer a = {false, 0}, timed_out = {false, 0};
	struct alp_entry there = alps("9001");

	(void)state;
	(void)app_wait_postings(b.app, &posting_id, 1, 60000, verb_done, &a);
	(void)app_wait_postings(b.app, &posting_id, 1, 0, verb_done, &timed_out);
	assert_int_equal(begin(posting_id, &nothing_listed), 1);
	assert_false(a.came);
	app_tick(b.app, INT64_MAX / 2 - 1000);
	assert_int_equal(timed_out.r, -ETIMEDOUT);
	assert_int_equal(sent_as(posting_id, 1, POST_POSTED, 201, &there), 0);
	if (!a.came)
		assert_int_equal(verb_await(b.store, &a), 0);
}

static void
refused_for(int64_t entry_id, int64_t units, bool meant, unsigned faults)
{
	struct post_submit v = a_wish(entry_id, COMPONENT);

	v.items[0].fields.units = units;
	v.items[0].units_meant = meant;
	assert_int_equal(submit(&v), -EPERM);
	assert_int_equal(v.items[0].refusal, POST_WRONG);
	assert_int_equal(v.items[0].faults, faults);
	post_submit_release(&v);
}

static void
units_are_within_the_policy(void **state)
{
	int64_t entry_id = make_draft();
	struct post_submit meant = a_wish(entry_id, COMPONENT);

	(void)state;
	close_app();
	b.minimum_tenths = 15;
	open_app(lists_all);
	refused_for(0, 1, false, POST_UNITS_FEW);
	refused_for(0, 1, true, POST_UNITS_FEW);
	(void)posting_of(0, COMPONENT);
	/* Of an entry, what it shows: 2.1 are 3. */
	refused_for(entry_id, 2, false, POST_UNITS_OTHER);
	refused_for(entry_id, 4, false, POST_UNITS_OTHER);
	/* Its own policy had no minimum. */
	meant.items[0].fields.units = 1;
	meant.items[0].units_meant = true;
	assert_int_equal(submit(&meant), 0);
	assert_int_equal(meant.items[0].posting.units_tenths, 10);
	post_submit_release(&meant);
}

static void
what_speaks_against_one_is_seen_without_recording(void **state)
{
	int64_t entry_id = make_draft();
	struct post_submit v = a_wish(entry_id, COMPONENT);
	struct verb_answer a = {false, 0};
	struct entry_get e;

	(void)state;
	v.items[0].fields.day = DAY + 100000;
	v.items[0].fields.units = 9;
	app_post_look(b.app, &v, verb_done, &a);
	assert_int_equal(verb_await(b.store, &a), 0);
	assert_int_equal(v.items[0].faults, POST_FUTURE | POST_UNITS_OTHER);
	e = entry_of(entry_id);
	assert_int_equal(e.entry.status, ENTRY_PENDING);
	entry_get_release(&e);
	/* Nothing is told of an entry to whom it is not. */
	v.items[0].faults = 0;
	v.owner = USER + 1;
	a.came = false;
	app_post_look(b.app, &v, verb_done, &a);
	assert_int_equal(verb_await(b.store, &a), 0);
	assert_int_equal(v.items[0].faults, 0);
	post_submit_release(&v);
}

static void
a_text_is_vague_if_it_is_no_more_than_a_phrase(void **state)
{
	(void)state;
	assert_true(text_is_vague("attention to file, attendance", "Attendance"));
	assert_true(text_is_vague("attention to file,attendance", "  ATTENTION \t to\nfile.. "));
	assert_false(text_is_vague("attention to file", "Attention to filed documents"));
	assert_false(text_is_vague("attention to file", "Attentiontofile"));
	assert_false(text_is_vague("attention to file", "attention to"));
	assert_false(text_is_vague("", "anything"));
	assert_false(text_is_vague(", ,.", ""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    POSTING_TEST(a_draft_is_confirmed_and_posted_in_one_go),
	    POSTING_TEST(the_same_entry_again_is_the_same_posting),
	    POSTING_TEST(the_same_wish_without_an_entry_is_refused_for_a_while),
	    POSTING_TEST(nobody_posts_what_is_not_theirs_or_not_done),
	    POSTING_TEST(a_confirmation_is_taken_back_only_while_nothing_can_be_in_alp),
	    POSTING_TEST(a_refused_one_may_be_confirmed_and_posted_again),
	    POSTING_TEST(what_surely_was_not_sent_goes_again),
	    POSTING_TEST(what_may_be_there_is_looked_for_and_adopted_once),
	    POSTING_TEST(one_sent_again_keeps_what_it_saw_first),
	    POSTING_TEST(it_is_not_sent_again_for_ever),
	    POSTING_TEST(a_refusal_of_what_may_be_there_is_looked_into),
	    POSTING_TEST(a_person_decides_what_cannot_be_decided),
	    POSTING_TEST(a_late_answer_of_an_older_attempt_is_dropped),
	    POSTING_TEST(what_was_being_sent_at_a_crash_is_unknown),
	    POSTING_TEST(what_is_due_is_of_free_lanes),
	    POSTING_TEST(who_waits_for_a_posting_hears_of_it_once_it_is_known),
	    cmocka_unit_test_setup_teardown(units_are_within_the_policy, setup, teardown),
	    cmocka_unit_test_setup_teardown(what_speaks_against_one_is_seen_without_recording, setup, teardown),
	    cmocka_unit_test(a_text_is_vague_if_it_is_no_more_than_a_phrase),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
