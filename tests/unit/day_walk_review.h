/* SPDX-License-Identifier: Apache-2.0 */
/* day_walk_review.h - steps of a history by which a person divides and joins drafts, and what must hold of each. */
#ifndef RTALP_TESTS_DAY_WALK_REVIEW_H
#define RTALP_TESTS_DAY_WALK_REVIEW_H

#include "app/review.h"
#include "day_walk.h"

static bool
is_shared(const struct look *l, size_t at)
{
	size_t members = 0;

	for (size_t i = 0; i < l->entries.count; i++)
		members += root_of(l, &l->entries.rows[i]) == root_of(l, &l->entries.rows[at]);
	return members > 1;
}

/* Rather one that shares its rows with another, and seldom one that is withdrawn. 0: the day has no entry. */
static int64_t
choose_entry(const struct look *l)
{
	size_t at = 0;

	if (l->entries.count == 0)
		return 0;
	for (int tries = 0; tries < 8; tries++) {
		at = chance(l->entries.count);
		if (l->entries.rows[at].status != ENTRY_WITHDRAWN && (tries >= 4 || is_shared(l, at)))
			break;
	}
	return l->entries.rows[at].entry_id;
}

static int64_t
seconds_of_family(const struct look *l, int64_t root)
{
	int64_t seconds = 0;

	for (size_t i = 0; i < l->entries.count; i++)
		seconds += root_of(l, &l->entries.rows[i]) == root ? l->entries.rows[i].total_seconds : 0;
	return seconds;
}

/* Nobody but those named has other time than before. */
static void
assert_others_stay(const struct look *before, const struct look *after, int64_t root, int64_t other_root)
{
	for (size_t i = 0; i < before->entries.count; i++) {
		const struct entry_row *was = &before->entries.rows[i], *is = entry_of(after, was->entry_id);

		assert_non_null(is);
		if (root_of(before, was) != root && root_of(after, is) != other_root)
			assert_true(is->total_seconds == was->total_seconds && is->status == was->status);
	}
}

static void
assert_parts(const struct look *before, const struct look *after, const struct entry_split *v)
{
	const struct entry_row *was = entry_of(before, v->entry_id);
	int64_t sum = 0, units = 0;

	assert_int_equal(v->entries.count, v->count);
	assert_int_equal(v->entries.rows[0].entry_id, v->entry_id);
	for (size_t i = 0; i < v->count; i++) {
		const struct entry_row *part = &v->entries.rows[i], *stored = entry_of(after, part->entry_id);

		assert_int_equal(part->total_seconds, v->parts[i].seconds);
		assert_true(stored != NULL && stored->total_seconds == part->total_seconds && stored->revision == part->revision);
		assert_int_equal(root_of(after, stored), root_of(before, was));
		assert_true(part->status == ENTRY_PENDING && entry_touched(part) && part->machine_values == NULL);
		assert_string_equal(seen_matter(part), seen_matter(was));
		sum += part->total_seconds;
		units += part->person_units_tenths;
	}
	assert_int_equal(sum, was->total_seconds);
	assert_int_equal(units, was->person_units_tenths >= 0 ? was->person_units_tenths : -(int64_t)v->count);
	assert_int_equal(seconds_of_family(after, root_of(before, was)), seconds_of_family(before, root_of(before, was)));
	assert_others_stay(before, after, root_of(before, was), root_of(before, was));
}

static void
split_entry(size_t n, int64_t entry_id)
{
	struct look before = glance(b.today - (day_t)n), after;
	const struct entry_row *was = entry_of(&before, entry_id);
	struct split_part parts[3] = {{.share = 1 + (int64_t)chance(5)}, {.share = 1 + (int64_t)chance(5), .description = "a part"}, {.share = 1}};
	struct entry_split v = {.entry_id = entry_id, .parts = parts, .count = 2 + chance(2)};
	_cleanup_free_ char *text_before = text_of(&before), *text_after = NULL;
	int r;

	if (chance(2)) {
		for (size_t i = 0; i < v.count; i++)
			parts[i] = (struct split_part){.seconds = 1};
		parts[0].seconds = was->total_seconds - (int64_t)v.count + 1;
	}
	r = CALL(app_entry_split, &v);
	after = look(b.today - (day_t)n);
	text_after = text_of(&after);
	if (r == 0)
		assert_parts(&before, &after, &v);
	else
		assert_string_equal(text_after, text_before);
	assert_int_equal(r == -EPERM, was->status != ENTRY_PENDING);
	assert_true(r == 0 || r == -EPERM || (r == -EINVAL && was->total_seconds < 36));
	entry_split_release(&v);
	look_release(&before);
	look_release(&after);
}

/* --- joining ------------------------------------------------------------------------------------------------------------- */

static void
assert_merged(const struct look *before, const struct look *after, const struct entries_merge *v)
{
	int64_t seconds = 0, units = 0;
	bool said = false;

	for (size_t i = 0; i < before->entries.count; i++) {
		const struct entry_row *was = &before->entries.rows[i], *is = entry_of(after, was->entry_id);
		bool named = was->entry_id == v->into;

		for (size_t k = 0; k < v->count; k++)
			named |= was->entry_id == v->entry_ids[k];
		if (named) {
			units += was->person_units_tenths >= 0 ? was->person_units_tenths : was->units_tenths;
			said |= was->person_units_tenths >= 0;
		}
		if (is == NULL) {
			fail_msg("entry %d is gone", (int)was->entry_id);
			return;
		}
		if (named && was->entry_id != v->into) {
			assert_true(is->status == ENTRY_WITHDRAWN && is->total_seconds == 0);
			assert_true(was->supplement_of != 0 ? !entry_touched(is) : is->merged_into == v->into && same_text(is->notes, was->notes));
		}
		seconds += root_of(after, is) == v->into ? was->total_seconds : 0;
	}
	assert_int_equal(seconds_of_family(after, v->into), seconds);
	assert_int_equal(v->entry.person_units_tenths, said ? units : -1);
	assert_true(v->entry.status == ENTRY_PENDING && entry_touched(&v->entry) && v->entry.machine_values == NULL);
	assert_others_stay(before, after, v->into, v->into);
}

static void
merge_entries(size_t n, int64_t into)
{
	struct look before = glance(b.today - (day_t)n), after;
	int64_t ids[2] = {choose_entry(&before), choose_entry(&before)};
	struct entries_merge v = {.into = into, .entry_ids = ids, .count = ids[0] != ids[1] && ids[1] != into ? 2 : 1};
	_cleanup_free_ char *was = text_of(&before), *is = NULL;
	int r;

	if (ids[0] == into) {
		look_release(&before);
		return;
	}
	r = CALL(app_entries_merge, &v);
	assert_true(r == 0 || (r == -EPERM && v.refusal != 0 && v.which != 0));
	after = look(b.today - (day_t)n);
	is = text_of(&after);
	if (r == 0)
		assert_merged(&before, &after, &v);
	else
		assert_string_equal(is, was);
	entries_merge_release(&v);
	look_release(&before);
	look_release(&after);
}

/* As if it had never been merged, while its rows are there and nothing of both was confirmed. */
static void
assert_taken_out(const struct look *before, const struct look *after, int64_t entry_id)
{
	const struct entry_row *was = entry_of(before, entry_id), *is = entry_of(after, entry_id);
	int64_t from;

	if (was == NULL || is == NULL) {
		fail_msg("entry %d is gone", (int)entry_id);
		return;
	}
	from = was->merged_into;
	assert_int_equal(is->merged_into, 0);
	assert_true(same_text(is->person_description, was->person_description) && same_text(is->notes, was->notes));
	assert_int_equal(is->status, is->total_seconds > 0 || entry_touched(is) ? ENTRY_PENDING : ENTRY_WITHDRAWN);
	assert_int_equal(seconds_of_family(after, entry_id), seconds_of_rows(after, entry_id));
	assert_int_equal(seconds_of_family(after, from) + seconds_of_family(after, entry_id), seconds_of_family(before, from));
}

static void
take_out(size_t n)
{
	struct look before = glance(b.today - (day_t)n), after;
	struct entry_edit v = {.status = ENTRY_PENDING};
	_cleanup_free_ char *was = text_of(&before), *is = NULL;
	int r;

	for (size_t i = 0; i < before.entries.count && (v.entry_id == 0 || chance(2)); i++)
		if (before.entries.rows[i].merged_into != 0)
			v.entry_id = before.entries.rows[i].entry_id;
	r = v.entry_id != 0 ? CALL(app_entry_edit, &v) : -EPERM;
	after = look(b.today - (day_t)n);
	is = text_of(&after);
	if (r == 0)
		assert_taken_out(&before, &after, v.entry_id);
	else
		assert_string_equal(is, was);
	entry_edit_release(&v);
	look_release(&before);
	look_release(&after);
}

static void
review_entry(size_t n, int64_t entry_id)
{
	switch (chance(3)) {
	case 0:
		split_entry(n, entry_id);
		break;
	case 1:
		merge_entries(n, entry_id);
		break;
	default:
		take_out(n);
		break;
	}
}

#endif
