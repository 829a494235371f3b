/* SPDX-License-Identifier: Apache-2.0 */
/* What a listing of ALP's says of a posting of which nobody knows: each wrong answer here bills somebody twice or not at all. */
#include "unit.h"

#include <errno.h>
#include <string.h>

#include "app/reconcile.h"
#include "base/alloc.h"

#define DAY ((day_t)20777)

static char words[] = "Advising on the lease";

static struct post_fields ours = {.user_id = 42, .component_id = 7, .day = DAY, .units = 3, .rate = 450, .billable_type = 1, .gst_type = 2,
    .description = words};

static struct alp_entry
an_entry(const char *id)
{
	struct alp_entry e = {.state = ALP_ENTRY_OPEN, .day = DAY, .user_id = 42, .component_id = 7, .units = 3, .rate = 450, .billable_type = 1,
	    .gst_type = 2, .description = words};

	snprintf(e.id, sizeof e.id, "%s", id);
	return e;
}

struct scene {
	struct alp_entry rows[4];
	struct alp_entries listed;
	bool taken[4];
	struct reconcile_input in;
	struct reconcile_decision d;
};

/* An ALP that lists what it has at once, and keeps no reference. */
static void
begin(struct scene *s, size_t count)
{
	static const char *const ids[] = {"100", "101", "102", "103"};

	*s = (struct scene){0};
	for (size_t i = 0; i < count; i++)
		s->rows[i] = an_entry(ids[i]);
	s->listed = (struct alp_entries){s->rows, count};
	s->in = (struct reconcile_input){.ours = &ours, .reference = "7-0123abcd", .preimage = "[]", .listed = &s->listed, .taken = s->taken,
	    .can = {.lists_entries = true, .lists_fresh = true}, .complete = true, .last = true};
}

static void
expect(struct scene *s, enum reconcile_verdict verdict, const char *code)
{
	s->d = reconcile(&s->in);
	assert_int_equal(s->d.verdict, verdict);
	assert_string_equal(s->d.code, code);
	if (verdict == RECONCILE_PERSON)
		assert_non_null(s->d.evidence);
	reconcile_decision_release(&s->d);
}

static void
the_only_new_one_like_ours_is_ours(void **state)
{
	struct scene s;

	(void)state;
	begin(&s, 1);
	expect(&s, RECONCILE_ADOPT, "found_by_contents");
	/* Blanks are the only thing that is overlooked. */
	s.rows[0].description = (char[]){"  Advising on\tthe  lease\n"};
	expect(&s, RECONCILE_ADOPT, "found_by_contents");
	s.rows[0].description = (char[]){"Advising onthe lease"};
	expect(&s, RECONCILE_PERSON, "candidate_differs");
}

static void
what_was_there_before_is_never_ours(void **state)
{
	struct scene s;

	(void)state;
	begin(&s, 2);
	s.in.preimage = "[\"100\",\"55\"]";
	s.d = reconcile(&s.in);
	assert_int_equal(s.d.verdict, RECONCILE_ADOPT);
	assert_int_equal(s.d.at, 1);
	s.in.preimage = "[\"100\",\"101\"]";
	expect(&s, RECONCILE_RESEND, "not_there");
}

static void
another_postings_entry_is_never_ours(void **state)
{
	struct scene s;

	(void)state;
	begin(&s, 1);
	s.taken[0] = true;
	expect(&s, RECONCILE_RESEND, "not_there");
	begin(&s, 1);
	snprintf(s.rows[0].reference, sizeof s.rows[0].reference, "9-ffffffff");
	expect(&s, RECONCILE_RESEND, "not_there");
}

static void
a_difference_is_for_a_person_and_rules_nothing_out(void **state)
{
	struct scene s;

	(void)state;
	begin(&s, 1);
	s.rows[0].units = 4;
	s.d = reconcile(&s.in);
	assert_int_equal(s.d.verdict, RECONCILE_PERSON);
	assert_non_null(strstr(s.d.evidence, "\"alp_entry_id\":\"100\""));
	assert_non_null(strstr(s.d.evidence, "{\"field\":\"units\",\"ours\":3,\"alp\":4}"));
	reconcile_decision_release(&s.d);
	begin(&s, 1);
	s.rows[0].gst_type = 1;
	expect(&s, RECONCILE_PERSON, "candidate_differs");
	begin(&s, 1);
	s.rows[0].description = NULL;
	expect(&s, RECONCILE_PERSON, "candidate_differs");
}

static void
what_cannot_be_told_apart_is_for_a_person(void **state)
{
	struct scene s;

	(void)state;
	begin(&s, 2);
	expect(&s, RECONCILE_PERSON, "several_candidates");
	begin(&s, 1);
	s.in.rivals = 1;
	expect(&s, RECONCILE_PERSON, "others_unsettled");
	s.in.last = false;
	expect(&s, RECONCILE_AGAIN, "others_unsettled");
	begin(&s, 1);
	s.in.preimage = NULL;
	expect(&s, RECONCILE_PERSON, "not_listed_before");
}

static void
a_neighbouring_day_keeps_it_from_being_sent_again(void **state)
{
	struct scene s;

	(void)state;
	begin(&s, 1);
	s.rows[0].day = DAY - 1;
	expect(&s, RECONCILE_PERSON, "on_another_day");
	s.rows[0].units = 4;
	expect(&s, RECONCILE_PERSON, "on_another_day");
	/* Another text is another day's work. */
	s.rows[0].description = (char[]){"Call with the agent"};
	expect(&s, RECONCILE_RESEND, "not_there");
	begin(&s, 1);
	s.rows[0].component_id = 8;
	expect(&s, RECONCILE_RESEND, "not_there");
	begin(&s, 1);
	s.rows[0].component_id = ALP_ABSENT;
	s.rows[0].day = -1;
	expect(&s, RECONCILE_ADOPT, "found_by_contents");
}

static void
it_is_sent_again_only_after_the_last_complete_look_of_an_alp_that_lists_at_once(void **state)
{
	struct scene s;

	(void)state;
	begin(&s, 0);
	s.in.last = false;
	expect(&s, RECONCILE_AGAIN, "not_seen_yet");
	begin(&s, 0);
	s.in.complete = false;
	expect(&s, RECONCILE_AGAIN, "listing_incomplete");
	begin(&s, 0);
	s.in.misses = true;
	expect(&s, RECONCILE_PERSON, "listing_misses_others");
	begin(&s, 0);
	s.in.can.lists_fresh = false;
	expect(&s, RECONCILE_PERSON, "fresh_entries_not_listed");
	/* Beside others of that day. */
	begin(&s, 1);
	s.in.can.lists_fresh = false;
	s.rows[0].component_id = 8;
	expect(&s, RECONCILE_PERSON, "fresh_entries_not_listed");
	begin(&s, 0);
	s.in.listed = NULL;
	expect(&s, RECONCILE_PERSON, "cannot_be_listed");
	begin(&s, 0);
	expect(&s, RECONCILE_RESEND, "not_there");
}

static void
half_a_listing_shows_one_of_two(void **state)
{
	struct scene s;

	(void)state;
	begin(&s, 1);
	s.in.complete = false;
	expect(&s, RECONCILE_AGAIN, "listing_incomplete");
	/* A reference is ours wherever it stands. */
	snprintf(s.rows[0].reference, sizeof s.rows[0].reference, "7-0123abcd");
	expect(&s, RECONCILE_ADOPT, "found_by_reference");
}

static void
what_alp_refused_is_never_sent_again(void **state)
{
	struct scene s;

	(void)state;
	begin(&s, 0);
	s.in.refused = true;
	expect(&s, RECONCILE_REJECT, "not_there");
	begin(&s, 1);
	s.in.refused = true;
	expect(&s, RECONCILE_ADOPT, "found_by_contents");
}

static void
a_reference_decides_where_alp_keeps_one(void **state)
{
	struct scene s;

	(void)state;
	begin(&s, 2);
	s.in.can.keeps_reference = true;
	s.in.preimage = NULL;
	snprintf(s.rows[0].reference, sizeof s.rows[0].reference, "9-ffffffff");
	snprintf(s.rows[1].reference, sizeof s.rows[1].reference, "7-0123abcd");
	s.rows[1].units = 99;
	s.d = reconcile(&s.in);
	assert_int_equal(s.d.verdict, RECONCILE_ADOPT);
	assert_int_equal(s.d.at, 1);
	snprintf(s.rows[0].reference, sizeof s.rows[0].reference, "7-0123abcd");
	expect(&s, RECONCILE_PERSON, "several_with_reference");
	begin(&s, 1);
	s.in.can.keeps_reference = true;
	snprintf(s.rows[0].reference, sizeof s.rows[0].reference, "9-ffffffff");
	expect(&s, RECONCILE_RESEND, "not_there");
}

static void
an_alp_that_dropped_the_reference_after_all_gets_nothing_twice(void **state)
{
	struct scene s;

	(void)state;
	begin(&s, 1);
	s.in.can.keeps_reference = true;
	s.in.preimage = NULL;
	expect(&s, RECONCILE_PERSON, "same_without_reference");
	s.in.last = false;
	expect(&s, RECONCILE_AGAIN, "not_seen_yet");
	s.in.last = true;
	s.rows[0].units = 5;
	expect(&s, RECONCILE_RESEND, "not_there");
}

/* What ALP made of it: cut off, in other letters, with words of its own around it. */
static void
a_reference_that_alp_changed_is_for_a_person(void **state)
{
	static const char *const made[] = {"7-0123", "7-0123ABCD", "REF:7-0123abcd"};
	struct scene s;

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(made); i++) {
		begin(&s, 1);
		s.in.can.keeps_reference = true;
		s.in.preimage = NULL;
		s.rows[0].units = 5;
		snprintf(s.rows[0].reference, sizeof s.rows[0].reference, "%s", made[i]);
		expect(&s, RECONCILE_PERSON, "same_without_reference");
	}
	/* Another one's, cut off, is not. */
	snprintf(s.rows[0].reference, sizeof s.rows[0].reference, "71-0123");
	expect(&s, RECONCILE_RESEND, "not_there");
}

static void
a_number_of_alps_own_in_place_of_a_reference_rules_nothing_out(void **state)
{
	struct scene s;

	(void)state;
	begin(&s, 1);
	snprintf(s.rows[0].reference, sizeof s.rows[0].reference, "TE-000917");
	expect(&s, RECONCILE_ADOPT, "found_by_contents");
	s.in.can.keeps_reference = true;
	expect(&s, RECONCILE_PERSON, "same_without_reference");
}

static void
what_alp_says_it_made_is_not_sent_again(void **state)
{
	struct scene s;

	(void)state;
	begin(&s, 1);
	s.in.made = true;
	s.taken[0] = true;
	s.in.last = false;
	expect(&s, RECONCILE_AGAIN, "not_seen_yet");
	s.in.last = true;
	expect(&s, RECONCILE_PERSON, "made_but_not_found");
	s.taken[0] = false;
	expect(&s, RECONCILE_ADOPT, "found_by_contents");
}

static void
a_reference_in_the_notes_is_one(void **state)
{
	struct scene s;

	(void)state;
	begin(&s, 2);
	s.in.in_notes = true;
	s.rows[1].notes = (char[]){"for the file [rtalp 7-0123abcd]"};
	s.d = reconcile(&s.in);
	assert_int_equal(s.d.verdict, RECONCILE_ADOPT);
	assert_string_equal(s.d.code, "found_by_reference");
	assert_int_equal(s.d.at, 1);
}

static void
differences_are_shown_whatever_bytes_alp_sends(void **state)
{
	struct alp_entry e = an_entry("1");
	_cleanup_free_ char *none = post_differences(&ours, &e), *bad = NULL, *absent = NULL;

	(void)state;
	assert_null(none);
	e.description = (char[]){"bad \xff bytes \"quoted\""};
	e.rate = 460;
	bad = post_differences(&ours, &e);
	assert_non_null(strstr(bad, "{\"field\":\"rate\",\"ours\":450,\"alp\":460}"));
	assert_non_null(strstr(bad, "bad \xef\xbf\xbd bytes \\\"quoted\\\""));
	/* What it does not say does not differ. */
	e.description = NULL;
	e.rate = e.units = e.gst_type = ALP_ABSENT;
	absent = post_differences(&ours, &e);
	assert_null(absent);
	assert_false(alp_entry_is_whole(&e));
}

static void
a_body_is_read_as_it_was_made(void **state)
{
	struct post_fields f = ours, read = {0};
	_cleanup_free_ char *body = NULL, *marked = NULL;
	unsigned char hash[FINGERPRINT_BYTES], other[FINGERPRINT_BYTES];

	(void)state;
	f.notes = (char[]){"for \"the\" file\n\xc3\xa9"};
	f.rate = POST_NONE;
	body = post_body_make(&f, "7-0123abcd", "external_reference", false);
	assert_string_equal(body,
	    "{\"matter_component_id\":7,\"user_id\":42,\"date\":\"2026-11-20\",\"units\":3,\"description\":\"Advising on the lease\",\"billable_type\":1,"
	    "\"gst_type\":2,\"discriminator\":\"MatterComponentTimeEntry\",\"notes\":\"for \\\"the\\\" file\\n\xc3\xa9\","
	    "\"external_reference\":\"7-0123abcd\"}");
	assert_int_equal(post_body_read(body, &read), 0);
	assert_int_equal(read.component_id, 7);
	assert_int_equal(read.rate, POST_NONE);
	assert_int_equal(read.day, DAY);
	assert_string_equal(read.notes, f.notes);
	post_fields_release(&read);
	marked = post_body_make(&f, "7-0123abcd", "", true);
	assert_non_null(strstr(marked, "\xc3\xa9 [rtalp 7-0123abcd]\"}"));
	/* The same wish has the same hash, whatever it is called. */
	post_hash(&f, hash);
	f.units = 4;
	post_hash(&f, other);
	assert_memory_not_equal(hash, other, sizeof hash);
	assert_int_equal(post_body_read("[]", &read), -EINVAL);
	assert_int_equal(post_body_read("{\"date\":\"nonsense\"}", &read), -EINVAL);
}

static void
ids_are_a_set(void **state)
{
	_cleanup_free_ char *ids = ids_add(NULL, NULL);

	(void)state;
	assert_string_equal(ids, "[]");
	ids = ids_add(ids, "7");
	ids = ids_add(ids, "a\"b");
	ids = ids_add(ids, "7");
	assert_string_equal(ids, "[\"7\",\"a\\\"b\"]");
	assert_true(ids_have(ids, "a\"b"));
	assert_false(ids_have(ids, "8"));
	assert_false(ids_have(NULL, "8"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_only_new_one_like_ours_is_ours),
	    cmocka_unit_test(what_was_there_before_is_never_ours),
	    cmocka_unit_test(another_postings_entry_is_never_ours),
	    cmocka_unit_test(a_difference_is_for_a_person_and_rules_nothing_out),
	    cmocka_unit_test(what_cannot_be_told_apart_is_for_a_person),
	    cmocka_unit_test(a_neighbouring_day_keeps_it_from_being_sent_again),
	    cmocka_unit_test(it_is_sent_again_only_after_the_last_complete_look_of_an_alp_that_lists_at_once),
	    cmocka_unit_test(half_a_listing_shows_one_of_two),
	    cmocka_unit_test(what_alp_refused_is_never_sent_again),
	    cmocka_unit_test(a_reference_decides_where_alp_keeps_one),
	    cmocka_unit_test(an_alp_that_dropped_the_reference_after_all_gets_nothing_twice),
	    cmocka_unit_test(a_reference_that_alp_changed_is_for_a_person),
	    cmocka_unit_test(a_number_of_alps_own_in_place_of_a_reference_rules_nothing_out),
	    cmocka_unit_test(what_alp_says_it_made_is_not_sent_again),
	    cmocka_unit_test(a_reference_in_the_notes_is_one),
	    cmocka_unit_test(differences_are_shown_whatever_bytes_alp_sends),
	    cmocka_unit_test(a_body_is_read_as_it_was_made),
	    cmocka_unit_test(ids_are_a_set),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
