/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/rowset_sum.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "proto/rowset_flat.h"

/* An (activity, document) as numbers, and what makes it quick to compare. */
struct pair {
	uint32_t activity, document;
	uint32_t rank;   /* of the activity's text among those of the day */
	uint32_t number; /* as it was found */
	uint64_t prefix; /* the document's first bytes, as one number */
};

struct summing {
	const struct rowset *grain;
	uint32_t *total_of; /* by row: first the number of its pair, then that of its total */
	struct pair *pairs;
	size_t pair_count, pair_room;
	uint32_t *index; /* open addressing: number of a pair + 1, or 0 */
	size_t index_room;
	uint32_t *order; /* rows, total by total */
	struct rowset_sums sums;
};

struct str
rowset_string(const struct rowset *rs, uint32_t number)
{
	return flat_text(rs->text, rs->offsets, number);
}

void
rowset_sums_release(struct rowset_sums *s)
{
	free(s->totals);
	free(s->parts);
	*s = (struct rowset_sums){0};
}

static void
summing_release(struct summing *s)
{
	free(s->total_of);
	free(s->pairs);
	free(s->index);
	free(s->order);
	rowset_sums_release(&s->sums);
}

static size_t
slot_of(const struct summing *s, uint32_t activity, uint32_t document)
{
	const uint32_t key[] = {activity, document};
	size_t i = hash_of_numbers(key, ELEMENTSOF(key)) & (s->index_room - 1);

	while (s->index[i] != 0) {
		const struct pair *p = &s->pairs[s->index[i] - 1];

		if (p->activity == activity && p->document == document)
			break;
		i = (i + 1) & (s->index_room - 1);
	}
	return i;
}

static void
grow_index(struct summing *s)
{
	free(s->index);
	s->index_room = MAX_OF(s->index_room * 2, (size_t)1024);
	s->index = xcalloc(s->index_room, sizeof *s->index);
	for (uint32_t n = 0; n < s->pair_count; n++)
		s->index[slot_of(s, s->pairs[n].activity, s->pairs[n].document)] = n + 1;
}

/* The first eight bytes as a number that sorts as they do. */
static uint64_t
prefix_of(struct str s)
{
	unsigned char bytes[8] = {0};
	uint64_t n = 0;

	memcpy(bytes, s.p, MIN_OF(s.len, sizeof bytes));
	for (size_t i = 0; i < sizeof bytes; i++)
		n = n << 8 | bytes[i];
	return n;
}

static uint32_t
add_pair(struct summing *s, uint32_t activity, uint32_t document)
{
	struct pair *p;

	if (s->pair_count == s->pair_room) {
		s->pair_room = MAX_OF(s->pair_room * 2, (size_t)256);
		s->pairs = xreallocarray(s->pairs, s->pair_room, sizeof *s->pairs);
	}
	p = &s->pairs[s->pair_count];
	*p = (struct pair){.activity = activity, .document = document, .number = (uint32_t)s->pair_count,
			   .prefix = prefix_of(rowset_string(s->grain, document))};
	return (uint32_t)s->pair_count++;
}

static void
find_pairs(struct summing *s)
{
	for (size_t i = 0; i < s->grain->row_count; i++) {
		const uint32_t activity = flat_string_at(s->grain, i, RS_ACTIVITY), document = flat_string_at(s->grain, i, RS_DOCUMENT);
		size_t slot;

		if (s->index_room < (s->pair_count + 1) * 2)
			grow_index(s);
		slot = slot_of(s, activity, document);
		if (s->index[slot] == 0)
			s->index[slot] = add_pair(s, activity, document) + 1;
		s->total_of[i] = s->index[slot] - 1;
	}
}

static int
compare_strings(const void *pa, const void *pb, void *arg)
{
	return str_cmp(rowset_string(arg, *(const uint32_t *)pa), rowset_string(arg, *(const uint32_t *)pb));
}

/* There are few activities and many documents. */
static void
rank_activities(struct summing *s)
{
	_cleanup_free_ uint32_t *rank = xcalloc(s->grain->string_count, sizeof *rank);
	_cleanup_free_ uint32_t *list = xcalloc(s->pair_count, sizeof *list);
	size_t count = 0;

	for (size_t i = 0; i < s->pair_count; i++) {
		uint32_t activity = s->pairs[i].activity;

		if (rank[activity] == 0)
			list[count++] = activity;
		rank[activity] = 1;
	}
	qsort_r(list, count, sizeof *list, compare_strings, (void *)(uintptr_t)s->grain);
	for (size_t i = 1; i < count; i++)
		rank[list[i]] = rank[list[i - 1]] + (compare_strings(&list[i - 1], &list[i], (void *)(uintptr_t)s->grain) != 0);
	for (size_t i = 0; i < s->pair_count; i++)
		s->pairs[i].rank = rank[s->pairs[i].activity];
}

static int
compare_pairs(const void *pa, const void *pb, void *arg)
{
	const struct pair *a = pa, *b = pb;

	if (a->rank != b->rank)
		return a->rank < b->rank ? -1 : 1;
	if (a->prefix != b->prefix)
		return a->prefix < b->prefix ? -1 : 1;
	return a->document == b->document ? 0 : str_cmp(rowset_string(arg, a->document), rowset_string(arg, b->document));
}

/* Puts the pairs into the order of the totals and tells each row its total. */
static void
number_totals(struct summing *s)
{
	_cleanup_free_ uint32_t *total_of_pair = xcalloc(s->pair_count, sizeof *total_of_pair);

	qsort_r(s->pairs, s->pair_count, sizeof *s->pairs, compare_pairs, (void *)(uintptr_t)s->grain);
	for (size_t i = 0; i < s->pair_count; i++) {
		if (i == 0 || compare_pairs(&s->pairs[i - 1], &s->pairs[i], (void *)(uintptr_t)s->grain) != 0)
			s->sums.count++;
		total_of_pair[s->pairs[i].number] = (uint32_t)s->sums.count - 1;
	}
	for (size_t i = 0; i < s->grain->row_count; i++)
		s->total_of[i] = total_of_pair[s->total_of[i]];
}

/* Rows of one bucket stand in the order of their totals, each of its own. */
static bool
is_one_bucket(const struct rowset *grain)
{
	return grain->row_count == 0 || flat_time_at(grain, 0)->bucket_s == flat_time_at(grain, grain->row_count - 1)->bucket_s;
}

static void
find_totals(struct summing *s)
{
	size_t rows = s->grain->row_count;

	s->total_of = xcalloc(rows, sizeof *s->total_of);
	if (is_one_bucket(s->grain)) {
		for (size_t i = 0; i < rows; i++)
			s->total_of[i] = (uint32_t)i;
		s->sums.count = rows;
		return;
	}
	find_pairs(s);
	rank_activities(s);
	number_totals(s);
}

/* Sorts the rows by their totals; those of one stay in the order of their buckets. */
static void
place_parts(struct summing *s)
{
	size_t rows = s->grain->row_count;
	uint32_t at = 0;

	s->sums.totals = xcalloc(s->sums.count, sizeof *s->sums.totals);
	s->sums.parts = xcalloc(rows, sizeof *s->sums.parts);
	s->order = xcalloc(rows, sizeof *s->order);
	for (size_t i = 0; i < rows; i++)
		s->sums.totals[s->total_of[i]].end++;
	for (size_t i = 0; i < s->sums.count; i++) {
		struct rowset_total *t = &s->sums.totals[i];

		t->first = at;
		at += t->end;
		t->end = t->first;
	}
	for (size_t i = 0; i < rows; i++) {
		struct rowset_total *t = &s->sums.totals[s->total_of[i]];
		const struct flat_time *time = flat_time_at(s->grain, i);

		s->sums.parts[t->end] = (struct rowset_part){.bucket_s = time->bucket_s, .seconds = time->seconds};
		s->order[t->end++] = (uint32_t)i;
	}
}

static bool
same_part(const struct rowset *grain, uint32_t a, uint32_t b)
{
	return flat_string_at(grain, a, RS_CATEGORY) == flat_string_at(grain, b, RS_CATEGORY) &&
	       flat_productivity_at(grain, a) == flat_productivity_at(grain, b);
}

static int
compare_parts(const void *pa, const void *pb, void *arg)
{
	const struct rowset *grain = arg;
	const uint32_t a = *(const uint32_t *)pa, b = *(const uint32_t *)pb;
	const int32_t productivity_a = flat_productivity_at(grain, a), productivity_b = flat_productivity_at(grain, b);
	int c = str_cmp(rowset_string(grain, flat_string_at(grain, a, RS_CATEGORY)), rowset_string(grain, flat_string_at(grain, b, RS_CATEGORY)));

	return c != 0 ? c : (productivity_a > productivity_b) - (productivity_a < productivity_b);
}

/* A row of the category and productivity with most of the total's time. */
static uint32_t
find_longest(struct summing *s, const struct rowset_total *t)
{
	uint32_t *rows = s->order + t->first;
	size_t count = t->end - t->first, i = 0, best = 0;
	int64_t longest = 0;

	for (i = 1; i < count && same_part(s->grain, rows[0], rows[i]); i++)
		;
	if (i == count)
		return rows[0];
	qsort_r(rows, count, sizeof *rows, compare_parts, (void *)(uintptr_t)s->grain);
	for (i = 0; i < count;) {
		size_t first = i;
		int64_t part = 0;

		for (; i < count && compare_parts(&rows[first], &rows[i], (void *)(uintptr_t)s->grain) == 0; i++)
			part += flat_time_at(s->grain, rows[i])->seconds;
		if (part > longest) {
			longest = part;
			best = first;
		}
	}
	return rows[best];
}

static int
settle_total(struct summing *s, struct rowset_total *t)
{
	const uint32_t row = find_longest(s, t);
	int64_t seconds = 0;

	for (uint32_t i = t->first; i < t->end; i++)
		seconds += s->sums.parts[i].seconds;
	if (seconds > ROWSET_SECONDS_MAX)
		return -ERANGE;
	t->activity = flat_string_at(s->grain, row, RS_ACTIVITY);
	t->document = flat_string_at(s->grain, row, RS_DOCUMENT);
	t->category = flat_string_at(s->grain, row, RS_CATEGORY);
	t->productivity = flat_productivity_at(s->grain, row);
	t->seconds = (int32_t)seconds;
	return 0;
}

int
rowset_sum_up(const struct rowset *grain, struct rowset_sums *ret_sums)
{
	_cleanup_(summing_release) struct summing s = {.grain = grain};

	find_totals(&s);
	place_parts(&s);
	for (size_t i = 0; i < s.sums.count; i++) {
		int r = settle_total(&s, &s.sums.totals[i]);

		if (r < 0)
			return r;
	}
	*ret_sums = s.sums;
	s.sums = (struct rowset_sums){0};
	return 0;
}

/* Is the judged row that total? */
static bool
is_total(const struct rowset *judged, size_t i, const struct rowset *grain, const struct rowset_total *t)
{
	const struct flat_time *time = flat_time_at(judged, i);

	return time->bucket_s == 0 && time->seconds == t->seconds && flat_productivity_at(judged, i) == t->productivity &&
	       str_eq(rowset_string(judged, flat_string_at(judged, i, RS_ACTIVITY)), rowset_string(grain, t->activity)) &&
	       str_eq(rowset_string(judged, flat_string_at(judged, i, RS_DOCUMENT)), rowset_string(grain, t->document)) &&
	       str_eq(rowset_string(judged, flat_string_at(judged, i, RS_CATEGORY)), rowset_string(grain, t->category));
}

static bool
are_totals(const struct rowset *judged, const struct rowset *grain, const struct rowset_sums *sums)
{
	if (judged->row_count != sums->count)
		return false;
	for (size_t i = 0; i < sums->count; i++)
		if (!is_total(judged, i, grain, &sums->totals[i]))
			return false;
	return true;
}

/* What has the strings of the grain by their numbers (rowset_builder_over()) is compared by those: no text is looked at twice. */
struct matching {
	const struct rowset *judged;
	uint32_t *slots; /* open addressing: row + 1, or 0 */
	size_t mask;
	int64_t *left;   /* by row: seconds of it that the grain has not shown yet */
	bool *fits;      /* by row: some of the grain has its category and productivity */
};

/* Then they are as many, and of the same numbers: only NULs tell strings apart. */
static bool
has_strings_of(const struct rowset *judged, const struct rowset *grain)
{
	return judged->string_count >= grain->string_count && judged->offsets[judged->string_count] >= grain->offsets[grain->string_count] &&
	       memcmp(judged->text, grain->text, grain->offsets[grain->string_count]) == 0;
}

static uint32_t *
slot_of_pair(const struct matching *m, const struct rowset *rs, size_t row)
{
	const uint32_t pair[] = {flat_string_at(rs, row, RS_ACTIVITY), flat_string_at(rs, row, RS_DOCUMENT)};
	size_t i = hash_of_numbers(pair, ELEMENTSOF(pair)) & m->mask;

	while (m->slots[i] != 0) {
		const size_t there = m->slots[i] - 1;

		if (flat_string_at(m->judged, there, RS_ACTIVITY) == pair[0] && flat_string_at(m->judged, there, RS_DOCUMENT) == pair[1])
			break;
		i = (i + 1) & m->mask;
	}
	return &m->slots[i];
}

static bool
place_totals(struct matching *m)
{
	for (size_t i = 0; i < m->judged->row_count; i++) {
		const struct flat_time *time = flat_time_at(m->judged, i);
		uint32_t *slot = slot_of_pair(m, m->judged, i);

		if (time->bucket_s != 0 || *slot != 0)
			return false;
		*slot = (uint32_t)i + 1;
		m->left[i] = time->seconds;
	}
	return true;
}

static bool
match_rows(struct matching *m, const struct rowset *grain)
{
	if (!place_totals(m))
		return false;
	for (size_t i = 0; i < grain->row_count; i++) {
		size_t at = *slot_of_pair(m, grain, i);

		if (at-- == 0)
			return false;
		m->left[at] -= flat_time_at(grain, i)->seconds;
		m->fits[at] |= flat_string_at(m->judged, at, RS_CATEGORY) == flat_string_at(grain, i, RS_CATEGORY) &&
		    flat_productivity_at(m->judged, at) == flat_productivity_at(grain, i);
	}
	for (size_t i = 0; i < m->judged->row_count; i++)
		if (m->left[i] != 0 || !m->fits[i])
			return false;
	return true;
}

static bool
is_of_by_number(const struct rowset *judged, const struct rowset *grain)
{
	struct matching m = {.judged = judged};
	size_t room = 16;
	bool result;

	if (!has_strings_of(judged, grain))
		return false;
	while (room < judged->row_count * 2)
		room *= 2;
	m.mask = room - 1;
	m.slots = xcalloc(room, sizeof *m.slots);
	m.left = xcalloc(judged->row_count, sizeof *m.left);
	m.fits = xcalloc(judged->row_count, sizeof *m.fits);
	result = match_rows(&m, grain);
	free(m.slots);
	free(m.left);
	free(m.fits);
	return result;
}

bool
rowset_is_of(const struct rowset *judged, const struct rowset *grain)
{
	_cleanup_(rowset_sums_release) struct rowset_sums sums = {0};

	if (is_of_by_number(judged, grain))
		return true;
	return rowset_sum_up(grain, &sums) == 0 && are_totals(judged, grain, &sums);
}
