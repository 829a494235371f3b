/* SPDX-License-Identifier: Apache-2.0 */
/* Building a rowset: strings are interned, rows sorted and those of one key added up. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/utf8.h"
#include "proto/rowset_flat.h"
#include "proto/rowset_sum.h"

/* Of the few strings that most rows share. */
#define RECENT 128

struct built_row {
	int32_t bucket_s, seconds, productivity;
	uint32_t string[STRINGS_PER_ROW]; /* their numbers */
};

struct rowset_builder {
	size_t max_rows;
	size_t max_bytes;
	struct built_row *rows;
	size_t row_count, row_room;
	bool judged; /* some row has more than what was recorded */
	uint32_t *offsets; /* of the strings in the text, and its end */
	size_t string_count, string_room;
	struct buf text;
	uint32_t *index; /* open addressing: string number + 1, or 0 */
	size_t index_room, indexed;
	uint32_t recent[RECENT]; /* string number + 1, or 0, by a hash that costs little: one of equal hash only takes the place over */
	bool in_order; /* rows come in it and are told apart by who adds them */
};

struct rowset_builder *
rowset_builder_new(size_t max_rows, size_t max_bytes)
{
	struct rowset_builder *b = xcalloc(1, sizeof *b);

	b->max_rows = MIN_OF(max_rows, ROWSET_ROWS_MAX);
	b->max_bytes = MIN_OF(max_bytes, ROWSET_MAX_BYTES);
	b->text = BUF_INIT(b->max_bytes);
	return b;
}

static void
builder_clear(struct rowset_builder *b)
{
	free(b->rows);
	free(b->offsets);
	free(b->index);
	buf_release(&b->text);
	b->rows = NULL;
	b->offsets = NULL;
	b->index = NULL;
	b->judged = b->in_order = false;
	memset(b->recent, 0, sizeof b->recent);
	b->row_count = b->row_room = b->string_count = b->string_room = b->index_room = b->indexed = 0;
}

struct rowset_builder *
rowset_builder_free(struct rowset_builder *b)
{
	if (b == NULL)
		return NULL;
	builder_clear(b);
	free(b);
	return NULL;
}

static struct str
builder_string(const struct rowset_builder *b, uint32_t number)
{
	return flat_text(b->text.p, b->offsets, number);
}

static void
index_insert(struct rowset_builder *b, uint32_t number)
{
	size_t i = hash_of(builder_string(b, number)) & (b->index_room - 1);

	while (b->index[i] != 0)
		i = (i + 1) & (b->index_room - 1);
	b->index[i] = number + 1;
	b->indexed++;
}

/* An empty one for so many strings. */
static void
index_make(struct rowset_builder *b, size_t strings)
{
	b->index_room = 128;
	while (b->index_room < strings * 2)
		b->index_room *= 2;
	b->index = xcalloc(b->index_room, sizeof *b->index);
	b->indexed = 0;
}

static void
index_grow(struct rowset_builder *b)
{
	_cleanup_free_ uint32_t *old = b->index;
	size_t old_room = b->index_room;

	index_make(b, old_room);
	for (size_t i = 0; i < old_room; i++)
		if (old[i] != 0)
			index_insert(b, old[i] - 1);
}

/* Where a string stands, or where it would. */
static size_t
index_slot(struct rowset_builder *b, struct str s)
{
	size_t i;

	if (b->index_room < (b->indexed + 1) * 2)
		index_grow(b);
	i = hash_of(s) & (b->index_room - 1);
	while (b->index[i] != 0 && !str_eq(builder_string(b, b->index[i] - 1), s))
		i = (i + 1) & (b->index_room - 1);
	return i;
}

static int
append_string(struct rowset_builder *b, struct str s, uint32_t *ret_number)
{
	if (b->text.len + s.len + 1 > b->max_bytes || b->string_count == ROWSET_STRINGS_MAX)
		return -E2BIG;
	if (b->string_count + 1 >= b->string_room) {
		b->string_room = b->string_room == 0 ? 128 : b->string_room * 2;
		b->offsets = xreallocarray(b->offsets, b->string_room, sizeof *b->offsets);
	}
	b->offsets[b->string_count] = (uint32_t)b->text.len;
	buf_add_str(&b->text, s);
	buf_addc(&b->text, '\0');
	*ret_number = (uint32_t)b->string_count++;
	b->offsets[b->string_count] = (uint32_t)b->text.len;
	return 0;
}

/* The number of a string that is in the table already or is put there. */
static int
intern(struct rowset_builder *b, struct str s, uint32_t *ret_number)
{
	size_t slot = index_slot(b, s);
	int r;

	if (b->index[slot] != 0) {
		*ret_number = b->index[slot] - 1;
		return 0;
	}
	r = append_string(b, s, ret_number);
	if (r < 0)
		return r;
	b->index[slot] = *ret_number + 1;
	b->indexed++;
	return 0;
}

static int
check_string(struct str s)
{
	if (s.len > ROWSET_STRING_MAX)
		return -E2BIG;
	return utf8_valid(s) ? 0 : -EILSEQ;
}

static bool
is_judged(const struct str strings[STRINGS_PER_ROW])
{
	for (size_t i = STRINGS_RECORDED; i < STRINGS_PER_ROW; i++)
		if (strings[i].len > 0)
			return true;
	return false;
}

static int
intern_all(struct rowset_builder *b, const struct str strings[STRINGS_PER_ROW], uint32_t *numbers)
{
	bool judged = is_judged(strings);

	for (size_t i = 0; i < STRINGS_PER_ROW; i++) {
		int r = 0;

		if (i >= STRINGS_RECORDED && strings[i].len == 0)
			numbers[i] = ROWSET_NO_STRING;
		else
			r = intern(b, strings[i], &numbers[i]);
		if (r < 0)
			return r;
	}
	b->judged = b->judged || judged;
	return 0;
}

static void
append_row(struct rowset_builder *b, const struct built_row *row)
{
	if (b->row_count == b->row_room) {
		b->row_room = b->row_room == 0 ? 128 : b->row_room * 2;
		b->rows = xreallocarray(b->rows, b->row_room, sizeof *b->rows);
	}
	b->rows[b->row_count++] = *row;
}

static int
add_row(struct rowset_builder *b, const struct row_view *row, const struct str strings[STRINGS_PER_ROW])
{
	struct built_row built = {.bucket_s = row->bucket_s, .seconds = row->seconds, .productivity = row->productivity};
	int r;

	if (b->row_count >= b->max_rows)
		return -E2BIG;
	r = intern_all(b, strings, built.string);
	if (r < 0)
		return r;
	append_row(b, &built);
	return 0;
}

#define ROW_STRINGS(row)                                                                                               \
	{                                                                                                              \
	    [RS_ACTIVITY] = (row)->activity, [RS_DOCUMENT] = (row)->document, [RS_CATEGORY] = (row)->category,         \
	    [RS_TASK] = (row)->task, [RS_APPLICATION] = (row)->application, [RS_GROUP] = (row)->group,                 \
	    [RS_MATTER] = (row)->matter, [RS_RULE] = (row)->rule, [RS_EVIDENCE] = (row)->evidence,                     \
	    [RS_TRAIL] = (row)->trail, [RS_TIMES] = (row)->times,                                                      \
	}

int
rowset_builder_add(struct rowset_builder *b, const struct row_view *row)
{
	const struct str strings[STRINGS_PER_ROW] = ROW_STRINGS(row);

	if (!rowset_numbers_in_range(row->bucket_s, row->seconds, row->productivity) || row->activity.len == 0)
		return -ERANGE;
	for (size_t i = 0; i < STRINGS_PER_ROW; i++) {
		int r = check_string(strings[i]);

		if (r < 0)
			return r;
	}
	return add_row(b, row, strings);
}

struct rowset_builder *
rowset_builder_over(const struct rowset *grain)
{
	struct rowset_builder *b = rowset_builder_new(ROWSET_ROWS_MAX, ROWSET_MAX_BYTES);

	(void)buf_add(&b->text, grain->text, grain->offsets[grain->string_count]);
	b->string_count = grain->string_count;
	b->string_room = b->string_count * 2 + 128;
	b->offsets = xreallocarray(NULL, b->string_room, sizeof *b->offsets);
	memcpy(b->offsets, grain->offsets, (b->string_count + 1) * sizeof *b->offsets);
	b->row_room = grain->row_count + 1;
	b->rows = xreallocarray(NULL, b->row_room, sizeof *b->rows);
	b->judged = b->in_order = true;
	index_make(b, b->string_count * 2 + 128);
	return b;
}

/* The first and the last bytes tell most strings apart. */
static size_t
recent_slot(struct str s)
{
	uint32_t first = 0, last = 0;

	if (s.len >= sizeof first) {
		memcpy(&first, s.p, sizeof first);
		memcpy(&last, s.p + s.len - sizeof last, sizeof last);
	} else {
		first = (unsigned char)s.p[0];
		last = (unsigned char)s.p[s.len - 1];
	}
	return (((first * UINT32_C(0x9e3779b1)) ^ last ^ (uint32_t)s.len) * UINT32_C(0x9e3779b1)) >> 25;
}
_Static_assert(RECENT == 1 << (32 - 25), "that many slots");

int
rowset_builder_string(struct rowset_builder *b, struct str s, uint32_t *ret_number)
{
	uint32_t *recent;
	int r;

	if (s.len == 0) {
		*ret_number = ROWSET_NO_STRING;
		return 0;
	}
	recent = &b->recent[recent_slot(s)];
	if (*recent != 0 && str_eq(builder_string(b, *recent - 1), s)) {
		*ret_number = *recent - 1;
		return 0;
	}
	r = check_string(s);
	if (r == 0)
		r = intern(b, s, ret_number);
	if (r == 0)
		*recent = *ret_number + 1;
	return r;
}

void
rowset_builder_string_of_grain(struct rowset_builder *b, uint32_t grain_number, uint32_t *ret_number)
{
	struct str s = builder_string(b, grain_number);
	size_t slot;

	if (s.len == 0) {
		*ret_number = ROWSET_NO_STRING;
		return;
	}
	slot = index_slot(b, s);
	if (b->index[slot] == 0) {
		b->index[slot] = grain_number + 1;
		b->indexed++;
	}
	*ret_number = b->index[slot] - 1;
}

int
rowset_builder_string_anew(struct rowset_builder *b, struct str s, uint32_t *ret_number)
{
	return s.len <= ROWSET_STRING_MAX ? append_string(b, s, ret_number) : -E2BIG;
}

struct str
rowset_builder_text(const struct rowset_builder *b, uint32_t number)
{
	return number == ROWSET_NO_STRING ? STR("") : builder_string(b, number);
}

void
rowset_builder_judge(struct rowset_builder *b, const struct rowset_total *total, const struct verdict_strings *verdict)
{
	append_row(b, &(struct built_row){
	    .seconds = total->seconds, .productivity = total->productivity,
	    .string = {
	        [RS_ACTIVITY] = total->activity, [RS_DOCUMENT] = total->document, [RS_CATEGORY] = total->category,
	        [RS_TASK] = verdict->task, [RS_APPLICATION] = verdict->application, [RS_GROUP] = verdict->group,
	        [RS_MATTER] = verdict->matter, [RS_RULE] = verdict->rule, [RS_EVIDENCE] = verdict->evidence,
	        [RS_TRAIL] = verdict->trail, [RS_TIMES] = verdict->times,
	    },
	});
}

static int
compare_keys(const struct rowset_builder *b, const struct built_row *x, const struct built_row *y)
{
	const struct flat_key first = {x->bucket_s, x->string[RS_ACTIVITY], x->string[RS_DOCUMENT]};
	const struct flat_key second = {y->bucket_s, y->string[RS_ACTIVITY], y->string[RS_DOCUMENT]};

	return flat_compare_keys(&first, &second, b->text.p, b->offsets);
}

/* Rows of one key stand together, and within them those of one category. */
static int
compare_rows(const void *pa, const void *pb, void *arg)
{
	const struct rowset_builder *b = arg;
	const struct built_row *x = pa, *y = pb;
	int c = compare_keys(b, x, y);

	if (c != 0)
		return c;
	if (x->string[RS_CATEGORY] != y->string[RS_CATEGORY])
		return str_cmp(builder_string(b, x->string[RS_CATEGORY]), builder_string(b, y->string[RS_CATEGORY]));
	return x->productivity < y->productivity ? -1 : x->productivity > y->productivity;
}

static bool
same_part(const struct built_row *x, const struct built_row *y)
{
	return x->string[RS_CATEGORY] == y->string[RS_CATEGORY] && x->productivity == y->productivity;
}

/* Adds the rows [i, end) of one key up into *sum, whose category becomes that of the part (rows of one category) with most time. */
static int
add_up(const struct rowset_builder *b, size_t i, size_t end, struct built_row *sum)
{
	int64_t longest = 0, total = 0;

	*sum = b->rows[i];
	while (i < end) {
		const struct built_row *first = &b->rows[i];
		int64_t part = 0;

		for (; i < end && same_part(first, &b->rows[i]); i++)
			part += b->rows[i].seconds;
		total += part;
		if (part > longest) {
			longest = part;
			sum->productivity = first->productivity;
			memcpy(&sum->string[RS_CATEGORY], &first->string[RS_CATEGORY], sizeof sum->string[0]);
		}
	}
	if (total > ROWSET_SECONDS_MAX)
		return -ERANGE;
	sum->seconds = (int32_t)total;
	return 0;
}

static int
merge_equal_rows(struct rowset_builder *b)
{
	size_t kept = 0, i = 0;

	while (i < b->row_count) {
		size_t end = i + 1;
		struct built_row sum;
		int r;

		while (end < b->row_count && compare_keys(b, &b->rows[i], &b->rows[end]) == 0)
			end++;
		r = add_up(b, i, end, &sum);
		if (r < 0)
			return r;
		b->rows[kept++] = sum;
		i = end;
	}
	b->row_count = kept;
	return 0;
}

static bool
is_sorted(const struct rowset_builder *b)
{
	for (size_t i = 1; i < b->row_count; i++)
		if (compare_keys(b, &b->rows[i - 1], &b->rows[i]) >= 0)
			return false;
	return true;
}

static int
put_in_order(struct rowset_builder *b)
{
	if (b->in_order || is_sorted(b))
		return 0;
	qsort_r(b->rows, b->row_count, sizeof *b->rows, compare_rows, b);
	return merge_equal_rows(b);
}

static int
name_the_empty(struct rowset_builder *b)
{
	uint32_t empty;
	int r = b->judged ? intern(b, STR(""), &empty) : 0;

	if (r < 0 || !b->judged)
		return r;
	for (size_t i = 0; i < b->row_count; i++)
		for (size_t k = STRINGS_RECORDED; k < STRINGS_PER_ROW; k++)
			if (b->rows[i].string[k] == ROWSET_NO_STRING)
				b->rows[i].string[k] = empty;
	return 0;
}

/* `k` counts from 0: the productivity, then the strings. */
static uint32_t
number_of(const struct built_row *row, size_t k)
{
	return k == 0 ? (uint32_t)(row->productivity + PRODUCTIVITY_BIAS) : row->string[k - 1];
}

static void
write_numbers(const struct built_row *row, size_t count, bool narrow, void *to)
{
	for (size_t k = 0; k < count; k++) {
		if (narrow)
			((uint16_t *)to)[k] = (uint16_t)number_of(row, k);
		else
			((uint32_t *)to)[k] = number_of(row, k);
	}
}

static char *
write_rows(const struct rowset_builder *b, const struct flat_header *h, char *to)
{
	const size_t row_bytes = flat_row_bytes(h->strings_per_row, h->string_count);

	for (size_t i = 0; i < b->row_count; i++, to += row_bytes) {
		const struct built_row *row = &b->rows[i];
		const struct flat_time time = {.bucket_s = row->bucket_s, .seconds = row->seconds};

		memcpy(to, &time, sizeof time);
		write_numbers(row, 1 + (size_t)h->strings_per_row, h->string_count <= NARROW_STRINGS_MAX, to + sizeof time);
	}
	return to;
}

static int
write_flat(const struct rowset_builder *b, char **ret_bytes, size_t *ret_len)
{
	struct flat_header h = {
	    .magic = ROWSET_MAGIC, .row_count = (uint32_t)b->row_count, .string_count = (uint32_t)b->string_count,
	    .string_bytes = (uint32_t)b->text.len, .strings_per_row = b->judged ? STRINGS_PER_ROW : STRINGS_RECORDED,
	};
	size_t len = sizeof h + b->row_count * flat_row_bytes(h.strings_per_row, h.string_count) + b->text.len;
	char *bytes, *to;

	if (len > b->max_bytes)
		return -E2BIG;
	bytes = xreallocarray(NULL, len, 1);
	memcpy(bytes, &h, sizeof h);
	to = write_rows(b, &h, bytes + sizeof h);
	if (b->text.len > 0)
		memcpy(to, b->text.p, b->text.len);
	*ret_bytes = bytes;
	*ret_len = len;
	return 0;
}

/* Where the strings are, for whoever reads what was built. */
static uint32_t *
take_offsets(struct rowset_builder *b)
{
	return b->offsets != NULL ? TAKE_PTR(b->offsets) : xcalloc(1, sizeof *b->offsets);
}

int
rowset_build(struct rowset_builder *b, struct rowset **ret_rs)
{
	char *bytes = NULL;
	size_t len = 0;
	int r;

	r = put_in_order(b);
	if (r == 0)
		r = name_the_empty(b);
	if (r == 0)
		r = write_flat(b, &bytes, &len);
	if (r == 0)
		*ret_rs = rowset_from_flat(bytes, len, take_offsets(b));
	builder_clear(b);
	return r;
}

/* The strings are those of the grain, numbers and all. */
int
rowset_totals(const struct rowset *rs, struct rowset **ret_totals)
{
	_cleanup_(rowset_sums_release) struct rowset_sums sums = {0};
	_cleanup_(rowset_builder_freep) struct rowset_builder *b = NULL;
	int r = rowset_sum_up(rs, &sums);

	if (r < 0)
		return r;
	b = rowset_builder_over(rs);
	b->judged = false;
	for (size_t i = 0; i < sums.count; i++)
		rowset_builder_judge(b, &sums.totals[i], &NO_VERDICT);
	return rowset_build(b, ret_totals);
}
