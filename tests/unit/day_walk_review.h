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
		members += root_of(&l->entries.rows[i]) == root_of(&l->entries.rows[at]);
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
		seconds += root_of(&l->entries.rows[i]) == root ? l->entries.rows[i].total_seconds : 0;
	return seconds;
}

/* Nobody but those named has other time than before. */
static void
assert_others_stay(const struct look *before, const struct look *after, int64_t root, int64_t other_root)
{
	for (size_t i = 0; i < before->entries.count; i++) {
		const struct entry_row *was = &before->entries.rows[i], *is = entry_of(after, was->entry_id);

		assert_non_null(is);
		if (root_of(was) != root && root_of(was) != other_root)
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
		assert_int_equal(root_of(part), root_of(was));
		assert_true(part->status == ENTRY_PENDING && entry_touched(part) && part->machine_values == NULL);
		assert_string_equal(seen_matter(part), seen_matter(was));
		sum += part->total_seconds;
		units += part->person_units_tenths;
	}
	assert_int_equal(sum, was->total_seconds);
	assert_int_equal(units, was->person_units_tenths >= 0 ? was->person_units_tenths : -(int64_t)v->count);
	assert_int_equal(seconds_of_family(after, root_of(was)), seconds_of_family(before, root_of(was)));
	assert_others_stay(before, after, root_of(was), root_of(was));
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

#endif
