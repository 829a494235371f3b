/* SPDX-License-Identifier: Apache-2.0 */
/* What a listing says of a posting: by hand, and random histories of an ALP against what may be believed of it. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/proof.h"
#include "app/sync.h"
#include "base/alloc.h"

#define USER       42
#define DAY        ((day_t)20000)
#define MINUTE     ((int64_t)60000)
#define MISSING_MS (10 * MINUTE)
#define REFERENCE  "7-0123abcd"

static struct posting_row
posted(void)
{
	struct posting_row p = {.posting_id = 7, .alp_user_id = USER, .entry_id = 9, .day = DAY, .component_id = 5, .state = POSTING_POSTED,
	    .units = 3, .alp_state = POSTING_ALP_OPEN, .posted_ms = 1000, .seen_ms = 1000};

	snprintf(p.alp_entry_id, sizeof p.alp_entry_id, "500");
	snprintf(p.reference, sizeof p.reference, REFERENCE);
	return p;
}

static struct alp_entry
held(const char *id, enum alp_entry_state state)
{
	struct alp_entry e = {.state = state, .day = DAY, .user_id = USER, .component_id = 5, .units = 3, .rate = ALP_ABSENT, .billable_type = ALP_ABSENT,
	    .gst_type = ALP_ABSENT};

	snprintf(e.id, sizeof e.id, "%s", id);
	return e;
}

static const struct post_fields ours = {.user_id = USER, .component_id = 5, .day = DAY, .units = 3, .rate = POST_NONE, .billable_type = POST_NONE,
    .gst_type = POST_NONE};

static struct sync_decision
decide(const struct posting_row *p, struct alp_entry *rows, size_t count, bool complete, int64_t asked_ms)
{
	struct alp_entries listed = {rows, count};

	return sync_decide(&(struct sync_input){.posting = p, .ours = &ours, .listed = &listed, .complete = complete, .asked_ms = asked_ms,
	    .missing_ms = MISSING_MS});
}

static void
take(struct posting_row *p, struct sync_decision *d, int64_t now_ms)
{
	p->state = d->state;
	p->alp_state = d->alp_state;
	p->missed = d->missed;
	p->missed_ms = d->missed_ms;
	if (d->seen)
		p->seen_ms = now_ms;
	sync_decision_release(d);
}

static void
every_word_has_its_state(void **state)
{
	static const struct {
		enum alp_entry_state says;
		enum posting_alp_state is;
		enum posting_state stays;
	} cases[] = {
	    {ALP_ENTRY_OPEN, POSTING_ALP_OPEN, POSTING_POSTED},
	    {ALP_ENTRY_INVOICED, POSTING_ALP_INVOICED, POSTING_POSTED},
	    {ALP_ENTRY_WRITTEN_OFF, POSTING_ALP_WRITTEN_OFF, POSTING_POSTED},
	    {ALP_ENTRY_DELETED, POSTING_ALP_DELETED, POSTING_GONE},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
		struct posting_row p = posted();
		struct alp_entry e = held("500", cases[i].says);
		/* Seen is believed in half a listing too. */
		struct sync_decision d = decide(&p, &e, 1, false, 5000);

		assert_true(d.seen);
		assert_int_equal(d.alp_state, cases[i].is);
		assert_int_equal(d.state, cases[i].stays);
		assert_null(d.differences);
		sync_decision_release(&d);
	}
}

static void
what_differs_is_changed_unless_more_is_said(void **state)
{
	struct posting_row p = posted();
	struct alp_entry e = held("500", ALP_ENTRY_OPEN);
	struct sync_decision d;

	(void)state;
	e.units = 5;
	d = decide(&p, &e, 1, true, 5000);
	assert_int_equal(d.alp_state, POSTING_ALP_CHANGED);
	assert_string_equal(d.differences, "[{\"field\":\"units\",\"ours\":3,\"alp\":5}]");
	sync_decision_release(&d);
	e.state = ALP_ENTRY_INVOICED;
	d = decide(&p, &e, 1, true, 5000);
	assert_int_equal(d.alp_state, POSTING_ALP_INVOICED);
	assert_non_null(d.differences);
	sync_decision_release(&d);
}

static void
a_strange_word_changes_nothing(void **state)
{
	struct posting_row p = posted();
	struct alp_entry e = held("500", ALP_ENTRY_OTHER);
	struct sync_decision d;

	(void)state;
	p.alp_state = POSTING_ALP_INVOICED;
	d = decide(&p, &e, 1, true, 5000);
	assert_true(d.strange && d.seen);
	assert_int_equal(d.alp_state, POSTING_ALP_INVOICED);
	sync_decision_release(&d);
	p.state = POSTING_GONE;
	p.alp_state = POSTING_ALP_DELETED;
	d = decide(&p, &e, 1, true, 5000);
	assert_int_equal(d.state, POSTING_GONE);
	sync_decision_release(&d);
}

static void
one_listing_deletes_nothing(void **state)
{
	struct posting_row p = posted();
	struct sync_decision d = decide(&p, NULL, 0, true, 5000);

	(void)state;
	assert_int_equal(d.state, POSTING_POSTED);
	assert_int_equal(d.missed, 1);
	take(&p, &d, 5000);
	d = decide(&p, NULL, 0, true, 5000 + MISSING_MS - 1);
	assert_int_equal(d.state, POSTING_POSTED);
	take(&p, &d, 6000);
	d = decide(&p, NULL, 0, false, 5000 + 2 * MISSING_MS);
	assert_int_equal(d.state, POSTING_POSTED);
	take(&p, &d, 7000);
	d = decide(&p, NULL, 0, true, 5000 + MISSING_MS);
	assert_int_equal(d.state, POSTING_GONE);
	assert_string_equal(d.code, SYNC_MISSING);
	take(&p, &d, 8000);
}

static void
a_listing_from_before_it_was_posted_says_nothing_of_it(void **state)
{
	struct posting_row p = posted();
	struct sync_decision d = decide(&p, NULL, 0, true, 1000);

	(void)state;
	assert_int_equal(d.missed, 0);
	sync_decision_release(&d);
}

static void
another_with_its_reference_is_for_somebody_to_look_at(void **state)
{
	struct posting_row p = posted();
	struct alp_entry both[2] = {held("500", ALP_ENTRY_OPEN), held("501", ALP_ENTRY_OPEN)};
	struct sync_decision d;

	(void)state;
	snprintf(both[1].reference, sizeof both[1].reference, REFERENCE);
	d = decide(&p, both, 2, true, 5000);
	assert_string_equal(d.look, SYNC_TWICE);
	assert_int_equal(d.other, 1);
	sync_decision_release(&d);
	/* Its time is there, under another id: it is not missing. */
	p.missed = 1;
	d = decide(&p, &both[1], 1, true, 5000 + 2 * MISSING_MS);
	assert_string_equal(d.look, SYNC_ELSEWHERE);
	assert_int_equal(d.state, POSTING_POSTED);
	sync_decision_release(&d);
	both[1].state = ALP_ENTRY_DELETED;
	d = decide(&p, both, 2, true, 5000);
	assert_null(d.look);
	sync_decision_release(&d);
}

/* --- histories ---------------------------------------------------------------------------------------------------------------- */

static uint64_t
next_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

/* What an honest reader of the same listings may say, kept in another way: the times of complete listings without it since it was seen last. */
struct model {
	bool there;
	enum alp_entry_state says;
	int64_t misses[64];
	size_t miss_count;
	bool gone;
	enum posting_alp_state known;
};

static void
model_listing(struct model *m, bool complete, bool listed, int64_t at)
{
	static const enum posting_alp_state states[] = {[ALP_ENTRY_OPEN] = POSTING_ALP_OPEN, [ALP_ENTRY_INVOICED] = POSTING_ALP_INVOICED,
	    [ALP_ENTRY_WRITTEN_OFF] = POSTING_ALP_WRITTEN_OFF, [ALP_ENTRY_DELETED] = POSTING_ALP_DELETED};

	if (listed) {
		m->miss_count = 0;
		if (m->says == ALP_ENTRY_OTHER)
			return;
		m->gone = m->says == ALP_ENTRY_DELETED;
		m->known = states[m->says];
	} else if (complete && !m->gone) {
		m->misses[m->miss_count++] = at;
		for (size_t i = 0; i < m->miss_count; i++)
			m->gone |= at - m->misses[i] >= MISSING_MS;
		if (m->gone)
			m->known = POSTING_ALP_DELETED;
	}
	if (m->gone)
		m->miss_count = 0;
}

static void
walk(uint64_t seed, int64_t *gone, int64_t *back)
{
	struct posting_row p = posted();
	struct model m = {.there = true, .says = ALP_ENTRY_OPEN, .known = POSTING_ALP_OPEN};
	int64_t now = 2000;

	for (int step = 0; step < 40; step++) {
		struct alp_entry rows[2] = {held("499", ALP_ENTRY_OPEN)};
		bool complete = next_random(&seed) % 4 != 0, listed;
		struct sync_decision d;

		now += (int64_t)(next_random(&seed) % (uint64_t)(MISSING_MS * 3 / 4)) + 1;
		if (next_random(&seed) % 3 == 0)
			m.there = !m.there;
		if (next_random(&seed) % 3 == 0)
			m.says = (enum alp_entry_state)(ALP_ENTRY_OPEN + next_random(&seed) % 5);
		/* Half a listing may leave it out. */
		listed = m.there && (complete || next_random(&seed) % 2 == 0);
		rows[1] = held("500", m.says);
		d = decide(&p, rows, listed ? 2 : 1, complete, now);
		*gone += d.state == POSTING_GONE && p.state == POSTING_POSTED;
		*back += d.state == POSTING_POSTED && p.state == POSTING_GONE;
		take(&p, &d, now);
		model_listing(&m, complete, listed, now);
		assert_int_equal(p.state == POSTING_GONE, m.gone);
		assert_int_equal(p.alp_state, m.known);
	}
}

static void
random_histories_end_as_the_model_says(void **state)
{
	int64_t gone = 0, back = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= 5000; seed++)
		walk(seed * 0x9e3779b97f4a7c15u, &gone, &back);
	assert_true(gone > 1000 && back > 1000);
}

/* --- when ------------------------------------------------------------------------------------------------------------------------ */

static void
the_fresh_are_looked_at_often_and_the_old_seldom(void **state)
{
	const struct sync_options o = {.fresh_ms = 10 * MINUTE, .keep_ms = 400 * 1440 * MINUTE, .missing_ms = MISSING_MS};
	struct posting_row p = posted();
	const int64_t day = 1440 * MINUTE;

	(void)state;
	p.posted_ms = 0;
	assert_int_equal(sync_next_ms(&o, &p, day, 0), day + 10 * MINUTE);
	assert_int_equal(sync_next_ms(&o, &p, 3 * day, 0), 3 * day + 60 * MINUTE);
	assert_int_equal(sync_next_ms(&o, &p, 20 * day, 0), 21 * day);
	assert_true(sync_next_ms(&o, &p, 400 * day, 0) == INT64_MAX);
	p.missed = 1;
	p.missed_ms = 20 * day;
	assert_int_equal(sync_next_ms(&o, &p, 20 * day, 0), 20 * day + MISSING_MS);
	p.missed = 0;
	for (uint64_t random = 0; random < 1000000; random += 997) {
		int64_t next = sync_next_ms(&o, &p, day, random * random);

		assert_true(next >= day + 10 * MINUTE && next <= day + 11 * MINUTE);
	}
}

/* --- the proof --------------------------------------------------------------------------------------------------------------------- */

static void
prove(struct posting_row *postings, size_t count, struct alp_entry *rows, size_t row_count, struct alp_proof_row *ret)
{
	struct posting_list list = {postings, count};
	struct alp_entries listed = {rows, row_count};

	proof_of_day(&(struct proof_input){.postings = &list, .listed = &listed, .asked_ms = 5000}, DAY, ret);
}

static void
the_proof_agrees_only_with_itself(void **state)
{
	struct posting_row p = posted();
	struct alp_entry rows[3] = {held("500", ALP_ENTRY_INVOICED), held("501", ALP_ENTRY_OPEN), held("502", ALP_ENTRY_OPEN)};
	struct alp_proof_row row;

	(void)state;
	/* Somebody else's entries are none of ours. */
	prove(&p, 1, rows, 3, &row);
	assert_int_equal(row.difference_count, 0);
	assert_int_equal(row.posted_units, 3);
	assert_int_equal(row.alp_units, 3);
	alp_proof_release(&row);
	prove(&p, 1, &rows[1], 2, &row);
	assert_int_equal(row.difference_count, 1);
	assert_non_null(strstr(row.differences, "\"why\":\"missing\",\"posting_id\":7"));
	alp_proof_release(&row);
	snprintf(rows[1].reference, sizeof rows[1].reference, REFERENCE);
	snprintf(rows[2].reference, sizeof rows[2].reference, "99-ffffffff");
	prove(&p, 1, rows, 3, &row);
	assert_int_equal(row.difference_count, 2);
	assert_int_equal(row.alp_units, 9);
	assert_non_null(strstr(row.differences, PROOF_TWICE));
	assert_non_null(strstr(row.differences, PROOF_STRANGER));
	alp_proof_release(&row);
}

static void
what_was_posted_since_the_listing_is_not_held_against_it(void **state)
{
	struct posting_row p = posted();
	struct alp_proof_row row;

	(void)state;
	p.posted_ms = 5000;
	prove(&p, 1, NULL, 0, &row);
	assert_int_equal(row.difference_count, 0);
	assert_int_equal(row.posted_units, 0);
	alp_proof_release(&row);
}

static void
what_is_deleted_here_and_lives_there_differs(void **state)
{
	struct posting_row p = posted();
	struct alp_entry e = held("500", ALP_ENTRY_OPEN);
	struct alp_proof_row row;

	(void)state;
	p.state = POSTING_GONE;
	prove(&p, 1, &e, 1, &row);
	assert_int_equal(row.difference_count, 1);
	assert_non_null(strstr(row.differences, PROOF_NOT_POSTED));
	assert_int_equal(row.alp_units, 3);
	alp_proof_release(&row);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_word_has_its_state),
	    cmocka_unit_test(what_differs_is_changed_unless_more_is_said),
	    cmocka_unit_test(a_strange_word_changes_nothing),
	    cmocka_unit_test(one_listing_deletes_nothing),
	    cmocka_unit_test(a_listing_from_before_it_was_posted_says_nothing_of_it),
	    cmocka_unit_test(another_with_its_reference_is_for_somebody_to_look_at),
	    cmocka_unit_test(random_histories_end_as_the_model_says),
	    cmocka_unit_test(the_fresh_are_looked_at_often_and_the_old_seldom),
	    cmocka_unit_test(the_proof_agrees_only_with_itself),
	    cmocka_unit_test(what_was_posted_since_the_listing_is_not_held_against_it),
	    cmocka_unit_test(what_is_deleted_here_and_lives_there_differs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
